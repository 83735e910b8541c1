"""nbgrader's formgrader in a browser: who handed in, what they answered, and a mark typed there."""

from __future__ import annotations

import re
import shutil
import socket
import sysconfig
from pathlib import Path
from urllib.parse import urljoin

import pytest
from conftest import ROOT, Serving
from hands import PATIENCE
from playwright.sync_api import Page, expect
from test_nbgrader import MODULES, WRITTEN, answer, hand_in, make_root, sql

import grading
from grading.course import open_course
from grading.exemplary import best_answers
from grading.manual.marked import kept, response_of
from grading.marks import points_by_person
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
    shutil.copytree(Path(grading.__file__).parent, root / "grading")  # as in the course's folder
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

    page.goto(urljoin(server, "/formgrader/manage_assignments"))
    expect(page.locator("tbody")).to_contain_text(NAME)
    expect(page.locator("#warning-exchange")).to_have_count(0)  # it releases and collects

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

    # A marker needs no other page: the situation, what stood on the screen, the rubric.
    scene, asked = response_of(load(WRITTEN))
    body = page.locator("body")
    for text in (scene.stem, "Jordan P.", asked.prompt, *(c.text for c in asked.rubric)):
        expect(body).to_contain_text(text)
    expect(body).to_contain_text("a3 (1 point): ")
    expect(body).to_contain_text("The lines add up to 10 points; 6 points can be given")
    expect(body).to_contain_text(f"At most 2 points of 10: {asked.caps[0].text}")

    cell = f"{WRITTEN.partition('/')[2]}-response"
    expect(page.locator(f"input#{cell}_extra_credit")).to_have_attribute("placeholder", "0")
    box = page.locator(f"input#{cell}")
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


def test_the_marking_notebook_marks_by_the_rubric(course: Path, server: str, page: Page) -> None:
    question = response_of(load(WRITTEN))[1]
    page.goto(server, wait_until="commit")
    page.goto(urljoin(server, "/lab/tree/grading/marking.ipynb"))
    # Before the kernel is there, JupyterLab lets a run go by.
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
    output = page.locator(".jp-OutputArea").filter(has_text="2 submissions of 2 learners")
    expect(output).to_contain_text(str(course), timeout=PATIENCE)
    desk = page.locator(".jp-OutputArea .widget-vbox").first
    desk.get_by_label("Question").select_option(load(WRITTEN).scenario.title)
    desk.get_by_label("Your name").fill("Kim")
    # JupyterLab's shortcuts stay away: two d would delete the cell.
    expect(desk.locator(":focus")).to_have_attribute("data-lm-suppress-shortcuts", "true")
    desk.get_by_role("button", name="Begin").click()
    save = desk.get_by_role("button", name="Save, next")
    for shown in (*(f"Example {n}" for n, _ in enumerate(question.exemplars, 1)), ""):
        heading = desk.get_by_role("heading", level=3)
        expect(heading).to_have_text(shown or re.compile(r"^\w{4}-\w{4}$"))
        for line in question.rubric:
            met = desk.get_by_role("button", name="met", exact=True)
            met.nth(question.rubric.index(line)).click()
        alias = heading.inner_text()
        save.focus()
        page.keyboard.press("Space")
        expect(desk.get_by_role("status")).to_contain_text(f"{alias}: ")
        if shown:  # the form stays as long as there is an answer, and the keyboard's place in it
            expect(save).to_be_focused()
    given = kept(open_course(course))
    assert [m.role for m in given] == [*("anchor" for _ in question.exemplars), "first"]
    assert (given[-1].marker, given[-1].points) == ("Kim", question.rubric_points)
    query = "SELECT manual_score, needs_manual_grade FROM grade WHERE manual_score IS NOT NULL"
    assert (points_by_person(load(WRITTEN).scenario), 0) in sql(course, query)

    expect(desk.locator("details")).to_contain_text(question.prompt)
    desk.get_by_role("button", name="Back to the last one").click()
    expect(desk.get_by_role("status")).to_contain_text("as you marked it")
    for n in range(len(question.rubric)):
        desk.get_by_role("button", name="not met").nth(n).click()
    save.click()
    expect(desk.get_by_role("status")).to_contain_text("0 of 10 points saved")
    assert [m.points for m in kept(open_course(course))[-2:]] == [question.rubric_points, 0]
    assert (0, 0) in sql(course, query)
