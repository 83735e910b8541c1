"""Simulated learners, who answer through the same record as real ones and hand in like them.

Each has an ability, a profession, a way of saying how sure they are, a pace and a diligence. What
they choose follows ability through a softmax over credit, as in the nominal response models of
item response theory; every option and clause has its own lure, so that wrong answers differ in
how often they tempt. The same seed makes the same cohort, to the byte.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import singledispatch
from pathlib import Path
from statistics import NormalDist

import numpy as np

from grading.batches import Progress
from grading.course import CONFIG, Course, CourseError, make_course, open_course
from grading.exemplary import walk
from grading.frame import asked, of_course
from grading.grade import grade
from grading.marks import mark
from grading.report import write_report
from grading.spreadsheet import question_csv
from grading.statistics import totals
from scenarios.answers import FILE, Event, append
from scenarios.catalogue import Entry
from scenarios.policy import Policy
from scenarios.questions import Audit, Choice, Hottext, Order, Question, Rating, Rationale, Response
from scenarios.terms import CREDIT, Answer, Certainty, Profession

SEED = 20261123
START = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
"""The first morning of the simulated class."""
DAYS = 12
MARKER = ".course-demo"
"""Tells a folder that `demo` made, and may make again, from anybody's own."""
_CONFIG = """\
from pathlib import Path

from grading.config import configure

configure(c, __file__)  # noqa: F821 - nbgrader's own name in its configuration files
# Simulated learners stay out of a real gradebook, whatever COURSE_DATABASE says.
database = Path(__file__).resolve().parent / "build" / "gradebook.db"
c.CourseDirectory.db_url = f"sqlite:///{database}?timeout=30"  # noqa: F821 - see above
"""

Rng = np.random.Generator

