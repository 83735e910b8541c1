"""Files that others may tamper with: read as plain files only, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def plain_bytes(path: Path, limit: int) -> bytes:
    """Read a small plain file; raises `OSError` for links, pipes, devices and larger files."""
    with plain_file(path, limit) as file:
        return file.read(limit)


@contextmanager
def plain_file(path: Path | str, limit: int, folder: int | None = None) -> Iterator[BinaryIO]:
    """Open a small plain file, perhaps in an open folder; raises as `plain_bytes` does."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, dir_fd=folder)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is not a plain file")
        if found.st_size > limit:
            raise OSError(0, f"it has {found.st_size} bytes, at most {limit} are read")
        with open(descriptor, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and only if it says something else than before.

    Makes the folders above it. Links are replaced, never followed.
    """
    with suppress(OSError):
        if plain_bytes(path, len(content)) == content:
            return
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    whole = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)
            file.write(content)
        whole.replace(path)
    except OSError:
        whole.unlink(missing_ok=True)
        raise
