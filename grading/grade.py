"""Grading in bulk: what `nbgrader autograde` does, without kernels and in one process.

Marks come from the answers in each submission, the course's own bank and the policy, and from
nothing else that was handed in. The same rows reach the gradebook as on nbgrader's own route.
Everything can be run again at any time, and after any interruption: nothing is there twice.
"""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from grading.config import KERNEL, WAIT
from grading.course import Course, CourseError, Problem, open_course
from grading.feedback_page import Section, page
from grading.files import write
from grading.gradebook import Assignment, Given, Gradebook, Marked, Notebook, Penalty, Standing
from grading.marking import Marker, Work, outputs_of, points_of
from grading.notebooks import (
    KnownCell,
    Template,
    cell_name,
    read_notebook,
    restored,
    slugs_of,
    source_of,
)
from grading.submission import RELEASED, Submission, carry, read_submission

Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""
BATCH = 100
"""Submissions in one transaction, and in memory at once."""
STEP = "Submissions are marked"


@dataclass(frozen=True)
class Graded:
    """What was done: how many submissions of which assignments, and what was wrong with some.

    `waiting` counts cells that a person has to mark; `seconds` is the time it took.
    """

    assignments: tuple[str, ...]
    submissions: int
    waiting: int
    seconds: float
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A score in the gradebook that the answers do not earn; `stored` is None if there is none."""

    student: str
    assignment: str
    cell: str
    stored: float | None
    earned: float

    def __str__(self) -> str:
        """Say it in one sentence."""
        stored = "nothing" if self.stored is None else f"{self.stored:g}"
        return (
            f"{self.student}, {self.assignment}, {self.cell}: the gradebook has {stored},"
            f" the answers earn {self.earned:g}."
        )


# ---------------------------------------------------------------------------- what people call


def grade(  # noqa: PLR0913 - options by name
    course_root: Path | str,
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    progress: Progress | None = None,
    kernel_free: bool = True,
    notebooks: bool = True,
    feedback: bool = True,
) -> Graded:
    """Mark everything handed in and store it in nbgrader's gradebook.

    Args:
        course_root: the folder with `notebooks/`, `build/submitted/` and perhaps
            `nbgrader_config.py`.
        assignments: names to grade; by default all.
        students: names to grade; by default all.
        progress: is told how far it is.
        kernel_free: False runs the submitted notebooks in kernels, as nbgrader does. Slow, and a
            learner's code can forge its score there; `remark` shows that.
        notebooks: whether to write the marked notebooks that formgrader shows.
        feedback: whether to write each learner's feedback page.

    Raises:
        CourseError: when the course or the gradebook cannot be used at all. What is wrong with a
            single submission never raises; it is in `problems` and in `build/grading.log`.
    """
    started = time.perf_counter()
    course = open_course(course_root)
    names = _chosen(course, assignments)
    wanted = None if students is None else set(students)
    run = _Run(course, wanted, progress, notebooks=notebooks, feedback=feedback)
    with _gradebook(course) as book:
        if kernel_free:
            run.mark(book, names)
        else:
            run.execute(book, names)
    course.note(run.problems)
    seconds = time.perf_counter() - started
    return Graded(names, run.done, run.waiting, seconds, tuple(run.problems))


def write_feedback(
    course_root: Path | str,
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Graded:
    """Write the feedback pages again, with what people gave and said since, changing no mark.

    Takes, returns and raises what `grade` does; submissions not yet graded are left out.
    """
    started = time.perf_counter()
    course = open_course(course_root)
    names = _chosen(course, assignments)
    wanted = None if students is None else set(students)
    run = _Run(course, wanted, progress, notebooks=False, feedback=True, store=False)
    with _gradebook(course) as book:
        run.mark(book, names)
    course.note(run.problems)
    seconds = time.perf_counter() - started
    return Graded(names, run.done, run.waiting, seconds, tuple(run.problems))


def remark(
    course_root: Path | str,
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
) -> list[Difference]:
    """Mark everything again and name each score in the gradebook that the answers do not earn.

    Changes nothing. Points that a person gave are no differences. Raises `CourseError`.
    """
    course = open_course(course_root)
    wanted = None if students is None else set(students)
    marker = Marker(course.policy())
    found: list[Difference] = []
    with _gradebook(course) as book:
        for name in _chosen(course, assignments):
            known = book.assignment(name)
            if known is None:
                continue
            desk = _Desk(course, known, marker)
            for chunk in _chunks(course.submissions(name, wanted)):
                stored = {
                    (r.student, r.cell_id): r.auto
                    for r in book.rows([name], [student for student, _ in chunk])
                }
                for student, folder in chunk:
                    taken = desk.take(student, folder)
                    for cell, earned in taken.marked.points.items():
                        has = stored.get((student, cell))
                        if has != earned:
                            cell_ = desk.names[cell]
                            found.append(Difference(student, name, cell_, has, earned))
    return found


# ------------------------------------------------------------------------------ one assignment


@dataclass(frozen=True)
class _Taken:
    """A submission on the desk: who, from where, what it says and what it is worth."""

    student: str
    folder: Path
    submission: Submission
    works: dict[str, Work]
    marked: Marked
    problems: tuple[str, ...]


class _Desk:
    """One assignment ready to be marked: which cell is about which scenario, and the notebooks."""

    def __init__(self, course: Course, assignment: Assignment, marker: Marker) -> None:
        self.course = course
        self.assignment = assignment
        self.names = {c.id: c.name for n in assignment.notebooks for c in n.graded}
        self._marker = marker
        self._slugs = {n.id: slugs_of(n.cells) for n in assignment.notebooks}
        self._templates: dict[str, Template] = {}
        self._titles: dict[str, str] = {}
        self._asked = list(dict.fromkeys(s for own in self._slugs.values() for s in own.values()))

    @property
    def slugs(self) -> list[str]:
        """The scenarios with points, in the order of the notebooks' cells."""
        return self._asked

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the assignment itself."""
        for slug in self._asked:
            if fault := self._marker.fault(slug):
                yield f"{slug} earns nobody a point: {fault}"
        for notebook in self.assignment.notebooks:
            for cell in notebook.graded:
                if not cell.task and cell.name not in self._slugs[notebook.id]:
                    yield (
                        f"the cell {cell.name} earns nobody a point: it runs code of its own,"
                        f' expected score("..."); mend it, or set {KERNEL}=1'
                    )

    def take(self, student: str, folder: Path) -> _Taken:
        """Read and mark one submission."""
        submission = read_submission(folder)
        works = self._marker.works(submission.record.events, self._asked)
        points: dict[str, float] = {}
        for notebook in self.assignment.notebooks:
            cells = {c.name: c for c in notebook.graded if not c.task}
            maxima = {name: c.maximum for name, c in cells.items()}
            by_name = points_of(works, self._slugs[notebook.id], maxima)
            points |= {cells[name].id: value for name, value in by_name.items()}
        marked = Marked(student, submission.timestamp, points)
        return _Taken(student, folder, submission, works, marked, submission.problems)

    def write_notebooks(self, taken: _Taken) -> list[str]:
        """Write the marked notebooks and what is kept of the submission; return problems."""
        target = self.course.autograded / taken.student / self.assignment.name
        problems = carry(taken.folder, target)
        for notebook in self.assignment.notebooks:
            template = self._template(notebook)
            slugs = dict.fromkeys(slug for _, slug in template.holes)
            outputs = outputs_of(self._seen(taken, slugs), slugs)
            write(target / f"{notebook.name}.ipynb", template.fill(outputs))
        return problems

    def write_feedback(self, taken: _Taken, standing: Standing) -> list[str]:
        """Write the learner's page and what nbgrader's release of feedback needs."""
        target = self.course.feedback / taken.student / self.assignment.name
        for notebook in self.assignment.notebooks:
            sections = self._sections(notebook, taken.works, standing)
            html = page(taken.student, self._title(notebook), sections, standing.penalty)
            write(target / f"{notebook.name}.html", html)
        return carry(taken.folder, target, RELEASED)

    def _sections(
        self, notebook: Notebook, works: Mapping[str, Work], standing: Standing
    ) -> list[Section]:
        """Put what each scenario's cells have beside what is said about its answers."""
        slugs = self._slugs[notebook.id]
        given: dict[str, list[Given]] = {slug: [] for slug in slugs.values()}
        for cell in notebook.graded:
            if cell.name in slugs:
                given[slugs[cell.name]].append(standing.cells[cell.id])
        return [
            Section(
                title=works[slug].entry.scenario.title,
                points=sum(g.points for g in own),
                maximum=sum(g.maximum for g in own),
                waits=any(g.waits for g in own),
                explained=works[slug].explained,
                comments=tuple(g.comment for g in own if g.comment),
            )
            for slug, own in given.items()
            if slug in works
        ]

    def _title(self, notebook: Notebook) -> str:
        if notebook.name not in self._titles:
            book = read_notebook(
                self.course.source / self.assignment.name / f"{notebook.name}.ipynb"
            )
            about = book["metadata"].get("course", {}) if book else {}
            self._titles[notebook.name] = str(about.get("title", notebook.name))
        return self._titles[notebook.name]

    def _seen(self, taken: _Taken, slugs: Iterable[str]) -> dict[str, Work]:
        """Add scenarios that are asked without points."""
        missing = [s for s in slugs if s not in taken.works]
        return taken.works | self._marker.works(taken.submission.record.events, missing)

    def _template(self, notebook: Notebook) -> Template:
        if notebook.name not in self._templates:
            self._templates[notebook.name] = Template(
                course_version(self.course, self.assignment.name, notebook)
            )
        return self._templates[notebook.name]


