"""Marks: whatever a record holds, they stay in range, never raise, and pay for what is right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.exemplary import answers_along, best, best_answers, paths, worst, worst_answers
from grading.marks import Mark, earn, mark, points_by_person, points_by_rule
from scenarios.catalogue import Entry, load_all
from scenarios.feedback import explain
from scenarios.model import Scenario
from scenarios.policy import Policy, PracticePolicy, lay_over, model_policy
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
from scenarios.terms import CREDIT, PROFESSIONS, Answer, Profession

MODEL = model_policy()
BANK = tuple(load_all().values())
QUESTIONS = [q for e in BANK for s in e.scenario.scenes for q in s.questions]
SPARE = tuple(c.id for c in MODEL.clauses.values() if c.droppable)
SETTINGS = {c.setting.name: c.setting.values for c in MODEL.clauses.values() if c.setting}

Raw = dict[str, Any]
"""A question as a bank file has it."""
Sheet = tuple[Entry, dict[tuple[str, str], Answer]]
"""A scenario and answers to it."""

entries = st.sampled_from(BANK)
professions = st.sampled_from([None, *PROFESSIONS])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)
policies = st.builds(
    lambda omit, chosen: lay_over(
        MODEL, PracticePolicy(practice="Any", omit=tuple(omit), settings=chosen)
    ),
    st.sets(st.sampled_from(SPARE)),
    st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in SETTINGS.items()}),
)


def ids_of(question: Question) -> list[str]:
    """Return every id that an answer to a question can speak of, and a few that it cannot."""
    match question:
        case Choice() | Rating():
            own = [o.id for o in question.options]
        case Rationale():
            own = [r.clause for r in (*question.right, *question.tempting)]
        case Hottext():
            own = [s.id for s in question.spans]
        case Audit():
            own = [r.id for r in question.rows]
        case Order():
            own = [s.id for s in question.steps]
        case Response():
            own = [p.id for p in question.parts]
    return [*own, "no-such-id", ""]


def answers_to(question: Question) -> st.SearchStrategy[object]:
    """Draw answers that look right, half right or absurd."""
    some = st.sampled_from(ids_of(question))
    values = some | st.sampled_from(["change", "keep", "A", "R", "Z"]) | st.integers(-1, 6)
    maps = st.dictionaries(some, values | json_values, max_size=8)
    right = st.sampled_from([best(question, MODEL), worst(question, MODEL)])
    return (
        right
        | some
        | st.lists(some, max_size=8)
        | st.permutations(ids_of(question)[:-2])
        | maps
        | st.fixed_dictionaries({"rows": maps, "first": st.lists(some, max_size=5)})
        | json_values
    )


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Draw a scenario and a record's worth of answers to it, valid or not."""
    entry = draw(entries)
    asked = {(s.id, q.id): answers_to(q) for s in entry.scenario.scenes for q in s.questions}
    answers = draw(st.fixed_dictionaries({}, optional=asked))
    strange = st.tuples(st.text(max_size=5), st.text(max_size=5))
    return entry, {**draw(st.dictionaries(strange, json_values, max_size=2)), **answers}


def is_sound(given_mark: Mark, scenario: Scenario) -> bool:
    """Tell whether a mark's points are a plain float in range."""
    points = given_mark.points
    return type(points) is float and 0 <= points <= given_mark.maximum <= scenario.points


@given(sheets(), policies, professions)
def test_any_record_earns_something_between_nothing_and_everything(
    sheet: Sheet, policy: Policy, profession: Profession | None
) -> None:
    entry, answers = sheet
    given_mark = mark(entry.scenario, answers, policy, profession)
    assert is_sound(given_mark, entry.scenario)
    assert given_mark.maximum == points_by_rule(entry.scenario)
    assert given_mark.why
    assert all(p.earned is None or 0 <= p.earned <= 1 for p in given_mark.parts)


@given(sheets())
def test_what_is_not_an_answer_earns_what_silence_earns(sheet: Sheet) -> None:
    entry, answers = sheet
    asked = {(s.id, q.id): q for s in entry.scenario.scenes for q in s.questions}
    valid = {k: a for k, a in answers.items() if k in asked and asked[k].accepts(a)}
    assert mark(entry.scenario, answers, MODEL) == mark(entry.scenario, valid, MODEL)


