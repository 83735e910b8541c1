"""The list of the trained as a table: all of it for a spreadsheet, what matters for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from grading.exam.completion import Completion
from grading.exam.measured import named
from grading.exam.result import percent
from grading.exam.roster import Trained
from grading.spreadsheet import to_csv

if TYPE_CHECKING:
    from rich.table import Table

HEAD = (
    "learner",
    "modules answered",
    "situations answered",
    "to make good",
    "post-test",
    "score",
    "sittings",
    "evaluation",
    "completed",
    "completed on",
    "measured against",
    "answered under",
    "certificate",
)
ENCODING = "utf-8-sig"
"""Excel takes a file for UTF-8 only by this mark at its beginning."""


def row(trained: Trained) -> tuple[str, ...]:
    """Return one line of the list, in the order of `HEAD`."""
    done, result = trained.done, trained.done.result
    return (
        trained.learner,
        f"{_answered(done)} of {len(done.modules)}",
        f"{sum(m.answered for m in done.modules)} of {sum(m.asked for m in done.modules)}",
        str(len(done.never)),
        "not taken" if result is None else "passed" if result.passed else "not passed",
        "" if result is None else percent(result.score),
        str(done.sittings),
        "yes" if done.evaluated else "no",
        "yes" if done.whole else "no",
        trained.day,
        named(trained.policy),
        trained.under,
        trained.code,
    )


def as_csv(listed: Iterable[Trained]) -> str:
    """Return the list as CSV; no cell is a formula to a spreadsheet."""
    return to_csv([HEAD, *map(row, listed)])


def on_screen(listed: Iterable[Trained]) -> Table:
    """Return the list for a terminal; names are never cut off."""
    from rich.cells import cell_len  # noqa: PLC0415 - for the screen only
    from rich.table import Table  # noqa: PLC0415 - for the screen only

    shown = Table("learner", "completed on", "policy", "post-test", "still to do", box=None)
    for column in shown.columns[:-1]:
        column.no_wrap, column.overflow = True, "fold"
    for trained in listed:
        result = trained.done.result
        score = percent(result.score) if result else ""
        todo = ", ".join(still_to_do(trained.done))
        shown.add_row(trained.learner, trained.day, trained.under, score, todo)
    for column in shown.columns[:-1]:
        column.min_width = max(map(cell_len, [str(column.header), *map(str, column.cells)]))
    return shown


def still_to_do(done: Completion) -> Iterator[str]:
    """Yield what is left before the course is completed, each in a word or two."""
    left = len(done.modules) - _answered(done)
    if left:
        yield f"{left} module{'s' * (left > 1)}"
    if done.never:
        yield f"{len(done.never)} to make good"
    if not (done.result and done.result.passed):
        yield "post-test"
    if not done.evaluated:
        yield "evaluation"


def _answered(done: Completion) -> int:
    return sum(m.answered == m.asked for m in done.modules)
