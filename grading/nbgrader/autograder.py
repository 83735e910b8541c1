"""nbgrader's autograde without running any learner's code: its own steps, fed with our marks.

`RestoreNotebook` stands first among the sanitizing steps and `MarkAnswers` in place of `Execute`;
nbgrader's own `SaveAutoGrades` and `AssignLatePenalties` do the rest. `AutogradeAnswers` is
nbgrader's converter, made safe against what else may lie in a submission.
"""

from __future__ import annotations

import fnmatch
import glob
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets import Unicode

from grading.course import Problem, open_course
from grading.nbgrader.batches import check_content
from grading.nbgrader.gradebook import Assignment, Gradebook
from grading.nbgrader.marking import Marker, outputs_of
from grading.nbgrader.submission import CARRIED, carry, read_submission, read_timestamp
from grading.nbgrader.tray import Tray, course_version
from grading.notebooks import EMPTY, Json, NotebookError, call, cell_name, source_of
from scenarios.faults import ContentError
from scenarios.files import write
from scenarios.workspace import PRIVATE

Resources = dict[str, Any]


class RestoreNotebook(NbGraderPreprocessor):  # type: ignore[misc]
    """Put the course's own version in place of the learner's notebook, whatever that holds.

    Cells deleted, doubled, renamed or edited by a learner have no effect: answers are not in them.
    """

    root = Unicode("", help="The course root").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the course's version of the notebook that `resources` names."""
        course = open_course(self.root)
        about = resources["nbgrader"]
        with Gradebook(about["db_url"], course.course_id) as book:
            known = book.assignment(about["assignment"])
        for notebook in known.notebooks if known else ():
            if notebook.name == about["notebook"]:
                own = course_version(course, about["assignment"], notebook)
                return _node(own), resources
        return nb, resources


class MarkAnswers(NbGraderPreprocessor):  # type: ignore[misc]
    """Write answers and points into the ask and score cells as if a kernel had shown them."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Mark `answers.jsonl` in the folder that `resources` names; every output is ours."""
        coursedir = self.parent.parent.coursedir
        course = open_course(coursedir.root)
        about = resources["nbgrader"]
        submission = read_submission(Path(resources["metadata"]["path"]))
        for problem in submission.problems:
            self.log.warning("%s, %s: %s", about["student"], about["assignment"], problem)
        course.note(Problem(about["student"], about["assignment"], p) for p in submission.problems)
        marker = Marker(course.policy())
        calls = [call(source_of(c)) if c["cell_type"] == "code" else None for c in nb.cells]
        slugs = [found[1] for found in calls if found]
        outputs = outputs_of(marker.works(submission.record.events, slugs), slugs)
        for cell, found in zip(nb.cells, calls, strict=True):
            if cell["cell_type"] != "code":
                continue
            cell["outputs"] = []
            if found:
                output = json.loads(outputs[found])
                if found[0] == "score" and "points" in cell.metadata.get("nbgrader", {}):
                    _limit(output, float(cell.metadata.nbgrader["points"]))
                cell["outputs"] = [_node(output)]
            elif cell.metadata.get("nbgrader", {}).get("grade"):
                # nbgrader gives full points to a cell without output.
                self.log.error("The cell %s runs code of its own: 0 points", cell_name(cell))
                cell["outputs"] = [_node(_nothing())]
        return nb, resources


