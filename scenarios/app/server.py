"""The server process of `course open`: Jupyter Server with Voila, or with JupyterLab.

It is run as a program by `scenarios.launch` and imports nothing of what the course asks. Its orders
come as one line of JSON on standard input, so that the token shows in no list of processes; the
line "ready" on standard output says that the address answers. When its input ends, for whatever
reason the launcher is gone, it stops and takes its kernels with it.
"""

import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

from traitlets.config import Config

if TYPE_CHECKING:
    from jupyter_server.base.handlers import JupyterHandler
    from nbformat import NotebookNode

TITLE: Final = "Social Media for Therapists"
HOME: Final = "voila/tree"
LAB_SETTINGS: Final = Path(__file__).parent / "lab"
PAGES: Final = Path(__file__).parent / "voila" / "templates" / "course"
# As much of a record as the cards read, in bytes: all of it, and one line.
MAX_RECORD: Final = 16 * 1024 * 1024
MAX_LINE: Final = 64 * 1024
# The browser itself refuses every request that would leave this machine. Links still lead out.
POLICY: Final = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' data: blob: ws://127.0.0.1:* ws://localhost:*; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


class Order(TypedDict):
    """What the launcher asks for.

    Attributes:
        folder: the learner's folder, absolute; nothing outside is served.
        lab: JupyterLab instead of Voila.
        port: TCP port on 127.0.0.1.
        token: the secret that opens the pages.
    """

    folder: str
    lab: bool
    port: int
    token: str


class Module(TypedDict):
    """One module on the course map.

    Attributes:
        path: the notebook, relative to the learner's folder.
        number: its place in the course, from the name of its folder; None for an introduction.
        title: as the learner reads it.
        summary: one sentence, or empty.
        minutes: how long it takes, or None when the notebook does not say; where it asks scenarios,
            it says what the course counts for them (`grading.progress.minutes`).
        begun: whether answers are already kept beside it.
        asked: how many scenarios it asks; 0 for an introduction.
        answered: in how many of them something was committed.
    """

    path: str
    number: int | None
    title: str
    summary: str
    minutes: int | None
    begun: bool
    asked: int
    answered: int


def modules(folder: Path) -> list[Module]:
    """List the modules in a learner's folder in course order: `04_boundaries/04_boundaries.ipynb`.

    Other notebooks, such as a learner's own copies, are no modules. A damaged notebook is listed
    by the name of its folder: its page will say what is wrong.
    """
    return [
        _module(folder, path)
        for path in sorted(folder.glob("*/*.ipynb"))
        if path.stem == path.parent.name
    ]


def open_now(listed: list[Module]) -> str:
    """Return the path of the module to begin or to go on with, the first not answered whole."""
    if not any(module["begun"] for module in listed):
        return listed[0]["path"] if listed else ""
    return next((m["path"] for m in listed if m["answered"] < m["asked"]), listed[-1]["path"])


