"""The evaluation: what a learner says of the course at its end; never scored.

Answers go to the record beside the notebook like every other, as commits of the scenario
`evaluation`; saying it again adds lines, and the last ones count.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from scenarios import answers
from scenarios.answers import Event, Record
from scenarios.desk import read_record
from scenarios.faults import read_toml
from scenarios.panel import Panel
from scenarios.policy import load_policy
from scenarios.profile import learner
from scenarios.terms import Answer, Frozen, Id, Text

NAME = "evaluation"
FILE = Path(__file__).with_suffix(".toml")
AGREE = (
    "strongly disagree",
    "disagree",
    "neither agree nor disagree",
    "agree",
    "strongly agree",
)
MOST_HOURS = 200
LONGEST = 2000
"""Characters of a text."""


class Asked(Frozen):
    """One question of the evaluation."""

    id: Id
    kind: Literal["agree", "hours", "text"]
    text: Text

    @property
    def needed(self) -> bool:
        """Whether the evaluation is whole only with an answer to it."""
        return self.kind != "text"

    def accepts(self, answer: Answer) -> bool:
        """Tell whether an answer has the question's form."""
        match self.kind:
            case "agree":
                return type(answer) is int and 1 <= answer <= len(AGREE)
            case "hours":
                return type(answer) in (int, float) and 0 < float(str(answer)) <= MOST_HOURS
            case _:
                return isinstance(answer, str) and len(answer) <= LONGEST


class _Evaluation(Frozen):
    questions: Annotated[tuple[Asked, ...], Field(min_length=1)]


@lru_cache(maxsize=1)
def questions() -> tuple[Asked, ...]:
    """Return the questions; raises `ContentError` for a faulty file."""
    return read_toml(FILE, _Evaluation, FILE.name).questions


def given(record: Record) -> dict[str, Answer]:
    """Return the last answers on record by question, as far as they have their form."""
    known = {q.id: q for q in questions()}
    said = {e.question: e.answer for e in record.of(NAME) if e.act == "commit"}
    return {i: a for i, a in said.items() if i in known and known[i].accepts(a)}


def whole(record: Record) -> bool:
    """Tell whether every question that needs an answer has one."""
    said = given(record)
    return all(q.id in said for q in questions() if q.needed)


def evaluation_panel() -> Panel:
    """Return the panel on which a learner evaluates the course."""
    return Panel(_look, {"save": _save})


def _look() -> dict[str, Any]:
    record = read_record(Path.cwd() / answers.FILE)
    return {
        "kind": "evaluation",
        "title": "Your evaluation",
        "scale": list(AGREE),
        "most": MOST_HOURS,
        "questions": [q.model_dump() for q in questions()],
        "given": given(record),
        "saved": max((e.time for e in record.of(NAME)), default=None),
    }


def _save(value: object) -> None:
    """Put what was said on record; raises `ValueError` with a sentence where it is not whole."""
    said = value if isinstance(value, dict) else {}
    wrong = list(_wrong(said))
    if wrong:
        raise ValueError(f"Not saved. Still to answer: {'; '.join(wrong)}")
    path = Path.cwd() / answers.FILE
    attempt = 1 + max((e.attempt for e in read_record(path).of(NAME)), default=0)
    policy, who = load_policy(), learner(Path.cwd())
    answers.append(
        path,
        [
            Event(
                act="commit",
                scenario=NAME,
                scene="form",
                question=q.id,
                answer=said[q.id],
                attempt=attempt,
                bank="",
                policy=policy.version,
                profession=who.profession,
            )
            for q in questions()
            if said.get(q.id) not in (None, "")
        ],
    )


def _wrong(said: dict[object, object]) -> Iterator[str]:
    for q in questions():
        answer = said.get(q.id)
        if (q.needed or answer not in (None, "")) and not q.accepts(answer):
            yield q.text
