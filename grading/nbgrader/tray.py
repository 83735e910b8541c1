"""One assignment ready to be marked: which cell is about which scenario, and what is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grading.config import KERNEL
from grading.course import Course
from grading.nbgrader import tampering
from grading.nbgrader.feedback_page import Section, page
from grading.nbgrader.gradebook import Assignment, Given, Marked, Notebook, Standing
from grading.nbgrader.marking import AnyWork, Marker, outputs_of, points_of, waits_for_person
from grading.nbgrader.submission import RELEASED, Submission, carry, read_submission
from grading.notebooks import Template, cell_name, read_notebook, restored, slugs_of, title_of
from scenarios.answers import FILE
from scenarios.files import write


@dataclass(frozen=True)
class Taken:
    """A submission taken from the tray: who, from where, what it says and what it is worth."""

    student: str
    folder: Path
    submission: Submission
    works: dict[str, AnyWork]
    marked: Marked
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Tray:
    """One assignment ready to be marked: which cell is about which scenario, and the notebooks."""

    def __init__(self, course: Course, assignment: Assignment, marker: Marker) -> None:
        self.course = course
        self.assignment = assignment
        self.names = {c.id: c.name for n in assignment.notebooks for c in n.graded}
        self._marker = marker
        self._slugs = {n.id: slugs_of(n.cells) for n in assignment.notebooks}
        self._templates: dict[str, Template] = {}
        self._titles: dict[str, str] = {}
        self._asked = list(dict.fromkeys(s for own in self._slugs.values() for s in own.values()))

    def slug_of(self, cell_id: str) -> str:
        """Return the scenario that a graded cell is about; nothing if it is about none."""
        for notebook in self.assignment.notebooks:
            for cell in notebook.graded:
                if cell.id == cell_id:
                    return self._slugs[notebook.id].get(cell.name, "")
        return ""

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the assignment itself."""
        for notebook in self.assignment.notebooks:
            for cell in notebook.graded:
                if not cell.task and cell.name not in self._slugs[notebook.id]:
                    yield (
                        f"the cell {cell.name} earns nobody a point: it runs code of its own,"
                        f' expected score("..."); mend it, or set {KERNEL}=1'
                    )

    def take(self, student: str, folder: Path) -> Taken:
        """Read and mark one submission."""
        submission = read_submission(folder)
        works = self._marker.works(submission.record.events, self._asked)
        points: dict[str, float] = {}
        waits: dict[str, bool] = {}
        for notebook in self.assignment.notebooks:
            cells = {c.name: c for c in notebook.graded if not c.task}
            maxima = {name: c.maximum for name, c in cells.items()}
            by_name = points_of(works, self._slugs[notebook.id], maxima)
            points |= {cells[name].id: value for name, value in by_name.items()}
            for task in (c for c in notebook.graded if c.task):
                work = works.get(self._slugs[notebook.id].get(task.name, ""))
                if work:
                    waits[task.id] = waits_for_person(work.mark)
        marked = Marked(student, submission.timestamp, points, waits)
        receipts = tampering.receipts(folder)
        earned = {slug: work.mark.points for slug, work in works.items()}
        problems = [*submission.problems, *self._foreign(submission), *receipts.problems]
        problems += [said for work in works.values() for said in work.problems]
        for notebook in self.assignment.notebooks:
            problems += tampering.unearned(folder / f"{notebook.name}.ipynb", earned)
        return Taken(student, folder, submission, works, marked, tuple(problems), receipts.notes)

    def _foreign(self, submission: Submission) -> Iterator[str]:
        """Say that a record is another module's, of whose scenarios this one has none."""
        own = {slug.partition("/")[0] for slug in self._asked}
        answered = {e.scenario for e in submission.record.events if "/" in e.scenario}
        modules = {slug.partition("/")[0] for slug in answered}
        if own and modules and own.isdisjoint(modules):
            yield (
                f"{FILE} holds answers of {', '.join(sorted(modules)[:3])} and none of this"
                " module's; ask whether another module's file was handed in"
            )

    def write_notebooks(self, taken: Taken) -> list[str]:
        """Write the marked notebooks and what is kept of the submission; return problems."""
        target = self.course.autograded / taken.student / self.assignment.name
        problems = carry(taken.folder, target)
        for notebook in self.assignment.notebooks:
            template = self._template(notebook)
            slugs = dict.fromkeys(slug for _, slug in template.holes)
            outputs = outputs_of(self._seen(taken, slugs), slugs)
            write(target / f"{notebook.name}.ipynb", template.fill(outputs))
        return problems

    def write_feedback(self, taken: Taken, standing: Standing) -> list[str]:
        """Write the learner's page and what nbgrader's release of feedback needs."""
        target = self.course.feedback / taken.student / self.assignment.name
        for notebook in self.assignment.notebooks:
            sections = self._sections(notebook, taken.works, standing)
            html = page(taken.student, self._title(notebook), sections, standing.penalty)
            write(target / f"{notebook.name}.html", html)
        return carry(taken.folder, target, RELEASED)

    def _sections(
        self, notebook: Notebook, works: Mapping[str, AnyWork], standing: Standing
    ) -> list[Section]:
        """Put what each scenario's cells have beside what is said about its answers."""
        slugs = self._slugs[notebook.id]
        given: dict[str, list[Given]] = {slug: [] for slug in slugs.values()}
        for cell in notebook.graded:
            if cell.name in slugs:
                given[slugs[cell.name]].append(standing.cells[cell.id])
        return [
            Section(
                title=works[slug].title,
                points=sum(g.points for g in own),
                maximum=sum(g.maximum for g in own),
                waits=any(g.waits for g in own),
                explained=works[slug].explained,
                comments=tuple(g.comment for g in own if g.comment),
            )
            for slug, own in given.items()
            if slug in works
        ]

    def _title(self, notebook: Notebook) -> str:
        if notebook.name not in self._titles:
            path = self.course.source / self.assignment.name / f"{notebook.name}.ipynb"
            self._titles[notebook.name] = title_of(path)
        return self._titles[notebook.name]

    def _seen(self, taken: Taken, slugs: Iterable[str]) -> dict[str, AnyWork]:
        """Add scenarios that are asked without points."""
        missing = [s for s in slugs if s not in taken.works]
        return taken.works | self._marker.works(taken.submission.record.events, missing)

    def _template(self, notebook: Notebook) -> Template:
        if notebook.name not in self._templates:
            self._templates[notebook.name] = Template(
                course_version(self.course, self.assignment.name, notebook)
            )
        return self._templates[notebook.name]


def course_version(course: Course, assignment: str, notebook: Notebook) -> dict[str, object]:
    """Return the course's own version of a notebook, without outputs.

    The released one where it is what the gradebook knows, else the authored one.
    """
    name = f"{notebook.name}.ipynb"
    known = {c.name for c in notebook.cells}
    authored = read_notebook(course.source / assignment / name)
    for book in (read_notebook(course.release / assignment / name), authored):
        if book and {cell_name(c) for c in book["cells"]} - {""} == known:
            return restored(book, notebook.cells)
    return restored(authored, notebook.cells)
