"""The sections of the report that look at the whole course: what the numbers say, in words."""

from __future__ import annotations

import math

import pandas as pd

from grading import statistics
from grading.frame import each
from grading.markup import Content, Markup, join, table, tag
from grading.report import fairness, figures
from grading.report.figures import CREDIT
from grading.report.phrases import (
    DASH,
    chip,
    coefficient,
    count,
    figure,
    folded,
    interval,
    legend,
    minutes,
    percent,
    points,
)
from grading.report.results import Results

ROWS_SHOWN = 12
LEARNERS_SHOWN = 60
SMALL_GROUP = 5
"""Fewest learners of a profession whose mean is shown."""
HALF = 0.5
FEW_POINTS = 0.4
"""Share of the points below which somebody needs a talk."""
GAP = 0.2
"""Share of scenarios left unanswered above which somebody needs a talk."""
WEAK = 0.2
"""Item-rest correlation below which a scenario hardly tells learners apart."""
COMPARABLE = 0.7
"""Lower end of alpha's interval from which scores may compare learners."""


def the_class(results: Results) -> Markup:
    """Return how the scores spread, and the professions."""
    below = percent(float((results.totals < HALF).mean()))
    look = (
        f"whether there is one group or two. {below} of the learners have less than half of the"
        " points; a second hump on the left is a group that needs something else than the rest."
    )
    return tag(
        "div",
        figure("How the scores spread", figures.distribution(results.totals), look),
        tag("div", tag("h3", "By profession"), _professions(results)),
        class_="pair",
    )


def _professions(results: Results) -> Markup:
    groups = statistics.by_profession(results.frames.scenarios)
    groups = groups.sort_values("n", key=lambda n: n < SMALL_GROUP, kind="stable")
    rows = []
    for row in each(groups):
        told = row.n >= SMALL_GROUP
        name = str(row.Index).replace("mft", "marriage and family therapist").replace("-", " ")
        mean = percent(row.mean) if told else "too few"
        rows.append([name, str(row.n), mean, interval(row.low, row.high) if told else DASH])
    caption = "Mean score by profession, with the 95% interval of the mean"
    note = (
        f"Groups of fewer than {SMALL_GROUP} are not shown in numbers. Intervals that overlap"
        " widely are no difference: the rules differ by profession, so look at single scenarios"
        " before comparing groups."
    )
    return join(
        table(caption, ["Profession", "Learners", "Mean", "Interval"], rows),
        tag("p", note, class_="quiet"),
    )


def reasons(results: Results) -> Markup:
    """Return which clauses were missed, named wrongly, and beside which decision."""
    clauses = results.clauses
    if clauses.empty:
        return tag("p", "No scenario of these modules asks for clauses.")
    missed = clauses[clauses["missed"] > 0].head(ROWS_SHOWN)
    tempting = clauses[clauses["picked"] > 0].sort_values("picked", ascending=False)
    rows = [
        [f"{r.Index} {r.title}", percent(r.picked), str(r.tempted)]
        for r in each(tempting.head(ROWS_SHOWN))
    ]
    look = (
        "clauses missed by about half or more. Learners often decide rightly without knowing which"
        " sentence of the policy carries them; these are the sentences to read aloud together."
    )
    caption = "Clauses by the share of the answers that name them wrongly"
    return join(
        tag(
            "div",
            figure("Clauses most often missed", figures.missed(missed), look)
            if len(missed)
            else tag("p", "No clause was missed."),
            tag(
                "div",
                tag("h3", "Named although they do not apply"),
                table(caption, ["Clause", "Named", "Times offered"], rows),
            ),
            class_="pair",
        ),
        _confusion(results),
    )


def _confusion(results: Results) -> Markup:
    pairs = statistics.confusion(results.frames.questions, results.frames.key)
    place = ["scenario", "scene", "item"]
    texts = results.frames.key.drop_duplicates(place).set_index(place)["text"]
    rows = [
        [
            results.title[r.scenario],
            tag("span", chip(r.credit), texts[r.scenario, r.scene, r.decision], class_="text"),
            tag("span", f"{r.item} {texts[r.scenario, r.scene, r.item]}", class_="text"),
            f"{r.chosen} of {r.deciders}",
        ]
        for r in each(pairs.head(ROWS_SHOWN))
    ]
    if not rows:
        return Markup()
    why = (
        "A wrong clause beside the best decision is a right answer for a wrong reason; it will not"
        " hold in the next case."
    )
    caption = "The most frequent pairs of a decision and a clause that does not justify it"
    head = ["Scenario", "Decision", "Clause named", "Learners"]
    return join(
        tag("h3", "Which wrong clause goes with which decision"),
        tag("p", why, class_="quiet"),
        table(caption, head, rows, wide=True),
    )


