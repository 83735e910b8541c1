"""nbgrader's gradebook as data: assignments, marks and what people added, in bulk transactions.

It touches `nbgrader.api` only to make a new database. Rows are those that
nbgrader's own commands would write. Writers wait for each other, so nothing is there twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from grading.nbgrader.gradebook import tables
from grading.nbgrader.gradebook.batch import Batch
from grading.nbgrader.gradebook.database import LAST, alone, connect, create
from grading.nbgrader.gradebook.model import (
    Assignment,
    Given,
    GradedCell,
    Marked,
    Notebook,
    Penalty,
    Row,
    Standing,
)
from grading.nbgrader.gradebook.reading import read_notebook, rows_query

__all__ = [
    "Assignment",
    "Given",
    "Gradebook",
    "GradedCell",
    "Marked",
    "Notebook",
    "Penalty",
    "Row",
    "Standing",
]


class Gradebook:
    """An open gradebook; use it in a `with` statement."""

    def __init__(self, url: str, course_id: str) -> None:
        """Open the gradebook; a new database gets nbgrader's own tables."""
        self._engine = connect(url)
        try:
            if not sa.inspect(self._engine).has_table(LAST):
                with alone(self._engine):
                    if not sa.inspect(self._engine).has_table(LAST):
                        create(url, course_id)
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self._engine.dispose()

    def assignment(self, name: str) -> Assignment | None:
        """Return an assignment; None if nbgrader has not generated it here yet."""
        with self._engine.connect() as db:
            row = db.execute(
                sa.select(tables.assignment.c.id, tables.assignment.c.duedate).where(
                    tables.assignment.c.name == name
                )
            ).one_or_none()
            if row is None:
                return None
            found = db.execute(
                sa.select(tables.notebook.c.id, tables.notebook.c.name)
                .where(tables.notebook.c.assignment_id == row.id)
                .order_by(tables.notebook.c.name)
            ).all()
            notebooks = tuple(read_notebook(db, n.id, n.name) for n in found)
        return Assignment(row.id, name, row.duedate, notebooks)

    def students(self, assignment: str) -> set[str]:
        """Return who has a submission of this assignment in the gradebook."""
        query = (
            sa.select(tables.submission.c.student_id)
            .join(tables.assignment, tables.assignment.c.id == tables.submission.c.assignment_id)
            .where(tables.assignment.c.name == assignment)
        )
        with self._engine.connect() as db:
            return set(db.execute(query).scalars())

    def knows(self, student: str) -> bool:
        """Tell whether a student is in the gradebook."""
        with self._engine.connect() as db:
            found = db.execute(sa.select(tables.student.c.id).where(tables.student.c.id == student))
            return found.one_or_none() is not None

    def store(
        self, assignment: Assignment, marked: Sequence[Marked], penalty: Penalty | None = None
    ) -> dict[str, Standing]:
        """Write submissions with their marks in one transaction; return where each stands.

        What people gave is kept: such a cell waits for a person to look again, as nbgrader has it.
        Storing the same twice changes nothing.
        """
        if not marked:
            return {}
        writing = self._engine.execution_options(course_writes=True)
        with writing.begin() as db:
            return Batch(db, assignment, marked).store(penalty)

    def rehearse(
        self, assignment: Assignment, marked: Sequence[Marked], penalty: Penalty | None = None
    ) -> dict[str, Standing]:
        """Return what `store` would, and take everything back."""
        if not marked:
            return {}
        writing = self._engine.execution_options(course_writes=True)
        with writing.connect() as db, db.begin() as transaction:
            try:
                return Batch(db, assignment, marked).store(penalty)
            finally:
                transaction.rollback()

    def rows(
        self, assignments: Iterable[str] | None = None, students: Iterable[str] | None = None
    ) -> Iterator[Row]:
        """Yield every graded cell of every submission, by student, assignment and notebook."""
        query = rows_query()
        if assignments is not None:
            query = query.where(tables.assignment.c.name.in_(list(assignments)))
        if students is not None:
            query = query.where(tables.submission.c.student_id.in_(list(students)))
        with self._engine.connect() as db:
            for row in db.execution_options(yield_per=1000).execute(query):
                yield Row(*row)

    def standings(self, assignment: Assignment, students: Iterable[str]) -> dict[str, Standing]:
        """Return where submissions stand, by student; who has none is left out."""
        found: dict[str, tuple[dict[str, Given], dict[str, float]]] = {}
        for row in self.rows([assignment.name], students):
            cells, penalties = found.setdefault(row.student, ({}, {}))
            cells[row.cell_id] = Given(
                points=row.points,
                maximum=row.maximum,
                waits=row.needs_person,
                comment=row.comment or "",
            )
            penalties[row.notebook] = row.penalty or 0.0
        return {s: Standing(cells, sum(off.values())) for s, (cells, off) in found.items()}
