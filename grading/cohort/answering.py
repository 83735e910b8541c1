"""What somebody of a certain ability answers; one function per question kind.

Choices follow ability through a softmax over credit, as in the nominal response models of item
response theory; every option and clause has its own lure, so that wrong answers differ in how often
they tempt.
"""

from __future__ import annotations

import hashlib
from functools import singledispatch
from statistics import NormalDist

import numpy as np

from scenarios.questions import Audit, Choice, Hottext, Order, Question, Rating, Rationale, Response
from scenarios.terms import CREDIT, Answer

Rng = np.random.Generator

_PICKED = 0.4
"""Logit of naming a clause that applies, at average ability; minus it for one that does not."""


def lure(name: str) -> float:
    """Return how much an option tempts beside its credit: normal, the same for everybody."""
    digest = hashlib.sha256(name.encode()).digest()
    return NormalDist().inv_cdf((int.from_bytes(digest[:6], "big") + 0.5) / 2**48)


def _does(logit: float, rng: Rng) -> bool:
    return bool(rng.random() < 1 / (1 + np.exp(-logit)))


@singledispatch
def respond(question: Question, _ability: float, _rng: Rng) -> Answer:
    """Return the answer of somebody with this ability; one function per question kind.

    `ability` is in standard deviations, already lowered by the scenario's difficulty. The answer
    always has the question's form.
    """
    raise NotImplementedError(type(question).__name__)


@respond.register
def _choice(question: Choice, ability: float, rng: Rng) -> str:
    slope = max(0.3, 3.2 + 1.4 * ability)  # knows little: credit hardly steers the choice
    pull = np.array([slope * CREDIT[o.credit] + 0.7 * lure(o.id) for o in question.options])
    shares = np.exp(pull - pull.max())
    return question.options[int(rng.choice(len(pull), p=shares / shares.sum()))].id


@respond.register
def _rationale(question: Rationale, ability: float, rng: Rng) -> list[str]:
    offered = [(c, 1) for c in question.right] + [(c, -1) for c in question.tempting]
    wish = {
        c.clause: side * (_PICKED + 0.9 * (ability + 0.9)) + 0.6 * lure(f"{question.id}{c.why}")
        for c, side in offered
    }
    ranked = sorted(wish, key=lambda c: wish[c] + rng.logistic(), reverse=True)
    picks = sum(_does(w, rng) for w in wish.values())
    return ranked[: min(max(picks, question.minimum), question.maximum)]


@respond.register
def _hottext(question: Hottext, ability: float, rng: Rng) -> dict[str, str]:
    eager = {"must": 1.1 + ability, "optional": 0.0, "keep": -1.3 - ability}
    marked = [s for s in question.spans if _does(eager[s.mark] + 0.5 * lure(s.id), rng)]
    return {
        s.id: str(rng.choice(s.categories))
        if s.categories and _does(1.0 + ability, rng)
        else str(rng.choice(list("ABCR")))
        for s in marked
    }


@respond.register
def _audit(question: Audit, ability: float, rng: Rng) -> dict[str, object]:
    other = {"keep": "change", "change": "keep"}
    rows = {
        r.id: r.correct if _does(1.3 + ability + 0.5 * lure(r.id), rng) else other[r.correct]
        for r in question.rows
    }
    urgency = {r.id: (1 + max(ability, -1.0)) * r.first + rng.logistic() for r in question.rows}
    return {"rows": rows, "first": sorted(rows, key=lambda i: -urgency[i])[: question.first_fixes]}


@respond.register
def _rating(question: Rating, ability: float, rng: Rng) -> dict[str, int]:
    spread = 1.1 * np.exp(-0.35 * ability)
    return {
        o.id: int(np.clip(round(o.key + spread * rng.standard_normal()), 1, 4))
        for o in question.options
    }


@respond.register
def _order(question: Order, ability: float, rng: Rng) -> list[str]:
    spread = 1.4 * np.exp(-0.5 * ability)
    place = {s.id: n + spread * rng.standard_normal() for n, s in enumerate(question.steps)}
    return sorted(place, key=lambda i: place[i])


@respond.register
def _response(question: Response, ability: float, rng: Rng) -> dict[str, str]:
    """Hand in the example answer whose points lie nearest to what the ability would earn."""
    aim = question.rubric_points / (1 + np.exp(-ability - 0.4 * rng.standard_normal()))
    nearest = min(question.exemplars, key=lambda e: abs(e.points - aim))
    return {p.id: nearest.parts.get(p.id, "") for p in question.parts}
