"""Section numbers of codes and laws in our texts, against the references that were verified."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from scenarios.model import Reference
from scenarios.policy import references

NUMBER: Final = re.compile(
    r"(?<![\w.$#:/-])"
    r"(?:[A-K]\.\d{1,2}(?:\.[a-z])?|\d{3}\.\d{3}|\d{1,2}\.\d{2}|\d{1,2}\.\d)"
    r"(?:\([a-z0-9]+\))*"
    r"(?![\w%]|\.\d|\s?(?:stars?|percent|million|hours?|miles?|minutes?|points?|a\.m|p\.m|am\b|pm\b))"
)
"""A section number of a code: A.5.e, 1.06(h), 164.514(b). A price, a share or an hour is none."""
CODE: Final = re.compile(
    r"\b(APA|ACA|NASW|AAMFT|CAMFT|NBCC|NAADAC|HIPAA|CFR|TAC|NCAC|COMAR|[Cc]odes?|[Ss]tandards?|"
    r"[Ss]ections?|[Rr]ules?|[Pp]rinciples?|by|test of)\b|§"
)
GUIDELINE: Final = re.compile(r"\b[Gg]uidelines?\s+(?:no\.?\s*|number\s*)?\d")
NEAR: Final = 60
"""Characters on either side in which a code's name makes a number a citation."""
_RANGE = re.compile(r"\b(\d{1,3})\.(\d{2,3})-(?:\1\.)?(\d{2,3})\b")
_SUFFIX = re.compile(r"(?<=[ (])\.(\d{3})\b")


def unverified_numbers(text: str) -> Iterator[tuple[str, str]]:
    """Yield each section number in a text that no reference has as verified, and what it lacks.

    The APA's social-media guidelines of 2021 are cited as a document, never by a number.
    """
    for found in NUMBER.finditer(text):
        around = text[max(0, found.start() - NEAR) : found.end() + NEAR]
        if found[0][0].isalpha() or CODE.search(around):
            section, above = _sections(found[0])
            verified = _verified().get(section, _verified().get(above))
            if not verified:
                how = "no reference has" if verified is None else "is verified in part only"
                yield found[0], how
    yield from ((found[0], "is cited as a document") for found in GUIDELINE.finditer(text))


def _sections(number: str) -> tuple[str, str]:
    """Return a section number without its paragraphs, and the section above it."""
    plain = number.partition("(")[0]
    return plain, plain.rpartition(".")[0] if plain.count(".") > 1 else plain


@lru_cache(maxsize=1)
def _verified() -> Mapping[str, bool]:
    """Return the section numbers of all references, and whether one has the number as verified."""
    known: dict[str, bool] = {}
    for reference in references().values():
        sure = _numbers(_sure(reference))
        for section in {*sure, *_numbers(_said(reference))}:
            verified = reference.status == "verified" or section in sure
            known[section] = known.get(section, False) or verified
    return known


def _said(reference: Reference) -> str:
    return f"{reference.cite}; {reference.says}; {reference.id.partition('-')[2]}"


def _sure(reference: Reference) -> str:
    """Return the parts of the note on what was checked that say it was verified."""
    parts = re.split(r";", reference.checked)
    return ";".join(p for p in parts if p.strip().startswith("verified"))


def _numbers(text: str) -> set[str]:
    """Return the section numbers in a reference, with those in ranges and the sections above."""
    found = {s for n in NUMBER.findall(text) for s in _sections(n)}
    for law, first, last in _RANGE.findall(text):
        width = len(first)
        found |= {f"{law}.{n:0{width}}" for n in range(int(first), int(last) + 1)}
    law = next((n.partition(".")[0] for n in sorted(found) if n[0].isdigit()), "")
    return found | {f"{law}.{n}" for n in _SUFFIX.findall(text) if law}
