"""A report as an HTML file, 20 charts of 20 runs in 1,000 buckets each: its size, its opening.

    python bench/report_file.py [--rounds 7] [--keep FILE] [--json FILE]

A page of the server publishes the report, so that its figures are stored, and the server makes the
file. Chromium opens it from the disk without a network, in a new context each time: from the
beginning of the navigation until a curve is painted. Software rendering, as in `browser.py`; on a
busy machine its times are upper bounds, of which the least of all rounds is told, too.
"""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from browser import CHROMIUM, CHROMIUM_ARGS, DRAWN, VIEWPORT, seed
from measure import Figure, arguments, finish, median, running_server

PROJECT = "files"
N_RUNS = 20
N_CHARTS = 20
N_ROWS = 8_000
"""More than the 1,000 buckets of each curve: each has a mean, a minimum and a maximum."""
MAX_MB = 5.0
MAX_SECS = 1.0
WINDOW: ViewportSize = {"width": 1440, "height": 900}
"""Of who opens the file; the page that publishes has a taller one."""
ALL = {"all": {"selection": {"base": "all", "on": [], "off": []}}}
STORED = "text=Stored the figures of version 1"
TIMEOUT_MILLIS = 300_000

WATCH = f"""
const isDrawn = {DRAWN.replace("}).length", "}).length > 0")};
const look = () => {{
  if (document.querySelector("main") && window.begunMillis === undefined)
    window.begunMillis = performance.now();
  if (isDrawn()) window.drawnMillis = performance.now();
  else requestAnimationFrame(look);
}};
requestAnimationFrame(look);
"""


def blocks_of(keys: list[str]) -> list[dict[str, Any]]:
    """Grids of one chart each."""
    return [
        {
            "id": f"g{at}",
            "kind": "grid",
            "runSets": ALL,
            "panels": {f"p{at}": {"kind": "line", "keys": [key], "span": 6}},
        }
        for at, key in enumerate(keys)
    ]


def publish(browser: Browser, url: str) -> tuple[str, float]:
    """Publish a report with its figures; returns its address, and the seconds that it took."""
    project = f"{url}/api/v1/projects/local/{PROJECT}"
    names = httpx.get(f"{project}/metrics/names", timeout=60).raise_for_status().json()
    keys = sorted(names["numbers"])[:N_CHARTS]
    body = {"title": "Twenty charts", "blocks": blocks_of(keys)}
    report = httpx.post(f"{project}/reports", json=body).raise_for_status().json()["id"]
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/local/{PROJECT}/reports/{report}")
    publishing = page.get_by_role("button", name="Publish")
    publishing.wait_for(timeout=TIMEOUT_MILLIS)
    begin = time.perf_counter()
    publishing.click()
    page.wait_for_selector(STORED, timeout=TIMEOUT_MILLIS)
    secs = time.perf_counter() - begin
    page.close()
    return f"{project}/reports/{report}", secs


class Opening(NamedTuple):
    """Seconds until the page has begun its scripts, and until a curve is painted; and the CPU time
    of the page's main thread until then, which says more on a busy machine.
    """

    begun_secs: float
    drawn_secs: float
    cpu_secs: float


def open_file(browser: Browser, file: Path) -> Opening:
    """Open the file in a browser without anything of it."""
    context = browser.new_context(viewport=WINDOW, offline=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(file.as_uri(), wait_until="commit")
    drawn = wait_for(page, "window.drawnMillis")
    metrics = session.send("Performance.getMetrics")["metrics"]
    cpu = next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
    begun = float(page.evaluate("window.begunMillis"))
    context.close()
    return Opening(begun / 1e3, drawn / 1e3, cpu)


def wait_for(page: Page, value: str) -> float:
    """A number of the page, once it is there."""
    end = time.monotonic() + TIMEOUT_MILLIS / 1e3
    while time.monotonic() < end:
        number = page.evaluate(f"{value} ?? null")
        if number is not None:
            return float(number)
        time.sleep(0.05)
    raise SystemExit("the file draws no chart")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="openings of the file")
    parser.add_argument("--keep", type=Path, help="also write the file here")
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        with running_server() as server:
            seed(server, PROJECT, ("loss",), N_RUNS, N_CHARTS, N_ROWS)
            report, publish_secs = publish(browser, server.url)
            begin = time.perf_counter()
            content = httpx.get(f"{report}/export", timeout=120).raise_for_status().content
            export_secs = time.perf_counter() - begin
        # the file needs no server, which would take processors
        with tempfile.TemporaryDirectory() as folder:
            file = args.keep or Path(folder) / "report.html"
            file.write_bytes(content)
            opened = [open_file(browser, file) for _ in range(args.rounds)]
        browser.close()
    figures = re.findall(rb"data-figure=[^>]*>[^<]*<", content)
    if len(figures) != N_CHARTS:
        raise SystemExit(f"the file has {len(figures)} figures")
    curve_bytes = sum(map(len, figures))
    name = f"file of {N_CHARTS} charts × {N_RUNS} runs"
    finish(
        [
            Figure(f"{name}: size", len(content) / 1e6, "MB", MAX_MB),
            Figure(f"{name}: of it, curves", curve_bytes / 1e6, "MB"),
            Figure(f"{name}: published with its figures", publish_secs, "s"),
            Figure(f"{name}: made by the server", export_secs, "s"),
            Figure(f"{name}: scripts begun", median(o.begun_secs for o in opened), "s"),
            Figure(f"{name}: first chart", median(o.drawn_secs for o in opened), "s", MAX_SECS),
            Figure(f"{name}: first chart, least", min(o.drawn_secs for o in opened), "s"),
            Figure(f"{name}: first chart, CPU", median(o.cpu_secs for o in opened), "s"),
        ],
        args.json,
    )


if __name__ == "__main__":
    main()
