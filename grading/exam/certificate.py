"""The certificate: what a learner did, with what it takes to check it; and the panel that makes it.

It carries how long each record was when it was made and the hash of that much. A record only ever
grows, so years later, and however much was practiced since, whoever has the learner's folder can
read the same bytes again and mark them again (`verification`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from grading import hours
from grading.exam import certificate_page
from grading.exam.completion import Completion, Done, completion
from grading.exam.measured import Measured, measured
from grading.folder import Module, modules_of
from grading.outputs import clean
from scenarios.answers import FILE, MAX_FILE, parse
from scenarios.catalogue import load_all
from scenarios.files import plain_bytes, write
from scenarios.panel import Panel
from scenarios.policy import Policy, load_policy
from scenarios.profile import learner
from scenarios.terms import Frozen, Profession
from scenarios.workspace import source

COURSE = "Social Media for Therapists"
PROGRAM = "social-media-for-therapists"
LONGEST_NAME = 80
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**9)]


class CertificateError(ValueError):
    """A certificate cannot be made or read; the message is one sentence."""


class Sealed(Frozen):
    """One module's record as it was: its length in bytes, and the SHA-256 of that much."""

    module: str
    bytes: Count
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Practiced(Frozen):
    """A module's situations: how many there are, are answered and are mastered."""

    module: str
    title: str
    asked: Count
    answered: Count
    mastered: Count


class Tested(Frozen):
    """The sitting that counts, and by which blueprint it was dealt."""

    title: str
    cut: Share
    passed: bool
    score: Share
    finished: str
    sittings: Count
    items: Count


