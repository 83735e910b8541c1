"""A scene's artefact in words: what the learner saw on the screen, for pages that draw nothing.

Pure functions, in step with `artefacts.js`. Texts are plain; whoever puts them on a page escapes
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from scenarios.artefacts import (
    Artefact,
    Comment,
    Document,
    Email,
    Panel,
    PanelRow,
    Photo,
    Post,
    Profile,
    Request,
    Review,
    Thread,
)

CHANNELS = {
    "dm": "a private message thread",
    "sms": "text messages",
    "chat": "a chat among colleagues",
    "stream": "a live stream with its chat",
    "ai": "a chat with an assistant program",
    "call": "a telephone call",
}


def shown(artefact: Artefact) -> tuple[str, ...]:
    """Return what an artefact shows, one statement a line; the first says what it is."""
    return tuple(line for line in _shown(artefact) if line)


@singledispatch
def _shown(artefact: object) -> Iterable[str]:
    raise NotImplementedError(type(artefact).__name__)


@_shown.register
def _request(a: Request) -> Iterable[str]:
    buttons = f"Buttons shown there: {', '.join(a.actions)}" if a.actions else ""
    return (f"A request from {a.name}", a.title, a.handle, a.note, *a.facts, buttons)


@_shown.register
def _post(a: Post) -> Iterable[str]:
    return (
        f"{'A draft post' if a.draft else 'A post'} by {a.who}",
        a.title,
        _aside(a.handle, a.when, f"at {a.place}" if a.place else ""),
        a.text,
        _photo(a.photo),
        f"Tagged: {', '.join(a.tagged)}" if a.tagged else "",
        a.reactions,
        *map(_comment, a.comments),
        a.notice,
    )


@_shown.register
def _review(a: Review) -> Iterable[str]:
    stars = _aside(f"{a.stars} of 5 stars", a.when)
    return (f"A review by {a.who} on {a.site}", stars, a.text, a.helpful, *map(_comment, a.replies))


@_shown.register
def _thread(a: Thread) -> Iterable[str]:
    yield f"{CHANNELS[a.channel].capitalize()}, {a.title}"
    yield a.note
    for message in a.messages:
        who = message.who or ("You" if message.mine else a.title)
        yield _said(who, message.when, message.text)


@_shown.register
def _email(a: Email) -> Iterable[str]:
    to, subject = f"To: {a.to}" if a.to else "", f"Subject: {a.subject}" if a.subject else ""
    return (f"An e-mail from {a.sender}", to, subject, a.body)


@_shown.register
def _profile(a: Profile) -> Iterable[str]:
    return (f"The page of {a.name}", a.handle, a.about, *a.facts, _photo(a.photo))


@_shown.register
def _panel(a: Panel) -> Iterable[str]:
    return (f"A screen, {a.title}", *map(_row, a.rows), a.note)


@_shown.register
def _document(a: Document) -> Iterable[str]:
    return (f"A page, {a.title}", *a.lines, a.note)


def _row(row: PanelRow) -> str:
    state = "" if row.on is None else "on" if row.on else "off"
    value = _aside(row.value, state)
    return f"{row.label}: {value}" if value else row.label


def _photo(photo: Photo | None) -> str:
    if photo is None:
        return ""
    return f"Photo: {photo.alt}" + (f" It reads: {photo.label}" if photo.label else "")


def _comment(comment: Comment) -> str:
    return _said(comment.who, comment.when, comment.text)


def _said(who: str, when: str, text: str) -> str:
    return f"{who} ({when}): {text}" if when else f"{who}: {text}"


def _aside(*facts: str) -> str:
    return ", ".join(fact for fact in facts if fact)