@given(st.data())
def test_one_more_right_clause_never_costs(data: st.DataObject) -> None:
    question = data.draw(st.sampled_from([q for q in QUESTIONS if isinstance(q, Rationale)]))
    right = [r.clause for r in question.right]
    offered = [*right, *(r.clause for r in question.tempting)]
    chosen = data.draw(st.lists(st.sampled_from(offered), unique=True))
    more = data.draw(st.sampled_from(right))
    before, _ = earn(question, chosen, MODEL, None)
    after, _ = earn(question, [*{*chosen, more}], MODEL, None)
    assert before is not None
    assert after is not None
    assert after >= before


@given(st.data())
def test_a_better_option_never_costs(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from([e for e in BANK if not e.scenario.branching]))
    for scene in entry.scenario.scenes:
        for question in (q for q in scene.questions if isinstance(q, Choice)):
            answers = dict(best_answers(entry.scenario, MODEL))
            points = []
            for option in sorted(question.options, key=lambda o: CREDIT[o.credit]):
                answers[scene.id, question.id] = option.id
                points.append(mark(entry.scenario, answers, MODEL).points)
            assert points == sorted(points)


@pytest.mark.parametrize("entry", BANK, ids=lambda e: e.slug)
def test_every_way_through_a_scenario_stays_in_range(entry: Entry) -> None:
    scenario = entry.scenario
    for way in paths(scenario):
        assert is_sound(mark(scenario, answers_along(scenario, way, MODEL), MODEL), scenario)
    for scene, other in itertools.product(scenario.scenes, (best_answers, worst_answers)):
        for question in (q for q in scene.questions if isinstance(q, Choice)):
            for chosen in question.options:
                answers = {**other(scenario, MODEL), (scene.id, question.id): chosen.id}
                assert is_sound(mark(scenario, answers, MODEL), scenario)


@pytest.mark.parametrize("entry", BANK, ids=lambda e: e.slug)
def test_a_never_event_costs_everything(entry: Entry) -> None:
    scenario = entry.scenario
    for way in paths(scenario):
        given_mark = mark(scenario, answers_along(scenario, way, MODEL), MODEL)
        if any(taken.never_event for taken in way):
            assert given_mark.points == 0
            assert given_mark.never_events
    for scene in scenario.scenes[:1]:
        for question in (q for q in scene.questions if isinstance(q, Choice)):
            for grave in (o for o in question.options if o.never_event):
                answers = {**best_answers(scenario, MODEL), (scene.id, question.id): grave.id}
                assert mark(scenario, answers, MODEL).points == 0


# ---------------------------------------------------------------------------- by hand, kind by kind


def scenario_of(*questions: object, **more: object) -> Scenario:
    """Return a scenario of one scene with these questions."""
    return Scenario.model_validate(
        {
            "title": "A test",
            "topics": ["S11"],
            "objective": "Test.",
            "role": "Psychologist",
            "setting": "solo",
            "bloom": "apply",
            "severity": 4,
            "scenes": [{"id": "one", "stem": "You test.", "questions": list(questions)}],
            "feedback": {"takeaway": "Test.", "better": "Test."},
            "references": ["APA-3.05"],
            "varies": "Nothing.",
            "author": "Course team",
            "review_by": "2099-01-01",
            **more,
        }
    )


def option(name: str, credit: str, **more: object) -> Raw:
    """Return an option as a bank file has it."""
    return {"id": name, "text": name, "credit": credit, "consequence": "-", "why": "-", **more}


CHOICE = {
    "kind": "choice",
    "id": "decision",
    "prompt": "What next?",
    "options": [
        option("good", "best"),
        option("fair", "acceptable"),
        option("poor", "risky"),
        option("bad", "violation"),
        option("grave", "violation", never_event=True),
    ],
}
RATIONALE = {
    "kind": "rationale",
    "id": "clauses",
    "right": [{"clause": "CL-04", "why": "-"}, {"clause": "CL-32", "why": "-"}],
    "tempting": [{"clause": "CL-05", "why": "-"}, {"clause": "CL-07", "why": "-"}],
}


