"""The `course` command: parses, calls, prints. What a command needs is imported when it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import TaskID

    from grading.check.coverage import Report
    from grading.grade import Graded

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

    raise typer.Exit(open_course(folder, lab=lab, browser=not no_browser, port=port, echo=_say))


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


@app.command()
def grade(  # noqa: PLR0913, PLR0917 - one argument for each switch
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Modules to grade, as 06_reviews; by default all.")
    ] = None,
    course: Annotated[
        Path, typer.Option(help="An nbgrader course root; by default here.")
    ] = Path(),
    student: Annotated[
        list[str] | None, typer.Option(help="Grade this learner only; may be repeated.")
    ] = None,
    kernel: Annotated[
        bool, typer.Option("--kernel", help="Run the submitted notebooks, as nbgrader does.")
    ] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Only write the feedback pages again.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Only name scores that the answers do not earn.")
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that share the work of a large class.")
    ] = 1,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on grading what is handed in, until Ctrl-C.")
    ] = False,
) -> None:
    """Mark what was handed in into nbgrader's gradebook, running no learner's code."""
    from grading import grade as grading

    if compare:
        differences = grading.remark(course, assignments=assignments, students=student)
        for difference in differences:
            typer.echo(str(difference))
        if not differences:
            typer.echo("The answers earn every score in the gradebook.")
        raise typer.Exit(1 if differences else 0)
    if watch:
        from grading.watch import watch as watching

        try:
            watching(course, _graded, assignments=assignments, students=student)
        except KeyboardInterrupt:
            typer.echo("Stopped; everything that was graded is stored.")
        return
    with _progress() as progress:
        if feedback:
            done = grading.write_feedback(
                course, assignments=assignments, students=student, progress=progress
            )
        else:
            done = grading.grade(
                course,
                assignments=assignments,
                students=student,
                progress=progress,
                kernel_free=not kernel,
                jobs=jobs,
            )
    _graded(done, "feedback pages written" if feedback else "submissions graded")


def _graded(done: Graded, what: str = "submissions graded") -> None:
    """Say what was done, and name every problem."""
    for problem in done.problems:
        typer.echo(str(problem), err=True)
    if done.notes:
        typer.echo(f"{len(done.notes)} receipts fit their records; grading.log says which.")
    waiting = f", {done.waiting} answers wait for a person" if done.waiting else ""
    _say(f"{done.submissions} {what} in {done.seconds:.1f} s{waiting}.")


@app.command()
def regrade(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Modules to regrade, as 06_reviews; by default all.")
    ] = None,
    course: Annotated[
        Path, typer.Option(help="An nbgrader course root; by default here.")
    ] = Path(),
    student: Annotated[
        list[str] | None, typer.Option(help="Regrade this learner only; may be repeated.")
    ] = None,
    pass_mark: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of a module's points that pass it.")
    ] = 80,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """After a key was changed or an item voided: say whose points change, then change them."""
    from grading import regrade as regrading

    planned = regrading.rehearse(
        course, assignments=assignments, students=student, pass_mark=pass_mark / 100
    )
    for line in regrading.table(planned):
        typer.echo(line)
    for problem in planned.problems:
        typer.echo(str(problem), err=True)
    if dry_run or not planned.changes:
        what = "would change" if dry_run else "change"
        typer.echo(f"{len(planned.changes)} scores of {len(planned.students)} learners {what}.")
        return
    with _progress() as progress:
        done = regrading.apply(course, planned, progress)
    for problem in done.problems:
        typer.echo(str(problem), err=True)
    typer.echo(
        f"{len(planned.changes)} scores of {len(planned.students)} learners changed;"
        f" each stands in build/{regrading.LOG}."
    )


@app.command()
def demo(
    learners: Annotated[int, typer.Option(min=1, max=10_000, help="How many learners.")] = 30,
    seed: Annotated[int | None, typer.Option(min=0, help="Another cohort.")] = None,
    out: Annotated[Path, typer.Option(help="A new folder, or one of an earlier demo.")] = Path(
        "course-demo"
    ),
) -> None:
    """Let a simulated cohort take the course; grade it; write feedback and a report."""
    from grading.cohort.learners import SEED
    from grading.demo import demo as run

    with _progress() as progress:
        shown = run(out, learners, SEED if seed is None else seed, progress)
    typer.echo(
        f"{learners} learners handed in {shown.cohort.submissions} modules,"
        f" {shown.mean:.0%} of the points on average ({shown.seconds:.0f} s)."
    )
    typer.echo(f"Report:   {shown.report}")
    typer.echo(f"Answers:  {shown.answers}")
    typer.echo(f"Feedback: {shown.feedback}")


@app.command()
def report(
    course: Annotated[
        Path, typer.Option(help="An nbgrader course root; by default here.")
    ] = Path(),
    out: Annotated[Path | None, typer.Option(help="The HTML file to write.")] = None,
) -> None:
    """Write one HTML report on everything that was graded."""
    from grading.report import write_report

    path = out or course / "build" / "report.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    typer.echo(f"Report: {write_report(course, path)}")


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="csv, canvas, moodle or xapi.")],
    course: Annotated[
        Path, typer.Option(help="An nbgrader course root; by default here.")
    ] = Path(),
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
) -> None:
    """Export grades: per question, for Canvas or Moodle, or as xAPI statements."""
    from grading.config import put_programs_on_path
    from grading.export import FILES, write_export

    if kind not in FILES:
        raise typer.BadParameter(f"got {kind!r}, expected one of {', '.join(FILES)}")
    put_programs_on_path()
    path = out or course / "build" / FILES[kind]
    write_export(course, kind, path)
    typer.echo(f"Exported: {path}")


@app.command()
def standard(
    panel: Annotated[Path, typer.Argument(help="CSV: a row a judge, a column a scenario.")],
    course: Annotated[
        Path, typer.Option(help="An nbgrader course root; by default here.")
    ] = Path(),
) -> None:
    """Set the passing standard from a panel's Angoff judgments, with its standard error."""
    import datetime as dt

    from grading.standard import set_standard

    found, path = set_standard(course, panel, dt.datetime.now(tz=dt.UTC).date())
    typer.echo(f"Cut: {found.cut:.1%} of the points, standard error {found.error:.1%}.")
    if found.beyond is not None:
        typer.echo(f"For {found.form}: {found.beyond:.1%} of what can be known beyond guessing.")
    typer.echo(f"Recorded: {path}")


