"""The instructor's wait at 1,000 submissions: opening the report's data and the marking queue.

Every learner's reply is given words of its own, because answers that are alike are compared once.
nbgrader's formgrader, measured on as many submissions, takes 1.4 s for each "next". Run:
`python tests/bench/instructor.py [LEARNERS]`; the last line has the ratio of one step at the desk
to one step there.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np

from grading.cohort import simulate
from grading.course import Course, make_course
from grading.frame import of_course
from grading.manual.marked import places
from grading.manual.session import Session
from grading.nbgrader.grade import grade
from grading.report import write_report
from scenarios.answers import FILE, append, read
from scenarios.workspace import source

MODULE = "06_reviews"
NEXT = 1.4
"""Seconds of one step in formgrader."""
STEPS = 10
WORDS = 90
"""Words of one part of a reply."""


def timed(name: str, what: Callable[[], Any]) -> Any:  # noqa: ANN401 - gives back what it is given
    start = time.perf_counter()
    result = what()
    print(f"{name:<34}{time.perf_counter() - start:8.2f} s")
    return result


def write_differently(course: Course, slug: str) -> None:
    """Replace what everybody wrote to a scenario by as many words drawn at random."""
    rng = np.random.default_rng(WORDS)

    def text() -> str:
        return " ".join(f"{n:x}" for n in rng.integers(2000, size=WORDS))

    for _, folder in course.submissions(MODULE):
        events = read(folder / FILE).events
        (folder / FILE).unlink()
        append(
            folder / FILE,
            (
                replace(e, answer={part: text() for part in e.answer})
                if e.scenario == slug and isinstance(e.answer, dict)
                else e
                for e in events
            ),
        )


def main(learners: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        origin = Path(place, "notebooks")
        copytree(source() / MODULE, origin / MODULE)
        course = make_course(Path(place, "course"), origin)
        simulate(course.root, learners)
        asked = places(course)[0]
        write_differently(course, asked.slug)
        grade(course.root, notebooks=False, feedback=False)
        print(f"{learners:,} submissions of one module")
        timed("marking their answers to tables", lambda: of_course(course))
        timed("the whole report", lambda: write_report(course.root, Path(place, "report.html")))

        def first() -> Session:
            opened = Session(course, asked, "Kim")
            opened.next()
            return opened

        session = timed("opening the marking queue", first)
        lines = {c.id: 1.0 for c in session.question.rubric}
        start = time.perf_counter()
        for _ in range(STEPS):
            task = session.next()
            assert task is not None
            session.save(task, lines, [], "Good.")
        step = (time.perf_counter() - start) / STEPS
        print(f"{'saving a mark and showing the next':<34}{step:8.3f} s")
        print(f"a step takes {step / NEXT:.3f} of formgrader's {NEXT} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
