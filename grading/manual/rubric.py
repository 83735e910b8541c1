"""A rubric applied: which lines an answer earned, which fatal errors cap it, what that gives.

Pure. Lines carry points, caps limit the whole answer, and the sum is scaled to the points that a
person has to give in the gradebook.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scenarios.questions import Cap, Response

STEPS = (0.0, 0.5, 1.0)
"""Shares of a line's points that a marker may give: not met, partly met, met."""


@dataclass(frozen=True)
class RubricMark:
    """What a marker's lines come to.

    `points` on the rubric's own scale after caps, `before` without them, `share` from 0 to 1,
    `capped` the cap that took something off.
    """

    points: float
    before: float
    share: float
    capped: Cap | None = None

    def scaled(self, maximum: float) -> float:
        """Return the points that the gradebook gets where it has room for `maximum`."""
        return round(self.share * maximum, 2)


def apply(question: Response, lines: Mapping[str, float], caps: Collection[str] = ()) -> RubricMark:
    """Return the mark of lines (share of each line's points by its id) and of caps by their ids.

    A line that is not named earned nothing. Raises `ValueError` for names that the rubric has not,
    and for shares other than not met, partly met, met.
    """
    known = {c.id: c for c in question.rubric}
    limits = {c.id: c for c in question.caps}
    stray = sorted((set(lines) - set(known)) | (set(caps) - set(limits)))
    if stray:
        raise ValueError(
            f"the rubric has no line {', '.join(stray)}; its lines are"
            f" {', '.join([*known, *limits])}"
        )
    wrong = sorted(f"{i}: {s}" for i, s in lines.items() if s not in STEPS)
    if wrong:
        raise ValueError(f"got {', '.join(wrong)}, expected one of {', '.join(map(str, STEPS))}")
    before = sum(known[i].points * share for i, share in lines.items())
    applied = [limits[i] for i in caps]
    lowest = min(applied, key=lambda c: c.maximum, default=None)
    capped = lowest if lowest and lowest.maximum < before else None
    counted = capped.maximum if capped else before
    return RubricMark(
        points=counted,
        before=before,
        share=counted / question.rubric_points,
        capped=capped,
    )


def points(number: float) -> str:
    """Say points with their noun."""
    return f"{number:g} point{'' if number == 1 else 's'}"


def summary(question: Response, lines: Mapping[str, float], caps: Collection[str] = ()) -> str:
    """Say a mark in words for the learner: what was met, what is missing, what capped it."""
    words = {0.0: "Missing", 0.5: "Partly", 1.0: "Met"}
    told = [f"{words[lines.get(c.id, 0.0)]}: {c.text}" for c in question.rubric]
    told += [f"Limit of {points(c.maximum)}: {c.text}" for c in question.caps if c.id in caps]
    return "\n".join(told)
