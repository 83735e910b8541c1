"""Marks: pure functions from a scenario, the answers and the policy to a mark that explains itself.

A scenario's decision and the clauses that justify it score together: `0.6 A + 0.4 R`, and R counts
only if A > 0. A never-event makes the whole scenario 0. Whatever stands in a record, a mark lies
between 0 and the scenario's points; what is not an answer to the question earns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import singledispatch
from itertools import combinations

from scenarios.model import Scenario, Scene
from scenarios.policy import Policy, credit, in_force, weighed
from scenarios.questions import (
    FIRST,
    Audit,
    Choice,
    Hottext,
    Option,
    Order,
    Question,
    Rating,
    Rationale,
    Response,
)
from scenarios.terms import CREDIT, Answer, Profession

DECISION = 0.6
"""Weight of what you would do."""
RATIONALE = 0.4
"""Weight of why, by the policy."""
VIOLATION_CAP = 0.5
"""Share that a branching scenario with a violation in any scene can reach at most."""
WRONG_CATEGORY = 0.5
DECOY = -0.5
MIDDLE = 2.5
"""Middle of the four-point scale."""


@dataclass(frozen=True)
class Part:
    """What one question earned, as a share from 0 to 1, and why.

    `earned` is None where a person has to mark.
    """

    scene: str
    question: str
    kind: str
    earned: float | None
    why: str


@dataclass(frozen=True)
class Mark:
    """What a scenario's answers are worth, and why.

    `points` of `maximum`, rounded to hundredths, without what a person gives; `decision` and
    `rationale` are the shares A and R (None where there is nothing to share out); `never_events`
    names the options chosen that must never happen; `unanswered` says how many questions on the
    way have no valid answer.
    """

    points: float
    maximum: float
    decision: float
    rationale: float | None
    parts: tuple[Part, ...]
    never_events: tuple[str, ...] = ()
    unanswered: int = 0
    void: bool = False

    @property
    def share(self) -> float:
        """Points as a share of the maximum; 0 where a person gives all of them."""
        return self.points / self.maximum if self.maximum else 0.0

    @property
    def needs_person(self) -> bool:
        """Whether a person has to mark a part."""
        return any(p.earned is None for p in self.parts)

    @property
    def why(self) -> str:
        """Say in one line how the points came about."""
        if self.void:
            return (
                f"{self.points:g} of {self.maximum:g}: the item was voided, everyone has the points"
            )
        if self.never_events:
            return f"0 of {self.maximum:g}: a never-event ({', '.join(self.never_events)})"
        said = "; ".join(f"{p.question}: {p.why}" for p in self.parts)
        return f"{self.points:g} of {self.maximum:g}: {said}"


def mark(
    scenario: Scenario,
    answers: Mapping[tuple[str, str], Answer],
    policy: Policy,
    profession: Profession | None = None,
) -> Mark:
    """Mark the answers, by (scene id, question id), to a scenario. Never raises for any answer."""
    scenes = scenario.path(answers)
    parts = tuple(
        _part(scene, q, answers.get((scene.id, q.id)), policy, profession)
        for scene in scenes
        for q in scene.questions
        if in_force(q, policy) or q.accepts(answers.get((scene.id, q.id)))
    )
    # A voided item holds nothing against anybody.
    unanswered = 0 if scenario.void else sum(p.why == UNANSWERED for p in parts)
    never = () if scenario.void else tuple(_never_events(scenes, answers))
    decision = _decision(scenario, scenes, parts)
    rationale = _mean(p.earned or 0.0 for p in parts if p.kind == "rationale")
    maximum = points_by_rule(scenario)
    if scenario.void:
        share = 1.0
    elif never or (decision <= 0 and not scenario.written):
        share = 0.0
    elif scenario.written:  # a person gives the decision's points; a reply must be there
        share = (rationale or 0.0) if any(p.earned is None for p in parts) else 0.0
    else:
        share = decision if rationale is None else DECISION * decision + RATIONALE * rationale
        if scenario.branching and _violates(scenes, answers, policy, profession):
            share = min(share, VIOLATION_CAP)
    return Mark(
        points=round(min(max(share, 0.0), 1.0) * maximum, 2),
        maximum=maximum,
        decision=decision,
        rationale=rationale,
        parts=parts,
        never_events=never,
        unanswered=unanswered,
        void=scenario.void,
    )


UNANSWERED = "not answered"


def points_by_person(scenario: Scenario) -> float:
    """Return the points that a person gives by the rubric; 0 unless the decision is written."""
    if not scenario.written:
        return 0.0
    return round(scenario.points * (DECISION if scenario.justified else 1.0), 2)


def points_by_rule(scenario: Scenario) -> float:
    """Return the points that the marks give; a person gives the others."""
    return round(scenario.points - points_by_person(scenario), 2)


def _part(
    scene: Scene, question: Question, answer: Answer, policy: Policy, profession: Profession | None
) -> Part:
    if answer is None or not question.accepts(answer):
        earned: float | None = 0.0
        why = UNANSWERED
    else:
        earned, why = earn(question, answer, policy, profession)
        earned = None if earned is None else min(max(earned, 0.0), 1.0)
    return Part(scene.id, question.id, question.kind, earned, why)


@singledispatch
def earn(
    question: Question, _answer: Answer, _policy: Policy, _profession: Profession | None
) -> tuple[float | None, str]:
    """Return the share that an accepted answer earns, and why; one function per question kind."""
    raise NotImplementedError(type(question).__name__)


@earn.register
def _choice(
    question: Choice, answer: str, policy: Policy, profession: Profession | None
) -> tuple[float | None, str]:
    worth, _ = credit(question.option(answer), policy, profession)
    return CREDIT[worth], worth


@earn.register
def _rationale(
    question: Rationale, answer: list[str], policy: Policy, _profession: Profession | None
) -> tuple[float | None, str]:
    """Net marking: 1 if exactly the right clauses, else hits minus misses over the right ones."""
    asked = weighed(question, answer, policy)
    right = {r.clause for r in question.right} & asked
    chosen = set(answer) & asked
    hits, wrong = len(chosen & right), len(chosen - right)
    share = 1.0 if chosen == right else max(0.0, (hits - wrong) / len(right))
    return share, f"{hits} of {len(right)} clauses, {wrong} that do not apply"


@earn.register
def _hottext(
    question: Hottext, answer: dict[str, str], _policy: Policy, _profession: Profession | None
) -> tuple[float | None, str]:
    """One point a must-span, half with a wrong category, minus half a decoy; critical ones cap."""
    must = [s for s in question.spans if s.mark == "must"]
    found = [s for s in must if s.id in answer]
    points = sum(1.0 if answer[s.id] in s.categories else WRONG_CATEGORY for s in found)
    decoys = sum(s.id in answer for s in question.spans if s.mark == "keep")
    points = max(0.0, points + DECOY * decoys)
    missed = [s for s in must if s.critical and s.id not in answer]
    why = f"{len(found)} of {len(must)} identifiers found"
    other = sum(answer[s.id] not in s.categories for s in found)
    why += f", {other} in another category" if other else ""
    why += f", {decoys} marked that may stay"
    if missed and question.critical_cap is not None and points > question.critical_cap:
        points = float(question.critical_cap)
        why += f"; capped, because {missed[0].text!r} was left in"
    return points / len(must), why


@earn.register
def _audit(
    question: Audit,
    answer: dict[str, dict[str, str] | list[str]],
    _policy: Policy,
    _profession: Profession | None,
) -> tuple[float | None, str]:
    """One point a right row, minus one for changing what should stay, plus the first fixes."""
    chosen = answer.get("rows", {})
    first = answer.get("first", [])
    rows = {r.id: r for r in question.rows}
    right = sum(chosen.get(i) == r.correct for i, r in rows.items()) if chosen else 0  # type: ignore[union-attr]
    spoilt = sum(
        r.correct == "keep" and chosen.get(i) == "change"  # type: ignore[union-attr]
        for i, r in rows.items()
    )
    fixes = sum(rows[i].first for i in first)
    most = FIRST * question.first_fixes
    total = len(rows) + most
    why = f"{right} of {len(rows)} rows right, {fixes} of {most} for the first fixes"
    return max(0, right - spoilt + fixes) / total, why


@earn.register
def _rating(
    question: Rating, answer: dict[str, int], _policy: Policy, _profession: Profession | None
) -> tuple[float | None, str]:
    """1 if exact, 1/2 if one step off on the same side of the scale, else 0; the mean of all."""
    shares = [_rated(o.key, answer.get(o.id)) for o in question.options]
    return sum(shares) / len(shares), f"{shares.count(1.0)} of {len(shares)} rated as the key"


def _rated(key: int, given: int | None) -> float:
    if given is None:
        return 0.0
    if given == key:
        return 1.0
    same_side = (given > MIDDLE) == (key > MIDDLE)
    return 0.5 if same_side else 0.0


@earn.register
def _order(
    question: Order, answer: list[str], _policy: Policy, _profession: Profession | None
) -> tuple[float | None, str]:
    """Kendall's tau, floored at 0: a near miss earns most of it, a reversed order nothing."""
    place = {step: n for n, step in enumerate(answer)}
    pairs = list(combinations([s.id for s in question.steps], 2))
    kept = sum(place[a] < place[b] for a, b in pairs)
    return max(0.0, 2 * kept / len(pairs) - 1), f"{kept} of {len(pairs)} pairs in the right order"


