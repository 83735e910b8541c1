"""`course check`: each flaw is found where it is, a sound item and the course itself pass."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from typer.main import get_command
from typer.testing import CliRunner

from grading import cli
from grading.check import Checked, canonical, check, examine, lessons, pools
from grading.check.author_talk import author_talk
from grading.check.citations import unverified_numbers
from grading.check.coverage import cue_leak, genders, positions, reports, strategies, twins
from grading.check.cue_leak import guess, questions
from grading.check.rules import RULES, lint
from grading.check.wording import actions, opening, reading_grade
from grading.notebooks import source_of
from grading.schemas import schemas
from scenarios import policy
from scenarios.catalogue import BANK, Entry, load, load_all, slugs
from scenarios.model import Scenario
from scenarios.policy import DATA
from scenarios.questions import Choice

Raw = dict[str, Any]
TODAY = dt.date(2026, 12, 1)
NOTEBOOKS = ROOT / "notebooks"


@pytest.fixture(scope="module")
def checked() -> Checked:
    """The course as it is."""
    return check(ROOT)


# --------------------------------------------------------------------------- the course as it is


def test_the_course_has_no_fault(checked: Checked) -> None:
    assert [str(f) for f in checked.findings if f.severity == "fault"] == []
    assert set(checked.entries) == set(slugs())


def test_every_report_is_a_table(checked: Checked) -> None:
    assert len({r.title for r in checked.reports}) == len(checked.reports)
    for report in checked.reports:
        assert report.note
        assert all(len(row) == len(report.columns) for row in report.rows)


# -------------------------------------------------------------------------------- one item's flaws

SOUND = """
title = "A request on a Sunday"
topics = ["S11"]
objective = "Answer a request within policy."
role = "Licensed professional counselor"
professions = ["counselor"]
setting = "solo"
bloom = "apply"
severity = 3
references = ["ACA-A.5.e"]
varies = "Social workers reach it by 1.06(h)."
author = "Course team"
review_by = 2099-01-01
[feedback]
takeaway = "Say what you do with every request."
better = "Leave it and open the topic yourself."
[[scenes]]
id = "request"
stem = "You are a counselor. A client asks to follow you. She has signed your policy."
[scenes.artefact]
kind = "thread"
channel = "sms"
title = "555-0134"
messages = [{ text = "See you at mill.example, or call 555-0134." }]
[[scenes.questions]]
kind = "choice"
id = "decision"
prompt = "Which of the following is the most appropriate next step?"
[[scenes.questions.options]]
id = "accept"
text = "Accept it with a restricted view, and tell her what she can see."
credit = "violation"
consequence = "-"
why = "-"
[[scenes.questions.options]]
id = "delete"
text = "Delete it this evening, and rely on the page that both signed."
credit = "risky"
consequence = "-"
why = "-"
[[scenes.questions.options]]
id = "leave"
text = "Leave it without a reply, and hear what it meant to her later on."
credit = "best"
consequence = "-"
why = "-"
[[scenes.questions.options]]
id = "write"
text = "Send her a note this evening, and invite her questions about it."
credit = "acceptable"
consequence = "-"
why = "-"
[[scenes.questions]]
kind = "rationale"
id = "clauses"
right = [{ clause = "CL-04", why = "-" }]
tempting = [{ clause = "CL-05", why = "-" }, { clause = "CL-07", why = "-" }]
"""


def sound() -> Raw:
    """Return a scenario without a flaw, to put one into."""
    return tomllib.loads(SOUND)


def entry_of(data: Raw) -> Entry:
    """Return a scenario as the catalogue would."""
    scenario = Scenario.model_validate(data)
    return Entry(slug="boundaries/request", version="0", scenario=scenario)


def options(data: Raw) -> list[Raw]:
    """Return the options of the first question."""
    found: list[Raw] = data["scenes"][0]["questions"][0]["options"]
    return found


def key(text: str) -> Callable[[Raw], None]:
    """Return a change of the best option's text."""
    return lambda d: options(d)[2].update(text=text)


def wrong(text: str) -> Callable[[Raw], None]:
    """Return a change of a wrong option's text."""
    return lambda d: options(d)[1].update(text=text)


def stem(text: str) -> Callable[[Raw], None]:
    """Return a change of the stem."""
    return lambda d: d["scenes"][0].update(stem=text)


def choice(**more: object) -> Callable[[Raw], None]:
    """Return a change of the question."""
    return lambda d: d["scenes"][0]["questions"][0].update(more)


