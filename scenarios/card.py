"""The card: one scenario on the screen.

One widget serves Voila, JupyterLab and Notebook alike. The browser gets data (`view`) and builds
every node from it as text; it sends back what the learner chose. Nothing is written by showing a
card; a commit is on disk before the screen says so and before any feedback is sent.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from scenarios import answers
from scenarios.answers import RecordError
from scenarios.catalogue import BANK, UnknownScenarioError, load
from scenarios.desk import UNREADABLE, Desk, Reply
from scenarios.faults import ContentError
from scenarios.policy import load_policy
from scenarios.profile import learner

_HERE = Path(__file__).parent
_SCRIPTS = ("dom.js", "artefacts.js", "questions.js", "explained.js", "heartbeat.js", "card.js")


class Card(anywidget.AnyWidget):
    """One scenario on the screen, or a notice why there is none; `view` is what the browser knows.

    Messages from the browser (`do`): `ping`, `look` (what is on record now?), `change` (a draft of
    one answer), `commit` (all answers of a scene), `back` (a new try is given up), `rate` (a
    learner's own count for a written answer). To the browser: `pong`, `looked`, `kept`,
    `committed`, `back`, `rated`, `refused`, `elsewhere`.
    """

    _esm = "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)
    _css = (_HERE / "card.css").read_text("utf-8")
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk | None = None, notice: str = "") -> None:
        self._desk = desk
        super().__init__(view=desk.show(desk.read()) if desk else {"notice": notice})
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Say which scenario this is, for readers that show no widgets."""
        title = self.view.get("title")
        return f"Scenario: {title}" if title else str(self.view.get("notice"))

    def _receive(self, _widget: object, message: object, _buffers: object) -> None:
        if message == {"do": "ping"}:
            self.send({"do": "pong"})
        elif self._desk:
            reply = _safely(self._desk, message)
            if reply:
                if reply.view is not None:
                    self.view = reply.view
                self.send({**_about(message, reply), **reply.message})


def card(slug: str, root: Path = BANK) -> Card:
    """Return the card of a scenario of a bank, or a card that says why there is none."""
    try:
        desk = Desk(
            entry=load(slug, root),
            policy=load_policy(),
            learner=learner(Path.cwd()),
            path=Path.cwd() / answers.FILE,
        )
        return Card(desk)
    except UnknownScenarioError as error:
        return Card(notice=f"{error} Tell whoever gave you this notebook.")
    except RecordError as error:
        return Card(notice=str(error))
    except ContentError as error:
        more = len(error.faults) - 1
        rest = f" There are {more} more faults." if more else ""
        return Card(
            notice=f"This scenario cannot be shown, because a file of the course is faulty:"
            f" {error.faults[0]}.{rest} Your saved answers are kept."
        )
    except Exception as error:  # noqa: BLE001 - a learner never gets a traceback
        return Card(
            notice=f"This scenario cannot be shown ({error}). Your saved answers are kept. Reload"
            " the page; if this stays, close the course and open it again."
        )


def _about(message: object, reply: Reply) -> dict[str, object]:
    """Return what a reply is about: the scene, and after a refusal what was asked for."""
    asked = message if isinstance(message, dict) else {}
    about = {"scene": asked.get("scene")}
    return {**about, "to": asked.get("do")} if reply.message["do"] == "refused" else about


def _safely(desk: Desk, message: object) -> Reply | None:
    """Answer a message; whatever goes wrong becomes one sentence on the card."""
    try:
        return desk.answer(message)
    except RecordError as error:
        return Reply({"do": "refused", "why": str(error)})
    except Exception:  # noqa: BLE001 - a learner never gets a traceback
        return Reply({"do": "refused", "why": UNREADABLE})
