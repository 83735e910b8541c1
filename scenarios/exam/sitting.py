"""Sittings: what the record says of each time a test was taken. Pure.

A sitting begins with a line that lists its form and ends with a line that hands it in. What was
chosen on the way are changes; handing in commits all of them in the same write. Only the commits
that stand right before the closing line count, so that nothing which was answered elsewhere, or
after it was read what is right, flows into a sitting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scenarios.answers import Answers, Event
from scenarios.exam.blueprint import Test
from scenarios.terms import TopicId

MOST = 50
"""Sittings of one record that are read."""
LONGEST = 200
"""Scenarios of one form that are read."""


@dataclass
class Sitting:
    """One time a test was taken.

    `number` counts from 1; `form` has the slugs in the order shown, with their slots; `version` is
    the blueprint's; `begun` and `finished` are times of the record, `finished` is None while it is
    open. `drafts` and `answers` are by slug, the first on the way, the second committed; `banks`
    has the versions of the scenarios that were answered.
    """

    number: int
    form: dict[str, TopicId]
    version: str
    begun: str
    finished: str | None = None
    drafts: dict[str, Answers] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)
    banks: dict[str, str] = field(default_factory=dict)
    profession: str | None = None


def sittings(events: Iterable[Event], test: Test) -> tuple[Sitting, ...]:
    """Return the sittings of a test, in order; what does not belong to one is left out.

    A second beginning while a sitting is open, in another tab, changes nothing.
    """
    found: list[Sitting] = []
    block: list[Event] = []
    for event in events:
        now = found[-1] if found and found[-1].finished is None else None
        own = now is not None and event.attempt == now.number
        handed_in, block = block, []
        if event.act == "begin" and event.scenario == test.name:
            form = _form(event)
            if now is None and form and event.attempt == len(found) + 1 and len(found) < MOST:
                who = event.profession
                found.append(Sitting(event.attempt, form, event.bank, event.time, profession=who))
        elif now is None or not own:
            continue
        elif event.act == "finish" and event.scenario == test.name:
            now.finished = event.time
            for one in handed_in:
                place = (one.scene, one.question)
                now.answers.setdefault(one.scenario, {})[place] = one.answer
                now.banks[one.scenario] = one.bank
        elif event.scenario in now.form and event.act == "commit":
            handed_in.append(event)
            block = handed_in
        elif event.scenario in now.form and event.act == "change":
            place = (event.scene, event.question)
            now.drafts.setdefault(event.scenario, {})[place] = event.answer
    return tuple(found)


def _form(event: Event) -> dict[str, TopicId]:
    """Return the form that a beginning lists; nothing where it is none."""
    listed = event.answer
    if not isinstance(listed, dict) or not 0 < len(listed) <= LONGEST:
        return {}
    if not all(isinstance(a, str) and isinstance(b, str) for a, b in listed.items()):
        return {}
    return dict(listed)
