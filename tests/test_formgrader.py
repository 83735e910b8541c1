"""nbgrader's formgrader in a browser: who handed in, what they answered, and a mark typed there."""

from __future__ import annotations

import socket
import sysconfig
from pathlib import Path
from urllib.parse import urljoin

import pytest
from conftest import ROOT, Serving
from playwright.sync_api import Page, expect
from test_nbgrader import MODULES, WRITTEN, answer, hand_in, make_root, sql

from grading.exemplary import best_answers
from grading.nbgrader.grade import grade, write_feedback
from scenarios.catalogue import load
from scenarios.policy import model_policy

NAME = "06_reviews"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_root(tmp_path_factory.mktemp("formgrader") / "course", [NAME])
    for student in ("anna", "ben"):
        answer(hand_in(root, student, NAME), NAME)
    assert grade(root).waiting == 2
    return root


@pytest.fixture(scope="module")
def server(course: Path, course_server: Serving) -> str:
    """The address of a Jupyter server in the course root, as an instructor starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    jupyter = Path(sysconfig.get_path("scripts")) / "jupyter-lab"
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--port={port}"]
    env = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return course_server.run([str(jupyter), *options], cwd=course, env=env).url


def test_formgrader_lists_shows_and_marks_submissions(
    course: Path, server: str, page: Page
) -> None:
    page.goto(server, wait_until="commit")  # its token becomes a cookie

    page.goto(urljoin(server, f"/formgrader/manage_submissions/{NAME}"))
    for student in ("anna", "ben"):
        expect(page.locator("tbody")).to_contain_text(student)

    page.goto(urljoin(server, f"/formgrader/gradebook/{NAME}/{NAME}"))
    page.get_by_role("link", name="Submission #1").click()
    scenario = load(MODULES[NAME][0]).scenario
    chosen = scenario.scenes[0].questions[0]
    assert chosen.kind == "choice"
    best = next(o.text for o in chosen.options if o.credit == "best")
    expect(page.locator("body")).to_contain_text(best)
    reply = best_answers(load(WRITTEN).scenario, model_policy())
    texts = [t for a in reply.values() if isinstance(a, dict) for t in a.values()]
    assert texts
    for text in texts:
        expect(page.locator("body")).to_contain_text(str(text))

    box = page.locator(f"input#{WRITTEN.partition('/')[2]}-response")
    box.fill("3.5")
    box.press("Tab")
    expect(page.locator("#statusmessage, .score-saved").first).to_be_attached()
    query = "SELECT manual_score FROM grade WHERE manual_score IS NOT NULL"
    for _ in range(50):
        if sql(course, query):
            break
        page.wait_for_timeout(100)
    assert sql(course, query) == [(3.5,)]
    assert len(sql(course, "SELECT id FROM grade WHERE needs_manual_grade")) == 1
    before = sql(course, "SELECT * FROM grade ORDER BY id")
    assert write_feedback(course).waiting == 1
    assert sql(course, "SELECT * FROM grade ORDER BY id") == before
