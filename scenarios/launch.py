"""Opens the course in the browser: one command, one address, on this computer only.

The server is a process of its own (`scenarios/app/server.py`) with Jupyter folders of its own, so
that whatever a learner has set up in Jupyter elsewhere neither slows nor changes the course.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from scenarios.workspace import WorkspaceError, prepare

APP: Final = Path(__file__).parent / "app"
FOLDER: Final = Path("~/social-media-for-therapists")
LOG: Final = ".server.log"
FAREWELL: Final = 10.0
"""Seconds that the server has to end its kernels and itself."""
KERNEL: Final = {
    # A course page runs fixed cells: nothing of them belongs into a history file.
    "HistoryManager": {"enabled": False},
    "IPKernelApp": {"log_level": 40},
    "InteractiveShellApp": {
        # What lies in a learner's folder is data; it is never imported.
        "ignore_cwd": True,
        # What the first card needs, read while nobody waits; a kernel may start in advance.
        "exec_lines": [
            "__import__('scenarios.card').policy.references(), __import__('grading.overview');"
        ],
    },
}
"""Settings of every kernel of the course."""


class LaunchError(Exception):
    """The course cannot be served; the message is one sentence for the learner."""


def open_course(
    folder: Path | None,
    *,
    lab: bool = False,
    browser: bool = True,
    port: int | None = None,
    echo: Callable[[str], None] = print,
) -> int:
    """Make the learner's folder ready, say what happened, and serve it until Ctrl-C.

    Args:
        folder: the learner's folder; by default one in the home folder.
        lab: JupyterLab instead of the app.
        browser: open the browser; otherwise print only the address, on one line.
        port: TCP port; by default one that is free.
        echo: says one line to the learner.

    Returns:
        The exit code: 0 after Ctrl-C, 1 when the course could not be opened.
    """
    try:
        prepared = prepare(folder or FOLDER)
        for told in (*prepared.sentences(), *_policy_faults(prepared.folder)):
            echo(told)
        return serve(prepared.folder, lab=lab, browser=browser, port=port, echo=echo)
    except (WorkspaceError, LaunchError) as error:
        echo(str(error))
        return 1


def _policy_faults(folder: Path) -> list[str]:
    """Say what is wrong with the practice's policy, without which no scenario can be shown."""
    named = os.environ.get("COURSE_POLICY")
    path = Path(named) if named else folder / "policy.toml"
    if not named and not path.is_file():
        return []
    from scenarios.faults import ContentError  # noqa: PLC0415 - most learners have no policy
    from scenarios.policy import load_policy  # noqa: PLC0415 - likewise

    try:
        load_policy(path)
    except ContentError as error:
        todo = (
            f"Until {path} is mended no scenario can be shown; 'course check --policy' checks it."
        )
        return [*map(str, error.faults), todo]
    return []


def serve(  # noqa: PLR0913 - options by name
    folder: Path,
    *,
    lab: bool = False,
    browser: bool = True,
    port: int | None = None,
    page: str = "",
    echo: Callable[[str], None] = print,
) -> int:
    """Serve a learner's folder until Ctrl-C or until the process is told to end.

    Args:
        folder: an existing folder with the course's notebooks.
        lab: JupyterLab instead of the app.
        browser: open the browser; the address is told in either case, on one line.
        port: TCP port; by default one that is free.
        page: the notebook to begin with, relative to the folder; by default the course map.
        echo: says one line to the learner.

    Returns:
        0 after an end that was asked for, 1 when the server stopped by itself.

    Raises:
        LaunchError: when the port is taken or the server does not start.
    """
    try:
        with _stop_signals(), _server(folder.resolve(), lab=lab, port=port) as running:
            url = running.address(f"voila/render/{page}" if page else "")
            if browser:
                echo(f"The course is open at {url}")
                echo("Keep this window open while you work. Press Ctrl-C here to stop.")
                webbrowser.open(url)
            else:
                echo(url)
            running.process.wait()
            echo(f"The course stopped unexpectedly; start it again. Details: {running.log}")
            return 1
    except KeyboardInterrupt:
        return 0


@dataclass(frozen=True, slots=True)
class _Running:
    port: int
    token: str
    log: Path
    process: subprocess.Popen[str]

    def address(self, page: str) -> str:
        """Return the whole address of a page, which opens it without a password."""
        return f"http://127.0.0.1:{self.port}/{page}?token={self.token}"


@contextmanager
def _server(folder: Path, *, lab: bool, port: int | None) -> Iterator[_Running]:
    """Run the server and end it, with its kernels, when the block ends."""
    number = port or _free_port()
    token = secrets.token_urlsafe(24)
    order = {"folder": str(folder), "lab": lab, "port": number, "token": token}
    log = folder / LOG
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as place:
        try:
            errors = log.open("w", encoding="utf-8")
        except OSError as error:
            raise LaunchError(f"Cannot write {log}: {error.strerror}.") from error
        with errors:
            # -P: the folder of the program is a data folder, not a place to import from.
            process = subprocess.Popen(  # noqa: S603  (our own file, no shell)
                [sys.executable, "-P", str(APP / "server.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=place,
                env=environment(Path(place), folder),
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        try:
            if _order(process, order) != "ready":
                raise LaunchError(_why(number, log, asked=port is not None))
            yield _Running(number, token, log, process)
        finally:
            _end(process)


def environment(place: Path, folder: Path) -> dict[str, str]:
    """Return the server's variables: ours in Jupyter's data path, the learner's own set-up out.

    Args:
        place: an empty folder that lives as long as the server; takes what Jupyter must write.
        folder: the learner's folder; keeps what a learner chooses in JupyterLab.
    """
    for name in ("config", "data", "runtime", "ipython/profile_default", "workspaces"):
        (place / name).mkdir(parents=True)
    (place / "ipython/profile_default/ipython_kernel_config.json").write_text(
        json.dumps(KERNEL), encoding="utf-8"
    )
    theirs = os.environ.get("JUPYTER_PATH")
    ours = {
        "JUPYTER_PATH": os.pathsep.join([str(APP), *([theirs] if theirs else [])]),
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / ".jupyterlab"),
        "JUPYTERLAB_WORKSPACES_DIR": str(place / "workspaces"),
        "IPYTHONDIR": str(place / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    return {**os.environ, **ours}


def _order(process: subprocess.Popen[str], order: dict[str, object]) -> str:
    """Send the order and return the server's first word; empty when it died."""
    if process.stdin is None or process.stdout is None:  # never, with pipes; for the type checker
        return ""
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
    return process.stdout.readline().strip()


def _why(port: int, log: Path, *, asked: bool) -> str:
    if asked and not _is_free(port):
        return f"Port {port} is used by another program; choose another one or leave out --port."
    return f"The course's server did not start; details are in {log}."


def _end(process: subprocess.Popen[str]) -> None:
    """End the server: politely by closing its input, then surely."""
    with suppress(BrokenPipeError):
        if process.stdin:
            process.stdin.close()
    with _without_interrupts():
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Treat a request to end (kill, a closed terminal, a shutdown) as Ctrl-C."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let an impatient second Ctrl-C not tear the ending apart; it is bounded in time."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
