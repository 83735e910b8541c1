"""nbgrader's gradebook as data: assignments, marks and what people added, in bulk transactions.

The only module that touches `nbgrader.api`, and only to make a new database: the tables that we
read and write are spelled out below, because loading nbgrader takes seconds. Rows are those that
nbgrader's own commands would write. Writers wait for each other, so nothing is there twice.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import uuid4

import sqlalchemy as sa

from grading.notebooks import KnownCell

Penalty = Callable[[str, float, float], float | None]
"""nbgrader's late plugin: (student, points, seconds late) -> points to take off."""


def _table(name: str, *columns: str, **typed: Any) -> sa.TableClause:  # noqa: ANN401 - SQL types
    return sa.table(
        name, *(sa.column(c) for c in columns), *(sa.column(c, t) for c, t in typed.items())
    )


_assignment = _table("assignment", "id", "name", duedate=sa.DateTime())
_notebook = _table("notebook", "id", "name", "assignment_id")
_base_cell = _table("base_cell", "id", "name", "notebook_id", "type")
_grade_cells = _table("grade_cells", "id", "cell_type", max_score=sa.Float())
_task_cells = _table("task_cells", "id", "cell_type", max_score=sa.Float())
_source_cell = _table(
    "source_cell", "name", "cell_type", "source", "checksum", "notebook_id", locked=sa.Boolean()
)
_student = _table("student", "id")
_submission = _table(
    "submitted_assignment",
    *("id", "assignment_id", "student_id"),
    timestamp=sa.DateTime(),
    extension=sa.Interval(),
)
_sheet = _table(
    "submitted_notebook",
    *("id", "assignment_id", "notebook_id"),
    flagged=sa.Boolean(),
    late_submission_penalty=sa.Float(),
)
_grade = _table(
    "grade",
    *("id", "cell_id", "notebook_id"),
    auto_score=sa.Float(),
    manual_score=sa.Float(),
    extra_credit=sa.Float(),
    needs_manual_grade=sa.Boolean(),
)
_comment = _table("comment", "id", "cell_id", "notebook_id", "auto_comment", "manual_comment")


# -------------------------------------------------------------------------------------- as data


@dataclass(frozen=True)
class GradedCell:
    """A cell with points: marked by rule, or a task that a person marks."""

    id: str
    name: str
    maximum: float
    task: bool


@dataclass(frozen=True)
class Notebook:
    """A notebook of an assignment: its graded cells, those with room for comments, all known."""

    id: str
    name: str
    graded: tuple[GradedCell, ...]
    commented: tuple[str, ...]
    cells: tuple[KnownCell, ...]


@dataclass(frozen=True)
class Assignment:
    """An assignment as the gradebook knows it; `due` is in UTC without a zone."""

    id: str
    name: str
    due: datetime | None
    notebooks: tuple[Notebook, ...]


@dataclass(frozen=True)
class Marked:
    """One submission's points by graded cell id; cells that are missing stay as they are."""

    student: str
    timestamp: datetime | None
    points: Mapping[str, float]


@dataclass(frozen=True)
class Given:
    """What a graded cell has in the gradebook: by rule, by a person, and a person's words."""

    points: float
    maximum: float
    waits: bool
    by_person: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Standing:
    """Where one submission stands: what its cells have by cell id, and what lateness takes off."""

    cells: Mapping[str, Given]
    penalty: float = 0.0


class Row(NamedTuple):
    """One graded cell of one submission."""

    student: str
    assignment: str
    notebook: str
    cell: str
    task: bool
    maximum: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_person: bool
    comment: str | None
    penalty: float | None
    timestamp: datetime | None
    cell_id: str

    @property
    def points(self) -> float:
        """What counts: a person's points before the rule's, and extra credit."""
        return _score(self.auto, self.manual, self.extra)


# -------------------------------------------------------------------------------- the gradebook


