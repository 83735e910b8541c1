"""What a gradebook holds, as data: assignments and their cells, marks, and where people stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from grading.notebooks import KnownCell

Penalty = Callable[[str, float, float], float | None]
"""nbgrader's late plugin: (student, points, seconds late) -> points to take off."""


@dataclass(frozen=True)
class GradedCell:
    """A cell with points: marked by rule, or a task that a person marks."""

    id: str
    name: str
    maximum: float
    task: bool


@dataclass(frozen=True)
class Notebook:
    """A notebook of an assignment: its graded cells, those with room for comments, all known."""

    id: str
    name: str
    graded: tuple[GradedCell, ...]
    commented: tuple[str, ...]
    cells: tuple[KnownCell, ...]


@dataclass(frozen=True)
class Assignment:
    """An assignment as the gradebook knows it; `due` is in UTC without a zone."""

    id: str
    name: str
    due: datetime | None
    notebooks: tuple[Notebook, ...]


@dataclass(frozen=True)
class Marked:
    """One submission's points by graded cell id; cells that are missing stay as they are.

    `waits` says by task cell id whether there is something for a person to mark; an answer that
    nobody wrote has 0 points at once.
    """

    student: str
    timestamp: datetime | None
    points: Mapping[str, float]
    waits: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """What a graded cell has in the gradebook: its points, and a person's words."""

    points: float
    maximum: float
    waits: bool
    comment: str = ""


@dataclass(frozen=True)
class Standing:
    """Where one submission stands: what its cells have by cell id, and what lateness takes off."""

    cells: Mapping[str, Given]
    penalty: float = 0.0


class Row(NamedTuple):
    """One graded cell of one submission."""

    student: str
    assignment: str
    notebook: str
    cell: str
    task: bool
    maximum: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_person: bool
    comment: str | None
    penalty: float | None
    timestamp: datetime | None
    cell_id: str

    @property
    def points(self) -> float:
        """What counts: a person's points before the rule's, and extra credit."""
        return score(self.auto, self.manual, self.extra)


def score(auto: float | None, manual: float | None, extra: float | None) -> float:
    """Return what counts: a person's points before the rule's, and extra credit."""
    base = manual if manual is not None else auto
    return 0.0 if base is None else base + (extra or 0.0)
