"""Checking a certificate: the answers as they stood are marked again, and compared.

What the records themselves contradict is a problem, whatever has changed since. What marking again
contradicts is one as long as scenarios, policy and program are those that it names. When they are
not, it is neither shown nor refuted: that is said, and an honest certificate is no forgery because
the course moved on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from grading.exam.certificate import (
    PROGRAM,
    Certificate,
    CertificateError,
    Sealed,
    as_sealed,
    bank_of,
    contact_hours,
    practiced,
    tested,
)
from grading.exam.certificate_page import DATA
from grading.exam.completion import Completion, completion
from grading.exam.contradicted import told_by_records
from grading.exam.measured import MODEL, decided, differences, named
from grading.exam.result import percent
from grading.folder import Module, modules_of
from scenarios.faults import ContentError
from scenarios.files import plain_bytes
from scenarios.policy import FILE, Policy, load_policy, model_policy
from scenarios.profile import FILE as LEARNER
from scenarios.profile import learner
from scenarios.workspace import source

LIMIT = 256 * 1024
"""Bytes of a certificate that are read."""


@dataclass(frozen=True)
class Verified:
    """What a certificate says, what contradicts it, what cannot be checked, and notes."""

    certificate: Certificate
    problems: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def verify(path: Path, course: Path, own: Path | None = None) -> Verified:
    """Check a certificate against a learner's folder, and perhaps against a practice's policy file.

    Raises `CertificateError` for what is no certificate or no learner's folder, `ContentError` for
    a faulty bank or policy file.
    """
    text, certificate = read(path)
    theirs = load_policy(own) if own else None
    until = {r.module: r.bytes for r in certificate.records}
    _expect_modules(course)
    if stranger := _stranger(certificate, course):
        return Verified(certificate, (stranger,))
    try:
        sealed, modules = as_sealed(course, until)
    except OSError as error:
        said = f"A record in {course} cannot be read: {error.strerror or error}."
        return Verified(certificate, (said,))
    problems = []
    if certificate.code not in text:
        problems.append("The page was changed: its code is not that of what it says.")
    problems += _records(certificate, sealed) or told_by_records(certificate, modules)
    if theirs and theirs.version != certificate.policy.version:
        problems.append(
            f"It was measured against {named(certificate.policy)}, not {named(theirs)}."
        )
    if problems:
        return Verified(certificate, tuple(problems))
    known = {m.module for m in certificate.modules}
    its = [m for m in modules if m.name in known or not m.entries]
    unchecked = [*_nameless(certificate, course), *_unnamed(known)]
    try:
        policy = theirs or _policy(certificate, course)
    except ContentError as error:
        unchecked.append(f"The policy in the folder cannot be read: {error.faults[0]}.")
        return Verified(certificate, (), tuple(unchecked))
    again = _again(certificate, its, policy)
    notes = (*again.notes, *_under(certificate, modules))
    return Verified(certificate, again.problems, (*unchecked, *again.unchecked), notes)


def summary(certificate: Certificate) -> tuple[str, ...]:
    """Return in a few lines what a certificate says, to lay beside the page."""
    said, score = certificate.policy, percent(certificate.test.score)
    words = "; ".join(said.differs)
    return (
        f"{certificate.name}, {certificate.dated}: {certificate.course}, {score}.",
        f"Measured against {named(said)}{': ' if words else ''}{words}.",
    )


def read(path: Path) -> tuple[str, Certificate]:
    """Return the page and what it says; raises `CertificateError` for a file that is none."""
    try:
        text = plain_bytes(path, LIMIT).decode("utf-8")
    except FileNotFoundError:
        raise CertificateError(
            f"There is no file {path}; name the certificate, as certificate-20261126-170000.html."
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise CertificateError(f"{path} cannot be read as a certificate: {reason}.") from error
    except ValueError:
        raise CertificateError(
            f"{path} is no certificate of this course; name the HTML page, not a print of it."
        ) from None
    found = DATA.search(text)
    if not found:
        raise CertificateError(f"{path} is no certificate of this course; name the HTML page.")
    try:
        return text, Certificate.model_validate_json(found[1])
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"])) or "it"
        raise CertificateError(
            f"{path} is a damaged certificate: {at}, {first['msg'][:80]}."
        ) from None


def _records(certificate: Certificate, sealed: list[Sealed]) -> list[str]:
    """Say which records are not those that were certified."""
    now = {s.module: s for s in sealed}
    if certificate.records and not now:
        return ["The folder holds no records, so nothing can be checked."]
    wrong = []
    for record in certificate.records:
        mine = now.get(record.module)
        if mine is None or mine.bytes < record.bytes:
            wrong.append(f"The record of {record.module} is missing or shorter than it was.")
        elif mine.sha256 != record.sha256:
            wrong.append(f"The record of {record.module} is not the one that was certified.")
    if 1 < len(wrong) == len(certificate.records):
        return ["No record is one that was certified: the folder may be another learner's."]
    return wrong


# ----------------------------------------------------------------------------- who, and what


def _expect_modules(course: Path) -> None:
    """Make sure that a folder is a learner's course folder; raises `CertificateError`."""
    if not course.is_dir():
        raise CertificateError(f"There is no folder {course}; name the learner's course folder.")
    if not modules_of(course):
        raise CertificateError(
            f"No module of the course lies in {course}; name the learner's course folder, which"
            " holds a folder for each module."
        )