class Gradebook:
    """An open gradebook; use it in a `with` statement."""

    def __init__(self, url: str, course_id: str) -> None:
        """Open the gradebook; a new database gets nbgrader's own tables."""
        self._engine = _engine(url)
        try:
            if not sa.inspect(self._engine).has_table(_LAST):
                with _alone(self._engine):
                    if not sa.inspect(self._engine).has_table(_LAST):
                        _create(url, course_id)
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
                sa.select(_assignment.c.id, _assignment.c.duedate).where(_assignment.c.name == name)
            ).one_or_none()
            if row is None:
                return None
            found = db.execute(
                sa.select(_notebook.c.id, _notebook.c.name)
                .where(_notebook.c.assignment_id == row.id)
                .order_by(_notebook.c.name)
            ).all()
            notebooks = tuple(_read_notebook(db, n.id, n.name) for n in found)
        return Assignment(row.id, name, row.duedate, notebooks)

    def students(self, assignment: str) -> set[str]:
        """Return who has a submission of this assignment in the gradebook."""
        query = (
            sa.select(_submission.c.student_id)
            .join(_assignment, _assignment.c.id == _submission.c.assignment_id)
            .where(_assignment.c.name == assignment)
        )
        with self._engine.connect() as db:
            return set(db.execute(query).scalars())

    def knows(self, student: str) -> bool:
        """Tell whether a student is in the gradebook."""
        with self._engine.connect() as db:
            found = db.execute(sa.select(_student.c.id).where(_student.c.id == student))
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
            return _Batch(db, assignment, marked).store(penalty)

    def rehearse(
        self, assignment: Assignment, marked: Sequence[Marked], penalty: Penalty | None = None
    ) -> dict[str, Standing]:
        """Return what `store` would, and take everything back."""
        if not marked:
            return {}
        writing = self._engine.execution_options(course_writes=True)
        with writing.connect() as db, db.begin() as transaction:
            try:
                return _Batch(db, assignment, marked).store(penalty)
            finally:
                transaction.rollback()

    def rows(
        self, assignments: Iterable[str] | None = None, students: Iterable[str] | None = None
    ) -> Iterator[Row]:
        """Yield every graded cell of every submission, by student, assignment and notebook."""
        query = _rows_query()
        if assignments is not None:
            query = query.where(_assignment.c.name.in_(list(assignments)))
        if students is not None:
            query = query.where(_submission.c.student_id.in_(list(students)))
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
                by_person=row.manual is not None,
                comment=row.comment or "",
            )
            penalties[row.notebook] = row.penalty or 0.0
        return {s: Standing(cells, sum(off.values())) for s, (cells, off) in found.items()}


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        # Python's driver would begin a transaction at its first write only; then two graders can
        # both have read that a row is missing. Ours take the lock before they look.
        @sa.event.listens_for(engine, "connect")
        def _manual(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's own
            connection.isolation_level = None

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            writes = connection.get_execution_options().get("course_writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_LAST = "alembic_version"
"""The table that nbgrader makes last: without it, the others are not all there."""


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[None]:
    """Let one program at a time make the tables: nbgrader's own way fails when two do."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as db:  # held until this connection ends
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(sum(_LAST.encode()))))
            yield
        return
    place = Path(engine.url.database or "").parent
    descriptor = os.open(place, os.O_RDONLY)
    try:
        with suppress(ImportError):  # Windows has no such lock, and no exchange
            import fcntl  # noqa: PLC0415 - see above

            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _create(url: str, course_id: str) -> None:
    """Make the tables with nbgrader's own hand, and nothing else."""
    from nbgrader.api import Gradebook as Theirs  # noqa: PLC0415 - takes seconds to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Theirs(url, course_id).close()


def _read_notebook(db: sa.Connection, notebook_id: str, name: str) -> Notebook:
    graded = []
    for table, task in ((_grade_cells, False), (_task_cells, True)):
        found = db.execute(
            sa.select(_base_cell.c.id, _base_cell.c.name, table.c.max_score)
            .join(table, table.c.id == _base_cell.c.id)
            .where(_base_cell.c.notebook_id == notebook_id)
            .order_by(_base_cell.c.name)
        )
        graded += [GradedCell(r.id, r.name, r.max_score, task) for r in found]
    commented = db.execute(
        sa.select(_base_cell.c.id).where(
            _base_cell.c.notebook_id == notebook_id,
            _base_cell.c.type.in_(["SolutionCell", "TaskCell"]),
        )
    ).scalars()
    by_name = {c.name: c for c in graded}
    sources = db.execute(
        sa.select(_source_cell).where(_source_cell.c.notebook_id == notebook_id)
    ).all()
    cells = tuple(
        KnownCell(
            name=s.name,
            cell_type=s.cell_type,
            source=s.source or "",
            locked=bool(s.locked),
            checksum=s.checksum,
            maximum=by_name[s.name].maximum if s.name in by_name else None,
            task=s.name in by_name and by_name[s.name].task,
        )
        for s in sources
    )
    return Notebook(notebook_id, name, tuple(graded), tuple(commented), cells)


def _rows_query() -> sa.Select[Any]:
    return (
        sa.select(
            _submission.c.student_id,
            _assignment.c.name,
            _notebook.c.name,
            _base_cell.c.name,
            _base_cell.c.type == "TaskCell",
            sa.func.coalesce(_grade_cells.c.max_score, _task_cells.c.max_score),
            *(_grade.c[c] for c in ("auto_score", "manual_score", "extra_credit")),
            _grade.c.needs_manual_grade,
            sa.func.coalesce(_comment.c.manual_comment, _comment.c.auto_comment),
            _sheet.c.late_submission_penalty,
            _submission.c.timestamp,
            _base_cell.c.id,
        )
        .select_from(_grade)
        .join(_base_cell, _base_cell.c.id == _grade.c.cell_id)
        .join(_sheet, _sheet.c.id == _grade.c.notebook_id)
        .join(_submission, _submission.c.id == _sheet.c.assignment_id)
        .join(_assignment, _assignment.c.id == _submission.c.assignment_id)
        .join(_notebook, _notebook.c.id == _sheet.c.notebook_id)
        .outerjoin(_grade_cells, _grade_cells.c.id == _base_cell.c.id)
        .outerjoin(_task_cells, _task_cells.c.id == _base_cell.c.id)
        .outerjoin(
            _comment,
            sa.and_(_comment.c.cell_id == _grade.c.cell_id, _comment.c.notebook_id == _sheet.c.id),
        )
        .order_by(_submission.c.student_id, _assignment.c.name, _notebook.c.name, _base_cell.c.name)
    )


# -------------------------------------------------------------------------------- one transaction


@dataclass
class _Batch:
    """Submissions of one assignment on their way into the gradebook, within one transaction."""

    db: sa.Connection
    assignment: Assignment
    marked: Sequence[Marked]
    submissions: dict[str, Any] = field(default_factory=dict)
    """Submission rows by student."""
    sheets: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Submitted notebook rows by (submission id, notebook id)."""

    def store(self, penalty: Penalty | None) -> dict[str, Standing]:
        # Other writers of this assignment wait here where the database locks rows, not files.
        self.db.execute(
            sa.select(_assignment.c.id)
            .where(_assignment.c.id == self.assignment.id)
            .with_for_update()
        )
        self._students()
        self._submissions()
        self._sheets()
        grades = self._grades()
        comments = self._comments()
        penalties = self._penalties(grades, penalty)
        return self._standings(grades, comments, penalties)

    def _students(self) -> None:
        names = [m.student for m in self.marked]
        known = set(
            self.db.execute(sa.select(_student.c.id).where(_student.c.id.in_(names))).scalars()
        )
        self._insert(_student, [{"id": n} for n in names if n not in known])

    def _submissions(self) -> None:
        mine = _submission.c.assignment_id == self.assignment.id
        chosen = _submission.c.student_id.in_([m.student for m in self.marked])
        found = self.db.execute(sa.select(_submission).where(mine, chosen))
        self.submissions = {r.student_id: r._asdict() for r in found}
        new, changed = [], []
        for marked in self.marked:
            row = self.submissions.get(marked.student)
            if row is None:
                row = {
                    "id": uuid4().hex,
                    "assignment_id": self.assignment.id,
                    "student_id": marked.student,
                    "timestamp": marked.timestamp,
                    "extension": None,
                }
                self.submissions[marked.student] = row
                new.append(row)
            elif marked.timestamp and marked.timestamp != row["timestamp"]:
                row["timestamp"] = marked.timestamp
                changed.append({"row": row["id"], "timestamp": marked.timestamp})
        self._insert(_submission, new)
        self._update(_submission, changed)

    def _sheets(self) -> None:
        ids = [s["id"] for s in self.submissions.values()]
        found = self.db.execute(sa.select(_sheet).where(_sheet.c.assignment_id.in_(ids)))
        self.sheets = {(r.assignment_id, r.notebook_id): r._asdict() for r in found}
        new = [
            {
                "id": uuid4().hex,
                "assignment_id": i,
                "notebook_id": n.id,
                "flagged": False,
                "late_submission_penalty": None,
            }
            for i in ids
            for n in self.assignment.notebooks
            if (i, n.id) not in self.sheets
        ]
        self.sheets |= {(r["assignment_id"], r["notebook_id"]): r for r in new}
        self._insert(_sheet, new)

    def _grades(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Write the points; return the grade rows by (sheet id, cell id)."""
        grades = self._rows_of(_grade)
        new, changed = [], []
        for marked in self.marked:
            for sheet, notebook in self._sheets_of(marked.student):
                for cell in notebook.graded:
                    row = grades.get((sheet["id"], cell.id))
                    points = marked.points.get(cell.id)
                    if row is None:
                        row = {
                            "id": uuid4().hex,
                            "cell_id": cell.id,
                            "notebook_id": sheet["id"],
                            "auto_score": points,
                            "manual_score": None,
                            "extra_credit": None,
                            "needs_manual_grade": points is None,
                        }
                        grades[sheet["id"], cell.id] = row
                        new.append(row)
                    elif not cell.task and cell.id in marked.points:
                        waits = row["manual_score"] is not None
                        if (row["auto_score"], row["needs_manual_grade"]) != (points, waits):
                            row |= {"auto_score": points, "needs_manual_grade": waits}
                            values = {"auto_score": points, "needs_manual_grade": waits}
                            changed.append({"row": row["id"], **values})
        self._insert(_grade, new)
        self._update(_grade, changed)
        return grades

    def _comments(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Make room for comments; return the comment rows by (sheet id, cell id)."""
        comments = self._rows_of(_comment)
        new = []
        for marked in self.marked:
            for sheet, notebook in self._sheets_of(marked.student):
                for cell_id in notebook.commented:
                    if (sheet["id"], cell_id) not in comments:
                        row = {
                            "id": uuid4().hex,
                            "cell_id": cell_id,
                            "notebook_id": sheet["id"],
                            "auto_comment": None,
                            "manual_comment": None,
                        }
                        comments[sheet["id"], cell_id] = row
                        new.append(row)
        self._insert(_comment, new)
        return comments

    def _penalties(
        self, grades: Mapping[tuple[str, str], dict[str, Any]], penalty: Penalty | None
    ) -> dict[str, float]:
        """Write what lateness takes off; return it by student."""
        total: dict[str, float] = {}
        changed = []
        for marked in self.marked:
            late = _seconds_late(self.submissions[marked.student], self.assignment.due)
            for sheet, notebook in self._sheets_of(marked.student):
                value = None
                if late > 0 and penalty is not None:
                    points = sum(
                        _score(g["auto_score"], g["manual_score"], g["extra_credit"])
                        for g in (grades[sheet["id"], c.id] for c in notebook.graded)
                    )
                    value = penalty(marked.student, points, late)
                    value = None if value is None else min(max(value, 0.0), points)
                if value != sheet["late_submission_penalty"]:
                    changed.append({"row": sheet["id"], "late_submission_penalty": value})
                total[marked.student] = total.get(marked.student, 0.0) + (value or 0.0)
        self._update(_sheet, changed)
        return total

    def _standings(
        self,
        grades: Mapping[tuple[str, str], dict[str, Any]],
        comments: Mapping[tuple[str, str], dict[str, Any]],
        penalties: Mapping[str, float],
    ) -> dict[str, Standing]:
        standings = {}
        for marked in self.marked:
            given = {}
            for sheet, notebook in self._sheets_of(marked.student):
                for cell in notebook.graded:
                    grade = grades[sheet["id"], cell.id]
                    said = comments.get((sheet["id"], cell.id), {})
                    given[cell.id] = Given(
                        points=_score(
                            grade["auto_score"], grade["manual_score"], grade["extra_credit"]
                        ),
                        maximum=cell.maximum,
                        waits=bool(grade["needs_manual_grade"]),
                        by_person=grade["manual_score"] is not None,
                        comment=said.get("manual_comment") or said.get("auto_comment") or "",
                    )
            standings[marked.student] = Standing(given, penalties[marked.student])
        return standings

    def _sheets_of(self, student: str) -> Iterator[tuple[dict[str, Any], Notebook]]:
        submission = self.submissions[student]["id"]
        for notebook in self.assignment.notebooks:
            yield self.sheets[submission, notebook.id], notebook

    def _rows_of(self, table: sa.TableClause) -> dict[tuple[str, str], dict[str, Any]]:
        ids = [s["id"] for s in self.sheets.values()]
        found = self.db.execute(sa.select(table).where(table.c.notebook_id.in_(ids)))
        return {(r.notebook_id, r.cell_id): r._asdict() for r in found}

    def _insert(self, table: sa.TableClause, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.db.execute(sa.insert(table), rows)

    def _update(self, table: sa.TableClause, rows: list[dict[str, Any]]) -> None:
        """Update rows by the key `row`."""
        if rows:
            values: dict[str, Any] = {k: sa.bindparam(k) for k in rows[0] if k != "row"}
            self.db.execute(
                sa.update(table).where(table.c.id == sa.bindparam("row")).values(values), rows
            )


def _score(auto: float | None, manual: float | None, extra: float | None) -> float:
    base = manual if manual is not None else auto
    return 0.0 if base is None else base + (extra or 0.0)


def _seconds_late(submission: Mapping[str, Any], due: datetime | None) -> float:
    handed_in: datetime | None = submission["timestamp"]
    extension: timedelta | None = submission["extension"]
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta())).total_seconds())
