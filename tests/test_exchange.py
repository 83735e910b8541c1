"""The checked collect: what one learner can do to others or to the course through the exchange.

Each attack is run twice. It succeeds on nbgrader's own collect, which shows that it is one, and
fails on ours, which takes the honest submission all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from test_nbgrader import answer, make_root

from grading.config import COURSE_ID
from grading.course import open_course
from grading.exemplary import worst_answers
from grading.nbgrader.exchange import CheckedCollect, GuardedRelease, read_claim
from grading.nbgrader.grade import grade
from scenarios.answers import FILE

NAME = "06_reviews"
NOBODY = 65534
PRIVATE = "what only the instructor has"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def stamp(hours: float = -1) -> str:
    at = datetime.now(UTC) + timedelta(hours=hours)
    return f"{at:%Y-%m-%d %H:%M:%S.%f} UTC"


def put(root: Path, student: str, hours: float = -0.5) -> Path:
    """A submission as nbgrader's submit leaves it in the exchange."""
    inbound = root / "build" / "exchange" / COURSE_ID / "inbound"
    at = stamp(hours)
    folder = inbound / f"{student}+{NAME}+{at}+cmFuZG9t"
    folder.mkdir(parents=True)
    shutil.copy(root / "notebooks" / NAME / f"{NAME}.ipynb", folder)
    (folder / "timestamp.txt").write_text(at, "utf-8")
    (folder / "submission_secret.txt").write_text("a" * 128, "utf-8")
    return folder


def transfer(
    root: Path, what: Literal["collect", "release"], *, stock: bool, update: bool = True
) -> None:
    """Release or collect as nbgrader's commands do; with `update` what is newer, too."""
    from nbgrader.auth import Authenticator  # noqa: PLC0415 - takes seconds to load
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415 - likewise
    from nbgrader.exchange import default  # noqa: PLC0415 - likewise

    kind = {
        ("collect", True): default.ExchangeCollect,
        ("collect", False): CheckedCollect,
        ("release", True): default.ExchangeReleaseAssignment,
        ("release", False): GuardedRelease,
    }[what, stock]
    config = open_course(root).config
    factory = config.ExchangeFactory
    assert CheckedCollect.__name__ in factory.collect
    assert GuardedRelease.__name__ in factory.release_assignment
    folders = CourseDirectory(config=config)
    folders.assignment_id = NAME
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app = kind(coursedir=folders, authenticator=Authenticator(config=config), config=config)
        app.update = update
        app.start()


def collect(root: Path, *, stock: bool) -> None:
    transfer(root, "collect", stock=stock)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_root(tmp_path_factory.mktemp("generated"), [NAME])
    grade(root)
    return root


@pytest.fixture
def course(generated: Path, tmp_path: Path) -> Path:
    """A course whose instructor keeps a secret, with an honest submission of anna's."""
    root = Path(shutil.copytree(generated, tmp_path / "course"))
    (root / "secret.txt").write_text(PRIVATE, "utf-8")
    answer(put(root, "anna"), NAME)
    return root


def collected(root: Path, student: str = "anna") -> Path:
    return root / "build" / "submitted" / student / NAME


def honest(root: Path) -> bool:
    """Whether anna's own answers are what was collected of her."""
    folder = next((root / "build/exchange" / COURSE_ID / "inbound").glob("anna+*cmFuZG9t"))
    record = collected(root) / FILE
    return record.is_file() and record.read_bytes() == (folder / FILE).read_bytes()


# ------------------------------------------------------------------------------------ the attacks


def linked_file(root: Path) -> Callable[[], bool]:
    """A link to the instructor's file, which collect would copy out."""
    (put(root, "mallory") / "leak.html").symlink_to(root / "secret.txt")
    leak = collected(root, "mallory") / "leak.html"
    return lambda: leak.is_file() and leak.read_text("utf-8") == PRIVATE


def linked_record(root: Path) -> Callable[[], bool]:
    """The record of somebody else, whose folder's name one has seen, as one's own."""
    folder = next((root / "build/exchange" / COURSE_ID / "inbound").glob("anna+*"))
    (put(root, "mallory") / FILE).symlink_to(folder / FILE)
    return (collected(root, "mallory") / FILE).is_file


def linked_twice(root: Path) -> Callable[[], bool]:
    """The same with a hard link, which looks like a plain file."""
    folder = next((root / "build/exchange" / COURSE_ID / "inbound").glob("anna+*"))
    copy = root / "build" / "exchange" / "stolen"
    shutil.copy(folder / FILE, copy)
    (put(root, "mallory") / FILE).hardlink_to(copy)
    return (collected(root, "mallory") / FILE).is_file


