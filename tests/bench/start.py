"""From the command to the first usable card, step by step: the app, JupyterLab, and a baseline.

The baseline is a notebook with one ipywidgets button: in Voila as it comes, and in JupyterLab as
the course opens it. Needs Chromium. Run: `python tests/bench/start.py [ROUNDS]`; the last line is
the ratio of the module's first card to the baseline's button, both in the app, second visit. A
round takes about a minute: three servers' worth of starting, reading and ending.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urljoin

from playwright.sync_api import Browser, sync_playwright

MODULE = "04_boundaries"
EMPTY = "90_empty"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 90_000
FAREWELL = 15
CARD = ".smt-card[data-slug] input"
BUTTON = ".jupyter-button"
READING = 5.0
"""Seconds that somebody looks at the course map before a second module is opened."""

Times = dict[str, list[float]]


@contextmanager
def serving(command: list[str | Path]) -> Iterator[tuple[str, float]]:
    """Run a server; yield its address and the seconds until it was printed."""
    start = time.perf_counter()
    # A file and no pipe: a server that logs more than a pipe holds would wait for a reader.
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            url = address(server, log)
            yield url, time.perf_counter() - start
        finally:
            server.terminate()
            try:
                server.wait(FAREWELL)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def address(server: subprocess.Popen[bytes], log: IO[str]) -> str:
    """Return the address that a server prints, or end with what it printed instead."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until and server.poll() is None:
        log.seek(0)
        if found := re.search(r"http://\S+(?=\s)", log.read()):
            return found[0]
        time.sleep(0.01)
    log.seek(0)
    sys.exit(f"no address from {server.args!r}:\n{log.read()[-2000:]}")


def visit(browser: Browser, first: str, then: list[tuple[str, str]]) -> tuple[float, list[float]]:
    """Return the seconds to the first page, then of each (address, what to wait for)."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(first)
    map_seconds = time.perf_counter() - start
    seconds = []
    for number, (place, wanted) in enumerate(then):
        if number:
            page.goto(first)
            page.wait_for_timeout(READING * 1000)
        start = time.perf_counter()
        page.goto(urljoin(first, place), wait_until="commit")
        page.wait_for_selector(wanted, timeout=PATIENCE)
        seconds.append(time.perf_counter() - start)
    context.close()
    return map_seconds, seconds


def empty(folder: Path) -> None:
    """Write a notebook with one button, as bare as they come."""
    code = "import ipywidgets\nipywidgets.Button(description='Press')"
    cell = {"cell_type": "code", "id": "button", "metadata": {}, "outputs": [], "source": code}
    about = {
        "course": {"autorun": True, "title": "Empty"},
        "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
    }
    whole = {"cells": [{**cell, "execution_count": None}], "metadata": about}
    path = folder / EMPTY / f"{EMPTY}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**whole, "nbformat": 4, "nbformat_minor": 5}), "utf-8")


def once(browser: Browser, times: Times) -> None:
    """Take every time once."""
    course = Path(sysconfig.get_path("scripts")) / "course"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "course"
        empty(folder)
        module = f"{MODULE}/{MODULE}.ipynb"
        with serving([course, "open", "--no-browser", folder]) as (url, seconds):
            told, pages = visit(browser, url, [(f"/voila/render/{module}", CARD)] * 2)
        for name, value in zip(
            ("command to address", "address to course map", "first card, cold", "first card, warm"),
            (seconds, told, *pages),
            strict=True,
        ):
            times.setdefault(f"app: {name}", []).append(value)
        times.setdefault("app: command to first card", []).append(seconds + told + pages[0])
        tests = [(f"/lab/tree/{module}", CARD), (f"/lab/tree/{EMPTY}/{EMPTY}.ipynb", BUTTON)]
        with serving([course, "open", "--lab", "--no-browser", folder]) as (url, seconds):
            told, pages = visit(browser, url, [*tests, tests[0]])
        for name, value in zip(
            (
                "command to address",
                "first page",
                "first card, cold",
                "empty ipywidgets",
                "first card, warm",
            ),
            (seconds, told, *pages),
            strict=True,
        ):
            times.setdefault(f"Lab: {name}", []).append(value)
        voila: list[str | Path] = [sys.executable, "-m", "voila", folder / EMPTY, "--no-browser"]
        voila += ["--Voila.ip=127.0.0.1", f"--port={28_000 + os.getpid() % 1000}"]
        with serving(voila) as (url, _):
            _, pages = visit(browser, url, [(f"/voila/render/{EMPTY}.ipynb", BUTTON)] * 2)
        times.setdefault("stock Voila: empty ipywidgets, cold", []).append(pages[0])
        times.setdefault("stock Voila: empty ipywidgets, warm", []).append(pages[1])


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    chromium = next(program for name in BROWSERS if (program := shutil.which(name)))
    times: Times = {}
    load = os.getloadavg()[0]
    with sync_playwright() as playwright:
        for number in range(rounds):
            print(f"round {number + 1} of {rounds} ...", flush=True)
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            once(browser, times)
            browser.close()
    print(f"load average {load:.1f} before, {os.getloadavg()[0]:.1f} after; {rounds} rounds")
    print(f"{'seconds':40}{'median':>8}{'least':>8}{'most':>8}")
    for name, found in times.items():
        print(f"{name:40}{statistics.median(found):8.2f}{min(found):8.2f}{max(found):8.2f}")
    base = statistics.median(times["stock Voila: empty ipywidgets, warm"])
    card = statistics.median(times["app: first card, warm"])
    print(f"ratio, the module's first card to an empty ipywidgets notebook: {card / base:.2f}")


if __name__ == "__main__":
    main()
