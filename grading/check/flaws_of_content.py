"""Flaws in what an item says: citations, clauses, names that may be real, hard reading."""

from __future__ import annotations

import re
from typing import Final

from grading.check import wording
from grading.check.citations import unverified_numbers
from grading.check.items import Hits, choices, shown, texts
from scenarios.catalogue import Entry
from scenarios.policy import references
from scenarios.questions import Rationale


def citations(entry: Entry) -> Hits:
    """Find section numbers that no reference has as verified."""
    for at, text in texts(entry.scenario):
        for number, how in unverified_numbers(text):
            yield at, f"the number {number}, which {how}"


def own_code(entry: Entry) -> Hits:
    """Find professions without a reference of their own."""
    cited = {p for r in entry.scenario.references for p in references()[r].professions}
    has_code = {p for r in references().values() for p in r.professions}
    for profession in entry.scenario.professions:
        if profession in has_code and profession not in cited:
            yield "references", f"no reference of the profession {profession}"


def rationale(entry: Entry) -> Hits:
    """Find rationales that are missing or have one tempting clause only."""
    scenario = entry.scenario
    if not scenario.justified and any(choices(scenario)):
        yield "scenes", "no question of kind 'rationale'"
    for scene in scenario.scenes:
        for question in scene.questions:
            if isinstance(question, Rationale) and len(question.tempting) < 2:  # noqa: PLR2004
                at = f"scenes[{scene.id}].questions[{question.id}]"
                yield f"{at}.tempting", f"{len(question.tempting)} tempting wrong clause"


def never(entry: Entry) -> Hits:
    """Find never-events in scenarios that are not grave."""
    for at, _, question in choices(entry.scenario):
        for option in question.options:
            if option.never_event and entry.scenario.severity < 4:  # noqa: PLR2004 - the gravest
                yield f"{at}.options[{option.id}]", f"severity {entry.scenario.severity}"


TELEPHONE: Final = re.compile(
    r"(?<![\w-])(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])?\d{3}[-. ]\d{4}(?![\w-])"
)
DOMAIN: Final = re.compile(
    r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|co|app|us|info|health|care)\b", re.IGNORECASE
)
INVENTED: Final = re.compile(r"(^|\.)example(\.(com|org|net|edu))?$", re.IGNORECASE)
MARKS: Final = re.compile(
    r"\b(Facebook|Instagram|TikTok|Twitter|LinkedIn|YouTube|Snapchat|WhatsApp|Pinterest|Reddit|"
    r"Google|Yelp|Healthgrades|Zocdoc|Psychology Today|Venmo|PayPal|Zoom|ChatGPT|Gmail|iPhone|"
    r"iCloud|Bumble|Tinder|Hinge|Nextdoor|Discord|Vimeo|Trustpilot)\b"
)
EMOJI: Final = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
GRADE: Final = 13.0
"""Highest Flesch-Kincaid grade of a stem."""


def telephones(entry: Entry) -> Hits:
    """Find telephone numbers that may be real."""
    for at, text in texts(entry.scenario):
        for found in TELEPHONE.finditer(text):
            if "555" not in re.split(r"\D+", found[0]):
                yield at, f"the telephone number {found[0]}"


def domains(entry: Entry) -> Hits:
    """Find addresses that may be real."""
    for at, text in texts(entry.scenario):
        for found in DOMAIN.finditer(text):
            if not INVENTED.search(found[0]):
                yield at, f"the address {found[0]}"


def trade_marks(entry: Entry) -> Hits:
    """Find trade marks in what a learner sees before answering."""
    for at, text in shown(entry.scenario):
        found = MARKS.search(text)
        if found:
            yield at, f"'{found[0]}'"


def emoji(entry: Entry) -> Hits:
    """Find emoji in stems and options."""
    for at, text in shown(entry.scenario):
        found = EMOJI.search(text)
        if found and ".artefact" not in at:
            yield at, f"'{found[0]}'"


def grade(entry: Entry) -> Hits:
    """Find stems that are hard to read."""
    for scene in entry.scenario.scenes:
        grade = wording.reading_grade(scene.stem)
        if grade > GRADE:
            yield f"scenes[{scene.id}].stem", f"reading grade {grade:.1f}"


def second_person(entry: Entry) -> Hits:
    """Find first stems that do not speak to the learner."""
    scene = entry.scenario.scenes[0]
    if not re.search(r"\byou(r)?\b", scene.stem, re.IGNORECASE):
        yield f"scenes[{scene.id}].stem", "no 'you'"
