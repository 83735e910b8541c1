"""The question kinds: one type each, told apart by the literal tag `kind`.

A kind says what is asked, what is right and why, and which stored answers have its form
(`accepts`). How an answer is marked is `grading.marks`; how it looks is `card.js`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenarios.terms import (
    CATEGORIES,
    Answer,
    Category,
    ClauseId,
    Credit,
    Frozen,
    Id,
    Profession,
    Text,
    unique,
)


class When(Frozen):
    """A condition under which an option is worth something else: profession, policy, or both."""

    professions: tuple[Profession, ...] = ()
    policy: dict[str, str] = Field(default_factory=dict)
    credit: Credit
    why: Text

    @model_validator(mode="after")
    def _has_a_condition(self) -> When:
        if not self.professions and not self.policy:
            msg = "a condition needs `professions`, `policy` or both"
            raise ValueError(msg)
        return self


class Option(Frozen):
    """One thing the clinician could do, what would come of it, and what it is worth."""

    id: Id
    text: Text
    credit: Credit
    consequence: Text
    why: Text
    never_event: bool = False
    next: Id | None = None
    when: tuple[When, ...] = ()

    @model_validator(mode="after")
    def _never_events_are_violations(self) -> Option:
        if self.never_event and self.credit != "violation":
            msg = f"a never-event must have credit 'violation', got '{self.credit}'"
            raise ValueError(msg)
        return self


class ClauseReason(Frozen):
    """A policy clause and why it does, or does not, justify the decision."""

    clause: ClauseId
    why: Text


class _Question(Frozen):
    id: Id
    prompt: Text
    points: Annotated[float, Field(gt=0, le=100)] = 1.0


class Choice(_Question):
    """QTI choice, single: the one best action. Answer: an option id."""

    kind: Literal["choice"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _has_a_key(self) -> Choice:
        unique("option ids", [o.id for o in self.options])
        if [o.credit for o in self.options].count("best") != 1:
            msg = "exactly one option must have credit 'best'"
            raise ValueError(msg)
        return self

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        return isinstance(answer, str) and any(o.id == answer for o in self.options)

    def option(self, option_id: str) -> Option:
        """Return the option with this id; `KeyError` if there is none."""
        return {o.id: o for o in self.options}[option_id]


class Rationale(_Question):
    """QTI choice, multiple: the policy clauses that justify the decision. Answer: clause ids."""

    kind: Literal["rationale"]
    prompt: Text = "Which clauses of the policy justify your decision?"
    right: Annotated[tuple[ClauseReason, ...], Field(min_length=1)]
    tempting: Annotated[tuple[ClauseReason, ...], Field(min_length=1)]
    minimum: Annotated[int, Field(ge=1)] = 1
    maximum: Annotated[int, Field(ge=1)] = 3

    @model_validator(mode="after")
    def _picks_can_be_right(self) -> Rationale:
        unique("clauses", [c.clause for c in (*self.right, *self.tempting)])
        if not self.minimum <= len(self.right) <= self.maximum:
            msg = (
                f"{len(self.right)} right clauses must lie between minimum {self.minimum}"
                f" and maximum {self.maximum}"
            )
            raise ValueError(msg)
        return self

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        offered = {c.clause for c in (*self.right, *self.tempting)}
        return _picks(answer, offered) and self.minimum <= len(_list(answer)) <= self.maximum


class Span(Frozen):
    """A phrase of a draft that must go, may go or may stay; found by its exact text."""

    id: Id
    text: Text
    mark: Literal["must", "optional", "keep"]
    categories: tuple[Category, ...] = ()
    critical: bool = False
    why: Text

    @model_validator(mode="after")
    def _category_fits_mark(self) -> Span:
        if (self.mark == "must") and not self.categories:
            msg = "a span that must go needs at least one Safe Harbor category (A to R)"
            raise ValueError(msg)
        if self.mark == "keep" and (self.categories or self.critical):
            msg = "a span that may stay has no category and is not critical"
            raise ValueError(msg)
        return self


class Trait(Frozen):
    """What a span tells about a person: the share of people it fits, and where that is from."""

    span: Id
    share: Annotated[float, Field(gt=0, le=1)]
    source: Text


class Meter(Frozen):
    """Among how many people somebody is looked for, and which spans narrow it down.

    A teaching estimate: it takes the traits to be independent of each other.
    """

    population: Annotated[int, Field(gt=0)]
    who: Text
    source: Text
    traits: Annotated[tuple[Trait, ...], Field(min_length=1)]


class Hottext(_Question):
    """QTI hottext: mark the identifying phrases of a text. Answer: {span id: category}."""

    kind: Literal["hottext"]
    text: Text
    spans: Annotated[tuple[Span, ...], Field(min_length=2)]
    critical_cap: Annotated[int | None, Field(ge=0)] = None
    meter: Meter | None = None

    @model_validator(mode="after")
    def _spans_lie_in_the_text(self) -> Hottext:
        unique("span ids", [s.id for s in self.spans])
        if not any(s.mark == "must" for s in self.spans):
            msg = "at least one span must have mark 'must'"
            raise ValueError(msg)
        known = {s.id for s in self.spans}
        stray = [t.span for t in self.meter.traits if t.span not in known] if self.meter else []
        if stray:
            msg = f"the meter names spans that do not exist: {', '.join(stray)}"
            raise ValueError(msg)
        at = 0
        for span in self.spans:
            found = self.text.find(span.text, at)
            if found < 0:
                msg = (
                    f"span '{span.id}' ({span.text!r}) is not in the text after the span before it"
                )
                raise ValueError(msg)
            at = found + len(span.text)
        return self

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        ids = {s.id for s in self.spans}
        return isinstance(answer, dict) and all(
            isinstance(k, str) and k in ids and isinstance(v, str) and (v == "" or v in CATEGORIES)
            for k, v in answer.items()
        )

    def segments(self) -> tuple[tuple[str, str | None], ...]:
        """Cut the text into (text, span id or None) pieces in reading order."""
        pieces: list[tuple[str, str | None]] = []
        at = 0
        for span in self.spans:
            start = self.text.find(span.text, at)
            if start > at:
                pieces.append((self.text[at:start], None))
            pieces.append((span.text, span.id))
            at = start + len(span.text)
        if at < len(self.text):
            pieces.append((self.text[at:], None))
        return tuple(pieces)


FIRST = 2
"""What a row is worth as a first fix that belongs among the first; one that comes soon has 1."""


class Row(Frozen):
    """One setting of an account: keep it or change it, and how soon."""

    id: Id
    group: Text
    setting: Text
    current: Text
    correct: Literal["change", "keep"]
    first: Annotated[int, Field(ge=0, le=FIRST)] = 0
    why: Text

    @model_validator(mode="after")
    def _only_changes_come_first(self) -> Row:
        if self.first and self.correct == "keep":
            msg = "a row to keep cannot be among the first fixes"
            raise ValueError(msg)
        return self


class Audit(_Question):
    """QTI match: keep or change each row, then the first fixes.

    Answer: `{"rows": {row id: "change" | "keep"}, "first": [row ids]}`.
    """

    kind: Literal["audit"]
    rows: Annotated[tuple[Row, ...], Field(min_length=3)]
    first_fixes: Annotated[int, Field(ge=0, le=5)] = 3

    @model_validator(mode="after")
    def _rows_differ(self) -> Audit:
        unique("row ids", [r.id for r in self.rows])
        if {r.correct for r in self.rows} != {"change", "keep"}:
            msg = "some rows must be right to change and some right to keep"
            raise ValueError(msg)
        if sum(r.first > 0 for r in self.rows) < self.first_fixes:
            msg = f"{self.first_fixes} first fixes are asked but fewer rows carry `first`"
            raise ValueError(msg)
        return self

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        if not isinstance(answer, dict) or not set(answer) <= {"rows", "first"}:
            return False
        ids = {r.id for r in self.rows}
        rows = answer.get("rows", {})
        return (
            isinstance(rows, dict)
            and all(k in ids and v in ("change", "keep") for k, v in rows.items())
            and _picks(answer.get("first", []), ids)
            and len(_list(answer.get("first", []))) <= self.first_fixes
        )


class Rated(Frozen):
    """A response whose appropriateness is rated, with the key and the reason."""

    id: Id
    text: Text
    key: Annotated[int, Field(ge=1, le=4)]
    why: Text


class Rating(_Question):
    """QTI match (Likert): rate each response from 1 (inappropriate) to 4 (appropriate).

    Answer: {option id: 1..4}.
    """

    kind: Literal["rating"]
    options: Annotated[tuple[Rated, ...], Field(min_length=3, max_length=8)]

    @model_validator(mode="after")
    def _ratings_differ(self) -> Rating:
        unique("option ids", [o.id for o in self.options])
        if len({o.key > 2 for o in self.options}) == 1:  # noqa: PLR2004 - middle of the scale
            msg = "the keys must lie on both sides of the scale (1-2 and 3-4)"
            raise ValueError(msg)
        return self

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        ids = {o.id for o in self.options}
        return isinstance(answer, dict) and all(
            k in ids and type(v) is int and 1 <= v <= 4  # noqa: PLR2004 - four points
            for k, v in answer.items()
        )


class Step(Frozen):
    """One step of a sequence, with the reason for its place."""

    id: Id
    text: Text
    why: Text


class Order(_Question):
    """QTI order: put the steps in order. Answer: all step ids in the learner's order."""

    kind: Literal["order"]
    steps: Annotated[tuple[Step, ...], Field(min_length=3, max_length=8)]

    @model_validator(mode="after")
    def _steps_differ(self) -> Order:
        unique("step ids", [s.id for s in self.steps])
        return self

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        ids = {s.id for s in self.steps}
        return _picks(answer, ids) and len(_list(answer)) == len(ids)


