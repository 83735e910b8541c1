"""Regrading: what a changed key or a voided item does to marks that learners already have.

First it is told, to the last point and whose module passes; then it is applied, and every change
stands in `build/regrade.jsonl`, which is only ever appended to. A learner's record says under
which version of the bank each answer was given, and is never touched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from grading.course import Course, Problem, open_course
from grading.exam.work import SatWork
from grading.nbgrader import grade as grading
from grading.nbgrader.batches import Progress, chunks, gradebook, trays
from grading.nbgrader.gradebook import Gradebook, Standing
from grading.nbgrader.stock import late_plugin
from grading.nbgrader.tray import Taken, Tray
from scenarios.answers import FILE, MAX_FILE
from scenarios.files import append, plain_bytes

LOG = "regrade.jsonl"
PASS = 0.8
_VERSION = re.compile(r"[0-9a-f]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One scenario's points of one learner, by rule, before and after.

    `answered` are the versions of the scenario under which its answers were committed, `version`
    is the one by which it is marked now. `overruled` says that a person's points count instead,
    so that the sum stays the same and the person should look again.
    """

    student: str
    assignment: str
    scenario: str
    cell: str
    before: float | None
    after: float
    answered: tuple[str, ...]
    version: str
    overruled: bool


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A learner's share of a module's points, with lateness and a person's marks, and the pass."""

    student: str
    assignment: str
    before: float
    after: float
    passed: bool
    passes: bool


@dataclass(frozen=True)
class Regrade:
    """What changes, for whom; `sums` are the modules that begin or cease to be passed."""

    changes: tuple[Change, ...]
    sums: tuple[Sum, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def students(self) -> tuple[str, ...]:
        """Whose points change."""
        return tuple(sorted({c.student for c in self.changes}))


def rehearse(
    course_root: Path | str,
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    pass_mark: float = PASS,
) -> Regrade:
    """Say what regrading changes; changes nothing.

    Only what is graded is regraded: what was handed in since stays for `course grade`, which is
    said in `problems`. `pass_mark` is the share of a module's points that passes it. Raises what
    `grade` raises.
    """
    course = open_course(course_root)
    names = grading.chosen(course, assignments)
    wanted = grading.of_these(course, names, students)
    changes: list[Change] = []
    sums: list[Sum] = []
    problems: list[Problem] = []
    with gradebook(course) as book:
        for tray in trays(course, book, names):
            name = tray.assignment.name
            problems += [Problem("", name, said) for said in tray.problems()]
            graded = book.students(name)
            found = ((s, f) for s, f in course.submissions(name, wanted) if s in graded)
            for chunk in chunks(found):
                taken = []
                for student, folder in chunk:
                    if _handed_in_since(course, name, student, folder):
                        said = "handed in again since it was graded; run 'course grade' first"
                        problems.append(Problem(student, name, said))
                    else:
                        taken.append(tray.take(student, folder))
                _compare(book, tray, taken, pass_mark, changes, sums)
    return Regrade(tuple(changes), tuple(sums), tuple(problems))


def apply(
    course_root: Path | str, planned: Regrade, progress: Progress | None = None
) -> grading.Graded:
    """Write the log, then grade those whose points change again, feedback included.

    Should it be interrupted, running it again finishes it: the log has the line twice then, and
    the closing line of the run once.
    """
    course = open_course(course_root)
    run = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    log = course.submitted.parent / LOG
    _log(log, ({"run": run, "change": asdict(c)} for c in planned.changes))
    changed: dict[str, set[str]] = {}
    for change in planned.changes:
        changed.setdefault(change.assignment, set()).add(change.student)
    # Nobody is graded anew in a module in which nothing of theirs was planned to change.
    done = [
        grading.grade(
            course_root, assignments=[name], students=sorted(who), progress=progress, around=False
        )
        for name, who in sorted(changed.items())
    ]
    _log(log, [{"run": run, "applied": len(planned.changes)}])
    return grading.together(done)


def _log(path: Path, lines: Iterable[Mapping[str, object]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
    append(path, text.encode(), 0o644)


def table(planned: Regrade) -> Iterator[str]:
    """Yield the changes as lines of a table, then the modules whose pass changes."""
    head = ("student", "module", "scenario", "before", "after")
    rows = [
        (
            c.student,
            c.assignment,
            c.scenario,
            "none" if c.before is None else f"{c.before:g}",
            f"{c.after:g}" + (" (a person's points count)" if c.overruled else ""),
        )
        for c in planned.changes
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows) if rows else ():
        cells = (_one_line(c).ljust(w) for c, w in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    for s in planned.sums:
        now = "passes now" if s.passes else "no longer passes"
        yield f"{_one_line(s.student)}, {s.assignment}: {s.before:.0%} to {s.after:.0%}, {now}"


def _compare(  # noqa: PLR0913, PLR0917 - two lists are filled
    book: Gradebook,
    tray: Tray,
    taken: list[Taken],
    pass_mark: float,
    changes: list[Change],
    sums: list[Sum],
) -> None:
    assignment = tray.assignment
    stored = {
        (r.student, r.cell_id): r for r in book.rows([assignment.name], [t.student for t in taken])
    }
    before = book.standings(assignment, [t.student for t in taken])
    penalty = late_plugin(tray.course) if assignment.due else None
    after = book.rehearse(assignment, [t.marked for t in taken], penalty)
    for one in taken:
        own = []
        for cell, points in one.marked.points.items():
            row = stored.get((one.student, cell))
            if row is not None and row.auto == points:
                continue
            slug = tray.slug_of(cell)
            work = one.works.get(slug)
            change = Change(
                student=one.student,
                assignment=assignment.name,
                scenario=slug or tray.names[cell],
                cell=tray.names[cell],
                before=row.auto if row else None,
                after=points,
                answered=work.answered if isinstance(work, SatWork) else _versions(one, slug),
                version=work.version if work else "",
                overruled=row is not None and row.manual is not None,
            )
            own.append(change)
        if own:
            changes += own
            old, new = _share(before[one.student]), _share(after[one.student])
            passed, passes = old >= pass_mark, new >= pass_mark
            if passed != passes:
                sums.append(
                    Sum(
                        student=one.student,
                        assignment=assignment.name,
                        before=old,
                        after=new,
                        passed=passed,
                        passes=passes,
                    )
                )


def _share(standing: Standing) -> float:
    maximum = sum(g.maximum for g in standing.cells.values())
    points = sum(g.points for g in standing.cells.values()) - standing.penalty
    return round(points / maximum, 9) if maximum else 0.0


def _versions(taken: Taken, slug: str) -> tuple[str, ...]:
    """Return the bank versions that a record names, as far as they are versions."""
    named = (e.bank for e in taken.submission.record.of(slug) if e.act == "commit")
    return tuple(dict.fromkeys(v for v in named if _VERSION.fullmatch(v)))


def _handed_in_since(course: Course, assignment: str, student: str, folder: Path) -> bool:
    """Tell whether the record is another than the one kept when it was graded."""
    try:
        kept = plain_bytes(course.autograded / student / assignment / FILE, MAX_FILE)
    except OSError:
        return False  # graded without notebooks, or nothing was answered
    try:
        return plain_bytes(folder / FILE, MAX_FILE) != kept
    except OSError:
        return True


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
