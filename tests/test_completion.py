"""The end of the course: evaluation, certificate and how it is checked, the list of the trained."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sat import POST, PRE, events_of

from grading import statistics
from grading.cohort import simulate
from grading.course import make_course, open_course
from grading.exam import certificate_page
from grading.exam.certificate import Certificate, CertificateError, look, make
from grading.exam.completion import completion
from grading.exam.frame import frames, of_course
from grading.exam.result import results
from grading.exam.roster import HEAD, as_csv, roster
from grading.exam.verification import read, verify
from grading.exemplary import best_answers, committed, worst_answers
from grading.folder import modules_of
from grading.frame import of_course as practice
from grading.report.results import Results
from grading.report.tested import the_tests
from grading.standard import Panel, angoff
from scenarios import answers, evaluation
from scenarios.answers import Event, append
from scenarios.catalogue import load
from scenarios.policy import model_policy, topics
from scenarios.workspace import prepare, source

if TYPE_CHECKING:
    from collections.abc import Callable

POLICY = model_policy()
LAST, FIRST = "08_posttest", "00_welcome"


def said(**changes: object) -> dict[str, Any]:
    """A whole evaluation as the page sends it."""
    values: dict[str, Any] = {"agree": 4, "hours": 12.5, "text": ""}
    return {q.id: values[q.kind] for q in evaluation.questions()} | changes


def commits(slug: str, attempt: int = 1) -> list[Event]:
    """The lines of the record for the best answers to one scenario."""
    entry = load(slug)
    return committed(entry, best_answers(entry.scenario, POLICY), attempt=attempt)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a learner who has done everything but the evaluation."""
    course = tmp_path_factory.mktemp("trained") / "course"
    prepare(course, source())
    for module in modules_of(course):
        events = [e for entry in module.entries for e in commits(entry.slug)]
        if events:
            append(module.folder / answers.FILE, events)
    append(course / FIRST / answers.FILE, events_of(PRE))
    append(course / LAST / answers.FILE, events_of(POST))
    return course


