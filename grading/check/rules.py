"""Item-flaw rules as data: each has a title (what must hold), a reason, and a predicate.

A rule sees one scenario. A fault fails `course check`; a warning is for the author to judge.
Rules that need the whole bank are in `coverage`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from grading.check import flaws_of_content as content
from grading.check import flaws_of_form as form
from grading.check import flaws_of_worth as worth
from grading.check.items import Hits
from scenarios.catalogue import Entry
from scenarios.faults import Fault

Severity = Literal["fault", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A breach of a rule, with how much it matters."""

    severity: Severity
    rule: str
    fault: Fault

    def __str__(self) -> str:
        """Say it in one sentence."""
        return f"{self.severity}: {self.fault} [{self.rule}]"


@dataclass(frozen=True)
class Rule:
    """One rule: what must hold, why, how much it matters, and what breaks it."""

    id: str
    title: str
    reason: str
    severity: Severity
    predicate: Callable[[Entry], Hits]


def lint(entry: Entry, today: dt.date | None = None) -> Iterator[Finding]:
    """Yield every breach of every rule in one scenario.

    Args:
        entry: the scenario with its slug.
        today: the day on which review dates are looked at; by default the real one.
    """
    file = f"bank/{entry.slug}.toml"
    for rule in RULES:
        for at, found in rule.predicate(entry):
            wish = f"{rule.title} ({rule.reason})"
            fault = Fault(file=file, at=at, found=found, expected=wish)
            yield Finding(severity=rule.severity, rule=rule.id, fault=fault)
    due = entry.scenario.review_by
    if due < (today or dt.datetime.now(dt.UTC).date()):
        wish = "a review date to come (codes and state rules change; read it again, then move it)"
        fault = Fault(file=file, at="review_by", found=due.isoformat(), expected=wish)
        yield Finding(severity="warning", rule="review-date", fault=fault)


RULES: Final = (
    Rule(
        "key-longest",
        "that the best option is not visibly the longest",
        "test-wise readers pick the longest",
        "fault",
        form.key_longest,
    ),
    Rule(
        "key-shortest",
        "that the best option is not visibly the shortest",
        "any way of standing out is a cue",
        "warning",
        form.key_shortest,
    ),
    Rule(
        "spread",
        f"options at most {form.SPREAD:.0%} apart in length",
        "length must not tell options apart",
        "fault",
        form.spread,
    ),
    Rule(
        "absolutes",
        "absolute words in no option, or in the best one as well",
        "'always' and 'only' give wrong options away",
        "warning",
        form.absolutes,
    ),
    Rule(
        "reasons",
        "reasons inside no option, or inside the best one as well",
        "distractors that argue for themselves give themselves away; reasons belong in `why`",
        "fault",
        form.reasons,
    ),
    Rule(
        "grammar",
        "that all options have the same grammatical form",
        "the odd one out is a cue",
        "fault",
        form.grammar,
    ),
    Rule(
        "actions",
        "no more and no fewer actions in the best option than in all others",
        "the fullest plan looks like the answer",
        "warning",
        form.actions,
    ),
    Rule(
        "clang",
        "no more words of the stem in the best option alone than in another one alone",
        "an echo of the stem is a cue",
        "warning",
        form.clang,
    ),
    Rule(
        "overlap",
        "options that exclude one another",
        "of two options that overlap, both or neither can be right",
        "warning",
        form.overlap,
    ),
    Rule(
        "negative",
        "a question that asks for one right thing",
        "a negative question tests reading, not judgment",
        "fault",
        form.negative,
    ),
    Rule(
        "above",
        "an option that stands alone",
        "options are shuffled, and partial knowledge answers 'all of the above'",
        "fault",
        form.above,
    ),
    Rule(
        "letters",
        "no letters for options",
        "options are shuffled for every learner and have no letters",
        "fault",
        form.letters,
    ),
    Rule(
        "telling-ids",
        "an id that says what is done, not what it is worth",
        "ids stand in the page and in the record",
        "fault",
        form.telling_ids,
    ),
    Rule(
        "citations",
        "a section number only where a reference has it as verified",
        "a wrong number is worse than none; the 2021 guidelines are cited as a document",
        "fault",
        content.citations,
    ),
    Rule(
        "own-code",
        "a reference of each profession of the scenario",
        "a learner is told the rule of their own code first",
        "warning",
        content.own_code,
    ),
    Rule(
        "rationale",
        "a rationale with at least two tempting wrong clauses",
        "the reason is half of the skill, and a lone distractor is no choice",
        "fault",
        content.rationale,
    ),
    Rule(
        "never-events",
        "never-events in scenarios of severity 4",
        "what costs the whole scenario must be grave",
        "warning",
        content.never,
    ),
    Rule(
        "telephones",
        "an invented telephone number (555)",
        "it may belong to somebody",
        "fault",
        content.telephones,
    ),
    Rule(
        "domains",
        "an address under example.com, .org, .net or .example",
        "it may belong to somebody",
        "fault",
        content.domains,
    ),
    Rule(
        "trade-marks",
        "the kind of site instead of its trade mark",
        "platforms change, and the rule does not depend on them",
        "fault",
        content.trade_marks,
    ),
    Rule(
        "emoji",
        "words instead of emoji in stems and options",
        "screen readers and old telephones drop them",
        "warning",
        content.emoji,
    ),
    Rule(
        "reading-grade",
        f"a reading grade of at most {content.GRADE:g}",
        "the scenario tests judgment, not reading",
        "warning",
        content.grade,
    ),
    Rule(
        "second-person",
        "a first stem that says 'you'",
        "the learner is the clinician",
        "warning",
        content.second_person,
    ),
    Rule(
        "full-points",
        "best answers that earn all points under every policy and for every profession",
        "a learner who is right must be able to earn it",
        "fault",
        worth.full_points,
    ),
    Rule(
        "violation-pays",
        "that a violation leads to no more points than a sounder option at the same fork",
        "no path may reward a violation",
        "fault",
        worth.violation_pays,
    ),
    Rule(
        "no-way-back",
        "a next scene after a violation that is no never-event",
        "a wrong turn has a consequence and a way back",
        "warning",
        worth.no_way_back,
    ),
)
