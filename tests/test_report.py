"""The instructor's report and the exports: complete, honest, safe whatever learners are called."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page
from typer.testing import CliRunner

from grading import statistics
from grading.cli.instructors import commands
from grading.course import Course, make_course
from grading.demo import Demo, demo
from grading.export import incomplete
from grading.frame import Frames, Submission, asked, each, frames, of_course, submissions
from grading.marks import mark
from grading.markup import VOID, Markup, join, tag
from grading.nbgrader.gradebook import Gradebook
from grading.report import fairness, render, sections, titles, write_report
from grading.report.results import Results
from grading.spreadsheet import Grades, canvas_csv, cell, grade_csv, moodle_csv, question_csv
from grading.standard import Panel, angoff
from scenarios.answers import Event, Record, first_commits
from scenarios.catalogue import Entry, module_of
from scenarios.policy import model_policy
from scenarios.profile import profession_of
from scenarios.questions import Rating

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> $x_1$ &amp;"


pytest_plugins = ["small_course"]


@pytest.fixture(scope="module")
def course(answered_course: Course) -> Course:
    """A course that 32 simulated learners have answered."""
    return answered_course


@pytest.fixture(scope="module")
def tables(course: Course) -> Frames:
    return of_course(course)


@pytest.fixture(scope="module")
def entries(course: Course) -> dict[str, Entry]:
    return {e.slug: e for several in asked(course).values() for e in several}


@pytest.fixture(scope="module")
def page_text(tables: Frames, entries: dict[str, Entry], course: Course) -> str:
    return render(tables, entries, titles(course))


class Outline(HTMLParser):
    """Reads a page strictly: every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open it."""
        self.seen[tag] += 1
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count it."""
        self.seen[tag] += 1
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """Close what is open."""
        assert self.open.pop() == tag

    def values(self, name: str) -> Iterator[str]:
        """All values of an attribute."""
        return (v or "" for k, v in self.attributes if k == name)


# ------------------------------------------------------------------------------------- the tables


def test_tables_hold_the_marks(course: Course, tables: Frames, entries: dict[str, Entry]) -> None:
    rows = tables.scenarios.set_index(["learner", "scenario"])
    checked = 0
    for submission in submissions(course):
        for entry in asked(course)[submission.assignment]:
            events = submission.record.of(entry.slug)
            earned = mark(
                entry.scenario, first_commits(events), model_policy(), profession_of(events)
            )
            assert rows.loc[(submission.learner, entry.slug), "points"] == earned.points
            checked += 1
    assert checked == len(rows) == 32 * len(entries)


def commit(entry: Entry, answer: str, second: int, **more: object) -> Event:
    scene = entry.scenario.scenes[0]
    event = Event(
        act="commit",
        scenario=entry.slug,
        scene=scene.id,
        question=scene.questions[0].id,
        answer=answer,
        attempt=1,
        bank=entry.version,
        time=f"2026-11-02T09:00:{second:02}Z",
    )
    return replace(event, **more)  # type: ignore[arg-type]


def simple(entries: dict[str, Entry], most: int = 2) -> list[Entry]:
    """Scenarios that begin with a single choice."""
    found = (e for e in entries.values() if e.scenario.scenes[0].questions[0].kind == "choice")
    return [e for e in found if not e.scenario.branching][:most]


def best_of(entry: Entry) -> str:
    options = entry.scenario.scenes[0].questions[0].options  # type: ignore[union-attr]
    return next(o.id for o in options if getattr(o, "credit", "") == "best")


def test_hostile_records_neither_stop_nor_fool_the_tables(entries: dict[str, Entry]) -> None:
    one, two = simple(entries)
    events = (
        commit(one, best_of(one), 5, profession=HOSTILE, certainty=HOSTILE, bank=HOSTILE),
        commit(one, "no-such-option", 6, scene=HOSTILE, time=HOSTILE, attempt=-(10**30)),
        commit(two, best_of(two), 0, time="9999-12-31T23:59:59.999-14:00"),
        commit(two, HOSTILE, 0, time="0001-01-01T00:00:00+14:00", attempt=2),
        commit(two, best_of(two), 0, scenario="no/such"),
    )
    found = frames([Submission(HOSTILE, "m", Record(events))], {"m": (one, two)}, model_policy())
    assert len(found.scenarios) == 2
    assert found.scenarios["profession"].isna().all()
    assert found.questions["certainty"].isna().all()
    assert (found.scenarios["points"] <= found.scenarios["maximum"]).all()
    page = render(found, entries, {})
    assert "<script" not in page.lower()


