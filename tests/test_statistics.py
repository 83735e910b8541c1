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
from grading.statistics.counting import combined, tally


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


# ------------------------------------------------------------------------- passing, gain, fairness


@pytest.mark.parametrize("r", [-0.8, 0.0, 0.35, 0.9])
@pytest.mark.parametrize(("h", "k"), [(0.0, 0.0), (-1.2, 0.4), (1.5, 1.5)])
def test_both_below_against_random_numbers(h: float, k: float, r: float) -> None:
    x, e = np.random.default_rng(7).standard_normal((2, 400_000))
    y = r * x + math.sqrt(1 - r * r) * e
    found = statistics.both_below(h, k, r)
    assert found == pytest.approx(((x < h) & (y < k)).mean(), abs=0.003)


def test_both_below_in_closed_form() -> None:
    """At the means it is 1/4 + arcsin(r)/(2 pi); with r = 1 the smaller of the two."""
    for r in (-0.5, 0.3, 0.95):
        assert statistics.both_below(0, 0, r) == pytest.approx(0.25 + math.asin(r) / (2 * math.pi))
    assert statistics.both_below(0.3, 1, 1) == pytest.approx(0.617911, abs=1e-6)


def test_consistency_against_a_second_form() -> None:
    """Two parallel halves of one long course decide as the first half foretells."""
    both = class_of(4000, 60, seed=11)
    first, second = both.iloc[:, :30], both.iloc[:, 30:]
    cut = 0.55
    found = statistics.consistency(first, cut)
    assert found
    passed = [(half.mean(axis=1) >= cut).to_numpy() for half in (first, second)]
    alike = (passed[0] == passed[1]).mean()
    chance = passed[0].mean() * passed[1].mean() + (~passed[0]).mean() * (~passed[1]).mean()
    assert found.agreement == pytest.approx(alike, abs=0.02)
    assert found.kappa == pytest.approx((alike - chance) / (1 - chance), abs=0.04)
    assert found.low < found.agreement < found.high
    assert found.accuracy > found.agreement
    assert found.passed == passed[0].mean()


def test_consistency_at_its_ends() -> None:
    scores = class_of(60, 10)
    far = statistics.consistency(scores, 0.0)
    assert far
    assert far.agreement == pytest.approx(1, abs=0.01)
    assert statistics.consistency(scores * 0, 0.5) is None


def test_gain_of_a_class_worked_by_hand() -> None:
    before = pd.Series([0.2, 0.4, 0.6, 0.8, 0.5], index=list("abcde"))
    after = pd.Series([0.5, 0.5, 0.8, 0.9, 0.9], index=list("abcdx"))
    found = statistics.gain(before, after)
    assert found
    # Four have both: differences .3 .1 .2 .1, mean .175, SD .0957; before has mean .5, SD .2582.
    assert (found.learners, found.before, found.after) == pytest.approx((4, 0.5, 0.675))
    assert found.gain == pytest.approx(0.175)
    half = 3.182446 * 0.0957427 / 2
    assert (found.low, found.high) == pytest.approx((0.175 - half, 0.175 + half), abs=1e-5)
    assert found.g == pytest.approx(8 / 11 * 0.175 / 0.2581989, abs=1e-5)
    assert found.of_possible == pytest.approx(0.35)
    assert statistics.gain(before * 0, after) is None


def test_gain_intervals_cover_as_they_say() -> None:
    rng = np.random.default_rng(9)
    hits = 0
    for _ in range(400):
        true = rng.standard_normal(40)
        before, after = (true + 0.7 * rng.standard_normal((2, 40))) / 10 + [[0.5], [0.58]]
        found = statistics.gain(pd.Series(before), pd.Series(after))
        assert found
        hits += found.g_low <= 0.08 / (math.sqrt(1.49) / 10) <= found.g_high
    assert 0.92 <= hits / 400 <= 0.98


