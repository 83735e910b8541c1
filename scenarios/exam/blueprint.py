"""The blueprint: which tests there are, which topics each must hold, and what a learner draws.

Pure, but for reading `blueprint.toml` and the bank. A draw depends on the learner, the number of
the sitting and the pool alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from scenarios.catalogue import BANK, Entry, UnknownScenarioError, load, slugs
from scenarios.faults import read_toml
from scenarios.terms import Frozen, Id, Text, TopicId

FILE = Path(__file__).with_name("blueprint.toml")


class Test(Frozen):
    """One test: its slots (how many scenarios of which topic), and how it is passed.

    `cut` is the share of the chance-corrected score that passes; `sittings` is how often the test
    may be taken before something has to be done in between. Its pool is the bank folder `name`.
    `former` has the slots of earlier blueprints, by which sittings on record were dealt.
    """

    __test__ = False  # no case for pytest

    name: Id
    title: Text
    scored: bool
    slots: Annotated[dict[TopicId, Annotated[int, Field(ge=1, le=9)]], Field(min_length=1)]
    former: tuple[dict[TopicId, Annotated[int, Field(ge=1, le=9)]], ...] = ()
    cut: Annotated[float, Field(gt=0, le=1)] = 1.0
    sittings: Annotated[int, Field(ge=1, le=9)] = 1

    @property
    def length(self) -> int:
        """Number of scenarios in a form."""
        return sum(self.slots.values())

    @property
    def version(self) -> str:
        """What the form is drawn by, in twelve characters."""
        return _version(self.slots)

    def slots_of(self, version: str) -> dict[TopicId, int]:
        """Return the slots by which a form of this version was dealt; none if nobody knows."""
        return next((s for s in (self.slots, *self.former) if _version(s) == version), {})


class Blueprint(Frozen):
    """All tests of the course."""

    tests: Annotated[tuple[Test, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_differ(self) -> Blueprint:
        names = [t.name for t in self.tests]
        if len(set(names)) < len(names):
            msg = f"each test needs a name of its own, got {', '.join(names)}"
            raise ValueError(msg)
        return self


@lru_cache(maxsize=1)
def tests() -> Mapping[str, Test]:
    """Return the tests of the course by name; raises `ContentError` for a faulty blueprint."""
    found = read_toml(FILE, Blueprint, f"exam/{FILE.name}")
    return {t.name: t for t in found.tests}


def is_test(name: str) -> bool:
    """Tell whether a name, as a notebook's cell has it, is that of a test and not of a scenario."""
    return "/" not in name and name in tests()


def is_item(slug: str) -> bool:
    """Tell whether a scenario belongs to the pool of a test and is not for practice."""
    return slug.partition("/")[0] in tests()


def slot_of(entry: Entry) -> TopicId:
    """Return the slot that a scenario of a pool can fill: its first topic."""
    return entry.scenario.topics[0]


def pool(test: Test, bank: Path = BANK) -> dict[TopicId, tuple[str, ...]]:
    """Return the slugs that can fill each slot of a test; voided scenarios are drawn no more.

    Raises `ContentError` for a scenario with faults.
    """
    found: dict[TopicId, list[str]] = {slot: [] for slot in test.slots}
    for slug in slugs(bank):
        if slug.startswith(f"{test.name}/"):
            entry = load(slug, bank)
            if slot_of(entry) in found and not entry.scenario.void:
                found[slot_of(entry)].append(slug)
    return {slot: tuple(own) for slot, own in found.items()}


def draw(
    test: Test, pools: Mapping[TopicId, Sequence[str]], learner: str, sitting: int
) -> dict[str, TopicId]:
    """Return the form of a learner's sitting (from 1): slugs in an order of their own, and slots.

    Each slot's pool is shuffled once for the learner and dealt from the top, sitting after
    sitting, so that a retake has other scenarios as long as the pool lasts. Then each slot is
    shuffled anew, so that no form comes twice as a whole.
    """
    form: dict[str, TopicId] = {}
    for slot, number in test.slots.items():
        rounds = max(1, len(pools[slot]) // number)
        turn, place = divmod(sitting - 1, rounds)
        salt = f"{learner}:{test.name}:{slot}" + (f":{turn}" if turn else "")
        dealt = _shuffled(pools[slot], salt)[place * number : (place + 1) * number]
        form |= dict.fromkeys(dealt, slot)
    return {slug: form[slug] for slug in _shuffled(form, f"{learner}:{test.name}:{sitting}")}


def fits(test: Test, form: Mapping[str, TopicId], version: str, bank: Path = BANK) -> bool:
    """Tell whether a form fills the slots that a blueprint of this version had, from the pool.

    `form` gives the slot that each slug was dealt for. Which of its forms a pool dealt to whom is
    not known later, when it has grown; the pool is public, and so are its keys.
    """
    if Counter(form.values()) != Counter(test.slots_of(version)):
        return False
    return bool(form) and all(_fills(slug, slot, test, bank) for slug, slot in form.items())


def _fills(slug: str, slot: TopicId, test: Test, bank: Path) -> bool:
    """Tell whether the pool has this scenario and it is about the slot's topic.

    Not whether it is its first topic: that may be another one since the form was dealt.
    """
    try:
        return slug.startswith(f"{test.name}/") and slot in load(slug, bank).scenario.topics
    except UnknownScenarioError:
        return False


def _version(slots: Mapping[TopicId, int]) -> str:
    return hashlib.sha256(repr(sorted(slots.items())).encode()).hexdigest()[:12]


def _shuffled(items: Iterable[str], salt: str) -> list[str]:
    return sorted(items, key=lambda i: hashlib.sha256(f"{salt}:{i}".encode()).digest())
