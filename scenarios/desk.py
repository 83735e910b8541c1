"""What happens to an answer between the screen and the record.

A desk holds one scenario, whose answers it takes, by which policy and in which file. It keeps
drafts and commits, and returns what the card has to say about it. What is on record always wins
over what a browser believes: an answer given in another tab meanwhile is shown, never overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios import answers, turns, view
from scenarios.answers import Act, Event, Record, RecordError
from scenarios.catalogue import Entry
from scenarios.feedback import Data
from scenarios.model import Scene
from scenarios.policy import Policy
from scenarios.profile import Learner
from scenarios.questions import Response
from scenarios.terms import Answer, Certainty

CERTAINTY: tuple[Certainty, ...] = ("sure", "fairly", "guess")
ELSEWHERE = (
    "This was already answered in another tab or window. That answer is on record and is shown"
    " here; yours was not saved."
)
RATED_ELSEWHERE = (
    "You rated this in another tab or window meanwhile. That rating is shown; change it here if"
    " you see it otherwise."
)
UNREADABLE = "The message from this page could not be read. Reload the page and try again."


def read_record(path: Path) -> Record:
    """Read a learner's record; raises `RecordError` where there is one that cannot be read."""
    record = answers.read(path)
    why = next((s.why for s in record.skipped if s.line == 0), None)
    if why is not None:
        raise RecordError(
            f"Your saved answers cannot be shown and nothing new is saved"
            f" ({path.name} in {path.parent}: {why}). Make the file readable, then"
            " reload the page."
        )
    return record


