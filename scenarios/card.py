"""The card: one scenario on the screen, and the learner's answers on their way to the record.

One widget serves Voila, JupyterLab and Notebook alike. The browser gets data (`view`) and builds
every node from it as text; it sends back what the learner chose. Nothing is written by showing a
card; a commit is on disk before the screen says so and before any feedback is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from scenarios import answers, view
from scenarios.answers import Act, Event, Record, RecordError
from scenarios.catalogue import BANK, Entry, UnknownScenarioError, load
from scenarios.faults import ContentError
from scenarios.model import Scene
from scenarios.policy import Policy, load_policy
from scenarios.profile import Learner, learner
from scenarios.terms import Answer, Certainty

_HERE = Path(__file__).parent
_SCRIPTS = ("dom.js", "artefacts.js", "questions.js", "explained.js", "card.js")
_CERTAINTY: tuple[Certainty, ...] = ("sure", "fairly", "guess")
ELSEWHERE = (
    "This was already answered in another tab or window. That answer is on record and is shown"
    " here; yours was not saved."
)
UNREADABLE = "The message from this page could not be read. Reload the page and try again."


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a card needs: the scenario, whose answers, by which policy, and where they are kept."""

    entry: Entry
    policy: Policy
    learner: Learner
    path: Path

    def read(self) -> Record:
        """Read the record anew; another tab may have written to it."""
        return answers.read(self.path)

    def show(self, record: Record) -> dict[str, Any]:
        """Return the card's data for a record."""
        events = record.of(self.entry.slug)
        shown = view.of(self.entry, events, self.policy, self.learner)
        return {**shown, "skipped": len(record.skipped)}

    def event(
        self,
        act: Act,
        scene: str,
        question: str,
        answer: Answer,
        attempt: int,
        certainty: str | None = None,
    ) -> Event:
        """Return the line of the record that says this."""
        return Event(
            act=act,
            scenario=self.entry.slug,
            scene=scene,
            question=question,
            answer=answer,
            attempt=attempt,
            bank=self.entry.version,
            policy=self.policy.version,
            profession=self.learner.profession,
            certainty=certainty,
        )


