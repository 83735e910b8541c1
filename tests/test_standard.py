"""Standard setting: a panel worked by hand, and panels that are none."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from grading.cli.instructors import commands
from grading.course import Course, CourseError
from grading.exam.chance import chance
from grading.standard import angoff, read_panel, read_standard, read_standards, set_standard
from scenarios.catalogue import load
from scenarios.exam.blueprint import pool
from scenarios.exam.blueprint import tests as known_tests
from scenarios.policy import model_policy

pytest_plugins = ["small_course"]

# Two items, three judges. Judges' means .6 .7 .8, items' means .6 .8, all .7.
PANEL = (
    "judge,reviews/one-star-sunday,reviews/jordan-p-one-star\nann,0.5,0.7\nbob,0.6,0.8\ncal,.7,.9\n"
)


def panel(tmp_path: Path, text: str = PANEL) -> Path:
    path = tmp_path / "panel.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_panel_worked_by_hand(tmp_path: Path) -> None:
    found = angoff(read_panel(panel(tmp_path)))
    # Sum of squares of judges 2 x (.01 + 0 + .01) = .04, 2 df: MS .02; of items 3 x (.01 + .01) =
    # .06, 1 df: MS .06; nothing is left over.
    assert found.cut == pytest.approx(0.7)
    assert found.error == pytest.approx(math.sqrt(0.02 / 6))
    assert found.error == pytest.approx(0.1 / math.sqrt(3))  # the judges' SD over root 3
    assert (found.of_judges, found.of_items) == pytest.approx((0.01, 0.02))
    assert found.of_rest == pytest.approx(0, abs=1e-12)
    assert found.error_items == pytest.approx(math.sqrt(0.01 / 3 + 0.02 / 2))
    half = 4.302653 * 0.1 / math.sqrt(3)  # Student's t with 2 degrees of freedom
    assert (found.low, found.high) == pytest.approx((0.7 - half, 0.7 + half), abs=1e-5)
    assert found.leaning == pytest.approx({"ann": -0.1, "bob": 0.0, "cal": 0.1})


def test_variance_components_come_back_from_a_large_panel(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    judges, items = 60, 80
    y = 0.6 + 0.06 * rng.standard_normal((judges, 1)) + 0.1 * rng.standard_normal((1, items))
    y = np.clip(y + 0.05 * rng.standard_normal((judges, items)), 0, 1)
    head = ",".join(["judge", *(f"i{n}" for n in range(items))])
    rows = [",".join([f"j{n}", *map(str, row)]) for n, row in enumerate(y)]
    found = angoff(read_panel(panel(tmp_path, "\n".join([head, *rows]))))
    assert math.sqrt(found.of_judges) == pytest.approx(0.06, rel=0.25)
    assert math.sqrt(found.of_items) == pytest.approx(0.1, rel=0.25)
    assert math.sqrt(found.of_rest) == pytest.approx(0.05, rel=0.1)


def test_points_weigh_the_items(tmp_path: Path) -> None:
    judged = read_panel(panel(tmp_path))
    found = angoff(judged, {judged.items[0]: 30.0, judged.items[1]: 10.0})
    assert found.cut == pytest.approx(0.75 * 0.6 + 0.25 * 0.8)
    cuts = judged.expected @ np.array([0.75, 0.25])
    assert found.error == pytest.approx(cuts.std(ddof=1) / math.sqrt(3))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty file"),
        ("rater,a,b\nx,1,1\ny,1,1\n", "'rater', expected 'judge'"),
        ("judge,a,b\nx,1,1\n", "got 1 judge;"),
        ("judge,a,a\nx,1,1\ny,1,1\n", "got 2 items, 'a' more than once;"),
        ("judge;a;b\nx;0,5;1\ny;1;1\n", "separated by semicolons, expected commas"),
        ("judge,a,b\nx,1,1\ny,1\n", "judge y: got 1 values, expected 2"),
        ("judge,a,b\nx,1,1\ny,1,1.2\n", "judge y, b: got '1.2'"),
        ("judge,a,b\nx,1,1\ny,nan,1\n", "judge y, a: got 'nan'"),
        ("judge,a,b\nx,1,1\ny,=1,1\n", "judge y, a: got '=1'"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CourseError) as error:
        read_panel(panel(tmp_path, text))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_panel_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no file"):
        read_panel(tmp_path / "none.csv")


def test_the_cut_is_recorded_with_what_it_stood_on(graded_course: Course, tmp_path: Path) -> None:
    assert read_standard(graded_course.root) is None
    found, path = set_standard(graded_course.root, panel(tmp_path), date(2026, 11, 23))
    kept = json.loads(path.read_text("utf-8"))
    assert path == graded_course.submitted.parent / "standard.json"
    assert (kept["on"], kept["cut"]) == ("2026-11-23", pytest.approx(0.7))
    assert len(kept["digest"]) == 64
    assert set(kept["versions"]) == set(read_panel(panel(tmp_path)).items)
    assert read_standard(graded_course.root) == found
    path.write_text('{"v": 1, "cut": 7}')
    with pytest.raises(CourseError, match="no recorded standard"):
        read_standard(graded_course.root)


def test_the_cut_of_a_test_is_recorded_with_its_form(graded_course: Course, tmp_path: Path) -> None:
    items = [s for slugs in pool(known_tests()["posttest"]).values() for s in slugs[:2]]
    text = f"judge,{','.join(items)}\n" + "".join(f"{j}{',0.9' * len(items)}\n" for j in "xyz")
    found, path = set_standard(graded_course.root, panel(tmp_path, text), date(2026, 11, 26))
    assert found.form == f"posttest {known_tests()['posttest'].version}"
    assert found.beyond is not None
    low = np.mean([chance(load(i), model_policy()) for i in items])
    assert found.beyond == pytest.approx((0.9 - low) / (1 - low))
    assert read_standard(graded_course.root, "posttest") == found
    assert path == graded_course.submitted.parent / "standard-posttest.json"
    # It is no cut of practice, not even where an earlier version recorded it.
    assert "" not in read_standards(graded_course.root)
    path.rename(graded_course.submitted.parent / "standard.json")
    assert read_standards(graded_course.root) == {}
    (graded_course.submitted.parent / "standard.json").unlink()


def test_the_cut_of_a_test_says_where_its_pass_mark_is(
    graded_course: Course, tmp_path: Path
) -> None:
    items = [s for slugs in pool(known_tests()["posttest"]).values() for s in slugs[:2]]
    text = f"judge,{','.join(items)}\n" + "".join(f"{j}{',0.9' * len(items)}\n" for j in "xyz")
    told = CliRunner().invoke(
        commands, ["standard", str(panel(tmp_path, text)), "--course", str(graded_course.root)]
    )
    found = read_standard(graded_course.root, "posttest")
    assert found is not None
    assert found.beyond is not None
    assert f"write cut = {round(found.beyond, 3):g} there" in told.output
    (graded_course.submitted.parent / "standard-posttest.json").unlink()


def test_practice_and_tests_are_not_judged_as_one(graded_course: Course, tmp_path: Path) -> None:
    (item, *_), *_ = pool(known_tests()["posttest"]).values()
    mixed = panel(tmp_path, PANEL.replace("reviews/one-star-sunday", item))
    with pytest.raises(CourseError, match="got items of posttest and practice"):
        set_standard(graded_course.root, mixed, date(2026, 11, 26))


def test_an_item_that_the_bank_has_not_is_told(graded_course: Course, tmp_path: Path) -> None:
    wrong = panel(tmp_path, PANEL.replace("one-star-sunday", "one-star-sundae"))
    with pytest.raises(CourseError, match="Did you mean 'reviews/one-star-sunday'"):
        set_standard(graded_course.root, wrong, date(2026, 11, 23))
