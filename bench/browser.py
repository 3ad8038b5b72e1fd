"""Home and the workspace in Chromium: first paint; 100 runs × 20 charts, crosshair, pan, zoom.

Software rendering (`--disable-gpu`), 1600 × 2100 so that all 20 charts are in view. What is drawn
is read from the pixels of the canvases, so the page can't report itself faster than it is.

TensorBoard stands beside a project of the same runs with six metrics: both pages are opened at
their plain address in a fresh browser, told by one click to show all runs, have the same six
charts in view, and are watched by the same pictures.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import io
import json
import re
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow.ipc
import zstandard
from playwright.sync_api import Browser, BrowserType, Page, Response, ViewportSize, sync_playwright

from gestures import Gestures
from logs import LogMaker, metric_name
from measure import ROOT, Figure, Server, arguments, finish, median, running_server
from pictures import Charts, secs_until_drawn
from tensorboard_page import measure_tensorboard
from weft.records.record import Exit
from weft.runlog.format import encode_frame, encode_payload
from workspace_curves import SPIKE, curves, run_id, spike_steps

SECTIONS = ("train", "val", "grad", "perf")
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu"]
N_KEYS = 20
BARE_PAGE = """<!doctype html><meta charset="utf-8"><div id="root"></div>
<script type="module">
import { createElement } from "react";
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("root")).render(createElement("p", null, "weft"));
</script>"""
PEER_SECTIONS = ("train",)
N_PEER_KEYS = 6
PEER_VIEWPORT: ViewportSize = {"width": 1600, "height": 1700}
"""Tall enough for all six on either page."""

IDLE_SECS = 40
"""Longer than the server is silent on a stream of events."""

PART_BYTES = 2 << 20
PART_FRAMES = 5_000
VIEWPORT: ViewportSize = {"width": 1600, "height": 2100}
"""Tall enough for all 20 charts."""

# How many canvases in view show a curve: a coloured pixel, where axes and grid are grey.
DRAWN = """() => [...document.querySelectorAll("[data-metric] canvas")].filter(canvas => {
  const box = canvas.getBoundingClientRect();
  if (!canvas.width || box.bottom < 0 || box.top > innerHeight) return false;
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    const low = Math.min(data[i], data[i + 1], data[i + 2]);
    if (data[i + 3] > 60 && Math.max(data[i], data[i + 1], data[i + 2]) - low > 60) return true;
  }
  return false;
}).length"""

CHART_BOXES = """() => [...document.querySelectorAll("[data-metric]")]
  .map(panel => panel.querySelector("canvas")?.getBoundingClientRect())
  .filter(box => box && box.width > 0 && box.bottom > 0 && box.top < innerHeight)
  .map(box => [box.left, box.top, box.right, Math.min(box.bottom, innerHeight)].map(Math.round))"""

PANELS_IN_VIEW = """() => [...document.querySelectorAll("[data-metric]")].filter(panel => {
  const box = panel.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}).length"""


def seed(
    server: Server, project: str, sections: tuple[str, ...], n_runs: int, n_keys: int, n_rows: int
) -> None:
    """Upload finished runs of noisy curves through the API."""
    for number in range(n_runs):
        log = LogMaker(run_id(number), n_keys, project=project, sections=sections)
        frames = [log.head]
        for step, row in enumerate(curves(number, n_runs, n_keys, n_rows).tolist()):
            frames.append(encode_frame(encode_payload([3, 0, step * 10_000, step, row])))
        frames.append(encode_frame(encode_payload(Exit(n_rows * 10_000, 0))))
        upload(server, project, log, frames)


def upload(server: Server, project: str, log: LogMaker, frames: list[bytes]) -> None:
    """Send a run's whole log."""
    path = f"/api/v1/projects/local/{project}/runs/{log.header.run_id}/log/{log.writer_id}"
    position = 0
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        for part in parts_of(frames):
            body = zstandard.compress(b"".join(part), 1)
            connection.request("POST", f"{path}?position={position}", body)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise SystemExit(f"upload refused: {answer.status} {text!r}")
            position = json.loads(text)["position"]


def parts_of(frames: list[bytes]) -> Iterator[list[bytes]]:
    """Frames as requests take them: some MB each."""
    part: list[bytes] = []
    n_bytes = 0
    for frame in frames:
        part.append(frame)
        n_bytes += len(frame)
        if n_bytes > PART_BYTES or len(part) == PART_FRAMES:
            yield part
            part, n_bytes = [], 0
    if part:
        yield part


