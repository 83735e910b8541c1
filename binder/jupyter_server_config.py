"""How Binder serves the course: the pages of `course open`, from a server that is Binder's own."""

from scenarios.app.server import configure, first_page
from scenarios.launch import FOLDER
from scenarios.workspace import prepare

c = get_config()  # type: ignore[name-defined]  # noqa: F821  (Jupyter puts it here)

folder = prepare(FOLDER).folder
# Address, port and token are Binder's affair.
ours = configure({"folder": str(folder), "lab": False, "port": 0, "token": ""})
for name in ("LabApp", "VoilaConfiguration", "VoilaExecutor", "VoilaExporter"):
    c[name] = ours[name]
c.ServerApp.root_dir = str(folder)
c.ServerApp.default_url = first_page(folder, lab=False)