@pytest.fixture
def course(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and the kernel of its last module."""
    copy = tmp_path / "course"
    shutil.copytree(trained, copy)
    monkeypatch.chdir(copy / LAST)
    return copy


def evaluate(**changes: object) -> str:
    """Press the evaluation's button; return what the panel says of it."""
    panel = evaluation.evaluation_panel()
    panel.receive(None, {"do": "save", "value": said(**changes)}, None)
    return str(panel.view["told"])


# ---------------------------------------------------------------------- the evaluation


def test_the_evaluation_is_kept_with_the_answers_and_the_last_one_counts(course: Path) -> None:
    record = course / LAST / answers.FILE
    before = record.read_bytes()
    assert not evaluation.whole(answers.read(record))
    assert evaluate() == ""
    assert evaluate(level=2, change="I ask first.") == ""
    assert record.read_bytes().startswith(before)
    found = evaluation.given(answers.read(record))
    assert (found["level"], found["change"], found["hours"]) == (2, "I ask first.", 12.5)
    assert evaluation.evaluation_panel().view["given"] == found
    assert evaluate(level=2, change="") == ""
    assert "change" not in evaluation.given(answers.read(record)), "what was taken back came again"


@pytest.mark.parametrize(
    "changes",
    [
        *({"level": v} for v in (None, 0, 6, True, "4", 4.0)),
        *({"hours": v} for v in (None, 0, -1, math.nan, math.inf, 10**400, "2")),
        *({"change": v} for v in (3, "x" * 5000)),
    ],
    ids=str,
)
def test_what_is_not_whole_is_not_saved(course: Path, changes: dict[str, object]) -> None:
    before = (course / LAST / answers.FILE).read_bytes()
    assert evaluate(**changes).startswith("Not saved.")
    assert (course / LAST / answers.FILE).read_bytes() == before


def fill(question: object, answer: object) -> dict[str, Any]:
    """Fill in one field; return what a page opened now shows as not saved yet."""
    evaluation.evaluation_panel().receive(
        None, {"do": "keep", "value": {"question": question, "answer": answer}}, None
    )
    draft: dict[str, Any] = evaluation.evaluation_panel().view["draft"]
    return draft


def test_what_is_filled_in_is_kept_until_it_is_saved_and_counts_nothing(course: Path) -> None:
    record = course / LAST / answers.FILE
    assert fill("level", 3) == {"level": 3}
    assert fill("change", "I as") == {"level": 3, "change": "I as"}
    before = record.read_bytes()
    for wrong in (("level", 9), ("level", "3"), ("nothing", 3), (None, 3), ("hours", -1)):
        assert fill(*wrong) == {"level": 3, "change": "I as"}
    assert fill("level", 3)["level"] == 3
    assert record.read_bytes() == before
    assert fill("change", "") == {"level": 3, "change": ""}
    assert evaluation.given(answers.read(record)) == {}
    assert evaluation.evaluation_panel().view["saved"] is None
    assert evaluate() == ""
    assert evaluation.evaluation_panel().view["draft"] == {}
    assert fill("level", 2) == {"level": 2}
    assert evaluation.given(answers.read(record))["level"] == said()["level"]


@pytest.mark.parametrize("value", [None, [], "x", 3, {"x": 1}])
def test_no_message_breaks_the_evaluation(course: Path, value: object) -> None:
    panel = evaluation.evaluation_panel()
    panel.receive(None, {"do": "save", "value": value}, None)
    assert panel.view["told"].startswith("Not saved.")
    assert not evaluation.given(answers.read(course / LAST / answers.FILE))


# ---------------------------------------------------------------------- the certificate


def test_a_certificate_is_made_when_everything_is_done_and_holds(course: Path) -> None:
    assert [c["text"] for c in look(course)["conditions"] if not c["done"]] == ["Evaluation saved"]
    with pytest.raises(CertificateError, match="still to do"):
        make(course, {"name": "Rosa Delgado"})
    evaluate()
    assert look(course)["ready"]
    path = make(course, {"name": "  Rosa   Delgado ", "license": "<b>LPC 555</b>"})
    text = path.read_text("utf-8")
    assert "<b>LPC" not in text
    assert look(course)["made"] == [path.name]
    _, said = read(path)
    assert (said.name, said.test.score) == ("Rosa Delgado", 1.0)
    assert said.hours > 10
    assert said.code in text
    checked = verify(path, course)
    assert (checked.problems, checked.notes) == ((), ())
    again = make(course, {"name": "Rosa Delgado"})
    assert again != path
    assert path.read_text("utf-8") == text


def test_it_still_holds_when_the_learner_practices_on(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    module = next(m for m in modules_of(course) if m.entries)
    entry = module.entries[0]
    worst = worst_answers(entry.scenario, POLICY)
    again = committed(entry, worst, attempt=2)
    append(module.folder / answers.FILE, again)
    append(course / LAST / answers.FILE, events_of(POST, 2, lambda _: {}, hour=12))
    assert verify(path, course).problems == ()


def rename(text: str) -> str:
    return text.replace("Rosa", "Vera")


def inflate(text: str) -> str:
    return text.replace('"asked": ', '"asked": 1')


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(rename, "its code is not"), (inflate, "its code is not")],
)
def test_a_changed_certificate_is_told(
    course: Path, spoil: Callable[[str], str], says: str
) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    text = path.read_text("utf-8")
    assert spoil(text) != text
    path.write_text(spoil(text), "utf-8")
    assert any(says in p for p in verify(path, course).problems), verify(path, course).problems


def forge(record: Path) -> None:
    record.write_bytes(record.read_bytes().replace(b'"attempt": 1', b'"attempt": 9', 1))


def lose(record: Path) -> None:
    record.unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(forge, "not the one that was certified"), (lose, "missing or shorter")],
)
def test_a_changed_record_is_told(course: Path, spoil: Callable[[Path], None], says: str) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    spoil(course / "06_reviews" / answers.FILE)
    assert any(says in p for p in verify(path, course).problems), verify(path, course).problems


def forged(path: Path, **changes: object) -> Path:
    """A certificate that somebody who can program wrote, code and all."""
    _, said = read(path)
    made = Certificate.model_validate({**said.model_dump(), **changes})
    path.write_text(certificate_page.page(made), "utf-8")
    return path


