"""The page of a run in real Chromium: opened, searched, stepped through, filtered, scrolled.

The run has 10 million points, 100,000 lines, 10,000 images and a table of a million rows; another
one has a million lines. TensorBoard shows the same images, and MLflow a run with less, 100,000
points, as it takes a thousand a request; its images are below its charts, out of view. A page
counts as open at the first frame in which it holds what it is asked for, after the begin of its
navigation. Each was opened once before in the same browser, so its scripts are in the cache.

    python bench/run_page.py [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from console_search import fill
from gestures import FRAMES, STOP_FRAMES
from images import n_stored
from measure import Figure, Server, arguments, finish, median, percentile, running_server
from peers import environment, peer_server, python_of

HERE = Path(__file__).parent
VIEWPORT: ViewportSize = {"width": 1600, "height": 1000}
N_OPENED = 5
N_STEPS = 40
N_SCROLLED = 80
STORED_SECS = 900.0
PEER_POINTS = 100_000
MLFLOW_IMAGES = 100

# Looked for at each frame from the begin of the navigation on. The app forbids `eval`, so what is
# looked for becomes a part of the script.
WATCH = """(() => {
  const find = () => %s;
  window.foundAfter = null;
  const look = () => {
    if (document.body && find()) window.foundAfter = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""

# From an event to the first frame in which something holds, ms.
TIMED = """() => {
  const find = () => %s;
  window.timed = new Promise((resolve, reject) => {
    addEventListener("%s", ({timeStamp}) => {
      const look = () => {
        if (find()) resolve(performance.now() - timeStamp);
        else if (performance.now() - timeStamp > 20000) reject(new Error("not seen"));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, {capture: true, once: true});
  });
}"""

METRICS_SHOWN = "/train\\/loss/.test(document.querySelector('main')?.innerText ?? '')"
LINES_SHOWN = "document.querySelectorAll('.log-row .log-text > span').length > 10"
IMAGE_SHOWN = """[...document.querySelectorAll('[data-kind=media] img')]
  .some((image) => image.complete && image.naturalWidth > 0)"""
# A curve crosses the middle of its chart; to read more would slow the page down.
CHARTS_SHOWN = """[...document.querySelectorAll('[data-metric] canvas')].filter((canvas) => {
  if (!canvas.width) return false;
  const {data} = canvas.getContext('2d').getImageData(canvas.width / 2, 0, 3, canvas.height);
  for (let i = 0; i < data.length; i += 4)
    if (data[i + 3] > 60 && Math.max(data[i], data[i + 1], data[i + 2])
        - Math.min(data[i], data[i + 1], data[i + 2]) > 60) return true;
  return false;
}).length >= 3"""
# The images of TensorBoard's and MLflow's pages, wherever they are in the tree.
ANY_IMAGE_SHOWN = """(() => {
  const all = (root) => [...root.querySelectorAll('*')].flatMap((one) =>
    [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  return all(document).some((one) =>
    one.tagName === 'IMG' && one.complete && one.naturalWidth === 64);
})()"""


def opened(browser: Browser, url: str, find: str) -> float:
    """Milliseconds until a page holds what is looked for; the median of those after the first."""
    times: list[float] = []
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(WATCH % find)
    for _ in range(1 + N_OPENED):
        page = context.new_page()
        page.goto(url, wait_until="commit")
        end = time.monotonic() + 60
        while (after := page.evaluate("() => window.foundAfter")) is None:
            if time.monotonic() > end:
                raise SystemExit(f"{url} did not open")
            time.sleep(0.02)
        times.append(after)
        page.wait_for_timeout(1000)
        page.close()
    context.close()
    return median(times[1:])


def timed(page: Page, act: Callable[[], object], event: str, find: str) -> float:
    """Milliseconds from an act's event to what it brings about."""
    page.evaluate(TIMED % (find, event))
    act()
    return float(page.evaluate("() => window.timed"))


def searched(page: Page, url: str) -> float:
    """From Enter to the first hit on the page, in a million lines; other words each time."""
    page.goto(f"{url}/local/bench/runs/plain/logs")
    page.locator(".log-row").first.wait_for()
    field = page.get_by_role("textbox", name="Search logs")
    times: list[float] = []
    for number in range(1, N_OPENED + 1):
        text = f"overflow at step {number * 10_007},"
        field.fill(text[:-1])
        page.wait_for_timeout(600)
        page.keyboard.press("Enter")
        find = "document.querySelector('.log-line.cur mark')?.textContent.endsWith(',')"
        page.evaluate(TIMED % (find, "input"))
        page.keyboard.type(",")
        page.keyboard.press("Enter")
        times.append(float(page.evaluate("() => window.timed")))
    return median(times)


def stepped(page: Page, url: str) -> list[float]:
    """From a key on the step slider to the next image."""
    page.goto(f"{url}/local/bench/runs/big/media?metric=val%2Fimage")
    slider = page.get_by_role("slider", name="Step", exact=True)
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1500)
    times: list[float] = []
    for _ in range(N_STEPS):
        before = page.locator("[data-kind=media] img").first.get_attribute("src")
        find = f"""[...document.querySelectorAll('[data-kind=media] img')].some((image) =>
          image.getAttribute('src') !== {json.dumps(before)} && image.complete
          && image.naturalWidth > 0)"""
        times.append(timed(page, lambda: page.keyboard.press("ArrowRight"), "keydown", find))
        page.wait_for_timeout(150)
    return times


def filtered(page: Page, url: str, n_rows: int) -> tuple[float, float]:
    """From the last key of a filter, and from a click that orders the rows, to the rows."""
    page.goto(f"{url}/local/bench/runs/big/media?metric=predictions")
    page.get_by_role("row").nth(3).wait_for()
    total = f"of {n_rows:,} rows"
    took: list[float] = []
    ordered: list[float] = []
    for number in range(N_OPENED):
        page.get_by_role("button", name="Filter by score").click()
        low = page.get_by_role("textbox", name="At least")
        low.fill(f"0.9{number}")
        status = page.locator(".tbl-tools [role=status]")
        page.wait_for_timeout(1500)
        before = status.inner_text()
        assert total in before, before
        # the text is empty until the rows are those that were asked for
        find = f"""[...document.querySelectorAll('.tbl-tools [role=status]')].some((one) =>
          one.textContent.includes({json.dumps(total)})
          && one.textContent !== {json.dumps(before)})"""
        took.append(timed(page, lambda: page.keyboard.type("5"), "input", find))
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Clear the filters").click()
        page.wait_for_timeout(500)
    orders = ("score", "score", "text", "text", "class")  # none is asked for twice
    for column in orders:
        first = page.locator(".tbl-row").first.inner_text()
        find = f"document.querySelector('.tbl-row')?.innerText !== {json.dumps(first)}"
        head = page.get_by_role("columnheader", name=column).locator(".sort")
        ordered.append(timed(page, head.click, "click", find))
        page.wait_for_timeout(500)
    return median(took), median(ordered)


def scrolled(page: Page, of: str) -> list[float]:
    """Frames a second while an element is scrolled by the wheel."""
    box = page.locator(of).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(FRAMES)
    for _ in range(N_SCROLLED):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(16)
    times: list[float] = page.evaluate(STOP_FRAMES)
    return times


def seeded(data: Path, args: argparse.Namespace) -> None:
    """Fill a data directory: the run with a million lines, then by a script the one with all."""
    fill(data, args.search_lines, data.with_name("plain.log"))
    with running_server(data) as server, tempfile.TemporaryDirectory() as folder:
        sizes = [args.rows, args.lines, args.images, args.table_rows]
        env = environment(Path(folder)) | {"WEFT_BASE_URL": server.url, "WEFT_MODE": "online"}
        subprocess.run(
            [sys.executable, HERE / "run_page_script.py", *map(str, sizes)],
            env=env, cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + STORED_SECS
        while n_stored(server, "big") < args.images + 1:
            if time.monotonic() > end:
                raise SystemExit("the images did not arrive")
            time.sleep(2)


def weft_figures(browser: Browser, server: Server, args: argparse.Namespace) -> list[Figure]:
    """The times of weft's page: overview, charts, logs and images first."""
    url = f"{server.url}/local/bench/runs/big"
    images = f"{url}/media?metric=val%2Fimage"
    figures = [
        Figure("run page: overview open", opened(browser, url, METRICS_SHOWN), "ms", 1000),
        Figure(
            "run page: charts drawn", opened(browser, f"{url}/charts", CHARTS_SHOWN), "ms", 1000
        ),
        Figure("run page: logs open", opened(browser, f"{url}/logs", LINES_SHOWN), "ms", 1000),
        Figure(
            f"run page: the last of {args.images:,} images shown",
            opened(browser, images, IMAGE_SHOWN),
            "ms",
            1000,
        ),
    ]
    page = browser.new_page(viewport=VIEWPORT)
    figures.append(
        Figure(f"search in {args.search_lines:,} lines: first hit drawn",
               searched(page, server.url), "ms", 300)
    )  # fmt: skip
    lines = scrolled(page, ".log-term")
    steps = stepped(page, server.url)
    filter_ms, ordered = filtered(page, server.url, args.table_rows)
    figures += [
        Figure(f"step slider over {args.images:,} images, p50", median(steps), "ms", 50),
        Figure(f"step slider over {args.images:,} images, p95", percentile(steps, 95), "ms"),
        Figure(f"table of {args.table_rows:,} rows: filter", filter_ms, "ms", 300),
        Figure(f"table of {args.table_rows:,} rows: order", ordered, "ms"),
        Figure("scrolling a log", 1000 * len(lines) / sum(lines), "fps", 50, at_least=True),
    ]
    page.close()
    return figures


def written(peer: str, kind: str, folder: Path, n_images: int) -> str:
    """Have a peer write its run; what it says of it."""
    return subprocess.run(
        [python_of(peer), HERE / "run_page_peers_worker.py", kind, folder, str(n_images),
         str(PEER_POINTS)],
        env=environment(folder), check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip


def tensorboard_millis(browser: Browser, n_images: int) -> float:
    """Until TensorBoard's page of images shows one."""
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        folder = Path(name)
        written("tensorboard", "tensorboard", folder, n_images)
        sample_option = f"images={n_images}"  # of more it shows a sample
        command = ["tensorboard.main", "--logdir", name, "--samples_per_plugin", sample_option]
        with peer_server("tensorboard", command, folder) as (url, _):
            images = f"{url}/data/plugin/images/images?run=.&tag=val%2Fimage&sample=0"
            n_read = 0
            while n_read < n_images:
                time.sleep(1)
                with contextlib.suppress(OSError), urllib.request.urlopen(images) as answer:
                    n_read = len(json.load(answer))
            return opened(browser, f"{url}/#images", ANY_IMAGE_SHOWN)


def mlflow_millis(browser: Browser) -> tuple[float, float]:
    """Until MLflow's page of a run shows its metrics, and until three of its charts are drawn."""
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        folder = Path(name)
        experiment, run = written("mlflow-server", "mlflow", folder, MLFLOW_IMAGES).split()
        store = ["--backend-store-uri", f"sqlite:///{name}/mlflow.db", "--workers", "1"]
        command = ["mlflow", "server", *store, "--default-artifact-root", f"file://{name}/a"]
        with peer_server("mlflow-server", command, folder) as (url, _):
            page = f"{url}/#/experiments/{experiment}/runs/{run}"
            shown = "/train_m9/.test(document.body.innerText)"
            drawn = "document.querySelectorAll('.js-plotly-plot .scatterlayer path').length >= 3"
            return opened(browser, page, shown), opened(browser, f"{page}/model-metrics", drawn)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--table-rows", type=int, default=1_000_000)
    parser.add_argument("--search-lines", type=int, default=1_000_000)
    parser.add_argument("--peers", default="tensorboard,mlflow", help="those to compare with")
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="weft-bench-") as name,
        sync_playwright() as playwright,
    ):
        data = Path(name) / "data"
        data.mkdir()
        seeded(data, args)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        with running_server(data) as server:
            figures = weft_figures(browser, server, args)
        if "tensorboard" in args.peers:
            images = figures[3]
            images.peer = "TensorBoard"
            images.peer_figure = tensorboard_millis(browser, args.images)
        if "mlflow" in args.peers:
            for figure, millis in zip(figures, mlflow_millis(browser), strict=False):
                figure.peer, figure.peer_figure = "MLflow, 100 × fewer points", millis
        browser.close()
    finish(figures, args.json)


if __name__ == "__main__":
    main()
