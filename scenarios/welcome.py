"""What a learner settles at the start: their profession, and what becomes of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios.answers import FILE
from scenarios.panel import Panel
from scenarios.profile import choose, learner
from scenarios.terms import PROFESSIONS, Profession

NAMES: dict[Profession, str] = {
    "psychologist": "Psychologist",
    "counselor": "Professional or mental health counselor",
    "social-worker": "Social worker",
    "mft": "Marriage and family therapist",
    "addiction-counselor": "Addiction counselor",
    "prescriber": "Psychiatrist or psychiatric nurse practitioner",
    "trainee": "Trainee, intern or supervisee",
    "staff": "Front desk or other staff",
}


def profession_panel() -> Panel:
    """Return the panel on which a learner says what they are."""

    def look() -> dict[str, Any]:
        return {
            "kind": "profession",
            "title": "Your profession",
            "chosen": learner(Path.cwd()).profession,
            "names": [{"id": p, "name": NAMES[p]} for p in PROFESSIONS],
        }

    return Panel(look, {"choose": lambda value: choose(Path.cwd(), value)})


def records_panel() -> Panel:
    """Return the panel that says where the answers are, and erases them when asked to."""

    def look() -> dict[str, Any]:
        course = Path.cwd().resolve().parent
        return {
            "kind": "records",
            "title": "Where your answers are",
            "folder": str(course),
            "files": [p.relative_to(course).as_posix() for p in records(course)],
        }

    return Panel(look, {"erase": lambda _: erase(Path.cwd().resolve().parent)})


def records(course: Path) -> list[Path]:
    """Return the answer records, receipts and certificates of a learner's folder."""
    return sorted(
        [
            *course.glob(f"*/{FILE}"),
            *course.glob("*/receipt-*.txt"),
            *course.glob("certificate-*.html"),
        ]
    )


def erase(course: Path) -> None:
    """Delete all of it for good; only ever at the learner's own word."""
    for path in records(course):
        path.unlink()
