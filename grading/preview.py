"""A course of chosen scenarios, for their author to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from grading.check.canonical import KERNEL, metadata
from scenarios.catalogue import Entry

NAME = "00_preview"


def notebook(entries: Iterable[Entry], course: Path, name: str = NAME) -> Path:
    """Write a notebook that asks the scenarios into a course folder; return its path.

    Args:
        entries: the scenarios, in the order in which they are to be asked.
        course: an existing folder.
        name: the notebook and its folder, which must not exist yet.
    """
    cells: list[dict[str, object]] = [_text("title", "# Preview")]
    cells.append(_code("setup", "from scenarios import ask", "setup"))
    for entry in entries:
        about = f"## {entry.scenario.title}\n\n`{entry.slug}` · {entry.scenario.objective}"
        cells.append(_text(f"about-{entry.name}", about))
        cells.append(_code(f"ask-{entry.name}", f'ask("{entry.slug}")', "ask"))
    path = course / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    whole = {
        "cells": cells,
        "metadata": {
            **KERNEL,
            "course": {"autorun": True, "module": "preview", "title": "Preview"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(whole), "utf-8")
    return path


def _text(cell_id: str, source: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": source}


def _code(cell_id: str, source: str, tag: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": metadata(cell_id, "code", tag),
        "outputs": [],
        "source": source,
    }
