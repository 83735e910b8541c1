"""A learner's folder: what is copied into it, what is never touched, and how it is served."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from conftest import ROOT, fetch

from scenarios import launch, workspace
from scenarios.app import server
from scenarios.profile import learner
from scenarios.workspace import WorkspaceError, prepare

if TYPE_CHECKING:
    from conftest import Serving

NOTEBOOK = "04_boundaries/04_boundaries.ipynb"


def notebook(text: str, **course: object) -> str:
    """A small notebook with one line of text."""
    cell = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": text}
    about = {"course": {"title": "Boundaries", "autorun": True, **course}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": [cell]})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A course of two modules, with what running it leaves behind."""
    course = tmp_path / "course" / "notebooks"
    write(course / NOTEBOOK, notebook("first"))
    write(course / "06_reviews/06_reviews.ipynb", notebook("reviews", title="Reviews"))
    write(course / "04_boundaries/answers.jsonl", "an author's answers\n")
    write(course / "04_boundaries/.ipynb_checkpoints/old.ipynb", "{}")
    write(course / "04_boundaries/__pycache__/x.pyc", "")
    return course


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "course"


# --------------------------------------------------------------------------- what is copied


def test_the_first_time_everything_is_new(origin: Path, folder: Path) -> None:
    done = prepare(folder, origin)
    assert done.first
    assert done.new == (NOTEBOOK, "06_reviews/06_reviews.ipynb")
    assert (folder / NOTEBOOK).read_text() == notebook("first")


