"""nbgrader, really: its own commands, our grading beside them, and what learners may try.

The gradebook is read with plain SQL, so that nothing of ours stands between it and the tests.
"""

from __future__ import annotations

import csv
import html
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, isolated
from typer.testing import CliRunner

from grading.cli import app
from grading.cohort import simulate
from grading.course import CourseError, make_course, open_course
from grading.exemplary import best_answers, committed, worst_answers
from grading.manual.marked import response_of
from grading.marks import mark, points_by_person, points_by_rule
from grading.nbgrader.grade import Graded, grade, remark, write_feedback
from grading.outputs import ask_output
from scenarios.answers import FILE, Answers, Event, append, first_commits, read
from scenarios.catalogue import Entry, load
from scenarios.policy import model_policy
from scenarios.profile import profession_of

MODULES = {
    "04_boundaries": ("boundaries/sunday-follow-request", "boundaries/network-invitation"),
    "06_reviews": ("reviews/one-star-sunday", "reviews/jordan-p-one-star"),
}
WRITTEN = "reviews/jordan-p-one-star"
NBGRADER = Path(sysconfig.get_path("scripts")) / "nbgrader"
HOSTILE = "<script>alert('x')</script>\ud800\x1b[31m $\\href{javascript:alert(1)}{y}$"

# Several of nbgrader's commands, one after the other, in one process: each start takes seconds,
# half of them for a grammar of web addresses that nothing here uses.
COMMANDS = """
import contextlib, json, shutil, sys, os
sys.modules["rfc3987_syntax"] = None
from jupyter_core.application import NoStart
from nbgrader.apps import NbGraderApp
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from grading.nbgrader.grade import grade
for folder, arguments in json.loads(sys.argv[1]):
    os.chdir(folder)
    if arguments[0] == "copy":
        shutil.copy(*arguments[1:])
        continue
    if arguments[0] == "kernel":
        grade(folder, kernel_free=False)
        continue
    if arguments[0] == "button":  # what formgrader does for it
        app = NbGrader.instance()
        app.initialize([], root=folder)
        done = NbGraderAPI(app.coursedir, parent=app).autograde(*arguments[1:])
        assert done["success"] and "Marking the answers" in done["log"], done
        app.reset()
        continue
    app = NbGraderApp.instance()
    app.initialize(arguments)
    with contextlib.suppress(NoStart):  # how an application with a subcommand ends
        app.start()
    app.reset()
"""


# ------------------------------------------------------------------------------------ the course


def cells(name: str, entry: Entry) -> list[dict[str, Any]]:
    """The cells of one scenario as the course's notebooks have them."""

    def code(kind: str, cell_id: str, **graded: object) -> dict[str, Any]:
        own = {"schema_version": 3, "grade_id": cell_id, "locked": True, "solution": False}
        return {
            "cell_type": "code",
            "id": cell_id,
            "metadata": {"nbgrader": {**own, "grade": False, "task": False, **graded}},
            "source": f'{kind}("{entry.slug}")',
            "execution_count": None,
            "outputs": [],
        }

    made = [code("ask", f"ask-{name}")]
    if entry.scenario.written:
        task = code("", f"{name}-response", task=True, points=points_by_person(entry.scenario))
        del task["execution_count"], task["outputs"]
        made.append({**task, "cell_type": "markdown", "source": "A person marks your reply."})
    return [*made, code("score", name, grade=True, points=points_by_rule(entry.scenario))]


