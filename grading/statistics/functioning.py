"""Whether a question works the same for every profession, once ability is taken out."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.statistics.counting import codes, combined
from grading.statistics.intervals import NORMAL, Z
from grading.statistics.options import PLACE, answered
from grading.statistics.reliability import ENOUGH

GROUP = 10
"""Fewest learners of a profession, and beside it, that are compared."""
STRATA = 5
"""Levels of ability within which professions are compared."""
SCALE: Final = -2.35
"""Turns a logarithm of odds into the delta scale of the Educational Testing Service."""
SMALL, LARGE = 1.0, 1.5
"""Deltas below which a difference is negligible (A), and from which it is large (C)."""
FEW = "too few"
Floats = npt.NDArray[np.float64]


def functioning(questions: pd.DataFrame, scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by choice and profession, how much harder it is for them than for equals beside.

    Mantel & Haenszel (1959), J. Natl. Cancer Inst. 22, as applied to items by Holland & Thayer
    (1988): the best option against any other, each profession against all others that told
    theirs, within fifths of the score in the other scenarios. `delta` = -2.35 ln(odds ratio), below
    0 where the profession does worse than its equals; `low` and `high` by the variance of Robins,
    Breslow & Greenland (1986), Biometrics 42. `level` is the class A (negligible), B or C (large)
    of the Educational Testing Service: A below 1 or not different from 0, C from 1.5 and surely
    beyond 1. What is best may differ by profession; a learner's own key counts.

    Indexed by scenario, scene, question, profession, with `n` learners and `others`. With fewer
    than 30 learners in all or 10 in either group `level` is "too few", and there are no numbers;
    where everybody in a group answers alike there are none either, and `level` is missing.
    """
    chosen = answered(questions, "choice") & questions["profession"].notna()
    rows = questions.loc[chosen, ["learner", "profession", *PLACE, "credit"]]
    best = (rows["credit"] == "best").to_numpy()
    group, professions = codes(rows["profession"])
    stratum = _strata(rows, scenarios)
    item, seen = pd.factorize(combined(rows, PLACE))  # of all combinations few occur
    items = len(seen)
    shape = (items, len(professions), STRATA)
    flat = (item * len(professions) + group) * STRATA + stratum
    known = stratum >= 0
    right = np.bincount(flat[known & best], minlength=math.prod(shape)).reshape(shape)
    wrong = np.bincount(flat[known & ~best], minlength=math.prod(shape)).reshape(shape)
    first = np.zeros(items, dtype=np.int64)
    first[item[::-1]] = np.arange(len(item) - 1, -1, -1)
    places = rows.iloc[first][PLACE].to_numpy()
    found = [
        (*places[i], str(profession), *_compared(right[i], wrong[i], g))
        for i in range(items)
        for g, profession in enumerate(professions)
    ]
    names = [*PLACE, "profession", "n", "others", "delta", "low", "high", "level"]
    return pd.DataFrame(found, columns=names).set_index([*PLACE, "profession"]).sort_index()


def _strata(rows: pd.DataFrame, scenarios: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return each row's fifth of the score in the learner's other scenarios; -1 without any."""
    counted = scenarios.loc[~scenarios["void"], ["learner", "scenario", "points", "maximum"]]
    (who, learners), (what, names) = codes(counted["learner"]), codes(counted["scenario"])
    points = np.zeros((len(learners), len(names)))
    maxima = np.zeros_like(points)
    points[who, what] = counted["points"]
    maxima[who, what] = counted["maximum"]
    rest = points.sum(axis=1, keepdims=True) - points
    offered = maxima.sum(axis=1, keepdims=True) - maxima
    share = np.divide(rest, offered, out=np.full_like(rest, np.nan), where=offered > 0)
    cuts = np.linspace(0, 1, STRATA + 1)[1:-1]
    found = np.full(share.shape, -1, dtype=np.int64)
    for n in range(len(names)):
        known = ~np.isnan(share[:, n])
        if known.any():
            own = share[known, n]
            found[known, n] = np.searchsorted(np.quantile(own, cuts), own)
    here, there = _at(rows["learner"], learners), _at(rows["scenario"], names)
    return np.where((here < 0) | (there < 0), -1, found[here, there])


def _at(column: pd.Series, values: pd.Index) -> npt.NDArray[np.int64]:
    """Return where each value of a column stands in others; -1 where it does not."""
    own, names = codes(column)
    return values.get_indexer(names).astype(np.int64)[own]


def _compared(
    right: npt.NDArray[np.int64], wrong: npt.NDArray[np.int64], group: int
) -> tuple[int, int, float, float, float, str | None]:
    """Compare one profession with the others; both tables are professions x strata."""
    c, d = right[group].astype(float), wrong[group].astype(float)
    a, b = right.sum(axis=0) - c, wrong.sum(axis=0) - d
    n, others = int((c + d).sum()), int((a + b).sum())
    if n + others < ENOUGH or min(n, others) < GROUP:
        return n, others, math.nan, math.nan, math.nan, FEW
    delta, error = _delta(a, b, c, d)
    if math.isnan(error):
        return n, others, math.nan, math.nan, math.nan, None
    return n, others, delta, delta - Z * error, delta + Z * error, _level(delta, error)


def _delta(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[float, float]:
    """Return delta and its standard error from others right, wrong, own right, wrong by stratum."""
    total = a + b + c + d
    used = (a + b > 0) & (c + d > 0)
    a, b, c, d, total = a[used], b[used], c[used], d[used], total[used]
    r, s = a * d / total, b * c / total
    if r.sum() <= 0 or s.sum() <= 0:
        return math.nan, math.nan
    p, q = (a + d) / total, (b + c) / total
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    return SCALE * math.log(r.sum() / s.sum()), abs(SCALE) * math.sqrt(variance)


def _level(delta: float, error: float) -> str:
    size = abs(delta)
    if size < SMALL or size <= Z * error:
        return "A"
    beyond = size - NORMAL.inv_cdf(0.95) * error > SMALL
    return "C" if size >= LARGE and beyond else "B"
