"""Faults in content files: all at once, each with file, place, what was found and expected."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T", bound=BaseModel)
SHOWN = 60
"""Longest part of a found value that a message repeats, in characters."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong in one content file."""

    file: str
    at: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Say it in one sentence."""
        place = f" at {self.at}" if self.at else ""
        found = f"found {self.found}, " if self.found else ""
        return f"{self.file}{place}: {found}expected {self.expected}"


class ContentError(Exception):
    """One or more faults in content files; `faults` has every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults and say them one a line."""
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def read_toml(path: Path, kind: type[T], name: str) -> T:
    """Read one TOML file as `kind`; raises `ContentError` with every fault of the file."""
    return _typed(_raw(path, name), kind, name)


def read_what_holds(
    path: Path, kind: type[T], name: str, blank: Mapping[str, object]
) -> tuple[T | None, tuple[Fault, ...]]:
    """Read as much of a TOML file as has the form of `kind`; return it with the faults of the rest.

    Where a key of `blank` is missing or wrong its value stands in. None if nothing can be read.
    """
    try:
        data = _raw(path, name)
    except ContentError as error:
        return None, error.faults
    try:
        return kind.model_validate(data), ()
    except ValidationError as error:
        rest = {**blank, **_without(data, [e["loc"] for e in error.errors()])}
        faults = _faults(name, data, kind, error)
    try:
        return kind.model_validate(rest), faults
    except ValidationError:
        return None, faults


def _without(data: Mapping[str, Any], places: Iterable[tuple[int | str, ...]]) -> dict[str, Any]:
    """Leave out what is wrong: keys, and entries of the tables and lists under them."""
    wrong = {place[:2] for place in places}
    rest: dict[str, Any] = {}
    for key, value in data.items():
        if (key,) in wrong:
            continue
        if isinstance(value, dict):
            rest[key] = {k: v for k, v in value.items() if (key, k) not in wrong}
        elif isinstance(value, list):
            rest[key] = [v for n, v in enumerate(value) if (key, n) not in wrong]
        else:
            rest[key] = value
    return rest


def _raw(path: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # some editors begin with a mark
    except FileNotFoundError:
        raise ContentError(
            [Fault(file=name, at="", found="no such file", expected="a TOML file")]
        ) from None
    except OSError as error:
        raise ContentError(
            [Fault(file=name, at="", found=error.strerror or str(error), expected="a TOML file")]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContentError(
            [Fault(file=name, at="", found=str(error), expected="valid TOML in UTF-8")]
        ) from None


def _typed(data: Any, kind: type[T], name: str) -> T:  # noqa: ANN401 - TOML holds any type
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise ContentError(_faults(name, data, kind, error)) from None


def _faults(name: str, data: Any, kind: type[T], error: ValidationError) -> tuple[Fault, ...]:  # noqa: ANN401 - as above
    """Return the faults that pydantic found, but for lists too short only by the faulty in them."""
    found = error.errors()
    inner = {e["loc"][:n] for e in found for n in range(len(e["loc"]))}
    own = [e for e in found if e["type"] != "too_short" or e["loc"] not in inner]
    return tuple(_fault(name, data, kind, e) for e in own)


def _fault(name: str, data: Any, kind: type[T], error: Any) -> Fault:  # noqa: ANN401 - pydantic's own shapes
    at = _place(data, error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            return Fault(file=name, at=at, found="nothing", expected="this key")
        case "extra_forbidden":
            wish = _known(kind, error["loc"])
            return Fault(file=name, at=at, found="an unknown key", expected=wish)
        case "value_error":
            return Fault(file=name, at=at, found="", expected=f"that {message}")
        case _:
            found = repr(error["input"])
            found = found if len(found) <= SHOWN else found[: SHOWN - 1] + "…"
            form = type(error["input"]).__name__
            wish = message[0].lower() + message[1:]
            return Fault(file=name, at=at, found=f"{found} ({form})", expected=f"that {wish}")


def _known(kind: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Name the keys that a table may have in which an unknown one was found, nearest first."""
    schema = kind.model_json_schema()
    table = schema
    for part in loc[:-1]:
        table = _inside(schema, table, part)
    unknown = str(loc[-1])
    near = sorted(
        table.get("properties", ()),
        key=lambda k: -difflib.SequenceMatcher(None, unknown, k).ratio(),
    )
    return f"one of {', '.join(near)}" if near else "no such key"


def _inside(schema: dict[str, Any], table: dict[str, Any], key: int | str) -> dict[str, Any]:
    """Return the schema of what stands under a key, or under the tag of a union."""
    inner: dict[str, Any]
    if isinstance(key, int):
        inner = table.get("items", {})
    elif key in (tags := table.get("discriminator", {}).get("mapping", {})):
        inner = {"$ref": tags[key]}
    else:
        named = table.get("patternProperties", {"": table.get("additionalProperties")})
        found = table.get("properties", {}).get(key, next(iter(named.values())))
        inner = found if isinstance(found, dict) else {}
    name = inner.get("$ref", "").rpartition("/")[2]
    return schema["$defs"][name] if name else inner


def _place(data: Any, loc: tuple[int | str, ...]) -> str:  # noqa: ANN401 - TOML holds any type
    """Spell a pydantic location as a TOML path, naming tables by their id where they have one."""
    parts: list[str] = []
    for key in loc:
        if isinstance(key, int) and isinstance(data, list) and key < len(data):
            data = data[key]
            label = data.get("id") if isinstance(data, dict) else None
            parts[-1:] = [f"{parts[-1] if parts else ''}[{label or key}]"]
        elif isinstance(data, dict) and key not in data and data.get("kind") == key:
            continue  # the tag of a union, not a key of the file
        else:
            data = data.get(key) if isinstance(data, dict) else None
            parts.append(str(key))
    return ".".join(parts)
