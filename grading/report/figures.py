"""Figures of the report: tables of `grading.statistics` to SVG, with matplotlib.

Pure functions. Each figure is narrow, with its labels above the bars, so that it can be read on a
telephone and stand in two columns on a desk. Texts stay texts, colors have a hatch, an outline or
a printed number beside them, and no figure asks for anything from elsewhere.
"""

from __future__ import annotations

import html
import io
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grading.frame import each

WIDTH: Final = 380
"""Pixels at natural size; everything below is in the same pixels."""
DPI: Final = 72
"""Matplotlib's points are then pixels."""
INK, QUIET, LINE, PAPER = "#1b1f27", "#565e6c", "#d5d9e0", "#ffffff"
ACCENT, PALE = "#1f5b96", "#8db7dd"


@dataclass(frozen=True)
class Look:
    """How a level of credit is drawn: color, the color of writing on it, hatch and name."""

    color: str
    ink: str
    hatch: str
    name: str


# Blue to rust: told apart with any color vision and, by lightness and hatch, without color.
CREDIT: Final[Mapping[str, Look]] = {
    "best": Look("#1f5b96", "#ffffff", "", "best"),
    "acceptable": Look("#a9cbe8", INK, "", "acceptable"),
    "risky": Look("#f6c88f", INK, "\\\\\\\\", "risky"),
    "violation": Look("#a83a16", "#ffffff", "////", "violation"),
}
FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so that the layout is the same everywhere; the page shows its own font,
which is narrower and fits."""
_STYLE: Final[dict[Any, Any]] = {
    "font.family": [FONT],
    "font.size": 13.0,
    "text.color": INK,
    "text.parse_math": False,  # a title may hold a dollar sign
    "axes.edgecolor": LINE,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 12.0,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.labelsize": 12.0,
    "ytick.labelsize": 12.0,
    "hatch.linewidth": 0.7,
    "svg.fonttype": "none",
    "svg.hashsalt": "course",  # the same tables give the same bytes
}
_LINE_HEIGHT, _BAR, _GAP, _EDGE, _FOOT = 17, 19, 15, 6, 38
_CHARACTERS = 41
"""A line of a label; wider ones are wrapped."""
Segments = Sequence[tuple[str, float]]
"""(credit, share) of each option, best first."""


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


# ----------------------------------------------------------------------------------- the figures


def distribution(totals: pd.Series[float]) -> str:
    """Draw how many learners reached which part of all points; `totals` are shares."""
    counts, edges = np.histogram(totals, bins=10, range=(0, 1))
    with _canvas(250) as figure:
        axes = figure.add_axes((0.05, 0.2, 0.88, 0.74))
        axes.bar(edges[:-1], counts, width=0.1, align="edge", color=ACCENT, edgecolor=PAPER)
        for left, count in zip(edges[:-1], counts, strict=True):
            if count:
                axes.text(left + 0.05, count, str(count), ha="center", va="bottom", fontsize=12)
        middle = float(totals.median())
        top = max(int(counts.max(initial=0)), 1) * 1.22
        axes.plot([middle, middle], [0, top], color=INK, linewidth=1.4, dashes=(4, 3))
        side = "right" if middle > 0.5 else "left"  # noqa: PLR2004 - half of the axis
        shift = -0.015 if side == "right" else 0.015
        label = f"median {_percent(middle)}"
        axes.text(middle + shift, top, label, ha=side, va="top", fontsize=13, weight="bold")
        axes.set(xlim=(0, 1), ylim=(0, top), xlabel="share of all points", yticks=[])
        axes.set_xticks(np.linspace(0, 1, 6), [_percent(x) for x in np.linspace(0, 1, 6)])
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        words = f"Histogram of {len(totals)} learners by share of all points, {label}."
        return _svg(figure, "distribution", words)


def scores(table: pd.DataFrame, name: str) -> str:
    """Draw each scenario's mean first score with its interval, and the mean after trying again.

    `table` has `title`, `mean`, `low`, `high`, `mastery` and is drawn from its first row down.
    `name` is unique among the figures of a page.
    """
    with _rows(list(table["title"])) as (figure, axes, places):
        axes.set_xlim(0, 1)
        for y, row in zip(places, each(table), strict=True):
            axes.barh(y, row.high - row.low, left=row.low, height=8, color="#d3e3f2")
            axes.plot([row.mean, row.mastery], [y, y], color=QUIET, linewidth=1, zorder=2)
            axes.plot(
                row.mastery, y, "D", markersize=7, color=PAPER, markeredgecolor=ACCENT, zorder=3
            )
            axes.text(1, y - 22, _percent(float(row.mean)), ha="right", va="center", weight="bold")
            axes.plot(
                row.mean,
                y,
                "o",
                markersize=11,
                color=ACCENT,
                markeredgecolor=PAPER,
                zorder=4,
                clip_on=False,
            )
        _percent_axis(axes, "mean share of the points")
        said = ", ".join(f"{r.title} {_percent(float(r.mean))}" for r in each(table))
        return _svg(figure, name, f"Mean score at the first try by scenario: {said}.")


def choices(bars: Sequence[tuple[str, Segments]], name: str) -> str:
    """Draw what share of the learners chose each option, one stacked bar per question.

    Each bar is its label and its (credit, share) segments, best first.
    """
    with _rows([label for label, _ in bars]) as (figure, axes, places):
        for y, (_, segments) in zip(places, bars, strict=True):
            _stack(axes, y, segments)
        _percent_axis(axes, "share of the learners who answered")
        said = "; ".join(
            f"{label}: " + ", ".join(f"{CREDIT[c].name} {_percent(s)}" for c, s in parts)
            for label, parts in bars
        )
        return _svg(figure, name, f"Choices by question, colored by credit. {said}.")


def missed(table: pd.DataFrame) -> str:
    """Draw how often each clause was left out where it applies, with its interval.

    `table` is indexed by clause, with `title`, `missed`, `low`, `high`, `applied`.
    """
    labels = [
        f"{clause}  {row.title}" for clause, row in zip(table.index, each(table), strict=True)
    ]
    with _rows(labels) as (figure, axes, places):
        for y, row in zip(places, each(table), strict=True):
            axes.barh(y, row.missed, height=_BAR, color=PALE)
            axes.plot([row.low, row.high], [y, y], color=INK, linewidth=1.2)
            for x in (row.low, row.high):
                axes.plot([x, x], [y - 4, y + 4], color=INK, linewidth=1.2)
            axes.text(
                0.012, y, _percent(float(row.missed)), va="center", fontsize=12, weight="bold"
            )
        _percent_axis(axes, "share of the answers without the clause")
        said = ", ".join(
            f"{label} {_percent(float(m))}"
            for label, m in zip(labels, table["missed"], strict=True)
        )
        return _svg(figure, "missed", f"Clauses most often missed where they apply: {said}.")


# ------------------------------------------------------------------------------------- the parts


def _stack(axes: Axes, y: float, segments: Segments) -> None:
    left = 0.0
    for level, share in segments:
        look = CREDIT[level]
        if share <= 0:
            continue
        axes.barh(
            y,
            share,
            left=left,
            height=_BAR + 4,
            color=look.color,
            hatch=look.hatch,
            edgecolor=PAPER,
            linewidth=1,
        )
        if share >= 0.09:  # noqa: PLR2004 - the number would not fit
            patch = {"facecolor": look.color, "edgecolor": "none", "pad": 1.2}
            axes.text(
                left + share / 2,
                y,
                _percent(share),
                color=look.ink,
                ha="center",
                va="center_baseline",
                fontsize=12,
                bbox=patch if look.hatch else None,
            )
        left += share


@contextmanager
def _canvas(height: float) -> Iterator[Figure]:
    """Give an empty figure of this height, drawn in our style."""
    with mpl.rc_context(_STYLE):
        yield Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)


@contextmanager
def _rows(labels: Sequence[str]) -> Iterator[tuple[Figure, Axes, list[float]]]:
    """Give axes of shares with a label above each row, and the middle of each row's bar."""
    wrapped = [textwrap.wrap(label, _CHARACTERS) or [""] for label in labels]
    tops = np.cumsum([0, *(len(w) * _LINE_HEIGHT + _BAR + 4 + _GAP for w in wrapped)])
    height = float(tops[-1]) + _FOOT + _EDGE
    with _canvas(height) as figure:
        left, right = 6 / WIDTH, 1 - 20 / WIDTH
        axes = figure.add_axes((left, _FOOT / height, right - left, 1 - (_FOOT + _EDGE) / height))
        axes.set_ylim(float(tops[-1]), 0)
        places = []
        for top, lines in zip(tops, wrapped, strict=False):
            for n, line in enumerate(lines):
                axes.text(0, top + n * _LINE_HEIGHT + 2, line, ha="left", va="top")
            places.append(float(top) + len(lines) * _LINE_HEIGHT + 4 + _BAR / 2)
        yield figure, axes, places


def _percent_axis(axes: Axes, label: str) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks(np.linspace(0, 1, 5), [_percent(x) for x in np.linspace(0, 1, 5)])
    first, *_, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.set_xlabel(label)
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.grid(visible=True, axis="x", color="#e8ebf0", linewidth=1)
    axes.set_axisbelow(True)
    for side in ("top", "left", "right", "bottom"):
        axes.spines[side].set_visible(False)


def _svg(figure: Figure, name: str, words: str) -> str:
    """Return the figure as one SVG element for an HTML page, with `words` for those who listen.

    Ids that nothing refers to go, the others get the figure's name: one page holds many figures.
    """
    with io.StringIO() as out:
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        text = out.getvalue()
    body = text[text.index(">", text.index("<svg")) + 1 :]
    # Matplotlib's style element would reach the whole page.
    body = re.sub(r"<(metadata|style).*?</\1>", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body).replace("xlink:href", "href")
    body = body.replace(f"'{FONT}'", "system-ui, Arial, 'DejaVu Sans', sans-serif")
    height = figure.get_figheight() * DPI
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{html.escape(words)}">'
        f"{body.strip()}"
    )
