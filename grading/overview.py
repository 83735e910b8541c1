"""The debrief of a module and the map of the course: progress, as data for a panel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grading.exam.result import best, results
from grading.folder import Module, module_at, modules_of
from grading.progress import Standing, missed, standings, strengths
from scenarios.answers import FILE, Record
from scenarios.exam.blueprint import Test
from scenarios.panel import Panel
from scenarios.policy import Policy, load_policy
from scenarios.readable import Seal, receipt


def debrief_panel() -> Panel:
    """Return the debrief of the module beside whose notebook the kernel runs."""
    return Panel(lambda: debrief_of(module_at(Path.cwd())), {"receipt": lambda _: write_receipt()})


def map_panel() -> Panel:
    """Return the map of the course: every module's progress, and strengths by policy clause."""
    return Panel(lambda: map_of(Path.cwd().resolve().parent))


def debrief_of(module: Module) -> dict[str, Any]:
    """Return how far a learner is in a module, what was right at first, and what to reread."""
    policy = load_policy()
    rows = standings(module.entries, module.record, policy)
    return {
        "kind": "debrief",
        "title": "How you did",
        "rows": [_row(s) for s in rows],
        **_totals(rows, module.record),
        "missed": [
            {
                "clause": m.clause,
                "title": m.title,
                "text": policy.clauses[m.clause].text,
                "scenarios": list(m.scenarios),
            }
            for m in missed(module.entries, module.record, policy)
        ],
        "receipt": _newest_receipt(module.folder),
    }


def map_of(course: Path) -> dict[str, Any]:
    """Return the modules of a learner's folder with their progress, and the clause strengths."""
    policy = load_policy()
    every = modules_of(course)
    modules = [m for m in every if m.entries]
    entries = [e for m in modules for e in m.entries]
    events = tuple(e for m in modules for e in m.record.events)
    return {
        "kind": "map",
        "title": "Your way through the course",
        "modules": [
            {
                "title": m.title,
                "href": m.href,
                **_totals(standings(m.entries, m.record, policy), m.record),
            }
            for m in modules
        ],
        "tests": [
            {"title": m.title, "href": m.href, "told": told_of(t, m.record, policy)}
            for m in every
            for t in m.tests
            if t.scored
        ],
        "strengths": [
            {"clause": s.clause, "title": s.title, "right": s.right, "asked": s.asked}
            for s in strengths(entries, Record(events), policy)
        ],
    }


def told_of(test: Test, record: Record, policy: Policy) -> str:
    """Say in a few words how far a learner is with a test."""
    found = results(record.events, test, policy)
    counted = best(found)
    if counted is None:
        begun = any(e.act == "begin" and e.scenario == test.name for e in record.events)
        return f"{test.length} situations{', begun' if begun else ''}"
    share = f"{int(100 * counted.score + 1e-9)}% of what can be known beyond guessing"
    return f"{'Passed' if counted.passed else 'Not passed yet'}: {share}"


def write_receipt() -> None:
    """Write a readable copy of the first answers beside the record, under its own name."""
    module = module_at(Path.cwd())
    path = module.folder / FILE
    now = datetime.now(UTC)
    seal = Seal(hashlib.sha256(path.read_bytes()).hexdigest(), f"{now:%Y-%m-%d %H:%M:%S} UTC")
    text = receipt(module.title, module.entries, module.record, load_policy(), seal)
    (module.folder / f"receipt-{now:%Y%m%d-%H%M%S}.txt").write_text(text, "utf-8")


def _newest_receipt(folder: Path) -> str | None:
    names = sorted(p.name for p in folder.glob("receipt-*.txt"))
    return names[-1] if names else None


def _row(standing: Standing) -> dict[str, Any]:
    state = "done" if standing.done else "begun" if standing.begun else "open"
    return {
        "slug": standing.slug,
        "title": standing.title,
        "state": state,
        "points": standing.first.points,
        "maximum": standing.first.maximum,
        "waits": standing.first.needs_person,
        "own": standing.own,
        "mastered": standing.mastered,
        "never": list(standing.never_events),
        "overconfident": standing.overconfident,
        "minutes": standing.minutes,
    }


def _totals(rows: Sequence[Standing], record: Record) -> dict[str, Any]:
    done = [s for s in rows if s.done]
    return {
        "asked": len(rows),
        "done": len(done),
        "mastered": sum(s.mastered for s in rows),
        # By fives, upward: an estimate should look like one.
        "minutes_left": -(-sum(s.minutes for s in rows if not s.done) // 5) * 5,
        "points": round(sum(s.first.points for s in done), 2),
        "maximum": round(sum(s.first.maximum for s in done), 2),
        "saved": max((e.time for e in record.events), default=None),
    }
