"""What is asked: scenarios and their scenes, and the policy, references and topics behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from scenarios.artefacts import Artefact
from scenarios.questions import Choice, Question
from scenarios.terms import (
    Answer,
    Bloom,
    ClauseId,
    Frozen,
    Id,
    Profession,
    ReferenceId,
    Text,
    TopicId,
    unique,
)


class Scene(Frozen):
    """One moment: what you see, and what you are asked."""

    id: Id
    stem: Text
    artefact: Artefact | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _questions_differ(self) -> Scene:
        unique("question ids", [q.id for q in self.questions])
        if sum(_leads_on(q) for q in self.questions) > 1:
            msg = "only one question of a scene may lead on (`next`)"
            raise ValueError(msg)
        return self

    @property
    def fork(self) -> Choice | None:
        """The question whose options lead on to other scenes, if there is one."""
        forks = (q for q in self.questions if isinstance(q, Choice) and _leads_on(q))
        return next(forks, None)


class View(Frozen):
    """How one reader sees it: the client, a relative, a licensing investigator."""

    who: Text
    text: Text


class Feedback(Frozen):
    """What to take away, whichever option was chosen."""

    takeaway: Text
    better: Text
    views: tuple[View, ...] = ()


class ReaderNote(Frozen):
    """A reader's pass over the scenario: when, and what it changed."""

    date: dt.date
    note: Text


class Scenario(Frozen):
    """One scenario of the bank; its file path is its identity (`slug`)."""

    title: Annotated[str, StringConstraints(min_length=3, max_length=80)]
    topics: Annotated[tuple[TopicId, ...], Field(min_length=1)]
    objective: Text
    role: Text
    professions: tuple[Profession, ...] = ()
    setting: Literal[
        "solo", "group", "clinic", "school", "telehealth", "rural", "part-2", "hospital", "training"
    ]
    bloom: Bloom
    severity: Annotated[int, Field(ge=1, le=4)]
    points: Annotated[int, Field(ge=1, le=100)] = 10
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1, max_length=8)]
    feedback: Feedback
    references: Annotated[tuple[ReferenceId, ...], Field(min_length=1)]
    varies: Text
    debated: str = ""
    author: Text
    review_by: dt.date
    review: tuple[ReaderNote, ...] = ()
    void: bool = False

    @model_validator(mode="after")
    def _scenes_connect(self) -> Scenario:
        ids = [s.id for s in self.scenes]
        unique("scene ids", ids)
        order = {scene_id: n for n, scene_id in enumerate(ids)}
        for n, scene in enumerate(self.scenes):
            for target in _targets(scene):
                if order.get(target, -1) <= n:
                    msg = f"scene '{scene.id}' leads to '{target}', which is not a later scene"
                    raise ValueError(msg)
        reached = {ids[0]}.union(*(_targets(s) for s in self.scenes))
        lost = [i for i in ids if i not in reached]
        if lost:
            msg = f"no option leads to scene {', '.join(lost)}"
            raise ValueError(msg)
        return self

    def scene(self, scene_id: str) -> Scene:
        """Return the scene with this id; `KeyError` if there is none."""
        return {s.id: s for s in self.scenes}[scene_id]

    @model_validator(mode="after")
    def _a_written_decision_stands_alone(self) -> Scenario:
        kinds = [q.kind for s in self.scenes for q in s.questions if q.kind != "rationale"]
        if "response" in kinds and len(kinds) > 1:
            msg = "a written response must be the only question besides the rationale"
            raise ValueError(msg)
        return self

    @property
    def written(self) -> bool:
        """Whether the decision is written out and marked by a person."""
        return any(q.kind == "response" for s in self.scenes for q in s.questions)

    @property
    def justified(self) -> bool:
        """Whether the learner is asked for the clauses that justify the decision."""
        return any(q.kind == "rationale" for s in self.scenes for q in s.questions)

    @property
    def branching(self) -> bool:
        """Whether the scenario has more than one scene."""
        return len(self.scenes) > 1

    def path(self, answers: Mapping[tuple[str, str], Answer]) -> tuple[Scene, ...]:
        """Return the scenes that these answers lead through, up to the first one not yet decided.

        `answers` maps (scene id, question id) to an answer.
        """
        scenes: list[Scene] = []
        scene: Scene | None = self.scenes[0]
        while scene is not None:
            scenes.append(scene)
            scene = self._next(scene, answers)
        return tuple(scenes)

    def _next(self, scene: Scene, answers: Mapping[tuple[str, str], Answer]) -> Scene | None:
        fork = scene.fork
        answer = answers.get((scene.id, fork.id)) if fork else None
        if fork is None or not isinstance(answer, str) or not fork.accepts(answer):
            return None
        target = fork.option(answer).next
        return self.scene(target) if target else None

    def longest_from(self, scene: Scene) -> int:
        """Return the largest number of scenes from this one to an end, itself included."""
        return 1 + max((self.longest_from(self.scene(t)) for t in _targets(scene)), default=0)