def linked_folder(root: Path) -> Callable[[], bool]:
    """The whole submission is a link to a folder of the instructor's."""
    inner = root / "private"
    inner.mkdir()
    (inner / "secret.txt").write_text(PRIVATE, "utf-8")
    put(root, "x").with_name(f"mallory+{NAME}+{stamp()}+r").symlink_to(inner)
    return (collected(root, "mallory") / "secret.txt").is_file


def hidden_name(root: Path) -> Callable[[], bool]:
    """A learner called `*`, who would stand for everybody in later commands."""
    put(root, "*")
    return (root / "build" / "submitted" / "*").exists


def name_of_another(root: Path) -> Callable[[], bool]:
    """A later, empty-handed submission in another learner's name: hers is forgotten."""
    folder = put(root, "anna", -0.1)
    folder = folder.rename(folder.with_name(folder.name.replace("cmFuZG9t", "forged")))
    answer(folder, NAME, worst_answers)
    for path in (folder, *folder.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    return lambda: not honest(root)


def file_of_another(root: Path) -> Callable[[], bool]:
    """The folder of a submission is open to everybody: somebody puts a file into it."""
    folder = put(root, "mallory")
    answer(folder, NAME)
    os.chown(folder / FILE, NOBODY, NOBODY)
    return (collected(root, "mallory") / FILE).is_file


def time_to_come(root: Path) -> Callable[[], bool]:
    """A submission dated next year, after which nothing newer is ever collected."""
    put(root, "mallory", 24 * 365)
    return collected(root, "mallory").is_dir


def time_that_is_none(root: Path) -> Callable[[], bool]:
    """A name without a time: the whole collect ends, for everybody."""
    put(root, "x").with_name(f"aaron+{NAME}+soon+r").mkdir()
    return lambda: not honest(root)


def earlier_time(root: Path) -> Callable[[], bool]:
    """Its file says that it was handed in long before."""
    folder = put(root, "mallory")
    (folder / "timestamp.txt").write_text("2020-01-01 10:00:00.0 UTC", "utf-8")
    return lambda: "2020" in (collected(root, "mallory") / "timestamp.txt").read_text("utf-8")


def too_large(root: Path) -> Callable[[], bool]:
    """A file of 50 MB, which costs no disk where it lies and all of it where it is copied."""
    os.truncate(put(root, "mallory") / f"{NAME}.ipynb", 50_000_000)
    return (collected(root, "mallory") / f"{NAME}.ipynb").is_file


def too_much(root: Path) -> Callable[[], bool]:
    """Together the files are more than nbgrader allows, which ends the collect for everybody."""
    folder = put(root, "aaron")
    for n in range(3):
        (folder / f"{n}.bin").touch()
        os.truncate(folder / f"{n}.bin", 60_000_000)
    return lambda: not honest(root)


def pipe(root: Path) -> Callable[[], bool]:
    """A pipe in the folder ends the collect."""
    os.mkfifo(put(root, "aaron") / "pipe")
    return lambda: not honest(root)


def unexpected(root: Path) -> Callable[[], bool]:
    """Code that would lie beside the notebook in which it is then run."""
    (put(root, "mallory") / "grading.py").write_text("score = lambda s: 10.0", "utf-8")
    return (collected(root, "mallory") / "grading.py").is_file


ATTACKS: dict[str, tuple[Callable[[Path], Callable[[], bool]], str]] = {
    "linked file": (linked_file, "leak.html was left behind"),
    "linked record": (linked_record, f"{FILE} was left behind"),
    "record linked twice": (linked_twice, "it is a link to a file elsewhere"),
    "linked folder": (linked_folder, "was refused"),
    "hidden name": (hidden_name, "'*' cannot be the name of a learner"),
    "time to come": (time_to_come, "which is still to come"),
    "time that is none": (time_that_is_none, "'soon' is no time"),
    "earlier time": (earlier_time, ""),
    "too large": (too_large, "it has 50000000 bytes"),
    "too much": (too_much, "a submission has no such file"),
    "pipe": (pipe, "pipe was left behind"),
    "unexpected": (unexpected, "grading.py was left behind"),
}
ENDING = {"time that is none", "too much", "pipe"}
AS_ROOT: dict[str, tuple[Callable[[Path], Callable[[], bool]], str]] = {
    "name of another": (name_of_another, "it says anna, but nobody owns it"),
    "file of another": (file_of_another, "somebody else put it there"),
}


@pytest.mark.parametrize(
    "attack", [*ATTACKS, *(pytest.param(a, marks=needs_root) for a in AS_ROOT)]
)
def test_an_attack_works_on_the_stock_collect_only(
    attack: str, course: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make, said = {**ATTACKS, **AS_ROOT}[attack]
    succeeded = make(course)
    ours = Path(
        shutil.copytree(course, course.with_name("ours"), symlinks=True, copy_function=keep)
    )
    try:
        collect(course, stock=True)
    except Exception:  # noqa: BLE001 - ending the collect for everybody is what some are for
        assert attack in ENDING
    else:
        assert attack not in ENDING
        assert succeeded(), "this is no attack on nbgrader's own collect"

    course.rename(course.with_name("stock"))
    ours.rename(course)
    collect(course, stock=False)
    assert not succeeded()
    assert honest(course)
    log = course / "build" / "grading.log"
    if said:
        assert said in log.read_text("utf-8")
        assert said in caplog.text
    assert not list(course.glob("build/submitted/*/.*")), "half a submission was left"


def keep(source: str, target: str) -> str:
    """Copy a file with its owner and its links, and what cannot be copied as it is made."""
    path = Path(source)
    if path.is_fifo():
        os.mkfifo(target)
    elif path.stat().st_nlink > 1:
        Path(target).hardlink_to(path)
    else:
        shutil.copy2(source, target)
        shutil.chown(target, path.stat().st_uid, path.stat().st_gid)
    if os.geteuid() == 0:
        about = path.parent.stat()
        os.chown(Path(target).parent, about.st_uid, about.st_gid)
    return target


def test_honest_submissions_pass_with_everything_that_counts(
    course: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = put(course, "ben.b@example.org")
    answer(folder, NAME)
    (folder / "receipt-20261120-100000.txt").write_text("SHA-256 of answers.jsonl: 0", "utf-8")
    (folder / "__pycache__").mkdir()
    names = {FILE, f"{NAME}.ipynb", "timestamp.txt", "submission_secret.txt"}
    collect(course, stock=False)
    taken = collected(course, "ben.b@example.org")
    assert {p.name for p in taken.iterdir()} == names | {"receipt-20261120-100000.txt"}
    assert (taken / "timestamp.txt").read_bytes() == (folder / "timestamp.txt").read_bytes()
    assert not (course / "build" / "grading.log").exists(), "an honest submission was named"
    before = taken.stat().st_ino
    collect(course, stock=False)
    assert taken.stat().st_ino == before
    again = put(course, "ben.b@example.org", -0.1)
    answer(again, NAME, worst_answers)
    with caplog.at_level("INFO"):
        transfer(course, "collect", stock=False, update=False)
    assert taken.stat().st_ino == before
    at = again.name.split("+")[2]
    assert f"handed in {NAME} again at {at}; collect with --update to take it" in caplog.text
    assert f"Nothing newer of anna, {NAME}" in caplog.text
    collect(course, stock=False)
    assert (taken / FILE).read_bytes() == (again / FILE).read_bytes()


def test_a_backdated_submission_is_named(course: Path) -> None:
    put(course, "mallory", -48)
    collect(course, stock=False)
    assert "was it late?" in (course / "build" / "grading.log").read_text("utf-8")
    assert collected(course, "mallory").is_dir()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("anna", "expected student"),
        (f"anna+{NAME}", "expected student"),
        (f"+{NAME}+2026-11-20 10:00:00 UTC", "cannot be the name"),
        (f"..+{NAME}+2026-11-20 10:00:00 UTC", "cannot be the name"),
        (f"a\nb+{NAME}+2026-11-20 10:00:00 UTC", "cannot be the name"),
        (f"anna+{NAME}+2026-11-20 10:00:00 UTC+a+b", "expected student"),
        (f"anna+{NAME}++r", "is no time"),
        (f"anna+{NAME}+{'9' * 5000}", "is no time"),
        (f"anna+{NAME}+2026-11-20 10:30:00 UTC", "still to come"),
    ],
)
def test_a_name_that_cannot_be_true_is_refused_in_words(name: str, why: str) -> None:
    now = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - as in nbgrader, UTC without a zone
    with pytest.raises(ValueError, match=why):
        read_claim(name, NAME, now)
    good = read_claim(f"anna+{NAME}+2026-11-20 09:00:00.5 UTC+cmFuZG9t", NAME, now)
    assert (good.student, good.time.hour) == ("anna", 9)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that other users can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@needs_root
def test_nobody_renames_the_folders_of_others(generated: Path, open_place: Path) -> None:
    root = Path(shutil.copytree(generated, open_place / "course"))
    root.chmod(0o755)
    exchange = root / "build" / "exchange"

    def moved(path: Path) -> bool:
        """Whether another user could take the folder away."""
        command = ["mv", str(path), str(path.with_name("mine"))]
        done = subprocess.run(command, user=NOBODY, cwd="/", check=False, capture_output=True)
        return done.returncode == 0

    assert exchange.stat().st_mode & 0o7777 == 0o1777
    exchange.chmod(0o777)  # as nbgrader makes it
    transfer(root, "release", stock=True)
    assert moved(exchange / COURSE_ID)
    shutil.rmtree(exchange)
    transfer(root, "release", stock=False)
    assert not moved(exchange / COURSE_ID)
    folder = put(root, "anna")
    assert not moved(folder)
