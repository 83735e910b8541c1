"""The `course` command: parses, calls, prints. What a command needs is imported when it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from grading.coverage import Report

app = typer.Typer(
    name="course",
    help="Social Media for Therapists: open the course, check it, grade it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line; whatever happens, people get a sentence and not a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place that can turn an error into words
        for line in _sentences(error):
            typer.echo(line, err=True)
        sys.exit(1)


def _sentences(error: Exception) -> list[str]:
    """Return what to tell a person about an error that ended a command."""
    from scenarios.catalogue import UnknownScenarioError
    from scenarios.faults import ContentError
    from scenarios.workspace import WorkspaceError, sentence

    # Errors that the course raises itself are whole sentences already.
    ours = type(error).__module__.partition(".")[0] in {"grading", "scenarios"}
    if ours or isinstance(error, ContentError | UnknownScenarioError | WorkspaceError):
        return str(error).splitlines()
    if isinstance(error, OSError) and error.filename:
        return [sentence(str(error.filename), error)]
    what = f"{type(error).__name__}: {error}"
    return [f"The course stopped unexpectedly ({what}); please report it with what you typed."]


@app.command("open")
def open_(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Your course folder; by default one in your home folder."),
    ] = None,
    lab: Annotated[bool, typer.Option("--lab", help="Open in JupyterLab.")] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address, on one line.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="A port; by default one that is free.")
    ] = None,
) -> None:
    """Copy the course to your folder and open it in the browser, until Ctrl-C."""
    from scenarios.launch import open_course

    code = open_course(
        folder,
        lab=lab,
        browser=not no_browser,
        port=port,
        echo=lambda line: print(line, flush=True),  # noqa: T201 - a reader may wait at a pipe
    )
    raise typer.Exit(code)


@app.command()
def check(
    course: Annotated[
        Path | None,
        typer.Option(help="A folder with notebooks/; by default this one, else the installed."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="A practice's policy.toml to check as well.")
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Print the reports on the whole bank.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print faults only.")] = False,
) -> None:
    """Check scenarios, policy and notebooks; print every fault; fail if there is one."""
    from grading.check import check as check_course

    checked = check_course(course, policy)
    for found in checked.reports if report else ():
        for line in _lines(found):
            typer.echo(line)
    for finding in checked.findings:
        if finding.severity == "fault" or not quiet:
            typer.echo(str(finding))
    typer.echo(checked.summary)
    raise typer.Exit(1 if checked.faults else 0)


def _lines(report: Report) -> Iterator[str]:
    """Lay a report out as plain text, so that it reads the same in a file as on the screen."""
    from textwrap import wrap

    table = [report.columns, *report.rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    yield report.title
    for first, *others in table:
        cells = [f"{cell:>{w}}" for cell, w in zip(others, widths[1:], strict=True)]
        yield "  ".join([f"  {first:<{widths[0]}}", *cells]).rstrip()
    yield from (f"  {line}" for line in wrap(report.note, 96))
    yield ""


@app.command()
def schema(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("build/schema"),
) -> None:
    """Write JSON Schemas of the scenario and policy files, for editors that complete and check."""
    from grading.schemas import write

    for path in write(out):
        typer.echo(str(path))
