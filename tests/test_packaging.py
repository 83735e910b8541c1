"""The course as a package: what the wheel holds, what is pinned, and that it opens anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT, fetch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from conftest import Environment, Serving

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN_LOCK = ROOT / "binder" / "requirements.txt"
TEST_LOCK = ROOT / "tests" / "requirements.txt"


def pinned(lock: Path) -> dict[str, str]:
    """Return the exact version of each package in a lock; any other line is a failure."""
    versions = {}
    for line in lock.read_text().splitlines():
        if line.startswith("#"):
            continue
        found = re.fullmatch(r"([a-z0-9-]+)==([^\s;]+)( ; .+)?", line)
        assert found, f"{lock}: expected 'name==version', got {line!r}"
        versions[found[1]] = found[2]
    return versions


# ----------------------------------------------------------------------------- what is pinned


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        pytest.param(RUN_LOCK, PROJECT["dependencies"], id="run"),
        pytest.param(TEST_LOCK, PROJECT["optional-dependencies"]["test"], id="test"),
    ],
)
def test_lock_satisfies_what_the_project_asks_for(lock: Path, wanted: list[str]) -> None:
    versions = pinned(lock)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)])


def test_tests_run_on_the_versions_that_learners_get() -> None:
    assert pinned(RUN_LOCK).items() <= pinned(TEST_LOCK).items()


def test_readme_commands_are_one_line_each_on_pinned_versions() -> None:
    readme = (ROOT / "README.md").read_text()
    for name, lock, last in [
        ("open", "binder/requirements.txt", ".venv/bin/course open"),
        ("test", "tests/requirements.txt", ".venv/bin/python -m pytest"),
    ]:
        marked = re.findall(rf"<!-- {name} command -->\n```sh\n(.*)\n```\n<!-- end -->", readme)
        assert len(marked) == 1
        assert f"pip install -q -r {lock} -e . && " in marked[0]
        assert marked[0].endswith(f" && {last}")


# ------------------------------------------------------------------------------ what is packed


@pytest.fixture(scope="module")
def wheel(clean_environment: Environment) -> Path:
    """The wheel, built from a checkout in which somebody has already worked."""
    left = clean_environment.checkout / "notebooks" / "06_reviews"
    (left / "answers.jsonl").write_text("{}\n")
    (left / ".ipynb_checkpoints").mkdir()
    (left / ".ipynb_checkpoints" / "06_reviews-checkpoint.ipynb").write_text("{}")
    place = clean_environment.venv.parent / "wheels"
    clean_environment.run("pip", "wheel", "-q", "--no-deps", "--wheel-dir", place, ".")
    (built,) = place.glob("*.whl")
    return built


def shipped(*folders: str) -> set[str]:
    """Return the files under some folders of the project that belong to it."""
    untracked = {"__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache"}
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not untracked.intersection(path.parts)
    }


@pytest.mark.slow
def test_wheel_holds_the_whole_course_and_nothing_else(wheel: Path) -> None:
    files = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    notebooks = {f"scenarios/{name}" for name in shipped("notebooks")}
    assert files == shipped("scenarios", "grading") | notebooks
    for needed in [
        "grading/py.typed",
        "scenarios/app/voila/templates/course/index.html.j2",
        "scenarios/bank/reviews/one-star-sunday.toml",
        "scenarios/card.css",
        "scenarios/card.js",
        "scenarios/notebooks/04_boundaries/04_boundaries.ipynb",
        "scenarios/notebooks/06_reviews/06_reviews.ipynb",
        "scenarios/policy/clauses.toml",
    ]:
        assert needed in files


@pytest.mark.slow
def test_wheel_names_both_licenses(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel)
    names = {Path(name).name for name in packed.namelist() if ".dist-info/licenses/" in name}
    assert names == {"LICENSE", "LICENSE-CONTENT", "NOTICE"}


@pytest.mark.slow
def test_installed_course_opens_from_any_folder(
    clean_environment: Environment, wheel: Path, course_server: Serving, tmp_path: Path
) -> None:
    clean_environment.run("pip", "install", "-q", "--no-deps", "--force-reinstall", wheel)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    served = course_server(
        tmp_path / "mine",
        course=[clean_environment.bin / "course"],
        cwd=elsewhere,
        env=clean_environment.variables(),
    )
    assert "Social Media for Therapists" in fetch(served.url)
    served.stop()
    assert (tmp_path / "mine" / "06_reviews" / "06_reviews.ipynb").is_file()
    assert not (tmp_path / "mine" / "06_reviews" / "answers.jsonl").exists()
    assert not list(elsewhere.iterdir())


# ------------------------------------------------------------- what a learner's kernel has to load


def test_learners_path_imports_nothing_heavy(tmp_path: Path) -> None:
    heavy = ["jupyter_server", "matplotlib", "nbgrader", "pandas", "voila"]
    program = (
        "import sys; from scenarios import ask; from grading import score; "
        f"print(*(name for name in {heavy} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")
