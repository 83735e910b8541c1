"""Item analysis of 100,000 learners x 60 items: every table of the report, from the frames on.

The frames have the columns and types that `grading.frame` makes. Fifty scenarios ask for one
action, of which ten ask for clauses as well; ten have rows: phrases, ratings, steps. Run:
`python tests/bench/item_analysis.py [LEARNERS]`; the last line has the ratio to the aim.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from grading import statistics
from grading.frame import Frames

AIM = 10.0
"""Seconds."""
MEMORY = 2000
"""Megabytes."""
CREDIT = ("best", "acceptable", "risky", "violation")
SHARE = np.array([1.0, 0.6, 0.2, 0.0])
CHOICES, REASONED, ROWED = 50, 10, 10
PROFESSIONS = np.array(["counselor", "psychologist", "social-worker", "mft"], dtype=object)
Array = npt.NDArray[Any]
Table = dict[str, list[Any]]


def simulated(learners: int) -> Frames:
    """Answers that follow ability, as a whole class would have handed them in."""
    rng = np.random.default_rng(1)
    ability = rng.standard_normal(learners)
    who = np.array([f"learner-{n:06}" for n in range(learners)], dtype=object)
    profession = PROFESSIONS[rng.integers(0, len(PROFESSIONS), learners)]
    questions: Table = {}
    scenarios: Table = {}
    key: list[tuple[str, ...]] = []

    def put(table: Table, **columns: object) -> None:
        same = {"learner": who, "profession": profession, **columns}
        for name, value in same.items():
            if isinstance(value, np.ndarray) and value.dtype != object:
                column: Any = value
            elif isinstance(value, np.ndarray):
                column = pd.Series(value, dtype="str").astype("category").array
            else:
                codes = np.full(learners, -1 if value is None else 0, np.int8)
                column = pd.Categorical.from_codes(
                    codes, pd.Index([] if value is None else [str(value)], dtype="str")
                )
            table.setdefault(name, []).append(column)

    def ask(slug: str, kind: str, answer: Array, earned: Array, **more: object) -> None:
        place = {"scenario": slug, "scene": "a", "question": kind, "kind": kind}
        credit = {"credit": None, "certainty": None, **more}
        put(
            questions,
            **place,
            answer=answer,
            earned=earned,
            **credit,
            void=np.zeros(learners, bool),
        )

    for n in range(CHOICES):
        slug = f"m/s{n:02}"
        level = np.clip(np.round(1.2 - ability + rng.standard_normal(learners)), 0, 3).astype(int)
        sure = np.array(["sure", "fairly", "guess"], object)[rng.integers(0, 3, learners)]
        credit = np.array(CREDIT, object)[level]
        ask(slug, "choice", credit, SHARE[level], credit=credit, certainty=sure)
        key += [(slug, "a", "choice", "choice", c, c, c) for c in CREDIT]
        if n < REASONED:
            sets = np.array([f"CL-0{a} CL-0{b}" for a in range(1, 5) for b in range(5, 8)], object)
            picked = rng.integers(0, len(sets), learners)
            ask(slug, "rationale", sets[picked], (picked % 3) / 2)
            worth = {"CL-01": "right", "CL-05": "right"}
            key += [
                (slug, "a", "rationale", "rationale", c, c, worth.get(c, "wrong"))
                for c in (f"CL-0{i}" for i in range(1, 8))
            ]
        done(put, scenarios, slug, SHARE[level], rng)
    for n in range(ROWED):
        slug = f"m/r{n:02}"
        kind = ("hottext", "rating", "order")[n % 3]
        picked = rng.integers(0, 720, learners)
        ask(
            slug, kind, np.array([_rows(kind, i) for i in range(720)], object)[picked], picked / 720
        )
        worth_of = {"hottext": "must", "rating": "3", "order": "2"}[kind]
        key += [(slug, "a", kind, kind, i, i, worth_of) for i in "abcdef"]
        done(put, scenarios, slug, picked / 720, rng)
    return Frames(_frame(questions), _frame(scenarios), _key(key))


def done(
    put: Callable[..., None], table: Table, slug: str, share: Array, rng: np.random.Generator
) -> None:
    n = len(share)
    put(
        table,
        scenario=slug,
        share=share,
        points=share * 10,
        maximum=np.full(n, 10.0),
        mastery=share,
        attempts=rng.integers(1, 3, n),
        seconds=rng.uniform(20, 200, n),
        void=np.zeros(n, bool),
    )


def _rows(kind: str, number: int) -> str:
    rng = np.random.default_rng(number)
    if kind == "order":
        return " ".join(rng.permutation(list("abcdef")))
    if kind == "rating":
        return json.dumps({i: int(rng.integers(1, 5)) for i in "abcdef"}, sort_keys=True)
    return json.dumps({i: "A" for i in "abcdef" if rng.random() > 0.5}, sort_keys=True)


def _frame(table: Table) -> pd.DataFrame:
    columns = {}
    for name in list(table):
        chunks = table.pop(name)
        texts = isinstance(chunks[0], pd.Categorical)
        columns[name] = union_categoricals(chunks) if texts else np.concatenate(chunks)
    return pd.DataFrame(columns, copy=False)


def _key(rows: list[tuple[str, ...]]) -> pd.DataFrame:
    names = ["scenario", "scene", "question", "kind", "item", "text", "worth"]
    return pd.DataFrame(rows, columns=names)


def main(learners: int) -> None:
    frames = simulated(learners)
    questions, scenarios, key = frames.questions, frames.scenarios, frames.key
    items = scenarios["scenario"].nunique()
    print(f"{learners:,} learners, {items} items, {len(questions):,} answers")
    total = cpu = 0.0

    def timed(name: str, what: Callable[[], Any]) -> Any:  # noqa: ANN401 - gives back what it is given
        nonlocal total, cpu
        start, busy = time.perf_counter(), time.process_time()
        result = what()
        took = time.perf_counter() - start
        total += took
        cpu += time.process_time() - busy
        print(f"{name:<16}{took:7.2f} s")
        return result

    scores = timed("matrix", lambda: statistics.matrix(scenarios))
    ability = timed("totals", lambda: statistics.totals(scenarios))
    timed("facility", lambda: statistics.facility(scenarios))
    timed("professions", lambda: statistics.by_profession(scenarios))
    timed("discrimination", lambda: statistics.discrimination(scores))
    timed("alpha", lambda: statistics.reliability(scores))
    timed("consistency", lambda: statistics.consistency(scores, 0.7))
    timed("distractors", lambda: statistics.distractors(questions, key, ability))
    timed("clauses", lambda: statistics.clauses(questions, key))
    timed("confusion", lambda: statistics.confusion(questions, key))
    timed("rows", lambda: statistics.rows(questions, key))
    timed("functioning", lambda: statistics.functioning(questions, scenarios))
    timed("certainty", lambda: statistics.certainty(questions))
    timed("sure and wrong", lambda: statistics.confidently_wrong(questions))
    timed("pace", lambda: statistics.pace(scenarios))
    timed("second try", lambda: statistics.second_try(scenarios))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory     {peak:7.0f} MB, tables included (aim {MEMORY} MB)")
    print(f"processor time  {cpu:7.2f} s (the clock shows more where other programs run)")
    print(f"{total:.1f} s, {total / AIM:.2f} of the aim of {AIM:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
