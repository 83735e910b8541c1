"""Every scenario proves itself: best answers earn everything, silence earns nothing."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from grading import score
from grading.check.canonical import FACADES
from grading.check.flaws_of_worth import situations
from grading.check.rules import lint
from grading.exemplary import best_answers, committed, worst_answers
from grading.marks import mark, points_by_person, points_by_rule
from scenarios.answers import FILE, Answers, append
from scenarios.catalogue import BANK, Entry, UnknownScenarioError, load, load_all, slugs
from scenarios.faults import ContentError
from scenarios.policy import VARIABLE, model_policy, references
from scenarios.questions import Response
from scenarios.terms import PROFESSIONS, Profession

MODEL = model_policy()
EVERY = tuple(load_all().values())

each = pytest.mark.parametrize("entry", EVERY, ids=lambda e: e.slug)


@each
def test_best_answers_earn_all_points_for_every_profession_and_policy(entry: Entry) -> None:
    most = points_by_rule(entry.scenario)
    people: list[Profession | None] = [None, *PROFESSIONS]
    for profession in people:
        best = best_answers(entry.scenario, MODEL, profession)
        assert mark(entry.scenario, best, MODEL, profession).points == most
    for name, policy, profession in situations(entry.scenario):
        best = best_answers(entry.scenario, policy, profession)
        assert mark(entry.scenario, best, policy, profession).points == most, name
    assert most + points_by_person(entry.scenario) == entry.scenario.points


@each
def test_no_answers_earn_nothing(entry: Entry) -> None:
    assert mark(entry.scenario, {}, MODEL).points == 0


@each
def test_the_worst_answers_earn_less_than_half(entry: Entry) -> None:
    worst = worst_answers(entry.scenario, MODEL)
    assert mark(entry.scenario, worst, MODEL).points < points_by_rule(entry.scenario) / 2


@each
def test_example_answers_name_what_is_lost_and_not_its_id(entry: Entry) -> None:
    for question in (q for scene in entry.scenario.scenes for q in scene.questions):
        if isinstance(question, Response):
            told = " ".join(example.why for example in question.exemplars).lower().split()
            words = {word.strip(".,;:()") for word in told}
            assert not words & {criterion.id for criterion in question.rubric}


@each
def test_exemplary_answers_have_the_form_that_is_asked(entry: Entry) -> None:
    for answers in (best_answers(entry.scenario, MODEL), worst_answers(entry.scenario, MODEL)):
        for scene in entry.scenario.path(answers):
            assert all(q.accepts(answers[scene.id, q.id]) for q in scene.questions)


@each
def test_no_item_flaws(entry: Entry) -> None:
    assert [str(f) for f in lint(entry) if f.severity == "fault"] == []


@each
def test_every_reference_was_looked_up(entry: Entry) -> None:
    statuses = {references()[r].status for r in entry.scenario.references}
    assert "unverified" not in statuses
    assert "verified" in statuses


@each
def test_the_record_beside_the_notebook_earns_the_points(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert is_zero(score(entry.slug))
    record(entry, best_answers(entry.scenario, MODEL))
    assert score(entry.slug) == points_by_rule(entry.scenario)
    assert type(score(entry.slug)) is float


def record(entry: Entry, answers: Answers) -> None:
    """Write answers into the record of the current folder, as the card does."""
    append(Path(FILE), committed(entry, answers))


def is_zero(points: float) -> bool:
    """Tell whether points are the plain float 0.0, the only zero that nbgrader takes for none."""
    return type(points) is float and repr(points) == "0.0"


# ---------------------------------------------------------------------------- score fails closed


@pytest.mark.parametrize(
    "slug",
    ["", "reviews", "reviews/", "no/such", "../policy/clauses", "/etc/passwd", "a/b/c", "A/B"],
)
def test_an_unknown_scenario_scores_nothing(slug: str) -> None:
    assert is_zero(score(slug))


@pytest.mark.parametrize("slug", [None, 3, [], object()])
def test_a_slug_that_is_no_text_scores_nothing(slug: object) -> None:
    assert is_zero(score(slug))  # type: ignore[arg-type]


def test_garbage_in_the_record_scores_nothing_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_bytes(b"\xff\x00{[" * 1000 + b"\n" + b"[" * 100_000)
    assert is_zero(score(EVERY[0].slug))
    Path(FILE).unlink()
    Path(FILE).mkdir()
    assert is_zero(score(EVERY[0].slug))
    assert capfd.readouterr() == ("", "")


def test_a_broken_practice_policy_scores_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record(EVERY[0], best_answers(EVERY[0].scenario, MODEL))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.toml"))
    assert is_zero(score(EVERY[0].slug))


# ------------------------------------------------------------------------------ names and faults


def test_slugs_are_paths_and_names() -> None:
    for entry in EVERY:
        assert (BANK / f"{entry.slug}.toml").is_file()
        assert re.fullmatch(r"[a-z-]+/[a-z0-9-]+", entry.slug)
        assert f"{entry.module}/{entry.name}" == entry.slug
    assert tuple(e.slug for e in EVERY) == slugs()


def test_an_unknown_slug_is_told_with_the_nearest_one() -> None:
    with pytest.raises(UnknownScenarioError, match="Did you mean 'reviews/one-star-sunday'"):
        load("reviews/one-star-sundae")


BROKEN = """
title = "Hi"
topics = ["S11", "T1"]
role = "Counselor"
setting = "castle"
bloom = "apply"
severity = 7
references = ["ACA-A.5.e"]
varies = "-"
author = "-"
review_by = 2099-01-01
colour = "blue"
[feedback]
takeaway = "-"
better = "-"
[[scenes]]
id = "request"
stem = "You see it."
[[scenes.questions]]
kind = "choice"
id = "decision"
prompt = "What next?"
[[scenes.questions.options]]
id = "accept"
text = "Accept."
credit = "splendid"
consequence = "-"
why = "-"
"""


def test_a_broken_file_tells_every_fault_with_its_place(tmp_path: Path) -> None:
    module = tmp_path / "boundaries"
    module.mkdir()
    (module / "broken.toml").write_text(BROKEN)
    (module / "torn.toml").write_text("title = ")
    (module / "Bad Name.toml").write_text("")
    with pytest.raises(ContentError) as caught:
        load_all(tmp_path)
    said = str(caught.value).splitlines()
    assert all(line.startswith("bank/boundaries/") for line in said)
    for part in (
        "broken.toml at title",
        "broken.toml at topics",
        "broken.toml at objective: found nothing",
        "broken.toml at setting: found 'castle' (str)",
        "broken.toml at severity: found 7 (int)",
        "broken.toml at colour: found an unknown key, expected one of role, ",
        "scenes[request].questions[decision].options[accept].credit: found 'splendid'",
        "torn.toml: found",
        "Bad Name.toml: found its name",
    ):
        assert any(part in line for line in said), part
    assert not [line for line in said if "after validation" in line], "said of the list as well"


def test_names_that_do_not_exist_are_told(tmp_path: Path) -> None:
    source = (BANK / "boundaries" / "sunday-follow-request.toml").read_text("utf-8")
    module = tmp_path / "boundaries"
    module.mkdir()
    broken = source.replace("CL-04", "CL-77").replace('"S11"', '"S99"').replace("ACA-H.6", "ACA-Z")
    (module / "sunday-follow-request.toml").write_text(broken)
    with pytest.raises(ContentError) as caught:
        load_all(tmp_path)
    said = str(caught.value)
    for part in ("'CL-77', expected a known clause", "'S99', expected a known topic", "'ACA-Z'"):
        assert part in said


# --------------------------------------------------------------------- facades and dependencies


def test_facades_offer_what_notebooks_use() -> None:
    for package, names in FACADES.items():
        facade = importlib.import_module(package)
        assert facade.__all__ == list(names)
        assert all(callable(getattr(facade, name)) for name in names)


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.py")), ids=str)
def test_scenarios_never_import_grading(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        assert not any(n.partition(".")[0] == "grading" for n in names)


HEAVY = ["jupyter_server", "matplotlib", "nbformat", "nbgrader", "numpy", "pandas", "rich", "typer"]


def test_asking_and_scoring_load_nothing_heavy(tmp_path: Path) -> None:
    program = f"""
import sys
from scenarios import ask
from grading import score
card = ask("reviews/one-star-sunday")
points = score("reviews/one-star-sunday")
print(points, [name for name in {HEAVY} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "0.0 []"
    assert list(tmp_path.iterdir()) == []
