"""A whole course run to look at: a simulated cohort, its grades, its feedback and the report."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from grading.cohort import Cohort, simulate
from grading.cohort.learners import SEED
from grading.course import CONFIG, CourseError, make_course
from grading.frame import of_course
from grading.nbgrader.batches import Progress
from grading.nbgrader.grade import grade
from grading.report import write_report
from grading.spreadsheet import question_csv
from grading.statistics import totals

MARKER = ".course-demo"
"""Tells a folder that `demo` made, and may make again, from anybody's own."""
_CONFIG = """\
from pathlib import Path

from grading.config import configure

configure(c, __file__)  # noqa: F821 - nbgrader's own name in its configuration files
# Simulated learners stay out of a real gradebook, whatever COURSE_DATABASE says.
database = Path(__file__).resolve().parent / "build" / "gradebook.db"
c.CourseDirectory.db_url = f"sqlite:///{database}?timeout=30"  # noqa: F821 - see above
"""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What `demo` made: where it is, and its numbers. `mean` is a share of all points."""

    folder: Path
    report: Path
    answers: Path
    feedback: Path
    cohort: Cohort
    mean: float
    seconds: float


def demo(
    out: Path = Path("course-demo"),
    learners: int = 30,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Demo:
    """Show a whole course run: a simulated cohort, its grades, its feedback and the report.

    `out` becomes an nbgrader course root of its own with the course's notebooks, so that every
    nbgrader command works in it. It is made anew if an earlier demo made it; any other folder
    with something in it is left alone with a `CourseError`.
    """
    began = time.monotonic()
    _make_room(out)
    (out / CONFIG).write_text(_CONFIG, "utf-8")
    course = make_course(out)
    cohort = simulate(out, learners, seed, progress)
    grade(out, progress=progress)
    frames = of_course(course)
    report, answers = out / "report.html", out / "answers.csv"
    write_report(out, report)
    answers.write_text(question_csv(frames), "utf-8", newline="")
    return Demo(
        folder=out,
        report=report,
        answers=answers,
        feedback=course.feedback,
        cohort=cohort,
        mean=float(totals(frames.scenarios).mean()),
        seconds=time.monotonic() - began,
    )


def _make_room(out: Path) -> None:
    if out.is_dir() and (out / MARKER).is_file():
        for made in ("build", "notebooks"):
            shutil.rmtree(out / made, ignore_errors=True)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CourseError(
            f"{out} holds something that no demo made; name an empty or a new folder with --out."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text("Made by `course demo`, which may replace it.\n", "utf-8")
