"""The card without a browser: what it is told, what it keeps, and what it must not know yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import singledispatch
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import scenarios
from grading.exemplary import best_answers, worst_answers
from scenarios import answers, turns, view
from scenarios.answers import Event
from scenarios.card import Card, card
from scenarios.catalogue import Entry, load, load_all
from scenarios.cues import IDENTIFIERS, REVIEW_REPLY, flags
from scenarios.desk import ELSEWHERE, RATED_ELSEWHERE, UNREADABLE, Desk
from scenarios.feedback import explain
from scenarios.model import Scenario, Scene
from scenarios.panel import Panel
from scenarios.policy import PracticePolicy, lay_over, model_policy
from scenarios.profile import Learner
from scenarios.questions import (
    Audit,
    Choice,
    Hottext,
    Order,
    Question,
    Rating,
    Rationale,
    Response,
)
from scenarios.readable import Seal, receipt
from scenarios.terms import Answer

SLUG = "boundaries/sunday-follow-request"
SCENE = "request"
ENTRIES = load_all()
JUDGES = {
    "credit", "why", "consequence", "never_event", "when", "next", "right", "tempting", "mark",
    "correct", "first", "key", "critical", "exemplars", "rubric", "caps", "views", "takeaway",
    "better", "varies", "debated", "verdict", "feedback",
}  # fmt: skip
"""Words for keys that would tell an answer, wherever they stood in the data."""


@pytest.fixture(autouse=True)
def notebook_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where a kernel stands: in the folder of a module, inside a learner's folder."""
    folder = tmp_path / "04_boundaries"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def desk(entry: Entry | None = None, who: str = "ada") -> Desk:
    return Desk(
        entry=entry or load(SLUG),
        policy=model_policy(),
        learner=Learner(who),
        path=Path.cwd() / answers.FILE,
    )


def record() -> tuple[Event, ...]:
    return answers.read(Path(answers.FILE)).events


def shown(at: Desk) -> dict[str, Any]:
    return at.show(at.read())


def commit(at: Desk, scene: Scene, given: dict[str, Answer] | None = None) -> dict[str, Any]:
    """Commit a scene as a browser does that has just been shown the record."""
    known = turns.attempts_at(scene.id, at.read().of(at.entry.slug))
    return at.commit(scene.id, given or answer_all(scene), known, "sure").message


def answer_all(scene: Scene) -> dict[str, Answer]:
    return {q.id: some_answer(q) for q in turns.asked(scene, model_policy())}


@singledispatch
def some_answer(question: Question) -> Answer:
    raise NotImplementedError(question.kind)


@some_answer.register
def _(question: Choice) -> Answer:
    return question.options[0].id


@some_answer.register
def _(question: Rationale) -> Answer:
    return [r.clause for r in question.right]


@some_answer.register
def _(question: Hottext) -> Answer:
    return {question.spans[0].id: "A"}


@some_answer.register
def _(question: Audit) -> Answer:
    return {"rows": {r.id: "change" for r in question.rows}, "first": []}


@some_answer.register
def _(question: Rating) -> Answer:
    return {o.id: 2 for o in question.options}


@some_answer.register
def _(question: Order) -> Answer:
    return [s.id for s in reversed(question.steps)]


@some_answer.register
def _(question: Response) -> Answer:
    return {p.id: "NO REPLY" for p in question.parts}


