"""A test of the course in a real browser: sit it, leave it, lose the line, pass it, prove it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from hands import HANDS, PATIENCE, READERS, has_no_barrier, kernels, same, tab_to
from playwright.sync_api import expect
from sat import POLICY, POOLS, POST, PRE, events_of

from grading.exam.result import results
from grading.exam.verification import verify
from grading.exemplary import best_answers, committed, worst_answers
from grading.marks import mark
from scenarios import evaluation
from scenarios.answers import FILE, Answers, Event, append, read
from scenarios.catalogue import Entry, load, load_all
from scenarios.exam.blueprint import Test, draw, is_item
from scenarios.exam.sitting import Sitting, sittings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from conftest import Program, Serving
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

WIDTHS = (375, 1280)
SCHEMES = ("light", "dark")
ANNOUNCED = 8_000
"""Milliseconds within which a page says that its kernel is no more."""


# ----------------------------------------------------------------------------- the learner's folder


def form_of(test: Test, learner: str, sitting: int = 1) -> dict[str, str]:
    """The situations that a learner gets, each with its slot."""
    return draw(test, POOLS[test.name], learner, sitting)


def kind_of(slug: str) -> str:
    """The kind of question that a scenario of a test decides by."""
    return load(slug).scenario.scenes[0].questions[0].kind


def best(entry: Entry) -> Answers:
    return best_answers(entry.scenario, POLICY)


def worst(entry: Entry) -> Answers:
    return worst_answers(entry.scenario, POLICY)


KINDS = {kind_of(slug) for slugs in POOLS["posttest"].values() for slug in slugs}
# Somebody whose first form asks every kind there is.
LEARNER = next(
    name
    for name in (f"learner-{n}" for n in range(200))
    if {kind_of(slug) for slug in form_of(POST, name)} == KINDS
)
FORM = tuple(form_of(POST, LEARNER))


def worst_is_never(slug: str) -> bool:
    """Whether the worst answers to a situation hold something that must never happen."""
    return bool(mark(load(slug).scenario, worst(load(slug)), POLICY).never_events)


WEAK = next(slug for slug in FORM[5:] if not worst_is_never(slug))
NEVER = next(slug for slug in FORM if worst_is_never(slug))


def all_but(missed: str) -> Callable[[Entry], Answers]:
    """Answers that are the best everywhere but in one situation."""
    return lambda entry: worst(entry) if entry.slug == missed else best(entry)


@dataclass(frozen=True)
class Course:
    """A served course, in which each test of this file has a copy of a notebook to itself."""

    app: Program
    folder: Path

    def copy(self, name: str, *, of: str = "08_posttest") -> Path:
        """Return a folder beside the modules with a notebook that nobody has opened yet."""
        place = self.folder / name
        place.mkdir(parents=True)
        shutil.copy(self.folder / of / f"{of}.ipynb", place / f"{place.name}.ipynb")
        return place

    def visit(self, page: Page, place: Path) -> None:
        """Open the notebook of a folder."""
        if page.url == "about:blank":
            page.goto(self.app.url)
        path = (place / f"{place.name}.ipynb").relative_to(self.folder).as_posix()
        page.goto(urljoin(self.app.url, f"/voila/render/{path}"))
        ready(page)


def ready(page: Page) -> None:
    page.wait_for_selector("body[data-course-state=ready]", timeout=PATIENCE)
    expect(page.locator(".course-fault")).to_have_count(0)


@pytest.fixture(scope="module")
def course(course_server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """One server for all tests of this file."""
    folder = tmp_path_factory.mktemp("exam") / "my course"
    running = course_server(folder)
    (folder / "learner.json").write_text(json.dumps({"id": LEARNER, "profession": None}))
    yield Course(running, folder)
    running.stop()


def sat(place: Path, test: Test = POST) -> tuple[Sitting, ...]:
    """The sittings on record beside a notebook."""
    return sittings(read(place / FILE).events, test)


def put(place: Path, *rounds: Iterable[Event]) -> None:
    append(place / FILE, [event for events in rounds for event in events])


def taken(answering: Callable[[Entry], Answers], number: int = 1) -> list[Event]:
    """A finished sitting of the post-test, as the course would have dealt it."""
    form = form_of(POST, LEARNER, number)
    return events_of(POST, number, answering, form=form, hour=9 + number)


# -------------------------------------------------------------------------------------- the sitting


def exam(page: Page) -> Locator:
    return page.locator(".smt-exam")


def shown(page: Page) -> Locator:
    """The item that is seen."""
    return exam(page).locator(".smt-item:not([hidden])")


def saved(page: Page) -> Locator:
    return exam(page).locator(".smt-exam-saved")


def press(page: Page, name: str, within: str = "") -> None:
    """Go to a button with Tab and press it with Enter."""
    part = exam(page).locator(within) if within else exam(page)
    tab_to(part.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def click(page: Page, *names: str) -> None:
    """Press buttons, one after the other."""
    for name in names:
        exam(page).get_by_role("button", name=name, exact=True).click()


def is_at(page: Page, number: int) -> None:
    """The page shows a situation, and focus is where one begins to read it."""
    expect(exam(page).locator(".smt-kicker")).to_contain_text(f"situation {number} of")
    expect(exam(page).locator(".smt-title")).to_be_focused()
    expect(exam(page).locator(".smt-place-number[aria-current=step]")).to_have_text(str(number))


def go_to(page: Page, number: int) -> None:
    exam(page).locator("nav .smt-place-number").nth(number - 1).click()
    is_at(page, number)


def answer(page: Page, slug: str) -> None:
    """Answer the situation that is shown at its best, with the keyboard."""
    item = shown(page)
    expect(item).to_have_attribute("data-slug", slug)
    (scene,) = load(slug).scenario.scenes
    for question in scene.questions:
        wanted = best(load(slug))[scene.id, question.id]
        field = item.locator(f"[data-question='{question.id}']")
        HANDS[question.kind](field, wanted)
    expect(saved(page)).to_contain_text("Saved")


def on_screen(page: Page, slug: str) -> Answers:
    """What the form of a test shows as the answers of a situation."""
    (scene,) = load(slug).scenario.scenes
    item = exam(page).locator(f".smt-item[data-slug='{slug}']")
    return {
        (scene.id, q.id): item.locator(f"[data-question='{q.id}']").evaluate(READERS[q.kind])
        for q in scene.questions
    }


def agree(one: Answers, other: Answers, slug: str) -> bool:
    (scene,) = load(slug).scenario.scenes
    kinds = {(scene.id, q.id): q.kind for q in scene.questions}
    return one.keys() == other.keys() and all(same(kinds[k], one[k], other[k]) for k in one)


ONE_OF_EACH = {kind_of(slug): slug for slug in reversed(FORM[:-1])}
"""A situation of each kind, none of them the last one."""


def half_way(place: Path, but: set[str]) -> None:
    """Put a sitting on record in which everything is answered at its best except `but`."""
    begin, *answered, _ = taken(best)
    put(place, [begin, *(replace(e, act="change") for e in answered if e.scenario not in but)])


def hand_in_with_some_open(page: Page, done: list[str]) -> list[int]:
    """Ask to hand in, by keyboard; return the numbers of what is open, which the page says."""
    press(page, "Hand in")
    left = [n for n, slug in enumerate(FORM, start=1) if slug not in done]
    asked = exam(page).get_by_role("group", name="Hand in")
    expect(asked.locator("p").first).to_be_focused()
    expect(asked).to_contain_text(f"{len(left)} not answered.")
    links = asked.get_by_role("button", name="Go to situation")
    assert links.all_inner_texts() == [str(n) for n in left]
    return left


def handed_in(page: Page, place: Path, done: list[str], word: str) -> None:
    """Hand in what is open as well; what is on record is what was on the screen."""
    seen = {slug: on_screen(page, slug) for slug in done}
    hand_in_with_some_open(page, done)
    assert sat(place)[0].finished is None
    now = exam(page).get_by_role("button", name="Hand in now")
    expect(now).not_to_have_class(re.compile("smt-primary"))
    tab_to(now)
    now.evaluate("button => { button.click(); button.click(); }")
    expect(exam(page).get_by_role("heading", name="Post-test")).to_be_focused()
    expect(exam(page).locator(".smt-live")).to_have_text(f"Handed in. {word}.")
    expect(exam(page).locator(".smt-verdict").first).to_contain_text(word)
    (sitting,) = sat(place)
    assert sitting.finished
    assert sitting.answers.keys() == seen.keys()
    assert all(agree(sitting.answers[slug], seen[slug], slug) for slug in seen)
    assert all(agree(seen[slug], best(load(slug)), slug) for slug in seen)
    expect(exam(page).get_by_role("alert")).to_be_empty()
    (result,) = results(read(place / FILE).events, POST, POLICY)
    expect(exam(page)).to_contain_text(f"{int(100 * result.score + 1e-9)}%")


def test_a_sitting_on_a_phone_with_the_keyboard_only(page: Page, course: Course) -> None:
    place = course.copy("81_phone")
    page.set_viewport_size({"width": 375, "height": 900})
    course.visit(page, place)
    assert not (place / FILE).exists()
    expect(exam(page)).to_contain_text("situations in the modules are still open")
    status = exam(page).locator(".smt-live")
    press(page, "Begin")
    is_at(page, 1)
    expect(status).to_have_text("The test has begun.")
    assert tuple(sat(place)[0].form) == FORM
    expect(exam(page).get_by_role("button", name="Back")).to_be_disabled()

    doing = sorted(ONE_OF_EACH.values(), key=FORM.index)
    last = FORM.index(doing[-1]) + 1
    for number, slug in enumerate(FORM[:last], start=1):
        is_at(page, number)
        if slug in doing:
            answer(page, slug)
        if number < last:
            press(page, "Next")
            expect(status).to_have_text(f"Situation {number + 1} of {len(FORM)}.")
    press(page, "Back")
    is_at(page, last - 1)
    first = FORM.index(doing[0]) + 1
    press(page, f"Situation {first}, answered")
    is_at(page, first)
    expect(exam(page).locator(".smt-so-far")).to_have_text(f"{len(doing)} of {len(FORM)} answered")
    press(page, f"Situation {len(FORM)}, not answered")
    is_at(page, len(FORM))
    expect(exam(page).get_by_role("button", name="Next")).to_have_count(0)

    left = hand_in_with_some_open(page, doing)
    press(page, "Go on answering")
    expect(exam(page).get_by_role("button", name="Hand in", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    press(page, f"Go to situation {left[0]}")
    is_at(page, left[0])
    answer(page, FORM[left[0] - 1])
    handed_in(page, place, [*doing, FORM[left[0] - 1]], "Not passed yet")


def test_the_rest_of_a_sitting_at_a_desk_with_the_keyboard_only(page: Page, course: Course) -> None:
    place = course.copy("81_desk")
    doing = sorted(ONE_OF_EACH.values(), key=FORM.index)
    half_way(place, {*doing, FORM[-1]})
    course.visit(page, place)
    # Whoever comes back is at the first open one.
    first = FORM.index(doing[0]) + 1
    expect(exam(page).locator(".smt-kicker")).to_contain_text(f"situation {first} of")
    for slug in doing:
        if slug != doing[0]:
            press(page, f"Situation {FORM.index(slug) + 1}, not answered")
            is_at(page, FORM.index(slug) + 1)
        answer(page, slug)
    handed_in(page, place, list(FORM[:-1]), "Passed")


def radios(page: Page) -> Locator:
    return shown(page).locator("[data-kind=choice]").get_by_role("radio")


CHOICES = [n for n, slug in enumerate(FORM, start=1) if kind_of(slug) == "choice"]


def kept(place: Path, number: int) -> Any:  # noqa: ANN401 - answers have many forms
    """What is on record as the decision of a situation, on its way."""
    slug = FORM[number - 1]
    (scene,) = load(slug).scenario.scenes
    return sat(place)[0].drafts.get(slug, {}).get((scene.id, scene.questions[0].id))


def choose(page: Page, place: Path, number: int, which: int) -> str:
    """Choose an option in a situation; once the page says so, it is on record."""
    go_to(page, number)
    radio = radios(page).nth(which)
    radio.check()
    expect(saved(page)).to_contain_text("Saved")
    value = str(radio.get_attribute("value"))
    assert kept(place, number) == value
    return value


def test_a_reload_brings_everything_back_to_the_same_place(page: Page, course: Course) -> None:
    place = course.copy("82_reload")
    course.visit(page, place)
    click(page, "Begin")
    one, two, three = CHOICES[0], CHOICES[3], CHOICES[6]
    for number, which in ((one, 0), (two, 1), (three, 2)):
        choose(page, place, number, which)
    clause = shown(page).get_by_role("checkbox").first
    clause.check()
    expect(saved(page)).to_contain_text("Saved")
    clause.uncheck()
    expect(saved(page)).to_contain_text("Saved")
    clause.check()
    go_to(page, two)
    expect(saved(page)).to_contain_text("Saved")
    page.reload()
    ready(page)
    expect(exam(page).locator(".smt-kicker")).to_contain_text(f"situation {two} of")
    expect(radios(page).nth(1)).to_be_checked()
    for number, which in ((one, 0), (three, 2)):
        go_to(page, number)
        expect(radios(page).nth(which)).to_be_checked()
    expect(shown(page).get_by_role("checkbox").first).to_be_checked()
    assert len(sat(place)) == 1


def test_two_tabs_lose_nothing_in_silence(page: Page, course: Course) -> None:
    place = course.copy("83_tabs")
    course.visit(page, place)
    click(page, "Begin")
    both, theirs, mine = CHOICES[1:4]
    choose(page, place, both, 0)
    second = page.context.new_page()
    course.visit(second, place)
    other = choose(second, place, both, 1)
    another = choose(second, place, theirs, 1)

    radios(page).nth(2).click()  # not check(): the answer may be there before it looks
    expect(exam(page).get_by_role("alert")).to_contain_text("another tab")
    expect(radios(page).nth(1)).to_be_checked()
    expect(exam(page).locator(".smt-kicker")).to_contain_text(f"situation {both} of")
    assert kept(place, both) == other
    go_to(page, theirs)
    expect(radios(page).nth(1)).to_be_checked()
    own = choose(page, place, mine, 2)
    expect(exam(page).get_by_role("alert")).to_be_empty()
    # What is known to be on record can be changed from here as well.
    changed = choose(page, place, both, 2)

    # The same choice in both is no quarrel; coming back to a tab shows what is on record now.
    go_to(second, mine)
    radios(second).nth(2).check()
    expect(saved(second)).to_contain_text("Saved")
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    go_to(second, both)
    expect(radios(second).nth(2)).to_be_checked()
    assert [kept(place, n) for n in (both, theirs, mine)] == [changed, another, own]

    # Handed in elsewhere: said, and shown.
    click(second, "Hand in", "Hand in now")
    expect(second.locator(".smt-result")).to_be_visible()
    radios(page).nth(0).click()
    expect(exam(page).get_by_role("alert")).to_contain_text("another tab")
    expect(exam(page).locator(".smt-result")).to_be_visible()
    assert kept(place, both) == changed


def test_a_dead_kernel_is_announced_and_the_sitting_goes_on(page: Page, course: Course) -> None:
    place = course.copy("84_dead")
    course.visit(page, place)
    click(page, "Begin")
    choose(page, place, CHOICES[0], 0)
    choose(page, place, CHOICES[5], 1)
    kernels(page, course.app, "DELETE")
    said = page.get_by_role("alert").filter(has_text="Your saved answers are kept")
    expect(said).to_be_visible(timeout=ANNOUNCED)
    radios(page).nth(2).check()
    expect(saved(page)).not_to_contain_text("Saved")
    again = page.get_by_role("button", name="Open this page again")
    expect(again).to_be_visible(timeout=ANNOUNCED)
    tab_to(again)
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    ready(page)
    expect(exam(page).locator(".smt-kicker")).to_contain_text(f"situation {CHOICES[5]} of")
    expect(radios(page).nth(1)).to_be_checked()
    choose(page, place, CHOICES[6], 2)
    click(page, "Hand in", "Hand in now")
    expect(exam(page).locator(".smt-result")).to_be_visible()
    assert sat(place)[0].finished


# ---------------------------------------------------------------------------------- what came of it


def leads_somewhere(place: Path, link: Locator) -> bool:
    """Whether a link leads to a notebook, seen from the folder of another one."""
    href = link.get_attribute("href")
    return bool(href) and (place / str(href)).is_file()


def test_a_failed_sitting_shows_no_key_and_offers_others(page: Page, course: Course) -> None:
    place = course.copy("85_failed")
    put(place, taken(worst))
    heard: list[str] = []
    page.on("websocket", lambda w: w.on("framereceived", lambda frame: heard.append(str(frame))))
    course.visit(page, place)
    expect(exam(page).locator(".smt-verdict")).to_contain_text("Not passed yet")
    expect(exam(page).locator(".smt-answered")).to_have_count(0)
    expect(exam(page)).to_contain_text("twice more")
    exam(page).get_by_role("button", name="Take it again").click()
    is_at(page, 1)
    told = page.content() + "".join(heard)
    assert "situation 1 of" in told
    for slug in FORM:
        assert load(slug).scenario.feedback.takeaway not in told
    assert '"credit"' not in told
    _, now = sat(place)
    assert now.form == form_of(POST, LEARNER, 2)
    assert not set(now.form) & set(FORM)


def test_what_must_never_happen_fails_a_sitting_that_would_pass(page: Page, course: Course) -> None:
    place = course.copy("85_never")
    put(place, taken(all_but(NEVER)))
    course.visit(page, place)
    expect(exam(page).locator(".smt-verdict")).to_contain_text("would pass")
    said = exam(page).locator(".smt-never-list")
    expect(said).to_contain_text(load(NEVER).scenario.title)
    expect(exam(page).locator(".smt-answered")).to_have_count(0)
    expect(exam(page).locator(".smt-begin")).to_be_visible()
    has_no_barrier(page, ".smt-exam")


def test_a_passed_sitting_shows_everything_and_is_not_taken_again(
    page: Page, course: Course
) -> None:
    place = course.copy("86_passed")
    put(place, taken(all_but(WEAK)))
    course.visit(page, place)
    expect(exam(page).locator(".smt-verdict").first).to_contain_text("Passed")
    told = exam(page).locator(".smt-answered")
    expect(told).to_have_count(len(FORM))
    # What deserves a look comes first.
    expect(told.first.locator("summary").first).to_contain_text(load(WEAK).scenario.title)
    for n in range(len(FORM)):
        told.nth(n).locator("summary").first.click()
        expect(told.nth(n).locator(".smt-takeaway")).to_be_visible()
    text = exam(page).inner_text()
    for slug in FORM:
        assert load(slug).scenario.feedback.takeaway in text
    expect(exam(page).locator(".smt-begin")).to_have_count(0)


def test_after_three_failed_sittings_the_page_names_what_to_answer_again(
    page: Page, course: Course
) -> None:
    place = course.copy("87_shut")
    put(place, *(taken(worst, number) for number in (1, 2, 3)))
    course.visit(page, place)
    expect(exam(page).locator(".smt-begin")).to_have_count(0)
    rows = exam(page).locator(".smt-redo > li")
    assert all(leads_somewhere(place, row.get_by_role("link")) for row in rows.all())
    mine = next(r for r in rows.all() if "Boundaries online" in r.inner_text())
    mine.locator("summary").click()
    titles = mine.locator("li").all_inner_texts()
    cards = {e.scenario.title for e in load_all().values() if e.module == "boundaries"}
    assert titles
    assert set(titles) <= cards
    mine.get_by_role("link").click()
    ready(page)
    expect(page.get_by_role("heading", name="Boundaries online", level=1)).to_be_visible()
    expect(page.locator(".smt-card").get_by_text(titles[0], exact=True).first).to_be_visible()


def test_the_pre_test_is_taken_once(page: Page, course: Course) -> None:
    place = course.folder / "00_welcome"
    course.visit(page, place)
    expect(exam(page)).to_contain_text("10 situations")
    click(page, "Begin")
    is_at(page, 1)
    answer(page, next(iter(form_of(PRE, LEARNER))))
    click(page, "Hand in")
    expect(exam(page)).to_contain_text("9 not answered. What you leave open is")
    click(page, "Hand in now")
    expect(exam(page).get_by_role("heading", name="Pre-test")).to_be_focused()
    expect(exam(page).locator("[data-topic]")).to_have_count(PRE.length)
    for _ in range(2):
        expect(exam(page).locator(".smt-verdict, .smt-begin, .smt-answered")).to_have_count(0)
        page.reload()
        ready(page)
    exam(page).locator("[data-topic] a").first.click()
    ready(page)
    assert len(sat(place, PRE)) == 1


# ----------------------------------------------------------------------- evaluation and certificate


SAID: dict[str, Any] = {"agree": 4, "hours": 11.5, "text": "A second phone."}


def evaluated() -> list[Event]:
    return [
        Event(
            act="commit",
            scenario=evaluation.NAME,
            scene="form",
            question=q.id,
            answer=SAID[q.kind],
            attempt=1,
            bank="",
        )
        for q in evaluation.questions()
    ]


def sheet(page: Page, title: str) -> Locator:
    return page.locator(".smt-sheet").filter(has=page.get_by_role("heading", name=title))


def test_the_evaluation_says_what_is_missing_and_keeps_what_is_there(
    page: Page, course: Course
) -> None:
    place = course.copy("88_evaluation")
    course.visit(page, place)
    form = sheet(page, "Your evaluation")
    questions = evaluation.questions()
    agreed = [q for q in questions if q.kind == "agree"]
    for q in agreed[1:]:
        box = form.locator(f"[data-question='{q.id}']").get_by_role("radio", name="4 agree")
        tab_to(box.page.locator(f"[data-key='{q.id}-1']"))
        page.keyboard.press("Space")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(box).to_be_checked()
    written = form.get_by_label("What will you do differently?")
    written.fill(SAID["text"])
    tab_to(form.get_by_role("button", name="Save the evaluation"))
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert").first).to_have_text(
        "Not saved. 2 questions are still to answer."
    )
    expect(form.locator(".smt-missing:not(:empty)")).to_have_count(2)
    expect(form.locator(f"[data-key='{agreed[0].id}-1']")).to_be_focused()
    assert evaluation.given(read(place / FILE)) == {}
    expect(written).to_have_value(SAID["text"])

    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    hours = form.get_by_label("About how many hours")
    for wrong in ("0", "500"):
        hours.fill(wrong)
        form.get_by_role("button", name="Save").click()
        expect(form.get_by_role("alert").first).to_contain_text("1 question is")
        expect(hours).to_be_focused()
    hours.fill(str(SAID["hours"]).replace(".", ","))
    tab_to(form.get_by_role("button", name="Save the evaluation"))
    page.keyboard.press("Enter")
    expect(form.get_by_role("button", name="Save again")).to_be_focused()
    expect(form.locator(".smt-saved")).to_contain_text("Saved")
    expect(form.get_by_role("status").filter(has_text="Saved")).to_have_count(1)
    record = read(place / FILE)
    assert evaluation.whole(record)
    assert evaluation.given(record) == {q.id: SAID[q.kind] for q in questions if q.id != "better"}
    # What follows from it elsewhere on the page is there without a look at it.
    expect(page.locator("[data-done=true]").filter(has_text="Evaluation saved")).to_have_count(1)

    # What is being written here stays when another page saves.
    written.fill("Two of them.")
    again = [*evaluated()[:1], *evaluated()[-1:]]
    append(place / FILE, again)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(form.get_by_label("What should be better?")).to_have_value(SAID["text"])
    expect(written).to_have_value("Two of them.")
    written.fill("Two of them, off.")
    written.blur()
    page.reload()
    ready(page)
    expect(written).to_have_value("Two of them, off.")
    assert evaluation.given(read(place / FILE))["change"] == SAID["text"]
    expect(hours).to_have_value(str(SAID["hours"]))
    expect(form.get_by_role("radio", name="4 agree", checked=True)).to_have_count(len(agreed))


def test_what_is_filled_in_comes_back_before_it_is_saved(page: Page, course: Course) -> None:
    course.visit(page, course.copy("87_draft"))
    form = sheet(page, "Your evaluation")
    written = form.get_by_label("What will you do differently?")
    form.get_by_role("radio", name="4 agree").first.check()
    written.fill(SAID["text"])
    written.blur()
    page.reload()
    ready(page)
    expect(written).to_have_value(SAID["text"])
    expect(form.get_by_role("radio", name="4 agree").first).to_be_checked()
    expect(form.locator(".smt-saved")).to_be_empty()


@pytest.fixture(scope="module")
def whole(course: Course) -> Path:
    """The post-test of a folder, inside the served one, in which everything is done."""
    folder = course.folder / "whole"
    folder.mkdir()
    shutil.copy(course.folder / "learner.json", folder)
    for module in sorted(course.folder.glob("0*")):
        place = course.copy(f"whole/{module.name}", of=module.name)
        done = [
            line
            for e in load_all().values()
            if e.module == module.name[3:] and not is_item(e.slug)
            for line in committed(e, best(e))
        ]
        if done:
            put(place, done)
    put(folder / "08_posttest", taken(best), evaluated())
    return folder / "08_posttest"


def test_the_certificate_is_made_opened_and_printed(
    page: Page, course: Course, whole: Path, tmp_path: Path
) -> None:
    place = course.copy("89_undone")
    course.visit(page, place)
    panel = sheet(page, "Your certificate")
    expect(panel.get_by_role("button")).to_have_count(0)
    links = panel.get_by_role("link")
    assert links.count() >= 7
    assert all(leads_somewhere(place, link) for link in links.all())

    course.visit(page, whole)
    expect(panel.locator("[data-done=false]")).to_have_count(0)
    make = panel.get_by_role("button", name="Make the certificate")
    make.click()
    name, license_ = panel.get_by_label("Your name"), panel.get_by_label("License")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile("Give your name"))
    has_no_barrier(page, ".smt-sheet:has(.smt-checks)")
    page.keyboard.insert_text("Amara <b>Okonkwo")
    expect(name).to_have_accessible_description("")
    tab_to(license_)
    page.keyboard.insert_text("LMFT 123456")
    page.keyboard.press("Enter")
    make.dblclick()
    expect(panel.get_by_role("status").filter(has_text="Saved as certificate-")).to_have_count(1)
    expect(panel.get_by_role("alert")).to_be_empty()
    expect(name).to_have_value("Amara <b>Okonkwo")
    expect(license_).to_have_value("LMFT 123456")
    page.wait_for_timeout(500)
    (made,) = whole.parent.glob("certificate-*.html")
    expect(panel).to_contain_text(made.name)
    expect(panel).to_contain_text(str(whole.parent))
    assert verify(made, whole.parent).problems == ()
    with page.expect_popup() as opened:
        panel.get_by_role("link", name=made.name).click()
    expect(opened.value.get_by_text("Certificate of completion")).to_be_visible()
    opened.value.close()

    page.goto(made.as_uri())
    expect(page.get_by_text("Amara <b>Okonkwo").first).to_be_visible()
    for width in WIDTHS:
        for scheme in SCHEMES:
            dress(page, width, scheme)
            has_no_barrier(page)
            assert sideways(page) <= 0
    printed = page.pdf(path=tmp_path / "certificate.pdf", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 2


# ------------------------------------------------------------------------------- without barriers


def dress(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )


def sideways(page: Page) -> int:
    """How many pixels of the page lie beyond its right edge."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def begun(page: Page) -> None:
    exam(page).get_by_role("button", name="Begin").click()
    is_at(page, 1)


