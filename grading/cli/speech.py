"""How the commands speak: a line at once, a bar while it takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

Root = Annotated[Path, typer.Option(help="An nbgrader course root; by default here.")]
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Only print the address, on one line.")
]
Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="A port; by default one that is free.")
]

if TYPE_CHECKING:
    from rich.progress import TaskID


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201 - somebody may wait for the address at a pipe


def counted(number: int, noun: str) -> str:
    """Say how many there are of something whose plural takes an s."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """Yield what a long command calls with a step's name, what is done of it, and all of it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    # On the error stream, so that what a command says can be piped.
    with Progress(*columns, console=Console(stderr=True)) as shown:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = shown.add_task(step, total=total)
            shown.update(tasks[step], completed=done, total=total)

        yield tell
