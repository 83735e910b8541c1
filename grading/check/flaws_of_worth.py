"""Flaws in what answers are worth: points out of reach, paths that reward a violation."""

from __future__ import annotations

from collections.abc import Iterator

from grading.check.items import Hits, choices
from grading.exemplary import answers_along, best_answers, paths
from grading.marks import mark, points_by_rule
from scenarios.catalogue import Entry
from scenarios.model import Scenario
from scenarios.policy import Policy, PracticePolicy, lay_over, model_policy
from scenarios.questions import Option, Rationale
from scenarios.terms import PROFESSIONS, Profession


def situations(scenario: Scenario) -> Iterator[tuple[str, Policy, Profession | None]]:
    """Yield every policy and profession that may change what the answers are worth, with a name."""
    model = model_policy()
    whens = [w for _, _, q in choices(scenario) for o in q.options for w in o.when]
    professions = {p for w in whens for p in w.professions}
    people: list[Profession | None] = [None, *(p for p in PROFESSIONS if p in professions)]
    policies = {"the model policy": model}
    for own in _practices(scenario, {name for w in whens for name in w.policy}):
        policies[own.practice] = lay_over(model, own)
    for name, policy in policies.items():
        for person in people:
            yield f"{name}, {person}" if person else name, policy, person


def _practices(scenario: Scenario, settings: set[str]) -> Iterator[PracticePolicy]:
    """Yield practices that choose each value of these settings or leave a right clause out."""
    known = model_policy().clauses
    values = {c.setting.name: c.setting.values for c in known.values() if c.setting}
    asked = [q for s in scenario.scenes for q in s.questions if isinstance(q, Rationale)]
    right = sorted({r.clause for q in asked for r in q.right} & known.keys())
    settings = settings.union(*(known[clause].needs for clause in right))
    for name in sorted(settings & values.keys()):
        for value in values[name]:
            yield PracticePolicy(practice=f'{name} = "{value}"', settings={name: value})
    for clause in right:
        if known[clause].droppable:
            yield PracticePolicy(practice=f"a policy without {clause}", omit=(clause,))


def full_points(entry: Entry) -> Hits:
    """Find situations in which no answers earn everything."""
    scenario = entry.scenario
    most = points_by_rule(scenario)
    for name, policy, profession in situations(scenario):
        answers = best_answers(scenario, policy, profession)
        points = mark(scenario, answers, policy, profession).points
        if points != most:
            yield "", f"best answers that earn {points:g} of {most:g} under {name}"


def violation_pays(entry: Entry) -> Hits:
    """Compare, at each fork, what can still be earned after a violation and after a sounder way."""
    scenario = entry.scenario
    if not scenario.branching:
        return
    for name, policy, profession in situations(scenario):
        reach: dict[tuple[Option, ...], float] = {}
        for way in paths(scenario):
            answers = answers_along(scenario, way, policy, profession)
            points = mark(scenario, answers, policy, profession).points
            for n in range(1, len(way) + 1):
                reach[way[:n]] = max(points, reach.get(way[:n], 0.0))
        for way, points in reach.items():
            sounder = [
                earned
                for other, earned in reach.items()
                if len(other) == len(way)
                and other[:-1] == way[:-1]
                and other[-1].credit != "violation"
            ]
            if way[-1].credit == "violation" and points > min(sounder, default=points):
                taken = " > ".join(o.id for o in way)
                yield taken, f"up to {points:g} points, more than a sounder option, under {name}"


def no_way_back(entry: Entry) -> Hits:
    """Find violations that end a branching scenario."""
    for scene in entry.scenario.scenes:
        for option in scene.fork.options if scene.fork else ():
            if option.credit == "violation" and not option.next and not option.never_event:
                yield f"scenes[{scene.id}].options[{option.id}]", "an end right after a violation"