def keys_of(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from keys_of(item)


def hidden_texts(scenario: Scenario) -> Iterator[str]:
    """Every text of a scenario that only feedback may say, and of scenes not yet reached."""
    yield from (scenario.feedback.takeaway, scenario.feedback.better, scenario.varies)
    yield from (v.text for v in scenario.feedback.views)
    yield from (s.stem for s in scenario.scenes[1:])
    for question in (q for s in scenario.scenes for q in s.questions):
        data = question.model_dump()
        for name in ("options", "right", "tempting", "spans", "rows", "steps", "exemplars"):
            for item in data.get(name, ()):
                yield from (str(item[k]) for k in ("why", "consequence") if k in item)
        yield from (c["text"] for c in (*data.get("rubric", ()), *data.get("caps", ())))
        yield from (text for e in data.get("exemplars", ()) for text in e["parts"].values())


# ---------------------------------------------------------------------------------- before a commit


def test_the_facade_shows_a_card() -> None:
    assert "ask" in scenarios.__all__
    assert isinstance(scenarios.ask(SLUG), Card)


@pytest.mark.parametrize("slug", ENTRIES)
def test_nothing_that_tells_the_answer_is_sent_before_the_commit(slug: str) -> None:
    entry = ENTRIES[slug]
    sent = card(slug).get_state()
    data = sent["view"]
    # Questions may be asked in any words; only the data around them must not judge.
    assert [s["id"] for s in data["scenes"]] == [entry.scenario.scenes[0].id]
    assert data["debrief"] is None
    assert data["scenes"][0]["committed"] is None
    for scene in data["scenes"]:
        told = [k for q in scene["questions"] for k in keys_of(q) if k in JUDGES]
        assert told == []
    text = json.dumps(data, ensure_ascii=False)
    leaked = [t for t in hidden_texts(entry.scenario) if json.dumps(t, ensure_ascii=False) in text]
    assert leaked == []


def test_showing_a_card_writes_nothing(notebook_folder: Path) -> None:
    for slug in ENTRIES:
        scenarios.ask(slug)
    assert list(notebook_folder.rglob("*")) == []


def test_options_are_shuffled_for_each_learner_and_stay_so() -> None:
    def order(who: str) -> list[str]:
        return [o["id"] for o in shown(desk(who=who))["scenes"][0]["questions"][0]["options"]]

    assert order("ada") == order("ada")
    assert len({tuple(order(f"learner {n}")) for n in range(30)}) > 5
    assert len({order(f"learner {n}").index("leave-and-raise") for n in range(30)}) == 4


def test_a_text_to_mark_and_an_account_to_check_keep_their_order() -> None:
    for entry in ENTRIES.values():
        for scene in entry.scenario.scenes:
            for question in scene.questions:
                if isinstance(question, Hottext):
                    asked = view.of(entry, (), model_policy(), Learner("x"))
                    texts = [p["text"] for p in asked["scenes"][0]["questions"][0]["segments"]]
                    assert "".join(texts) == question.text


def test_luck_does_not_put_steps_in_order() -> None:
    steps = [{"id": i, "text": i, "why": i} for i in ("one", "two", "three")]
    question = {"kind": "order", "id": "steps", "prompt": "Order them.", "steps": steps}
    entry = made_of(question)
    for n in range(40):
        asked = view.of(entry, (), model_policy(), Learner(str(n)))["scenes"][0]["questions"][0]
        assert [s["id"] for s in asked["steps"]] != ["one", "two", "three"]


def test_a_practice_that_left_a_clause_out_is_not_offered_it() -> None:
    own = PracticePolicy(practice="Ours", omit=("CL-05",))
    policy = lay_over(model_policy(), own)
    asked = view.of(load(SLUG), (), policy, Learner("x"))["scenes"][0]["questions"][1]
    assert "CL-05" not in [c["id"] for c in asked["clauses"]]
    assert "CL-04" in [c["id"] for c in asked["clauses"]]


def made_of(*questions: dict[str, Any]) -> Entry:
    """A scenario of one scene with these questions, otherwise like a real one."""
    real = load(SLUG).scenario.model_dump(mode="json")
    scene = {**real["scenes"][0], "questions": questions}
    scenario = Scenario.model_validate_json(json.dumps({**real, "scenes": [scene]}))
    return Entry(slug="trial/made", version="1", scenario=scenario)


# --------------------------------------------------------------------------------------- the commit


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_scenario_is_played_to_its_end_and_comes_back(slug: str) -> None:
    entry = ENTRIES[slug]
    at = desk(entry)
    for number in range(8):
        data = shown(at)
        if data["debrief"]:
            break
        scene = entry.scenario.scene(data["scenes"][-1]["id"])
        assert commit(at, scene)["do"] == "committed"
        committed = shown(at)["scenes"][number]["committed"]
        assert committed["answers"] == answer_all(scene)
        assert [f["question"] for f in committed["feedback"]] == list(answer_all(scene))
        for asked, told in zip(data["scenes"][-1]["questions"], committed["feedback"], strict=True):
            if told["kind"] == "rating":  # in the order in which it was asked
                assert [o["id"] for o in told["options"]] == [o["id"] for o in asked["options"]]
            if told["kind"] == "hottext":
                assert {c for s in told["spans"] for c in s["categories"]} <= set(
                    told["categories"]
                )
        assert all(f["verdict"] for f in committed["feedback"])
    restored = card(slug).get_state()["view"]
    assert restored["debrief"]["takeaway"] == entry.scenario.feedback.takeaway
    assert all(s["committed"] for s in restored["scenes"])


def test_a_commit_is_one_event_for_each_question_and_says_how_sure() -> None:
    at = desk()
    scene = at.entry.scenario.scenes[0]
    reply = commit(at, scene)
    events = record()
    assert reply == {"do": "committed", "time": events[-1].time}
    assert [(e.act, e.scene, e.question, e.attempt) for e in events] == [
        ("commit", SCENE, "decision", 1),
        ("commit", SCENE, "clauses", 1),
    ]
    assert {e.certainty for e in events} == {"sure"}
    assert {e.bank for e in events} == {at.entry.version}


def test_feedback_is_sent_only_after_the_answer_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    at = desk()
    full = OSError(28, "No space left on device")

    def fail(*_: object) -> None:
        raise full

    monkeypatch.setattr("scenarios.files.append", fail)
    widget = Card(at)
    sent = listen(widget)
    receive(widget, message_of(at))
    assert [m["do"] for m in sent] == ["refused"]
    assert "No space left on device" in sent[0]["why"]
    assert widget.view["scenes"][0]["committed"] is None


def test_the_browser_is_told_the_time_of_the_record() -> None:
    at = desk()
    widget = Card(at)
    sent = listen(widget)
    receive(widget, {"do": "ping"})
    receive(widget, message_of(at))
    assert sent == [
        {"do": "pong"},
        {"do": "committed", "scene": SCENE, "time": record()[-1].time},
    ]
    assert widget.view["scenes"][0]["committed"]["feedback"][0]["verdict"]


def message_of(at: Desk, attempts: int = 0) -> dict[str, Any]:
    given = answer_all(at.entry.scenario.scenes[0])
    return {
        "do": "commit", "scene": SCENE, "answers": given, "attempts": attempts, "certainty": None,
    }  # fmt: skip


def receive(widget: Card, message: object) -> None:
    """Hand the widget a message as the kernel does."""
    widget._handle_custom_msg(message, [])  # noqa: SLF001 - the door that ipywidgets leaves


def listen(widget: Card) -> list[dict[str, Any]]:
    """Collect what the widget sends."""
    sent: list[dict[str, Any]] = []
    widget.send = sent.append
    return sent


def test_an_unfinished_scene_is_not_committed() -> None:
    at = desk()
    scene = at.entry.scenario.scenes[0]
    reply = commit(at, scene, {"decision": "leave-and-raise", "clauses": []})
    assert reply["do"] == "refused"
    assert reply["missing"] == ["clauses"]
    assert record() == ()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"decision": "nonsense", "clauses": ["CL-04"]},
        {"decision": ["leave-and-raise"], "clauses": ["CL-04"]},
        {"decision": "leave-and-raise", "clauses": ["CL-04", "CL-04"]},
        {"decision": "leave-and-raise", "clauses": ["CL-04", "CL-05", "CL-07", "CL-20"]},
        {"decision": {"a": 1}, "clauses": "CL-04"},
    ],
)
def test_what_is_no_answer_is_never_written(given: dict[str, Answer]) -> None:
    at = desk()
    assert at.commit(SCENE, given, 0, None).message["do"] == "refused"
    assert record() == ()


