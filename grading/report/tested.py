"""The tests in the report: who passed, what the course gave, and how the items of the pools did."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from grading import statistics
from grading.exam.frame import Sat
from grading.frame import each
from grading.markup import Content, Markup, join, table, tag
from grading.report.phrases import DASH, coefficient, count, folded, interval, percent, points
from grading.standard import Standard
from grading.statistics.scores import with_wilson
from scenarios.exam.blueprint import Test, tests
from scenarios.policy import topics

RARE = 5
"""Fewest learners with an item whose facility is shown."""


def the_tests(sat: Sat, standards: Mapping[str, Standard]) -> Markup:
    """Return the section on the tests that were handed in; `standards` are the cuts by test."""
    taken = [t for t in tests().values() if (sat.sittings["test"] == t.name).any()]
    if not taken:
        return tag("p", "No test was handed in yet.")
    return join(
        table(
            "Each test: scores beyond guessing at the first sitting, and who passed at any",
            [
                "Test",
                "Learners",
                "Mean score, first sitting",
                "95% interval",
                "Passed, any sitting",
                "Never-event in the sitting that counts",
                "Sittings in all",
            ],
            [_row(sat, t) for t in taken],
            wide=True,
        ),
        (_standard(sat, t, standards[t.name]) for t in taken if t.scored and t.name in standards),
        _gain(sat),
        (_items(sat, t) for t in taken if t.scored),
    )


def _row(sat: Sat, test: Test) -> list[str]:
    own = sat.sittings[sat.sittings["test"] == test.name]
    first = sat.first(test)
    counted = own[own["counts"]]
    low, high = statistics.t_interval(first["score"])
    passed = f"{int(counted['passed'].sum())} of {len(counted)}" if test.scored else DASH
    return [
        test.title,
        str(len(first)),
        percent(float(first["score"].mean())),
        interval(low, high),
        passed,
        str(int((counted["never_events"] > 0).sum())),
        str(len(own)),
    ]


def _standard(sat: Sat, test: Test, standard: Standard) -> Markup:
    """Say what a panel set for a test beside the pass mark in use, and who would reach it."""
    if standard.form != f"{test.name} {test.version}" or standard.beyond is None:
        why = (
            f"The panel's cut of {standard.on} is for an earlier form of the {test.title.lower()}."
        )
        return tag("p", why, class_="note")
    own = sat.sittings[(sat.sittings["test"] == test.name) & sat.sittings["counts"]]
    reach = int(((own["score"] >= standard.beyond) & (own["never_events"] == 0)).sum())
    return tag(
        "p",
        f"{test.title}: the panel's cut of {standard.on} is {percent(standard.beyond)} beyond"
        f" guessing ({percent(standard.cut)} of the points), which {reach} of"
        f" {count(len(own), 'learner')} reach without a never-event in the sitting that counts; the"
        f" pass mark in use is {percent(test.cut)}.",
    )


def _gain(sat: Sat) -> Markup:
    """Say what the course gave: the pre-test against the same topics of the first post-test."""
    found = statistics.gain(*sat.twins())
    heading = tag("h3", "What the course gave")
    if found is None:
        why = "Too few learners have taken both tests to compare them."
        return join(heading, tag("p", why, class_="note"))
    scale = f"{points(found.gain)} {'more' if found.gain >= 0 else 'less'}"
    who = count(found.learners, "learner")
    told: list[str | Markup] = [
        f"On the same topics {who} had {percent(found.before)} of the points before the course",
        f" and {percent(found.after)} after it, ",
        tag("strong", scale),
    ]
    if found.learners >= statistics.ENOUGH:
        told.append(
            f" (95% interval {100 * found.low:.0f} to {100 * found.high:.0f}; Hedges' g"
            f" {coefficient(found.g)}, {coefficient(found.g_low)} to {coefficient(found.g_high)}),"
            f" which is {percent(found.of_possible)} of what was still missing."
        )
    else:
        verdict = (
            "the whole 95% interval of the mean lies above zero"
            if found.low > 0
            else "the 95% interval of the mean holds zero as well, so it may be chance"
        )
        told.append(f"; {verdict}. With so few learners no effect size is given.")
    note = (
        "The situations are others in each test. Without a group that did not take the course,"
        " the gain also holds what would have come anyway."
    )
    return join(heading, tag("p", *told), tag("p", note, class_="quiet"))


def _items(sat: Sat, test: Test) -> Markup:
    """Return the items of a pool: how many met each, how hard it was, whom it tells apart."""
    own = sat.items[sat.items["test"] == test.name]
    shares = own.groupby("scenario").agg(
        title=("title", "first"),
        slot=("slot", "first"),
        n=("share", "size"),
        mean=("share", "mean"),
        chance=("chance", "first"),
    )
    apart = statistics.discrimination(statistics.matrix(own)).add_prefix("rest_")
    ranked = with_wilson(shares, "mean").join(apart).sort_values("mean")
    rows: list[list[Content]] = [
        [
            r.title,
            tag("span", f"{r.slot} {topics()[r.slot].name}", class_="text"),
            str(r.n),
            percent(r.mean) if r.n >= RARE else "too few",
            interval(r.low, r.high) if r.n >= RARE else DASH,
            percent(r.chance),
            _apart(r),
        ]
        for r in each(ranked)
    ]
    caption = f"{test.title}: the items of the pool, hardest first, by first sittings"
    head = ["Item", "Topic", "Learners", "Facility", "95% interval", "By guessing", "Item-rest r"]
    note = (
        "Each learner meets one form of the pool, so items are met by different learners. Facility"
        " is the mean share of the points; what guessing earns stands beside it. The item-rest"
        f" correlation is told from {statistics.ENOUGH} learners on."
    )
    return join(
        tag("h3", f"{test.title}, item by item"),
        folded(f"All {count(len(rows), 'item')}", table(caption, head, rows, wide=True)),
        tag("p", note, class_="quiet"),
    )


def _apart(row: object) -> str:
    n, r = getattr(row, "rest_n", 0), getattr(row, "rest_r", math.nan)
    low, high = getattr(row, "rest_low", math.nan), getattr(row, "rest_high", math.nan)
    if pd.isna(n) or n < statistics.ENOUGH or math.isnan(r):
        return DASH
    return f"{coefficient(r)} ({coefficient(low)} to {coefficient(high)})"
