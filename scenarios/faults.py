"""Faults in content files: all at once, each with file, place, what was found and expected."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))  # some editors begin with a mark
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
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise ContentError([_fault(name, data, e) for e in error.errors()]) from None


def _fault(name: str, data: Any, error: Any) -> Fault:  # noqa: ANN401 - pydantic's own shapes
    at = _place(data, error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            return Fault(file=name, at=at, found="nothing", expected="this key")
        case "extra_forbidden":
            return Fault(file=name, at=at, found="an unknown key", expected="no such key")
        case "value_error":
            return Fault(file=name, at=at, found="", expected=f"that {message}")
        case _:
            found = repr(error["input"])
            found = found if len(found) <= SHOWN else found[: SHOWN - 1] + "…"
            kind = type(error["input"]).__name__
            wish = message[0].lower() + message[1:]
            return Fault(file=name, at=at, found=f"{found} ({kind})", expected=f"that {wish}")


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
