"""The answer record: `answers.jsonl` beside the notebook, one event a line, only ever appended to.

This file is the contract between what is asked and what an answer is worth. A line says when, in
which scenario, scene and question, what was answered by id, under which version of the scenario
and of the policy, and whether it was a commit or a change on the way there. It is plain JSON in
UTF-8, so that it can be read without this course in ten years.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType
from typing import Final, Literal, get_args

from pydantic_core import from_json

from scenarios import files
from scenarios.terms import Answer

FILE = "answers.jsonl"
FORMAT = 1
"""Version of the line format, in every line as `v`."""
MAX_FILE = 16 * 1024 * 1024
"""Bytes of a record that are read; a learner who answers every scenario ten times needs 2 MB."""
MAX_LINE = 64 * 1024
"""Bytes of one line that are read."""
MAX_SKIPPED = 100
"""Lines that are no events of which it is told why; the rest of them is left out untold."""
_BEFORE = b" \t\r\0\xef\xbb\xbf\xfe\xff"
"""What may stand before an event in its line: blanks, and the marks of an encoding."""

Act = Literal["commit", "change", "back", "rate", "begin", "finish"]
"""What a line of the record says was done.

`change` keeps an answer on its way, `commit` puts it on record, `back` gives up a new try. `rate`
is how a learner judged a written answer by its rubric. `begin` and `finish` open and close a
sitting of a test; their `scenario` is the name of the test and the answer of `begin` lists the
scenarios drawn.
"""
_ACTS: Final = get_args(Act)


def now() -> str:
    """Return the time as a record has it: UTC, to the millisecond, as text that sorts."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class RecordError(OSError):
    """The record could not be written; the message is one plain sentence for the learner."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the record: an answer to one question, committed or on the way there."""

    act: Act
    scenario: str
    scene: str
    question: str
    answer: Answer
    attempt: int
    bank: str
    policy: str = "model"
    profession: str | None = None
    certainty: str | None = None
    time: str = field(default_factory=now)


_KEYS: Final = frozenset(f.name for f in fields(Event))


