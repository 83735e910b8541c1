"""Rubric lines to points, what two markers agree on, and the queue that they mark."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from grading.manual import rubric
from grading.manual.marked import response_of
from grading.manual.queue import (
    NearCopies,
    Place,
    Written,
    alias,
    normalized,
    second_share,
    shuffled,
)
from grading.statistics.agreement import agreement, disagreements
from scenarios.catalogue import load
from scenarios.questions import Response

SLUG = "reviews/jordan-p-one-star"
PLACE = Place("06_reviews", "06_reviews", "jordan-p-one-star-response", SLUG, 6.0)


@pytest.fixture(scope="module")
def question() -> Response:
    return response_of(load(SLUG))[1]


# -------------------------------------------------------------------------------------- the rubric


def test_lines_add_up_and_scale_to_the_cell(question: Response) -> None:
    everything = {c.id: 1.0 for c in question.rubric}
    assert rubric.apply(question, everything).scaled(6) == 6
    assert rubric.apply(question, {}).points == 0
    some = rubric.apply(question, {"a1": 1.0, "a2": 0.5, "b1": 1.0})
    assert (some.points, some.scaled(6)) == (4, 2.4)


def test_a_fatal_error_limits_the_whole_answer(question: Response) -> None:
    lines = {c.id: 1.0 for c in question.rubric}
    both = rubric.apply(question, lines, ["pressure", "discloses"])
    assert (both.points, both.before) == (2, 10)
    assert both.capped
    assert both.capped.id == "discloses"
    low = rubric.apply(question, {"b1": 1.0}, ["discloses"])
    assert (low.points, low.capped) == (1, None)


def test_what_the_rubric_has_not_is_refused(question: Response) -> None:
    with pytest.raises(ValueError, match="no line zz"):
        rubric.apply(question, {"zz": 1.0})
    with pytest.raises(ValueError, match=r"a1: 0\.7"):
        rubric.apply(question, {"a1": 0.7})


@given(st.data())
def test_points_stay_within_the_rubric(data: st.DataObject) -> None:
    question = response_of(load(SLUG))[1]
    lines = data.draw(
        st.dictionaries(
            st.sampled_from([c.id for c in question.rubric]), st.sampled_from(rubric.STEPS)
        )
    )
    caps = data.draw(st.sets(st.sampled_from([c.id for c in question.caps])))
    mark = rubric.apply(question, lines, caps)
    assert 0 <= mark.points <= mark.before <= question.rubric_points
    assert 0 <= mark.scaled(6) <= 6


def test_a_mark_in_words_names_every_line(question: Response) -> None:
    said = rubric.summary(question, {"a1": 1.0, "b2": 0.5}, ["pressure"]).splitlines()
    assert len(said) == len(question.rubric) + 1
    assert said[0].startswith("Met: Neither confirms")
    assert said[-1].startswith("Limit of 4 points")


# ------------------------------------------------------------------------------------ two markers


def test_kappa_against_the_table_of_categories() -> None:
    """Cohen's own form: weights over observed and expected frequencies."""
    rng = np.random.default_rng(3)
    x = rng.integers(0, 5, 80)
    y = np.clip(x + rng.integers(-1, 2, 80), 0, 4)
    seen = np.zeros((5, 5))
    for a, b in zip(x, y, strict=True):
        seen[a, b] += 1
    weights = (np.arange(5)[:, None] - np.arange(5)[None, :]) ** 2
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / 80
    kappa = 1 - (weights * seen).sum() / (weights * expected).sum()
    found = agreement(list(map(float, x)), list(map(float, y)))
    assert found
    assert found.kappa == pytest.approx(kappa)
    assert found.low < kappa < found.high
    assert found.exact == (x == y).mean()
    assert not found.words


def test_few_answers_get_words_beside_the_number() -> None:
    found = agreement([1, 2, 3, 4], [1, 2, 3, 3])
    assert found
    assert "fewer than 30" in found.words
    assert agreement([1, 2], [1, 2]) is None


