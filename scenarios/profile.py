"""Who learns: `learner.json` in the course folder, with a random id and the chosen profession."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scenarios.answers import Event
from scenarios.files import write
from scenarios.terms import PROFESSIONS, Profession

FILE = "learner.json"
LONGEST_ID = 64


@dataclass(frozen=True)
class Learner:
    """A learner as the course folder knows them: an id that means nothing elsewhere."""

    id: str
    profession: Profession | None = None


def learner(notebook_folder: Path) -> Learner:
    """Return the learner of the course folder around a notebook's folder.

    Without a readable `learner.json` (a class on a shared server) the login name stands in, so
    that the order of options stays the same for one person. Reading writes nothing.
    """
    for folder in (notebook_folder, notebook_folder.resolve().parent):
        try:
            data = json.loads((folder / FILE).read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(data, dict) and _is_id(data.get("id")):
            return Learner(data["id"], as_profession(data.get("profession")))
    return Learner(hashlib.sha256(_login().encode()).hexdigest()[:12])


def choose(notebook_folder: Path, profession: object) -> None:
    """Keep the chosen profession in the course folder's `learner.json`, whole or not at all.

    What was committed before stays as it was: every answer says under which profession it fell.
    Raises `ValueError` for something that is no profession, `OSError` if it cannot be written.
    """
    chosen = as_profession(profession)
    if chosen is None:
        raise ValueError(f"{profession!r} is not one of {', '.join(PROFESSIONS)}")
    known = learner(notebook_folder)
    beside = (notebook_folder / FILE).is_file()
    path = (notebook_folder if beside else notebook_folder.resolve().parent) / FILE
    try:
        before = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        before = {}
    kept = before if isinstance(before, dict) and before.get("id") == known.id else {}
    said = {**kept, "id": known.id, "profession": chosen}
    write(path, (json.dumps(said, indent=1) + "\n").encode(), durable=True)


def profession_of(events: Iterable[Event]) -> Profession | None:
    """Return the profession under which the first of these answers was committed."""
    commits = (e.profession for e in events if e.act == "commit")
    return as_profession(next(commits, None))


def as_profession(name: object) -> Profession | None:
    """Return the profession of this name; None where it is none."""
    return next((p for p in PROFESSIONS if p == name), None)


def _is_id(found: object) -> bool:
    return isinstance(found, str) and found.isascii() and 0 < len(found) <= LONGEST_ID


def _login() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # before Python 3.13 Windows may have no `pwd` to ask
        return "learner"
