"""The learner's way, in a real browser: open, decide by keyboard, read, come back, hand in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from hands import PATIENCE, has_no_barrier, kernels
from playwright.sync_api import expect

from grading.exemplary import best_answers, committed
from grading.marks import mark
from scenarios import answers
from scenarios.catalogue import load, slugs
from scenarios.own_policy import own
from scenarios.policy import model_policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Program, Serving
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

SLUG = "boundaries/sunday-follow-request"
NOTEBOOK = "04_boundaries/04_boundaries.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's folder, made by the first `course open`."""
    return tmp_path_factory.mktemp("learner") / "my course"


@pytest.fixture(scope="module")
def app(course_server: Serving, folder: Path) -> Iterator[Program]:
    """The app over that folder, for all tests of this file."""
    running = course_server(folder)
    yield running
    running.stop()


def visit(page: Page, app: Program, notebook: str = NOTEBOOK) -> None:
    """Sign in with the printed address and open one module."""
    page.goto(app.url)
    page.goto(urljoin(app.url, f"/voila/render/{notebook}"))
    page.wait_for_selector("body[data-course-state=ready]", timeout=PATIENCE)
    expect(page.locator(".course-fault")).to_have_count(0)


def card(page: Page, slug: str = SLUG) -> Locator:
    """The card of one scenario."""
    return page.locator(f"[data-slug='{slug}']")


