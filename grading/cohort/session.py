"""What one simulated learner does at one assignment, as events of the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from grading.cohort.answering import Rng, lure, respond
from grading.cohort.learners import Learner
from grading.exam.result import results
from grading.exemplary import walk
from grading.marks import mark
from scenarios import evaluation
from scenarios.answers import Act, Event
from scenarios.catalogue import Entry, load
from scenarios.exam.blueprint import Test, draw, pool
from scenarios.policy import Policy
from scenarios.questions import Choice, Question
from scenarios.terms import CREDIT, Answer, Certainty

_READ, _THINK, _DECIDE = 70.0, 25.0, 8.0
"""Seconds to read a scene, to answer one more question, to press the button."""
_CONTENT = 0.8
"""Share of the points with which a learner does not try again."""
_RETRY_GAIN = 1.8
"""What reading the feedback adds to ability, in standard deviations."""
_BEFORE, _AFTER, _RETAKE = -0.6, 1.5, 0.4
"""Ability before the course and after it, and what each further sitting adds."""
_PERSISTENT = 0.8
"""Share of those who did not pass that take the test again."""


@dataclass
class _Session:
    """One learner at one assignment: events, and the clock that they are written by."""

    learner: Learner
    rng: Rng
    policy: Policy
    clock: datetime
    events: list[Event] = field(default_factory=list)

    def answer(self, entry: Entry) -> None:
        """Answer a scenario, or leave it; look at it again if it went badly."""
        ability = self.learner.ability - 0.7 * lure(entry.slug)
        if self.rng.random() > self.learner.diligence:
            if self.rng.random() < 0.5:  # noqa: PLR2004 - a choice made, but never committed
                scene = entry.scenario.scenes[0]
                first = scene.questions[0]
                self._draft(entry, scene.id, [(first, respond(first, ability, self.rng))], 1)
            return
        attempt = 1
        good = self._attempt(entry, attempt, ability)
        while not good and attempt < 3 and self.rng.random() < 0.5:  # noqa: PLR2004 - at most twice again
            attempt += 1
            good = self._attempt(entry, attempt, ability + _RETRY_GAIN)

    def _attempt(self, entry: Entry, attempt: int, ability: float) -> bool:
        """Walk through the scenes; say whether there is little left to do better."""
        answers = walk(entry.scenario, lambda _, q: respond(q, ability, self.rng))
        for scene in entry.scenario.path(answers):
            given = [(q, answers[scene.id, q.id]) for q in scene.questions]
            drafted = self._draft(entry, scene.id, given, attempt)
            certainty = self._certainty(given, ability)
            self._wait(_DECIDE)
            now = _stamp(self.clock)
            self.events += [
                replace(e, act="commit", certainty=certainty, time=now) for e in drafted
            ]
        earned = mark(entry.scenario, answers, self.policy, self.learner.profession)
        return earned.needs_person or earned.share >= _CONTENT

    def _draft(
        self, entry: Entry, scene: str, given: Iterable[tuple[Question, Answer]], attempt: int
    ) -> list[Event]:
        """Read the scene and choose answers one after the other; return the changes written."""
        drafted = []
        for n, (question, answer) in enumerate(given):
            self._wait(_THINK if n or attempt > 1 else _READ)
            event = Event(
                act="change",
                scenario=entry.slug,
                scene=scene,
                question=question.id,
                answer=answer,
                attempt=attempt,
                bank=entry.version,
                policy=self.policy.version,
                profession=self.learner.profession,
                time=_stamp(self.clock),
            )
            drafted.append(event)
        self.events += drafted
        return drafted

    def sit(self, test: Test, number: int) -> None:
        """Take a test once: every item of the form, then hand in what was chosen."""
        taught = _AFTER + _RETAKE * (number - 1) if test.scored else _BEFORE
        form = draw(test, pool(test), self.learner.id, number)
        begun = self._event(test.name, number, act="begin", answer=form, bank=test.version)
        self.events.append(begun)
        chosen: list[Event] = []
        for entry in map(load, form):
            ability = self.learner.ability + taught - 0.7 * lure(entry.slug)
            answers = walk(entry.scenario, lambda _, q, a=ability: respond(q, a, self.rng))  # type: ignore[misc]
            for scene in entry.scenario.scenes:
                given = [(q, answers[scene.id, q.id]) for q in scene.questions]
                chosen += self._draft(entry, scene.id, given, number)
        self._wait(_DECIDE)
        now = _stamp(self.clock)
        self.events += [replace(e, act="commit", time=now) for e in chosen]
        self.events.append(self._event(test.name, number, act="finish", bank=test.version))

    def evaluate(self) -> None:
        """Say what the course was worth: mostly good, a little better from whoever knows more."""
        asked = [q for q in evaluation.questions() if q.needed]
        self._wait(_DECIDE * len(asked))
        for question in asked:
            felt = float(self.rng.normal(4 + 0.3 * self.learner.ability, 0.7))
            hours = round(10 * self.learner.pace * float(self.rng.uniform(0.8, 1.2)), 1)
            answer = int(np.clip(round(felt), 1, 5)) if question.kind == "agree" else hours
            said = self._event(evaluation.NAME, 1, act="commit", answer=answer, bank="")
            self.events.append(replace(said, scene="form", question=question.id))

    def _event(self, name: str, number: int, act: Act, bank: str, answer: Answer = None) -> Event:
        return Event(
            act=act,
            scenario=name,
            scene="",
            question="",
            answer=answer,
            attempt=number,
            bank=bank,
            policy=self.policy.version,
            profession=self.learner.profession,
            time=_stamp(self.clock),
        )

    def _wait(self, seconds: float) -> None:
        seconds *= self.learner.pace * float(np.exp(self.rng.normal(0, 0.45)))
        self.clock += timedelta(seconds=round(seconds, 3))

    def _certainty(
        self, given: Sequence[tuple[Question, Answer]], ability: float
    ) -> Certainty | None:
        """Feel surer when right, and when bold; None where nothing is decided."""
        worth = [CREDIT[q.option(str(a)).credit] for q, a in given if isinstance(q, Choice)]
        if not worth:
            return None
        felt = 0.9 * worth[0] + 0.35 * ability + self.learner.boldness + self.rng.normal(0, 0.7)
        return "sure" if felt > 1 else "fairly" if felt > 0 else "guess"


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def practice(
    learner: Learner, entries: Iterable[Entry], start: datetime, rng: Rng, policy: Policy
) -> list[Event]:
    """Return the events of one learner who answers these scenarios one after the other."""
    session = _Session(learner, rng, policy, start)
    for entry in entries:
        session.answer(entry)
    return session.events


def sat(learner: Learner, test: Test, start: datetime, rng: Rng, policy: Policy) -> list[Event]:
    """Return the events of one learner who takes a test, and again if it was not passed."""
    session = _Session(learner, rng, policy, start)
    for number in range(1, test.sittings + 1):
        session.sit(test, number)
        found = results(session.events, test, policy)
        if not test.scored or found[-1].passed or rng.random() > _PERSISTENT:
            break
    return session.events


def evaluated(learner: Learner, after: str, rng: Rng, policy: Policy) -> list[Event]:
    """Return the events of one learner who evaluates the course after a time on record, or none."""
    if rng.random() > learner.diligence:
        return []
    session = _Session(learner, rng, policy, datetime.fromisoformat(after))
    session.evaluate()
    return session.events
