"""Whether a test may be taken again, and what has to be done before. Pure but for the bank.

After each round of sittings without a pass, every practice scenario of a topic that was missed in
the last one must be answered again; then a new round opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grading.exam.result import Result
from grading.marks import mark
from grading.progress import rounds
from scenarios.answers import Event, now
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import Test
from scenarios.policy import Policy
from scenarios.terms import CREDIT, TopicId

MISSED = CREDIT["acceptable"]
"""Share of a topic's points below which it counts as missed."""


@dataclass(frozen=True)
class Gate:
    """Whether another sitting may begin, why, and what is to do again.

    `redo` has the titles of the scenarios still to answer again, by bank folder; a folder whose
    scenarios were all answered again has none.
    """

    open: bool
    why: str = ""
    redo: Mapping[str, tuple[str, ...]] | None = None


def gate(
    test: Test,
    finished: Iterable[Result],
    policy: Policy,
    practice: Iterable[Entry] = (),
    events: Iterable[Event] = (),
) -> Gate:
    """Return whether a test may be taken again.

    `practice` are the scenarios of the course outside the tests, `events` what is on record of
    them; they matter only once the sittings of a round are used up.
    """
    taken = list(finished)
    if any(r.passed for r in taken):
        return Gate(open=False)
    if not taken:
        return Gate(open=True)
    if not test.scored:
        return Gate(open=False)
    left = test.sittings - len(taken) % test.sittings
    if left < test.sittings:
        others = " The next one has none of these situations." if len(taken) == 1 else ""
        return Gate(open=True, why=f"You can take it {_times(left)}.{others}")
    redo = _redo(taken[-1], policy, practice, events)
    if not any(redo.values()):
        why = f"You have done the missed topics again. You can take the test {_times(left)}."
        return Gate(open=True, why=why, redo=redo)
    return Gate(
        open=False,
        why="Go back to the topics that you missed and answer their situations once more, each to"
        " its end.",
        redo=redo,
    )


def missed(result: Result) -> set[TopicId]:
    """Return the topics of which too little was known, and those of never-events."""
    low = {topic for topic, share in result.topics().items() if share < MISSED}
    return low | {i.slot for i in result.never_events}


def _redo(
    last: Result, policy: Policy, practice: Iterable[Entry], events: Iterable[Event]
) -> dict[str, tuple[str, ...]]:
    # A clock that was ahead once must not shut the gate until then.
    since = min(last.sitting.finished or "", now())
    later: dict[str, list[Event]] = {}
    for event in events:
        if event.time > since:
            later.setdefault(event.scenario, []).append(event)
    redo: dict[str, tuple[str, ...]] = {}
    topics = missed(last) or set(last.test.slots)
    for entry in practice:
        if topics & set(entry.scenario.topics):
            again = _whole(entry, later.get(entry.slug, ()), policy)
            left = () if again else (entry.scenario.title,)
            redo[entry.module] = (*redo.get(entry.module, ()), *left)
    return redo


def _whole(entry: Entry, events: Iterable[Event], policy: Policy) -> bool:
    """Tell whether a scenario was answered to its end in one of these rounds."""
    return any(not mark(entry.scenario, a, policy).unanswered for a in rounds(events))


def _times(number: int) -> str:
    return {1: "once more", 2: "twice more"}.get(number, f"{number} times more")
