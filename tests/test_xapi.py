"""xAPI statements: each one valid by the specification, none telling what was written."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pytest
from typer.testing import CliRunner

from grading.cli.instructors import commands
from grading.course import Course, CourseError
from grading.frame import Frames, of_course
from grading.nbgrader.gradebook import Row
from grading.standard import set_standard
from grading.xapi import HOME, Outcome, outcomes_of, statements, to_lines, write_xapi

pytest_plugins = ["small_course"]

IRI = re.compile(r"https?://[!-~]+")
DURATION = re.compile(r"PT\d+(\.\d{1,2})?S")
TOP = {"id", "actor", "verb", "object", "result", "context", "timestamp", "version"}
RESULT = {"score", "success", "completion", "response", "duration"}
TYPES = {"choice", "matching", "sequencing", "long-fill-in"}


@pytest.fixture(scope="module")
def tables(answered_course: Course) -> Frames:
    return of_course(answered_course)


def check(statement: dict[str, Any]) -> None:
    """Hold a statement against xAPI 1.0.3, part 2."""
    assert set(statement) <= TOP
    assert UUID(statement["id"]).version == 5
    account = statement["actor"]["account"]
    assert IRI.fullmatch(account["homePage"])
    assert isinstance(account["name"], str)
    assert set(statement["actor"]) == {"objectType", "account"}  # exactly one way to tell who
    assert IRI.fullmatch(statement["verb"]["id"])
    for activity in activities(statement):
        assert activity["objectType"] == "Activity"
        assert IRI.fullmatch(activity["id"])
        definition = activity["definition"]
        assert IRI.fullmatch(definition["type"])
        assert all(re.fullmatch(r"[a-z]{2}-[A-Z]{2}", tag) for tag in definition["name"])
        assert ("interactionType" in definition) == definition["type"].endswith("cmi.interaction")
        assert definition.get("interactionType", "choice") in TYPES
    result = statement["result"]
    assert set(result) <= RESULT
    assert {"success", "completion"} & set(result)
    assert all(isinstance(result[k], bool) for k in ("success", "completion") if k in result)
    if "score" in result:
        score = result["score"]
        assert -1 <= score["scaled"] <= 1
        assert score["min"] <= score["raw"] <= score["max"]
        assert score["min"] < score["max"]
    assert DURATION.fullmatch(result.get("duration", "PT1S"))
    assert isinstance(result.get("response", ""), str)
    assert all(IRI.fullmatch(k) for k in statement.get("context", {}).get("extensions", {}))
    time = datetime.fromisoformat(statement["timestamp"])
    assert time.utcoffset() is not None


def activities(statement: dict[str, Any]) -> list[dict[str, Any]]:
    around = statement.get("context", {}).get("contextActivities", {})
    return [statement["object"], *(a for several in around.values() for a in several)]


def test_every_first_answer_is_a_valid_statement(tables: Frames) -> None:
    found = list(statements(tables))
    for statement in found:
        check(statement)
    answered = tables.questions[tables.questions["answer"].notna()]
    assert len(found) == answered["first_time"].notna().sum() > 1000
    assert len({s["id"] for s in found}) == len(found)
    assert {s["verb"]["display"]["en-US"] for s in found} == {"answered"}
    scores = [s["result"]["score"]["scaled"] for s in found if "score" in s["result"]]
    assert sum(scores) == pytest.approx(answered["earned"].sum(), abs=0.1)
    assert [json.loads(line) for line in to_lines(found).splitlines()] == found


def test_an_independent_validator_takes_every_statement(tables: Frames) -> None:
    """Ralph's models of xAPI, where they are installed (`pip install ralph-malph`).

    They are not among the requirements: MIT themselves, they need a package under the GPL and pin
    one that others need newer.
    """
    models = pytest.importorskip("ralph.models.xapi.base.statements", exc_type=ImportError)
    valid = models.BaseXapiStatement.model_validate_json
    done = [
        Outcome("ann", "reviews", 70, 100, "2026-11-23T10:00:00.000Z"),
        Outcome("bob", "reviews", 6, 100, "2026-11-23T10:00:00.000Z"),
    ]
    lines = to_lines(statements(tables, done, 0.7)).splitlines()
    for line in lines:
        valid(line)
    told = json.loads(lines[0])
    for spoilt in (
        told | {"actor": {**told["actor"], "mbox": "mailto:ann@example.org"}},
        told | {"verb": {**told["verb"], "id": "answered"}},
        told | {"result": {**told["result"], "duration": "3 s"}},
        told | {"result": {**told["result"], "response": 3}},
        told | {"note": "more than the specification has"},
    ):
        with pytest.raises(ValueError, match="validation error"):
            valid(json.dumps(spoilt))


def test_the_same_answers_make_the_same_ids(tables: Frames) -> None:
    first, second = (list(statements(tables)) for _ in range(2))
    assert first == second
    other = {s["id"] for s in statements(tables, home="https://example.net")}
    assert not other & {s["id"] for s in first}


def test_written_texts_stay_here(tables: Frames) -> None:
    written = tables.questions[tables.questions["kind"] == "response"]
    texts = [t for a in written["answer"].dropna() for t in json.loads(a).values() if len(t) > 20]
    lines = to_lines(statements(tables))
    assert texts
    assert not any(json.dumps(text, ensure_ascii=False)[1:-1] in lines for text in texts)


def test_hostile_names_stay_names(tables: Frames) -> None:
    name = '"}\n{"=1+1<script>\ud800'
    row = tables.questions[tables.questions["answer"].notna()].head(1).assign(learner=name)
    (line,) = to_lines(statements(replace(tables, questions=row))).splitlines()
    statement = json.loads(line)
    check(statement)
    assert statement["actor"]["account"]["name"] == name


def test_passing_follows_the_cut() -> None:
    columns = (["answer", "first_time"], ["scenario"], ["scenario", "title"])
    questions, scenarios, key = (pd.DataFrame(columns=names) for names in columns)
    nothing = Frames(questions, scenarios, key)
    done = [
        Outcome("ann", "reviews", 70, 100, "2026-11-23T10:00:00.000Z"),
        Outcome("bob", "reviews", 69.9, 100, "2026-11-23T10:00:00.000Z"),
        Outcome("cal", "reviews", 90, 100, None),
    ]
    assert not list(statements(nothing, done))
    found = list(statements(nothing, done, 0.7))
    for statement in found:
        check(statement)
    verbs = [(s["actor"]["account"]["name"], s["verb"]["display"]["en-US"]) for s in found]
    assert verbs == [("ann", "passed"), ("bob", "failed")]


def row(student: str, *, waits: bool, penalty: float = 0.0) -> Row:
    return Row(
        student=student,
        assignment="06_reviews",
        notebook="06_reviews",
        cell="c",
        task=False,
        maximum=10.0,
        auto=8.0,
        manual=None,
        extra=None,
        needs_person=waits,
        comment=None,
        penalty=penalty,
        timestamp=datetime(2026, 11, 23, 9),  # noqa: DTZ001 - the gradebook's times have no zone
        cell_id="1",
    )


def test_who_still_waits_for_a_person_has_neither_passed_nor_failed() -> None:
    (found,) = outcomes_of([row("ann", waits=False, penalty=3.0), row("bob", waits=True)])
    assert found == Outcome("ann", "reviews", 5.0, 10.0, "2026-11-23T09:00:00.000Z")


def test_a_submission_without_a_stamp_is_as_late_as_its_last_answer() -> None:
    unstamped = row("ann", waits=False)._replace(timestamp=None)
    (found,) = outcomes_of([unstamped], lambda student, assignment: f"{student} {assignment}")
    assert found.when == "ann 06_reviews"


def test_a_course_is_written_to_a_file(graded_course: Course, tmp_path: Path) -> None:
    out = tmp_path / "new" / "xapi.jsonl"
    panel = tmp_path / "panel.csv"
    panel.write_text("judge,reviews/one-star-sunday,reviews/jordan-p-one-star\na,.2,.3\nb,.3,.2\n")
    set_standard(graded_course.root, panel, date(2026, 11, 23))
    with closing(sqlite3.connect(graded_course.root / "build" / "gradebook.db")) as book, book:
        book.execute("update grade set needs_manual_grade = 0")
        book.execute("update submitted_assignment set timestamp = null")
    count = write_xapi(graded_course.root, out)
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(lines) == count
    for statement in lines:
        check(statement)
    assert all(s["actor"]["account"]["homePage"] == HOME for s in lines)
    done = [s for s in lines if s["verb"]["display"]["en-US"] in ("passed", "failed")]
    assert done
    answered = {s["timestamp"] for s in lines if s not in done}
    assert all(s["timestamp"] >= min(answered) for s in done)
    command = ["export", "xapi", "--home", "https://clinic.example", "--out", str(out)]
    told = CliRunner().invoke(commands, [*command, "--course", str(graded_course.root)])
    assert told.exit_code == 0
    again = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {s["actor"]["account"]["homePage"] for s in again} == {"https://clinic.example"}
    with pytest.raises(CourseError, match="as home page"):
        write_xapi(graded_course.root, out, home="not a page")
