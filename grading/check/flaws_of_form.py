"""Flaws that show in the form of the options, whatever they say: cues for the test-wise."""

from __future__ import annotations

import re
from statistics import mean
from typing import Final

from grading.check import wording
from grading.check.items import Hits, choices, key, others, texts
from scenarios.catalogue import Entry
from scenarios.questions import Option

MARGIN: Final = 0.15
"""How much longer than the next one the key may be, as a share."""
SPREAD: Final = 0.35
"""How far the longest and the shortest option may lie apart, as a share of their mean."""


def key_longest(entry: Entry) -> Hits:
    """Find keys that are longer than every other option."""
    for at, _, question in choices(entry.scenario):
        longest = max(len(o.text) for o in others(question))
        ahead = len(key(question).text) / longest - 1
        if ahead > MARGIN:
            yield at, f"the best option {ahead:.0%} longer than the next one"


def key_shortest(entry: Entry) -> Hits:
    """Find keys that are shorter than every other option."""
    for at, _, question in choices(entry.scenario):
        shortest = min(len(o.text) for o in others(question))
        behind = 1 - len(key(question).text) / shortest
        if behind > MARGIN:
            yield at, f"the best option {behind:.0%} shorter than the next one"


def spread(entry: Entry) -> Hits:
    """Find options that differ much in length."""
    for at, _, question in choices(entry.scenario):
        lengths = [len(o.text) for o in question.options]
        apart = (max(lengths) - min(lengths)) / mean(lengths)
        if apart > SPREAD:
            yield at, f"options of {min(lengths)} to {max(lengths)} characters ({apart:.0%} apart)"


def absolutes(entry: Entry) -> Hits:
    """Find absolute words that tell the key from the other options."""
    for at, _, question in choices(entry.scenario):
        marked = [o for o in question.options if wording.ABSOLUTE.search(o.text)]
        in_key = key(question) in marked
        if marked and (not in_key or len(marked) == 1):
            yield at, _said(wording.ABSOLUTE, marked, in_key=in_key)


def reasons(entry: Entry) -> Hits:
    """Find reasons that tell the key from the other options."""
    for at, _, question in choices(entry.scenario):
        marked = [o for o in question.options if wording.REASON.search(o.text)]
        in_key = key(question) in marked
        if marked and (not in_key or len(marked) == 1):
            yield at, _said(wording.REASON, marked, in_key=in_key)


def _said(pattern: re.Pattern[str], marked: list[Option], *, in_key: bool) -> str:
    said = sorted({m[0].lower() for o in marked for m in pattern.finditer(o.text)})
    where = "the best option alone" if in_key else "wrong options alone"
    return f"{', '.join(map(repr, said))} in {where}"


def grammar(entry: Entry) -> Hits:
    """Find options of different grammatical form."""
    for at, _, question in choices(entry.scenario):
        kinds = {o.id: wording.opening(o.text) for o in question.options}
        if len(set(kinds.values())) > 1:
            found = ", ".join(f"{i} opens with a {k}" for i, k in kinds.items() if k != "verb")
            yield at, found
        ends = {o.text[-1:] in ".!?" for o in question.options}
        if len(ends) > 1:
            yield at, "some options with and some without a full stop"


def actions(entry: Entry) -> Hits:
    """Find keys that ask for more, or for fewer, actions than every other option."""
    for at, _, question in choices(entry.scenario):
        ours = wording.actions(key(question).text)
        theirs = {wording.actions(o.text) for o in others(question)}
        if ours > max(theirs) or ours < min(theirs):
            counts = f"{min(theirs)} to {max(theirs)}" if len(theirs) > 1 else f"{min(theirs)}"
            yield at, f"the best option with {ours} actions, the others with {counts}"


def clang(entry: Entry) -> Hits:
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


def overlap(entry: Entry) -> Hits:
    """Find options that contain one another or nearly so."""
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


def negative(entry: Entry) -> Hits:
    """Find questions that ask for what is wrong."""
    for at, _, question in choices(entry.scenario):
        found = NEGATIVE.search(question.prompt)
        if found:
            yield f"{at}.prompt", f"'{found[0]}'"


def above(entry: Entry) -> Hits:
    """Find options that speak of other options."""
    for at, _, question in choices(entry.scenario):
        for option in question.options:
            if ABOVE.search(option.text):
                yield f"{at}.options[{option.id}]", f"'{option.text}'"


def letters(entry: Entry) -> Hits:
    """Find texts that name options by letters."""
    for at, text in texts(entry.scenario):
        found = LETTER.search(text)
        if found:
            yield at, f"'{found[0]}'"


def telling_ids(entry: Entry) -> Hits:
    """Find option ids that say what the option is worth."""
    for at, _, question in choices(entry.scenario):
        for option in question.options:
            if TELLING.search(option.id):
                yield at, f"the option id '{option.id}'"
