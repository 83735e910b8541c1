"""Every kind of question in a real browser, on a phone and on a desk, with the keyboard only."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from hands import HANDS, PATIENCE, READERS, has_no_barrier, same, tab_to
from playwright.sync_api import expect

from grading.exemplary import best_answers
from grading.preview import notebook
from scenarios import answers
from scenarios.catalogue import load
from scenarios.policy import model_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Program, Serving
    from playwright.sync_api import Browser, Locator, Page

    Visit = Callable[..., Page]

pytestmark = pytest.mark.browser

KINDS = {
    "choice": "boundaries/sunday-follow-request",
    "rationale": "reviews/one-star-sunday",
    "hottext": "confidentiality/grief-case-draft",
    "audit": "privacy/video-platform-checkup",
    "rating": "boundaries/network-invitation",
    "order": "boundaries/before-the-first-text",
    "response": "reviews/jordan-p-one-star",
    "branching": "boundaries/inbox-at-eleven-forty",
}
WIDTHS = {"phone": 375, "desk": 1280}
BROKEN = "73_broken"
TRIED = "74_tried"
"""The notebook for what happens on the way to an answer and after it."""


def where(width: str) -> str:
    """The notebook, and its folder, whose cards are answered at a width."""
    return f"7{list(WIDTHS).index(width)}_{width}" if width in WIDTHS else width


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's folder with a notebook for each width that asks one scenario of each kind."""
    course = tmp_path_factory.mktemp("kinds") / "course"
    chosen = [load(slug) for slug in KINDS.values()]
    for width in WIDTHS:
        notebook(chosen, course, where(width))
    notebook(chosen[:1], course, BROKEN)
    notebook(chosen, course, TRIED)
    return course


@pytest.fixture(scope="module")
def app(course_server: Serving, folder: Path) -> Iterator[Program]:
    """The app over that folder."""
    running = course_server(folder)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def visit(browser: Browser, app: Program) -> Iterator[Visit]:
    """Open a notebook in a window of its own, in so many pixels."""
    opened = []

    def open_page(name: str, width: int, scale: float = 1) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, device_scale_factor=scale
        )
        opened.append(context)
        page = context.new_page()
        page.goto(app.url)
        page.goto(urljoin(app.url, f"/voila/render/{name}/{name}.ipynb"))
        page.wait_for_selector("body[data-course-state=ready]", timeout=PATIENCE)
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def windows(visit: Visit) -> Callable[[str], Page]:
    """One window for each width, kept open while its cards are answered one after the other."""
    kept: dict[str, Page] = {}

    def window(width: str) -> Page:
        if width not in kept:
            kept[width] = visit(where(width), WIDTHS[width])
        return kept[width]

    return window


def wanted_of(slug: str) -> answers.Answers:
    """The answers to give: the best, so that a branching scenario is walked to its end."""
    scenario = load(slug).scenario
    given = best_answers(scenario, model_policy())
    for scene in scenario.scenes:
        for question in scene.questions:
            if question.kind == "response":
                given[scene.id, question.id] = {p.id: "NO REPLY" for p in question.parts}
    return given


def kinds_of(slug: str) -> dict[tuple[str, str], str]:
    scenes = load(slug).scenario.scenes
    return {(s.id, q.id): q.kind for s in scenes for q in s.questions}


def committed(folder: Path, width: str, slug: str) -> answers.Answers:
    """What is on disk for a scenario."""
    record = answers.read(folder / where(width) / answers.FILE)
    return answers.first_commits(record.of(slug))


def unfold(part: Locator) -> None:
    """Open everything that can be opened."""
    part.locator("details").evaluate_all("all => all.forEach(node => { node.open = true; })")


