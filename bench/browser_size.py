"""Large projects in real Chromium: 600 and 1,000 panels, 100,000 runs, 100,000 metric names.

What is timed is what a person does: open the page, scroll by wheel, type into the search.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from browser import upload
from gestures import FRAMES, STOP_FRAMES
from logs import LogMaker
from measure import Figure, arguments, finish, median, running_server
from runs_table import make_runs
from weft.records.record import Exit
from weft.runlog.format import encode_frame, encode_payload

N_RUNS = 100_000
N_NAMES = 100_000
N_PANELS = 1_000
WHEELS = 60


def write_run(
    project: str, number: int, n_keys: int, n_rows: int, in_section: int = 50
) -> tuple[LogMaker, list[bytes]]:
    """A finished run of smooth curves in sections of so many."""
    sections = tuple(f"s{k:03}" for k in range(math.ceil(n_keys / in_section)))
    log = LogMaker(f"size{number:04}", n_keys, project=project, sections=sections)
    frames = [*log.head_frames]
    for step in range(n_rows):
        row = [math.sin(step / (5 + key % 40)) + number * 0.1 for key in range(n_keys)]
        frames.append(encode_frame(encode_payload([3, 0, step * 10_000, step, row])))
    frames.append(encode_frame(encode_payload(Exit(n_rows * 10_000, 0))))
    return log, frames


def scrolled(page: Page, over: str, by_px: int) -> list[float]:
    """Frame times, ms, while the wheel turns over an element."""
    box = page.locator(over).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(FRAMES)
    for _ in range(WHEELS):
        page.mouse.wheel(0, by_px)
        time.sleep(0.016)
    frames: list[float] = page.evaluate(STOP_FRAMES)
    return frames


def until(page: Page, script: str, argument: object = None) -> float:
    """Seconds until a script gives something true."""
    begin = time.perf_counter()
    page.wait_for_function(script, arg=argument, polling=10, timeout=60_000)
    return time.perf_counter() - begin


def opened(page: Page, url: str, script: str) -> float:
    """Seconds from going to an address until a script gives something true; of the third time."""
    for _ in range(3):
        page.goto("about:blank")
        begin = time.perf_counter()
        page.goto(url)
        until(page, script)
        took = time.perf_counter() - begin
    return took


HAS_PANEL = "() => document.querySelectorAll('[data-metric] canvas').length > 0"
HAS_ROWS = "() => document.querySelectorAll('[role=treegrid] [role=row]').length > 10"


def typed(page: Page, name: str, text: str, message: str) -> float:
    """Milliseconds from typing a search until its result is there."""
    field = page.get_by_role("textbox", name=name)
    took: list[float] = []
    for _ in range(3):
        field.fill("")
        time.sleep(1)
        begin = time.perf_counter()
        field.fill(text)
        until(page, message, text)
        took.append((time.perf_counter() - begin) * 1e3)
    return median(took)


def frame_figures(title: str, frames: list[float]) -> list[Figure]:
    return [
        Figure(f"{title}: median", 1000 / median(frames), "fps", 50, at_least=True),
        Figure(f"{title}: longest frame", max(frames), "ms", 100),
    ]


def heap_mb(page: Page) -> float:
    return page.evaluate("performance.memory.usedJSHeapSize") / 1e6


def measure_panels(page: Page, url: str) -> list[Figure]:
    took = opened(page, f"{url}/local/thousand", HAS_PANEL)
    before = heap_mb(page)
    frames = scrolled(page, "[role=group][aria-label='Panels, scrolled']", 300)
    return [
        Figure(f"{N_PANELS:,} panels: first charts", took, "s"),
        *frame_figures(f"{N_PANELS:,} panels, scrolled", frames),
        Figure(f"{N_PANELS:,} panels: heap before", before, "MB"),
        Figure(f"{N_PANELS:,} panels: heap after scrolling", heap_mb(page), "MB", 200),
    ]


# Notes when the frame after each key was painted.
WATCH_KEYS = """() => {
  window.keyMillis = [];
  document.addEventListener("keydown", () => {
    const begin = performance.now();
    const note = () => window.keyMillis.push(performance.now() - begin);
    requestAnimationFrame(() => setTimeout(note));
  }, true);
}"""


def key_millis(page: Page, name: str, text: str, role: Literal["textbox", "combobox"]) -> float:
    """Milliseconds from a key in a field to its paint, the median over a text."""
    page.get_by_role(role, name=name).first.focus()
    page.evaluate(WATCH_KEYS)
    for key in text:
        page.keyboard.press(key)
        time.sleep(0.4)
    return median(page.evaluate("window.keyMillis"))


def measure_sections(page: Page, url: str) -> list[Figure]:
    opened(page, f"{url}/local/sections", HAS_PANEL)
    frames = scrolled(page, "[role=group][aria-label='Panels, scrolled']", 300)
    figures = frame_figures("30 sections × 20 panels, scrolled", frames)
    for name, text in (("Search runs", "size00"), ("Search panels", "metric")):
        figures.append(
            Figure(
                f"600 panels: a key in {name}", key_millis(page, name, text, "textbox"), "ms", 30
            )
        )
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    palette = key_millis(page, "", "metric", "combobox")
    figures.append(Figure("600 panels: a key in the palette", palette, "ms", 30))
    return figures


def measure_table(page: Page, url: str) -> list[Figure]:
    took = opened(page, f"{url}/local/p/runs", HAS_ROWS)
    frames = scrolled(page, "[role=treegrid]", 600)
    return [
        Figure(f"table of {N_RUNS:,} runs: first rows", took, "s"),
        *frame_figures(f"table of {N_RUNS:,} runs, scrolled", frames),
        Figure(f"table of {N_RUNS:,} runs: heap", heap_mb(page), "MB", 200),
    ]


def measure_names(page: Page, url: str) -> list[Figure]:
    took = opened(page, f"{url}/local/names", HAS_PANEL)
    search = typed(
        page,
        "Search panels",
        "/77777",
        "text => document.querySelectorAll(`[data-metric*='${text}']`).length > 0"
        " && document.querySelectorAll('[data-metric]').length < 5",
    )
    return [
        Figure(f"{N_NAMES:,} metric names: first charts", took, "s", 2.0),
        Figure(f"{N_NAMES:,} metric names: search", search, "ms", 200),
    ]


def main() -> None:
    args = arguments(__doc__).parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        data = Path(folder)
        make_runs(data / "metadata.db", N_RUNS)
        with running_server(data) as server, sync_playwright() as playwright:
            for number in range(10):
                upload(server, "sections", *write_run("sections", number, 600, 200, in_section=20))
                upload(server, "thousand", *write_run("thousand", number, N_PANELS, 200))
            upload(server, "names", *write_run("names", 0, N_NAMES, 3))
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            measures: list[Callable[[Page, str], list[Figure]]] = [
                measure_sections, measure_panels, measure_table, measure_names
            ]  # fmt: skip
            for measure in measures:
                page = browser.new_page(viewport={"width": 1600, "height": 1000})
                figures += measure(page, server.url)
                page.close()
            browser.close()
    finish(figures, args.json)


if __name__ == "__main__":
    main()
