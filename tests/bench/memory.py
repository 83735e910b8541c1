"""Memory of a kernel with all cards of the largest module against one with bare ipywidgets.

Each number is the median of kernels of their own, resident megabytes. Run:
`python tests/bench/memory.py`; the last line is the ratio to the budget.
"""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter

from jupyter_client.manager import start_new_kernel

from scenarios.catalogue import slugs
from scenarios.exam.blueprint import is_item

ROUNDS = 3
BUDGET = 40.0
"""Megabytes that the cards may take beyond ipywidgets."""
USED = "__import__('psutil').Process().memory_info().rss / 1e6"
BARE = "import ipywidgets; button = ipywidgets.Button(); display(button)"


def megabytes(code: str) -> float:
    """Return the resident memory of a fresh kernel after it ran the code."""
    with tempfile.TemporaryDirectory() as folder:
        manager, client = start_new_kernel(cwd=folder)
        try:
            reply = client.execute(code, user_expressions={"used": USED}, reply=True, timeout=60)[
                "content"
            ]
            if reply["status"] != "ok":
                raise SystemExit(f"{code[:60]!r} failed: {reply}")
            return float(reply["user_expressions"]["used"]["data"]["text/plain"])
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def main() -> None:
    """Print the table."""
    module, cards = Counter(s.partition("/")[0] for s in slugs() if not is_item(s)).most_common(1)[
        0
    ]
    own = [slug for slug in slugs() if slug.startswith(f"{module}/")]
    facade = f"{BARE}; from grading import debrief, score; from scenarios import ask"
    first = f"{facade}; display(ask({own[0]!r}))"
    whole = f"{facade}; [display(ask(slug)) for slug in {own!r}]; display(debrief())"
    table = {
        "ipywidgets, one button": BARE,
        "+ the first card": first,
        f"+ all {cards} cards of {module}": whole,
    }
    found = {name: [megabytes(code) for _ in range(ROUNDS)] for name, code in table.items()}
    base = statistics.median(found["ipywidgets, one button"])
    print(f"{'':32}{'MB':>8}{'extra MB':>10}")
    for name, runs in found.items():
        print(f"{name:32}{statistics.median(runs):8.1f}{statistics.median(runs) - base:10.1f}")
    extra = statistics.median(found[f"+ all {cards} cards of {module}"]) - base
    print(f"ratio, extra memory of a module to {BUDGET:.0f} MB: {extra / BUDGET:.2f}")


if __name__ == "__main__":
    main()
