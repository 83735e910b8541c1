"""What Binder does with this repository, step by step, without its container."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from conftest import ROOT
from packaging.specifiers import SpecifierSet
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Environment, Serving
    from playwright.sync_api import Page

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
@pytest.mark.browser
def test_link_leads_to_a_module_without_code(
    built: Environment, course_server: Serving, tmp_path: Path, page: Page
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
    page.goto(f"{link}?token={TOKEN}")
    expect(page).to_have_title(re.compile("Social Media for Therapists"))
    expect(page.locator(".smt-card[data-slug]").first).to_be_visible(timeout=60_000)
    assert "ask(" not in page.content()
    assert "score(" not in page.content()
    served.stop()
