"""Answers and their marks as tidy tables, the one form in which reports and exports read them.

`frames` is pure: from records to tables. `of_course` reads what was handed in to a course. Marks
are made here from the answers alone, exactly as the gradebook's are; what a person gives by a
rubric is not in these tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from grading.course import Course
from grading.frame.columns import CATEGORY, table
from grading.frame.offered import key
from grading.frame.timing import Timed, by_entry, committed
from grading.marks import UNANSWERED, Mark, mark
from grading.notebooks import call, read_notebook, source_of
from grading.progress import standing
from scenarios.answers import (
    FILE,
    Answers,
    Record,
    Skipped,
    first_commits,
    last_commits,
    read,
)
from scenarios.catalogue import Entry, load
from scenarios.exam.blueprint import is_test
from scenarios.policy import Policy, credit
from scenarios.profile import profession_of
from scenarios.questions import Choice
from scenarios.terms import Answer, Profession

REMEMBERED = 1 << 16
"""Different answers to scenarios whose marks are kept at hand; about 2 kB each."""
_WHO = {"learner": CATEGORY, "profession": CATEGORY, "module": CATEGORY, "scenario": CATEGORY}
_QUESTION = {
    **_WHO,
    "scene": CATEGORY,
    "question": CATEGORY,
    "kind": CATEGORY,
    "answer": CATEGORY,
    "credit": CATEGORY,
    "earned": "float64",
    "mastery": "float64",
    "certainty": CATEGORY,
    "attempts": "int64",
    "first_time": "datetime64[us, UTC]",
    "seconds": "float64",
    "bank": CATEGORY,
    "scenario_points": "float64",
    "scenario_maximum": "float64",
    "void": "bool",
}
_SCENARIO = {
    **_WHO,
    "title": CATEGORY,
    "points": "float64",
    "maximum": "float64",
    "share": "float64",
    "decision": "float64",
    "rationale": "float64",
    "mastery": "float64",
    "certainty": CATEGORY,
    "attempts": "int64",
    "unanswered": "int64",
    "never_events": "int64",
    "to_make_good": "int64",
    "seconds": "float64",
    "first_time": "datetime64[us, UTC]",
    "bank": CATEGORY,
    "void": "bool",
}


@dataclass(frozen=True)
class Submission:
    """What one learner handed in for one assignment."""

    learner: str
    assignment: str
    record: Record


@dataclass(frozen=True)
class Frames:
    """The tables of a course.

    `questions`: one row per learner, scenario and question on the learner's way. `earned` and
    `mastery` are shares from 0 to 1 of the first and of the last commit (missing where a person
    marks); `answer` is an id, ids with blanks between them, or JSON; `seconds` is an estimate of
    the time on the scene's first attempt.

    `scenarios`: one row per learner and scenario of a handed-in assignment. `share` is `points`
    of `maximum`; `decision` and `rationale` its two parts; `mastery` the share that the last
    commit would earn; `never_events` those of the first try, `to_make_good` those of them that no
    later try has made good (`progress.standing`).

    `key`: one row per option, clause, phrase, setting, response or step that the bank offers, and
    what it is worth.

    `skipped`: (learner, assignment, line) for every line of a record that is no event.
    """

    questions: pd.DataFrame
    scenarios: pd.DataFrame
    key: pd.DataFrame
    skipped: tuple[tuple[str, str, Skipped], ...] = ()


def module_of(assignment: str) -> str:
    """Return the bank folder of an assignment: `04_boundaries` asks `boundaries`."""
    return re.sub(r"^\d+_", "", assignment)


def of_course(course: Course) -> Frames:
    """Read everything handed in to a course and return its tables.

    Raises `ContentError` if the bank or the practice's policy has faults.
    """
    return frames(submissions(course), asked(course), course.policy())


def submissions(course: Course) -> Iterator[Submission]:
    """Yield what was handed in, by assignment and learner."""
    for assignment in course.assignments():
        for learner, folder in course.submissions(assignment):
            yield Submission(learner, assignment, read(folder / FILE))


def asked(course: Course) -> dict[str, tuple[Entry, ...]]:
    """Return the scenarios that the course's own notebooks ask, by assignment, in their order.

    Raises `ContentError` or `UnknownScenarioError` for a scenario that cannot be read.
    """
    return {
        assignment: tuple(
            load(slug)
            for name in course.notebooks(assignment)
            for slug in _slugs(read_notebook(course.source / assignment / f"{name}.ipynb"))
        )
        for assignment in course.assignments()
    }


def frames(
    handed_in: Iterable[Submission], asked: Mapping[str, Sequence[Entry]], policy: Policy
) -> Frames:
    """Mark every submission and lay answers and marks out as tables.

    `asked` gives the scenarios of each assignment; other assignments are left out.
    """
    questions: list[dict[str, Any]] = []
    scenarios: list[dict[str, Any]] = []
    skipped: list[tuple[str, str, Skipped]] = []
    used: dict[str, Entry] = {}
    marks = _Marks(policy)
    for submission in handed_in:
        entries = asked.get(submission.assignment, ())
        bad = submission.record.skipped
        skipped += [(submission.learner, submission.assignment, s) for s in bad]
        used |= {e.slug: e for e in entries}
        for entry, events in by_entry(submission.record, entries):
            rows, row = _rows(submission.learner, entry, events, marks)
            questions += rows
            scenarios.append(row)
    return Frames(
        questions=table(questions, _QUESTION),
        scenarios=table(scenarios, _SCENARIO),
        key=key(used.values(), policy),
        skipped=tuple(skipped),
    )


def each(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table as named tuples; `Index` is the row's name."""
    yield from table.itertuples()


