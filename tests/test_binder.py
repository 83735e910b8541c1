"""What Binder does with this repository, step by step, without its container."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from conftest import ROOT, fetch
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from conftest import Environment, Serving

TOKEN = "a-token-of-the-test"  # noqa: S105


def test_binder_takes_a_python_that_the_course_runs_on() -> None:
    name, version = (ROOT / "binder" / "runtime.txt").read_text().strip().split("-")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert name == "python"
    assert SpecifierSet(project["requires-python"]).contains(version)


@pytest.fixture(scope="module")
def built(clean_environment: Environment) -> Environment:
    """The clean environment after Binder's build: requirements.txt, then postBuild."""
    clean_environment.run(clean_environment.checkout / "binder" / "postBuild")
    return clean_environment


@pytest.mark.slow
def test_build_leaves_nothing_unresolved(built: Environment) -> None:
    assert "No broken requirements found" in built.run("pip", "check")


@pytest.mark.slow
def test_start_hands_over_to_binders_own_command(built: Environment) -> None:
    printed = built.run("binder/start", "sh", "-c", "echo $1 $$", "sh", "word for word")
    assert printed.startswith("word for word ")


@pytest.mark.slow
def test_link_leads_to_a_module_without_code(
    built: Environment, course_server: Serving, tmp_path: Path
) -> None:
    served = course_server.run(
        [
            str(built.checkout / "binder" / "start"),
            *("jupyter", "notebook", "--no-browser", "--ip=127.0.0.1", "--port=0"),
            *("--allow-root", "--ServerApp.base_url=/user/somebody/"),
            f"--IdentityProvider.token={TOKEN}",
        ],
        cwd=built.checkout,
        env={**built.variables(), "HOME": str(tmp_path)},
    )
    link = urljoin(served.url, "/user/somebody/voila/render/04_boundaries/04_boundaries.ipynb")
    module = fetch(f"{link}?token={TOKEN}", timeout=120)
    served.stop()

    assert "Social Media for Therapists" in module
    assert "anywidget" in module
    assert "ask(" not in module
    assert "score(" not in module
