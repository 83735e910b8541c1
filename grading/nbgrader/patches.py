"""What has to be changed in nbgrader itself, as long as it offers no setting for it.

Everything here looks only at what nbgrader has loaded already, and loads nothing of it.
"""

from __future__ import annotations

import sys


def choose_converter(*, kernel: bool) -> None:
    """Give nbgrader's command and its formgrader the converter that runs no code, or its own.

    Preprocessors alone would not do: nbgrader opens the submitted notebook and copies whatever
    lies beside it before it calls the first one. A missing, renamed or broken notebook, a pipe or
    a link would cost points or stop everybody. Both places name their converter directly.
    """
    users = [sys.modules.get(f"nbgrader.apps.{name}") for name in ("autogradeapp", "api")]
    if not any(users):
        return
    if kernel:
        from nbgrader.converters import Autograde as Converter  # noqa: PLC0415 - slow, nbgrader only
    else:
        from grading.nbgrader.autograder import AutogradeAnswers as Converter  # noqa: PLC0415 - likewise
    for module in filter(None, users):
        module.Autograde = Converter  # type: ignore[attr-defined]


def mend_upgrade() -> None:
    """Let `nbgrader db upgrade` find the gradebook's file before it upgrades it.

    It takes everything in the address for the file's name, `?timeout=30` too, and fails to copy
    that.
    """
    app = getattr(sys.modules.get("nbgrader.apps.dbapp"), "DbUpgradeApp", None)
    if app is None or app._backup_db_file.__module__ == __name__:  # noqa: SLF001 - nbgrader's own
        return
    theirs = app._backup_db_file  # noqa: SLF001 - likewise

    def backup(self: object, file: str) -> None:
        theirs(self, file.partition("?")[0])

    app._backup_db_file = backup  # noqa: SLF001 - likewise
