"""Grading: `nbgrader autograde` with its kernels beside `course grade`, on the same submissions.

Thirty simulated learners hand in one module of the course. Both grade them in the same run, each
into its own copy of the course, and every score is compared. Then `course grade` alone grades 100,
1,000 and 10,000. Run: `python tests/bench/grade.py [--quick] [LEARNERS]`; `--quick` grades 100
alone and nothing else.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from grading.cohort import simulate
from grading.course import make_course
from grading.grade import grade
from scenarios.workspace import source

MODULE = "06_reviews"
NBGRADER = Path(sysconfig.get_path("scripts")) / "nbgrader"
SCORES = """
SELECT s.student_id, b.name, g.auto_score, g.needs_manual_grade FROM grade g
JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook m ON m.id = g.notebook_id
JOIN submitted_assignment s ON s.id = m.assignment_id ORDER BY 1, 2
"""
ROUNDS = 3
SIMULATED = 500
MEASURED = """
import resource, sys
from grading.grade import grade
done = grade(sys.argv[1])
print(done.submissions, done.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def scores(root: Path) -> list[tuple[object, ...]]:
    base = sqlite3.connect(root / "build" / "gradebook.db")
    try:
        return list(base.execute(SCORES))
    finally:
        base.close()


def timed(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def command(root: Path, *words: str | Path, **more: str) -> None:
    subprocess.run(
        words,
        cwd=root,
        check=True,
        env={**os.environ, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def graded(root: Path, *, written: bool) -> float:
    """Seconds that one grading takes, with nothing there yet; the shortest of some."""

    def afresh() -> float:
        for step in ("autograded", "feedback"):
            shutil.rmtree(root / "build" / step, ignore_errors=True)
        base = sqlite3.connect(root / "build" / "gradebook.db")
        for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
            base.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words
        base.commit()
        base.close()
        return timed(lambda: grade(root, notebooks=written, feedback=written))

    return min(afresh() for _ in range(ROUNDS))


def main(learners: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        stock, ours = Path(place, "stock"), Path(place, "ours")
        origin = Path(place, "notebooks")
        shutil.copytree(source() / MODULE, origin / MODULE)
        make_course(stock, origin)
        simulate(stock, learners)
        grade(stock, students=["nobody"])  # makes the gradebook and generates the module
        shutil.copytree(stock, ours)

        start_stock = timed(lambda: command(stock, NBGRADER, "--version"))
        whole_stock = timed(
            lambda: command(stock, NBGRADER, "autograde", MODULE, COURSE_KERNEL="1")
        )
        words = (sys.executable, "-m", "grading.cli", "grade")
        whole_ours = timed(lambda: command(ours, *words))
        assert scores(stock) == scores(ours), "the two routes gave different scores"
        full, marks = graded(ours, written=True), graded(ours, written=False)
        found = scores(ours)
        assert scores(stock) == found, "the two routes gave different scores"

    each_stock = (whole_stock - start_stock) / learners
    print(f"{learners} submissions of {MODULE}: {len(found)} scores, all identical")
    print(f"{'':52}{'seconds':>9}{'ms each':>9}")
    for what, seconds, each in (
        ("nbgrader autograde, whole command", whole_stock, None),
        ("  without its start", whole_stock - start_stock, each_stock),
        ("course grade, whole command", whole_ours, None),
        ("  without its start (best of 3): all is written", full, full / learners),
        ("  without its start (best of 3): marks alone", marks, marks / learners),
    ):
        shown = "" if each is None else f"{each * 1000:9.1f}"
        print(f"{what:52}{seconds:9.2f}{shown}")
    print(
        f"ratio per submission: {each_stock * learners / full:.0f} with notebooks and feedback,"
        f" {each_stock * learners / marks:.0f} for marks alone;"
        f" whole commands: {whole_stock / whole_ours:.0f}"
    )


def alone(sizes: Sequence[int]) -> None:
    """Grade ever larger classes, each in a process of its own, whose peak memory is measured."""
    print(f"\n{'course grade alone':24}{'seconds':>9}{'a second':>9}{'peak MB':>9}{'ms each':>9}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place, "course")
            prepared(root, Path(place, "notebooks"), size)
            done = subprocess.run(
                [sys.executable, "-c", MEASURED, root], check=True, capture_output=True, text=True
            )
        submissions, seconds, peak = map(float, done.stdout.split())
        assert submissions == size
        print(
            f"{size:<24,}{seconds:9.2f}{size / seconds:9.0f}{peak / 1024:9.0f}"
            f"{seconds / size * 1000:9.2f}",
            flush=True,
        )


def prepared(root: Path, origin: Path, learners: int) -> None:
    """A course that the gradebook knows; up to 500 learners are simulated, then handed in again."""
    shutil.copytree(source() / MODULE, origin / MODULE)
    make_course(root, origin)
    simulate(root, min(learners, SIMULATED))
    submitted = root / "build" / "submitted"
    first = sorted(p for p in submitted.iterdir() if (p / MODULE).is_dir())
    for n in range(len(first), learners):
        shutil.copytree(first[n % len(first)] / MODULE, submitted / f"more-{n:05}" / MODULE)
    grade(root, students=["nobody"])


if __name__ == "__main__":
    words = [w for w in sys.argv[1:] if w != "--quick"]
    if "--quick" in sys.argv:
        alone([100])
    else:
        main(int(words[0]) if words else 30)
        alone([100, 1_000, 10_000])
