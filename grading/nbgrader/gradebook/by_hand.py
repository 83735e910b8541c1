"""What a person gives: the manual points and the comment of one cell, as formgrader stores them."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from grading.nbgrader.gradebook.tables import (
    assignment,
    base_cell,
    comment,
    grade,
    notebook,
    sheet,
    submission,
)


class Cell(NamedTuple):
    """A cell by the names that nbgrader gives it."""

    assignment: str
    notebook: str
    cell: str


class Stored(NamedTuple):
    """What the gradebook has of a task cell: points by a person, or that it waits for one."""

    points: float | None
    waits: bool
    comment: str


def given(db: sa.Connection, cell: Cell) -> dict[str, Stored]:
    """Return what a cell has, by student; who was not graded is missing."""
    here = sa.and_(comment.c.notebook_id == grade.c.notebook_id, comment.c.cell_id == _id(cell))
    query = (
        sa.select(
            submission.c.student_id,
            grade.c.manual_score,
            grade.c.needs_manual_grade,
            comment.c.manual_comment,
        )
        .select_from(grade)
        .join(sheet, sheet.c.id == grade.c.notebook_id)
        .join(submission, submission.c.id == sheet.c.assignment_id)
        .outerjoin(comment, here)
        .where(grade.c.cell_id == _id(cell))
    )
    return {r[0]: Stored(r[1], bool(r[2]), r[3] or "") for r in db.execute(query)}


def give(db: sa.Connection, cell: Cell, student: str, points: float, said: str) -> bool:
    """Store a person's points and comment; tell whether there is a submission that has them now."""
    done = (
        _update(db, grade, cell, student, manual_score=points, needs_manual_grade=False),
        _update(db, comment, cell, student, manual_comment=said or None),
    )
    return done == (1, 1)


def _update(
    db: sa.Connection, table: sa.TableClause, cell: Cell, student: str, **values: object
) -> int:
    """Change a student's row about a cell; return how many rows that were."""
    theirs = (
        sa.select(sheet.c.id)
        .join(submission, submission.c.id == sheet.c.assignment_id)
        .where(submission.c.student_id == student)
    )
    mine = table.c.cell_id == _id(cell)
    found = db.execute(
        sa.update(table).where(mine, table.c.notebook_id.in_(theirs)).values(**values)
    )
    return found.rowcount


def _id(cell: Cell) -> sa.ScalarSelect[Any]:
    return (
        sa.select(base_cell.c.id)
        .join(notebook, notebook.c.id == base_cell.c.notebook_id)
        .join(assignment, assignment.c.id == notebook.c.assignment_id)
        .where(
            assignment.c.name == cell.assignment,
            notebook.c.name == cell.notebook,
            base_cell.c.name == cell.cell,
        )
        .scalar_subquery()
    )
