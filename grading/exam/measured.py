"""What decisions are measured against: a practice's policy in words, and under which one they fell.

Pure. An answer says under which version of the policy it was given; a certificate and the list of
the trained say which policy they were measured against, and whether the two are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from scenarios.answers import Event
from scenarios.model import Clause
from scenarios.policy import Policy, model_policy
from scenarios.terms import Frozen

MODEL = "model"
"""The version of the model policy."""


class Measured(Frozen):
    """Whose policy decisions were measured against, and in words how it differs from the model.

    Certificates of version 1 do not say how it differs.
    """

    practice: str
    version: str
    differs: tuple[str, ...] = ()


Under = Literal["own", "model", "another", "mixed", ""]
"""Under which policy answers were given: the practice's, the model, one of another version, several
of these, or none because there are no answers."""


def measured(policy: Policy) -> Measured:
    """Return what a certificate says of a policy."""
    return Measured(practice=policy.practice, version=policy.version, differs=differences(policy))


def differences(policy: Policy) -> tuple[str, ...]:
    """Return in words where a policy differs from the model: choices, clauses left out, wording."""
    return tuple(_differences(policy, model_policy()))


def named(policy: Policy | Measured) -> str:
    """Name a policy, and the version of one that is not the model."""
    return policy.practice + ("" if policy.version == MODEL else f" (policy {policy.version})")


def under(events: Iterable[Event], policy: Policy) -> Under:
    """Return under which policy the decisions of a record were committed."""
    versions = {e.policy for e in events if decided(e)}
    if not versions:
        return ""
    if len(versions) > 1:
        return "mixed"
    version = versions.pop()
    if version == MODEL:
        return "model"
    return "own" if version == policy.version else "another"


def decided(event: Event) -> bool:
    """Tell whether a line of the record commits an answer to a scenario."""
    return event.act == "commit" and "/" in event.scenario


def _differences(policy: Policy, model: Policy) -> Iterator[str]:
    for clause in model.clauses.values():
        if clause.setting and policy.settings[clause.setting.name] != clause.setting.default:
            label, value = clause.setting.label, policy.settings[clause.setting.name]
            yield f"{label}{'' if label.endswith('?') else ':'} {value.replace('-', ' ')}"
    # What falls away with a choice is told by the choice.
    left = [
        i for i, c in model.clauses.items() if i not in policy.clauses and c.fits(policy.settings)
    ]
    if left:
        yield f"left out: {', '.join(left)}"
    worded = [i for i, c in policy.clauses.items() if _reworded(c, policy, model.clauses[i])]
    if worded:
        yield f"in the practice's own words: {', '.join(worded)}"


def _reworded(clause: Clause, policy: Policy, model: Clause) -> bool:
    """Tell whether a clause has other words than the model has for what the practice chose."""
    chosen = policy.settings[model.setting.name] if model.setting else ""
    text = model.setting.texts.get(chosen, model.text) if model.setting else model.text
    if not model.fits(policy.settings):
        text = model.otherwise
    return (clause.title, clause.text) != (model.title, text)
