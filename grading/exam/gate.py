"""Whether a test may be taken again, and what has to be done before. Pure but for the bank.

After each round of sittings without a pass, every practice scenario of a topic that was missed in
the last one must be answered again; then a new round opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grading.exam.result import Result
from scenarios.answers import Event
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import Test
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
    practice: Iterable[Entry] = (),
    commits: Iterable[Event] = (),
) -> Gate:
    """Return whether a test may be taken again.

    `practice` are the scenarios of the course outside the tests, `commits` what was committed of
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
        why = f"You can take it {_times(left)}. The situations will be others."
        return Gate(open=True, why=why)
    redo = _redo(taken[-1], practice, commits)
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
    last: Result, practice: Iterable[Entry], commits: Iterable[Event]
) -> dict[str, tuple[str, ...]]:
    since = last.sitting.finished or ""
    again = {e.scenario for e in commits if e.act == "commit" and e.time > since}
    redo: dict[str, tuple[str, ...]] = {}
    topics = missed(last) or set(last.test.slots)
    for entry in practice:
        if topics & set(entry.scenario.topics):
            left = () if entry.slug in again else (entry.scenario.title,)
            redo[entry.module] = (*redo.get(entry.module, ()), *left)
    return redo


def _times(number: int) -> str:
    return {1: "once more", 2: "twice more"}.get(number, f"{number} times more")
