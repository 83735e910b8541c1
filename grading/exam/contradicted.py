"""What contradicts a certificate by the records alone, whatever bank and policy are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from grading.exam.certificate import Certificate
from grading.exam.measured import decided
from grading.folder import Module
from scenarios import evaluation
from scenarios.answers import Event
from scenarios.exam.blueprint import tests
from scenarios.exam.sitting import sittings

CLOCK = timedelta(hours=1)
"""How far a computer's clock may have been set back between an answer and the certificate."""
ROUNDING = 1e-4
"""The smallest part of a score on a certificate."""


def told_by_records(certificate: Certificate, modules: Iterable[Module]) -> Iterator[str]:
    """Yield what the records as they stood contradict, each in a sentence."""
    events = [e for m in modules for e in m.record.events]
    test = certificate.test
    reached = test.passed and test.score + ROUNDING >= test.cut
    whole = certificate.modules and all(m.answered == m.asked for m in certificate.modules)
    if not (reached and whole):
        yield "By its own numbers the course is not completed."
    for module in certificate.modules:
        answered = len({e.scenario for e in events if decided(e) and _of(e, module.module)})
        if answered < module.answered:
            yield (
                f"It has {module.answered} situations answered in {module.title},"
                f" the records have {answered}."
            )
    yield from _sittings(certificate, events)
    if not any(e.act == "commit" and e.scenario == evaluation.NAME for e in events):
        yield "It needs an evaluation, the records have none."
    times = [t for e in events if (t := _instant(e.time))]
    if times and max(times) - certificate.made > CLOCK:
        yield f"It was made on {certificate.made:%Y-%m-%d}, the records have answers after that."
    if abs(certificate.dated - certificate.made.date()) > timedelta(days=1):
        yield f"It bears the day {certificate.dated}, but was made on {certificate.made:%Y-%m-%d}."


def _sittings(certificate: Certificate, events: Iterable[Event]) -> Iterator[str]:
    test = certificate.test
    scored = next(t for t in tests().values() if t.scored)
    finished = [s for s in sittings(events, scored) if s.finished is not None]
    items = {s.finished: len(s.form) for s in finished}
    if test.finished not in items:
        yield f"The {test.title} that it names was not handed in by these records."
    elif items[test.finished] != test.items:
        yield f"{test.title}: it has {test.items} situations, the records {items[test.finished]}."
    if len(finished) != test.sittings:
        yield f"It has {test.sittings} sittings of the {test.title}, the records {len(finished)}."


def _of(event: Event, module: str) -> bool:
    return event.scenario.startswith(f"{module}/")


def _instant(time: str) -> datetime | None:
    """Return a time of a record, None for a text that is none."""
    with suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(time)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
