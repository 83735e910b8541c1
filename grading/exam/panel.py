"""A test in a notebook: the widget that asks, wired to what judges it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grading.exam.gate import gate
from grading.exam.result import Item, Result, results
from grading.folder import Module, modules_of
from scenarios.answers import FILE, Event, Record
from scenarios.catalogue import Entry
from scenarios.exam.blueprint import Test, tests
from scenarios.exam.desk import ExamDesk
from scenarios.exam.widget import Exam
from scenarios.faults import ContentError
from scenarios.feedback import Data, for_scenario, for_scene
from scenarios.policy import Policy, load_policy, topics
from scenarios.profile import learner
from scenarios.terms import Profession, TopicId


def exam_panel(name: str) -> Exam:
    """Return the widget of a test, or one that says why there is none; never raises."""
    try:
        test = tests()[name]
        policy = load_policy()
        here = Path.cwd()
        desk = ExamDesk(test=test, policy=policy, learner=learner(here), path=here / FILE)
        return Exam(desk, lambda record: judged(test, record, policy, here.resolve().parent))
    except KeyError:
        return Exam(notice=f"No test is called {name!r}. Tell whoever gave you this notebook.")
    except ContentError as error:
        return Exam(
            notice=f"This test cannot be shown, because a file of the course is faulty:"
            f" {error.faults[0]}. Your saved answers are kept."
        )
    except Exception as error:  # noqa: BLE001 - a learner never gets a traceback
        return Exam(
            notice=f"This test cannot be shown ({error}). Your saved answers are kept. Reload the"
            " page; if this stays, close the course and open it again."
        )


def judged(test: Test, record: Record, policy: Policy, course: Path) -> Data:
    """Return what the page says around a sitting: the result that counts, and what may follow."""
    finished = results(record.events, test, policy)
    modules = [m for m in modules_of(course) if m.entries]
    practice = [e for m in modules for e in m.entries]
    events = [e for m in modules for e in m.record.events]
    way = gate(test, finished, policy, practice, events)
    shown = next((r for r in finished if r.passed), finished[-1] if finished else None)
    places = {e.module: m for m in modules for e in m.entries}
    return {
        "scored": test.scored,
        "cut": test.cut,
        "result": _result(shown, policy, places) if shown else None,
        "gate": {
            "open": way.open,
            "why": way.why if finished or not test.scored else _early(test, practice, events),
            "redo": [
                {"title": places[m].title, "href": places[m].href, "left": left}
                for m, left in (way.redo or {}).items()
            ],
        },
    }


def _early(test: Test, practice: Sequence[Entry], events: Iterable[Event]) -> str:
    """Say what is still to practice before a first sitting, or nothing."""
    begun = {e.scenario for e in events if e.act == "commit"}
    left = sum(e.slug not in begun for e in practice)
    if not left:
        return ""
    return (
        f"{left} of the {len(practice)} situations in the modules are still open. The test is meant"
        f" for after them: after {test.sittings} sittings without a pass, what was missed has to be"
        " practiced before the next one."
    )


def _result(found: Result, policy: Policy, places: Mapping[str, Module]) -> Data:
    """Return a result for the page; what was right is told only to those who passed."""
    home = _homes(places)
    return {
        "passed": found.passed,
        "score": found.score,
        "raw": found.raw,
        "chance": found.chance,
        "fault": found.fault,
        "unanswered": found.unanswered,
        "never": [i.entry.scenario.title for i in found.never_events],
        "topics": [
            {
                "topic": topic,
                "name": topics()[topic].name,
                "share": share,
                "href": home[topic].href if topic in home else None,
            }
            for topic, share in found.topics().items()
        ],
        "clauses": [
            {"clause": c, "title": policy.clauses[c].title, "text": policy.clauses[c].text}
            for c in found.missed(policy)
        ],
        "items": [_explained(i, policy, found.profession) for i in found.items]
        if found.passed
        else [],
    }


def _homes(places: Mapping[str, Module]) -> dict[TopicId, Module]:
    """Return for each topic the module that practices it most."""
    count: Counter[tuple[TopicId, str]] = Counter(
        (topic, name)
        for name, module in places.items()
        for entry in module.entries
        for topic in entry.scenario.topics
    )
    homes: dict[TopicId, Module] = {}
    for (topic, name), _ in count.most_common():
        homes.setdefault(topic, places[name])
    return homes


def _explained(item: Item, policy: Policy, profession: Profession | None) -> Data:
    scenario = item.entry.scenario
    return {
        "title": scenario.title,
        "share": item.share,
        "scenes": [
            {
                "stem": s.stem,
                "artefact": s.artefact.model_dump(mode="json") if s.artefact else None,
                "prompts": {q.id: q.prompt for q in s.questions},
                "feedback": for_scene(s, item.answers, policy, profession),
            }
            for s in scenario.scenes
        ],
        "debrief": for_scenario(scenario, profession),
    }