# ------------------------------------------------------------------------------------- the tests


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_kind_is_answered_with_the_keyboard(
    windows: Callable[[str], Page], folder: Path, width: str, kind: str
) -> None:
    page, slug = windows(width), KINDS[kind]
    card = page.locator(f"[data-slug='{slug}']")
    wanted, kinds = wanted_of(slug), kinds_of(slug)
    for name in dict.fromkeys(scene for scene, _ in wanted):
        scene = card.locator(f".smt-scene[data-scene='{name}']")
        expect(scene).to_have_attribute("data-state", "open")
        for (at, question), answer in wanted.items():
            if at == name:
                form = scene.locator(f".smt-form [data-question='{question}']")
                HANDS[kinds[at, question]](form, answer)
        tab_to(scene.get_by_role("button", name="Submit answer"))
        page.keyboard.press("Enter")
        expect(scene).to_have_attribute("data-state", "committed")
        expect(scene.locator(".smt-feedback [data-verdict]").first).to_be_visible()
        expect(scene.get_by_role("heading", name="Feedback")).to_be_focused()
    expect(card.locator(".smt-debrief")).to_be_visible()

    stored = committed(folder, width, slug)
    assert stored.keys() == wanted.keys()
    assert all(same(kinds[at], stored[at], wanted[at]) for at in wanted)
    unfold(card)
    has_no_barrier(page, f"[data-slug='{slug}']")


def answer_all(folder: Path, width: str, slug: str) -> None:
    """Put the answers to give on record."""
    events = [
        answers.Event(
            act="commit", scenario=slug, scene=scene, question=question, answer=answer,
            attempt=1, bank=load(slug).version,
        )
        for (scene, question), answer in wanted_of(slug).items()
    ]  # fmt: skip
    answers.append(folder / where(width) / answers.FILE, events)


@pytest.fixture
def answered(folder: Path) -> Path:
    """The folder with every card answered, by the tests before or here."""
    for width in WIDTHS:
        for slug in KINDS.values():
            if not committed(folder, width, slug):
                answer_all(folder, width, slug)
    return folder


@pytest.mark.parametrize("width", WIDTHS)
def test_answers_of_every_kind_come_back(visit: Visit, answered: Path, width: str) -> None:
    page = visit(where(width), WIDTHS[width])
    for slug in KINDS.values():
        card, kinds = page.locator(f"[data-slug='{slug}']"), kinds_of(slug)
        for (scene, question), stored in committed(answered, width, slug).items():
            place = card.locator(f".smt-scene[data-scene='{scene}']")
            expect(place).to_have_attribute("data-state", "committed")
            form = place.locator(f".smt-form [data-question='{question}']")
            kind = kinds[scene, question]
            assert same(kind, form.evaluate(READERS[kind]), stored)
    said = {
        kind: page.locator(f"[data-slug='{slug}'] .smt-feedback") for kind, slug in KINDS.items()
    }
    expect(said["audit"].first).to_contain_text("Right: change. You chose it.")
    expect(said["audit"].first).to_contain_text("Now: ")
    expect(said["hottext"].first).to_contain_text("category A (Names)")
    expect(said["rating"].first).not_to_contain_text("key")


def rubric(page: Page) -> Locator:
    """The rubric by which a learner rates the written answer of the page."""
    return page.locator(f"[data-slug='{KINDS['response']}'] .smt-rubric")


def counts(folder: Path) -> list[Any]:
    """The self-ratings on disk, in order."""
    record = answers.read(folder / where("phone") / answers.FILE)
    return [e.answer for e in record.of(KINDS["response"]) if e.act == "rate"]


def test_ones_own_count_is_kept_by_keyboard_and_nothing_is_lost_in_two_tabs(
    visit: Visit, answered: Path
) -> None:
    here, there = (visit(where("phone"), width) for width in (375, 1280))
    for box in ("a1", "b1"):
        target = rubric(here).locator(f"input[value='{box}']")
        tab_to(target)
        here.keyboard.press("Space")
    expect(rubric(here)).to_contain_text("Your count is saved")
    expect(rubric(here).locator(".smt-total")).to_contain_text("Your own count: ")
    assert counts(answered)[-1] == {"criteria": ["a1", "b1"], "caps": []}

    # The other tab has not seen this yet: it is shown, and what was ticked there is not written.
    rubric(there).locator("input[value='a2']").click()
    expect(rubric(there).get_by_role("alert")).to_contain_text("another tab")
    expect(rubric(there).locator("input[value='a1']")).to_be_checked()
    expect(rubric(there).locator("input[value='a2']")).not_to_be_checked()
    rubric(there).locator("input[value='a2']").check()
    expect(rubric(there)).to_contain_text("Your count is saved")
    expect(rubric(there).get_by_role("alert")).to_be_empty()
    assert counts(answered)[-1] == {"criteria": ["a1", "a2", "b1"], "caps": []}

    here.reload()
    here.wait_for_selector("body[data-course-state=ready]", timeout=PATIENCE)
    for box in ("a1", "a2", "b1"):
        expect(rubric(here).locator(f"input[value='{box}']")).to_be_checked()
    expect(rubric(here)).to_contain_text("Your count is saved")
    has_no_barrier(here, ".smt-rubric")


