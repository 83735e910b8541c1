"""Item-flaw rules as data: each has a title (what must hold), a reason, and a predicate.

A rule sees one scenario. A fault fails `course check`; a warning is for the author to judge.
Rules that need the whole bank are in `coverage`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import mean
from typing import Final, Literal

from grading import wording
from grading.citations import unverified_numbers
from grading.exemplary import answers_along, best_answers, paths
from grading.marks import mark, points_by_rule
from scenarios.catalogue import Entry
from scenarios.faults import Fault
from scenarios.model import Scenario, Scene
from scenarios.policy import Policy, PracticePolicy, lay_over, model_policy, references
from scenarios.questions import Choice, Option, Rationale
from scenarios.terms import PROFESSIONS, Frozen, Profession

Severity = Literal["fault", "warning"]
Hits = Iterator[tuple[str, str]]
"""(place in the file, what was found there) for each breach of a rule."""


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


# ------------------------------------------------------------------------------------ looking in


def choices(scenario: Scenario) -> Iterator[tuple[str, Scene, Choice]]:
    """Yield the single-best-action questions with their place in the file."""
    for scene in scenario.scenes:
        for question in scene.questions:
            if isinstance(question, Choice):
                yield f"scenes[{scene.id}].questions[{question.id}]", scene, question


def key(question: Choice) -> Option:
    """Return the option that is best by the model policy."""
    return next(o for o in question.options if o.credit == "best")


def others(question: Choice) -> list[Option]:
    """Return the options that are not the key."""
    return [o for o in question.options if o.credit != "best"]


def texts(value: object, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a typed value with its place, in the order of the fields."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{at}.{name}" if at else name)
    elif isinstance(value, tuple | list):
        for n, item in enumerate(value):
            yield from texts(item, f"{at}[{getattr(item, 'id', None) or n}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, f"{at}.{name}")


def _shown(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield what a learner sees before answering: stems, artefacts, prompts, options."""
    for scene in scenario.scenes:
        at = f"scenes[{scene.id}]"
        yield f"{at}.stem", scene.stem
        yield from texts(scene.artefact, f"{at}.artefact")
    for at, _, question in choices(scenario):
        yield f"{at}.prompt", question.prompt
        yield from ((f"{at}.options[{o.id}]", o.text) for o in question.options)


# ------------------------------------------------------------------------- the form of the options

MARGIN: Final = 0.15
"""How much longer than the next one the key may be, as a share."""
SPREAD: Final = 0.35
"""How far the longest and the shortest option may lie apart, as a share of their mean."""