def _leads_on(question: Question) -> bool:
    return isinstance(question, Choice) and any(o.next for o in question.options)


def _targets(scene: Scene) -> set[str]:
    return {o.next for q in scene.questions if isinstance(q, Choice) for o in q.options if o.next}


# -- policy data -----------------------------------------------------------------------------


class Setting(Frozen):
    """Something that practices may legitimately decide differently.

    The clause's own text goes with the default; `texts` has the text for each other value.
    """

    name: Id
    label: Text
    values: Annotated[tuple[str, ...], Field(min_length=2)]
    default: str
    texts: dict[str, Text]

    @model_validator(mode="after")
    def _every_value_has_a_text(self) -> Setting:
        if self.default not in self.values:
            msg = f"default '{self.default}' is not one of {', '.join(self.values)}"
            raise ValueError(msg)
        if set(self.texts) != set(self.values) - {self.default}:
            msg = "texts must have one entry for each value except the default"
            raise ValueError(msg)
        return self


class Clause(Frozen):
    """One clause of the social-media policy, in words for clients.

    `needs` names settings and the values with which the clause makes sense. Where a practice chose
    another value `otherwise` stands in place of its text; without one the clause is left out.
    """

    id: ClauseId
    title: Text
    fixed: Literal["fixed", "partly", "vary"]
    text: Text
    risk: Text
    references: tuple[ReferenceId, ...]
    variation: Text
    setting: Setting | None = None
    only_if: str = ""
    needs: dict[Id, str] = Field(default_factory=dict)
    otherwise: str = ""

    def fits(self, settings: Mapping[str, str]) -> bool:
        """Tell whether the clause makes sense with these settings."""
        return all(settings.get(name) == value for name, value in self.needs.items())

    @property
    def droppable(self) -> bool:
        """Whether a practice may leave the clause out of its own policy."""
        return bool(self.only_if) or self.fixed == "vary"


class Reference(Frozen):
    """A code, law, case or paper, what it says on our topics, and how far that was verified.

    Learners read `cite` and `says` beside a scenario. `note` is a remark for authors and reviewers
    and is never shown to learners.
    """

    id: ReferenceId
    group: Text
    cite: Text
    says: Text
    status: Literal["verified", "partly", "unverified"]
    checked: Text
    note: str = ""
    professions: tuple[Profession, ...] = ()


class CommonError(Frozen):
    """A mistake that busy, kind professionals make, with its severity (1 to 4)."""

    text: Text
    severity: Annotated[int, Field(ge=1, le=4)]


class Topic(Frozen):
    """A topic of the course with its measurable objective."""

    id: TopicId
    name: Text
    objective: Text
    clauses: tuple[ClauseId, ...]
    references: tuple[ReferenceId, ...]
    principles: tuple[str, ...]
    errors: tuple[CommonError, ...]
    target: Annotated[int, Field(ge=0)]