def handing_in(page: Page) -> None:
    begun(page)
    exam(page).get_by_role("button", name="Hand in").click()
    expect(exam(page).get_by_role("group", name="Hand in")).to_be_visible()


def unfolded(page: Page) -> None:
    """Open everything that can be opened, of the situations one of each kind."""
    titles = [load(slug).scenario.title for slug in ONE_OF_EACH.values()]
    page.locator(".smt-exam").evaluate(
        """(exam, titles) => {
            const title = d => d.querySelector('summary').innerText;
            const wanted = d => titles.some(t => title(d).startsWith(t));
            for (const d of exam.querySelectorAll('.smt-answered')) if (!wanted(d)) d.remove();
            for (const d of exam.querySelectorAll('details')) d.open = true;
        }""",
        titles,
    )


def incomplete(page: Page) -> None:
    sheet(page, "Your evaluation").get_by_role("button").click()
    expect(page.locator(".smt-missing:not(:empty)").first).to_be_visible()


STATES: dict[str, tuple[list[list[Event]], Callable[[Page], None]]] = {
    "intro": ([], lambda _: None),
    "sitting": ([], begun),
    "handing-in": ([], handing_in),
    "failed": ([taken(worst)], unfolded),
    "shut": ([taken(worst, n) for n in (1, 2, 3)], unfolded),
    "passed": ([taken(all_but(WEAK))], unfolded),
    "evaluation": ([], incomplete),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_page_is_accessible_and_fits(
    page: Page, course: Course, state: str
) -> None:
    rounds, then = STATES[state]
    place = course.copy(f"9{list(STATES).index(state)}_{state}")
    if rounds:
        put(place, *rounds)
    course.visit(page, place)
    then(page)
    for width in WIDTHS:
        for scheme in SCHEMES:
            dress(page, width, scheme)
            has_no_barrier(page)
            assert sideways(page) <= 0


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_every_kind_is_accessible_and_fits(
    page: Page, course: Course, width: int, scheme: str
) -> None:
    place = course.copy(f"98_kinds_{scheme}")
    dress(page, width, scheme)
    course.visit(page, place)
    begun(page)
    for slug in ONE_OF_EACH.values():
        go_to(page, FORM.index(slug) + 1)
        has_no_barrier(page, ".smt-exam")
        assert sideways(page) <= 0


def test_the_ready_certificate_panel_is_accessible(page: Page, course: Course, whole: Path) -> None:
    course.visit(page, whole)
    expect(sheet(page, "Your certificate").get_by_role("button")).to_be_visible()
    for width in WIDTHS:
        for scheme in SCHEMES:
            dress(page, width, scheme)
            has_no_barrier(page, ".smt-sheet:has(.smt-checks)")


def test_the_same_test_in_jupyterlab(course_server: Serving, course: Course, page: Page) -> None:
    place = course.copy("99_lab")
    lab = course_server(course.folder, "--lab")
    page.goto(lab.url)
    page.goto(urljoin(lab.url, "/lab/tree/99_lab/99_lab.ipynb"))
    page.locator(".course-app[data-course-state=ready]").wait_for(timeout=PATIENCE)
    cells = page.locator(".jp-Cell").count()
    exam(page).get_by_role("button", name="Begin").click()
    is_at(page, 1)
    item = shown(page).locator("fieldset input, fieldset button").first
    item.focus()
    for key in ("b", "x", "d", "d"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    choose(page, place, CHOICES[0], 1)
    exam(page).get_by_role("button", name="Hand in").click()
    exam(page).get_by_role("button", name="Hand in now").click()
    expect(exam(page).locator(".smt-result")).to_be_visible()
    assert sat(place)[0].finished
    lab.stop()
