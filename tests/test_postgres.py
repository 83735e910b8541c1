"""The gradebook in PostgreSQL: the same rows as in SQLite, in a server that the test starts.

A user's machine may lack the server, and these tests are skipped there; in CI that is a failure.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from test_nbgrader import ROWS, answer, hand_in, make_root, rows

from grading.cohort import simulate
from grading.config import DATABASE
from grading.exemplary import worst_answers
from grading.nbgrader.grade import grade, remark
from grading.nbgrader.gradebook import Gradebook

NAME = "06_reviews"


def programs() -> Path:
    """The folder of the server's programs, of the newest version that is installed."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    found = shutil.which("initdb") or (known[-1] if known else None)
    if found:
        return Path(found).resolve().parent
    missing = "no PostgreSQL server is installed; install Debian's package postgresql"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server of its own; yields the address of its first database."""
    binaries = programs()
    user = next(u for u in pwd.getpwall() if u.pw_name in {"postgres", "nobody"})
    other: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid} if os.geteuid() == 0 else {}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        data = place / "data"
        if other:  # the server refuses to run as root
            os.chown(place, user.pw_uid, user.pw_gid)
        init = ["initdb", "--auth=trust", "--username=course", "--no-sync", "--locale=C"]
        subprocess.run(
            [binaries / init[0], *init[1:], "--encoding=UTF8", data],
            check=True, cwd="/", stdout=subprocess.DEVNULL, **other,
        )  # fmt: skip
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
        options = [o for k, v in settings.items() for o in ("-c", f"{k}={v}")]
        log = (place / "log").open("wb")
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options, "-F"],
            cwd="/", stdout=log, stderr=log, **other,
        )  # fmt: skip
        try:
            ready = [
                str(binaries / "pg_isready"),
                "-q",
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
                "-t",
                "1",
            ]
            for _ in range(300):
                if subprocess.run(ready, check=False).returncode == 0:
                    break
                assert process.poll() is None, (place / "log").read_text()
            yield f"postgresql+psycopg://course@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(30)
            log.close()


def database(server: str, name: str) -> str:
    """Make an empty database; return its address."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.removesuffix("postgres") + name


def stored(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = sa.create_engine(url)
    with engine.connect() as db:
        found = {k: [tuple(r) for r in db.exec_driver_sql(q)] for k, q in ROWS.items()}
    engine.dispose()
    return found


def plain(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Rows with times and truth as text, which SQLite has of another kind, in one order."""

    def text(value: object) -> object:
        return str(value)[:26] if type(value).__name__ == "datetime" else value

    return {k: sorted((tuple(map(text, r)) for r in v), key=repr) for k, v in found.items()}


def test_rows_are_those_of_sqlite(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_root(tmp_path / "course", [NAME])
    simulate(root, learners=2)
    late = hand_in(root, "late", NAME)
    (late / "timestamp.txt").write_text("2026-12-24 10:00:00.500001 UTC", "utf-8")
    answer(late, NAME)
    hand_in(root, "nothing", NAME)
    url = database(server, "same")
    assert [str(p) for p in grade(root).problems] == [str(p) for p in in_database(root, url)]
    assert plain(stored(url)) == as_booleans(plain(rows(root)))

    answer(root / "build" / "submitted" / "nothing" / NAME, NAME, worst_answers)
    for _ in range(2):  # a second submission, then what is there already
        grade(root)
        in_database(root, url)
        assert plain(stored(url)) == as_booleans(plain(rows(root)))
    monkeypatch.setenv(DATABASE, url)
    assert remark(root) == []


def in_database(root: Path, url: str) -> tuple[object, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE, url)
        return grade(root).problems


def as_booleans(
    found: dict[str, list[tuple[object, ...]]],
) -> dict[str, list[tuple[object, ...]]]:
    """SQLite's rows with its zeros and ones as PostgreSQL has them."""
    places = {"grades": 8, "notebooks": 3}
    made = {}
    for name, lines in found.items():
        at = places.get(name)
        made[name] = [r if at is None else (*r[:at], bool(r[at]), *r[at + 1 :]) for r in lines]
        made[name].sort(key=repr)
    return made


def test_several_at_once_make_one_gradebook(server: str, tmp_path: Path) -> None:
    """Four find no tables at once: one makes them, the others wait."""
    for url in (database(server, "once"), f"sqlite:///{tmp_path / 'gradebook.db'}"):
        with ThreadPoolExecutor(4) as several:
            opened = [several.submit(Gradebook, url, "course") for _ in range(4)]
            for one in opened:
                with one.result() as book:
                    assert book.assignment(NAME) is None
        assert set(stored(url)) == set(ROWS)
