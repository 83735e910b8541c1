"""The end of the course: evaluation, certificate and how it is checked, the list of the trained."""

from __future__ import annotations

import csv
import html
import io
import json
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sat import POST, PRE, events_of
from typer.testing import CliRunner

from grading import statistics
from grading.cli import app
from grading.cohort import simulate
from grading.course import make_course, open_course
from grading.demo import certified
from grading.exam import certificate_page
from grading.exam.certificate import Certificate, CertificateError, as_sealed, look, make
from grading.exam.completion import completed_at, completion
from grading.exam.frame import frames, of_course
from grading.exam.listing import HEAD, as_csv, still_to_do
from grading.exam.measured import differences, measured
from grading.exam.result import results
from grading.exam.roster import of_folders, remarks, roster
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
from scenarios.policy import VARIABLE, load_policy, model_policy, topics
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


def folder_with(course: Path, **settings: str) -> Path:
    """Put a practice's policy into the folder."""
    lines = "".join(f'{k} = "{v}"\n' for k, v in settings.items())
    path = course / "policy.toml"
    path.write_text(f'practice = "Harbor"\n[settings]\n{lines}', "utf-8")
    return path


def test_a_forgery_is_told_whatever_it_says_of_bank_and_policy(course: Path) -> None:
    """Own learner, own records, a bank that is nobody's and a code that fits: one answer is one."""
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    for module in modules_of(course):
        (module.folder / answers.FILE).unlink(missing_ok=True)
    assert evaluate() == ""
    append(course / "06_reviews" / answers.FILE, commits("reviews/one-star-sunday"))
    sealed, _ = as_sealed(course)
    _, said = read(path)
    policy = {"practice": "Harbor", "version": "0123456789ab"}
    late = datetime(2099, 1, 1, tzinfo=UTC)
    for changes in (
        {},
        {"policy": policy},
        {"course_version": "9"},
        {"made": late, "day": late.date()},
    ):
        forgery = forged(path, records=tuple(sealed), bank="0" * 12, **changes)
        problems = verify(forgery, course).problems
        assert any("situations answered in" in p for p in problems), problems
        assert any("not handed in by these records" in p for p in problems), problems
        assert run("verify", forgery, course).returncode == 1
    # With one module and numbers of one answer, the sitting is still missing, and the others are.
    few = said.modules[-2].model_copy(update={"asked": 1, "answered": 1, "mastered": 1})
    problems = verify(forged(path, modules=(few,)), course).problems
    assert problems == tuple(p for p in problems if "Post-test" in p)


