"""Grading while a class hands in: looks again and again for what is new or newer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from grading.course import Course, open_course
from grading.nbgrader.grade import Graded, chosen, grade
from grading.nbgrader.submission import CARRIED

EVERY = 5.0
"""Seconds between two looks."""

Print = tuple[tuple[str, int, int], ...]
"""What a submission looks like from outside: its files, with their sizes and times."""


def watch(
    course_root: Path | str,
    tell: Callable[[Graded, Sequence[tuple[str, str]]], None],
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    every: float = EVERY,
) -> None:
    """Grade everything, then whatever changes, until interrupted; raises what `grade` raises.

    Each look that found something is told, with the learners and modules. An interruption loses
    nothing: what was stored stays, and the next run grades the rest.
    """
    course = open_course(course_root)
    names = chosen(course, assignments)
    wanted = None if students is None else set(students)
    seen = {(s, n): look for n in names for s, look in _prints(course, n, wanted).items()}
    there = None if wanted is None else sorted({s for s, _ in seen})
    tell(grade(course_root, assignments=names, students=there), list(seen))
    while True:
        for name in names:
            now = _prints(course, name, wanted)
            fresh = sorted(s for s, look in now.items() if seen.get((s, name)) != look)
            if fresh:
                done = grade(course_root, assignments=[name], students=fresh, around=False)
                tell(done, [(s, name) for s in fresh])
                # What changed while it was graded differs from this and is graded again.
                seen |= {(s, name): now[s] for s in fresh}
        time.sleep(every)


def _prints(course: Course, assignment: str, students: set[str] | None) -> dict[str, Print]:
    return {s: _print(folder) for s, folder in course.submissions(assignment, students)}


def _print(folder: Path) -> Print:
    found = []
    for name in CARRIED:
        try:
            about = (folder / name).lstat()
        except OSError:
            continue
        found.append((name, about.st_size, about.st_mtime_ns))
    return tuple(found)
