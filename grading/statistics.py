"""Item analysis: how hard a scenario is, whom it tells apart, which wrong answers attract.

Pure functions from the tables of `grading.frame` to tables and numbers. Shares run from 0 to 1,
times are in seconds, intervals are 95 % intervals. Voided scenarios are left out everywhere: all
learners have their points, so they say nothing.

A share lies in [0, 1], so its variance is at most p(1 - p). Wilson's interval for a proportion
with the mean share as p is therefore never too narrow for graded credit, and it keeps its width
when five learners all agree, where an interval from the sample's own spread would vanish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
ENOUGH = 30
"""Fewest learners for which discrimination and reliability are told in numbers."""
TOO_FEW = (
    f"With fewer than {ENOUGH} learners a correlation between one scenario and the rest could be"
    " anything from clearly negative to strong by chance alone, so no number is given."
)
THIRD = 1 / 3
PAIR = 2
"""Fewest values that vary."""
TRIPLE = 3
"""Fisher's z needs more learners than this."""

Floats = npt.NDArray[np.float64]


# ------------------------------------------------------------------------------------- intervals


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's score interval of a mean share of `n` learners.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n): Wilson (1927), J. Am. Stat. Assoc. 22.
    Without learners it is the whole range.
    """
    if n < 1:
        return 0.0, 1.0
    shrink = 1 + Z**2 / n
    middle = (share + Z**2 / (2 * n)) / shrink
    half = Z / shrink * math.sqrt(max(share * (1 - share), 0.0) / n + Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def fisher(r: float, n: int) -> tuple[float, float]:
    """Return the interval of a correlation: tanh(artanh r ± z/√(n-3)), Fisher (1921), Metron 1."""
    if n <= TRIPLE or math.isnan(r):
        return math.nan, math.nan
    if abs(r) >= 1:
        return r, r
    half = Z / math.sqrt(n - TRIPLE)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def t_interval(values: pd.Series[float]) -> tuple[float, float]:
    """Return Student's interval of the mean of at least two shares, cut to [0, 1]."""
    n = len(values)
    if n < PAIR:
        return math.nan, math.nan
    # The square of a t variable with df degrees of freedom is an F variable with 1 and df.
    half = math.sqrt(f_quantile(CONFIDENCE, 1, n - 1) * float(values.var(ddof=1)) / n)
    middle = float(values.mean())
    return max(0.0, middle - half), min(1.0, middle + half)


def f_quantile(q: float, d1: float, d2: float) -> float:
    """Return the quantile of the F distribution with d1 and d2 degrees of freedom.

    The distribution function is I(d1 x/(d1 x + d2); d1/2, d2/2), the regularized incomplete beta
    function, here inverted by bisection.
    """
    low, high = 0.0, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        below = beta_share(middle, d1 / 2, d2 / 2) < q
        low, high = (middle, high) if below else (low, middle)
    return d2 * low / (d1 * (1 - low))


def beta_share(x: float, a: float, b: float) -> float:
    """Return the regularized incomplete beta function I(x; a, b).

    By its continued fraction, evaluated by Lentz's method (NIST DLMF 8.17.22), on the side of the
    mean where it converges fast.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    value, c, d = 1.0, 1.0, 0.0
    for i in range(20_000):  # grows with the root of a and b
        m = i // 2
        if i == 0:
            step = 1.0
        elif i % 2 == 0:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / ((1 + step * d) or tiny)
        c = (1 + step / c) or tiny
        value *= c * d
        if abs(c * d - 1) < 1e-15:  # noqa: PLR2004 - the precision of a float
            break
    return front * (value - 1)


# ---------------------------------------------------------------------------------------- scores


def matrix(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return the shares as learners x scenarios; missing where nothing was handed in."""
    counted = scenarios[~scenarios["void"] & scenarios["share"].notna()]
    return counted.pivot_table(
        index="learner", columns="scenario", values="share", aggfunc="first", observed=True
    )


def totals(scenarios: pd.DataFrame) -> pd.Series[float]:
    """Return each learner's points as a share of what the handed-in assignments offer."""
    counted = scenarios[~scenarios["void"]]
    sums = counted.groupby("learner")[["points", "maximum"]].sum()
    sums = sums[sums["maximum"] > 0]
    return (sums["points"] / sums["maximum"]).rename("share")


