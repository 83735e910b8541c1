"""Marks that people gave: kept line by line as they were given, and stored in the gradebook.

`build/marks.jsonl` is only ever appended to: who gave which rubric lines to which answer, and when.
The gradebook gets the points and the comment as a manual grade of the task cell, exactly as if
they had been typed into nbgrader's formgrader, which shows them and which regrading keeps.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from grading.course import Course, CourseError
from grading.manual.queue import Place, Written
from grading.nbgrader.gradebook import by_hand
from grading.nbgrader.gradebook.by_hand import Stored
from grading.nbgrader.gradebook.database import connect
from grading.notebooks import RESPONSE, call, cell_name, read_notebook, source_of
from scenarios import answers
from scenarios.catalogue import Entry, load
from scenarios.files import append, plain_bytes
from scenarios.model import Scene
from scenarios.questions import Response

FILE = "marks.jsonl"
SALT = "marking.salt"
FORMAT = 1
LARGEST = 256 * 1024 * 1024
"""Bytes of marks that are read; a mark with its comment has about 500."""
Role = Literal["anchor", "first", "second", "settled"]
"""Why a mark was given: to learn the standard, to count, to check a marker, to end a difference."""


class MarkError(CourseError):
    """A mark could not be kept or stored; the message is one sentence for the marker."""


@dataclass(frozen=True, kw_only=True)
class RawMark:
    """One line of the file: shares of rubric lines and the caps, and what they come to.

    `learner` is the gradebook's id, or the number of an example answer; `answer` the digest of
    the text that was marked; `points` are on the rubric's scale.
    """

    marker: str
    role: Role
    scenario: str
    learner: str
    answer: str
    bank: str
    lines: Mapping[str, float]
    caps: tuple[str, ...]
    points: float
    comment: str = ""
    time: str = field(
        default_factory=lambda: (
            datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        )
    )


# ------------------------------------------------------------------------------------ the file


def keep(course: Course, mark: RawMark) -> None:
    """Append one mark and wait until the disk has it; raises `MarkError` when it has not."""
    path = _build(course) / FILE
    line = (json.dumps({"v": FORMAT, **asdict(mark)}, ensure_ascii=False) + "\n").encode(
        "utf-8", "replace"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        append(path, line, 0o600)
    except OSError as error:
        raise MarkError(
            f"The mark is not kept: {path} could not be written ({error.strerror}); make room or"
            " allow writing there, then save again."
        ) from error


def kept(course: Course) -> tuple[RawMark, ...]:
    """Return every mark ever given, in order; lines that are none (torn, foreign) are left out."""
    try:
        data = plain_bytes(_build(course) / FILE, LARGEST)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise MarkError(f"{_build(course) / FILE} cannot be read: {error}.") from error
    return tuple(m for line in data.splitlines() if (m := _mark(line)) is not None)


def _mark(line: bytes) -> RawMark | None:
    try:
        found = json.loads(line)
        if found.pop("v") != FORMAT or found["role"] not in get_args(Role):
            return None
        return RawMark(**{**found, "caps": tuple(found["caps"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def salt(course: Course) -> str:
    """Return the secret from which aliases and the order follow; made at the first call."""
    path = _build(course) / SALT
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return plain_bytes(path, 1000).decode("ascii", "replace").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        made = secrets.token_hex(16)
        file.write(made + "\n")
    return made


def _build(course: Course) -> Path:
    return course.submitted.parent


# ----------------------------------------------------------------------------------- the answers


def places(course: Course) -> list[Place]:
    """Return the written questions of a course, in its order, where a person gives points."""
    found = []
    for assignment in course.assignments():
        for name in course.notebooks(assignment):
            book = read_notebook(course.source / assignment / f"{name}.ipynb") or {"cells": []}
            calls = [call(source_of(c)) for c in book["cells"] if c.get("cell_type") == "code"]
            slugs = {c[1].partition("/")[2]: c[1] for c in calls if c}
            for cell in book["cells"]:
                own = cell.get("metadata", {}).get("nbgrader", {})
                slug = slugs.get(cell_name(cell).removesuffix(RESPONSE))
                if own.get("task") and slug:
                    points = float(own.get("points", 0))
                    found.append(Place(assignment, name, cell_name(cell), slug, points))
    return found


def response_of(entry: Entry) -> tuple[Scene, Response]:
    """Return the written question of a scenario; `LookupError` if it has none."""
    for scene in entry.scenario.scenes:
        for question in scene.questions:
            if isinstance(question, Response):
                return scene, question
    raise LookupError(f"{entry.slug} asks for no written answer")


def written(course: Course, place: Place) -> list[Written]:
    """Return everybody's first written answer to a question; who wrote nothing is left out."""
    entry = load(place.slug)
    scene, question = response_of(entry)
    found = []
    for learner, folder in course.submissions(place.assignment):
        events = answers.read(folder / answers.FILE, place.slug).events
        given = answers.first_commits(events).get((scene.id, question.id))
        if not question.accepts(given) or not isinstance(given, dict):
            continue
        parts = {p.id: str(given.get(p.id, "")) for p in question.parts}
        if any(text.strip() for text in parts.values()):
            bank = next((e.bank for e in events if e.act == "commit"), "")
            found.append(Written(learner, place, parts, bank))
    return found


# --------------------------------------------------------------------------------- the gradebook


@contextmanager
def _database(course: Course, *, writes: bool = False) -> Iterator[sa.Connection]:
    engine = connect(course.db_url)
    try:
        with engine.execution_options(course_writes=writes).begin() as database:
            yield database
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise MarkError(
            f"The gradebook cannot be used: {reason}. Run `course grade` if it was never run, close"
            " other programs that write to it, then save again."
        ) from error
    finally:
        engine.dispose()


def stored(course: Course, place: Place) -> dict[str, Stored]:
    """Return what the gradebook has of a question, by learner; who was not graded is missing."""
    with _database(course) as database:
        return by_hand.given(database, _cell(place))


def store(course: Course, answer: Written, points: float, comment: str) -> None:
    """Store a person's points and comment for a written answer, as nbgrader's formgrader does.

    Raises `MarkError` if the submission was never graded, or the points do not fit the cell.
    """
    place = answer.place
    if not 0 <= points <= place.maximum:
        raise MarkError(f"Got {points:g} points, expected 0 to {place.maximum:g}.")
    with _database(course, writes=True) as database:
        if not by_hand.give(database, _cell(place), answer.learner, points, comment):
            database.rollback()
            raise MarkError(
                f"{answer.learner} has no submission of {place.assignment} in the gradebook; run"
                " `course grade`, then save again."
            )


def _cell(place: Place) -> by_hand.Cell:
    return by_hand.Cell(place.assignment, place.notebook, place.cell)


def latest(marks: Iterable[RawMark], slug: str, *roles: Role) -> dict[tuple[str, str], RawMark]:
    """Return the last mark of each answer to a question, by learner and digest, of some roles."""
    return {(m.learner, m.answer): m for m in marks if m.scenario == slug and m.role in roles}
