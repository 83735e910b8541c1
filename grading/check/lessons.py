"""The lessons of the modules that ask scenarios: long enough to teach, short enough to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from grading.check.rules import Finding
from grading.notebooks import Json, NotebookError, call, read_notebook, source_of
from scenarios.faults import Fault

LESSON: Final = "lesson"
"""Begins the id of a cell that teaches; title, objectives, debrief and forms are no lesson."""
FEWEST, MOST = 700, 1200
"""Words of a lesson: five to ten minutes of reading, divided by the scenarios."""


def findings(notebooks: Path) -> Iterator[Finding]:
    """Yield a warning for each module whose lesson is too short or too long.

    Notebooks that cannot be read are left to `canonical`.
    """
    for path in sorted(notebooks.glob("[0-9][0-9]_*/*.ipynb")):
        try:
            cells = (read_notebook(path) or {"cells": []})["cells"]
        except NotebookError:
            continue
        if not all(isinstance(c, dict) for c in cells):
            continue
        count = words(cells)
        if _asks(cells) and not FEWEST <= count <= MOST:
            fault = Fault(
                file=path.relative_to(notebooks.parent).as_posix(),
                at=f"cells {LESSON}-…",
                found=f"{count} words",
                expected=f"a lesson of {FEWEST} to {MOST} words",
            )
            yield Finding(severity="warning", rule="lesson-length", fault=fault)


def words(cells: Iterable[Json]) -> int:
    """Return how many words the cells of a notebook teach in."""
    taught = (
        c for c in cells if c.get("cell_type") == "markdown" and str(c.get("id")).startswith(LESSON)
    )
    return sum(len(source_of(c).split()) for c in taught)


def _asks(cells: Iterable[Json]) -> bool:
    """Say whether a notebook asks a scenario; a test that is sat has no slash in its name."""
    calls = (call(source_of(c)) for c in cells if c.get("cell_type") == "code")
    return any("/" in found[1] for found in calls if found)
