"""What an instructor's notebook needs: whose course it works on, and results as tables."""

from __future__ import annotations

import os
from dataclasses import asdict, is_dataclass
from pathlib import Path

import pandas as pd

from grading.config import SOURCE
from grading.course import CONFIG, Course, open_course
from grading.demo import MARKER, demo
from grading.report.phrases import count

VARIABLE = "COURSE_ROOT"
FOLDER = "course-demo"


def told(found: object, otherwise: str) -> pd.DataFrame | str:
    """Return a result of `grading.statistics` as a table; where there is none, words say so."""
    if not is_dataclass(found) or isinstance(found, type):
        return otherwise
    return pd.DataFrame([asdict(found)], index=[""])


def course_of(root: Path | str | None = None) -> Course:
    """Return the course in `root`, else the one `COURSE_ROOT` names, the one around us, or a demo.

    The course around us is the nearest folder, from here upwards, to which something was handed in.
    The demo is `course-demo` here or one folder up; without one it is made, in half a minute, by
    thirty simulated learners. Raises `CourseError` for a folder without a course.
    """
    named = root or os.environ.get(VARIABLE)
    return open_course(named) if named else _around(Path.cwd()) or _demo(Path.cwd())


def whose(course: Course) -> str:
    """Say whose answers a notebook works on: where the course lies, and how many handed in what."""
    if (course.root / MARKER).is_file():
        who = "simulated learners, made by `course demo`"
    else:
        learners, submissions = _handed_in(course)
        who = f"{count(submissions, 'submission')} of {count(learners, 'learner')}"
    return f"{course.root}: {who}."


def _around(here: Path) -> Course | None:
    roots = (place for place in (here, *here.parents) if _is_root(place))
    return next((c for c in map(open_course, roots) if _handed_in(c)[1]), None)


def _is_root(place: Path) -> bool:
    """Tell whether this course lies here: above it may be another one of nbgrader's."""
    return (place / CONFIG).is_file() and any((place / SOURCE).glob("*/*.ipynb"))


def _demo(here: Path) -> Course:
    near = [here / FOLDER, here.parent / FOLDER]
    made = next((p for p in near if (p / MARKER).is_file()), None)
    return open_course(made or demo(near[here == Path(__file__).parent]).folder)


def _handed_in(course: Course) -> tuple[int, int]:
    """Return how many learners handed something in, and how many submissions that makes."""
    found = [student for a in course.assignments() for student, _ in course.submissions(a)]
    return len(set(found)), len(found)
