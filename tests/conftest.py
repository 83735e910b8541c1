"""What tests share: a served course, a browser that reaches this machine only, a clean environment.

A user's machine may lack a browser, and its tests are skipped there; in CI that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A slow machine is no fault of the property under test.
settings.register_profile("course", deadline=None)
settings.load_profile("course")


# -------------------------------------------------------------------------------------- the browser


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser of this machine: `CHROMIUM`, or the first one found on the path."""
    names = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else BROWSERS
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found:
        return Path(found)
    missing = f"no browser found (looked for {', '.join(names)}); install Chromium or set CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


# Per module, because Playwright's event loop would otherwise stand in the way of later tests
# that start one of their own.
@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Chromium, cut off from everything but 127.0.0.1."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",  # the sandbox does not start for root, as CI often is
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            ],
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, without cookies or cache of earlier tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


# -------------------------------------------------------------------------------- the served course


@dataclass(frozen=True)
class Program:
    """A server in a process group of its own, and where it writes.

    Attributes:
        url: The address it printed, token included.
        log: The file that collects its output and its errors.
        process: The running program.
    """

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the program with everything it started; a second call does nothing."""
        end(self.process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End one process group: politely, then surely."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)


def fetch(url: str, timeout: float = 30) -> str:
    """Return the body of a page of this machine."""
    # Proxies of the surroundings know nothing of this machine.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor()
    )
    with opener.open(url, timeout=timeout) as answer:
        return str(answer.read().decode())


@dataclass
class Serving:
    """Starts servers, waits until they answer, and stops them all in the end.

    Attributes:
        place: A folder of its own for logs and for Jupyter's settings.
    """

    place: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __call__(
        self,
        folder: Path | None = None,
        *options: str,
        course: Sequence[str | Path] = (Path(sysconfig.get_path("scripts")) / "course",),
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Program:
        """Run `course open --no-browser FOLDER OPTIONS` and return once its server answers.

        Args:
            folder: The learner's folder; None leaves the choice to the program.
            options: Further switches of `course open`.
            course: The program, as one would type it.
            cwd: The folder it is run from; by default an empty one.
            env: Variables laid over those of the tests.
        """
        where = [str(folder)] if folder else []
        command = [*map(str, course), "open", "--no-browser", *where, *options]
        return self.run(command, cwd=cwd, env=env)

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        patience: float = 90,
    ) -> Program:
        """Run any server that prints its address, and return once the address answers."""
        mine = self.place / str(len(self.started))
        (mine / "empty").mkdir(parents=True)
        log = mine / "server.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=cwd or mine / "empty",
                env=isolated(mine, env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return Program(wait_for_address(process, log, patience), log, process)

    def stop(self) -> None:
        """Stop every server that still runs."""
        for process in self.started:
            end(process)


def isolated(place: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of the tests, with Jupyter's own folders moved away from the user's."""
    ours = {
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "lab-workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
    }
    return {**os.environ, **{name: str(place / own) for name, own in ours.items()}, **(more or {})}


def wait_for_address(process: subprocess.Popen[bytes], log: Path, patience: float) -> str:
    """Return the first address with a token in the log, as soon as its server answers."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}:\n{log.read_text()[-4000:]}")
        printed = re.search(r"http://127\.0\.0\.1:\S*token=\S+", log.read_text())
        if printed:
            try:
                fetch(urljoin(printed[0], "api"), timeout=5)
            except urllib.error.HTTPError:
                return printed[0]  # a refusal is an answer, too
            except OSError:
                pass
            else:
                return printed[0]
        time.sleep(0.1)
    pytest.fail(f"the server did not answer in {patience:.0f} s:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def course_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Serve a learner's folder: `course_server(folder).url`. All are stopped after the tests."""
    serving = Serving(tmp_path_factory.mktemp("servers"))
    yield serving
    serving.stop()


# ------------------------------------------------------------------------------ a clean environment


@dataclass(frozen=True)
class Environment:
    """A virtual environment without the project, and a copy of the checkout beside it.

    Attributes:
        venv: The environment, holding the pinned run-time packages.
        checkout: A copy of the checkout without what running it left behind.
    """

    venv: Path
    checkout: Path

    @property
    def bin(self) -> Path:
        """The folder of its programs."""
        return self.venv / "bin"

    def variables(self) -> dict[str, str]:
        """The variables under which the environment is the active one and the only one."""
        kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        return {**kept, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run one command to its end and return what it printed; a failure shows all of it."""
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd or self.checkout,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            line = " ".join(map(str, command))
            pytest.fail(f"{line} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout


@pytest.fixture(scope="session")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A new environment with the pinned run-time packages and nothing else: made once, a minute."""
    place = tmp_path_factory.mktemp("clean")
    left_behind = shutil.ignore_patterns(
        ".*_cache", ".git", ".hypothesis", ".venv", "__pycache__", "build", "dist"
    )
    shutil.copytree(ROOT, place / "checkout", ignore=left_behind)
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    environment = Environment(place / "venv", place / "checkout")
    environment.run(environment.bin / "pip", "install", "-q", "-r", "binder/requirements.txt")
    return environment