@pytest.mark.parametrize(
    "message",
    [
        None,
        "commit",
        [],
        {"do": "erase"},
        {"do": "commit"},
        {"do": "commit", "scene": "nowhere", "answers": {}, "attempts": 0, "certainty": None},
        {"do": "commit", "scene": 7, "answers": {}, "attempts": 0, "certainty": None},
        {"do": "commit", "scene": SCENE, "answers": [], "attempts": "x", "certainty": []},
        {"do": "back", "scene": SCENE},
        {"do": "back", "scene": "nowhere"},
        {"do": "change", "scene": SCENE, "question": "none", "answer": 1, "attempts": 0},
        {"do": "change", "scene": SCENE, "question": "decision", "answer": {}, "attempts": 0},
        {"do": "change", "scene": "nowhere", "question": "x", "answer": "x", "attempts": 0},
    ],
)
def test_a_strange_message_is_answered_with_a_sentence_and_writes_nothing(message: object) -> None:
    widget = Card(desk())
    sent = listen(widget)
    receive(widget, message)
    assert all(m["do"] in {"refused", "elsewhere"} and m["why"] for m in sent)
    assert record() == ()


def test_how_sure_is_one_of_three_words_or_nothing() -> None:
    at = desk()
    at.commit(SCENE, answer_all(at.entry.scenario.scenes[0]), 0, {"very": "sure"})
    assert {e.certainty for e in record()} == {None}


