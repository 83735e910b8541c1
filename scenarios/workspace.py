"""A learner's folder: where the course's notebooks are copied to and where the answers live.

The course may change under a learner's feet and the learner may change the notebooks. Neither
ever loses work: answers and settings are never touched, and a notebook that both sides changed is
kept under a second name beside the new one.
"""

import errno
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scenarios.files import write

PACKAGE: Final = Path(__file__).parent
# What a learner or one machine made, never part of the course even when it lies in its folder.
PRIVATE: Final = frozenset({"answers.jsonl", "learner.json", "policy.toml"})
GENERATED: Final = frozenset({"__pycache__"})
# Which version of each file the course put here last: tells a learner's change from the course's.
LEDGER: Final = ".course.json"
LEARNER: Final = "learner.json"

_SENTENCES: Final = {
    errno.EACCES: "you are not allowed to write there; choose a folder of your own",
    errno.EPERM: "you are not allowed to write there; choose a folder of your own",
    errno.EROFS: "it is on a disk that can only be read; choose a folder on another disk",
    errno.ENOSPC: "the disk is full; free some space and start again",
    errno.EDQUOT: "your share of the disk is used up; free some space and start again",
    errno.EEXIST: "a file stands where a folder should be; move it away or choose another folder",
    errno.ENOTDIR: "a file stands where a folder should be; move it away or choose another folder",
    errno.EISDIR: "a folder stands where a file should be; move it away or choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "this place does not exist; choose another folder",
}


class WorkspaceError(Exception):
    """The learner's folder cannot be made ready; the message is one sentence for the learner."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What making a folder ready did; paths are relative to `folder`, with forward slashes.

    Attributes:
        folder: the learner's folder, absolute.
        new: files copied for the first time.
        updated: files replaced by the course's newer version; the learner had not changed them.
        kept: files that the learner changed and the course did not; left as they are.
        aside: (file, second name): both changed it; the learner's copy now has the second name.
        answers: the learner's answer records found and left alone.
        first: whether this is the first time that a course was put into the folder.
    """

    folder: Path
    new: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...]
    aside: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]
    first: bool

    def sentences(self) -> list[str]:
        """Say in plain words what happened; one sentence a line, empty when nothing is worth it."""
        told = []
        if self.first:
            told.append(f"The course is ready in {self.folder} ({_count(self.new, 'file')}).")
        elif self.new:
            told.append(f"New: {', '.join(self.new)}.")
        if self.updated:
            told.append(f"Updated to the newest version: {', '.join(self.updated)}.")
        if self.kept:
            told.append(f"Kept as you changed it: {', '.join(self.kept)}.")
        told += [
            f"There is a new version of {name}; your own copy is kept as {second}."
            for name, second in self.aside
        ]
        if self.answers:
            modules = _count(self.answers, "module")
            told.append(f"Your earlier answers are kept ({modules}).")
        return told


def source() -> Path:
    """Return the folder of the course's own notebooks: in the package, or beside it in a checkout.

    Raises:
        WorkspaceError: when the installation has lost its notebooks.
    """
    for folder in (PACKAGE / "notebooks", PACKAGE.parent / "notebooks"):
        if folder.is_dir():
            return folder
    raise WorkspaceError(
        f"The course's notebooks are missing beside {PACKAGE}; install the course again."
    )


def prepare(folder: Path, origin: Path | None = None) -> Prepared:
    """Copy the course into a learner's folder, losing nothing that the learner has there.

    Args:
        folder: the learner's folder; made when it does not exist.
        origin: the course's notebooks, by default those that came with this installation.

    Returns:
        What was new, updated and kept.

    Raises:
        WorkspaceError: when the folder cannot be used; nothing of the learner's is lost.
    """
    origin = (origin or source()).resolve()
    folder = folder.expanduser()
    with suppress(OSError):
        folder = folder.resolve()
    if folder.is_relative_to(origin) or folder == origin.parent:
        raise WorkspaceError(
            f"Cannot use {folder}: it holds the course itself; choose an empty folder to work in."
        )
    try:
        return _prepare(folder, origin)
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(folder)
        raise WorkspaceError(sentence(place, error)) from error


def sentence(place: str, error: OSError) -> str:
    """Turn a failed file operation into one sentence: where, what is wrong, what to do."""
    reason = _SENTENCES.get(error.errno or 0, f"the computer says: {error.strerror or error}")
    return f"Cannot use {place}: {reason}."


def _prepare(folder: Path, origin: Path) -> Prepared:
    folder.mkdir(parents=True, exist_ok=True)
    ledger = _read_ledger(folder / LEDGER)
    first = not ledger
    new, updated, kept, aside = [], [], [], []
    for path in _course_files(origin):
        name = path.relative_to(origin).as_posix()
        content = path.read_bytes()
        newest, target = _hash(content), folder / name
        if not target.exists():
            write(target, content, durable=True)
            new.append(name)
        elif (present := _hash(target.read_bytes())) == newest:
            pass
        elif present == ledger.get(name):
            write(target, content, durable=True)
            updated.append(name)
        elif newest == ledger.get(name):
            kept.append(name)
        else:
            second = _second_name(target)
            target.rename(second)
            write(target, content, durable=True)
            aside.append((name, second.relative_to(folder).as_posix()))
        ledger[name] = newest
    write(folder / LEDGER, json.dumps(ledger, indent=1, sort_keys=True).encode(), durable=True)
    _write_learner(folder / LEARNER)
    answers = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/answers.jsonl"))
    return Prepared(
        folder, tuple(new), tuple(updated), tuple(kept), tuple(aside), tuple(answers), first
    )


def _course_files(origin: Path) -> Iterator[Path]:
    for path in sorted(origin.rglob("*")):
        parts = path.relative_to(origin).parts
        if path.is_file() and not (
            any(part.startswith(".") or part in GENERATED for part in parts) or path.name in PRIVATE
        ):
            yield path


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_ledger(path: Path) -> dict[str, str]:
    # A damaged ledger only makes us more careful: everything that differs is then kept aside.
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, IsADirectoryError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_learner(path: Path) -> None:
    # Made once. Two starts at the same moment agree: the second leaves the first one's file.
    if path.exists():
        return
    person = {
        "id": secrets.token_hex(16),
        "profession": None,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
        file.write(json.dumps(person, indent=1) + "\n")


def _second_name(target: Path) -> Path:
    day = datetime.now(UTC).date().isoformat()
    plain = target.with_name(f"{target.stem} (my copy, {day}){target.suffix}")
    second, number = plain, 2
    while second.exists():
        second = plain.with_name(f"{plain.stem} {number}{plain.suffix}")
        number += 1
    return second


def _count(things: tuple[str, ...], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
