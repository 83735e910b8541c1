"""What one scenario looks like now: pure functions from scenario and events to the card's data.

Before a scene is committed its data hold no key: no credit, no consequence, no reason, no
exemplar. Feedback to a scene, and the scene it leads to, are added once its commit is on record;
what would give away a later scene waits until the whole path is decided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import TypeVar

from scenarios import cues
from scenarios.answers import Event, self_rating
from scenarios.catalogue import Entry
from scenarios.feedback import Data, for_scenario, for_scene
from scenarios.model import Scene
from scenarios.policy import Policy
from scenarios.profile import Learner, profession_of
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
from scenarios.terms import CATEGORIES, Answer, Profession
from scenarios.turns import Turn, asked, attempts_at, decided, draftable, reached, replay

T = TypeVar("T")


def of(entry: Entry, events: Sequence[Event], policy: Policy, learner: Learner) -> Data:
    """Return all that the card shows of a scenario after these events of it."""
    scenario = entry.scenario
    turns = replay(events)
    scenes = reached(scenario, turns)
    done = decided(scenes[-1], turns.get(scenes[-1].id, Turn()))
    commits = [e for e in events if e.act == "commit"]
    judged = profession_of(events) if commits else learner.profession
    # Nothing is committed twice before the whole way was decided once.
    answered = done or any(e.attempt > 1 for e in commits)
    return {
        "slug": entry.slug,
        "title": scenario.title,
        "void": scenario.void,
        "branching": scenario.branching,
        "answered": answered,
        "scenes": [
            {
                **shown(entry, scene, policy, learner),
                **_state(
                    scene, turns.get(scene.id, Turn()), policy, judged, _salt(learner, entry, scene)
                ),
                "ratings": _ratings(scene, turns.get(scene.id, Turn()), events),
                "attempts": attempts_at(scene.id, events),
                "again": answered,
            }
            for scene in scenes
        ],
        "debrief": for_scenario(scenario, learner.profession) if done else None,
    }


def may_commit(shown: Data, scene_id: str) -> bool:
    """Tell whether a scene is the one to decide now, or, once all are decided, to try again."""
    scene = next((s for s in shown["scenes"] if s["id"] == scene_id), None)
    return bool(scene and (scene["committed"] is None or shown["debrief"]))


def shown(entry: Entry, scene: Scene, policy: Policy, learner: Learner) -> Data:
    """Return what a scene shows before it is answered; options stand in the learner's order."""
    salt = _salt(learner, entry, scene)
    return {
        "id": scene.id,
        "stem": scene.stem,
        "artefact": scene.artefact.model_dump(mode="json") if scene.artefact else None,
        "questions": [_question(q, scene, policy, f"{salt}:{q.id}") for q in asked(scene, policy)],
    }


def _salt(learner: Learner, entry: Entry, scene: Scene) -> str:
    return f"{learner.id}:{entry.slug}:{scene.id}"


def _state(
    scene: Scene, turn: Turn, policy: Policy, profession: Profession | None, salt: str
) -> Data:
    committed = decided(scene, turn)
    draft = {q.id: turn.draft[q.id] for q in asked(scene, policy) if _kept(q, turn.draft)}
    if committed and all(turn.answers.get(i) == answer for i, answer in draft.items()):
        draft = {}  # a new try that was given up
    return {
        "committed": _commit(scene, turn, policy, profession, salt) if committed else None,
        "draft": draft,
    }


def _ratings(scene: Scene, turn: Turn, events: Sequence[Event]) -> Data:
    """Return the last self-rating of each written answer that is shown, by question."""
    return {
        question.id: {"answer": rated.answer, "time": rated.time}
        for question in scene.questions
        if isinstance(question, Response)
        and turn.attempt
        and (rated := self_rating(events, scene.id, question.id, turn.attempt))
        and question.accepts_rating(rated.answer)
    }


