"""Completion: what a learner has done of the whole course, and whether that is all of it. Pure.

The certificate, and whoever checks one, ask the same question here, the one of the records as they
are, the other of the records as they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grading.exam.result import Result, best, results
from grading.folder import Module
from grading.progress import Standing, standings
from scenarios import evaluation
from scenarios.exam.blueprint import Test, tests
from scenarios.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Done:
    """One module with scenarios: how many of them are answered, and what is left to make good."""

    module: str
    title: str
    asked: int
    answered: int
    mastered: int
    never: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Completion:
    """What a learner has done: modules, the scored test, the evaluation.

    `result` is the sitting that counts, None before one is finished.
    """

    modules: tuple[Done, ...]
    test: Test
    result: Result | None
    sittings: int
    evaluated: bool

    @property
    def never(self) -> tuple[str, ...]:
        """Titles of scenarios in which something that must never happen was not made good."""
        return tuple(title for m in self.modules for title in m.never)

    @property
    def practiced(self) -> bool:
        """Whether every scenario of every module is answered."""
        return bool(self.modules) and all(m.answered == m.asked for m in self.modules)

    @property
    def whole(self) -> bool:
        """Whether the course is completed: all of it practiced, made good, passed, evaluated."""
        passed = bool(self.result and self.result.passed)
        return self.practiced and not self.never and passed and self.evaluated


def completion(studied: Iterable[Module], policy: Policy) -> Completion:
    """Return what the records of a course say was done."""
    modules = list(studied)
    events = [e for m in modules for e in m.record.events]
    scored = next(t for t in tests().values() if t.scored)
    taken = results(events, scored, policy)
    return Completion(
        modules=tuple(
            _done(m, standings(m.entries, m.record, policy)) for m in modules if m.entries
        ),
        test=scored,
        result=best(taken),
        sittings=len(taken),
        evaluated=any(evaluation.whole(m.record) for m in modules),
    )


def _done(module: Module, found: Iterable[Standing]) -> Done:
    rows = list(found)
    return Done(
        module=module.name,
        title=module.title,
        asked=len(rows),
        answered=sum(s.done for s in rows),
        mastered=sum(s.mastered for s in rows),
        never=tuple(s.title for s in rows if s.never_events),
    )
