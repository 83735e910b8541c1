"""What an instructor types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from grading.cli.speech import Root, bars, counted, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grading.nbgrader.grade import Graded


commands = typer.Typer()
NAMED = 3
"""Submissions that are named while a class hands in; more are counted."""


@commands.command()
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

    with bars() as progress:
        shown = run(out, learners, SEED if seed is None else seed, progress)
    typer.echo(
        f"{counted(learners, 'learner')} handed in"
        f" {counted(shown.cohort.submissions, 'module')},"
        f" {shown.mean:.0%} of the points on average ({shown.seconds:.0f} s)."
    )
    typer.echo(f"Report:   {shown.report}")
    typer.echo(f"Answers:  {shown.answers}")
    typer.echo(f"Feedback: {shown.feedback}")
    typer.echo(f"Trained:  {shown.trained} ({shown.completed} have completed the course)")
    if shown.certificate:
        typer.echo(f"A certificate, and how it is checked: {shown.certificate}")
        typer.echo(f"  course verify {shown.certificate} {shown.certificate.parent}")


@commands.command()
def grade(  # noqa: PLR0913, PLR0917 - one argument for each switch
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Modules to grade, as 06_reviews; by default all.")
    ] = None,
    course: Root = Path(),
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
    from grading.nbgrader import grade as grading

    _alone(kernel=kernel, jobs=jobs > 1, feedback=feedback, compare=compare, watch=watch)
    nothing = grading.nothing_handed_in(course, assignments)
    if compare:
        _compare(course, assignments, student, nothing)
    if watch:
        _watch(course, assignments, student, nothing)
    with bars() as progress:
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
    if nothing:
        _problems(done)
        say(nothing)
    elif feedback:
        _graded(done, f"Feedback on {counted(done.submissions, 'submission')} written")
    else:
        _graded(done)


def _alone(**asked: bool) -> None:
    """Refuse switches of which one would be ignored."""
    several = [f"--{name}" for name, wanted in asked.items() if wanted]
    if len(several) > 1:
        raise typer.BadParameter(f"{' and '.join(several)} do not go together; give one of them")


def _compare(
    course: Path, assignments: list[str] | None, students: list[str] | None, nothing: str
) -> NoReturn:
    """Name scores that the answers do not earn; exit with 1 if there are some."""
    from grading.nbgrader.grade import remark

    differences = remark(course, assignments=assignments, students=students)
    for difference in differences:
        typer.echo(str(difference))
    if nothing:
        typer.echo(f"There is nothing to compare. {nothing}")
    elif not differences:
        typer.echo("The answers earn every score in the gradebook.")
    raise typer.Exit(1 if differences else 0)


def _watch(
    course: Path, assignments: list[str] | None, students: list[str] | None, nothing: str
) -> NoReturn:
    """Grade what is handed in until Ctrl-C."""
    from grading.nbgrader.watch import watch as watching

    if nothing:
        say(nothing)
    try:
        watching(course, _watched, assignments=assignments, students=students)
    except KeyboardInterrupt:
        typer.echo("Stopped; everything that was graded is stored.")
    raise typer.Exit


def _watched(done: Graded, who: Sequence[tuple[str, str]]) -> None:
    """Say whose submissions were graded, while they are few."""
    if not who:
        _problems(done)
        return
    named = "; ".join(", ".join(one) for one in who[:NAMED])
    more = f" and {len(who) - NAMED} more" if len(who) > NAMED else ""
    _graded(done, f"{counted(done.submissions, 'submission')} graded ({named}{more})")


def _graded(done: Graded, what: str = "") -> None:
    """Say what was done, and name every problem."""
    _problems(done)
    one = done.waiting == 1
    waits = f"{counted(done.waiting, 'answer')} {'waits' if one else 'wait'} for a person"
    what = what or f"{counted(done.submissions, 'submission')} graded"
    say(f"{what} in {done.seconds:.1f} s{f', {waits}' if done.waiting else ''}.")


def _problems(done: Graded) -> None:
    for problem in done.problems:
        typer.echo(str(problem), err=True)
    if done.notes:
        fit = "receipt fits its record" if len(done.notes) == 1 else "receipts fit their records"
        typer.echo(f"{len(done.notes)} {fit}; grading.log says which.")


@commands.command()
def regrade(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Modules to regrade, as 06_reviews; by default all.")
    ] = None,
    course: Root = Path(),
    student: Annotated[
        list[str] | None, typer.Option(help="Regrade this learner only; may be repeated.")
    ] = None,
    pass_mark: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of a module's points that pass it.")
    ] = 80,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """After a key was changed or an item voided: say whose points change, then change them."""
    from grading.nbgrader import regrade as regrading

    planned = regrading.rehearse(
        course, assignments=assignments, students=student, pass_mark=pass_mark / 100
    )
    for line in regrading.table(planned):
        typer.echo(line)
    for problem in planned.problems:
        typer.echo(str(problem), err=True)
    scores, learners = len(planned.changes), len(planned.students)
    whose = f"{counted(scores, 'score')} of {counted(learners, 'learner')}"
    if dry_run or not planned.changes:
        one = len(planned.changes) == 1
        what = "would change" if dry_run else "changes" if one else "change"
        typer.echo(f"{whose} {what}.")
        return
    with bars() as progress:
        done = regrading.apply(course, planned, progress)
    for problem in done.problems:
        typer.echo(str(problem), err=True)
    typer.echo(f"{whose} changed; each stands in build/{regrading.LOG}.")


@commands.command()
def report(
    course: Root = Path(),
    out: Annotated[Path | None, typer.Option(help="The HTML file to write.")] = None,
) -> None:
    """Write one HTML report on everything that was graded."""
    from grading.report import write_report

    path = out or course / "build" / "report.html"
    typer.echo(f"Report: {write_report(course, path)}")


@commands.command()
def export(
    kind: Annotated[str, typer.Argument(help="csv, canvas, moodle or xapi.")],
    course: Root = Path(),
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    home: Annotated[
        str | None,
        typer.Option(help="xapi: the web address under which learners have their accounts."),
    ] = None,
) -> None:
    """Export grades: csv, for Canvas or Moodle, or as xAPI statements.

    csv writes a row for every answer, and beside it a file -grades.csv with a row for every
    learner: points by module, their sum, the post-test. Moodle's grades are percents of each
    module, for a new grade item there has a maximum of 100; Canvas gets points and their maxima.
    """
    from grading.config import put_programs_on_path
    from grading.export import FILES, write_export
    from grading.xapi import HOME

    if kind not in FILES:
        raise typer.BadParameter(f"got {kind!r}, expected one of {', '.join(FILES)}")
    put_programs_on_path()
    path = out or course / "build" / FILES[kind]
    if home and kind != "xapi":
        raise typer.BadParameter(f"--home is for xapi, got it for {kind}; leave it out")
    written, missing = write_export(course, kind, path, home or HOME)
    if missing:
        typer.echo(missing, err=True)
    for file in written:
        typer.echo(f"Exported: {file}")


@commands.command()
def standard(
    panel: Annotated[Path, typer.Argument(help="CSV: a row a judge, a column a scenario.")],
    course: Root = Path(),
) -> None:
    """Set the passing standard from a panel's Angoff judgments, with its standard error."""
    import datetime as dt

    from grading.standard import set_standard
    from scenarios.exam.blueprint import FILE, tests

    found, path = set_standard(course, panel, dt.datetime.now(tz=dt.UTC).date())
    typer.echo(f"Cut: {found.cut:.1%} of the points, standard error {found.error:.1%}.")
    if found.beyond is not None:
        typer.echo(f"For {found.form}: {found.beyond:.1%} of what can be known beyond guessing.")
        if (test := tests()[found.test]).scored:
            typer.echo(
                f"The pass mark of the {test.title.lower()} is `cut` in {FILE}, now {test.cut:g};"
                f" to pass learners by this standard, write cut = {round(found.beyond, 3):g} there."
            )
    typer.echo(f"Recorded: {path}")
