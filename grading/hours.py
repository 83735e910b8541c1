"""CE hours from the content, by the Mergener formula, with every input shown.

Minutes = 0.9 x (-22.3 + 0.00209 words + 2.78 questions + 15.5 difficulty), where difficulty goes
from 1 (very easy) to 5 (very difficult) and is judged by an expert reviewer. Source: Mergener MA
(1991), American Journal of Pharmaceutical Education 55, 263-266. An estimate before the first
pilot; measured times of pilot learners replace it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path

from grading.markup import document, join, table, tag
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import Test, tests
from scenarios.feedback import for_scenario
from scenarios.model import Scene
from scenarios.policy import model_policy
from scenarios.questions import (
    Audit,
    Choice,
    Hottext,
    Order,
    Question,
    Rating,
    Rationale,
    Response,
)

DIFFICULTY = 3.0
"""Moderate, for licensed clinicians; a sponsor's own reviewer decides."""
QUARTER = 15
"""Credit goes by the quarter hour and is rounded down."""
_STYLE = """
body{max-width:52rem;margin:2rem auto;padding:0 1rem}
body{font:16px/1.5 system-ui,sans-serif;color:#1b1f27}
table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:650}
th,td{padding:.4rem .6rem;border-bottom:1px solid #d5d9e0;text-align:right}
th:first-child{text-align:left}.sign{margin-top:3rem;border-top:1px solid #7b8494;padding-top:.5rem}
"""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What there is to read and to answer in a module."""

    title: str
    words: int
    questions: int

    def minutes(self, difficulty: float = DIFFICULTY) -> float:
        """Return the minutes that the formula gives, at least 0."""
        raw = -22.3 + 0.00209 * self.words + 2.78 * self.questions + 15.5 * difficulty
        return max(0.0, 0.9 * raw)


def together(modules: Iterable[Work], title: str = "The course as one activity") -> Work:
    """Return several modules as one."""
    listed = list(modules)
    return Work(
        title=title,
        words=sum(m.words for m in listed),
        questions=sum(m.questions for m in listed),
    )


def credit(minutes: float) -> float:
    """Return contact hours, rounded down to the quarter hour."""
    return int(minutes // QUARTER) * QUARTER / 60


def module(folder: Path, entries: Sequence[Entry]) -> Work:
    """Return the work in one module: its lesson, the scenarios that it asks, and its test.

    Of a test it is what a form holds on average over its pool, without feedback.
    """
    notebook = json.loads((folder / f"{folder.name}.ipynb").read_text("utf-8"))
    cells = notebook["cells"]
    asked = {"".join(c["source"]) for c in cells if c["cell_type"] == "code"}
    own = [e for e in entries if f'ask("{e.slug}")' in asked]
    lesson = [" ".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    work = Work(
        title=notebook["metadata"]["course"]["title"],
        words=_words(lesson) + sum(_words(_texts(e)) for e in own),
        questions=sum(len(s.questions) for e in own for s in e.scenario.scenes),
    )
    sat = [_form(t, entries) for t in tests().values() if f'sit("{t.name}")' in asked]
    return together([work, *sat], work.title)


def _form(test: Test, entries: Sequence[Entry]) -> Work:
    """Return the work in one form of a test: its length times the mean over its pool."""
    pool = [e.scenario for e in entries if e.module == test.name]
    each = test.length / len(pool) if pool else 0.0
    asked = [question for s in pool for scene in s.scenes for question in scene.questions]
    shown = [_words([scene.stem, *_shown(scene)]) for s in pool for scene in s.scenes]
    return Work(
        title=test.title,
        words=round(each * sum(shown)),
        questions=round(each * len(asked)),
    )


def _shown(scene: Scene) -> Iterable[str]:
    """Yield what a scene of a test shows besides its stem, the reasons left out."""
    if scene.artefact:
        yield from _strings(scene.artefact.model_dump(exclude={"kind"}))
    for question in scene.questions:
        yield question.prompt
        yield from _offered(question)


def modules(notebooks: Path, bank: Iterable[Entry]) -> tuple[Work, ...]:
    """Return the work in every module of a course that asks something, in course order."""
    entries = list(bank)
    folders = sorted(p.parent for p in notebooks.glob("*/*.ipynb") if p.stem == p.parent.name)
    found = (module(f, entries) for f in folders)
    return tuple(m for m in found if m.questions)


def rows(works: Iterable[Work], difficulty: float) -> list[tuple[str, ...]]:
    """Return the worksheet's lines: module, words, questions, difficulty, minutes, credit."""
    return [
        (
            w.title,
            f"{w.words:,}",
            str(w.questions),
            f"{difficulty:g}",
            f"{w.minutes(difficulty):.0f}",
            f"{credit(w.minutes(difficulty)):.2f}",
        )
        for w in works
    ]


