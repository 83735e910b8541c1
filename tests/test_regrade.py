"""Regrading: a key changed and an item voided after a class was graded, on every route."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from test_nbgrader import (
    MODULES,
    NBGRADER,
    answer,
    earned,
    environment,
    hand_in,
    make_root,
    nbgrader,
    points,
    raw,
    rows,
    run,
    sql,
)

from grading.exemplary import worst_answers
from grading.nbgrader.grade import grade
from grading.nbgrader.regrade import apply, rehearse
from scenarios.answers import FILE, read
from scenarios.catalogue import load
from scenarios.faults import ContentError

NAME = "06_reviews"
KEYED, VOIDED = MODULES[NAME][0], MODULES[NAME][1]
COURSE = (sys.executable, "-m", "grading.cli")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with another bank: one key the other way round, one item voided."""
    place = tmp_path_factory.mktemp("changed")
    for package in ("scenarios", "grading"):
        left_behind = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, place / package, ignore=left_behind)
    path = place / "scenarios" / "bank" / f"{KEYED}.toml"
    text = path.read_text("utf-8")
    swapped = text.replace('credit = "best"', 'credit = "risky"', 1)
    swapped = swapped.replace('credit = "violation"', 'credit = "best"', 1)
    assert swapped != text
    path.write_text(swapped, "utf-8")
    path = place / "scenarios" / "bank" / f"{VOIDED}.toml"
    path.write_text(f"void = true\n{path.read_text('utf-8')}", "utf-8")
    return place


