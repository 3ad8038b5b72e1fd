"""One data point's whole way: one assertion per stop of docs/architecture.md, in its order."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import nanoarrow
import pytest
from playwright.sync_api import expect, sync_playwright

from server_process import ServerProcess, start_server, wait_until
from weft.records.record import Key, Row
from weft.runlog.layout import logs_of, run_directories
from weft.runlog.reader import LogTail, read_records
from weft.server.http.uploads.decode import decode_upload
from weft.server.storage.contract import SeriesQuery
from weft.server.storage.metrics import SqliteMetricStore

ROOT = Path(__file__).parents[2]
VALUE = 0.3125
RUN = "point001"

SCRIPT = f"""
import sys, weft
run = weft.init(project="walk", id="{RUN}")
sys.stdin.readline()
run.log({{"loss": {VALUE}}})
print("logged", flush=True)
sys.stdin.readline()
run.finish()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with start_server(tmp_path) as running:
        yield running


class Events:
    """The project's live events, as a browser gets them."""

    def __init__(self, url: str) -> None:
        self.changes: list[dict[str, object]] = []
        self.said_hello = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(url,), daemon=True)
        self._thread.start()

    def _read(self, url: str) -> None:
        try:
            with httpx.stream("GET", url, timeout=60) as answer:
                for line in answer.iter_lines():
                    if line == "event: hello":
                        self.said_hello.set()
                    elif line.startswith("data:") and '"runs"' in line:
                        self.changes.append(json.loads(line[5:])["runs"])
        except httpx.HTTPError:
            pass  # the server is stopped before the reader

    def has_key(self, key: str) -> bool:
        for runs in list(self.changes):
            change = runs.get(RUN)
            if isinstance(change, dict) and key in (change["keys"] or [key]):
                return True
        return False


def test_the_walk_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    stops = re.findall(r"^\| \d+ \| `([^`]+)`", text, re.MULTILINE)
    assert len(stops) == 19
    assert [stop for stop in stops if not (ROOT / stop).exists()] == []


def test_follow_one_point(server: ServerProcess, tmp_path: Path) -> None:
    api = f"{server.url}/api/v1/projects/local/walk"
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=server.environment | {"WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"},
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    wait_until(lambda: httpx.get(f"{api}/runs/{RUN}").status_code == 200, what="the run")
    events = Events(f"{api}/events")
    assert events.said_hello.wait(20)

    # 1, 2: log() has returned; 3, 4: so the row is in the writer's file.
    script.stdin.write("log\n")
    script.stdin.flush()
    assert script.stdout.readline() == "logged\n"
    (directory,) = run_directories(tmp_path / "weft")
    log = next(path for path in logs_of(directory) if Key(0, "loss") in read_records(path))
    (row,) = [record for record in read_records(log) if isinstance(record, Row)]
    assert (row.step, row.values) == (0, [VALUE])

    # 5: the tail reads whole frames.
    tail = LogTail(log)
    stretch = tail.read()
    tail.close()
    assert stretch.end == log.stat().st_size

    # 7, 8: the server makes columns of them.
    upload = decode_upload(stretch.data, writer=log.name.split(".")[1])
    (segment,) = upload.segments
    (column,) = segment.rows.columns["loss"]
    assert (column.kind, list(column.values)) == ("float", [VALUE])

    # 6, 9, 10: uploaded, applied, durable: the history has the row.
    def history() -> list[dict[str, object]]:
        return httpx.get(f"{api}/runs/{RUN}/history").json()["rows"]

    wait_until(lambda: len(history()) == 1, what="the row at the server")
    assert (history()[0]["_step"], history()[0]["loss"]) == (0, VALUE)

    # 11: pages were told.
    wait_until(lambda: events.has_key("loss"), what="the live event")

    # 14, 15, 16: a panel's answer.
    answer = httpx.post(
        f"{api}/series",
        json={"panels": [{"runs": [RUN], "keys": ["loss"], "axis": "step", "n_buckets": 400}]},
    )
    (series,) = nanoarrow.ArrayStream.from_readable(answer.content).read_all().to_pylist()
    assert (series["n_points"], series["base"] + series["mean"][0]) == (1, VALUE)

    # 13, 17, 18, 19: the panel is on the page, with the run in its legend.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"{server.url}/local/walk")
        panel = page.locator('[data-metric="loss"]')
        expect(panel).to_be_visible()
        expect(panel.locator("canvas").first).to_be_visible()
        browser.close()

    script.stdin.write("finish\n")
    script.stdin.close()
    assert script.wait(60) == 0
    script.stdout.close()
    wait_until(
        lambda: httpx.get(f"{api}/runs/{RUN}").json()["state"] == "finished", what="the end"
    )
    server.stop()

    # 12: compaction makes a chunk of the row, and changes no answer.
    (file,) = (tmp_path / "data" / "metrics").glob("*.db")
    store = SqliteMetricStore(file)
    query = SeriesQuery([RUN], ["loss"])
    before = store.series(query)
    store.compact(until_idle=True)
    (after,) = store.series(query)
    assert (before[0].mean[0], after.mean[0], after.count[0]) == (VALUE, VALUE, 1)
    store.close()
