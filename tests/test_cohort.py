"""Simulated learners answer like people and hand in like nbgrader's."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from grading.cohort import cohort_of, respond, simulate
from grading.course import CourseError, make_course
from grading.demo import MARKER, demo
from grading.frame import of_course
from grading.nbgrader.submission import read_submission
from grading.statistics import totals
from scenarios.answers import FILE, read
from scenarios.catalogue import load_all
from scenarios.questions import Question

pytest_plugins = ["small_course"]

TELLING = {"why": "Because.", "text": "Text"}
ONE_OF_EACH: list[Any] = [
    {
        "kind": "choice",
        "options": [
            {"id": c, "credit": c, "consequence": "So.", **TELLING}
            for c in ("best", "acceptable", "risky", "violation")
        ],
    },
    {
        "kind": "rationale",
        "right": [{"clause": f"CL-0{n}", "why": "Yes."} for n in (1, 2)],
        "tempting": [{"clause": f"CL-0{n}", "why": "No."} for n in (3, 4, 5)],
    },
    {
        "kind": "hottext",
        "text": "Ann from Rome said so",
        "spans": [
            {"id": "a", "text": "Ann", "mark": "must", "categories": ["A"], "why": "Name."},
            {"id": "b", "text": "Rome", "mark": "optional", "why": "Town."},
            {"id": "c", "text": "said", "mark": "keep", "why": "Nothing."},
        ],
    },
    {
        "kind": "audit",
        "first_fixes": 1,
        "rows": [
            {"id": i, "group": "G", "setting": "S", "current": "on", "why": "W.", **more}
            for i, more in (
                ("a", {"correct": "change", "first": 2}),
                ("b", {"correct": "keep"}),
                ("c", {"correct": "keep"}),
            )
        ],
    },
    {"kind": "rating", "options": [{"id": f"r{k}", "key": k, **TELLING} for k in (1, 2, 4)]},
    {"kind": "order", "steps": [{"id": i, **TELLING} for i in "abcd"]},
    {
        "kind": "response",
        "parts": [{"id": "reply", "label": "Reply", "words": 50}],
        "rubric": [{"id": "kind", "part": "reply", "text": "Is kind", "points": 4}],
        "exemplars": [{"points": p, "parts": {"reply": "Thanks."}, "why": "So."} for p in (0, 4)],
    },
]


@pytest.mark.parametrize("data", ONE_OF_EACH, ids=lambda d: d["kind"])
@given(ability=st.floats(-6, 6), seed=st.integers(0, 2**32))
def test_every_answer_has_the_form_of_its_question(
    data: dict[str, Any], ability: float, seed: int
) -> None:
    question = TypeAdapter[Question](Question).validate_python(
        {"id": "q", "prompt": "What?", **data}
    )
    answer = respond(question, ability, np.random.default_rng(seed))
    assert question.accepts(answer)
    assert question.accepts(json.loads(json.dumps(answer)))


def test_every_question_of_the_bank_can_be_answered() -> None:
    for entry in load_all().values():
        for scene in entry.scenario.scenes:
            for question in scene.questions:
                assert question.accepts(respond(question, 0.0, np.random.default_rng(1)))


@pytest.fixture
def small(authored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Demos have two modules only."""
    monkeypatch.setattr("grading.demo.make_course", partial(make_course, origin=authored))


def test_the_same_seed_makes_the_same_files(authored: Path, tmp_path: Path) -> None:
    files = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        course = make_course(tmp_path / name, authored)
        simulate(course.root, 3, seed)
        found = sorted(course.submitted.rglob("*.*"))
        files.append({p.relative_to(course.submitted): p.read_bytes() for p in found})
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_a_longer_class_begins_like_a_shorter_one() -> None:
    assert cohort_of(12)[:5] == cohort_of(5)


def test_learners_hand_in_like_real_ones(authored: Path, tmp_path: Path) -> None:
    course = make_course(tmp_path, authored)
    done: list[tuple[int, int]] = []
    cohort = simulate(tmp_path, 30, progress=lambda _, n, of: done.append((n, of)))
    assert done[-1] == (30, 30)
    assert cohort.submissions == 30 * len(cohort.assignments)
    torn = 0
    for assignment in cohort.assignments:
        for _, folder in course.submissions(assignment):
            handed_in = read_submission(folder)
            assert handed_in.timestamp
            assert (folder / f"{assignment}.ipynb").is_file()
            torn += len(handed_in.record.skipped)
            times = [e.time for e in handed_in.record.events]
            assert times == sorted(times)
    assert torn == cohort.torn > 0


def test_the_class_is_plausible_and_the_able_do_better(authored: Path, tmp_path: Path) -> None:
    course = make_course(tmp_path, authored)
    cohort = simulate(tmp_path, 60)
    frames = of_course(course)
    scores = totals(frames.scenarios)
    ability = [p.ability for p in cohort.learners]
    assert np.corrcoef(ability, scores[[p.id for p in cohort.learners]])[0, 1] > 0.7
    assert 0.45 < scores.mean() < 0.8
    assert 0.01 < (frames.scenarios["unanswered"] > 0).mean() < 0.2
    assert (frames.scenarios["attempts"] > 1).mean() > 0.1
    again = frames.scenarios[frames.scenarios["attempts"] > 1]
    assert again["mastery"].mean() > again["share"].mean()


def test_nothing_already_handed_in_is_touched(authored: Path, tmp_path: Path) -> None:
    course = make_course(tmp_path, authored)
    simulate(tmp_path, 2)
    assignment = course.assignments()[0]
    record = course.submitted / "learner-002" / assignment / FILE
    before = read(record)
    with pytest.raises(CourseError, match="never replace"):
        simulate(tmp_path, 3, seed=5)
    assert read(record) == before
    assert not (course.submitted / "learner-003").exists()


@pytest.mark.usefixtures("small")
def test_a_demo_grades_reports_and_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, real = tmp_path / "demo", tmp_path / "real.db"
    monkeypatch.setenv("COURSE_DATABASE", f"sqlite:///{real}")
    first = demo(out, learners=3)
    assert first.report.read_text("utf-8").startswith("<!doctype html>")
    assert "learner-003" in first.answers.read_text("utf-8")
    assert len(list(first.feedback.rglob("*.html"))) >= first.cohort.submissions
    assert (out / "build" / "gradebook.db").is_file()
    assert not real.exists()  # simulated learners stay out of it
    assert demo(out, learners=3).mean == first.mean


def test_a_demo_leaves_other_folders_alone(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.txt"
    mine.write_text("mine")
    with pytest.raises(CourseError, match="no demo made"):
        demo(tmp_path, learners=2)
    assert sorted(tmp_path.iterdir()) == [mine]
    assert not (tmp_path / MARKER).exists()
