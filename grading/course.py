"""A course root on the disk: where notebooks, submissions, marks and the gradebook are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from grading.config import BUILD, SOURCE, configure
from scenarios.policy import VARIABLE, Policy, load_policy, model_policy
from scenarios.workspace import PRIVATE, source

CONFIG = "nbgrader_config.py"
LOG = "grading.log"


class CourseError(Exception):
    """The course root cannot be used; the message is one sentence for the instructor."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with one submission, or with an assignment (then `student` is empty)."""

    student: str
    assignment: str
    what: str

    def __str__(self) -> str:
        """Say it in one line."""
        who = f"{self.student}, " if self.student else ""
        return f"{who}{self.assignment}: {self.what}"


@dataclass(frozen=True)
class Course:
    """The folders of a course root, and its whole nbgrader configuration."""

    root: Path
    config: Config

    @property
    def source(self) -> Path:
        """The authored notebooks, one folder for each assignment."""
        return self._folder("source")

    @property
    def release(self) -> Path:
        """The notebooks as learners get them."""
        return self._folder("release")

    @property
    def submitted(self) -> Path:
        """What was handed in: `<student>/<assignment>/`."""
        return self._folder("submitted")

    @property
    def autograded(self) -> Path:
        """Marked notebooks, which formgrader shows: `<student>/<assignment>/`."""
        return self._folder("autograded")

    @property
    def feedback(self) -> Path:
        """Pages for learners: `<student>/<assignment>/`."""
        return self._folder("feedback")

    @property
    def db_url(self) -> str:
        """The gradebook's address, as SQLAlchemy wants it."""
        return str(self.config.CourseDirectory.db_url)

    @property
    def course_id(self) -> str:
        """The course's name in the gradebook and in the exchange."""
        return str(self.config.CourseDirectory.course_id)

    @property
    def log(self) -> Path:
        """The file in which every problem with a submission is named."""
        return self.submitted.parent / LOG

    def assignments(self) -> tuple[str, ...]:
        """Return the names of the assignments, which are the folders with notebooks."""
        found = self.source.glob("*/*.ipynb")
        return tuple(sorted({p.parent.name for p in found if p.parent.name[0] not in "._"}))

    def notebooks(self, assignment: str) -> tuple[str, ...]:
        """Return the names of an assignment's notebooks."""
        return tuple(sorted(p.stem for p in (self.source / assignment).glob("*.ipynb")))

    def submissions(
        self, assignment: str, students: Iterable[str] | None = None
    ) -> Iterator[tuple[str, Path]]:
        """Yield (student, folder) of everything handed in for an assignment, by student."""
        wanted = None if students is None else set(students)
        if not self.submitted.is_dir():
            return
        with os.scandir(self.submitted) as found:
            names = sorted(e.name for e in found if e.name[0] != "." and e.is_dir())
        for name in names:
            folder = self.submitted / name / assignment
            if (wanted is None or name in wanted) and folder.is_dir():
                yield name, folder

    def policy(self) -> Policy:
        """Return the policy by which the course marks; raises `ContentError` if it has faults.

        That is the one `COURSE_POLICY` names, else `policy.toml` in the course root, else the
        model policy: never one that lies near a submission.
        """
        own = self.root / "policy.toml"
        if os.environ.get(VARIABLE):
            return load_policy()
        return load_policy(own) if own.is_file() else model_policy()

    def note(self, problems: Iterable[Problem]) -> None:
        """Append problems to the grading log; a log that cannot be written stops nothing."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        lines = "".join(f"{now} {_one_line(str(p))}\n" for p in problems)
        if lines:
            with suppress(OSError):
                self.log.parent.mkdir(parents=True, exist_ok=True)
                with self.log.open("a", encoding="utf-8", errors="backslashreplace") as log:
                    log.write(lines)

    def _folder(self, step: str) -> Path:
        return self.root / str(self.config.CourseDirectory[f"{step}_directory"])


def open_course(root: Path | str = ".") -> Course:
    """Read the configuration of a course root; without a file of its own it has ours.

    Raises `CourseError` when there are no notebooks, or the file cannot be read.
    """
    place = Path(root).expanduser().resolve()
    if not place.is_dir():
        raise CourseError(f"There is no folder {place}; name the folder that holds the course.")
    odd = sorted(_ODD.intersection(str(place)))
    if odd:
        raise CourseError(
            f"The folder {place} has {' and '.join(odd)} in its name or above it, which nbgrader"
            " takes for a pattern or an address; rename it."
        )
    if not (place / CONFIG).is_file() and not next((place / SOURCE).glob("*/*.ipynb"), None):
        raise CourseError(
            f"No notebooks lie in {place / SOURCE}; run this in the course's own folder or name it."
        )
    fresh = not (place / BUILD).exists()
    try:
        config = PyFileConfigLoader(CONFIG, path=str(place)).load_config()
    except ConfigFileNotFound:
        config = Config()
        configure(config, place / CONFIG)
    except OSError:
        raise  # a folder that cannot be made is no fault of the file
    except Exception as error:  # the file is Python and may raise anything
        raise CourseError(
            f"{place / CONFIG} cannot be read: {error}. Mend the file or take it away."
        ) from error
    structure = config.CourseDirectory.get("directory_structure", STRUCTURE)
    if structure != STRUCTURE:
        raise CourseError(
            f"{place / CONFIG} sets directory_structure to {structure!r}, expected {STRUCTURE!r};"
            " take the line out."
        )
    course = Course(place, config)
    if not course.assignments():
        if fresh:  # what the configuration made is of no use here
            with suppress(OSError):
                (place / BUILD).rmdir()
        raise CourseError(
            f"No notebooks lie in {course.source}; run this in the course's own folder or name it."
        )
    return course


_ODD = frozenset("?*[")
"""Signs that mean something else in a path to nbgrader or in the address of its gradebook."""
STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")  # noqa: PTH118 - nbgrader's own text


def make_course(root: Path, origin: Path | None = None) -> Course:
    """Make a course root: the course's notebooks and its configuration; what exists is kept.

    `origin` holds the notebooks, by default those of this installation.
    """
    root.mkdir(parents=True, exist_ok=True)
    for folder in sorted((origin or source()).glob("[!._]*/")):
        target = root / "notebooks" / folder.name
        if not target.exists():
            ignored = shutil.ignore_patterns(*PRIVATE, "__pycache__", ".*")
            shutil.copytree(folder, target, ignore=ignored)
    if not (root / CONFIG).exists():
        (root / CONFIG).write_text(CONFIG_TEXT, "utf-8")
    return open_course(root)


CONFIG_TEXT = '''\
"""How nbgrader runs in this course; an instructor's own settings go below the call."""

from grading.config import configure

configure(c, __file__)  # noqa: F821 - nbgrader's own name in its configuration files
'''


def _one_line(text: str) -> str:
    """Keep what others named from forging lines of the log."""
    return "".join(c if c.isprintable() else " " for c in text)
