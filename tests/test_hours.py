"""CE hours: the formula against a hand-worked example, and every module counted."""

from __future__ import annotations

import datetime as dt

import pytest

from grading.hours import Work, credit, modules, together, worksheet
from scenarios.catalogue import load_all
from scenarios.exam.blueprint import is_item
from scenarios.exam.blueprint import tests as known_tests
from scenarios.workspace import source


def test_the_formula_agrees_with_a_worked_example() -> None:
    # 3,774 words, 16 questions, difficulty 2.5: the sample of a published contact-hour guide.
    work = Work(title="Sample", words=3774, questions=16)
    assert work.minutes(2.5) == pytest.approx(61.93589, abs=1e-4)
    assert credit(work.minutes(2.5)) == 1.0


@pytest.mark.parametrize(("minutes", "hours"), [(0, 0), (14.9, 0), (15, 0.25), (74.9, 1.0)])
def test_credit_is_rounded_down_to_the_quarter_hour(minutes: float, hours: float) -> None:
    assert credit(minutes) == hours


def test_every_practice_module_is_counted_and_the_worksheet_shows_its_inputs() -> None:
    works = modules(source(), load_all().values())
    practice = [e for e in load_all().values() if not is_item(e.slug)]
    asked = sum(len(s.questions) for e in practice for s in e.scenario.scenes)
    sat = 2 * sum(
        t.length for t in known_tests().values()
    )  # each asks for a decision and its clauses
    assert together(works).questions == asked + sat
    assert all(w.words > 3000 for w in works)
    page = worksheet(works, 3, dt.date(2026, 11, 23))
    for work in works:
        assert f"{work.words:,}" in page