@pytest.mark.parametrize(
    ("decision", "clauses", "points"),
    [
        ("good", ["CL-04", "CL-32"], 10.0),
        ("good", ["CL-04"], 8.0),
        ("good", ["CL-04", "CL-05"], 6.0),
        ("good", ["CL-04", "CL-32", "CL-05"], 8.0),
        ("good", ["CL-05"], 6.0),
        ("good", None, 6.0),
        ("fair", ["CL-04", "CL-32"], 7.6),
        ("poor", ["CL-04", "CL-32"], 5.2),
        ("bad", ["CL-04", "CL-32"], 0.0),
        ("grave", ["CL-04", "CL-32"], 0.0),
        (None, ["CL-04", "CL-32"], 0.0),
        ("good", ["CL-04", "CL-04"], 6.0),
        ("good", ["CL-04", "CL-32", "CL-05", "CL-07"], 6.0),
        ("good", "CL-04", 6.0),
    ],
)
def test_decision_and_clauses_score_together(
    decision: object, clauses: object, points: float
) -> None:
    answers = {("one", "decision"): decision, ("one", "clauses"): clauses}
    assert mark(scenario_of(CHOICE, RATIONALE), answers, MODEL).points == points


def test_a_voided_item_gives_everyone_the_points() -> None:
    scenario = scenario_of(CHOICE, RATIONALE, void=True)
    assert mark(scenario, {}, MODEL).points == 10.0
    assert mark(scenario, {("one", "decision"): "grave"}, MODEL).points == 10.0


def test_a_condition_changes_what_an_option_is_worth() -> None:
    when = [
        {"professions": ["counselor"], "credit": "violation", "why": "A flat rule."},
        {"policy": {"texting": "secure"}, "credit": "best", "why": "The practice allows it."},
    ]
    options = [option("good", "best"), option("fair", "risky", when=when)]
    scenario = scenario_of({**CHOICE, "options": options})
    answers = {("one", "decision"): "fair"}
    secure = lay_over(MODEL, PracticePolicy(practice="Any", settings={"texting": "secure"}))
    assert mark(scenario, answers, MODEL).points == 2.0
    assert mark(scenario, answers, secure).points == 10.0
    assert mark(scenario, answers, secure, "counselor").points == 0.0


def test_clauses_that_a_practice_leaves_out_are_not_asked() -> None:
    spare = {**RATIONALE, "right": [{"clause": SPARE[0], "why": "-"}]}
    without = lay_over(MODEL, PracticePolicy(practice="Any", omit=(SPARE[0],)))
    answers = {("one", "decision"): "good"}
    assert mark(scenario_of(CHOICE, spare), answers, MODEL).points == 6.0
    assert mark(scenario_of(CHOICE, spare), answers, without).points == 10.0


@given(data=st.data())
def test_what_a_practice_leaves_out_later_takes_no_points_away(data: st.DataObject) -> None:
    entry = data.draw(entries)
    out = data.draw(st.sets(st.sampled_from(SPARE)))
    later = lay_over(MODEL, PracticePolicy(practice="Any", omit=tuple(out)))
    earned = mark(entry.scenario, best_answers(entry.scenario, MODEL), later)
    assert earned.points == earned.maximum


JUDGED = [q for q in QUESTIONS if isinstance(q, Hottext | Audit | Rating | Order)]


def nearly(question: Question) -> Iterator[Answer]:
    """Yield the best answer, and answers that are right but for their categories or first fixes."""
    yield best(question, MODEL)
    if isinstance(question, Hottext):
        yield {s.id: "R" for s in question.spans if s.mark == "must"}
    elif isinstance(question, Audit):
        yield {"rows": {r.id: r.correct for r in question.rows}, "first": []}


@given(data=st.data())
def test_right_is_said_of_what_earns_everything_and_of_nothing_else(data: st.DataObject) -> None:
    question = data.draw(st.sampled_from(JUDGED))
    for answer in (*nearly(question), data.draw(answers_to(question))):
        if question.accepts(answer):
            share, _ = earn(question, answer, MODEL, None)
            said = explain(question, answer, MODEL, None)["verdict"]
            assert (said == "right") == (share == 1), (question.id, answer)


