"""TensorBoard's page with the same curves: time until they are drawn, spikes it kept."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from measure import median
from peers import environment, peer_server, python_of
from pictures import Charts, secs_until_drawn
from workspace_curves import run_id, spike_steps

WORKER = Path(__file__).parent / "tensorboard_page_worker.py"
LOADED_SECS = 600.0

# Where the charts in view are. They draw by WebGL, which only a picture of the page can show.
CHARTS = """() => [...document.querySelectorAll("line-chart canvas")]
  .map(canvas => canvas.getBoundingClientRect())
  .filter(box => box.width > 0 && box.bottom > 0 && box.top < innerHeight)
  .map(box => [box.left, box.top, box.right, Math.min(box.bottom, innerHeight)].map(Math.round))"""


@dataclass
class PageTimes:
    """Seconds that a page took, and its share of the spikes."""

    drawn_secs: float
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
        command = [
            "tensorboard.main",
            "--logdir",
            str(folder / "logs"),
            "--reload_interval",
            "3600",
        ]
        with peer_server("tensorboard", command, folder) as (url, pid):
            _wait_until_read(url, pid, n_runs)
            took = median([_open(browser, viewport, url, len(names)) for _ in range(3)])
            return PageTimes(took, _spikes_kept(url, n_runs, n_rows, names))


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


def _open(browser: Browser, viewport: ViewportSize, url: str, n_charts: int) -> float:
    page = browser.new_page(viewport=viewport)
    begin = time.perf_counter()
    page.goto(f"{url}/#timeseries")
    # Of more than forty runs it shows none until they are chosen.
    page.locator("runs-data-table input[type=checkbox]").first.check()
    took = secs_until_drawn(page, Charts(CHARTS, n_charts), begin)
    page.close()
    return took


def _spikes_kept(url: str, n_runs: int, n_rows: int, names: list[str]) -> float:
    address = f"{url}/experiment/defaultExperimentId/data/plugin/timeseries/timeSeries"
    n_spikes = 0
    for key, name in enumerate(names):
        requests = json.dumps([{"plugin": "scalars", "tag": name}])
        body = urllib.parse.urlencode({"requests": requests}).encode()
        with urllib.request.urlopen(address, body) as answer:
            series = json.load(answer)[0]["runToSeries"]
        for number in range(n_runs):
            spike = spike_steps(number, len(names), n_rows)[key]
            n_spikes += any(point["step"] == spike for point in series[run_id(number)])
    return n_spikes / (n_runs * len(names))