# ----------------------------------------------------------------------------- drafts and new tries


def test_a_draft_comes_back_and_is_no_commit() -> None:
    at = desk()
    assert at.change(SCENE, "decision", "leave-and-raise", 0)
    assert at.change(SCENE, "clauses", ["CL-04", "CL-05", "CL-07", "CL-20"], 0)
    scene = shown(at)["scenes"][0]
    assert scene["committed"] is None
    assert scene["draft"] == {
        "decision": "leave-and-raise",
        "clauses": ["CL-04", "CL-05", "CL-07", "CL-20"],
    }
    assert {e.act for e in record()} == {"change"}


def test_an_unchanged_draft_is_not_written_again() -> None:
    at = desk()
    at.change(SCENE, "decision", "leave-and-raise", 0)
    assert at.change(SCENE, "decision", "leave-and-raise", 0) is None
    assert len(record()) == 1


def test_a_commit_clears_the_draft() -> None:
    at = desk()
    at.change(SCENE, "decision", "delete-and-wait", 0)
    commit(at, at.entry.scenario.scenes[0])
    assert shown(at)["scenes"][0]["draft"] == {}


def test_a_look_shows_what_was_answered_in_another_tab_and_writes_nothing() -> None:
    at = desk()
    widget = Card(at)
    sent = listen(widget)
    receive(widget, {"do": "look"})
    assert widget.view["scenes"][0]["attempts"] == 0
    commit(at, at.entry.scenario.scenes[0])
    before = record()
    receive(widget, {"do": "look"})
    assert [m["do"] for m in sent] == ["looked", "looked"]
    assert widget.view == shown(at)
    assert record() == before


def test_a_panel_answers_the_heartbeat_without_looking_again() -> None:
    looks = count()
    panel = Panel(lambda: {"kind": "map", "n": next(looks)})
    sent: list[dict[str, Any]] = []
    panel.send = sent.append
    panel.receive(panel, {"do": "ping"}, [])
    assert sent == [{"do": "pong"}]
    assert next(looks) == 1


def test_nothing_right_is_not_called_partly_right() -> None:
    policy, told = model_policy(), set()
    for entry in ENTRIES.values():
        for give, verdict in ((best_answers, "right"), (worst_answers, "wrong")):
            given = give(entry.scenario, policy)
            for scene in entry.scenario.scenes:
                for question in scene.questions:
                    key = (scene.id, question.id)
                    if isinstance(question, Hottext | Audit | Rating | Order) and key in given:
                        found = explain(question, given[key], policy, None)["verdict"]
                        assert found == verdict, (entry.slug, question.id)
                        told.add(question.kind)
    assert told == {"hottext", "audit", "rating", "order"}


# --------------------------------------------------------------------------------- one's own count

WRITTEN = "reviews/jordan-p-one-star"
RATING = {"criteria": ["a1", "b1"], "caps": []}


def written() -> tuple[Desk, str, str]:
    """A desk whose written answer is committed, with the scene and the question."""
    at = desk(load(WRITTEN))
    scene = next(
        s for s in at.entry.scenario.scenes if any(q.kind == "response" for q in s.questions)
    )
    assert commit(at, scene)["do"] == "committed"
    return at, scene.id, next(q.id for q in scene.questions if q.kind == "response")


def rate(scene: str, question: str, answer: Answer = RATING, **more: object) -> dict[str, Any]:
    message = {"do": "rate", "scene": scene, "question": question, "answer": answer}
    return {**message, "attempts": 1, "seen": "", **more}


