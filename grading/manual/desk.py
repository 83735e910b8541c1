"""The marking desk: a marker's answers one after the other, with the rubric beside each.

Stock ipywidgets in a notebook (`marking.ipynb`). What to show and what a mark does is
`grading.manual.session`; here are only the controls. Learners' texts are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import anywidget
import ipywidgets as widgets

from grading.course import Course, CourseError
from grading.manual import rubric
from grading.manual.marked import RawMark, places
from grading.manual.session import Part, Session, Task
from grading.markup import tag
from grading.outputs import clean
from grading.situation import PLAIN, situation
from scenarios.catalogue import load
from scenarios.questions import Response

PASSES: dict[str, Part] = {
    "First marker: these points count": "first",
    "Second marker: a check on a share of the answers": "second",
    "Settle where two markers differ": "settled",
}
LEVELS = {"not met": 0.0, "partly": 0.5, "met": 1.0}
_NONE = ("choose one to add it", "")
_WIDE = widgets.Layout(width="100%", max_width="60rem")


class _Keys(anywidget.AnyWidget):
    """Keeps JupyterLab's shortcuts from what is typed on the desk: there, two d delete a cell.

    JupyterLab looks at the focused element alone before it takes a key for itself.
    """

    _esm = """
    const mine = e => e.target.setAttribute("data-lm-suppress-shortcuts", "true");
    export default {render({el}) {
      requestAnimationFrame(() => el.parentElement?.addEventListener("focusin", mine));
    }};
    """


class Desk(widgets.VBox):  # type: ignore[misc]
    """Choose a question, a name and a pass; then mark answer after answer.

    The controls stay while the answers go by, so that the keyboard keeps its place.
    """

    def __init__(self, course: Course) -> None:
        """Show the choices for a course; nothing is read before they are made."""
        self.course = course
        self.session: Session | None = None
        self.task: Task | None = None
        self.lines: dict[str, Any] = {}
        self.caps: dict[str, Any] = {}
        found = {load(p.slug).scenario.title: p for p in places(course)}
        self.place = widgets.Dropdown(
            options=list(found.items()), description="Question", layout=_WIDE
        )
        self.marker = widgets.Text(
            description="Your name", placeholder="as it stands beside your marks"
        )
        self.part = widgets.Dropdown(options=list(PASSES.items()), description="Pass", layout=_WIDE)
        self.begin = widgets.Button(description="Begin", button_style="primary")
        self.begin.on_click(lambda _: self.start())
        self.status = widgets.HTML()
        self.situation = widgets.HTML()
        self.answer = widgets.HTML()
        self.comment = widgets.Textarea(
            description="Comment", placeholder="for the learner", layout=_WIDE, rows=3
        )
        self.used = widgets.Dropdown(options=[_NONE], description="Used before", layout=_WIDE)
        self.used.observe(self._add_comment, "value")
        self._save = widgets.Button(description="Save, next", button_style="primary")
        self._save.on_click(lambda _: self.save())
        self._back = widgets.Button(
            description="Back to the last one", layout=widgets.Layout(width="auto")
        )
        self._back.on_click(lambda _: self.back())
        self.done = widgets.HBox()
        self._form: tuple[Any, ...] = ()
        self.work = widgets.VBox()
        choices = (self.place, self.marker, self.part, self.begin)
        super().__init__([*choices, self.situation, self.work, self.status, _Keys()])

    def start(self) -> None:
        """Read the answers to the chosen question and show the first one to mark."""
        if self.place.value is None or not self.marker.value.strip():
            self._tell("Choose a question and write your name, then begin.")
            return
        try:
            self.session = Session(
                self.course, self.place.value, self.marker.value.strip(), self.part.value
            )
        except CourseError as error:
            self._tell(str(error))
            return
        self.situation.value = _situation(self.session)
        self._form = self._controls(self.session.question)
        self._next()

    def save(self) -> None:
        """Save the mark that stands on the screen, and show the next answer."""
        if self.session is None or self.task is None:
            return
        task = self.task
        lines = {name: control.value for name, control in self.lines.items()}
        missing = [name for name, share in lines.items() if share is None]
        if missing:
            named = f"line {missing[0]} is" if len(missing) == 1 else f"lines {_and(missing)} are"
            self._tell(f"Nothing is saved: {named} not marked yet.")
            return
        caps = [name for name, control in self.caps.items() if control.value]
        try:
            mark = self.session.save(task, lines, caps, self.comment.value)
        except (CourseError, ValueError) as error:
            self._tell(f"Nothing is saved: {error}")
            return
        most = self.session.question.rubric_points
        told = f"{task.alias}: {mark.points:g} of {rubric.points(most)} saved."
        if mark.capped:
            told += f" The lines gave {mark.before:g}; the limit is {mark.capped.maximum:g}."
        if task.reference is not None:
            told += f" The known points are {task.reference:g}. {task.why}"
        self._next(told)

    def back(self) -> None:
        """Show the answer that was marked last, as it was marked, to save it once more."""
        found = self.session.last() if self.session else None
        if self.session is None or found is None:
            return
        task, mark = found
        self._show(self.session, task, mark)
        self._tell(f"{task.alias} as you marked it. What you save now counts instead.")

    def _next(self, told: str = "") -> None:
        session = self.session
        if session is None:
            return
        self._show(session, session.next())
        done, total = session.progress
        self._tell(f"{told} {done} of {total} answers are marked.", self._findings(session))

    def _show(self, session: Session, task: Task | None, mark: RawMark | None = None) -> None:
        """Show an answer, with its mark if it has one; without an answer only the way back."""
        self.task = task
        self.work.children = self._form if task else (self.done,)
        last = [self._back] if session.last() else []
        self.done.children = [self._save, *last] if task else last
        if task is None:
            return
        self.answer.value = _page(session, task)
        for name, line in self.lines.items():
            line.value = mark.lines.get(name) if mark else None
        for name, cap in self.caps.items():
            cap.value = mark is not None and name in mark.caps
        self.comment.value = mark.comment if mark else ""
        self.used.options = [_NONE, *((c[:80], c) for c in session.comments())]

    def _controls(self, question: Response) -> tuple[Any, ...]:
        """Make the form for a question: the answer, its rubric, a comment, and what can be done."""
        self.lines = {
            c.id: widgets.ToggleButtons(
                options=list(LEVELS.items()),
                value=None,
                description=rubric.points(c.points),
                tooltips=[f"{c.text} {level}" for level in LEVELS],
            )
            for c in question.rubric
        }
        self.caps = {
            c.id: widgets.Checkbox(
                description=f"{c.text} (at most {rubric.points(c.maximum)})",
                indent=False,
                layout=_WIDE,
            )
            for c in question.caps
        }
        texts = [
            widgets.HTML(f"<strong>{escape(c.id)}</strong> {escape(c.text)}")
            for c in question.rubric
        ]
        rows = map(widgets.VBox, zip(texts, self.lines.values(), strict=True))
        return (self.answer, *rows, *self.caps.values(), self.used, self.comment, self.done)

    def _add_comment(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self.comment.value = "\n".join(t for t in (self.comment.value, change["new"]) if t)

    def _findings(self, session: Session) -> str:
        """Say how near to the examples the marker was, and how two markers agree."""
        found = []
        calibrated = session.calibration()
        if calibrated:
            found.append(
                f"Examples: {calibrated[1]:.1f} points off on average ({calibrated[0]} marked)."
            )
        both = session.agreement()
        if both and both.words:
            found.append(both.words)
        elif both:
            found.append(
                f"Two markers, {both.n} answers: weighted kappa {both.kappa:.2f}"
                f" (95% interval {both.low:.2f} to {both.high:.2f}), {both.exact:.0%} alike."
            )
        far = session.disagreements()
        if far:
            found.append(
                "Far apart: " + ", ".join(f"{d.answer} ({d.first:g}, {d.second:g})" for d in far)
            )
        return " ".join(found)

    def _tell(self, text: str, more: str = "") -> None:
        paragraphs = "".join(
            f"<p>{escape(clean(t.strip()))}</p>" for t in (text, more) if t.strip()
        )
        self.status.value = f'<div role="status">{paragraphs}</div>'


def _situation(session: Session) -> str:
    """Return as HTML what the learners saw and were asked, to be folded away."""
    return tag(
        "details",
        tag("summary", "The situation, as learners saw it"),
        situation(session.scene),
        tag("p", tag("strong", session.question.prompt)),
        open=True,
        class_=PLAIN,
    )


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _page(session: Session, task: Task) -> str:
    """Return an answer as HTML, with what a marker has to know of it."""
    labels = {p.id: p.label for p in session.question.parts}
    told = [f"<h3>{escape(task.alias)}</h3>"]
    told += [
        f"<p><strong>{escape(label)}</strong></p>"
        f'<blockquote class="tex2jax_ignore mathjax_ignore" style="white-space:pre-wrap">'
        f"{escape(clean(task.parts.get(part, ''))) or 'left empty'}</blockquote>"
        for part, label in labels.items()
    ]
    if task.likes:
        near = ", ".join(f"{escape(name)} ({score:.0f}%)" for name, score in task.likes)
        told.append(f"<p>Much like {near}. This is for you to look at and proves nothing.</p>")
    for mark in task.earlier:
        what = rubric.summary(session.question, mark.lines, mark.caps)
        told.append(
            f"<details><summary>{escape(mark.marker)} ({escape(mark.role)}): {mark.points:g}"
            f'</summary><p style="white-space:pre-wrap">{escape(what)}</p></details>'
        )
    return "".join(told)
