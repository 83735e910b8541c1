"""Who has completed the course: one row a learner, from what was handed in.

For a practice that must show who was trained, and for a sponsor who keeps a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grading.course import Course
from grading.exam.completion import Completion, completion
from grading.exam.result import percent
from grading.folder import Module
from grading.frame import asked
from grading.notebooks import title_of
from grading.spreadsheet import to_csv
from scenarios.answers import FILE, Record, read

HEAD = (
    "learner",
    "modules answered",
    "situations answered",
    "to make good",
    "post-test",
    "score",
    "sittings",
    "evaluation",
    "completed",
)


@dataclass(frozen=True)
class Trained:
    """One learner and what their records say was done."""

    learner: str
    done: Completion


def roster(course: Course) -> Iterator[Trained]:
    """Yield every learner who handed something in, by name.

    What was not handed in counts as not done. Raises `ContentError` for a faulty bank or policy.
    """
    entries = asked(course)
    policy = course.policy()
    handed = {a: dict(course.submissions(a)) for a in course.assignments()}
    for learner in sorted({name for own in handed.values() for name in own}):
        modules = []
        for assignment, own in handed.items():
            folder = own.get(learner)
            modules.append(
                Module(
                    folder=course.source / assignment,
                    title=title_of(course.source / assignment / f"{assignment}.ipynb"),
                    entries=entries[assignment],
                    record=read(folder / FILE) if folder else Record(),
                )
            )
        yield Trained(learner, completion(modules, policy))


def row(trained: Trained) -> tuple[str, ...]:
    """Return one line of the list, in the order of `HEAD`."""
    done = trained.done
    modules = [m for m in done.modules if m.answered == m.asked]
    result = done.result
    return (
        trained.learner,
        f"{len(modules)} of {len(done.modules)}",
        f"{sum(m.answered for m in done.modules)} of {sum(m.asked for m in done.modules)}",
        str(len(done.never)),
        "not taken" if result is None else "passed" if result.passed else "not passed",
        "" if result is None else percent(result.score),
        str(done.sittings),
        "yes" if done.evaluated else "no",
        "yes" if done.whole else "no",
    )


def as_csv(listed: Iterable[Trained]) -> str:
    """Return the list as CSV; no cell is a formula to a spreadsheet."""
    return to_csv([HEAD, *map(row, listed)])
