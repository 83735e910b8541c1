"""A test on the page: one widget that deals, keeps and hands in, and shows what others judged.

Like the card it works in Voila, JupyterLab and Notebook alike, and builds every node as text.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from scenarios.answers import Record, RecordError
from scenarios.desk import UNREADABLE, Reply
from scenarios.exam.desk import ExamDesk
from scenarios.faults import ContentError
from scenarios.feedback import Data

_HERE = Path(__file__).parent
_SCRIPTS = ("dom.js", "heartbeat.js", "artefacts.js", "questions.js", "explained.js")
_STYLES = ("card.css", "panel.css")

Judge = Callable[[Record], Data]
"""Says what came of the sittings on record: `result`, `gate` (may another begin?), and the cut."""


class Exam(anywidget.AnyWidget):
    """A test, or a notice why there is none; `view` is what the browser knows.

    Messages from the browser (`do`): `ping`, `look` (what is on record now?), `begin`, `change`,
    `finish`. To the browser: `pong`, `looked`, `begun`, `kept`, `finished`, `refused`, `elsewhere`.
    """

    _esm = "\n".join(
        [
            *((_HERE.parent / name).read_text("utf-8") for name in _SCRIPTS),
            (_HERE / "exam.js").read_text("utf-8"),
        ]
    )
    _css = "\n".join(
        [
            *((_HERE.parent / name).read_text("utf-8") for name in _STYLES),
            (_HERE / "exam.css").read_text("utf-8"),
        ]
    )
    view = traitlets.Dict().tag(sync=True)

    def __init__(
        self, desk: ExamDesk | None = None, judge: Judge | None = None, notice: str = ""
    ) -> None:
        self._desk = desk
        self._judge = judge
        super().__init__(view=self._seen(desk.show(desk.read())) if desk else {"notice": notice})
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Say which test this is, for readers that show no widgets."""
        title = self.view.get("title")
        return f"Test: {title}" if title else str(self.view.get("notice"))

    def _seen(self, shown: Data) -> Data:
        """Add to what the desk shows what the sittings were worth; while one is open, nothing."""
        if self._desk is None or self._judge is None or shown["items"]:
            return shown
        return {**shown, **self._judge(self._desk.read())}

    def _may_begin(self, desk: ExamDesk) -> bool:
        return self._judge is None or bool(self._judge(desk.read())["gate"]["open"])

    def _receive(self, _widget: object, message: object, _buffers: object) -> None:
        if message == {"do": "ping"}:
            self.send({"do": "pong"})
        elif self._desk:
            reply = self._safely(self._desk, message)
            if reply.view is not None:
                self.view = reply.view
            self.send(reply.message)

    def _safely(self, desk: ExamDesk, message: object) -> Reply:
        """Answer a message; whatever goes wrong becomes one sentence on the page."""
        try:
            reply = desk.answer(message, may_begin=lambda: self._may_begin(desk))
            if reply.view is not None:
                return Reply(reply.message, self._seen(reply.view))
        except RecordError as error:
            return Reply({"do": "refused", "why": str(error)})
        except ContentError as error:
            why = f"A file of the course is faulty: {error.faults[0]}. Your saved answers are kept."
            return Reply({"do": "refused", "why": why})
        except Exception:  # noqa: BLE001 - a learner never gets a traceback
            return Reply({"do": "refused", "why": UNREADABLE})
        return reply