def certainty(results: Results) -> Markup:
    """Return what sure and unsure decisions were worth, and where learners were sure and wrong."""
    questions = results.frames.questions
    told = statistics.certainty(questions)
    if told.empty:
        return tag("p", "No answer says how sure the learner was.")
    bars = []
    for level in told.index:
        at = (questions["certainty"] == level) & (questions["kind"] == "choice")
        worth = questions.loc[at, "credit"]
        label = f"{level} ({count(len(worth), 'decision')})"
        bars.append((label, [(c, float((worth == c).mean())) for c in CREDIT]))
    rows = [
        [results.title[str(r.Index)], f"{r.wrong} of {r.sure}", percent(r.share)]
        for r in each(statistics.confidently_wrong(questions).head(ROWS_SHOWN))
    ]
    look = (
        "light orange and rust in the first bar. Someone who is sure does not look anything up and"
        " does not ask; a guess at least feels like one."
    )
    caption = "Scenarios by decisions taken surely that were risky or a violation"
    return tag(
        "div",
        figure("Worth of sure and unsure decisions", figures.choices(bars, "sure"), look, legend()),
        tag(
            "div",
            tag("h3", "Sure and wrong"),
            table(caption, ["Scenario", "Sure and wrong", "Share"], rows)
            if rows
            else tag("p", "Nobody was sure and wrong."),
        ),
        class_="pair",
    )


def time(results: Results) -> Markup:
    """Return time on task, and the first try against the last."""
    pace = statistics.pace(results.frames.scenarios).drop(columns="n")
    told = results.facility.join(pace)
    rows = [
        [
            results.title[str(r.Index)],
            results.modules[str(r.Index).partition("/")[0]],
            minutes(r.median),
            DASH if math.isnan(r.median) else f"{minutes(r.q1)} to {minutes(r.q3)}",
            str(r.retried),
            percent(r.mean),
            percent(r.mastery),
        ]
        for folder in results.modules
        for r in each(told[told.index.str.startswith(f"{folder}/")])
    ]
    caption = "Time at the first try, and scores at the first and the last try of all learners"
    head = [
        "Scenario",
        "Module",
        "Median (min:s)",
        "Middle half",
        "Tried again",
        "First try",
        "Last try",
    ]
    note = (
        "Times run from the answer before to this one, with whatever was read in between; pauses"
        " of more than half an hour and the first scenario of a sitting are left out."
    )
    middle = f"In the middle of {count(len(rows), 'scenario')} a first try takes"
    return join(
        tag("p", f"{middle} {minutes(float(told['median'].median()))} minutes."),
        folded(
            f"Each of the {count(len(rows), 'scenario')}", table(caption, head, rows, wide=True)
        ),
        tag("p", note, class_="quiet"),
    )


def trust(results: Results) -> Markup:
    """Return reliability and discrimination, or why there are none."""
    if not results.many:
        return tag("p", statistics.TOO_FEW, class_="note")
    return join(_alpha(results), fairness.passing(results), _discrimination(results))


def _alpha(results: Results) -> Markup:
    found = results.reliability
    if not found:
        why = (
            "Too few learners have every scenario, or all have the same scores, so that"
            " reliability cannot be estimated."
        )
        return tag("p", why, class_="note")
    verdict = (
        "good enough to compare learners of this class"
        if found.low >= COMPARABLE
        else "good enough for feedback, not for deciding about a single learner"
    )
    middle = float(results.totals.mean())
    low, high = max(0.0, middle - found.sem), min(1.0, middle + found.sem)
    size = f"{count(found.learners, 'learner')}, {count(found.scenarios, 'scenario')}"
    return tag(
        "p",
        "Alpha is ",
        tag("strong", coefficient(found.alpha)),
        f" (95% interval {coefficient(found.low)} to {coefficient(found.high)}; {size}): {verdict}."
        f" The standard error of measurement is {points(found.sem)}: a learner"
        f" with {percent(middle)} would, two times out of three, land between {percent(low)} and"
        f" {percent(high)} on other scenarios of this kind.",
    )


def _discrimination(results: Results) -> Markup:
    rows = [
        [
            results.title[str(r.Index)],
            coefficient(r.r),
            DASH if math.isnan(r.r) else f"{coefficient(r.low)} to {coefficient(r.high)}",
            tag("span", reading(r.r, r.low, r.high, int(r.n)), class_="text"),
        ]
        for r in each(results.discrimination.sort_values("r"))
    ]
    clear = int((results.discrimination["low"] > 0).sum())
    caption = (
        "Discrimination: the correlation of each scenario with the rest of the course, lowest first"
    )
    head = ["Scenario", "Item-rest r", "95% interval", "Reading"]
    return join(
        tag("p", f"{clear} of {count(len(rows), 'scenario')} tell learners apart beyond chance."),
        folded("Each of them, lowest first", table(caption, head, rows, wide=True)),
    )


