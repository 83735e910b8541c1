"""The policy: the model policy of 33 clauses, and a practice's own policy laid over it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from scenarios.faults import ContentError, Fault, read_toml, read_what_holds
from scenarios.model import Clause, Reference, Topic
from scenarios.questions import Option, Question, Rationale
from scenarios.terms import ClauseId, Credit, Frozen, Profession, ReferenceId, Text, TopicId

DATA = Path(__file__).parent / "policy"
FILE = "policy.toml"
VARIABLE = "COURSE_POLICY"
"""Environment variable that names a practice's policy file; graders set it."""


class _Clauses(Frozen):
    clauses: tuple[Clause, ...]


class _References(Frozen):
    references: tuple[Reference, ...]


class _Topics(Frozen):
    principles: dict[str, Text]
    topics: tuple[Topic, ...]


class Wording(Frozen):
    """A practice's own words for one clause."""

    title: str = ""
    text: str = ""


class PracticePolicy(Frozen):
    """A practice's policy file: its name, its choices, its wording, the clauses it leaves out."""

    practice: Text
    settings: dict[str, str] = Field(default_factory=dict)
    clauses: dict[ClauseId, Wording] = Field(default_factory=dict)
    omit: tuple[ClauseId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy in force: its clauses in order, what the practice chose, and whose it is."""

    practice: str
    clauses: Mapping[ClauseId, Clause]
    settings: Mapping[str, str]
    version: str = "model"


@lru_cache(maxsize=1)
def references() -> Mapping[ReferenceId, Reference]:
    """Return all references by id."""
    items = read_toml(DATA / "references.toml", _References, "policy/references.toml").references
    return MappingProxyType({r.id: r for r in items})


@lru_cache(maxsize=1)
def topics() -> Mapping[TopicId, Topic]:
    """Return the 47 topics by id."""
    items = read_toml(DATA / "topics.toml", _Topics, "policy/topics.toml").topics
    return MappingProxyType({t.id: t for t in items})


@lru_cache(maxsize=1)
def model_policy() -> Policy:
    """Return the model policy, with every setting at its default."""
    items = read_toml(DATA / "clauses.toml", _Clauses, "policy/clauses.toml").clauses
    return Policy(
        practice="Model policy",
        clauses=MappingProxyType({c.id: c for c in items}),
        settings=MappingProxyType({c.setting.name: c.setting.default for c in items if c.setting}),
    )


def load_policy(path: Path | None = None) -> Policy:
    """Return the policy of a practice's file laid over the model policy.

    Without a path: the file that `COURSE_POLICY` names, else `policy.toml` in the course folder
    (the parent of the notebook's folder), else the model policy. Raises `ContentError`.
    """
    if path is None:
        named = os.environ.get(VARIABLE)
        beside = Path.cwd().parent / FILE
        path = Path(named) if named else beside if beside.is_file() else None
    if path is None:
        return model_policy()
    own, faults = read_what_holds(path, PracticePolicy, path.name, {"practice": "-"})
    try:
        laid = lay_over(model_policy(), own, path.name) if own else None
    except ContentError as error:
        raise ContentError([*faults, *error.faults]) from None
    if own is None or laid is None or faults:
        raise ContentError(faults)
    digest = hashlib.sha256(own.model_dump_json().encode()).hexdigest()
    return replace(laid, version=digest[:12])


def lay_over(base: Policy, own: PracticePolicy, name: str = FILE) -> Policy:
    """Lay a practice's choices over a policy; raises `ContentError` with every fault."""
    faults = [*_setting_faults(base, own, name), *_clause_faults(base, own, name)]
    if faults:
        raise ContentError(faults)
    settings = {**base.settings, **own.settings}
    clauses = {
        i: _worded(c, own, settings)
        for i, c in base.clauses.items()
        if i not in own.omit and (c.otherwise or c.fits(settings))
    }
    return Policy(
        practice=own.practice,
        clauses=MappingProxyType(clauses),
        settings=MappingProxyType(settings),
    )


def _worded(clause: Clause, own: PracticePolicy, settings: Mapping[str, str]) -> Clause:
    """Return a clause in the practice's own words, else in those of the values it chose."""
    chosen = own.settings.get(clause.setting.name, "") if clause.setting else ""
    text = clause.setting.texts.get(chosen, clause.text) if clause.setting else clause.text
    text = text if clause.fits(settings) else clause.otherwise
    words = own.clauses.get(clause.id, Wording())
    update = {"title": words.title or clause.title, "text": words.text or text}
    return clause.model_copy(update=update)


def _setting_faults(base: Policy, own: PracticePolicy, name: str) -> list[Fault]:
    known = {c.setting.name: c.setting for c in base.clauses.values() if c.setting}
    faults = []
    for key, value in own.settings.items():
        values = known[key].values if key in known else ()
        if value not in values:
            wish = f"one of {', '.join(values)}" if values else f"one of {', '.join(sorted(known))}"
            found = repr(value) if values else "an unknown setting"
            faults.append(Fault(file=name, at=f"settings.{key}", found=found, expected=wish))
    return faults


def _clause_faults(base: Policy, own: PracticePolicy, name: str) -> list[Fault]:
    named = [("clauses", c) for c in own.clauses] + [("omit", c) for c in own.omit]
    faults = [
        Fault(file=name, at=at, found=repr(c), expected="a clause of the model policy")
        for at, c in named
        if c not in base.clauses
    ]
    faults += [
        Fault(
            file=name,
            at="omit",
            found=f"{c} ({base.clauses[c].title})",
            expected="a clause that a practice may leave out; this one may only be reworded",
        )
        for c in own.omit
        if c in base.clauses and not base.clauses[c].droppable
    ]
    return faults


def credit(option: Option, policy: Policy, profession: Profession | None) -> tuple[Credit, str]:
    """Return what an option is worth under this policy and for this profession, and why.

    The first condition that holds decides; without one the option's own credit stands.
    """
    for when in option.when:
        fits_policy = all(policy.settings.get(k) == v for k, v in when.policy.items())
        if fits_policy and (not when.professions or profession in when.professions):
            return when.credit, when.why
    return option.credit, option.why


def in_force(question: Question, policy: Policy) -> bool:
    """Tell whether a question is asked under a policy.

    A rationale none of whose right clauses the practice kept is not asked.
    """
    return not isinstance(question, Rationale) or any(
        r.clause in policy.clauses for r in question.right
    )


def weighed(question: Rationale, answer: Iterable[str], policy: Policy) -> frozenset[ClauseId]:
    """Return the clauses by which an answer to a rationale is marked: those the practice kept.

    An answer that names another one, or to a question that is not asked any more, was given before
    the practice left something out. It is marked as it was asked, so that no points are lost.
    """
    every = frozenset(r.clause for r in (*question.right, *question.tempting))
    kept = every & policy.clauses.keys()
    return kept if in_force(question, policy) and kept >= every & frozenset(answer) else every
