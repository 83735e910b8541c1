"""The policy: a practice lays its own choices over it and cannot drop what is not its to drop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grading.check import policy_faults
from grading.exemplary import best_answers
from grading.explanation import Told, explained
from grading.marks import mark
from scenarios.catalogue import load
from scenarios.faults import ContentError
from scenarios.feedback import explain, for_scene
from scenarios.policy import (
    VARIABLE,
    PracticePolicy,
    Wording,
    credit,
    lay_over,
    load_policy,
    model_policy,
    references,
    topics,
)
from scenarios.questions import Option, Rationale

MODEL = model_policy()
FIXED = next(c.id for c in MODEL.clauses.values() if not c.droppable)
SPARE = next(c.id for c in MODEL.clauses.values() if c.droppable)


def test_the_policy_data_is_whole() -> None:
    assert [str(f) for f in policy_faults()] == []
    assert len(MODEL.clauses) == 33
    assert len(topics()) == 47
    assert len(references()) == 91


def test_every_clause_says_what_goes_wrong_without_it() -> None:
    for clause in MODEL.clauses.values():
        assert clause.risk
        assert clause.references


def test_defaults_are_the_model() -> None:
    same = lay_over(MODEL, PracticePolicy(practice="Mill Street"))
    assert same.practice == "Mill Street"
    assert same.clauses == MODEL.clauses
    assert same.settings == MODEL.settings


def test_a_practice_chooses_words_settings_and_what_to_leave_out() -> None:
    name, values = next(
        (c.setting.name, c.setting.values) for c in MODEL.clauses.values() if c.setting
    )
    own = PracticePolicy.model_validate(
        {
            "practice": "Mill Street",
            "settings": {name: values[-1]},
            "clauses": {FIXED: {"text": "In our own words."}},
            "omit": [SPARE],
        }
    )
    policy = lay_over(MODEL, own)
    assert policy.settings[name] == values[-1]
    assert policy.clauses[FIXED].text == "In our own words."
    assert policy.clauses[FIXED].title == MODEL.clauses[FIXED].title
    assert SPARE not in policy.clauses
    assert SPARE in MODEL.clauses


def test_what_does_not_fit_a_choice_is_left_out_or_reworded() -> None:
    own = PracticePolicy(
        practice="Any",
        settings={"practice-page": "none", "page-comments": "open"},
        clauses={"CL-07": Wording(text="In our own words.")},
    )
    policy = lay_over(MODEL, own)
    assert set(MODEL.clauses) - set(policy.clauses) == {"CL-05", "CL-12"}
    assert policy.clauses["CL-06"].text == MODEL.clauses["CL-06"].otherwise
    assert policy.clauses["CL-07"].text == "In our own words."
    assert all(c.fits(MODEL.settings) for c in MODEL.clauses.values())


def test_a_clause_that_needs_what_the_model_has_not_set_is_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = {"practice-page": "none", "faxing": "often"}
    clause = MODEL.clauses["CL-12"].model_copy(update={"needs": needs})
    spoilt = replace(MODEL, clauses={**MODEL.clauses, "CL-12": clause})
    monkeypatch.setattr("scenarios.policy.model_policy", lambda: spoilt)
    said = [str(f) for f in policy_faults()]
    assert len(said) == 2
    assert all("clauses.toml at CL-12: found" in s for s in said)


@pytest.mark.parametrize("clause", [c.id for c in MODEL.clauses.values() if not c.droppable])
def test_a_fixed_clause_cannot_be_left_out(clause: str) -> None:
    with pytest.raises(ContentError, match=clause):
        lay_over(MODEL, PracticePolicy(practice="Any", omit=(clause,)))


def test_feedback_tells_the_models_text_where_the_practice_has_another() -> None:
    scenario = load("reviews/one-star-sunday").scenario
    own = PracticePolicy(practice="Any", settings={"review-replies": "fixed-statement"})
    policy, answers = lay_over(MODEL, own), best_answers(scenario, MODEL)
    told = [f for s in scenario.scenes for f in for_scene(s, answers, policy, None)]
    clauses = {c["id"]: c for f in told if f["kind"] == "rationale" for c in f["clauses"]}
    assert clauses["CL-18"]["text"] == policy.clauses["CL-18"].text
    assert {i: c["model"] for i, c in clauses.items() if "model" in c} == {
        "CL-18": MODEL.clauses["CL-18"].text
    }
    for used, count in ((policy, 1), (MODEL, 0)):
        given = mark(scenario, answers, used)
        page = explained(Told("any", scenario, answers, used, None, given), lambda _, make: make())
        assert page.count("The scenario follows the model policy: ") == count
        assert page.count("Your policy: ") == count


def test_a_clause_left_out_after_it_was_named_is_explained_in_the_models_words() -> None:
    question = Rationale.model_validate(
        {
            "kind": "rationale",
            "id": "clauses",
            "right": [{"clause": "CL-12", "why": "-"}],
            "tempting": [{"clause": "CL-04", "why": "-"}],
        }
    )
    policy = lay_over(MODEL, PracticePolicy(practice="Any", settings={"practice-page": "none"}))
    told = explain(question, ["CL-12"], policy, None)
    assert told["verdict"] == "right"
    assert [c["text"] for c in told["clauses"] if c["chosen"]] == [MODEL.clauses["CL-12"].text]


BROKEN = f"""
practice = "Mill Street"
omit = ["{FIXED}", "CL-99", 4]
[settings]
texting = "sometimes"
faxing = "often"
email = 3
[clauses.CL-98]
text = "Ours."
[clauses.CL-04]
txt = "Ours."
"""


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(BROKEN)
    with pytest.raises(ContentError) as caught:
        load_policy(path)
    said = [str(f) for f in caught.value.faults]
    assert len(said) == 8
    unknown = "clauses.CL-04.txt: found an unknown key, expected one of text, title"
    wrong = ("settings.texting", "settings.faxing", "settings.email", "omit[2]", unknown)
    for part in (*wrong, "CL-98", "CL-99", FIXED):
        assert any(part in line for line in said), part
    assert all(line.startswith("policy.toml at ") for line in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("practice = ", "valid TOML"),
        ("", "practice"),
        ('practice = "A"\nclause = 1', "clause"),
        ("practice = 3", "found 3 (int)"),
    ],
)
def test_a_broken_policy_says_what_and_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(ContentError) as caught:
        load_policy(path)
    assert said in str(caught.value)
    assert "policy.toml" in str(caught.value)


def test_a_policy_is_found_by_variable_then_beside_the_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    module = tmp_path / "04_boundaries"
    module.mkdir()
    monkeypatch.chdir(module)
    assert load_policy() == MODEL
    (tmp_path / "policy.toml").write_text('practice = "Beside"')
    assert load_policy().practice == "Beside"
    named = tmp_path / "named.toml"
    named.write_text('practice = "Named"')
    monkeypatch.setenv(VARIABLE, str(named))
    assert load_policy().practice == "Named"
    assert len({load_policy().version, load_policy(tmp_path / "policy.toml").version, "model"}) == 3


def test_the_first_condition_that_holds_decides() -> None:
    option = Option.model_validate(
        {
            "id": "text",
            "text": "Text the client.",
            "credit": "risky",
            "consequence": "-",
            "why": "by itself",
            "when": [
                {"professions": ["mft"], "credit": "acceptable", "why": "by profession"},
                {"policy": {"texting": "secure"}, "credit": "best", "why": "by policy"},
            ],
        }
    )
    secure = lay_over(MODEL, PracticePolicy(practice="Any", settings={"texting": "secure"}))
    assert credit(option, MODEL, None) == ("risky", "by itself")
    assert credit(option, MODEL, "mft") == ("acceptable", "by profession")
    assert credit(option, secure, "mft") == ("acceptable", "by profession")
    assert credit(option, secure, None) == ("best", "by policy")
