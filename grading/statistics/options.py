"""What was chosen: options, clauses, and the rows of questions with several parts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from grading.statistics.counting import codes, combined, tally
from grading.statistics.intervals import wilson
from grading.statistics.scores import with_wilson

THIRD = 1 / 3
PLACE: Final = ["scenario", "scene", "question"]
LOWER, MIDDLE, UPPER = range(3)


def answered(questions: pd.DataFrame, *kinds: str) -> pd.Series[bool]:
    """Tell which rows are answers to questions of some kinds whose scenario counts."""
    return questions["kind"].isin(kinds) & questions["answer"].notna() & ~questions["void"]


def distractors(
    questions: pd.DataFrame, key: pd.DataFrame, ability: pd.Series[float]
) -> pd.DataFrame:
    """Return, by option offered, how many chose it, overall and in the lower and upper third.

    `ability` is the learners' total (`totals`). Columns `n` (who answered), `chosen`, `share`,
    `lower` and `upper` (shares within the third), indexed by scenario, scene, question, item. A
    wrong option that nobody chooses does no work; a wrong one that the upper third prefers, or
    a best one that the lower third prefers, is the first place to look for a flaw.
    """
    rows = questions.loc[answered(questions, "choice"), ["learner", *PLACE, "answer"]]
    rank = ability.rank(pct=True)
    level = pd.Series(MIDDLE, index=rank.index)
    level[rank <= THIRD] = LOWER
    level[rank > 1 - THIRD] = UPPER
    who, learners = codes(rows["learner"])
    third = level.reindex(learners).fillna(MIDDLE).to_numpy(dtype=np.int64)[who]
    counts = tally(rows.drop(columns="learner").assign(third=third), [*PLACE, "answer", "third"])
    counts = counts.rename(columns={"answer": "item"})
    table = pd.DataFrame(index=key[key["kind"] == "choice"].set_index([*PLACE, "item"]).index)
    for column, group in (
        ("share", counts),
        ("lower", counts[counts["third"] == LOWER]),
        ("upper", counts[counts["third"] == UPPER]),
    ):
        chosen = group.groupby([*PLACE, "item"])["count"].sum().reindex(table.index, fill_value=0)
        n = chosen.groupby(level=PLACE).transform("sum")
        table[column] = (chosen / n.where(n > 0)).astype("float64")
        if column == "share":
            table.insert(0, "n", n)
            table.insert(1, "chosen", chosen)
    return table


def clauses(questions: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    """Return, by clause, how often it was missed where it applies and picked where it does not.

    Columns: `title`; `applied` (answers in which it was right), `missed` (share of them without
    it); `tempted` (answers in which it was offered and wrong), `picked` (share of them with it);
    `low` and `high` are Wilson's interval of `missed`.
    """
    said = tally(questions[answered(questions, "rationale")], [*PLACE, "answer"])
    answers = said.groupby(PLACE)["count"].sum().rename("answers")
    picked = _exploded(said).groupby([*PLACE, "item"])["count"].sum().rename("picks")
    offered = (
        key[key["kind"] == "rationale"]
        .set_index([*PLACE, "item"])[["text", "worth"]]
        .join(picked)
        .join(answers, on=PLACE)
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
    reasons = answered(questions, "rationale")
    asked = questions["scenario"].isin(questions.loc[reasons, "scenario"].unique())
    columns = ["learner", *PLACE, "kind", "answer", "credit"]
    rows = questions.loc[reasons | (answered(questions, "choice") & asked), columns]
    moment = combined(rows, ["learner", "scenario", "scene"])
    choice = (rows["kind"] == "choice").to_numpy()
    decisions = np.flatnonzero(choice)[::-1]
    decided = np.full(int(moment.max(initial=-1)) + 1, -1, dtype=np.int64)
    decided[moment[decisions]] = decisions  # from the last to the first: a scene's first one stays
    named = np.flatnonzero(~choice)
    named = named[decided[moment[named]] >= 0]
    at = decided[moment[named]]
    pairs = rows.iloc[named][[*PLACE, "answer"]].assign(
        decision=rows["answer"].array[at], credit=rows["credit"].array[at]
    )
    said = tally(pairs, [*PLACE, "answer", "decision", "credit"])
    by = ["scenario", "scene", "decision"]
    deciders = said.groupby(by)["count"].sum().rename("deciders")
    worth = key.loc[key["kind"] == "rationale", [*PLACE, "item", "worth"]]
    wrong = _exploded(said).merge(worth[worth["worth"] == "wrong"], on=[*PLACE, "item"])
    table = wrong.groupby([*by, "item"]).agg(credit=("credit", "first"), chosen=("count", "sum"))
    table = table.reset_index().join(deciders, on=by)
    table["share"] = table["chosen"] / table["deciders"]
    return table.sort_values(["chosen", "share"], ascending=False, ignore_index=True)


def _exploded(said: pd.DataFrame) -> pd.DataFrame:
    """Return one row per clause named."""
    return said.assign(item=said["answer"].str.split()).drop(columns="answer").explode("item")


# ------------------------------------------------------------------------ rows of one question

Given = Mapping[str, Any]


def _marked(answer: Given, item: str, worth: str) -> bool | None:
    """Right is a phrase found that must go, or left that may stay; what may go is neither."""
    return None if worth == "optional" else (item in answer) == (worth == "must")


def _audited(answer: Given, item: str, worth: str) -> bool:
    rows = answer.get("rows")
    return isinstance(rows, dict) and rows.get(item) == worth


def _rated(answer: Given, item: str, worth: str) -> bool:
    return str(answer.get(item)) == worth


def _placed(answer: Given, item: str, worth: str) -> bool:
    return str(answer.get(item)) == worth


_RIGHT: Final[Mapping[str, Callable[[Given, str, str], bool | None]]] = {
    "hottext": _marked,
    "audit": _audited,
    "rating": _rated,
    "order": _placed,
}


def rows(questions: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    """Return, by phrase, setting, response or step, the share of the answers that has it right.

    Of a hottext a phrase that must go counts when it is marked (under any category), one that may
    stay when it is not. A setting is right when it is kept or changed as it should be, a response
    when it is rated as the key has it, a step when it stands in its own place. Columns `kind`,
    `text`, `worth`, `n`, `right`, `low`, `high` (Wilson), indexed by scenario, scene, question,
    item, in the order of the question; phrases that may go have no `right`.
    """
    said = tally(questions[answered(questions, *_RIGHT)], [*PLACE, "kind", "answer"])
    parts = key[key["kind"].isin(list(_RIGHT))]
    joined = said.merge(parts[[*PLACE, "item", "worth"]], on=PLACE)
    joined["hits"] = [_hits(*row) for row in zip(*(joined[c] for c in _PAIRED), strict=True)]
    sums = joined.groupby([*PLACE, "item"])[["count", "hits"]].sum(min_count=1)
    table = parts.set_index([*PLACE, "item"])[["kind", "text", "worth"]].join(sums)
    table["n"] = table["count"].fillna(0).astype("int64")
    table["right"] = (table["hits"] / table["n"].where(table["n"] > 0)).astype("float64")
    table = with_wilson(table.drop(columns=["count", "hits"]), "right")
    unknown = table["right"].isna()
    return table.assign(low=table["low"].mask(unknown), high=table["high"].mask(unknown))


_PAIRED: Final = ("kind", "answer", "item", "worth", "count")


def _hits(kind: str, text: str, item: str, worth: str, n: int) -> float:
    """Return how many of `n` equal answers have a row right; missing where nothing is right."""
    right = _RIGHT[kind](_read(kind, text), item, worth)
    return math.nan if right is None else float(n * right)


@lru_cache(maxsize=1)  # the rows of one answer follow each other
def _read(kind: str, text: str) -> Given:
    """Return a stored answer as a map; an order by the place of each step, from 1."""
    if kind == "order":
        return {step: n for n, step in enumerate(text.split(), start=1)}
    found = json.loads(text)
    return found if isinstance(found, dict) else {}
