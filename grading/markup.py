"""HTML that is safe by construction: text is escaped wherever it is put in, markup never twice."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = frozenset({"br", "hr", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content = str | Iterable[str] | None


def tag(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """Return an element; plain text in it is escaped, `Markup` is not.

    A trailing underscore of an attribute's name is dropped and the others become hyphens
    (`class_`, `aria_label`). An attribute that is None or False is left out, True has no value.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{html.escape(str(value))}"')
        for key, value in attributes.items()
        if not (value is None or value is False)
    )
    start = f"<{name}{written}>"
    return Markup(start if name in VOID else f"{start}{join(*content)}</{name}>")


def join(*content: Content) -> Markup:
    """Return texts and elements one after the other as markup."""
    parts: list[str] = []
    for piece in content:
        if isinstance(piece, Markup):
            parts.append(str(piece))
        elif isinstance(piece, str):
            parts.append(html.escape(piece))
        elif piece is not None:
            parts += [join(p) for p in piece]
    return Markup("".join(parts))


def document(title: str, style: str, *body: Content, head: Content = None) -> str:
    """Return a whole page of its own style sheet; `head` is what its head has besides."""
    first = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
    )
    heading = tag("head", first, head, tag("title", title), tag("style", Markup(style)))
    return f"<!doctype html>\n{tag('html', heading, tag('body', *body), lang='en')}\n"


def table(
    caption: Content,
    head: Iterable[Content],
    rows: Iterable[Iterable[Content]],
    *,
    wide: bool = False,
) -> Markup:
    """Return a captioned table whose first column names the rows.

    A `wide` one keeps its width on a narrow screen and is scrolled by itself, by keyboard too.
    """
    body = [
        tag(
            "tr",
            *(tag("td" if n else "th", c, scope=None if n else "row") for n, c in enumerate(r)),
        )
        for r in rows
    ]
    label = join(caption)
    return tag(
        "div",
        tag(
            "table",
            tag("caption", label),
            tag("thead", tag("tr", (tag("th", h, scope="col") for h in head))),
            tag("tbody", body),
        ),
        class_="scroll wide" if wide else "scroll",
        role="region" if wide else None,
        tabindex=0 if wide else None,
        aria_label=html.unescape(label) if wide else None,
    )
