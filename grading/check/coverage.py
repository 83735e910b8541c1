"""Reports on the whole bank: what it covers, and what its form gives away. Pure.

Each report is a table with a sentence that says how to read it, and findings where a limit is
passed. In a small bank chance alone passes limits, so findings are warnings until it is large.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from statistics import mean
from typing import Final, get_args

from grading.check import wording
from grading.check.cue_leak import Leak, guess, interval, questions
from grading.check.rules import Finding, Severity
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import is_item
from scenarios.faults import Fault
from scenarios.policy import model_policy, topics
from scenarios.questions import Choice, Question, Rationale
from scenarios.terms import PROFESSIONS, Bloom

LARGE: Final = 60
"""Single-best-action questions from which on the whole-bank limits are faults."""
NEEDED: Final = {"S": 4, "X": 2}
"""Scenarios that each topic of the source article (S) and beyond it (X) needs."""
ALIKE: Final = 0.6
"""Share of common words from which on two stems are near-duplicates."""
SESSION_SHARE: Final = 0.4
"""Share of keys that may put the matter off to a session."""
TILT: Final = 0.25
"""How far the share of women may differ between graver and lighter scenarios."""
ENOUGH: Final = 10
KINDS: Final = ("choice", "hottext", "audit", "rating", "order", "response")

Bank = Mapping[str, Entry]
Items = list[tuple[str, Choice]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A table about the whole bank, and what is wrong with it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str
    findings: tuple[Finding, ...] = ()


def reports(bank: Bank) -> list[Report]:
    """Return every report on a bank."""
    items = questions(bank.values())
    return [
        covered(bank),
        people(bank),
        clauses(bank),
        cue_leak(items),
        strategies(items),
        positions(items),
        genders(bank),
        twins(bank),
    ]


def _finding(rule: str, found: str, expected: str, severity: Severity = "warning") -> Finding:
    fault = Fault(file="bank", at="", found=found, expected=expected)
    return Finding(severity=severity, rule=rule, fault=fault)


def _grave(items: Items) -> Severity:
    return "fault" if len(items) >= LARGE else "warning"


def _percent(share: float) -> str:
    return f"{share:.0%}"


# ------------------------------------------------------------------------------- what it covers


def covered(bank: Bank) -> Report:
    """Count practice scenarios by topic, question kind and Bloom level, and those of tests.

    A scenario counts for each of its topics.
    """
    blooms: tuple[Bloom, ...] = get_args(Bloom)
    rows, short = [], []
    for topic in topics().values():
        every = [e for e in bank.values() if topic.id in e.scenario.topics]
        own = [e.scenario for e in every if not is_item(e.slug)]
        kinds = Counter(k for s in own for k in {q.kind for q in _asked(s.scenes)})
        levels = Counter(s.bloom for s in own)
        counts = [*(kinds[k] for k in KINDS), sum(s.branching for s in own)]
        counts += [levels[b] for b in blooms]
        who = len({p for s in own for p in s.professions})
        counts += [who, len(every) - len(own)]
        rows.append((f"{topic.id} {topic.name}", str(len(own)), *map(_count, counts)))
        if len(own) < NEEDED[topic.id[0]]:
            short.append(f"{topic.id} {len(own)}")
    findings = []
    if short:
        found = f"{len(short)} topics that are short ({', '.join(short)})"
        wish = f"{NEEDED['S']} or more to practice of each S topic, {NEEDED['X']} of each X topic"
        findings.append(_finding("coverage", found, wish))
    return Report(
        title="Topics by question kind and Bloom level",
        columns=("topic", "practice", *KINDS, "branching", *blooms, "professions", "in tests"),
        rows=tuple(rows),
        note="A scenario counts once for each of its topics; all but the last column is practice.",
        findings=tuple(findings),
    )


def _asked(scenes: Iterable[object]) -> Iterator[Question]:
    for scene in scenes:
        yield from getattr(scene, "questions", ())


def _count(number: int) -> str:
    return str(number) if number else "·"


def people(bank: Bank) -> Report:
    """Count scenarios by profession and setting."""
    settings = Counter(e.scenario.setting for e in bank.values())
    names = sorted(settings)
    rows = []
    for who in (*PROFESSIONS, None):
        own = [
            e.scenario
            for e in bank.values()
            if (who in e.scenario.professions if who else not e.scenario.professions)
        ]
        by_setting = Counter(s.setting for s in own)
        rows.append((who or "any", str(len(own)), *(_count(by_setting[n]) for n in names)))
    return Report(
        title="Professions by setting",
        columns=("profession", "all", *names),
        rows=tuple(rows),
        note="The profession is the one whose code decides.",
    )


def clauses(bank: Bank) -> Report:
    """Count how often each clause of the policy is right, and how often it tempts."""
    asked = [q for e in bank.values() for q in _asked(e.scenario.scenes)]
    rationales = [q for q in asked if isinstance(q, Rationale)]
    right = Counter(r.clause for q in rationales for r in q.right)
    tempting = Counter(r.clause for q in rationales for r in q.tempting)
    rows = [
        (f"{c.id} {c.title}", _count(right[c.id]), _count(tempting[c.id]))
        for c in model_policy().clauses.values()
    ]
    unused = [c for c in model_policy().clauses if not right[c]]
    findings = []
    if unused:
        found = f"{len(unused)} clauses that no scenario has as right ({', '.join(unused)})"
        findings.append(_finding("clauses", found, "every clause of the policy to be practiced"))
    return Report(
        title="Clauses in rationales",
        columns=("clause", "right", "tempting"),
        rows=tuple(rows),
        note="A clause that is often offered and never right can be ruled out unread.",
        findings=tuple(findings),
    )


# ------------------------------------------------------------------------- what its form gives away


def cue_leak(items: Items) -> Report:
    """Let a guesser find the keys from the form of the options alone."""
    leak = guess(items)
    findings = []
    if leak.leaks:
        found = f"{_percent(leak.rate)} of the keys guessed from form alone"
        cues = ", ".join(f"{'more' if w > 0 else 'less'} of {n}" for n, w in leak.cues[:3])
        wish = f"at most {_percent(leak.chance + 0.05)}, chance plus 5 points (keys have {cues})"
        findings.append(_finding("cue-leak", found, wish, _grave(items)))
    return Report(
        title="Cue leak: a guesser who sees only the form of the options",
        columns=("cue", "weight"),
        rows=tuple((name, f"{weight:+.2f}") for name, weight in leak.cues),
        note=_leak_note(leak),
        findings=tuple(findings),
    )


def _leak_note(leak: Leak) -> str:
    if not leak.items:
        return "No single-best-action questions yet."
    return (
        f"It finds {leak.hits:g} of {leak.items} keys ({_percent(leak.rate)}, 95 % interval"
        f" {_percent(leak.low)} to {_percent(leak.high)}); chance is {_percent(leak.chance)}."
        " Each item is guessed by a model of all other items. A positive weight: keys have more"
        f" of it. Found: {', '.join(leak.found) or 'none'}."
    )


def strategies(items: Items) -> Report:
    """Count how often a rule of thumb finds the key; ties count in part."""
    thumbs: dict[str, Callable[[str], float]] = {
        "pick the longest": lambda t: float(len(t)),
        "pick the shortest": lambda t: -float(len(t)),
        "pick the most clauses": lambda t: float(wording.joints(t)),
        "pick what waits for a session": lambda t: float(bool(wording.SESSION.search(t))),
        "pick the warmest words": lambda t: float(len(wording.WARM.findall(t))),
        "pick the most careful words": lambda t: float(len(wording.CAREFUL.findall(t))),
        "avoid reasons": lambda t: -float(len(wording.REASON.findall(t))),
        "avoid absolutes": lambda t: -float(len(wording.ABSOLUTE.findall(t))),
    }
    chance = mean(1 / len(q.options) for _, q in items) if items else 0.0
    rows, findings = [], []
    for name, value in thumbs.items():
        hits = sum(_luck(q, {o.id: value(o.text) for o in q.options}) for _, q in items)
        low, high = interval(hits, len(items))
        share = hits / len(items) if items else 0.0
        rows.append((name, _percent(share), f"{_percent(low)} to {_percent(high)}"))
        if low > chance:
            wish = f"no more than chance ({_percent(chance)}) allows"
            findings.append(
                _finding("thumb", f"'{name}' right in {_percent(share)}", wish, _grave(items))
            )
    waiting = [wording.SESSION.search(o.text) for _, q in items for o in q.options if _best(o)]
    share = sum(map(bool, waiting)) / len(waiting) if waiting else 0.0
    if share > SESSION_SHARE:
        found = f"{_percent(share)} of the keys that wait for a session"
        wish = f"at most {_percent(SESSION_SHARE)}; in ethics banks it is the giveaway"
        findings.append(_finding("session", found, wish, _grave(items)))
    return Report(
        title="Rules of thumb",
        columns=("rule of thumb", "keys found", "95 % interval"),
        rows=tuple(rows),
        note=f"Chance is {_percent(chance)}. {_percent(share)} of the keys wait for a session.",
        findings=tuple(findings),
    )


def _best(option: object) -> bool:
    return getattr(option, "credit", "") == "best"


def _luck(question: Choice, values: Mapping[str, float]) -> float:
    """Return the chance that picking the highest value, at random among equals, finds the key."""
    top = [o for o in question.options if values[o.id] == max(values.values())]
    return sum(map(_best, top)) / len(top)


def positions(items: Items) -> Report:
    """Compare where the keys stand in the files with an even spread."""
    at = Counter(next(n for n, o in enumerate(q.options) if _best(o)) for _, q in items)
    most = max((len(q.options) for _, q in items), default=0)
    due = [sum(1 / len(q.options) for _, q in items if len(q.options) > n) for n in range(most)]
    distance = sum((at[n] - d) ** 2 / d for n, d in enumerate(due))
    findings = []
    limit = CHI_SQUARE.get(most - 1, float("inf"))
    if distance > limit:
        found = f"chi-square {distance:.1f} for the keys' places in the files"
        wish = f"at most {limit} for an even spread; it shows a habit of writing"
        findings.append(_finding("positions", found, wish))
    return Report(
        title="Places of the keys in the files",
        columns=("place", "keys", "even spread"),
        rows=tuple((str(n + 1), str(at[n]), f"{d:.1f}") for n, d in enumerate(due)),
        note=(
            f"Chi-square {distance:.1f}, {max(most - 1, 0)} degrees of freedom. Learners see the"
            " options shuffled, each in an order of their own: this is about habits of writing."
        ),
        findings=tuple(findings),
    )


CHI_SQUARE: Final = {1: 3.84, 2: 5.99, 3: 7.81, 4: 9.49, 5: 11.07, 6: 12.59, 7: 14.07}
"""95 % point of the chi-square distribution by degrees of freedom."""


# -------------------------------------------------------------------------------- who is in it


def genders(bank: Bank) -> Report:
    """Compare who the stems are about in graver and in lighter scenarios."""
    groups: dict[str, Counter[str]] = {"severity 1 to 2": Counter(), "severity 3 to 4": Counter()}
    for entry in bank.values():
        stems = " ".join(s.stem for s in entry.scenario.scenes)
        she, he = len(wording.SHE.findall(stems)), len(wording.HE.findall(stems))
        who = "she" if she > he else "he" if he > she else "neither"
        groups["severity 3 to 4" if entry.scenario.severity > 2 else "severity 1 to 2"][who] += 1  # noqa: PLR2004
    told = [(name, c["she"], c["he"], c["neither"]) for name, c in groups.items()]
    shares = [s / (s + h) for _, s, h, _ in told if s + h >= ENOUGH]
    findings = []
    if len(shares) == len(told) and max(shares) - min(shares) > TILT:
        found = f"women in {' and '.join(map(_percent, shares))} of lighter and graver stems"
        findings.append(_finding("genders", found, "shares that do not go with how grave it is"))
    return Report(
        title="Who the stems are about",
        columns=("scenarios", "she", "he", "neither or both"),
        rows=tuple((name, str(s), str(h), str(n)) for name, s, h, n in told),
        note="By the pronouns of the stems. Gender must not go with fault.",
        findings=tuple(findings),
    )


def twins(bank: Bank) -> Report:
    """Find stems that share most of their words, and titles that stand twice."""
    stems = {e.slug: wording.content(e.scenario.scenes[0].stem) for e in bank.values()}
    alike = [
        (one, other, len(a & b) / len(a | b))
        for (one, a), (other, b) in combinations(stems.items(), 2)
        if len(a & b) > ALIKE * len(a | b)
    ]
    titles = Counter(e.scenario.title.casefold() for e in bank.values())
    findings = [
        _finding("twins", f"stems of {one} and {other} {_percent(s)} alike", "stems that differ")
        for one, other, s in alike
    ]
    findings += [
        _finding("titles", f"the title '{title}' {n} times", "a title of its own", "fault")
        for title, n in titles.items()
        if n > 1
    ]
    return Report(
        title="Near-duplicate stems",
        columns=("one", "other", "alike"),
        rows=tuple((one, other, _percent(s)) for one, other, s in alike),
        note=f"Pairs that share more than {_percent(ALIKE)} of their longer words.",
        findings=tuple(findings),
    )
