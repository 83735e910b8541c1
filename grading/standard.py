"""Standard setting: what a panel expects of a learner who only just deserves to pass.

Each judge says for each item which share of its points such a learner would earn (Angoff 1971;
for graded credit the expected share, Hambleton & Plake 1995, Appl. Meas. Educ. 8). The mean over
judges and items, weighted by the items' points, is the cut. A cut is recorded with its error, its
date and the hash of the panel's file, so that years later it is known what it stood on. It holds
for what was judged and nothing else: the practice of the modules, or one test.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from grading.course import CourseError, open_course
from grading.exam.chance import chance
from grading.statistics import CONFIDENCE, f_quantile
from scenarios.catalogue import UnknownScenarioError, load
from scenarios.exam.blueprint import is_item, tests
from scenarios.files import plain_bytes, write
from scenarios.policy import model_policy

FILE = "standard.json"
"""The record for practice; that of a test has the test's name in its own: `standard-NAME.json`."""
FORMAT = 1
FIRST = "judge"
"""Head of the panel's first column."""
LARGEST = 1_000_000
"""Bytes of a panel's file, or of a recorded standard, that are read."""
FEWEST = 2
"""Judges without whom there is no error to tell, and items."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Who judged what: `expected` is judges x items, shares from 0 to 1."""

    judges: tuple[str, ...]
    items: tuple[str, ...]
    expected: Floats
    digest: str


@dataclass(frozen=True)
class Standard:
    """A cut as a share of all points, and how sure it is.

    `error` is the standard error if other judges had sat there, with `low` and `high` (Student);
    `error_items` if the items had been others as well. The variance components of the crossed
    design judges x items are those of the points-weighted judgments: `of_judges`, `of_items`,
    `of_rest`. `mean` and `spread` (the judges' standard deviation) go by item, `leaning` (a
    judge's mean less the cut) by judge. Where all items are of one test, `form` names it with its
    blueprint's version, and `beyond` is the cut as a share of what can be known beyond guessing,
    which is how the test is scored.
    """

    cut: float
    error: float
    low: float
    high: float
    error_items: float
    of_judges: float
    of_items: float
    of_rest: float
    mean: dict[str, float]
    spread: dict[str, float]
    leaning: dict[str, float]
    versions: dict[str, str]
    digest: str
    on: str
    form: str = ""
    beyond: float | None = None

    @property
    def test(self) -> str:
        """Name of the test that this is the cut of; none if it is that of practice."""
        return self.form.partition(" ")[0]


