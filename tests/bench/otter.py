"""Grading: otter-grader beside `course grade`, on an equivalent tiny assignment.

Three scenarios with a decision and its clauses, answered wholly right or wholly wrong, so that a
test that passes or fails can mark them too. Otter gets the same answers as a notebook of its own
kind and grades them without Docker: as its command `otter run`, one submission each, and within
one process by its own function. Every score is compared.

Otter-grader is no part of this course. Install it into an environment of its own and name that:

    python3 -m venv otter-env && otter-env/bin/pip install otter-grader ipykernel
    python tests/bench/otter.py otter-env [LEARNERS]

The last line is the ratio.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from grading.cohort import simulate
from grading.course import make_course
from grading.exemplary import best_answers, committed, worst_answers
from grading.frame import of_course
from grading.nbgrader.grade import grade
from grading.notebooks import call, read_notebook, source_of
from scenarios.answers import FILE, Answers, append
from scenarios.catalogue import Entry, load
from scenarios.policy import model_policy
from scenarios.workspace import source

MODULE = "06_reviews"
SCENARIOS = 3
LEARNERS = 8
Cell = dict[str, Any]
INSIDE = """
import contextlib, json, sys, time, warnings
from otter.api import grade_submission
warnings.simplefilter("ignore")
for path in sys.argv[2:]:
    start = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        found = grade_submission(path, sys.argv[1], quiet=True)
    took = time.perf_counter() - start
    print(json.dumps([took, {n: r.score for n, r in found.results.items()}]))
"""


def authored() -> list[Cell]:
    book = read_notebook(source() / MODULE / f"{MODULE}.ipynb")
    assert book is not None
    return list(book["cells"])


def chosen() -> list[Entry]:
    """The first scenarios of the module that ask for one decision and its clauses."""
    found = [call(source_of(c)) for c in authored() if c["cell_type"] == "code"]
    entries = [load(c[1]) for c in found if c and c[0] == "ask"]
    plain = [
        e
        for e in entries
        if [[q.kind for q in s.questions] for s in e.scenario.scenes] == [["choice", "rationale"]]
    ]
    return plain[:SCENARIOS]


def cell(kind: str, text: str) -> Cell:
    more: Cell = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text, **more}


def write(path: Path, cells: Sequence[Cell]) -> Path:
    """Write a notebook of these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 4}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(book), "utf-8")
    return path


def tiny(place: Path, entries: Sequence[Entry]) -> None:
    """Write our module with nothing in it but these scenarios."""
    slugs = {e.slug for e in entries}
    cells = [
        c
        for c in authored()
        if c["cell_type"] == "code"
        and ((found := call(source_of(c))) is None or found[1] in slugs)
        and "debrief" not in source_of(c)
    ]
    write(place / MODULE / f"{MODULE}.ipynb", cells)


def said(answers: Answers) -> str:
    """Write a decision and its clauses as a learner would in Python."""
    (decision, clauses) = answers.values()
    return repr((decision, sorted(clauses) if isinstance(clauses, list) else clauses))


def master(place: Path, entries: Sequence[Entry]) -> Path:
    """Write the same assignment as Otter's authors write it."""
    cells = [cell("raw", "# ASSIGNMENT CONFIG\ngenerate: true\nexport_cell: false\n")]
    for n, entry in enumerate(entries):
        key = said(best_answers(entry.scenario, model_policy()))
        cells += [
            cell("raw", f"# BEGIN QUESTION\nname: q{n}\npoints: {entry.scenario.points}\n"),
            cell("markdown", entry.scenario.scenes[0].stem),
            cell("raw", "# BEGIN SOLUTION"),
            cell("code", f"q{n} = {key}  # SOLUTION"),
            cell("raw", "# END SOLUTION"),
            cell("raw", "# BEGIN TESTS"),
            cell("code", f"# HIDDEN\nassert q{n} == {key}"),
            cell("raw", "# END TESTS"),
            cell("raw", "# END QUESTION"),
        ]
    return write(place / "tiny.ipynb", cells)


