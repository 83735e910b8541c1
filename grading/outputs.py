"""What a marked notebook shows instead of widgets: answers and marks as static, escaped HTML.

Outputs of widgets are empty wherever nobody runs them, as in formgrader and in nbgrader's feedback.
No key is shown: what would have been right is the feedback's to say, to those who answered.
"""

from __future__ import annotations

from typing import Any

from grading.markup import Markup, join, tag
from grading.marks import UNANSWERED, Mark
from scenarios.answers import Answers
from scenarios.model import Scenario
from scenarios.policy import Policy
from scenarios.readable import lines

Json = dict[str, Any]
_CELL = "text-align:left;vertical-align:top;padding:.2em .8em .2em 0"


def ask_output(scenario: Scenario, answers: Answers, policy: Policy) -> Json:
    """Return the output of an ask cell: each question on the learner's way and the answer to it."""
    rows = [
        (question.prompt, lines(question, answers.get((scene.id, question.id)), policy))
        for scene in scenario.path(answers)
        for question in scene.questions
    ]
    body = [_row(prompt, _paragraphs(said)) for prompt, said in rows]
    plain = "\n".join(f"{prompt}: {'; '.join(said)}" for prompt, said in rows)
    return _output("display_data", plain, _table(scenario.title, body))


def score_output(points: float, mark: Mark) -> Json:
    """Return the output of a score cell: the points as nbgrader reads them, and how they came."""
    body = [
        _row(
            part.question,
            UNANSWERED
            if part.why == UNANSWERED
            else f"{part.why}: {'a person marks' if part.earned is None else f'{part.earned:.0%}'}",
        )
        for part in mark.parts
    ]
    output = _output(
        "execute_result",
        repr(float(points)),
        join(
            _table(f"{points:g} of {mark.maximum:g} points", body),
            tag("p", mark.why) if mark.void or mark.never_events else None,
        ),
    )
    return {**output, "execution_count": None}


def unknown_output(slug: str) -> Json:
    """Return the output of a cell whose scenario the bank does not have: no points, and why."""
    said = f"The scenario {slug} cannot be marked; its file is missing or has faults."
    return {**_output("execute_result", "0.0", tag("p", said)), "execution_count": None}


def clean(text: str) -> str:
    """Return text that every file and page can hold: no half characters, no control characters."""
    if text.isprintable():
        return text
    whole = text.encode("utf-8", "replace").decode()
    return "".join(c for c in whole if c.isprintable() or c in "\n\t")


def _output(kind: str, plain: str, html: Markup) -> Json:
    return {
        "output_type": kind,
        "metadata": {},
        "data": {"text/plain": clean(plain), "text/html": clean(html)},
    }


def _table(caption: str, body: list[Markup]) -> Markup:
    # MathJax, which both pages load, would make links out of a learner's TeX.
    return tag(
        "table",
        tag("caption", tag("strong", caption)),
        tag("tbody", body),
        class_="tex2jax_ignore mathjax_ignore",
    )


def _row(name: str, value: Markup | str) -> Markup:
    return tag("tr", tag("th", name, scope="row", style=_CELL), tag("td", value, style=_CELL))


def _paragraphs(said: tuple[str, ...]) -> Markup:
    return join(tag("div", line, style="white-space:pre-wrap") for line in said)