_PROFESSIONS: dict[Profession, float] = {
    "counselor": 0.27,
    "social-worker": 0.23,
    "psychologist": 0.2,
    "mft": 0.13,
    "trainee": 0.1,
    "prescriber": 0.07,
}
_PICKED = 0.4
"""Logit of naming a clause that applies, at average ability; minus it for one that does not."""
_READ, _THINK, _DECIDE = 70.0, 25.0, 8.0
"""Seconds to read a scene, to answer one more question, to press the button."""
_CONTENT = 0.8
"""Share of the points with which a learner does not try again."""
_RETRY_GAIN = 1.8
"""What reading the feedback adds to ability, in standard deviations."""


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A simulated learner.

    `ability` is in standard deviations of the cohort, `boldness` shifts how sure they say they
    are, `pace` multiplies their times, `diligence` is the share of scenarios that they answer.
    """

    id: str
    profession: Profession | None
    ability: float
    boldness: float
    pace: float
    diligence: float


@dataclass(frozen=True)
class Cohort:
    """Who handed in what, and how many lines of the records are torn."""

    learners: tuple[Learner, ...]
    assignments: tuple[str, ...]
    submissions: int
    torn: int


# ---------------------------------------------------------------------------------- the answers


def _lure(name: str) -> float:
    """Return how much an option tempts beside its credit: normal, the same for everybody."""
    digest = hashlib.sha256(name.encode()).digest()
    return NormalDist().inv_cdf((int.from_bytes(digest[:6], "big") + 0.5) / 2**48)


def _does(logit: float, rng: Rng) -> bool:
    return bool(rng.random() < 1 / (1 + np.exp(-logit)))


@singledispatch
def respond(question: Question, _ability: float, _rng: Rng) -> Answer:
    """Return the answer of somebody with this ability; one function per question kind.

    `ability` is in standard deviations, already lowered by the scenario's difficulty. The answer
    always has the question's form.
    """
    raise NotImplementedError(type(question).__name__)


@respond.register
def _choice(question: Choice, ability: float, rng: Rng) -> str:
    slope = max(0.3, 3.2 + 1.4 * ability)  # knows little: credit hardly steers the choice
    pull = np.array([slope * CREDIT[o.credit] + 0.7 * _lure(o.id) for o in question.options])
    shares = np.exp(pull - pull.max())
    return question.options[int(rng.choice(len(pull), p=shares / shares.sum()))].id


@respond.register
def _rationale(question: Rationale, ability: float, rng: Rng) -> list[str]:
    offered = [(c, 1) for c in question.right] + [(c, -1) for c in question.tempting]
    wish = {
        c.clause: side * (_PICKED + 0.9 * (ability + 0.9)) + 0.6 * _lure(f"{question.id}{c.why}")
        for c, side in offered
    }
    ranked = sorted(wish, key=lambda c: wish[c] + rng.logistic(), reverse=True)
    picks = sum(_does(w, rng) for w in wish.values())
    return ranked[: min(max(picks, question.minimum), question.maximum)]


@respond.register
def _hottext(question: Hottext, ability: float, rng: Rng) -> dict[str, str]:
    eager = {"must": 1.1 + ability, "optional": 0.0, "keep": -1.3 - ability}
    marked = [s for s in question.spans if _does(eager[s.mark] + 0.5 * _lure(s.id), rng)]
    return {
        s.id: str(rng.choice(s.categories))
        if s.categories and _does(1.0 + ability, rng)
        else str(rng.choice(list("ABCR")))
        for s in marked
    }


@respond.register
def _audit(question: Audit, ability: float, rng: Rng) -> dict[str, object]:
    other = {"keep": "change", "change": "keep"}
    rows = {
        r.id: r.correct if _does(1.3 + ability + 0.5 * _lure(r.id), rng) else other[r.correct]
        for r in question.rows
    }
    urgency = {r.id: (1 + max(ability, -1.0)) * r.first + rng.logistic() for r in question.rows}
    return {"rows": rows, "first": sorted(rows, key=lambda i: -urgency[i])[: question.first_fixes]}


@respond.register
def _rating(question: Rating, ability: float, rng: Rng) -> dict[str, int]:
    spread = 1.1 * np.exp(-0.35 * ability)
    return {
        o.id: int(np.clip(round(o.key + spread * rng.standard_normal()), 1, 4))
        for o in question.options
    }


@respond.register
def _order(question: Order, ability: float, rng: Rng) -> list[str]:
    spread = 1.4 * np.exp(-0.5 * ability)
    place = {s.id: n + spread * rng.standard_normal() for n, s in enumerate(question.steps)}
    return sorted(place, key=lambda i: place[i])


@respond.register
def _response(question: Response, ability: float, rng: Rng) -> dict[str, str]:
    """Hand in the example answer whose points lie nearest to what the ability would earn."""
    aim = question.rubric_points / (1 + np.exp(-ability - 0.4 * rng.standard_normal()))
    nearest = min(question.exemplars, key=lambda e: abs(e.points - aim))
    return {p.id: nearest.parts.get(p.id, "") for p in question.parts}


# --------------------------------------------------------------------------------- the learners


def cohort_of(learners: int, seed: int = SEED) -> tuple[Learner, ...]:
    """Return this many different learners; the first of a longer cohort are those of a shorter."""
    names, weights = list(_PROFESSIONS), list(_PROFESSIONS.values())
    width = max(3, len(str(learners)))
    people = []
    for n in range(1, learners + 1):
        rng = np.random.default_rng([seed, n])
        chosen = names[int(rng.choice(len(names), p=weights))]
        people.append(
            Learner(
                id=f"learner-{n:0{width}}",
                profession=chosen if rng.random() > 0.04 else None,  # noqa: PLR2004 - a few keep it to themselves
                ability=float(rng.standard_normal()),
                boldness=float(rng.normal(0.3, 0.8)),
                pace=float(np.exp(rng.normal(0, 0.35))),
                diligence=0.78 if rng.random() < 0.15 else 0.985,  # noqa: PLR2004 - some run out of time
            )
        )
    return tuple(people)


@dataclass
class _Session:
    """One learner at one assignment: events, and the clock that they are written by."""

    learner: Learner
    rng: Rng
    policy: Policy
    clock: datetime
    events: list[Event] = field(default_factory=list)

    def answer(self, entry: Entry) -> None:
        """Answer a scenario, or leave it; look at it again if it went badly."""
        ability = self.learner.ability - 0.7 * _lure(entry.slug)
        if self.rng.random() > self.learner.diligence:
            if self.rng.random() < 0.5:  # noqa: PLR2004 - a choice made, but never committed
                scene = entry.scenario.scenes[0]
                first = scene.questions[0]
                self._draft(entry, scene.id, [(first, respond(first, ability, self.rng))], 1)
            return
        attempt = 1
        good = self._attempt(entry, attempt, ability)
        while not good and attempt < 3 and self.rng.random() < 0.5:  # noqa: PLR2004 - at most twice again
            attempt += 1
            good = self._attempt(entry, attempt, ability + _RETRY_GAIN)

    def _attempt(self, entry: Entry, attempt: int, ability: float) -> bool:
        """Walk through the scenes; say whether there is little left to do better."""
        answers = walk(entry.scenario, lambda _, q: respond(q, ability, self.rng))
        for scene in entry.scenario.path(answers):
            given = [(q, answers[scene.id, q.id]) for q in scene.questions]
            drafted = self._draft(entry, scene.id, given, attempt)
            certainty = self._certainty(given, ability)
            self._wait(_DECIDE)
            now = _stamp(self.clock)
            self.events += [
                replace(e, act="commit", certainty=certainty, time=now) for e in drafted
            ]
        earned = mark(entry.scenario, answers, self.policy, self.learner.profession)
        return earned.needs_person or earned.share >= _CONTENT

    def _draft(
        self, entry: Entry, scene: str, given: Iterable[tuple[Question, Answer]], attempt: int
    ) -> list[Event]:
        """Read the scene and choose answers one after the other; return the changes written."""
        drafted = []
        for n, (question, answer) in enumerate(given):
            self._wait(_THINK if n or attempt > 1 else _READ)
            event = Event(
                act="change",
                scenario=entry.slug,
                scene=scene,
                question=question.id,
                answer=answer,
                attempt=attempt,
                bank=entry.version,
                policy=self.policy.version,
                profession=self.learner.profession,
                time=_stamp(self.clock),
            )
            drafted.append(event)
        self.events += drafted
        return drafted

    def _wait(self, seconds: float) -> None:
        seconds *= self.learner.pace * float(np.exp(self.rng.normal(0, 0.45)))
        self.clock += timedelta(seconds=round(seconds, 3))

    def _certainty(
        self, given: Sequence[tuple[Question, Answer]], ability: float
    ) -> Certainty | None:
        """Feel surer when right, and when bold; None where nothing is decided."""
        worth = [CREDIT[q.option(str(a)).credit] for q, a in given if isinstance(q, Choice)]
        if not worth:
            return None
        felt = 0.9 * worth[0] + 0.35 * ability + self.learner.boldness + self.rng.normal(0, 0.7)
        return "sure" if felt > 1 else "fairly" if felt > 0 else "guess"


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sitting(
    learner: Learner, entries: Iterable[Entry], start: datetime, rng: Rng, policy: Policy
) -> list[Event]:
    """Return the events of one learner who answers these scenarios one after the other."""
    session = _Session(learner, rng, policy, start)
    for entry in entries:
        session.answer(entry)
    return session.events


# --------------------------------------------------------------------------------- handing it in


def simulate(
    course_root: Path,
    learners: int = 30,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Cohort:
    """Let simulated learners answer and hand in every assignment of a course root.

    They hand in the released notebooks where there are any, else the authored ones. Raises
    `CourseError` without notebooks, and before anything already handed in would be touched.
    """
    course = open_course(course_root)
    assignments = {a: entries for a, entries in asked(course).items() if entries}
    people = cohort_of(learners, seed)
    taken = [p.id for p in people if (course.submitted / p.id).exists()]
    if taken:
        raise CourseError(
            f"{taken[0]} has already handed in under {course.submitted};"
            " choose another folder, simulated answers never replace others."
        )
    torn = 0
    for done, learner in enumerate(people, start=1):
        for n, (assignment, entries) in enumerate(assignments.items()):
            rng = np.random.default_rng([seed, done, n])
            day = START + timedelta(days=int(rng.integers(DAYS)), hours=float(rng.uniform(0, 14)))
            events = sitting(learner, entries, day, rng, course.policy())
            folder = course.submitted / learner.id / assignment
            torn += _hand_in(folder, _notebooks(course, assignment), events, day, rng)
        if progress:
            progress("Learners answer", done, len(people))
    return Cohort(people, tuple(assignments), len(people) * len(assignments), torn)


def _notebooks(course: Course, assignment: str) -> list[Path]:
    names = [f"{name}.ipynb" for name in course.notebooks(assignment)]
    released = [course.release / assignment / name for name in names]
    authored = [course.source / assignment / name for name in names]
    return released if all(path.is_file() for path in released) else authored


def _hand_in(
    folder: Path, notebooks: Iterable[Path], events: Sequence[Event], start: datetime, rng: Rng
) -> int:
    """Make a submission as nbgrader's exchange would; return how many torn lines it has."""
    folder.mkdir(parents=True)
    for notebook in notebooks:
        shutil.copyfile(notebook, folder / notebook.name)
    cut = int(rng.integers(1, len(events))) if len(events) > 1 and rng.random() < 0.1 else 0  # noqa: PLR2004 - one in ten
    append(folder / FILE, events[:cut] if cut else events)
    if cut:  # the power fails in the middle of a line, and the course goes on after it
        line = json.dumps({"v": 1, **asdict(events[cut])})
        with (folder / FILE).open("a", encoding="utf-8") as record:
            record.write(line[: len(line) // 2])
        append(folder / FILE, events[cut:])
    last = datetime.fromisoformat(events[-1].time) if events else start
    stamp = (last + timedelta(minutes=3)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    (folder / "timestamp.txt").write_text(stamp + "\n", "utf-8")
    return int(cut > 0)


# ------------------------------------------------------------------------------------- the demo


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What `demo` made: where it is, and its numbers. `mean` is a share of all points."""

    folder: Path
    report: Path
    answers: Path
    feedback: Path
    cohort: Cohort
    mean: float
    seconds: float


def demo(
    out: Path = Path("course-demo"),
    learners: int = 30,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Demo:
    """Show a whole course run: a simulated cohort, its grades, its feedback and the report.

    `out` becomes an nbgrader course root of its own with the course's notebooks, so that every
    nbgrader command works in it. It is made anew if an earlier demo made it; any other folder
    with something in it is left alone with a `CourseError`.
    """
    began = time.monotonic()
    _make_room(out)
    (out / CONFIG).write_text(_CONFIG, "utf-8")
    course = make_course(out)
    cohort = simulate(out, learners, seed, progress)
    grade(out, progress=progress)
    frames = of_course(course)
    report, answers = out / "report.html", out / "answers.csv"
    write_report(out, report)
    answers.write_text(question_csv(frames), "utf-8", newline="")
    return Demo(
        folder=out,
        report=report,
        answers=answers,
        feedback=course.feedback,
        cohort=cohort,
        mean=float(totals(frames.scenarios).mean()),
        seconds=time.monotonic() - began,
    )


def _make_room(out: Path) -> None:
    if out.is_dir() and (out / MARKER).is_file():
        for made in ("build", "notebooks"):
            shutil.rmtree(out / made, ignore_errors=True)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CourseError(
            f"{out} holds something that no demo made; name an empty or a new folder with --out."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text("Made by `course demo`, which may replace it.\n", "utf-8")
