"""The canonical form of the course's notebooks: what every cell must be, to the last key.

A notebook here is a lesson with holes: markdown, one setup cell, panels, and for each scenario a
cell that asks, directly followed by a cell that scores. Nothing else, so that a difference between
two versions is a difference of content, and so that graded cells hold no code worth attacking.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grading.check.citations import unverified_numbers
from grading.exam.result import POINTS
from grading.marks import points_by_person, points_by_rule
from grading.notebooks import RESPONSE, Json, source_of
from scenarios.catalogue import Entry, module_of
from scenarios.exam.blueprint import Test, is_item, tests
from scenarios.faults import Fault
from scenarios.workspace import PRIVATE

FACADES: Final = {
    "grading": ("certificate", "debrief", "journey", "score", "sit"),
    "scenarios": ("ask", "evaluate", "policy_desk", "profession", "records", "rewrite"),
}
"""What a notebook may call, and where it comes from."""
PANEL: Final = re.compile(
    r"(certificate|debrief|evaluate|journey|policy_desk|profession|records)\(\)"
    r'|(rewrite)\("[a-z0-9/-]+"\)'
)
FOLDER: Final = re.compile(r"\d\d_([a-z]+(?:-[a-z]+)*)")
CELL_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CALL: Final = re.compile(r'(ask|score|sit)\("([a-z0-9/-]+)"\)')
KERNEL: Final = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
ABOUT: Final = frozenset({"autorun", "minutes", "module", "summary", "title"})
LONGEST_ID: Final = 64


def faults(notebooks: Path, bank: Mapping[str, Entry], unread: Collection[str] = ()) -> list[Fault]:
    """Return everything that is not canonical in the notebooks of a course.

    Args:
        notebooks: the folder with one folder for each module.
        bank: the scenarios by slug.
        unread: slugs of scenarios whose files have faults; of their cells nothing is said.
    """
    found: list[Fault] = []
    for folder in sorted(p for p in notebooks.iterdir() if p.is_dir() and p.name[0] not in "._"):
        path = folder / f"{folder.name}.ipynb"
        name = path.relative_to(notebooks.parent).as_posix()
        found += [
            Fault(
                file=f"{notebooks.name}/{folder.name}/{stray}",
                at="",
                found="a file of one learner",
                expected="none in the course, where it would replace every learner's own",
            )
            for stray in sorted(PRIVATE)
            if (folder / stray).exists()
        ]
        if not FOLDER.fullmatch(folder.name):
            wish = "NN_module, the module being its folder in the bank"
            found.append(_fault(name, "", folder.name, wish))
        found += [
            _fault(
                f"{notebooks.name}/{folder.name}/{p.name}",
                "",
                "a second notebook",
                f"{path.name} only",
            )
            for p in sorted(folder.glob("*.ipynb"))
            if p != path
        ]
        found += _read(path, name, bank, unread)
    return found


def _read(path: Path, name: str, bank: Mapping[str, Entry], unread: Collection[str]) -> list[Fault]:
    try:
        text = path.read_text("utf-8")
        notebook = json.loads(text)
    except FileNotFoundError:
        return [_fault(name, "", "no such file", "the notebook of its folder")]
    except (OSError, ValueError) as error:
        return [_fault(name, "", str(error), "a notebook in JSON")]
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(_is_cell(c) for c in cells):
        return [_fault(name, "", "something else", "a notebook of format 4.5")]
    module = module_of(path.parent.name)
    found = [*_frame(name, notebook, module), *_cells(name, cells), *_prose(name, cells)]
    own = {e.slug: e for e in bank.values() if e.module == module and not is_item(e.slug)}
    found += _code(name, cells, own, unread)
    if not found and text != layout(notebook):
        found.append(_fault(name, "", "another layout of the file", "JSON as nbformat writes it"))
    return found


def layout(notebook: Json) -> str:
    """Return a notebook as text the way nbformat writes it, byte for byte."""
    cells = [
        {**c, "source": source_of(c).splitlines(keepends=True)} for c in notebook.get("cells", [])
    ]
    whole = {**notebook, "cells": cells}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("metadata"), dict)
        and isinstance(cell.get("id"), str)
        and isinstance(cell.get("source"), str | list)
    )


def metadata(cell_id: str, kind: str, tag: str | None = None, **graded: object) -> Json:
    """Return the whole metadata that a cell must have.

    Args:
        cell_id: the cell's id, which is its grade_id as well.
        kind: code or markdown.
        tag: setup, ask or score, for code.
        graded: what differs from a read-only cell in nbgrader's eyes (grade, task, points).
    """
    read_only = {"grade": False, "locked": True, "schema_version": 3, "solution": False}
    wanted: Json = {
        "deletable": False,
        "editable": False,
        "nbgrader": {**read_only, "task": False, "grade_id": cell_id, **graded},
    }
    if kind == "code":
        wanted |= {"jupyter": {"source_hidden": True}, "tags": [tag]}
    return wanted


# ---------------------------------------------------------------------------------------- the parts


def _frame(name: str, notebook: Json, module: str) -> Iterator[Fault]:
    version = f"{notebook.get('nbformat')}.{notebook.get('nbformat_minor')}"
    if version != "4.5":
        yield _fault(name, "", f"format {version}", "format 4.5, whose cells have ids")
    extra = set(notebook) - {"cells", "metadata", "nbformat", "nbformat_minor"}
    if extra:
        yield _fault(name, "", ", ".join(sorted(extra)), "no such key")
    given = notebook.get("metadata")
    about = given.get("course") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(about, dict):
        yield _fault(name, "metadata.course", "nothing", "module, title and autorun")
        return
    yield from _difference(name, "metadata", given, {**KERNEL, "course": about})
    unknown = set(about) - ABOUT
    if unknown:
        yield _fault(name, "metadata.course", ", ".join(sorted(unknown)), "no such key")
    if about.get("module") != module:
        yield _fault(name, "metadata.course.module", repr(about.get("module")), repr(module))
    if about.get("autorun") is not True:
        yield _fault(name, "metadata.course.autorun", repr(about.get("autorun")), "true")
    title = about.get("title")
    first = source_of(notebook["cells"][0]).partition("\n")[0] if notebook["cells"] else ""
    if first != f"# {title}":
        yield _fault(name, "the first cell", repr(first), f"the title, {f'# {title}'!r}")


def _cells(name: str, cells: Sequence[Json]) -> Iterator[Fault]:
    for cell_id, times in Counter(c["id"] for c in cells).items():
        if times > 1:
            yield _fault(name, f"cell {cell_id}", f"the id {times} times", "an id of its own")
        if not CELL_ID.fullmatch(cell_id) or len(cell_id) > LONGEST_ID:
            wish = "small letters, digits and single hyphens that say what the cell is for"
            yield _fault(name, f"cell {cell_id}", "the id", wish)
    for cell in cells:
        at, kind = f"cell {cell['id']}", cell.get("cell_type")
        if kind not in ("code", "markdown"):
            yield _fault(name, at, f"the type {kind!r}", "code or markdown")
            continue
        keys = {"cell_type", "id", "metadata", "source"}
        if kind == "code":
            keys |= {"execution_count", "outputs"}
            if cell.get("outputs") or cell.get("execution_count") is not None:
                yield _fault(name, at, "outputs of a run", "none (clear all outputs and save)")
        if set(cell) - keys:
            yield _fault(name, at, ", ".join(sorted(set(cell) - keys)), "no such key")
        if not source_of(cell).strip():
            yield _fault(name, at, "an empty cell", "no such cell")


def _under_headings(name: str, cells: Sequence[Json]) -> Iterator[Fault]:
    """Check that a card, whose title is a heading on level 3, stands below one on level 2."""
    for cell in cells:
        if re.search(r"^## +\S", source_of(cell), re.MULTILINE):
            return
        if re.match(r"ask\(", source_of(cell)):
            wish = "a heading on level 2 before the first card"
            yield _fault(name, f"cell {cell['id']}", "none before this card", wish)
            return


def _prose(name: str, cells: Sequence[Json]) -> Iterator[Fault]:
    level = 0
    yield from _under_headings(name, cells)
    for n, cell in enumerate(c for c in cells if c.get("cell_type") == "markdown"):
        at, text = f"cell {cell['id']}", source_of(cell)
        for marks, heading in re.findall(r"^(#+) +(.+)$", text, re.MULTILINE):
            if (len(marks) == 1) != (n == 0 and level == 0):
                yield _fault(name, at, f"the heading {heading!r} on level 1", "one title, first")
            elif len(marks) > level + 1:
                wish = f"a heading on level {level + 1} at most, so that none is skipped"
                yield _fault(name, at, f"{heading!r} on level {len(marks)}", wish)
            level = len(marks)
        for picture in re.findall(r"!\[\s*\]\([^)]*\)", text):
            yield _fault(name, at, picture, "a picture with a text that says what it shows")
        for outside in re.findall(r"!\[[^\]]*\]\(\s*https?:[^)]*\)", text):
            yield _fault(name, at, outside, "a picture of our own; the course asks no other site")
        for tag in re.findall(
            r"<\s*/?\s*(?:script|iframe|img|style|object|embed|link)\b", text, re.IGNORECASE
        ):
            yield _fault(name, at, tag, "markdown; the course's pages carry no HTML of their own")
        for number, how in unverified_numbers(text):
            wish = "a section number only where a reference has it as verified"
            yield _fault(name, at, f"the number {number}, which {how}", wish)


def _code(
    name: str, cells: Sequence[Json], own: Mapping[str, Entry], unread: Collection[str]
) -> Iterator[Fault]:
    """Check that each scenario of the module is asked once and scored right after."""
    code = [c for c in cells if c.get("cell_type") == "code"]
    yield from _setup(name, code)
    wanted: dict[str, Json] = {"setup": metadata("setup", "code", "setup")}
    wanted |= {c["id"]: c["metadata"] for c in cells if _is_about(c, unread)}
    before = ""
    for cell in cells:
        skipped = cell["id"] == "setup" or _is_about(cell, unread)
        if cell.get("cell_type") == "code" and not skipped:
            role = _role(source_of(cell), own)
            if role:
                wanted[cell["id"]] = metadata(cell["id"], "code", role.tag, **role.graded)
                yield from _in_place(name, cell, role, before)
            else:
                wish = "a panel, sit(...) of a test, or a scenario of this module asked or scored"
                yield _fault(name, f"cell {cell['id']}", repr(source_of(cell)[:60]), wish)
        if not cell["id"].endswith(RESPONSE):
            before = source_of(cell)
    calls = Counter(source_of(c) for c in code)
    for slug, entry in own.items():
        asked, scored = calls[f'ask("{slug}")'], calls[f'score("{slug}")']
        if (asked, scored) != (1, 1):
            found = f"'{slug}' asked {asked} and scored {scored} times"
            yield _fault(name, "", found, "each scenario of the module's bank folder once")
        if entry.scenario.written:
            yield from _written(name, cells, entry, wanted)
    for cell in cells:
        expected = wanted.get(cell["id"]) or metadata(cell["id"], "markdown")
        yield from _difference(name, f"cell {cell['id']} metadata", cell["metadata"], expected)


def _is_about(cell: Json, unread: Collection[str]) -> bool:
    """Tell whether a cell asks or scores one of these scenarios, or marks its written answer."""
    found = CALL.fullmatch(source_of(cell))
    if found:
        return found[2] in unread
    name = cell["id"].removesuffix(RESPONSE)
    return name != cell["id"] and name in {slug.rpartition("/")[2] for slug in unread}


def _setup(name: str, code: Sequence[Json]) -> Iterator[Fault]:
    """Check that the first code cell imports what the others call, and nothing else."""
    called = {source_of(c).partition("(")[0] for c in code}
    lines = [
        f"from {package} import {', '.join(sorted(called.intersection(names)))}"
        for package, names in FACADES.items()
        if called.intersection(names)
    ]
    expected = "\n".join(lines)
    if code and (source_of(code[0]) != expected or code[0]["id"] != "setup"):
        yield _fault(
            name, "the first code cell", repr(source_of(code[0])), f"'setup', {expected!r}"
        )


def _in_place(name: str, cell: Json, role: _Role, before: str) -> Iterator[Fault]:
    if cell["id"] not in role.ids:
        yield _fault(name, f"cell {cell['id']}", "this id", " or ".join(map(repr, role.ids)))
    if role.after and role.after != before:
        wish = f"{role.after} directly before (a written answer's task cell may stand between)"
        yield _fault(name, f"cell {cell['id']}", "another cell before it", wish)


def _written(
    name: str, cells: Sequence[Json], entry: Entry, wanted: dict[str, Json]
) -> Iterator[Fault]:
    """Check that a person has a cell to give points in; adds what its metadata must be."""
    task = f"{entry.name}{RESPONSE}"
    points = points_by_person(entry.scenario)
    wanted[task] = metadata(task, "markdown", task=True, points=points)
    if not any(c["id"] == task and c.get("cell_type") == "markdown" for c in cells):
        wish = f"a markdown cell '{task}' in which a person gives {points:g} points"
        yield _fault(name, "", "nothing", wish)


@dataclass(frozen=True)
class _Role:
    """What a code cell must be: its possible ids, its tag, what grades it, what stands before."""

    ids: tuple[str, ...]
    tag: str
    graded: Json = field(default_factory=dict)
    after: str = ""


def _role(call: str, own: Mapping[str, Entry]) -> _Role | None:
    """Return the role of a cell by its source; None if no cell may have this source."""
    panel = PANEL.fullmatch(call)
    if panel:
        kind = (panel[1] or panel[2]).replace("_", "-")
        return _Role((kind, f"{kind}-panel"), "panel")
    found = CALL.fullmatch(call)
    if found and found[2] in tests():
        return _test_role(found[1], tests()[found[2]])
    entry = own.get(found[2]) if found else None
    if not found or not entry:
        return None
    if found[1] == "ask":
        return _Role((f"ask-{entry.name}",), "ask")
    points = points_by_rule(entry.scenario)
    return _Role((entry.name,), "score", {"grade": True, "points": points}, f'ask("{entry.slug}")')


def _test_role(verb: str, test: Test) -> _Role | None:
    """Return the role of a cell about a test: it is sat, and directly after it scored if it is."""
    if verb == "sit":
        return _Role((f"sit-{test.name}",), "panel")
    if verb == "score" and test.scored:
        graded = {"grade": True, "points": POINTS}
        return _Role((test.name,), "score", graded, f'sit("{test.name}")')
    return None


def _difference(name: str, at: str, given: Json, wanted: Json) -> Iterator[Fault]:
    """Yield a fault for every key of a nested mapping that is missing, unknown or different."""
    for key in sorted({*given, *wanted}):
        place = f"{at}.{key}"
        if key not in wanted:
            yield _fault(name, place, json.dumps(given[key])[:60], "no such key")
        elif key not in given:
            yield _fault(name, place, "nothing", json.dumps(wanted[key]))
        elif isinstance(wanted[key], dict) and isinstance(given[key], dict):
            yield from _difference(name, place, given[key], wanted[key])
        elif given[key] != wanted[key] or isinstance(given[key], bool) != isinstance(
            wanted[key], bool
        ):
            yield _fault(name, place, json.dumps(given[key])[:60], json.dumps(wanted[key]))


def _fault(file: str, at: str, found: str, expected: str) -> Fault:
    return Fault(file=file, at=at, found=found, expected=expected)