def read_panel(path: Path) -> Panel:
    """Read a panel's CSV: a row for each judge, a column for each item, shares in the cells.

    The first column is headed `judge`, the others by the scenarios' slugs. Raises `CourseError`
    with the place of the first fault.
    """
    try:
        data = plain_bytes(path, LARGEST)
        table = [
            r for r in csv.reader(io.StringIO(data.decode("utf-8-sig"))) if any(map(str.strip, r))
        ]
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}; name the panel's CSV file.") from None
    except (OSError, ValueError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV: {error}.") from error
    if not table or table[0][0].strip().casefold() != FIRST:
        got = repr(table[0][0]) if table else "an empty file"
        raise CourseError(
            f"{path}, line 1: got {got}, expected {FIRST!r} and then the items' names."
        )
    items = tuple(name.strip() for name in table[0][1:])
    judges = tuple(row[0].strip() for row in table[1:])
    for what, names in (("judges", judges), ("items", items)):
        if len(names) < FEWEST or len(set(names)) < len(names) or not all(names):
            raise CourseError(
                f"{path}: got {len(names)} {what}, of which {len(set(names))} differ; expected at"
                f" least {FEWEST}, each with a name of its own."
            )
    expected = np.array([_shares(path, row, items) for row in table[1:]])
    return Panel(judges, items, expected, hashlib.sha256(data).hexdigest())


def _shares(path: Path, row: list[str], items: tuple[str, ...]) -> list[float]:
    where = f"{path}, judge {row[0].strip()}"
    if len(row) != len(items) + 1:
        raise CourseError(
            f"{where}: got {len(row) - 1} values, expected {len(items)}, one for each item."
        )
    shares = []
    for item, text in zip(items, row[1:], strict=True):
        try:
            share = float(text)
        except ValueError:
            share = math.nan
        if not 0 <= share <= 1:
            raise CourseError(
                f"{where}, {item}: got {text!r}, expected a share from 0 to 1; ask the judge."
            )
        shares.append(share)
    return shares


def angoff(
    panel: Panel,
    points: dict[str, float] | None = None,
    versions: dict[str, str] | None = None,
    on: str = "",
) -> Standard:
    """Return a panel's cut; `points` weigh the items, all alike without them.

    With y the judgments times the number of items and their weight, the two-facet analysis of
    variance (Brennan 2001, Generalizability Theory) gives MS of judges, items and the rest. The
    error over judges, the items being those of the form, is root(MS judges/(judges x items)) =
    the judges' standard deviation / root(judges); over other items as well it is
    root(s² judges/n judges + s² items/n items + s² rest/(both)).
    """
    judges, items = panel.expected.shape
    given = np.array([(points or {}).get(i, 1.0) for i in panel.items])
    y = panel.expected * (given / given.sum()) * items
    by_judge, by_item, cut = y.mean(axis=1), y.mean(axis=0), float(y.mean())
    rest = y - by_judge[:, None] - by_item[None, :] + cut
    ms_judges = items * float(by_judge.var(ddof=1))
    ms_items = judges * float(by_item.var(ddof=1))
    ms_rest = float((rest**2).sum()) / ((judges - 1) * (items - 1))
    of_judges = max(0.0, (ms_judges - ms_rest) / items)
    of_items = max(0.0, (ms_items - ms_rest) / judges)
    error = math.sqrt(ms_judges / (judges * items))
    half = math.sqrt(f_quantile(CONFIDENCE, 1, judges - 1)) * error
    spread = panel.expected.std(axis=0, ddof=1)
    return Standard(
        cut=cut,
        error=error,
        low=max(0.0, cut - half),
        high=min(1.0, cut + half),
        error_items=math.sqrt(of_judges / judges + of_items / items + ms_rest / (judges * items)),
        of_judges=of_judges,
        of_items=of_items,
        of_rest=ms_rest,
        mean=dict(zip(panel.items, map(float, panel.expected.mean(axis=0)), strict=True)),
        spread=dict(zip(panel.items, map(float, spread), strict=True)),
        leaning=dict(zip(panel.judges, map(float, by_judge - cut), strict=True)),
        versions=versions or {},
        digest=panel.digest,
        on=on,
    )


def set_standard(course_root: Path, panel: Path, on: date) -> tuple[Standard, Path]:
    """Compute a panel's cut and record it in the course's build folder; return it and where it is.

    Items are scenarios of the bank, weighed by their points; the record names the version that the
    panel judged. Raises `CourseError` for a panel with faults, an item that the bank has not, or
    items that are not all of practice or all of one test.
    """
    judged = read_panel(panel)
    points, versions = {}, {}
    for item in judged.items:
        try:
            entry = load(item)
        except UnknownScenarioError as error:
            raise CourseError(f"{panel}, line 1: {error}") from error
        points[item], versions[item] = float(entry.scenario.points), entry.version
    forms = sorted({"practice" if not is_item(i) else i.partition("/")[0] for i in judged.items})
    if len(forms) > 1:
        raise CourseError(
            f"{panel}, line 1: got items of {' and '.join(forms)}, expected items of one of them;"
            " make a file for each, for each has a cut of its own."
        )
    standard = of_form(angoff(judged, points, versions, on.isoformat()))
    path = _path(course_root, standard.test)
    write(path, (json.dumps({"v": FORMAT, **asdict(standard)}, indent=1) + "\n").encode())
    return standard, path


def of_form(standard: Standard) -> Standard:
    """Return a standard with the test whose form it is for, if its items are of one."""
    entries = [load(item) for item in standard.versions]
    test = tests().get(entries[0].module)
    if test is None:
        return standard
    points = np.array([e.scenario.points for e in entries], dtype=np.float64)
    guessed = np.array([chance(e, model_policy()) for e in entries])
    low = float((points * guessed).sum() / points.sum())
    beyond = max(0.0, (standard.cut - low) / (1 - low))
    return replace(standard, form=f"{test.name} {test.version}", beyond=beyond)


def read_standards(course_root: Path) -> dict[str, Standard]:
    """Return the recorded cuts of a course by test, that of practice under no name.

    Raises `CourseError` for a record that is not one.
    """
    names = ("", *tests())
    return {name: found for name in names if (found := read_standard(course_root, name))}


def read_standard(course_root: Path, test: str = "") -> Standard | None:
    """Return the recorded cut of practice, or of a test; None if none was set for it.

    Raises `CourseError` for a record that is not one.
    """
    path = _path(course_root, test)
    try:
        found = json.loads(plain_bytes(path, LARGEST))
        if found.pop("v") != FORMAT or not 0 <= found["cut"] <= 1:
            raise ValueError("it is of another format")  # noqa: TRY301 - told like every other fault
        standard = Standard(**found)
        if standard.test != test:  # an earlier version kept all cuts in one file
            return None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CourseError(
            f"{path} is no recorded standard ({error}); set it again from the panel's file."
        ) from error
    return standard


def _path(course_root: Path, test: str) -> Path:
    name = FILE.replace(".", f"-{test}.") if test else FILE
    return open_course(course_root).submitted.parent / name
