"""Progress: the first try stays, mastery may come later, and the receipt proves what was there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from sat import POST, events_of

from grading import debrief as facade
from grading.check.canonical import FACADES
from grading.exemplary import best_answers, committed, worst_answers
from grading.folder import module_at
from grading.overview import debrief_of, map_of, write_receipt
from grading.progress import missed, rounds, standing, strengths
from scenarios import answers, profession, records
from scenarios.answers import Answers, Event, Record
from scenarios.app import server
from scenarios.catalogue import Entry, load
from scenarios.policy import model_policy
from scenarios.profile import learner
from scenarios.workspace import prepare, source

if TYPE_CHECKING:
    from pathlib import Path

SLUG = "boundaries/sunday-follow-request"
BRANCHING = "boundaries/inbox-at-eleven-forty"
POLICY = model_policy()


def commits(entry: Entry, given: Answers, attempt: int = 1, sure: str | None = None) -> list[Event]:
    """The lines of the record for one try."""
    return committed(entry, given, attempt=attempt, certainty=sure)


@pytest.mark.parametrize("slug", [SLUG, BRANCHING])
def test_a_later_try_masters_and_the_first_mark_stays(slug: str) -> None:
    entry = load(slug)
    worst = commits(entry, worst_answers(entry.scenario, POLICY))
    best = commits(entry, best_answers(entry.scenario, POLICY), attempt=2)
    before, after = standing(entry, worst, POLICY), standing(entry, [*worst, *best], POLICY)
    assert before.first == after.first
    assert not before.mastered
    assert after.mastered


def test_sure_and_wrong_is_told() -> None:
    entry = load(SLUG)
    worst = commits(entry, worst_answers(entry.scenario, POLICY), sure="sure")
    assert standing(entry, worst, POLICY).overconfident
    best = commits(entry, best_answers(entry.scenario, POLICY), sure="sure")
    assert not standing(entry, best, POLICY).overconfident


def test_ones_own_count_is_shown_and_changes_no_mark() -> None:
    entry = load("reviews/jordan-p-one-star")
    scene = entry.scenario.scenes[0]
    written = next(q for q in scene.questions if q.kind == "response")
    events = commits(entry, best_answers(entry.scenario, POLICY))
    before = standing(entry, events, POLICY)
    rated = replace(
        events[-1],
        act="rate",
        scene=scene.id,
        question=written.id,
        answer={"criteria": [c.id for c in written.rubric], "caps": []},
    )
    after = standing(entry, [*events, rated], POLICY)
    assert before.own is None
    assert after.own == (written.rubric_points, written.rubric_points)
    assert replace(after, own=None) == before


def test_a_never_event_is_made_good_by_a_safe_try() -> None:
    entry = load("reviews/one-star-sunday")
    decision = entry.scenario.scenes[0].questions[0]
    assert decision.kind == "choice"
    never = next(o.id for o in decision.options if o.never_event)
    given = best_answers(entry.scenario, POLICY)
    key = (entry.scenario.scenes[0].id, decision.id)
    first = commits(entry, {**given, key: never})
    assert standing(entry, first, POLICY).never_events == (never,)
    again = [*first, *commits(entry, given, attempt=2)]
    assert not standing(entry, again, POLICY).never_events
    assert standing(entry, again, POLICY).first.points == 0


def test_going_back_in_a_branching_scenario_begins_a_new_round() -> None:
    entry = load(BRANCHING)
    best = best_answers(entry.scenario, POLICY)
    first_scene = {k: v for k, v in best.items() if k[0] == entry.scenario.scenes[0].id}
    events = [*commits(entry, best), *commits(entry, first_scene, attempt=2)]
    assert dict(rounds(events)[-1]) == first_scene


def test_missed_clauses_and_strengths_agree() -> None:
    entry = load(SLUG)
    given = {**best_answers(entry.scenario, POLICY), ("request", "clauses"): ["CL-04", "CL-05"]}
    record = Record(tuple(commits(entry, given)))
    assert {m.clause for m in missed([entry], record, POLICY)} == {"CL-05", "CL-32"}
    judged = {s.clause: (s.right, s.asked) for s in strengths([entry], record, POLICY)}
    assert judged["CL-04"] == (1, 1)
    assert judged["CL-05"] == (0, 1)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's module folder, which is where a kernel runs."""
    folder = tmp_path / "04_boundaries"
    folder.mkdir()
    (tmp_path / "learner.json").write_text(json.dumps({"id": "abc", "profession": None}))
    monkeypatch.chdir(folder)
    return folder