class Criterion(Frozen):
    """One observable line of a rubric."""

    id: Id
    part: Id
    text: Text
    points: Annotated[float, Field(gt=0)]


class Cap(Frozen):
    """A fatal error: it limits the points of the whole answer."""

    id: Id
    text: Text
    maximum: Annotated[float, Field(ge=0)]
    violation: bool = False


class Exemplar(Frozen):
    """An example answer with its points and the reason."""

    points: Annotated[float, Field(ge=0)]
    parts: dict[Id, Text]
    why: Text


class TextPart(Frozen):
    """One text field of a written answer, with its limit in words."""

    id: Id
    label: Text
    words: Annotated[int, Field(gt=0, le=400)]
    start: str = ""


class Response(_Question):
    """QTI extended text: write the reply. A person marks it by the rubric.

    Answer: {part id: text}. The cues only warn while writing; they never mark.
    """

    kind: Literal["response"]
    parts: Annotated[tuple[TextPart, ...], Field(min_length=1, max_length=3)]
    rubric: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    caps: tuple[Cap, ...] = ()
    exemplars: Annotated[tuple[Exemplar, ...], Field(min_length=1)]
    cues: Literal["review-reply", "identifiers", "none"] = "none"

    @model_validator(mode="after")
    def _rubric_fits(self) -> Response:
        parts = {p.id for p in self.parts}
        unique("rubric ids", [*(c.id for c in self.rubric), *(c.id for c in self.caps)])
        stray = {c.part for c in self.rubric} - parts
        stray |= {k for e in self.exemplars for k in e.parts} - parts
        if stray:
            msg = f"unknown part {', '.join(sorted(stray))}; parts are {', '.join(sorted(parts))}"
            raise ValueError(msg)
        total = self.rubric_points
        if any(e.points > total for e in self.exemplars):
            msg = f"an exemplar has more points than the rubric's {total:g}"
            raise ValueError(msg)
        return self

    @property
    def rubric_points(self) -> float:
        """Points of all rubric lines together."""
        return sum(c.points for c in self.rubric)

    def accepts(self, answer: Answer) -> bool:
        """Tell whether a stored answer has this question's form."""
        ids = {p.id for p in self.parts}
        return isinstance(answer, dict) and all(
            k in ids and isinstance(v, str) and len(v) <= MAX_TEXT for k, v in answer.items()
        )

    def accepts_rating(self, rating: Answer) -> bool:
        """Tell whether this is a self-rating by the rubric: {"criteria": ids, "caps": ids}."""
        return (
            isinstance(rating, dict)
            and set(rating) == {"criteria", "caps"}
            and _picks(rating["criteria"], {c.id for c in self.rubric})
            and _picks(rating["caps"], {c.id for c in self.caps})
        )

    def own_count(self, rating: Answer) -> float:
        """Return the points that a self-rating comes to, after the caps that apply."""
        if not self.accepts_rating(rating) or not isinstance(rating, dict):
            return 0.0
        met = sum(c.points for c in self.rubric if c.id in rating["criteria"])
        return min([met, *(c.maximum for c in self.caps if c.id in rating["caps"])])


Question = Annotated[
    Choice | Rationale | Hottext | Audit | Rating | Order | Response, Field(discriminator="kind")
]

MAX_TEXT = 8000
"""Longest text of one answer field, in characters."""


def _list(answer: Answer) -> list[object]:
    return answer if isinstance(answer, list) else []


def _picks(answer: Answer, offered: set[str]) -> bool:
    """Tell whether the answer is a list of different offered ids."""
    return (
        isinstance(answer, list)
        and all(isinstance(a, str) and a in offered for a in answer)
        and len(set(answer)) == len(answer)
    )
