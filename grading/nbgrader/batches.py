"""One run over what was handed in: marked, stored and written in batches, whatever is in it.

What is wrong with a submission is named and stops no other. Everything can be run again at any
time, and after any interruption: nothing is there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from grading.config import WAIT
from grading.course import Course, CourseError, Problem, open_course
from grading.nbgrader.crew import crew
from grading.nbgrader.gradebook import Assignment, Gradebook, Standing
from grading.nbgrader.marking import Marker
from grading.nbgrader.stock import autograde, changes, generate, late_plugin, scored
from grading.nbgrader.tray import Taken, Tray
from grading.notebooks import NotebookError
from scenarios.catalogue import load_these, slugs
from scenarios.exam.blueprint import is_test
from scenarios.faults import ContentError, Fault

Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""
Chunk = list[tuple[str, Path]]
"""Some submissions of one assignment: student and folder."""
Piece = tuple[str, Chunk]
"""An assignment's name and some of its submissions."""
BATCH = 100
"""Submissions in one transaction, and in memory at once."""
STEP = "Submissions are marked"


@dataclass(frozen=True)
class Part:
    """What came of some submissions in a process of several."""

    done: int
    waiting: int
    problems: list[Problem]
    notes: list[Problem]


@dataclass
class Run:
    """One run over assignments: options, and what came of it so far."""

    course: Course
    students: set[str] | None
    progress: Progress | None
    notebooks: bool = True
    feedback: bool = True
    store: bool = True
    jobs: int = 1
    writing: AbstractContextManager[Any] = field(default_factory=nullcontext)
    done: int = 0
    waiting: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def mark(self, book: Gradebook, names: Sequence[str]) -> None:
        """Mark the submissions of these assignments from their answers."""
        check_content(self.course, book, names)
        marker = Marker(self.course.policy())
        total = self._total(names)
        with self._crew() as share_out:
            for name in names:
                known = self._known(book, name) if self.store else book.assignment(name)
                if known is None:
                    continue
                tray = Tray(self.course, known, marker)
                self._name(name, "", tray.problems())
                found = list(chunks(self.course.submissions(name, self.students)))
                if share_out and len(found) > 1:
                    for part in share_out((name, chunk) for chunk in found):
                        self._add(part)
                        self._tell(self.done, total)
                    continue
                for chunk in found:
                    self.chunk(book, tray, chunk)
                    self._tell(self.done, total)

    def execute(self, book: Gradebook, names: Sequence[str]) -> None:
        """Let nbgrader run the submitted notebooks of these assignments in kernels.

        Whether a person has something to mark follows from the answers here too.
        """
        check_content(self.course, book, names)
        marker = Marker(self.course.policy())
        total = self._total(names)
        for name in names:
            known = self._known(book, name)
            if known is None:
                continue
            tray = Tray(self.course, known, marker)
            for student, folder in self.course.submissions(name, self.students):
                problem = autograde(self.course, name, student)
                self._name(name, student, [problem] if problem else [])
                with self._guard(name, student):
                    penalty = late_plugin(self.course) if known.due else None
                    marked = replace(tray.take(student, folder).marked, points={})
                    book.store(known, [marked], penalty)
                self.done += 1
                self._tell(self.done, total)
        rows = book.rows(names, self.students)
        self.waiting = sum(r.needs_person for r in rows)

    @contextmanager
    def _crew(self) -> Iterator[Callable[[Iterable[Piece]], Iterable[Part]] | None]:
        """Give what shares work out to several processes, which begin when there is some."""
        if self.jobs == 1:
            yield None
            return
        options = {"notebooks": self.notebooks, "feedback": self.feedback, "store": self.store}
        with crew(self.jobs, _helper, str(self.course.root), options) as share_out:
            yield share_out

    def _add(self, part: Part) -> None:
        self.done += part.done
        self.waiting += part.waiting
        self.problems += part.problems
        self.notes += part.notes

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
        changed = changes(self.course, name, known)
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
        problem = generate(self.course, name)
        self._name(name, "", [problem] if problem else [])
        return book.assignment(name)

    def chunk(self, book: Gradebook, tray: Tray, chunk: Chunk) -> None:
        """Mark, store and write some submissions."""
        taken = []
        name = tray.assignment.name
        for student, folder in chunk:
            with self._guard(name, student):
                one = tray.take(student, folder)
                self._name(name, student, one.problems)
                self.notes += [Problem(student, name, said) for said in one.notes]
                taken.append(one)
        standings = self._stored(book, tray, taken)
        for one in taken:
            standing = standings.get(one.student)
            if standing is None:
                continue
            self.waiting += sum(g.waits for g in standing.cells.values())
            with self._guard(name, one.student):
                if self.notebooks:
                    self._name(name, one.student, tray.write_notebooks(one))
                if self.feedback:
                    tray.write_feedback(one, standing)
        self.done += len(chunk)

    def _stored(self, book: Gradebook, tray: Tray, taken: Sequence[Taken]) -> dict[str, Standing]:
        """Store marks; where one stops the others of its transaction, each gets its own."""
        if not self.store:
            return book.standings(tray.assignment, [t.student for t in taken])
        penalty = late_plugin(self.course) if tray.assignment.due else None
        try:
            with self.writing:
                return book.store(tray.assignment, [t.marked for t in taken], penalty)
        except OperationalError as error:
            raise busy(error) from error
        except (SQLAlchemyError, ValueError):
            standings: dict[str, Standing] = {}
            for one in taken:
                with self._guard(tray.assignment.name, one.student), self.writing:
                    standings |= book.store(tray.assignment, [one.marked], penalty)
            return standings

    @contextmanager
    def _guard(self, assignment: str, student: str) -> Iterator[None]:
        """Keep whatever is wrong with one submission from stopping the others."""
        try:
            yield
        except OperationalError as error:
            raise busy(error) from error
        except Exception as error:  # noqa: BLE001 - what others handed in may break in any way
            said = f"not graded: {type(error).__name__}: {error}"
            self._name(assignment, student, [said])


