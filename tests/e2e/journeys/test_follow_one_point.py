"""One data point's whole way: one assertion per stop of docs/architecture.md, in its order."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import zstandard
from playwright.sync_api import Page, expect

from chart_pixels import LineChart, css_color, surface_color, wait_for
from chart_questions import ask
from server_process import ServerProcess, wait_until
from weft.records.record import Key, Row
from weft.runlog.format import encode_frame, encode_payload
from weft.runlog.layout import logs_of, run_directories
from weft.runlog.reader import LogTail, read_records
from weft.server.intake.uploads.decode import decode_upload
from weft.server.storage.contract import SeriesQuery
from weft.server.storage.metrics import SqliteMetricStore

ROOT = Path(__file__).parents[3]
VALUE = 0.3125
RUN = "point001"
HOUR_MICROS = 3_600_000_000

SCRIPT = f"""
import sys, weft
run = weft.init(project="walk", id="{RUN}", name="{RUN}")
sys.stdin.readline()
run.log({{"loss": {VALUE}}})
print("logged", flush=True)
sys.stdin.readline()
run.finish()
"""


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
    assert len(stops) == 19 + 7 + 6, "a row, then a file, then an artifact"
    assert [stop for stop in stops if not (ROOT / stop).exists()] == []


def test_follow_one_point(own_server: ServerProcess, page: Page, tmp_path: Path) -> None:
    authorized = {"Authorization": f"Bearer {own_server.token}"}
    api = f"{own_server.url}/api/v1/projects/local/walk"
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=own_server.environment | {"WEFT_BASE_URL": own_server.url, "WEFT_SILENT": "true"},
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    wait_until(lambda: httpx.get(f"{api}/runs/{RUN}").status_code == 200, what="the run")
    events = Events(f"{api}/events")
    assert events.said_hello.wait(60)

    page.goto(f"{own_server.url}/local/walk")
    expect(page.get_by_role("link", name=RUN)).to_be_visible()
    expect(page.locator("[data-metric]")).to_have_count(0)

    # 1: log() has returned, and the script goes on.
    script.stdin.write("log\n")
    script.stdin.flush()
    assert script.stdout.readline() == "logged\n"

    # 2: a row with its step and values.
    (directory,) = run_directories(tmp_path / "weft")
    log = next(path for path in logs_of(directory) if Key(0, "loss") in read_records(path))
    (row,) = [record for record in read_records(log) if isinstance(record, Row)]
    assert (row.step, row.values) == (0, [VALUE])

    # 3, 4: its frame is in the writer's file.
    assert encode_frame(encode_payload(row)) in log.read_bytes()

    # 5: the tail reads whole frames.
    tail = LogTail(log)
    part = tail.read()
    tail.close()
    assert part.end == log.stat().st_size

    # 6: uploaded: the server's copy has what the file had; the script may have written more.
    writer = log.name.split(".")[1]

    def send(data: bytes, position: int) -> httpx.Response:
        url = f"{api}/runs/{RUN}/log/{writer}?position={position}"
        return httpx.post(url, content=zstandard.compress(data), headers=authorized)

    def position() -> int:
        return send(b"", 10**9).json().get("position", 0)

    wait_until(lambda: position() >= part.end, what="the upload")

    # 7: unpacked, and only whole frames are taken.
    wait_until(lambda: send(b"no frame", position()).status_code == 400, what="the refusal")

    # 8: records and columns.
    upload = decode_upload(part.data, writer=writer)
    (segment,) = upload.segments
    (column,) = segment.rows.columns["loss"]
    assert (column.kind, list(column.values)) == ("float", [VALUE])

    # 9: applied to the run that it belongs to.
    wait_until(
        lambda: httpx.get(f"{api}/runs/{RUN}").json()["summary"].get("loss") == VALUE,
        what="the summary",
    )

    # 10: durable, once: the history has the row.
    (shown,) = httpx.get(f"{api}/runs/{RUN}/history").json()["rows"]
    assert (shown["_step"], shown["loss"]) == (0, VALUE)

    # 11: followers were told.
    wait_until(lambda: events.has_key("loss"), what="the live event")

    # 13: the page was told, too: it has the panel without having been loaded again.
    panel = page.locator('[data-metric="loss"]')
    expect(panel).to_be_visible()
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1

    # 14: the panel's answer is Arrow.
    ((series,),) = ask(own_server, "walk", {"runs": [RUN], "keys": ["loss"]})

    # 15: of the run that was asked for, with its origin.
    assert (series["run"], series["key"]) == (RUN, "loss")
    assert abs(series["origin_micros"] - time.time_ns() // 1000) < HOUR_MICROS

    # 16: one bucket with the value.
    assert (series["n_points"], list(series["mean64"])) == (1, [VALUE])

    # 17: the chart has the columns, drawn as a bar until a second point comes.
    chart = panel.locator(".plot")
    expect(chart).to_have_attribute("aria-label", "loss: 1 bar")
    panel.get_by_role("button", name="Panel menu").click()
    page.get_by_role("menuitem", name="Draw as points").click()
    expect(chart).to_have_attribute("aria-label", "loss: 1 curve of 1 point")

    # 18: the panel has the run in its legend, in the run's colour.
    color = css_color(page.locator(".run-row .sw-dot"), "backgroundColor")
    expect(panel.locator(".legend")).to_have_text(RUN)
    assert (css_color(panel.locator(".legend .swatch")) == color).all()

    # 19: a dot of that colour in the middle, as there is nothing else to see.
    ends = (VALUE * 0.9, VALUE * 1.1)
    drawn = LineChart(chart, surface_color(page, "light"), (-0.5, 0.5), ends)
    wait_for(lambda: drawn.picture().curve_faults(color, {0.0: VALUE}), [])

    script.stdin.write("finish\n")
    script.stdin.close()
    assert script.wait(120) == 0
    script.stdout.close()
    wait_until(
        lambda: httpx.get(f"{api}/runs/{RUN}").json()["state"] == "finished", what="the end"
    )
    own_server.stop()

    # 12: compaction makes a chunk of the row, and changes no answer.
    (file,) = (tmp_path / "data" / "metrics").glob("*.db")
    store = SqliteMetricStore(file)
    query = SeriesQuery([RUN], ["loss"])
    before = store.series(query)
    store.compact(until_idle=True)
    (after,) = store.series(query)
    assert (before[0].mean[0], after.mean[0], after.count[0]) == (VALUE, VALUE, 1)
    store.close()
