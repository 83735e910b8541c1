"""One small course for the tests of analysis and marking: two modules, answered once, graded once.

Together the modules have every kind of question. A file of tests takes the fixtures in with
`pytest_plugins = ["small_course"]`; all files share them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grading.cohort import simulate
from grading.course import Course, make_course
from grading.nbgrader.grade import grade
from scenarios.workspace import source

MODULES = ("03_confidentiality", "06_reviews")
LEARNERS = 32


@pytest.fixture(scope="session")
def authored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebooks of the two modules."""
    place = tmp_path_factory.mktemp("authored")
    for name in MODULES:
        shutil.copytree(source() / name, place / name)
    return place


@pytest.fixture(scope="session")
def answered_course(authored: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that 32 simulated learners have answered; nobody changes it."""
    course = make_course(tmp_path_factory.mktemp("answered"), authored)
    simulate(course.root, LEARNERS)
    return course


@pytest.fixture(scope="session")
def graded_once(answered_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded course of the same learners; copied before anybody changes it."""
    root = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(answered_course.root, root)
    course = make_course(root)
    grade(root, notebooks=False, feedback=False)
    return course


@pytest.fixture
def graded_course(graded_once: Course, tmp_path: Path) -> Course:
    """A graded course of one's own, without notebooks and feedback for each learner."""
    root = tmp_path / "course"
    shutil.copytree(graded_once.root, root)
    return make_course(root)
