"""Whether the course decides the same again, and works the same for every profession."""

from __future__ import annotations

import pandas as pd

from grading import statistics
from grading.frame import each
from grading.markup import Content, Markup, join, table, tag
from grading.report.phrases import MINUS, count, interval, percent
from grading.report.results import Results

SHOWN = 20
SURE = 0.8
"""Agreement from which passing may be decided by the score alone."""
_READING = {
    "B": "moderate: read the item with this profession in mind",
    "C": "large: have somebody of this profession read the item",
}


def passing(results: Results) -> Markup:
    """Return how often another form would decide alike; words where no cut was set."""
    if results.standard is None:
        return tag(
            "p",
            "No cut was set for practice, so nobody passes or fails and there is nothing to trust.",
        )
    found = results.consistency
    if found is None:
        return tag("p", "These scores are too few or too alike to say how sure passing is.")
    verdict = (
        "sure enough to decide by the score"
        if found.low >= SURE
        else "not sure enough to decide by the score alone; look at those near the cut again"
    )
    return tag(
        "p",
        "Of the learners, ",
        tag("strong", percent(found.passed)),
        f" reach the cut of {percent(found.cut)} for practice (first tries,"
        f" {count(found.learners, 'learner')} with every scenario). Another course of this kind"
        f" would decide alike for {percent(found.agreement)} of them"
        f" ({interval(found.low, found.high)}; kappa {found.kappa:.2f}), and"
        f" {percent(found.accuracy)} are decided as their true scores would have it: {verdict}.",
    )


def professions(results: Results) -> Markup:
    """Return the choices that one profession finds harder or easier than equals beside it."""
    found = results.functioning.reset_index()
    compared = found[found["level"].isin(["A", "B", "C"])]
    if not results.many or compared.empty:
        why = (
            f"Comparing a profession with its equals needs {statistics.ENOUGH} learners who told"
            f" their profession, {statistics.GROUP} of them of it and {statistics.GROUP} of others;"
            f" {results.told} of the {count(len(results.totals), 'learner')} here told theirs, and"
            " that leaves too few, so nothing is said in numbers."
        )
        return tag("p", why, class_="note")
    big = compared[compared["level"] != "A"]
    return join(
        tag("p", _summary(found, compared, big)),
        _table(results, big) if len(big) else None,
    )


def _summary(found: pd.DataFrame, compared: pd.DataFrame, big: pd.DataFrame) -> str:
    names = ", ".join(sorted(str(p).replace("-", " ") for p in compared["profession"].unique()))
    few = found.loc[found["level"] == statistics.FEW, "profession"].nunique()
    left = f" {count(few, 'profession')} had too few learners." if few else ""
    sizes = compared["level"].value_counts()
    return (
        f"Each choice was compared for learners who do equally well elsewhere ({names}; classes of"
        f" the Educational Testing Service): {sizes.get('A', 0)} comparisons negligible (A),"
        f" {sizes.get('B', 0)} moderate (B), {sizes.get('C', 0)} large (C).{left}"
        + (
            f" Of {len(compared)} comparisons a few differ by chance alone: read, then decide."
            if len(big)
            else ""
        )
    )


def _table(results: Results, big: pd.DataFrame) -> Markup:
    rows: list[list[Content]] = [
        [
            results.title[r.scenario],
            str(r.profession).replace("-", " "),
            f"{_delta(r.delta)} ({_delta(r.low)} to {_delta(r.high)})",
            f"{r.level}, {_READING[r.level]}",
        ]
        for r in each(big.sort_values("delta", key=abs, ascending=False).head(SHOWN))
    ]
    caption = (
        "Choices that work differently for a profession: delta by Mantel and Haenszel with its 95%"
        " interval; below 0 it is harder for them than for their equals"
    )
    return table(caption, ["Scenario", "Profession", "Delta", "Class"], rows, wide=True)


def _delta(value: float) -> str:
    return f"{value:.1f}".replace("-", MINUS)
