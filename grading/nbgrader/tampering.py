"""Signs that a record or a notebook was changed by hand: shown to the instructor, never marked.

Nothing here changes a point. A learner's receipt names the hash that `answers.jsonl` had when it
was made; a record only ever grows, so the file still begins with what was hashed then. A learner's
notebook holds the points that its own cells showed; the answers have to earn as much.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.nbgrader.submission import NOTEBOOK_LIMIT, RECEIPT, RECEIPTS
from grading.notebooks import call, source_of
from scenarios.answers import FILE, MAX_FILE
from scenarios.files import plain_bytes

_DIGEST = re.compile(rb"SHA-256 of answers\.jsonl: ([0-9a-f]{64})\b")
_RECEIPT_LIMIT = 1024 * 1024
_TOLERANCE = 0.005


@dataclass(frozen=True)
class Seen:
    """What was compared, in whole sentences: what does not fit, and what does."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]


def receipts(folder: Path) -> Seen:
    """Compare the receipts in a submission with its record."""
    names = sorted(p.name for p in folder.iterdir() if RECEIPT.fullmatch(p.name))
    if not names:
        return Seen((), ())
    problems, notes = [], []
    try:
        record = plain_bytes(folder / FILE, MAX_FILE)
    except OSError:
        record = b""
    named: dict[str, str] = {}
    for name in names[:RECEIPTS]:
        try:
            found = _DIGEST.search(plain_bytes(folder / name, _RECEIPT_LIMIT))
        except OSError as error:
            problems.append(f"{name} was not read: {error.strerror or error}")
            continue
        if found:
            named[name] = found[1].decode()
        else:
            problems.append(f"{name} names no SHA-256, so it proves nothing")
    digests = _prefixes(record, set(named.values()))
    for name, digest in named.items():
        lines = digests.get(digest)
        if lines is None:
            problems.append(
                f"{name} has the SHA-256 {digest[:12]}... of another record than the first lines of"
                f" {FILE}: the record or the receipt was changed; ask for the learner's own copy"
            )
        else:
            some, total = lines
            which = "the whole record" if some == total else f"its first {some} of {total} lines"
            notes.append(f"{name} fits {FILE}: it was made of {which}")
    if len(names) > RECEIPTS:
        problems.append(f"{len(names)} receipts, of which the first {RECEIPTS} were read")
    return Seen(tuple(problems), tuple(notes))


def shown_scores(path: Path) -> dict[str, float]:
    """Return the points that a handed-in notebook's score cells show, by slug.

    The notebook is read as data and may be anything; what is no score is left out.
    """
    try:
        data = plain_bytes(path, NOTEBOOK_LIMIT)
        if b'"execute_result"' not in data:
            return {}
        cells = json.loads(data)["cells"]
        return dict(_scores(cells))
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return {}


def unearned(path: Path, earned: Mapping[str, float]) -> tuple[str, ...]:
    """Say which points a notebook shows that its answers do not earn; `earned` is by slug.

    Less than earned is no sign: a cell shows what it did when it last ran.
    """
    return tuple(
        f"{path.name} shows {shown:g} points for {slug}, its answers earn {earned[slug]:g}: an"
        " output or the record was changed, or it was marked by another policy or bank"
        for slug, shown in shown_scores(path).items()
        if slug in earned and not shown <= earned[slug] + _TOLERANCE
    )


def _prefixes(record: bytes, wanted: AbstractSet[str]) -> dict[str, tuple[int, int]]:
    """Return (lines, all lines) of the beginnings of a record that have one of these hashes."""
    lines = record.splitlines(keepends=True)
    running = hashlib.sha256()
    digests = {}
    for number, line in enumerate(lines, start=1):
        running.update(line)
        digest = running.hexdigest()
        if digest in wanted:
            digests[digest] = (number, len(lines))
    return digests


def _scores(cells: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - a learner's file
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        found = call(source_of(cell))
        if not found or found[0] != "score":
            continue
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "execute_result":
                text = output["data"]["text/plain"]
                with suppress(ValueError):
                    yield found[1], float(text if isinstance(text, str) else "".join(text))
