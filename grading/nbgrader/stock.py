"""nbgrader's own steps, run from here: generating an assignment, its kernels, its late plugin.

nbgrader takes seconds to load, so it is loaded only where it has to do something.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator

from grading.config import KERNEL
from grading.course import Course, open_course
from grading.nbgrader.gradebook import Assignment, Penalty
from grading.notebooks import KnownCell, read_notebook, slugs_of, source_of
from scenarios.policy import VARIABLE


def changes(course: Course, name: str, known: Assignment | None) -> set[str]:
    """Return the names of cells that the gradebook has not, or has too many of.

    The empty name stands for changes that touch no name; nothing changed is the empty set.
    """
    if known is None:
        return {""}
    old = {(n.name, c.name): c for n in known.notebooks for c in n.cells}
    new = dict(_authored(course, name))
    changed = {cell for _, cell in old.keys() ^ new.keys()}
    if changed:
        return changed | {""}
    same = all(
        (c.source, c.maximum) == (new[k].source, new[k].maximum) for k, c in old.items() if c.locked
    )
    return set() if same else {""}


def scored(course: Course, name: str, known: Assignment | None) -> set[str]:
    """Return what an assignment's cells give points for, as authored and as the gradebook has it.

    These are slugs of scenarios and names of tests.
    """
    books: dict[str, list[KnownCell]] = {}
    for (notebook, _), cell in _authored(course, name):
        books.setdefault(notebook, []).append(cell)
    kept = [n.cells for n in known.notebooks] if known else []
    return {slug for own in (*books.values(), *kept) for slug in slugs_of(own).values()}


def _authored(course: Course, name: str) -> Iterator[tuple[tuple[str, str], KnownCell]]:
    """Yield the cells of the authored notebooks that nbgrader would keep in its gradebook."""
    for notebook in course.notebooks(name):
        book = read_notebook(course.source / name / f"{notebook}.ipynb")
        for cell in book["cells"] if book else []:
            own = cell.get("metadata", {}).get("nbgrader", {})
            if own and any(own.get(k) for k in ("grade", "solution", "locked", "task")):
                graded = own.get("grade") or own.get("task")
                yield (
                    (notebook, own.get("grade_id", "")),
                    KnownCell(
                        name=own.get("grade_id", ""),
                        cell_type=cell["cell_type"],
                        source=source_of(cell),
                        locked=bool(own.get("locked")),
                        checksum=None,
                        maximum=float(own.get("points", 0)) if graded else None,
                        task=bool(own.get("task")),
                    ),
                )


def generate(course: Course, name: str) -> str | None:
    """Run nbgrader's own generate_assignment here; return what went wrong."""
    from nbgrader.converters import GenerateAssignment  # noqa: PLC0415 - takes seconds to load

    return _run(course, GenerateAssignment, name, None)


def autograde(course: Course, name: str, student: str) -> str | None:
    """Run nbgrader's stock autograde, with its kernels, for one submission."""
    from nbgrader.converters import Autograde  # noqa: PLC0415 - takes seconds to load

    before = dict(os.environ)
    os.environ[KERNEL] = "1"
    try:  # its configuration may name a policy for the kernels, which is this course's alone
        return _run(open_course(course.root), Autograde, name, student)
    finally:
        for variable in (KERNEL, VARIABLE):
            os.environ.pop(variable, None)
            os.environ.update({k: v for k, v in before.items() if k == variable})


def _run(course: Course, converter: type, name: str, student: str | None) -> str | None:
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415 - takes seconds to load
    from nbgrader.utils import capture_log  # noqa: PLC0415 - likewise

    folders = CourseDirectory(config=course.config)
    folders.assignment_id = name
    if student is not None:
        folders.student_id = student
    app = converter(coursedir=folders, config=course.config)
    app.force = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = capture_log(app)
    if result["success"]:
        return None
    told = [line for line in result.get("log", "").splitlines() if line.startswith("[ERROR]")]
    last = (told or str(result.get("error", "")).strip().splitlines() or ["no reason given"])[-1]
    return f"nbgrader's {converter.__name__} failed: {last.removeprefix('[ERROR] ')}"


def late_plugin(course: Course) -> Penalty:
    """Return the course's plugin for late submissions, as nbgrader would make it."""
    from nbgrader.preprocessors import AssignLatePenalties  # noqa: PLC0415 - takes seconds to load

    step = AssignLatePenalties(config=course.config)
    step.init_plugin()
    penalty: Penalty = step.plugin_inst.late_submission_penalty
    return penalty