def test_time_on_task_runs_from_the_scene_before(entries: dict[str, Entry]) -> None:
    one, two = simple(entries)
    late = "2026-11-02T11:00:00Z"
    for time, seconds in (("2026-11-02T09:00:50Z", 45.0), (late, None)):
        events = (commit(one, best_of(one), 5), commit(two, best_of(two), 0, time=time))
        found = frames([Submission("ann", "m", Record(events))], {"m": (one, two)}, model_policy())
        told = found.scenarios.set_index("scenario")["seconds"].dropna().to_dict()
        assert told == ({} if seconds is None else {two.slug: seconds})


# --------------------------------------------------------------------------------------- the page


def test_the_page_is_whole_and_needs_nothing_else(page_text: str) -> None:
    outline = Outline(page_text)
    assert not outline.open
    assert outline.seen["svg"] >= 5
    assert outline.seen["table"] == outline.seen["caption"] >= 8
    ids = list(outline.values("id"))
    assert len(ids) == len(set(ids))
    for link in (*outline.values("href"), *outline.values("src"), *outline.values("xlink:href")):
        assert link.startswith("#")
        assert link[1:] in ids
    assert not re.search(r"@import|url\((?!#)", page_text)
    assert outline.seen["script"] == 0


def test_figures_speak_to_those_who_listen(page_text: str) -> None:
    figures = re.findall(r"<svg [^>]*>", page_text)
    assert all('role="img"' in f for f in figures)
    assert all(len(re.findall(r'aria-label="([^"]*)"', f)[0]) > 40 for f in figures)
    assert page_text.count("What to look at") == len(figures)


def test_scenarios_go_by_their_titles(page_text: str, entries: dict[str, Entry]) -> None:
    for slug, entry in entries.items():
        assert tag("strong", entry.scenario.title) in page_text
        assert slug not in page_text


def test_the_same_answers_make_the_same_page(
    page_text: str, tables: Frames, entries: dict[str, Entry], course: Course
) -> None:
    assert render(tables, entries, titles(course)) == page_text


def test_hostile_names_and_titles_stay_text(tables: Frames, entries: dict[str, Entry]) -> None:
    ill = {
        slug: replace(e, scenario=e.scenario.model_copy(update={"title": HOSTILE}))
        for slug, e in entries.items()
    }
    named = Frames(
        tables.questions.assign(learner=HOSTILE + tables.questions["learner"].astype("str")),
        tables.scenarios.assign(
            learner=HOSTILE + tables.scenarios["learner"].astype("str"), title=HOSTILE
        ),
        tables.key.assign(text=HOSTILE, title=HOSTILE),
    )
    text = render(named, ill, dict.fromkeys(tables.scenarios["module"], HOSTILE))
    outline = Outline(text)
    assert not outline.open
    assert outline.seen["script"] == outline.seen["img"] == 0
    assert not list(outline.values("onerror"))


def test_small_classes_get_words_instead_of_numbers(
    tables: Frames, entries: dict[str, Entry], page_text: str
) -> None:
    few = tables.scenarios["learner"].unique()[:29]
    small = Frames(
        tables.questions[tables.questions["learner"].isin(few)],
        tables.scenarios[tables.scenarios["learner"].isin(few)],
        tables.key,
    )
    text = render(small, entries, {})
    for number in ("Item-rest r", "Alpha is", "strongest third</th>"):
        assert number not in text
        assert number in page_text
    assert text.count(statistics.TOO_FEW) == 2


