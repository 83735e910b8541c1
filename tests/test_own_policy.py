"""Your own policy: what the form writes is what the course reads, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import policy_desk
from scenarios.faults import ContentError
from scenarios.own_policy import HANDOUT, chosen, handout, look, own, write
from scenarios.policy import FILE, PracticePolicy, Wording, lay_over, load_policy, model_policy

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 23)
SETTINGS = [c.setting for c in model_policy().clauses.values() if c.setting]


@given(
    name=st.text(min_size=1, max_size=60).filter(lambda s: s.strip()),
    words=st.text(min_size=1, max_size=200).filter(lambda s: s.strip()),
    values=st.tuples(*[st.sampled_from(s.values) for s in SETTINGS]),
    part_2=st.booleans(),
)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    words: str,
    values: tuple[str, ...],
    part_2: bool,  # noqa: FBT001 - hypothesis names it
) -> None:
    path = tmp_path_factory.mktemp("practice") / FILE
    settings = {s.name: v for s, v in zip(SETTINGS, values, strict=True)}
    mine = PracticePolicy(
        practice=name,
        settings=settings,
        omit=() if part_2 else ("CL-31",),
        clauses={"CL-08": Wording(text=words)},
    )
    write(path, mine)
    back = lay_over(model_policy(), own(path))
    assert back.practice == mine.practice
    assert dict(back.settings) == settings
    assert ("CL-31" in back.clauses) == part_2
    assert back.clauses["CL-08"].text == mine.clauses["CL-08"].text


def test_the_form_keeps_words_written_by_hand_and_the_course_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "07_policy"
    module.mkdir()
    monkeypatch.chdir(module)
    (tmp_path / "learner.json").write_text(json.dumps({"id": "abc"}))
    (tmp_path / FILE).write_text('practice = "Ours"\n[clauses.CL-08]\ntext = "Call 555-0142."\n')
    desk = policy_desk()
    desk.receive(
        desk,
        {"do": "save", "value": {"practice": "Ours", "settings": {"texting": "none"}, "omit": []}},
        [],
    )
    assert desk.view["told"] == ""
    assert load_policy().settings["texting"] == "none"
    assert load_policy().clauses["CL-08"].text == "Call 555-0142."
    assert "We do not text with clients." in load_policy().clauses["CL-09"].text
    # The handout is of what the form shows, not of what was saved before.
    form = {"practice": "Theirs", "settings": {"texting": "secure"}, "omit": []}
    desk.receive(desk, {"do": "handout", "value": form}, [])
    page = (tmp_path / HANDOUT).read_text()
    assert load_policy().settings["texting"] == "secure"
    assert "Theirs." in page
    assert "We do not text with clients." not in page
    assert desk.view["handout"] == HANDOUT


@pytest.mark.parametrize(
    "value",
    [None, [], {"settings": {"texting": "maybe"}}, {"omit": ["CL-16"]}, {"settings": "none"}],
)
def test_a_forged_form_changes_nothing_it_may_not(value: object) -> None:
    with suppress(ValueError, ContentError):
        after = chosen(value, PracticePolicy(practice="Ours"))
        assert after.settings == {}
        assert after.omit == ()


@given(values=st.tuples(*[st.sampled_from(s.values) for s in SETTINGS]))
def test_a_practice_without_pages_promises_nothing_about_pages(values: tuple[str, ...]) -> None:
    settings = {s.name: v for s, v in zip(SETTINGS, values, strict=True)}
    mine = PracticePolicy(practice="Ours", settings={**settings, "practice-page": "none"})
    page = handout(lay_over(model_policy(), mine), TODAY)
    assert "We have no social media pages." in page
    for words in ("practice page", "our posts", "our public posts", "our pages", "follow you back"):
        assert words not in page


def test_a_handout_ends_with_the_agreement_and_names_contacts_that_were_given() -> None:
    page = handout(model_policy(), TODAY)
    assert page.rindex("<h2>") == page.index("<h2>Questions, changes and your agreement")
    assert page.count("<h2>") == len(model_policy().clauses)
    assert "listed" not in page
    assert "contacts that we gave you" in page


def test_the_promise_of_part_2_programs_is_made_by_those_that_say_so(tmp_path: Path) -> None:
    form = {c["id"]: c for c in look(tmp_path)["clauses"]}
    assert [i for i, c in form.items() if c["left_out"]] == ["CL-31"]
    assert "CL-31" in load_policy().clauses
    (tmp_path / FILE).write_text('practice = "Ours"\nomit = []\n')
    assert not any(c["left_out"] for c in look(tmp_path)["clauses"])


def test_a_handout_escapes_what_a_practice_wrote() -> None:
    mine = PracticePolicy(
        practice="<script>alert(1)</script>", clauses={"CL-08": Wording(text="<img src=x>")}
    )
    page = handout(lay_over(model_policy(), mine), dt.date(2026, 11, 23))
    assert "<script>" not in page
    assert "<img" not in page
    assert "November 23, 2026" in page
