"""The words that everything else is written in: ids, credit, professions, and the frozen base type.

Every type refuses unknown keys, so a misspelt key in a content file is a fault and not a silence.
Ids are permanent: answers refer to them for years, never to a position or a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
ClauseId = Annotated[str, StringConstraints(pattern=r"^CL-\d\d$")]
TopicId = Annotated[str, StringConstraints(pattern=r"^[SX]\d\d$")]
ReferenceId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Za-z0-9.\-]*$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
CATEGORIES: Mapping[str, str] = {
    "A": "Names",
    "B": "Places smaller than a state",
    "C": "Dates, except the year; ages over 89",
    "D": "Telephone numbers",
    "E": "Fax numbers",
    "F": "E-mail addresses",
    "G": "Social Security numbers",
    "H": "Medical record numbers",
    "I": "Health plan numbers",
    "J": "Account numbers",
    "K": "License and certificate numbers",
    "L": "Vehicles and license plates",
    "M": "Device numbers",
    "N": "Web addresses",
    "O": "Internet (IP) addresses",
    "P": "Fingerprints, voiceprints and the like",
    "Q": "Full-face photos and similar images",
    "R": "Any other unique number, trait or code",
}
"""The eighteen identifiers of the Safe Harbor method, A to R, in short."""
Category = Annotated[str, StringConstraints(pattern=r"^[A-R]$")]

Profession = Literal[
    "psychologist",
    "counselor",
    "social-worker",
    "mft",
    "addiction-counselor",
    "prescriber",
    "trainee",
    "staff",
]
PROFESSIONS: tuple[Profession, ...] = get_args(Profession)
Bloom = Literal["understand", "apply", "analyze", "evaluate", "create"]
Certainty = Literal["sure", "fairly", "guess"]
Credit = Literal["best", "acceptable", "risky", "violation"]
CREDIT: dict[Credit, float] = {"best": 1.0, "acceptable": 0.6, "risky": 0.2, "violation": 0.0}
"""Share of the points that an option earns."""

Answer = object
"""A learner's answer to one question, as JSON has it: an id, a list or a map of ids, or text."""


class Frozen(BaseModel):
    """A value that never changes after it was read and that knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def unique(what: str, ids: list[str]) -> None:
    """Refuse ids that stand more than once; raises `ValueError` naming them."""
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        msg = f"{what} must be unique, got {', '.join(twice)} more than once"
        raise ValueError(msg)