def test_panels_show_an_empty_course(place: Path) -> None:
    assert facade().view["done"] == 0
    assert map_of(place.parent)["modules"] == []
    assert profession().view["chosen"] is None
    assert records().view["files"] == []


def test_a_receipt_names_the_record_it_was_made_of(place: Path) -> None:
    entry = load(SLUG)
    best = best_answers(entry.scenario, POLICY)
    answers.append(place / answers.FILE, commits(entry, best))
    write_receipt()
    name = debrief_of(module_at(place))["receipt"]
    text = (place / name).read_text()
    assert hashlib.sha256((place / answers.FILE).read_bytes()).hexdigest() in text
    assert "Leave the request without an answer" in text


def test_the_profession_is_kept_and_nothing_else_changes(place: Path) -> None:
    panel = profession()
    panel.receive(panel, {"do": "choose", "value": "mft"}, [])
    assert learner(place).profession == "mft"
    assert learner(place).id == "abc"
    panel.receive(panel, {"do": "choose", "value": "astronaut"}, [])
    assert learner(place).profession == "mft"
    assert "astronaut" in panel.view["told"]


def test_answers_are_erased_at_the_learners_word_only(place: Path) -> None:
    entry = load(SLUG)
    answers.append(place / answers.FILE, commits(entry, best_answers(entry.scenario, POLICY)))
    panel = records()
    panel.receive(panel, {"do": "look", "value": None}, [])
    assert panel.view["files"] == ["04_boundaries/answers.jsonl"]
    panel.receive(panel, {"do": "erase", "value": None}, [])
    assert panel.view["files"] == []
    assert not (place / answers.FILE).exists()


@pytest.mark.parametrize(
    ("package", "name"),
    [(p, n) for p, names in FACADES.items() for n in names],
)
def test_no_module_hides_behind_the_name_of_what_a_notebook_calls(package: str, name: str) -> None:
    # Importing a submodule binds its name in the package: a second run of the setup cell would
    # then import the module instead of the function.
    assert find_spec(f"{package}.{name}") is None
    assert callable(getattr(import_module(package), name))


def test_both_maps_say_the_same_of_a_course_that_nobody_has_begun(tmp_path: Path) -> None:
    prepare(tmp_path / "course", source())
    listed = server.modules(tmp_path / "course")
    shown = {m["title"]: m["minutes_left"] for m in map_of(tmp_path / "course")["modules"]}
    assert {m["title"]: m["minutes"] for m in listed if m["asked"]} == shown
    assert server.open_now(listed) == "00_welcome/00_welcome.ipynb"
    answers.append(tmp_path / "course" / "00_welcome" / answers.FILE, events_of(POST)[:1])
    listed = server.modules(tmp_path / "course")
    assert server.open_now(listed) == "01_presence/01_presence.ipynb"


def test_the_map_says_how_far_the_test_is(tmp_path: Path) -> None:
    prepare(tmp_path / "course", source())
    record = tmp_path / "course" / "08_posttest" / answers.FILE
    told = []
    for events in ([], events_of(POST)[:1], events_of(POST)[1:]):
        answers.append(record, events)
        (shown,) = map_of(tmp_path / "course")["tests"]
        told.append(shown["told"])
    assert told[0] == "25 situations"
    assert told[1] == "25 situations, begun"
    assert told[2].startswith("Passed: 100%")
