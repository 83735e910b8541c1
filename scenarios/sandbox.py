"""The rewriting bench as a panel: a draft of the bank, edited freely, judged as it is typed."""

from __future__ import annotations

from typing import Any

from scenarios.catalogue import Entry, load
from scenarios.identifiers import compare
from scenarios.panel import Panel
from scenarios.questions import Hottext


def rewrite_panel(slug: str) -> Panel:
    """Return the bench for the draft of a scenario that asks for its identifying phrases."""
    entry = load(slug)
    question = _draft(entry)
    typed = {"text": question.text}

    def look() -> dict[str, Any]:
        return {
            "kind": "rewrite",
            "title": "Rewrite the draft",
            "text": typed["text"],
            "original": question.text,
            **compare(question, typed["text"]),
        }

    def edit(value: object) -> None:
        typed["text"] = value if isinstance(value, str) else question.text

    return Panel(look, {"edit": edit})


def _draft(entry: Entry) -> Hottext:
    drafts = (q for s in entry.scenario.scenes for q in s.questions if isinstance(q, Hottext))
    found = next(drafts, None)
    if found is None:
        raise LookupError(f"{entry.slug} has no draft to rewrite")
    return found
