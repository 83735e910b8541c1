"""Grading in bulk: what `nbgrader autograde` does, without kernels.

Marks come from the answers in each submission, the course's own bank and the policy, and from
nothing else that was handed in. The same rows reach the gradebook as on nbgrader's own route.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.alike import alike
from grading.course import Course, CourseError, Problem, open_course
from grading.nbgrader.batches import Progress, Run, chunks, gradebook, trays
from grading.nbgrader.strays import near, strays
from scenarios.answers import FILE


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
    around: bool = True,
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
        around: whether to name what lies among the submissions where nothing is read.

    Raises:
        CourseError: when the course or the gradebook cannot be used at all. What is wrong with a
            single submission never raises; it is in `problems` and in `build/grading.log`.
        ContentError: when the policy or a scenario has faults, before anything is marked.
    """
    started = time.perf_counter()
    course = open_course(course_root)
    names = chosen(course, assignments)
    wanted = of_these(course, names, students)
    run = Run(course, wanted, progress, notebooks=notebooks, feedback=feedback, jobs=jobs)
    with gradebook(course) as book:
        if kernel_free:
            run.mark(book, names)
        else:
            run.execute(book, names)
    if around:
        run.problems += strays(course, wanted)
    run.problems += _copied(course, names, wanted)
    return _noted(run, names, started)


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
    wanted = of_these(course, names, students)
    run = Run(course, wanted, progress, notebooks=False, feedback=True, store=False)
    with gradebook(course) as book:
        run.mark(book, names)
    return _noted(run, names, started)


def _noted(run: Run, names: tuple[str, ...], started: float) -> Graded:
    """Put what was wrong into the grading log, and return what was done since `started`."""
    run.course.note([*run.problems, *run.notes])
    seconds = time.perf_counter() - started
    return Graded(names, run.done, run.waiting, seconds, tuple(run.problems), tuple(run.notes))


def remark(
    course_root: Path | str,
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
) -> list[Difference]:
    """Mark everything again and name each score in the gradebook that the answers do not earn.

    Changes nothing. Points that a person gave are no differences. Raises what `grade` raises.
    """
    course = open_course(course_root)
    names = chosen(course, assignments)
    wanted = of_these(course, names, students)
    found: list[Difference] = []
    with gradebook(course) as book:
        for tray in trays(course, book, names):
            name = tray.assignment.name
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


def together(parts: Sequence[Graded]) -> Graded:
    """Return several runs as one."""
    return Graded(
        assignments=tuple(dict.fromkeys(name for p in parts for name in p.assignments)),
        submissions=sum(p.submissions for p in parts),
        waiting=sum(p.waiting for p in parts),
        seconds=sum(p.seconds for p in parts),
        problems=tuple(problem for p in parts for problem in p.problems),
        notes=tuple(note for p in parts for note in p.notes),
    )


def chosen(course: Course, assignments: Iterable[str] | None) -> tuple[str, ...]:
    """Return the assignments of these names, or all; raises `CourseError` for an unknown one."""
    known = course.assignments()
    if assignments is None:
        return known
    named = tuple(dict.fromkeys(assignments))
    for name in named:
        if name not in known:
            raise CourseError(
                f"No assignment is called {name!r} in {course.source};"
                f" there are {', '.join(known)}.{near(name, known)}"
            )
    return named


def of_these(
    course: Course, assignments: Iterable[str], students: Iterable[str] | None
) -> set[str] | None:
    """Return the students of these names, None for all; raises `CourseError` for an unknown one."""
    if students is None:
        return None
    named = set(students)
    handed_in = {s for name in assignments for s, _ in course.submissions(name)}
    for name in sorted(named - handed_in):
        raise CourseError(
            f"Nothing of a learner {name!r} is in {course.submitted}: collect it first, or give"
            f" the name as the folder has it.{near(name, handed_in)}"
        )
    return named


def nothing_handed_in(course_root: Path | str, assignments: Iterable[str] | None = None) -> str:
    """Say where submissions were looked for and how they get there; nothing if there are some."""
    course = open_course(course_root)
    names = chosen(course, assignments)
    if any(next(course.submissions(name), None) for name in names):
        return ""
    return (
        f"Nothing was handed in: no folder LEARNER/MODULE lies in {course.submitted}, as"
        f" LEARNER/{names[0]}. 'nbgrader collect MODULE' fetches what was submitted through the"
        " exchange, 'nbgrader zip_collect MODULE' sorts a download of a learning platform in, and"
        " folders can be put there by hand."
    )


def _copied(course: Course, names: Iterable[str], wanted: set[str] | None) -> Iterator[Problem]:
    """Name every record that is another learner's, byte for byte."""
    shared = alike({name: course.submissions(name) for name in names})
    for learners, assignments in shared.items():
        for student in learners if wanted is None else sorted(wanted.intersection(learners)):
            others = [name for name in learners if name != student]
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""  # noqa: PLR2004 - enough
            said = f"{FILE} is, byte for byte, that of {', '.join(others[:3])}{more}"
            yield from (Problem(student, name, said) for name in assignments)