@dataclass(frozen=True)
class Skipped:
    """A line (from 1; 0 for the file as a whole) that is not an event, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Record:
    """What a record file holds: its events in order, and the lines that were skipped."""

    events: tuple[Event, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def of(self, scenario: str) -> tuple[Event, ...]:
        """Return the events of one scenario, in order."""
        return tuple(e for e in self.events if e.scenario == scenario)


Answers = dict[tuple[str, str], Answer]
"""Answers by (scene id, question id)."""


def first_commits(events: Iterable[Event]) -> Answers:
    """Return the answers of the first commit of each scene; later attempts never change them.

    Questions of a scene are committed together, so that a clause named only after the feedback
    was read is not a first answer.
    """
    first: dict[tuple[str, str], int] = {}
    answers: Answers = {}
    for event in events:
        if event.act == "commit":
            attempt = first.setdefault((event.scenario, event.scene), event.attempt)
            if attempt == event.attempt:
                answers.setdefault((event.scene, event.question), event.answer)
    return answers


def last_commits(events: Iterable[Event]) -> Answers:
    """Return the answers of the last commit of each question."""
    return {(e.scene, e.question): e.answer for e in events if e.act == "commit"}


def self_rating(
    events: Iterable[Event], scene: str, question: str, attempt: int | None = None
) -> Event | None:
    """Return how the learner last rated one written answer by its rubric, if they did.

    Its answer is {"criteria": ids met, "caps": ids that apply}; it never marks anything. Without
    an attempt it is the rating of the scene's first one, which is the one that counts.
    """
    found = None
    for event in events:
        if attempt is None and event.act == "commit" and event.scene == scene:
            attempt = event.attempt
        key = (event.act, event.scene, event.question, event.attempt)
        if key == ("rate", scene, question, attempt):
            found = event
    return found


def append(path: Path, events: Iterable[Event]) -> None:
    """Append events in one write and wait until the disk has them.

    When this returns, the events are saved. Raises `RecordError` when they are not.
    """
    lines = "".join(_line(event) for event in events).encode("utf-8", "replace")
    try:
        files.append(path, lines)
    except OSError as error:
        reason = error.strerror or str(error)
        msg = (
            f"Your answer is not saved: {path.name} in {path.resolve().parent} could not be"
            f" written ({reason}). Make room or allow writing there, then press the button again;"
            " what you chose is still on the screen."
        )
        raise RecordError(msg) from error


def read(path: Path, scenario: str | None = None) -> Record:
    """Read a record; a missing file is an empty record, a bad line is skipped and reported.

    With `scenario` only the events of that one are read, and nothing is said of other lines.
    """
    try:
        data, cut = _bytes(path)
    except FileNotFoundError:
        return Record()
    except OSError as error:
        return Record((), (Skipped(0, f"the file cannot be read: {error.strerror or error}"),))
    return parse(data, scenario, cut=cut)


def parse(data: bytes, scenario: str | None = None, *, cut: bool = False) -> Record:
    """Return what the bytes of a record hold; `cut` says that there were more than are read."""
    events: list[Event] = []
    skipped = [Skipped(0, f"the file has more than {MAX_FILE} bytes; the rest is not read")] * cut
    lines = ((n, line) for n, line in enumerate(data.split(b"\n"), start=1) if line.strip())
    if scenario is not None:
        # A line without the name is about something else, unless letters in it are spelled as
        # escapes or in UTF-16.
        signs = (scenario.encode("utf-8", "replace"), b"\\", b"\0")
        lines = ((n, line) for n, line in lines if any(sign in line for sign in signs))
    for number, line in lines:
        found = _event(line)
        if isinstance(found, Event):
            events.append(found)
        elif len(skipped) <= MAX_SKIPPED:
            skipped.append(Skipped(number, found))
    if scenario is not None:
        return Record(tuple(e for e in events if e.scenario == scenario))
    return Record(tuple(events), tuple(skipped))


def _line(event: Event) -> str:
    return json.dumps({"v": FORMAT, **asdict(event)}, ensure_ascii=False) + "\n"


def _bytes(path: Path) -> tuple[bytes, bool]:
    """Return at most `MAX_FILE` bytes of a regular file, and whether there were more.

    Links, pipes and devices are refused: a record is a plain file that nothing stands behind.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is not a plain file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_FILE + 1)
    finally:
        os.close(descriptor)
    return data[:MAX_FILE], len(data) > MAX_FILE


def _event(line: bytes) -> Event | str:
    """Return the event on a line, or why there is none."""
    if len(line) > MAX_LINE:
        return f"longer than {MAX_LINE} bytes"
    try:
        data = _object(line)
    except (ValueError, RecursionError):
        return "not JSON (torn or foreign)"
    if not isinstance(data, dict) or data.pop("v", None) != FORMAT:
        return f"not an event of format {FORMAT}"
    if data.keys() == _KEYS:
        # What Event(**data) does, in a third of the time: a class hands in a hundred thousand.
        event = object.__new__(Event)
        vars(event).update(data)
    else:
        try:
            event = Event(**data)
        except TypeError:
            return "keys are missing or unknown"
    names = (event.scenario, event.scene, event.question, event.bank, event.policy, event.time)
    optional = (event.profession, event.certainty)
    if (
        set(map(type, names)) == {str}
        and set(map(type, optional)) <= {str, NoneType}
        and event.act in _ACTS
        and type(event.attempt) is int
    ):
        return event
    return "a value has the wrong type"


def _object(line: bytes) -> object:
    """Read a line that may be an object; a file of junk costs no reader's time."""
    if not line.lstrip(_BEFORE).startswith(b"{"):
        raise ValueError("no object")
    return _json(line)


def _json(line: bytes) -> object:
    """Read a line as `json.loads` does, in a third of the time where it is as `append` writes it.

    What pydantic's reader takes it reads alike; it refuses some lines that `json` takes.
    """
    try:
        return from_json(line)
    except ValueError:
        return json.loads(line)
