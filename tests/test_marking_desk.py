"""Marking by hand, from the desk to the gradebook that formgrader reads."""

from __future__ import annotations

import html
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from grading.course import Course
from grading.manual.desk import Desk
from grading.manual.marked import (
    FILE,
    MarkError,
    RawMark,
    keep,
    kept,
    places,
    salt,
    store,
    stored,
    written,
)
from grading.manual.queue import Place
from grading.manual.rubric import RubricMark
from grading.manual.session import Session
from grading.nbgrader.grade import grade
from scenarios.catalogue import load

pytest_plugins = ["small_course"]

SLUG = "reviews/jordan-p-one-star"
MARKUP = "<img src=x onerror=alert(1)>"


def place_of(course: Course) -> Place:
    return next(p for p in places(course) if p.slug == SLUG)


def past_anchors(session: Session) -> Session:
    for task in session.todo():
        if task.role == "anchor":
            session.save(task, {}, [])
    return session


def theirs(course: Course, place: Place, learner: str) -> dict[str, Any]:
    """What nbgrader's own API, which formgrader uses, has of a written answer."""
    from nbgrader.api import Gradebook  # noqa: PLC0415 - takes seconds to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = Gradebook(course.db_url, course.course_id)
        try:
            at = (place.cell, place.notebook, place.assignment, learner)
            grade_, comment = book.find_grade(*at), book.find_comment(*at)
            return {
                "score": grade_.score,
                "manual": grade_.manual_score,
                "waits": grade_.needs_manual_grade,
                "comment": comment.comment,
            }
        finally:
            book.close()


def test_written_questions_are_found_with_their_points(answered_course: Course) -> None:
    found = places(answered_course)
    assert {load(p.slug).scenario.written for p in found} == {True}
    assert place_of(answered_course).maximum == 6
    some = written(answered_course, place_of(answered_course))
    assert 20 < len(some) <= 32
    assert all(a.bank == load(SLUG).version and a.text.strip() for a in some)


def test_a_mark_reaches_the_gradebook_and_grading_again_keeps_it(graded_course: Course) -> None:
    place = place_of(graded_course)
    session = past_anchors(Session(graded_course, place, "Kim"))
    task = session.todo()[0]
    learner = next(a for n, a in session._answers.items() if n == task.alias).learner  # noqa: SLF001
    before = theirs(graded_course, place, learner)
    assert (before["manual"], before["waits"]) == (None, True)
    mark = session.save(task, {"a1": 1.0, "b1": 0.5}, [], MARKUP)
    assert mark == RubricMark(points=2.5, before=2.5, share=0.25)
    told = {"score": 1.5, "manual": 1.5, "waits": False, "comment": MARKUP}
    assert theirs(graded_course, place, learner) == told
    assert stored(graded_course, place)[learner] == (1.5, False, MARKUP)
    grade(graded_course.root, notebooks=False, feedback=False)
    assert theirs(graded_course, place, learner) == told


def test_examples_come_first_and_tell_how_near_one_is(graded_course: Course) -> None:
    session = Session(graded_course, place_of(graded_course), "Kim")
    tasks = session.todo()
    examples = len(session.question.exemplars)
    assert [t.role for t in tasks[: examples + 1]] == ["anchor"] * examples + ["first"]
    best = {c.id: 1.0 for c in session.question.rubric}
    session.save(tasks[0], best, [])
    session.save(tasks[2], best, [])
    assert session.calibration() == (2, 1.5)  # the third example has 7 points
    assert len(session.todo()) == len(tasks) - 2
    assert session.progress[0] == 0
    assert (
        len([t for t in Session(session.course, session.place, "Lee").todo() if t.role == "anchor"])
        == examples
    )


def test_two_markers_differ_and_settle_it(graded_course: Course) -> None:
    place = place_of(graded_course)
    first = past_anchors(Session(graded_course, place, "Kim"))
    lines = {c.id: 1.0 for c in first.question.rubric}
    for task in first.todo():
        first.save(task, lines, [])
    assert not first.todo()
    assert not [
        t for t in Session(graded_course, place, "Kim", "second", 1.0).todo() if t.role == "second"
    ]
    second = past_anchors(Session(graded_course, place, "Lee", "second", 0.5))
    tasks = second.todo()
    assert 0 < len(tasks) < first.progress[1]
    assert not any(t.earlier for t in tasks)
    for n, task in enumerate(tasks):
        second.save(task, lines, ["discloses"] if n == 0 else [])
    assert [d.answer for d in second.disagreements()] == [tasks[0].alias]
    both = second.agreement()
    assert both
    assert both.n == len(tasks)
    last = past_anchors(Session(graded_course, place, "Kim", "settled"))
    (task,) = last.todo()
    assert [m.marker for m in task.earlier] == ["Kim", "Lee"]
    learner = last._answers[task.alias].learner  # noqa: SLF001
    assert stored(graded_course, place)[learner].points == 6  # a check changes nothing
    last.save(task, lines, ["pressure"])
    assert stored(graded_course, place)[learner].points == 2.4
    assert not last.todo()
    assert not Session(graded_course, place, "Kim").todo()