def test_numbers_that_the_answers_do_not_earn_are_told(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    _, said = read(path)
    few = said.modules[0].model_copy(update={"mastered": 0})
    for changes in (
        {"test": said.test.model_copy(update={"score": 0.5})},
        {"modules": (few, *said.modules[1:])},
        {"hours": 60.0},
        {"learner": "another"},
    ):
        again = Path(shutil.copy(path, course / "certificate-forged.html"))
        assert verify(forged(again, **changes), course).problems, changes
    # Who gave the answers is not in them: a name can be put on, and the check says so.
    named = forged(Path(shutil.copy(path, course / "certificate-named.html")), name="Vera")
    assert verify(named, course).problems == ()


def test_what_changed_since_is_a_note(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    (course / "policy.toml").write_text('practice = "Harbor"\n[settings]\ntexting = "scheduling"\n')
    checked = verify(path, course)
    assert checked.problems == ()
    assert any("policy in the folder changed" in note for note in checked.notes)
    (course / "policy.toml").write_text("practice = 3")
    assert any("cannot be read" in problem for problem in verify(path, course).problems)
    (course / "policy.toml").unlink()
    older = forged(path, bank="0" * 12, course_version="0.1")
    checked = verify(older, course)
    assert checked.problems == ()
    assert any("scenarios of the course changed" in note for note in checked.notes)
    (course / "06_reviews").rename(course / "09_reviews")
    notebook = course / "09_reviews" / "06_reviews.ipynb"
    notebook.rename(notebook.with_name("09_reviews.ipynb"))
    assert verify(path, course).problems == (), "a module may change its place"


def test_an_empty_folder_is_one_sentence(course: Path, tmp_path: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    prepare(tmp_path / "empty", source())
    assert verify(path, tmp_path / "empty").problems == (
        "The folder holds no records, so nothing can be checked.",
    )


@pytest.mark.parametrize(
    "data",
    ['{"v": 1, "made": "yesterday"}', "[" * 100_000, '{"v": NaN}', "null", '{"v": 1}', "{"],
    ids=lambda d: d[:16],
)
def test_a_hostile_certificate_is_a_sentence(course: Path, data: str) -> None:
    path = course / "certificate-x.html"
    path.write_text(f'<script type="application/json" id="certificate">{data}</script>', "utf-8")
    with pytest.raises(CertificateError, match="certificate"):
        verify(path, course)


@pytest.mark.parametrize("text", ["", "<html>", '<script id="certificate">{}</script>'])
def test_a_file_that_is_no_certificate_is_a_sentence(course: Path, text: str) -> None:
    path = course / "certificate-x.html"
    path.write_text(text, "utf-8")
    with pytest.raises(CertificateError):
        verify(path, course)


@pytest.mark.parametrize("value", [None, {}, {"name": ""}, {"name": "x" * 81}, {"name": ["a"]}, 3])
def test_a_certificate_needs_a_name(course: Path, value: object) -> None:
    evaluate()
    if value == {"name": ["a"]}:  # whatever comes is taken as text
        assert make(course, value).is_file()
        return
    with pytest.raises(CertificateError, match="needs a name"):
        make(course, value)


def test_something_that_must_never_happen_stands_in_the_way(course: Path) -> None:
    evaluate()
    record = course / "06_reviews" / answers.FILE
    entry = load("reviews/one-star-sunday")
    worst = worst_answers(entry.scenario, POLICY)
    events = committed(entry, worst)
    kept = [e for e in answers.read(record).events if e.scenario != entry.slug]
    record.unlink()
    append(record, [*kept, *events])
    assert completion(modules_of(course), POLICY).never == (entry.scenario.title,)
    with pytest.raises(CertificateError, match="still to do"):
        make(course, {"name": "Rosa Delgado"})
    append(record, commits(entry.slug, attempt=2))
    assert make(course, {"name": "Rosa Delgado"}).is_file()


def test_the_command_verifies(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    command = [sys.executable, "-m", "grading.cli", "verify", str(path), str(course)]
    held = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "It holds" in held.stdout
    path.write_text(rename(path.read_text("utf-8")), "utf-8")
    broken = subprocess.run(command, capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "does not hold" in broken.stdout


# ---------------------------------------------------------------------- the class


@pytest.mark.slow
def test_a_class_is_listed_and_its_gain_is_told(tmp_path: Path) -> None:
    course = make_course(tmp_path / "class")
    simulate(course.root, 12)
    listed = list(roster(course))
    assert len(listed) == 12
    rows = list(csv.reader(io.StringIO(as_csv(iter(listed)))))
    assert tuple(rows[0]) == HEAD
    for one, row in zip(listed, rows[1:], strict=True):
        passed = bool(one.done.result and one.done.result.passed)
        assert row[4] == ("passed" if passed else "not passed")
        assert (row[-1] == "yes") == one.done.whole
    left = sum(len(one.done.never) for one in listed)
    tables = practice(course)
    assert left == (tables.scenarios["to_make_good"] > 0).sum()
    sat = of_course(open_course(course.root))
    results = Results(tables, {}, {}, None, sat)
    for one in listed:
        found = one.done.result
        fatal = len(found.never_events) if found else 0
        assert results.never_in_test.get(one.learner, 0) == fatal
    assert set(sat.sittings["test"]) == {"pretest", "posttest"}
    assert sat.sittings.groupby(["test", "learner"])["counts"].sum().eq(1).all()
    post = sat.items[sat.items["test"] == POST.name]
    assert (post.groupby("learner").size() == POST.length).all()
    panel = Panel(("a", "b"), ("x", "y"), np.array([[0.9, 0.8], [0.8, 0.9]]), "")
    cut = replace(angoff(panel), form=f"{POST.name} {POST.version}", beyond=0.0)
    page = str(the_tests(sat, {POST.name: cut}))
    kept = sat.sittings[sat.sittings["counts"] & (sat.sittings["test"] == POST.name)]
    reach = int((kept["never_events"] == 0).sum())
    assert f"which {reach} of 12 learners reach" in page
    old = replace(cut, form=f"{POST.name} 0")
    assert "for an earlier form" in str(the_tests(sat, {POST.name: old}))
    assert "What the course gave" in page
    assert f"S16 {topics()['S16'].name}" in page
    assert "no effect size" in page


def test_sittings_as_tables_say_what_the_results_say() -> None:
    found = results([*events_of(POST, 1, lambda _: {}), *events_of(POST, 2, hour=11)], POST, POLICY)
    sat = frames([("amy", POST, found)])
    assert list(sat.sittings["counts"]) == [False, True]
    assert list(sat.sittings["passed"]) == [False, True]
    assert set(sat.items["scenario"]) == set(found[0].sitting.form)
    assert "Too few learners" in str(the_tests(sat, {}))


def test_the_gain_against_its_formulas_written_out() -> None:
    before = pd.Series({"a": 0.2, "b": 0.5, "c": 0.4, "d": 0.7, "e": 0.9})
    after = pd.Series({"a": 0.6, "b": 0.6, "c": 0.8, "d": 0.9, "x": 1.0})
    found = statistics.gain(before, after)
    assert found is not None
    changes = [0.4, 0.1, 0.4, 0.2]
    sd, n = stdev([0.2, 0.5, 0.4, 0.7]), 4
    assert found.learners == n
    assert found.gain == pytest.approx(mean(changes))
    half = 3.182446 * stdev(changes) / math.sqrt(n)  # Student's t, 3 degrees of freedom, 97.5 %
    assert (found.low, found.high) == pytest.approx((0.275 - half, 0.275 + half), abs=1e-6)
    assert found.g == pytest.approx((1 - 3 / (4 * 3 - 1)) * 0.275 / sd)
    assert found.of_possible == pytest.approx(0.275 / (1 - 0.45))
    assert statistics.gain(before, pd.Series({"x": 1.0})) is None
    assert statistics.gain(before * 0, after) is None


def test_the_pages_data_can_be_sent() -> None:
    assert json.dumps(evaluation.evaluation_panel().view)
