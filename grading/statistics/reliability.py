"""How far scores may be trusted: discrimination, alpha, and whether a pass would be one again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.statistics.intervals import (
    CONFIDENCE,
    NORMAL,
    PAIR,
    both_below,
    f_quantile,
    fisher,
)

ENOUGH = 30
"""Fewest learners for which discrimination and reliability are told in numbers."""
TOO_FEW = (
    f"With fewer than {ENOUGH} learners a correlation between one scenario and the rest could be"
    " anything from clearly negative to strong by chance alone, so no number is given."
)
Floats = npt.NDArray[np.float64]


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


@dataclass(frozen=True)
class Consistency:
    """How often a second, equally hard form of the course would decide the same about a pass.

    `agreement` is the share of learners decided alike by both, with `low` and `high` from the
    interval of the reliability; `kappa` what of it goes beyond chance; `accuracy` the share
    decided as their true scores would have it; `passed` the share that passed this time.
    """

    cut: float
    passed: float
    agreement: float
    low: float
    high: float
    kappa: float
    accuracy: float
    learners: int


def consistency(scores: pd.DataFrame, cut: float) -> Consistency | None:
    """Return how consistent and how accurate passing at a cut is; None where nothing varies.

    Peng & Subkoviak (1980), J. Educ. Meas. 17: scores on two parallel forms are taken as
    bivariate normal with the reliability as correlation. With z = (cut - mean)/SD, p the chance
    of lying below z and pp that of both, agreement = 1 - 2 (p - pp) and kappa =
    (pp - p²)/(p - p²). Reliability is alpha, since credit is graded, where theirs is KR-21; for
    the same reason nothing is taken off the cut for steps of one point. Accuracy replaces one
    form by the true score, whose correlation is the root of the reliability.

    `scores` is learners x scenarios (only who has every scenario counts), `cut` a share.
    """
    trust = reliability(scores)
    if trust is None:
        return None
    total = scores.dropna().mean(axis=1)
    z = (cut - float(total.mean())) / float(total.std(ddof=1))
    r = min(max(trust.alpha, 0.0), 1.0)
    below = NORMAL.cdf(z)
    chance = below * (1 - below)
    both = both_below(z, z, r)
    # True scores have the same mean and less spread, so that the same cut lies further out.
    true_z = z / math.sqrt(r) if r > 0 else math.copysign(math.inf, z) if z else 0.0
    joint = both_below(z, true_z, math.sqrt(r)) if math.isfinite(true_z) else below * (z > 0)
    return Consistency(
        cut=cut,
        passed=float((total >= cut).mean()),
        agreement=1 - 2 * (below - both),
        low=_agreement(z, trust.low),
        high=_agreement(z, trust.high),
        kappa=(both - below**2) / chance if chance > 0 else math.nan,
        accuracy=1
        - below
        - (NORMAL.cdf(true_z) if math.isfinite(true_z) else float(z > 0))
        + 2 * joint,
        learners=trust.learners,
    )


def _agreement(z: float, r: float) -> float:
    return 1 - 2 * (NORMAL.cdf(z) - both_below(z, z, min(max(r, 0.0), 1.0)))