LEAST = lay_over(
    MODEL, PracticePolicy(practice="Least", omit=SPARE, settings={"practice-page": "none"})
)
LESS = [
    q
    for q in QUESTIONS
    if isinstance(q, Rationale) and any(r.clause not in LEAST.clauses for r in q.right)
]


@given(question=st.sampled_from(LESS), policy=policies | st.just(LEAST), data=st.data())
def test_leaving_clauses_out_later_costs_nobody_points(
    question: Rationale, policy: Policy, data: st.DataObject
) -> None:
    ids = st.sampled_from(sorted(set(ids_of(question)) & set(MODEL.clauses)))
    few, most = question.minimum, question.maximum
    answer = data.draw(st.lists(ids, min_size=few, max_size=most, unique=True))
    before, _ = earn(question, answer, MODEL, None)
    after, _ = earn(question, answer, policy, None)
    assert after is not None
    assert before is not None
    assert after >= before


def test_what_was_answered_before_a_clause_was_left_out_still_counts() -> None:
    spare = {**RATIONALE, "right": [{"clause": SPARE[0], "why": "-"}]}
    without = lay_over(MODEL, PracticePolicy(practice="Any", omit=(SPARE[0],)))
    answers = {("one", "decision"): "fair", ("one", "clauses"): [SPARE[0]]}
    scenario = scenario_of(CHOICE, spare)
    assert mark(scenario, answers, MODEL).points == 7.6
    assert mark(scenario, answers, without).points == 7.6


HOTTEXT = {
    "kind": "hottext",
    "id": "marks",
    "prompt": "Mark what identifies her.",
    "text": "Ann, 34, of Salem sleeps badly.",
    "critical_cap": 0,
    "spans": [
        {"id": "name", "text": "Ann", "mark": "must", "categories": ["A"], "why": "-"},
        {"id": "age", "text": "34", "mark": "optional", "why": "-"},
        {
            "id": "town",
            "text": "Salem",
            "mark": "must",
            "categories": ["B"],
            "critical": True,
            "why": "-",
        },
        {"id": "sleep", "text": "sleeps badly", "mark": "keep", "why": "-"},
    ],
}
AUDIT = {
    "kind": "audit",
    "id": "settings",
    "prompt": "Keep or change?",
    "first_fixes": 1,
    "rows": [
        {
            "id": "tags",
            "group": "-",
            "setting": "-",
            "current": "on",
            "correct": "change",
            "first": 2,
            "why": "-",
        },
        {
            "id": "place",
            "group": "-",
            "setting": "-",
            "current": "on",
            "correct": "change",
            "first": 1,
            "why": "-",
        },
        {
            "id": "photo",
            "group": "-",
            "setting": "-",
            "current": "on",
            "correct": "keep",
            "why": "-",
        },
    ],
}
RATING = {
    "kind": "rating",
    "id": "rate",
    "prompt": "How appropriate?",
    "options": [{"id": f"r{k}", "text": "-", "key": k, "why": "-"} for k in (1, 2, 4)],
}
ORDER = {
    "kind": "order",
    "id": "steps",
    "prompt": "In which order?",
    "steps": [{"id": f"s{n}", "text": "-", "why": "-"} for n in range(1, 5)],
}