def test_ones_own_count_is_on_disk_before_it_is_called_saved_and_comes_back() -> None:
    at, scene, question = written()
    widget = Card(at)
    sent = listen(widget)
    receive(widget, rate(scene, question))
    last = record()[-1]
    assert (last.act, last.scene, last.question, last.attempt) == ("rate", scene, question, 1)
    assert last.answer == RATING
    assert [(m["do"], m["question"], m["time"]) for m in sent] == [("rated", question, last.time)]
    ratings = {"answer": RATING, "time": last.time}
    assert shown(at)["scenes"][0]["ratings"] == {question: ratings}
    assert Card(at).view["scenes"][0]["ratings"] == {question: ratings}


def test_ones_own_count_marks_nothing_and_is_told_in_the_receipt() -> None:
    at, scene, question = written()
    before = answers.first_commits(record())
    at.rate(scene, question, {"criteria": ["a1", "b1"], "caps": ["discloses"]}, 1)
    assert answers.first_commits(record()) == before
    entry = load(WRITTEN)
    asked = next(q for q in entry.scenario.scene(scene).questions if isinstance(q, Response))
    told = receipt("Reviews", [entry], answers.read(at.path), model_policy(), Seal("0", "now"))
    most = next(c.maximum for c in asked.caps if c.id == "discloses")
    assert f"own count: {most:g} of {asked.rubric_points:g} points" in told


def test_a_count_given_in_another_tab_is_shown_and_both_stay_on_record() -> None:
    at, scene, question = written()
    first = at.rate(scene, question, RATING, 1).message["time"]
    reply = at.rate(scene, question, {"criteria": [], "caps": []}, 1)
    assert reply.message["why"] == RATED_ELSEWHERE
    assert reply.message["answer"] == RATING
    assert reply.view
    at.rate(scene, question, {"criteria": [], "caps": []}, 1, first)
    assert [e.answer for e in record() if e.act == "rate"] == [RATING, {"criteria": [], "caps": []}]
    assert at.rate(scene, question, {"criteria": [], "caps": []}, 1).message["do"] == "rated"
    assert len([e for e in record() if e.act == "rate"]) == 2


def test_a_count_belongs_to_the_try_it_rates() -> None:
    at, scene, question = written()
    at.rate(scene, question, RATING, 1)
    commit(at, at.entry.scenario.scene(scene))
    assert shown(at)["scenes"][0]["ratings"] == {}
    assert at.rate(scene, question, RATING, 1).message["do"] == "elsewhere"
    assert at.rate(scene, question, {"criteria": [], "caps": []}, 2).message["do"] == "rated"
    first = answers.self_rating(record(), scene, question)
    assert first
    assert first.answer == RATING


@pytest.mark.parametrize(
    "change",
    [
        {"question": "none"},
        {"scene": "nowhere"},
        {"answer": None},
        {"answer": {"criteria": ["a1"]}},
        {"answer": {"criteria": ["a1", "a1"], "caps": []}},
        {"answer": {"criteria": ["zz"], "caps": []}},
        {"answer": {"criteria": [], "caps": [], "points": 9}},
        {"answer": {"criteria": {"a1": 1}, "caps": []}},
        {"seen": 7},
        {"attempts": 2},
        {"attempts": 0},
    ],
)
def test_what_is_no_count_is_refused_and_never_written(change: dict[str, object]) -> None:
    at, scene, question = written()
    widget = Card(at)
    sent = listen(widget)
    before = record()
    receive(widget, {**rate(scene, question), **change})
    assert [m["do"] in {"refused", "elsewhere"} and bool(m["why"]) for m in sent] == [True]
    assert record() == before


def test_a_count_before_the_commit_is_not_taken() -> None:
    at = desk(load(WRITTEN))
    scene = at.entry.scenario.scenes[0]
    question = next(q.id for q in scene.questions if q.kind == "response")
    for known in (0, 1):
        assert at.rate(scene.id, question, RATING, known).message["do"] == "elsewhere"
    assert record() == ()


# ------------------------------------------------------------------------------------ further tries


