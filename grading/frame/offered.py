"""What a bank offers to choose from, and what each of it is worth, as one table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

import pandas as pd

from grading.frame.columns import table
from scenarios.catalogue import Entry
from scenarios.policy import Policy, credit
from scenarios.questions import Audit, Choice, Hottext, Order, Question, Rating, Rationale

_KEY = {
    "module": "str",
    "scenario": "str",
    "title": "str",
    "scene": "str",
    "question": "str",
    "kind": "str",
    "item": "str",
    "text": "str",
    "worth": "str",
    "never_event": "bool",
}


def key(entries: Iterable[Entry], policy: Policy) -> pd.DataFrame:
    """Return one row per thing offered: what it says and what it is worth.

    An option's worth is its credit without any condition, a clause's is `right` or `wrong`, a
    phrase's is `must`, `optional` or `keep`, a setting's `change` or `keep`, a response's its
    rating from 1 to 4, a step's its place from 1.
    """
    rows = [
        {
            "module": entry.module,
            "scenario": entry.slug,
            "title": entry.scenario.title,
            "scene": scene.id,
            "question": question.id,
            "kind": question.kind,
            "item": item,
            "text": text,
            "worth": worth,
            "never_event": never,
        }
        for entry in entries
        for scene in entry.scenario.scenes
        for question in scene.questions
        for item, text, worth, never in _offered(question, policy)
    ]
    return table(rows, _KEY)


@singledispatch
def _offered(_question: Question, _policy: Policy) -> list[tuple[str, str, str, bool]]:
    """Return (id, text, worth, never-event) of what a question lets one choose from."""
    return []


@_offered.register
def _options(question: Choice, policy: Policy) -> list[tuple[str, str, str, bool]]:
    return [(o.id, o.text, credit(o, policy, None)[0], o.never_event) for o in question.options]


@_offered.register
def _reasons(question: Rationale, policy: Policy) -> list[tuple[str, str, str, bool]]:
    return [
        (r.clause, policy.clauses[r.clause].title, worth, False)
        for worth, reasons in (("right", question.right), ("wrong", question.tempting))
        for r in reasons
        if r.clause in policy.clauses
    ]


@_offered.register
def _phrases(question: Hottext, _policy: Policy) -> list[tuple[str, str, str, bool]]:
    return [(s.id, s.text, s.mark, False) for s in question.spans]


@_offered.register
def _settings(question: Audit, _policy: Policy) -> list[tuple[str, str, str, bool]]:
    return [(r.id, f"{r.setting} ({r.group})", r.correct, False) for r in question.rows]


@_offered.register
def _responses(question: Rating, _policy: Policy) -> list[tuple[str, str, str, bool]]:
    return [(o.id, o.text, str(o.key), False) for o in question.options]


@_offered.register
def _steps(question: Order, _policy: Policy) -> list[tuple[str, str, str, bool]]:
    return [(s.id, s.text, str(n), False) for n, s in enumerate(question.steps, start=1)]
