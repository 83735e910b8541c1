"""Author talk in policy data that learners read: shouting, and remarks authors leave each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scenarios import policy
from scenarios.faults import Fault
from scenarios.model import Clause

ACRONYMS: Final = frozenset(
    {
        "AAMFT",
        "ASPPB",
        "ASWB",
        "BCACC",
        "CAMFT",
        "COMAR",
        "CRPO",
        "CSWA",
        "CSWE",
        "HIPAA",
        "NAADAC",
        "NASW",
        "NBCC",
    }
)
_CAPITALS = re.compile(r"\b(?:[A-Z]{4,}|AND|NOT|NOR)\b")
_REMARK = re.compile(
    r"\b(?:seed|items?|courses?|do not (?:copy|cite)|cite the document|must not be cited"
    r"|mis-?attributed|re-?check|unverified)\b",
    re.IGNORECASE,
)


def faults() -> Iterator[Fault]:
    """Yield every text with author talk in it; the policy data must be readable."""
    for reference in policy.references().values():
        yield from _faults("references", reference.id, "says", reference.says)
    for clause in policy.model_policy().clauses.values():
        for key, text in _shown(clause):
            yield from _faults("clauses", clause.id, key, text)
    for topic in policy.topics().values():
        yield from _faults("topics", topic.id, "name", topic.name)


def author_talk(text: str) -> Iterator[str]:
    """Yield each word in capitals that is no known acronym, and each remark."""
    yield from (word for word in _CAPITALS.findall(text) if word not in ACRONYMS)
    yield from _REMARK.findall(text)


def _shown(clause: Clause) -> Iterator[tuple[str, str]]:
    for key in ("title", "text", "only_if", "otherwise"):
        yield key, getattr(clause, key)
    if clause.setting:
        yield "setting.label", clause.setting.label
        yield from ((f"setting.texts.{v}", text) for v, text in clause.setting.texts.items())


def _faults(name: str, entry: str, key: str, text: str) -> Iterator[Fault]:
    for found in author_talk(text):
        yield Fault(
            file=f"policy/{name}.toml",
            at=f"{entry}.{key}",
            found=repr(found),
            expected="plain words for learners; remarks for authors stand in `note`",
        )
