"""The certificate as a page, for the screen and for a sheet of paper; every text is escaped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from grading.exam.measured import MODEL, Measured, named
from grading.exam.result import percent
from grading.markup import Markup, document, join, table, tag
from scenarios.welcome import NAMES

if TYPE_CHECKING:
    from grading.exam.certificate import Certificate

SUBTITLE = "confidentiality, boundaries and your own policy"
LINE = 160
"""Characters of what may stand on the sheet about a policy."""
STYLE = Path(__file__).with_name("certificate.css")
DATA = re.compile(r'<script type="application/json" id="certificate">(.*?)</script>', re.DOTALL)
"""Where the page holds all that it says, for whoever checks it."""


def page(certificate: Certificate) -> str:
    """Return the page."""
    payload = json.dumps(certificate.data, ensure_ascii=True, sort_keys=True)
    payload = payload.replace("<", "\\u003c")
    script = Markup(f'<script type="application/json" id="certificate">{payload}</script>')
    main = tag("main", _sheet(certificate), _more(certificate))
    title = f"Certificate: {certificate.name}"
    return document(title, STYLE.read_text("utf-8"), main, script)


def _sheet(certificate: Certificate) -> Markup:
    test, day, policy = certificate.test, certificate.dated, certificate.policy
    who = NAMES[certificate.profession] if certificate.profession else ""
    about = ", ".join(filter(None, (who, certificate.license)))
    facts = [
        ("Post-test", f"Passed with {percent(test.score)}; {percent(test.cut)} passes"),
        ("Practice", f"{sum(m.answered for m in certificate.modules)} situations answered"),
        ("Measured against", join(policy.practice, _version(policy.version))),
        (
            "Length",
            f"{certificate.hours:g} hours by the Mergener estimate (words, questions, difficulty)",
        ),
    ]
    return tag(
        "section",
        tag("p", "Certificate of completion", class_="kind"),
        tag("p", certificate.name, class_="name"),
        tag("p", about, class_="about") if about else None,
        tag("p", "has completed the course"),
        tag("h1", certificate.course, tag("span", SUBTITLE)),
        tag("dl", (tag("div", tag("dt", t), tag("dd", d)) for t, d in facts)),
        tag("p", _differs(policy.differs), class_="own") if policy.differs else None,
        tag(
            "div",
            tag("p", f"{day:%B} {day.day}, {day.year}"),
            tag("p", "Code ", tag("code", certificate.code)),
            class_="foot",
        ),
        tag(
            "p",
            "Made by the course itself"
            f" (UTC {certificate.made:%Y-%m-%d %H:%M}); not issued by a CE provider.",
            class_="small",
        ),
        class_="sheet",
    )


def _differs(differs: tuple[str, ...]) -> str:
    """Say where a policy differs from the model, in a line: more does not fit a sheet of paper."""
    if _few(differs):
        return f"Where it differs from the model policy: {'; '.join(differs)}."
    return f"It differs from the model policy in {len(differs)} points, which are listed below."


def _few(differs: tuple[str, ...]) -> bool:
    return len("; ".join(differs)) <= LINE


def _version(version: str) -> Markup | None:
    """Name the version of a practice's policy; the model policy is named by its name."""
    return None if version == MODEL else tag("span", "policy ", tag("code", version))


def _policy(policy: Measured) -> Markup | None:
    """List where the policy differs from the model, if that does not stand on the sheet."""
    if _few(policy.differs):
        return None
    return join(
        tag("h2", "What it was measured against"),
        tag("p", f"{named(policy)}. It differs from the model policy of the course in this:"),
        tag("ul", (tag("li", words) for words in policy.differs)),
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
        _policy(certificate.policy),
        tag("h2", "What this is"),
        tag(
            "p",
            "The score is the share of what can be known beyond guessing, over"
            f" {certificate.test.items} situations drawn from a larger pool. This page was made by"
            " the course on the learner's own computer, and not by an approved provider of"
            " continuing education. The Mergener estimate counts the words and questions of the"
            " whole course and assumes a moderate difficulty; the time that a learner took may be"
            " shorter or longer.",
        ),
        tag("h2", "How to check it"),
        tag(
            "p",
            "With the learner's course folder and the course installed: ",
            tag("code", "course verify CERTIFICATE FOLDER"),
            ". It marks the answers again as they stood on this day, and compares; with ",
            tag("code", "--policy FILE"),
            " it says whether they were measured against that policy. It cannot say who gave them.",
        ),
        class_="more",
    )
