"""In which order written answers are marked: question by question, without names, shuffled.

Pure. A marker who goes through one question's answers keeps one standard in mind; one who knows
neither names nor the order of the class favors nobody. The order is the same each time, so that
work can be left and taken up again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

NEAR = 85.0
"""Similarity (0 to 100) from which two answers are flagged as near-copies."""
TELLING = 60
"""Characters below which likeness says nothing: many will write NO REPLY."""
SHOWN = 5
"""Others that are named beside an answer; where a whole class copied, more say nothing new."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Place:
    """Where a written question stands in the gradebook, and what it is worth there."""

    assignment: str
    notebook: str
    cell: str
    slug: str
    maximum: float


@dataclass(frozen=True)
class Written:
    """One learner's written answer: texts by part id, under a bank version."""

    learner: str
    place: Place
    parts: Mapping[str, str]
    bank: str

    @property
    def text(self) -> str:
        """All parts, one below the other."""
        return "\n".join(self.parts.values())

    @property
    def digest(self) -> str:
        """What was marked, so that a mark can be told from that of a later answer."""
        said = "\x1f".join(f"{k}\x1e{v}" for k, v in sorted(self.parts.items()))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def alias(learner: str, slug: str, salt: str) -> str:
    """Return the name under which a marker sees a learner's answer: another one in each question.

    Only who has the salt can tell who is behind it.
    """
    said = hmac.new(
        salt.encode(), f"{slug}\x1f{learner}".encode("utf-8", "replace"), hashlib.sha256
    )
    text = base64.b32encode(said.digest()[:5]).decode()
    return f"{text[:4]}-{text[4:]}"


def shuffled(answers: Iterable[Written], salt: str) -> list[Written]:
    """Return answers in an order that has nothing to do with the class, the same each time."""
    return sorted(answers, key=lambda a: (alias(a.learner, a.place.slug, salt), a.learner))


def second_share(answers: Iterable[Written], salt: str, share: float) -> list[Written]:
    """Return the answers that a second marker marks as well: about this share, always the same."""
    return [
        a
        for a in shuffled(answers, salt)
        if _part(f"second\x1f{salt}\x1f{a.place.slug}\x1f{a.learner}") < share
    ]


def _part(text: str) -> float:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def normalized(text: str) -> str:
    """Return the words of a text in small letters: what is left when only the dress was changed."""
    return " ".join(_WORD.findall(text.casefold()))


@dataclass(frozen=True)
class Likeness:
    """How like another learner's answer one is, from 0 to 100."""

    learner: str
    other: str
    score: float


class NearCopies:
    """The other learners' answers to the same question that are like one of them.

    Likeness is the share of letters in common order (Indel similarity) of the words in small
    letters. It flags what a person should look at, and proves nothing. Short answers are left out.
    One answer is compared with the others when it is asked for: for a whole class at once a marker
    would wait.
    """

    def __init__(self, answers: Iterable[Written], near: float = NEAR) -> None:
        """Remember what was written, and by whom."""
        self._near = near
        self._text: dict[str, str] = {}
        self._learners: dict[str, list[str]] = {}
        for answer in answers:
            text = normalized(answer.text)
            if len(text) >= TELLING:
                self._text[answer.learner] = text
                self._learners.setdefault(text, []).append(answer.learner)

    def of(self, learner: str) -> tuple[Likeness, ...]:
        """Return the answers most like a learner's, the likest first."""
        text = self._text.get(learner)
        if text is None:
            return ()
        found = [
            Likeness(learner, other, score)
            for match, score, _ in process.extract(
                text, self._learners.keys(), scorer=fuzz.ratio, score_cutoff=self._near, limit=None
            )
            for other in self._learners[match]
            if other != learner
        ]
        return tuple(sorted(found, key=lambda like: (-like.score, like.other))[:SHOWN])