def series_request(server: Server, n_runs: int, n_keys: int) -> tuple[float, float]:
    """Seconds of server time and MB of one request for all panels at panel width."""
    body = json.dumps(
        {
            "panels": [
                {
                    "runs": [run_id(n) for n in range(n_runs)],
                    "keys": [metric_name(k, SECTIONS)],
                    "axis": "step",
                    "n_buckets": 400,
                }
                for k in range(n_keys)
            ]
        }
    ).encode()
    took, size = [], 0
    for _ in range(5):
        request = urllib.request.Request(
            f"{server.url}/api/v1/projects/local/bench/series",
            body,
            {"Content-Type": "application/json"},
        )
        cpu = server.cpu_secs()
        with urllib.request.urlopen(request) as answer:
            size = len(answer.read())
        took.append(server.cpu_secs() - cpu)
    return median(took), size / 1e6


def wait_drawn(page: Page, n_charts: int, begin: float) -> float:
    while time.perf_counter() - begin < 60:
        if page.evaluate(DRAWN) >= n_charts:
            return time.perf_counter() - begin
        time.sleep(0.02)
    raise SystemExit(f"only {page.evaluate(DRAWN)} of {n_charts} charts were drawn in 60 s")


class Traffic:
    """Traffic of a page: bytes on the wire, of all and of curves; scripts."""

    def __init__(self, page: Page) -> None:
        self.n_bytes = self.n_series_bytes = self.n_script_bytes = 0
        self.scripts: list[Response] = []
        self._series: set[str] = set()
        self._scripts: set[str] = set()
        page.on("response", self._note)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._begin)
        session.on("Network.dataReceived", self._count)

    def _begin(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].endswith("/series"):
            self._series.add(event["requestId"])
        if event["request"]["url"].endswith(".js"):
            self._scripts.add(event["requestId"])

    def _count(self, event: dict[str, Any]) -> None:
        self.n_bytes += event["encodedDataLength"]
        if event["requestId"] in self._series:
            self.n_series_bytes += event["encodedDataLength"]
        if event["requestId"] in self._scripts:
            self.n_script_bytes += event["encodedDataLength"]

    def _note(self, response: Response) -> None:
        if response.url.endswith(".js"):
            self.scripts.append(response)

    def clear(self) -> None:
        self.n_bytes = self.n_series_bytes = 0
        self.scripts.clear()

    def script_bytes(self) -> int:
        """Of all scripts so far, as gzip makes them."""
        return sum(len(gzip.compress(script.body(), 9)) for script in self.scripts)


# Keeps a copy of each answer with curves, as the page gets it.
KEEP_SERIES = """(() => {
  const fetch = window.fetch;
  window.keptSeries = [];
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    if (answer.url.endsWith("/series")) window.keptSeries.push(answer.clone().arrayBuffer());
    return answer;
  };
})()"""

KEPT_SERIES = """async () => {
  const texts = [];
  for (const kept of await Promise.allSettled(window.keptSeries)) {
    if (kept.status === "rejected") continue;  // the page gave it up
    const bytes = new Uint8Array(kept.value);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768)
      text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    texts.push(btoa(text));
  }
  return texts;
}"""


def spikes_kept(page: Page, url: str, n_runs: int, names: list[str], n_rows: int) -> float:
    """Part of the curves whose spike is the maximum of the bucket that it lies in, as a page gets
    them."""
    page.add_init_script(KEEP_SERIES)
    page.goto(url)
    wait_drawn(page, page.evaluate(PANELS_IN_VIEW) or 1, time.perf_counter())
    page.wait_for_load_state("networkidle")
    numbers = {run_id(number): number for number in range(n_runs)}
    spikes: set[tuple[str, str]] = set()
    for text in page.evaluate(KEPT_SERIES):
        # One Arrow stream after the other: a panel is a message of its own.
        for batch in batches_of(base64.b64decode(text)):
            for row in batch:
                if row["run"] in numbers and row["key"] in names:
                    number, key = numbers[row["run"]], names.index(row["key"])
                    step = int(spike_steps(number, len(names), n_rows)[key])
                    at = (step >> row["level"]) - row["first_bucket"]
                    if at in row["bucket"]:
                        most = row["max"][row["bucket"].index(at)] * row["scale"] + row["base"]
                        if most > SPIKE - 1:
                            spikes.add((row["run"], row["key"]))
    return len(spikes) / (n_runs * len(names))


