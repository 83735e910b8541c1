"""What a sitting is worth: raw score, what chance alone earns, and the score beyond chance. Pure.

With x the mean share of the points over the form and c the mean share that guessing earns on the
same form, the score is (x - c)/(1 - c), not below 0: about 0 for a guesser, 1 for a learner who
knows everything. With one point or none for each of k options it is the classical correction for
guessing, right answers less wrong ones over k - 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import floor
from pathlib import Path

from grading.exam.chance import chance
from grading.marks import Mark, mark
from grading.progress import judged
from scenarios.answers import Answers, Event
from scenarios.catalogue import BANK, Entry, UnknownScenarioError, load
from scenarios.exam.blueprint import Test, fits
from scenarios.exam.sitting import Sitting, sittings
from scenarios.faults import ContentError
from scenarios.policy import Policy
from scenarios.profile import as_profession
from scenarios.terms import Profession, TopicId

POINTS = 100.0
"""Points of a test in the gradebook."""
SAFE = 0.01
"""The smallest part of a point; a sitting with a never-event stays so far below the cut."""
ROUNDING = 1e-6


def percent(share: float) -> str:
    """Write a share as whole percents, rounded down: 79.7 % does not look like a cut of 80 %."""
    return f"{floor(100 * share + ROUNDING)}%"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One scenario of a form: the answers handed in, their mark, and what guessing earns."""

    entry: Entry
    slot: TopicId
    answers: Answers
    mark: Mark
    chance: float

    @property
    def share(self) -> float:
        """Share of the points earned."""
        return self.mark.share


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a finished sitting is worth.

    `fault` says why a sitting does not count at all; `items` is empty then.
    """

    test: Test
    sitting: Sitting
    profession: Profession | None
    items: tuple[Item, ...]
    fault: str = ""

    @cached_property
    def raw(self) -> float:
        """Mean share of the points over the form."""
        return _mean(i.share for i in self.items)

    @cached_property
    def chance(self) -> float:
        """Mean share that guessing earns on this form."""
        return _mean(i.chance for i in self.items)

    @property
    def score(self) -> float:
        """Share of what can be known beyond guessing, from 0 to 1."""
        if self.chance >= 1:
            return self.raw
        return max(0.0, (self.raw - self.chance) / (1 - self.chance))

    @property
    def never_events(self) -> tuple[Item, ...]:
        """The scenarios in which something was chosen that must never happen."""
        return tuple(i for i in self.items if i.mark.never_events)

    @property
    def unanswered(self) -> int:
        """Number of scenarios with a question that has no answer."""
        return sum(i.mark.unanswered > 0 for i in self.items)

    @property
    def passed(self) -> bool:
        """Whether the cut is reached without a never-event; a test that is not scored never is."""
        reached = round(self.score, 9) >= self.test.cut
        return self.test.scored and not self.fault and reached and not self.never_events

    @property
    def points(self) -> float:
        """Points for the gradebook, of `POINTS`; with a never-event they stay below the cut."""
        most = POINTS * self.test.cut - SAFE if self.never_events else POINTS
        return floor(min(self.score * POINTS, most) / SAFE + ROUNDING) * SAFE

    def topics(self) -> dict[TopicId, float]:
        """Return the mean share by slot."""
        by: dict[TopicId, list[float]] = {}
        for item in self.items:
            by.setdefault(item.slot, []).append(item.share)
        return {slot: _mean(by[slot]) for slot in sorted(by)}

    def missed(self, policy: Policy, most: int = 5) -> tuple[str, ...]:
        """Return the clauses most often judged wrongly, the most frequent first."""
        wrong = Counter(
            clause
            for item in self.items
            for clause, hit in judged(item.entry, item.answers, policy)
            if not hit
        )
        return tuple(sorted(wrong, key=lambda c: (-wrong[c], c))[:most])


def results(
    events: Iterable[Event], test: Test, policy: Policy, bank: Path = BANK
) -> tuple[Result, ...]:
    """Return what each finished sitting of a record is worth, in order; never raises."""
    taken = sittings(events, test)
    return tuple(judge(s, test, policy, bank) for s in taken if s.finished is not None)


def judge(sitting: Sitting, test: Test, policy: Policy, bank: Path = BANK) -> Result:
    """Return what one finished sitting is worth.

    A form that does not fill the blueprint's slots, or with unknown scenarios, is worth nothing.
    """
    who = as_profession(sitting.profession)

    def result(items: Iterable[Item] = (), fault: str = "") -> Result:
        return Result(test=test, sitting=sitting, profession=who, items=tuple(items), fault=fault)

    try:
        if not fits(test, sitting.form, sitting.version, bank):
            return result(fault=f"the form of sitting {sitting.number} fits no blueprint")
        form = sitting.form.items()
        return result([_item(slug, slot, sitting, policy, who, bank) for slug, slot in form])
    except (ContentError, UnknownScenarioError, ValueError) as error:
        return result(fault=str(error))


def best(found: Iterable[Result]) -> Result | None:
    """Return the sitting that counts: a passed one before others, then the highest score."""
    return max(found, key=lambda r: (r.passed, r.points), default=None)


def _item(  # noqa: PLR0913, PLR0917 - what an item is judged by
    slug: str,
    slot: TopicId,
    sitting: Sitting,
    policy: Policy,
    who: Profession | None,
    bank: Path,
) -> Item:
    entry = load(slug, bank)
    answers = sitting.answers.get(slug, {})
    return Item(
        entry=entry,
        slot=slot,
        answers=answers,
        mark=mark(entry.scenario, answers, policy, who),
        chance=chance(entry, policy, who),
    )


def _mean(values: Iterable[float]) -> float:
    shares = list(values)
    return sum(shares) / len(shares) if shares else 0.0
