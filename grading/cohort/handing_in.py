"""Simulated learners answer every assignment of a course and hand it in as real ones do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from grading.cohort.answering import Rng
from grading.cohort.learners import SEED, Learner, cohort_of
from grading.cohort.session import evaluated, practice, sat
from grading.course import Course, CourseError, open_course
from grading.exam.frame import sat_in
from grading.frame import asked
from grading.nbgrader.batches import Progress
from scenarios.answers import FILE, Event, append

START = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
"""The first morning of the simulated class."""
DAYS = 12


@dataclass(frozen=True)
class Cohort:
    """Who handed in what, and how many lines of the records are torn."""

    learners: tuple[Learner, ...]
    assignments: tuple[str, ...]
    submissions: int
    torn: int


def simulate(
    course_root: Path,
    learners: int = 30,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Cohort:
    """Let simulated learners answer and hand in every assignment of a course root.

    They hand in the released notebooks where there are any, else the authored ones. Raises
    `CourseError` without notebooks, and before anything already handed in would be touched.
    """
    course = open_course(course_root)
    known = sat_in(course)
    assignments = {a: entries for a, entries in asked(course).items() if entries or known[a]}
    people = cohort_of(learners, seed)
    taken = [p.id for p in people if (course.submitted / p.id).exists()]
    if taken:
        raise CourseError(
            f"{taken[0]} has already handed in under {course.submitted};"
            " choose another folder, simulated answers never replace others."
        )
    torn = 0
    for done, learner in enumerate(people, start=1):
        for n, (assignment, entries) in enumerate(assignments.items()):
            rng = np.random.default_rng([seed, done, n])
            day = START + timedelta(days=int(rng.integers(DAYS)), hours=float(rng.uniform(0, 14)))
            events = practice(learner, entries, day, rng, course.policy())
            for test in known[assignment]:
                events += sat(learner, test, day, rng, course.policy())
            if any(test.scored for test in known[assignment]):
                # Draws of its own, so that no other answer depends on how the course is found.
                own = np.random.default_rng([seed, done, n, 1])
                events += evaluated(learner, events[-1].time, own, course.policy())
            folder = course.submitted / learner.id / assignment
            torn += _hand_in(folder, _notebooks(course, assignment), events, day, rng)
        if progress:
            progress("Learners answer", done, len(people))
    return Cohort(people, tuple(assignments), len(people) * len(assignments), torn)


def _notebooks(course: Course, assignment: str) -> list[Path]:
    names = [f"{name}.ipynb" for name in course.notebooks(assignment)]
    released = [course.release / assignment / name for name in names]
    authored = [course.source / assignment / name for name in names]
    return released if all(path.is_file() for path in released) else authored


def _hand_in(
    folder: Path, notebooks: Iterable[Path], events: Sequence[Event], start: datetime, rng: Rng
) -> int:
    """Make a submission as nbgrader's exchange would; return how many torn lines it has."""
    folder.mkdir(parents=True)
    for notebook in notebooks:
        shutil.copyfile(notebook, folder / notebook.name)
    cut = int(rng.integers(1, len(events))) if len(events) > 1 and rng.random() < 0.1 else 0  # noqa: PLR2004 - one in ten
    append(folder / FILE, events[:cut] if cut else events)
    if cut:  # the power fails in the middle of a line, and the course goes on after it
        line = json.dumps({"v": 1, **asdict(events[cut])})
        with (folder / FILE).open("a", encoding="utf-8") as record:
            record.write(line[: len(line) // 2])
        append(folder / FILE, events[cut:])
    last = datetime.fromisoformat(events[-1].time) if events else start
    stamp = (last + timedelta(minutes=3)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    (folder / "timestamp.txt").write_text(stamp + "\n", "utf-8")
    return int(cut > 0)
