"""The `course` command: parses, calls, prints. What a command needs is imported when it runs."""

from __future__ import annotations

import sys

import typer

from grading.cli import authors, instructors, learners, practices

app = typer.Typer(
    name="course",
    help="Social Media for Therapists: open the course, check it, grade it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (learners, authors, instructors, practices):
    app.add_typer(part.commands)


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
        return [*str(error).splitlines(), *getattr(error, "__notes__", ())]
    if isinstance(error, OSError) and error.filename:
        return [sentence(str(error.filename), error)]
    what = f"{type(error).__name__}: {error}"
    return [f"The course stopped unexpectedly ({what}); please report it with what you typed."]