def varies(text: str) -> Callable[[Raw], None]:
    """Return a change of what would change the answer."""
    return lambda d: d.update(varies=text)


def never_event(data: Raw) -> None:
    """Mark an option as a never-event."""
    options(data)[0]["never_event"] = True


def no_key_for_mfts(data: Raw) -> None:
    """Make the best option less than best for one profession."""
    options(data)[2]["when"] = [{"professions": ["mft"], "credit": "risky", "why": "-"}]


def branch(after_violation: str | None, after_risky: str | None) -> Callable[[Raw], None]:
    """Return a change that adds a second scene and says what leads there."""

    def change(data: Raw) -> None:
        later = copy.deepcopy(data["scenes"][0])
        later["id"] = "later"
        data["scenes"].append(later)
        accept, delete, leave, write = options(data)
        for option, target in zip(
            (accept, delete, leave, write),
            (after_violation, after_risky, "later", "later"),
            strict=True,
        ):
            if target:
                option["next"] = target

    return change


def violation_pays(data: Raw) -> None:
    """Let a violation lead on to a good end, and a risky step end at once, with no rationale."""
    branch("later", None)(data)
    for scene in data["scenes"]:
        scene["questions"].pop()


FLAWS: list[tuple[str, Callable[[Raw], None]]] = [
    (
        "key-longest",
        key("Leave it without a reply for now, and hear from her what it meant later on in care."),
    ),
    ("key-shortest", key("Leave it as it is, and hear what it meant.")),
    ("spread", wrong("Delete it, and rely on it.")),
    ("absolutes", wrong("Delete it this evening, and never speak of the page you signed.")),
    ("reasons", wrong("Delete it this evening, because both of you have signed a page.")),
    ("grammar", key("Leaving it without a reply, and hearing what it meant to her.")),
    ("grammar", wrong("The request is deleted, and you rely on the page both signed.")),
    ("actions", key("Leave it open, ask her, write it down, and call a colleague later.")),
    ("clang", stem("You are a counselor. A client sends a request without a reply to a question.")),
    ("overlap", wrong("Leave it without a reply, and hear what it meant to her much later.")),
    ("negative", choice(prompt="Which of the following is NOT appropriate?")),
    ("above", wrong("Choose none of the above, and rely on the page that both signed.")),
    ("letters", varies("Option B would be right for social workers.")),
    ("telling-ids", lambda d: options(d)[2].update(id="best-step")),
    ("citations", varies("Psychologists look at Standard 9.99 here.")),
    ("citations", varies("See guideline 4 of 2021.")),
    ("own-code", lambda d: d.update(professions=["mft"])),
    ("rationale", lambda d: d["scenes"][0]["questions"].pop()),
    ("rationale", lambda d: d["scenes"][0]["questions"][1]["tempting"].pop()),
    ("never-events", never_event),
    ("telephones", varies("Call (212) 867-5309 first.")),
    ("domains", varies("See www.millstreet.com first.")),
    ("trade-marks", stem("You are a counselor. A client asks to follow you on Instagram.")),
    ("emoji", stem("You are a counselor. A client sends you a \N{SMILING FACE WITH OPEN MOUTH}.")),
    (
        "reading-grade",
        stem("You, administering institutional confidentiality responsibilities, deliberate."),
    ),
    ("second-person", stem("A counselor has a client who asks to follow an account.")),
    ("full-points", no_key_for_mfts),
    ("violation-pays", violation_pays),
    ("no-way-back", branch(None, "later")),
]


def found(data: Raw, today: dt.date = TODAY) -> set[str]:
    """Return the rules that a scenario breaks."""
    return {f.rule for f in lint(entry_of(data), today)}


def test_a_sound_item_has_no_findings() -> None:
    assert [str(f) for f in lint(entry_of(sound()), TODAY)] == []


@pytest.mark.parametrize(
    ("rule", "flaw"), FLAWS, ids=[f"{n}-{r}" for n, (r, _) in enumerate(FLAWS)]
)
def test_each_flaw_is_found(rule: str, flaw: Callable[[Raw], None]) -> None:
    data = sound()
    flaw(data)
    assert rule in found(data)


def test_every_rule_has_an_example_and_a_reason() -> None:
    assert {rule for rule, _ in FLAWS} == {r.id for r in RULES}
    assert len({r.id for r in RULES}) == len(RULES)
    assert all(r.title and r.reason for r in RULES)