def test_a_new_try_is_kept_beside_the_first_answer() -> None:
    at = desk()
    scene = at.entry.scenario.scenes[0]
    commit(at, scene, {"decision": "delete-and-wait", "clauses": ["CL-05"]})
    commit(at, scene, {"decision": "leave-and-raise", "clauses": ["CL-04", "CL-32"]})
    committed = shown(at)["scenes"][0]["committed"]
    assert committed["attempt"] == 2
    assert committed["feedback"][0]["verdict"] == "best"
    assert answers.first_commits(record())[SCENE, "decision"] == "delete-and-wait"


def test_a_new_try_that_was_given_up_leaves_the_feedback() -> None:
    at = desk()
    commit(at, at.entry.scenario.scenes[0])
    first = some_answer(at.entry.scenario.scenes[0].questions[0])
    at.change(SCENE, "decision", "delete-and-wait", 1)
    assert shown(at)["scenes"][0]["draft"] == {"decision": "delete-and-wait"}
    at.change(SCENE, "decision", first, 1)
    assert shown(at)["scenes"][0]["draft"] == {}


def branching() -> Entry:
    """Two ways from the first scene, which meet nowhere."""
    real = load(SLUG).scenario.model_dump(mode="json")
    scene = real["scenes"][0]
    decision = scene["questions"][0]
    ways = ["left", "right", "left", None]
    fork = [{**o, "next": way} for o, way in zip(decision["options"], ways, strict=True)]
    start = {**scene, "id": "start", "questions": [{**decision, "options": fork}]}
    ends = [{**scene, "id": i, "stem": f"You went {i}.", "artefact": None} for i in ways[:2]]
    data = {**real, "scenes": [start, *ends]}
    scenario = Scenario.model_validate_json(json.dumps(data))
    return Entry(slug="trial/branching", version="1", scenario=scenario)


def test_only_the_scenes_that_were_reached_are_sent() -> None:
    at = desk(branching())
    start = at.entry.scenario.scenes[0]
    assert [s["id"] for s in shown(at)["scenes"]] == ["start"]
    commit(at, start, {"decision": "delete-and-wait"})
    data = shown(at)
    assert [s["id"] for s in data["scenes"]] == ["start", "right"]
    assert data["debrief"] is None
    assert "You went left." not in json.dumps(data)


def test_an_earlier_scene_is_not_tried_again_before_the_end() -> None:
    at = desk(branching())
    start = at.entry.scenario.scenes[0]
    commit(at, start, {"decision": "delete-and-wait"})
    assert commit(at, start, {"decision": "accept-restricted"})["do"] == "elsewhere"
    assert len(record()) == 1


def test_a_new_try_goes_its_own_way_from_the_start() -> None:
    at = desk(branching())
    start, left, right = at.entry.scenario.scenes
    commit(at, start, {"decision": "delete-and-wait"})
    commit(at, right)
    commit(at, start, {"decision": "accept-restricted"})
    assert [(s["id"], bool(s["committed"])) for s in shown(at)["scenes"]] == [
        ("start", True),
        ("left", False),
    ]
    commit(at, left)
    commit(at, start, {"decision": "delete-and-wait"})
    # The same way a second time is decided anew; the earlier answer there does not stand in.
    assert [(s["id"], bool(s["committed"])) for s in shown(at)["scenes"]] == [
        ("start", True),
        ("right", False),
    ]
    first = answers.first_commits(record())
    assert [s.id for s in at.entry.scenario.path(first)] == ["start", "right"]


def test_a_new_try_that_is_given_up_on_its_way_brings_back_the_answer_before_it() -> None:
    at = desk(branching())
    start, left, right = at.entry.scenario.scenes
    commit(at, start, {"decision": "delete-and-wait"})
    assert not shown(at)["answered"]
    assert at.back("right").message["do"] == "refused"
    commit(at, right)
    whole = shown(at)
    assert whole["answered"]
    commit(at, start, {"decision": "accept-restricted"})
    at.change("left", "decision", "delete-and-wait", 0)
    assert shown(at)["answered"]
    assert all(s["again"] for s in shown(at)["scenes"])
    reply = at.answer({"do": "back", "scene": "left"})
    assert reply
    assert reply.message == {"do": "back"}
    assert reply.view == shown(at)
    assert [s["committed"] for s in shown(at)["scenes"]] == [
        s["committed"] for s in whole["scenes"]
    ]
    assert shown(at)["debrief"]

    # Before its first scene is committed only what was begun of the new try is dropped.
    at.change("start", "decision", "accept-restricted", 2)
    assert shown(at)["scenes"][0]["draft"]
    at.back("start")
    assert shown(at)["scenes"][0]["draft"] == {}
    assert [s["id"] for s in shown(at)["scenes"]] == ["start", "right"]
    commit(at, start, {"decision": "accept-restricted"})
    commit(at, left)
    assert shown(at)["debrief"]
    assert [s.id for s in at.entry.scenario.path(answers.first_commits(record()))] == [
        "start",
        "right",
    ]


