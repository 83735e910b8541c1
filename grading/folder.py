"""A learner's folder as modules: which scenarios each asks, and what is on record of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.answers import FILE, Record, read
from scenarios.catalogue import Entry, load, module_of, slugs
from scenarios.exam.blueprint import Test, is_item, tests


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module in a learner's folder: its scenarios or tests, and what was answered of them."""

    folder: Path
    title: str
    entries: tuple[Entry, ...]
    record: Record
    tests: tuple[Test, ...] = ()

    @property
    def name(self) -> str:
        """Its name without its place in the course, which is its folder in the bank."""
        return module_of(self.folder.resolve().name)

    @property
    def href(self) -> str:
        """Where its notebook is, seen from another module's folder."""
        return f"../{self.folder.name}/{self.folder.name}.ipynb"


def module_at(folder: Path) -> Module:
    """Return the module whose notebook lies in a folder, which is `NN_` and the bank folder.

    The pool of a test is not for practice: a folder of that name has no scenarios of its own.
    """
    name = module_of(folder.resolve().name)
    entries = tuple(load(s) for s in slugs() if s.startswith(f"{name}/") and not is_item(s))
    notebook = _notebook(folder.resolve())
    return Module(
        folder=folder,
        title=_title(notebook) or name.capitalize(),
        entries=entries,
        record=read(folder / FILE),
        tests=tuple(t for t in tests().values() if f'sit("{t.name}")' in _sources(notebook)),
    )


def modules_of(course: Path) -> list[Module]:
    """Return every module of a learner's folder, those without scenarios as well."""
    folders = sorted(p.parent for p in course.glob("*/*.ipynb") if p.stem == p.parent.name)
    return [module_at(f) for f in folders]


def _notebook(folder: Path) -> Any:  # noqa: ANN401 - a file that may hold anything
    try:
        return json.loads((folder / f"{folder.name}.ipynb").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _title(notebook: Any) -> str:  # noqa: ANN401 - as above
    """Return the title that a notebook gives itself, or nothing."""
    try:
        return str(notebook["metadata"]["course"]["title"])
    except (LookupError, TypeError):
        return ""


def _sources(notebook: Any) -> set[str]:  # noqa: ANN401 - as above
    try:
        return {"".join(cell["source"]) for cell in notebook["cells"]}
    except (LookupError, TypeError):
        return set()