def tab_to(page: Page, target: Locator, most: int = 120) -> None:
    """Press Tab until the target has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reached {target}")


def option(page: Page, text: str) -> Locator:
    """The radio button or checkbox of the card whose label begins like this."""
    return card(page).get_by_label(text).first


def events(folder: Path) -> list[answers.Event]:
    """What is on disk for the scenario."""
    return list(answers.read(folder / "04_boundaries" / answers.FILE).of(SLUG))


@pytest.fixture
def answered(app: Program, folder: Path) -> list[answers.Event]:
    """The scenario answered before, by an earlier test or here; the app has made the folder."""
    assert app.url
    if not any(e.act == "commit" for e in events(folder)):
        given = {"decision": "leave-and-raise", "clauses": ["CL-04"]}
        answers.append(
            folder / "04_boundaries" / answers.FILE,
            [
                answers.Event(
                    act="commit",
                    scenario=SLUG,
                    scene="request",
                    question=question,
                    answer=answer,
                    attempt=1,
                    bank=load(SLUG).version,
                )
                for question, answer in given.items()
            ],
        )
    return events(folder)


def test_the_course_map_leads_to_the_modules(page: Page, app: Program) -> None:
    page.goto(app.url)
    page.get_by_role("link", name="Boundaries online").click()
    expect(page.get_by_role("heading", name="Boundaries online", level=1)).to_be_visible()


def test_showing_a_module_writes_nothing_and_asks_nobody_else(
    page: Page, app: Program, folder: Path
) -> None:
    hosts: set[str] = set()
    page.on("request", lambda r: hosts.add(urlsplit(r.url).hostname or ""))
    visit(page, app)
    expect(page.locator(".smt-card[data-slug]").first).to_be_visible()
    assert not (folder / "04_boundaries" / answers.FILE).exists()
    assert hosts - {""} == {"127.0.0.1"}
    assert "score(" not in page.content()
    assert "restricted viewing does not hide the link" not in page.content()


def test_answering_with_the_keyboard_only(page: Page, app: Program, folder: Path) -> None:
    visit(page, app)
    radios = card(page).locator("fieldset").first.get_by_role("radio")
    tab_to(page, radios.first)
    page.keyboard.press("Space")
    expect(radios.first).to_be_checked()
    key = option(page, "Leave the request without an answer")
    for _ in range(4):
        if key.is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(key).to_be_checked()
    clause = option(page, "CL-04")
    tab_to(page, clause)
    page.keyboard.press("Space")
    expect(clause).to_be_checked()
    page.keyboard.press("Enter")  # on a choice it submits nothing
    tab_to(page, card(page).get_by_role("button", name="Submit answer"))
    assert not any(e.act == "commit" for e in events(folder))
    page.keyboard.press("Enter")

    expect(card(page).locator(".smt-feedback")).to_contain_text("she half expected a no")
    expect(card(page).get_by_role("heading", name="Feedback")).to_be_focused()
    expect(card(page).get_by_text("Saved", exact=False).first).to_be_visible()
    committed = answers.first_commits(events(folder))
    assert committed == {
        ("request", "decision"): "leave-and-raise",
        ("request", "clauses"): ["CL-04"],
    }
    assert mark(load(SLUG).scenario, committed, model_policy()).points == pytest.approx(8)


def test_answers_are_back_after_a_reload(
    page: Page, app: Program, folder: Path, answered: list[answers.Event]
) -> None:
    visit(page, app)
    expect(option(page, "Leave the request without an answer")).to_be_checked()
    expect(option(page, "CL-04")).to_be_checked()
    expect(card(page).locator(".smt-feedback")).to_contain_text("she half expected a no")
    assert events(folder) == answered


def test_a_retry_is_kept_and_the_first_answer_stays(
    page: Page, app: Program, folder: Path, answered: list[answers.Event]
) -> None:
    first = answers.first_commits(answered)
    visit(page, app)
    card(page).get_by_role("button", name="Try again").click()
    option(page, "Accept the request with restricted viewing").check()
    option(page, "CL-05").check()
    card(page).get_by_role("button", name="Submit answer").click()
    expect(card(page).locator(".smt-feedback")).to_contain_text("try 2")
    assert answers.first_commits(events(folder)) == first
    assert answers.last_commits(events(folder))["request", "decision"] == "accept-restricted"


def test_an_incomplete_answer_is_told_and_not_sent(page: Page, app: Program, folder: Path) -> None:
    visit(page, app)
    other = card(page, "boundaries/missed-visit")
    other.get_by_role("button", name="Submit answer").click()
    expect(other.get_by_role("alert").filter(has_text="hoose")).to_be_visible()
    record = answers.read(folder / "04_boundaries" / answers.FILE)
    assert not record.of("boundaries/missed-visit")


def test_a_second_tab_cannot_answer_the_same_scene_in_silence(
    page: Page, app: Program, folder: Path
) -> None:
    slug = "boundaries/missed-visit"
    visit(page, app)
    second = page.context.new_page()
    visit(second, app)
    for tab, number in ((page, 0), (second, 1)):
        shown = card(tab, slug)
        shown.locator("fieldset").first.get_by_role("radio").nth(number).check()
        shown.get_by_role("checkbox").first.check()
    page.wait_for_timeout(500)
    card(page, slug).get_by_role("button", name="Submit answer").click()
    expect(card(page, slug).locator(".smt-feedback")).to_be_visible()
    card(second, slug).get_by_role("button", name="Submit answer").click()
    expect(card(second, slug)).to_contain_text("another tab")
    record = answers.read(folder / "04_boundaries" / answers.FILE).of(slug)
    assert {e.attempt for e in record if e.act == "commit"} == {1}


def test_the_way_through_a_module_is_told_and_leads_to_the_next_open_scenario(
    page: Page, app: Program, answered: list[answers.Event]
) -> None:
    assert answered
    page.set_viewport_size({"width": 375, "height": 700})
    visit(page, app)
    way = page.get_by_role("navigation", name="This module")
    asked = sum(slug.startswith("boundaries/") for slug in slugs())
    done = page.locator(".smt-card[data-progress=done]")
    before = done.count()
    expect(way).to_contain_text(f"{before} of {asked}")
    parts = way.get_by_text("Contents", exact=True)
    tab_to(page, parts)
    page.keyboard.press("Enter")
    has_no_barrier(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    lines = way.get_by_role("listitem")
    counted = [re.search(r"(\d+) of (\d+)", line) for line in lines.all_inner_texts()]
    assert sum(int(c[1]) for c in counted if c) == before
    assert sum(int(c[2]) for c in counted if c) == asked
    page.keyboard.press("Escape")
    expect(lines.first).to_be_hidden()
    expect(parts).to_be_focused()
    menu = page.get_by_text("Modules", exact=True)
    menu.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Modules")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    parts.press("Enter")
    expect(page.get_by_role("navigation", name="Modules")).to_be_hidden()
    way.get_by_role("link", name="How you did").click()
    expect(lines.first).to_be_hidden()
    expect(page.get_by_role("heading", name="How you did")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    parts.focus()

    go_on = way.get_by_role("button", name="Go on with the next open scenario")
    page.keyboard.press("Shift+Tab")
    expect(go_on).to_be_focused()
    page.keyboard.press("Enter")
    first = page.locator(".smt-card[data-progress=open]").first
    title = first.get_by_role("heading", level=3)
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
    covered = title.evaluate("""node => node.getBoundingClientRect().top
        < document.getElementById("course-way").getBoundingClientRect().bottom""")
    assert not covered
    # Once more is on to the one after it, not back to it.
    go_on.evaluate("button => button.click()")  # a click by hand would scroll first
    second = page.locator(".smt-card[data-progress=open]").nth(1)
    expect(second.get_by_role("heading", level=3)).to_be_focused()


# ------------------------------------------------------------------------ the line to the kernel

CUT = """(() => {
    const Real = WebSocket, open = new Set();
    window.cut = false;
    window.WebSocket = class extends Real {
        constructor(url) {
            super(window.cut ? new URL("/nothing-here", url) : url);
            open.add(this);
        }
    };
    window.cutTheLine = () => { window.cut = true; open.forEach(socket => socket.close()); };
})()"""
"""Runs before a page's own scripts: `cutTheLine()` ends its sockets until `cut` is false again."""
ANNOUNCED = 8_000
"""Milliseconds within which a page says that its kernel is no more."""