def test_two_tabs_do_not_both_answer_first() -> None:
    here, there = desk(), desk()
    scene = here.entry.scenario.scenes[0]
    here.commit(SCENE, {"decision": "delete-and-wait", "clauses": ["CL-05"]}, 0)
    reply = there.commit(SCENE, answer_all(scene), 0)
    assert reply.message == {"do": "elsewhere", "why": ELSEWHERE}
    assert reply.view
    assert reply.view["scenes"][0]["committed"]["answers"]["decision"] == "delete-and-wait"
    draft = there.change(SCENE, "decision", "leave-and-raise", 0)
    assert draft
    assert draft.message["do"] == "elsewhere"
    assert len(record()) == 2


# --------------------------------------------------------------------------- what cannot be shown


def test_an_unknown_scenario_is_one_sentence() -> None:
    widget = scenarios.ask("boundaries/sunday-folow-request")
    assert "Did you mean 'boundaries/sunday-follow-request'?" in widget.view["notice"]
    assert "Traceback" not in repr(widget)


@pytest.mark.parametrize("slug", ["", "../../etc/passwd", "a/b/c", "<script>/x", "reviews/"])
def test_a_strange_name_is_one_sentence(slug: str) -> None:
    assert scenarios.ask(slug).view["notice"].startswith("No scenario is called")


def test_a_faulty_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "trial").mkdir()
    (tmp_path / "trial" / "broken.toml").write_text('title = "x"\n')
    notice = card("trial/broken", tmp_path).view["notice"]
    assert notice.startswith(
        "This scenario cannot be shown, because a file of the course is faulty"
    )
    assert "\n" not in notice


def test_a_faulty_policy_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('practice = "Ours"\nomit = ["CL-04"]\n')
    assert "policy.toml" in scenarios.ask(SLUG).view["notice"]


def test_an_unreadable_record_is_one_sentence_and_stays_untouched(notebook_folder: Path) -> None:
    at = desk()
    widget = Card(at)
    sent = listen(widget)
    (notebook_folder / answers.FILE).mkdir()
    receive(widget, message_of(at))
    assert sent[0]["do"] == "refused"
    assert "cannot be shown and nothing new is saved" in sent[0]["why"]
    assert "cannot be shown and nothing new is saved" in scenarios.ask(SLUG).view["notice"]


def test_lines_that_are_no_events_are_counted_on_the_card(notebook_folder: Path) -> None:
    at = desk()
    commit(at, at.entry.scenario.scenes[0])
    path = notebook_folder / answers.FILE
    path.write_text(path.read_text() + '{"torn": \n')
    data = scenarios.ask(SLUG).view
    assert data["skipped"] == 1
    assert data["scenes"][0]["committed"]


@pytest.mark.parametrize(
    "answer", [None, 7, "nonsense", ["x"], {"a": []}, "<script>alert(1)</script>"]
)
def test_whatever_stands_in_a_record_the_card_is_shown(answer: Answer) -> None:
    at = desk()
    path = Path(answers.FILE)
    for act in ("change", "commit"):
        event = Event(
            act=act, scenario=SLUG, scene=SCENE, question="decision", answer=answer, attempt=-3,
            bank="x",
        )  # fmt: skip
        answers.append(path, [event])
    data = shown(at)
    assert data["scenes"][0]["committed"] is None
    assert data["scenes"][0]["draft"] == {}