def course_version(course: Course, assignment: str, notebook: Notebook) -> dict[str, object]:
    """Return the course's own version of a notebook, without outputs.

    The released one where it is what the gradebook knows, else the authored one.
    """
    name = f"{notebook.name}.ipynb"
    known = {c.name for c in notebook.cells}
    authored = read_notebook(course.source / assignment / name)
    for book in (read_notebook(course.release / assignment / name), authored):
        if book and {cell_name(c) for c in book["cells"]} - {""} == known:
            return restored(book, notebook.cells)
    return restored(authored, notebook.cells)


# ----------------------------------------------------------------------------------- all of them


@dataclass
class _Run:
    """One run over assignments: options, and what came of it so far."""

    course: Course
    students: set[str] | None
    progress: Progress | None
    notebooks: bool = True
    feedback: bool = True
    store: bool = True
    done: int = 0
    waiting: int = 0
    problems: list[Problem] = field(default_factory=list)

    def mark(self, book: Gradebook, names: Sequence[str]) -> None:
        """Mark the submissions of these assignments from their answers."""
        marker = Marker(self.course.policy())
        total = self._total(names)
        for name in names:
            known = self._known(book, name) if self.store else book.assignment(name)
            if known is None:
                continue
            desk = _Desk(self.course, known, marker)
            self._name(name, "", desk.problems())
            for chunk in _chunks(self.course.submissions(name, self.students)):
                self._chunk(book, desk, chunk)
                self._tell(self.done, total)

    def execute(self, book: Gradebook, names: Sequence[str]) -> None:
        """Let nbgrader run the submitted notebooks of these assignments in kernels."""
        total = self._total(names)
        for name in names:
            if self._known(book, name) is None:
                continue
            for student, _ in self.course.submissions(name, self.students):
                problem = _autograde(self.course, name, student)
                self._name(name, student, [problem] if problem else [])
                self.done += 1
                self._tell(self.done, total)
        rows = book.rows(names, self.students)
        self.waiting = sum(r.needs_person for r in rows)

    def _total(self, names: Sequence[str]) -> int:
        total = sum(1 for n in names for _ in self.course.submissions(n, self.students))
        self._tell(0, total)
        return total

    def _tell(self, done: int, total: int) -> None:
        if self.progress:
            self.progress(STEP, done, total)

    def _name(self, assignment: str, student: str, said: Iterable[str]) -> None:
        self.problems += [Problem(student, assignment, what) for what in said]

    def _known(self, book: Gradebook, name: str) -> Assignment | None:
        """Return the assignment as the gradebook knows it, after telling the gradebook of it."""
        known = book.assignment(name)
        changed = _changes(self.course, name, known)
        if not changed:
            return known
        if known and changed != {""} and book.students(name):
            said = (
                "cells were added or removed after submissions were graded"
                f" ({', '.join(sorted(changed - {''}))}); marks follow the gradebook's cells;"
                " give a changed module a new name"
            )
            self._name(name, "", [said])
            return known
        problem = _generate(self.course, name)
        self._name(name, "", [problem] if problem else [])
        return book.assignment(name)

    def _chunk(self, book: Gradebook, desk: _Desk, chunk: Sequence[tuple[str, Path]]) -> None:
        taken = []
        name = desk.assignment.name
        for student, folder in chunk:
            with self._guard(name, student):
                one = desk.take(student, folder)
                self._name(name, student, one.problems)
                taken.append(one)
        standings = self._stored(book, desk, taken)
        for one in taken:
            standing = standings.get(one.student)
            if standing is None:
                continue
            self.waiting += sum(g.waits for g in standing.cells.values())
            with self._guard(name, one.student):
                if self.notebooks:
                    self._name(name, one.student, desk.write_notebooks(one))
                if self.feedback:
                    desk.write_feedback(one, standing)
        self.done += len(chunk)

    def _stored(self, book: Gradebook, desk: _Desk, taken: Sequence[_Taken]) -> dict[str, Standing]:
        """Store marks; where one stops the others of its transaction, each gets its own."""
        if not self.store:
            return book.standings(desk.assignment, [t.student for t in taken])
        penalty = _late_plugin(self.course) if desk.assignment.due else None
        try:
            return book.store(desk.assignment, [t.marked for t in taken], penalty)
        except OperationalError as error:
            raise _busy(error) from error
        except (SQLAlchemyError, ValueError):
            standings: dict[str, Standing] = {}
            for one in taken:
                with self._guard(desk.assignment.name, one.student):
                    standings |= book.store(desk.assignment, [one.marked], penalty)
            return standings

    @contextmanager
    def _guard(self, assignment: str, student: str) -> Iterator[None]:
        """Keep whatever is wrong with one submission from stopping the others."""
        try:
            yield
        except OperationalError as error:
            raise _busy(error) from error
        except Exception as error:  # noqa: BLE001 - what others handed in may break in any way
            said = f"not graded: {type(error).__name__}: {error}"
            self._name(assignment, student, [said])