def batches_of(body: bytes) -> Iterator[list[dict[str, Any]]]:
    """The rows of each Arrow message of an answer."""
    stream = io.BytesIO(body)
    while stream.tell() < len(body):
        with pyarrow.ipc.open_stream(stream) as reader:
            for batch in reader:
                yield batch.to_pylist()


def measure_page(page: Page, server: Server, n_keys: int, n_rows: int) -> list[Figure]:
    traffic = Traffic(page)
    url = f"{server.url}/local/bench"
    page.goto(url)  # once, so that the figure is of the page and not of a cold disk
    wait_drawn(page, 1, time.perf_counter())
    page.get_by_role("button", name="Show all", exact=True).last.click()
    page.get_by_text(re.compile("100 of 100 runs shown")).wait_for()
    page.wait_for_url(lambda url: "?" in url)
    url = page.url  # now says that all runs are shown
    first: list[float] = []
    whole: list[float] = []
    for _ in range(3):
        traffic.clear()
        begin = time.perf_counter()
        page.goto(url)
        first.append(wait_drawn(page, 3, begin))
        whole.append(wait_drawn(page, page.evaluate(PANELS_IN_VIEW), begin))
    if page.evaluate(PANELS_IN_VIEW) != 20 or not page.get_by_text("100 of 100").count():
        raise SystemExit("the page does not show 20 charts of 100 runs")
    page.wait_for_load_state("networkidle")
    series_mb = traffic.n_series_bytes / 1e6
    script_kb = traffic.script_bytes() / 1e3
    page.request_gc()  # of the pages opened before this one
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    traffic.clear()
    time.sleep(IDLE_SECS)
    idle_bytes = traffic.n_bytes
    box = page.locator("[data-metric] canvas").first.bounding_box()
    assert box
    gestures = Gestures(page, box)
    moved = [
        *gestures.crosshair().figures("crosshair over 100 runs"),
        *gestures.pan().figures("pan over 100 runs"),
        *gestures.zoom().figures("zoom over 100 runs"),
    ]
    names = [metric_name(k, SECTIONS) for k in range(n_keys)]
    share = spikes_kept(page, url, 100, names, n_rows)
    return [
        Figure("workspace of 100 runs × 20 charts: first charts", median(first), "s", 1.0),
        Figure("workspace of 100 runs × 20 charts: all in view", median(whole), "s", 2.5),
        Figure("workspace: JavaScript heap", heap, "MB", 200),
        Figure("workspace: one-step spikes kept", share * 100, "%", 100, at_least=True),
        Figure("workspace: sent for the charts in view", series_mb, "MB", 5),
        Figure("workspace: JavaScript, gzip", script_kb, "KB", 350),
        Figure(f"an idle open page receives in {IDLE_SECS} s", idle_bytes, "bytes"),
        *moved,
    ]


# Prints the milliseconds from the request until an element was painted.
WATCH_FOR = """(() => {
  const look = () => {
    if (document.querySelector(%s)) requestAnimationFrame(() => setTimeout(() => {
      console.log("painted after", performance.now());
    }));
    else requestAnimationFrame(look);
  };
  look();
})()"""


def measure_cold(browser_type: BrowserType, url: str, selector: str) -> tuple[float, float]:
    """Seconds until a page shows an element, and KB of its scripts as they were sent.

    The median of five browsers, each of which starts without any file of the app.
    """
    secs: list[float] = []
    script_kb = 0.0
    for _ in range(5):
        browser = browser_type.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        traffic = Traffic(page)
        page.add_init_script(WATCH_FOR % json.dumps(selector))
        # waited for without questions, which would take time from the page on the same cores
        with page.expect_console_message(
            lambda message: message.text.startswith("painted after"), timeout=60_000
        ) as painted:
            page.goto(url)
        secs.append(float(painted.value.text.split()[-1]) / 1e3)
        script_kb = traffic.n_script_bytes / 1e3
        browser.close()
    return median(secs), script_kb


