"""What a course changed: the same learners before and after it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grading.statistics.intervals import CONFIDENCE, PAIR, Z, f_quantile


@dataclass(frozen=True)
class Gain:
    """Shares before and after, of the learners who have both.

    `gain` is the mean difference with Student's interval `low` to `high`; `g` Hedges' effect size
    with `g_low` to `g_high`; `of_possible` the part of what was still missing that was gained.
    """

    learners: int
    before: float
    after: float
    gain: float
    low: float
    high: float
    g: float
    g_low: float
    g_high: float
    of_possible: float


def gain(before: pd.Series[float], after: pd.Series[float]) -> Gain | None:
    """Return what was gained; both are shares by learner, who needs both. None if nothing varies.

    The effect size is in standard deviations of the scores before, which the course has not yet
    touched: Becker (1988), Br. J. Math. Stat. Psychol. 41; g = J (difference)/(SD before), with
    Hedges' J = 1 - 3/(4 (n - 1) - 1). Its variance, by the delta method for normal scores:
    J² (variance of the differences/(n variance before) + d²/(2 (n - 1))). Of what is possible:
    Hake (1998), Am. J. Phys. 66, the mean gain over one minus the mean before.

    A gain without a comparison group also holds what would have come anyway.
    """
    both = pd.DataFrame({"before": before, "after": after}).dropna()
    n = len(both)
    if n < PAIR or both["before"].std(ddof=1) <= 0:
        return None
    change = (both["after"] - both["before"]).to_numpy(dtype=np.float64)
    mean, spread = float(change.mean()), float(change.std(ddof=1))
    half = math.sqrt(f_quantile(CONFIDENCE, 1, n - 1)) * spread / math.sqrt(n)
    sd = float(both["before"].std(ddof=1))
    d = mean / sd
    small = 1 - 3 / (4 * (n - 1) - 1)
    error = small * math.sqrt(spread**2 / (n * sd**2) + d**2 / (2 * (n - 1)))
    start = float(both["before"].mean())
    return Gain(
        learners=n,
        before=start,
        after=float(both["after"].mean()),
        gain=mean,
        low=mean - half,
        high=mean + half,
        g=small * d,
        g_low=small * d - Z * error,
        g_high=small * d + Z * error,
        of_possible=mean / (1 - start) if start < 1 else math.nan,
    )
