"""The instructor's report: tables and figures of a course as one HTML page that needs nothing else.

`render` is pure; `write_report` reads a course root and writes the page. Figures come from
`grading.figures`, numbers from `grading.statistics`; here they get their words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from grading import figures, statistics
from grading.figures import CREDIT, percent
from grading.course import Course, open_course
from grading.frame import Frames, asked, of_course
from grading.markup import Content, Markup, join, table, tag
from grading.notebooks import read_notebook
from scenarios.catalogue import Entry

STYLE = Path(__file__).with_name("report.css")
CLAUSES_SHOWN = 12
ROWS_SHOWN = 12
LEARNERS_SHOWN = 60
SMALL_GROUP = 5
"""Fewest learners of a profession whose mean is shown."""
WEAK = 0.2
"""Item-rest correlation below which a scenario hardly tells learners apart."""
USEFUL = 0.05
"""Share of choices below which an option does no work."""
DASH = "–"
Place = tuple[str, str, str]
"""A question: scenario, scene and question."""


def write_report(course_root: Path, path: Path) -> Path:
    """Write the report on everything handed in under a course root; return where it is.

    Raises `ContentError` if the bank or the practice's policy has faults.
    """
    course = open_course(course_root)
    entries = {e.slug: e for several in asked(course).values() for e in several}
    page = render(of_course(course), entries, titles(course))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return path


def titles(course: Course) -> dict[str, str]:
    """Return the title of each module from its notebook's metadata, in the course's order."""
    found = {}
    for assignment in course.assignments():
        for name in course.notebooks(assignment):
            notebook = read_notebook(course.source / assignment / f"{name}.ipynb") or {}
            told = notebook.get("metadata", {}).get("course", {})
            if "module" in told and "title" in told:
                found[str(told["module"])] = str(told["title"])
    return found


def render(frames: Frames, entries: Mapping[str, Entry], modules: Mapping[str, str]) -> str:
    """Return the report as one page; `modules` gives titles by bank folder, in course order."""
    report = _Report(frames, entries, modules)
    body = report.empty() if frames.scenarios.empty else report.body()
    style = tag("style", Markup(STYLE.read_text("utf-8")))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Nothing on the page may be asked for from elsewhere, whatever a title says.
        tag(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        ),
        tag("title", "Course report – Social Media for Therapists"),
        style,
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', body), lang='en')}\n"


# ----------------------------------------------------------------------------------------- words


def count(n: int, noun: str) -> str:
    """Say how many there are of something whose plural takes an s."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def share_of(low: float, high: float) -> str:
    """Write an interval of shares."""
    if math.isnan(low) or math.isnan(high):
        return DASH
    return f"{100 * low:.0f}{DASH}{100 * high:.0f}%"


def _cell(share: float) -> str:
    return DASH if math.isnan(share) else percent(share)


def _number(value: float) -> str:
    """Write a coefficient as .47."""
    return DASH if math.isnan(value) else f"{value:.2f}".replace("0.", ".", 1).replace("-", "−")


def _minutes(seconds: float) -> str:
    if math.isnan(seconds):
        return DASH
    return f"{int(seconds // 60)}:{int(seconds % 60):02}"


def _day(time: pd.Timestamp) -> str:
    return f"{time:%B} {time.day}"


def _chip(worth: str) -> Markup:
    return tag("span", worth, class_=f"chip chip-{worth}")


def _bar(share: float, worth: str) -> Markup:
    if math.isnan(share):
        return Markup(DASH)
    filled = tag("i", class_=worth, style=f"width:{100 * share:.1f}%")
    return tag("span", tag("span", filled), percent(share), class_="bar")


def _legend(levels: Iterable[str]) -> Markup:
    items = (
        tag("li", tag("span", class_=f"swatch {level}"), CREDIT[level].name) for level in levels
    )
    return tag("ul", items, class_="legend")


def _figure(title: str, svg: str, look: Content, legend: Content = None) -> Markup:
    """Return a figure with its title, its legend and what to look at."""
    words = tag("figcaption", tag("strong", "What to look at: "), look)
    return tag("figure", tag("h3", title), legend, Markup(svg), words)


# -------------------------------------------------------------------------------------- the page


