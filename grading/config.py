"""How nbgrader runs here: folders, gradebook, exchange, and marks from the answers alone.

`nbgrader_config.py` in a course root calls `configure`; what an instructor adds below that call
wins. Four environment variables change it without a file:

- `COURSE_KERNEL=1`: grade on nbgrader's stock route, which runs the submitted notebooks in kernels.
  For comparison only: there a learner's code can forge scores, and `course grade --compare` shows
  it.
- `COURSE_DATABASE`: the gradebook's URL, such as `postgresql+psycopg://...`.
- `COURSE_EXCHANGE`: the folder through which assignments and submissions go.
- `COURSE_POLICY`: the practice's policy by which decisions are marked; by default `policy.toml` in
  the course root, if there is one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.nbgrader.patches import choose_converter, mend_upgrade
from scenarios.policy import VARIABLE as POLICY
from scenarios.workspace import PRIVATE

KERNEL = "COURSE_KERNEL"
DATABASE = "COURSE_DATABASE"
EXCHANGE = "COURSE_EXCHANGE"
COURSE_ID = "social-media-for-therapists"
WAIT = 30
"""Seconds that SQLite waits for another writer instead of failing the submission."""
SOURCE = "notebooks"
BUILD = "build"
IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".*_cache", "feedback"]
"""What no copy of an assignment takes along; nbgrader's own list comes first."""


def configure(c: Any, file: str | Path) -> None:  # noqa: ANN401 - traitlets makes keys as they are set
    """Set up nbgrader for the course root in which the configuration file `file` lies.

    `c` is a traitlets `Config`. Makes the folders for the gradebook and the exchange, puts this
    Python's programs on the path, because nbgrader calls alembic by name.
    """
    root = Path(file).resolve().parent
    build = root / BUILD
    build.mkdir(exist_ok=True)
    put_programs_on_path()

    course = c.CourseDirectory
    course.root = str(root)
    course.course_id = COURSE_ID
    course.db_url = os.environ.get(DATABASE) or f"sqlite:///{build / 'gradebook.db'}?timeout={WAIT}"
    course.source_directory = SOURCE
    for step in ("release", "submitted", "autograded", "feedback", "solution", "source_with_tests"):
        course[f"{step}_directory"] = f"{BUILD}/{step}"
    course.ignore = IGNORED

    c.Exchange.root = os.environ.get(EXCHANGE) or str(_exchange(root))
    c.ExchangeFactory.collect = "grading.nbgrader.exchange.CheckedCollect"
    c.ExchangeFactory.release_assignment = "grading.nbgrader.exchange.GuardedRelease"
    c.ExportPlugin.to = str(build / "grades.csv")
    # A submission is more than its notebook: nbgrader would drop the answers from an upload.
    c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".jsonl", ".json", ".txt"]

    # nbgrader copies every file of the source over the learner's own file of that name, at release
    # and again when grading. An author's answers must never become a learner's.
    c.GenerateAssignment.post_convert_hook = _remove_private(build / "release")
    c.Autograde.exclude_overwriting = {
        folder.name: sorted(PRIVATE) for folder in (root / SOURCE).glob("*/")
    }

    kernel = kernels_wanted()
    if kernel and (root / "policy.toml").is_file():
        os.environ.setdefault(POLICY, str(root / "policy.toml"))  # for the kernels
    if not kernel:
        c.Autograde.sanitize_preprocessors = ["grading.nbgrader.autograder.RestoreNotebook"]
        c.Autograde.autograde_preprocessors = [
            "grading.nbgrader.autograder.MarkAnswers",
            "nbgrader.preprocessors.SaveAutoGrades",
            "nbgrader.preprocessors.AssignLatePenalties",
            "nbgrader.preprocessors.CheckCellMetadata",
        ]
        c.RestoreNotebook.root = str(root)
    choose_converter(kernel=kernel)
    mend_upgrade()


def _exchange(root: Path) -> Path:
    """Return the course's own exchange; formgrader releases and collects only where it is.

    Everybody puts their own into it, as nbgrader wants it, and nobody moves what is another's.
    """
    place = root / BUILD / "exchange"
    if next((root / SOURCE).glob("*/*.ipynb"), None):
        with suppress(OSError):  # it is there, or this course is only read
            place.mkdir()
            place.chmod(0o1777)
    return place


def kernels_wanted() -> bool:
    """Tell whether `COURSE_KERNEL` asks for the stock route."""
    return os.environ.get(KERNEL, "") not in ("", "0")


def put_programs_on_path() -> None:
    """Let programs of this Python's environment be found by name."""
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if programs not in path.split(os.pathsep):
        os.environ["PATH"] = f"{programs}{os.pathsep}{path}"


def _remove_private(release: Path) -> Callable[..., None]:
    def remove(**_: object) -> None:
        for folder in release.glob("*/"):
            for name in PRIVATE:
                with suppress(FileNotFoundError):
                    (folder / name).unlink()

    return remove
