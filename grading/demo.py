"""A whole course run to look at: a simulated cohort, its grades, its feedback and the report."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from grading.cohort import Cohort, simulate
from grading.cohort.learners import SEED
from grading.course import CONFIG, Course, CourseError, make_course
from grading.exam.certificate import certify
from grading.exam.listing import ENCODING, as_csv
from grading.exam.roster import roster
from grading.frame import of_course
from grading.nbgrader.batches import Progress
from grading.nbgrader.grade import grade
from grading.report import write_report
from grading.spreadsheet import question_csv
from grading.statistics import totals
from scenarios.profile import FILE as LEARNER

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
    """What `demo` made: where it is, and its numbers. `mean` is a share of all points.

    `trained` lists who has completed the course, which are `completed` learners; `certificate` is
    that of the first of them.
    """

    folder: Path
    report: Path
    answers: Path
    feedback: Path
    trained: Path
    completed: int
    certificate: Path | None
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
    report, answers, trained = out / "report.html", out / "answers.csv", out / "completion.csv"
    write_report(out, report)
    answers.write_text(question_csv(frames), "utf-8", newline="")
    listed = list(roster(course))
    trained.write_text(as_csv(listed), ENCODING, newline="")
    done = [t.learner for t in listed if t.done.whole]
    return Demo(
        folder=out,
        report=report,
        answers=answers,
        feedback=course.feedback,
        trained=trained,
        completed=len(done),
        certificate=certified(course, done[0]) if done else None,
        cohort=cohort,
        mean=float(totals(frames.scenarios).mean()),
        seconds=time.monotonic() - began,
    )


def certified(course: Course, learner: str) -> Path:
    """Make the certificate of one who completed the course, as it is made in their own folder."""
    folder = course.submitted / learner
    (folder / LEARNER).write_text(json.dumps({"id": learner}), "utf-8")
    return certify(folder, f"Simulated {learner}", "", course.policy())


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
