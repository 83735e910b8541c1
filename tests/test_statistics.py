"""Item analysis against a second way of computing each number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading import statistics


def cells(table: pd.DataFrame, row: str, *columns: str) -> list[Any]:
    """Some cells of one row."""
    return [table[column][row] for column in columns]


@given(st.floats(0, 1), st.integers(1, 5000))
def test_wilson_solves_its_quadratic_equation(share: float, n: int) -> None:
    """(share - x)² = z² x (1 - x) / n holds at both ends."""
    z2 = statistics.Z**2
    ends = sorted(np.roots([1 + z2 / n, -2 * share - z2 / n, share**2]).real)
    assert statistics.wilson(share, n) == pytest.approx(ends, abs=1e-6)
    low, high = statistics.wilson(share, n)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_wilson_keeps_its_width_when_all_agree() -> None:
    assert statistics.wilson(1.0, 5) == pytest.approx((0.5655, 1.0), abs=1e-4)
    assert statistics.wilson(0.5, 0) == (0.0, 1.0)


def test_fisher_against_logarithms() -> None:
    r, n = 0.5, 30
    z, step = 0.5 * math.log((1 + r) / (1 - r)), 1.959964 / math.sqrt(27)
    ends = [(math.exp(2 * x) - 1) / (math.exp(2 * x) + 1) for x in (z - step, z + step)]
    assert statistics.fisher(r, n) == pytest.approx(ends, abs=1e-6)
    assert all(math.isnan(x) for x in statistics.fisher(r, 3))
    assert statistics.fisher(1.0, 30) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("q", "d1", "d2", "printed"),
    [(0.95, 5, 10, 3.3258), (0.95, 1, 29, 4.1830), (0.99, 4, 20, 4.4307), (0.975, 10, 10, 3.7168)],
)
def test_f_quantiles_as_in_printed_tables(q: float, d1: int, d2: int, printed: float) -> None:
    assert statistics.f_quantile(q, d1, d2) == pytest.approx(printed, abs=1e-4)


@pytest.mark.parametrize(("a", "b"), [(2, 3), (14.5, 130.5), (1, 1), (40, 2)])
def test_incomplete_beta_against_a_sum_of_rectangles(a: float, b: float) -> None:
    middles = (np.arange(200_000) + 0.5) / 200_000
    density = middles ** (a - 1) * (1 - middles) ** (b - 1)
    below = np.cumsum(density) / density.sum()
    for x in (0.1, 0.5, 0.9):
        share = below[np.searchsorted(middles, x) - 1]
        assert statistics.beta_share(x, a, b) == pytest.approx(share, abs=1e-5)


def test_t_interval_with_the_table_value() -> None:
    values = pd.Series([0.2, 0.4, 0.6, 0.8, 0.5])
    half = 2.776445 * math.sqrt(sum((v - 0.5) ** 2 for v in values) / 4 / 5)
    assert statistics.t_interval(values) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)
    assert math.isnan(statistics.t_interval(values[:1])[0])


# ----------------------------------------------------------------- discrimination and reliability


def class_of(n: int, k: int, seed: int = 1) -> pd.DataFrame:
    """Simulated scores: ability plus noise, graded in steps."""
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((n, 1)) + rng.standard_normal((n, k))
    steps = np.clip(np.round(raw / 4 + 0.5, 1), 0, 1)
    return pd.DataFrame(steps, columns=[f"m/s{i}" for i in range(k)])


def test_item_rest_against_numpy_with_the_item_taken_out() -> None:
    scores = class_of(60, 8)
    found = statistics.discrimination(scores)
    for name in map(str, scores):
        rest = scores.drop(columns=name).sum(axis=1)
        assert found["r"][name] == pytest.approx(np.corrcoef(scores[name], rest)[0, 1])
    assert (found["low"] < found["r"]).all()
    assert (found["r"] < found["high"]).all()


def test_item_rest_over_those_who_have_the_scenario() -> None:
    scores = class_of(40, 5)
    scores.iloc[:7, 0] = np.nan
    scores.iloc[5:12, 3] = np.nan
    found = statistics.discrimination(scores)
    there = scores["m/s0"].notna()
    rest = scores.drop(columns="m/s0").mean(axis=1)
    assert found.loc["m/s0", "n"] == 33
    assert found.loc["m/s0", "r"] == pytest.approx(scores["m/s0"][there].corr(rest[there]))


def test_a_scenario_with_one_score_for_all_tells_nobody_apart() -> None:
    scores = class_of(40, 4)
    scores["m/s1"] = 0.6
    found = statistics.discrimination(scores)
    assert math.isnan(found["r"]["m/s1"])
    assert found["r"].notna().sum() == 3


def test_alpha_of_hand_worked_classes() -> None:
    same = statistics.reliability(pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 0, 1, 1]}))
    assert same
    assert same.alpha == pytest.approx(1)
    assert same.sem == pytest.approx(0)
    mixed = statistics.reliability(pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 1, 1, 1]}))
    assert mixed
    # Variances 1/3 and 1/4; the sums 0, 1, 2, 2 have variance 11/12: 2 (1 - 7/11) = 8/11.
    assert mixed.alpha == pytest.approx(8 / 11)


def test_alpha_from_the_covariances_and_its_interval_from_random_numbers() -> None:
    scores = class_of(50, 10)
    found = statistics.reliability(scores)
    assert found
    c = np.cov(scores.to_numpy(), rowvar=False)
    alpha = 10 / 9 * (c.sum() - np.trace(c)) / c.sum()
    assert found.alpha == pytest.approx(alpha)
    assert found.sem == pytest.approx(scores.mean(axis=1).std() * math.sqrt(1 - alpha))
    ratios = np.random.default_rng(5).f(49, 49 * 9, 400_000)
    low, high = 1 - (1 - alpha) * np.quantile(ratios, [0.975, 0.025])
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.003)


def test_alpha_counts_only_who_has_every_scenario() -> None:
    scores = class_of(40, 6)
    scores.iloc[:4, 2] = np.nan
    found = statistics.reliability(scores)
    assert found
    assert (found.learners, found.scenarios) == (36, 6)
    assert statistics.reliability(scores[:1]) is None
    assert statistics.reliability(scores * 0) is None


# ------------------------------------------------------------------------- options, clauses, time


def questions(*answers: tuple[str, str, str, str, str | None]) -> pd.DataFrame:
    """Rows of (learner, kind, answer, credit, certainty) to one scenario."""
    names = ["learner", "kind", "answer", "credit", "certainty"]
    table = pd.DataFrame(answers, columns=names)
    earned = table["credit"].map({"best": 1.0, "acceptable": 0.6, "risky": 0.2, "violation": 0.0})
    return table.assign(
        scenario="m/s", scene="a", question=table["kind"], void=False, earned=earned
    )


KEY = pd.DataFrame(
    [
        ("choice", "open", "Open it", "violation"),
        ("choice", "wait", "Wait", "best"),
        ("choice", "never", "Nobody's choice", "risky"),
        ("rationale", "CL-01", "One", "right"),
        ("rationale", "CL-02", "Two", "right"),
        ("rationale", "CL-03", "Three", "wrong"),
    ],
    columns=["kind", "item", "text", "worth"],
).assign(scenario="m/s", scene="a", question=lambda k: k["kind"], never_event=False)

CLASS = questions(
    ("ann", "choice", "wait", "best", "sure"),
    ("bob", "choice", "wait", "best", "guess"),
    ("cal", "choice", "open", "violation", "sure"),
    ("ann", "rationale", "CL-01 CL-02", "", None),
    ("bob", "rationale", "CL-01 CL-03", "", None),
    ("cal", "rationale", "CL-03", "", None),
)


def test_distractors_by_thirds() -> None:
    ability = pd.Series({"ann": 0.9, "bob": 0.5, "cal": 0.1})
    table = statistics.distractors(CLASS, KEY, ability).droplevel([0, 1, 2])
    assert cells(table, "wait", "n", "chosen") == [3, 2]
    assert table["share"].to_dict() == pytest.approx({"open": 1 / 3, "wait": 2 / 3, "never": 0})
    assert cells(table, "wait", "lower", "upper") == [0.0, 1.0]
    assert cells(table, "open", "lower", "upper") == [1.0, 0.0]


def test_clauses_missed_and_named_wrongly() -> None:
    table = statistics.clauses(CLASS, KEY)
    assert table["missed"].dropna().to_dict() == pytest.approx({"CL-01": 1 / 3, "CL-02": 2 / 3})
    assert table.index[0] == "CL-02"
    assert cells(table, "CL-03", "applied", "tempted") == [0, 3]
    assert table.loc["CL-03", "picked"] == pytest.approx(2 / 3)


def test_confusion_pairs_a_wrong_clause_with_the_decision() -> None:
    table = statistics.confusion(CLASS, KEY).set_index("decision")
    assert cells(table, "wait", "item", "chosen", "deciders") == ["CL-03", 1, 2]
    assert cells(table, "open", "item", "chosen", "deciders") == ["CL-03", 1, 1]


def test_sure_and_wrong() -> None:
    table = statistics.certainty(CLASS)
    assert table.index.tolist() == ["sure", "guess"]
    assert cells(table, "sure", "n", "earned", "wrong") == [2, 0.5, 0.5]
    wrong = statistics.confidently_wrong(CLASS)
    assert cells(wrong, "m/s", "sure", "wrong", "share") == [2, 1, 0.5]


def test_facility_second_tries_and_professions_leave_voided_scenarios_out() -> None:
    rows = pd.DataFrame(
        [
            ("ann", "m/s", 1.0, 1.0, 1, 40.0, False),
            ("bob", "m/s", 0.2, 0.8, 2, 80.0, False),
            ("ann", "m/v", 1.0, 1.0, 1, None, True),
            ("bob", "m/v", 1.0, 1.0, 3, None, True),
        ],
        columns=["learner", "scenario", "share", "mastery", "attempts", "seconds", "void"],
    )
    rows = rows.assign(points=rows["share"] * 10, maximum=10.0, profession="counselor")
    table = statistics.facility(rows)
    assert table.index.tolist() == ["m/s"]
    assert cells(table, "m/s", "n", "mean", "mastery", "retried") == pytest.approx([2, 0.6, 0.9, 1])
    assert statistics.totals(rows).to_dict() == {"ann": 1.0, "bob": 0.2}
    again = statistics.second_try(rows)
    assert again == statistics.SecondTry(tried=1, first=0.2, last=0.8)
    groups = statistics.by_profession(rows)
    assert cells(groups, "counselor", "n", "mean") == pytest.approx([2, 0.6])
    assert statistics.pace(rows).loc["m/s", "median"] == 60
