"""What a marker needs beside a written answer: the scene in words, and the rubric.

For the marking desk and for formgrader, where no card is drawn: static and escaped.
"""

from __future__ import annotations

from grading.manual.rubric import points
from grading.markup import Markup, tag
from scenarios.model import Scene
from scenarios.questions import Response
from scenarios.screen import shown

PLAIN = "tex2jax_ignore mathjax_ignore"
"""Classes that keep MathJax, which notebooks and graders' pages load, from a text."""


def situation(scene: Scene) -> Markup:
    """Return what the learner had before them: the story, and what stood on the screen."""
    seen = shown(scene.artefact) if scene.artefact else ()
    told = (tag("p", line) for line in (scene.stem, *seen))
    return tag("div", told, class_=PLAIN, style="white-space:pre-wrap")


def rubric(question: Response, maximum: float) -> Markup:
    """Return the rubric by which a person gives up to `maximum` points in the gradebook."""
    total = question.rubric_points
    scale = f"The lines add up to {points(total)}"
    if total != maximum:
        scale += f"; {points(maximum)} can be given, so multiply the sum by {maximum / total:g}"
    lines = [f"{c.id} ({points(c.points)}): {c.text}" for c in question.rubric]
    lines += [f"At most {points(c.maximum)} of {total:g}: {c.text}" for c in question.caps]
    return tag(
        "div",
        tag("p", tag("strong", "Rubric"), f": {scale}."),
        tag("ul", (tag("li", line) for line in lines)),
        class_=PLAIN,
    )
