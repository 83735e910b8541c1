"""Cues: what a text under way might give away, said while it is written. They never mark.

A cue is a pattern with the reason why it deserves a second look. Patterns are written in what
Python's and the browser's regular expressions have in common, because the card looks for them in
the browser. No cue means nothing: a text without one is not thereby free of identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from scenarios.artefacts import Artefact, Review
from scenarios.policy import references
from scenarios.terms import ReferenceId


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One cue: what it looks for, what it warns of, and a real case behind it, if there is one."""

    title: str
    reason: str
    pattern: str
    reference: ReferenceId = ""
    cased: bool = False

    def as_data(self) -> dict[str, object]:
        """Return the rule as JSON has it, with the words of its reference."""
        known = references().get(self.reference)
        case = {"cite": known.cite, "says": known.says} if known else None
        return {**asdict(self), "case": case}


@dataclass(frozen=True)
class Flag:
    """A rule that fits a text, and the words it fits."""

    rule: Rule
    found: str


def flags(text: str, rules: Iterable[Rule]) -> tuple[Flag, ...]:
    """Return the first finding of each rule in a text."""
    found = (
        (rule, re.search(rule.pattern, text, 0 if rule.cased else re.IGNORECASE)) for rule in rules
    )
    return tuple(Flag(rule, match[0]) for rule, match in found if match)


def rules(
    kind: Literal["review-reply", "identifiers", "none"], artefact: Artefact | None
) -> tuple[Rule, ...]:
    """Return the cues of a question beyond the guard that stands over every text."""
    if kind != "review-reply":
        return ()
    return (*_greeting(artefact), *REVIEW_REPLY)


def _greeting(artefact: Artefact | None) -> tuple[Rule, ...]:
    """Return a rule for the reviewer's own name, where a review is what is answered."""
    who = artefact.who if isinstance(artefact, Review) else ""
    names = [re.escape(n) for n in re.findall(r"[^\W\d_]{3,}", who)]
    if not names:
        return ()
    return (
        Rule(
            title="Uses the reviewer's name",
            reason="A name turns a general statement into one about this person, and a real name"
            " under a nickname unmasks them.",
            pattern=rf"\b(?:{'|'.join(names)})\b",
            reference="CASE-UPI",
        ),
    )


