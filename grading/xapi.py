"""Answers and results as xAPI statements (IEEE 9274.1.1), for a learning record store.

One statement for each first answer (`answered`), and one for each learner and module that is
wholly marked (`passed` or `failed`) if there is a cut. A statement has the same id each time it is
made, so that sending a file twice stores nothing twice. What a learner wrote in own words stays
here: an export says that it was answered, not what.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from grading.course import CourseError, open_course
from grading.frame import Frames, each, module_of, of_course
from grading.frame.timing import moment
from grading.nbgrader.gradebook import Gradebook, Row
from grading.standard import read_standard
from scenarios.answers import FILE, read
from scenarios.exam.blueprint import tests
from scenarios.files import write

Json = dict[str, Any]
HOME: Final = "https://example.org"
"""Home page of the accounts; a site names its own."""
VERSION: Final = "1.0.3"
LANGUAGE: Final = "en-US"
VERBS: Final = {n: f"http://adlnet.gov/expapi/verbs/{n}" for n in ("answered", "passed", "failed")}
INTERACTION: Final = "http://adlnet.gov/expapi/activities/cmi.interaction"
MODULE: Final = "http://adlnet.gov/expapi/activities/module"
ASSESSMENT: Final = "http://adlnet.gov/expapi/activities/assessment"
_KINDS: Final = {
    "choice": "choice",
    "rationale": "choice",
    "hottext": "matching",
    "audit": "matching",
    "rating": "matching",
    "order": "sequencing",
    "response": "long-fill-in",
}
"""Interaction types of the question kinds."""


@dataclass(frozen=True)
class Outcome:
    """A learner's points in a module, all of it marked, and when it was handed in."""

    learner: str
    module: str
    points: float
    maximum: float
    when: str | None


def statements(
    frames: Frames, outcomes: Iterable[Outcome] = (), cut: float | None = None, home: str = HOME
) -> Iterator[Json]:
    """Yield the statements of a course, answers first.

    `cut` is a share of a practice module's points; without it nobody passes or fails, but in a
    test, which has a cut of its own. Answers without a time that can be read are left out, for a
    statement says when.
    """
    answered = frames.questions[frames.questions["answer"].notna()]
    titles = dict(zip(frames.key["scenario"], frames.key["title"], strict=True))
    for row in each(answered[answered["first_time"].notna()]):
        yield _answered(row, titles.get(row.scenario, row.scenario), home)
    for outcome in outcomes:
        test = tests().get(outcome.module)
        own = test.cut if test else cut
        if own is not None and outcome.maximum > 0 and outcome.when:
            yield _finished(outcome, own, home)


def to_lines(found: Iterable[Json]) -> str:
    """Return statements as JSON, one a line."""
    return "".join(json.dumps(s, ensure_ascii=False) + "\n" for s in found)


def outcomes_of(
    rows: Iterable[Row], last: Callable[[str, str], str | None] = lambda _s, _a: None
) -> list[Outcome]:
    """Return what the gradebook says of each submission in which nothing waits for a person.

    `last` tells when a learner answered last in an assignment, where it is not known when it was
    handed in.
    """
    sums: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        sums.setdefault((row.student, row.assignment), []).append(row)
    found = []
    for (student, assignment), cells in sums.items():
        if any(c.needs_person for c in cells):
            continue
        off = sum({c.notebook: c.penalty or 0.0 for c in cells}.values())
        when = cells[0].timestamp
        found.append(
            Outcome(
                learner=student,
                module=module_of(assignment),
                points=max(0.0, sum(c.points for c in cells) - off),
                maximum=sum(c.maximum for c in cells),
                when=f"{when.isoformat(timespec='milliseconds')}Z"
                if when
                else last(student, assignment),
            )
        )
    return found