def test_a_passed_review_date_is_a_warning() -> None:
    data = sound() | {"review_by": dt.date(2026, 11, 30)}
    (finding,) = lint(entry_of(data), TODAY)
    assert (finding.rule, finding.severity) == ("review-date", "warning")
    assert found(data, dt.date(2026, 11, 30)) == set()


def test_a_violation_with_a_way_back_that_does_not_pay_is_sound() -> None:
    data = sound()
    branch("later", "later")(data)
    assert found(data) == set()


def test_a_finding_says_what_where_and_why() -> None:
    data = sound()
    options(data)[2]["id"] = "best-step"
    (finding,) = lint(entry_of(data), TODAY)
    assert str(finding) == (
        "fault: bank/boundaries/request.toml at scenes[request].questions[decision]: found the"
        " option id 'best-step', expected an id that says what is done, not what it is worth (ids"
        " stand in the page and in the record) [telling-ids]"
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ACA A.5.e and H.6.b, NASW 1.06(h), APA 3.05, AAMFT 1.3 and 6.1.", []),
        ("HIPAA: 45 CFR 164.514(b)(2) and 164.404.", []),
        ("At 2.30 pm she paid $4.50, gave 3.5 stars and waited 1.5 hours.", []),
        ("Version 2.1 of the app has 4.75 million users.", []),
        ("APA Standard 3.10 asks for consent.", ["3.10"]),
        ("ACA C.6.c on media.", ["C.6.c"]),
        ("ACA Z.1 is no section, but K.9 might be.", ["K.9"]),
        ("The rule of 45 CFR 164.520.", ["164.520"]),
        ("Guideline 3 of the APA.", ["Guideline 3"]),
    ],
)
def test_only_verified_section_numbers_pass(text: str, numbers: list[str]) -> None:
    assert [n for n, _ in unverified_numbers(text)] == numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Social workers follow NASW and HIPAA; the APA and 45 CFR Part 2 say more.", []),
        ("The reply named FOUR patients.", ["FOUR"]),
        ("They neither solicit NOR use praise.", ["NOR"]),
        ("This is the seed's 'New Jersey agency'.", ["seed"]),
        ("Do not copy its text into a course.", ["Do not copy", "course"]),
        ("Cite the document: no number may stand in an item.", ["Cite the document", "item"]),
    ],
)
def test_author_talk_is_told_from_plain_words(text: str, found: list[str]) -> None:
    assert list(author_talk(text)) == found


def test_author_talk_in_what_learners_read_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, model = dict(policy.references()), policy.model_policy()
    known["KOLMES"] = known["KOLMES"].model_copy(update={"says": "Do not copy it."})
    clause = model.clauses["CL-16"].model_copy(update={"text": "We NEVER post about you."})
    spoilt = replace(model, clauses={**model.clauses, "CL-16": clause})
    monkeypatch.setattr(policy, "references", lambda: known)
    monkeypatch.setattr(policy, "model_policy", lambda: spoilt)
    (tmp_path / "bank").mkdir()
    said = [str(f) for f in examine(tmp_path, tmp_path / "bank", today=TODAY).findings]
    assert any("references.toml at KOLMES.says: found 'Do not copy'" in s for s in said)
    assert any("clauses.toml at CL-16.text: found 'NEVER'" in s for s in said)


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("Leave it, and tell her.", "verb", 2),
        ("Leaving it open.", "gerund", 1),
        ("Bring it up.", "verb", 1),
        ("Reply to her; then call.", "verb", 2),
        ("The request stays.", "noun phrase", 1),
        ("Gently decline.", "adverb", 1),
        ("'Thank you' is enough.", "quotation", 1),
        ("You wait.", "pronoun", 1),
    ],
)
def test_form_of_an_option(text: str, kind: str, count: int) -> None:
    assert (opening(text), actions(text)) == (kind, count)


def test_reading_grade_rises_with_long_words_and_sentences() -> None:
    plain = "You see Ms. Ode. She asks you a question. You say no."
    hard = (
        "Confidentiality obligations necessitate institutional deliberation regarding disclosure."
    )
    assert reading_grade(plain) < 4
    assert reading_grade(hard) > 13
    assert reading_grade("") == 0


# ---------------------------------------------------------------------------------- the whole bank


