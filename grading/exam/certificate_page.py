"""The certificate as a page, for the screen and for a sheet of paper; every text is escaped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from grading.exam.result import percent
from grading.markup import Markup, document, table, tag
from scenarios.welcome import NAMES

if TYPE_CHECKING:
    from grading.exam.certificate import Certificate

SUBTITLE = "confidentiality, boundaries and your own policy"
STYLE = Path(__file__).with_name("certificate.css")
DATA = re.compile(r'<script type="application/json" id="certificate">(.*?)</script>', re.DOTALL)
"""Where the page holds all that it says, for whoever checks it."""


def page(certificate: Certificate) -> str:
    """Return the page."""
    payload = json.dumps(certificate.model_dump(mode="json"), ensure_ascii=True, sort_keys=True)
    payload = payload.replace("<", "\\u003c")
    script = Markup(f'<script type="application/json" id="certificate">{payload}</script>')
    main = tag("main", _sheet(certificate), _more(certificate))
    title = f"Certificate: {certificate.name}"
    return document(title, STYLE.read_text("utf-8"), main, script)


def _sheet(certificate: Certificate) -> Markup:
    test, day = certificate.test, certificate.made
    who = NAMES[certificate.profession] if certificate.profession else ""
    about = ", ".join(filter(None, (who, certificate.license)))
    facts = [
        ("Post-test", f"Passed with {percent(test.score)}; {percent(test.cut)} passes"),
        ("Practice", f"{sum(m.answered for m in certificate.modules)} situations answered"),
        ("Measured against", certificate.policy.practice),
        ("Length", f"{certificate.hours:g} hours, estimated from the content"),
    ]
    return tag(
        "section",
        tag("p", "Certificate of completion", class_="kind"),
        tag("p", certificate.name, class_="name"),
        tag("p", about, class_="about") if about else None,
        tag("p", "has completed the course"),
        tag("h1", certificate.course, tag("span", SUBTITLE)),
        tag("dl", (tag("div", tag("dt", t), tag("dd", d)) for t, d in facts)),
        tag(
            "div",
            tag("p", f"{day:%B} {day.day}, {day.year}"),
            tag("p", "Code ", tag("code", certificate.code)),
            class_="foot",
        ),
        tag("p", "Made by the course itself; no statement of a provider of CE.", class_="small"),
        class_="sheet",
    )


def _more(certificate: Certificate) -> Markup:
    rows = [(m.title, f"{m.answered} of {m.asked}", str(m.mastered)) for m in certificate.modules]
    return tag(
        "section",
        tag("h2", "What was done"),
        table(
            "Situations of each module; mastered means that the best decision was reached",
            ["Module", "Answered", "Mastered"],
            rows,
        ),
        tag("h2", "What this is"),
        tag(
            "p",
            "The score is the share of what can be known beyond guessing, over"
            f" {certificate.test.items} situations drawn from a larger pool. This page was made by"
            " the course on the learner's own computer. It is no statement of an approved provider"
            " of continuing education; the hours are an estimate from the content, with a moderate"
            " difficulty that no reviewer has yet judged.",
        ),
        tag("h2", "How to check it"),
        tag(
            "p",
            "With the learner's course folder and the course installed: ",
            tag("code", "course verify CERTIFICATE FOLDER"),
            ". It marks the answers again as they stood on this day, and compares. It cannot say"
            " who gave them.",
        ),
        class_="more",
    )