@pytest.fixture(scope="module")
def faulty(changed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with a slip in its bank: two options of one question are the best."""
    place = tmp_path_factory.mktemp("faulty")
    for package in ("scenarios", "grading"):
        shutil.copytree(changed / package, place / package)
    path = place / "scenarios" / "bank" / f"{KEYED}.toml"
    text = (ROOT / "scenarios" / "bank" / f"{KEYED}.toml").read_text("utf-8")
    path.write_text(text.replace('credit = "violation"', 'credit = "best"', 1), "utf-8")
    return place


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A graded course: anna knows everything, ben nothing, and a person overruled carla's score."""
    root = make_root(tmp_path / "course", [NAME])
    answer(hand_in(root, "anna", NAME), NAME)
    answer(hand_in(root, "ben", NAME), NAME, worst_answers)
    answer(hand_in(root, "carla", NAME), NAME)
    assert grade(root).submissions == 3
    sql(
        root,
        "UPDATE grade SET manual_score = 1.5, needs_manual_grade = 0 WHERE notebook_id IN"
        " (SELECT m.id FROM submitted_notebook m JOIN submitted_assignment s"
        " ON s.id = m.assignment_id WHERE s.student_id = 'carla')",
    )
    return root


def test_what_changes_is_told_first_then_applied_and_logged_on_every_route(
    course: Path, changed: Path, tmp_path: Path
) -> None:
    env = environment(tmp_path, PYTHONPATH=str(changed))
    records = {
        s: (course / "build/submitted" / s / NAME / FILE).read_bytes() for s in ("anna", "ben")
    }
    before, files = raw(course), rows(course)
    dry = run(
        [*COURSE, "regrade", "--course", course, "--dry-run", "--pass-mark", "15"], tmp_path, env
    )
    assert raw(course) == before
    assert not (course / "build" / "regrade.jsonl").exists()
    told = [line.split() for line in dry.splitlines()]
    keyed = load(KEYED).scenario.points
    voided = {r[3]: r[5] for r in files["grades"] if r[0] == "ben"}
    lowered = next(float(t[4]) for t in told if t[:3] == ["anna", NAME, KEYED])
    assert 0 < lowered < keyed
    assert ["ben", NAME, VOIDED, f"{voided[VOIDED.partition('/')[2]]:g}"] in [t[:4] for t in told]
    assert "(a person's points count)" in next(
        line for line in dry.splitlines() if line.startswith("carla")
    )
    assert "passes now" in dry
    assert "ben" in next(line for line in dry.splitlines() if "passes now" in line)

    stock = Path(shutil.copytree(course, tmp_path / "stock"))
    kernel = Path(shutil.copytree(course, tmp_path / "kernel"))
    said = run([*COURSE, "regrade", "--course", course], tmp_path, env)
    assert [line for line in dry.splitlines() if line.startswith("anna")] == [
        line for line in said.splitlines() if line.startswith("anna")
    ]
    nbgrader(
        tmp_path,
        (stock, ["autograde", NAME, "--force"]),
        (kernel, ["kernel"]),
        PYTHONPATH=str(changed),
    )
    expected = rows(course)
    assert expected == rows(stock)
    assert expected == rows(kernel)
    assert {r[6] for r in expected["grades"] if r[0] == "carla"} == {1.5}
    for student, record in records.items():
        assert (course / "build/submitted" / student / NAME / FILE).read_bytes() == record
    page = (course / "build/feedback/ben" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "This scenario was withdrawn; everyone has its points." in page

    log = course / "build" / "regrade.jsonl"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    changes = [line["change"] for line in lines if "change" in line]
    assert lines[-1] == {"run": lines[0]["run"], "applied": len(changes)}
    mine = next(c for c in changes if (c["student"], c["scenario"]) == ("anna", KEYED))
    assert (mine["before"], mine["after"]) == (keyed, lowered)
    assert mine["answered"] == [load(KEYED).version]
    assert mine["version"] != load(KEYED).version
    kept = read(course / "build/submitted/anna" / NAME / FILE).of(KEYED)
    assert {e.bank for e in kept} == {load(KEYED).version}

    again = run([*COURSE, "regrade", "--course", course], tmp_path, env)
    assert again.strip().endswith("0 scores of 0 learners change.")
    assert len(log.read_text("utf-8").splitlines()) == len(lines)


def test_what_was_handed_in_since_is_left_to_grading(
    course: Path, changed: Path, tmp_path: Path
) -> None:
    answer(course / "build/submitted/anna" / NAME, NAME, worst_answers)
    before = raw(course)
    env = environment(tmp_path, PYTHONPATH=str(changed))
    said = run([*COURSE, "regrade", "--course", course, "--student", "anna"], tmp_path, env)
    assert "anna, 06_reviews: handed in again since it was graded" in said
    assert raw(course) == before
    os.truncate(course / "build/submitted/anna" / NAME / FILE, 0)


def test_a_slip_of_an_authors_costs_nobody_a_point_on_any_route(
    course: Path, faulty: Path, tmp_path: Path
) -> None:
    def files() -> dict[Path, int]:
        found = (
            p for step in ("autograded", "feedback") for p in (course / "build" / step).rglob("*")
        )
        return {p: p.stat().st_mtime_ns for p in found}

    before, kept = raw(course), files()
    answer(hand_in(course, "dora", NAME), NAME)
    env = environment(tmp_path, PYTHONPATH=str(faulty))
    commands = [
        [*COURSE, "regrade", "--course", course],
        [*COURSE, "grade", "--course", course],
        [*COURSE, "grade", "--watch", "--course", course],
        [NBGRADER, "autograde", NAME, "--force"],
    ]
    for command in commands:
        done = subprocess.run(
            list(map(str, command)),
            cwd=course,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, command
        assert f"bank/{KEYED}.toml at scenes[" in done.stderr
        assert "every score stays" in done.stderr
        assert "Traceback" not in done.stderr
        assert raw(course) == before
        assert files() == kept
    assert f"bank/{KEYED}.toml" in (course / "build" / "grading.log").read_text("utf-8")

    (course / "policy.toml").write_text('practice = "Mill Street"\nomit = ["CL-99"]', "utf-8")
    with pytest.raises(ContentError, match="CL-99"):
        rehearse(course)
    assert raw(course) == before


def test_a_module_in_which_nothing_of_a_learners_was_planned_is_left_alone(tmp_path: Path) -> None:
    other = "04_boundaries"
    root = make_root(tmp_path / "course")
    for student in ("anna", "ben"):
        for name in (NAME, other):
            answer(hand_in(root, student, name), name, worst_answers)
    grade(root)
    for student, name in (("anna", NAME), ("ben", other)):
        folder = root / "build" / "submitted" / student / name
        (folder / FILE).unlink()
        answer(folder, name)
        shutil.copy(folder / FILE, root / "build" / "autograded" / student / name / FILE)
    planned = rehearse(root)
    assert {(c.student, c.assignment) for c in planned.changes} == {("anna", NAME), ("ben", other)}
    again = root / "build" / "submitted" / "anna" / other
    (again / FILE).unlink()
    answer(again, other)
    before = points(root, "anna", other)
    apply(root, planned)
    assert points(root, "anna", NAME) == earned(root / "build/submitted/anna" / NAME, NAME)
    assert points(root, "ben", other) == earned(root / "build/submitted/ben" / other, other)
    assert points(root, "anna", other) == before != earned(again, other)