@app.command()
def completion(
    course: Annotated[
        Path, typer.Option(help="An nbgrader course root; by default here.")
    ] = Path(),
    out: Annotated[Path | None, typer.Option(help="A CSV file to write as well.")] = None,
) -> None:
    """List who has completed the course: modules, post-test, what is to make good, evaluation."""
    from rich.console import Console
    from rich.table import Table

    from grading.course import open_course
    from grading.exam.roster import HEAD, as_csv, roster, row

    listed = list(roster(open_course(course)))
    shown = Table(*HEAD)
    for trained in listed:
        shown.add_row(*row(trained))
    Console().print(shown)
    done = sum(t.done.whole for t in listed)
    typer.echo(f"{done} of {len(listed)} learners have completed the course.")
    if out:
        out.write_text(as_csv(listed), "utf-8", newline="")
        typer.echo(f"List: {out}")


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="A certificate, as the learner gave it.")],
    folder: Annotated[Path, typer.Argument(help="The learner's course folder.")],
) -> None:
    """Check a certificate against the records it was made from, as they stood on its day."""
    from grading.exam.verification import verify as check_it

    found = check_it(certificate, folder)
    said = found.certificate
    typer.echo(f"{said.name}, {said.made:%Y-%m-%d}: {said.course}, {said.test.score:.0%}.")
    for line in (*found.problems, *found.notes):
        typer.echo(f"- {line}")
    if found.problems:
        typer.echo("It does not hold as it is.")
        raise typer.Exit(1)
    typer.echo("It holds: its numbers fit the answers in this folder. Who gave them, and the name,")
    typer.echo("it cannot say.")


@app.command()
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


@app.command()
def preview(
    slug: Annotated[str, typer.Argument(help="A scenario, as reviews/one-star-sunday.")],
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address, on one line.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="A port; by default one that is free.")
    ] = None,
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
        notebook([entry], Path(place))
        code = serve(Path(place), browser=not no_browser, port=port, echo=_say)
    raise typer.Exit(code)


@app.command()
def gallery(
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("build/gallery.html"),
) -> None:
    """Write one page with every scenario as learners see it, and its key, for reviewers."""
    from grading.gallery import write_gallery
    from scenarios.catalogue import load_all
    from scenarios.policy import load_policy

    out.parent.mkdir(parents=True, exist_ok=True)
    entries = load_all().values()
    written = write_gallery(entries, load_policy(), out)
    typer.echo(f"Gallery of {len(entries)} scenarios: {written}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - somebody may wait for the address at a pipe


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
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
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield tell


if __name__ == "__main__":
    main()
