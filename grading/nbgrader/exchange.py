"""nbgrader's exchange with a collect that checks: what is not as a learner hands it in stays there.

The exchange is a folder into which everybody may write. nbgrader's own collect believes the names
in it, follows links and copies whatever it finds. Here a submission counts only if its name, its
owner and its time can be true; of its files only those that a module has are taken, read as plain
files, never through a link. A refused submission never hides an earlier good one.

Where every learner has the same account (one account for a whole hub), owners say nothing; there
the exchange itself has to tell learners apart.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment

from grading.course import Course, Problem, open_course
from grading.nbgrader.gradebook import Gradebook
from grading.nbgrader.submission import (
    NOTEBOOK_LIMIT,
    RECEIPT,
    RECEIPTS,
    RELEASED,
    TIMESTAMP,
    parse_time,
    read_timestamp,
)
from scenarios.answers import FILE, MAX_FILE
from scenarios.files import plain_file

AHEAD = timedelta(minutes=10)
"""How far a learner's clock may be ahead."""
BEHIND = timedelta(hours=1)
"""How much later than its name says a submission's files may be, before somebody is told."""
ENTRIES = 200
"""Files of one submission that are looked at."""
_STUDENT = re.compile(r"\w[\w.@ -]{0,127}")


@dataclass(frozen=True)
class Claim:
    """What the name of a submission's folder says: whose it is, and when it was handed in.

    `time` is in UTC without a zone; `text` is the time as it is written.
    """

    folder: str
    student: str
    time: datetime
    text: str


def read_claim(folder: str, assignment: str, now: datetime) -> Claim:
    """Read a folder's name, `student+assignment+time+random`; `now` is in UTC without a zone.

    Raises `ValueError`, in words, for a name that nobody's submission has.
    """
    student, plus, rest = folder.partition(f"+{assignment}+")
    text, _, random = rest.partition("+")
    if not plus or "+" in random:
        raise ValueError(f"expected student+{assignment}+time+random")
    if not _STUDENT.fullmatch(student):
        raise ValueError(f"{student!r} cannot be the name of a learner")
    time = parse_time(text)
    if time > now + AHEAD:
        raise ValueError(f"it is dated {text}, which is still to come")
    return Claim(folder, student, time, text)


def limits(notebooks: Iterable[str]) -> dict[str, int]:
    """Return the files that a submission of these notebooks has, with the most bytes of each."""
    return {FILE: MAX_FILE, **RELEASED, **{f"{n}.ipynb": NOTEBOOK_LIMIT for n in notebooks}}


@dataclass(frozen=True)
class Taken:
    """What is taken of a submission's folder: contents by name, and why others were not.

    `changed` is when the disk last noted a change to one of them, in UTC without a zone.
    """

    files: Mapping[str, bytes]
    changed: datetime
    refused: tuple[str, ...]


def take(
    folder: Path,
    allowed: Mapping[str, int],
    known: Callable[[str], bool],
    owners: Callable[[int], str],
) -> Taken:
    """Read a submission's folder without following anything; its owner may change it meanwhile.

    Args:
        folder: the submission in the exchange.
        allowed: the files to take, with the most bytes of each; receipts go along.
        known: tells which other names are left behind without a word.
        owners: says why a folder of this user id cannot be the learner's, or nothing.

    Raises:
        PermissionError: the folder is not the learner's.
        OSError: it is no folder, or cannot be read.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        owner = os.fstat(descriptor).st_uid
        if said := owners(owner):
            raise PermissionError(0, said)
        files: dict[str, bytes] = {}
        refused = []
        changed = 0.0
        with os.scandir(descriptor) as found:
            names = sorted(e.name for _, e in zip(range(ENTRIES), found, strict=False))
        receipts = 0
        for name in names:
            limit = allowed.get(name)
            if limit is None and RECEIPT.fullmatch(name) and receipts < RECEIPTS:
                receipts += 1
                limit = NOTEBOOK_LIMIT
            if limit is None:
                if not known(name):
                    refused.append(f"{name} was left behind: a submission has no such file")
                continue
            try:
                files[name], seconds = _plain(name, limit, descriptor, owner)
                changed = max(changed, seconds)
            except OSError as error:
                refused.append(f"{name} was left behind: {error.strerror or error}")
    finally:
        os.close(descriptor)
    at = datetime.fromtimestamp(changed, UTC).replace(tzinfo=None)
    return Taken(files, at, tuple(refused))


def _plain(name: str, limit: int, folder: int, owner: int) -> tuple[bytes, float]:
    """Read a plain file of the folder's owner that has no other name; return when it changed."""
    with plain_file(name, limit, folder) as file:
        about = os.fstat(file.fileno())
        if about.st_uid != owner:
            raise OSError(0, "somebody else put it there")
        if about.st_nlink > 1:
            raise OSError(0, "it is a link to a file elsewhere")
        return file.read(limit), about.st_ctime


def owner_of(user: int) -> str | None:
    """Return the login name of a user id; None if there is none."""
    import pwd  # noqa: PLC0415 - there is no exchange on Windows, and no such module

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return None


