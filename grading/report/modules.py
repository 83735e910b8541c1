"""One module of the report: scores, choices, and every scenario option by option."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from grading.frame import each
from grading.markup import Content, Markup, join, table, tag
from grading.report import figures
from grading.report.figures import CREDIT
from grading.report.phrases import (
    DASH,
    bar,
    chip,
    count,
    figure,
    folded,
    interval,
    key,
    legend,
    percent,
)
from grading.report.results import Place, Results
from scenarios.questions import Question

WEAK = 0.2
"""How far apart the thirds must be before a wrong option that the strongest choose is flagged."""
USEFUL = 0.05
"""Share of choices below which an option does no work."""
_LEVELS = list(CREDIT)


def module(results: Results, folder: str) -> Markup:
    """Return the figures and the details of a bank folder's scenarios, hardest first."""
    own = [slug for slug in results.facility.index if slug.partition("/")[0] == folder]
    if not own:
        return tag("p", "Every scenario of this module is marked by a person, or voided.")
    ranked = results.facility.loc[own].sort_values("mean")
    ranked = ranked.assign(title=[results.title[slug] for slug in ranked.index])
    decided = ranked[ranked.index.isin(results.decided.index)]
    bars = list(_bars(results, ranked.index))
    return join(
        tag(
            "div",
            _scores(decided, folder) if len(decided) else None,
            _choices(bars, folder) if bars else None,
            class_="pair",
        ),
        tag("h3", "Option by option", class_="screen"),
        (_scenario(results, str(slug)) for slug in ranked.index),
    )


def _scores(ranked: pd.DataFrame, folder: str) -> Markup:
    lowest = ranked.iloc[0]
    first = (
        f"“{lowest['title']}” earned {percent(lowest['mean'])} at the first try"
        if lowest["mean"] < 1
        else "here every first try earned all of the points"
    )
    return figure(
        "Scores per scenario",
        figures.scores(ranked, f"scores-{folder}"),
        f"the top of the list, hardest first: {first}. A long line to the diamond means that the"
        " feedback taught something; dots whose bands overlap may change places in the next class.",
        key([("dot", "first try"), ("range", "95% interval"), ("diamond", "last try")]),
    )


def _choices(bars: Sequence[tuple[str, figures.Segments]], folder: str) -> Markup:
    return figure(
        "Choices per option",
        figures.choices(bars, f"choices-{folder}"),
        "light orange and rust at the right end. Much light blue is a class that knows the limit"
        " and misses the better half of the answer; that is worth ten minutes of talk.",
        legend(),
    )


def _bars(results: Results, slugs: Iterable[object]) -> Iterator[tuple[str, figures.Segments]]:
    """Yield each choice's label and its segments, best first."""
    for slug in slugs:
        scenes = [
            _ranked(rows)
            for (scenario, _, _), rows in results.options_of.items()
            if scenario == slug and rows["n"].max() > 0
        ]
        for n, rows in enumerate(scenes, start=1):
            label = results.title[str(slug)] + (f", scene {n}" if len(scenes) > 1 else "")
            yield label, list(zip(rows["worth"], rows["share"], strict=True))


def _ranked(options: pd.DataFrame) -> pd.DataFrame:
    return options.sort_values("worth", key=lambda w: w.map(_LEVELS.index), kind="stable")


def _scenario(results: Results, slug: str) -> Markup:
    (row,) = each(results.facility.loc[[slug]])
    parts: list[Markup] = []
    for scene in results.entries[slug].scenario.scenes:
        parts.append(tag("p", scene.stem, class_="stem"))
        parts += [_question(results, (slug, scene.id, q.id), q) for q in scene.questions]
    written = "" if slug in results.decided.index else "; a person marks the rest"
    earned = f" {percent(row.mean)} of the points ({interval(row.low, row.high)}){written}"
    return folded(join(results.name(slug), tag("span", earned)), join(parts))


