"""Sittings as tidy tables, beside those of practice: who took which test, and how each item went.

The first finished sitting says how hard the items are and what was gained; the one that counts says
who passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from grading.course import Course
from grading.exam.result import Result, best, results
from grading.frame.columns import table
from grading.notebooks import call, read_notebook, source_of
from scenarios.answers import FILE, read
from scenarios.exam.blueprint import Test, is_test, tests

_SITTINGS = {
    "learner": "str",
    "test": "str",
    "sitting": "int64",
    "score": "float64",
    "raw": "float64",
    "chance": "float64",
    "passed": "bool",
    "never_events": "int64",
    "unanswered": "int64",
    "counts": "bool",
}
_ITEMS = {
    "learner": "str",
    "test": "str",
    "scenario": "str",
    "title": "str",
    "slot": "str",
    "share": "float64",
    "chance": "float64",
    "void": "bool",
}


@dataclass(frozen=True)
class Sat:
    """The sittings of a course.

    `sittings`: one row per learner, test and finished sitting; `score`, `raw` and `chance` are
    shares from 0 to 1, `counts` marks the sitting that counts. `items`: one row per learner, test
    and scenario of the first finished sitting.
    """

    sittings: pd.DataFrame
    items: pd.DataFrame

    def twins(self) -> tuple[pd.Series[float], pd.Series[float]]:
        """Return each learner's mean share before and after, over the topics of the unscored test.

        Before is the unscored test, after the first sitting of the scored one.
        """
        before = next(t for t in tests().values() if not t.scored)
        after = next(t for t in tests().values() if t.scored)
        own = self.items[self.items["slot"].isin(list(before.slots)) & ~self.items["void"]]
        shares = [
            own[own["test"] == t.name].groupby("learner")["share"].mean() for t in (before, after)
        ]
        return shares[0], shares[1]

    def first(self, test: Test) -> pd.DataFrame:
        """Return the first sittings of a test, by learner."""
        own = self.sittings[self.sittings["test"] == test.name]
        return own.sort_values("sitting").drop_duplicates("learner").set_index("learner")


def sat_in(course: Course) -> dict[str, tuple[Test, ...]]:
    """Return the tests that each assignment of a course holds."""
    return {a: tuple(_tests_of(course, a)) for a in course.assignments()}


def _tests_of(course: Course, assignment: str) -> Iterator[Test]:
    for name in course.notebooks(assignment):
        notebook = read_notebook(course.source / assignment / f"{name}.ipynb")
        for cell in notebook["cells"] if notebook else ():
            found = call(source_of(cell))
            if found and found[0] == "ask" and is_test(found[1]):
                yield tests()[found[1]]


def of_course(course: Course) -> Sat:
    """Read the sittings handed in to a course; raises `ContentError` for a faulty policy."""
    policy = course.policy()
    return frames(
        (
            (learner, test, results(read(folder / FILE).events, test, policy))
            for assignment, held in sat_in(course).items()
            for learner, folder in (course.submissions(assignment) if held else ())
            for test in held
        )
    )


def frames(taken: Iterable[tuple[str, Test, tuple[Result, ...]]]) -> Sat:
    """Lay out results as tables; pure."""
    sittings: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for learner, test, found in taken:
        counted = best(found)
        sittings += [_row(learner, r, counts=r is counted) for r in found]
        items += [row for r in found[:1] for row in _items(learner, test, r)]
    return Sat(table(sittings, _SITTINGS), table(items, _ITEMS))


def _row(learner: str, result: Result, *, counts: bool) -> dict[str, Any]:
    return {
        "learner": learner,
        "test": result.test.name,
        "sitting": result.sitting.number,
        "score": result.score,
        "raw": result.raw,
        "chance": result.chance,
        "passed": result.passed,
        "never_events": len(result.never_events),
        "unanswered": result.unanswered,
        "counts": counts,
    }


def _items(learner: str, test: Test, result: Result) -> Iterator[dict[str, Any]]:
    for item in result.items:
        yield {
            "learner": learner,
            "test": test.name,
            "scenario": item.entry.slug,
            "title": item.entry.scenario.title,
            "slot": item.slot,
            "share": item.share,
            "chance": item.chance,
            "void": item.entry.scenario.void,
        }
