"""One page of the whole bank for reviewers: every scenario as the card that learners see.

The page is one file and asks nobody for anything. Its cards are drawn by the learner's own scripts
over a small stand-in for the kernel, which answers with feedback made here beforehand. Unlike a
learner's page it holds the keys; they are shown when a reviewer asks for them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from grading.exemplary import answers_along, best_answers, committed, paths
from scenarios import view
from scenarios.answers import Answers
from scenarios.card import Card
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import is_item, tests
from scenarios.policy import Policy, credit, in_force, topics
from scenarios.profile import Learner
from scenarios.questions import Choice

REVIEWER = Learner("reviewer")
TIME = "2026-01-01T00:00:00Z"
"""When the answers of the gallery were given: nobody gave them."""
_STYLE = (Path(__file__).parent / "gallery.css").read_text("utf-8")
_SCRIPT = (Path(__file__).parent / "gallery.js").read_text("utf-8")


def write_gallery(
    entries: Iterable[Entry], policy: Policy, path: Path, modules: Sequence[str] = ()
) -> Path:
    """Write the page; return its path."""
    path.write_text(page(entries, policy, modules), "utf-8")
    return path


def page(entries: Iterable[Entry], policy: Policy, modules: Sequence[str] = ()) -> str:
    """Return the whole page as HTML, in the order of the course's modules; the tests come last."""
    ordered = in_course_order(entries, modules)
    parts = [(name, list(group)) for name, group in groupby(ordered, key=lambda e: e.module)]
    data = {e.slug: {"plain": plain(e, policy), "shown": shown(e, policy)} for e in ordered}
    index = "".join(
        f"<li><a href='#{_e(name)}'>{_e(name.capitalize())}</a> <small>{len(own)}</small><ul>"
        + "".join(f"<li><a href='#{_e(e.slug)}'>{_e(e.scenario.title)}</a></li>" for e in own)
        + "</ul></li>"
        for name, own in parts
    )
    body = "".join(
        f"<section class='module' id='{_e(name)}'><h2>{_e(name.capitalize())}</h2>"
        + "".join(_item(e) for e in own)
        + "</section>"
        for name, own in parts
    )
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none';"
        " script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data:\">"
        "<meta name='color-scheme' content='light dark'><link rel='icon' href='data:,'>"
        f"<title>Gallery of {len(ordered)} scenarios</title>"
        f"<style>{_STYLE}\n{Card._css}</style></head><body data-voila='gallery'>"  # noqa: SLF001
        f"<header><h1>{len(ordered)} scenarios</h1><p>For reviewers: the cards are those that"
        " learners see. <b>This page holds the keys.</b></p>"
        "<p><button type='button' id='all' aria-pressed='false'>Show all keys</button></p></header>"
        f"<nav aria-label='Index'><details open><summary>Index</summary><ul>{index}</ul></details>"
        f"</nav><main>{body}</main>"
        f"<script type='application/json' id='data'>{_json(data)}</script>"
        f"<script type='application/json' id='card'>{_json(Card._esm)}</script>"  # noqa: SLF001
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


def in_course_order(entries: Iterable[Entry], modules: Sequence[str]) -> list[Entry]:
    """Return scenarios in the order of the course's modules; the tests' own come last."""

    def place(entry: Entry) -> tuple[bool, int, str]:
        item = is_item(entry.slug)
        known = list(tests()) if item else list(modules)
        return item, known.index(entry.module) if entry.module in known else len(known), entry.slug

    return sorted(entries, key=place)


def plain(entry: Entry, policy: Policy) -> dict[str, Any]:
    """Return the card's data before anything was answered."""
    return {**view.of(entry, (), policy, REVIEWER), "skipped": 0}


def shown(entry: Entry, policy: Policy) -> list[dict[str, Any]]:
    """Return the card's data with all feedback: the best answers first, then every other way."""
    scenario = entry.scenario
    ways = [best_answers(scenario, policy)]
    if scenario.branching:
        ways += [answers_along(scenario, way, policy) for way in paths(scenario)]
    unique = [way for n, way in enumerate(ways) if way not in ways[:n]]
    return [{"name": _name(entry, w, policy), "view": _seen(entry, w, policy)} for w in unique]


def _seen(entry: Entry, given: Answers, policy: Policy) -> dict[str, Any]:
    asked = {
        (s.id, q.id) for s in entry.scenario.scenes for q in s.questions if in_force(q, policy)
    }
    events = committed(entry, {k: a for k, a in given.items() if k in asked}, time=TIME)
    return {**view.of(entry, events, policy, REVIEWER), "skipped": 0}


def _name(entry: Entry, given: Answers, policy: Policy) -> str:
    """Say which way through the scenario the answers take."""
    if not entry.scenario.branching:
        return "Key"
    steps = [
        credit(q.option(str(given[s.id, q.id])), policy, None)[0]
        for s in entry.scenario.scenes
        for q in s.questions
        if isinstance(q, Choice) and (s.id, q.id) in given
    ]
    return " → ".join(steps)


def _item(entry: Entry) -> str:
    scenario, known = entry.scenario, topics()
    kinds = dict.fromkeys(q.kind for s in scenario.scenes for q in s.questions)
    named = [*kinds, *(["branching"] if scenario.branching else [])]
    about = [
        ("Kinds", ", ".join(named)),
        ("Topics", "; ".join(f"{t} {known[t].name}" if t in known else t for t in scenario.topics)),
        ("Objective", scenario.objective),
    ]
    facts = "".join(f"<dt>{_e(name)}</dt><dd>{_e(text)}</dd>" for name, text in about)
    return (
        f"<article id='{_e(entry.slug)}' data-item='{_e(entry.slug)}'><header>"
        f"<p><code>{_e(entry.slug)}</code> <a href='#top' class='up'>Index</a></p><dl>{facts}</dl>"
        "<p class='ways'></p></header><div class='place'></div></article>"
    )


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def _json(data: object) -> str:
    # Inside a script element only "<" could end it.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