def notebook(slugs: Iterable[str]) -> dict[str, Any]:
    setup = {
        **cells("x", load(next(iter(MODULES["06_reviews"]))))[0],
        "id": "setup",
        "metadata": {},
        "source": "from grading import score\nfrom scenarios import ask",
    }
    asked = [c for s in slugs for c in cells(s.partition("/")[2], load(s))]
    return {
        "cells": [setup, *asked],
        "metadata": {
            "course": {"title": "A module"},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def make_root(root: Path, modules: Sequence[str] = tuple(MODULES)) -> Path:
    """A course root with two small modules and the repository's own configuration."""
    for name in modules:
        folder = root / "notebooks" / name
        folder.mkdir(parents=True)
        text = json.dumps(notebook(MODULES[name]), indent=1)
        (folder / f"{name}.ipynb").write_text(text, "utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return root


def events(entry: Entry, answers: Answers, profession: str | None = "counselor") -> list[Event]:
    return committed(entry, answers, profession=profession)


def answer(folder: Path, name: str, how: Callable[..., Answers] = best_answers) -> None:
    """Commit answers to every scenario of a module in a folder."""
    for slug in MODULES[name]:
        entry = load(slug)
        append(folder / FILE, events(entry, how(entry.scenario, model_policy())))


def hand_in(root: Path, student: str, name: str) -> Path:
    """A submission as collected: the notebook, a timestamp, no answers yet."""
    folder = root / "build" / "submitted" / student / name
    folder.mkdir(parents=True)
    shutil.copy(root / "notebooks" / name / f"{name}.ipynb", folder)
    (folder / "timestamp.txt").write_text("2026-11-20 10:00:00.000001 UTC", "utf-8")
    return folder


def earned(folder: Path, name: str) -> dict[str, float]:
    """What the answers in a folder earn by cell, told by `marks` alone."""
    points = {}
    for slug in MODULES[name]:
        scenario = load(slug).scenario
        own = read(folder / FILE).of(slug)
        marked = mark(scenario, first_commits(own), model_policy(), profession_of(own))
        points[slug.partition("/")[2]] = marked.points
    return points


# --------------------------------------------------------------------------------- the gradebook

ROWS = {
    "grades": """
        SELECT s.student_id, a.name, n.name, b.name, b.type, g.auto_score, g.manual_score,
               g.extra_credit, g.needs_manual_grade
        FROM grade g JOIN base_cell b ON b.id = g.cell_id
        JOIN submitted_notebook m ON m.id = g.notebook_id JOIN notebook n ON n.id = m.notebook_id
        JOIN submitted_assignment s ON s.id = m.assignment_id
        JOIN assignment a ON a.id = s.assignment_id ORDER BY 1, 2, 3, 4""",
    "comments": """
        SELECT s.student_id, a.name, n.name, b.name, b.type, c.auto_comment, c.manual_comment
        FROM comment c JOIN base_cell b ON b.id = c.cell_id
        JOIN submitted_notebook m ON m.id = c.notebook_id JOIN notebook n ON n.id = m.notebook_id
        JOIN submitted_assignment s ON s.id = m.assignment_id
        JOIN assignment a ON a.id = s.assignment_id ORDER BY 1, 2, 3, 4""",
    "notebooks": """
        SELECT s.student_id, a.name, n.name, m.flagged, m.late_submission_penalty
        FROM submitted_notebook m JOIN notebook n ON n.id = m.notebook_id
        JOIN submitted_assignment s ON s.id = m.assignment_id
        JOIN assignment a ON a.id = s.assignment_id ORDER BY 1, 2, 3""",
    "submissions": """
        SELECT s.student_id, a.name, s.timestamp, s.extension
        FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id ORDER BY 1, 2""",
    "students": "SELECT id, first_name, last_name, email FROM student ORDER BY 1",
}
TABLES = ("grade", "comment", "submitted_notebook", "submitted_assignment", "student")


def sql(root: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    base = sqlite3.connect(root / "build" / "gradebook.db")
    try:
        with base:
            return list(base.execute(statement, values))
    finally:
        base.close()


def rows(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a submission has in the gradebook, by names instead of ids."""
    return {name: sql(root, query) for name, query in ROWS.items()}


def raw(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The same rows with their ids, to the last column."""
    return {t: sorted(sql(root, f"SELECT * FROM {t}"), key=repr) for t in TABLES}  # noqa: S608


def points(root: Path, student: str, name: str) -> dict[str, float]:
    """What the gradebook holds by cell, without tasks."""
    found = sql(root, ROWS["grades"])
    return {r[3]: r[5] for r in found if r[0] == student and r[1] == name and r[4] == "GradeCell"}


def environment(place: Path, **more: str) -> dict[str, str]:
    # The programs of this Python are left off the path: nbgrader needs one of them by name.
    programs = str(NBGRADER.parent)
    path = [p for p in os.environ["PATH"].split(os.pathsep) if p != programs]
    ours = {"PYTHONPATH": str(ROOT), "PATH": os.pathsep.join(path), "PYTHONWARNINGS": "ignore"}
    return isolated(place, {**ours, **more})


def run(command: Sequence[str | Path], cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def nbgrader(place: Path, *commands: tuple[Path, Sequence[str]], **more: str) -> str:
    """Run nbgrader's commands, each in its folder, in one process."""
    told = json.dumps([(str(folder), list(arguments)) for folder, arguments in commands])
    return run([sys.executable, "-c", COMMANDS, told], place, environment(place, **more))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course root whose modules nbgrader knows, to be copied."""
    root = make_root(tmp_path_factory.mktemp("generated"))
    done = grade(root)
    assert done.submissions == 0
    assert not done.problems
    return root


@pytest.fixture
def course(generated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(generated, tmp_path / "course"))


# --------------------------------------------------------------------------------------- the tests


def test_the_stock_commands_work_from_generate_to_export(tmp_path: Path) -> None:
    root = make_root(tmp_path / "course")
    name, student = "06_reviews", "anna"
    leftover = root / "notebooks" / name / FILE
    answer(leftover.parent, name, worst_answers)  # an author tried the notebook out
    learner, done = tmp_path / "elsewhere", tmp_path / "answered"
    learner.mkdir()
    done.mkdir()
    answer(done, name)
    there = ["--course-dir", str(root)]

    nbgrader(
        tmp_path,
        (root, ["generate_assignment", "*"]),
        (root, ["release_assignment", name]),
        (learner, ["fetch_assignment", name, *there]),
        (learner, ["copy", str(done / FILE), f"{name}/{FILE}"]),
        (learner, ["submit", name, "--student", student, *there]),
        (root, ["collect", name]),
        (root, ["autograde", name]),
        (root, ["generate_feedback", name]),
        (root, ["export"]),
        (root, ["db", "upgrade"]),
    )

    assert not (root / "build" / "release" / name / FILE).exists(), "an author's answers got out"
    expected = earned(done, name)
    assert points(root, student, name) == expected
    assert expected == {
        s.partition("/")[2]: points_by_rule(load(s).scenario) for s in MODULES[name]
    }
    with (root / "build" / "grades.csv").open(encoding="utf-8", newline="") as file:
        line = next(r for r in csv.DictReader(file) if r["assignment"] == name)
    assert float(line["score"]) == sum(expected.values())
    assert float(line["max_score"]) == sum(load(s).scenario.points for s in MODULES[name])

    page = (root / "build" / "feedback" / student / name / f"{name}.html").read_text("utf-8")
    chosen = load(MODULES[name][0]).scenario.scenes[0].questions[0]
    assert chosen.kind == "choice"
    assert next(o.text for o in chosen.options if o.credit == "best") in page
    assert "Traceback (most recent" not in page

    assert len(list((root / "build").glob("gradebook.db.*"))) == 1, "the upgrade kept no copy"
    before = rows(root)
    run([NBGRADER, "autograde", name, "--force"], root, environment(tmp_path))
    assert rows(root) == before


def test_every_row_is_that_of_the_kernel_route(generated: Path, tmp_path: Path) -> None:
    """A cohort with gaps, torn lines, lateness, marks by hand and a second submission."""
    routes = [tmp_path / r for r in ("kernel", "course", "nbgrader")]
    name = "06_reviews"
    first = routes[0]
    shutil.copytree(generated, first)
    shutil.rmtree(first / "notebooks" / "04_boundaries")
    simulate(first, learners=1)
    hand_in(first, "nothing", name)
    late = hand_in(first, "late", name)
    (late / "timestamp.txt").write_text("2026-12-24 10:00:00.5 UTC", "utf-8")
    answer(late, name)
    with (hand_in(first, "torn", name) / FILE).open("w", encoding="utf-8") as file:
        file.write('{"v": 1, "act": "commit", "scenario"')
    answer(first / "build" / "submitted" / "torn" / name, name)
    with (first / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    sql(first, "UPDATE assignment SET duedate = '2026-12-01 00:00:00.000000'")
    for other in routes[1:]:
        shutil.copytree(first, other)

    def all_routes() -> None:
        nbgrader(tmp_path, (first, ["kernel"]), (routes[2], ["autograde", name, "--force"]))
        assert not {p.student for p in grade(routes[1]).problems} - {"nothing", "torn"}

    all_routes()
    expected = rows(first)
    assert len(expected["grades"]) == 4 * 3
    task = {r[0]: (r[5], r[8]) for r in expected["grades"] if r[4] == "TaskCell"}
    assert (task["nothing"], task["late"]) == ((0, 0), (None, 1)), "who wrote nothing waits"
    assert sum(r[4] or 0 for r in expected["notebooks"]) > 0, "nobody was late"
    assert expected == rows(routes[1])
    assert expected == rows(routes[2])

    # An instructor marks one reply and overrules one score; then "torn" hands in again.
    for root in routes:
        sql(
            root,
            "UPDATE grade SET manual_score = 3.5, needs_manual_grade = 0 WHERE notebook_id IN"
            " (SELECT m.id FROM submitted_notebook m JOIN submitted_assignment s"
            " ON s.id = m.assignment_id WHERE s.student_id = 'torn')",
        )
        sql(root, "UPDATE comment SET manual_comment = 'Well put.'")
        for student in (root / "build" / "submitted").iterdir():
            if student.name not in {"torn", "nothing"}:
                shutil.rmtree(student)
        again = root / "build" / "submitted" / "torn" / name
        (again / "timestamp.txt").write_text("2026-11-25 10:00:00.5 UTC", "utf-8")
        (again / FILE).unlink()
        answer(again, name, worst_answers)
        answer(again.parent.parent / "nothing" / name, name)
    all_routes()
    expected = rows(first)
    task = {r[0]: (r[5], r[8]) for r in expected["grades"] if r[4] == "TaskCell"}
    assert task["nothing"] == (None, 1), "what was written later does not wait"
    assert any(r[5] == 0 and r[6] == 3.5 and r[8] for r in expected["grades"])
    assert expected == rows(routes[1])
    assert expected == rows(routes[2])


def tamper(root: Path) -> dict[str, Path]:  # noqa: PLR0915 - one list of everything
    """Submissions with the same worst answers, or none, and everything else that one could try."""
    name = "06_reviews"
    made: dict[str, Path] = {}

    def one(student: str) -> tuple[Path, dict[str, Any], Path]:
        folder = hand_in(root, student, name)
        answer(folder, name, worst_answers)
        made[student] = folder
        path = folder / f"{name}.ipynb"
        return folder, json.loads(path.read_text("utf-8")), path

    def edit(student: str, change: Callable[[list[dict[str, Any]]], object]) -> None:
        _, book, path = one(student)
        change(book["cells"])
        path.write_text(json.dumps(book), "utf-8")

    full = {"output_type": "execute_result", "metadata": {}, "execution_count": 1}
    edit(
        "a-forged-score", lambda c: c[0].update(source=f"{c[0]['source']}\nscore = lambda s: 10.0")
    )
    edit("b-own-code", lambda c: c[-1].update(source="10.0"))
    edit("c-outputs", lambda c: c[-1].update(outputs=[{**full, "data": {"text/plain": "10.0"}}]))
    edit("d-deleted", lambda c: c.clear())
    edit("e-doubled", lambda c: c.extend(c[1:]))
    edit("f-renamed-cells", lambda c: [x["metadata"].clear() for x in c])
    edit("g-more-points", lambda c: c[-1]["metadata"]["nbgrader"].update(points=1000))
    edit("h-unlocked", lambda c: [x["metadata"].update(nbgrader={"grade": False}) for x in c])
    edit("i-wrong-kinds", lambda c: [x.update(cell_type="raw", source=[1]) for x in c])
    folder, _, path = one("j-renamed")
    path.rename(folder / "my work.ipynb")
    one("k-missing")[2].unlink()
    one("l-broken")[2].write_text("{", "utf-8")
    path = one("m-link")[2]
    path.unlink()
    path.symlink_to(root / "nbgrader_config.py")
    folder, _, _ = one("n-modules")
    for module in ("grading", "scenarios", "json", "sitecustomize"):
        (folder / f"{module}.py").write_text("def score(s): return 10.0\nask = score\n", "utf-8")
    folder, _, _ = one("o-devices")
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").symlink_to("/dev/zero")
    (folder / "notes.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe")
    folder, _, _ = one("p-no-time")
    (folder / "timestamp.txt").write_bytes(b"soon \xed\xa0\x80")
    record = one("q-lines")[0] / FILE
    entry = load(MODULES[name][0])
    line = {"v": 1, "act": "commit", "scenario": entry.slug, "scene": "x", "question": "y"}
    rest = {"answer": None, "attempt": 1, "bank": "", "time": ""}
    with record.open("ab") as file:
        file.write(b"\xff\xfe\x00\n" + b"[" * 60_000 + b"\n" + b'"' + b"x" * 2_000_000 + b"\n")
        strange: object
        for strange in (10**400, {"a": [[]]}, ["CL-01"] * 9999, HOSTILE, True, {}, None):
            text = json.dumps({**line, **rest, "answer": strange}) + "\n"
            file.write(text.encode())
        deep: Any = "x"
        for _ in range(400):
            deep = [deep]
        for scene in entry.scenario.scenes:
            for question in scene.questions:
                at = {"scene": scene.id, "question": question.id, "attempt": 1}
                file.write((json.dumps({**line, **rest, **at, "answer": deep}) + "\n").encode())
        file.write(b'{"v": 1, "act": "commit", "scen')
    for student, make in (
        ("r-record-link", lambda p: p.symlink_to(made["a-forged-score"] / FILE)),
        ("s-record-pipe", os.mkfifo),
        ("t-record-folder", lambda p: p.mkdir()),
        ("u-record-gone", lambda _: None),
        ("v-record-device", lambda p: p.symlink_to("/dev/zero")),
    ):
        record = one(student)[0] / FILE
        record.unlink()
        make(record)
    honest = hand_in(root, "z-honest", name)
    answer(honest, name)
    made["z-honest"] = honest
    return made


def test_nothing_handed_in_earns_loses_or_stops_anything(course: Path, tmp_path: Path) -> None:
    name = "06_reviews"
    made = tamper(course)
    best = {s.partition("/")[2]: points_by_rule(load(s).scenario) for s in MODULES[name]}
    worst = earned(made["a-forged-score"], name)
    assert worst != best
    nothing = dict.fromkeys(best, 0.0)

    done = grade(course)
    assert done.submissions == len(made)
    for student in made:
        expected = best if student[0] == "z" else nothing if student[0] in "rstuv" else worst
        assert points(course, student, name) == expected, student
    named = {p.student for p in done.problems}
    assert named == {s for s in made if s[0] in "copqrstuv"}
    log = (course / "build" / "grading.log").read_text("utf-8")
    assert all(s in log for s in named)
    copied = sorted(p.name for p in (course / "build" / "autograded").rglob("*"))
    assert not set(copied) & {"grading.py", "notes.txt", "pipe", "my work.ipynb"}
    assert not [p for p in (course / "build" / "autograded").rglob("*") if p.is_symlink()]

    before = rows(course)
    other = tmp_path / "other"
    shutil.copytree(course, other, symlinks=True, ignore=shutil.ignore_patterns("submitted"))
    (course / "build" / "submitted").rename(other / "build" / "submitted")
    nbgrader(
        other,
        (other, ["autograde", name, "--force"]),
        (other, ["button", name, "l-broken"]),
        (other, ["generate_feedback", name, "--force"]),
    )
    assert rows(other) == before
    pages = list((other / "build" / "feedback").glob(f"*/{name}/{name}.html"))
    assert len(pages) == len(made)


def test_a_score_forged_in_a_kernel_is_named(course: Path, tmp_path: Path) -> None:
    name = "06_reviews"
    folder = hand_in(course, "forger", name)
    answer(folder, name, worst_answers)
    path = folder / f"{name}.ipynb"
    book = json.loads(path.read_text("utf-8"))
    book["cells"][0]["source"] += "\nscore = lambda slug: 4.0"
    path.write_text(json.dumps(book), "utf-8")
    honest = hand_in(course, "honest", name)
    answer(honest, name)
    nbgrader(tmp_path, (course, ["kernel"]))
    worst = earned(folder, name)
    assert points(course, "forger", name) != worst

    found = remark(course)
    assert {d.student for d in found} == {"forger"}
    assert {d.cell: d.earned for d in found} == {c: p for c, p in worst.items() if p != 4.0}
    assert all(d.stored == 4.0 for d in found)
    grade(course)
    assert points(course, "forger", name) == worst
    assert remark(course) == []


def test_grading_twice_changes_nothing(course: Path) -> None:
    simulate(course, learners=4)
    first = grade(course)
    before = raw(course)
    files = {p: p.stat().st_mtime_ns for p in (course / "build").rglob("*.*") if p.suffix != ".db"}
    second = grade(course)
    assert (first.submissions, first.waiting) == (second.submissions, second.waiting) == (8, 4)
    assert raw(course) == before
    changed = [p for p, at in files.items() if p.stat().st_mtime_ns != at]
    assert [p.name for p in changed] in ([], ["grading.log"])


def test_a_killed_run_is_finished_by_the_next(course: Path, tmp_path: Path) -> None:
    name = "06_reviews"
    template = hand_in(course, "s000", name)
    answer(template, name)
    for n in range(1, 250):
        shutil.copytree(template, template.parent.parent / f"s{n:03}" / name)
    killed = (
        "import os, signal; from grading.nbgrader.grade import grade\n"
        f"grade({str(course)!r}, notebooks=False, feedback=False, progress="
        "lambda what, done, total: done >= 200 and os.kill(os.getpid(), signal.SIGKILL))"
    )
    done = subprocess.run(
        [sys.executable, "-c", killed], cwd=tmp_path, env=environment(tmp_path), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(sql(course, "SELECT id FROM submitted_assignment")) == 200
    # Two at once: the one waits for the other, and neither writes what is there.
    beside = f"from grading.nbgrader.grade import grade; grade({str(course)!r}, notebooks=False)"
    second = subprocess.Popen([sys.executable, "-c", beside], env=environment(tmp_path))
    told: list[tuple[int, int]] = []
    grade(course, notebooks=False, feedback=False, progress=lambda _, n, of: told.append((n, of)))
    assert second.wait(60) == 0
    assert told[0] == (0, 250)
    assert told[-1] == (250, 250)
    assert len(sql(course, "SELECT id FROM submitted_assignment")) == 250
    assert len(sql(course, "SELECT DISTINCT notebook_id, cell_id FROM grade")) == 750
    assert len(sql(course, "SELECT id FROM grade")) == 750


def test_several_processes_do_what_one_does(course: Path, tmp_path: Path) -> None:
    name = "06_reviews"
    template = hand_in(course, "s000", name)
    answer(template, name)
    for n in range(1, 220):
        shutil.copytree(template, template.parent.parent / f"s{n:03}" / name)
    (template.parent.parent / "s100" / name / FILE).unlink()
    second = "04_boundaries"
    answer(hand_in(course, "s000", second), second)
    for n in range(1, 110):
        shutil.copytree(template.parent / second, template.parent.parent / f"s{n:03}" / second)
    other = Path(shutil.copytree(course, tmp_path / "other"))
    told: list[int] = []
    several = grade(course, jobs=2, progress=lambda _, n, __: told.append(n))
    one = grade(other)
    assert told == [0, 100, 110, 210, 310, 330]
    assert (several.submissions, several.waiting) == (one.submissions, one.waiting) == (330, 219)
    assert [str(p) for p in several.problems] == [str(p) for p in one.problems]
    assert rows(course) == rows(other)
    for step in ("autograded", "feedback"):
        made = {
            root: {p.relative_to(root): p.read_bytes() for p in sorted(root.rglob("*.*"))}
            for root in (course / "build" / step, other / "build" / step)
        }
        assert len({repr(files) for files in made.values()}) == 1

    # Killed in the middle, it leaves no process behind, and the next run finishes it.
    for table in TABLES:
        sql(course, f"DELETE FROM {table}")  # noqa: S608 - our own words
    code = (
        "import os, signal; from grading.nbgrader.grade import grade\n"
        f"if __name__ == '__main__': grade({str(course)!r}, jobs=2, "
        "progress=lambda what, done, of: done >= 100 and os.kill(os.getpid(), signal.SIGKILL))"
    )
    program = tmp_path / "killed.py"
    program.write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, program], env=environment(tmp_path), stdout=subprocess.PIPE, check=False
    )  # returns once nobody holds its output any more
    assert done.returncode == -signal.SIGKILL
    assert len(sql(course, "SELECT id FROM submitted_assignment")) in {100, 110, 210, 310, 330}
    grade(course, jobs=2)
    assert rows(course) == rows(other)


def test_what_is_handed_in_meanwhile_is_graded(course: Path, tmp_path: Path) -> None:
    """A class in progress: new and newer submissions are graded until Ctrl-C, which ends well."""
    name = "06_reviews"
    answer(hand_in(course, "anna", name), name, worst_answers)
    command = [sys.executable, "-u", "-m", "grading.cli", "grade", "--watch", "--course", course]
    watching = subprocess.Popen(
        list(map(str, command)), cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith(b"1 submission graded (anna, 06_reviews) in ")
        answer(hand_in(course, "ben", name), name)
        assert watching.stdout.readline().startswith(b"1 submission graded (ben, 06_reviews) in ")
        assert points(course, "ben", name) == earned(course / "build/submitted/ben" / name, name)
        again = course / "build" / "submitted" / "anna" / name
        (again / FILE).unlink()
        answer(again, name)
        while points(course, "anna", name) != earned(again, name):
            assert watching.stdout.readline()
    finally:
        watching.send_signal(signal.SIGINT)
        said, _ = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert said.decode().endswith("Stopped; everything that was graded is stored.\n")


def test_what_lies_where_nothing_is_read_is_named(course: Path) -> None:
    name, other = "06_reviews", "04_boundaries"
    there = course / "build" / "submitted"
    answer(hand_in(course, "anna", name), other)
    (hand_in(course, "ben", name) / FILE).touch()
    renamed = hand_in(course, "cara", name)
    answer(renamed, name)
    (renamed / FILE).rename(renamed / "answers (1).jsonl")
    (hand_in(course, "dan", name) / FILE).symlink_to(there / "anna" / name / FILE)
    odd = hand_in(course, "eve", name)
    odd.rename(odd.with_name("6_reviews"))
    (there / "eve" / FILE).touch()
    (there / "class.zip").touch()
    done = grade(course)
    said = [str(p) for p in done.problems]
    expected = [
        f"anna, {name}: {FILE} holds answers of boundaries and none of this module's;",
        f"ben, {name}: {FILE} is empty, so nothing is answered",
        f"cara, {name}: there is no {FILE}, so nothing is answered",
        f"cara, {name}: answers (1).jsonl is not read: only {FILE} is; if it is",
        f"dan, {name}: {FILE} is a link and is not read; ask for the file itself",
        f"class.zip: left lying in {there}, where nothing is read;",
        f"eve, {FILE}: left lying in {there / 'eve'}, where nothing is read;",
        "eve, 6_reviews: no module is called so, and nothing in it is read;",
    ]
    assert [line[: len(e)] for line, e in zip(said, expected, strict=True)] == expected
    assert said[-1].endswith(f"{there / 'eve' / '6_reviews'}. Did you mean {name}?")
    log = (course / "build" / "grading.log").read_text("utf-8").splitlines()
    assert [line.partition(" ")[2] for line in log] == said


def test_an_empty_class_is_told_where_submissions_belong(course: Path) -> None:
    command = ["grade", "--course", str(course)]
    for switch in ([], ["--feedback"], ["--compare"]):
        done = CliRunner().invoke(app, [*command, *switch])
        assert done.exit_code == 0
        assert f"Nothing was handed in: no folder LEARNER/MODULE lies in {course}" in done.output
        assert ("There is nothing to compare." in done.output) == (switch == ["--compare"])
    done = CliRunner().invoke(app, [*command, "--watch", "--jobs", "2", "--kernel"])
    assert done.exit_code == 2
    assert "--kernel and --jobs and --watch do not go together" in done.output


def test_feedback_says_what_people_gave_and_escapes_what_learners_wrote(course: Path) -> None:
    name, entry = "06_reviews", load(WRITTEN)
    folder = hand_in(course, "anna", name)
    scenario = entry.scenario
    given = best_answers(scenario, model_policy())
    for scene in scenario.scenes:
        for question in scene.questions:
            if question.kind == "response":
                given[scene.id, question.id] = {p.id: HOSTILE for p in question.parts}
    with (folder / FILE).open("w", encoding="utf-8") as file:
        for event in events(entry, given):
            file.write(json.dumps({"v": 1, **vars(event)}) + "\n")
    done = grade(course, assignments=[name])
    assert done.waiting == 1
    assert not done.problems
    page = course / "build" / "feedback" / "anna" / name / f"{name}.html"
    book = course / "build" / "autograded" / "anna" / name / f"{name}.ipynb"
    first = page.read_text("utf-8")
    assert "a person still marks" in first
    shown = [
        output["data"]["text/html"]
        for cell in json.loads(book.read_text("utf-8"))["cells"]
        for output in cell.get("outputs", [])
    ]
    rubric = [c.text for c in response_of(entry)[1].rubric]
    told = html.unescape("".join(shown))
    assert all(text in told for text in (scenario.scenes[0].stem, *rubric))
    unwritten = html.unescape(str(ask_output(scenario, {}, model_policy())))
    assert not any(text in unwritten for text in rubric), "a rubric before there is an answer"
    for text in (first, "".join(shown)):
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
    unanswered = load(MODULES[name][0]).scenario
    assert unanswered.feedback.better not in first, "the key of an unanswered scenario was shown"
    assert scenario.feedback.takeaway.partition(".")[0] in first

    sql(course, "UPDATE grade SET manual_score = 5.5 WHERE auto_score IS NULL")
    sql(course, "UPDATE grade SET needs_manual_grade = 0")
    sql(course, "UPDATE comment SET manual_comment = 'Clear & kind <b>'")
    before = raw(course)
    assert write_feedback(course).submissions == 1
    second = page.read_text("utf-8")
    assert "Clear &amp; kind &lt;b&gt;" in second
    assert "a person still marks" not in second
    total = 5.5 + sum(earned(folder, name).values())
    assert f"{total:g} of " in second
    assert raw(course) == before


def test_a_changed_notebook_costs_nobody_anything(course: Path) -> None:
    name = "06_reviews"
    answer(hand_in(course, "anna", name), name)
    grade(course)
    before = rows(course)
    path = course / "notebooks" / name / f"{name}.ipynb"
    more = (*MODULES[name], "boundaries/message-at-midnight")
    path.write_text(json.dumps(notebook(more)), "utf-8")
    done = grade(course)
    assert [(p.student, p.assignment) for p in done.problems] == [("", name)]
    assert more[-1].partition("/")[2] in done.problems[0].what
    assert rows(course) == before
    assert (course / "build" / "release" / name / f"{name}.ipynb").is_file()


def test_the_practice_policy_is_the_course_roots_own(course: Path) -> None:
    name = "06_reviews"
    folder = hand_in(course, "anna", name)
    answer(folder, name)
    for place in (folder, folder.parent, folder.parent.parent):
        (place / "policy.toml").write_text('practice = "A learner\'s own"\n', "utf-8")
    assert open_course(course).policy().practice == model_policy().practice
    other = shutil.copytree(course, course.parent / "other")
    (course / "policy.toml").write_text('practice = "Oak Street"\n', "utf-8")
    assert open_course(course).policy().practice == "Oak Street"
    assert open_course(other).policy().practice == model_policy().practice


def test_a_new_course_root_has_the_repositorys_configuration(tmp_path: Path) -> None:
    root = tmp_path / "new"
    made = make_course(root)
    config = (root / "nbgrader_config.py").read_text("utf-8")
    assert config == (ROOT / "nbgrader_config.py").read_text("utf-8")
    assert made.assignments() == open_course(ROOT).assignments()
    (root / "nbgrader_config.py").write_text(f"{config}c.CourseDirectory.course_id = 'own'\n")
    assert make_course(root).course_id == "own"


def test_what_is_wrong_with_the_course_is_one_sentence(tmp_path: Path, course: Path) -> None:
    with pytest.raises(CourseError, match="No notebooks lie in"):
        grade(tmp_path)
    (tmp_path / "empty").mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path / "empty")
    with pytest.raises(CourseError, match="No notebooks lie in"):
        grade(tmp_path / "empty")
    assert [p.name for p in (tmp_path / "empty").iterdir()] == ["nbgrader_config.py"]
    with pytest.raises(CourseError, match="Did you mean 06_reviews"):
        grade(course, assignments=["06_review"])
    book = course / "notebooks" / "06_reviews" / "06_reviews.ipynb"
    whole = book.read_text("utf-8")
    book.write_text(whole[:100], "utf-8")
    with pytest.raises(CourseError, match=r"06_reviews\.ipynb is not a notebook"):
        grade(course)
    book.write_text(whole, "utf-8")
    (course / "nbgrader_config.py").write_text("1 / 0", "utf-8")
    with pytest.raises(CourseError, match="cannot be read: division by zero"):
        grade(course)


def test_nobody_is_graded_twice_at_once(course: Path) -> None:
    """Another program holds the gradebook: a sentence instead of half a grade."""
    answer(hand_in(course, "anna", "06_reviews"), "06_reviews")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c.CourseDirectory.db_url = c.CourseDirectory.db_url.replace('=30', '=0.2')\n")
    holder = sqlite3.connect(course / "build" / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(CourseError, match="in use by another program"):
            grade(course)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    done: Graded = grade(course)
    assert done.submissions == 1
