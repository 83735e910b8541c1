"""One submission: what counts of it, read without trusting any of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scenarios.answers import FILE, MAX_FILE, MAX_SKIPPED, Record, read
from scenarios.files import plain_bytes, write

TIMESTAMP = "timestamp.txt"
RECEIPT = re.compile(r"receipt-[0-9-]{1,40}\.txt")
RECEIPTS = 50
"""Receipts of one submission that are read."""
NOTEBOOK_LIMIT = 8 * 1024 * 1024
"""Bytes of a handed-in notebook or receipt that are read; a module without outputs has 60 kB."""
RELEASED = {TIMESTAMP: 1000, "submission_secret.txt": 1000}
"""The files that nbgrader's release of feedback needs, with the most bytes each may have."""
CARRIED = {FILE: MAX_FILE, **RELEASED}
"""The files of a submission that are kept, with the most bytes each may have.

Anything else (a `grading.py`, a link to a stranger's file) is left where it lies.
"""


@dataclass(frozen=True)
class Submission:
    """What counts of a submission: the record, and when it was handed in (UTC, without a zone).

    `problems` says in whole sentences what was wrong with it.
    """

    record: Record
    timestamp: datetime | None
    problems: tuple[str, ...] = ()


def read_submission(folder: Path) -> Submission:
    """Read a submission; what cannot be read counts as missing and is a problem, never an error."""
    record = read(folder / FILE)
    problems = []
    others = sorted(p.name for p in folder.glob("answers*.jsonl") if p.name != FILE)
    if (folder / FILE).is_symlink():
        problems.append(f"{FILE} is a link and is not read; ask for the file itself")
    elif not record.events and not record.skipped:
        there = (folder / FILE).exists()
        why = f"{FILE} is empty" if there else f"there is no {FILE}"
        problems.append(f"{why}, so nothing is answered")
    elif record.skipped and not record.skipped[0].line and not record.events:
        problems.append(f"{FILE} does not count: {record.skipped[0].why}")
    elif record.skipped:
        first = record.skipped[0]
        place = f"line {first.line}" if first.line else "the file"
        rest = len(record.skipped) - 1
        least = "at least " if rest >= MAX_SKIPPED else ""
        lines = "line" if rest == 1 else "lines"
        more = f", and {least}{rest} more {lines}" if rest else ""
        problems.append(f"{FILE} was read without {place} ({first.why}){more}")
    if others:
        todo = f"only {FILE} is; if it is the learner's record, rename it"
        problems.append(f"{', '.join(others)} is not read: {todo}")
    try:
        timestamp = read_timestamp(folder)
    except (OSError, ValueError) as error:
        timestamp = None
        problems.append(f"{TIMESTAMP} does not count: {error}")
    return Submission(record, timestamp, tuple(problems))


def read_timestamp(folder: Path) -> datetime | None:
    """Return when a submission was handed in, in UTC without a zone; None if it does not say.

    Raises `ValueError` or `OSError` for a file that is no plain file with a time in it.
    """
    try:
        text = plain_bytes(folder / TIMESTAMP, CARRIED[TIMESTAMP]).decode("utf-8").strip()
    except FileNotFoundError:
        return None
    return parse_time(text) if text else None


def parse_time(text: str) -> datetime:
    """Read a time as nbgrader writes and reads it, in UTC without a zone; raises `ValueError`."""
    if text.endswith(" UTC"):  # as nbgrader's exchange writes it
        with suppress(ValueError):
            time = datetime.fromisoformat(text.removesuffix(" UTC"))
            if time.tzinfo is None:
                return time
    try:
        return _any_time(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r} is no time") from error


def _any_time(text: str) -> datetime:
    """Read a time as nbgrader does, down to its zones, so that both find the same lateness."""
    from dateutil import parser, tz  # type: ignore[import-untyped]  # noqa: PLC0415 - rare

    parts = text.split(" ")
    zone: object = None
    if len(parts) == 3:  # noqa: PLR2004 - day, time, zone
        zone = int(parts[2]) if parts[2].lstrip("+-").isdigit() else tz.gettz(parts[2])
        text = f"{parts[0]} {parts[1]} TZ"
    time: datetime = parser.parse(text, tzinfos={"TZ": zone})
    offset = time.utcoffset()
    return (time - offset).replace(tzinfo=None) if offset is not None else time.replace(tzinfo=None)


def carry(source: Path, target: Path, names: Mapping[str, int] = CARRIED) -> list[str]:
    """Copy what counts of a submission into another folder; return what could not be copied.

    That its record is a link is told when it is read.
    """
    problems = []
    for name, limit in names.items():
        if name == FILE and (source / name).is_symlink():
            continue
        try:
            write(target / name, plain_bytes(source / name, limit))
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(f"{name} was not taken along: {error.strerror or error}")
    return problems
