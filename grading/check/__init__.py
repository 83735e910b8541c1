"""Checks the whole course: bank, policy data, notebooks, item flaws. Finds everything at once."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.check import author_talk, canonical, lessons, pools
from grading.check.coverage import Report, reports
from grading.check.rules import Finding, lint
from scenarios import policy
from scenarios.catalogue import BANK, Entry, load, load_all, module_of, slugs
from scenarios.exam.blueprint import is_item
from scenarios.faults import ContentError, Fault
from scenarios.model import Topic
from scenarios.workspace import source


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was looked at and what was found.

    `entries` are the scenarios whose files can be read; `findings` has faults before warnings.
    `own_policy` is the practice's policy that was checked, if there is one.
    """

    entries: Mapping[str, Entry]
    clauses: int
    notebooks: tuple[str, ...]
    findings: tuple[Finding, ...]
    reports: tuple[Report, ...] = field(default=())
    own_policy: Path | None = None

    @property
    def faults(self) -> int:
        """Number of findings that fail the check."""
        return sum(f.severity == "fault" for f in self.findings)

    @property
    def summary(self) -> str:
        """Say in one sentence what was checked and with what result."""
        warnings = len(self.findings) - self.faults
        *first, last = (
            _counted(len(self.entries), "scenario"),
            _counted(self.clauses, "clause"),
            _counted(len(self.notebooks), "notebook"),
            *([self.own_policy.name] if self.own_policy else []),
        )
        looked = f"{', '.join(first)} and {last} checked"
        return f"{looked}: {_counted(self.faults, 'fault')}, {_counted(warnings, 'warning')}."


def check(course: Path | None = None, own_policy: Path | None = None) -> Checked:
    """Check the course.

    Args:
        course: a folder with `notebooks/`; by default the folder in which the command runs if it
            has them, else the notebooks that came with this installation.
        own_policy: a practice's policy file to check as well; by default the one in that folder.

    Raises:
        WorkspaceError: when there are no notebooks.
    """
    beside = (course or Path.cwd()) / policy.FILE
    own = own_policy or (beside if beside.is_file() else None)
    return examine(_notebooks(course), BANK, own_policy=own)


def examine(
    notebooks: Path,
    bank: Path,
    *,
    own_policy: Path | None = None,
    today: dt.date | None = None,
) -> Checked:
    """Check the notebooks of one folder and the scenario files of another."""
    faults = policy_faults()
    entries: dict[str, Entry] = {}
    unread: list[str] = []
    if not faults:  # a bank is only as good as the policy that it points to
        faults += _bank_faults(bank)
        entries = dict(_readable(bank))
        unread = [slug for slug in slugs(bank) if slug not in entries]
        faults += canonical.faults(notebooks, entries, unread)
        faults += _own_policy_faults(own_policy)
        faults += author_talk.faults()
    findings = [Finding(severity="fault", rule="form", fault=f) for f in faults]
    findings += [f for e in entries.values() for f in lint(e, today)]
    findings += [*_without_notebook(notebooks, entries), *lessons.findings(notebooks)]
    if bank == BANK:
        findings += pools.findings(entries, unread)
    found = reports(entries) if entries else []
    if unread:
        findings.append(_not_looked_at(unread))
    else:
        findings += [f for report in found for f in report.findings]
    return Checked(
        entries=entries,
        clauses=0 if faults and not entries else len(policy.model_policy().clauses),
        notebooks=tuple(sorted(p.parent.name for p in notebooks.glob("[0-9][0-9]_*/*.ipynb"))),
        own_policy=own_policy,
        findings=tuple(sorted(findings, key=lambda f: f.severity)),
        reports=tuple(found),
    )


def _notebooks(course: Path | None) -> Path:
    here = (course or Path.cwd()) / "notebooks"
    return here.resolve() if course or here.is_dir() else source()


def _bank_faults(bank: Path) -> list[Fault]:
    try:
        load_all(bank)
    except ContentError as error:
        return list(error.faults)
    return []