def items_like(make: Callable[[random.Random, bool], str], number: int) -> list[tuple[str, Choice]]:
    """Return questions whose options are made by `make(random, is it the key)`."""
    rng = random.Random(7)  # noqa: S311 - the same items every time
    items = []
    for n in range(number):
        data = sound()["scenes"][0]["questions"][0]
        for option in data["options"]:
            option["text"] = make(rng, option["credit"] == "best")
        items.append((f"item-{n}", Choice.model_validate(data)))
    return items


def words(rng: random.Random, number: int) -> str:
    """Return a text of random words."""
    pool = ("leave", "call", "write", "open", "send", "keep", "tell", "page", "note", "list")
    return " ".join(rng.choices(pool, k=number)).capitalize()


def test_a_guesser_finds_keys_that_are_longer() -> None:
    leak = guess(items_like(lambda rng, best: words(rng, 12 if best else rng.randint(7, 11)), 40))
    assert leak.leaks
    assert leak.rate > 0.8
    assert leak.low > leak.chance == 0.25


def test_a_guesser_finds_nothing_where_form_is_the_same() -> None:
    leak = guess(items_like(lambda rng, _: words(rng, rng.randint(7, 12)), 120))
    assert leak.low < leak.chance < leak.high
    assert leak.rate < 0.4


def test_a_guesser_needs_no_minimum() -> None:
    assert guess([]).rate == 0
    assert guess(items_like(lambda rng, _: words(rng, 8), 1)).items == 1


def test_a_leak_is_a_warning_in_a_small_bank_and_a_fault_in_a_large_one() -> None:
    leaky = items_like(lambda rng, best: words(rng, 12 if best else rng.randint(7, 11)), 60)
    assert {f.severity for f in cue_leak(leaky[:20]).findings} == {"warning"}
    assert {f.severity for f in cue_leak(leaky).findings} == {"fault"}
    assert "thumb" in {f.rule for f in strategies(leaky).findings}


def test_keys_in_one_place_are_told() -> None:
    same = items_like(lambda rng, _: words(rng, 8), 30)
    assert {f.rule for f in positions(same).findings} == {"positions"}


def test_twins_are_told() -> None:
    one, other = entry_of(sound()), entry_of(sound())
    told = twins({"boundaries/one": one, "boundaries/other": other})
    assert {f.rule for f in told.findings} <= {"twins", "titles"}
    assert "titles" in {f.rule for f in told.findings}


def test_gender_that_goes_with_fault_is_told() -> None:
    bank = {}
    for n in range(40):
        data = sound()
        data["severity"] = 1 if n % 2 else 4
        who = "She" if n % 2 else "He"
        data["scenes"][0]["stem"] = f"You are a counselor. {who} asks to follow you."
        bank[f"boundaries/n{n}"] = entry_of(data)
    assert [f.rule for f in genders(bank).findings] == ["genders"]


def test_reports_on_an_empty_bank_say_so() -> None:
    assert all(r.note for r in reports({}))
    assert questions([]) == []


# ------------------------------------------------------------------------------------- notebooks

MODULE = "06_reviews"


def notebook() -> Raw:
    """Return a notebook of the course."""
    loaded: Raw = json.loads((NOTEBOOKS / MODULE / f"{MODULE}.ipynb").read_text("utf-8"))
    return loaded


def cell(data: Raw, cell_id: str) -> Raw:
    """Return a cell by its id."""
    return next(c for c in data["cells"] if c["id"] == cell_id)


def lost(cell_id: str) -> Callable[[Raw], None]:
    """Return a change that takes a cell out."""
    return lambda d: d["cells"].remove(cell(d, cell_id))


def in_cell(cell_id: str, **more: object) -> Callable[[Raw], None]:
    """Return a change of a cell's keys."""
    return lambda d: cell(d, cell_id).update(more)


def in_nbgrader(cell_id: str, **more: object) -> Callable[[Raw], None]:
    """Return a change of what nbgrader reads of a cell."""
    return lambda d: cell(d, cell_id)["metadata"]["nbgrader"].update(more)


def moved(data: Raw) -> None:
    """Put a scored cell to the end."""
    data["cells"].append(data["cells"].pop(data["cells"].index(cell(data, "one-star-sunday"))))


TWIN = "ask-one-star-sunday"


def flatten(data: Raw) -> None:
    """Turn the headings below the title into plain text."""
    for found in data["cells"]:
        found["source"] = re.sub(r"^##+ ", "", source_of(found), flags=re.MULTILINE)