@pytest.mark.parametrize("fate", [("DELETE", ""), ("POST", "/restart")])
@pytest.mark.parametrize("notebook", [NOTEBOOK, "00_welcome/00_welcome.ipynb"])
def test_a_dead_or_new_kernel_is_announced_and_opening_again_brings_the_answers_back(
    page: Page,
    app: Program,
    answered: list[answers.Event],
    notebook: str,
    fate: tuple[str, str],
) -> None:
    assert answered
    visit(page, app, notebook)
    kernels(page, app, *fate)
    said = page.get_by_role("alert").filter(has_text="Your saved answers are kept")
    expect(said).to_be_visible(timeout=ANNOUNCED)
    again = page.get_by_role("button", name="Open this page again")
    expect(again).to_be_visible(timeout=ANNOUNCED)
    has_no_barrier(page)
    tab_to(page, again, 400)
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-course-state=ready]", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Open this page again")).to_have_count(0)
    if notebook == NOTEBOOK:
        expect(card(page).locator(".smt-feedback")).to_be_visible()


def test_a_line_that_comes_back_brings_what_was_answered_elsewhere_and_loses_no_typing(
    page: Page, app: Program, folder: Path
) -> None:
    mine, theirs = "boundaries/accidental-like", "boundaries/email-by-choice"
    page.context.add_init_script(CUT)
    page.set_viewport_size({"width": 375, "height": 700})
    visit(page, app)
    second = page.context.new_page()
    visit(second, app)
    typing = card(page, mine).get_by_role("radio").nth(1)

    page.evaluate("cutTheLine()")
    typing.check()
    card(page, theirs).get_by_role("radio").nth(0).check()
    card(page, theirs).get_by_role("checkbox").first.check()
    typing.focus()
    expect(page.get_by_role("alert").filter(has_text="The connection was lost")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="on this screen only")).to_be_visible()
    expect(typing).to_be_focused()
    covered = """() => document.activeElement.getBoundingClientRect().bottom
        > document.querySelector(".smt-line-bar").getBoundingClientRect().top"""
    assert not page.evaluate(covered)
    for _ in range(12):
        page.keyboard.press("Tab")
        assert not page.evaluate(covered)
    typing.focus()
    other = card(second, theirs)
    other.get_by_role("radio").nth(2).check()
    other.get_by_role("checkbox").nth(1).check()
    other.get_by_role("button", name="Submit answer").click()
    expect(other.locator(".smt-feedback")).to_be_visible()
    expect(card(page, theirs).locator(".smt-feedback")).to_be_hidden()

    page.evaluate("window.cut = false")
    expect(page.get_by_text("Connected again")).to_be_visible(timeout=15_000)
    expect(card(page, theirs).locator(".smt-feedback")).to_be_visible()
    expect(card(page, theirs).get_by_role("radio").nth(2)).to_be_checked()
    expect(card(page, theirs)).to_contain_text("yours was not saved")
    expect(typing).to_be_checked()
    expect(typing).to_be_focused()
    expect(card(page, mine)).to_contain_text("Draft saved")
    record = answers.read(folder / "04_boundaries" / answers.FILE)
    kept = [e for e in record.of(mine) if e.act == "change"]
    assert [e.answer for e in kept] == [typing.get_attribute("value")]
    expect(page.get_by_text("Connected again")).to_be_hidden(timeout=15_000)


