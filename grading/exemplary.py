"""Exemplary answers: the best and the worst that a learner can give, made from the bank itself.

Every scenario brings its own proof this way: its best answers must earn all points. The simulated
cohort of `course demo` answers between the two. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import singledispatch
from typing import Any

from grading.marks import mark
from scenarios.answers import Answers, Event
from scenarios.catalogue import Entry
from scenarios.model import Scenario, Scene
from scenarios.policy import Policy, credit
from scenarios.questions import (
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

Answering = Callable[[Scene, Question], Answer]
"""Gives an answer to a question of a scene."""


def walk(scenario: Scenario, answering: Answering) -> Answers:
    """Answer every question on the way that the answers themselves lead through."""
    answers: Answers = {}
    seen = 0
    while len(scenes := scenario.path(answers)) > seen:
        for scene in scenes[seen:]:
            answers |= {(scene.id, q.id): answering(scene, q) for q in scene.questions}
        seen = len(scenes)
    return answers


def paths(scenario: Scenario) -> Iterator[tuple[Option, ...]]:
    """Yield every way through a branching scenario: the options chosen at its forks, in order.

    A scenario without a fork has one way, the empty one.
    """
    yield from _ways(scenario, scenario.scenes[0])


def answers_along(
    scenario: Scenario,
    way: Iterable[Option],
    policy: Policy,
    profession: Profession | None = None,
) -> Answers:
    """Choose the options of one way at the forks, and answer everything else at its best."""
    ahead = iter(way)

    def answering(scene: Scene, question: Question) -> Answer:
        return next(ahead).id if question is scene.fork else best(question, policy, profession)

    return walk(scenario, answering)


def best_answers(
    scenario: Scenario, policy: Policy, profession: Profession | None = None
) -> Answers:
    """Return the answers, by (scene id, question id), that earn the most points.

    Of all ways through a branching scenario it is the best one, and the first of equals.
    """
    every = (answers_along(scenario, way, policy, profession) for way in paths(scenario))
    return max(every, key=lambda answers: mark(scenario, answers, policy, profession).points)


def worst_answers(
    scenario: Scenario, policy: Policy, profession: Profession | None = None
) -> Answers:
    """Return valid answers to every question on a way that earn as little as they can."""
    return walk(scenario, lambda _, question: worst(question, policy, profession))


def committed(entry: Entry, answers: Answers, **more: Any) -> list[Event]:  # noqa: ANN401 - columns
    """Return answers as the lines of a record, committed at the first attempt.

    `more` are other columns of the lines: `attempt`, `profession`, `certainty`, `time`.
    """
    return [
        Event(
            act="commit",
            scenario=entry.slug,
            scene=scene,
            question=question,
            answer=answer,
            bank=entry.version,
            **{"attempt": 1, **more},
        )
        for (scene, question), answer in answers.items()
    ]


def _ways(scenario: Scenario, scene: Scene) -> Iterator[tuple[Option, ...]]:
    fork = scene.fork
    if fork is None:
        yield ()
        return
    for option in fork.options:
        if option.next is None:
            yield (option,)
        else:
            yield from ((option, *rest) for rest in _ways(scenario, scenario.scene(option.next)))


# ------------------------------------------------------------------ one function per question kind


@singledispatch
def best(question: Question, _policy: Policy, _profession: Profession | None = None) -> Answer:
    """Return the answer that earns all that the question can give."""
    raise NotImplementedError(type(question).__name__)


@singledispatch
def worst(question: Question, _policy: Policy, _profession: Profession | None = None) -> Answer:
    """Return an answer of the right form that earns as little as one can."""
    raise NotImplementedError(type(question).__name__)


def _worth(option: Option, policy: Policy, profession: Profession | None) -> tuple[bool, float]:
    """Rank options: a never-event below everything else, then by credit."""
    return not option.never_event, CREDIT[credit(option, policy, profession)[0]]


@best.register
def _best_choice(question: Choice, policy: Policy, profession: Profession | None = None) -> str:
    return max(question.options, key=lambda o: _worth(o, policy, profession)).id


@worst.register
def _worst_choice(question: Choice, policy: Policy, profession: Profession | None = None) -> str:
    return min(question.options, key=lambda o: _worth(o, policy, profession)).id


@best.register
def _best_rationale(
    question: Rationale, policy: Policy, _profession: Profession | None = None
) -> list[str]:
    return [r.clause for r in question.right if r.clause in policy.clauses]


@worst.register
def _worst_rationale(
    question: Rationale, _policy: Policy, _profession: Profession | None = None
) -> list[str]:
    wrong = [r.clause for r in question.tempting][: question.maximum]
    lacking = max(0, question.minimum - len(wrong))
    return [*wrong, *[r.clause for r in question.right][:lacking]]


@best.register
def _best_hottext(
    question: Hottext, _policy: Policy, _profession: Profession | None = None
) -> dict[str, str]:
    return {s.id: s.categories[0] for s in question.spans if s.mark == "must"}


@worst.register
def _worst_hottext(
    question: Hottext, _policy: Policy, _profession: Profession | None = None
) -> dict[str, str]:
    return {s.id: "" for s in question.spans if s.mark == "keep"}


@best.register
def _best_audit(
    question: Audit, _policy: Policy, _profession: Profession | None = None
) -> dict[str, object]:
    ranked = sorted(question.rows, key=lambda r: -r.first)
    return {
        "rows": {r.id: r.correct for r in question.rows},
        "first": [r.id for r in ranked][: question.first_fixes],
    }


@worst.register
def _worst_audit(
    question: Audit, _policy: Policy, _profession: Profession | None = None
) -> dict[str, object]:
    flipped = {"keep": "change", "change": "keep"}
    ranked = sorted(question.rows, key=lambda r: r.first)
    return {
        "rows": {r.id: flipped[r.correct] for r in question.rows},
        "first": [r.id for r in ranked][: question.first_fixes],
    }


@best.register
def _best_rating(
    question: Rating, _policy: Policy, _profession: Profession | None = None
) -> dict[str, int]:
    return {o.id: o.key for o in question.options}


@worst.register
def _worst_rating(
    question: Rating, _policy: Policy, _profession: Profession | None = None
) -> dict[str, int]:
    return {o.id: 5 - o.key for o in question.options}  # the other side of a four-point scale


@best.register
def _best_order(
    question: Order, _policy: Policy, _profession: Profession | None = None
) -> list[str]:
    return [s.id for s in question.steps]


@worst.register
def _worst_order(
    question: Order, _policy: Policy, _profession: Profession | None = None
) -> list[str]:
    return [s.id for s in reversed(question.steps)]


@best.register
def _best_response(
    question: Response, _policy: Policy, _profession: Profession | None = None
) -> dict[str, str]:
    return dict(max(question.exemplars, key=lambda e: e.points).parts)


@worst.register
def _worst_response(
    question: Response, _policy: Policy, _profession: Profession | None = None
) -> dict[str, str]:
    return {p.id: "" for p in question.parts}
