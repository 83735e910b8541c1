"""A panel: what the course tells a learner about themselves, drawn anew whenever it is looked at.

One widget for the profession switch, the course map and the debrief. Python looks things up and
hands the browser data; `panel.js` has one renderer per kind of data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from scenarios.workspace import sentence

_HERE = Path(__file__).parent
_SCRIPTS = ("dom.js", "heartbeat.js", "closing.js", "panel.js")
_STYLES = ("card.css", "panel.css")

Look = Callable[[], dict[str, Any]]
Act = Callable[[object], None]


class Panel(anywidget.AnyWidget):
    """What `look` finds, shown; `acts` are what the learner can do there, by name.

    Messages from the browser are `{do: name, value}`; `look` and `ping` alone need no act. A fault
    becomes one sentence on the panel, never a traceback.
    """

    _esm = "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)
    _css = "\n".join((_HERE / name).read_text("utf-8") for name in _STYLES)
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, look: Look, acts: Mapping[str, Act] | None = None) -> None:
        self._look = look
        self._acts = dict(acts or {})
        self._told = ""
        super().__init__(view=self._seen())
        self.on_msg(self.receive)

    def __repr__(self) -> str:
        """Say what this is, for readers that show no widgets."""
        return str(self.view.get("title") or self.view.get("notice") or "Panel")

    def _seen(self) -> dict[str, Any]:
        try:
            return {**self._look(), "told": self._told}
        except Exception as error:  # noqa: BLE001 - a learner gets a sentence
            return {"notice": f"This cannot be shown now ({error}). Your saved answers are kept."}

    def receive(self, _widget: object, message: object, _buffers: object) -> None:
        """Do what the browser asks for, then look again."""
        if message == {"do": "ping"}:
            self.send({"do": "pong"})
            return
        did = str(message.get("do")) if isinstance(message, dict) else ""
        if isinstance(message, dict):
            act = self._acts.get(did)
            try:
                if act:
                    # What went wrong stays on the panel until the next step, not the next look.
                    self._told = ""
                    act(message.get("value"))
            except Exception as error:  # noqa: BLE001 - a learner gets a sentence
                self._told = _told(error)
        self.view = self._seen()
        self.send({"do": "seen", "did": did})


def _told(error: Exception) -> str:
    """Return what to tell a learner; our own errors are sentences, a file's own are not."""
    if isinstance(error, OSError) and error.filename:
        return sentence(str(error.filename), error)
    return str(error)