def reading(r: float, low: float, high: float, n: int) -> Content:
    """Say what the interval of a correlation allows to say, and no more."""
    if n < statistics.ENOUGH:
        return "too few learners"
    if math.isnan(r):
        return "everybody has the same score"
    if high < 0:
        return tag("span", "stronger learners do worse: check the key", class_="flag")
    if high < WEAK:
        return tag("span", "hardly tells learners apart: check the wording", class_="flag")
    return "clear" if low > 0 else "not certain with this class: may be chance"


def learners(results: Results) -> Markup:
    """Return who needs a talk, and about what."""
    people = _people(results)
    gap = people["unanswered"] > GAP * people["asked"]
    never = (people["never"] > 0) | (people["tested"] > 0)
    needy = people[never | gap | (people["score"] < FEW_POINTS)]
    first = ["left", "tested", "never", "score"]
    needy = needy.sort_values(first, ascending=[False, False, False, True])
    who = (
        f"chose an action that must never happen, left more than {percent(GAP)} unanswered or has"
        f" less than {percent(FEW_POINTS)} of the points"
    )
    if needy.empty:
        return tag("p", f"Nobody {who}.")
    rows = [
        [
            str(r.Index),
            percent(r.score),
            _corrected(r.never, r.left),
            str(r.tested) if r.tested else DASH,
            f"{r.unanswered} of {r.asked}" if r.unanswered else DASH,
            str(r.sure) if r.sure else DASH,
        ]
        for r in each(needy.head(LEARNERS_SHOWN))
    ]
    head = [
        "Learner",
        "Score",
        "Never-events in practice",
        "In the post-test",
        "Unanswered",
        "Sure and wrong",
    ]
    more = count(len(needy) - LEARNERS_SHOWN, "further learner")
    return join(
        tag("p", f"Everybody who {who}."),
        table("Learners by what to talk about", head, rows, wide=True),
        tag("p", f"{more} not shown; the export of answers has everybody.")
        if len(needy) > LEARNERS_SHOWN
        else None,
    )


def _people(results: Results) -> pd.DataFrame:
    questions = results.frames.questions
    wrong = questions["credit"].isin(["risky", "violation"])
    sure = questions[(questions["certainty"] == "sure") & wrong].groupby("learner").size()
    people = results.frames.scenarios.groupby("learner").agg(
        never=("never_events", lambda n: int((n > 0).sum())),
        left=("to_make_good", lambda n: int((n > 0).sum())),
        unanswered=("unanswered", lambda u: int((u > 0).sum())),
        asked=("scenario", "size"),
    )
    tested = results.never_in_test
    people = people.reindex(people.index.union(tested.index), fill_value=0)
    return people.assign(
        score=results.totals,
        tested=tested.reindex(people.index, fill_value=0),
        sure=sure.reindex(people.index, fill_value=0),
    )


def _corrected(never: int, left: int) -> str:
    """Say in how many scenarios it happened, and how many of them are still to make good."""
    if not never:
        return DASH
    return f"{never}, {f'{left} to make good' if left else 'made good'}"


def notes(results: Results) -> Markup:
    """Return how the numbers came about, and what could not be read."""
    told = [
        (
            "Score",
            (
                "The first committed answer counts: 60% for the decision, 40% for the clauses that"
                " justify it, and nothing for the clauses if the decision is worth nothing. A"
                " never-event makes the scenario 0; it is made good by a later try without one that"
                " decides at least acceptably. What was not answered earns 0. Points that a"
                " person gives for written replies are in the gradebook and not here."
            ),
        ),
        (
            "Intervals",
            (
                "95% intervals. Of a scenario's mean: Wilson, with the mean share as proportion,"
                " which is never too narrow for graded credit. Of a group's mean: Student. Of a"
                " correlation: Fisher. Of alpha: Feldt. Of passing alike: that of alpha carried"
                " over, scores on two forms being taken as normal (Peng and Subkoviak)."
            ),
        ),
        (
            "Thirds",
            (
                "Learners ranked by their share of all points; the weakest and the strongest third."
                " A good question moves with them: the best option up, wrong ones down."
            ),
        ),
        ("Small classes", statistics.TOO_FEW),
        ("Records", _records(results)),
    ]
    return tag("dl", (join(tag("dt", t), tag("dd", d)) for t, d in told), class_="notes")


def _records(results: Results) -> str:
    skipped = results.frames.skipped
    answered = results.frames.scenarios.dropna(subset="bank")
    changed = int((answered.groupby("scenario", observed=True)["bank"].nunique() > 1).sum())  # noqa: PD101 - per group
    if not skipped:
        lines = "Every line of every record could be read."
    else:
        records = count(len({s[:2] for s in skipped}), "record")
        was = "was" if len(skipped) == 1 else "were"
        lines = (
            f"{count(len(skipped), 'line')} of {records} could not be read (torn or foreign) and"
            f" {was} skipped."
        )
    if changed:
        lines += (
            f" {count(changed, 'scenario')} changed while the class was answering; the marks follow"
            " the present version."
        )
    return lines
