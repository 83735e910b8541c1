"""A course of one scenario, for its author to look at."""

from __future__ import annotations

import json
from pathlib import Path

from grading.check.canonical import KERNEL, metadata
from scenarios.catalogue import Entry

NAME = "00_preview"


def notebook(entry: Entry, course: Path) -> Path:
    """Write a notebook that asks one scenario into an empty course folder; return its path."""
    about = {"autorun": True, "module": "preview", "title": entry.scenario.title}
    heading = f"# {entry.scenario.title}\n\n`{entry.slug}` · {entry.scenario.objective}"
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": heading},
        _code("setup", "from scenarios import ask", "setup"),
        _code(f"ask-{entry.name}", f'ask("{entry.slug}")', "ask"),
    ]
    path = course / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    whole = {
        "cells": cells,
        "metadata": {**KERNEL, "course": about},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(whole), "utf-8")
    return path


def _code(cell_id: str, source: str, tag: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": metadata(cell_id, "code", tag),
        "outputs": [],
        "source": source,
    }