def test_parts_of_a_question_have_the_share_that_is_right(
    tables: Frames, page_text: str, entries: dict[str, Entry]
) -> None:
    own = tables.questions[tables.questions["kind"] == "rating"].dropna(subset="answer")
    slug = own["scenario"].iloc[0]
    answers = [json.loads(a) for a in own.loc[own["scenario"] == slug, "answer"]]
    question = next(
        q for s in entries[slug].scenario.scenes for q in s.questions if isinstance(q, Rating)
    )
    assert tag("th", "Part (key from 1 to 4, response)", scope="col") in page_text
    for option in question.options:
        right = sum(a.get(option.id) == option.key for a in answers) / len(answers)
        said = join(tag("span", str(option.key), class_="quiet"), " ", option.text)
        assert f"{said}</th><td>{100 * right:.0f}% (" in page_text


def test_a_never_event_that_was_made_good_is_not_counted_as_left(
    tables: Frames, entries: dict[str, Entry]
) -> None:
    slug, question, option = next(
        (r.scenario, r.question, r.item)
        for r in each(tables.key)
        if r.never_event and entries[r.scenario] in simple(entries, len(entries))
    )
    entry = entries[slug]
    tries = [option, best_of(entry), option]
    for number, left in ((1, 1), (2, 0), (3, 0)):
        events = tuple(
            commit(entry, answer, n, question=question, attempt=n)
            for n, answer in enumerate(tries[:number], start=1)
        )
        found = frames([Submission("ann", "m", Record(events))], {"m": (entry,)}, model_policy())
        assert list(found.scenarios["never_events"]) == [1]
        assert list(found.scenarios["to_make_good"]) == [left]
        page = render(found, {slug: entry}, {})
        assert f"<td>{'1, 1 to make good' if left else '1, made good'}</td>" in page
        assert ("; 1 still to make good" in page) == bool(left)


def test_passing_is_told_only_where_a_cut_was_set(
    tables: Frames, entries: dict[str, Entry], page_text: str
) -> None:
    assert "No cut was set" in page_text
    panel = Panel(("a", "b"), ("x", "y"), np.array([[0.6, 0.7], [0.5, 0.6]]), "")
    text = fairness.passing(Results(tables, entries, {}, angoff(panel)))
    assert "reach the cut of 60% for practice" in text
    assert "would decide alike for" in text


def test_professions_are_compared_where_there_are_enough(
    tables: Frames, entries: dict[str, Entry], page_text: str
) -> None:
    assert "The same for every profession" in page_text
    half = tables.questions["learner"].cat.codes % 2 == 0
    two = tables.questions.assign(
        profession=half.map({True: "counselor", False: "mft"}).astype("category")
    )
    text = fairness.professions(Results(replace(tables, questions=two), entries, {}))
    assert re.search(r"\d+ comparisons negligible \(A\)", text)
    none = replace(
        tables,
        questions=two.assign(profession=None),
        scenarios=tables.scenarios.assign(profession=None),
    )
    text = fairness.professions(Results(none, entries, {}))
    assert "0 of the 32 learners here told theirs" in text
    assert "nothing is said in numbers" in text


def test_a_correlation_is_read_by_its_interval() -> None:
    assert sections.reading(0.19, -0.18, 0.51, 30) == sections.reading(0.25, -0.12, 0.56, 30)
    assert sections.reading(0.4, 0.05, 0.66, 30) == "clear"
    assert "check the key" in str(sections.reading(-0.5, -0.73, -0.17, 30))
    assert "check the wording" in str(sections.reading(0.02, -0.1, 0.14, 300))


def test_written_replies_are_no_hardest_scenarios(
    tables: Frames, entries: dict[str, Entry]
) -> None:
    scenarios = tables.scenarios.copy()
    written = simple(entries)[0].slug
    own = scenarios["scenario"] == written
    scenarios.loc[own, ["share", "points"]] = 0.0
    scenarios.loc[own, "decision"] = float("nan")
    page = render(replace(tables, scenarios=scenarios), entries, {})
    title = entries[written].scenario.title
    (hardest,) = re.findall(r"Hardest scenario: <strong>([^<]*)", page)
    charted = " ".join(re.findall(r'aria-label="(Mean score at the first try[^"]*)"', page))
    assert title not in hardest
    assert f"{title} 0%" not in charted
    assert "a person marks the rest" in page
    best = scenarios.assign(share=1.0, points=scenarios["maximum"], decision=1.0)
    assert "Hardest scenario" not in render(replace(tables, scenarios=best), entries, {})


