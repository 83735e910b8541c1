"""Sittings as a record has them, for the tests that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grading.exemplary import best_answers
from scenarios.answers import Answers, Event
from scenarios.catalogue import Entry, load
from scenarios.exam.blueprint import Test, draw, pool, tests
from scenarios.policy import model_policy

if TYPE_CHECKING:
    from collections.abc import Callable

POLICY = model_policy()
POST, PRE = tests()["posttest"], tests()["pretest"]
POOLS = {test.name: pool(test) for test in (POST, PRE)}


def events_of(
    test: Test,
    number: int = 1,
    answering: Callable[[Entry], Answers] = lambda e: best_answers(e.scenario, POLICY),
    *,
    form: dict[str, str] | None = None,
    hour: int = 10,
) -> list[Event]:
    """The lines of the record for one finished sitting."""
    dealt = form or draw(test, POOLS[test.name], "amy", number)
    time = f"2026-11-26T{hour:02}:{{:02}}:00.000Z"

    def event(act: Any, scenario: str, at: int, **more: Any) -> Event:  # noqa: ANN401
        told = {"scene": "", "question": "", "answer": None, "bank": test.version, **more}
        return Event(act=act, scenario=scenario, attempt=number, time=time.format(at), **told)

    commits = [
        event("commit", slug, 30, scene=s, question=q, answer=a, bank=load(slug).version)
        for slug in dealt
        for (s, q), a in answering(load(slug)).items()
    ]
    return [
        event("begin", test.name, 0, answer=dealt),
        *commits,
        event("finish", test.name, 59),
    ]
