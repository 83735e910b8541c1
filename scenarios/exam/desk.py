"""What happens to an answer between the screen of a test and the record.

The desk deals a form, keeps every choice as it is made, and hands the whole form in with one
write. What is on record always wins over what a browser believes. Nothing that it shows holds a
key; what a sitting was worth is for others to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scenarios import answers, turns, view
from scenarios.answers import Act, Event, Record
from scenarios.catalogue import BANK, Entry, UnknownScenarioError, load
from scenarios.desk import ELSEWHERE, UNREADABLE, Reply, read_record
from scenarios.exam.blueprint import Test, draw, pool
from scenarios.exam.sitting import Sitting, sittings
from scenarios.feedback import Data
from scenarios.model import Scene
from scenarios.policy import Policy
from scenarios.profile import Learner
from scenarios.questions import Question
from scenarios.terms import Answer


@dataclass(frozen=True, kw_only=True)
class ExamDesk:
    """Takes the answers to one test."""

    test: Test
    policy: Policy
    learner: Learner
    path: Path
    bank: Path = BANK

    def read(self) -> Record:
        """Read the record anew; raises `RecordError` where there is one that cannot be read."""
        return read_record(self.path)

    def show(self, record: Record) -> Data:
        """Return what the page of the test shows: before, while or after it is taken."""
        taken = sittings(record.events, self.test)
        now = taken[-1] if taken and taken[-1].finished is None else None
        return {
            "kind": "exam",
            "name": self.test.name,
            "title": self.test.title,
            "length": self.test.length,
            "scored": self.test.scored,
            "sitting": now.number if now else 0,
            "items": [self._item(entry, now) for entry in self._entries(now)] if now else [],
        }

    def answer(self, message: object, may_begin: Callable[[], bool]) -> Reply:
        """Do what a message from the browser asks for.

        Raises `RecordError` with a sentence for the learner when the record cannot be read or
        written. A message may hold anything; what is not understood is refused.
        """
        match message:
            case {"do": "look"}:
                return Reply({"do": "looked"}, self.show(self.read()))
            case {"do": "begin"}:
                return self.begin(may_begin)
            case {"do": "finish", "sitting": int(number)}:
                return self.finish(number)
            case {
                "do": "change",
                "sitting": int(number),
                "item": str(item),
                "question": str(question),
                "answer": given,
                "was": was,
            }:
                return self.change(number, item, question, given, was)
        return Reply({"do": "refused", "why": UNREADABLE})

    def begin(self, may_begin: Callable[[], bool]) -> Reply:
        """Deal a form and put it on record; a sitting that is open goes on instead."""
        record = self.read()
        taken = sittings(record.events, self.test)
        if not (taken and taken[-1].finished is None) and may_begin():
            number = len(taken) + 1
            form = draw(self.test, pool(self.test, self.bank), self.learner.id, number)
            event = self._event("begin", self.test.name, answer=form, number=number)
            answers.append(self.path, [event])
            record = self.read()
        return Reply({"do": "begun"}, self.show(record))

    def change(self, number: int, item: str, question_id: str, given: Answer, was: Answer) -> Reply:
        """Keep a choice. `was` is the answer that the browser believes to be on record."""
        record = self.read()
        now = self._open(record, number)
        if now is None or item not in now.form:
            return Reply({"do": "elsewhere", "why": ELSEWHERE}, self.show(record))
        entry = load(item, self.bank)
        found = next((p for p in self._asked(entry) if p[1].id == question_id), None)
        if found is None or not turns.draftable(found[1], given):
            return Reply({"do": "refused", "why": UNREADABLE})
        scene, question = found
        kept = now.drafts.get(item, {}).get((scene.id, question.id))
        told = {"do": "kept", "item": item, "question": question.id, "answer": given}
        if kept == given:
            return Reply({**told, "time": record.events[-1].time})
        if kept != was:
            return Reply({"do": "elsewhere", "why": ELSEWHERE}, self.show(record))
        event = self._event("change", item, (scene.id, question.id), given, number, entry)
        answers.append(self.path, [event])
        return Reply({**told, "time": event.time})

    def finish(self, number: int) -> Reply:
        """Hand a sitting in: commit every whole answer and close it, in one write.

        One that is handed in stays so, however often it is asked for.
        """
        record = self.read()
        now = self._open(record, number)
        if now is None:
            if any(s.number == number for s in sittings(record.events, self.test)):
                return Reply({"do": "finished"}, self.show(record))
            return Reply({"do": "elsewhere", "why": ELSEWHERE}, self.show(record))
        events = list(self._commits(now))
        events.append(self._event("finish", self.test.name, number=number))
        answers.append(self.path, events)
        return Reply({"do": "finished"}, self.show(self.read()))

    def _open(self, record: Record, number: int) -> Sitting | None:
        taken = sittings(record.events, self.test)
        last = taken[-1] if taken else None
        return last if last and last.number == number and last.finished is None else None

    def _commits(self, now: Sitting) -> Iterator[Event]:
        for entry in self._entries(now):
            drafts = now.drafts.get(entry.slug, {})
            for scene, question in self._asked(entry):
                place = (scene.id, question.id)
                if turns.complete(question, drafts.get(place)):
                    yield self._event("commit", entry.slug, place, drafts[place], now.number, entry)

    def _entries(self, now: Sitting) -> Iterator[Entry]:
        """Yield the scenarios of a form; one that the course no longer has is passed over."""
        for slug in now.form:
            with suppress(UnknownScenarioError):
                yield load(slug, self.bank)

    def _item(self, entry: Entry, now: Sitting) -> Data:
        kept = now.drafts.get(entry.slug, {})
        return {
            "slug": entry.slug,
            "title": entry.scenario.title,
            "scenes": [
                view.shown(entry, s, self.policy, self.learner) for s in entry.scenario.scenes
            ],
            "answers": {
                q.id: kept[s.id, q.id]
                for s, q in self._asked(entry)
                if turns.draftable(q, kept.get((s.id, q.id)))
            },
        }

    def _asked(self, entry: Entry) -> Iterable[tuple[Scene, Question]]:
        return [(s, q) for s in entry.scenario.scenes for q in turns.asked(s, self.policy)]

    def _event(  # noqa: PLR0913, PLR0917 - the columns of one line of the record
        self,
        act: Act,
        scenario: str,
        place: tuple[str, str] = ("", ""),
        answer: Answer = None,
        number: int = 1,
        entry: Entry | None = None,
    ) -> Event:
        return Event(
            act=act,
            scenario=scenario,
            scene=place[0],
            question=place[1],
            answer=answer,
            attempt=number,
            bank=entry.version if entry else self.test.version,
            policy=self.policy.version,
            profession=self.learner.profession,
        )
