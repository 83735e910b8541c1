"""What a practice types that must prove a training, and a board that looks at the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grading.cli.speech import Root

commands = typer.Typer()


@commands.command()
def completion(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Learners' own course folders; by default a course root is read."),
    ] = None,
    course: Root = Path(),
    policy: Annotated[
        Path | None, typer.Option(help="The practice's policy file, to measure everybody against.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A CSV file to write as well.")] = None,
) -> None:
    """List who has completed the course, when and under which policy, and what is left to do."""
    from rich.console import Console

    from grading.course import open_course
    from grading.exam.listing import ENCODING, as_csv, on_screen
    from grading.exam.roster import of_folders, remarks, roster
    from scenarios.policy import load_policy

    own = load_policy(policy) if policy else None
    listed = list(of_folders(folders, own) if folders else roster(open_course(course), own))
    screen, shown = Console(), on_screen(listed)
    least = screen.measure(shown).minimum
    screen.print(shown, width=max(screen.width, least), crop=False)
    for line in remarks(listed):
        typer.echo(line)
    done = sum(t.done.whole for t in listed)
    typer.echo(f"{done} of {len(listed)} learners have completed the course.")
    if out:
        out.write_text(as_csv(listed), ENCODING, newline="")
        typer.echo(f"List: {out}")


@commands.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="A certificate, as the learner gave it.")],
    folder: Annotated[Path, typer.Argument(help="The learner's course folder.")],
    policy: Annotated[
        Path | None,
        typer.Option(help="A practice's policy file; it has to be measured against this one."),
    ] = None,
) -> None:
    """Check a certificate against the records it was made from, as they stood on its day.

    Ends with 0 if it holds, with 1 if it does not, with 2 if it cannot be checked fully.
    """
    from grading.exam.verification import summary
    from grading.exam.verification import verify as check_it

    found = check_it(certificate, folder, policy)
    for line in summary(found.certificate):
        typer.echo(line)
    for line in (*found.problems, *found.unchecked, *found.notes):
        typer.echo(f"- {line}")
    if found.problems:
        typer.echo("It does not hold.")
        raise typer.Exit(1)
    if found.unchecked:
        typer.echo(
            "It cannot be checked fully: the records do not contradict it, but what is named"
        )
        typer.echo("above is not what it was made with.")
        raise typer.Exit(2)
    typer.echo("It holds: its numbers fit the answers in this folder. Who gave them, and the name,")
    typer.echo("it cannot say.")