def _helper(
    root: str, options: dict[str, Any], lock: AbstractContextManager[Any]
) -> Callable[[Piece], Part]:
    """Open the course and the gradebook in a process of several; return what marks there."""
    course = open_course(root)
    book = Gradebook(course.db_url, course.course_id)
    marker = Marker(course.policy())
    trays: dict[str, Tray] = {}

    def work(piece: Piece) -> Part:
        name, chunk = piece
        if name not in trays:
            known = book.assignment(name)
            if known is None:
                raise CourseError(f"{name} is no longer in the gradebook; run this again.")
            trays[name] = Tray(course, known, marker)
        run = Run(course, None, None, writing=lock, **options)
        run.chunk(book, trays[name], chunk)
        return Part(run.done, run.waiting, run.problems, run.notes)

    return work


def trays(course: Course, book: Gradebook, names: Sequence[str]) -> Iterator[Tray]:
    """Yield a tray for each of these assignments that the gradebook has.

    Raises `ContentError` before the first one when the policy or a scenario has faults.
    """
    check_content(course, book, names)
    marker = Marker(course.policy())
    for known in filter(None, map(book.assignment, names)):
        yield Tray(course, known, marker)


def check_content(course: Course, book: Gradebook, names: Iterable[str]) -> None:
    """Raise `ContentError` with every fault of what these assignments are marked by.

    That is the policy, and the scenarios of their cells and of their tests' pools. A slip of an
    author's must not take a class its points: nothing is marked until it is mended.
    """
    wanted = dict.fromkeys(s for n in names for s in scored(course, n, book.assignment(n)))
    pools = tuple(f"{s}/" for s in wanted if is_test(s))
    scenarios = [s for s in wanted if not is_test(s)]
    scenarios += [s for s in slugs() if pools and s.startswith(pools)]
    faults: list[Fault] = []
    for read in (course.policy, lambda: load_these(scenarios)):
        try:
            read()
        except ContentError as error:
            faults += error.faults
    if faults:
        found = ContentError(faults)
        found.add_note("Nothing was marked, every score stays: mend this and run it again.")
        raise found


def chunks(found: Iterable[tuple[str, Path]]) -> Iterator[Chunk]:
    """Yield submissions in batches, each for one transaction."""
    rest = iter(found)
    while chunk := list(islice(rest, BATCH)):
        yield chunk


@contextmanager
def gradebook(course: Course) -> Iterator[Gradebook]:
    """Open the gradebook; whatever it does not allow is a `CourseError`."""
    try:
        with Gradebook(course.db_url, course.course_id) as book:
            yield book
    except NotebookError as error:
        raise CourseError(str(error)) from error
    except SQLAlchemyError as error:
        raise busy(error) from error


def busy(error: SQLAlchemyError) -> CourseError:
    """Say what the gradebook does not allow, and that nothing stored is lost."""
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