class Card(anywidget.AnyWidget):
    """One scenario on the screen; `view` is what the browser knows of it.

    Messages from the browser (`do`): `ping`, `change` (a draft of one answer), `commit` (all
    answers of a scene). To the browser: `pong`, `kept`, `committed`, `refused`, `elsewhere`.
    """

    _esm = "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)
    _css = (_HERE / "card.css").read_text("utf-8")
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk | None = None, notice: str = "") -> None:
        self._desk = desk
        shown = desk.show(desk.read()) if desk else {}
        super().__init__(view={"notice": notice} if notice else shown)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Say which scenario this is, for readers that show no widgets."""
        title = self.view.get("title")
        return f"Scenario: {title}" if title else str(self.view.get("notice"))

    def _receive(self, _widget: object, message: object, _buffers: object) -> None:
        try:
            reply = self._answer(message)
        except RecordError as error:
            reply = {"do": "refused", "why": str(error)}
        except Exception:  # noqa: BLE001 - a learner gets a sentence, whatever the browser sent
            reply = {"do": "refused", "why": UNREADABLE}
        if reply:
            scene = message.get("scene") if isinstance(message, dict) else None
            self.send({"scene": scene, **reply})

    def _answer(self, message: object) -> dict[str, Any] | None:
        match message:
            case {"do": "ping"}:
                return {"do": "pong"}
            case {
                "do": "change",
                "scene": str(scene),
                "question": str(question),
                "answer": given,
                "attempts": int(known),
            }:
                return self._change(scene, question, given, known)
            case {
                "do": "commit",
                "scene": str(scene),
                "answers": dict(given),
                "attempts": int(known),
                "certainty": certainty,
            }:
                sure = certainty if certainty in _CERTAINTY else None
                return self._commit(scene, given, known, sure)
        return {"do": "refused", "why": UNREADABLE}

    def _change(
        self, scene_id: str, question_id: str, given: Answer, known: int
    ) -> dict[str, Any] | None:
        """Keep a draft, so that a reload finds it."""
        desk = self._open()
        scene = desk.entry.scenario.scene(scene_id)
        question = {q.id: q for q in scene.questions}[question_id]
        if not view.draftable(question, given):
            return None
        record = desk.read()
        events = record.of(desk.entry.slug)
        if view.attempts_at(scene_id, events) != known:
            self.view = desk.show(record)
            return {"do": "elsewhere", "why": ELSEWHERE}
        kept = view.replay(events).get(scene_id, view.Turn())
        if kept.draft.get(question_id) == given:
            return None
        event = desk.event("change", scene_id, question_id, given, known + 1)
        answers.append(desk.path, [event])
        return {"do": "kept", "time": event.time}

    def _commit(
        self, scene_id: str, given: dict[str, Answer], known: int, certainty: str | None
    ) -> dict[str, Any]:
        """Put a scene's answers on record, then show what came of them."""
        desk = self._open()
        record = desk.read()
        events = record.of(desk.entry.slug)
        attempts = view.attempts_at(scene_id, events)
        shown = desk.show(record)
        if attempts != known or not _may_commit(shown, scene_id):
            self.view = shown
            return {"do": "elsewhere", "why": ELSEWHERE}
        scene = desk.entry.scenario.scene(scene_id)
        missing = view.unanswered(scene, given, desk.policy)
        if missing:
            return {"do": "refused", "missing": missing, "why": "Answer every question first."}
        commit = self._events(scene, given, attempts + 1, certainty)
        answers.append(desk.path, commit)
        self.view = desk.show(Record((*record.events, *commit), record.skipped))
        return {"do": "committed", "time": commit[-1].time}

    def _events(
        self, scene: Scene, given: dict[str, Answer], attempt: int, certainty: str | None
    ) -> list[Event]:
        desk = self._open()
        return [
            desk.event("commit", scene.id, q.id, given[q.id], attempt, certainty)
            for q in view.asked(scene, desk.policy)
        ]

    def _open(self) -> Desk:
        if self._desk is None:
            raise LookupError("this card shows a notice and asks nothing")
        return self._desk


def card(slug: str, root: Path = BANK) -> Card:
    """Return the card of a scenario of a bank, or a card that says why there is none."""
    path = Path(answers.FILE)
    try:
        desk = Desk(
            entry=load(slug, root), policy=load_policy(), learner=learner(Path.cwd()), path=path
        )
        unreadable = [s.why for s in desk.read().skipped if s.line == 0]
        if unreadable:
            return Card(notice=_unreadable(path, unreadable[0]))
        return Card(desk)
    except UnknownScenarioError as error:
        return Card(notice=f"{error} Tell whoever gave you this notebook.")
    except ContentError as error:
        more = len(error.faults) - 1
        rest = f" There are {more} more faults." if more else ""
        return Card(
            notice=f"This scenario cannot be shown, because a file of the course is faulty:"
            f" {error.faults[0]}.{rest} Your saved answers are kept."
        )
    except Exception as error:  # noqa: BLE001 - a learner never gets a traceback
        return Card(
            notice=f"This scenario cannot be shown ({error}). Your saved answers are kept. Reload"
            " the page; if this stays, close the course and open it again."
        )


def _unreadable(path: Path, why: str) -> str:
    return (
        f"Your saved answers cannot be shown, because {path.name} in {path.resolve().parent} cannot"
        f" be read ({why}). Nothing is changed. Allow reading it, then reload the page."
    )


def _may_commit(shown: dict[str, Any], scene_id: str) -> bool:
    """Tell whether a scene is the one to decide now, or, once all are decided, to try again."""
    scene = next((s for s in shown["scenes"] if s["id"] == scene_id), None)
    return bool(scene and (scene["committed"] is None or shown["debrief"]))
