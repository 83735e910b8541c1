"""Chance: the share of a scenario's points that somebody earns who only guesses. Pure and exact.

The guesser knows the form of an answer and nothing else: every option alike, every number of
clauses that is allowed, every phrase marked or not. `guesses` says it for each question kind; what
a guess earns is for `grading.marks` to say, so that both never drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from itertools import combinations, permutations, product
from math import comb

from grading.marks import DECISION, RATIONALE, earn
from scenarios.catalogue import Entry
from scenarios.model import Scenario
from scenarios.policy import Policy, in_force
from scenarios.questions import Audit, Choice, Hottext, Order, Question, Rating, Rationale
from scenarios.terms import CATEGORIES, Answer, Profession

Guess = tuple[float, Answer]
"""How likely a guess is, and the answer."""


_known: dict[tuple[str, str, str, Profession | None], float] = {}


def chance(entry: Entry, policy: Policy, profession: Profession | None = None) -> float:
    """Return the share, from 0 to 1, that guessing earns in a scenario of a test.

    For scenarios with one scene and one decision that is not written, as those of tests are. The
    clauses count only where the decision does.
    """
    place = (entry.slug, entry.version, policy.version, profession)
    if place not in _known:
        _known[place] = _chance(entry.scenario, policy, profession)
    return _known[place]


def _chance(scenario: Scenario, policy: Policy, profession: Profession | None) -> float:
    if scenario.void:
        return 1.0
    (scene,) = scenario.scenes
    asked = [q for q in scene.questions if in_force(q, policy)]
    (decision,) = (q for q in asked if not isinstance(q, Rationale))
    reasons = [q for q in asked if isinstance(q, Rationale)]
    earned = counts = 0.0  # of the decision, and how likely the clauses count
    for likely, answer in guesses(decision, policy):
        share = _share(decision, answer, policy, profession)
        earned += likely * share
        counts += likely * (share > 0)
    if not reasons:
        return earned
    shares = (
        likely * _share(q, answer, policy, profession)
        for q in reasons
        for likely, answer in guesses(q, policy)
    )
    return DECISION * earned + RATIONALE * counts * sum(shares) / len(reasons)


def _share(
    question: Question, answer: Answer, policy: Policy, profession: Profession | None
) -> float:
    """Return what a guess earns; a never-event has credit `violation` and so earns nothing."""
    return min(max(earn(question, answer, policy, profession)[0] or 0.0, 0.0), 1.0)


@singledispatch
def guesses(question: Question, _policy: Policy) -> Iterator[Guess]:
    """Yield every answer a guesser may give, and how likely; one function per question kind."""
    raise NotImplementedError(type(question).__name__)


@guesses.register
def _choice(question: Choice, _policy: Policy) -> Iterator[Guess]:
    yield from ((1 / len(question.options), o.id) for o in question.options)


@guesses.register
def _rationale(question: Rationale, policy: Policy) -> Iterator[Guess]:
    """Every allowed number of clauses alike, and of that number every set alike."""
    offered = [r.clause for r in (*question.right, *question.tempting)]
    offered = [c for c in offered if c in policy.clauses]
    numbers = range(min(question.minimum, len(offered)), min(question.maximum, len(offered)) + 1)
    for number in numbers:
        likely = 1 / len(numbers) / comb(len(offered), number)
        yield from ((likely, list(picks)) for picks in combinations(offered, number))


@guesses.register
def _hottext(question: Hottext, _policy: Policy) -> Iterator[Guess]:
    """Each phrase is marked or not, half and half, with any of the categories.

    Guesses that come to the same (as many phrases found, named rightly and marked in vain, a
    critical one left or not) are one, with the chance of all of them.
    """
    found: dict[tuple[int, int, int, bool], tuple[float, dict[str, str]]] = {
        (0, 0, 0, False): (1.0, {})
    }
    for span in (s for s in question.spans if s.mark != "optional"):
        fits = len(span.categories) / len(CATEGORIES)
        first = span.categories[0] if span.categories else ""
        grown: dict[tuple[int, int, int, bool], tuple[float, dict[str, str]]] = {}
        for (named, other, vain, left), (likely, marks) in found.items():
            must = span.mark == "must"
            ways = [
                (0.5, (named, other, vain, left or (must and span.critical)), marks),
                ((1 - fits) / 2, (named, other + must, vain + (not must), left), {span.id: ""}),
                (fits / 2, (named + 1, other, vain, left), {span.id: first}),
            ]
            for p, state, more in ways:
                if p:
                    before = grown.get(state, (0.0, {}))[0]
                    grown[state] = (before + likely * p, {**marks, **more})
        found = grown
    yield from found.values()


@guesses.register
def _audit(question: Audit, _policy: Policy) -> Iterator[Guess]:
    """Each row is kept or changed, and any rows are fixed first, whatever was said of them.

    Guesses with as many rows right, spoilt and as good first fixes are one.
    """
    rows: dict[tuple[int, int], tuple[float, dict[str, str]]] = {(0, 0): (1.0, {})}
    for row in question.rows:
        grown: dict[tuple[int, int], tuple[float, dict[str, str]]] = {}
        for (right, spoilt), (likely, given) in rows.items():
            for said in ("keep", "change"):
                hit = said == row.correct
                state = (right + hit, spoilt + (not hit and said == "change"))
                before = grown.get(state, (0.0, {}))[0]
                grown[state] = (before + likely / 2, {**given, row.id: said})
        rows = grown
    worth = {r.id: r.first for r in question.rows}
    picks = list(combinations(worth, question.first_fixes))
    firsts: dict[int, tuple[float, list[str]]] = {}
    for pick in picks:
        total = sum(worth[i] for i in pick)
        firsts[total] = (firsts.get(total, (0.0, []))[0] + 1 / len(picks), list(pick))
    for likely, given in rows.values():
        yield from ((likely * p, {"rows": given, "first": pick}) for p, pick in firsts.values())


@guesses.register
def _rating(question: Rating, _policy: Policy) -> Iterator[Guess]:
    ids = [o.id for o in question.options]
    for given in product((1, 2, 3, 4), repeat=len(ids)):
        yield 0.25 ** len(ids), dict(zip(ids, given, strict=True))


@guesses.register
def _order(question: Order, _policy: Policy) -> Iterator[Guess]:
    orders = list(permutations(s.id for s in question.steps))
    yield from ((1 / len(orders), list(order)) for order in orders)