SPOILT: list[tuple[str, Callable[[Raw], None]]] = [
    ("outputs of a run", in_cell("one-star-sunday", execution_count=3)),
    ("outputs of a run", in_cell(TWIN, outputs=[{"output_type": "stream"}])),
    ("asked 0 and scored 1", lost(TWIN)),
    ("asked 1 and scored 0", lost("one-star-sunday")),
    ("directly before", moved),
    ("asked 2 and scored 1", lambda d: d["cells"].append(copy.deepcopy(cell(d, TWIN)))),
    ("an id of its own", lambda d: d["cells"].append(copy.deepcopy(cell(d, TWIN)))),
    ("expected a panel, sit", in_cell(TWIN, source="import os")),
    ("expected a panel, sit", in_cell(TWIN, source='ask("boundaries/missed-visit")')),
    ("expected 'ask-one-star-sunday'", in_cell(TWIN, id="another")),
    ("small letters", in_cell("objectives", id="A1B2")),
    ("the first code cell", in_cell("setup", source="from scenarios import *")),
    ("nbgrader.points: found 9", in_nbgrader("one-star-sunday", points=9)),
    ("nbgrader.grade: found false", in_nbgrader("one-star-sunday", grade=False)),
    ("nbgrader.locked: found false", in_nbgrader(TWIN, locked=False)),
    ("nbgrader.locked: found 1", in_nbgrader(TWIN, locked=1)),
    ("nbgrader.checksum", in_nbgrader(TWIN, checksum="0")),
    ("metadata.collapsed", lambda d: cell(d, TWIN)["metadata"].update(collapsed=True)),
    ("metadata.tags", lambda d: cell(d, TWIN)["metadata"].update(tags=[])),
    ("metadata.widgets", lambda d: d["metadata"].update(widgets={})),
    ("metadata.kernelspec.name", lambda d: d["metadata"]["kernelspec"].update(name="mine")),
    ("metadata.course.module", lambda d: d["metadata"]["course"].update(module="policy")),
    ("metadata.course.autorun", lambda d: d["metadata"]["course"].update(autorun=1)),
    ("the first cell", lambda d: d["metadata"]["course"].update(title="Another")),
    ("format 4.4", lambda d: d.update(nbformat_minor=4)),
    ("no such key", in_cell("objectives", attachments={})),
    ("an empty cell", in_cell("objectives", source=" ")),
    ("one title, first", in_cell("objectives", source="# Again")),
    ("so that none is skipped", in_cell("objectives", source="#### Deep")),
    ("level 2 before the first card", flatten),
    ("what it shows", in_cell("objectives", source="![](a.png)")),
    ("asks no other site", in_cell("objectives", source="![A door](https://mill.example/a.png)")),
    ("no HTML of their own", in_cell("objectives", source="<script>1</script>")),
    ("the number 3.10", in_cell("objectives", source="APA Standard 3.10.")),
]


def spoil(place: Path, change: Callable[[Raw], None]) -> list[str]:
    """Return what is said of a copy of the notebook after a change."""
    data = notebook()
    change(data)
    folder = place / "notebooks" / MODULE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MODULE}.ipynb").write_text(canonical.layout(data), "utf-8")
    return [str(f) for f in canonical.faults(folder.parent, load_all())]


def test_the_notebook_itself_is_canonical(tmp_path: Path) -> None:
    assert spoil(tmp_path, lambda _: None) == []


@pytest.mark.parametrize(("said", "change"), SPOILT, ids=[f"{n}" for n in range(len(SPOILT))])
def test_each_spoilt_notebook_is_told(
    tmp_path: Path, said: str, change: Callable[[Raw], None]
) -> None:
    faults = spoil(tmp_path, change)
    assert any(said in fault for fault in faults), faults
    assert all(f.startswith(f"notebooks/{MODULE}/{MODULE}.ipynb") for f in faults)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 1}', '{"cells": [1]}', "\xff"])
def test_a_file_that_is_no_notebook_is_told(tmp_path: Path, text: str) -> None:
    folder = tmp_path / MODULE
    folder.mkdir()
    (folder / f"{MODULE}.ipynb").write_bytes(text.encode("latin-1"))
    (fault,) = canonical.faults(tmp_path, {})
    assert "a notebook" in fault.expected
    assert list(lessons.findings(tmp_path)) == []


