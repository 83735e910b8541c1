"""Who has completed the course, from what was handed in or from learners' own course folders.

For a practice that must show who was trained, and for a sponsor who keeps a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grading.alike import alike
from grading.course import Course, CourseError
from grading.exam.certificate import CertificateError
from grading.exam.completion import Completion, completed_at, completion
from grading.exam.measured import MODEL, Under, named, under
from grading.exam.verification import read as read_certificate
from grading.folder import Module, modules_of
from grading.frame import asked
from grading.notebooks import title_of
from scenarios.answers import FILE, Record, read
from scenarios.policy import FILE as POLICY
from scenarios.policy import Policy, load_policy, model_policy
from scenarios.workspace import source


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One learner and what their records say was done.

    `policy` is what it was measured against, `under` the one that the answers were given under;
    `day` is when the course was completed, by this computer's clock and calendar; `code` is that
    of the newest certificate that lies there; `folders` has the learner's folder of each module.
    """

    learner: str
    done: Completion
    policy: Policy
    under: Under
    day: str
    code: str
    folders: Mapping[str, Path]

    @property
    def other(self) -> bool:
        """Whether answers were given under another policy than the practice's own.

        Against the model policy it is no fault: in the last module everybody writes one of theirs.
        """
        return self.policy.version != MODEL and self.under not in {"own", ""}


def roster(course: Course, policy: Policy | None = None) -> Iterator[Trained]:
    """Yield every learner who handed something in to a course root, by name.

    What was not handed in counts as not done. Raises `ContentError` for a faulty bank or policy.
    """
    entries = asked(course)
    modules = [
        Module(
            folder=course.source / assignment,
            title=title_of(course.source / assignment / f"{assignment}.ipynb"),
            entries=entries[assignment],
            record=Record(),
        )
        for assignment in course.assignments()
    ]
    handed: dict[str, dict[str, Path]] = {}
    for module in modules:
        for learner, folder in course.submissions(module.folder.name):
            handed.setdefault(learner, {})[module.name] = folder
    for learner in sorted(handed):
        own = handed[learner]
        places = {course.submitted / learner, *own.values()}
        yield _trained(learner, modules, own, places, policy or course.policy())


def of_folders(folders: Iterable[Path], policy: Policy | None = None) -> Iterator[Trained]:
    """Yield the learners of these course folders, by name, which is the folder's.

    Without a policy each is measured against the one in the folder. Plain files are passed over.
    Raises `CourseError` for what is no course folder, `ContentError` for a faulty policy.
    """
    modules = modules_of(source())
    places = [f for f in folders if not f.is_file()]
    names = Counter(f.resolve().name for f in places)
    called = {(f.resolve().name if names[f.resolve().name] == 1 else str(f)): f for f in places}
    for learner, folder in sorted(called.items()):
        own = folder / POLICY
        mine = policy or (load_policy(own) if own.is_file() else model_policy())
        yield _trained(learner, modules, _own(folder), [folder], mine)


def remarks(listed: Sequence[Trained]) -> Iterator[str]:
    """Yield what whoever relies on the list has to know: other policies, and copied records."""
    policies = {t.policy.version: named(t.policy) for t in listed}
    if len(policies) > 1:
        names = ", ".join(policies.values())
        yield f"The folders hold different policies ({names}); --policy names the practice's."
    for version, name in policies.items():
        those = [t.learner for t in listed if t.other and t.policy.version == version]
        if those:
            yield f"Answers given under another policy than {name}: {', '.join(those)}."
    modules = dict.fromkeys(m for t in listed for m in t.folders)
    own = {m: [(t.learner, t.folders[m]) for t in listed if m in t.folders] for m in modules}
    for learners, where in alike(own).items():
        yield f"The same answers to the byte: {', '.join(learners)} ({', '.join(where)})."


def _own(folder: Path) -> dict[str, Path]:
    """Return the folder of each module in a learner's course folder; raises `CourseError`."""
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder}; name a learner's course folder.")
    found = {m.name: m.folder for m in modules_of(folder)}
    if not found:
        raise CourseError(
            f"No module of the course lies in {folder}; name each learner's course folder, which"
            " holds a folder for each module."
        )
    return found


def _trained(
    learner: str,
    modules: Iterable[Module],
    own: Mapping[str, Path],
    places: Iterable[Path],
    policy: Policy,
) -> Trained:
    mine = [
        replace(m, record=read(own[m.name] / FILE) if m.name in own else Record()) for m in modules
    ]
    done = completion(mine, policy)
    return Trained(
        learner=learner,
        done=done,
        policy=policy,
        under=under((e for m in mine for e in m.record.events), policy),
        day=_day(completed_at(mine, policy)) if done.whole else "",
        code=_code(places),
        folders=own,
    )


def _day(time: str) -> str:
    """Return the day of a time on record where this is run."""
    with suppress(ValueError, OverflowError):
        return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d}"
    return time[:10]


def _code(places: Iterable[Path]) -> str:
    """Return the code of the newest certificate in these folders, or nothing."""
    found = []
    for path in (p for folder in places for p in folder.glob("certificate-*.html")):
        with suppress(CertificateError):
            found.append(read_certificate(path)[1])
    newest = max(found, key=lambda c: c.made, default=None)
    return newest.code if newest else ""