@pytest.mark.parametrize(
    ("question", "answer", "points"),
    [
        (HOTTEXT, {"name": "A", "town": "B"}, 10.0),
        (HOTTEXT, {"name": "A", "town": "B", "age": "C"}, 10.0),
        (HOTTEXT, {"name": "A", "town": "Q"}, 7.5),
        (HOTTEXT, {"name": "A", "town": "B", "sleep": ""}, 7.5),
        (HOTTEXT, {"name": "A"}, 0.0),
        (HOTTEXT, {"name": "A", "town": "B", "elsewhere": "B"}, 0.0),
        (
            AUDIT,
            {"rows": {"tags": "change", "place": "change", "photo": "keep"}, "first": ["tags"]},
            10.0,
        ),
        (
            AUDIT,
            {"rows": {"tags": "change", "place": "change", "photo": "change"}, "first": ["tags"]},
            6.0,
        ),
        (AUDIT, {"rows": {"tags": "change"}, "first": []}, 2.0),
        (AUDIT, {"rows": {}, "first": ["tags", "place"]}, 0.0),
        (RATING, {"r1": 1, "r2": 2, "r4": 4}, 10.0),
        (RATING, {"r1": 2, "r2": 1, "r4": 3}, 5.0),
        (RATING, {"r1": 3, "r2": 3, "r4": 2}, 0.0),
        (RATING, {"r1": True, "r2": 2, "r4": 4}, 0.0),
        (ORDER, ["s1", "s2", "s3", "s4"], 10.0),
        (ORDER, ["s2", "s1", "s3", "s4"], 6.67),
        (ORDER, ["s4", "s3", "s2", "s1"], 0.0),
        (ORDER, ["s1", "s2", "s3"], 0.0),
    ],
)
def test_other_kinds_by_hand(question: Raw, answer: object, points: float) -> None:
    answers = {("one", question["id"]): answer}
    assert mark(scenario_of(question), answers, MODEL).points == points


RESPONSE = {
    "kind": "response",
    "id": "reply",
    "prompt": "Write the reply.",
    "parts": [{"id": "public", "label": "Reply", "words": 60}],
    "rubric": [{"id": "neutral", "part": "public", "text": "Confirms nothing.", "points": 2}],
    "exemplars": [{"points": 2, "parts": {"public": "We take privacy seriously."}, "why": "-"}],
}


def test_a_written_answer_shares_its_points_between_rule_and_person() -> None:
    scenario = scenario_of(RESPONSE, RATIONALE)
    assert (points_by_rule(scenario), points_by_person(scenario)) == (4.0, 6.0)
    reply = {"public": "We take privacy seriously."}
    answers = {("one", "reply"): reply, ("one", "clauses"): ["CL-04", "CL-32"]}
    given_mark = mark(scenario, answers, MODEL)
    assert given_mark.points == 4.0
    assert given_mark.needs_person
    del answers["one", "reply"]
    assert mark(scenario, answers, MODEL).points == 0.0


FORK = {
    "id": "decision",
    "kind": "choice",
    "prompt": "What next?",
}


def branching() -> Scenario:
    """Return two scenes: a wrong turn at the first leads on as well, to the way back."""
    first = [
        option("good", "best", next="two"),
        option("bad", "violation", next="two"),
        option("stop", "risky"),
    ]
    second = [option("good", "best"), option("fair", "acceptable")]
    return scenario_of(
        scenes=[
            {"id": "one", "stem": "You test.", "questions": [{**FORK, "options": first}]},
            {"id": "two", "stem": "You test.", "questions": [{**FORK, "options": second}]},
        ]
    )


@pytest.mark.parametrize(
    ("choices", "points"),
    [
        (["good", "good"], 10.0),
        (["good", "fair"], 8.0),
        (["bad", "good"], 5.0),
        (["stop"], 2.0),
        (["good"], 5.0),
        (["stop", "good"], 2.0),
        ([], 0.0),
    ],
)
def test_a_branching_scenario_is_the_mean_of_the_way_taken(
    choices: list[str], points: float
) -> None:
    given_answers = {
        (scene, "decision"): c for scene, c in zip(("one", "two"), choices, strict=False)
    }
    assert mark(branching(), given_answers, MODEL).points == points


def test_all_ways_through_a_fork_are_found() -> None:
    ways = [tuple(o.id for o in way) for way in paths(branching())]
    assert ways == [("good",), ("bad",), ("stop",)]
    assert best_answers(branching(), MODEL) == {
        ("one", "decision"): "good",
        ("two", "decision"): "good",
    }


def test_every_kind_brings_its_best_and_its_worst_answer() -> None:
    kinds = [CHOICE, RATIONALE, HOTTEXT, AUDIT, RATING, ORDER, RESPONSE]
    for question in (scenario_of(k).scenes[0].questions[0] for k in kinds):
        assert question.accepts(best(question, MODEL))
        assert question.accepts(worst(question, MODEL))
        if not isinstance(question, Response):
            assert earn(question, best(question, MODEL), MODEL, None)[0] == 1.0
            assert earn(question, worst(question, MODEL), MODEL, None)[0] == 0.0
