"""Writing to a gradebook: the submissions of one assignment, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from grading.nbgrader.gradebook import tables
from grading.nbgrader.gradebook.model import (
    Assignment,
    Given,
    GradedCell,
    Marked,
    Notebook,
    Penalty,
    Standing,
    score,
)


@dataclass
class Batch:
    """Submissions of one assignment on their way into the gradebook, within one transaction."""

    db: sa.Connection
    assignment: Assignment
    marked: Sequence[Marked]
    submissions: dict[str, Any] = field(default_factory=dict)
    """Submission rows by student."""
    sheets: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Submitted notebook rows by (submission id, notebook id)."""

    def store(self, penalty: Penalty | None) -> dict[str, Standing]:
        """Write what is new or changed; return where each submission stands."""
        # Other writers of this assignment wait here where the database locks rows, not files.
        self.db.execute(
            sa.select(tables.assignment.c.id)
            .where(tables.assignment.c.id == self.assignment.id)
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
            self.db.execute(
                sa.select(tables.student.c.id).where(tables.student.c.id.in_(names))
            ).scalars()
        )
        self._insert(tables.student, [{"id": n} for n in names if n not in known])

    def _submissions(self) -> None:
        mine = tables.submission.c.assignment_id == self.assignment.id
        chosen = tables.submission.c.student_id.in_([m.student for m in self.marked])
        found = self.db.execute(sa.select(tables.submission).where(mine, chosen))
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
        self._insert(tables.submission, new)
        self._update(tables.submission, changed)

    def _sheets(self) -> None:
        ids = [s["id"] for s in self.submissions.values()]
        found = self.db.execute(
            sa.select(tables.sheet).where(tables.sheet.c.assignment_id.in_(ids))
        )
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
        self._insert(tables.sheet, new)

    def _grades(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Write the points; return the grade rows by (sheet id, cell id)."""
        grades = self._rows_of(
            tables.grade, (c.id for n in self.assignment.notebooks for c in n.graded)
        )
        new, changed = [], []
        for marked in self.marked:
            for sheet, notebook in self._sheets_of(marked.student):
                for cell in notebook.graded:
                    row = grades.get((sheet["id"], cell.id))
                    values = _values(cell, marked, row)
                    if row is None:
                        row = {
                            "id": uuid4().hex,
                            "cell_id": cell.id,
                            "notebook_id": sheet["id"],
                            "manual_score": None,
                            "extra_credit": None,
                            **values,
                        }
                        grades[sheet["id"], cell.id] = row
                        new.append(row)
                    elif any(row[name] != value for name, value in values.items()):
                        row |= values
                        changed.append({"row": row["id"], **values})
        self._insert(tables.grade, new)
        self._update(tables.grade, changed)
        return grades

    def _comments(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Make room for comments; return the comment rows by (sheet id, cell id)."""
        comments = self._rows_of(
            tables.comment, (c for n in self.assignment.notebooks for c in n.commented)
        )
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
        self._insert(tables.comment, new)
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
                        score(g["auto_score"], g["manual_score"], g["extra_credit"])
                        for g in (grades[sheet["id"], c.id] for c in notebook.graded)
                    )
                    value = penalty(marked.student, points, late)
                    value = None if value is None else min(max(value, 0.0), points)
                if value != sheet["late_submission_penalty"]:
                    changed.append({"row": sheet["id"], "late_submission_penalty": value})
                total[marked.student] = total.get(marked.student, 0.0) + (value or 0.0)
        self._update(tables.sheet, changed)
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
                        points=score(
                            grade["auto_score"], grade["manual_score"], grade["extra_credit"]
                        ),
                        maximum=cell.maximum,
                        waits=bool(grade["needs_manual_grade"]),
                        comment=said.get("manual_comment") or said.get("auto_comment") or "",
                    )
            standings[marked.student] = Standing(given, penalties[marked.student])
        return standings

    def _sheets_of(self, student: str) -> Iterator[tuple[dict[str, Any], Notebook]]:
        submission = self.submissions[student]["id"]
        for notebook in self.assignment.notebooks:
            yield self.sheets[submission, notebook.id], notebook

    def _rows_of(
        self, table: sa.TableClause, cells: Iterable[str]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the rows about these cells by (sheet id, cell id).

        nbgrader's index begins with the cell: without it a whole table would be searched.
        """
        ids = [s["id"] for s in self.sheets.values()]
        own, chosen = table.c.cell_id.in_(list(cells)), table.c.notebook_id.in_(ids)
        found = self.db.execute(sa.select(table).where(own, chosen))
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


def _values(cell: GradedCell, marked: Marked, row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a mark writes into a cell's row: its points, and whether a person is wanted.

    What a person did in a task stays as long as there is nothing to mark where there was nothing,
    or something where there was something.
    """
    if cell.task:
        waits = marked.waits.get(cell.id, row is None or row["auto_score"] is None)
        points = None if waits else 0.0
        if row is not None and row["auto_score"] == points:
            return {}
        return {"auto_score": points, "needs_manual_grade": waits}
    if cell.id not in marked.points:
        return {} if row else {"auto_score": None, "needs_manual_grade": True}
    overruled = row is not None and row["manual_score"] is not None
    return {"auto_score": marked.points[cell.id], "needs_manual_grade": overruled}


def _seconds_late(submission: Mapping[str, Any], due: datetime | None) -> float:
    handed_in: datetime | None = submission["timestamp"]
    extension: timedelta | None = submission["extension"]
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta())).total_seconds())
