"""How hard scenarios are, and how learners did: means and totals with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grading.statistics.counting import codes, plain
from grading.statistics.intervals import t_interval, wilson


def matrix(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return the shares as learners x scenarios; missing where nothing was handed in."""
    counted = scenarios[~scenarios["void"] & scenarios["share"].notna()]
    rows, learners = codes(counted["learner"])
    columns, names = codes(counted["scenario"])
    shares = np.full((len(learners), len(names)), np.nan)
    # From the last to the first: of two rows about the same, the first one stays.
    shares[rows[::-1], columns[::-1]] = counted["share"].to_numpy(dtype=np.float64)[::-1]
    table = pd.DataFrame(
        shares,
        index=pd.Index(learners, name="learner"),
        columns=pd.Index(names, name="scenario"),
    )
    return table.dropna(how="all").dropna(how="all", axis="columns").sort_index().sort_index(axis=1)


def totals(scenarios: pd.DataFrame) -> pd.Series[float]:
    """Return each learner's points as a share of what the handed-in assignments offer."""
    counted = scenarios[~scenarios["void"]]
    sums = counted.groupby("learner", observed=True)[["points", "maximum"]].sum()
    sums = plain(sums[sums["maximum"] > 0])
    return (sums["points"] / sums["maximum"]).rename("share")


def facility(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by scenario, `n`, the mean share (`mean`) with `low` and `high`, and `mastery`.

    The classical facility or difficulty index, on graded credit; `mastery` is the mean share that
    the last commits would earn, `retried` how many learners committed more than once.
    """
    counted = scenarios[~scenarios["void"] & scenarios["share"].notna()]
    table = counted.groupby("scenario", observed=True).agg(
        n=("share", "size"),
        mean=("share", "mean"),
        mastery=("mastery", "mean"),
        retried=("attempts", lambda a: int((a > 1).sum())),
    )
    return with_wilson(plain(table), "mean")


def by_profession(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by profession, `n` learners and their mean total with Student's interval."""
    named = scenarios.dropna(subset="profession").groupby("learner", observed=True)["profession"]
    who = totals(scenarios).to_frame().join(plain(named.first().to_frame()))
    who["profession"] = who["profession"].astype(object).fillna("not told")
    rows = []
    for profession, group in who.groupby("profession")["share"]:
        rows.append((profession, len(group), float(group.mean()), *t_interval(group)))
    table = pd.DataFrame(rows, columns=["profession", "n", "mean", "low", "high"])
    return table.set_index("profession").sort_values("mean", ascending=False)


def with_wilson(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Add Wilson's interval of a column of shares of `n` as `low` and `high`."""
    pairs = [wilson(p, n) for p, n in zip(table[column], table["n"], strict=True)]
    return table.assign(low=[p[0] for p in pairs], high=[p[1] for p in pairs])
