"""Intervals of shares, means and correlations, and the distributions behind them.

A share lies in [0, 1], so its variance is at most p(1 - p). Wilson's interval for a proportion
with the mean share as p is therefore never too narrow for graded credit, and it keeps its width
when five learners all agree, where an interval from the sample's own spread would vanish.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd

CONFIDENCE = 0.95
NORMAL = NormalDist()
Z = NORMAL.inv_cdf(0.5 + CONFIDENCE / 2)
PAIR = 2
"""Fewest values that vary."""
TRIPLE = 3
"""Fisher's z needs more learners than this."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


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


def both_below(h: float, k: float, r: float) -> float:
    """Return the chance that two standard normal variables with correlation r lie below h and k.

    Phi(h) Phi(k) + 1/(2 pi) of the integral of exp(-(h² - 2 h k sin t + k²)/(2 cos² t)) from 0 to
    arcsin r: Drezner & Wesolowsky (1990), J. Stat. Comput. Simul. 35; by Gauss and Legendre.
    """
    apart = NORMAL.cdf(h) * NORMAL.cdf(k)
    if abs(r) >= 1:
        return (
            min(NORMAL.cdf(h), NORMAL.cdf(k)) if r > 0 else max(0.0, NORMAL.cdf(h) - NORMAL.cdf(-k))
        )
    half = math.asin(r) / 2
    t = half * (_NODES + 1)
    inside = np.exp(-(h * h - 2 * h * k * np.sin(t) + k * k) / (2 * np.cos(t) ** 2))
    return apart + half * float(_WEIGHTS @ inside) / (2 * math.pi)