def _stranger(certificate: Certificate, course: Path) -> str:
    """Return the sentence that a folder is another learner's, or nothing."""
    if not (course / LEARNER).is_file() or learner(course).id == certificate.learner:
        return ""
    return (
        f"The folder {course} is another learner's; name the folder of {certificate.name},"
        f" whose {LEARNER} has the id {certificate.learner}."
    )


def _nameless(certificate: Certificate, course: Path) -> Iterator[str]:
    if not (course / LEARNER).is_file() and learner(course).id != certificate.learner:
        yield f"The folder does not say whose it is: it has no {LEARNER}."


def _unnamed(known: Iterable[str]) -> Iterator[str]:
    """Yield the modules of the course here that a certificate does not name."""
    new = [m.title for m in modules_of(source()) if m.entries and m.name not in set(known)]
    if new:
        yield f"The course here has modules that it does not name: {', '.join(new)}."


def _policy(certificate: Certificate, course: Path) -> Policy:
    """Return the policy to mark by: the one in the folder, unless it was the model policy."""
    own = course / FILE
    if certificate.policy.version == MODEL or not own.is_file():
        return model_policy()
    return load_policy(own)


def _under(certificate: Certificate, modules: Iterable[Module]) -> Iterator[str]:
    given = [e.policy for m in modules for e in m.record.events if decided(e)]
    other = sum(v != certificate.policy.version for v in given)
    if other:
        yield (
            f"{other} of {len(given)} answers were given under another policy than the one they"
            " were measured against."
        )


# ----------------------------------------------------------------------------- marked again


def _again(certificate: Certificate, modules: list[Module], policy: Policy) -> Verified:
    """Mark the answers again, and say what that contradicts and what it can no longer show."""
    found = completion(modules, policy)
    said, told = certificate.policy, tuple(_told_by_marks(certificate, found))
    if policy.version != said.version:
        missing = f"It was measured against {named(said)}, the folder has {named(policy)}."
        return Verified(certificate, unchecked=(missing, *told))
    if policy.practice != said.practice or said.differs not in {(), differences(policy)}:
        return Verified(
            certificate, (f"What it says of the policy is not so in {policy.practice}.",)
        )
    changed = list(_changed(certificate, modules, found))
    since = f"Since it was made, {' and '.join(changed)} changed"
    if told and changed:
        return Verified(certificate, unchecked=(f"{since}.", *told))
    notes = (f"{since}; marked again it comes to the same.",) if changed else ()
    return Verified(certificate, told, notes=notes)


def _changed(
    certificate: Certificate, modules: Iterable[Module], found: Completion
) -> Iterator[str]:
    """Yield what marking again rests on that is not what the certificate names."""
    if bank_of(modules, found) != certificate.bank:
        yield "scenarios"
    if found.test.cut != certificate.test.cut:
        yield "the score that passes"
    if version(PROGRAM) != certificate.course_version:
        yield f"the program ({certificate.course_version} made it)"


def _told_by_marks(certificate: Certificate, found: Completion) -> Iterator[str]:
    """Yield where marking the answers again comes to something else than the certificate has."""
    if not found.whole:
        yield "Marked again, the course is not completed."
    mine = {m.module: (m.asked, m.answered, m.mastered) for m in practiced(found.modules)}
    for said in certificate.modules:
        if mine.get(said.module) != (said.asked, said.answered, said.mastered):
            yield f"Marked again, {said.title} comes to other numbers."
    test = tested(found)
    if (test.score, test.passed) != (certificate.test.score, certificate.test.passed):
        yield f"Marked again, the {test.title} comes to {percent(test.score)}."
    elif test.finished != certificate.test.finished:
        yield f"Marked again, another sitting of the {test.title} counts."
    if certificate.hours != contact_hours():
        yield f"The hours are estimated as {contact_hours():g}, it has {certificate.hours:g}."
