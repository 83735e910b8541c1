"""Exports for spreadsheets and learning platforms: answers by question, Canvas and Moodle grades.

What learners typed may begin with a sign that a spreadsheet takes for a formula; `cell` makes a
text of it. Pure functions; `grading.export` lets nbgrader's own command call them.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from grading.frame import Frames

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""Beginnings of a cell from which a spreadsheet may compute or call; the last are full-width."""
QUESTIONS = (
    "learner",
    "profession",
    "module",
    "scenario",
    "scene",
    "question",
    "kind",
    "answer",
    "credit",
    "earned",
    "mastery",
    "certainty",
    "attempts",
    "first_time",
    "seconds",
    "bank",
    "scenario_points",
    "scenario_maximum",
)


@dataclass(frozen=True, kw_only=True)
class Grades:
    """A learner's points by assignment, and how many answers still wait for a person.

    Points are missing where nothing was handed in; what waits has no points yet.
    """

    learner: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    points: Mapping[str, float | None]
    waits: Mapping[str, int] = field(default_factory=dict)


def cell(value: object) -> str:
    """Write a value as a cell that no spreadsheet takes for a formula.

    Numbers stay numbers; a text with a dangerous beginning gets an apostrophe in front of it.
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return f"{value:.12g}" if isinstance(value, float) else str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def to_csv(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV (RFC 4180), every cell safe."""
    with io.StringIO(newline="") as out:
        csv.writer(out).writerows([cell(value) for value in row] for row in rows)
        return out.getvalue()


def question_csv(frames: Frames) -> str:
    """Return one row per learner, scenario and question, as in `Frames.questions`."""
    table = frames.questions[list(QUESTIONS)]
    columns = [table[name].astype(object).where(table[name].notna(), None) for name in table]
    return to_csv([QUESTIONS, *zip(*columns, strict=True)])


def canvas_csv(grades: Iterable[Grades], maxima: Mapping[str, float]) -> str:
    """Return a gradebook for Canvas' import; `maxima` gives the points of each assignment.

    Canvas finds people by its own id or by the login, which is the learner's id here.
    """
    names = list(maxima)
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names]
    possible = ["    Points Possible", "", "", "", "", *maxima.values()]
    return to_csv([head, possible, *_canvas_rows(grades, names)])


def _canvas_rows(grades: Iterable[Grades], names: Sequence[str]) -> Iterator[list[object]]:
    for one in grades:
        full = ", ".join(n for n in (one.last_name, one.first_name) if n) or one.learner
        yield [full, one.lms_id, "", one.learner, "", *(one.points.get(n) for n in names)]


def moodle_csv(grades: Iterable[Grades], maxima: Mapping[str, float]) -> str:
    """Return a gradebook for Moodle's import, which maps people by username or email address.

    Grades are percents of each assignment's points: the file has no place for a maximum, and that
    of a new grade item is 100.
    """
    head = ["Username", "First name", "Last name", "Email address", *maxima]
    rows = (
        [
            *(g.learner, g.first_name, g.last_name, g.email),
            *(_percent(g.points.get(name), most) for name, most in maxima.items()),
        ]
        for g in grades
    )
    return to_csv([head, *rows])


def _percent(points: float | None, maximum: float) -> float | None:
    return None if points is None else round(100 * points / maximum, 2)


def grade_csv(grades: Iterable[Grades], maxima: Mapping[str, float], tested: Container[str]) -> str:
    """Return one row per learner: points by module, their sum, the scored tests, what waits.

    `tested` names the assignments that are tests and not of the sum.
    """
    practice = [n for n in maxima if n not in tested]
    others = [n for n in maxima if n in tested]
    head = [
        "learner",
        *(f"{n} (of {maxima[n]:g})" for n in practice),
        f"practice (of {sum(maxima[n] for n in practice):g})",
        *(f"{n} (of {maxima[n]:g})" for n in others),
        "answers that wait for a person",
    ]
    rows = (
        [
            g.learner,
            *(g.points.get(n) for n in practice),
            float(sum(g.points.get(n) or 0.0 for n in practice)),
            *(g.points.get(n) for n in others),
            sum(g.waits.values()),
        ]
        for g in grades
    )
    return to_csv([head, *rows])
