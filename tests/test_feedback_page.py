"""A learner's feedback page: what stood on the screen, in words, and points that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from grading.exemplary import best_answers, committed
from grading.markup import Markup, join
from grading.nbgrader import feedback_page
from grading.nbgrader.marking import Marker
from scenarios.artefacts import Artefact
from scenarios.catalogue import BANK, load, slugs
from scenarios.policy import model_policy
from scenarios.screen import shown

POLICY = model_policy()
DRAWN = {"kind", "channel", "scene", "people", "mine", "draft", "on", "stars"}
"""Fields that are no texts of their own."""


def artefacts() -> Iterator[Artefact]:
    for slug in slugs(BANK):
        for scene in load(slug).scenario.scenes:
            if scene.artefact:
                yield scene.artefact


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in DRAWN:
                yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_all_that_an_artefact_says_is_told_in_words() -> None:
    kinds = set()
    for artefact in artefacts():
        lines = shown(artefact)
        assert all(lines)
        said = "\n".join(lines)
        for text in texts(artefact.model_dump(mode="json")):
            assert text in said
        kinds.add(artefact.kind)
    assert len(kinds) >= 7


def test_what_the_stem_points_at_stands_below_it() -> None:
    entry = load("reviews/one-star-sunday")
    (scene, *_) = entry.scenario.scenes
    events = committed(entry, best_answers(entry.scenario, POLICY))
    told = Marker(POLICY).work(entry.slug, events).explained
    assert scene.artefact is not None
    stem = told.index(join(scene.stem))
    for line in shown(scene.artefact):
        assert told.index(join(line)) > stem


def test_a_part_without_marks_says_so_and_has_no_empty_table() -> None:
    html = feedback_page.page("ann", "Welcome", []).decode()
    assert "Nothing in this part of the course is marked." in html
    assert "0 of 0" not in html
    assert "<table" not in html


@pytest.mark.browser
def test_titles_have_most_of_a_telephones_width(page: Page, tmp_path: Path) -> None:
    title = "One star from Jordan P.: write what you would post"
    section = feedback_page.Section(title, 0, 10, waits=True, explained=Markup("<p>x</p>"))
    file = tmp_path / "page.html"
    file.write_bytes(feedback_page.page("ann", "Reviews", [section]))
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    boxes = [page.locator(f".overview td:nth-child({n})").bounding_box() for n in (1, 2)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["width"] > 1.2 * boxes[1]["width"]