def _key_longest(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        longest = max(len(o.text) for o in others(question))
        ahead = len(key(question).text) / longest - 1
        if ahead > MARGIN:
            yield at, f"the best option {ahead:.0%} longer than the next one"


def _key_shortest(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        shortest = min(len(o.text) for o in others(question))
        behind = 1 - len(key(question).text) / shortest
        if behind > MARGIN:
            yield at, f"the best option {behind:.0%} shorter than the next one"


def _spread(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        lengths = [len(o.text) for o in question.options]
        apart = (max(lengths) - min(lengths)) / mean(lengths)
        if apart > SPREAD:
            yield at, f"options of {min(lengths)} to {max(lengths)} characters ({apart:.0%} apart)"


def _absolutes(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        marked = [o for o in question.options if wording.ABSOLUTE.search(o.text)]
        in_key = key(question) in marked
        if marked and (not in_key or len(marked) == 1):
            yield at, _said(wording.ABSOLUTE, marked, in_key=in_key)


def _reasons(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        marked = [o for o in question.options if wording.REASON.search(o.text)]
        in_key = key(question) in marked
        if marked and (not in_key or len(marked) == 1):
            yield at, _said(wording.REASON, marked, in_key=in_key)


def _said(pattern: re.Pattern[str], marked: list[Option], *, in_key: bool) -> str:
    said = sorted({m[0].lower() for o in marked for m in pattern.finditer(o.text)})
    where = "the best option alone" if in_key else "wrong options alone"
    return f"{', '.join(map(repr, said))} in {where}"


def _grammar(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        kinds = {o.id: wording.opening(o.text) for o in question.options}
        if len(set(kinds.values())) > 1:
            found = ", ".join(f"{i} opens with a {k}" for i, k in kinds.items() if k != "verb")
            yield at, found
        ends = {o.text[-1:] in ".!?" for o in question.options}
        if len(ends) > 1:
            yield at, "some options with and some without a full stop"


def _actions(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        ours = wording.actions(key(question).text)
        theirs = {wording.actions(o.text) for o in others(question)}
        if ours > max(theirs) or ours < min(theirs):
            counts = f"{min(theirs)} to {max(theirs)}" if len(theirs) > 1 else f"{min(theirs)}"
            yield at, f"{ours} actions in the best option and {counts} in the others"


def _clang(entry: Entry) -> Hits:
    """Find stem words that stand in the key and in no other option, unless others have theirs."""
    for at, scene, question in choices(entry.scenario):
        stem = wording.content(scene.stem)
        own = {o.id: stem & wording.content(o.text) for o in question.options}
        alone = {
            i: said.difference(*(s for j, s in own.items() if j != i)) for i, said in own.items()
        }
        ours = alone.pop(key(question).id)
        if len(ours) > max(map(len, alone.values())):
            said = [w for w in wording.words(key(question).text) if wording.content(w) & ours]
            yield at, f"words of the stem in the best option alone: {', '.join(said)}"


INSIDE: Final = 0.9
ALIKE: Final = 0.75


def _overlap(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        said = [
            (o.id, frozenset(w.lower() for w in wording.words(o.text))) for o in question.options
        ]
        for n, (one, a) in enumerate(said):
            for other, b in said[n + 1 :]:
                common = len(a & b)
                if common >= INSIDE * min(len(a), len(b)):
                    yield at, f"{one} and {other}, one of which contains the other"
                elif common >= ALIKE * len(a | b):
                    yield at, f"{one} and {other} with nearly the same words"


NEGATIVE: Final = re.compile(
    r"\b(not|except|least|incorrect|inappropriate|false|wrong)\b", re.IGNORECASE
)
ABOVE: Final = re.compile(
    r"\b(all|none|both|any|either) of (the )?(above|these|them below)\b", re.IGNORECASE
)
LETTER: Final = re.compile(r"\b(?:[Oo]ption|[Aa]nswer|[Cc]hoice)s? [A-F]\b")
TELLING: Final = re.compile(r"(^|-)(best|incorrect|acceptable|risky|violation|distractor)(-|$)")


def _negative(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        found = NEGATIVE.search(question.prompt)
        if found:
            yield f"{at}.prompt", f"'{found[0]}'"


def _above(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        for option in question.options:
            if ABOVE.search(option.text):
                yield f"{at}.options[{option.id}]", f"'{option.text}'"


def _letters(entry: Entry) -> Hits:
    for at, text in texts(entry.scenario):
        found = LETTER.search(text)
        if found:
            yield at, f"'{found[0]}'"


def _telling_ids(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        for option in question.options:
            if TELLING.search(option.id):
                yield at, f"the option id '{option.id}'"


# ------------------------------------------------------------------------------ what is behind it


def _citations(entry: Entry) -> Hits:
    for at, text in texts(entry.scenario):
        for number, how in unverified_numbers(text):
            yield at, f"the number {number}, which {how}"


def _own_code(entry: Entry) -> Hits:
    cited = {p for r in entry.scenario.references for p in references()[r].professions}
    has_code = {p for r in references().values() for p in r.professions}
    for profession in entry.scenario.professions:
        if profession in has_code and profession not in cited:
            yield "references", f"no reference of the profession {profession}"


def _rationale(entry: Entry) -> Hits:
    scenario = entry.scenario
    if not scenario.justified and any(choices(scenario)):
        yield "scenes", "no question of kind 'rationale'"
    for scene in scenario.scenes:
        for question in scene.questions:
            if isinstance(question, Rationale) and len(question.tempting) < 2:  # noqa: PLR2004
                at = f"scenes[{scene.id}].questions[{question.id}]"
                yield f"{at}.tempting", f"{len(question.tempting)} tempting wrong clause"


def _never(entry: Entry) -> Hits:
    for at, _, question in choices(entry.scenario):
        for option in question.options:
            if option.never_event and entry.scenario.severity < 4:  # noqa: PLR2004 - the gravest
                yield f"{at}.options[{option.id}]", f"severity {entry.scenario.severity}"


# ---------------------------------------------------------------------------------- what it shows

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


def _telephones(entry: Entry) -> Hits:
    for at, text in texts(entry.scenario):
        for found in TELEPHONE.finditer(text):
            if "555" not in re.split(r"\D+", found[0]):
                yield at, f"the telephone number {found[0]}"


def _domains(entry: Entry) -> Hits:
    for at, text in texts(entry.scenario):
        for found in DOMAIN.finditer(text):
            if not INVENTED.search(found[0]):
                yield at, f"the address {found[0]}"


def _trade_marks(entry: Entry) -> Hits:
    for at, text in _shown(entry.scenario):
        found = MARKS.search(text)
        if found:
            yield at, f"'{found[0]}'"


def _emoji(entry: Entry) -> Hits:
    for at, text in _shown(entry.scenario):
        found = EMOJI.search(text)
        if found and ".artefact" not in at:
            yield at, f"'{found[0]}'"


def _grade(entry: Entry) -> Hits:
    for scene in entry.scenario.scenes:
        grade = wording.reading_grade(scene.stem)
        if grade > GRADE:
            yield f"scenes[{scene.id}].stem", f"reading grade {grade:.1f}"


def _second_person(entry: Entry) -> Hits:
    scene = entry.scenario.scenes[0]
    if not re.search(r"\byou(r)?\b", scene.stem, re.IGNORECASE):
        yield f"scenes[{scene.id}].stem", "no 'you'"


# -------------------------------------------------------------------------------- what it is worth


def situations(scenario: Scenario) -> Iterator[tuple[str, Policy, Profession | None]]:
    """Yield every policy and profession that may change what the answers are worth, with a name."""
    model = model_policy()
    whens = [w for _, _, q in choices(scenario) for o in q.options for w in o.when]
    values = {c.setting.name: c.setting.values for c in model.clauses.values() if c.setting}
    policies = {"the model policy": model}
    for name in sorted({n for w in whens for n in w.policy} & values.keys()):
        for value in values[name]:
            own = PracticePolicy(practice="Any", settings={name: value})
            policies[f'{name} = "{value}"'] = lay_over(model, own)
    professions = {p for w in whens for p in w.professions}
    people: list[Profession | None] = [None, *(p for p in PROFESSIONS if p in professions)]
    for name, policy in policies.items():
        for person in people:
            yield f"{name}, {person}" if person else name, policy, person


def _full_points(entry: Entry) -> Hits:
    scenario = entry.scenario
    most = points_by_rule(scenario)
    for name, policy, profession in situations(scenario):
        answers = best_answers(scenario, policy, profession)
        points = mark(scenario, answers, policy, profession).points
        if points != most:
            yield "", f"best answers that earn {points:g} of {most:g} under {name}"


def _violation_pays(entry: Entry) -> Hits:
    """Compare, at each fork, what can still be earned after a violation and after a sounder way."""
    scenario = entry.scenario
    if not scenario.branching:
        return
    for name, policy, profession in situations(scenario):
        reach: dict[tuple[Option, ...], float] = {}
        for way in paths(scenario):
            answers = answers_along(scenario, way, policy, profession)
            points = mark(scenario, answers, policy, profession).points
            for n in range(1, len(way) + 1):
                reach[way[:n]] = max(points, reach.get(way[:n], 0.0))
        for way, points in reach.items():
            sounder = [
                earned
                for other, earned in reach.items()
                if len(other) == len(way)
                and other[:-1] == way[:-1]
                and other[-1].credit != "violation"
            ]
            if way[-1].credit == "violation" and points > min(sounder, default=points):
                taken = " > ".join(o.id for o in way)
                yield taken, f"up to {points:g} points, more than a sounder option, under {name}"


def _no_way_back(entry: Entry) -> Hits:
    for scene in entry.scenario.scenes:
        for option in scene.fork.options if scene.fork else ():
            if option.credit == "violation" and not option.next and not option.never_event:
                yield f"scenes[{scene.id}].options[{option.id}]", "an end right after a violation"


RULES: Final = (
    Rule(
        "key-longest",
        "that the best option is not visibly the longest",
        "test-wise readers pick the longest",
        "fault",
        _key_longest,
    ),
    Rule(
        "key-shortest",
        "that the best option is not visibly the shortest",
        "any way of standing out is a cue",
        "warning",
        _key_shortest,
    ),
    Rule(
        "spread",
        f"options at most {SPREAD:.0%} apart in length",
        "length must not tell options apart",
        "fault",
        _spread,
    ),
    Rule(
        "absolutes",
        "absolute words in no option, or in the best one as well",
        "'always' and 'only' give wrong options away",
        "warning",
        _absolutes,
    ),
    Rule(
        "reasons",
        "reasons inside no option, or inside the best one as well",
        "distractors that argue for themselves give themselves away; reasons belong in `why`",
        "fault",
        _reasons,
    ),
    Rule(
        "grammar",
        "that all options have the same grammatical form",
        "the odd one out is a cue",
        "fault",
        _grammar,
    ),
    Rule(
        "actions",
        "as many actions in the best option as in some other one",
        "the fullest plan looks like the answer",
        "warning",
        _actions,
    ),
    Rule(
        "clang",
        "no more words of the stem in the best option alone than in another one alone",
        "an echo of the stem is a cue",
        "warning",
        _clang,
    ),
    Rule(
        "overlap",
        "options that exclude one another",
        "of two options that overlap, both or neither can be right",
        "warning",
        _overlap,
    ),
    Rule(
        "negative",
        "a question that asks for one right thing",
        "a negative question tests reading, not judgment",
        "fault",
        _negative,
    ),
    Rule(
        "above",
        "an option that stands alone",
        "options are shuffled, and partial knowledge answers 'all of the above'",
        "fault",
        _above,
    ),
    Rule(
        "letters",
        "no letters for options",
        "options are shuffled for every learner and have no letters",
        "fault",
        _letters,
    ),
    Rule(
        "telling-ids",
        "an id that says what is done, not what it is worth",
        "ids stand in the page and in the record",
        "fault",
        _telling_ids,
    ),
    Rule(
        "citations",
        "a section number only where a reference has it as verified",
        "a wrong number is worse than none; the 2021 guidelines are cited as a document",
        "fault",
        _citations,
    ),
    Rule(
        "own-code",
        "a reference of each profession of the scenario",
        "a learner is told the rule of their own code first",
        "warning",
        _own_code,
    ),
    Rule(
        "rationale",
        "a rationale with at least two tempting wrong clauses",
        "the reason is half of the skill, and a lone distractor is no choice",
        "fault",
        _rationale,
    ),
    Rule(
        "never-events",
        "never-events in scenarios of severity 4",
        "what costs the whole scenario must be grave",
        "warning",
        _never,
    ),
    Rule(
        "telephones",
        "an invented telephone number (555)",
        "it may belong to somebody",
        "fault",
        _telephones,
    ),
    Rule(
        "domains",
        "an address under example.com, .org, .net or .example",
        "it may belong to somebody",
        "fault",
        _domains,
    ),
    Rule(
        "trade-marks",
        "the kind of site instead of its trade mark",
        "platforms change, and the rule does not depend on them",
        "fault",
        _trade_marks,
    ),
    Rule(
        "emoji",
        "words instead of emoji in stems and options",
        "screen readers and old telephones drop them",
        "warning",
        _emoji,
    ),
    Rule(
        "reading-grade",
        f"a reading grade of at most {GRADE:g}",
        "the scenario tests judgment, not reading",
        "warning",
        _grade,
    ),
    Rule(
        "second-person",
        "a first stem that says 'you'",
        "the learner is the clinician",
        "warning",
        _second_person,
    ),
    Rule(
        "full-points",
        "best answers that earn all points under every policy and for every profession",
        "a learner who is right must be able to earn it",
        "fault",
        _full_points,
    ),
    Rule(
        "violation-pays",
        "that a violation leads to no more points than a sounder option at the same fork",
        "no path may reward a violation",
        "fault",
        _violation_pays,
    ),
    Rule(
        "no-way-back",
        "a next scene after a violation that is no never-event",
        "a wrong turn has a consequence and a way back",
        "warning",
        _no_way_back,
    ),
)