def _module(folder: Path, path: Path) -> Module:
    try:
        notebook = json.loads(path.read_text("utf-8"))
        found = notebook["metadata"]["course"]
        asked = sum("ask" in cell["metadata"].get("tags", ()) for cell in notebook["cells"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        found, asked = {}, 0
    about = found if isinstance(found, dict) else {}
    number, _, name = path.stem.partition("_")
    minutes = about.get("minutes")
    answers = path.with_name("answers.jsonl")
    return {
        "path": path.relative_to(folder).as_posix(),
        "number": (int(number) or None) if number.isdecimal() else None,
        "title": str(about.get("title") or (name or number).replace("_", " ").capitalize()),
        "summary": str(about.get("summary") or ""),
        "minutes": minutes if isinstance(minutes, int) else None,
        "begun": answers.is_file() and answers.stat().st_size > 0,
        "asked": asked,
        "answered": min(asked, len(_answered(answers))),
    }


def _answered(path: Path) -> set[str]:
    """Return the scenarios of which a record holds a commit; what cannot be read counts nothing."""
    found = set()
    try:
        if path.is_symlink() or not path.is_file():
            return set()
        with path.open("rb") as file:
            lines = file.read(MAX_RECORD).split(b"\n")
    except OSError:
        return set()
    for line in lines:
        # Most lines are drafts; only commits are worth parsing.
        if b'"commit"' in line and len(line) <= MAX_LINE:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and event.get("act") == "commit":
                found.add(str(event.get("scenario")))
    return found


def first_page(folder: Path, *, lab: bool) -> str:
    """Return the path of the first page: the course map, or the first module in JupyterLab."""
    if not lab:
        return f"/{HOME}"
    found = modules(folder)
    return f"/lab/tree/{found[0]['path']}" if found else "/lab"


def describe_page(page_config: dict[str, Any], **about: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give a page what its template shows (Voila's page_config_hook)."""
    folder = Path(about["settings"]["server_root_dir"]).expanduser()
    here = about["notebook_path"].strip("/")
    # Both unset is how Voila is told to take its own formula typesetter, not one from the web.
    page_config["fullMathjaxUrl"] = page_config["mathjaxConfig"] = None
    listed = modules(folder)
    place = next((n for n, module in enumerate(listed) if module["path"] == here), None)
    page_config["course"] = {
        "title": TITLE,
        "home": about["base_url"] + HOME,
        "render": about["base_url"] + "voila/render/",
        "modules": listed,
        "hours": round(sum(module["minutes"] or 0 for module in listed) / 60),
        "open": open_now(listed),
        "begun": any(module["begun"] for module in listed),
        "here": here,
        "module": listed[place] if place is not None else None,
        "previous": listed[place - 1] if place else None,
        "next": listed[place + 1] if place is not None and place + 1 < len(listed) else None,
    }
    return page_config


def make_ready(handler: "JupyterHandler", notebook: "NotebookNode", cwd: str) -> "NotebookNode":
    """Make a notebook a page of the app (Voila's prelaunch_hook)."""
    from nbformat.v4 import new_code_cell  # noqa: PLC0415 - only a page needs it

    # Reading it sets the cookie without which the server refuses the page's farewell, and the
    # page's kernel would live on.
    _ = handler.xsrf_token
    # Marks are for graders; a learner reads feedback instead.
    notebook.cells = [
        cell for cell in notebook.cells if "score" not in cell.metadata.get("tags", ())
    ]
    # A kernel that was started in advance stands in the course's folder, not beside the notebook.
    folder = Path(handler.settings["server_root_dir"]).expanduser() / cwd
    code = f"__import__('os').chdir({str(folder)!r})"
    move = new_code_cell(code, metadata={"tags": ["setup"]})  # type: ignore[no-untyped-call]
    notebook.cells.insert(0, move)
    return notebook


def configure(order: Order) -> Config:
    """Return the server's whole configuration; no file of the user adds to it."""
    c = Config()
    folder = Path(order["folder"])
    c.ServerApp.jpserver_extensions = {
        "jupyterlab" if order["lab"] else "voila.server_extension": True
    }
    c.ServerApp.ip = "127.0.0.1"
    c.ServerApp.port = order["port"]
    c.ServerApp.port_retries = 0
    c.ServerApp.root_dir = str(folder)
    c.ServerApp.default_url = first_page(folder, lab=order["lab"])
    c.ServerApp.open_browser = False
    c.ServerApp.allow_root = True
    c.ServerApp.extra_template_paths = [str(PAGES)]
    c.ServerApp.log_level = "WARN"
    c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": POLICY}}
    c.IdentityProvider.token = order["token"]
    # A closed page says so; this is for pages that cannot (a crash, a phone that fell asleep).
    c.MappingKernelManager.cull_idle_timeout = 1800
    c.MappingKernelManager.cull_interval = 60
    c.VoilaConfiguration.template = "course"
    c.VoilaConfiguration.classic_tree = False
    c.VoilaConfiguration.allow_template_override = "NO"
    c.VoilaConfiguration.allow_theme_override = "NO"
    c.VoilaConfiguration.page_config_hook = describe_page
    c.VoilaConfiguration.prelaunch_hook = make_ready
    c.VoilaConfiguration.preheat_kernel = False
    # The app's pages bring their own script and none of JupyterLab's extensions.
    c.VoilaConfiguration.extension_allowlist = []
    # One failing card must not take the rest of the page with it.
    c.VoilaExecutor.allow_errors = True
    c.LabApp.app_settings_dir = str(LAB_SETTINGS)
    c.LabApp.log_level = "WARN"
    c.LabApp.extension_manager = "readonly"
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    return c


def run(order: Order) -> int:
    """Serve until the input ends; return 0, or 1 when the address could not be had."""
    # Checking international web addresses in event schemas is nothing that we use, and building the
    # grammar for it takes 2 s; jsonschema does without when the package cannot be imported.
    sys.modules["rfc3987_syntax"] = cast("Any", None)
    from jupyter_server.serverapp import ServerApp

    config = configure(order)
    if not order["lab"]:
        from scenarios.app.spare import SpareKernels  # noqa: PLC0415 - JupyterLab has its own

        config.ServerApp.kernel_manager_class = SpareKernels
    app = ServerApp(config=config)
    try:
        app.initialize(argv=[], find_extensions=False)
    except SystemExit:  # how the server says that the port is taken; the log has the words
        return 1
    threading.Thread(target=_stop_at_end_of_input, args=(app,), daemon=True).start()
    # The address is bound by the loop's first callback; who is told earlier may find nobody there.
    app.io_loop.add_callback(_say, "ready")
    if not order["lab"]:
        app.io_loop.add_callback(cast("Any", app.kernel_manager).prepare)
    app.start()
    return 0


def _stop_at_end_of_input(app: Any) -> None:  # noqa: ANN401
    sys.stdin.read()
    app.stop(from_signal=True)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run(json.loads(sys.stdin.readline())))