def test_jackknife_interval_covers_as_it_says() -> None:
    rng = np.random.default_rng(8)

    def sample(n: int) -> tuple[list[float], list[float]]:
        true = rng.standard_normal(n)
        noisy = (true + 0.6 * rng.standard_normal((2, n))).round()
        return list(noisy[0]), list(noisy[1])

    population = agreement(*sample(2500))
    assert population
    found = [agreement(*sample(60)) for _ in range(200)]
    hits = sum(a is not None and a.low <= population.kappa <= a.high for a in found)
    assert 0.88 <= hits / 200 <= 0.99


def test_disagreements_come_farthest_first() -> None:
    first = {"a": 2.0, "b": 10.0, "c": 5.0, "d": 9.0}
    second = {"a": 4.0, "b": 3.0, "c": 5.5, "e": 0.0}
    assert [d.answer for d in disagreements(first, second, 10)] == ["b", "a"]


# -------------------------------------------------------------------------------------- the queue


def answers(n: int) -> list[Written]:
    return [Written(f"learner-{i:03}", PLACE, {"a": f"Answer {i}"}, "v") for i in range(n)]


def test_the_order_is_the_same_each_time_and_says_nothing() -> None:
    found = answers(200)
    order = [a.learner for a in shuffled(found, "salt")]
    assert order == [a.learner for a in shuffled(reversed(found), "salt")]
    assert order != [a.learner for a in shuffled(found, "other")]
    ranks = [int(name[-3:]) for name in order]
    assert abs(np.corrcoef(ranks, range(200))[0, 1]) < 0.2


def test_aliases_differ_by_question_and_hide_the_name() -> None:
    names = [alias(f"learner-{n}", SLUG, "salt") for n in range(2000)]
    assert len(set(names)) == 2000
    assert all(len(name) == 9 for name in names)
    assert alias("ann", SLUG, "salt") != alias("ann", "reviews/other", "salt")


def test_the_second_marker_gets_about_the_share_always_the_same() -> None:
    chosen = second_share(answers(500), "salt", 0.2)
    assert 70 <= len(chosen) <= 130
    assert {a.learner for a in second_share(answers(250), "salt", 0.2)} <= {
        a.learner for a in chosen
    }


TEXT = "I would not answer the review. I would call my insurer and write a dated note for my files."


def test_near_copies_are_flagged_for_both() -> None:
    changed = TEXT.replace("insurer", "lawyer").upper() + "!!"
    others = (
        "NO REPLY. I consult my peer group and check how we bill, and I flag nothing at all here."
    )
    texts = {"ann": TEXT, "bob": changed, "cal": others, "dot": "NO REPLY", "eve": "NO REPLY"}
    found = NearCopies(Written(n, PLACE, {"a": t}, "v") for n, t in texts.items())
    assert {who: [k.other for k in found.of(who)] for who in texts} == {
        "ann": ["bob"],
        "bob": ["ann"],
        "cal": [],
        "dot": [],
        "eve": [],
    }
    assert 85 <= found.of("ann")[0].score < 100


def test_the_likest_of_many_copies_are_named() -> None:
    texts = {f"learner-{n}": TEXT + " And" * (n // 4) for n in range(12)}
    likes = NearCopies(Written(n, PLACE, {"a": t}, "v") for n, t in texts.items()).of("learner-4")
    assert [k.other for k in likes[:3]] == ["learner-5", "learner-6", "learner-7"]
    assert [k.score == 100 for k in likes] == [True, True, True, False, False]


@given(st.lists(st.text("ab ", min_size=58, max_size=70), max_size=8))
def test_every_pair_is_found_from_both_sides(texts: list[str]) -> None:
    found = NearCopies(Written(str(n), PLACE, {"a": t}, "v") for n, t in enumerate(texts))
    whole = [normalized(t) for t in texts]
    for a, b in itertools.permutations(range(len(texts)), 2):
        if min(len(whole[a]), len(whole[b])) >= 60 and fuzz.ratio(whole[a], whole[b]) >= 85:
            assert found.of(str(a))


def test_another_text_is_another_answer() -> None:
    one = answers(1)[0]
    assert one.digest == replace(one, bank="w").digest
    assert one.digest != replace(one, parts={"a": "Else"}).digest
    assert replace(one, parts={"a": "\ud800"}).digest
