"""Feedback: what came of it, why, the rule, the clause and the better action, as data.

Pure functions from a scenario and the answers to JSON-able dicts, for the card and for pages.
Options that were not chosen are explained too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from itertools import combinations
from typing import Any

from scenarios.model import Scenario, Scene
from scenarios.policy import Policy, credit, model_policy, references, weighed
from scenarios.questions import (
    FIRST,
    Audit,
    Choice,
    Hottext,
    Order,
    Question,
    Rating,
    Rationale,
    Response,
)
from scenarios.terms import CATEGORIES, CREDIT, Answer, ClauseId, Profession

Data = dict[str, Any]


def for_scene(
    scene: Scene,
    answers: Mapping[tuple[str, str], Answer],
    policy: Policy,
    profession: Profession | None,
) -> list[Data]:
    """Return the feedback to each answered question of a scene, in order."""
    return [
        {
            "question": q.id,
            "kind": q.kind,
            **explain(q, answers[scene.id, q.id], policy, profession),
        }
        for q in scene.questions
        if q.accepts(answers.get((scene.id, q.id)))
    ]


def for_scenario(scenario: Scenario, profession: Profession | None) -> Data:
    """Return what holds whichever option was chosen: rule, better action, takeaway, variation.

    Rules of the learner's own profession come first.
    """
    known = references()
    rules = sorted(
        (known[r] for r in scenario.references if r in known),
        key=lambda r: profession not in r.professions,
    )
    return {
        "rules": [
            {
                "cite": r.cite,
                "says": r.says,
                "own": profession in r.professions,
                "status": r.status,
            }
            for r in rules
        ],
        "better": scenario.feedback.better,
        "takeaway": scenario.feedback.takeaway,
        "varies": scenario.varies,
        "debated": scenario.debated,
        "views": [v.model_dump() for v in scenario.feedback.views],
    }


MIDDLE = 2.5
"""Between "inappropriate" and "appropriate" on the scale from 1 to 4."""


def _verdict(*, whole: bool, some: bool) -> str:
    return "right" if whole else "partly" if some else "wrong"


@singledispatch
def explain(
    question: Question, _answer: Answer, _policy: Policy, _profession: Profession | None
) -> Data:
    """Return the feedback to one accepted answer; one function per question kind."""
    raise NotImplementedError(type(question).__name__)


@explain.register
def _choice(question: Choice, answer: str, policy: Policy, profession: Profession | None) -> Data:
    options: list[Data] = []
    for option in question.options:
        worth, why = credit(option, policy, profession)
        options.append(
            {
                "id": option.id,
                "text": option.text,
                "chosen": option.id == answer,
                "credit": worth,
                "never_event": option.never_event,
                "consequence": option.consequence,
                "why": why,
            }
        )
    options.sort(key=lambda o: (not o["chosen"], -CREDIT[o["credit"]]))
    return {"verdict": options[0]["credit"], "options": options}


@explain.register
def _rationale(
    question: Rationale, answer: list[str], policy: Policy, _profession: Profession | None
) -> Data:
    asked = weighed(question, answer, policy)
    clauses = [
        {
            **_worded(reason.clause, policy),
            "right": right,
            "chosen": reason.clause in answer,
            "why": reason.why,
        }
        for right, reasons in ((True, question.right), (False, question.tempting))
        for reason in reasons
        if reason.clause in asked
    ]
    whole = all(c["right"] == c["chosen"] for c in clauses)
    some = any(c["right"] and c["chosen"] for c in clauses)
    return {"verdict": _verdict(whole=whole, some=some), "clauses": clauses}


def _worded(clause: ClauseId, policy: Policy) -> Data:
    """Return a clause's words in force, and as `model` the model policy's text if it differs.

    Scenarios are written for the model policy. A clause left out later has the model's words.
    """
    model = model_policy().clauses[clause]
    mine = policy.clauses.get(clause, model)
    told = {"id": clause, "title": mine.title, "text": mine.text}
    return told if mine.text == model.text else {**told, "model": model.text}


@explain.register
def _hottext(
    question: Hottext, answer: dict[str, str], _policy: Policy, _profession: Profession | None
) -> Data:
    spans: list[Data] = [
        {
            "id": s.id,
            "text": s.text,
            "mark": s.mark,
            "categories": list(s.categories),
            "marked": s.id in answer,
            "given": answer.get(s.id, ""),
            "critical": s.critical,
            "why": s.why,
        }
        for s in question.spans
    ]
    whole = all(
        s["given"] in s["categories"] if s["mark"] == "must" else not s["marked"]
        for s in spans
        if s["mark"] != "optional"
    )
    some = any(s["marked"] and s["mark"] == "must" for s in spans)
    names = dict(CATEGORIES)
    return {"verdict": _verdict(whole=whole, some=some), "spans": spans, "categories": names}


@explain.register
def _audit(question: Audit, answer: Data, _policy: Policy, _profession: Profession | None) -> Data:
    given, first = answer.get("rows", {}), answer.get("first", [])
    rows = [
        {
            "id": r.id,
            "setting": r.setting,
            "current": r.current,
            "correct": r.correct,
            "given": given.get(r.id, ""),
            "first": r.first,
            "picked": r.id in first,
            "why": r.why,
        }
        for r in question.rows
    ]
    whole = all(r["correct"] == r["given"] for r in rows)
    whole &= sum(r["first"] for r in rows if r["picked"]) == FIRST * question.first_fixes
    some = any(r["correct"] == r["given"] for r in rows)
    return {
        "verdict": _verdict(whole=whole, some=some),
        "rows": rows,
        "first_fixes": question.first_fixes,
    }


@explain.register
def _rating(
    question: Rating, answer: dict[str, int], _policy: Policy, _profession: Profession | None
) -> Data:
    options = [{**o.model_dump(), "given": answer.get(o.id)} for o in question.options]
    whole = all(o["key"] == o["given"] for o in options)
    some = any(_same_side(o["key"], o["given"]) for o in options)
    return {"verdict": _verdict(whole=whole, some=some), "options": options}


def _same_side(key: int, given: int | None) -> bool:
    """Tell whether a rating falls on the key's side of the scale from 1 to 4."""
    return given is not None and (given > MIDDLE) == (key > MIDDLE)


@explain.register
def _order(
    question: Order, answer: list[str], _policy: Policy, _profession: Profession | None
) -> Data:
    steps = [
        {**s.model_dump(), "place": n, "given": answer.index(s.id) + 1}
        for n, s in enumerate(question.steps, start=1)
    ]
    whole = all(s["place"] == s["given"] for s in steps)
    kept = [one["given"] < other["given"] for one, other in combinations(steps, 2)]
    return {"verdict": _verdict(whole=whole, some=2 * sum(kept) > len(kept)), "steps": steps}


@explain.register
def _response(
    question: Response, answer: dict[str, str], _policy: Policy, _profession: Profession | None
) -> Data:
    return {
        "verdict": "written",
        "answer": answer,
        "labels": {p.id: p.label for p in question.parts},
        "rubric": [c.model_dump() for c in question.rubric],
        "caps": [c.model_dump() for c in question.caps],
        "exemplars": [e.model_dump() for e in question.exemplars],
        "total": question.rubric_points,
    }
