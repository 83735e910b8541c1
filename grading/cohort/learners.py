"""Simulated learners: each has an ability, a profession, a pace and a diligence.

The same seed makes the same cohort, to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.terms import Profession

SEED = 20261123

_PROFESSIONS: dict[Profession, float] = {
    "counselor": 0.27,
    "social-worker": 0.23,
    "psychologist": 0.2,
    "mft": 0.13,
    "trainee": 0.1,
    "prescriber": 0.07,
}


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A simulated learner.

    `ability` is in standard deviations of the cohort, `boldness` shifts how sure they say they
    are, `pace` multiplies their times, `diligence` is the share of scenarios that they answer.
    """

    id: str
    profession: Profession | None
    ability: float
    boldness: float
    pace: float
    diligence: float


def cohort_of(learners: int, seed: int = SEED) -> tuple[Learner, ...]:
    """Return this many different learners; the first of a longer cohort are those of a shorter."""
    names, weights = list(_PROFESSIONS), list(_PROFESSIONS.values())
    width = max(3, len(str(learners)))
    people = []
    for n in range(1, learners + 1):
        rng = np.random.default_rng([seed, n])
        chosen = names[int(rng.choice(len(names), p=weights))]
        people.append(
            Learner(
                id=f"learner-{n:0{width}}",
                profession=chosen if rng.random() > 0.04 else None,  # noqa: PLR2004 - a few keep it to themselves
                ability=float(rng.standard_normal()),
                boldness=float(rng.normal(0.3, 0.8)),
                pace=float(np.exp(rng.normal(0, 0.35))),
                diligence=0.78 if rng.random() < 0.15 else 0.997,  # noqa: PLR2004 - some run out of time
            )
        )
    return tuple(people)
