"""The instructors' notebooks: canonical, and run from top to bottom on a small course."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import grading
from grading.check.canonical import layout
from grading.course import Course, make_course
from grading.workbench import course_of, whose

pytest_plugins = ["small_course"]

FOLDER = Path(grading.__file__).parent
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_canonical(path: Path) -> None:
    text = path.read_text("utf-8")
    notebook = json.loads(text)
    assert text == layout(notebook)
    nbformat.validate(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]
    ids = [c["id"] for c in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert not any(c["outputs"] or c["execution_count"] for c in code)
    assert max(len(c["source"]) for c in code) <= 12  # cells that one reads at a glance


def run(name: str, course: Course, place: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a notebook on a course; return the outputs of its cells by id."""
    monkeypatch.setenv("COURSE_ROOT", str(course.root))
    monkeypatch.setenv("IPYTHONDIR", str(place / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    return {c["id"]: c.get("outputs", []) for c in notebook["cells"]}


def kinds(outputs: list[dict[str, Any]]) -> set[str]:
    return {kind for o in outputs for kind in o.get("data", {})}


def test_the_analysis_runs_and_every_cell_shows_something(
    answered_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = run("analysis", answered_course, tmp_path, monkeypatch)
    assert not [o for several in shown.values() for o in several if o["output_type"] == "stream"]
    assert "image/png" in kinds(shown["distribution"]) & kinds(shown["facility-figure"])
    for cell in ("facility", "distractors", "clauses", "confusion", "rows", "certainty", "pace"):
        assert "text/html" in kinds(shown[cell]), cell
    for cell, words in (
        ("reliability", "<th>alpha</th>"),
        ("consistency", "<th>kappa</th>"),
        ("second-try", "<th>tried</th>"),
        ("whose", f"{answered_course.root}: 64 submissions of 32 learners."),
        ("before-after", "Nobody has taken both tests"),
    ):
        assert words in str(shown[cell]), cell
    assert list(tmp_path.iterdir()) == [tmp_path / "ipython"]


def test_the_marking_notebook_shows_the_desk(
    graded_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    shown = run("marking", graded_course, tmp_path / "here", monkeypatch)
    assert "application/vnd.jupyter.widget-view+json" in kinds(shown["desk"])


def test_a_demo_lies_near_or_is_made(
    answered_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    assert course_of(answered_course.root).root == answered_course.root
    made: list[Path] = []

    class Made:
        folder = answered_course.root

    def demo(out: Path) -> Made:
        made.append(out)
        return Made()

    monkeypatch.setattr("grading.workbench.demo", demo)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")  # another course's
    monkeypatch.chdir(tmp_path)
    assert course_of().root == answered_course.root
    assert made == [tmp_path / "course-demo"]
    (tmp_path / "deeper").mkdir()
    (tmp_path / "course-demo").symlink_to(answered_course.root)
    (answered_course.root / ".course-demo").touch()
    monkeypatch.chdir(tmp_path / "deeper")
    assert course_of().root == answered_course.root
    assert len(made) == 1
    assert "simulated learners" in whose(course_of())
    (answered_course.root / ".course-demo").unlink()


def test_a_class_goes_before_the_demo(
    answered_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    simulated = SimpleNamespace(folder=answered_course.root)
    monkeypatch.setattr("grading.workbench.demo", lambda _: simulated)
    ours = make_course(tmp_path / "spring", answered_course.source)
    (ours.root / "grading").mkdir()
    monkeypatch.chdir(ours.root / "grading")
    assert course_of().root == answered_course.root  # nobody has handed in yet
    (ours.submitted / "ann" / ours.assignments()[0]).mkdir(parents=True)
    assert course_of().root == ours.root
    assert whose(course_of()) == f"{ours.root}: 1 submission of 1 learner."
