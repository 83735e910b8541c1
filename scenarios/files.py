"""Files: read as plain files only, written whole or not at all, appended to line by line."""

from __future__ import annotations

import errno
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
    try:
        descriptor = os.open(path, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:  # "Too many levels of symbolic links", where one is enough
            raise OSError(0, "it is a link") from error
        raise
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


def write(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file whole or not at all, and only if it says something else than before.

    Makes the folders above it. Links are replaced, never followed. `durable` waits until the disk
    has the content, so that a power cut leaves the old file or the new one.
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
            file.write(content)
            if durable:
                file.flush()
                os.fsync(descriptor)
        whole.chmod(0o644)
        whole.replace(path)
    except OSError:
        whole.unlink(missing_ok=True)
        raise


def append(path: Path, lines: bytes, mode: int = 0o666) -> None:
    """Append whole lines in one write and wait until the disk has them; raises `OSError`.

    A torn last line does not swallow them. A link is refused: what stands behind it is another
    file.
    """
    fresh = not path.exists()
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, mode)
    try:
        size = os.fstat(descriptor).st_size
        if size:
            os.lseek(descriptor, size - 1, os.SEEK_SET)
            if os.read(descriptor, 1) != b"\n":
                lines = b"\n" + lines
        while lines:  # one write in practice; O_APPEND keeps other writers' lines whole
            lines = lines[os.write(descriptor, lines) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable too, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)
