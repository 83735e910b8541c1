"""Grading in bulk: what `nbgrader autograde` does, without kernels.

Marks come from the answers in each submission, the course's own bank and the policy, and from
nothing else that was handed in. The same rows reach the gradebook as on nbgrader's own route.
Everything can be run again at any time, and after any interruption: nothing is there twice.
"""

from __future__ import annotations

import difflib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import connection
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from grading.config import WAIT
from grading.course import Course, CourseError, Problem, open_course
from grading.gradebook import Assignment, Gradebook, Standing
from grading.marking import Marker
from grading.notebooks import NotebookError
from grading.stock import autograde, changes, generate, late_plugin
from grading.tray import Taken, Tray

Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""
BATCH = 100
"""Submissions in one transaction, and in memory at once."""
STEP = "Submissions are marked"


@dataclass(frozen=True)
class Graded:
    """What was done: how many submissions of which assignments, and what was wrong with some.

    `waiting` counts cells that a person has to mark; `seconds` is the time it took; `notes` say
    which receipts fit their records.
    """

    assignments: tuple[str, ...]
    submissions: int
    waiting: int
    seconds: float
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


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
    jobs: int = 1,
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
        jobs: processes that mark and write; one at a time writes to the gradebook.

    Raises:
        CourseError: when the course or the gradebook cannot be used at all. What is wrong with a
            single submission never raises; it is in `problems` and in `build/grading.log`.
        ContentError: when the practice's policy has faults.
    """
    started = time.perf_counter()
    course = open_course(course_root)
    names = chosen(course, assignments)
    wanted = None if students is None else set(students)
    run = _Run(course, wanted, progress, notebooks=notebooks, feedback=feedback, jobs=jobs)
    with gradebook(course) as book:
        if kernel_free:
            run.mark(book, names)
        else:
            run.execute(book, names)
    course.note([*run.problems, *run.notes])
    seconds = time.perf_counter() - started
    return Graded(names, run.done, run.waiting, seconds, tuple(run.problems), tuple(run.notes))


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
    names = chosen(course, assignments)
    wanted = None if students is None else set(students)
    run = _Run(course, wanted, progress, notebooks=False, feedback=True, store=False)
    with gradebook(course) as book:
        run.mark(book, names)
    course.note([*run.problems, *run.notes])
    seconds = time.perf_counter() - started
    return Graded(names, run.done, run.waiting, seconds, tuple(run.problems), tuple(run.notes))


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
    with gradebook(course) as book:
        for name in chosen(course, assignments):
            known = book.assignment(name)
            if known is None:
                continue
            tray = Tray(course, known, marker)
            for chunk in chunks(course.submissions(name, wanted)):
                stored = {
                    (r.student, r.cell_id): r.auto
                    for r in book.rows([name], [student for student, _ in chunk])
                }
                for student, folder in chunk:
                    taken = tray.take(student, folder)
                    for cell, earned in taken.marked.points.items():
                        has = stored.get((student, cell))
                        if has != earned:
                            cell_ = tray.names[cell]
                            found.append(Difference(student, name, cell_, has, earned))
    return found


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
    jobs: int = 1
    writing: AbstractContextManager[Any] = field(default_factory=nullcontext)
    done: int = 0
    waiting: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def mark(self, book: Gradebook, names: Sequence[str]) -> None:
        """Mark the submissions of these assignments from their answers."""
        marker = Marker(self.course.policy())
        total = self._total(names)
        for name in names:
            known = self._known(book, name) if self.store else book.assignment(name)
            if known is None:
                continue
            tray = Tray(self.course, known, marker)
            self._name(name, "", tray.problems())
            found = chunks(self.course.submissions(name, self.students))
            if self.jobs > 1:
                self._share_out(name, found, total)
                continue
            for chunk in found:
                self.chunk(book, tray, chunk)
                self._tell(self.done, total)

    def execute(self, book: Gradebook, names: Sequence[str]) -> None:
        """Let nbgrader run the submitted notebooks of these assignments in kernels."""
        total = self._total(names)
        for name in names:
            if self._known(book, name) is None:
                continue
            for student, _ in self.course.submissions(name, self.students):
                problem = autograde(self.course, name, student)
                self._name(name, student, [problem] if problem else [])
                self.done += 1
                self._tell(self.done, total)
        rows = book.rows(names, self.students)
        self.waiting = sum(r.needs_person for r in rows)

    def _share_out(self, name: str, found: Iterable[list[tuple[str, Path]]], total: int) -> None:
        """Let several processes do the chunks of an assignment that the gradebook knows."""
        context = multiprocessing.get_context("spawn")
        options: dict[str, Any] = {
            "notebooks": self.notebooks,
            "feedback": self.feedback,
            "store": self.store,
        }
        begin = (str(self.course.root), name, options, context.Lock())
        with ProcessPoolExecutor(
            self.jobs, mp_context=context, initializer=_begin, initargs=begin
        ) as pool:
            try:
                for part in pool.map(_work, found):
                    self.done += part.done
                    self.waiting += part.waiting
                    self.problems += part.problems
                    self.notes += part.notes
                    self._tell(self.done, total)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

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

    def chunk(self, book: Gradebook, tray: Tray, chunk: Sequence[tuple[str, Path]]) -> None:
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
            raise _busy(error) from error
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
            raise _busy(error) from error
        except Exception as error:  # noqa: BLE001 - what others handed in may break in any way
            said = f"not graded: {type(error).__name__}: {error}"
            self._name(assignment, student, [said])


# ------------------------------------------------------------------------- one of several processes


@dataclass(frozen=True)
class _Part:
    """What came of some submissions in another process."""

    done: int
    waiting: int
    problems: list[Problem]
    notes: list[Problem]


_worker: Callable[[Sequence[tuple[str, Path]]], _Part]
"""What this process does with some submissions, once it has begun."""


def _begin(
    root: str, name: str, options: dict[str, Any], lock: AbstractContextManager[Any]
) -> None:
    """Open the course and the gradebook in a process of several."""
    global _worker  # noqa: PLW0603 - a process of a pool has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends all of them
    parent = multiprocessing.parent_process()
    if parent is not None:  # a killed one cannot
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    course = open_course(root)
    book = Gradebook(course.db_url, course.course_id)
    known = book.assignment(name)
    if known is None:
        raise CourseError(f"{name} is no longer in the gradebook; run this again.")
    tray = Tray(course, known, Marker(course.policy()))

    def work(chunk: Sequence[tuple[str, Path]]) -> _Part:
        run = _Run(course, None, None, writing=lock, **options)
        run.chunk(book, tray, chunk)
        return _Part(run.done, run.waiting, run.problems, run.notes)

    _worker = work


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _work(chunk: Sequence[tuple[str, Path]]) -> _Part:
    return _worker(chunk)


# ---------------------------------------------------------------------------------------- helpers


def chosen(course: Course, assignments: Iterable[str] | None) -> tuple[str, ...]:
    """Return the assignments of these names, or all; raises `CourseError` for an unknown one."""
    known = course.assignments()
    if assignments is None:
        return known
    named = tuple(dict.fromkeys(assignments))
    for name in named:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise CourseError(
                f"No assignment is called {name!r} in {course.source};"
                f" there are {', '.join(known)}.{hint}"
            )
    return named


def chunks(found: Iterable[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    """Yield (student, folder) in batches, each for one transaction."""
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