def test_an_error_that_nobody_thought_of_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Card(desk())
    sent = listen(widget)
    monkeypatch.setattr(Desk, "answer", lambda *_: 1 // 0)
    receive(widget, {"do": "commit", "scene": SCENE})
    assert sent == [{"do": "refused", "to": "commit", "scene": SCENE, "why": UNREADABLE}]


# ------------------------------------------------------------------------------------ the front end


def front_end(part: str) -> str:
    """The script (`_esm`) or the style (`_css`) that every card sends to the browser."""
    return str(scenarios.ask(SLUG).get_state()[part])


def test_no_text_becomes_markup_and_nothing_is_fetched() -> None:
    script = front_end("_esm")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|Function\("
    )
    assert re.findall(forbidden, script) == []
    assert re.findall(r"\b(?:fetch|import|XMLHttpRequest|WebSocket|sendBeacon)\s*\(", script) == []
    outside = set(re.findall(r"https?://[^\s\"']+", script + front_end("_css")))
    assert outside <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in front_end("_css")
    assert "@import" not in front_end("_css")


def test_every_rule_of_style_stays_inside_the_card() -> None:
    css = re.sub(r"/\*.*?\*/", "", front_end("_css"), flags=re.DOTALL)
    selectors = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*(?=\{)", css)
    stray = [s for s in selectors if ".smt-" not in s and not s.startswith("[data-state")]
    assert stray == []


def test_no_class_of_an_artefact_is_given_a_look_by_the_panels() -> None:
    here = Path(scenarios.__file__).parent
    drawn = set(re.findall(r"smt-[a-z-]+", (here / "artefacts.js").read_text("utf-8")))
    panels = set(re.findall(r"\.(smt-[a-z-]+)", (here / "panel.css").read_text("utf-8")))
    assert drawn & panels == set()


# ------------------------------------------------------------------------------------------- cues


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("We are sorry you felt unheard in our last session.", "Says whether someone is a client"),
        ("This person was never a client of ours.", "Says whether someone is a client"),
        ("We have no record of you.", "Says whether someone is a client"),
        ("I regret that you felt hurt.", "Apologizes for what this person felt or went through"),
        ("That is not what happened.", "Argues about what happened"),
        ("Your diagnosis was explained.", "Gives a fact of care"),
        ("You were billed for a no-show.", "Gives a fact of billing or scheduling"),
        ("My lawyer will call this defamation.", "Threatens"),
        ("Please take it down and I will waive it.", "Asks for removal or offers something for it"),
    ],
)
def test_a_reply_that_discloses_is_flagged_with_its_reason(text: str, title: str) -> None:
    found = flags(text, REVIEW_REPLY)
    assert title in [f.rule.title for f in found]
    assert all(f.rule.reason and f.found in text for f in found)


def test_a_general_policy_raises_no_flag() -> None:
    text = (
        "To protect everyone's privacy we do not discuss any review here. Anyone with a concern"
        " about the practice is welcome to call the office."
    )
    assert flags(text, (*REVIEW_REPLY, *IDENTIFIERS)) == ()
    assert flags("NO REPLY", (*REVIEW_REPLY, *IDENTIFIERS)) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Call 612-555-1234.", "telephone"),
        ("Write to ada@clinic.org", "e-mail"),
        ("on 3/14/2025", "date"),
        ("on March 3", "date"),
        ("SSN 123-45-6789", "Social Security"),
        ("MRN: 00481234", "record"),
        ("lives at 12 Elm Street", "street"),
        ("I saw Mrs. Okafor", "full name"),
        ("my client Ada Okafor said", "full name"),
    ],
)
def test_what_looks_like_an_identifier_is_warned_of(text: str, kind: str) -> None:
    assert any(kind in f.rule.title for f in flags(text, IDENTIFIERS))


def test_numbers_and_addresses_kept_for_invented_people_are_not() -> None:
    assert flags("Call (218) 555-0147 or write to desk@practice.example.", IDENTIFIERS) == ()


def test_every_cue_names_a_reference_that_exists_and_a_pattern_both_languages_read() -> None:
    for rule in (*REVIEW_REPLY, *IDENTIFIERS):
        data = rule.as_data()
        assert bool(data["case"]) == bool(rule.reference)
        # JavaScript has neither inline flags nor Python's own groups, and with its u flag it
        # refuses needless escapes.
        assert not re.search(r"\(\?[aiLmsux#P]", rule.pattern)
        assert not re.search(r"\\[^\w\s.+*?()\[\]{}|^$/\\]", rule.pattern)