class QuietHandler(SimpleHTTPRequestHandler):
    """A handler that logs no requests."""

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name of the base class


def measure_bare_page(browser_type: BrowserType) -> float:
    """Seconds until a cold browser shows one React paragraph: the least that an app takes."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_text(BARE_PAGE)
        Path(folder, "node_modules").symlink_to(ROOT / "web/node_modules")
        vite = ROOT / "web/node_modules/.bin/vite"
        subprocess.run([vite, "build", "--logLevel", "warn"], cwd=folder, check=True)
        handler = partial(QuietHandler, directory=f"{folder}/dist")
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever).start()
            url = f"http://127.0.0.1:{server.server_port}"
            secs, _ = measure_cold(browser_type, url, "p")
            server.shutdown()
    return secs


def cold_figures(browser_type: BrowserType, server: Server) -> list[Figure]:
    """Home, and a workspace of 100 runs as a first visit shows it."""
    home_secs, home_kb = measure_cold(browser_type, server.url, "#page a[href*='/runs/']")
    secs, kb = measure_cold(browser_type, f"{server.url}/local/bench", "[data-metric] canvas")
    peer, bare_secs = "page of one React paragraph", measure_bare_page(browser_type)
    return [
        Figure("Home, cold browser: first runs", home_secs, "s", 0.5,
               peer=peer, peer_figure=bare_secs),
        Figure("Home: scripts as sent", home_kb, "KB", 350),
        Figure("workspace of 100 runs, cold browser: first chart", secs, "s", 1.0,
               peer=peer, peer_figure=bare_secs),
        Figure("workspace: scripts as sent", kb, "KB", 350),
    ]  # fmt: skip


def beside_tensorboard(browser: Browser, server: Server, n_runs: int, n_rows: int) -> list[Figure]:
    """The same six charts of the same runs on both pages."""
    names = [metric_name(k, PEER_SECTIONS) for k in range(N_PEER_KEYS)]
    own: list[Opened] = []
    # A project each, because the first visit leaves the view with all runs shown.
    for project in ("peer0", "peer1", "peer2"):
        seed(server, project, PEER_SECTIONS, n_runs, N_PEER_KEYS, n_rows)
        own.append(open_all_runs(browser, f"{server.url}/local/{project}"))
    page = browser.new_page(viewport=PEER_VIEWPORT)
    share = spikes_kept(page, own[0].url, n_runs, names, n_rows)
    page.close()
    peer = measure_tensorboard(browser, PEER_VIEWPORT, n_runs, n_rows, names)
    title = f"{n_runs} runs × {N_PEER_KEYS} charts, fresh browser"
    return [
        Figure(f"{title}: all drawn", median([own_page.secs for own_page in own]), "s",
               peer="TensorBoard", peer_figure=peer.drawn_secs),
        Figure(f"{title}: one-step spikes kept", share * 100, "%", at_least=True,
               peer="TensorBoard", peer_figure=peer.spikes_kept * 100),
    ]  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """Seconds until a page was drawn, and its address, which says that all runs are shown."""

    secs: float
    url: str


def open_all_runs(browser: Browser, url: str) -> Opened:
    """Open a project in a fresh browser and show all of its runs."""
    page = browser.new_page(viewport=PEER_VIEWPORT)
    begin = time.perf_counter()
    page.goto(url)
    page.get_by_role("button", name="Show all", exact=True).last.click()
    secs = secs_until_drawn(page, Charts(CHART_BOXES, N_PEER_KEYS), begin)
    opened = Opened(secs, page.url)
    page.close()
    return opened


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--points", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        seed(server, "bench", SECTIONS, args.runs, N_KEYS, args.points)
        secs, size = series_request(server, args.runs, N_KEYS)
        figures = [
            Figure("100 runs × 20 charts, N = 400: server time", secs * 1e3, "ms", 500),
            Figure("100 runs × 20 charts, N = 400: on the wire", size, "MB", 12),
        ]
        with sync_playwright() as playwright:
            figures += cold_figures(playwright.chromium, server)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
            page = browser.new_page(viewport=VIEWPORT)
            figures += measure_page(page, server, N_KEYS, args.points)
            page.close()
            figures += beside_tensorboard(browser, server, args.runs, args.points)
            browser.close()
    finish(figures, args.json)


if __name__ == "__main__":
    main()
