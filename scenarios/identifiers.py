"""Rewriting a draft: what is gone, what remains, and how many people what remains still fits.

Pure functions over a hottext question and the learner's text. Nothing of that text is kept.
"""

from __future__ import annotations

import difflib
import re
from math import prod
from typing import Any

from scenarios.questions import Hottext, Meter, Span

RED = 20
"""Expected matches below which a combination counts as pointing to a person."""
LONGEST = 6000
"""Characters of a rewritten draft that are looked at."""

Data = dict[str, Any]


def compare(question: Hottext, text: str) -> Data:
    """Return the state of a rewritten draft: its identifiers, the difference, and the meter."""
    text = text[:LONGEST]
    left = {s.id: remains(s, text) for s in question.spans}
    return {
        "spans": [
            {"text": s.text, "mark": s.mark, "gone": not left[s.id], "why": s.why}
            for s in question.spans
            if s.mark != "keep"
        ],
        "diff": difference(question.text, text),
        "meter": estimate(question.meter, question, left) if question.meter else None,
    }


def remains(span: Span, text: str) -> bool:
    """Tell whether a span's words still stand in the text, whatever their case and spacing."""
    return f" {_plain(span.text)} " in f" {_plain(text)} "


def difference(before: str, after: str) -> list[Data]:
    """Return the texts word by word as pieces that stayed, went or came."""
    old, new = _words(before), _words(after)
    pieces: list[Data] = []
    for change, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            pieces.append({"is": "same", "text": "".join(old[a:b])})
            continue
        if b > a:
            pieces.append({"is": "gone", "text": "".join(old[a:b])})
        if d > c:
            pieces.append({"is": "new", "text": "".join(new[c:d])})
    return pieces


def estimate(meter: Meter, question: Hottext, left: dict[str, bool]) -> Data:
    """Return the expected matches K: the population times the shares of the traits that remain."""
    words = {s.id: s.text for s in question.spans}
    shares = [t.share for t in meter.traits if left[t.span]]
    expected = meter.population * prod(shares)
    return {
        "population": meter.population,
        "who": meter.who,
        "source": meter.source,
        "traits": [
            {"text": words[t.span], "share": t.share, "source": t.source, "left": left[t.span]}
            for t in meter.traits
        ],
        "expected": expected,
        "red": expected < RED,
        "limit": RED,
    }


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).casefold().strip()


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)
