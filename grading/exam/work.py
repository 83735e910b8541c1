"""A test in an nbgrader notebook: what its cells show instead of the widget, and its feedback.

No key of a pool is in any of it: others will draw the same scenarios. (With `COURSE_KERNEL=1`, for
comparison, a kernel shows the page as the learner saw it, and who passed was shown what is right.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from grading.exam.result import POINTS, Item, Result, best, percent, results
from grading.marks import Mark, Part
from grading.markup import Markup, join, table, tag
from grading.outputs import answers_output, score_output
from scenarios.answers import Event
from scenarios.exam.blueprint import Test
from scenarios.exam.sitting import sittings
from scenarios.policy import Policy, topics
from scenarios.readable import lines
from scenarios.turns import asked

_UNFINISHED = "The test was not handed in."


@dataclass(frozen=True, eq=False)
class SatWork:
    """A learner's finished sittings of a test, and whether one is open; the best counts."""

    test: Test
    results: tuple[Result, ...]
    policy: Policy
    open: bool = False

    @property
    def title(self) -> str:
        """The test's title."""
        return self.test.title

    @property
    def version(self) -> str:
        """The versions of the scenarios by which the sitting that counts is marked, as one."""
        return _together({i.entry.slug: i.entry.version for i in self._items})

    @property
    def answered(self) -> tuple[str, ...]:
        """The versions under which they were answered, as one; none without a sitting."""
        return (_together(self.result.sitting.banks),) if self.result else ()

    @property
    def problems(self) -> Iterator[str]:
        """Yield what an instructor should look at, in whole sentences."""
        for found in self.results:
            if found.fault:
                yield f"a sitting of the {self.title.lower()} counts nothing: {found.fault}"
        if len(self.results) > self.test.sittings:
            yield f"the {self.title.lower()} was taken {len(self.results)} times"
        if self.open:
            yield f"a sitting of the {self.title.lower()} was begun and not handed in"

    @cached_property
    def result(self) -> Result | None:
        """The sitting that counts."""
        return best(self.results)

    @cached_property
    def mark(self) -> Mark:
        """The points of the sitting that counts, scenario by scenario."""
        found = self.result
        items = self._items
        return Mark(
            points=found.points if found and self.test.scored else 0.0,
            maximum=POINTS,
            decision=found.score if found else 0.0,
            rationale=None,
            parts=tuple(
                Part(i.entry.slug, i.entry.scenario.title, "item", i.share, f"{i.share:.0%}")
                for i in items
            ),
            never_events=tuple(n for i in items for n in i.mark.never_events),
            unanswered=found.unanswered if found else 0,
        )

    @cached_property
    def asked(self) -> bytes:
        """The output of the cell that shows the test, as JSON: the answers handed in."""
        items = self._items
        rows = [
            (
                f"{i.entry.scenario.title}: {question.prompt}",
                lines(question, i.answers.get((scene.id, question.id)), self.policy),
            )
            for i in items
            for scene in i.entry.scenario.scenes
            for question in asked(scene, self.policy)
        ]
        return _json(answers_output(self.title if rows else self._counted(), rows))

    @cached_property
    def scored(self) -> bytes:
        """The output of the score cell, as JSON."""
        return _json(score_output(self.mark.points, self.mark, self._counted()))

    @cached_property
    def explained(self) -> Markup:
        """What the feedback page says: the score, the topics and the clauses; never a key."""
        found = self.result
        if found is None:
            return tag("p", _UNFINISHED)
        parts: list[Markup] = [tag("p", tag("strong", self._verdict()), " ", self._counted())]
        if found.fault:
            return join(parts)
        if found.never_events:
            titles = "; ".join(i.entry.scenario.title for i in found.never_events)
            said = (
                f"Something was chosen that must never happen, in: {titles}. Such a sitting does"
                " not pass."
            )
            parts.append(tag("p", said, class_="never"))
        rows = [(topics()[t].name, f"{share:.0%}") for t, share in found.topics().items()]
        clauses = [self.policy.clauses[c] for c in found.missed(self.policy)]
        reread = tag("ul", (tag("li", f"{c.id} {c.title}") for c in clauses))
        return join(
            parts,
            table("Share of the points by topic", ["Topic", "Share"], rows),
            [tag("h3", "Clauses to reread"), reread] if clauses else None,
        )

    @property
    def _items(self) -> tuple[Item, ...]:
        return self.result.items if self.result else ()

    def _verdict(self) -> str:
        if not self.test.scored or self.result is None:
            return "Handed in."
        needed = f"{percent(self.test.cut)} beyond guessing passes"
        return "Passed." if self.result.passed else f"Not passed yet: {needed}."

    def _counted(self) -> str:
        found = self.result
        if found is None:
            return _UNFINISHED
        if found.fault:
            return f"It counts nothing: {found.fault}."
        which = f"Sitting {found.sitting.number} of {len(self.results)} counts. "
        return (
            f"{which if len(self.results) > 1 else ''}{found.raw:.0%} of the points; guessing earns"
            f" {found.chance:.0%} on this form, which leaves {percent(found.score)} beyond that."
        )


def sat(events: Iterable[Event], test: Test, policy: Policy) -> SatWork:
    """Judge the sittings of a test that a record holds."""
    known = tuple(events)
    taken = sittings(known, test)
    still = bool(taken) and taken[-1].finished is None
    return SatWork(test, results(known, test, policy), policy, open=still)


def _together(versions: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(versions.items())).encode()).hexdigest()[:12]


def _json(output: object) -> bytes:
    return json.dumps(output, ensure_ascii=False).encode()
