"""A learner's folder as modules: which scenarios each asks, and what is on record of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from scenarios.answers import FILE, Record, read
from scenarios.catalogue import Entry, load, slugs
from scenarios.exam.blueprint import is_item


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module in a learner's folder: its scenarios, and what was answered of them."""

    folder: Path
    title: str
    entries: tuple[Entry, ...]
    record: Record

    @property
    def href(self) -> str:
        """Where its notebook is, seen from another module's folder."""
        return f"../{self.folder.name}/{self.folder.name}.ipynb"


def module_at(folder: Path) -> Module:
    """Return the module whose notebook lies in a folder, which is `NN_` and the bank folder.

    The pool of a test is not for practice: a folder of that name has no scenarios of its own.
    """
    name = folder.resolve().name.lstrip("0123456789_")
    entries = tuple(load(s) for s in slugs() if s.startswith(f"{name}/") and not is_item(s))
    return Module(
        folder=folder,
        title=_title(folder.resolve()) or name.capitalize(),
        entries=entries,
        record=read(folder / FILE),
    )


def modules_of(course: Path) -> list[Module]:
    """Return every module of a learner's folder, those without scenarios as well."""
    folders = sorted(p.parent for p in course.glob("*/*.ipynb") if p.stem == p.parent.name)
    return [module_at(f) for f in folders]


def _title(folder: Path) -> str:
    """Return the title that the notebook of a folder gives itself, or nothing."""
    try:
        text = (folder / f"{folder.name}.ipynb").read_text("utf-8")
        return str(json.loads(text)["metadata"]["course"]["title"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