@pytest.mark.parametrize(("width", "scale"), [(640, 2), (320, 1)])
def test_nothing_is_lost_at_twice_the_size(
    visit: Visit, answered: Path, width: int, scale: float
) -> None:
    assert answered.is_dir()
    page = visit(where("desk"), width, scale)
    unfold(page.locator("main"))
    too_wide = page.evaluate("""() => [document.documentElement, ...document.querySelectorAll(
        '.smt-card, .smt-scene, .smt-artefact, fieldset, .smt-feedback, .smt-debrief')]
        .filter(node => node.scrollWidth > Math.max(node.clientWidth, 1) + 1)
        .map(node => node.className || node.tagName)""")
    assert too_wide == []


# ---------------------------------------------------------------------- on the way to an answer


def drafts(folder: Path, kind: str) -> list[Any]:
    """What was kept of an answer on the way there, in order."""
    record = answers.read(folder / TRIED / answers.FILE)
    return [e.answer for e in record.of(KINDS[kind]) if e.act == "change"]


def come_again(page: Page) -> None:
    page.reload()
    page.wait_for_selector("body[data-course-state=ready]", timeout=PATIENCE)


def test_a_text_is_kept_while_somebody_types_and_when_they_leave(
    visit: Visit, folder: Path
) -> None:
    page = visit(TRIED, 1280)
    card = page.locator(f"[data-slug='{KINDS['response']}']")
    public, notes = card.locator("textarea").all()
    public.press_sequentially("We welcome any call. " * 2, delay=100)  # no rest for four seconds
    assert drafts(folder, "response")

    # What others would read is judged under its own part, and what was opened there stays open.
    public.fill("We are sorry you felt unheard in our last session.")
    part = card.locator(".smt-part").first
    behind = part.locator("details", has_text="The case behind it").first
    behind.locator("summary").click()
    public.press_sequentially(" Please")
    expect(behind).to_have_attribute("open", "")
    expect(card.locator(".smt-part").nth(1).locator(".smt-flag")).to_have_count(0)

    notes.focus()
    page.keyboard.insert_text("a" * 9000)
    expect(card.locator(".smt-part").nth(1)).to_contain_text("8,000 characters")
    notes.fill("Ask a colleague.")
    page.locator("header a").first.click()
    page.go_back()
    come_again(page)
    expect(notes).to_have_value("Ask a colleague.")

    # What looks like a real identifier waits in the tab; the other part is kept.
    public.fill("Anyone may call the office.")
    notes.fill("Her number is 612-555-1234.")
    unsaved = card.locator(".smt-part").nth(1).get_by_text("Not saved")
    expect(unsaved).to_be_visible()
    expect(card.locator(".smt-saved").first).to_contain_text("Not saved")
    page.wait_for_timeout(1500)
    assert "612" not in json.dumps(drafts(folder, "response"))
    come_again(page)
    expect(public).to_have_value("Anyone may call the office.")
    expect(notes).to_have_value("Her number is 612-555-1234.")
    expect(unsaved).to_be_visible()
    expect(card.locator(".smt-guard")).to_be_visible()
    notes.fill("Ask a colleague.")
    expect(unsaved).to_have_count(0)
    come_again(page)
    expect(notes).to_have_value("Ask a colleague.")