@earn.register
def _response(
    _question: Response, answer: dict[str, str], _policy: Policy, _profession: Profession | None
) -> tuple[float | None, str]:
    if not any(text.strip() for text in answer.values()):
        return 0.0, "nothing is written"
    return None, "a person marks this by the rubric"


def _decision(scenario: Scenario, scenes: tuple[Scene, ...], parts: tuple[Part, ...]) -> float:
    """Return A: the mean over the scenes on the way, scenes not yet reached counting as 0."""
    shares = [s for s in (_scene_share(scene, parts) for scene in scenes) if s is not None]
    last = scenes[-1]
    undecided = any(p.scene == last.id and p.why == UNANSWERED for p in parts)
    ahead = scenario.longest_from(last) - 1 if undecided and last.fork else 0
    return sum(shares) / (len(shares) + ahead) if shares else 0.0


def _scene_share(scene: Scene, parts: tuple[Part, ...]) -> float | None:
    weight = {q.id: q.points for q in scene.questions}
    own = [p for p in parts if p.scene == scene.id and p.kind != "rationale"]
    total = sum(weight[p.question] for p in own)
    return sum(weight[p.question] * (p.earned or 0.0) for p in own) / total if own else None


def _chosen(scenes: Iterable[Scene], answers: Mapping[tuple[str, str], Answer]) -> Iterable[Option]:
    for scene in scenes:
        for question in scene.questions:
            answer = answers.get((scene.id, question.id))
            if (
                isinstance(question, Choice)
                and isinstance(answer, str)
                and question.accepts(answer)
            ):
                yield question.option(answer)


def _never_events(
    scenes: Iterable[Scene], answers: Mapping[tuple[str, str], Answer]
) -> Iterable[str]:
    return (o.id for o in _chosen(scenes, answers) if o.never_event)


def _violates(
    scenes: Iterable[Scene],
    answers: Mapping[tuple[str, str], Answer],
    policy: Policy,
    profession: Profession | None,
) -> bool:
    return any(credit(o, policy, profession)[0] == "violation" for o in _chosen(scenes, answers))


def _mean(values: Iterable[float]) -> float | None:
    shares = list(values)
    return sum(shares) / len(shares) if shares else None