def class_with_bias(n: int, shift: float, seed: int = 2) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten choices; the first is harder by `shift` logits for the second profession."""
    rng = np.random.default_rng(seed)
    profession = np.where(rng.random(n) < 0.4, "mft", "counselor")
    ability = rng.standard_normal(n) - 0.5 * (profession == "mft")
    rows = []
    for item in range(10):
        logit = ability - (shift if item == 0 else 0) * (profession == "mft")
        best = rng.random(n) < 1 / (1 + np.exp(-logit))
        rows.append(
            pd.DataFrame(
                {
                    "learner": [f"l{i}" for i in range(n)],
                    "profession": profession,
                    "scenario": f"m/s{item}",
                    "credit": np.where(best, "best", "risky"),
                    "points": np.where(best, 10.0, 2.0),
                }
            )
        )
    table = pd.concat(rows, ignore_index=True).assign(void=False, maximum=10.0)
    answers = table.assign(scene="a", question="q", kind="choice", answer=table["credit"])
    return answers, table


def test_mantel_haenszel_against_its_formula_stratum_by_stratum() -> None:
    answers, scenarios = class_with_bias(300, 1.0)
    found = statistics.functioning(answers, scenarios).xs("mft", level="profession").iloc[0]
    wide = scenarios.pivot_table(index="learner", columns="scenario", values="points")
    rest = wide.drop(columns="m/s0").sum(axis=1) / 90
    stratum = np.searchsorted(np.quantile(rest, [0.2, 0.4, 0.6, 0.8]), rest)
    own = scenarios[scenarios["scenario"] == "m/s0"].set_index("learner").loc[wide.index]
    best, mine = (own["credit"] == "best").to_numpy(), (own["profession"] == "mft").to_numpy()
    up = down = 0.0
    for s in range(5):
        at = stratum == s
        up += (at & best & ~mine).sum() * (at & ~best & mine).sum() / at.sum()
        down += (at & ~best & ~mine).sum() * (at & best & mine).sum() / at.sum()
    assert found["delta"] == pytest.approx(-2.35 * math.log(up / down))
    assert (found["n"], found["others"]) == (mine.sum(), (~mine).sum())


def test_only_the_biased_choice_is_called_large() -> None:
    answers, scenarios = class_with_bias(3000, 1.2)
    found = statistics.functioning(answers, scenarios)
    mft = found.xs("mft", level="profession").droplevel([1, 2])
    assert mft.loc["m/s0", "level"] == "C"
    assert (mft["level"].drop("m/s0") == "A").all()
    assert np.allclose(mft["delta"], -found.xs("counselor", level="profession")["delta"])
    assert (found["low"] < found["delta"]).all()


def test_small_groups_get_no_numbers() -> None:
    answers, scenarios = class_with_bias(29, 1.0)
    found = statistics.functioning(answers, scenarios)
    assert (found["level"] == statistics.FEW).all()
    assert found["delta"].isna().all()
    answers, scenarios = class_with_bias(60, 1.0)
    kept = answers[(answers["profession"] == "counselor") | (answers["learner"] < "l2")]
    assert (statistics.functioning(kept, scenarios)["level"] == statistics.FEW).all()


def test_a_choice_that_all_get_right_has_no_numbers() -> None:
    answers, scenarios = class_with_bias(100, 0.0)
    found = statistics.functioning(answers.assign(credit="best"), scenarios)
    assert found["level"].isna().all()


# --------------------------------------------------------------------------------- rows, counting

PARTS = pd.DataFrame(
    [
        ("hottext", "a", "must"),
        ("hottext", "b", "keep"),
        ("hottext", "c", "optional"),
        ("audit", "a", "change"),
        ("audit", "b", "keep"),
        ("rating", "a", "4"),
        ("order", "x", "1"),
        ("order", "y", "2"),
        ("order", "z", "3"),
    ],
    columns=["kind", "item", "worth"],
).assign(scenario="m/s", scene="a", question=lambda k: k["kind"], text="T", never_event=False)


def test_rows_of_every_kind() -> None:
    told = questions(
        ("ann", "hottext", '{"a": "A", "c": "B"}', "", None),
        ("bob", "hottext", '{"b": "A"}', "", None),
        ("ann", "audit", '{"rows": {"a": "change", "b": "keep"}, "first": []}', "", None),
        ("bob", "audit", '{"first": []}', "", None),
        ("ann", "rating", '{"a": 4}', "", None),
        ("bob", "rating", '{"a": 3}', "", None),
        ("cal", "rating", '{"a": 4}', "", None),
        ("ann", "order", "x z y", "", None),
    )
    table = statistics.rows(told, PARTS)
    right = table.droplevel([0, 1])["right"]
    assert right["hottext"].to_dict() == pytest.approx(
        {"a": 0.5, "b": 0.5, "c": math.nan}, nan_ok=True
    )
    assert right["audit"].to_dict() == {"a": 0.5, "b": 0.5}
    assert right["rating"].to_dict() == pytest.approx({"a": 2 / 3})
    assert right["order"].to_dict() == {"x": 1.0, "y": 0.0, "z": 0.0}
    assert table["n"].tolist() == [2, 2, 2, 2, 2, 3, 1, 1, 1]
    assert (table["low"].dropna() <= table["right"].dropna()).all()
    nobody = statistics.rows(told[:0], PARTS)
    assert nobody["n"].eq(0).all()
    assert nobody["right"].isna().all()


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", None]), st.integers(0, 2)),
        max_size=40,
    ),
    kept=st.booleans(),
)
def test_tally_counts_like_pandas(rows: list[tuple[str, str | None, int]], *, kept: bool) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b", "c"]).astype({"a": "str", "b": "str"})
    wanted = frame.groupby(["a", "b", "c"]).size().to_dict()
    if kept:
        frame = frame.astype({"a": "category", "b": "category"})
    found = tally(frame, ["a", "b", "c"])
    counted = found.set_index(["a", "b", "c"])["count"].to_dict()
    assert counted == wanted
    assert set(combined(frame, ["a", "b"])) <= set(range(-1, 9))


def test_categories_and_texts_give_the_same_tables() -> None:
    """What `grading.frame` keeps as numbers counts like plain texts."""
    texts = CLASS.columns[CLASS.dtypes == "str"]
    small = CLASS.astype(dict.fromkeys(texts, "category"))
    ability = pd.Series({"ann": 0.9, "bob": 0.5, "cal": 0.1})
    for one, other in (
        (statistics.distractors(CLASS, KEY, ability), statistics.distractors(small, KEY, ability)),
        (statistics.clauses(CLASS, KEY), statistics.clauses(small, KEY)),
        (statistics.confusion(CLASS, KEY), statistics.confusion(small, KEY)),
        (statistics.certainty(CLASS), statistics.certainty(small)),
        (statistics.confidently_wrong(CLASS), statistics.confidently_wrong(small)),
    ):
        assert len(one)
        pd.testing.assert_frame_equal(one, other)
