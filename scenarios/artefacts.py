"""Artefacts: the thing itself, as it would look on the clinician's screen.

Data only; `artefacts.js` draws them. No trade marks, no real people, photos are drawn.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.terms import Frozen, Text


class Photo(Frozen):
    """A photo that is drawn, never a real one; `alt` says what it shows."""

    scene: Literal[
        "sign", "door", "office", "outdoors", "group", "desk", "screen", "letter", "stage"
    ]
    people: Annotated[int, Field(ge=0, le=6)] = 0
    label: str = ""
    alt: Text


class Comment(Frozen):
    """A comment or reply under a post."""

    who: Text
    text: Text
    when: str = ""


class Request(Frozen):
    """A friend, follow, connection or match request."""

    kind: Literal["request"]
    title: Text
    name: Text
    handle: str = ""
    note: str = ""
    facts: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class Post(Frozen):
    """A post, story or draft, with its photo, tags, place and comments."""

    kind: Literal["post"]
    title: str = ""
    who: Text
    handle: str = ""
    when: str = ""
    place: str = ""
    tagged: tuple[str, ...] = ()
    text: str = ""
    photo: Photo | None = None
    reactions: str = ""
    comments: tuple[Comment, ...] = ()
    notice: str = ""
    draft: bool = False


class Review(Frozen):
    """A review on a public site."""

    kind: Literal["review"]
    site: Text
    stars: Annotated[int, Field(ge=1, le=5)]
    who: Text
    when: str = ""
    text: Text
    helpful: str = ""
    replies: tuple[Comment, ...] = ()


class Message(Frozen):
    """One message of a thread; `mine` is the clinician's side."""

    who: str = ""
    text: Text
    when: str = ""
    mine: bool = False


class Thread(Frozen):
    """A conversation: direct messages, texts, colleague chat, live-stream chat, AI chat."""

    kind: Literal["thread"]
    channel: Literal["dm", "sms", "chat", "stream", "ai", "call"]
    title: Text
    note: str = ""
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]


class Email(Frozen):
    """An e-mail or portal message."""

    kind: Literal["email"]
    sender: Text
    to: str = ""
    subject: str = ""
    body: Text


class Profile(Frozen):
    """A profile, listing or group page."""

    kind: Literal["profile"]
    name: Text
    handle: str = ""
    about: str = ""
    facts: tuple[str, ...] = ()
    photo: Photo | None = None


class PanelRow(Frozen):
    """One line of a settings or app screen."""

    label: Text
    value: str = ""
    on: bool | None = None


class Panel(Frozen):
    """A settings panel, app screen or list of suggestions."""

    kind: Literal["panel"]
    title: Text
    rows: Annotated[tuple[PanelRow, ...], Field(min_length=1)]
    note: str = ""


class Document(Frozen):
    """A page of text: a form, a note, a policy, a screen seen in a video."""

    kind: Literal["document"]
    title: Text
    lines: Annotated[tuple[Text, ...], Field(min_length=1)]
    note: str = ""


Artefact = Annotated[
    Request | Post | Review | Thread | Email | Profile | Panel | Document,
    Field(discriminator="kind"),
]
