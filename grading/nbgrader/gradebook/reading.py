"""Reading a gradebook: a notebook with its cells, and a row for each graded cell."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grading.nbgrader.gradebook import tables
from grading.nbgrader.gradebook.model import GradedCell, Notebook
from grading.notebooks import KnownCell


def read_notebook(db: sa.Connection, notebook_id: str, name: str) -> Notebook:
    """Return a notebook as the gradebook knows it."""
    graded = []
    for table, task in ((tables.grade_cells, False), (tables.task_cells, True)):
        found = db.execute(
            sa.select(tables.base_cell.c.id, tables.base_cell.c.name, table.c.max_score)
            .join(table, table.c.id == tables.base_cell.c.id)
            .where(tables.base_cell.c.notebook_id == notebook_id)
            .order_by(tables.base_cell.c.name)
        )
        graded += [GradedCell(r.id, r.name, r.max_score, task) for r in found]
    commented = db.execute(
        sa.select(tables.base_cell.c.id).where(
            tables.base_cell.c.notebook_id == notebook_id,
            tables.base_cell.c.type.in_(["SolutionCell", "TaskCell"]),
        )
    ).scalars()
    by_name = {c.name: c for c in graded}
    sources = db.execute(
        sa.select(tables.source_cell).where(tables.source_cell.c.notebook_id == notebook_id)
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


def rows_query() -> sa.Select[Any]:
    """Return the query of every graded cell, with columns in the order of `Row`."""
    return (
        sa.select(
            tables.submission.c.student_id,
            tables.assignment.c.name,
            tables.notebook.c.name,
            tables.base_cell.c.name,
            tables.base_cell.c.type == "TaskCell",
            sa.func.coalesce(tables.grade_cells.c.max_score, tables.task_cells.c.max_score),
            *(tables.grade.c[c] for c in ("auto_score", "manual_score", "extra_credit")),
            tables.grade.c.needs_manual_grade,
            sa.func.coalesce(tables.comment.c.manual_comment, tables.comment.c.auto_comment),
            tables.sheet.c.late_submission_penalty,
            tables.submission.c.timestamp,
            tables.base_cell.c.id,
        )
        .select_from(tables.grade)
        .join(tables.base_cell, tables.base_cell.c.id == tables.grade.c.cell_id)
        .join(tables.sheet, tables.sheet.c.id == tables.grade.c.notebook_id)
        .join(tables.submission, tables.submission.c.id == tables.sheet.c.assignment_id)
        .join(tables.assignment, tables.assignment.c.id == tables.submission.c.assignment_id)
        .join(tables.notebook, tables.notebook.c.id == tables.sheet.c.notebook_id)
        .outerjoin(tables.grade_cells, tables.grade_cells.c.id == tables.base_cell.c.id)
        .outerjoin(tables.task_cells, tables.task_cells.c.id == tables.base_cell.c.id)
        .outerjoin(
            tables.comment,
            sa.and_(
                tables.comment.c.cell_id == tables.grade.c.cell_id,
                tables.comment.c.notebook_id == tables.sheet.c.id,
            ),
        )
        .order_by(
            tables.submission.c.student_id,
            tables.assignment.c.name,
            tables.notebook.c.name,
            tables.base_cell.c.name,
        )
    )
