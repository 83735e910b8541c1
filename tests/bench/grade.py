"""Grading: `nbgrader autograde` with its kernels beside `course grade`, on the same submissions.

Thirty simulated learners hand in one module of the course. Both grade them in the same run, each
into its own copy of the course, and every score is compared. Then `course grade` alone grades 100,
1,000 and 10,000, in one process and in two; peak memory is that of the largest process. Run:
`python tests/bench/grade.py [--quick | --alone] [LEARNERS]`; `--quick` grades 100 alone and nothing
else, `--alone` leaves nbgrader out. The whole takes half an hour and 5 GB of disk.
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
from grading.nbgrader.grade import grade
from scenarios.workspace import source

MODULE = "06_reviews"
NBGRADER = Path(sysconfig.get_path("scripts")) / "nbgrader"
SCORES = """
SELECT s.student_id, b.name, g.auto_score, g.needs_manual_grade FROM grade g
JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook m ON m.id = g.notebook_id
JOIN submitted_assignment s ON s.id = m.assignment_id ORDER BY 1, 2
"""
ROUNDS = 3
JOBS = (1, 2)
MEASURED = """
import resource, sys
from grading.nbgrader.grade import grade
if __name__ == "__main__":
    done = grade(sys.argv[1], jobs=int(sys.argv[2]))
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(w).ru_maxrss for w in who)
    print(done.submissions, done.seconds, peak)
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
        forget(root)
        return timed(lambda: grade(root, notebooks=written, feedback=written))

    return min(afresh() for _ in range(ROUNDS))


def forget(root: Path) -> None:
    """Take away whatever a grading made, and keep the module in the gradebook."""
    for step in ("autograded", "feedback"):
        shutil.rmtree(root / "build" / step, ignore_errors=True)
    base = sqlite3.connect(root / "build" / "gradebook.db")
    for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
        base.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words
    base.commit()
    base.close()


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
    """Grade ever larger classes, in one process and in two, and compare every score."""
    head = f"{'course grade alone':28}{'seconds':>9}{'a second':>9}{'peak MB':>9}{'ms each':>9}"
    print(f"\n{head}{'load':>7}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place, "course")
            prepared(root, Path(place, "notebooks"), size)
            found = []
            for jobs in JOBS:
                forget(root)
                one = measured(root, size, jobs)
                found.append((one, scores(root)))
        assert all(same == found[0][1] for _, same in found), "more jobs gave other scores"
        ratio = found[0][0] / found[-1][0]
        print(f"{'':28}--jobs {JOBS[-1]} is {ratio:.2f} times as fast, with the same scores")


def measured(root: Path, size: int, jobs: int) -> float:
    """Grade in a process of its own and print what it took; return the seconds."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, root, str(jobs)],
        check=True,
        capture_output=True,
        text=True,
    )
    submissions, seconds, peak = map(float, done.stdout.split())
    assert submissions == size
    print(
        f"{f'{size:,}, --jobs {jobs}':<28}{seconds:9.2f}{size / seconds:9.0f}{peak / 1024:9.0f}"
        f"{seconds / size * 1000:9.2f}{os.getloadavg()[0]:7.1f}",
        flush=True,
    )
    return seconds


def prepared(root: Path, origin: Path, learners: int) -> None:
    """A course that the gradebook knows, to which so many different learners hand in."""
    shutil.copytree(source() / MODULE, origin / MODULE)
    make_course(root, origin)
    simulate(root, learners)
    grade(root, students=["nobody"])


if __name__ == "__main__":
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    if "--quick" in sys.argv:
        alone([100])
    else:
        if "--alone" not in sys.argv:
            main(int(words[0]) if words else 30)
        alone([100, 1_000, 10_000])
