"""Answers in words: what a learner answered, as a person reads it, and a receipt of all of it.

Pure functions. Texts are plain; whoever puts them on a page escapes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from scenarios.answers import Event, Record, first_commits, self_rating
from scenarios.catalogue import Entry
from scenarios.policy import Policy
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
from scenarios.terms import Answer
from scenarios.turns import asked

SCALE = ("very inappropriate", "inappropriate", "appropriate", "very appropriate")


def lines(question: Question, answer: Answer, policy: Policy) -> tuple[str, ...]:
    """Return an answer in words, one statement a line; an answer of another form says so."""
    if answer is None:
        return ("not answered",)
    if not question.accepts(answer):
        return ("not an answer to this question",)
    return _lines(question, answer, policy)


@singledispatch
def _lines(question: Question, _answer: Answer, _policy: Policy) -> tuple[str, ...]:
    raise NotImplementedError(type(question).__name__)


@_lines.register
def _choice(question: Choice, answer: str, _policy: Policy) -> tuple[str, ...]:
    return (question.option(answer).text,)


@_lines.register
def _rationale(_question: Rationale, answer: list[str], policy: Policy) -> tuple[str, ...]:
    known = policy.clauses
    return tuple(f"{c} {known[c].title}" if c in known else c for c in answer)


@_lines.register
def _hottext(question: Hottext, answer: dict[str, str], _policy: Policy) -> tuple[str, ...]:
    marked = (s for s in question.spans if s.id in answer)
    return tuple(f"{s.text} ({answer[s.id] or 'no category'})" for s in marked) or ("no phrase",)


@_lines.register
def _audit(question: Audit, answer: dict[str, Any], _policy: Policy) -> tuple[str, ...]:
    rows, first = answer.get("rows", {}), answer.get("first", [])
    name = {r.id: f"{r.setting} ({r.group})" for r in question.rows}
    told = [f"{name[i]}: {rows[i]}" for i in name if i in rows]
    return (*told, *(f"fix {n}: {name[i]}" for n, i in enumerate(first, start=1)))


@_lines.register
def _rating(question: Rating, answer: dict[str, int], _policy: Policy) -> tuple[str, ...]:
    rated = (o for o in question.options if o.id in answer)
    return tuple(f"{o.text}: {SCALE[answer[o.id] - 1]}" for o in rated)


@_lines.register
def _order(question: Order, answer: list[str], _policy: Policy) -> tuple[str, ...]:
    text = {s.id: s.text for s in question.steps}
    return tuple(f"{n}. {text[i]}" for n, i in enumerate(answer, start=1))


@_lines.register
def _response(question: Response, answer: dict[str, str], _policy: Policy) -> tuple[str, ...]:
    return tuple(f"{p.label}: {answer.get(p.id, '') or 'left empty'}" for p in question.parts)


def own_count(question: Response, rated: Event | None) -> tuple[str, ...]:
    """Return in words how the learner rated a written answer of their own; nothing if not."""
    if rated is None or not question.accepts_rating(rated.answer):
        return ()
    told = f"{question.own_count(rated.answer):g} of {question.rubric_points:g}"
    return (f"own count: {told} points, rated {rated.time}; for learning, it marks nothing",)


@dataclass(frozen=True)
class Seal:
    """The SHA-256 of `answers.jsonl` as it was at a time, both as text."""

    digest: str
    at: str


def receipt(
    title: str, entries: Iterable[Entry], record: Record, policy: Policy, seal: Seal
) -> str:
    """Return a readable copy of a module's first answers, with the seal of the record.

    Whoever has the record can make its hash again and see that it is the one of the receipt.
    """
    told = [
        title,
        "=" * len(title),
        "",
        f"Receipt made {seal.at}",
        f"SHA-256 of answers.jsonl: {seal.digest}",
        f"Lines in the record: {len(record.events)}",
        "",
    ]
    for entry in entries:
        events = record.of(entry.slug)
        answers = first_commits(events)
        when = next((e.time for e in events if e.act == "commit"), None)
        told += [entry.scenario.title, f"  ({entry.slug}; version {entry.version})"]
        if when is None:
            told += ["  not answered", ""]
            continue
        told.append(f"  first answered {when}")
        for scene in entry.scenario.path(answers):
            for question in asked(scene, policy):
                given = lines(question, answers.get((scene.id, question.id)), policy)
                told += [f"  {question.prompt}", *(f"    - {line}" for line in given)]
                if isinstance(question, Response):
                    rated = self_rating(events, scene.id, question.id)
                    told += [f"    {line}" for line in own_count(question, rated)]
        told.append("")
    return "\n".join(told)
