"""Sittings: what the record says of each time a test was taken. Pure.

A sitting begins with a line that lists its form and ends with a line that hands it in. What was
chosen on the way are changes; handing in commits all of them in the same write. Only a commit
between the two lines counts, so what is read after handing in cannot flow back into a sitting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scenarios.answers import Answers, Event
from scenarios.exam.blueprint import Test


@dataclass
class Sitting:
    """One time a test was taken.

    `number` counts from 1; `form` has the slugs in the order shown; `version` is the blueprint's;
    `begun` and `finished` are times of the record, `finished` is None while it is open. `drafts`
    and `answers` are by slug, the first on the way, the second committed.
    """

    number: int
    form: tuple[str, ...]
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
    for event in events:
        now = found[-1] if found and found[-1].finished is None else None
        if event.act == "begin" and event.scenario == test.name:
            form = _form(event)
            if now is None and form and event.attempt == len(found) + 1:
                found.append(
                    Sitting(
                        event.attempt, form, event.bank, event.time, profession=event.profession
                    )
                )
        elif now is None or event.attempt != now.number:
            continue
        elif event.act == "finish" and event.scenario == test.name:
            now.finished = event.time
        elif event.scenario in now.form:
            place = (event.scene, event.question)
            if event.act == "change":
                now.drafts.setdefault(event.scenario, {})[place] = event.answer
            elif event.act == "commit":
                now.answers.setdefault(event.scenario, {})[place] = event.answer
                now.banks[event.scenario] = event.bank
    return tuple(found)


def _form(event: Event) -> tuple[str, ...]:
    listed = event.answer
    if isinstance(listed, list) and all(isinstance(s, str) for s in listed):
        return tuple(listed)
    return ()
