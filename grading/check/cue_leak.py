"""Cue leak: how often a guesser who sees only the form of the options finds the key.

The guesser learns from all other items what keys look like (longer? fewer commas? warmer words?)
and then guesses one item whose key it has not seen. What the words mean plays no part. If it beats
chance, so does a learner who knows nothing but tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grading.check import wording
from grading.check.items import choices
from scenarios.catalogue import Entry
from scenarios.questions import Choice

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

ALLOWED: Final = 0.05
"""How far the guesser may beat chance, as a share of the items."""
RIDGE: Final = 2.0
"""Pull of the weights towards zero, in items; keeps a small bank from being learned by heart."""
STEPS: Final = 25
CLOSE: Final = 1e-8

FEATURES: Final[dict[str, Callable[[str], float]]] = {
    "length": len,
    "word length": lambda t: len(t) / max(1, len(wording.words(t))),
    "clauses": wording.joints,
    "commas": lambda t: t.count(","),
    "semicolons": lambda t: t.count(";"),
    "actions": wording.actions,
    "reasons": lambda t: len(wording.REASON.findall(t)),
    "hedges": lambda t: len(wording.HEDGE.findall(t)),
    "absolutes": lambda t: len(wording.ABSOLUTE.findall(t)),
    "warm words": lambda t: len(wording.WARM.findall(t)),
    "careful words": lambda t: len(wording.CAREFUL.findall(t)),
    "negations": lambda t: len(wording.NEGATION.findall(t)),
    "times": lambda t: len(wording.TIME.findall(t)),
    "session": lambda t: len(wording.SESSION.findall(t)),
    "numbers": lambda t: sum(w.isdigit() for w in wording.words(t)),
    "quotations": lambda t: sum(t.count(q) for q in ('"', "\u201c", "\u2018")),
}
"""What the guesser sees of an option; each is compared with the other options of the item."""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """How the guesser did.

    `hits` of `items` keys found (ties count in part), `chance` the mean of 1/options, `low` and
    `high` a 95 % interval of the hit rate (Wilson), and the strongest cues with their weights:
    positive where keys have more of it than the other options.
    """

    items: int
    hits: float
    chance: float
    low: float
    high: float
    cues: tuple[tuple[str, float], ...]
    found: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Share of the keys found."""
        return self.hits / self.items if self.items else 0.0

    @property
    def leaks(self) -> bool:
        """Whether the guesser beats chance by more than what is allowed."""
        return self.rate > self.chance + ALLOWED


def questions(entries: Iterable[Entry]) -> list[tuple[str, Choice]]:
    """Return every single-best-action question with its place, `slug` or `slug#scene`."""
    return [
        (f"{e.slug}#{scene.id}" if e.scenario.branching else e.slug, question)
        for e in entries
        for _, scene, question in choices(e.scenario)
    ]


def guess(items: Sequence[tuple[str, Choice]]) -> Leak:
    """Let the guesser guess every item, having learned from all other items.

    Args:
        items: questions with their places; two at least, or nothing can be learned.
    """
    import numpy as np  # noqa: PLC0415 - only a check needs it, a learner never does

    seen, there = _tables([q for _, q in items])
    keys = np.array([_key(q) for _, q in items], dtype=np.intp)
    weights = _learn(seen, there, keys, np.zeros(len(FEATURES)))
    shares = []
    for n in range(len(items)):
        rest = np.arange(len(items)) != n
        learned = _learn(seen[rest], there[rest], keys[rest], weights)
        liked = np.where(there[n], seen[n] @ learned, -np.inf)
        first = np.flatnonzero(liked > liked.max() - CLOSE)
        shares.append(1 / len(first) if keys[n] in first else 0.0)
    low, high = interval(sum(shares), len(items))
    return Leak(
        items=len(items),
        hits=sum(shares),
        chance=float(np.mean([1 / len(q.options) for _, q in items])) if items else 0.0,
        low=low,
        high=high,
        cues=tuple(
            sorted(
                ((name, float(w)) for name, w in zip(FEATURES, weights, strict=True)),
                key=lambda cue: -abs(cue[1]),
            )
        ),
        found=tuple(at for (at, _), share in zip(items, shares, strict=True) if share == 1.0),
    )


def interval(hits: float, items: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share, 95 % by default; from 0 to 1 without items."""
    if not items:
        return 0.0, 1.0
    share, spread = hits / items, z * z / items
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / items + spread / (4 * items)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _key(question: Choice) -> int:
    return next(n for n, o in enumerate(question.options) if o.credit == "best")


def _tables(asked: Sequence[Choice]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return items by options by features, and which options there are (items differ in number)."""
    import numpy as np  # noqa: PLC0415

    most = max((len(q.options) for q in asked), default=0)
    seen: Array = np.zeros((len(asked), most, len(FEATURES)))
    there = np.zeros((len(asked), most), dtype=np.bool_)
    for n, question in enumerate(asked):
        seen[n, : len(question.options)] = _compared(question)
        there[n, : len(question.options)] = True
    return seen, there


def _compared(question: Choice) -> Array:
    """Return options by features, each as its distance from the item's mean in item spreads."""
    import numpy as np  # noqa: PLC0415

    rows = [[float(f(o.text)) for f in FEATURES.values()] for o in question.options]
    table = np.array(rows)
    # A difference of a few letters must not count as much as one of a whole clause.
    floor = np.maximum(0.1 * np.abs(table.mean(axis=0)), 0.5)
    compared: Array = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), floor)
    return compared


def _learn(
    seen: Array, there: npt.NDArray[np.bool_], keys: npt.NDArray[np.intp], start: Array
) -> Array:
    """Fit a conditional logit (which option of an item is the key) with a ridge, by Newton."""
    import numpy as np  # noqa: PLC0415

    if not len(seen):
        return np.zeros_like(start)
    weights = start
    chosen = np.take_along_axis(seen, keys[:, None, None], axis=1)[:, 0]
    for _ in range(STEPS):
        liked = np.where(there, seen @ weights, -np.inf)
        odds = np.exp(liked - liked.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        means = np.einsum("io,iof->if", odds, seen)
        slope = (chosen - means).sum(axis=0) - RIDGE * weights
        curve = np.tensordot(seen * odds[:, :, None], seen, axes=([0, 1], [0, 1]))
        curve += RIDGE * np.eye(len(weights)) - means.T @ means
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < CLOSE:
            break
    return weights
