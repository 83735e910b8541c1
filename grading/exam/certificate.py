"""The certificate: a page that says what a learner did, with what it takes to check it.

It carries how long each record was when it was made and the hash of that much. A record only ever
grows, so years later, and however much was practiced since, whoever has the learner's folder can
read the same bytes again, mark them again and see whether the certificate says what they say.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grading import hours
from grading.exam.completion import Completion, completion
from grading.files import plain_bytes, write
from grading.folder import Module, modules_of
from grading.markup import Markup, join, table, tag
from scenarios.answers import FILE, MAX_FILE, parse
from scenarios.panel import Panel
from scenarios.policy import Policy, load_policy
from scenarios.profile import learner
from scenarios.welcome import NAMES

COURSE = "Social Media for Therapists"
SUBTITLE = "confidentiality, boundaries and your own policy"
LONGEST_NAME = 80
FORMAT = 1
LIMIT = 256 * 1024
"""Bytes of a certificate that are read."""
_STYLE = Path(__file__).with_suffix(".css")
_DATA = re.compile(r'<script type="application/json" id="certificate">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Sealed:
    """One module's record as it was: its folder, its length in bytes, and the SHA-256 of it."""

    folder: str
    bytes: int
    sha256: str


class CertificateError(ValueError):
    """A certificate cannot be made or read; the message is one sentence."""


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
    hrefs = {m.folder.name: m.href for m in modules}
    conditions = [
        {
            "text": f"{m.title}: every situation answered",
            "note": f"{m.answered} of {m.asked}",
            "done": m.answered == m.asked,
            "href": hrefs.get(m.folder),
        }
        for m in found.modules
    ]
    left = ", ".join(found.never)
    conditions += [
        {
            "text": "Nothing that must never happen is left as it was",
            "note": f"try again until the decision is safe: {left}" if left else "",
            "done": not found.never,
            "href": None,
        },
        {
            "text": f"{found.test.title} passed",
            "note": "",
            "done": bool(found.result and found.result.passed),
            "href": None,
        },
        {"text": "Evaluation saved", "note": "", "done": found.evaluated, "href": None},
    ]
    made = sorted((p.name for p in course.glob("certificate-*.html")), reverse=True)
    return {
        "kind": "certificate",
        "title": "Your certificate",
        "conditions": conditions,
        "ready": found.whole,
        "made": made,
    }


def make(course: Path, value: object) -> Path:
    """Write a certificate into the course folder; raises `CertificateError` where it may not be.

    `value` is `{"name": str, "license": str}`; an earlier certificate is never written over.
    """
    given = value if isinstance(value, dict) else {}
    name, license_ = (" ".join(str(given.get(k) or "").split()) for k in ("name", "license"))
    if not 1 < len(name) <= LONGEST_NAME or len(license_) > LONGEST_NAME:
        raise CertificateError(
            f"The certificate needs a name of 2 to {LONGEST_NAME} characters, and a license of no"
            " more; nothing was made."
        )
    policy = load_policy()
    sealed, modules = _sealed(course)
    found = completion(modules, policy)
    if not found.whole:
        raise CertificateError("Something is still to do, see the list; nothing was made.")
    now = datetime.now(UTC)
    data = {
        "v": FORMAT,
        "course": COURSE,
        "name": name,
        "license": license_,
        "profession": learner(course).profession,
        "learner": learner(course).id,
        "made": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "policy": {"practice": policy.practice, "version": policy.version},
        "hours": _hours(course, modules),
        "records": [asdict(s) for s in sealed],
        **_told(found),
    }
    path = course / f"certificate-{now:%Y%m%d-%H%M%S}.html"
    write(path, page(data).encode())
    return path


def _hours(course: Path, modules: Iterable[Module]) -> float:
    """Return the contact hours that the Mergener formula gives for the course as one activity."""
    works = hours.modules(course, [e for m in modules for e in m.entries])
    return hours.credit(hours.together(works).minutes())


def _told(found: Completion) -> dict[str, Any]:
    """Return what a certificate says was done, as the records alone give it."""
    result = found.result
    return {
        "modules": [
            {"title": m.title, "asked": m.asked, "answered": m.answered, "mastered": m.mastered}
            for m in found.modules
        ],
        "test": {
            "title": found.test.title,
            "cut": found.test.cut,
            "passed": bool(result and result.passed),
            "score": round(result.score, 4) if result else 0.0,
            "finished": (result.sitting.finished or "") if result else "",
            "sittings": found.sittings,
            "items": len(result.items) if result else 0,
        },
    }


def _sealed(
    course: Path, until: Mapping[str, int] | None = None
) -> tuple[list[Sealed], list[Module]]:
    """Return the records of a folder with their hashes, and the modules as those bytes have them.

    `until` gives how many bytes of each record are read, by folder; without it all of them are.
    """
    sealed, modules = [], []
    for module in modules_of(course):
        try:
            data = plain_bytes(module.folder / FILE, MAX_FILE)
        except FileNotFoundError:
            data = b""
        if until is not None:
            data = data[: until.get(module.folder.name, 0)]
        if data:
            digest = hashlib.sha256(data).hexdigest()
            sealed.append(Sealed(module.folder.name, len(data), digest))
        modules.append(replace(module, record=parse(data)))
    return sealed, modules


# ------------------------------------------------------------------------------------ the page