def write_xapi(course_root: Path, path: Path, home: str = HOME) -> int:
    """Write all statements of a course to a file, one a line; return how many.

    Passing a module follows the recorded standard of practice (`grading.standard`). Raises
    `CourseError` for a home page that is no address.
    """
    if not home.startswith(("http://", "https://")) or any(c.isspace() for c in home):
        raise CourseError(f"Got {home!r} as home page, expected an address as {HOME}.")
    course = open_course(course_root)
    standard = read_standard(course_root)

    def last(student: str, assignment: str) -> str | None:
        events = read(course.submitted / student / assignment / FILE).events
        times = [t for e in events if e.act == "commit" and (t := moment(e.time))]
        return _time(max(times)) if times else None

    with Gradebook(course.db_url, course.course_id) as book:
        outcomes = outcomes_of(book.rows(), last)
    found = list(
        statements(
            of_course(course), outcomes, standard.cut if standard else None, home.rstrip("/")
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, to_lines(found).encode("utf-8", "replace"))
    return len(found)


def _answered(row: Any, title: str, home: str) -> Json:  # noqa: ANN401 - a row of a table
    score = None if math.isnan(row.earned) else float(row.earned)
    result: Json = {"completion": True}
    if score is not None:
        result["score"] = {"scaled": round(score, 4), "raw": round(score, 4), "min": 0, "max": 1}
        result["success"] = score >= 1
    said = _RESPONSES.get(row.kind)
    if said:
        result["response"] = said(row.answer)
    if not math.isnan(row.seconds):
        result["duration"] = f"PT{row.seconds:.2f}S"
    place = f"{row.scenario}/{row.scene}/{row.question}"
    when = _time(row.first_time)
    return {
        "id": _id(home, row.learner, place, when),
        "actor": _actor(row.learner, home),
        "verb": _verb("answered"),
        "object": _activity(
            place, home, f"{title}: {row.question}", INTERACTION, interactionType=_KINDS[row.kind]
        ),
        "result": result,
        "context": {
            "platform": "Social Media for Therapists",
            "language": LANGUAGE,
            "contextActivities": {
                "parent": [_activity(row.scenario, home, title, ASSESSMENT)],
                "grouping": [_activity(row.module, home, row.module, MODULE)],
            },
            "extensions": {
                f"{home}/xapi/extensions/{name}": value
                for name, value in (
                    ("bank-version", row.bank),
                    ("certainty", row.certainty),
                    ("profession", row.profession),
                )
                if isinstance(value, str)
            },
        },
        "timestamp": when,
        "version": VERSION,
    }


def _finished(outcome: Outcome, cut: float, home: str) -> Json:
    share = min(outcome.points / outcome.maximum, 1.0)
    passed = share >= cut
    return {
        "id": _id(home, outcome.learner, outcome.module, f"{outcome.when} {outcome.points} {cut}"),
        "actor": _actor(outcome.learner, home),
        "verb": _verb("passed" if passed else "failed"),
        "object": _activity(outcome.module, home, outcome.module, MODULE),
        "result": {
            "score": {
                "scaled": round(share, 4),
                "raw": round(min(outcome.points, outcome.maximum), 2),
                "min": 0,
                "max": outcome.maximum,
            },
            "success": passed,
            "completion": True,
        },
        "timestamp": outcome.when,
        "version": VERSION,
    }


def _id(home: str, *parts: str) -> str:
    return str(
        uuid5(NAMESPACE_URL, "\x1f".join((home, *parts)).encode("utf-8", "replace").decode())
    )


def _actor(learner: str, home: str) -> Json:
    return {"objectType": "Agent", "account": {"homePage": home, "name": learner}}


def _verb(name: str) -> Json:
    return {"id": VERBS[name], "display": {LANGUAGE: name}}


def _activity(place: str, home: str, name: str, kind: str, **more: str) -> Json:
    return {
        "objectType": "Activity",
        "id": f"{home}/xapi/activities/{quote(place, safe='/')}",
        "definition": {"name": {LANGUAGE: name}, "type": kind, **more},
    }


def _time(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pairs(answer: str) -> str:
    found = json.loads(answer)
    pairs = found.get("rows", found) if isinstance(found, Mapping) else {}
    return "[,]".join(f"{a}[.]{b}" for a, b in pairs.items())


_RESPONSES: Final[Mapping[str, Callable[[str], str]]] = {
    "choice": str,
    "rationale": lambda answer: "[,]".join(answer.split()),
    "order": lambda answer: "[,]".join(answer.split()),
    "hottext": _pairs,
    "audit": _pairs,
    "rating": _pairs,
}
