"""One marker at one question: what comes next, what a saved mark does, how far along it is.

Example answers whose points are known come first, so that a marker finds the standard before the
first real answer. The first marker's points count; a second one's show how far markers agree; what
both settle afterwards counts instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from grading.course import Course
from grading.manual import rubric
from grading.manual.marked import (
    RawMark,
    Role,
    keep,
    kept,
    latest,
    response_of,
    salt,
    store,
    stored,
    written,
)
from grading.manual.queue import (
    NearCopies,
    Place,
    Written,
    alias,
    second_share,
    shuffled,
)
from grading.statistics.agreement import Agreement, Disagreement, agreement, disagreements
from scenarios.catalogue import load

SECOND = 0.2
"""Share of the answers that a second marker marks."""
COMMENTS = 12
"""Comments that are offered again."""
Part = Literal["first", "second", "settled"]


@dataclass(frozen=True)
class Task:
    """One answer to mark, as the marker may see it.

    `alias` stands for the learner, `likes` are near-copies by alias and likeness, `earlier` the
    marks of both markers where a difference is to be settled. Of an example answer `reference` has
    its known points and `why` the reason, to be shown once it was marked.
    """

    role: Role
    alias: str
    parts: Mapping[str, str]
    likes: tuple[tuple[str, float], ...] = ()
    earlier: tuple[RawMark, ...] = ()
    reference: float | None = None
    why: str = ""


@dataclass
class Session:
    """A marker (any name) at a question of a course; `part` says which of the three passes it is.

    Raises `CourseError` where the gradebook or the marks cannot be read.
    """

    course: Course
    place: Place
    marker: str
    part: Part = "first"
    share: float = SECOND
    _answers: dict[str, Written] = field(init=False)
    _copies: NearCopies = field(init=False)

    def __post_init__(self) -> None:
        """Read the answers once; marks are read again whenever they are asked for."""
        self.entry = load(self.place.slug)
        self.scene, self.question = response_of(self.entry)
        self._salt = salt(self.course)
        found = shuffled(written(self.course, self.place), self._salt)
        self._answers = {alias(a.learner, self.place.slug, self._salt): a for a in found}
        self._copies = NearCopies(found)
        self._given = stored(self.course, self.place)
        self._marks = kept(self.course)

    # -- what comes next

    def todo(self) -> list[Task]:
        """Return what is left to mark in this pass, example answers first."""
        return list(self._todo())

    def next(self) -> Task | None:
        """Return what is to be marked next; None when this pass is done."""
        return next(self._todo(), None)

    def _todo(self) -> Iterator[Task]:
        yield from self._anchors()
        yield from (self._task(name) for name in self._waiting())

    @property
    def progress(self) -> tuple[int, int]:
        """How many real answers of this pass are marked, and how many there are."""
        wanted = len(self._wanted())
        return wanted - len(self._waiting()), wanted

    def last(self) -> tuple[Task, RawMark] | None:
        """Return what this marker marked last in this pass, and how; None if there is nothing.

        Saving it again corrects it: of several marks of an answer the last one counts.
        """
        own = self._own("anchor", self.part)
        found = ((self._marked(m), m) for m in reversed(own))
        return next(((task, mark) for task, mark in found if task), None)

    def _marked(self, mark: RawMark) -> Task | None:
        """Return what a mark of this pass is about; None if that is gone, or was settled since."""
        if mark.role == "anchor":
            return self._examples().get(mark.learner) if mark.answer == self.entry.version else None
        at = (mark.learner, mark.answer)
        if self.part != "settled" and at in self._marks_of("settled"):
            return None
        found = (n for n, a in self._answers.items() if (a.learner, a.digest) == at)
        return next((self._task(name) for name in found), None)

    def _examples(self) -> dict[str, Task]:
        """Return the example answers by the names under which their marks are kept."""
        return {
            f"example-{n}": Task(
                "anchor", f"Example {n}", dict(e.parts), reference=e.points, why=e.why
            )
            for n, e in enumerate(self.question.exemplars, start=1)
        }

    def _anchors(self) -> list[Task]:
        done = {m.learner for m in self._own("anchor") if m.answer == self.entry.version}
        return [task for name, task in self._examples().items() if name not in done]

    def _wanted(self) -> list[str]:
        names = {a.learner: name for name, a in self._answers.items()}
        if self.part == "first":
            return list(self._answers)
        if self.part == "second":
            others = {
                m.learner for m in self._marks_of("first").values() if m.marker != self.marker
            }
            chosen = second_share(self._answers.values(), self._salt, self.share)
            return [names[a.learner] for a in chosen if a.learner in others]
        settled = self._marks_of("settled")
        far = {d.answer for d in self.disagreements()}
        return [n for n, a in self._answers.items() if n in far or (a.learner, a.digest) in settled]

    def _waiting(self) -> list[str]:
        done = self._marks_of(self.part)
        if self.part == "first":
            done |= self._marks_of("settled")
        return [
            name
            for name in self._wanted()
            if (self._answers[name].learner, self._answers[name].digest) not in done
            and not (self.part == "first" and self._typed(self._answers[name].learner))
        ]

    def _typed(self, learner: str) -> bool:
        """Tell whether somebody gave points elsewhere, as in formgrader: those are left alone."""
        given = self._given.get(learner)
        return given is not None and given.points is not None and not given.waits

    def _task(self, name: str) -> Task:
        answer = self._answers[name]
        likes = self._copies.of(answer.learner)
        at = (answer.learner, answer.digest)
        both = (self._marks_of("first").get(at), self._marks_of("second").get(at))
        return Task(
            self.part,
            name,
            answer.parts,
            tuple((alias(k.other, self.place.slug, self._salt), k.score) for k in likes),
            tuple(m for m in both if m) if self.part == "settled" else (),
        )

    # -- what a mark does

    def save(
        self, task: Task, lines: Mapping[str, float], caps: Collection[str], comment: str = ""
    ) -> rubric.RubricMark:
        """Keep a mark and, unless it is for practice or a check, store it in the gradebook.

        Raises `ValueError` for lines that the rubric has not and `MarkError` if it cannot be saved;
        then the answer is still to be marked.
        """
        mark = rubric.apply(self.question, lines, caps)
        answer = self._answers.get(task.alias)
        if task.role != "anchor" and answer is None:
            raise ValueError(f"there is no answer {task.alias}")
        if answer is not None and task.role in ("first", "settled"):
            store(self.course, answer, mark.scaled(self.place.maximum), comment)
        raw = RawMark(
            marker=self.marker,
            role=task.role,
            scenario=self.place.slug,
            learner=answer.learner if answer else task.alias.lower().replace(" ", "-"),
            answer=answer.digest if answer else self.entry.version,
            bank=answer.bank if answer else self.entry.version,
            lines=dict(lines),
            caps=tuple(sorted(caps)),
            points=mark.points,
            comment=comment,
        )
        keep(self.course, raw)
        self._marks = (*self._marks, raw)
        return mark

    # -- how it goes

    def calibration(self) -> tuple[int, float] | None:
        """Return how many examples this marker marked and the mean points off; None for none."""
        known = {f"example-{n}": e for n, e in enumerate(self.question.exemplars, start=1)}
        own = {m.learner: m.points for m in self._own("anchor") if m.learner in known}
        off = [abs(points - known[name].points) for name, points in own.items()]
        return (len(off), sum(off) / len(off)) if off else None

    def agreement(self) -> Agreement | None:
        """Return how first and second marks of the same answers agree."""
        first, second = self._points("first"), self._points("second")
        both = sorted(first.keys() & second.keys())
        return agreement([first[b] for b in both], [second[b] for b in both])

    def disagreements(self) -> list[Disagreement]:
        """Return, by alias, the answers on which the two markers are far apart."""
        maximum = self.question.rubric_points
        return disagreements(self._points("first"), self._points("second"), maximum)

    def comments(self) -> list[str]:
        """Return comments already given to this question, the most used first."""
        said = Counter(
            m.comment for m in self._marks if m.scenario == self.place.slug and m.comment.strip()
        )
        return [text for text, _ in said.most_common(COMMENTS)]

    def _points(self, role: Role) -> dict[str, float]:
        marks = self._marks_of(role)
        found = ((n, marks.get((a.learner, a.digest))) for n, a in self._answers.items())
        return {name: mark.points for name, mark in found if mark}

    def _marks_of(self, role: Role) -> dict[tuple[str, str], RawMark]:
        return latest(self._marks, self.place.slug, role)

    def _own(self, *roles: Role) -> list[RawMark]:
        return [
            m
            for m in self._marks
            if (m.scenario, m.marker) == (self.place.slug, self.marker) and m.role in roles
        ]