def test_what_a_learner_left_in_the_course_is_told(tmp_path: Path) -> None:
    shutil.copytree(NOTEBOOKS / MODULE, tmp_path / MODULE)
    (tmp_path / MODULE / "answers.jsonl").write_text("{}\n")
    (tmp_path / MODULE / "copy.ipynb").write_text("{}")
    (tmp_path / "extra").mkdir()
    said = [str(f) for f in canonical.faults(tmp_path, load_all())]
    assert any("answers.jsonl" in s for s in said)
    assert any("copy.ipynb: found a second notebook" in s for s in said)
    assert any("expected NN_module" in s for s in said)


def test_every_lesson_can_be_read_between_two_clients() -> None:
    assert [str(f) for f in lessons.findings(NOTEBOOKS)] == []


@pytest.mark.parametrize(("words", "told"), [(699, 1), (700, 0), (1200, 0), (1201, 1)])
def test_a_lesson_of_another_length_is_told(tmp_path: Path, words: int, told: int) -> None:
    data = notebook()
    taught = [c for c in data["cells"] if c["id"].startswith(lessons.LESSON)]
    for found in taught:
        found["source"] = ["word"]
    taught[0]["source"] = ["word " * (words - len(taught) + 1)]
    folder = tmp_path / MODULE
    folder.mkdir()
    (folder / f"{MODULE}.ipynb").write_text(json.dumps(data), "utf-8")
    found = list(lessons.findings(tmp_path))
    assert [f.severity for f in found] == ["warning"] * told
    assert all(f"{words} words" in f.fault.found for f in found)


def test_other_indentation_is_told(tmp_path: Path) -> None:
    folder = tmp_path / MODULE
    folder.mkdir()
    (folder / f"{MODULE}.ipynb").write_text(json.dumps(notebook(), indent=2), "utf-8")
    (fault,) = canonical.faults(tmp_path, load_all())
    assert fault.found == "another layout of the file"


def test_nbgrader_itself_accepts_the_metadata() -> None:
    nbformat = import_module("nbformat")
    nbgraderformat = import_module("nbgrader.nbgraderformat")
    for path in NOTEBOOKS.glob("*/*.ipynb"):
        node = nbformat.read(path, as_version=4)
        nbformat.validate(node)
        nbgraderformat.MetadataValidator().validate_nb(node)


# ------------------------------------------------------------------------- everything at once


def test_a_broken_bank_is_told_with_everything_else(tmp_path: Path) -> None:
    bank, notebooks = tmp_path / "bank", tmp_path / "notebooks"
    (bank / "reviews").mkdir(parents=True)
    (bank / "reviews" / "torn.toml").write_text("title =")
    shutil.copy(BANK / "reviews" / "one-star-sunday.toml", bank / "reviews")
    written = (BANK / "reviews" / "jordan-p-one-star.toml").read_text("utf-8")
    (bank / "reviews" / "jordan-p-one-star.toml").write_text(f"colour = 1\n{written}", "utf-8")
    (notebooks / MODULE).mkdir(parents=True)
    whole = notebook()
    whole["metadata"]["widgets"] = {}
    (notebooks / MODULE / f"{MODULE}.ipynb").write_text(json.dumps(whole), "utf-8")
    result = examine(notebooks, bank, today=TODAY)
    said = "\n".join(map(str, result.findings))
    assert "bank/reviews/torn.toml: found" in said
    assert "metadata.widgets" in said
    assert "2 scenarios that cannot be read (reviews/jordan-p-one-star, reviews/torn)" in said
    told = [f for f in result.findings if "jordan-p-one-star" in str(f)]
    assert [f.rule for f in told] == ["form", "unread"]
    assert result.faults >= 2
    assert list(result.entries) == ["reviews/one-star-sunday"]
    assert result.summary.startswith("1 scenario, 33 clauses and 1 notebook checked: ")


def test_a_pool_is_not_said_to_lack_what_cannot_be_read() -> None:
    whole = load_all()
    gone = next(slug for slug in whole if slug.startswith("posttest/"))
    rest = {slug: entry for slug, entry in whole.items() if slug != gone}
    assert [f.rule for f in pools.findings(rest)] == ["pool"]
    assert list(pools.findings(rest, [gone])) == []


# ------------------------------------------------------------------------------ the command line

run = CliRunner().invoke


def test_check_passes_and_says_so() -> None:
    done = run(cli.app, ["check", "--quiet", "--course", str(ROOT)])
    assert done.exit_code == 0
    assert re.fullmatch(
        r"\d+ scenarios, 33 clauses and \d+ notebooks checked: 0 faults.*\n", done.output
    )


