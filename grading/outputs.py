"""What a marked notebook shows instead of widgets: answers and marks as static, escaped HTML.

Outputs of widgets are empty wherever nobody runs them, as in formgrader and in nbgrader's feedback.
No key is shown: what would have been right is the feedback's to say, to those who answered. The
rubric of a written answer stands with the answer only, for the person who marks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from grading.marks import UNANSWERED, Mark, Part, points_by_person
from grading.situation import PLAIN, rubric, situation
from scenarios.answers import Answers
from scenarios.model import Scenario
from scenarios.policy import Policy
from scenarios.questions import Response
from scenarios.readable import lines
from scenarios.turns import asked, complete

Json = dict[str, Any]
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CELL = "text-align:left;vertical-align:top;padding:.2em .8em .2em 0"


def ask_output(scenario: Scenario, answers: Answers, policy: Policy) -> Json:
    """Return the output of an ask cell: each question on the learner's way and the answer to it.

    Where a person marks what was written, the situation stands before it and the rubric after it.
    """
    scenes = scenario.path(answers)
    rows = [
        (question.prompt, lines(question, answers.get((scene.id, question.id)), policy))
        for scene in scenes
        for question in asked(scene, policy)
    ]
    output = answers_output(scenario.title, rows)
    if scenario.written:
        before = "".join(situation(scene) for scene in scenes)
        after = "".join(
            rubric(question, points_by_person(scenario))
            for scene in scenes
            for question in scene.questions
            if isinstance(question, Response)
            and complete(question, answers.get((scene.id, question.id)))
        )
        output["data"]["text/html"] = f"{before}{output['data']['text/html']}{after}"
    return output


def answers_output(title: str, rows: Sequence[tuple[str, Sequence[str]]]) -> Json:
    """Return the output of a cell that asked something: (prompt, lines of the answer) in rows."""
    plain = "\n".join(f"{prompt}: {'; '.join(said)}" for prompt, said in rows)
    return _output("display_data", plain or title, _table(title, rows))


def score_output(points: float, mark: Mark, more: str = "") -> Json:
    """Return the output of a score cell: the points as nbgrader reads them, and how they came."""
    rows = [(part.question, (_earned(part),)) for part in mark.parts]
    html = _table(f"{points:g} of {mark.maximum:g} points", rows)
    if more or mark.void or mark.never_events:
        html += f"<p>{escape(more or mark.why)}</p>"
    return {**_output("execute_result", repr(float(points)), html), "execution_count": None}


def unknown_output(slug: str) -> Json:
    """Return the output of a cell whose scenario the bank does not have: no points, and why."""
    said = f"The scenario {slug} cannot be marked; its file is missing or has faults."
    output = _output("execute_result", "0.0", f"<p>{escape(said)}</p>")
    return {**output, "execution_count": None}


def clean(text: str) -> str:
    """Return text that every file and page can hold: no half characters, no control characters."""
    return _UNFIT.sub("\ufffd", text)


def _earned(part: Part) -> str:
    if part.why == UNANSWERED:
        return UNANSWERED
    return part.why if part.earned is None else f"{part.why}: {part.earned:.0%}"


def _output(kind: str, plain: str, html: str) -> Json:
    return {
        "output_type": kind,
        "metadata": {},
        "data": {"text/plain": clean(plain), "text/html": clean(html)},
    }


def _table(caption: str, rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Return a table; its classes keep MathJax, which graders' pages load, from the texts.

    It would make links out of a learner's TeX.
    """
    body = "".join(
        f'<tr><th scope="row" style="{_CELL}">{escape(name)}</th><td style="{_CELL}">'
        + "".join(f'<div style="white-space:pre-wrap">{escape(line)}</div>' for line in said)
        + "</td></tr>"
        for name, said in rows
    )
    return (
        f'<table class="{PLAIN}">'
        f"<caption><strong>{escape(caption)}</strong></caption><tbody>{body}</tbody></table>"
    )
