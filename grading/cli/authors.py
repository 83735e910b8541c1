"""What authors of scenarios and their reviewers type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grading.cli.speech import NoBrowser, Port, say

if TYPE_CHECKING:
    from grading.check.coverage import Report


commands = typer.Typer()


@commands.command()
def check(
    course: Annotated[
        Path | None,
        typer.Option(help="A folder with notebooks/; by default this one, else the installed."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="A practice's policy to check; by default policy.toml here.")
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


@commands.command()
def preview(
    slug: Annotated[str, typer.Argument(help="A scenario, as reviews/one-star-sunday.")],
    no_browser: NoBrowser = False,
    port: Port = None,
) -> None:
    """Show one scenario in the browser, as a learner sees it, with what the check says of it."""
    from tempfile import TemporaryDirectory

    from grading.check.rules import lint
    from grading.preview import notebook
    from scenarios.catalogue import load
    from scenarios.launch import serve

    entry = load(slug)
    for finding in lint(entry):
        typer.echo(str(finding))
    with TemporaryDirectory(prefix="course-preview-", ignore_cleanup_errors=True) as place:
        page = notebook([entry], Path(place)).relative_to(place).as_posix()
        code = serve(Path(place), browser=not no_browser, port=port, page=page, echo=say)
    raise typer.Exit(code)


@commands.command()
def gallery(
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("build/gallery.html"),
) -> None:
    """Write one page with every scenario as learners see it, and its key, for reviewers."""
    from grading.gallery import write_gallery
    from scenarios.catalogue import load_all
    from scenarios.policy import FILE, load_policy, model_policy
    from scenarios.workspace import source

    entries = load_all().values()
    own = Path(FILE)  # beside the notebooks, as in a course root
    policy = load_policy(own) if own.is_file() else model_policy()
    modules = [p.name.partition("_")[2] for p in sorted(source().glob("[0-9][0-9]_*/"))]
    out.parent.mkdir(parents=True, exist_ok=True)
    written = write_gallery(entries, policy, out, modules)
    typer.echo(f"Gallery of {len(entries)} scenarios: {written}")


@commands.command()
def hours(
    difficulty: Annotated[
        float, typer.Option(min=1, max=5, help="1 (very easy) to 5 (very difficult).")
    ] = 3,
    out: Annotated[Path | None, typer.Option(help="The worksheet to write, as HTML.")] = None,
) -> None:
    """Estimate CE hours from the content, with the formula and its inputs."""
    import datetime as dt

    from rich.console import Console
    from rich.table import Table

    from grading.hours import modules, rows, together, worksheet
    from scenarios.catalogue import load_all
    from scenarios.workspace import source

    works = modules(source(), load_all().values())
    shown = Table("Activity", "Words", "Questions", "Difficulty", "Minutes", "Contact hours")
    for row in rows([*works, together(works)], difficulty):
        shown.add_row(*row)
    Console().print(shown)
    if out:
        today = dt.datetime.now(tz=dt.UTC).date()
        out.write_text(worksheet(works, difficulty, today), "utf-8")
        typer.echo(f"Worksheet: {out}")


@commands.command()
def schema(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("build/schema"),
) -> None:
    """Write JSON Schemas of the scenario and policy files, for editors that complete and check."""
    from grading.schemas import write

    for path in write(out):
        typer.echo(str(path))
