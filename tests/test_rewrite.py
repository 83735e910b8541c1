"""Rewriting a draft: what is found to be left, and how many people it still fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.catalogue import load
from scenarios.identifiers import compare, difference
from scenarios.questions import Hottext

SLUG = "confidentiality/grief-case-draft"


@pytest.fixture(scope="module")
def draft() -> Hottext:
    """The draft of the worked example."""
    found = load(SLUG).scenario.scenes[0].questions[0]
    assert isinstance(found, Hottext)
    return found


def test_nothing_is_gone_from_the_draft_itself(draft: Hottext) -> None:
    state = compare(draft, draft.text)
    assert not any(s["gone"] for s in state["spans"])
    assert state["meter"]["red"]


def test_an_invented_story_leaves_nothing_and_fits_everybody(draft: Hottext) -> None:
    state = compare(draft, "In this invented example, Ari is angry at a friend.")
    assert all(s["gone"] for s in state["spans"])
    assert state["meter"]["expected"] == state["meter"]["population"]
    assert not state["meter"]["red"]


@pytest.mark.parametrize("words", ["MARISOL T", "marisol   t.", "Marisol\nT."])
def test_case_and_spacing_hide_no_identifier(draft: Hottext, words: str) -> None:
    left = {s["text"]: not s["gone"] for s in compare(draft, f"I saw {words} again.")["spans"]}
    assert left["Marisol T."]


def test_a_number_inside_another_number_is_not_the_identifier(draft: Hottext) -> None:
    left = {s["text"]: not s["gone"] for s in compare(draft, "In 1992 it was different.")["spans"]}
    assert not left["92"]


def test_the_meter_multiplies_what_remains(draft: Hottext) -> None:
    meter = compare(draft, "A pediatric nurse with a twin brother.")["meter"]
    assert meter["expected"] == pytest.approx(320_000 * 0.005 * 0.03)


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(p["text"] for p in pieces if p["is"] != "new") == before
    assert "".join(p["text"] for p in pieces if p["is"] != "gone") == after
