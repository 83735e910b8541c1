"""nbgrader's own tables, as far as we read and write them: loading nbgrader takes seconds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def _table(name: str, *columns: str, **typed: Any) -> sa.TableClause:  # noqa: ANN401 - SQL types
    return sa.table(
        name, *(sa.column(c) for c in columns), *(sa.column(c, t) for c, t in typed.items())
    )


assignment = _table("assignment", "id", "name", duedate=sa.DateTime())
notebook = _table("notebook", "id", "name", "assignment_id")
base_cell = _table("base_cell", "id", "name", "notebook_id", "type")
grade_cells = _table("grade_cells", "id", "cell_type", max_score=sa.Float())
task_cells = _table("task_cells", "id", "cell_type", max_score=sa.Float())
source_cell = _table(
    "source_cell", "name", "cell_type", "source", "checksum", "notebook_id", locked=sa.Boolean()
)
student = _table("student", "id")
submission = _table(
    "submitted_assignment",
    *("id", "assignment_id", "student_id"),
    timestamp=sa.DateTime(),
    extension=sa.Interval(),
)
sheet = _table(
    "submitted_notebook",
    *("id", "assignment_id", "notebook_id"),
    flagged=sa.Boolean(),
    late_submission_penalty=sa.Float(),
)
grade = _table(
    "grade",
    *("id", "cell_id", "notebook_id"),
    auto_score=sa.Float(),
    manual_score=sa.Float(),
    extra_credit=sa.Float(),
    needs_manual_grade=sa.Boolean(),
)
comment = _table("comment", "id", "cell_id", "notebook_id", "auto_comment", "manual_comment")