def _slugs(notebook: dict[str, Any] | None) -> Iterator[str]:
    for cell in notebook["cells"] if notebook else ():
        found = call(source_of(cell))
        if found and found[0] == "ask" and not is_test(found[1]):
            yield found[1]


class _Marks:
    """Marks under one policy. A class gives the same answers again and again: marked once."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[tuple[str, str | None, str], Mark] = {}

    def of(self, entry: Entry, given: Answers, profession: Profession | None) -> Mark:
        at = (entry.slug, profession, repr(given))
        known = self._known.get(at)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[at] = mark(entry.scenario, given, self.policy, profession)
        return known


def _rows(
    learner: str, entry: Entry, timed: list[Timed], marks: _Marks
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    events = [event for event, _ in timed]
    first, last = first_commits(events), last_commits(events)
    profession = profession_of(events)
    marked = marks.of(entry, first, profession)
    again = marked if first == last else marks.of(entry, last, profession)
    who = {
        "learner": learner,
        "profession": profession,
        "module": entry.module,
        "scenario": entry.slug,
        "void": entry.scenario.void,
    }
    mastered = {(p.scene, p.question): p.earned for p in again.parts}
    questions = {(s.id, q.id): q for s in entry.scenario.scenes for q in s.questions}
    commits: dict[tuple[str, str], list[Timed]] = {}
    for event, start in timed:
        if event.act == "commit":
            commits.setdefault((event.scene, event.question), []).append((event, start))
    rows = []
    for part in marked.parts:
        at = (part.scene, part.question)
        question = questions[at]
        answered = part.why != UNANSWERED
        answer = first.get(at) if answered else None
        rows.append(
            {
                **who,
                **committed(commits.get(at)),
                "scene": part.scene,
                "question": part.question,
                "kind": part.kind,
                "answer": _text(answer, part.kind) if answered else None,
                "credit": credit(question.option(answer), marks.policy, profession)[0]
                if isinstance(question, Choice) and isinstance(answer, str)
                else None,
                "earned": part.earned,
                "mastery": mastered.get(at),
                "scenario_points": marked.points,
                "scenario_maximum": marked.maximum,
            }
        )
    never = standing(entry, events, marks.policy).never_events if marked.never_events else ()
    return rows, {**who, **_whole(entry, marked, again, rows), "to_make_good": len(never)}


def _whole(entry: Entry, marked: Mark, again: Mark, rows: list[dict[str, Any]]) -> dict[str, Any]:
    def first(name: str) -> Any:  # noqa: ANN401 - a cell of any type
        return next((r[name] for r in rows if r[name] is not None), None)

    seconds = {r["scene"]: r["seconds"] for r in rows if r["seconds"]}
    return {
        "title": entry.scenario.title,
        "points": marked.points,
        "maximum": marked.maximum,
        "share": marked.share if marked.maximum else None,
        "decision": None if entry.scenario.written else marked.decision,
        "rationale": marked.rationale,
        "mastery": again.share if again.maximum else None,
        "certainty": first("certainty"),
        "attempts": max((r["attempts"] for r in rows), default=0),
        "unanswered": marked.unanswered,
        "never_events": len(marked.never_events),
        "seconds": sum(seconds.values()) or None,
        "first_time": first("first_time"),
        "bank": first("bank"),
    }


def _text(answer: Answer, kind: str) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):  # the order of clauses says nothing, that of steps everything
        ids = [str(a) for a in answer]
        return " ".join(sorted(ids) if kind == "rationale" else ids)
    return json.dumps(answer, ensure_ascii=False, sort_keys=True)