class _Report:
    """The numbers of one report, each computed once, and the sections that tell them."""

    def __init__(
        self, frames: Frames, entries: Mapping[str, Entry], modules: Mapping[str, str]
    ) -> None:
        self.frames = frames
        self.entries = entries
        self.title = dict(zip(frames.scenarios["scenario"], frames.scenarios["title"], strict=True))
        used = list(dict.fromkeys(frames.scenarios["module"]))
        course = [m for m in modules if m in used]
        self.modules = {
            m: modules.get(m, m.replace("-", " ").capitalize())
            for m in (*course, *(m for m in used if m not in course))
        }

    @cached_property
    def totals(self) -> pd.Series[float]:
        return statistics.totals(self.frames.scenarios)

    @cached_property
    def facility(self) -> pd.DataFrame:
        return statistics.facility(self.frames.scenarios)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        return statistics.matrix(self.frames.scenarios)

    @cached_property
    def reliability(self) -> statistics.Reliability | None:
        found = statistics.reliability(self.matrix)
        return found if found and found.learners >= statistics.ENOUGH else None

    @cached_property
    def discrimination(self) -> pd.DataFrame:
        return statistics.discrimination(self.matrix)

    @cached_property
    def options(self) -> pd.DataFrame:
        """The distractor table with each option's text and worth."""
        place = ["scenario", "scene", "question", "item"]
        told = self.frames.key.set_index(place)[["text", "worth", "never_event"]]
        shares = statistics.distractors(self.frames.questions, self.frames.key, self.totals)
        return shares.join(told).reset_index()

    @cached_property
    def offered(self) -> dict[Place, pd.DataFrame]:
        return _by_question(self.options)

    @cached_property
    def answers(self) -> dict[Place, pd.DataFrame]:
        return _by_question(self.frames.questions)

    @cached_property
    def keys(self) -> dict[Place, pd.DataFrame]:
        return _by_question(self.frames.key)

    @cached_property
    def clauses(self) -> pd.DataFrame:
        return statistics.clauses(self.frames.questions, self.frames.key)

    @cached_property
    def many(self) -> bool:
        """Whether there are learners enough for correlations."""
        return len(self.totals) >= statistics.ENOUGH

    # ---- the frame

    def empty(self) -> Markup:
        return join(
            tag("header", tag("div", tag("h1", "Course report")), class_="head"),
            tag("main", tag("p", "Nothing has been handed in yet, so there is nothing to report.")),
        )

    def body(self) -> Markup:
        sections = [
            ("class", "The class", self.the_class()),
            *((f"module-{m}", t, self.module(m)) for m, t in self.modules.items()),
            ("clauses", "Reasons and clauses", self.reasons()),
            ("certainty", "How sure they were", self.certainty()),
            ("time", "Time and second tries", self.time()),
            ("trust", "How far to trust the scores", self.trust()),
            ("learners", "Learners to talk to", self.learners()),
            ("notes", "How this was computed", self.notes()),
        ]
        links = (tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in sections)
        return join(
            self.header(),
            tag(
                "main",
                tag("nav", tag("ul", links), aria_label="Sections"),
                tag("section", tag("h2", "In short"), self.in_short(), aria_label="In short"),
                (
                    tag(
                        "section",
                        tag("h2", title, id=f"{name}-title"),
                        content,
                        id=name,
                        aria_labelledby=f"{name}-title",
                    )
                    for name, title, content in sections
                ),
            ),
        )

    def header(self) -> Markup:
        scenarios = self.frames.scenarios
        mean = float(self.totals.mean())
        low, high = statistics.t_interval(self.totals.to_numpy(dtype="float64"))
        answered = float((scenarios["unanswered"] == 0).mean())
        never = scenarios[scenarios["never_events"] > 0]
        times = scenarios["first_time"].dropna()
        when = (
            f" · answered {_day(times.min())} to {_day(times.max())}, {times.max().year}"
            if len(times)
            else ""
        )
        trust = self.reliability
        numbers = [
            ("Mean score, first try", _cell(mean), f"95% interval {share_of(low, high)}"),
            ("Scenarios answered", percent(answered), f"of {len(scenarios):,} handed in"),
            ("Never-events", str(len(never)), f"by {count(never['learner'].nunique(), 'learner')}"),
            (
                "Reliability (alpha)",
                _number(trust.alpha),
                f"95% interval {_number(trust.low)} to {_number(trust.high)}",
            )
            if trust
            else ("Reliability (alpha)", DASH, f"needs {statistics.ENOUGH} learners or more"),
        ]
        return tag(
            "header",
            tag(
                "div",
                tag("p", "Course report", class_="eyebrow"),
                tag("h1", "Social Media for Therapists"),
                tag(
                    "p",
                    f"{count(scenarios['learner'].nunique(), 'learner')} ·"
                    f" {count(len(self.title), 'scenario')} in {count(len(self.modules), 'module')}{when}",
                ),
                tag(
                    "dl",
                    (tag("div", tag("dt", t), tag("dd", v), tag("dd", w)) for t, v, w in numbers),
                    class_="numbers",
                ),
            ),
            class_="head",
        )

    # ---- the sections

    def in_short(self) -> Markup:
        return tag("ul", self._findings(), class_="short")

    def _findings(self) -> Iterator[Markup]:
        def item(*content: Content, alarm: bool = False) -> Markup:
            return tag("li", *content, class_="alarm" if alarm else None)

        hard = self.facility.sort_values("mean").iloc[:1]
        for row in hard.itertuples():
            yield item(
                "Hardest scenario: ",
                self._name(str(row.Index)),
                f", where first tries earned {percent(float(row.mean))} of the points on average.",
            )
        wrong = self.options[self.options["worth"].isin(["risky", "violation"])]
        for row in wrong.sort_values("share", ascending=False).iloc[:1].itertuples():
            if row.chosen:
                yield item(
                    "Most chosen wrong action: in ",
                    self._name(str(row.scenario)),
                    f", {percent(float(row.share))} chose “{row.text}” ",
                    _chip(str(row.worth)),
                )
        for row in self.clauses[self.clauses["missed"] > 0].iloc[:1].itertuples():
            yield item(
                "Clause most often missed: ",
                tag("strong", f"{row.Index} {row.title}"),
                f", left out of {percent(float(row.missed))} of the {count(int(row.applied), 'answer')} in which it applies.",
            )
        sure = statistics.certainty(self.frames.questions)
        if "sure" in sure.index:
            row = sure.loc["sure"]
            yield item(
                f"Sure and wrong: {percent(row['wrong'])} of the {count(int(row['n']), 'decision')} taken surely were risky or a violation."
            )
        again = statistics.second_try(self.frames.scenarios)
        if again:
            yield item(
                f"Trying again helped: from {percent(again.first)} at the first try to {percent(again.last)} at the last, over {count(again.tried, 'scenario')} tried more than once."
                if again.last > again.first
                else f"Trying again did not help: {percent(again.first)} at the first try, {percent(again.last)} at the last."
            )
        never = self.frames.scenarios[self.frames.scenarios["never_events"] > 0]
        if len(never):
            still = int((never["never_events_last"] > 0).sum())
            rest = (
                f"; {still} of these answers still stand"
                if still
                else "; all were corrected in a later try"
            )
            yield item(
                f"{count(never['learner'].nunique(), 'learner')} chose an action that must never happen{rest}. They are named at the end.",
                alarm=True,
            )

    def _name(self, slug: str) -> Markup:
        return tag("strong", self.title[slug])

    def the_class(self) -> Markup:
        half = float((self.totals < 0.5).mean())
        look = f"whether there is one group or two. {percent(half)} of the learners have less than half of the points; a second hump on the left is a group that needs something else than the rest."
        return tag(
            "div",
            _figure("How the scores spread", figures.distribution(self.totals), look),
            tag("div", tag("h3", "By profession"), self._professions()),
            class_="pair",
        )

    def _professions(self) -> Markup:
        groups = statistics.by_profession(self.frames.scenarios)
        groups = groups.sort_values("n", key=lambda n: n < SMALL_GROUP, kind="stable")
        rows = []
        for row in groups.itertuples():
            told = row.n >= SMALL_GROUP
            name = str(row.Index).replace("mft", "marriage and family therapist").replace("-", " ")
            rows.append(
                [
                    name,
                    str(row.n),
                    percent(float(row.mean)) if told else "too few",
                    share_of(float(row.low), float(row.high)) if told else DASH,
                ]
            )
        return join(
            table(
                "Mean score by profession, with the 95% interval of the mean",
                ["Profession", "Learners", "Mean", "Interval"],
                rows,
            ),
            tag(
                "p",
                f"Groups of fewer than {SMALL_GROUP} are not shown in numbers. Intervals that overlap widely are no difference: the rules differ by profession, so look at single scenarios before comparing groups.",
                class_="quiet",
            ),
        )

    def module(self, module: str) -> Markup:
        rows = self.facility.loc[[s for s in self.facility.index if s.partition("/")[0] == module]]
        if rows.empty:
            return tag("p", "Every scenario of this module is marked by a person or voided.")
        ranked = rows.assign(title=[self.title[s] for s in rows.index]).sort_values("mean")
        bars = list(self._bars(ranked.index))
        lowest = ranked.iloc[0]
        legend = tag(
            "ul",
            tag("li", tag("span", class_="dot"), "first try"),
            tag("li", tag("span", class_="range"), "95% interval"),
            tag("li", tag("span", class_="diamond"), "last try"),
            class_="legend",
        )
        drawn = [
            _figure(
                "Scores per scenario",
                figures.scores(ranked, f"scores-{module}"),
                f"the top of the list, hardest first: “{lowest['title']}” earned {percent(lowest['mean'])} at the first try. A long line to the diamond means that the feedback taught something; dots whose bands overlap may change places in the next class.",
                legend,
            )
        ]
        if bars:
            drawn.append(
                _figure(
                    "Choices per option",
                    figures.choices(bars, f"choices-{module}"),
                    "light orange and rust at the right end. Much light blue is a class that knows the limit and misses the better half of the answer; that is worth ten minutes of talk.",
                    _legend(CREDIT),
                )
            )
        return join(
            tag("div", drawn, class_="pair"),
            tag("h3", "Option by option"),
            (self._scenario(str(slug)) for slug in ranked.index),
        )

    def _bars(self, slugs: Iterable[object]) -> Iterator[tuple[str, Sequence[tuple[str, float]]]]:
        levels = list(CREDIT)
        for slug in slugs:
            scenes = [
                rows
                for (scenario, _, _), rows in self.offered.items()
                if scenario == slug and rows["n"].max() > 0
            ]
            for n, group in enumerate(scenes, start=1):
                ranked = group.sort_values(
                    "worth", key=lambda w: w.map(levels.index), kind="stable"
                )
                name = self.title[str(slug)] + (f", scene {n}" if len(scenes) > 1 else "")
                yield (
                    name,
                    [
                        (str(w), float(s))
                        for w, s in zip(ranked["worth"], ranked["share"], strict=True)
                    ],
                )

    def _scenario(self, slug: str) -> Markup:
        row = self.facility.loc[slug]
        parts: list[Markup] = []
        for scene in self.entries[slug].scenario.scenes:
            parts.append(tag("p", scene.stem, class_="stem"))
            for question in scene.questions:
                parts += self._question(slug, scene.id, question.id, question.kind, question.prompt)
        score = f" · {percent(row['mean'])} ({share_of(row['low'], row['high'])})"
        return tag(
            "details",
            tag("summary", self._name(slug), " ", tag("span", score)),
            tag("div", parts, class_="inside"),
        )

    def _question(
        self, slug: str, scene: str, question: str, kind: str, prompt: str
    ) -> Iterator[Markup]:
        at = (slug, scene, question)
        if kind == "choice":
            yield self._options(at, prompt)
        elif kind == "rationale":
            yield self._clauses(at, prompt)
        else:
            own = self.answers.get(at, self.frames.questions.iloc[:0])
            mean = float(own["earned"].mean())
            said = (
                "marked by a person" if math.isnan(mean) else f"{percent(mean)} earned on average"
            )
            yield tag("p", f"{prompt} {count(len(own), 'answer')}, {said}.")

    def _options(self, at: Place, prompt: str) -> Markup:
        own = self.offered[at]
        answered = int(own["n"].max())
        levels = list(CREDIT)
        own = own.sort_values("worth", key=lambda w: w.map(levels.index), kind="stable")
        head = ["Option", "Chosen"] + (["Weakest → strongest third"] if self.many else [])
        rows = []
        for row in own.itertuples():
            worth = str(row.worth)
            never = (
                tag("span", "never-event", class_="chip chip-violation")
                if row.never_event
                else None
            )
            cells: list[Content] = [
                join(_chip(worth), never, str(row.text)),
                _bar(float(row.share), worth),
            ]
            if self.many:
                cells.append(f"{_cell(float(row.lower))} → {_cell(float(row.upper))}")
            rows.append(cells)
        flags = list(self._flags(own)) if answered else []
        return join(
            tag(
                "div",
                table(f"{prompt} ({count(answered, 'answer')})", head, rows),
                class_="options",
            ),
            (tag("p", tag("span", "Look again: ", class_="flag"), flag) for flag in flags),
        )

    def _flags(self, own: pd.DataFrame) -> Iterator[str]:
        """Name what suggests a flaw in the question rather than in the learners."""
        idle = own[(own["worth"] != "best") & (own["share"] < USEFUL)]
        if len(idle) > 1:
            yield f"{len(idle)} options were chosen by fewer than {percent(USEFUL)}; they do little work."
        if not self.many:
            return
        for row in own.itertuples():
            tilt = float(row.upper) - float(row.lower)
            if row.worth == "best" and tilt < 0:
                yield "the strongest third chose the best option less often than the weakest; check the key."
            if row.worth in ("risky", "violation") and tilt > WEAK:
                yield f"the strongest third is drawn to “{row.text}”; check that it is really wrong."

    def _clauses(self, at: Place, prompt: str) -> Markup:
        answers = (
            self.answers.get(at, self.frames.questions.iloc[:0])["answer"].dropna().str.split()
        )
        offered = self.keys.get(at, self.frames.key.iloc[:0])
        picked = answers.explode().value_counts()
        n = len(answers)
        rows = [
            [
                join(_chip(str(row.worth)), f"{row.item} {row.text}"),
                _bar(
                    float(picked.get(row.item, 0)) / n if n else math.nan,
                    "best" if row.worth == "right" else "violation",
                ),
            ]
            for row in offered.itertuples()
        ]
        return tag(
            "div",
            table(f"{prompt} ({count(n, 'answer')})", ["Clause", "Named"], rows),
            class_="options",
        )

    def reasons(self) -> Markup:
        if self.clauses.empty:
            return tag("p", "No scenario of these modules asks for clauses.")
        shown = self.clauses[self.clauses["missed"] > 0].head(CLAUSES_SHOWN)
        tempting = (
            self.clauses[self.clauses["picked"] > 0]
            .sort_values("picked", ascending=False)
            .head(CLAUSES_SHOWN)
        )
        rows = [
            [f"{r.Index} {r.title}", percent(float(r.picked)), str(r.tempted)]
            for r in tempting.itertuples()
        ]
        figure = (
            _figure(
                "Clauses most often missed",
                figures.missed(shown),
                "clauses missed by about half or more. Learners often decide rightly without knowing which sentence of the policy carries them; these are the sentences to read aloud together.",
            )
            if len(shown)
            else None
        )
        return join(
            tag(
                "div",
                figure,
                tag(
                    "div",
                    tag("h3", "Named although they do not apply"),
                    table(
                        "Clauses by the share of the answers that name them wrongly",
                        ["Clause", "Named", "Offered"],
                        rows,
                    ),
                ),
                class_="pair",
            ),
            self._confusion(),
        )

    def _confusion(self) -> Markup:
        pairs = statistics.confusion(self.frames.questions, self.frames.key)
        texts = self.frames.key.drop_duplicates(["scenario", "scene", "item"]).set_index(
            ["scenario", "scene", "item"]
        )["text"]
        rows = [
            [
                self.title[str(r.scenario)],
                tag(
                    "span",
                    _chip(str(r.credit)),
                    str(texts[r.scenario, r.scene, r.decision]),
                    class_="text",
                ),
                tag("span", f"{r.item} {texts[r.scenario, r.scene, r.item]}", class_="text"),
                f"{r.chosen} of {r.deciders}",
            ]
            for r in pairs.head(ROWS_SHOWN).itertuples()
        ]
        return join(
            tag("h3", "Which wrong clause goes with which decision"),
            tag(
                "p",
                "A wrong clause beside the best decision is a right answer for a wrong reason; it will not hold in the next case.",
                class_="quiet",
            ),
            tag(
                "div",
                table(
                    "The most frequent pairs of a decision and a clause that does not justify it",
                    ["Scenario", "Decision", "Clause named", "Learners"],
                    rows,
                ),
                class_="wide",
            ),
        )

    def certainty(self) -> Markup:
        told = statistics.certainty(self.frames.questions)
        if told.empty:
            return tag("p", "No answer says how sure the learner was.")
        questions = self.frames.questions
        bars = []
        for level in told.index:
            worth = questions.loc[
                (questions["certainty"] == level) & (questions["kind"] == "choice"), "credit"
            ]
            parts = [(c, float((worth == c).mean())) for c in CREDIT]
            bars.append((f"{level} ({count(len(worth), 'decision')})", parts))
        rows = [
            [self.title[str(r.Index)], f"{r.wrong} of {r.sure}", percent(float(r.share))]
            for r in statistics.confidently_wrong(questions).head(ROWS_SHOWN).itertuples()
        ]
        return tag(
            "div",
            _figure(
                "What sure, fairly sure and guessed decisions were worth",
                figures.choices(bars, "certainty"),
                "light orange and rust in the first bar. Someone who is sure does not look anything up and does not ask; a guess at least feels like one.",
                _legend(CREDIT),
            ),
            tag(
                "div",
                tag("h3", "Sure and wrong"),
                table(
                    "Scenarios by decisions taken surely that were risky or a violation",
                    ["Scenario", "Sure and wrong", "Share"],
                    rows,
                ),
            ),
            class_="pair",
        )

    def time(self) -> Markup:
        pace = statistics.pace(self.frames.scenarios)
        rows = []
        for slug, row in self.facility.iterrows():
            times = pace.loc[slug] if slug in pace.index else None
            rows.append(
                [
                    self.title[str(slug)],
                    _minutes(times["median"]) if times is not None else DASH,
                    f"{_minutes(times['q1'])} to {_minutes(times['q3'])}"
                    if times is not None
                    else DASH,
                    f"{row['retried']:.0f}",
                    percent(row["mean"]),
                    percent(row["mastery"]),
                ]
            )
        return join(
            table(
                "Time at the first try, and scores at the first and the last try of all learners",
                [
                    "Scenario",
                    "Median time (min:s)",
                    "Middle half",
                    "Tried again",
                    "First try",
                    "Last try",
                ],
                rows,
            ),
            tag(
                "p",
                "Times run from the answer before to this one, with whatever was read in between; pauses of more than half an hour and the first scenario of a sitting are left out.",
                class_="quiet",
            ),
        )

    def trust(self) -> Markup:
        if not self.many:
            return tag("p", statistics.TOO_FEW, class_="note")
        return join(self._alpha(), self._discrimination())

    def _alpha(self) -> Markup:
        found = self.reliability
        if not found:
            return tag(
                "p",
                "Too few learners have every scenario, or all have the same scores, so that reliability cannot be estimated.",
                class_="note",
            )
        verdict = (
            "good enough to compare learners of this class"
            if found.low >= 0.7  # noqa: PLR2004 - the usual line for course grades
            else "good enough for feedback, not for deciding about a single learner"
        )
        middle = float(self.totals.mean())
        low, high = max(0.0, middle - found.sem), min(1.0, middle + found.sem)
        return tag(
            "p",
            "Alpha is ",
            tag("strong", _number(found.alpha)),
            f" (95% interval {_number(found.low)} to {_number(found.high)}; {count(found.learners, 'learner')}, {count(found.scenarios, 'scenario')}): {verdict}."
            f" The standard error of measurement is {100 * found.sem:.0f} percentage points: a learner with {percent(middle)} would, two times out of three, land between {percent(low)} and {percent(high)} on other scenarios of this kind.",
        )

    def _discrimination(self) -> Markup:
        rows = [
            [
                self.title[str(r.Index)],
                _number(float(r.r)),
                f"{_number(float(r.low))} to {_number(float(r.high))}"
                if not math.isnan(r.r)
                else DASH,
                self._verdict(float(r.r), float(r.low), int(r.n)),
            ]
            for r in self.discrimination.sort_values("r").itertuples()
        ]
        return table(
            "Discrimination: the correlation of each scenario with the rest of the course, lowest first",
            ["Scenario", "Item-rest r", "95% interval", "Reading"],
            rows,
        )

    @staticmethod
    def _verdict(r: float, low: float, n: int) -> Content:
        if n < statistics.ENOUGH:
            return "too few learners"
        if math.isnan(r):
            return "everybody has the same score"
        if r < 0:
            return tag("span", "stronger learners do worse: check the key", class_="flag")
        if r < WEAK:
            return tag("span", "hardly tells learners apart: check the wording", class_="flag")
        return "clear" if low > 0 else "likely, not certain with this class"

    def learners(self) -> Markup:
        scenarios = self.frames.scenarios
        questions = self.frames.questions
        sure = questions[
            (questions["certainty"] == "sure") & questions["credit"].isin(["risky", "violation"])
        ]
        people = scenarios.groupby("learner").agg(
            never=("never_events", "sum"),
            still=("never_events_last", "sum"),
            unanswered=("unanswered", lambda u: int((u > 0).sum())),
            asked=("scenario", "size"),
        )
        people["score"] = self.totals
        people["sure"] = sure.groupby("learner").size().reindex(people.index, fill_value=0)
        gap = people["unanswered"] * 5 > people["asked"]
        needy = people[(people["never"] > 0) | gap | (people["score"] < 0.4)]  # noqa: PLR2004 - far below a pass
        needy = needy.sort_values(["still", "never", "score"], ascending=[False, False, True])
        if needy.empty:
            return tag(
                "p",
                "Nobody chose a never-event, left more than a fifth unanswered or stayed below 40%.",
            )
        rows = [
            [
                str(r.Index),
                _cell(float(r.score)),
                (
                    f"{r.never}, {r.still} still standing"
                    if r.still
                    else f"{r.never}, corrected later"
                )
                if r.never
                else DASH,
                f"{r.unanswered} of {r.asked}" if r.unanswered else DASH,
                str(r.sure) if r.sure else DASH,
            ]
            for r in needy.head(LEARNERS_SHOWN).itertuples()
        ]
        more = len(needy) - LEARNERS_SHOWN
        return join(
            tag(
                "p",
                "Who chose an action that must never happen, left more than a fifth unanswered or has less than 40% of the points.",
            ),
            table(
                "Learners by what to talk about",
                ["Learner", "Score", "Never-events", "Unanswered", "Sure and wrong"],
                rows,
            ),
            tag("p", f"{count(more, 'further learner')} not shown; the CSV export has everybody.")
            if more > 0
            else None,
        )

    def notes(self) -> Markup:
        told = [
            (
                "Score",
                "The first committed answer counts: 60% for the decision, 40% for the clauses that justify it, and nothing for the clauses if the decision is worth nothing. A never-event makes the scenario 0. What was not answered earns 0. Points that a person gives for written replies are in the gradebook and not here.",
            ),
            (
                "Intervals",
                "95% intervals. Of a scenario’s mean: Wilson’s, with the mean share as the proportion, which is never too narrow for graded credit. Of a group’s mean: Student’s. Of a correlation: Fisher’s z. Of alpha: Feldt’s.",
            ),
            (
                "Thirds",
                "Learners ranked by their share of all points; the weakest and the strongest third. A good option moves with the thirds: the best one up, wrong ones down.",
            ),
            ("Small classes", statistics.TOO_FEW),
            ("Records", self._records()),
        ]
        return tag("dl", (join(tag("dt", t), tag("dd", d)) for t, d in told), class_="notes")

    def _records(self) -> str:
        skipped = self.frames.skipped
        versions = self.frames.scenarios.dropna(subset="bank").groupby("scenario")["bank"].nunique()
        changed = int((versions > 1).sum())
        lines = (
            f"{count(len(skipped), 'line')} of {count(len({s[:2] for s in skipped}), 'record')} could not be read (torn or foreign) and {'was' if len(skipped) == 1 else 'were'} skipped."
            if skipped
            else "Every line of every record could be read."
        )
        edits = (
            f" {count(changed, 'scenario')} changed while the class was answering; the marks follow the present version."
            if changed
            else ""
        )
        return lines + edits


def _by_question(frame: pd.DataFrame) -> dict[Place, pd.DataFrame]:
    """Cut a table into the rows of each (scenario, scene, question)."""
    return {
        (str(scenario), str(scene), str(question)): rows
        for (scenario, scene, question), rows in frame.groupby(
            ["scenario", "scene", "question"], sort=False
        )
    }