def test_points_typed_into_formgrader_are_left_alone(graded_course: Course) -> None:
    place = place_of(graded_course)
    answer = written(graded_course, place)[0]
    store(graded_course, answer, 3.0, "typed elsewhere")
    session = past_anchors(Session(graded_course, place, "Kim"))
    assert session.progress[0] == 1
    shown = [session._answers[t.alias].learner for t in session.todo()]  # noqa: SLF001
    assert answer.learner not in shown


def test_what_was_never_graded_is_told(answered_course: Course, graded_course: Course) -> None:
    answer = written(graded_course, place_of(graded_course))[0]
    with pytest.raises(MarkError, match="course grade"):
        store(answered_course, answer, 1.0, "")
    with pytest.raises(MarkError, match="expected 0 to 6"):
        store(graded_course, answer, 7.0, "")


def test_marks_are_only_ever_appended(graded_course: Course) -> None:
    mark = RawMark(
        marker="Kim",
        role="first",
        scenario=SLUG,
        learner="ann",
        answer="d",
        bank="v",
        lines={"a1": 0.5},
        caps=("discloses",),
        points=1.0,
        comment="Ünïcode\n",
    )
    keep(graded_course, mark)
    path = graded_course.submitted.parent / FILE
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(b'{"v": 1, "torn')
    keep(graded_course, mark)
    with path.open("ab") as file:
        file.write(b'[]\n{"v": 9}\n\xff\n' + b"[" * 5000 + b"\n")
    assert path.read_bytes().startswith(whole)
    assert kept(graded_course) == (mark, mark)
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(whole)["lines"] == {"a1": 0.5}


def test_the_salt_is_made_once(graded_course: Course) -> None:
    assert salt(graded_course) == salt(graded_course)
    assert len(salt(graded_course)) == 32


# ---------------------------------------------------------------------------------------- the desk


def text_of(widget: object) -> str:
    return "".join(
        [str(getattr(widget, "value", "") or ""), *map(text_of, getattr(widget, "children", ()))]
    )


def begun(course: Course) -> Desk:
    desk = Desk(course)
    assert desk.comm  # without it a notebook says that there is no such widget
    desk.place.value = place_of(course)
    desk.start()
    assert "your name" in desk.status.value
    desk.marker.value = "Kim"
    desk.start()
    return desk


def test_the_desk_marks_from_example_to_answer(graded_course: Course) -> None:
    desk = begun(graded_course)
    assert desk.session
    assert desk.task
    desk.save()
    assert "lines a1, a2" in desk.status.value
    shown = list(desk.children)
    assert shown.index(desk.status) == shown.index(desk.work) + 1  # below the buttons
    seen = html.unescape(desk.situation.value)
    for text in (desk.session.scene.stem, "A review by", desk.session.question.prompt):
        assert text in seen
    for _ in desk.session.question.exemplars:
        assert desk.task.role == "anchor"
        for control in desk.lines.values():
            control.value = 1.0
        desk.save()
    assert "The known points are 2" in desk.status.value
    assert "points off on average" in desk.status.value
    first = desk.task
    assert first.role == "first"
    learners = {a.learner for a in written(graded_course, desk.session.place)}
    assert not any(name in text_of(desk) for name in learners)
    for control in desk.lines.values():
        control.value = 0.5
    desk.comment.value = "Good start."
    desk.save()
    assert desk.task != first
    assert f"{first.alias}: 5 of 10 points saved" in desk.status.value
    again = next(w for w in desk.work.children if getattr(w, "description", "") == "Used before")
    again.value = "Good start."
    assert desk.comment.value == "Good start."
    assert "1 points" not in text_of(desk)
    desk.back()
    assert (desk.task, desk.comment.value) == (first, "Good start.")
    assert {control.value for control in desk.lines.values()} == {0.5}
    for control in desk.lines.values():
        control.value = 1.0
    desk.save()
    assert "10 of 10 points saved" in desk.status.value
    assert "1 of " in desk.status.value
    given = [m for m in kept(graded_course) if m.role == "first"]
    assert [m.points for m in given] == [5, 10]
    assert stored(graded_course, desk.session.place)[given[0].learner].points == 6
    again = Session(graded_course, desk.session.place, "Kim").last()
    assert again
    assert again[1] == given[-1]
    assert all(w.description for w in (*desk.lines.values(), *desk.caps.values(), desk.comment))


def test_the_desk_escapes_what_learners_write(
    graded_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of(graded_course)
    one = written(graded_course, place)[0]
    hostile = [type(one)(one.learner, place, {"a": MARKUP, "b": "$x$\x00"}, one.bank)]
    monkeypatch.setattr("grading.manual.session.written", lambda *_: hostile)
    desk = begun(graded_course)
    assert desk.session
    past_anchors(desk.session)
    desk.start()
    page = text_of(desk)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "\x00" not in page


def test_a_failure_is_told_and_nothing_is_marked(graded_course: Course) -> None:
    desk = begun(graded_course)
    assert desk.session
    past_anchors(desk.session)
    desk.start()
    Path(graded_course.db_url.removeprefix("sqlite:///").partition("?")[0]).write_bytes(b"broken")
    task = desk.task
    for control in desk.lines.values():
        control.value = 1.0
    desk.save()
    assert "Nothing is saved" in desk.status.value
    assert desk.task == task
    assert not [m for m in kept(graded_course) if m.role == "first"]
