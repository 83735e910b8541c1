"""Completion: what a learner has done of the whole course, and whether that is all of it. Pure.

The certificate, and whoever checks one, ask the same question here, the one of the records as they
are, the other of the records as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grading.exam.result import Result, best, results
from grading.folder import Module
from grading.progress import Standing, standing, standings
from scenarios import evaluation
from scenarios.answers import Event, Record
from scenarios.catalogue import Entry
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


def completed_at(studied: Iterable[Module], policy: Policy) -> str:
    """Return the time on record of the last thing that a completed course needed."""
    modules = list(studied)
    events = [e for m in modules for e in m.record.events]
    scored = next(t for t in tests().values() if t.scored)
    passed = [r.sitting.finished or "" for r in results(events, scored, policy) if r.passed]
    evaluated = [_evaluated_at(m.record) for m in modules if evaluation.whole(m.record)]
    settled = [_settled_at(e, m.record.of(e.slug), policy) for m in modules for e in m.entries]
    return max([*settled, min(passed, default=""), min(evaluated, default="")])


def _settled_at(entry: Entry, events: Sequence[Event], policy: Policy) -> str:
    """Return when a situation was first answered with nothing left to make good."""
    for so_far in _beginnings(events):
        now = standing(entry, so_far, policy)
        if now.done and not now.never_events:
            return so_far[-1].time
    return ""


def _evaluated_at(record: Record) -> str:
    saved = _beginnings(record.of(evaluation.NAME))
    return next((s[-1].time for s in saved if evaluation.whole(Record(tuple(s)))), "")


def _beginnings(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """Yield the events up to each time at which something was committed."""
    for n, event in enumerate(events, start=1):
        more = n < len(events) and events[n].act == "commit" and events[n].time == event.time
        if event.act == "commit" and not more:
            yield events[:n]


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