def answered(student: Path, target: Path, texts: Sequence[str]) -> None:
    """Fill in Otter's student version of the notebook."""
    book = json.loads(student.read_text("utf-8"))
    for own in book["cells"]:
        for n, text in enumerate(texts):
            if source_of(own).startswith(f"q{n} ="):
                own["source"] = f"q{n} = {text}"
    target.write_text(json.dumps(book), "utf-8")


def hand_in(folder: Path, entries: Sequence[Entry], given: Sequence[Answers]) -> None:
    """Hand in the same answers to our module, in place of the simulated ones."""
    (folder / FILE).unlink()
    for entry, answers in zip(entries, given, strict=True):
        append(folder / FILE, committed(entry, answers))


def main(environment: Path, learners: int) -> None:
    otter, python = environment / "bin" / "otter", environment / "bin" / "python"
    path = f"{otter.parent}{os.pathsep}{os.environ['PATH']}"  # Otter's kernel is that of the path

    def run(*words: str | Path) -> str:
        done = subprocess.run(
            words,
            check=False,
            cwd=place,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{Path(words[0]).name} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    entries = chosen()
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        run(otter, "assign", master(place, entries), "dist", "--no-pdfs")
        (autograder,) = (place / "dist" / "autograder").glob("*.zip")
        tiny(place / "notebooks", entries)
        course = make_course(place / "course", place / "notebooks")
        simulate(course.root, learners)

        ways = list(product((best_answers, worst_answers), repeat=len(entries)))
        notebooks = []
        for n, (_, folder) in enumerate(course.submissions(MODULE)):
            way = ways[n % len(ways)]
            given = [f(e.scenario, model_policy()) for f, e in zip(way, entries, strict=True)]
            hand_in(folder, entries, given)
            notebooks.append(place / f"learner-{n}.ipynb")
            answered(place / "dist" / "student" / "tiny.ipynb", notebooks[-1], [*map(said, given)])

        start = time.perf_counter()
        for notebook in notebooks:
            run(otter, "run", notebook, "-a", autograder, "-o", place, "--no-logo")
        command = (time.perf_counter() - start) / learners
        lines = [
            json.loads(x)
            for x in run(python, "-c", INSIDE, autograder, *notebooks).split("\n")
            if x
        ]
        inside = sum(took for took, _ in lines) / learners

        grade(course.root, students=["nobody"])  # Otter's assignment is made before, too
        start = time.perf_counter()
        grade(course.root)
        ours = (time.perf_counter() - start) / learners
        compare(course.root, entries, [scores for _, scores in lines])
    print(
        f"{learners} submissions of {SCENARIOS} questions: {learners * SCENARIOS} scores, identical"
    )
    print(f"{'':44}{'ms each':>9}{'load':>7}")
    for what, seconds in (
        ("otter run, a command for each", command),
        ("otter's own function, in one process", inside),
        ("course grade, notebooks and feedback written", ours),
    ):
        print(f"{what:44}{seconds * 1000:9.1f}{os.getloadavg()[0]:7.1f}")
    print(f"ratio: otter run {command / ours:.0f}, its function {inside / ours:.0f}")


def compare(root: Path, entries: Sequence[Entry], theirs: Sequence[Mapping[str, float]]) -> None:
    """Stop unless both gave everybody the same points."""
    table = of_course(make_course(root)).scenarios.pivot_table(
        index="learner", columns="scenario", values="points", observed=True
    )
    for (_, row), scores in zip(table.iterrows(), theirs, strict=True):
        for n, entry in enumerate(entries):
            assert row[entry.slug] == scores[f"q{n}"], (entry.slug, row[entry.slug], scores)


if __name__ == "__main__":
    named = [w for w in sys.argv[1:] if not w.isdigit()]
    found = shutil.which("otter") if not named else str(Path(named[0]) / "bin" / "otter")
    if not found or not Path(found).is_file():
        raise SystemExit(
            "There is no otter-grader here, so nothing is measured. Install it into an environment"
            " of its own and name that folder:\n"
            "    python3 -m venv otter-env && otter-env/bin/pip install otter-grader ipykernel\n"
            "    python tests/bench/otter.py otter-env"
        )
    count = [int(w) for w in sys.argv[1:] if w.isdigit()]
    main(Path(found).parent.parent.resolve(), count[0] if count else LEARNERS)