REVIEW_REPLY = (
    Rule(
        title="Says whether someone is a client",
        reason="That a person is, was or never was a client is itself confidential. A denial says"
        " as much as a confirmation.",
        pattern=r"\b(?:(?:my|our|your|the) (?:last |first |next |previous )?(?:sessions?|treatment"
        r"|therapy|counseling|appointments?|visits?|intake|chart|file)|(?:former|current|past|our"
        r"|my|a|this|these) (?:client|patient)s?|never (?:saw|met|treated|seen|been|came|worked)"
        r"|no record of|when (?:you|we) (?:came|met|spoke|talked|visited|started|worked)"
        r"|our (?:last |earlier )?(?:talk|conversation|meeting|work)|work(?:ed|ing) (?:with you"
        r"|together)|treat(?:ed|ing) you|you (?:were|are) (?:never|not) (?:a|our|my)"
        r"|as you (?:may |will |surely )?(?:know|recall|remember))\b",
        reference="CASE-ELITE",
    ),
    Rule(
        title="Apologizes for what this person felt or went through",
        reason="An apology to one person about one event says that the event took place. A general"
        " sentence to any reader does not.",
        pattern=r"\b(?:sorry|apologi[sz]e|regret)\b[^.!?]{0,40}\b(?:you|your)\b",
        reference="OCR-GENERAL",
    ),
    Rule(
        title="Argues about what happened",
        reason="To correct a detail is to know it. Defending yourself with facts is the"
        " disclosure.",
        pattern=r"\b(?:not what happened|not true|untrue|false (?:claim|statement|review)"
        r"|(?:that|this) is (?:false|wrong|a lie)|in fact you|the truth is|you (?:said|told|asked"
        r"|agreed|signed|refused|missed|forgot|failed|chose|never))\b",
        reference="CASE-NVD",
    ),
    Rule(
        title="Gives a fact of care",
        reason="A condition, a symptom or a step of treatment next to a review is health"
        " information about its writer.",
        pattern=r"\b(?:diagnos\w*|symptom\w*|medicat\w*|prescri\w*|disorder|depress\w*|anxi\w*"
        r"|trauma\w*|addict\w*|relaps\w*|divorce|progress(?:ed)?|treatment plan)\b",
        reference="CASE-MANASA",
    ),
    Rule(
        title="Gives a fact of billing or scheduling",
        reason="That someone was billed, insured, late or cancelled says that they were in care.",
        pattern=r"\b(?:bill(?:s|ed|ing)?|invoice\w*|fees?|charg(?:e|es|ed)|co-?pay\w*|insur\w*"
        r"|payment|balance|cancel\w*|no-shows?|reschedul\w*|late (?:notice|arrival)|agreement)\b",
        reference="CASE-ELITE",
    ),
    Rule(
        title="Threatens",
        reason="A threat invites the next post, and a policy may not punish honest reviews.",
        pattern=r"\b(?:lawyers?|attorneys?|legal (?:action|steps)|sue|suing|lawsuit|court"
        r"|defam\w*|slander\w*|libel\w*|report you|consequences|police)\b",
        reference="CRFA",
    ),
    Rule(
        title="Asks for removal or offers something for it",
        reason="A reward for a kinder review, or for none, buys an opinion; asking a client to"
        " take it down uses your position.",
        pattern=r"\b(?:(?:remove|delete|change|edit|update|reconsider|withdraw) (?:it|this|that"
        r"|your|the) ?(?:review|post|comment|rating)?|take (?:it|this|that|your review|the review)"
        r" down|discounts?|refund\w*|gift|credit|free (?:session|visit)|in exchange)\b",
        reference="FTC-465",
    ),
)
"""What a public reply to a review must not do; signs of it, not proof."""

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_REAL = (
    "If it belongs to a real person, take it out: this course needs no real names or numbers,"
    " and what you write is kept in a plain file in your course folder."
)
IDENTIFIERS = (
    Rule(
        title="Looks like a telephone number",
        reason=_REAL,
        # 555-0100 to 555-0199 are kept for invented people.
        pattern=r"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\b\d{3}[ .-])(?!555[ .-]01)\d{3}[ .-]\d{4}\b",
    ),
    Rule(
        title="Looks like an e-mail address",
        reason=_REAL,
        pattern=r"[\w.+-]+@(?!example\b|[\w.-]+\.example\b)[\w-]+(?:\.[\w-]+)+",
    ),
    Rule(
        title="Looks like a date",
        reason=_REAL,
        pattern=rf"\b(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}"
        rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH})\b",
    ),
    Rule(
        title="Looks like a Social Security number",
        reason=_REAL,
        pattern=r"\b\d{3}-\d{2}-\d{4}\b",
    ),
    Rule(
        title="Looks like a record, member or account number",
        reason=_REAL,
        pattern=r"\b(?:MRN|record|member|policy|account|case|chart|ID)(?: (?:number|no\.?|ID))?"
        r"[ :#]{1,3}[A-Z]{0,4}-?\d[\d-]{3,}\b",
    ),
    Rule(
        title="Looks like a street address",
        reason=_REAL,
        pattern=r"\b\d{1,5} (?:[NSEW]\.? )?(?:[A-Z][a-z]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd"
        r"|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct|Way|Place|Pl)\b",
        cased=True,
    ),
    Rule(
        title="Looks like a person's full name",
        reason=_REAL,
        pattern=r"\b(?:Mr|Mrs|Ms|Mx|Miss)\.? [A-Z][a-z]+(?: [A-Z][a-z]+)?\b"
        r"|\b(?:named|called|client|patient) [A-Z][a-z]+ [A-Z][a-z'-]+\b"
        r"|\b[A-Z][a-z]+ [A-Z]\. [A-Z][a-z'-]+\b",
        cased=True,
    ),
)
"""What looks like a real identifier, in any text; warns only."""
