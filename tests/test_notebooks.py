"""Every notebook runs from top to bottom for a new learner and for one who answered everything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT, isolated
from nbclient import NotebookClient
from sat import events_of

from grading.exam.result import POINTS
from grading.exemplary import best_answers, committed
from grading.marks import points_by_rule
from scenarios.answers import FILE, Event, append
from scenarios.catalogue import load
from scenarios.exam.blueprint import tests as known_tests
from scenarios.policy import VARIABLE, model_policy

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
SECONDS = 120

each = pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)


@pytest.fixture(autouse=True)
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels find this checkout and keep out of the user's own Jupyter folders."""
    own = tmp_path / "jupyter"
    (own / "ipython").mkdir(parents=True)  # IPython warns of a folder that it has to make itself
    for name, value in isolated(own, {"PYTHONPATH": str(ROOT)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def module(source: Path, tmp_path: Path) -> Path:
    """A learner's copy of one module: its notebook and nothing else."""
    folder = tmp_path / "course" / source.parent.name
    folder.mkdir(parents=True)
    shutil.copy(source, folder)
    return folder


def read(path: Path) -> Any:  # noqa: ANN401 - nbformat ships no types
    """Return a notebook."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def run(folder: Path) -> Any:  # noqa: ANN401 - as above
    """Run the notebook of a folder in the folder, as Jupyter does; return it with its outputs."""
    notebook = read(folder / f"{folder.name}.ipynb")
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(notebook, timeout=SECONDS, resources=resources).execute()


def scored(notebook: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return the scenarios and tests that a notebook scores, in its order."""
    sources = [c.source for c in notebook.cells if c.source.startswith('score("')]
    return [source.split('"')[1] for source in sources]


def best_events(slug: str) -> tuple[float, list[Event]]:
    """Return the most points that a scenario or a test gives by rule, and what earns them."""
    if slug in known_tests():
        return POINTS, events_of(known_tests()[slug])
    entry = load(slug)
    commits = committed(entry, best_answers(entry.scenario, model_policy()))
    return points_by_rule(entry.scenario), commits


def scores(notebook: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return what nbgrader reads as the scores, one for each graded cell."""
    graded = [c for c in notebook.cells if c.metadata.nbgrader.grade]
    assert all(len(c.outputs) == 1 for c in graded)
    return [c.outputs[0].data["text/plain"] for c in graded]


@each
def test_a_new_learner_sees_every_card_and_has_no_points(source: Path, module: Path) -> None:
    notebook = run(module)
    for cell in (c for c in notebook.cells if c.cell_type == "code" and c.id != "setup"):
        kinds = [output.output_type for output in cell.outputs]
        assert kinds == ["execute_result"], (cell.id, cell.outputs)
        shown = cell.outputs[0].data
        assert (WIDGET in shown) != cell.metadata.nbgrader.grade, cell.id
    assert set(scores(notebook)) <= {"0.0"}
    assert [p.name for p in module.iterdir()] == [source.name]


@pytest.mark.parametrize(
    "source", [p for p in NOTEBOOKS if "score(" in p.read_text("utf-8")], ids=lambda p: p.stem
)
def test_best_answers_in_the_record_earn_all_points(source: Path, module: Path) -> None:
    earned = []
    for slug in scored(read(source)):
        points, commits = best_events(slug)
        earned.append(repr(points))
        append(module / FILE, commits)
    before = (module / FILE).read_bytes()
    assert scores(run(module)) == earned
    assert (module / FILE).read_bytes() == before


def test_links_between_modules_lead_to_notebooks() -> None:
    for path in NOTEBOOKS:
        for link in re.findall(r"\]\((\.\./[^)#]*)", path.read_text("utf-8")):
            assert (path.parent / link).is_file(), (path.stem, link)


def test_nbval_passes_over_every_notebook(tmp_path: Path) -> None:
    course = tmp_path / "course"
    for path in NOTEBOOKS:
        (course / path.parent.name).mkdir(parents=True)
        shutil.copy(path, course / path.parent.name)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider", "-W", "ignore"),
            *("-c", str(tmp_path / "pytest.ini"), str(course)),
        ],
        cwd=course,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
