"""Progress: what is done, what is left, what was right at the first try and what has been mastered.

Pure functions from records and the bank. The first try never changes; mastery may come later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from grading.marks import Mark, mark
from scenarios.answers import Answers, Event, Record, first_commits, self_rating
from scenarios.catalogue import Entry
from scenarios.model import Scenario
from scenarios.policy import Policy
from scenarios.profile import profession_of
from scenarios.questions import Choice, Rationale, Response
from scenarios.terms import CREDIT

WORDS_A_MINUTE = 200
"""Adult silent reading of plain prose, rounded down."""
MINUTES_A_QUESTION = 0.5
GOOD = CREDIT["acceptable"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a learner stands in one scenario.

    `first` is the mark of the first try and never changes; `mastered` says whether the best
    decision was reached in any try; `never_events` are those not made good by a later try;
    `overconfident` says that the first decision was sure and less than acceptable; `own` is the
    learner's own count of the texts of the first try and what it could have been, if they rated.
    """

    slug: str
    title: str
    minutes: int
    begun: bool
    done: bool
    first: Mark
    mastered: bool
    never_events: tuple[str, ...]
    overconfident: bool
    own: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A clause that was missed or named wrongly at the first try, and in which scenarios."""

    clause: str
    title: str
    scenarios: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How often a clause was judged rightly: named where it applies, left out where not."""

    clause: str
    title: str
    right: int
    asked: int


def standing(entry: Entry, events: Sequence[Event], policy: Policy) -> Standing:
    """Return where the events of one scenario leave the learner."""
    scenario = entry.scenario
    profession = profession_of(events)
    first = mark(scenario, first_commits(events), policy, profession)
    tries = [mark(scenario, a, policy, profession) for a in rounds(events)]
    begun = any(e.act == "commit" for e in events)
    safe = any(t.decision >= GOOD and not t.never_events for t in tries)
    sure = any(e.certainty == "sure" for e in events if e.act == "commit" and e.attempt == 1)
    return Standing(
        slug=entry.slug,
        title=scenario.title,
        minutes=minutes(scenario),
        begun=begun,
        done=begun and not first.unanswered,
        first=first,
        mastered=any(t.decision >= 1.0 for t in tries) or (scenario.written and begun),
        never_events=() if safe else first.never_events,
        overconfident=sure and not scenario.written and first.decision < GOOD,
        own=own_count(scenario, events),
    )


def own_count(scenario: Scenario, events: Sequence[Event]) -> tuple[float, float] | None:
    """Return the learner's own count of the texts of the first try, and its maximum.

    It is theirs, for learning: no mark ever depends on it.
    """
    rated = [
        (q.own_count(event.answer), q.rubric_points)
        for scene in scenario.scenes
        for q in scene.questions
        if isinstance(q, Response)
        and (event := self_rating(events, scene.id, q.id))
        and q.accepts_rating(event.answer)
    ]
    return (sum(n for n, _ in rated), sum(most for _, most in rated)) if rated else None


def standings(entries: Iterable[Entry], record: Record, policy: Policy) -> tuple[Standing, ...]:
    """Return the standing in every scenario of a module, in the entries' order."""
    return tuple(standing(e, record.of(e.slug), policy) for e in entries)


def rounds(events: Iterable[Event]) -> tuple[Answers, ...]:
    """Return the answers as they stood after each commit of a scene.

    Committing a scene again begins a new round: the scenes after it are left behind.
    """
    found: list[Answers] = []
    order: list[tuple[str, int]] = []
    current: Answers = {}
    for event in (e for e in events if e.act == "commit"):
        step = (event.scene, event.attempt)
        if step not in order:
            scenes = [scene for scene, _ in order]
            if event.scene in scenes:
                order = order[: scenes.index(event.scene)]
                kept = {scene for scene, _ in order}
                current = {k: v for k, v in current.items() if k[0] in kept}
            order.append(step)
            found.append(current)
        current = {(event.scene, event.question): event.answer, **current}
        found[-1] = current
    return tuple(found)


def missed(
    entries: Iterable[Entry], record: Record, policy: Policy, most: int = 5
) -> tuple[Missed, ...]:
    """Return the clauses most often missed at the first try, the most frequent first."""
    where: dict[str, list[str]] = {}
    for entry, clause, right in _judged(entries, record, policy):
        if not right:
            where.setdefault(clause, []).append(entry.scenario.title)
    ranked = sorted(where.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Missed(clause=c, title=policy.clauses[c].title, scenarios=tuple(titles))
        for c, titles in ranked[:most]
    )


def strengths(entries: Iterable[Entry], record: Record, policy: Policy) -> tuple[Strength, ...]:
    """Return for each clause asked about so far how often it was judged rightly."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for _, clause, hit in _judged(entries, record, policy):
        asked[clause] += 1
        right[clause] += hit
    return tuple(
        Strength(clause=c, title=policy.clauses[c].title, right=right[c], asked=asked[c])
        for c in policy.clauses
        if asked[c]
    )


def minutes(scenario: Scenario) -> int:
    """Estimate the minutes for one scenario: reading it, thinking, and reading the feedback."""
    texts: list[str] = [scenario.feedback.takeaway, scenario.feedback.better]
    questions = 0
    for scene in scenario.scenes:
        texts.append(scene.stem)
        for question in scene.questions:
            questions += 1
            texts.append(question.prompt)
            if isinstance(question, Choice):
                texts += [f"{o.text} {o.consequence}" for o in question.options]
    words = sum(len(text.split()) for text in texts)
    return ceil(words / WORDS_A_MINUTE + questions * MINUTES_A_QUESTION)


def judged(entry: Entry, answers: Answers, policy: Policy) -> Iterable[tuple[str, bool]]:
    """Yield (clause, judged rightly) for every clause offered in an answered rationale."""
    for scene in entry.scenario.path(answers):
        for question in scene.questions:
            answer = answers.get((scene.id, question.id))
            if not isinstance(question, Rationale) or not question.accepts(answer):
                continue
            chosen = set(answer) if isinstance(answer, list) else set()
            right = {r.clause for r in question.right}
            for offered in (*question.right, *question.tempting):
                if offered.clause in policy.clauses:
                    yield offered.clause, (offered.clause in chosen) == (offered.clause in right)


def _judged(
    entries: Iterable[Entry], record: Record, policy: Policy
) -> Iterable[tuple[Entry, str, bool]]:
    """Yield (entry, clause, judged rightly) for the first answers of a record."""
    for entry in entries:
        answers = first_commits(record.of(entry.slug))
        yield from ((entry, clause, hit) for clause, hit in judged(entry, answers, policy))
