"""What an answer is worth. A notebook uses what `__all__` names and nothing else of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.exam.widget import Exam
    from scenarios.panel import Panel

__all__ = ["certificate", "debrief", "journey", "score", "sit"]


def score(slug: str) -> float:
    """Return the points that the record beside the notebook earns in a scenario, or in a test.

    A plain float from 0 to the cell's points: nbgrader gives full points to anything else that a
    cell may print or return. Whatever goes wrong earns 0 and stays silent.
    """
    try:
        # Here, so that `course open` need not read them: it starts a fifth of a second earlier.
        from grading.exam.result import best, results  # noqa: PLC0415
        from grading.marks import mark  # noqa: PLC0415
        from scenarios.answers import FILE, first_commits, read  # noqa: PLC0415
        from scenarios.catalogue import load  # noqa: PLC0415
        from scenarios.exam.blueprint import is_test, tests  # noqa: PLC0415
        from scenarios.policy import load_policy  # noqa: PLC0415
        from scenarios.profile import profession_of  # noqa: PLC0415

        if is_test(slug):
            found = best(results(read(Path(FILE)).events, tests()[slug], load_policy()))
            return found.points if found else 0.0
        events = read(Path(FILE)).of(slug)
        entry = load(slug)
        return mark(
            entry.scenario, first_commits(events), load_policy(), profession_of(events)
        ).points
    except Exception:  # noqa: BLE001 - marks fail closed: an error must never become full points
        return 0.0


def certificate() -> Panel:
    """Return what is still to do for the certificate, and the button that makes it."""
    from grading.exam.certificate import certificate_panel  # noqa: PLC0415 - widgets load when shown

    return certificate_panel()


def debrief() -> Panel:
    """Return how this module went: first tries, clauses to reread, a receipt on request."""
    from grading.overview import debrief_panel  # noqa: PLC0415 - widgets load when they are shown

    return debrief_panel()


def journey() -> Panel:
    """Return the map of the course with the progress in each module."""
    from grading.overview import map_panel  # noqa: PLC0415 - as above

    return map_panel()


def sit(test: str) -> Exam:
    """Return a test, `sit("posttest")`: what it is, its form once begun, and what came of it."""
    from grading.exam.panel import exam_panel  # noqa: PLC0415 - as above

    return exam_panel(test)
