"""Exporters for nbgrader's own command.

For example `nbgrader export --exporter=grading.export.CanvasCsv --to=canvas.csv`; `--student` and
`--assignment` choose as they do for nbgrader's own exporter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import ExportPlugin
from sqlalchemy import func

from grading.course import open_course
from grading.exam.frame import sat_in
from grading.frame import Frames, module_of, of_course
from grading.spreadsheet import Grades, canvas_csv, grade_csv, moodle_csv, question_csv
from grading.xapi import HOME, write_xapi

FILES = {
    "csv": "questions.csv",
    "canvas": "canvas.csv",
    "moodle": "moodle.csv",
    "xapi": "statements.jsonl",
}
"""What `course export` writes, by format, unless told another name."""


def grades_of(gradebook: Any) -> tuple[list[Grades], dict[str, float]]:  # noqa: ANN401 - nbgrader ships no types
    """Return everybody's points in nbgrader's gradebook, and what each assignment offers.

    Points are those that nbgrader reports: corrected by a person and less what lateness costs.
    """
    points: dict[str, dict[str, float | None]] = {}
    maxima: dict[str, float] = {}
    waits = _waits(gradebook)
    graded = (a for a in gradebook.assignments if a.max_score)
    for assignment in sorted(graded, key=lambda a: a.name):
        maxima[assignment.name] = float(assignment.max_score)
        for row in gradebook.assignment_submissions(assignment.name):
            score = max(0.0, row.score - (row.late_submission_penalty or 0.0))
            points.setdefault(row.student_id, {})[assignment.name] = float(score)
    people = [
        Grades(
            learner=s.id,
            first_name=s.first_name or "",
            last_name=s.last_name or "",
            email=s.email or "",
            lms_id=s.lms_user_id or "",
            points=points.get(s.id, {}),
            waits=waits.get(s.id, {}),
        )
        for s in sorted(gradebook.students, key=lambda s: s.id)
    ]
    return people, maxima


def write_export(
    course_root: Path, kind: str, path: Path, home: str = HOME
) -> tuple[tuple[Path, ...], str]:
    """Write a course's grades in one of the formats of `FILES`; raises `CourseError`.

    Returns the files written, and what they cannot hold yet (nothing if they are whole). `home` is
    the home page of the accounts in xAPI statements.
    """
    course = open_course(course_root)
    path.parent.mkdir(parents=True, exist_ok=True)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        people, maxima = grades_of(gradebook)
    if kind == "xapi":
        write_xapi(course_root, path, home)
        return (path,), incomplete(people, "modules with them are neither passed nor failed")
    if kind == "csv":
        tested = {a for a, held in sat_in(course).items() if any(t.scored for t in held)}
        sums = path.with_stem(f"{path.stem}-grades")
        _write(path, question_csv(of_course(course)))
        _write(sums, grade_csv(people, maxima, tested))
        return (path, sums), incomplete(people)
    _write(path, (canvas_csv if kind == "canvas" else moodle_csv)(people, maxima))
    return (path,), incomplete(people)


def incomplete(people: Iterable[Grades], so: str = "they count 0 points here") -> str:
    """Say how many answers wait for a person, and what that means; nothing if none does."""
    waiting = [n for n in (sum(p.waits.values()) for p in people) if n]
    if not waiting:
        return ""
    answers = "1 answer waits" if sum(waiting) == 1 else f"{sum(waiting)} answers wait"
    learners = "1 learner" if len(waiting) == 1 else f"{len(waiting)} learners"
    return f"{answers} for a person to mark, of {learners}; until then {so}."


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="")


def _waits(gradebook: Any) -> dict[str, dict[str, int]]:  # noqa: ANN401 - see above
    """Return how many answers wait for a person, by learner and assignment."""
    found: dict[str, dict[str, int]] = {}
    waiting = (
        gradebook.db.query(SubmittedAssignment.student_id, Assignment.name, func.count())
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Grade.needs_manual_grade)
        .group_by(SubmittedAssignment.student_id, Assignment.name)
    )
    for learner, assignment, count in waiting:
        found.setdefault(learner, {})[assignment] = count
    return found


class _Plugin(ExportPlugin):  # type: ignore[misc]
    """Writes a CSV file to `--to`; without it to a file of its own name."""

    name: ClassVar[str]

    def _wanted(self, gradebook: Any) -> tuple[list[Grades], dict[str, float]]:  # noqa: ANN401 - see above
        """Leave out what `--student` and `--assignment` do not name."""
        people, maxima = grades_of(gradebook)
        if self.student:
            people = [p for p in people if p.learner in self.student]
        if self.assignment:
            maxima = {a: m for a, m in maxima.items() if a in self.assignment}
        kept = (replace(p, waits={a: n for a, n in p.waits.items() if a in maxima}) for p in people)
        if said := incomplete(kept):
            self.log.warning(said)
        return people, maxima

    def _write(self, text: str) -> None:
        path = Path(self.to or self.name)
        self.log.info("Exporting to %s", path)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text)


class CanvasCsv(_Plugin):
    """A gradebook for Canvas' import."""

    name = "canvas.csv"

    def export(self, gradebook: Any) -> None:  # noqa: ANN401 - see above
        """Write the file."""
        self._write(canvas_csv(*self._wanted(gradebook)))


class MoodleCsv(_Plugin):
    """A gradebook for Moodle's import, in percents."""

    name = "moodle.csv"

    def export(self, gradebook: Any) -> None:  # noqa: ANN401 - see above
        """Write the file."""
        self._write(moodle_csv(*self._wanted(gradebook)))


class QuestionCsv(_Plugin):
    """Every learner's answer to every question, with what it earned."""

    name = "questions.csv"

    def export(self, _gradebook: Any) -> None:  # noqa: ANN401 - see above
        """Write the file; answers come from the submissions, for the gradebook has none."""
        frames = of_course(open_course(self.parent.coursedir.root))
        chosen = frames.questions
        if self.student:
            chosen = chosen[chosen["learner"].isin(list(self.student))]
        if self.assignment:
            chosen = chosen[chosen["module"].isin([module_of(a) for a in self.assignment])]
        self._write(question_csv(Frames(chosen, frames.scenarios, frames.key)))
