"""JSON Schemas of the files that people write, so that their editors complete and check them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from scenarios.model import Clause, Reference, Scenario, Topic
from scenarios.policy import PracticePolicy

Json = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, Json]:
    """Return the JSON Schema of each kind of file by its name."""
    kinds = {
        "scenario": _titled("A scenario of the bank", TypeAdapter(Scenario)),
        "policy": _titled("A practice's own policy.toml", TypeAdapter(PracticePolicy)),
        "clauses": _file("The model policy", clauses=TypeAdapter(list[Clause])),
        "references": _file("Codes, laws, cases, papers", references=TypeAdapter(list[Reference])),
        "topics": _file(
            "The topics with their objectives",
            principles=TypeAdapter(dict[str, str]),
            topics=TypeAdapter(list[Topic]),
        ),
    }
    return {name: {"$schema": DIALECT, **found} for name, found in kinds.items()}


def write(folder: Path) -> list[Path]:
    """Write all schemas into a folder, which is made; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, found in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        paths.append(path)
    return paths


def _titled(title: str, kind: TypeAdapter[Any]) -> Json:
    return {**kind.json_schema(), "title": title}


def _file(title: str, **keys: TypeAdapter[Any]) -> Json:
    """Return the schema of a file with these keys, all of which must be there, and no others."""
    properties = {key: kind.json_schema() for key, kind in keys.items()}
    shared: Json = {}
    for found in properties.values():
        shared |= found.pop("$defs", {})
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": list(keys),
        "additionalProperties": False,
        "$defs": shared,
    }