# ------------------------------------------------------------------------------------- nbgrader


def _changes(course: Course, name: str, known: Assignment | None) -> set[str]:
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


def _generate(course: Course, name: str) -> str | None:
    """Run nbgrader's own generate_assignment here; return what went wrong."""
    from nbgrader.converters import GenerateAssignment  # noqa: PLC0415 - takes seconds to load

    return _run(course, GenerateAssignment, name, None)


def _autograde(course: Course, name: str, student: str) -> str | None:
    """Run nbgrader's stock autograde, with its kernels, for one submission."""
    from nbgrader.converters import Autograde  # noqa: PLC0415 - takes seconds to load

    before = os.environ.get(KERNEL)
    os.environ[KERNEL] = "1"
    try:
        return _run(open_course(course.root), Autograde, name, student)
    finally:
        if before is None:
            del os.environ[KERNEL]
        else:
            os.environ[KERNEL] = before


def _run(course: Course, converter: type, name: str, student: str | None) -> str | None:
    import warnings  # noqa: PLC0415

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


def _late_plugin(course: Course) -> Penalty:
    """Return the course's plugin for late submissions, as nbgrader would make it."""
    from nbgrader.preprocessors import AssignLatePenalties  # noqa: PLC0415 - takes seconds to load

    step = AssignLatePenalties(config=course.config)
    step.init_plugin()
    penalty: Penalty = step.plugin_inst.late_submission_penalty
    return penalty


# ---------------------------------------------------------------------------------------- helpers


def _chosen(course: Course, assignments: Iterable[str] | None) -> tuple[str, ...]:
    known = course.assignments()
    if assignments is None:
        return known
    chosen = tuple(dict.fromkeys(assignments))
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise CourseError(
                f"No assignment is called {name!r} in {course.source};"
                f" there are {', '.join(known)}.{hint}"
            )
    return chosen


def _chunks(found: Iterable[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    rest = iter(found)
    while chunk := list(islice(rest, BATCH)):
        yield chunk


@contextmanager
def _gradebook(course: Course) -> Iterator[Gradebook]:
    try:
        with Gradebook(course.db_url, course.course_id) as book:
            yield book
    except SQLAlchemyError as error:
        raise _busy(error) from error


def _busy(error: SQLAlchemyError) -> CourseError:
    reason = str(error).splitlines()[0]
    if "locked" in reason:
        return CourseError(
            f"The gradebook is in use by another program for over {WAIT} seconds; what was stored"
            " before stays; close that program and run this again."
        )
    return CourseError(
        f"The gradebook cannot be used: {reason}. What was stored before stays; mend that and run"
        " this again."
    )
