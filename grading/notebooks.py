"""Notebooks as plain data: which scenario a cell is about, the course's own version, its outputs.

No mark comes from a learner's notebook. What is marked and shown is the course's version of it,
cell by cell as the gradebook knows it; the outputs are ours.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
EMPTY: Json = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
RESPONSE = "-response"
"""Ends the id of the cell in which a person gives points for a written answer."""
_CALL = re.compile(r"""\s*(ask|score|sit)\(\s*(["'])([a-z0-9/-]+)\2\s*\)\s*;?\s*""")


class NotebookError(ValueError):
    """One of the course's own notebooks cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class KnownCell:
    """A locked or graded cell as the gradebook has it; `maximum` is None without points."""

    name: str
    cell_type: str
    source: str
    locked: bool
    checksum: str | None
    maximum: float | None
    task: bool


def call(source: str) -> tuple[Literal["ask", "score"], str] | None:
    """Return what a code cell calls, and the slug; None for every other cell.

    A test that is sat counts as asked; its name stands in place of a slug.
    """
    found = _CALL.fullmatch(source)
    if found is None:
        return None
    return "score" if found[1] == "score" else "ask", found[3]


def slugs_of(cells: Iterable[KnownCell]) -> dict[str, str]:
    """Return the slug that each graded cell is about, by the cell's name.

    A score cell names it; a task cell belongs to the ask cell of the same name. Cells that run
    other code have none.
    """
    known = {c.name: c for c in cells}
    calls = {n: call(c.source) for n, c in known.items() if c.cell_type == "code"}
    by_name = {found[1].rpartition("/")[2]: found[1] for found in calls.values() if found}
    slugs = {}
    for name, cell in known.items():
        if cell.maximum is None:
            continue
        found = calls.get(name)
        if cell.task and name.endswith(RESPONSE) and name.removesuffix(RESPONSE) in by_name:
            slugs[name] = by_name[name.removesuffix(RESPONSE)]
        elif found and found[0] == "score":
            slugs[name] = found[1]
    return slugs


def read_notebook(path: Path) -> Json | None:
    """Return one of the course's own notebooks as data; None if there is none.

    Raises `NotebookError` for a file that is no notebook.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise NotebookError(f"{path} is not a notebook: {error}; mend it.") from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise NotebookError(f"{path} is not a notebook: it has no list of cells; mend it.")
    return data


def title_of(path: Path) -> str:
    """Return the title that one of the course's own notebooks gives itself, else its name."""
    about = (read_notebook(path) or EMPTY)["metadata"].get("course", {})
    return str(about.get("title", path.stem))


def restored(notebook: Json | None, cells: Iterable[KnownCell]) -> Json:
    """Return the course's version of a notebook, as the gradebook knows it and without outputs.

    Cells that the gradebook does not know lose their grading metadata; those that it knows have its
    text and points; those that are missing stand at the end.
    """
    book: Json = copy.deepcopy(notebook or EMPTY)
    known = {c.name: c for c in cells}
    for cell in book["cells"]:
        _clear(cell)
        mine = cell.get("metadata", {}).get("nbgrader")
        if mine is None:
            continue
        match = known.get(mine.get("grade_id", ""))
        if match and match.cell_type == cell["cell_type"]:
            _agree(cell, mine, known.pop(match.name))
        else:
            del cell["metadata"]["nbgrader"]
    book["cells"] += [_made(c) for c in known.values()]
    return book


def cell_name(cell: Json) -> str:
    """Return the nbgrader id of a cell, or nothing."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def source_of(cell: Json) -> str:
    """Return the text of a cell, which a file may hold line by line."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(map(str, text))


class Template:
    """A notebook ready to be filled: text pieces, between which the outputs go.

    Filling it costs a join instead of serializing the whole notebook again.
    """

    def __init__(self, notebook: Json) -> None:
        """Find the ask and score cells of a restored notebook."""
        book = copy.deepcopy(notebook)
        self.holes: list[tuple[Literal["ask", "score"], str]] = []
        for cell in book["cells"]:
            found = call(source_of(cell)) if cell["cell_type"] == "code" else None
            if found and (found[0] == "ask" or cell_name(cell)):
                cell["outputs"] = [f"@@{len(self.holes)}@@"]
                self.holes.append(found)
        text = json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        self._pieces = [p.encode() for p in re.split(r'"@@\d+@@"', text)]

    def fill(self, outputs: Mapping[tuple[str, str], bytes]) -> bytes:
        """Return the notebook file with one output, as JSON, for each (kind, slug)."""
        first, *rest = self._pieces
        parts = [first]
        for hole, piece in zip(self.holes, rest, strict=True):
            parts += (outputs[hole], piece)
        return b"".join(parts)


def _clear(cell: Json) -> None:
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None


def _agree(cell: Json, mine: Json, known: KnownCell) -> None:
    if known.locked:
        cell["source"] = known.source
    if known.maximum is not None:
        mine["points"] = known.maximum
    if known.checksum:
        mine["checksum"] = known.checksum


def _made(known: KnownCell) -> Json:
    graded = known.maximum is not None
    mine: Json = {
        "schema_version": 3,
        "grade_id": known.name,
        "grade": graded and not known.task,
        "solution": graded and not known.locked,
        "locked": known.locked,
        "task": known.task,
    }
    cell: Json = {
        "cell_type": known.cell_type,
        "id": known.name[:64],
        "metadata": {"nbgrader": mine},
        "source": known.source,
    }
    _agree(cell, mine, known)
    if known.cell_type == "code":
        _clear(cell)
    return cell
