"""The evaluation: what a learner says of the course at its end; never scored.

Answers go to the record beside the notebook like every other, as commits of the scenario
`evaluation`; saying it again adds lines, and the last ones count. What is filled in and not saved
yet is kept as changes, so that a reload finds it; it counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from scenarios import answers
from scenarios.answers import Act, Event, Record
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

    def keeps(self, answer: Answer) -> bool:
        """Tell whether an answer can be kept until it is saved: one of its form, or none yet."""
        return answer in (None, "") or self.accepts(answer)


class _Evaluation(Frozen):
    questions: Annotated[tuple[Asked, ...], Field(min_length=1)]


@lru_cache(maxsize=1)
def questions() -> tuple[Asked, ...]:
    """Return the questions; raises `ContentError` for a faulty file."""
    return read_toml(FILE, _Evaluation, FILE.name).questions


def given(record: Record) -> dict[str, Answer]:
    """Return the last answers on record by question, as far as they have their form.

    A text that was emptied when it was said again is taken back.
    """
    known = {q.id: q for q in questions()}
    said = {e.question: e.answer for e in record.of(NAME) if e.act == "commit"}
    return {i: a for i, a in said.items() if a != "" and i in known and known[i].accepts(a)}


def draft(record: Record) -> dict[str, Answer]:
    """Return what was filled in since it was last saved; None or "" is a field emptied."""
    known = {q.id: q for q in questions()}
    typed: dict[str, Answer] = {}
    for event in record.of(NAME):
        if event.act == "commit":
            typed.clear()
        elif event.question in known and known[event.question].keeps(event.answer):
            typed[event.question] = event.answer
    return typed


def whole(record: Record) -> bool:
    """Tell whether every question that needs an answer has one."""
    said = given(record)
    return all(q.id in said for q in questions() if q.needed)


def evaluation_panel() -> Panel:
    """Return the panel on which a learner evaluates the course."""
    return Panel(_look, {"keep": _keep, "save": _save})


def _look() -> dict[str, Any]:
    record = read_record(Path.cwd() / answers.FILE)
    return {
        "kind": "evaluation",
        "title": "Your evaluation",
        "scale": list(AGREE),
        "most": MOST_HOURS,
        "questions": [q.model_dump() for q in questions()],
        "given": given(record),
        "draft": draft(record),
        "saved": max((e.time for e in record.of(NAME) if e.act == "commit"), default=None),
    }


def _keep(value: object) -> None:
    """Keep what was just filled in; what is no answer to a question is let go in silence."""
    match value:
        case {"question": str(asked), "answer": answer}:
            pass
        case _:
            return
    path = Path.cwd() / answers.FILE
    record = read_record(path)
    shown = {**given(record), **draft(record)}
    if shown.get(asked) != answer and any(q.id == asked and q.keeps(answer) for q in questions()):
        answers.append(path, list(_events("change", {asked: answer}, _attempt(record))))


def _save(value: object) -> None:
    """Put what was said on record; raises `ValueError` with a sentence where it is not whole."""
    said = value if isinstance(value, dict) else {}
    wrong = list(_wrong(said))
    if wrong:
        raise ValueError(f"Not saved. Still to answer: {'; '.join(wrong)}")
    path = Path.cwd() / answers.FILE
    record = read_record(path)
    before = given(record)
    filled = {q.id: said.get(q.id) or "" for q in questions() if said.get(q.id) or q.id in before}
    answers.append(path, list(_events("commit", filled, _attempt(record))))


def _attempt(record: Record) -> int:
    """Return the number of the evaluation that is being filled in."""
    return 1 + max((e.attempt for e in record.of(NAME) if e.act == "commit"), default=0)


def _events(act: Act, filled: dict[str, Answer], attempt: int) -> Iterator[Event]:
    policy, who = load_policy(), learner(Path.cwd())
    for question, answer in filled.items():
        yield Event(
            act=act,
            scenario=NAME,
            scene="form",
            question=question,
            answer=answer,
            attempt=attempt,
            bank="",
            policy=policy.version,
            profession=who.profession,
        )


def _wrong(said: dict[object, object]) -> Iterator[str]:
    for q in questions():
        answer = said.get(q.id)
        if (q.needed or answer not in (None, "")) and not q.accepts(answer):
            yield q.text