def test_check_prints_reports() -> None:
    done = run(cli.app, ["check", "--report", "--course", str(ROOT)])
    assert "Cue leak" in done.output
    assert "Topics by question kind" in done.output


def test_check_fails_on_a_fault(tmp_path: Path) -> None:
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    (tmp_path / "notebooks" / MODULE / "answers.jsonl").write_text("{}\n")
    done = run(cli.app, ["check", "--course", str(tmp_path)])
    assert done.exit_code == 1
    assert "fault: notebooks/06_reviews/answers.jsonl: found a file of one learner" in done.output


def test_check_reads_a_practices_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policy.toml").write_text('practice = "Mill Street"\nomit = ["CL-99"]')
    done = run(cli.app, ["check", "--policy", str(tmp_path / "policy.toml")])
    assert done.exit_code == 1
    assert "policy.toml at omit: found 'CL-99'" in done.output
    assert done.output.strip().endswith("1 fault, 0 warnings.")
    monkeypatch.chdir(tmp_path)
    done = run(cli.app, ["check"])
    assert done.exit_code == 1
    assert "policy.toml at omit: found 'CL-99'" in done.output
    assert " notebooks and policy.toml checked: 1 fault," in done.output
    (tmp_path / "policy.toml").write_text('\ufeffpractice = "Mill Street"\n', "utf-8")
    assert run(cli.app, ["check", "--policy", str(tmp_path / "policy.toml")]).exit_code == 0
    done = run(cli.app, ["check", "--policy", str(tmp_path)])
    assert done.exit_code == 1
    assert "Is a directory" in done.output


def test_schemas_fit_every_file(tmp_path: Path) -> None:
    jsonschema = import_module("jsonschema")
    done = run(cli.app, ["schema", "--out", str(tmp_path / "new" / "schema")])
    assert done.exit_code == 0
    assert [Path(p).name for p in done.output.split()] == [f"{n}.schema.json" for n in schemas()]
    for name in ("clauses", "references", "topics"):
        valid(jsonschema, name).validate(tomllib.loads((DATA / f"{name}.toml").read_text("utf-8")))
    for slug in slugs():
        data = tomllib.loads((BANK / f"{slug}.toml").read_text("utf-8"))
        valid(jsonschema, "scenario").validate(json.loads(json.dumps(data, default=str)))
    assert not valid(jsonschema, "scenario").is_valid({**sound(), "colour": "blue"})


def valid(jsonschema: Any, name: str) -> Any:  # noqa: ANN401 - the package ships no types
    """Return a validator for one kind of file."""
    return jsonschema.Draft202012Validator(schemas()[name])


def test_every_command_is_documented() -> None:
    told = (ROOT / "README.md").read_text("utf-8") + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    commands = getattr(get_command(cli.app), "commands", {})
    assert "open" in commands
    for name, command in commands.items():
        assert f"course {name}" in told, name
        assert command.help


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["preview", "reviews/one-star-sundae"], "Did you mean 'reviews/one-star-sunday'?"),
        (["grade", "--course", "/no/such/course"], "/no/such/course"),
        (["check", "--course", "/no/such/course"], "/no/such/course"),
        (["report", "--course", "tests"], "No notebooks lie in"),
    ],
)
def test_errors_are_sentences(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grading.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unexpected_error_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down() -> None:
        raise ZeroDivisionError("nothing left")

    monkeypatch.setattr(cli, "app", break_down)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "The course stopped unexpectedly (ZeroDivisionError: nothing left);"
        " please report it with what you typed.\n"
    )


def test_opening_loads_nothing_that_only_graders_need(tmp_path: Path) -> None:
    program = """
import sys
import scenarios.launch
from grading import cli
heavy = ["pandas", "matplotlib", "nbgrader", "numpy"]
def opened(folder, **_):
    print([name for name in heavy if name in sys.modules])
    return 0
scenarios.launch.open_course = opened
sys.argv = ["course", "open", "--no-browser"]
cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_a_preview_is_a_course_of_one_scenario(tmp_path: Path) -> None:
    from grading.preview import notebook as preview  # noqa: PLC0415 - beside what it is for

    path = preview([load("reviews/one-star-sunday")], tmp_path)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    calls = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    assert calls == ["from scenarios import ask", 'ask("reviews/one-star-sunday")']