def worksheet(works: Sequence[Work], difficulty: float, day: dt.date) -> str:
    """Return the worksheet as a page that a CE sponsor can print and file."""
    head = ("Activity", "Words", "Questions", "Difficulty", "Minutes", "Contact hours")
    whole = together(works)
    body = join(
        tag("h1", "CE hours: Social Media for Therapists"),
        tag("p", f"Computed on {day:%B} {day.day}, {day.year}, from the content itself."),
        tag(
            "p",
            "Minutes = 0.9 x (-22.3 + 0.00209 x words + 2.78 x questions + 15.5 x difficulty);"
            " difficulty from 1 (very easy) to 5 (very difficult), judged by an expert reviewer."
            " Mergener MA (1991), American Journal of Pharmaceutical Education 55, 263-266.",
        ),
        table("Each module offered by itself", head, rows(works, difficulty)),
        table("All modules offered as one activity", head, rows([whole], difficulty)),
        tag(
            "p",
            "The formula has a constant part, so modules offered singly do not add up to the"
            " course. Words are those of the lesson, of the scenarios and of the feedback that"
            " every learner sees; questions are all that is asked. A test counts with what a form"
            " of it holds on average, without feedback. Credit is rounded down to the"
            " quarter hour. Times measured with pilot learners replace this estimate.",
        ),
        tag("p", "Difficulty judged by (name, license, date):", class_="sign"),
    )
    return document("CE hours", _STYLE, body)


def _words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _texts(entry: Entry) -> Iterable[str]:
    """Yield what every learner reads of a scenario, whichever answer is given."""
    told = for_scenario(entry.scenario, None)
    yield from (entry.scenario.title, told["takeaway"], told["better"], told["varies"])
    yield from (view["text"] for view in told["views"])
    yield from (f"{rule['cite']} {rule['says']}" for rule in told["rules"])
    for scene in entry.scenario.scenes:
        yield from _scene(scene)


def _scene(scene: Scene) -> Iterable[str]:
    yield scene.stem
    if scene.artefact:
        yield from _strings(scene.artefact.model_dump(exclude={"kind"}))
    for question in scene.questions:
        yield question.prompt
        yield from _question(question)


@singledispatch
def _question(question: Question) -> Iterable[str]:
    """Return the texts of a question and of its feedback; one function per question kind."""
    raise NotImplementedError(type(question).__name__)


@_question.register
def _choice(question: Choice) -> Iterable[str]:
    return [f"{o.text} {o.consequence} {o.why}" for o in question.options]


@_question.register
def _rationale(question: Rationale) -> Iterable[str]:
    clauses = model_policy().clauses
    offered = (*question.right, *question.tempting)
    return [f"{clauses[r.clause].title} {clauses[r.clause].text} {r.why}" for r in offered]


@_question.register
def _hottext(question: Hottext) -> Iterable[str]:
    return [question.text, *(s.why for s in question.spans)]


@_question.register
def _audit(question: Audit) -> Iterable[str]:
    return [f"{r.setting} {r.current} {r.why}" for r in question.rows]


@_question.register
def _rating(question: Rating) -> Iterable[str]:
    return [f"{o.text} {o.why}" for o in question.options]


@_question.register
def _order(question: Order) -> Iterable[str]:
    return [f"{s.text} {s.why}" for s in question.steps]


@_question.register
def _response(question: Response) -> Iterable[str]:
    exemplars = [text for e in question.exemplars for text in e.parts.values()]
    return [*(c.text for c in question.rubric), *exemplars]


@singledispatch
def _offered(question: Question) -> Iterable[str]:
    """Return what a question offers, without what it is worth; one function per question kind."""
    raise NotImplementedError(type(question).__name__)


@_offered.register
def _options(question: Choice) -> Iterable[str]:
    return [o.text for o in question.options]


@_offered.register
def _clauses(question: Rationale) -> Iterable[str]:
    clauses = model_policy().clauses
    offered = (*question.right, *question.tempting)
    return [f"{clauses[r.clause].title} {clauses[r.clause].text}" for r in offered]


@_offered.register
def _text(question: Hottext) -> Iterable[str]:
    return [question.text]


@_offered.register
def _settings(question: Audit) -> Iterable[str]:
    return [f"{r.setting} {r.current}" for r in question.rows]


@_offered.register
def _responses(question: Rating) -> Iterable[str]:
    return [o.text for o in question.options]


@_offered.register
def _steps(question: Order) -> Iterable[str]:
    return [s.text for s in question.steps]


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
