"""When a learner turned to a scene and when they committed, as far as a record can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from scenarios.answers import Event, Record
from scenarios.catalogue import Entry
from scenarios.terms import Certainty

PAUSE = timedelta(minutes=30)
"""A longer silence between two events of a record is a pause and not time on task."""

Timed = tuple[Event, datetime | None]
"""An event, and when the learner turned to its scene."""


def by_entry(record: Record, entries: Iterable[Entry]) -> Iterator[tuple[Entry, list[Timed]]]:
    """Yield each scenario of the assignment with its events and when each scene was begun."""
    own: dict[str, list[Timed]] = {}
    for event, start in zip(record.events, _starts(record.events), strict=True):
        own.setdefault(event.scenario, []).append((event, start))
    for entry in entries:
        yield entry, own.get(entry.slug, [])


def _starts(events: Iterable[Event]) -> list[datetime | None]:
    """Say for each event when the learner turned to its scene, where the record can tell.

    Showing a card writes nothing, so that is the last event before the scene, unless a pause lies
    between. For the first scene of a record, or after a pause, nobody knows.
    """
    starts: list[datetime | None] = []
    scene: tuple[str, str] | None = None
    start: datetime | None = None
    before: datetime | None = None
    for event in events:
        time = moment(event.time)
        if (event.scenario, event.scene) != scene:
            scene = (event.scenario, event.scene)
            at_once = before and time and timedelta() <= time - before <= PAUSE
            start = before if at_once else None
        starts.append(start)
        before = time
    return starts


def moment(text: str) -> datetime | None:
    """Read a time of a record; what is none, or too far off to be one, is None."""
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def committed(commits: list[Timed] | None) -> dict[str, Any]:
    """Say when, how often, how surely and under which version a question was committed."""
    if not commits:
        return {"attempts": 0, "first_time": None, "seconds": None, "certainty": None, "bank": None}
    event, start = commits[0]
    time = moment(event.time)
    seconds = (time - start).total_seconds() if time and start else None
    return {
        "attempts": len(commits),
        "first_time": time,
        "seconds": seconds if seconds and seconds > 0 else None,
        "certainty": event.certainty if event.certainty in get_args(Certainty) else None,
        "bank": event.bank,
    }
