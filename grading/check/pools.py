"""The pools of the tests: enough scenarios in every slot, each of a form that a test can have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from grading.check.rules import Finding
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import Test, is_item, slot_of, tests
from scenarios.faults import Fault
from scenarios.model import Scenario
from scenarios.policy import topics
from scenarios.questions import Choice

RETAKE = 2
"""Scenarios that a slot of a scored test needs for each one drawn, so that a retake has others."""


def findings(bank: Mapping[str, Entry], unread: Collection[str] = ()) -> Iterator[Finding]:
    """Yield what is wrong with the scenarios of tests, and with what the blueprint asks of them.

    Of a pool with `unread` scenarios, whose files have faults, it is not said what it lacks.
    """
    for entry in bank.values():
        if is_item(entry.slug):
            yield from _form(entry)
    broken = {slug.partition("/")[0] for slug in unread}
    for test in tests().values():
        if test.name not in broken:
            yield from _size(test, bank)


def _form(entry: Entry) -> Iterator[Finding]:
    test = tests()[entry.module]
    scenario = entry.scenario
    kinds = Counter(q.kind == "rationale" for s in scenario.scenes for q in s.questions)
    if len(scenario.scenes) != 1:
        wish = "one scene; nothing may be learned within a test"
        yield _finding("item-form", entry, "scenes", f"{len(scenario.scenes)} scenes", wish)
    if kinds[False] != 1 or not kinds[True] or scenario.written:
        wish = "one decision that is not written out, and a rationale"
        found = f"{kinds[False]} decisions and {kinds[True]} rationales"
        yield _finding("item-form", entry, "questions", found, wish)
    if slot_of(entry) not in test.slots:
        wish = f"a first topic that the {test.title.lower()} has a slot for"
        yield _finding("item-slot", entry, "topics", slot_of(entry), wish)


def _size(test: Test, bank: Mapping[str, Entry]) -> Iterator[Finding]:
    there = Counter(slot_of(e) for e in bank.values() if e.module == test.name)
    for slot, number in test.slots.items():
        needed = number * RETAKE if test.scored else number
        if there[slot] < needed:
            found = f"{there[slot]} scenarios for {slot}"
            yield _blueprint(test, found, f"at least {needed}, of which {number} are drawn")
    if test.scored:
        own = [e.scenario for e in bank.values() if e.module == test.name]
        if not any(_holds_never_event(s) for s in own):
            yield _blueprint(test, "no never-event in the pool", "some, as a pass promises none")
        lacking = [t for t in topics() if t.startswith("S") and t not in test.slots]
        if lacking:
            yield _blueprint(test, f"no slot for {', '.join(lacking)}", "every S topic tested")


def _holds_never_event(scenario: Scenario) -> bool:
    asked = [q for s in scenario.scenes for q in s.questions]
    return any(o.never_event for q in asked if isinstance(q, Choice) for o in q.options)


def _blueprint(test: Test, found: str, wish: str) -> Finding:
    fault = Fault(file="exam/blueprint.toml", at=test.name, found=found, expected=wish)
    return Finding(severity="fault", rule="pool", fault=fault)


def _finding(rule: str, entry: Entry, at: str, found: str, wish: str) -> Finding:
    fault = Fault(file=f"bank/{entry.slug}.toml", at=at, found=found, expected=wish)
    return Finding(severity="fault", rule=rule, fault=fault)
