"""What the learner's facade costs beyond ipywidgets: milliseconds and resident memory.

Each number comes from processes of their own, in turns, the median of them. Run:
`python tests/bench/imports.py`; the last line is the ratio.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

ROUNDS = 9
HEAVY = ("pandas", "matplotlib", "nbgrader", "jupyter_server", "numpy")
BASE = "import ipywidgets"
FACADE = "import ipywidgets; from scenarios import ask; from grading import score"
CARD = (
    f"{FACADE}; import os, tempfile; os.chdir(tempfile.mkdtemp()); ask('reviews/one-star-sunday')"
)
MEASURE = """
import time, sys, psutil
start = time.perf_counter()
{code}
took = time.perf_counter() - start
memory = psutil.Process().memory_info().rss / 1e6
print(took * 1000, memory, *[m for m in {heavy} if m in sys.modules])
"""


def once(code: str) -> tuple[float, float]:
    """Return milliseconds and megabytes of one fresh process; heavy imports are a fault."""
    program = MEASURE.format(code=code, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    time, memory, *heavy = done.stdout.split()
    if heavy:
        raise SystemExit(f"The learner's path imports {', '.join(heavy)}; it must not.")
    return float(time), float(memory)


def main() -> None:
    """Print the table."""
    runs: dict[str, list[tuple[float, float]]] = {BASE: [], FACADE: [], CARD: []}
    for _ in range(ROUNDS):
        for code, found in runs.items():
            found.append(once(code))
    names = {BASE: "ipywidgets alone", FACADE: "+ the facade", CARD: "+ the first card"}
    middle = {
        code: tuple(statistics.median(column) for column in zip(*found, strict=True))
        for code, found in runs.items()
    }
    print(f"{'':20}{'ms':>8}{'MB':>8}{'extra ms':>10}{'extra MB':>10}")
    base = middle[BASE]
    for code, (time, memory) in middle.items():
        extra = f"{time - base[0]:10.0f}{memory - base[1]:10.1f}"
        print(f"{names[code]:20}{time:8.0f}{memory:8.1f}{extra}")
    print(
        f"ratio, facade to ipywidgets alone: {middle[FACADE][0] / base[0]:.2f} in time, "
        f"{middle[FACADE][1] / base[1]:.2f} in memory"
    )


if __name__ == "__main__":
    main()