def test_what_records_alone_contradict_is_a_problem_whatever_changed(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    _, said = read(path)
    test, day, weeks = said.test, said.dated, timedelta(days=9)
    contradicted: dict[str, dict[str, object]] = {
        "sittings of": {"test": test.model_copy(update={"sittings": 2})},
        "situations, the records": {"test": test.model_copy(update={"items": 5})},
        "own numbers": {"test": test.model_copy(update={"score": 0.2})},
        "answers after": {"made": said.made - weeks, "day": day - weeks},
        "bears the day": {"day": day + weeks},
    }
    for word, changes in contradicted.items():
        forgery = forged(Path(shutil.copy(path, path.with_name("certificate-f.html"))), **changes)
        assert [p for p in verify(forgery, course).problems if word in p], word
    record = course / LAST / answers.FILE
    record.write_bytes(
        b"".join(
            line
            for line in record.read_bytes().splitlines(keepends=True)
            if b'"evaluation"' not in line
        )
    )
    sealed, _ = as_sealed(course)
    problems = verify(forged(path, records=tuple(sealed), bank="0" * 12), course).problems
    assert problems == ("It needs an evaluation, the records have none.",)


def test_what_changed_since_cannot_be_checked_or_comes_to_the_same(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    older = forged(path, bank="0" * 12, course_version="0.1")
    checked = verify(older, course)
    assert (checked.problems, checked.unchecked) == ((), ())
    assert any("scenarios and the program (0.1 made it) changed" in n for n in checked.notes)
    _, said = read(path)
    few = said.modules[0].model_copy(update={"mastered": 0})
    checked = verify(forged(path, modules=(few, *said.modules[1:])), course)
    assert checked.problems == ()
    assert checked.unchecked[0].startswith("Since it was made, scenarios")
    done = run("verify", path, course)
    assert (done.returncode, "It cannot be checked fully" in done.stdout) == (2, True)
    forged(path, modules=said.modules[1:])
    assert any(
        "does not name: Presence" in u or "does not name" in u
        for u in verify(path, course).unchecked
    )
    forged(path, modules=said.modules)
    (course / "06_reviews").rename(course / "09_reviews")
    notebook = course / "09_reviews" / "06_reviews.ipynb"
    notebook.rename(notebook.with_name("09_reviews.ipynb"))
    checked = verify(path, course)
    assert (checked.problems, checked.unchecked) == ((), ()), "a module may change its place"


def test_a_certificate_names_the_policy_and_is_held_against_it(
    course: Path, tmp_path: Path
) -> None:
    evaluate()
    model = make(course, {"name": "Rosa Delgado"})
    own = folder_with(course, **{"practice-page": "none", "review-interval": "6-months"})
    path = make(course, {"name": "Rosa Delgado"})
    text, said = read(path)
    assert said.policy.version in text.partition("<script")[0]
    assert said.policy.differs == (
        "Does the practice have public pages? none",
        "How often the policy is reviewed: 6 months",
    )
    assert all(words in text for words in said.policy.differs)
    checked = verify(path, course)
    assert (checked.problems, checked.unchecked) == ((), ())
    assert any("given under another policy" in note for note in checked.notes), checked.notes
    kept = Path(shutil.copy(own, tmp_path / "harbor.toml"))
    assert run("verify", path, course, "--policy", kept).returncode == 0
    other = run("verify", model, course, "--policy", kept)
    assert other.returncode == 1
    assert (
        f"measured against Model policy, not Harbor (policy {said.policy.version})" in other.stdout
    )
    assert verify(model, course).unchecked == (), "the model policy is always at hand"
    for spoil in (
        own.unlink,
        lambda: folder_with(course, texting="none"),
        lambda: own.write_text("?"),
    ):
        spoil()
        assert verify(path, course).problems == ()
        assert run("verify", path, course).returncode == 2
        assert verify(path, course, kept).unchecked == ()
    named = {**said.policy.model_dump(), "differs": ("Text messages: secure",)}
    assert "What it says of the policy" in str(
        verify(forged(path, policy=named), course, kept).problems
    )


def test_policies_are_told_apart_in_words(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        'practice = "Harbor"\nomit = ["CL-05"]\n[settings]\ntexting = "secure"\n'
        '[clauses.CL-25]\ntext = "We keep what you write to us."\n'
    )
    assert differences(load_policy(path)) == (
        "Text messages: secure",
        "left out: CL-05",
        "in the practice's own words: CL-25",
    )
    assert differences(POLICY) == ()


def test_many_differences_are_listed_below_the_sheet(course: Path, tmp_path: Path) -> None:
    evaluate()
    _, said = read(make(course, {"name": "Rosa Delgado"}))
    own = tmp_path / "policy.toml"
    choices = [c.setting for c in POLICY.clauses.values() if c.setting]
    other = {s.name: next(v for v in s.values if v != s.default) for s in choices}  # noqa: PD011 - no table
    own.write_text(
        'practice = "<Harbor>"\n[settings]\n' + "".join(f'{k} = "{v}"\n' for k, v in other.items())
    )
    policy = measured(load_policy(own))
    page = certificate_page.page(said.model_copy(update={"policy": policy}))
    sheet, below = html.unescape(page.partition("<script")[0]).split("What was done")
    assert f"in {len(policy.differs)} points" in sheet
    assert all(words not in sheet and words in below for words in policy.differs[2:])
    assert "<Harbor>" not in page


def test_the_policy_that_the_readme_shows_is_one(tmp_path: Path) -> None:
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")
    shown = readme.split("```toml\n")[1].split("```")[0]
    (tmp_path / "policy.toml").write_text(shown, "utf-8")
    assert len(differences(load_policy(tmp_path / "policy.toml"))) == 4
    omitted = ", ".join(c.id for c in POLICY.clauses.values() if c.droppable)
    assert f"may be left out: {omitted}\n" in shown


def test_an_older_certificate_has_the_code_it_had() -> None:
    old = (
        '{"v":1,"course":"Social Media for Therapists","course_version":"0.2.0",'
        '"bank":"000000000000","name":"Rosa Delgado","license":"","profession":null,'
        '"learner":"amy","made":"2026-11-26T10:00:00Z",'
        '"policy":{"practice":"Model policy","version":"model"},'
        '"hours":11.5,"records":[],"modules":[],"test":{"title":"Post-test","cut":0.8,"passed":true,'
        '"score":1.0,"finished":"","sittings":1,"items":25}}'
    )
    said = Certificate.model_validate_json(old)
    assert said.code == "5965D-05926-38E1F-CE7D3"
    assert said.data == json.loads(old)
    assert "November 26, 2026" in certificate_page.page(said)


def test_it_bears_the_day_of_where_it_was_made(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate()
    monkeypatch.setenv("TZ", "Etc/GMT+12")  # twelve hours behind UTC
    time.tzset()
    try:
        path = make(course, {"name": "Rosa Delgado"})
    finally:
        monkeypatch.undo()
        time.tzset()
    text, said = read(path)
    assert said.dated == (said.made - timedelta(hours=12)).date()
    assert f"(UTC {said.made:%Y-%m-%d %H:%M})" in text
    assert verify(path, course).problems == ()


def test_a_wrong_folder_is_one_sentence(course: Path, tmp_path: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    other = tmp_path / "other"
    prepare(other, source())
    (said,) = verify(path, other).problems
    assert "is another learner's; name the folder of Rosa Delgado" in said
    shutil.copy(course / "learner.json", other)
    empty = "The folder holds no records, so nothing can be checked."
    assert verify(path, other).problems == (empty,)
    for module in modules_of(other):
        append(module.folder / answers.FILE, events_of(PRE, hour=3))
    assert verify(path, other).problems == (
        "No record is one that was certified: the folder may be another learner's.",
    )
    for wrong, word in (
        ((tmp_path / "no.html", course), "There is no file"),
        ((path, tmp_path / "no"), "There is no folder"),
        ((path, tmp_path), "No module of the course lies in"),
        ((course / LAST, course), "not a plain file"),
    ):
        with pytest.raises(CertificateError, match=word) as told:
            verify(*wrong)
        assert "Errno" not in str(told.value)
    (course / "learner.json").unlink()
    assert any("does not say whose it is" in u for u in verify(path, course).unchecked)


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


def run(command: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Type a `course` command."""
    typed = [sys.executable, "-m", "grading.cli", command, *map(str, words)]
    return subprocess.run(typed, capture_output=True, text=True, check=False)


def test_the_command_verifies(course: Path) -> None:
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    held = run("verify", path, course)
    assert held.returncode == 0
    assert "It holds" in held.stdout
    path.write_text(rename(path.read_text("utf-8")), "utf-8")
    broken = run("verify", path, course)
    assert broken.returncode == 1
    assert "does not hold" in broken.stdout


def test_the_course_opens_with_a_practices_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def note(*_: object, **__: object) -> int:
        opened.append(os.environ[VARIABLE])
        return 0

    monkeypatch.setenv(VARIABLE, "before")
    monkeypatch.setattr("scenarios.launch.open_course", note)
    monkeypatch.chdir(tmp_path)
    folder_with(tmp_path, texting="none")
    typed = ["open", "--policy", "policy.toml", "staff/ana"]
    assert CliRunner().invoke(app, typed).exit_code == 0
    assert opened == [str(tmp_path / "policy.toml")]
    folder_with(tmp_path, texting="carrier-pigeon")
    assert CliRunner().invoke(app, typed).exit_code == 1
    assert len(opened) == 1, "a faulty policy is told before anything starts"


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
        assert (row[8] == "yes", row[9] != "") == (one.done.whole, one.done.whole)
        assert row[10:12] == ["Model policy", "model"]
    able = [t for t in listed if t.done.whole]
    assert 1 < len(able) < 12, "nobody of the simulated class completes, or everybody does"
    made = certified(course, able[0].learner)
    held = verify(made, made.parent)
    assert (held.problems, held.unchecked, held.notes) == ((), (), ())
    assert [t.code for t in roster(course) if t.code] == [held.certificate.code]
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


def test_learners_own_folders_are_listed(course: Path, tmp_path: Path) -> None:
    """Names are whole at 80 columns; day, policy, code and copied records are told."""
    evaluate()
    path = make(course, {"name": "Rosa Delgado"})
    staff, long = tmp_path / "staff", "Rosa-Mar\u00eda Delgado-M\u00fcller von der Heide"
    shutil.copytree(course, staff / long)
    shutil.copytree(course, staff / "ben")
    (staff / "ben" / "06_reviews" / answers.FILE).unlink()
    own = folder_with(staff, texting="none")
    prepare(staff / "new", source())
    listed = {t.learner: t for t in of_folders(staff.iterdir())}
    rosa, ben, new = (listed[name] for name in (long, "ben", "new"))
    assert (rosa.done.whole, rosa.under, rosa.other) == (True, "model", False)
    mixed = replace(rosa, under="mixed")
    assert (mixed.other, replace(mixed, policy=load_policy(own)).other) == (False, True)
    assert rosa.code == ben.code == read(path)[1].code
    assert rosa.day == f"{datetime.now().astimezone():%Y-%m-%d}", "the evaluation was the last"
    assert (ben.day, list(still_to_do(ben.done))) == ("", ["1 module"])
    assert (new.under, new.code) == ("", "")
    (copied,) = remarks(list(listed.values()))
    assert copied.startswith(f"The same answers to the byte: {long}, ben (")
    assert "presence" in copied
    assert "reviews" not in copied

    done = run("completion", *staff.iterdir(), "--policy", own, "--out", tmp_path / "l.csv")
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in listed), done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines()[:4]), done.stdout
    assert f"under another policy than Harbor (policy {load_policy(own).version}): " in done.stdout
    assert (tmp_path / "l.csv").read_bytes().startswith(b"\xef\xbb\xbflearner,")
    two = [next(of_folders([f], p)) for f, p in ((staff / "new", load_policy(own)), (course, None))]
    assert any("different policies" in line for line in remarks(two))
    for wrong, word in ((tmp_path / "none", "There is no folder"), (tmp_path, "No module")):
        told = run("completion", wrong)
        assert (told.returncode, word in told.stderr) == (1, True), told.stderr


def test_a_course_is_completed_by_the_last_thing_it_needed(course: Path) -> None:
    def when() -> str:
        return completed_at(modules_of(course), POLICY)

    evaluate()
    saved = max(e.time for e in answers.read(course / LAST / answers.FILE).events)
    assert when() == saved
    evaluate()
    entry = load("reviews/one-star-sunday")
    append(course / "06_reviews" / answers.FILE, commits(entry.slug, attempt=2))
    assert when() == saved, "what came after it was complete does not move the day"
    record = course / "06_reviews" / answers.FILE
    kept = [e for e in answers.read(record).events if e.scenario != entry.slug]
    record.unlink()
    later = [replace(e, time="2027-01-02T03:04:05.000Z") for e in commits(entry.slug, attempt=2)]
    wrong = committed(entry, worst_answers(entry.scenario, POLICY))
    append(record, [*kept, *wrong, *later])
    assert when() == "2027-01-02T03:04:05.000Z", "made good last"


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
