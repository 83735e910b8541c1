"""What is asked. A notebook uses what `__all__` names and nothing else of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.card import Card
    from scenarios.panel import Panel

__all__ = ["ask", "evaluate", "policy_desk", "profession", "records", "rewrite"]


def ask(slug: str) -> Card:
    """Return the card of one scenario, `ask("reviews/one-star-sunday")`; the notebook shows it.

    Earlier answers are read from `answers.jsonl` beside the notebook and shown again; showing a
    card writes nothing. What cannot be shown is a card with one plain sentence, never an error.
    """
    from scenarios.card import card  # noqa: PLC0415 - widgets load when a card is shown, not before

    return card(slug)


def evaluate() -> Panel:
    """Return the panel on which a learner says what the course was worth to them."""
    from scenarios.evaluation import evaluation_panel  # noqa: PLC0415 - as above

    return evaluation_panel()


def policy_desk() -> Panel:
    """Return the panel on which a practice makes its own policy and the handout for clients."""
    from scenarios.own_policy import policy_panel  # noqa: PLC0415 - as above

    return policy_panel()


def profession() -> Panel:
    """Return the panel on which a learner says what they are; it is kept in the course folder."""
    from scenarios.welcome import profession_panel  # noqa: PLC0415 - as above

    return profession_panel()


def records() -> Panel:
    """Return the panel that says where the answers are, and erases them when asked to."""
    from scenarios.welcome import records_panel  # noqa: PLC0415 - as above

    return records_panel()


def rewrite(slug: str) -> Panel:
    """Return the bench on which the draft of a scenario can be rewritten; nothing of it is kept."""
    from scenarios.sandbox import rewrite_panel  # noqa: PLC0415 - as above

    return rewrite_panel(slug)
