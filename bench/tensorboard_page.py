"""TensorBoard's page with the same curves: time until they are drawn, spikes it kept."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from peers import environment, python_of
from workspace_curves import run_id, spike_steps

WORKER = Path(__file__).parent / "tensorboard_page_worker.py"
LOADED_SECS = 600.0
DRAWN_SECS = 120.0

# Where the charts in view are. They draw by WebGL, which only a picture of the page can show.
CHARTS = """() => [...document.querySelectorAll("line-chart canvas")]
  .map(canvas => canvas.getBoundingClientRect())
  .filter(box => box.width > 0 && box.bottom > 0 && box.top < innerHeight)
  .map(box => [box.left, box.top, box.right, Math.min(box.bottom, innerHeight)].map(Math.round))"""

COLOURED = 60
"""How far the parts of a colour are apart where it is no grey of axes and grid."""


@dataclass
class PageTimes:
    """What a page took, s, and how many of the spikes it has."""

    first_secs: float
    whole_secs: float
    n_charts: int
    spikes_kept: float


def measure_tensorboard(
    browser: Browser, viewport: ViewportSize, n_runs: int, n_rows: int, names: list[str]
) -> PageTimes:
    """Write the event files, let TensorBoard read them, open its page with all runs chosen."""
    python = python_of("tensorboard")
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        folder = Path(name)
        sizes = [str(n_runs), str(len(names)), str(n_rows)]
        subprocess.run(
            [python, WORKER, folder / "logs", *sizes, *names], check=True, env=environment(folder)
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [python, "-m", "tensorboard.main", "--logdir", folder / "logs", "--port", str(port),
             "--reload_interval", "3600"],
            env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_read(url, process.pid, n_runs)
            page = browser.new_page(viewport=viewport)
            times = [_open(page, url) for _ in range(3)]
            page.close()
            first, whole, n_charts = sorted(times)[1]
            return PageTimes(first, whole, n_charts, _spikes_kept(url, n_runs, n_rows, names))
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_read(url: str, pid: int, n_runs: int) -> None:
    """Until all runs are listed, and it and its reader have done no work for some seconds."""
    end = time.monotonic() + LOADED_SECS
    spent = -1
    while time.monotonic() < end:
        time.sleep(3)
        readers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        before, spent = spent, sum(map(_cpu_ticks, [str(pid), *readers]))
        try:
            with urllib.request.urlopen(f"{url}/data/plugin/timeseries/tags") as answer:
                listed = json.load(answer)["scalars"]["runTagInfo"]
        except OSError:
            continue
        if len(listed) == n_runs and spent - before < 30:
            return
    raise SystemExit("TensorBoard did not read its files")


def _cpu_ticks(pid: str) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _open(page: Page, url: str) -> tuple[float, float, int]:
    page.goto("about:blank")
    begin = time.perf_counter()
    page.goto(f"{url}/#timeseries")
    # Of more than forty runs it shows none until they are chosen.
    every = page.locator("runs-data-table input[type=checkbox]").first
    every.wait_for()
    if not every.is_checked():
        every.check()
    first = 0.0
    while time.perf_counter() - begin < DRAWN_SECS:
        charts = page.evaluate(CHARTS)
        seen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), np.int16)
        took = time.perf_counter() - begin
        spread = seen.max(axis=2) - seen.min(axis=2)
        drawn = [
            np.count_nonzero(spread[top:bottom, left:right] > COLOURED) > 500
            for left, top, right, bottom in charts
        ]
        if any(drawn) and not first:
            first = took
        if drawn and all(drawn):
            return first, took, len(charts)
        time.sleep(0.05)
    raise SystemExit("TensorBoard did not draw its charts")


def _spikes_kept(url: str, n_runs: int, n_rows: int, names: list[str]) -> float:
    place = f"{url}/experiment/defaultExperimentId/data/plugin/timeseries/timeSeries"
    kept = 0
    for key, name in enumerate(names):
        asked = json.dumps([{"plugin": "scalars", "tag": name}])
        body = urllib.parse.urlencode({"requests": asked}).encode()
        with urllib.request.urlopen(place, body) as answer:
            series = json.load(answer)[0]["runToSeries"]
        for number in range(n_runs):
            spike = spike_steps(number, len(names), n_rows)[key]
            kept += any(point["step"] == spike for point in series[run_id(number)])
    return kept / (n_runs * len(names))
