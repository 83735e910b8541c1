"""How well two markers agree: weighted kappa with its interval, and where they do not.

Pure. Points are on the rubric's scale; markers are paired by answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grading.statistics import ENOUGH, Z

APART = 0.2
"""Share of the rubric's points by which two marks must differ to be talked about."""


@dataclass(frozen=True)
class Agreement:
    """Quadratic weighted kappa of `n` answers marked twice, with its interval.

    `exact` is the share marked alike, `bias` the second marker's mean less the first one's. Below
    30 answers `words` says why the number is no finding yet; it is empty otherwise.
    """

    n: int
    kappa: float
    low: float
    high: float
    exact: float
    bias: float
    words: str


@dataclass(frozen=True)
class Disagreement:
    """An answer on which two markers are far apart."""

    answer: str
    first: float
    second: float


def agreement(first: Sequence[float], second: Sequence[float]) -> Agreement | None:
    """Return how two markers agree on the same answers; None for fewer than three of them.

    Cohen (1968), Psychol. Bull. 70, with squared differences as weights: 1 - the mean of
    (x_i - y_i)² over that of (x_i - y_j)² for all i and j. The interval is the jackknife's: each
    answer left out once. Missing where both always give the same points.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    n = len(x)
    if n < 3:  # noqa: PLR2004 - leaving one out must leave a pair
        return None
    whole = _kappa(x, y)
    without = np.array([_kappa(np.delete(x, i), np.delete(y, i)) for i in range(n)])
    error = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    words = (
        f"With fewer than {ENOUGH} answers marked twice ({n} so far) kappa may be far off; read the"
        " disagreements instead."
    )
    return Agreement(
        n=n,
        kappa=whole,
        low=max(-1.0, whole - Z * error),
        high=min(1.0, whole + Z * error),
        exact=float((x == y).mean()),
        bias=float((y - x).mean()),
        words=words if n < ENOUGH else "",
    )


def _kappa(x: np.typing.NDArray[np.float64], y: np.typing.NDArray[np.float64]) -> float:
    seen = float(((x - y) ** 2).mean())
    # The mean over all pairs, from moments: no table of categories is needed.
    chance = float(x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return 1 - seen / chance if chance > 0 else math.nan


def disagreements(
    first: Mapping[str, float], second: Mapping[str, float], maximum: float
) -> list[Disagreement]:
    """Return the answers marked by both that are far apart, the farthest first."""
    both = [Disagreement(a, first[a], second[a]) for a in first.keys() & second.keys()]
    far = [d for d in both if abs(d.first - d.second) >= APART * maximum - 1e-9]
    return sorted(far, key=lambda d: (-abs(d.first - d.second), d.answer))
