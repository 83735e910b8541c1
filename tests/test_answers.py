"""The answer record: what is appended is kept, and nothing that it holds stops the reading."""

from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.answers import (
    FORMAT,
    MAX_FILE,
    MAX_LINE,
    MAX_SKIPPED,
    Event,
    Record,
    RecordError,
    _json,
    append,
    first_commits,
    last_commits,
    parse,
    read,
)
from scenarios.files import append as append_lines

WRITERS = 4
LINES = 50

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
events = st.builds(
    Event,
    act=st.sampled_from(["commit", "change"]),
    scenario=texts,
    scene=texts,
    question=texts,
    answer=values,
    attempt=st.integers(1, 5),
    bank=texts,
    policy=texts,
    profession=st.none() | texts,
    certainty=st.none() | texts,
    time=texts,
)


def event(answer: object = "a", **more: object) -> Event:
    """Return a committed answer to one question."""
    plain = Event(
        act="commit",
        scenario="reviews/one-star-sunday",
        scene="review",
        question="decision",
        answer=answer,
        attempt=1,
        bank="0123456789ab",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record that does not exist yet."""
    return tmp_path / "answers.jsonl"


@given(st.lists(st.lists(events, max_size=3), max_size=4))
def test_what_is_appended_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, written: list[list[Event]]
) -> None:
    path = tmp_path_factory.mktemp("record") / "answers.jsonl"
    for together in written:
        append(path, together)
    found = read(path)
    assert found.events == tuple(e for together in written for e in together)
    assert found.skipped == ()


@given(st.lists(st.binary(max_size=60) | values.map(lambda v: json.dumps(v).encode()), max_size=6))
def test_no_garbage_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, garbage: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("record") / "answers.jsonl"
    append(path, [event("before")])
    with path.open("ab") as file:
        file.write(b"\n".join(garbage))
    append(path, [event("after")])
    found = read(path)
    assert found.events[0].answer == "before"
    assert found.events[-1].answer == "after"


def _spelled(given: Event, how: str) -> bytes:
    """A line that says the same as `append` would write, in another spelling."""
    text = json.dumps({"v": FORMAT, **asdict(given)})
    if how == "escapes":
        text = text.replace("practice/one", r"\u0070ractice\/one")
    return text.encode("utf-16-le" if how == "UTF-16" else "utf-8")


@given(
    st.lists(
        st.builds(
            _spelled,
            st.sampled_from(["practice/one", "practice/one-more", "other/two"]).map(
                lambda slug: replace(event(), scenario=slug, answer=slug)
            ),
            st.sampled_from(["plain", "escapes", "UTF-16"]),
        )
        | st.sampled_from([b'{"v": 1', b"practice/one", b'{"v": 1, "scenario": "practice/one"}']),
        max_size=8,
    )
)
def test_one_scenario_is_read_as_the_whole_record_has_it(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("record") / "answers.jsonl"
    path.write_bytes(b"\n".join(lines))
    assert read(path, "practice/one") == Record(read(path).of("practice/one"))


def test_a_file_of_junk_is_told_in_a_hundred_lines() -> None:
    found = parse(b"x\n" * 5000)
    assert found.events == ()
    assert MAX_SKIPPED <= len(found.skipped) <= MAX_SKIPPED + 1
    assert found.skipped[0].why == "not JSON (torn or foreign)"


@pytest.mark.parametrize("at_once", [1, 7, 10**6])
def test_a_disk_that_takes_little_at_a_time_gets_the_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    path, write = tmp_path / "lines.jsonl", os.write
    path.write_bytes(b"torn")
    monkeypatch.setattr(os, "write", lambda to, data: write(to, data[:at_once]))
    append_lines(path, b"first\n")
    append_lines(path, b"second\nthird\n")
    assert path.read_bytes() == b"torn\nfirst\nsecond\nthird\n"


@given(
    values.map(lambda v: json.dumps(v).encode())
    | st.text().map(lambda t: json.dumps(t, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    | st.text('0123456789-+.eE"\\{}[]:, \n\tuNaI').map(str.encode)
    | st.binary(max_size=20)
)
@example(b'{"a": 1, "a": 2}')
@example(b'"\\ud800"')
@example(b"\xef\xbb\xbf{}")
@example(b"[" * 300 + b"]" * 300)
def test_a_line_is_read_as_the_standard_reader_reads_it(line: bytes) -> None:
    try:
        expected = repr(json.loads(line))
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
            _json(line)
    else:
        assert repr(_json(line)) == expected


@given(st.dictionaries(st.sampled_from([*asdict(event()), "v", "extra"]), values, max_size=12))
def test_an_almost_right_line_is_an_event_or_skipped(
    tmp_path_factory: pytest.TempPathFactory, changed: dict[str, object]
) -> None:
    path = tmp_path_factory.mktemp("record") / "answers.jsonl"
    path.write_text(json.dumps({"v": FORMAT, **asdict(event()), **changed}) + "\n", "utf-8")
    found = read(path)
    assert len(found.events) + len(found.skipped) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b'{"v": 1}',
        b'{"v": 2}',
        b"\xff\xfe",
        b'{"v": 1, "act": "commit"',
        b"[" * 100_000,
        b"1" * 5_000,
        b'"' + b"x" * (MAX_LINE + 1) + b'"',
        b"\x00" * 10,
    ],
    ids=lambda line: line[:12].decode("latin-1") or "empty",
)
def test_a_foreign_line_is_skipped_and_said(record: Path, line: bytes) -> None:
    append(record, [event("before")])
    with record.open("ab") as file:
        file.write(line + b"\n")
    append(record, [event("after")])
    found = read(record)
    assert [e.answer for e in found.events] == ["before", "after"]
    assert [s.line for s in found.skipped] == ([2] if line else [])


def test_a_torn_last_line_does_not_swallow_the_next(record: Path) -> None:
    append(record, [event("whole"), event("torn")])
    record.write_bytes(record.read_bytes()[:-20])
    append(record, [event("next")])
    found = read(record)
    assert [e.answer for e in found.events] == ["whole", "next"]
    assert len(found.skipped) == 1


def test_nothing_is_ever_rewritten(record: Path) -> None:
    before = b""
    for n in range(5):
        append(record, [event(n)])
        after = record.read_bytes()
        assert after.startswith(before)
        before = after


def test_a_missing_record_is_empty(record: Path) -> None:
    assert read(record).events == ()
    assert read(record).skipped == ()
    assert not record.exists()


def test_a_lone_surrogate_is_written_as_something_readable(record: Path) -> None:
    append(record, [event("\ud800")])
    assert len(read(record).events) == 1


def test_a_link_is_not_a_record(record: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    append(other, [event()])
    record.symlink_to(other)
    assert read(record).events == ()
    assert read(record).skipped[0].line == 0


def test_nothing_is_written_through_a_link(record: Path, tmp_path: Path) -> None:
    other = tmp_path / "someone-elses"
    other.write_text("mine\n")
    record.symlink_to(other)
    with pytest.raises(RecordError, match="Your answer is not saved"):
        append(record, [event()])
    assert other.read_text() == "mine\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_not_waited_for(record: Path) -> None:
    os.mkfifo(record)
    assert read(record).events == ()
    assert "plain file" in read(record).skipped[0].why


def test_a_folder_is_not_a_record(record: Path) -> None:
    record.mkdir()
    assert read(record).skipped[0].line == 0
    with pytest.raises(RecordError, match=r"^Your answer is not saved: answers\.jsonl in "):
        append(record, [event()])


def test_a_huge_record_is_read_up_to_the_limit(record: Path) -> None:
    append(record, [event("first")])
    with record.open("ab") as file:
        file.truncate(MAX_FILE + 10)
    found = read(record)
    assert [e.answer for e in found.events] == ["first"]
    assert found.skipped[0].line == 0


def test_two_kernels_lose_nothing(record: Path) -> None:
    starting = multiprocessing.get_context("spawn")
    writers = [starting.Process(target=_write, args=(record, n)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    found = read(record)
    assert found.skipped == ()
    for n in range(WRITERS):
        own = [e.answer for e in found.events if e.scene == str(n)]
        assert own == list(range(LINES))


def _write(path: Path, writer: int) -> None:
    for n in range(LINES):
        append(path, [event(n, scene=str(writer))])


# ----------------------------------------------------------------------------- which answer counts


def test_the_first_commit_counts_and_the_last_is_kept() -> None:
    history = [
        event("a", act="change"),
        event("b"),
        event("c", attempt=2),
    ]
    assert first_commits(history) == {("review", "decision"): "b"}
    assert last_commits(history) == {("review", "decision"): "c"}


def test_a_clause_named_after_the_feedback_is_no_first_answer() -> None:
    history = [event("b"), event(["CL-04"], question="clauses", attempt=2)]
    assert first_commits(history) == {("review", "decision"): "b"}


def test_scenes_have_first_commits_of_their_own() -> None:
    history = [event("b"), event("d", scene="later", attempt=2), event("e", attempt=2)]
    assert first_commits(history) == {("review", "decision"): "b", ("later", "decision"): "d"}
