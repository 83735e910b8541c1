"""How the report writes numbers and small things: one way each, everywhere on the page."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from grading.markup import Content, Markup, tag
from grading.report.figures import CREDIT

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def count(n: int, noun: str) -> str:
    """Say how many there are of something whose plural takes an s."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def percent(share: float) -> str:
    """Write a share as whole percent, or a dash where there is none."""
    return DASH if math.isnan(share) else f"{100 * share:.0f}%"


def interval(low: float, high: float) -> str:
    """Write an interval of shares."""
    if math.isnan(low) or math.isnan(high):
        return DASH
    return f"{100 * low:.0f}% to {100 * high:.0f}%"


def coefficient(value: float) -> str:
    """Write a coefficient as .47."""
    if math.isnan(value):
        return DASH
    return f"{value:.2f}".replace("0.", ".", 1).replace("-", MINUS)


def minutes(seconds: float) -> str:
    """Write seconds as minutes and seconds."""
    return DASH if math.isnan(seconds) else f"{int(seconds // 60)}:{int(seconds % 60):02}"


def day(time: pd.Timestamp) -> str:
    """Write a day without its year."""
    return f"{time:%B} {time.day}"


def chip(worth: str, text: str | None = None) -> Markup:
    """Return what an option or clause is worth as a small label."""
    return tag("span", text or worth, class_=f"chip chip-{worth}")


def bar(share: float, worth: str) -> Markup:
    """Return a share as a bar with its number."""
    if math.isnan(share):
        return Markup(DASH)
    filled = tag("i", class_=worth, style=f"width:{100 * share:.1f}%")
    return tag("span", tag("span", filled), percent(share), class_="bar")


def legend() -> Markup:
    """Return the legend of the levels of credit."""
    return key((f"swatch {level}", look.name) for level, look in CREDIT.items())


def key(signs: Iterable[tuple[str, str]]) -> Markup:
    """Return a legend of (class of the sign, name)."""
    items = (tag("li", tag("span", class_=sign), name) for sign, name in signs)
    return tag("ul", items, class_="legend")


def points(share: float) -> str:
    """Write a difference of shares as whole percentage points, without its sign."""
    return count(round(100 * abs(share)), "percentage point")


def folded(summary: Content, content: Content) -> Markup:
    """Return something long behind its summary; only what was opened is printed."""
    return tag("details", tag("summary", summary), tag("div", content, class_="inside"))


def figure(title: str, svg: str, look: Content, signs: Content = None) -> Markup:
    """Return a figure with its title, its legend and what to look at."""
    words = tag("figcaption", tag("strong", "What to look at: "), look)
    return tag("figure", tag("h3", title), signs, Markup(svg), words)