def _readable(bank: Path) -> Iterator[tuple[str, Entry]]:
    """Yield what can be read of a bank, so that one broken file does not hide other flaws."""
    for slug in slugs(bank):
        try:
            yield slug, load(slug, bank)
        except (ContentError, LookupError):
            continue


def _not_looked_at(unread: Collection[str]) -> Finding:
    """Say once what is not looked at as long as some files have faults."""
    found = f"{_counted(len(unread), 'scenario')} that cannot be read ({', '.join(unread)})"
    wish = "the fault mended; their cells, their pool and the bank as a whole are checked then"
    fault = Fault(file="bank", at="", found=found, expected=wish)
    return Finding(severity="warning", rule="unread", fault=fault)


def _without_notebook(notebooks: Path, entries: Mapping[str, Entry]) -> Iterator[Finding]:
    taught = {module_of(p.name) for p in notebooks.glob("[0-9][0-9]_*")}
    modules = Counter(e.module for e in entries.values() if not is_item(e.slug))
    for module, count in sorted(modules.items()):
        if module not in taught:
            wish = f"a notebook NN_{module} that asks them"
            fault = Fault(
                file=f"bank/{module}", at="", found=_counted(count, "scenario"), expected=wish
            )
            yield Finding(severity="warning", rule="module", fault=fault)


# --------------------------------------------------------------------------------------- the policy


def policy_faults() -> list[Fault]:
    """Return every fault of the policy data: unreadable files, ids twice, names of nothing."""
    faults: list[Fault] = []
    for read in (policy.references, policy.topics, policy.model_policy):
        try:
            read()
        except ContentError as error:
            faults += error.faults
    return faults or [
        *_twice(),
        *_unknown_references(),
        *_unknown_in_topics(),
        *_unknown_settings(),
    ]


def _twice() -> Iterator[Fault]:
    for name in ("clauses", "references", "topics"):
        items = tomllib.loads((policy.DATA / f"{name}.toml").read_text("utf-8"))[name]
        for item_id, times in Counter(i["id"] for i in items).items():
            if times > 1:
                yield _fault(name, item_id, f"{times} times", "an id of its own")


def _unknown_references() -> Iterator[Fault]:
    for clause in policy.model_policy().clauses.values():
        for reference in clause.references:
            if reference not in policy.references():
                yield _fault("clauses", clause.id, repr(reference), "a known reference")


def _unknown_settings() -> Iterator[Fault]:
    """Yield what a clause needs that the model, which has every clause, has not set."""
    clauses = policy.model_policy().clauses.values()
    known = {c.setting.name: c.setting for c in clauses if c.setting}
    for clause in clauses:
        for name, value in clause.needs.items():
            if name not in known or value != known[name].default:
                found = f"{name} = {value!r}"
                yield _fault("clauses", clause.id, found, "what the model policy has set")


def _unknown_in_topics() -> Iterator[Fault]:
    clauses, references = policy.model_policy().clauses, policy.references()
    principles = tomllib.loads((policy.DATA / "topics.toml").read_text("utf-8"))["principles"]
    for topic in policy.topics().values():
        yield from _unknown(topic, "clause", topic.clauses, clauses)
        yield from _unknown(topic, "reference", topic.references, references)
        yield from _unknown(topic, "principle", topic.principles, principles)


def _unknown(
    topic: Topic, kind: str, names: tuple[str, ...], known: Mapping[str, object]
) -> Iterator[Fault]:
    return (_fault("topics", topic.id, repr(n), f"a known {kind}") for n in names if n not in known)


def _own_policy_faults(path: Path | None) -> list[Fault]:
    if path is None:
        return []
    try:
        policy.load_policy(path)
    except ContentError as error:
        return list(error.faults)
    return []


def _fault(name: str, at: str, found: str, expected: str) -> Fault:
    return Fault(file=f"policy/{name}.toml", at=at, found=found, expected=expected)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