class CheckedCollect(ExchangeCollect):  # type: ignore[misc]
    """Collects each learner's newest submission that passes every check; names what does not.

    What it refuses stands in one sentence on the screen and in `build/grading.log`.
    `check_owner` works as in nbgrader, except that a wrong owner is refused: a submission belongs
    to the account of its name, or to whoever collects.
    """

    def init_src(self) -> None:
        """Find the submissions whose names can be true."""
        if not self.coursedir.course_id:
            self.fail("No course id is set; name the course with --course.")
        self.inbound = Path(self.root, self.coursedir.course_id, "inbound")
        if not self.inbound.is_dir():
            self.fail(f"Nothing was released yet: there is no folder {self.inbound}.")
        self.course: Course = open_course(self.coursedir.root)
        self.assignment: str = self.coursedir.assignment_id
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            known = book.assignment(self.assignment)
        self.due: datetime | None = known.due if known else None
        names = (
            [n.name for n in known.notebooks] if known else self.course.notebooks(self.assignment)
        )
        self.allowed = limits(names)
        self.claims: dict[str, list[Claim]] = {}
        for claim in self._claims():
            self.claims.setdefault(claim.student, []).append(claim)

    def copy_files(self) -> None:
        """Take each learner's newest good submission, whole or not at all."""
        number = len(self.claims)
        learners = "learner" if number == 1 else "learners"
        self.log.info("%d %s handed in %s", number, learners, self.assignment)
        for student, claims in sorted(self.claims.items()):
            target = self.course.submitted / student / self.assignment
            for claim in self._in_order(claims):
                if not self._wanted(claim, target):
                    self._tell_waiting(claim, target)
                    break
                if self._collect(claim, target):
                    break

    def _claims(self) -> Iterator[Claim]:
        now = datetime.now(UTC).replace(tzinfo=None)
        wanted = self.coursedir.student_id or "*"
        for name in sorted(p.name for p in self.inbound.iterdir()):
            if f"+{self.assignment}+" not in name:
                continue
            try:
                claim = read_claim(name, self.assignment, now)
            except ValueError as error:
                self._tell("", f"{name!r} in the exchange was refused: {error}")
                continue
            if fnmatch.fnmatchcase(claim.student, wanted):
                yield claim

    def _in_order(self, claims: Iterable[Claim]) -> list[Claim]:
        """Return claims, those to take first in front."""
        due = self.due if self.before_duedate else None
        return sorted(claims, key=lambda c: (due is None or c.time <= due, c.time), reverse=True)

    def _wanted(self, claim: Claim, target: Path) -> bool:
        if not target.is_dir():
            return True
        have = _time_of(target)
        if self.before_duedate and have != claim.time:
            return True
        return bool(self.update) and (have is None or claim.time > have)

    def _tell_waiting(self, claim: Claim, target: Path) -> None:
        """Say why a learner's newest submission was not taken."""
        have = _time_of(target)
        if have is None or claim.time > have:
            told = "%s handed in %s again at %s; collect with --update to take it"
            self.log.warning(told, claim.student, self.assignment, claim.text)
        else:
            self.log.info("Nothing newer of %s, %s", claim.student, self.assignment)

    def _collect(self, claim: Claim, target: Path) -> bool:
        def owners(user: int) -> str:
            name = owner_of(user)
            if not self.check_owner or name == claim.student or user == os.geteuid():
                return ""
            return f"it says {claim.student}, but {name or f'user {user}'} owns it"

        try:
            taken = take(self.inbound / claim.folder, self.allowed, self._known, owners)
        except OSError as error:
            why = error.strerror or str(error)
            self._tell(claim.student, f"{claim.folder!r} was refused: {why}")
            return False
        for said in taken.refused:
            self._tell(claim.student, said)
        if taken.changed > claim.time + BEHIND:
            found = f"{taken.changed:%Y-%m-%d %H:%M} UTC"
            said = f"it is dated {claim.text}, but its files changed on {found}; was it late?"
            self._tell(claim.student, said)
        # The folder's name alone says when: a file in it could say something else.
        self._put({**taken.files, TIMESTAMP: claim.text.encode()}, target)
        self.log.info("Collected %s, %s (%s)", claim.student, self.assignment, claim.text)
        return True

    def _known(self, name: str) -> bool:
        """Tell whether a file is the course's own, or one that nbgrader leaves behind, too."""
        ignored = any(fnmatch.fnmatch(name, pattern) for pattern in self.coursedir.ignore)
        return ignored or (self.course.source / self.assignment / name).exists()

    def _put(self, files: Mapping[str, bytes], target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        shared = stat.S_IWGRP if self.coursedir.groupshared else 0
        fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix="."))
        old = fresh.with_name(f"{fresh.name}.old")
        try:
            fresh.chmod(0o755 | shared)
            for name, content in files.items():
                (fresh / name).write_bytes(content)
                (fresh / name).chmod(0o644 | shared)
            if target.exists():
                target.rename(old)
            fresh.rename(target)
        finally:
            for rest in (fresh, old):
                shutil.rmtree(rest, ignore_errors=True)

    def _tell(self, student: str, what: str) -> None:
        problem = Problem(student, self.assignment, what)
        self.log.warning("%s", problem)
        self.course.note([problem])


def _time_of(folder: Path) -> datetime | None:
    """Return when what was collected was handed in; None if it does not say."""
    with suppress(OSError, ValueError):
        return read_timestamp(folder)
    return None


class GuardedRelease(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Releases as nbgrader does, into folders in which nobody renames what others put there."""

    def ensure_root(self) -> None:
        """Make the exchange's folder, in which everybody keeps their own."""
        super().ensure_root()
        _sticky(Path(self.root))

    def init_dest(self) -> None:
        """Make the course's folders likewise."""
        super().init_dest()
        _sticky(Path(self.inbound_path))


def _sticky(folder: Path) -> None:
    mode = folder.stat().st_mode
    if not mode & stat.S_ISVTX and folder.stat().st_uid == os.geteuid():
        folder.chmod(stat.S_IMODE(mode) | stat.S_ISVTX)
