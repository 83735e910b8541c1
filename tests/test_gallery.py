"""The gallery: the whole bank on one page that asks nobody, drawn by the learner's own card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from grading.gallery import in_course_order, plain, shown
from grading.gallery import page as gallery
from scenarios.catalogue import load, load_all
from scenarios.policy import model_policy

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

ENTRIES = load_all()
BRANCHING = "boundaries/inbox-at-eleven-forty"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the whole bank."""
    out = tmp_path_factory.mktemp("gallery") / "gallery.html"
    out.write_text(gallery(ENTRIES.values(), model_policy()), "utf-8")
    return out


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_scenario_is_shown_without_and_with_its_feedback(slug: str) -> None:
    entry, policy = ENTRIES[slug], model_policy()
    assert plain(entry, policy)["scenes"][0]["committed"] is None
    ways = shown(entry, policy)
    assert all(way["view"]["debrief"] for way in ways)
    assert all(s["committed"]["feedback"] for way in ways for s in way["view"]["scenes"])


def test_every_scene_of_a_branching_scenario_is_on_one_of_its_ways() -> None:
    ways = shown(load(BRANCHING), model_policy())
    seen = {s["id"] for way in ways for s in way["view"]["scenes"]}
    assert seen == {s.id for s in load(BRANCHING).scenario.scenes}


def test_the_gallery_follows_the_course_and_tests_come_last() -> None:
    ordered = in_course_order(ENTRIES.values(), ("presence", "privacy", "boundaries"))
    modules = list(dict.fromkeys(e.module for e in ordered))
    assert modules[:3] == ["presence", "privacy", "boundaries"]
    assert modules[-2:] == ["pretest", "posttest"]
    assert len(ordered) == len(ENTRIES)


def test_the_page_asks_nobody(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"<(?:link|script|img)[^>]+(?:src|href)=[\"'](?!data:|#)", text) == []
    assert "default-src 'none'" in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
def test_all_cards_are_drawn_and_the_keys_are_shown_when_asked_for(
    page: Page, path: Path, width: int
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-gallery-state=ready]")
    expect(page.locator(".smt-card[data-slug]")).to_have_count(len(ENTRIES))
    expect(page.locator(".smt-debrief")).to_have_count(0)
    page.get_by_role("button", name="Show all keys").click()
    expect(page.locator(".smt-debrief")).to_have_count(len(ENTRIES))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert problems == []
