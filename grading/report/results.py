"""The numbers of one report, each computed once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import pandas as pd

from grading import statistics
from grading.exam.frame import Sat
from grading.frame import Frames
from grading.markup import Markup, tag
from grading.standard import Standard
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import tests

Place = tuple[str, str, str]
"""A question: scenario, scene and question."""


class Results:
    """The tables of a course and what follows from them.

    `title` gives scenario titles by slug, `modules` module titles by bank folder, in the course's
    order; only modules in which somebody handed in.
    """

    def __init__(
        self,
        frames: Frames,
        entries: Mapping[str, Entry],
        names: Mapping[str, str],
        standard: Standard | None = None,
        sat: Sat | None = None,
    ) -> None:
        """Keep the tables and put the modules in order."""
        self.frames = frames
        self._sat = sat
        self.standard = standard
        self.entries = entries
        self.title = dict(zip(frames.scenarios["scenario"], frames.scenarios["title"], strict=True))
        used = list(dict.fromkeys(frames.scenarios["module"]))
        order = [*(m for m in names if m in used), *(m for m in used if m not in names)]
        self.modules = {m: names.get(m, m.replace("-", " ").capitalize()) for m in order}

    def name(self, slug: str) -> Markup:
        """Return a scenario's title, as it stands in a sentence."""
        return tag("strong", self.title[slug])

    @cached_property
    def many(self) -> bool:
        """Whether there are learners enough for correlations."""
        return len(self.totals) >= statistics.ENOUGH

    @cached_property
    def totals(self) -> pd.Series[float]:
        """Each learner's share of all points."""
        return statistics.totals(self.frames.scenarios)

    @cached_property
    def never(self) -> pd.DataFrame:
        """The practice scenarios in which a learner first chose what must never happen."""
        return self.frames.scenarios[self.frames.scenarios["never_events"] > 0]

    @cached_property
    def never_in_test(self) -> pd.Series[int]:
        """In how many situations of the sitting that counts a learner did so, where any."""
        if self._sat is None:
            return pd.Series(dtype="int64")
        sat = self._sat.sittings
        scored = [t.name for t in tests().values() if t.scored]
        own = sat[sat["counts"] & sat["test"].isin(scored) & (sat["never_events"] > 0)]
        return own.groupby("learner")["never_events"].sum()

    @cached_property
    def facility(self) -> pd.DataFrame:
        """How hard each scenario is."""
        return statistics.facility(self.frames.scenarios)

    @cached_property
    def decided(self) -> pd.DataFrame:
        """How hard each scenario is in which something is decided.

        A person gives most points of a written reply; what is left says nothing of how hard it is.
        """
        known = self.frames.scenarios.dropna(subset="decision")["scenario"].unique()
        return self.facility[self.facility.index.isin(known)]

    @cached_property
    def told(self) -> int:
        """How many learners told their profession."""
        scenarios = self.frames.scenarios
        return int(scenarios.loc[scenarios["profession"].notna(), "learner"].nunique())

    @cached_property
    def _matrix(self) -> pd.DataFrame:
        return statistics.matrix(self.frames.scenarios)

    @cached_property
    def reliability(self) -> statistics.Reliability | None:
        """Alpha, if enough learners have every scenario."""
        found = statistics.reliability(self._matrix)
        return found if found and found.learners >= statistics.ENOUGH else None

    @cached_property
    def discrimination(self) -> pd.DataFrame:
        """How each scenario goes with the rest."""
        return statistics.discrimination(self._matrix)

    @cached_property
    def consistency(self) -> statistics.Consistency | None:
        """How often another form would decide alike, if a cut was set and learners are enough."""
        if self.standard is None or self.reliability is None:
            return None
        return statistics.consistency(self._matrix, self.standard.cut)

    @cached_property
    def functioning(self) -> pd.DataFrame:
        """How each choice works for each profession, beside learners who are as able."""
        return statistics.functioning(self.frames.questions, self.frames.scenarios)

    @cached_property
    def clauses(self) -> pd.DataFrame:
        """How often each clause was missed, and named wrongly."""
        return statistics.clauses(self.frames.questions, self.frames.key)

    @cached_property
    def options(self) -> pd.DataFrame:
        """The distractor table with each option's text and worth."""
        place = ["scenario", "scene", "question", "item"]
        told = self.frames.key.set_index(place)[["text", "worth", "never_event"]]
        shares = statistics.distractors(self.frames.questions, self.frames.key, self.totals)
        return shares.join(told).reset_index()

    @cached_property
    def options_of(self) -> dict[Place, pd.DataFrame]:
        """The options of each choice."""
        return _by_question(self.options)

    @cached_property
    def rows_of(self) -> dict[Place, pd.DataFrame]:
        """The phrases, settings, responses and steps of each question that has them."""
        return _by_question(statistics.rows(self.frames.questions, self.frames.key).reset_index())

    @cached_property
    def clauses_of(self) -> dict[Place, pd.DataFrame]:
        """The clauses offered in each rationale."""
        return _by_question(self.frames.key[self.frames.key["kind"] == "rationale"])

    @cached_property
    def answers_of(self) -> dict[Place, pd.DataFrame]:
        """The rows of each question."""
        return _by_question(self.frames.questions)


def _by_question(frame: pd.DataFrame) -> dict[Place, pd.DataFrame]:
    cut = frame.groupby(["scenario", "scene", "question"], sort=False)
    return {(str(a), str(b), str(c)): rows for (a, b, c), rows in cut}
