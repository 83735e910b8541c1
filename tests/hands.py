"""What tests in a browser share: answering by keyboard, reading answers off the screen, axe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Program
    from playwright.sync_api import Locator, Page

PATIENCE = 60_000
"""Milliseconds within which a page of the course is there."""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
READERS = {
    "choice": "f => f.querySelector('input:checked')?.value",
    "rationale": "f => [...f.querySelectorAll('input:checked')].map(i => i.value)",
    "hottext": """f => Object.fromEntries([...f.querySelectorAll('.smt-marked li')].map(
        li => [li.dataset.span, li.querySelector('select').value]))""",
    "audit": """f => ({
        rows: Object.fromEntries([...f.querySelectorAll('tr[data-row]')].map(
            tr => [tr.dataset.row, tr.querySelector('input:checked')?.value])),
        first: [...f.querySelectorAll('.smt-first input:checked')].map(i => i.value)})""",
    "rating": """f => Object.fromEntries([...f.querySelectorAll('.smt-rated')].map(
        r => [r.dataset.option, Number(r.querySelector('input:checked')?.value)]))""",
    "order": "f => [...f.querySelectorAll('.smt-steps > li')].map(li => li.dataset.option)",
    "response": """f => Object.fromEntries([...f.querySelectorAll('textarea')].map(
        t => [t.dataset.part, t.value]))""",
}
"""How the answer that a learner sees is read off the screen, in the form of the record."""


def tab_to(target: Locator, most: int = 250) -> None:
    """Press Tab, or Shift and Tab, until the target has the focus."""
    page = target.page
    for _ in range(most):
        way = target.evaluate("""node => {
            const at = document.activeElement;
            if (at === node) return '';
            return at.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING
                ? 'Shift+Tab' : 'Tab';
        }""")
        if not way:
            return
        page.keyboard.press(way)
    pytest.fail(f"Tab never reached {target}")


def pick(radios: Locator, wanted: str, arrow: str = "ArrowDown") -> None:
    """Choose one of a group of radio buttons."""
    tab_to(radios.first)
    radios.page.keyboard.press("Space")
    expect(radios.first).to_be_checked()
    for n in range(radios.count()):
        if radios.nth(n).get_attribute("value") == wanted:
            return
        radios.page.keyboard.press(arrow)
        expect(radios.nth(n + 1)).to_be_checked()


def tick(boxes: Locator, wanted: list[str]) -> None:
    """Tick checkboxes, in the order in which they stand."""
    for box in boxes.all():
        if box.get_attribute("value") in wanted:
            tab_to(box)
            box.page.keyboard.press("Space")
            expect(box).to_be_checked()


def mark_phrases(form: Locator, wanted: dict[str, str]) -> None:
    order = form.locator(".smt-span").evaluate_all("all => all.map(s => s.dataset.span)")
    for span in (span for span in order if span in wanted):
        phrase = form.locator(f".smt-span[data-span='{span}']")
        tab_to(phrase)
        form.page.keyboard.press("Enter")
        expect(phrase).to_have_attribute("aria-pressed", "true")
    # Along the text first, then along the list below it, as one would.
    selects = form.locator(".smt-marked li").evaluate_all("all => all.map(li => li.dataset.span)")
    for span, category in ((span, wanted[span]) for span in selects):
        select = form.locator(f".smt-marked [data-span='{span}'] select")
        tab_to(select)
        form.page.keyboard.press(category)
        expect(select).to_have_value(category)


def decide_rows(form: Locator, wanted: dict[str, Any]) -> None:
    for row, decision in wanted["rows"].items():
        pick(form.locator(f"tr[data-row='{row}'] input"), decision)
    tick(form.locator(".smt-first input"), wanted["first"])


def rate(form: Locator, wanted: dict[str, int]) -> None:
    for option, degree in wanted.items():
        pick(form.locator(f"[data-option='{option}'] input"), str(degree), "ArrowRight")


def put_in_order(form: Locator, wanted: list[str]) -> None:
    for place, step in enumerate(wanted):
        up = form.locator(f"[data-option='{step}'] .smt-move-up")
        for at in range(form.evaluate(READERS["order"]).index(step), place, -1):
            tab_to(up)
            form.page.keyboard.press("Enter")
            expect(form.locator(".smt-steps > li").nth(at - 1)).to_have_attribute(
                "data-option", step
            )


def write(form: Locator, wanted: dict[str, str]) -> None:
    for part, text in wanted.items():
        area = form.locator(f"textarea[data-part='{part}']")
        tab_to(area)
        form.page.keyboard.insert_text(text)
        expect(area).to_have_value(text)


HANDS: dict[str, Callable[[Locator, Any], None]] = {
    "choice": lambda form, wanted: pick(form.get_by_role("radio"), wanted),
    "rationale": lambda form, wanted: tick(form.get_by_role("checkbox"), wanted),
    "hottext": mark_phrases,
    "audit": decide_rows,
    "rating": rate,
    "order": put_in_order,
    "response": write,
}


def same(kind: str, shown: Any, stored: Any) -> bool:  # noqa: ANN401 - answers have many forms
    """Whether two answers say the same; the order of chosen clauses and fixes says nothing."""
    if kind == "rationale":
        return sorted(shown) == sorted(stored)
    if kind == "audit":
        return shown["rows"] == stored["rows"] and set(shown["first"]) == set(stored["first"])
    return bool(shown == stored)


def has_no_barrier(page: Page, part: str | None = None) -> None:
    """Hold a page, or what a selector names on it, against WCAG 2.2 AA as far as axe can tell."""
    found = Axe().run(page, context=part, options=WCAG)
    assert not found.response["violations"], found.generate_report()


def kernels(page: Page, app: Program, method: str, action: str = "") -> None:
    """Do the same to every kernel of the server, as its own interface allows."""
    token = parse_qs(urlsplit(app.url).query)["token"][0]
    headers = {"Authorization": f"token {token}"}

    def call(how: str, path: str) -> Any:  # noqa: ANN401 - whatever the server says
        reply = page.request.fetch(urljoin(app.url, path), method=how, headers=headers)
        return json.loads(reply.body() or b"null")

    for kernel in call("GET", "/api/kernels"):
        call(method, f"/api/kernels/{kernel['id']}{action}")
