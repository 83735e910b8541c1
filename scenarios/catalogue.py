"""The bank: TOML files to typed scenarios, with every fault of every file reported at once."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from scenarios.faults import ContentError, Fault, read_toml
from scenarios.model import Scenario
from scenarios.policy import model_policy, references, topics
from scenarios.questions import Choice, Rationale

if TYPE_CHECKING:
    from scenarios.model import Scene

BANK = Path(__file__).parent / "bank"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")


class UnknownScenarioError(LookupError):
    """No scenario has this slug."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A scenario with its identity (`module/name`, its path in the bank) and its version."""

    slug: str
    version: str
    scenario: Scenario

    @property
    def module(self) -> str:
        """The bank folder, which is the module's name without its number."""
        return self.slug.partition("/")[0]

    @property
    def name(self) -> str:
        """The last part of the slug, which is the nbgrader grade_id."""
        return self.slug.partition("/")[2]


def module_of(folder: str) -> str:
    """Return the module that a notebook's folder asks: `04_boundaries` asks `boundaries`."""
    return re.sub(r"^\d+_", "", folder)


def slugs(root: Path = BANK) -> tuple[str, ...]:
    """Return the slugs of all scenario files, sorted."""
    return tuple(sorted(p.relative_to(root).with_suffix("").as_posix() for p in _files(root)))


@lru_cache(maxsize=512)
def load(slug: str, root: Path = BANK) -> Entry:
    """Read one scenario by its slug.

    Raises `UnknownScenarioError` if there is none and `ContentError` if its file has faults.
    """
    path = root / f"{slug}.toml"
    if not _SLUG.fullmatch(slug) or not path.is_file():
        msg = f"No scenario is called {slug!r}.{_near(slug, root)}"
        raise UnknownScenarioError(msg)
    scenario = read_toml(path, Scenario, f"bank/{slug}.toml")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Entry(slug=slug, version=digest[:12], scenario=scenario)


def load_all(root: Path = BANK) -> Mapping[str, Entry]:
    """Read the whole bank; raises `ContentError` with every fault of every file."""
    return load_these(slugs(root), root)


def load_these(names: Iterable[str], root: Path = BANK) -> Mapping[str, Entry]:
    """Read scenarios by their slugs; raises `ContentError` with every fault, missing ones too."""
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    for slug in names:
        try:
            entries[slug] = load(slug, root)
        except ContentError as error:
            faults += error.faults
        except UnknownScenarioError:
            faults.append(_unknown_file(slug, root))
    for entry in entries.values():
        faults += _unknown_names(entry)
    if faults:
        raise ContentError(faults)
    return MappingProxyType(entries)


def _files(root: Path) -> Iterator[Path]:
    return root.glob("*/*.toml")


def _unknown_file(slug: str, root: Path) -> Fault:
    """Say of a slug that is no scenario's whether its file is missing or has an odd name."""
    there = (root / f"{slug}.toml").is_file()
    found = "its name" if there else "no such file"
    odd = "a folder and a file name of small letters, digits and single hyphens"
    wish = odd if there else f"the scenario that a notebook asks.{_near(slug, root)}"
    return Fault(file=f"bank/{slug}.toml", at="", found=found, expected=wish)


def _near(slug: str, root: Path) -> str:
    near = difflib.get_close_matches(slug, slugs(root), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _unknown_names(entry: Entry) -> list[Fault]:
    """Return a fault for every clause, topic, reference or setting that does not exist."""
    scenario = entry.scenario
    policy = model_policy()
    named = [("topics", t, t in topics(), "topic") for t in scenario.topics]
    named += [("references", r, r in references(), "reference") for r in scenario.references]
    for scene in scenario.scenes:
        named += _names_in(scene, policy.settings)
    return [
        Fault(file=f"bank/{entry.slug}.toml", at=at, found=repr(name), expected=f"a known {kind}")
        for at, name, known, kind in named
        if not known
    ]


def _names_in(scene: Scene, settings: Mapping[str, str]) -> list[tuple[str, str, bool, str]]:
    policy = model_policy()
    named: list[tuple[str, str, bool, str]] = []
    for question in scene.questions:
        at = f"scenes[{scene.id}].questions[{question.id}]"
        if isinstance(question, Rationale):
            clauses = [r.clause for r in (*question.right, *question.tempting)]
            named += [(at, c, c in policy.clauses, "clause") for c in clauses]
        elif isinstance(question, Choice):
            keys = [(o.id, key) for o in question.options for w in o.when for key in w.policy]
            named += [(f"{at}.{i}", k, k in settings, "policy setting") for i, k in keys]
    return named
