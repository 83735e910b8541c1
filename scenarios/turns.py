"""Where a learner is in a scenario: what they were asked, changed and committed so far. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from scenarios.answers import Event
from scenarios.model import Scenario, Scene
from scenarios.policy import Policy, in_force
from scenarios.questions import Audit, Question, Rationale, Response
from scenarios.terms import Answer


@dataclass
class Turn:
    """The last commit of one scene, and what was changed in it since."""

    attempt: int = 0
    time: str = ""
    certainty: str | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    draft: dict[str, Answer] = field(default_factory=dict)


def replay(events: Iterable[Event]) -> dict[str, Turn]:
    """Return the turns of the current round by scene, in the order they were taken.

    Committing a scene again begins a new round from there: what came after it is left behind,
    until that round is given up.
    """
    turns: dict[str, Turn] = {}
    before: dict[str, Turn] = {}
    for event in (e for e in events if e.act in ("change", "commit", "back")):
        if event.act == "back":
            if before and not turns.get(event.scene, Turn()).attempt:
                turns = before
            turns = {i: replace(t, draft={}) for i, t in turns.items()}
            continue
        turn = turns.setdefault(event.scene, Turn())
        if event.act == "change":
            turn.draft[event.question] = event.answer
            continue
        if turn.attempt != event.attempt or event.question in turn.answers:
            before = dict(turns) if turn.attempt else before
            ids = list(turns)
            for later in ids[ids.index(event.scene) :]:
                del turns[later]
            turn = turns[event.scene] = Turn(event.attempt, event.time, event.certainty)
        turn.answers[event.question] = event.answer
    return turns


def reached(scenario: Scenario, turns: Mapping[str, Turn]) -> tuple[Scene, ...]:
    """Return the scenes that the turns lead through, up to the first one not committed."""
    answers = {
        (scene.id, question): answer
        for scene in scenario.scenes
        if decided(scene, turns.get(scene.id, Turn()))
        for question, answer in turns[scene.id].answers.items()
    }
    return scenario.path(answers)


def attempts_at(scene_id: str, events: Iterable[Event]) -> int:
    """Return how often a scene was committed: the highest attempt on record, at least 0."""
    return max((e.attempt for e in events if e.act == "commit" and e.scene == scene_id), default=0)


def asked(scene: Scene, policy: Policy) -> tuple[Question, ...]:
    """Return the scene's questions, without a rationale whose clauses the practice left out."""
    return tuple(q for q in scene.questions if in_force(q, policy))


def unanswered(scene: Scene, answers: Mapping[str, Answer], policy: Policy) -> list[str]:
    """Return the ids of the questions that have no answer of their form yet."""
    return [q.id for q in asked(scene, policy) if not complete(q, answers.get(q.id))]


def draftable(question: Question, answer: Answer) -> bool:
    """Tell whether an unfinished answer can be kept: the right form, any number of picks."""
    anything: dict[str, object] = {}
    if isinstance(question, Rationale):
        anything = {"minimum": 0, "maximum": len(question.right) + len(question.tempting)}
    elif isinstance(question, Audit):
        anything = {"first_fixes": len(question.rows)}
    return question.model_copy(update=anything).accepts(answer)


def complete(question: Question, answer: Answer) -> bool:
    """Tell whether an answer has its question's form and says something."""
    if not answer or not question.accepts(answer):
        return False
    if isinstance(question, Response) and isinstance(answer, dict):
        return any(text.strip() for text in answer.values())
    return True


def decided(scene: Scene, turn: Turn) -> bool:
    """Tell whether a scene was committed with an answer to at least one of its questions."""
    return any(q.id in turn.answers and q.accepts(turn.answers[q.id]) for q in scene.questions)
