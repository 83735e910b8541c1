"""From the click on "Submit answer" to the feedback on the screen, in Chromium, p50 and p95.

Needs Chromium. Run: `python tests/bench/feedback.py`; the last line is the ratio to the budget.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Page, sync_playwright

NOTEBOOK = "04_boundaries/04_boundaries.ipynb"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TRIES = 40
# Time is taken inside the page, from the click to the frame in which the feedback stands.
COMMIT = """
card => new Promise(done => {
  const feedback = card.querySelector('.smt-feedback');
  const start = performance.now();
  new MutationObserver((_, self) => {
    if (!feedback.childElementCount) return;
    self.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  }).observe(feedback, {childList: true});
  card.querySelector('.smt-primary').click();
})
"""


def commit(page: Page, slug: str, number: int) -> float:
    """Answer one card and return the milliseconds to its feedback."""
    card = page.locator(f"[data-slug='{slug}']")
    again = card.get_by_role("button", name="Try again")
    if again.is_visible():
        again.click()
    radios = card.locator("fieldset").first.get_by_role("radio")
    radios.nth(number % radios.count()).check()
    card.get_by_role("checkbox").first.check()
    page.wait_for_timeout(250)
    return float(card.evaluate(COMMIT))


def main() -> None:
    """Print the table."""
    chromium = next(found for name in BROWSERS if (found := shutil.which(name)))
    course = Path(sysconfig.get_path("scripts")) / "course"
    with tempfile.TemporaryDirectory() as place:
        server = subprocess.Popen(
            [course, "open", "--no-browser", place],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            lines = iter(server.stdout or ())
            url = next(m[0] for line in lines if (m := re.search(r"http://\S+", line)))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page()
                page.goto(url)
                page.goto(urljoin(url, f"/voila/render/{NOTEBOOK}"))
                page.wait_for_selector("body[data-course-state=ready]", timeout=90_000)
                slugs = ["boundaries/sunday-follow-request", "boundaries/missed-visit"]
                times = [commit(page, slugs[n % 2], n // 2) for n in range(TRIES)]
                browser.close()
        finally:
            server.terminate()
            server.wait()
    cut = statistics.quantiles(times, n=20)
    print(f"{TRIES} commits, each synced to disk before the feedback was sent")
    print(f"{'p50':>8}{'p95':>8}{'most':>8}   milliseconds")
    print(f"{statistics.median(times):8.0f}{cut[18]:8.0f}{max(times):8.0f}")
    print(f"ratio, p95 to the budget of 100 ms: {cut[18] / 100:.2f}")


if __name__ == "__main__":
    main()