def test_a_commit_into_a_broken_line_is_not_called_saved_and_goes_through_later(
    page: Page, app: Program, folder: Path
) -> None:
    slug = "boundaries/client-abroad"
    page.add_init_script(CUT)
    visit(page, app)
    shown = card(page, slug)
    shown.get_by_role("radio").first.check()
    shown.get_by_role("checkbox").first.check()
    expect(shown).to_contain_text("Draft saved")
    page.evaluate("cutTheLine()")
    shown.get_by_role("button", name="Submit answer").click()
    expect(shown.get_by_role("alert").filter(has_text="Not saved")).to_be_visible()
    page.evaluate("window.cut = false")
    expect(shown).to_contain_text("press the button once more", timeout=15_000)
    shown.get_by_role("button", name="Submit answer").click()
    expect(shown.locator(".smt-feedback")).to_be_visible()
    record = answers.read(folder / "04_boundaries" / answers.FILE).of(slug)
    assert {e.attempt for e in record if e.act == "commit"} == {1}


def test_coming_back_to_a_tab_shows_what_was_answered_in_another(page: Page, app: Program) -> None:
    slug = "boundaries/before-the-first-text"
    visit(page, app)
    second = page.context.new_page()
    visit(second, app)
    other = card(second, slug)
    other.get_by_role("button", name="Move down").first.click()
    for box in other.get_by_role("checkbox").all()[:1]:
        box.check()
    expect(other).to_contain_text("Draft saved")
    order = "list => [...list.children].map(item => item.dataset.option)"
    wanted = other.locator(".smt-steps").evaluate(order)
    assert card(page, slug).locator(".smt-steps").evaluate(order) != wanted
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(card(page, slug).locator(".smt-steps > li").first).to_have_attribute(
        "data-option", wanted[0]
    )


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_and_pages_are_accessible_and_fit(
    page: Page, app: Program, width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visit(page, app)
    has_no_barrier(page)
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert sideways <= 0


def test_ones_own_policy_and_the_debrief(page: Page, app: Program, folder: Path) -> None:
    entry = load("policy/rule-that-stung")
    record = folder / "07_policy" / answers.FILE
    answers.append(record, committed(entry, best_answers(entry.scenario, model_policy())))
    visit(page, app, "07_policy/07_policy.ipynb")
    panel = page.locator(".smt-sheet").filter(has_text="Your own policy")
    status, stamp = panel.get_by_role("status"), panel.locator(".smt-saved")
    closing = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    assert not page.evaluate(closing)
    panel.locator("[data-key='CL-09-none']").check()
    expect(stamp).to_have_text("Not saved yet")
    assert page.evaluate(closing)
    panel.get_by_role("button", name="Save the policy").click()
    expect(status.filter(has_text="Saved as policy.toml")).to_have_count(1)
    expect(status.filter(has_text="No name yet")).to_be_visible()
    assert not page.evaluate(closing)
    # What is being changed here stays when the file changes, and is what the handout holds.
    panel.get_by_label("Name of the practice").fill("Larkspur")
    panel.locator("[data-key='CL-09-secure']").check()
    (folder / "policy.toml").write_text('practice = "Ours"\n', "utf-8")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(300)
    expect(panel.locator("[data-key='CL-09-secure']")).to_be_checked()
    expect(stamp).to_have_text("Not saved yet")
    panel.get_by_role("button", name="make the handout").click()
    expect(status.filter(has_text="the handout made")).to_have_count(1)
    assert own(folder / "policy.toml").settings == {"texting": "secure"}
    with page.expect_popup() as opened:
        panel.get_by_role("link", name="our-social-media-policy.html").click()
    expect(opened.value.get_by_text("Larkspur")).to_be_visible()
    opened.value.close()
    (folder / "policy.toml").unlink()

    told = page.locator(".smt-sheet").filter(has_text="How you did")
    told.get_by_role("button", name="Make a receipt").click()
    expect(told.get_by_role("status")).to_contain_text("Receipt saved as receipt-")
    with page.expect_popup() as opened:
        told.get_by_role("link", name="receipt-").click()
    expect(opened.value.locator("body")).to_contain_text(entry.scenario.title)
    opened.value.close()
    # A scenario is gone to by its title, whether it can still be answered or not.
    for title in (entry.scenario.title, load("policy/letter-after-the-lunch-video").scenario.title):
        told.locator("summary").filter(has_text="unanswered").first.evaluate("s => s.click()")
        told.locator(".smt-link").filter(has_text=title).first.evaluate("b => b.click()")
        expect(page.get_by_role("heading", name=title)).to_be_focused()


def test_the_rewriting_bench_changes_in_its_place(page: Page, app: Program) -> None:
    visit(page, app, "03_confidentiality/03_confidentiality.ipynb")
    panel = page.locator(".smt-sheet").filter(has_text="Rewrite the draft")
    draft, count = panel.get_by_label("Your version"), panel.get_by_role("heading", level=4).first
    first, before = draft.input_value(), count.inner_text()
    panel.locator("summary").first.click()
    draft.fill("In this invented example, Ari is angry at a friend.")
    expect(count).not_to_have_text(before)
    expect(panel.locator("ins").first).to_be_visible()
    expect(panel.locator(".smt-verdict")).to_contain_text("Many people")
    # What is counted stands between the field and everything else.
    assert draft.evaluate("field => field.nextElementSibling.nextElementSibling.tagName") == "H4"
    draft.fill("x" * 6000)
    expect(panel.get_by_text("the most that fits")).to_be_visible()
    panel.get_by_role("button", name="Start over").click()
    expect(draft).to_have_value("x" * 6000)
    panel.get_by_role("button", name="Yes, start over").click()
    expect(draft).to_have_value(first)
    expect(draft).to_be_focused()
    expect(count).to_have_text(before)
    has_no_barrier(page, ".smt-sheet:has(.smt-draft)")


def test_profession_map_and_records(
    page: Page, app: Program, folder: Path, answered: list[answers.Event]
) -> None:
    assert answered
    visit(page, app, "00_welcome/00_welcome.ipynb")
    page.get_by_label("Social worker").check()
    expect(page.get_by_text("Saved: Social worker").first).to_be_visible()
    assert json.loads((folder / "learner.json").read_text())["profession"] == "social-worker"
    expect(page.get_by_role("link", name="Boundaries online").first).to_be_visible()
    asked = sum(slug.startswith("boundaries/") for slug in slugs())
    expect(page.get_by_text(f"of {asked} scenarios answered").first).to_be_visible()
    has_no_barrier(page)

    # One key held down asks and does nothing more; whoever means it is told that it is done.
    journey = page.locator(".smt-map")
    expect(journey).to_contain_text(f"of {asked} scenarios answered")
    panel = page.locator(".smt-sheet").filter(has_text="Where your answers are")
    erase = panel.get_by_role("button", name="Erase my answers")
    kept = list(folder.glob("*/answers.jsonl"))
    assert kept
    for _ in range(2):
        erase.focus()
        for _ in range(3):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        expect(panel.get_by_text("Nobody can bring back")).to_be_focused()
        has_no_barrier(page)
        page.keyboard.press("Escape")
        expect(erase).to_be_focused()
    page.wait_for_timeout(300)
    assert list(folder.glob("*/answers.jsonl")) == kept
    page.keyboard.press("Enter")
    tab_to(page, panel.get_by_role("button", name="Yes, erase them for good"))
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading")).to_be_focused()
    expect(panel.get_by_role("status")).to_have_text("Erased.")
    expect(journey).not_to_contain_text("First tries")
    assert not list(folder.glob("*/answers.jsonl"))


def test_the_same_cards_in_jupyterlab(
    course_server: Serving, folder: Path, page: Page, answered: list[answers.Event]
) -> None:
    assert answered
    lab = course_server(folder, "--lab")
    page.goto(lab.url)
    page.goto(urljoin(lab.url, f"/lab/tree/{NOTEBOOK}"))
    panel = page.locator(".course-app[data-course-state=ready]")
    panel.wait_for(timeout=PATIENCE)
    shown = panel.locator(f"[data-slug='{SLUG}']")
    expect(shown.locator(".smt-feedback")).to_be_visible()
    cells = panel.locator(".jp-Cell").count()
    other = panel.locator("[data-slug='boundaries/practice-page-follow']")
    radio = other.get_by_role("radio").first
    radio.focus()
    page.keyboard.press("Space")
    for key in ("b", "x", "d", "d"):
        page.keyboard.press(key)
    expect(radio).to_be_checked()
    assert panel.locator(".jp-Cell").count() == cells
    lab.stop()
