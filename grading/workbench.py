"""What an instructor's notebook needs: the course that was named or a demo, results as tables."""

from __future__ import annotations

import os
from dataclasses import asdict, is_dataclass
from pathlib import Path

import pandas as pd

from grading.course import Course, open_course
from grading.demo import MARKER, demo

VARIABLE = "COURSE_ROOT"
FOLDER = "course-demo"


def told(found: object, otherwise: str) -> pd.DataFrame | str:
    """Return a result of `grading.statistics` as a table; where there is none, words say so."""
    if not is_dataclass(found) or isinstance(found, type):
        return otherwise
    return pd.DataFrame([asdict(found)], index=[""])


def course_of(root: Path | str | None = None) -> Course:
    """Return the course in `root`, else in the folder that `COURSE_ROOT` names, else a demo.

    The demo is `course-demo` here or one folder up; without one it is made, in half a minute, by
    thirty simulated learners. Raises `CourseError` for a folder without a course.
    """
    named = root or os.environ.get(VARIABLE)
    if named:
        return open_course(named)
    near = [Path.cwd() / FOLDER, Path.cwd().parent / FOLDER]
    made = next((p for p in near if (p / MARKER).is_file()), None)
    return open_course(made or demo(near[Path.cwd() == Path(__file__).parent]).folder)