class Certificate(Frozen):
    """All that a certificate says.

    `course_version` is that of the program, `bank` the versions of all scenarios that it stands on,
    as one: as long as both and the policy are the same, marking again must give the same. `made` is
    in UTC, `day` the day that it was then where it was made; version 1 does not say that day.
    """

    v: Literal[1, 2]
    course: str
    course_version: str
    bank: str
    name: str
    license: str
    profession: Profession | None
    learner: str
    made: AwareDatetime
    day: date | None = None
    policy: Measured
    hours: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
    records: tuple[Sealed, ...]
    modules: tuple[Practiced, ...]
    test: Tested

    @property
    def dated(self) -> date:
        """The day that it bears."""
        return self.day or self.made.date()

    @property
    def data(self) -> dict[str, Any]:
        """All that it says, as JSON; what its version does not know of is not in it."""
        return self.model_dump(mode="json", exclude_unset=True)

    @property
    def code(self) -> str:
        """The beginning of the SHA-256 of all that it says, in four groups."""
        text = json.dumps(self.data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()[:20].upper()
        return "-".join(digest[n : n + 5] for n in range(0, 20, 5))


# --------------------------------------------------------------------------------- on the page


def certificate_panel() -> Panel:
    """Return the panel that says what is still to do for the certificate, and then makes it."""
    course = Path.cwd().resolve().parent

    def press(value: object) -> None:
        make(course, value)

    return Panel(lambda: look(course), {"make": press})


def look(course: Path) -> dict[str, Any]:
    """Return what the panel shows: each condition, and the certificates already made."""
    modules = modules_of(course)
    found = completion(modules, load_policy())
    hrefs = {m.name: m.href for m in modules}
    conditions = [
        {
            "text": m.title,
            "note": f"{m.answered} of {m.asked} situations answered",
            "done": m.answered == m.asked,
            "href": hrefs.get(m.module),
        }
        for m in found.modules
    ]
    conditions += [
        {
            "text": f"Put right in: {m.title}",
            "note": f"Try again until the decision is safe: {'; '.join(m.never)}",
            "done": False,
            "href": hrefs.get(m.module),
        }
        for m in found.modules
        if m.never
    ] or [_here("Nothing left that must never happen", done=True)]
    conditions += [
        _here(f"{found.test.title} passed", done=bool(found.result and found.result.passed)),
        _here("Evaluation saved", done=found.evaluated),
    ]
    made = sorted((p.name for p in course.glob("certificate-*.html")), reverse=True)
    return {
        "kind": "certificate",
        "title": "Your certificate",
        "conditions": conditions,
        "ready": found.whole,
        "made": made,
        "folder": str(course),
    }


def _here(text: str, *, done: bool) -> dict[str, Any]:
    return {"text": text, "note": "", "done": done, "href": None}


def make(course: Path, value: object) -> Path:
    """Write a certificate into the course folder; raises `CertificateError` where it may not be.

    `value` is `{"name": str, "license": str}`; an earlier certificate is never written over.
    """
    given = value if isinstance(value, dict) else {}
    name, license_ = (" ".join(clean(str(given.get(k) or "")).split()) for k in _FIELDS)
    if not 1 < len(name) <= LONGEST_NAME or len(license_) > LONGEST_NAME:
        raise CertificateError(
            f"The certificate needs a name of 2 to {LONGEST_NAME} characters, and a license of at"
            f" most {LONGEST_NAME}; nothing was made."
        )
    return certify(course, name, license_, load_policy())


def certify(course: Path, name: str, license_: str, policy: Policy) -> Path:
    """Write a certificate into a learner's folder, whose course is completed by this policy.

    Raises `CertificateError` where it is not.
    """
    sealed, modules = as_sealed(course)
    found = completion(modules, policy)
    if not found.whole:
        raise CertificateError("Something is still to do, see the list; nothing was made.")
    now = datetime.now(UTC).replace(microsecond=0)
    here = now.astimezone()
    who = learner(course)
    certificate = Certificate(
        v=2,
        course=COURSE,
        course_version=version(PROGRAM),
        bank=bank_of(modules, found),
        name=name,
        license=license_,
        profession=who.profession,
        learner=who.id,
        made=now,
        day=here.date(),
        policy=measured(policy),
        hours=contact_hours(),
        records=tuple(sealed),
        modules=practiced(found.modules),
        test=tested(found),
    )
    path = course / f"certificate-{here:%Y%m%d-%H%M%S}.html"
    while path.exists():
        here += timedelta(seconds=1)
        path = course / f"certificate-{here:%Y%m%d-%H%M%S}.html"
    write(path, certificate_page.page(certificate).encode())
    return path


_FIELDS = ("name", "license")


# ------------------------------------------------------------------------ what it is made from


def contact_hours() -> float:
    """Return the contact hours that the Mergener formula gives for the course as one activity."""
    return hours.credit(hours.together(hours.modules(source(), load_all().values())).minutes())


def practiced(done: Iterable[Done]) -> tuple[Practiced, ...]:
    """Return what is said of the modules."""
    return tuple(
        Practiced(
            module=m.module,
            title=m.title,
            asked=m.asked,
            answered=m.answered,
            mastered=m.mastered,
        )
        for m in done
    )


def tested(found: Completion) -> Tested:
    """Return what is said of the scored test."""
    result = found.result
    return Tested(
        title=found.test.title,
        cut=found.test.cut,
        passed=bool(result and result.passed),
        score=round(result.score, 4) if result else 0.0,
        finished=(result.sitting.finished or "") if result else "",
        sittings=found.sittings,
        items=len(result.items) if result else 0,
    )


def bank_of(modules: Iterable[Module], found: Completion) -> str:
    """Return the versions of every scenario that a completion stands on, as one."""
    entries = [e for m in modules for e in m.entries]
    entries += [i.entry for i in found.result.items] if found.result else []
    told = sorted((e.slug, e.version) for e in entries)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def as_sealed(
    course: Path, until: Mapping[str, int] | None = None
) -> tuple[list[Sealed], list[Module]]:
    """Return the records of a folder with their hashes, and the modules as those bytes have them.

    `until` gives how many bytes of each module's record are read; without it all of them are.
    Raises `OSError` for a record that is no plain file.
    """
    sealed, modules = [], []
    for module in modules_of(course):
        try:
            data = plain_bytes(module.folder / FILE, MAX_FILE)
        except FileNotFoundError:
            data = b""
        if until is not None:
            data = data[: until.get(module.name, 0)]
        if data:
            digest = hashlib.sha256(data).hexdigest()
            sealed.append(Sealed(module=module.name, bytes=len(data), sha256=digest))
        modules.append(replace(module, record=parse(data)))
    return sealed, modules
