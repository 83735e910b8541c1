"""Your own policy: the choices a practice may make, its policy file, and the handout for clients.

What a practice decides is written to `policy.toml` in the course folder, where the whole course
follows it. Words that somebody put into that file by hand are kept.
"""

from __future__ import annotations

import datetime as dt
import html
import json
from pathlib import Path
from typing import Any

from scenarios import files
from scenarios.faults import read_toml
from scenarios.panel import Panel
from scenarios.policy import (
    FILE,
    Policy,
    PracticePolicy,
    lay_over,
    model_policy,
)
from scenarios.terms import ClauseId

HANDOUT = "our-social-media-policy.html"
UNNAMED = "Our practice"
LAST: ClauseId = "CL-32"
"""The clause that stands last on the handout: questions, changes and the agreement."""
_STYLE = """
body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:17px/1.55 Georgia,serif;color:#1b1f27}
h1{font-size:1.8rem;line-height:1.2}
h2{font-size:1.1rem;margin:1.4rem 0 .2rem}p{margin:0}
.about{color:#545c6a;margin-bottom:1.5rem}
.sign{margin-top:3rem;border-top:1px solid #7b8494;padding-top:.5rem}
@media print{body{margin:0;font-size:11.5pt}h2{break-after:avoid}p{break-inside:avoid}}
"""


def policy_panel() -> Panel:
    """Return the panel on which a practice makes its policy."""
    course = Path.cwd().resolve().parent

    def save(value: object) -> None:
        write(course / FILE, chosen(value, own(course / FILE)))

    def hand_out(value: object) -> None:
        save(value)
        policy = lay_over(model_policy(), own(course / FILE))
        (course / HANDOUT).write_text(handout(policy, dt.date.today()), "utf-8")  # noqa: DTZ011

    return Panel(lambda: look(course), {"save": save, "handout": hand_out})


def look(course: Path) -> dict[str, Any]:
    """Return what the panel shows: every clause in force, and the choices there are."""
    mine = own(course / FILE)
    policy = lay_over(model_policy(), mine)
    return {
        "kind": "policy",
        "title": "Your own policy",
        "practice": mine.practice if mine.practice != UNNAMED else "",
        "kept": (course / FILE).is_file(),
        "handout": HANDOUT if (course / HANDOUT).is_file() else None,
        "clauses": [
            {
                "id": clause.id,
                "title": policy.clauses.get(clause.id, clause).title,
                "text": policy.clauses.get(clause.id, clause).text,
                "own": bool(mine.clauses.get(clause.id)),
                "left_out": clause.id in mine.omit,
                "fits": clause.fits(policy.settings),
                "otherwise": clause.otherwise,
                "only_if": clause.only_if,
                "setting": {
                    "name": clause.setting.name,
                    "label": clause.setting.label,
                    "chosen": policy.settings[clause.setting.name],
                    "values": [
                        {"id": v, "text": clause.setting.texts.get(v, clause.text)}
                        for v in clause.setting.values
                    ],
                }
                if clause.setting
                else None,
            }
            for clause in model_policy().clauses.values()
        ],
    }


def own(path: Path) -> PracticePolicy:
    """Return the practice's policy as it stands. Raises `ContentError`.

    At first it is the model without what holds for some practices only: those have to say so.
    """
    if path.is_file():
        return read_toml(path, PracticePolicy, path.name)
    special = tuple(c.id for c in model_policy().clauses.values() if c.only_if)
    return PracticePolicy(practice=UNNAMED, omit=special)


def chosen(value: object, before: PracticePolicy) -> PracticePolicy:
    """Return the policy with the panel's choices; the practice's own wording stays as it was.

    `value` is `{"practice": str, "settings": {name: value}, "omit": [clause ids]}`. Raises
    `ValueError` or `ContentError` for anything else.
    """
    given = value if isinstance(value, dict) else {}
    mine = PracticePolicy.model_validate(
        {
            "practice": str(given.get("practice") or "").strip() or UNNAMED,
            "settings": given.get("settings", {}),
            "omit": given.get("omit", ()),
            "clauses": before.clauses,
        }
    )
    lay_over(model_policy(), mine)
    return mine


def write(path: Path, mine: PracticePolicy) -> None:
    """Write a policy file, whole or not at all. Raises `OSError`."""
    defaults = model_policy().settings
    lines = [
        "# Our social media policy, laid over the model policy of the course.",
        f"practice = {_text(mine.practice)}",
        f"omit = [{', '.join(_text(c) for c in mine.omit)}]",
        "",
        "[settings]",
        *(f"{k} = {_text(v)}" for k, v in mine.settings.items() if v != defaults.get(k)),
    ]
    for clause, words in mine.clauses.items():
        lines += ["", f"[clauses.{clause}]"]
        lines += [f"{k} = {_text(v)}" for k, v in words.model_dump().items() if v]
    files.write(path, ("\n".join(lines) + "\n").encode(), durable=True)


def handout(policy: Policy, day: dt.date) -> str:
    """Return the policy as a page for clients, ready to print; every text is escaped."""
    name = html.escape(policy.practice)
    clauses = "\n".join(
        f"<h2>{html.escape(c.title)}</h2>\n<p>{html.escape(c.text)}</p>"
        for c in sorted(policy.clauses.values(), key=lambda c: c.id == LAST)
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Social media policy: {name}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>Our social media policy</h1>\n"
        f'<p class="about">{name}. {day:%B} {day.day}, {day.year}.</p>\n{clauses}\n'
        f'<p class="sign">We talked about this page together. Name, date:</p>\n</body></html>\n'
    )


def _text(value: str | ClauseId) -> str:
    """Spell a text as a TOML string; JSON's escapes are TOML's, except for the delete sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
