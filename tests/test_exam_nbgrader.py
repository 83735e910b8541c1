"""A test as an nbgrader assignment: three routes, one score; what is shown, and what never is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sat import POST, events_of
from test_nbgrader import nbgrader, points, sql

from grading.course import make_course
from grading.exam.result import POINTS
from grading.exemplary import best_answers, committed, worst_answers
from grading.folder import modules_of
from grading.marks import points_by_rule
from grading.nbgrader.grade import grade
from grading.nbgrader.regrade import rehearse
from grading.report import write_report
from scenarios.answers import FILE, Event, append
from scenarios.catalogue import load
from scenarios.exam.blueprint import pool
from scenarios.policy import model_policy
from scenarios.workspace import source

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow
NAME = "08_posttest"
HALF = {s for slugs in list(pool(POST).values())[::2] for s in slugs}


def sat(student: str) -> list[Event]:
    """What each student of the class has on record."""
    policy = model_policy()
    forged = {"posttest/a-ring-under-the-chair": "S05"}
    return {
        "best": events_of(POST),
        "worst": events_of(POST, answering=lambda e: worst_answers(e.scenario, policy)),
        "half": [e for e in events_of(POST) if e.scenario not in HALF],
        "again": [*events_of(POST, 1, lambda _: {}), *events_of(POST, 2, hour=12)],
        "open": events_of(POST)[:-1],
        "forged": events_of(POST, form=forged),
        "nothing": [],
    }[student]


STUDENTS = ("best", "worst", "half", "again", "open", "forged", "nothing")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course root of the one assignment, with a class that handed it in."""
    place = tmp_path_factory.mktemp("posttest")
    shutil.copytree(source() / NAME, place / "origin" / NAME)
    root = make_course(place / "course", place / "origin").root
    for student in STUDENTS:
        folder = root / "build" / "submitted" / student / NAME
        folder.mkdir(parents=True)
        shutil.copy(source() / NAME / f"{NAME}.ipynb", folder)
        (folder / "timestamp.txt").write_text("2026-11-26 12:00:00.000001 UTC", "utf-8")
        if sat(student):
            append(folder / FILE, sat(student))
    grade(root)
    return root


def scores(root: Path) -> Mapping[str, float]:
    return {s: points(root, s, NAME)["posttest"] for s in STUDENTS}


def test_three_routes_give_one_score(course: Path, tmp_path: Path) -> None:
    ours, kernel, stock = course, tmp_path / "kernel", tmp_path / "stock"
    for root in (kernel, stock):
        shutil.copytree(course, root)
        shutil.rmtree(root / "build" / "autograded")
        for table in ("grade", "comment", "submitted_notebook", "submitted_assignment"):
            sql(root, f"DELETE FROM {table}")  # noqa: S608 - our own words
    nbgrader(tmp_path, (kernel, ["autograde", NAME]), COURSE_KERNEL="1")
    nbgrader(tmp_path, (stock, ["autograde", NAME]))
    found = scores(ours)
    assert scores(kernel) == found
    assert scores(stock) == found
    assert (found["best"], found["again"]) == (POINTS, POINTS)
    assert 0 < found["half"] < POINTS * POST.cut
    assert {found[s] for s in ("worst", "open", "forged", "nothing")} == {0.0}


def test_the_marked_notebook_shows_answers_and_no_page_of_ours_a_key(course: Path) -> None:
    item = next(e for e in sat("best") if e.act == "commit")
    scenario = load(item.scenario).scenario
    marked = course / "build" / "autograded" / "best" / NAME / f"{NAME}.ipynb"
    outputs = json.dumps(
        [c.get("outputs") for c in json.loads(marked.read_text("utf-8"))["cells"]],
        ensure_ascii=False,
    )
    assert scenario.title in outputs
    for student in STUDENTS:
        page = (course / "build" / "feedback" / student / NAME / f"{NAME}.html").read_text("utf-8")
        for slugs in pool(POST).values():
            for slug in slugs:
                told = load(slug).scenario.feedback
                assert told.takeaway not in page
                assert told.better not in page
                assert told.takeaway not in outputs


def test_an_instructor_is_told_what_looks_odd(course: Path) -> None:
    log = "\n".join(p.read_text("utf-8") for p in (course / "build").glob("*.log"))
    assert "forged" in log
    assert "counts nothing" in log
    assert "begun and not handed in" in log
    planned = rehearse(course)
    assert not planned.changes
    page = write_report(course, course / "build" / "report.html").read_text("utf-8")
    assert "Post-test" in page
    assert "No practice has been handed in yet" in page


def test_the_best_answers_to_every_module_earn_all_points_through_nbgrader(tmp_path: Path) -> None:
    """The authored notebooks themselves, by nbgrader's own commands."""
    root = make_course(tmp_path / "whole").root
    expected: dict[str, float] = {}
    for module in modules_of(root / "notebooks"):
        name = module.folder.name
        folder = root / "build" / "submitted" / "best" / name
        folder.mkdir(parents=True)
        shutil.copy(module.folder / f"{name}.ipynb", folder)
        for entry in module.entries:
            answers = best_answers(entry.scenario, model_policy())
            append(folder / FILE, committed(entry, answers))
            expected[entry.name] = points_by_rule(entry.scenario)
    append(root / "build" / "submitted" / "best" / NAME / FILE, events_of(POST))
    expected["posttest"] = POINTS
    names = [m.folder.name for m in modules_of(root / "notebooks")]
    assert len(names) == 9
    nbgrader(
        tmp_path,
        (root, ["generate_assignment", "*"]),
        *((root, ["autograde", name]) for name in names),
    )
    found: dict[str, float] = {}
    for name in names:
        found |= points(root, "best", name)
    assert found == expected