def _kept(question: Question, draft: Mapping[str, Answer]) -> bool:
    return question.id in draft and draftable(question, draft[question.id])


def _commit(
    scene: Scene, turn: Turn, policy: Policy, profession: Profession | None, salt: str
) -> Data:
    given = {(scene.id, question): answer for question, answer in turn.answers.items()}
    feedback = for_scene(scene, given, policy, profession)
    for told in (f for f in feedback if f["kind"] == "rating"):  # as they were asked
        ids = [o["id"] for o in told["options"]]
        told["options"] = _shuffled(told["options"], ids, f"{salt}:{told['question']}")
    return {
        "answers": turn.answers,
        "attempt": turn.attempt,
        "certainty": turn.certainty,
        "time": turn.time,
        "feedback": feedback,
    }


def _question(question: Question, scene: Scene, policy: Policy, salt: str) -> Data:
    return {
        "id": question.id,
        "kind": question.kind,
        "prompt": question.prompt,
        **_ask(question, scene, policy, salt),
    }


@singledispatch
def _ask(question: Question, _scene: Scene, _policy: Policy, _salt: str) -> Data:
    """Return what a question shows before it is answered; one function per question kind."""
    raise NotImplementedError(type(question).__name__)


@_ask.register
def _choice(question: Choice, _scene: Scene, _policy: Policy, salt: str) -> Data:
    options = _shuffled(question.options, [o.id for o in question.options], salt)
    return {"options": [{"id": o.id, "text": o.text} for o in options]}


@_ask.register
def _rationale(question: Rationale, _scene: Scene, policy: Policy, salt: str) -> Data:
    offered = [r.clause for r in (*question.right, *question.tempting)]
    clauses = [policy.clauses[c] for c in _shuffled(offered, offered, salt) if c in policy.clauses]
    return {
        "minimum": question.minimum,
        "maximum": question.maximum,
        "clauses": [{"id": c.id, "title": c.title, "text": c.text} for c in clauses],
    }


@_ask.register
def _hottext(question: Hottext, _scene: Scene, _policy: Policy, _salt: str) -> Data:
    return {
        "segments": [{"text": text, "id": span} for text, span in question.segments()],
        "categories": [{"id": i, "name": name} for i, name in CATEGORIES.items()],
    }


@_ask.register
def _audit(question: Audit, _scene: Scene, _policy: Policy, _salt: str) -> Data:
    shown = {"id", "group", "setting", "current"}
    return {
        "rows": [r.model_dump(include=shown) for r in question.rows],
        "first_fixes": question.first_fixes,
    }


@_ask.register
def _rating(question: Rating, _scene: Scene, _policy: Policy, salt: str) -> Data:
    options = _shuffled(question.options, [o.id for o in question.options], salt)
    return {"options": [{"id": o.id, "text": o.text} for o in options]}


@_ask.register
def _order(question: Order, _scene: Scene, _policy: Policy, salt: str) -> Data:
    steps = _shuffled(question.steps, [s.id for s in question.steps], salt)
    if steps == list(question.steps):  # luck must not answer the question
        steps = [*steps[1:], steps[0]]
    return {"steps": [{"id": s.id, "text": s.text} for s in steps]}


@_ask.register
def _response(question: Response, scene: Scene, _policy: Policy, _salt: str) -> Data:
    return {
        "parts": [p.model_dump() for p in question.parts],
        "flags": [f.as_data() for f in cues.rules(question.cues, scene.artefact)],
        "guard": [f.as_data() for f in cues.IDENTIFIERS],
    }


def _shuffled(items: Sequence[T], ids: Sequence[str], salt: str) -> list[T]:
    """Return the items in an order that depends on the salt and on nothing else."""
    keys = {i: hashlib.sha256(f"{salt}:{i}".encode()).digest() for i in ids}
    pairs = sorted(zip(ids, items, strict=True), key=lambda pair: keys[pair[0]])
    return [item for _, item in pairs]