def facility(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by scenario, `n`, the mean share (`mean`) with `low` and `high`, and `mastery`.

    The classical facility or difficulty index, on graded credit; `mastery` is the mean share that
    the last commits would earn, `retried` how many learners committed more than once.
    """
    counted = scenarios[~scenarios["void"] & scenarios["share"].notna()]
    table = counted.groupby("scenario").agg(
        n=("share", "size"),
        mean=("share", "mean"),
        mastery=("mastery", "mean"),
        retried=("attempts", lambda a: int((a > 1).sum())),
        unanswered=("attempts", lambda a: int((a == 0).sum())),
    )
    return _with_wilson(table, "mean")


def by_profession(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by profession, `n` learners and their mean total with Student's interval."""
    named = scenarios.dropna(subset="profession").groupby("learner")["profession"].first()
    who = totals(scenarios).to_frame().join(named)
    who["profession"] = who["profession"].fillna("not told")
    rows = []
    for profession, group in who.groupby("profession")["share"]:
        rows.append((profession, len(group), float(group.mean()), *t_interval(group)))
    table = pd.DataFrame(rows, columns=["profession", "n", "mean", "low", "high"])
    return table.set_index("profession").sort_values("mean", ascending=False)


def _with_wilson(table: pd.DataFrame, column: str) -> pd.DataFrame:
    pairs = [wilson(p, n) for p, n in zip(table[column], table["n"], strict=True)]
    return table.assign(low=[p[0] for p in pairs], high=[p[1] for p in pairs])


# ----------------------------------------------------------------- discrimination and reliability


def discrimination(scores: pd.DataFrame) -> pd.DataFrame:
    """Return, by scenario, the corrected item-rest correlation `r` with `low`, `high` and `n`.

    The scenario is correlated with the mean of the learner's other scenarios, not with a total
    that contains itself (Henrysson 1963, Psychometrika 28). `r` is missing where everybody has the
    same score. `scores` is learners x scenarios, as `matrix` returns it.
    """
    x = scores.to_numpy(dtype=np.float64)
    there = ~np.isnan(x)
    filled = np.where(there, x, 0.0)
    others = there.sum(axis=1, keepdims=True) - there
    rest = np.divide(
        filled.sum(axis=1, keepdims=True) - filled,
        others,
        out=np.full_like(x, np.nan),
        where=others > 0,
    )
    rest[~there] = np.nan
    x = np.where(np.isnan(rest), np.nan, x)
    n = (~np.isnan(x)).sum(axis=0)
    r = _correlations(x, rest)
    pairs = [fisher(float(a), int(b)) for a, b in zip(r, n, strict=True)]
    return pd.DataFrame(
        {"n": n, "r": r, "low": [p[0] for p in pairs], "high": [p[1] for p in pairs]},
        index=scores.columns,
    )


def _correlations(x: Floats, y: Floats) -> Floats:
    """Correlate column by column; both have their missing values in the same places."""
    there = ~np.isnan(x)
    n = np.maximum(there.sum(axis=0), 1)
    dx = np.where(there, x - np.where(there, x, 0.0).sum(axis=0) / n, 0.0)
    dy = np.where(there, y - np.where(there, y, 0.0).sum(axis=0) / n, 0.0)
    spread = np.sqrt((dx**2).sum(axis=0) * (dy**2).sum(axis=0))
    flat = spread < 1e-12  # noqa: PLR2004 - rounding of a sum of squares, not a spread
    together: Floats = (dx * dy).sum(axis=0)
    return np.where(flat, np.nan, together / np.where(flat, 1.0, spread))


@dataclass(frozen=True)
class Reliability:
    """Cronbach's alpha with its interval, and the standard error of measurement.

    `sem` is in shares of the total; `learners` have all `scenarios`.
    """

    alpha: float
    low: float
    high: float
    sem: float
    learners: int
    scenarios: int


def reliability(scores: pd.DataFrame) -> Reliability | None:
    """Return alpha over the learners who have every scenario; None where nothing varies.

    alpha = k/(k-1) (1 - sum of item variances / variance of the sum): Cronbach (1951),
    Psychometrika 16. The interval is Feldt's (1965), Psychometrika 30: (1 - alpha)/(1 - estimate)
    is F with (n-1)(k-1) and n-1 degrees of freedom. SEM = SD of the total x sqrt(1 - alpha).
    """
    x = scores.dropna().to_numpy(dtype=np.float64)
    n, k = x.shape
    if n < PAIR or k < PAIR:
        return None
    total = float(x.sum(axis=1).var(ddof=1))
    if total <= 0:
        return None
    alpha = k / (k - 1) * (1 - float(x.var(axis=0, ddof=1).sum()) / total)
    d1, d2 = n - 1, (n - 1) * (k - 1)
    tail = (1 - CONFIDENCE) / 2
    return Reliability(
        alpha=alpha,
        low=1 - (1 - alpha) * f_quantile(1 - tail, d1, d2),
        high=1 - (1 - alpha) * f_quantile(tail, d1, d2),
        sem=math.sqrt(total * max(0.0, 1 - max(alpha, 0.0))) / k,
        learners=n,
        scenarios=k,
    )


# -------------------------------------------------------------------------- options and clauses


def distractors(
    questions: pd.DataFrame, key: pd.DataFrame, ability: pd.Series[float]
) -> pd.DataFrame:
    """Return, by option offered, how many chose it, overall and in the lower and upper third.

    `ability` is the learners' total (`totals`). Columns `n` (who answered), `chosen`, `share`,
    `lower` and `upper` (shares within the third), indexed by scenario, scene, question, item. A
    wrong option that nobody chooses does no work; a wrong one that the upper third prefers, or
    a best one that the lower third prefers, is the first place to look for a flaw.
    """
    place = ["scenario", "scene", "question"]
    chosen = questions.loc[
        (questions["kind"] == "choice") & questions["answer"].notna() & ~questions["void"],
        ["learner", *place, "answer"],
    ].rename(columns={"answer": "item"})
    rank = ability.rank(pct=True)
    third = pd.Series("middle", index=rank.index)
    third[rank <= THIRD] = "lower"
    third[rank > 1 - THIRD] = "upper"
    chosen["third"] = chosen["learner"].map(third)
    offered = key[key["kind"] == "choice"].set_index([*place, "item"])
    table = pd.DataFrame(index=offered.index)
    for column, group in (
        ("share", chosen),
        ("lower", chosen[chosen["third"] == "lower"]),
        ("upper", chosen[chosen["third"] == "upper"]),
    ):
        counts = group.groupby([*place, "item"]).size().reindex(table.index, fill_value=0)
        answered = counts.groupby(level=place).transform("sum")
        table[column] = (counts / answered.where(answered > 0)).astype("float64")
        if column == "share":
            table.insert(0, "n", answered)
            table.insert(1, "chosen", counts)
    return table


def _picks(questions: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    """Return one row per clause picked, with what it is worth there."""
    place = ["scenario", "scene", "question"]
    answered = questions[
        (questions["kind"] == "rationale") & questions["answer"].notna() & ~questions["void"]
    ]
    picks = answered[["learner", *place, "answer"]].assign(item=answered["answer"].str.split())
    picks = picks.drop(columns="answer").explode("item")
    worth = key.loc[key["kind"] == "rationale", [*place, "item", "worth"]]
    return picks.merge(worth, on=[*place, "item"])


def clauses(questions: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    """Return, by clause, how often it was missed where it applies and picked where it does not.

    Columns: `title`; `applied` (answers in which it was right), `missed` (share of them without
    it); `tempted` (answers in which it was offered and wrong), `picked` (share of them with it);
    `low` and `high` are Wilson's interval of `missed`.
    """
    place = ["scenario", "scene", "question"]
    rationales = key[key["kind"] == "rationale"]
    answers = (
        questions[
            (questions["kind"] == "rationale") & questions["answer"].notna() & ~questions["void"]
        ]
        .groupby(place)
        .size()
        .rename("answers")
    )
    picked = _picks(questions, key).groupby([*place, "item"]).size().rename("picks")
    offered = (
        rationales.set_index([*place, "item"])[["text", "worth"]]
        .join(picked)
        .join(answers, on=place)
        .fillna({"picks": 0, "answers": 0})
        .reset_index()
    )
    right, wrong = (
        offered[offered["worth"] == w].groupby("item")[["answers", "picks"]].sum()
        for w in ("right", "wrong")
    )
    table = offered.groupby("item").agg(title=("text", "first"))
    table["applied"] = right["answers"].reindex(table.index, fill_value=0).astype("int64")
    table["missed"] = (1 - right["picks"] / right["answers"].where(right["answers"] > 0)).reindex(
        table.index
    )
    table["tempted"] = wrong["answers"].reindex(table.index, fill_value=0).astype("int64")
    table["picked"] = (wrong["picks"] / wrong["answers"].where(wrong["answers"] > 0)).reindex(
        table.index
    )
    pairs = [
        wilson(m, n) if n else (math.nan, math.nan)
        for m, n in zip(table["missed"], table["applied"], strict=True)
    ]
    return table.assign(low=[p[0] for p in pairs], high=[p[1] for p in pairs]).sort_values(
        ["missed", "applied"], ascending=False
    )


def confusion(questions: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    """Return which wrong clause is picked with which decision, most often first.

    One row per scenario, scene, decision (option id) and wrong clause: `credit` of the decision,
    `deciders` (who decided so and named clauses), `chosen` of them with the clause, `share`.
    """
    at = ["learner", "scenario", "scene"]
    decided = questions.loc[
        (questions["kind"] == "choice") & questions["answer"].notna(), [*at, "answer", "credit"]
    ]
    decided = decided.drop_duplicates(at).rename(columns={"answer": "decision"})
    named = questions.loc[
        (questions["kind"] == "rationale") & questions["answer"].notna() & ~questions["void"], at
    ]
    by = ["scenario", "scene", "decision"]
    deciders = named.merge(decided, on=at).groupby(by).size().rename("deciders")
    wrong = _picks(questions, key)
    wrong = wrong[wrong["worth"] == "wrong"].merge(decided, on=at)
    table = wrong.groupby([*by, "item"]).agg(credit=("credit", "first"), chosen=("item", "size"))
    table = table.reset_index().join(deciders, on=by)
    table["share"] = table["chosen"] / table["deciders"]
    return table.sort_values(["chosen", "share"], ascending=False, ignore_index=True)


# ------------------------------------------------------------------ certainty, time, a second try


def certainty(questions: pd.DataFrame) -> pd.DataFrame:
    """Return, by how sure learners said they were, what their decisions were worth.

    Columns: `n` decisions, `earned` (mean share), `wrong` (share that was risky or a violation)
    with `low` and `high`. Sure and wrong is the finding to act on: confidence does not seek help.
    """
    told = _told(questions)
    table = told.groupby("certainty").agg(
        n=("wrong", "size"), earned=("earned", "mean"), wrong=("wrong", "mean")
    )
    order = [c for c in ("sure", "fairly", "guess") if c in table.index]
    return _with_wilson(table.loc[order], "wrong")


def confidently_wrong(questions: pd.DataFrame) -> pd.DataFrame:
    """Return, by scenario, the decisions taken surely (`sure`) and those risky or worse (`wrong`).

    Scenarios without any are left out; the most frequent come first.
    """
    told = _told(questions)
    sure = told[told["certainty"] == "sure"]
    table = sure.groupby("scenario").agg(sure=("wrong", "size"), wrong=("wrong", "sum"))
    table = table[table["wrong"] > 0].astype("int64")
    return table.assign(share=table["wrong"] / table["sure"]).sort_values(
        ["wrong", "share"], ascending=False
    )


def _told(questions: pd.DataFrame) -> pd.DataFrame:
    told = questions[
        (questions["kind"] == "choice") & questions["certainty"].notna() & ~questions["void"]
    ]
    return told.assign(wrong=told["credit"].isin(["risky", "violation"]))


@dataclass(frozen=True)
class SecondTry:
    """How many scenarios were tried again, and the mean share at the first and at the last try."""

    tried: int
    first: float
    last: float


def second_try(scenarios: pd.DataFrame) -> SecondTry | None:
    """Return what trying again brought; None if nobody did."""
    again = scenarios[(scenarios["attempts"] > 1) & ~scenarios["void"]].dropna(
        subset=["share", "mastery"]
    )
    if again.empty:
        return None
    return SecondTry(len(again), float(again["share"].mean()), float(again["mastery"].mean()))


def pace(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by scenario, `n` timed learners and the quartiles `q1`, `median`, `q3` in seconds."""
    timed = scenarios.dropna(subset="seconds").groupby("scenario")["seconds"]
    return pd.DataFrame(
        {
            "n": timed.size(),
            "q1": timed.quantile(0.25),
            "median": timed.median(),
            "q3": timed.quantile(0.75),
        }
    )
