"""Signs of tampering: receipts against the record, a notebook's own scores against the answers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_nbgrader import MODULES, answer, hand_in, make_root

from grading.exemplary import worst_answers
from grading.nbgrader.grade import grade
from grading.nbgrader.tampering import receipts, shown_scores, unearned
from scenarios.answers import FILE, read
from scenarios.catalogue import load
from scenarios.policy import model_policy
from scenarios.readable import Seal, receipt

NAME = "06_reviews"


def give_receipt(folder: Path, number: int) -> Path:
    """A receipt as the course makes it for the record as it is now."""
    digest = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
    entries = [load(slug) for slug in MODULES[NAME]]
    seal = Seal(digest, "2026-11-20 10:00:00 UTC")
    path = folder / f"receipt-20261120-10000{number}.txt"
    path.write_text(receipt("Reviews", entries, read(folder / FILE), model_policy(), seal), "utf-8")
    return path


def test_a_receipt_fits_the_record_it_was_made_of_and_every_longer_one(tmp_path: Path) -> None:
    answer(tmp_path, NAME)
    lines = len((tmp_path / FILE).read_bytes().splitlines())
    give_receipt(tmp_path, 1)
    assert receipts(tmp_path).notes[0].endswith("it was made of the whole record")
    answer(tmp_path, NAME, worst_answers)
    give_receipt(tmp_path, 2)
    seen = receipts(tmp_path)
    total = len((tmp_path / FILE).read_bytes().splitlines())
    assert seen.problems == ()
    assert seen.notes[0].endswith(f"it was made of its first {lines} of {total} lines")
    assert seen.notes[1].endswith("it was made of the whole record")


@pytest.mark.parametrize("change", ["edited", "cut", "gone", "reordered"])
def test_a_changed_record_is_named(change: str, tmp_path: Path) -> None:
    answer(tmp_path, NAME)
    give_receipt(tmp_path, 1)
    path = tmp_path / FILE
    lines = path.read_bytes().splitlines(keepends=True)
    made = {
        "edited": [lines[0].replace(b'"attempt": 1', b'"attempt": 2'), *lines[1:]],
        "cut": lines[:-1],
        "reordered": lines[::-1],
        "gone": [],
    }[change]
    assert made != lines
    path.write_bytes(b"".join(made))
    if change == "gone":
        path.unlink()
    (said,) = receipts(tmp_path).problems
    assert "the record or the receipt was changed" in said


def test_a_receipt_may_be_anything(tmp_path: Path) -> None:
    answer(tmp_path, NAME)
    (tmp_path / "receipt-0.txt").write_bytes(b"\xff")
    (tmp_path / "receipt-1.txt").mkdir()
    (tmp_path / "receipt-2.txt").symlink_to("/dev/zero")
    for n in range(100, 160):
        (tmp_path / f"receipt-{n}.txt").touch()
    seen = receipts(tmp_path)
    assert seen.notes == ()
    assert seen.problems[-1] == "63 receipts, of which the first 50 were read"


def test_a_forged_output_and_a_cut_record_are_named_by_grading(tmp_path: Path) -> None:
    root = make_root(tmp_path / "course", [NAME])
    for student, how in (("forger", worst_answers), ("honest", None)):
        folder = hand_in(root, student, NAME)
        answer(folder, NAME, how) if how else answer(folder, NAME)
        path = folder / f"{NAME}.ipynb"
        book = json.loads(path.read_text("utf-8"))
        data = {"text/plain": "4.0"}
        output = {"output_type": "execute_result", "metadata": {}, "data": data}
        book["cells"][-1]["outputs"] = [output]
        path.write_text(json.dumps(book), "utf-8")
        give_receipt(folder, 1)
    done = grade(root)
    assert {p.student for p in done.problems} == {"forger"}
    assert "shows 4 points for" in done.problems[0].what
    assert {n.student for n in done.notes} == {"forger", "honest"}
    log = (root / "build" / "grading.log").read_text("utf-8")
    assert "shows 4 points for" in log
    assert log.count("it was made of") == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "outputs", "data", "source", "text/plain"]), inner
        )
    ),
    max_leaves=10,
)


@given(json_values)
def test_a_notebook_may_be_anything(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ipynb"
    path.write_text(json.dumps({"x": "execute_result", "cells": value}), "utf-8")
    assert shown_scores(path) == {}
    cell = {"cell_type": "code", "source": 'score("a/b")'}
    outputs = [{"output_type": "execute_result", "data": {"text/plain": value}}]
    path.write_text(json.dumps({"cells": [{**cell, "outputs": outputs}]}), "utf-8")
    unearned(path, {"a/b": 1.0})
    sound = [{"output_type": "execute_result", "data": {"text/plain": "0.5"}}]
    more = {**cell, "source": 'score("a/c")', "outputs": sound}
    path.write_text(json.dumps({"cells": [{**cell, "outputs": outputs}, more]}), "utf-8")
    if isinstance(value, str):
        assert shown_scores(path)["a/c"] == 0.5


def test_a_record_that_two_learners_share_is_named(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for student in ("amy", "ben", "cid"):
        answer(hand_in(root, student, NAME), NAME)
    places = {s: root / "build" / "submitted" / s / NAME / FILE for s in ("amy", "ben", "cid")}
    places["ben"].write_bytes(places["amy"].read_bytes())
    places["cid"].write_bytes(places["amy"].read_bytes()[:-1] + b" ")
    said = [str(p) for p in grade(root, notebooks=False, feedback=False).problems]
    assert said == [
        f"amy, {NAME}: {FILE} is, byte for byte, that of ben",
        f"ben, {NAME}: {FILE} is, byte for byte, that of amy",
    ]
    assert "byte for byte" in (root / "build" / "grading.log").read_text("utf-8")
    one = grade(root, students=["cid"], notebooks=False, feedback=False)
    assert one.problems == ()