def test_a_class_of_one_and_an_empty_class(
    tables: Frames, entries: dict[str, Entry], authored: Path, tmp_path: Path
) -> None:
    one = tables.scenarios["learner"] == "learner-001"
    alone = Frames(
        tables.questions[tables.questions["learner"] == "learner-001"],
        tables.scenarios[one],
        tables.key,
    )
    assert "1 learner ·" in render(alone, entries, {})
    root = make_course(tmp_path, authored).root
    written = write_report(root, tmp_path / "new" / "report.html")
    assert "Nothing has been handed in yet" in written.read_text("utf-8")
    handed = root / "build" / "submitted" / "ann" / next(authored.glob("[0-9]*")).name
    handed.mkdir(parents=True)
    text = write_report(root, tmp_path / "new" / "report.html").read_text("utf-8")
    assert "Every line of every record could be read." in text


def test_voided_scenarios_say_nothing(tables: Frames, entries: dict[str, Entry]) -> None:
    slug = next(iter(entries))
    void = Frames(
        tables.questions.assign(void=tables.questions["scenario"] == slug),
        tables.scenarios.assign(void=tables.scenarios["scenario"] == slug),
        tables.key,
    )
    assert tag("strong", entries[slug].scenario.title) not in render(void, entries, {})
    everything = Frames(
        tables.questions.assign(void=True), tables.scenarios.assign(void=True), tables.key
    )
    assert "voided" in render(everything, entries, {})


@given(st.text(), st.text())
def test_markup_gives_back_what_was_put_in(text: str, value: str) -> None:
    assert list(Outline(tag("p", title=value)).values("title")) == [value]
    assert "<" not in join(text)
    assert join(Markup("<b>"), text).startswith("<b>")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_fits_and_is_accessible(
    page: Page, page_text: str, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page_text, "utf-8")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert requests == [file.as_uri()]
    page.emulate_media(media="print")  # what was opened is printed, and nothing that was not
    assert page.locator("details").first.is_visible()
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    assert not page.locator("details:visible").count()
    page.emulate_media(media="screen")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()


# ------------------------------------------------------------------------------------ the exports


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d"])
def test_no_text_is_a_formula(start: str) -> None:
    assert cell(f"{start}HYPERLINK(1)").startswith("'")


def test_numbers_stay_numbers() -> None:
    assert [cell(v) for v in (-1.5, 3, 0.1, None, float("nan"))] == ["-1.5", "3", "0.1", "", ""]
    assert cell(12345.678) == "12345.678"


def test_the_question_table_reads_back(tables: Frames) -> None:
    read = list(csv.DictReader(io.StringIO(question_csv(tables))))
    assert len(read) == len(tables.questions)
    assert {r["learner"] for r in read} == set(tables.questions["learner"])
    points = sum(float(r["earned"]) for r in read if r["earned"])
    assert points == pytest.approx(tables.questions["earned"].sum())


GRADES = [
    Grades(learner="ann", first_name="Ann", last_name="=Li", lms_id="7", points={"a": 9.5}),
    Grades(learner="bob", email="bob@example.org", points={"a": 0.0, "b": 3.0}, waits={"a": 2}),
]


