"""The tests of the course: what is dealt, kept and handed in, what it is worth, what follows."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sat import POOLS, POST, PRE, events_of

import grading
from grading.exam.chance import chance, guesses
from grading.exam.gate import gate, missed
from grading.exam.panel import exam_panel, judged
from grading.exam.result import POINTS, Result, best, results
from grading.exam.work import sat
from grading.exemplary import best_answers, committed, worst_answers
from grading.marks import mark
from scenarios.answers import Answers, Event, Record, append, read
from scenarios.catalogue import Entry, load, load_all
from scenarios.exam.blueprint import Test, draw, fits, is_item, slot_of
from scenarios.exam.desk import ExamDesk
from scenarios.exam.sitting import sittings
from scenarios.policy import model_policy, topics
from scenarios.profile import Learner
from scenarios.questions import Choice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLICY = model_policy()
ITEMS = [e for e in load_all().values() if is_item(e.slug)]
NEVER = next(
    (e, q, o.id)
    for e in load_all().values()
    for s in e.scenario.scenes
    for q in s.questions
    if isinstance(q, Choice) and len(e.scenario.scenes) == 1
    for o in q.options
    if o.never_event
)


def desk(folder: Path, test: Test = POST, learner: str = "amy") -> ExamDesk:
    return ExamDesk(
        test=test, policy=POLICY, learner=Learner(learner), path=folder / "answers.jsonl"
    )


# ------------------------------------------------------------------------------------ the blueprint


def test_every_topic_of_the_source_article_is_tested_and_every_slot_has_a_pool() -> None:
    assert {t for t in topics() if t.startswith("S")} <= set(POST.slots)
    assert POST.length == 25
    assert PRE.length == 10
    for slot, number in POST.slots.items():
        assert len(POOLS["posttest"][slot]) >= 2 * number, slot
    assert sum(map(len, POOLS["posttest"].values())) >= 50
    assert not set(POOLS["posttest"]["S01"]) & set(POOLS["pretest"]["S01"])
    taught = {t for e in ITEMS if e.module == "pretest" for t in e.scenario.topics}
    assert {t for t in topics() if t.startswith("S")} <= taught


@given(learner=st.text(max_size=20), sitting=st.integers(1, 9))
def test_a_form_fills_every_slot_and_a_retake_has_others(learner: str, sitting: int) -> None:
    form = draw(POST, POOLS["posttest"], learner, sitting)
    assert fits(POST, form, POST.version)
    assert form == draw(POST, POOLS["posttest"], learner, sitting)
    again = draw(POST, POOLS["posttest"], learner, sitting + 1)
    assert set(again) != set(form)
    if sitting % 2:  # the pool lasts for two
        assert not set(form) & set(again)


def test_a_form_that_was_never_dealt_does_not_fit() -> None:
    form = draw(POST, POOLS["posttest"], "amy", 1)
    (last, slot), *_ = reversed(form.items())
    short = {s: t for s, t in form.items() if s != last}
    for forged in (
        short,
        {**short, next(iter(short)): slot},
        {**short, "reviews/one-star-sunday": slot},
        {**short, "posttest/no-such-item": slot},
        {**form, "posttest/no-such-item": "S01"},
        dict(zip(form, reversed(form.values()), strict=True)),
    ):
        assert not fits(POST, forged, POST.version)
    assert not fits(POST, form, "another")
    former = POST.model_copy(update={"slots": {"S01": 2}, "former": (POST.slots,)})
    assert fits(former, form, POST.version)


def test_what_was_dealt_stays_valid() -> None:
    """Sittings on record were dealt by these; if one changes, put its slots into `former`."""
    assert {t.name: t.version for t in (PRE, POST)} == {
        "pretest": "9fd90ad4e193",
        "posttest": "20ac33c626c5",
    }


# -------------------------------------------------------------------------------- the worth


@pytest.mark.parametrize("entry", ITEMS, ids=lambda e: e.slug)
def test_guessing_earns_what_chance_says(entry: Entry) -> None:
    """Against another way to know it: guess many times, and let the marks say what it earned."""
    rng = random.Random(entry.slug)  # noqa: S311 - a guesser, no secret
    (scene,) = entry.scenario.scenes
    offered = {q.id: list(guesses(q, POLICY)) for q in scene.questions}
    for all_guesses in offered.values():
        assert sum(p for p, _ in all_guesses) == pytest.approx(1)

    def once() -> float:
        answers: Answers = {
            (scene.id, name): rng.choices([a for _, a in known], [p for p, _ in known])[0]
            for name, known in offered.items()
        }
        return mark(entry.scenario, answers, POLICY).share

    rounds = 1500
    found = sum(once() for _ in range(rounds)) / rounds
    assert chance(entry, POLICY) == pytest.approx(found, abs=0.05)
    assert chance(entry, POLICY) < 0.45


@pytest.mark.parametrize("test", [POST, PRE], ids=lambda t: t.name)
def test_best_answers_earn_everything_and_worst_ones_nothing(test: Test) -> None:
    (right,) = results(events_of(test), test, POLICY)
    assert (right.raw, right.score, right.unanswered) == (1.0, 1.0, 0)
    assert right.passed == test.scored
    assert right.points == POINTS
    assert set(right.topics().values()) == {1.0}
    wrong = events_of(test, answering=lambda e: worst_answers(e.scenario, POLICY))
    (wrong_result,) = results(wrong, test, POLICY)
    assert wrong_result.score == 0
    assert not wrong_result.passed
    assert wrong_result.missed(POLICY)
    (none,) = results(events_of(test, answering=lambda _: {}), test, POLICY)
    assert (none.score, none.unanswered) == (0, test.length)


def test_the_score_is_what_is_known_beyond_guessing() -> None:
    half = {slug for n, slug in enumerate(draw(POST, POOLS["posttest"], "amy", 1)) if n % 2}
    events = events_of(
        POST, answering=lambda e: best_answers(e.scenario, POLICY) if e.slug in half else {}
    )
    (result,) = results(events, POST, POLICY)
    expected = (result.raw - result.chance) / (1 - result.chance)
    assert result.raw == pytest.approx(12 / 25)
    assert result.score == pytest.approx(expected)
    assert 0.1 < result.chance < 0.35
    assert not result.passed


def test_a_never_event_fails_a_sitting_that_is_right_otherwise() -> None:
    (result,) = results(events_of(POST), POST, POLICY)
    entry, question, option = NEVER
    scene = entry.scenario.scenes[0]
    answers = {**best_answers(entry.scenario, POLICY), (scene.id, question.id): option}
    bad = mark(entry.scenario, answers, POLICY)
    item = replace(result.items[0], entry=entry, slot=slot_of(entry), answers=answers, mark=bad)
    spoilt = Result(
        test=POST, sitting=result.sitting, profession=None, items=(*result.items[1:], item)
    )
    assert spoilt.score > POST.cut
    assert not spoilt.passed
    assert spoilt.points < POINTS * POST.cut
    assert slot_of(entry) in missed(spoilt)


def test_the_best_sitting_counts() -> None:
    first = events_of(POST, 1, lambda _: {})
    second = events_of(POST, 2, hour=11)
    third = events_of(POST, 3, lambda _: {}, hour=12)
    found = results([*first, *second, *third], POST, POLICY)
    assert [r.passed for r in found] == [False, True, False]
    counted = best(found)
    assert counted is not None
    assert counted.sitting.number == 2


@pytest.mark.parametrize(
    "forge",
    [
        lambda e: [*e[:1], *e[1:-1]],  # never handed in
        lambda e: [*e[1:]],  # never begun
        lambda e: [e[0], e[-1], *e[1:-1]],  # answered after it was handed in
        lambda e: [*e[:-1], replace(e[0], act="change"), e[-1]],  # not in the write that handed in
    ],
    ids=["open", "unbegun", "late", "elsewhere"],
)
def test_what_is_not_within_a_sitting_counts_nothing(
    forge: Callable[[list[Event]], list[Event]],
) -> None:
    assert all(r.score == 0 for r in results(forge(events_of(POST)), POST, POLICY))


def test_a_forged_form_is_worth_nothing_and_named() -> None:
    easy = dict(list(draw(POST, POOLS["posttest"], "amy", 1).items())[:3])
    (result,) = results(events_of(POST, form=easy), POST, POLICY)
    assert (result.score, result.points, result.passed) == (0, 0, False)
    assert "fits no blueprint" in result.fault
    work = sat(events_of(POST, form=easy), POST, POLICY)
    assert "counts nothing" in work.explained
    assert "Not passed yet: 80% beyond guessing passes." in work.explained
    assert any("counts nothing" in said for said in work.problems)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
_FORM = draw(POST, POOLS["posttest"], "amy", 1)
_EVENTS = st.builds(
    Event,
    act=st.sampled_from(["begin", "change", "commit", "finish", "rate"]),
    scenario=st.sampled_from(["posttest", "pretest", *list(_FORM)[:3], "x"]),
    scene=st.sampled_from(["", "post", "scene"]),
    question=st.sampled_from(["", "clauses", "decision"]),
    answer=_ANYTHING | st.just(_FORM),
    attempt=st.integers(0, 3),
    bank=st.sampled_from(["", POST.version]),
)


@given(st.lists(_EVENTS, max_size=12))
def test_no_record_breaks_the_marks(events: list[Event]) -> None:
    for result in results(events, POST, POLICY):
        assert 0 <= result.points <= POINTS
        assert not result.passed
    assert len(sat(events, POST, POLICY).asked) > 0


def test_score_reads_a_test_from_the_record_beside_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert grading.score("posttest") == 0.0
    append(tmp_path / "answers.jsonl", events_of(POST))
    assert grading.score("posttest") == POINTS


# -------------------------------------------------------------------------------- the gate


def test_three_sittings_then_the_missed_topics_again() -> None:
    practice = [e for e in load_all().values() if not is_item(e.slug)]
    events: list[Event] = []
    for number in (1, 2, 3):
        assert gate(POST, results(events, POST, POLICY), POLICY).open
        events += events_of(POST, number, lambda _: {}, hour=9 + number)
    found = results(events, POST, POLICY)
    shut = gate(POST, found, POLICY, practice)
    assert not shut.open
    assert shut.redo
    topics_missed = missed(found[-1])
    todo = [e for e in practice if topics_missed & set(e.scenario.topics)]
    assert sorted(chain(*shut.redo.values())) == sorted(e.scenario.title for e in todo)
    done = [
        committed(e, best_answers(e.scenario, POLICY), attempt=2, time="2027-11-27T10:00:00.000Z")
        for e in todo
    ]
    assert gate(POST, found, POLICY, practice, chain(*done)).open
    assert not gate(POST, found, POLICY, practice, chain(*done[1:])).open
    assert not gate(POST, found, POLICY, practice, chain(done[0][1:], *done[1:])).open
    early = (replace(e, time="2026-11-20T10:00:00.000Z") for e in chain(*done))
    assert not gate(POST, found, POLICY, practice, early).open
    ahead = replace(found[-1], sitting=replace(found[-1].sitting, finished="2099-01-01T00:00:00Z"))
    assert gate(POST, [*found[:-1], ahead], POLICY, practice, chain(*done)).open
    assert not gate(POST, results(events_of(POST), POST, POLICY), POLICY, practice).open


def test_a_test_that_is_not_scored_is_taken_once() -> None:
    assert gate(PRE, (), POLICY).open
    assert not gate(PRE, results(events_of(PRE), PRE, POLICY), POLICY).open


# -------------------------------------------------------------------------------- the desk


def sitting_messages(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """What a browser sends that answers every item at its best, question by question."""
    messages = []
    for item in shown["items"]:
        entry = load(item["slug"])
        for (_, question), answer in best_answers(entry.scenario, POLICY).items():
            messages.append(
                {
                    "do": "change",
                    "sitting": shown["sitting"],
                    "item": item["slug"],
                    "question": question,
                    "answer": answer,
                    "was": None,
                }
            )
    return messages


def test_a_sitting_from_the_door_to_the_result(tmp_path: Path) -> None:
    mine = desk(tmp_path)
    assert mine.show(mine.read())["items"] == []
    assert not (tmp_path / "answers.jsonl").exists(), "showing a test writes nothing"
    begun = mine.answer({"do": "begin"}, lambda: True)
    assert begun is not None
    assert begun.view is not None
    assert begun.view["sitting"] == 1
    for message in sitting_messages(begun.view):
        reply = mine.answer(message, lambda: True)
        assert reply is not None
        assert reply.message["do"] == "kept"
    again = desk(tmp_path).show(mine.read())
    assert all(len(i["answers"]) == len(i["scenes"][0]["questions"]) for i in again["items"])
    finished = mine.answer({"do": "finish", "sitting": 1}, lambda: True)
    assert finished is not None
    assert finished.message == {"do": "finished"}
    (result,) = results(mine.read().events, POST, POLICY)
    assert result.passed
    times = [e.time for e in mine.read().events]
    assert all(a <= b for a, b in pairwise(times))


def test_the_page_of_a_test_holds_no_key_before_it_is_handed_in(tmp_path: Path) -> None:
    mine = desk(tmp_path)
    begun = mine.answer({"do": "begin"}, lambda: True)
    assert begun is not None
    shown = json.dumps(begun.view)
    assert begun.view is not None
    for item in begun.view["items"]:
        scenario = load(item["slug"]).scenario
        assert scenario.feedback.takeaway not in shown
        for question in scenario.scenes[0].questions:
            if isinstance(question, Choice):
                assert not any(o.why in shown or o.consequence in shown for o in question.options)
    assert '"credit"' not in shown
    assert '"worth"' not in shown


def test_failing_shows_no_key_and_passing_shows_all(tmp_path: Path) -> None:
    failed = Record(tuple(events_of(POST, answering=lambda _: {})))
    assert judged(POST, failed, POLICY, tmp_path)["result"]["items"] == []
    passed = Record(tuple(events_of(POST)))
    assert len(judged(POST, passed, POLICY, tmp_path)["result"]["items"]) == POST.length
    unscored = Record(tuple(events_of(PRE)))
    assert judged(PRE, unscored, POLICY, tmp_path)["result"]["items"] == []


def test_another_tab_is_shown_what_is_on_record(tmp_path: Path) -> None:
    mine = desk(tmp_path)
    begun = mine.answer({"do": "begin"}, lambda: True)
    assert begun is not None
    assert begun.view is not None
    message = next(m for m in sitting_messages(begun.view) if isinstance(m["answer"], str))
    other = next(
        o.id
        for q in load(message["item"]).scenario.scenes[0].questions
        if isinstance(q, Choice)
        for o in q.options
        if o.id != message["answer"]
    )
    assert mine.answer(message, lambda: True) is not None
    stale = mine.answer({**message, "answer": other}, lambda: True)
    assert stale is not None
    assert stale.message["do"] == "elsewhere"
    assert stale.view is not None
    shown = {i["slug"]: i["answers"] for i in stale.view["items"]}
    assert shown[message["item"]][message["question"]] == message["answer"]
    known = mine.answer({**message, "answer": other, "was": message["answer"]}, lambda: True)
    assert known is not None
    assert known.message["do"] == "kept"
    twice = mine.answer({"do": "begin"}, lambda: True)
    assert twice is not None
    assert twice.view is not None
    assert twice.view["sitting"] == 1


def test_what_is_handed_in_stays(tmp_path: Path) -> None:
    mine = desk(tmp_path)
    begun = mine.answer({"do": "begin"}, lambda: True)
    assert begun is not None
    assert begun.view is not None
    late = sitting_messages(begun.view)[0]
    mine.answer({"do": "finish", "sitting": 1}, lambda: True)
    before = (tmp_path / "answers.jsonl").read_bytes()
    for message in (late, {"do": "finish", "sitting": 1}):
        reply = mine.answer(message, lambda: True)
        assert reply is not None
        assert reply.message["do"] == "elsewhere"
    assert mine.answer({"do": "begin"}, lambda: False) is not None
    assert (tmp_path / "answers.jsonl").read_bytes() == before


@given(_ANYTHING | st.fixed_dictionaries({"do": st.sampled_from(["change", "finish", "x"])}))
def test_no_message_breaks_the_desk(message: object) -> None:
    import tempfile  # noqa: PLC0415 - hypothesis forbids function-scoped folders
    from pathlib import Path as Folder  # noqa: PLC0415 - at run time

    with tempfile.TemporaryDirectory() as place:
        reply = desk(Folder(place)).answer(message, lambda: False)
        assert reply.message["do"] in {"refused", "elsewhere"}
        assert not read(Folder(place) / "answers.jsonl").events


def test_an_unknown_test_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "No test is called" in repr(exam_panel("midterm"))
    assert repr(grading.sit("posttest")) == "Test: Post-test"


def test_drafts_of_a_sitting_are_its_own() -> None:
    first, second = events_of(POST, 1), events_of(POST, 2, hour=12)
    one, two = sittings([*first, *second], POST)
    assert not set(one.form) & set(two.form)
    assert set(one.answers) == set(one.form)
    assert set(two.answers) == set(two.form)