def test_nothing_that_running_left_behind_is_copied(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    copied = {path.relative_to(folder).parts[-1] for path in folder.rglob("*") if path.is_file()}
    assert copied == {"04_boundaries.ipynb", "06_reviews.ipynb", ".course.json", "learner.json"}


def test_the_second_time_nothing_happens(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    again = prepare(folder, origin)
    assert (again.new, again.updated, again.kept, again.aside) == ((), (), (), ())
    assert again.sentences() == []


def test_a_newer_notebook_replaces_an_unchanged_one(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    write(origin / NOTEBOOK, notebook("second"))
    assert prepare(folder, origin).updated == (NOTEBOOK,)
    assert (folder / NOTEBOOK).read_text() == notebook("second")


def test_a_learners_changes_stay_while_the_course_is_the_same(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    write(folder / NOTEBOOK, notebook("mine"))
    assert prepare(folder, origin).kept == (NOTEBOOK,)
    assert (folder / NOTEBOOK).read_text() == notebook("mine")


def test_when_both_changed_the_learners_copy_is_kept_aside(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    for version in ("second", "third"):
        write(folder / NOTEBOOK, notebook(f"mine before {version}"))
        write(origin / NOTEBOOK, notebook(version))
        ((name, second),) = prepare(folder, origin).aside
        assert name == NOTEBOOK
        assert (folder / second).read_text() == notebook(f"mine before {version}")
        assert (folder / NOTEBOOK).read_text() == notebook(version)
    assert len(list((folder / "04_boundaries").glob("*my copy*"))) == 2


def test_a_lost_ledger_loses_no_work(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    write(folder / NOTEBOOK, notebook("mine"))
    write(folder / workspace.LEDGER, "torn")
    ((_, second),) = prepare(folder, origin).aside
    assert (folder / second).read_text() == notebook("mine")


def test_what_the_learner_made_is_never_touched(origin: Path, folder: Path) -> None:
    mine = {
        "04_boundaries/answers.jsonl": '{"an": "answer"}\n',
        "learner.json": '{"id": "mine"}',
        "policy.toml": "texting = 'never'",
        "04_boundaries/notes.txt": "my notes",
        "99_mine/99_mine.ipynb": notebook("my own"),
    }
    for name, text in mine.items():
        write(folder / name, text)
    done = prepare(folder, origin)
    assert {name: (folder / name).read_text() for name in mine} == mine
    assert done.answers == ("04_boundaries/answers.jsonl",)


def test_a_learner_has_one_identity(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    first = (folder / "learner.json").read_text()
    prepare(folder, origin)
    assert (folder / "learner.json").read_text() == first
    person = json.loads(first)
    assert set(person) == {"id", "profession", "created"}
    assert len(person["id"]) == 32
    assert person["profession"] is None


def test_what_happened_is_said_in_plain_words(origin: Path, folder: Path) -> None:
    assert prepare(folder, origin).sentences() == [f"The course is ready in {folder} (2 files)."]
    write(folder / "04_boundaries/answers.jsonl", "{}\n")
    write(origin / NOTEBOOK, notebook("second"))
    assert prepare(folder, origin).sentences() == [
        f"Updated to the newest version: {NOTEBOOK}.",
        "Your earlier answers are kept (1 module).",
    ]


def test_the_courses_own_notebooks_are_found() -> None:
    assert workspace.source().is_dir()


# ----------------------------------------------------------------------- what can go wrong


@pytest.mark.parametrize("inside", [".", "..", "04_boundaries"])
def test_the_course_itself_is_no_learners_folder(origin: Path, inside: str) -> None:
    with pytest.raises(WorkspaceError, match="holds the course itself"):
        prepare(origin / inside, origin)


@pytest.mark.parametrize("place", ["", "04_boundaries", "x/deeper"])
def test_a_file_in_the_way_is_one_sentence(origin: Path, folder: Path, place: str) -> None:
    blocked = folder / place
    write(blocked.parent if place == "x/deeper" else blocked, "a file")
    with pytest.raises(WorkspaceError, match=r"a file stands where .*\.$") as said:
        prepare(folder / "x/deeper" if place == "x/deeper" else folder, origin)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "full"),
        (errno.EACCES, "not allowed"),
        (errno.EROFS, "only be read"),
        (errno.EIO, "the computer says"),
    ],
)
def test_a_failing_disk_is_one_sentence_and_leaves_no_half_file(
    origin: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    def fail(handle: int) -> None:
        del handle
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WorkspaceError, match=word):
        prepare(folder, origin)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_folder_is_one_sentence(origin: Path, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o500)
    with pytest.raises(WorkspaceError, match="not allowed"):
        prepare(folder, origin)


def test_opening_a_hopeless_folder_says_so_and_ends(tmp_path: Path) -> None:
    said: list[str] = []
    blocked = write(tmp_path / "file", "")
    assert launch.open_course(blocked, browser=False, echo=said.append) == 1
    remedy = "move it away or choose another folder"
    assert said == [f"Cannot use {blocked}: a file stands where a folder should be; {remedy}."]


@pytest.mark.parametrize("named", [False, True])
def test_a_faulty_policy_is_said_once_when_the_course_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    path = write(
        folder / ("own.toml" if named else "policy.toml"), 'practice = "A"\nomit = ["X"]\n'
    )
    if named:
        monkeypatch.setenv("COURSE_POLICY", str(path))
    monkeypatch.setattr(launch, "serve", lambda *_, **__: 0)
    said: list[str] = []
    assert launch.open_course(folder, echo=said.append) == 0
    assert [line for line in said if line.startswith(f"{path.name} at omit")] == said[1:2]
    assert said[2:] == [
        f"Until {path} is mended no scenario can be shown; 'course check --policy' checks it."
    ]
    write(path, 'practice = "A"\n')
    said.clear()
    assert launch.open_course(folder, echo=said.append) == 0
    assert said == []


def test_a_machine_that_knows_no_login_has_a_learner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise ImportError("no pwd")  # as on Windows without USERNAME, before Python 3.13

    monkeypatch.setattr("getpass.getuser", none)
    assert learner(tmp_path).id


def test_a_preview_opens_on_its_scenario(course_server: Serving) -> None:
    slug = "reviews/one-star-sunday"
    command = [sys.executable, "-m", "grading.cli", "preview", slug, "--no-browser"]
    served = course_server.run(command, env={"PYTHONPATH": str(ROOT)})
    assert slug in fetch(served.url, timeout=60)


# -------------------------------------------------------------------------- the course map


def test_the_map_lists_the_modules_and_nothing_else(origin: Path, folder: Path) -> None:
    prepare(folder, origin)
    write(folder / "06_reviews/06_reviews (my copy, 2026-01-01).ipynb", notebook("mine"))
    asking = json.loads(notebook("asks", title="Reviews"))
    cell = {"cell_type": "code", "metadata": {"tags": ["ask"]}, "source": ""}
    asking["cells"] = [cell, cell, cell]
    write(folder / "06_reviews/06_reviews.ipynb", json.dumps(asking))
    lines = [
        {"act": act, "scenario": s}
        for act, s in (
            ("commit", "a"),
            ("commit", "a"),
            ("change", "b"),
        )
    ]
    record = "\n".join([*map(json.dumps, lines), "{torn", '"commit"', "[" * 9000 + '"commit"'])
    write(folder / "06_reviews/answers.jsonl", record)
    write(folder / "07_torn/07_torn.ipynb", "{torn")
    write(folder / "00_welcome/00_welcome.ipynb", notebook("hello", title="Welcome", minutes=5))
    assert [tuple(module.values()) for module in server.modules(folder)] == [
        ("00_welcome/00_welcome.ipynb", None, "Welcome", "", 5, False, 0, 0),
        (NOTEBOOK, 4, "Boundaries", "", None, False, 0, 0),
        ("06_reviews/06_reviews.ipynb", 6, "Reviews", "", None, True, 3, 1),
        ("07_torn/07_torn.ipynb", 7, "Torn", "", None, False, 0, 0),
    ]


# ------------------------------------------------------------------------------ the server

SERVE = """
import sys
from pathlib import Path
from scenarios import launch
say = lambda line: print(line, flush=True)
port = int(sys.argv[2]) if len(sys.argv) > 2 else None
try:
    sys.exit(launch.serve(Path(sys.argv[1]), browser=False, port=port, echo=say))
except launch.LaunchError as error:
    sys.exit(str(error))
"""


def test_a_folder_is_served_to_its_owner_only(
    origin: Path, folder: Path, course_server: Serving
) -> None:

    prepare(folder, origin)
    program = course_server.run([sys.executable, "-c", SERVE, str(folder)])
    assert program.log.read_text() == f"{program.url}\n"
    page = fetch(program.url)
    assert "<title>Social Media for Therapists</title>" in page
    assert ">Reviews<" in page
    assert "answers.jsonl" not in page
    parts = urlsplit(program.url)
    assert parts.hostname == "127.0.0.1"
    here = f"http://{parts.netloc}"
    assert "needs its full address" in fetch(f"{here}/voila/render/{NOTEBOOK}")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(f"{here}/api/contents")
    taken = subprocess.run(
        [sys.executable, "-c", SERVE, str(folder), str(parts.port)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (taken.returncode, taken.stdout) == (1, "")
    assert taken.stderr.startswith(f"Port {parts.port} is used by another program;")
    program.stop()
    assert program.process.returncode == 0
    with socket.socket() as tried:
        assert tried.connect_ex(("127.0.0.1", parts.port or 0)) != 0


def test_what_a_learner_set_up_elsewhere_does_not_reach_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "/somewhere/else")
    monkeypatch.setenv("IPYTHONDIR", "/somewhere/else")
    monkeypatch.setenv("JUPYTER_PATH", "/more/data")
    variables = launch.environment(tmp_path / "run", tmp_path / "folder")
    assert variables["JUPYTER_NO_CONFIG"] == "1"
    assert variables["JUPYTER_PATH"].split(os.pathsep) == [str(launch.APP), "/more/data"]
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        assert Path(variables[name]).is_relative_to(tmp_path / "run")
        assert Path(variables[name]).is_dir()


@pytest.mark.skipif(not shutil.which("node"), reason="needs node to read JavaScript")
def test_the_extension_is_well_formed() -> None:
    script = launch.APP / "labextensions/course-run-on-open/static/remoteEntry.js"
    subprocess.run(["node", "--check", script], check=True)