def test_canvas_and_moodle_gradebooks() -> None:
    maxima = {"a": 10.0, "b": 20.0}
    canvas = list(csv.reader(io.StringIO(canvas_csv(GRADES, maxima))))
    assert canvas[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert canvas[1][0].strip() == "Points Possible"
    assert canvas[1][5:] == ["10", "20"]
    assert canvas[2] == ["'=Li, Ann", "7", "", "ann", "", "9.5", ""]
    moodle = list(csv.DictReader(io.StringIO(moodle_csv(GRADES, maxima))))
    assert moodle[1] == {
        "Username": "bob",
        "First name": "",
        "Last name": "",
        "Email address": "bob@example.org",
        "a": "0",
        "b": "15",  # percent, for a file of Moodle's has no maxima
    }


def test_a_learner_has_a_row_of_points_with_practice_and_test_apart() -> None:
    head, _, bob = csv.reader(io.StringIO(grade_csv(GRADES, {"a": 10.0, "b": 20.0}, {"b"})))
    waits = "answers that wait for a person"
    assert head == ["learner", "a (of 10)", "practice (of 10)", "b (of 20)", waits]
    assert bob == ["bob", "0", "0", "3", "2"]


def test_what_waits_for_a_person_is_said() -> None:
    assert incomplete(GRADES[:1]) == ""
    told = "2 answers wait for a person to mark, of 1 learner; until then they count 0 points here."
    assert incomplete(GRADES) == told


@pytest.fixture(scope="module")
def graded(authored: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A graded course of three learners."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grading.demo.make_course", partial(make_course, origin=authored))
        return demo(tmp_path_factory.mktemp("graded") / "demo", learners=3)


def export(made: Demo, name: str, *options: str) -> list[list[str]]:
    """Run nbgrader's own command in the course root and return what it wrote."""
    exporter = f"--exporter=grading.export.{name}"
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", exporter, "--to=out.csv", *options],
        cwd=made.folder,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    return list(csv.reader(io.StringIO((made.folder / "out.csv").read_text("utf-8"))))


@pytest.mark.slow
def test_moodle_export_has_the_scores_of_the_gradebook(graded: Demo) -> None:
    head, *rows = export(graded, "MoodleCsv")
    scores = of_course(make_course(graded.folder)).scenarios
    points = scores.groupby(["learner", "module"])["points"].sum()
    known = asked(make_course(graded.folder))
    assert [row[0] for row in rows] == [p.id for p in graded.cohort.learners]
    for row in rows:
        for assignment in graded.cohort.assignments:
            earned = points[row[0], module_of(assignment)]
            most = sum(e.scenario.points for e in known[assignment])
            percent = float(row[head.index(assignment)])
            assert percent == pytest.approx(100 * earned / most, abs=0.006)


@pytest.mark.slow
def test_an_export_names_its_files_and_what_waits(graded: Demo, tmp_path: Path) -> None:
    course = make_course(graded.folder)
    with Gradebook(course.db_url, course.course_id) as book:
        waits = sum(r.needs_person for r in book.rows())
    assert waits
    for kind, files in (("csv", ["x.out", "x-grades.out"]), ("canvas", ["x.out"])):
        out = tmp_path / kind / "x.out"
        command = ["export", kind, "--course", str(course.root), "--out", str(out)]
        told = CliRunner().invoke(commands, command)
        assert told.exit_code == 0
        assert f"{waits} answers wait for a person to mark, of 3 learners" in told.stderr
        assert [path.name for path in sorted(out.parent.iterdir(), reverse=True)] == files
        assert told.stdout.count("Exported: ") == len(files)
    _, *rows = csv.reader(io.StringIO((tmp_path / "csv" / "x-grades.out").read_text("utf-8")))
    assert [row[0] for row in rows] == [p.id for p in graded.cohort.learners]
    assert sum(int(row[-1]) for row in rows) == waits
    refused = CliRunner().invoke(commands, ["export", "csv", "--home", "https://example.net"])
    assert "--home is for xapi" in refused.output


@pytest.mark.slow
def test_exporters_leave_out_what_is_not_asked_for(graded: Demo) -> None:
    canvas = export(graded, "CanvasCsv", "--student=['learner-002']")
    assert [row[3] for row in canvas[2:]] == ["learner-002"]
    assignment = graded.cohort.assignments[0]
    head, *rows = export(graded, "QuestionCsv", f"--assignment=['{assignment}']")
    assert {row[head.index("module")] for row in rows} == {module_of(assignment)}
    assert {row[0] for row in rows} == {p.id for p in graded.cohort.learners}