@dataclass(frozen=True)
class Reply:
    """What goes back to the browser: a message, and the card's new data if they changed."""

    message: Data
    view: Data | None = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Takes the answers to one scenario."""

    entry: Entry
    policy: Policy
    learner: Learner
    path: Path

    def read(self) -> Record:
        """Read the record anew; raises `RecordError` where there is one that cannot be read."""
        return read_record(self.path)

    def show(self, record: Record) -> Data:
        """Return the card's data for a record."""
        events = record.of(self.entry.slug)
        shown = view.of(self.entry, events, self.policy, self.learner)
        return {**shown, "skipped": len(record.skipped)}

    def answer(self, message: object) -> Reply | None:
        """Do what a message from the browser asks for; None where there is nothing to say.

        Raises `RecordError` with a sentence for the learner when the record cannot be read or
        written. A message may hold anything; what is not understood is refused.
        """
        match message:
            case {"do": "look"}:
                return Reply({"do": "looked"}, self.show(self.read()))
            case {
                "do": "change",
                "scene": str(scene),
                "question": str(question),
                "answer": given,
                "attempts": int(known),
            }:
                return self.change(scene, question, given, known)
            case {
                "do": "commit",
                "scene": str(scene),
                "answers": dict(given),
                "attempts": int(known),
                "certainty": certainty,
            }:
                return self.commit(scene, given, known, certainty)
            case {"do": "back", "scene": str(scene)}:
                return self.back(scene)
            case {
                "do": "rate",
                "scene": str(scene),
                "question": str(question),
                "answer": given,
                "attempts": int(known),
                "seen": str(seen),
            }:
                return self.rate(scene, question, given, known, seen)
        return Reply({"do": "refused", "why": UNREADABLE})

    def change(self, scene_id: str, question_id: str, given: Answer, known: int) -> Reply | None:
        """Keep a draft of one answer, so that a reload finds it.

        `known` is how often the browser believes the scene was committed.
        """
        scene = self._scene(scene_id)
        question = {q.id: q for q in scene.questions}.get(question_id) if scene else None
        if question is None or not turns.draftable(question, given):
            return None
        record = self.read()
        events = record.of(self.entry.slug)
        if turns.attempts_at(scene_id, events) != known:
            return Reply({"do": "elsewhere", "why": ELSEWHERE}, self.show(record))
        kept = turns.replay(events).get(scene_id, turns.Turn())
        if kept.draft.get(question_id, kept.answers.get(question_id)) == given:
            return None
        event = self._event(
            "change", scene=scene_id, question=question_id, answer=given, attempt=known + 1
        )
        answers.append(self.path, [event])
        return Reply({"do": "kept", "question": question_id, "time": event.time})

    def commit(
        self, scene_id: str, given: Mapping[str, Answer], known: int, certainty: object = None
    ) -> Reply:
        """Put the answers to all questions of a scene on record, then show what came of them."""
        record = self.read()
        events = record.of(self.entry.slug)
        shown = self.show(record)
        scene = self._scene(scene_id)
        if (
            scene is None
            or turns.attempts_at(scene_id, events) != known
            or not view.may_commit(shown, scene_id)
        ):
            return Reply({"do": "elsewhere", "why": ELSEWHERE}, shown)
        missing = turns.unanswered(scene, given, self.policy)
        if missing:
            why = "Answer every question first."
            return Reply({"do": "refused", "missing": missing, "why": why})
        sure = next((c for c in CERTAINTY if c == certainty), None)
        commit = [
            self._event(
                "commit",
                scene=scene_id,
                question=q.id,
                answer=given[q.id],
                attempt=known + 1,
                certainty=sure,
            )
            for q in turns.asked(scene, self.policy)
        ]
        answers.append(self.path, commit)
        now = self.show(Record((*record.events, *commit), record.skipped))
        return Reply({"do": "committed", "time": commit[-1].time}, now)

    def back(self, scene_id: str) -> Reply:
        """Give up a new try in one of its scenes: the answer before it is shown again."""
        record = self.read()
        events = record.of(self.entry.slug)
        if self._scene(scene_id) is None or not self.show(record)["answered"]:
            return Reply({"do": "refused", "why": UNREADABLE})
        known = turns.attempts_at(scene_id, events)
        event = self._event("back", scene=scene_id, question="", answer=None, attempt=known)
        answers.append(self.path, [event])
        return Reply({"do": "back"}, self.show(Record((*record.events, event), record.skipped)))

    def rate(
        self, scene_id: str, question_id: str, given: Answer, known: int, seen: str = ""
    ) -> Reply:
        """Keep how the learner rates their own written answer; it never marks anything.

        `known` is the attempt that is rated, `seen` the time of the rating that the browser
        shows, empty when it shows none.
        """
        scene = self._scene(scene_id)
        question = (
            next((q for q in scene.questions if q.id == question_id), None) if scene else None
        )
        if not isinstance(question, Response) or not question.accepts_rating(given):
            return Reply({"do": "refused", "why": UNREADABLE})
        record = self.read()
        events = record.of(self.entry.slug)
        if known < 1 or turns.replay(events).get(scene_id, turns.Turn()).attempt != known:
            return Reply({"do": "elsewhere", "why": ELSEWHERE}, self.show(record))
        last = answers.self_rating(events, scene_id, question_id, known)
        told = {"do": "rated", "question": question_id}
        if last and last.answer == given:
            return Reply({**told, "time": last.time, "answer": last.answer})
        if last and last.time != seen:
            why = {"why": RATED_ELSEWHERE, "time": last.time, "answer": last.answer}
            return Reply({**told, **why}, self.show(record))
        event = self._event(
            "rate", scene=scene_id, question=question_id, answer=given, attempt=known
        )
        answers.append(self.path, [event])
        now = self.show(Record((*record.events, event), record.skipped))
        return Reply({**told, "time": event.time, "answer": given}, now)

    def _scene(self, scene_id: str) -> Scene | None:
        return next((s for s in self.entry.scenario.scenes if s.id == scene_id), None)

    def _event(  # noqa: PLR0913 - the columns of one line of the record
        self,
        act: Act,
        *,
        scene: str,
        question: str,
        answer: Answer,
        attempt: int,
        certainty: Certainty | None = None,
    ) -> Event:
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
