"""What lies among the submissions where nothing is read: named, so that it does not go unseen."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from grading.course import Course, Problem

SHOWN = 5
"""Files of one folder that are named."""


def strays(course: Course, students: Container[str] | None = None) -> Iterator[Problem]:
    """Yield what was handed in outside of `<student>/<module>/`: loose files, unknown folders."""
    if not course.submitted.is_dir():
        return
    known = course.assignments()
    folders, files = _inside(course.submitted)
    if files and students is None:
        where = f"in {course.submitted}, where nothing is read; put each into LEARNER/MODULE there"
        yield Problem("", _named(files), f"left lying {where}")
    for folder in folders:
        if students is None or folder.name in students:
            yield from _of_one(folder, known)


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that may have been meant; nothing if none is like it."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {found[0]}?" if found else ""


def _of_one(folder: Path, known: tuple[str, ...]) -> Iterator[Problem]:
    folders, files = _inside(folder)
    if files:
        said = f"left lying in {folder}, where nothing is read; put it into its module's folder"
        yield Problem(folder.name, _named(files), said)
    for other in folders:
        if other.name not in known:
            said = f"no module is called so, and nothing in it is read; rename {other}."
            yield Problem(folder.name, other.name, f"{said}{near(other.name, known)}")


def _inside(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders and the other things in a folder, without hidden ones."""
    found = sorted(p for p in folder.iterdir() if p.name[0] != ".")
    return [p for p in found if p.is_dir()], [p for p in found if not p.is_dir()]


def _named(files: list[Path]) -> str:
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return ", ".join(p.name for p in files[:SHOWN]) + more
