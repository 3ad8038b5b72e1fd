"""`log()` to pixel while 100 other runs are live: on the run's own page, and in a workspace that
shows the curves of all of them.

The curve's right end is read from the canvas: the values take seven levels in turn, so its height
tells which point was drawn last. A point that is not seen within ten seconds counts as ten.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from many_writers import Writer, load
from measure import Figure, Server, arguments, finish, percentile, running_server

N_LIVE = 100
N_POINTS = 50
WARM_UP = 8
"""Points until all levels have been drawn, which the heights are measured by."""

LEVELS = 7
"""Their turn takes longer than the longest wait, so a height stands for one point alone."""

LONGEST_SECS = 10.0
VIEWPORT: ViewportSize = {"width": 1600, "height": 1200}

SCRIPT = f"""
import sys, time, weft
run = weft.init(project="bench", id="pixels00")
for step in range({N_POINTS}):
    run.log({{"probe/value": float(step % {LEVELS})}})
    print(f"{{time.time():.6f}}", flush=True)
    time.sleep(1.5)
"""

# Where the curve ends at the right, from 0 (the lowest of its pixels) to 1 (the highest).
RIGHT_END = """() => {
  const canvases = [...document.querySelectorAll('[data-metric="probe/value"] canvas')];
  let lowest = -1, highest = Infinity, right = -1, sum = 0, n = 0;
  for (const canvas of canvases) {
    if (!canvas.width) continue;
    const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      const least = Math.min(data[i], data[i + 1], data[i + 2]);
      if (data[i + 3] < 60 || Math.max(data[i], data[i + 1], data[i + 2]) - least < 60) continue;
      const x = (i / 4) % width, y = Math.floor(i / 4 / width);
      lowest = Math.max(lowest, y);
      highest = Math.min(highest, y);
      if (x > right) { right = x; sum = n = 0; }
      if (x === right) { sum += y; n++; }
    }
  }
  return n && lowest > highest ? (lowest - sum / n) / (lowest - highest) : -1;
}"""


def last_level(page: Page) -> int:
    """The level of the last point that is drawn; -1 if there is no curve."""
    height: float = page.evaluate(RIGHT_END)
    return -1 if height < 0 else round(height * (LEVELS - 1))


def show_all(page: Page, server: Server) -> None:
    """Open the workspace and show all runs, once they are all there."""
    n_runs = N_LIVE + 1
    page.goto(f"{server.url}/local/bench")
    page.get_by_text(f"of {n_runs} runs").first.wait_for()
    page.get_by_role("button", name="Show all", exact=True).last.click()
    page.get_by_text(f"{n_runs} of {n_runs} runs shown").wait_for()


def open_run(page: Page, server: Server) -> None:
    """Open the charts of the run that logs."""
    page.goto(f"{server.url}/local/bench/runs/pixels00/charts")
    page.locator('[data-metric="probe/value"] canvas').first.wait_for()


def secs_to_pixel(page: Page, server: Server, show: Callable[[Page, Server], None]) -> list[float]:
    """Seconds from the return of each `log()` until its point, or a later one, is seen."""
    logged: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        script = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"},
        )
        assert script.stdout is not None
        lines = script.stdout
        reading = pool.submit(lambda: logged.extend(map(float, lines)))
        show(page, server)
        begin = max(len(logged), WARM_UP)
        seen: dict[int, float] = {}
        while not reading.done() or time.time() < logged[-1] + LONGEST_SECS:
            n_logged, level, now = len(logged), last_level(page), time.time()
            # The newest point of that level; of an older one the curve would end elsewhere.
            last = n_logged - 1 - (n_logged - 1 - level) % LEVELS
            for number in range(begin, last + 1 if level >= 0 else 0):
                seen.setdefault(number, now)
            if len(seen) == N_POINTS - begin:
                break
            time.sleep(0.02)
        script.wait()
    return [
        min(seen.get(number, float("inf")) - logged[number], LONGEST_SECS)
        for number in range(begin, N_POINTS)
    ]


def measure(browser: Browser, where: str, show: Callable[[Page, Server], None]) -> list[Figure]:
    """All figures of one page, each with a server of its own."""
    with running_server() as server, ThreadPoolExecutor(1) as pool:
        page = browser.new_page(viewport=VIEWPORT)
        writers = [Writer(number, server) for number in range(N_LIVE)]
        live = pool.submit(asyncio.run, load(server, writers, int(N_POINTS * 1.5) + 10))
        latencies = secs_to_pixel(page, server, show)
        server_cores = live.result()["cores"]
        page.close()
    missed = sum(secs >= LONGEST_SECS for secs in latencies)
    name = f"log() to pixel, {N_LIVE} runs live, {where}"
    return [
        Figure(f"{name}: p50", percentile(latencies, 50), "s"),
        Figure(f"{name}: p95", percentile(latencies, 95), "s", 2.0),
        Figure(f"{name}: of {len(latencies)} points not seen", missed, "points", 0),
        Figure(f"{name}: server", server_cores * 100, "% of a core", 20),
    ]


def main() -> None:
    args = arguments(__doc__).parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        figures = measure(browser, "its page", open_run)
        figures += measure(browser, "workspace of all", show_all)
        browser.close()
    finish(figures, args.json)


if __name__ == "__main__":
    main()
