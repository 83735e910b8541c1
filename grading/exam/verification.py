"""Checking a certificate: the answers as they stood are marked again, and compared.

What contradicts the certificate is a problem. What differs because the course, the policy or a cut
has changed since is a note: an honest certificate stays one when the course moves on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grading.exam.certificate import (
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
from grading.exam.completion import completion
from grading.exam.result import percent
from grading.folder import Module
from scenarios.faults import ContentError
from scenarios.files import plain_bytes
from scenarios.policy import FILE, Policy, load_policy, model_policy
from scenarios.profile import learner

LIMIT = 256 * 1024
"""Bytes of a certificate that are read."""


@dataclass(frozen=True)
class Verified:
    """What a certificate says, what contradicts it, and what has only changed since."""

    certificate: Certificate
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(path: Path, course: Path) -> Verified:
    """Check a certificate against a learner's folder.

    Raises `CertificateError` for a file that is no certificate, `ContentError` for a faulty bank.
    """
    text, certificate = read(path)
    problems = []
    if certificate.code not in text:
        problems.append("The page was changed: its code is not that of what it says.")
    until = {r.module: r.bytes for r in certificate.records}
    try:
        sealed, modules = as_sealed(course, until)
    except OSError as error:
        said = f"A record in {course} cannot be read: {error.strerror or error}."
        return Verified(certificate, (*problems, said))
    problems += _records(certificate, sealed)
    if problems:
        return Verified(certificate, tuple(problems))
    try:
        policy = load_policy(course / FILE) if (course / FILE).is_file() else model_policy()
    except ContentError as error:
        said = f"The policy in {course} cannot be read: {error.faults[0]}."
        return Verified(certificate, (*problems, said))
    known = {m.module for m in certificate.modules}
    named = [m for m in modules if m.name in known or not m.entries]
    found, notes = _again(certificate, named, policy)
    problems += found
    new = [m.title for m in modules if m.entries and m.name not in known]
    if new:
        notes.append(
            f"The course has modules that the certificate does not name: {', '.join(new)}."
        )
    if learner(course).id != certificate.learner:
        problems.append("The folder is another learner's.")
    return Verified(certificate, tuple(problems), tuple(notes))


def read(path: Path) -> tuple[str, Certificate]:
    """Return the page and what it says; raises `CertificateError` for a file that is none."""
    try:
        text = plain_bytes(path, LIMIT).decode("utf-8")
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path} cannot be read as a certificate: {error}.") from error
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


def _records(certificate: Certificate, sealed: list[Sealed]) -> Iterator[str]:
    now = {s.module: s for s in sealed}
    if certificate.records and not now:
        yield "The folder holds no records, so nothing can be checked."
        return
    for record in certificate.records:
        mine = now.get(record.module)
        if mine is None or mine.bytes < record.bytes:
            yield f"The record of {record.module} is missing or shorter than it was."
        elif mine.sha256 != record.sha256:
            yield f"The record of {record.module} is not the one that was certified."


def _again(
    certificate: Certificate, modules: list[Module], policy: Policy
) -> tuple[list[str], list[str]]:
    """Mark the answers again; return what contradicts the certificate, and what has changed."""
    found = completion(modules, policy)
    changed = []
    if bank_of(modules, found) != certificate.bank:
        changed.append("scenarios of the course")
    if policy.version != certificate.policy.version:
        changed.append("the policy in the folder")
    if found.test.cut != certificate.test.cut:
        changed.append("the cut")
    told: list[str] = []
    if not found.whole:
        told.append("By these answers the course is not completed.")
    mine = {m.module: (m.asked, m.answered, m.mastered) for m in practiced(found.modules)}
    theirs = {m.module: (m.asked, m.answered, m.mastered) for m in certificate.modules}
    told += [
        f"Marked again, {m} comes to other numbers." for m in theirs if mine.get(m) != theirs[m]
    ]
    test = tested(found)
    if (test.score, test.passed) != (certificate.test.score, certificate.test.passed):
        told.append(f"Marked again, the test comes to {percent(test.score)}.")
    if certificate.hours != contact_hours():
        told.append(f"The hours are estimated as {contact_hours():g} now.")
    if not changed:
        return told, []
    since = f"Since then {', '.join(changed)} changed, so it is marked otherwise today."
    return [], [since, *told]
