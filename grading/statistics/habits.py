"""How learners worked: how sure they were, how long they took, what a second try brought."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from grading.statistics.counting import plain
from grading.statistics.scores import with_wilson


def certainty(questions: pd.DataFrame) -> pd.DataFrame:
    """Return, by how sure learners said they were, what their decisions were worth.

    Columns: `n` decisions, `earned` (mean share), `wrong` (share that was risky or a violation)
    with `low` and `high`. Sure and wrong is the finding to act on: confidence does not seek help.
    """
    told = _told(questions)
    table = told.groupby("certainty", observed=True).agg(
        n=("wrong", "size"), earned=("earned", "mean"), wrong=("wrong", "mean")
    )
    order = [c for c in ("sure", "fairly", "guess") if c in table.index]
    return with_wilson(plain(table).loc[order], "wrong")


def confidently_wrong(questions: pd.DataFrame) -> pd.DataFrame:
    """Return, by scenario, the decisions taken surely (`sure`) and those risky or worse (`wrong`).

    Scenarios without any are left out; the most frequent come first.
    """
    told = _told(questions)
    sure = told[told["certainty"] == "sure"]
    table = sure.groupby("scenario", observed=True).agg(
        sure=("wrong", "size"), wrong=("wrong", "sum")
    )
    table = plain(table[table["wrong"] > 0].astype("int64"))
    return table.assign(share=table["wrong"] / table["sure"]).sort_values(
        ["wrong", "share"], ascending=False
    )


def _told(questions: pd.DataFrame) -> pd.DataFrame:
    counted = (questions["kind"] == "choice") & questions["certainty"].notna() & ~questions["void"]
    told = questions.loc[counted, ["scenario", "certainty", "credit", "earned"]]
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
    timed = scenarios.dropna(subset="seconds").groupby("scenario", observed=True)["seconds"]
    table = pd.DataFrame(
        {
            "n": timed.size(),
            "q1": timed.quantile(0.25),
            "median": timed.median(),
            "q3": timed.quantile(0.75),
        }
    )
    return plain(table)