class AutogradeAnswers(Autograde):  # type: ignore[misc]
    """nbgrader's converter for submissions of which only the answers are read.

    The stock one skips a folder without the right notebook, opens notebooks that may be broken,
    copies pipes, links and whatever else lies there, and fails on a timestamp that is none.
    """

    def init_notebooks(self) -> None:
        """Find every submission's folder; its notebooks are those of the assignment."""
        self.assignments = {}
        self.notebooks: list[str] = []
        self.coursedir.get_existing_timestamp = lambda folder: _timestamp(Path(folder))
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        known: dict[str, list[str]] = {}
        for folder in sorted(filter(Path.is_dir, map(Path, glob.glob(pattern)))):  # noqa: PTH207
            name = folder.name
            if name not in known:
                known[name] = self._notebooks_of(name)
            if known[name]:
                self.assignments[str(folder)] = [str(folder / n) for n in known[name]]
        if not self.assignments:
            self._nothing_found(pattern, known)
        self._check_content(name for name, notebooks in known.items() if notebooks)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Enter the submission into the gradebook and take along what counts of it."""
        source = Path(self._format_source(assignment_id, student_id))
        target = Path(self._format_dest(assignment_id, student_id))
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            known = book.assignment(assignment_id)
            if known is None:
                raise self._failure(f"{assignment_id} is not in the gradebook")
            if not self.create_student and not book.knows(student_id):
                raise self._failure(f"No student {student_id} is in the gradebook")
            course = open_course(self.coursedir.root)
            tray = Tray(course, known, Marker(course.policy()))
            # The points of the other cells come with nbgrader's own step.
            book.store(known, [replace(tray.take(student_id, source).marked, points={})])
        for problem in carry(source, target):
            self.log.warning("%s, %s: %s", student_id, assignment_id, problem)
        self._copy_pictures(assignment_id, target)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Mark one notebook without opening the submitted file."""
        self.log.info("Marking the answers of %s", notebook_filename)
        self._sanitizing = True
        resources = self.init_single_notebook_resources(notebook_filename)
        resources["metadata"] = {"path": str(Path(notebook_filename).parent)}
        self.exporter._preprocessors = []  # noqa: SLF001 - as nbgrader does between its own passes
        for step in (*self.sanitize_preprocessors, *self.autograde_preprocessors):
            self.exporter.register_preprocessor(step)
        output, resources = self.exporter.from_notebook_node(_node(EMPTY), resources)
        self.write_single_notebook(output, resources)

    def _notebooks_of(self, assignment: str) -> list[str]:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            known: Assignment | None = book.assignment(assignment)
        names = [n.name for n in known.notebooks] if known else []
        return [f"{n}.ipynb" for n in names if fnmatch.fnmatch(n, self.coursedir.notebook_id)]

    def _check_content(self, names: Iterable[str]) -> None:
        """Fail before any submission is touched if what marks them has faults.

        A submission that fails by itself would lose its marked notebook; with 0 points it would
        lose its score. So the whole command fails, and everything stays as it was.
        """
        course, marked = open_course(self.coursedir.root), tuple(names)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            try:
                check_content(course, book, marked)
            except (ContentError, NotebookError) as error:
                said = [*str(error).splitlines(), *getattr(error, "__notes__", ())]
                course.note(Problem("", ", ".join(marked), line) for line in said)
                raise self._failure("\n".join(said)) from error

    def _nothing_found(self, pattern: str, known: dict[str, list[str]]) -> None:
        if known:
            unknown = ", ".join(known)
            raise self._failure(
                f"{unknown} is not in the gradebook; run 'nbgrader generate_assignment' first"
            )
        raise self._failure(f"Nothing was handed in as {pattern}")

    def _failure(self, message: str) -> NbGraderException:
        self.log.error(message)
        return NbGraderException(message)

    def _copy_pictures(self, assignment: str, target: Path) -> None:
        """Put the course's own further files beside the notebook, never over a learner's."""
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))
        kept = PRIVATE | CARRIED.keys()
        for path in source.rglob("*"):
            name = path.relative_to(source)
            hidden = any(part[0] in "._" for part in name.parts)
            if path.is_file() and path.suffix != ".ipynb" and not hidden and name.name not in kept:
                write(target / name, path.read_bytes())


def _timestamp(folder: Path) -> Any:  # noqa: ANN401 - as nbgrader has it
    """Return when a submission was handed in; None, never an error, if no file says so."""
    try:
        return read_timestamp(folder)
    except (OSError, ValueError):
        return None


def _node(data: Json) -> NotebookNode:
    node: NotebookNode = from_dict(data)  # type: ignore[no-untyped-call]
    return node


def _limit(output: dict[str, Any], maximum: float) -> None:
    """Keep a score within its cell: nbgrader refuses the whole submission for more."""
    points = min(float(output["data"]["text/plain"]), maximum)
    output["data"]["text/plain"] = repr(points)


def _nothing() -> dict[str, Any]:
    said = "This cell runs code of its own, which is not run here."
    return {
        "output_type": "execute_result",
        "execution_count": None,
        "metadata": {},
        "data": {"text/plain": "0.0", "text/html": f"<p>{said}</p>"},
    }
