"""What a learner types."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from grading.cli.speech import NoBrowser, Port, say

commands = typer.Typer()


@commands.command("open")
def open_(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Your course folder; by default one in your home folder."),
    ] = None,
    lab: Annotated[bool, typer.Option("--lab", help="Open in JupyterLab.")] = False,
    policy: Annotated[
        Path | None, typer.Option(help="A practice's policy file, to measure decisions against.")
    ] = None,
    no_browser: NoBrowser = False,
    port: Port = None,
) -> None:
    """Copy the course to your folder and open it in the browser, until Ctrl-C."""
    from scenarios.launch import open_course
    from scenarios.policy import VARIABLE, load_policy

    if policy:
        load_policy(policy)  # faults are told before anything starts
        os.environ[VARIABLE] = str(policy.resolve())
    raise typer.Exit(open_course(folder, lab=lab, browser=not no_browser, port=port, echo=say))
