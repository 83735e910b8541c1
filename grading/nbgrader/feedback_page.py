"""A learner's feedback to one module as a page: one file, readable on paper, everything escaped.

It says what was earned, what a person wrote, and what `explanation` says of the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grading.markup import Markup, document, join, tag
from grading.outputs import clean

_FOOT = (
    "Made from answers.jsonl. In practice the first committed answers count, of a test the best"
    " sitting."
)

_UNMARKED = "Nothing in this part of the course is marked."


@dataclass(frozen=True)
class Section:
    """One scenario of the page: its points so far, and what is said about the answers.

    `waits` says that a person has not marked it yet; `comments` are a person's own words.
    """

    title: str
    points: float
    maximum: float
    waits: bool
    explained: Markup
    comments: tuple[str, ...] = ()


def page(student: str, title: str, sections: Sequence[Section], penalty: float = 0.0) -> bytes:
    """Return the whole page as a file; `penalty` is what lateness takes off, in points."""
    total = sum(s.points for s in sections) - penalty
    waits = sum(s.waits for s in sections)
    most = sum(s.maximum for s in sections)
    body = join(
        tag(
            "header",
            tag("h1", title),
            tag("p", f"Feedback for {clean(student)}"),
            tag(
                "p",
                tag("strong", f"{round(total, 2):g} of {most:g} points") if most else _UNMARKED,
                f", {penalty:g} points taken off for lateness" if penalty else None,
                f"; {_count(waits, 'scenario')} still to be marked by a person" if waits else None,
                class_="total",
            ),
        ),
        _overview(sections) if sections else None,
        tag("main", [_section(n, s) for n, s in enumerate(sections, start=1)]),
        tag("footer", tag("p", _FOOT)),
    )
    return document(f"{title}: feedback", _css(), body).encode("utf-8", "replace")


# ------------------------------------------------------------------------------------- the page


@lru_cache(maxsize=1)
def _css() -> str:
    return Path(__file__).with_suffix(".css").read_text("utf-8")


def _overview(sections: Sequence[Section]) -> Markup:
    rows = [
        tag("tr", tag("td", tag("a", s.title, href=f"#s{n}")), tag("td", _points(s)))
        for n, s in enumerate(sections, start=1)
    ]
    head = tag("tr", tag("th", "Scenario", scope="col"), tag("th", "Points", scope="col"))
    return tag(
        "table",
        tag("caption", "Your points"),
        tag("thead", head),
        tag("tbody", rows),
        class_="overview",
    )


def _section(number: int, section: Section) -> Markup:
    return tag(
        "section",
        tag("h2", section.title, id=f"s{number}"),
        tag("p", _points(section), class_="points"),
        [
            tag(
                "div",
                tag("h3", "From your marker"),
                tag("p", clean(said), class_="pre"),
                class_="comment",
            )
            for said in section.comments
        ],
        section.explained,
        aria_labelledby=f"s{number}",
    )


def _points(section: Section) -> str:
    waits = ", a person still marks" if section.waits else ""
    return f"{section.points:g} of {section.maximum:g}{waits}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