def test_forms_say_what_is_missing_where_it_is_and_nothing_moves_under_the_finger(
    visit: Visit,
) -> None:
    page = visit(TRIED, 375)
    cards = {kind: page.locator(f"[data-slug='{slug}']") for kind, slug in KINDS.items()}
    audit = cards["audit"].locator("[data-kind='audit']")
    for row in audit.locator("tr[data-row]").all()[:-1]:
        row.get_by_label("Keep").check()
    cards["audit"].get_by_role("button", name="Submit answer").click()
    expect(audit.locator("tr[data-row]").last.get_by_label("Keep")).to_be_focused()
    said = audit.get_by_text("Decide 1 more setting")
    for seen in (said, page.locator(":focus")):
        expect(seen).to_be_in_viewport(ratio=1)
        covered = seen.evaluate("""node => {
            const {left, top, width, height} = node.getBoundingClientRect();
            const there = document.elementFromPoint(left + width / 2, top + height / 2);
            return !node.contains(there);
        }""")
        assert not covered

    steps = cards["order"].locator(".smt-steps > li")
    first = steps.first.get_attribute("data-option")
    steps.first.get_by_role("button", name="Move down").dblclick()
    expect(steps.nth(1)).to_have_attribute("data-option", str(first))

    text = cards["hottext"].locator(".smt-flow")
    places = """flow => [...flow.querySelectorAll('.smt-span')].map(
        span => [...span.getClientRects()].map(r => [r.x, r.width, r.height]))"""
    before = text.evaluate(places)
    for phrase in text.locator(".smt-span").all():
        phrase.press("Enter")
    assert text.evaluate(places) == before


def test_a_new_try_of_a_branching_scenario_begins_empty_and_can_be_given_up(
    visit: Visit, folder: Path
) -> None:
    slug = KINDS["branching"]
    answer_all(folder, TRIED, slug)
    page = visit(TRIED, 1280)
    card = page.locator(f"[data-slug='{slug}']")
    back = card.get_by_role("button", name="Back to the feedback")
    scenes = card.locator(".smt-scene")

    def going_on() -> None:
        """In the second scene of the new try."""
        expect(card).to_have_attribute("data-progress", "done")
        expect(scenes.nth(0)).to_have_attribute("data-state", "committed")
        expect(scenes.nth(1)).to_have_attribute("data-state", "retry")
        expect(scenes.nth(1).get_by_text("A new try")).to_be_visible()
        expect(scenes.nth(1).locator("input:checked")).to_have_count(0)
        expect(back).to_have_count(1)

    card.get_by_role("button", name="Try again").click()
    scenes.nth(0).get_by_role("radio").first.check()
    back.click()
    expect(card.locator(".smt-debrief")).to_be_visible()
    card.get_by_role("button", name="Try again").click()
    expect(scenes.nth(0).locator("input:checked")).to_have_count(0)
    scenes.nth(0).locator("input[value='dispatch-first']").check()
    scenes.nth(0).get_by_role("button", name="Submit answer").click()
    going_on()
    come_again(page)
    going_on()
    back.click()
    expect(card.locator(".smt-debrief")).to_be_visible()
    expect(scenes.nth(1)).to_have_attribute("data-state", "committed")
    come_again(page)
    expect(card.locator(".smt-debrief")).to_be_visible()
    assert committed(folder, TRIED, slug) == wanted_of(slug)


def put_a_folder_in_its_place(beside: Path) -> None:
    (beside / answers.FILE).mkdir()


def allow_reading_only(beside: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    beside.chmod(0o555)


@pytest.mark.parametrize("harm", [put_a_folder_in_its_place, allow_reading_only])
def test_an_answer_that_cannot_be_kept_says_so_and_stays_on_the_screen(
    visit: Visit, folder: Path, harm: Callable[[Path], None]
) -> None:
    page, beside = visit(BROKEN, 1280), folder / BROKEN
    card = page.locator(f"[data-slug='{KINDS['choice']}']")
    try:
        harm(beside)
        radio = card.get_by_role("radio").first
        radio.check()
        card.get_by_role("checkbox").first.check()
        card.get_by_role("button", name="Submit answer").click()
        alert = card.locator(".smt-alert")
        expect(alert).to_contain_text("saved")
        expect(alert).to_contain_text(answers.FILE)
        assert "Traceback" not in page.content()
        expect(radio).to_be_checked()
        expect(card.locator(".smt-scene")).to_have_attribute("data-state", "open")
    finally:
        beside.chmod(0o755)
        if (beside / answers.FILE).is_dir():
            (beside / answers.FILE).rmdir()
