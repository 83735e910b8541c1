"""The instructor's report: tables and figures of a course as one HTML page that needs nothing else.

`render` is pure; `write_report` reads a course root and writes the page. Numbers come from
`grading.statistics`, figures from `figures`; `modules` and `sections` give them their words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from grading import statistics
from grading.course import Course, open_course
from grading.exam.frame import Sat
from grading.exam.frame import of_course as sittings
from grading.frame import Frames, asked, each, of_course
from grading.markup import Content, Markup, document, join, tag
from grading.notebooks import read_notebook
from grading.report import fairness, modules, sections
from grading.report.phrases import DASH, chip, coefficient, count, day, interval, percent
from grading.report.results import Results
from grading.report.tested import the_tests
from grading.standard import Standard, read_standards
from scenarios.catalogue import Entry

__all__ = ["render", "titles", "write_report"]

STYLE = Path(__file__).with_name("page.css")
COURSE = "Social Media for Therapists"
LEARNERS = "Learners to talk to"


def write_report(course_root: Path, path: Path) -> Path:
    """Write the report on everything handed in under a course root; return where it is.

    Raises `CourseError` without notebooks or for a broken record of the cut, and `ContentError` if
    the bank or the practice's policy has faults.
    """
    course = open_course(course_root)
    entries = {e.slug: e for several in asked(course).values() for e in several}
    standards = read_standards(course_root)
    page = render(of_course(course), entries, titles(course), standards, sittings(course))
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


def render(
    frames: Frames,
    entries: Mapping[str, Entry],
    names: Mapping[str, str],
    standards: Mapping[str, Standard] | None = None,
    sat: Sat | None = None,
) -> str:
    """Return the report as one page.

    `entries` are the scenarios by slug; `names` gives titles by bank folder, in course order;
    `standards` are the cuts that panels set, by test, that of practice under no name; `sat` are the
    tests taken.
    """
    cuts = standards or {}
    results = Results(frames, entries, names, cuts.get(""), sat)
    tested = the_tests(sat, cuts) if sat else None
    body = _empty(sat, tested) if frames.scenarios.empty else _body(results, tested)
    # Nothing on the page may be asked for from elsewhere, whatever a title says.
    only = tag(
        "meta",
        http_equiv="Content-Security-Policy",
        content="default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    )
    return document(f"Course report: {COURSE}", STYLE.read_text("utf-8"), body, head=only)


def _empty(sat: Sat | None, tested: Markup | None) -> Markup:
    tests_only = sat is not None and not sat.sittings.empty
    said = "No practice has" if tests_only else "Nothing has"
    nothing = tag("p", f"{said} been handed in yet, so there is nothing to report of it.")
    return join(
        tag("header", tag("div", tag("h1", "Course report")), class_="head"),
        tag("main", nothing, _section("tests", "The tests", tested) if tested else None),
    )


def _body(results: Results, tested: Markup | None) -> Markup:
    parts = [
        ("class", "The class", sections.the_class(results)),
        *((f"module-{m}", name, modules.module(results, m)) for m, name in results.modules.items()),
        ("learners", LEARNERS, sections.learners(results)),
        *([("tests", "The tests", tested)] if tested else []),
        ("clauses", "Reasons and clauses", sections.reasons(results)),
        ("certainty", "How sure they were", sections.certainty(results)),
        ("time", "Time and second tries", sections.time(results)),
        ("trust", "How far to trust the scores", sections.trust(results)),
        ("professions", "The same for every profession", fairness.professions(results)),
        ("notes", "How this was computed", sections.notes(results)),
    ]
    links = (tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in parts)
    return join(
        _header(results),
        tag(
            "main",
            tag("nav", tag("ul", links), aria_label="Sections"),
            _section("short", "In short", tag("ul", _findings(results), class_="short")),
            (_section(*part) for part in parts),
        ),
    )


def _section(name: str, title: str, content: Markup) -> Markup:
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, content, id=name, aria_labelledby=f"{name}-title")


def _header(results: Results) -> Markup:
    scenarios = results.frames.scenarios
    answered = float((scenarios["unanswered"] == 0).mean())
    never = results.never
    tested = int(results.never_in_test.sum())
    low, high = statistics.t_interval(results.totals)
    trust = results.reliability
    numbers = [
        (
            "Mean score, first try",
            percent(float(results.totals.mean())),
            "too few learners for an interval"
            if math.isnan(low)
            else f"95% interval {interval(low, high)}",
        ),
        ("Scenarios answered", percent(answered), f"of {len(scenarios):,} handed in"),
        (
            "Never-events in practice",
            str(len(never)),
            f"by {count(never['learner'].nunique(), 'learner')}"
            + (f"; {tested} more in the post-test" if tested else ""),
        ),
        (
            "Reliability (alpha)",
            coefficient(trust.alpha) if trust else DASH,
            f"95% interval {coefficient(trust.low)} to {coefficient(trust.high)}"
            if trust
            else f"needs {statistics.ENOUGH} learners or more",
        ),
    ]
    times = scenarios["first_time"].dropna()
    when = ""
    if len(times):
        first, last = day(times.min()), day(times.max())
        days = first if first == last else f"{first} to {last}"
        when = f" · answered {days}, {times.max().year}"
    size = (
        f"{count(scenarios['learner'].nunique(), 'learner')}"
        f" · {count(len(results.title), 'scenario')} in {count(len(results.modules), 'module')}"
    )
    return tag(
        "header",
        tag(
            "div",
            tag("p", "Course report", class_="eyebrow"),
            tag("h1", COURSE),
            tag("p", size + (when if len(times) else "")),
            tag(
                "dl",
                (tag("div", tag("dt", t), tag("dd", v), tag("dd", w)) for t, v, w in numbers),
                class_="numbers",
            ),
        ),
        class_="head",
    )


def _findings(results: Results) -> Iterator[Markup]:
    """Tell what an instructor would want to hear first, one item each."""
    yield from _hardest(results)
    yield from _attractive(results)
    yield from _missed(results)
    sure = statistics.certainty(results.frames.questions)
    for row in each(sure[sure.index == "sure"]):
        decisions = count(row.n, "decision")
        yield _item(
            f"Sure and wrong: {percent(row.wrong)} of the {decisions} taken surely were risky or a"
            " violation."
        )
    again = statistics.second_try(results.frames.scenarios)
    if again:
        helped = "Trying again helped" if again.last > again.first else "Trying again did not help"
        yield _item(
            f"{helped}: {percent(again.first)} at the first try, {percent(again.last)} at the last,"
            f" over {count(again.tried, 'scenario')} tried more than once."
        )
    yield from _never(results)


def _item(*content: Content, alarm: bool = False) -> Markup:
    return tag("li", *content, class_="alarm" if alarm else None)


def _hardest(results: Results) -> Iterator[Markup]:
    ranked = results.decided.sort_values("mean")
    for row in each(ranked[ranked["mean"] < 1].head(1)):
        earned = f", where first tries earned {percent(row.mean)} of the points on average."
        yield _item("Hardest scenario: ", results.name(row.Index), earned)


def _attractive(results: Results) -> Iterator[Markup]:
    options = results.options
    wrong = options[options["worth"].isin(["risky", "violation"]) & (options["chosen"] > 0)]
    for row in each(wrong.sort_values("share", ascending=False).head(1)):
        yield _item(
            "Most chosen wrong action: in ",
            results.name(row.scenario),
            f", {percent(row.share)} chose “{row.text}” ",
            chip(row.worth),
        )


def _missed(results: Results) -> Iterator[Markup]:
    for row in each(results.clauses[results.clauses["missed"] > 0].head(1)):
        answers = count(int(row.applied), "answer")
        yield _item(
            "Clause most often missed: ",
            tag("strong", f"{row.Index} {row.title}"),
            f", left out of {percent(row.missed)} of the {answers} in which it applies.",
        )


def _never(results: Results) -> Iterator[Markup]:
    never, tested = results.never, results.never_in_test
    if len(never):
        left = int((never["to_make_good"] > 0).sum())
        rest = f"{left} still to make good" if left else "all made good later"
        yield _item(
            f"{count(never['learner'].nunique(), 'learner')} chose an action that must never"
            f" happen, in {count(len(never), 'answer')} of practice; {rest}. They are named under ",
            tag("a", LEARNERS, href="#learners"),
            ".",
            alarm=True,
        )
    if len(tested):
        yield _item(
            f"{count(len(tested), 'learner')} chose an action that must never happen in the"
            " post-test, in the sitting that counts; such a sitting does not pass.",
            alarm=True,
        )