def code(data: Mapping[str, object]) -> str:
    """Return the certificate's code: the beginning of the SHA-256 of all that it says."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:20].upper()
    return "-".join(digest[n : n + 5] for n in range(0, 20, 5))


def page(data: Mapping[str, Any]) -> str:
    """Return the certificate as one page, for the screen and for a sheet of paper."""
    test, day = data["test"], datetime.fromisoformat(str(data["made"]))
    who = NAMES.get(data["profession"], "") if data["profession"] else ""
    about = ", ".join(filter(None, (who, str(data["license"]))))
    score = int(100 * test["score"] + 1e-9)
    facts = [
        ("Post-test", f"passed with {score}% (the cut is {100 * test['cut']:.0f}%)"),
        ("Practice", f"{sum(m['answered'] for m in data['modules'])} situations answered"),
        ("Measured against", str(data["policy"]["practice"])),
        ("Length", f"about {data['hours']:g} hours, by the Mergener formula"),
    ]
    rows = [
        (m["title"], f"{m['answered']} of {m['asked']}", str(m["mastered"]))
        for m in data["modules"]
    ]
    sheet = tag(
        "main",
        tag(
            "section",
            tag("p", "Certificate of completion", class_="kind"),
            tag("p", str(data["name"]), class_="name"),
            tag("p", about, class_="about") if about else None,
            tag("p", "has completed the course"),
            tag("h1", COURSE, tag("span", SUBTITLE)),
            tag("dl", (tag("div", tag("dt", t), tag("dd", d)) for t, d in facts)),
            tag(
                "div",
                tag("p", f"{day:%B} {day.day}, {day.year}"),
                tag("p", "Code ", tag("code", code(data))),
                class_="foot",
            ),
            class_="sheet",
        ),
        tag(
            "section",
            tag("h2", "What was done"),
            table(
                "Situations of each module; mastered means that the best decision was reached",
                ["Module", "Answered", "Mastered"],
                rows,
            ),
            tag("h2", "What this is"),
            tag(
                "p",
                "The score is the share of what can be known beyond guessing, over"
                f" {test['items']} situations drawn from a larger pool. This page is made by the"
                " course on the learner's own computer. It is no statement of an approved provider"
                " of continuing education; the hours are an estimate from the content.",
            ),
            tag("h2", "How to check it"),
            tag(
                "p",
                "With the learner's course folder and the course installed: ",
                tag("code", "course verify CERTIFICATE FOLDER"),
                ". It marks the answers again as they stood on this day, and compares.",
            ),
            class_="more",
        ),
    )
    payload = json.dumps(data, ensure_ascii=True, sort_keys=True).replace("<", "\\u003c")
    script = Markup(f'<script type="application/json" id="certificate">{payload}</script>')
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"Certificate: {data['name']}"),
        Markup(f"<style>{_STYLE.read_text('utf-8')}</style>"),
    )
    whole = tag("html", tag("head", head), tag("body", sheet, script), lang="en")
    return f"<!doctype html>\n{whole}\n"


# ------------------------------------------------------------------------------------ checking


@dataclass(frozen=True)
class Verified:
    """What a certificate says, and in whole sentences what does not fit the learner's folder."""

    data: Mapping[str, Any]
    problems: tuple[str, ...]


def read(path: Path) -> dict[str, Any]:
    """Return what a certificate says; raises `CertificateError` for a file that is none."""
    try:
        found = _DATA.search(plain_bytes(path, LIMIT).decode("utf-8"))
        data = json.loads(found[1]) if found else None
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path} cannot be read as a certificate: {error}.") from error
    if not isinstance(data, dict) or data.get("v") != FORMAT:
        raise CertificateError(f"{path} is no certificate of this course; name the HTML page.")
    return data


def verify(path: Path, course: Path) -> Verified:
    """Mark the records of a learner's folder as they stood when the certificate was made.

    Raises `CertificateError` for a file that is no certificate, `ContentError` for a faulty bank
    or policy.
    """
    data = read(path)
    try:
        return Verified(data, tuple(_problems(path, data, course)))
    except (KeyError, TypeError, AttributeError) as error:
        raise CertificateError(f"{path} is a damaged certificate: {error!r} is missing.") from error


def _problems(path: Path, data: Mapping[str, Any], course: Path) -> Iterator[str]:
    shown = html.unescape(path.read_text("utf-8"))
    if page(data) != path.read_text("utf-8") and code(data) not in shown:
        yield "The page was changed: its code is not that of what it says."
    elif page(data) != path.read_text("utf-8"):
        yield "The page differs from the one that the course makes of the same facts."
    until = {str(r["folder"]): int(r["bytes"]) for r in data["records"]}
    sealed, modules = _sealed(course, until)
    now = {s.folder: s for s in sealed}
    for record in data["records"]:
        mine = now.get(record["folder"])
        if mine is None or mine.bytes < record["bytes"]:
            yield f"The record of {record['folder']} is missing or shorter than it was."
        elif mine.sha256 != record["sha256"]:
            yield f"The record of {record['folder']} is not the one that was certified."
    own = course / "policy.toml"
    policy: Policy = load_policy(own if own.is_file() else None)
    if policy.version != data["policy"]["version"]:
        yield (
            "The policy in the folder is not the one that the certificate names, so marks may"
            " differ where practices differ."
        )
    again = _told(completion(modules, policy))
    if not again["test"]["passed"]:
        yield "By the answers as they stood, the test is not passed."
    for name in ("modules", "test"):
        if again[name] != data[name]:
            yield f"Marked again, the answers give other numbers for: {name}."
