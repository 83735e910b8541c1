"""Marks for whole records: each scenario's answers with what they earn and how they are shown.

In a class the same answers come again and again. What follows from them alone is made once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from grading.exam.work import SatWork, sat
from grading.explanation import Told, explained
from grading.marks import Mark, mark
from grading.markup import Markup
from grading.outputs import ask_output, score_output, unknown_output
from scenarios.answers import Answers, Event, first_commits
from scenarios.catalogue import BANK, Entry, UnknownScenarioError, load
from scenarios.exam.blueprint import is_test, tests
from scenarios.faults import ContentError
from scenarios.policy import Policy
from scenarios.profile import profession_of
from scenarios.terms import Profession

REMEMBERED = 4096
"""Different answers to scenarios whose marks are kept at hand; about 20 kB each."""


class Memory:
    """Texts made once; when there are too many, it begins anew."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._texts: dict[tuple[str | None, ...], Markup] = {}

    def __call__(self, key: tuple[str | None, ...], make: Callable[[], Markup]) -> Markup:
        """Return the text of this key; make it if it is new."""
        if key not in self._texts:
            if len(self._texts) >= REMEMBERED:
                self._texts.clear()
            self._texts[key] = make()
        return self._texts[key]


@dataclass(frozen=True, eq=False)
class Work:
    """A learner's first answers to one scenario, in its questions' form, and their mark."""

    entry: Entry
    answers: Answers
    profession: Profession | None
    policy: Policy
    mark: Mark
    memory: Memory

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self.entry.scenario.title

    @property
    def version(self) -> str:
        """The version of the scenario by which the answers are marked."""
        return self.entry.version

    @property
    def problems(self) -> tuple[str, ...]:
        """What an instructor should look at; marks say nothing of the kind about a scenario."""
        return ()

    @cached_property
    def asked(self) -> bytes:
        """The output of the ask cell, as JSON."""
        return _json(ask_output(self.entry.scenario, self.answers, self.policy))

    @cached_property
    def scored(self) -> bytes:
        """The output of the score cell, as JSON."""
        return _json(score_output(self.mark.points, self.mark))

    @cached_property
    def explained(self) -> Markup:
        """What the feedback page says about the answers."""
        told = Told(
            self.entry.slug,
            self.entry.scenario,
            self.answers,
            self.policy,
            self.profession,
            self.mark,
        )
        return explained(told, self.memory)


AnyWork = Work | SatWork
"""What is marked: the answers to a scenario, or the sittings of a test."""


class Marker:
    """Marks records under one policy and one bank."""

    def __init__(self, policy: Policy, bank: Path = BANK) -> None:
        """Remember the policy and where the scenarios are."""
        self.policy = policy
        self._bank = bank
        self._memory = Memory()
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._work)
        self.fault = lru_cache(maxsize=None)(self._fault)

    def _fault(self, slug: str) -> str | None:
        """Say why a scenario or a test cannot be marked; None if it can."""
        try:
            if is_test(slug):
                return None
            load(slug, self._bank)
        except (UnknownScenarioError, ContentError) as error:
            return str(error)
        return None

    def works(self, events: Iterable[Event], slugs: Iterable[str]) -> dict[str, AnyWork]:
        """Return the work of each scenario and test that can be marked, answered or not."""
        by_slug: dict[str, list[Event]] = {s: [] for s in slugs}
        known = tuple(events)
        for event in known:
            own = by_slug.get(event.scenario)
            if own is not None:
                own.append(event)
        return {
            s: sat(known, tests()[s], self.policy) if is_test(s) else self.work(s, own)
            for s, own in by_slug.items()
            if not self.fault(s)
        }

    def work(self, slug: str, events: Iterable[Event]) -> Work:
        """Mark the events of one scenario; raises what `load` raises.

        Answers that do not have their question's form count as not given, as in `mark`.
        """
        own = tuple(events)
        given = first_commits(own)
        accepted = [
            (scene.id, question.id, given[scene.id, question.id])
            for scene in load(slug, self._bank).scenario.scenes
            for question in scene.questions
            if (scene.id, question.id) in given and question.accepts(given[scene.id, question.id])
        ]
        return self._remembered(slug, profession_of(own), json.dumps(accepted))

    def _work(self, slug: str, profession: Profession | None, accepted: str) -> Work:
        entry = load(slug, self._bank)
        answers: Answers = {(scene, q): answer for scene, q, answer in json.loads(accepted)}
        marked = mark(entry.scenario, answers, self.policy, profession)
        return Work(entry, answers, profession, self.policy, marked, self._memory)


def outputs_of(works: Mapping[str, AnyWork], slugs: Iterable[str]) -> dict[tuple[str, str], bytes]:
    """Return the outputs of ask and score cells, as JSON, by (kind, slug)."""
    outputs = {}
    for slug in slugs:
        work = works.get(slug)
        outputs["ask", slug] = work.asked if work else _json(unknown_output(slug))
        outputs["score", slug] = work.scored if work else _json(unknown_output(slug))
    return outputs


def points_of(
    works: Mapping[str, AnyWork], slugs: Mapping[str, str], maxima: Mapping[str, float]
) -> dict[str, float]:
    """Return the points by cell name; `maxima` has the most that each cell can hold.

    What cannot be marked earns 0: a scenario that the bank does not have, a cell about none.
    """
    points = {}
    for name, maximum in maxima.items():
        work = works.get(slugs.get(name, ""))
        points[name] = min(work.mark.points if work else 0.0, maximum)
    return points


def waits_for_person(mark: Mark) -> bool:
    """Tell whether a person has points to give: for what was written, and in a voided scenario."""
    return mark.needs_person or mark.void


def _json(output: Mapping[str, object]) -> bytes:
    return json.dumps(output, ensure_ascii=False).encode()