def _question(results: Results, at: Place, question: Question) -> Markup:
    if question.kind == "choice":
        return _options(results, at, question.prompt)
    if question.kind == "rationale":
        return _clauses(results, at, question.prompt)
    own = results.answers_of.get(at, results.frames.questions.iloc[:0])
    if at in results.rows_of:
        return _rows(results.rows_of[at], question.prompt, float(own["earned"].mean()))
    mean = float(own["earned"].mean())
    earned = "marked by a person" if math.isnan(mean) else f"{percent(mean)} earned on average"
    answered = int(own["answer"].notna().sum())
    return tag("p", f"{question.prompt} ({count(answered, 'answer')}, {earned})")


def _options(results: Results, at: Place, prompt: str) -> Markup:
    own = _ranked(results.options_of[at])
    answered = int(own["n"].max())
    head = ["Option", "Chosen"] + (["Weakest → strongest third"] if results.many else [])
    rows: list[list[Content]] = []
    for row in each(own):
        never = chip("violation", "never-event") if row.never_event else None
        cells: list[Content] = [join(chip(row.worth), never, row.text), bar(row.share, row.worth)]
        if results.many:
            cells.append(f"{percent(row.lower)} → {percent(row.upper)}")
        rows.append(cells)
    flags = _flags(own, many=results.many) if answered else ()
    return join(
        tag("div", table(f"{prompt} ({count(answered, 'answer')})", head, rows), class_="options"),
        (tag("p", tag("span", "Look again: ", class_="flag"), flag) for flag in flags),
    )


def _flags(own: pd.DataFrame, *, many: bool) -> Iterator[str]:
    """Name what suggests a flaw in the question rather than in the learners."""
    idle = own[(own["worth"] != "best") & (own["share"] < USEFUL)]
    if len(idle) > 1:
        rare = percent(USEFUL)
        yield f"{len(idle)} options were chosen by fewer than {rare}; they do little work."
    if not many:
        return
    for row in each(own):
        tilt = row.upper - row.lower
        if row.worth == "best" and tilt < 0:
            yield (
                "the strongest third chose the best option less often than the weakest; check the"
                " key."
            )
        if row.worth in ("risky", "violation") and tilt > WEAK:
            yield f"the strongest third is drawn to “{row.text}”; check that it is really wrong."


def _clauses(results: Results, at: Place, prompt: str) -> Markup:
    rows = results.answers_of.get(at, results.frames.questions.iloc[:0])
    # As plain texts: as categories, those of the whole course would be looked at.
    answers = rows["answer"].dropna().astype("str").str.split()
    picked = answers.explode().value_counts()
    n = len(answers)
    body = [
        [
            join(chip(row.worth), f"{row.item} {row.text}"),
            bar(
                picked.get(row.item, 0) / n if n else math.nan,
                "best" if row.worth == "right" else "violation",
            ),
        ]
        for row in each(results.clauses_of[at])
    ]
    caption = f"{prompt} ({count(n, 'answer')})"
    return tag("div", table(caption, ["Clause", "Named"], body), class_="options")


def _rows(own: pd.DataFrame, prompt: str, mean: float) -> Markup:
    """Return each phrase, setting, response or step with the share that has it right."""
    n = int(own["n"].max())
    body: list[list[Content]] = [
        [join(tag("span", _KEY.get(row.worth, row.worth), class_="quiet"), " ", row.text), right]
        for row in each(own)
        for right in [
            DASH
            if math.isnan(row.right)
            else f"{percent(row.right)} ({interval(row.low, row.high)})"
        ]
    ]
    earned = f", {percent(mean)} earned on average" if n else ""
    caption = f"{prompt} ({count(n, 'answer')}{earned})"
    head = [f"Part ({_PARTS[own['kind'].iloc[0]]})", "Right"]
    return tag("div", table(caption, head, body), class_="options")


_KEY = {"must": "must go:", "optional": "may go:", "keep": "keep:", "change": "change:"}
_PARTS = {
    "hottext": "phrase",
    "audit": "setting",
    "rating": "key from 1 to 4, response",
    "order": "place, step",
}
