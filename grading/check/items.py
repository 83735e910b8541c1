"""Looking into a scenario: its single-best-action questions, and every text with its place."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.model import Scenario, Scene
from scenarios.questions import Choice, Option
from scenarios.terms import Frozen

Hits = Iterator[tuple[str, str]]
"""(place in the file, what was found there) for each breach of a rule."""


def choices(scenario: Scenario) -> Iterator[tuple[str, Scene, Choice]]:
    """Yield the single-best-action questions with their place in the file."""
    for scene in scenario.scenes:
        for question in scene.questions:
            if isinstance(question, Choice):
                yield f"scenes[{scene.id}].questions[{question.id}]", scene, question


def key(question: Choice) -> Option:
    """Return the option that is best by the model policy."""
    return next(o for o in question.options if o.credit == "best")


def others(question: Choice) -> list[Option]:
    """Return the options that are not the key."""
    return [o for o in question.options if o.credit != "best"]


def texts(value: object, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a typed value with its place, in the order of the fields."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{at}.{name}" if at else name)
    elif isinstance(value, tuple | list):
        for n, item in enumerate(value):
            yield from texts(item, f"{at}[{getattr(item, 'id', None) or n}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, f"{at}.{name}")


def shown(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield what a learner sees before answering: stems, artefacts, prompts, options."""
    for scene in scenario.scenes:
        at = f"scenes[{scene.id}]"
        yield f"{at}.stem", scene.stem
        yield from texts(scene.artefact, f"{at}.artefact")
    for at, _, question in choices(scenario):
        yield f"{at}.prompt", question.prompt
        yield from ((f"{at}.options[{o.id}]", o.text) for o in question.options)
