"""The database behind a gradebook: how we open it, and how nbgrader's tables get there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa


def connect(url: str) -> sa.Engine:
    """Return an engine whose writers take the lock before they look."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        # Python's driver would begin a transaction at its first write only; then two graders can
        # both have read that a row is missing. Ours take the lock before they look.
        @sa.event.listens_for(engine, "connect")
        def _manual(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's own
            connection.isolation_level = None

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            writes = connection.get_execution_options().get("course_writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


LAST = "alembic_version"
"""The table that nbgrader makes last: without it, the others are not all there."""


@contextmanager
def alone(engine: sa.Engine) -> Iterator[None]:
    """Let one program at a time make the tables: nbgrader's own way fails when two do."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as db:  # held until this connection ends
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(sum(LAST.encode()))))
            yield
        return
    place = Path(engine.url.database or "").parent
    descriptor = os.open(place, os.O_RDONLY)
    try:
        with suppress(ImportError):  # Windows has no such lock, and no exchange
            import fcntl  # noqa: PLC0415 - see above

            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def create(url: str, course_id: str) -> None:
    """Make the tables with nbgrader's own hand, and nothing else."""
    from nbgrader.api import Gradebook as Theirs  # noqa: PLC0415 - takes seconds to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Theirs(url, course_id).close()
