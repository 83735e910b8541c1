"""What is said to a learner about the answers to one scenario, as part of a page; all is escaped.

What came of it, why, the rule, and what the other choices would have been worth. A scenario that
was not answered to its end is not explained: its key stays with those who decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from grading.marks import Mark
from grading.markup import Markup, join, tag
from grading.outputs import clean
from scenarios.answers import Answers
from scenarios.artefacts import Artefact
from scenarios.feedback import for_scenario, for_scene
from scenarios.model import Scenario, Scene
from scenarios.policy import Policy
from scenarios.questions import FIRST, Question
from scenarios.readable import SCALE, lines
from scenarios.screen import shown
from scenarios.terms import Profession
from scenarios.turns import asked

Data = dict[str, Any]
CREDIT_WORDS = {
    "best": "the best of these",
    "acceptable": "acceptable",
    "risky": "risky",
    "violation": "a violation",
}
VERDICTS = {
    **{k: v.capitalize() for k, v in CREDIT_WORDS.items()},
    "right": "Right",
    "partly": "Partly right",
    "wrong": "Not right",
    "written": "In your own words",
}


@dataclass(frozen=True)
class Told:
    """Whose answers to which scenario are explained, and what they earned."""

    slug: str
    scenario: Scenario
    answers: Answers
    policy: Policy
    profession: Profession | None
    mark: Mark


Remember = Callable[[tuple[str | None, ...], Callable[[], Markup]], Markup]
"""Makes a text, or remembers the one made under the same key."""


def explained(told: Told, remember: Remember) -> Markup:
    """Return what is said about the answers to one scenario, without points or comments."""
    scenario, answers, mark = told.scenario, told.answers, told.mark
    if not answers:
        return tag("p", "You did not answer this scenario.")
    parts: list[Markup] = []
    if mark.void:
        parts.append(tag("p", "This scenario was withdrawn; everyone has its points."))
    if mark.never_events:
        parts.append(
            tag(
                "p",
                "Something was chosen that must never happen. It costs the whole scenario.",
                class_="never",
            )
        )
    for scene in scenario.path(answers):
        parts += _scene(told, scene, remember)
    if mark.unanswered:
        parts.append(tag("p", "You did not finish this scenario; its explanation follows then."))
    else:
        key = (told.slug, told.profession)
        parts.append(remember(key, lambda: _whole(for_scenario(scenario, told.profession))))
    return join(parts)


# ---------------------------------------------------------------------------------- one scenario


def _scene(told: Told, scene: Scene, remember: Remember) -> list[Markup]:
    parts = [tag("p", scene.stem, class_="stem pre")]
    if scene.artefact:
        place = (told.slug, None, scene.id, "screen")
        parts.append(remember(place, partial(_screen, scene.artefact)))
    answers = told.answers
    if not any((scene.id, q.id) in answers for q in scene.questions):
        return parts  # a scene not yet decided shows no key
    for question in asked(scene, told.policy):
        given = answers.get((scene.id, question.id))
        key = (told.slug, told.profession, scene.id, question.id, json.dumps(given))
        parts.append(remember(key, lambda: _question(told, scene, question)))  # noqa: B023 - at once
    return parts


def _screen(artefact: Artefact) -> Markup:
    first, *rest = shown(artefact)
    lines = [tag("div", clean(line)) for line in rest]
    return tag("div", tag("div", first, class_="say"), lines, class_="screen given")


def _question(told: Told, scene: Scene, question: Question) -> Markup:
    given = told.answers.get((scene.id, question.id))
    all_told = for_scene(scene, told.answers, told.policy, told.profession)
    feedback = next((f for f in all_told if f["question"] == question.id), None)
    return join(
        tag("h3", question.prompt),
        _given(lines(question, given, told.policy)),
        _feedback(scene, question, feedback, told.mark) if feedback else None,
    )


def _given(said: Sequence[str]) -> Markup:
    items = [tag("div", clean(line)) for line in said]
    return tag("div", tag("div", "Your answer", class_="say"), items, class_="mine given")


def _feedback(scene: Scene, question: Question, feedback: Data, mark: Mark) -> Markup:
    own = (p for p in mark.parts if (p.scene, p.question) == (scene.id, question.id))
    share = next(own, None)
    why = f": {share.why}" if share and feedback["kind"] not in ("choice", "response") else ""
    verdict = tag("p", f"{VERDICTS[feedback['verdict']]}{why}.", class_="verdict")
    return join(verdict, _KINDS[feedback["kind"]](feedback))


def _whole(told: Data) -> Markup:
    rules = [
        tag(
            "li",
            tag("strong", rule["cite"]),
            f": {rule['says']}",
            " (wording not verified by us)" if rule["status"] == "unverified" else None,
        )
        for rule in told["rules"]
    ]
    views = [tag("li", tag("strong", v["who"]), f": {v['text']}") for v in told["views"]]
    return join(
        tag("h3", "The better action"),
        tag("p", told["better"], class_="pre"),
        tag("h3", "The rules behind it"),
        tag("ul", rules),
        [tag("h3", "How others would see it"), tag("ul", views)] if views else None,
        tag("h3", "What would change the answer"),
        tag("p", told["varies"], class_="pre"),
        [tag("h3", "Where clinicians differ"), tag("p", told["debated"])]
        if told["debated"]
        else None,
        tag("h3", "Take away"),
        tag("p", told["takeaway"], class_="pre"),
    )


# ------------------------------------------------------------------ one function per question kind


def _choice(told: Data) -> Markup:
    mine, *others = told["options"]
    return join(
        tag("p", tag("strong", "What happens: "), mine["consequence"]),
        tag("p", tag("strong", "Why: "), mine["why"]),
        tag("h4", "The other options"),
        tag(
            "ul",
            [
                tag(
                    "li",
                    tag("div", o["text"]),
                    tag("strong", f"{CREDIT_WORDS[o['credit']].capitalize()}. "),
                    f"{o['consequence']} {o['why']}",
                )
                for o in others
            ],
        ),
    )


def _rationale(told: Data) -> Markup:
    words = {
        (True, True): "applies, and you named it",
        (True, False): "applies, and you left it out",
        (False, True): "does not carry the decision, and you named it",
        (False, False): "does not carry the decision",
    }
    return tag(
        "ul",
        [
            tag(
                "li",
                tag("strong", f"{c['id']} {c['title']}"),
                f" {words[c['right'], c['chosen']]}. {c['why']}",
            )
            for c in told["clauses"]
        ],
    )


def _hottext(told: Data) -> Markup:
    words = {"must": "has to go", "optional": "may go", "keep": "may stay"}
    return tag(
        "ul",
        [
            tag(
                "li",
                tag("strong", s["text"]),
                f" {words[s['mark']]}",
                f" ({', '.join(s['categories'])})" if s["categories"] else None,
                f"; you {'marked' if s['marked'] else 'left'} it. {s['why']}",
            )
            for s in told["spans"]
        ],
    )


def _audit(told: Data) -> Markup:
    return tag(
        "ul",
        [
            tag(
                "li",
                tag("strong", r["setting"]),
                f": {r['correct']}; you said {r['given'] or 'nothing'}. {r['why']}",
                " It belongs to the first fixes." if r["first"] == FIRST else None,
            )
            for r in told["rows"]
        ],
    )


def _rating(told: Data) -> Markup:
    return tag(
        "ul",
        [
            tag(
                "li",
                f"{o['text']} ",
                tag("strong", f"{SCALE[o['key'] - 1].capitalize()}"),
                f"; you said {SCALE[o['given'] - 1] if o['given'] else 'nothing'}. {o['why']}",
            )
            for o in told["options"]
        ],
    )


def _order(told: Data) -> Markup:
    steps = sorted(told["steps"], key=lambda s: s["place"])
    return tag(
        "ol",
        [
            tag("li", tag("strong", s["text"]), f" You put it at {s['given']}. {s['why']}")
            for s in steps
        ],
    )


def _response(told: Data) -> Markup:
    best = max(told["exemplars"], key=lambda e: e["points"])
    return join(
        tag("h4", f"What it is marked by ({told['total']:g} points)"),
        tag("ul", [tag("li", f"{c['text']} ({c['points']:g})") for c in told["rubric"]]),
        tag("ul", [tag("li", f"At most {c['maximum']:g}: {c['text']}") for c in told["caps"]])
        if told["caps"]
        else None,
        tag("h4", "One good answer"),
        [tag("p", text, class_="given") for text in best["parts"].values()],
        tag("p", best["why"]),
    )


_KINDS: Mapping[str, Callable[[Data], Markup]] = {
    "choice": _choice,
    "rationale": _rationale,
    "hottext": _hottext,
    "audit": _audit,
    "rating": _rating,
    "order": _order,
    "response": _response,
}
