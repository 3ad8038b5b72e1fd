"""A real server in a process of its own: uploads, answers, live events, start and end."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nanoarrow
import numpy as np
import pytest
import zstandard

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.records.limits import MAX_UPLOAD_BYTES
from weft_command import run_weft

PROBLEM = "application/problem+json"


@pytest.fixture
def log(request: pytest.FixtureRequest) -> HandMadeLog:
    """A log of two keys and 100 rows, in a project of the test's own."""
    name = request.node.name.replace("[", "-").replace("]", "")[:100]
    log = HandMadeLog(project="".join(c if c.isalnum() or c in "-_" else "-" for c in name))
    log.keys("loss", "train/acc")
    log.rows([[1.0 / (i + 1), i] for i in range(100)])
    return log


def history(client: httpx.Client, log: HandMadeLog) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = {"limit": 30} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"{log.path}/history", params=query).raise_for_status().json()
        rows += page["rows"]
        cursor = page["cursor"]
        if cursor is None:
            return rows


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == PROBLEM
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["detail"]
    assert "Traceback" not in answer.text
    return document


# --- uploads ----------------------------------------------------------------------------------


def test_an_upload_is_acknowledged_and_read_back(client: httpx.Client, log: HandMadeLog) -> None:
    log.config(lr=0.1, nan=float("nan"))
    log.finish()
    answer = log.upload(client, **{"X-Weft-Live": "0"})
    ack = answer.json()
    assert abs(ack.pop("time_micros") / 1e6 - time.time()) < 60
    rest = {"pause_millis": 0, "n_lacking": 0, "entity": "local", "warning": None}
    assert ack == {"position": len(log.data), "stop": False, "stopped_by": None, **rest}
    run = client.get(log.path).json()
    assert (run["id"], run["state"], run["exit_code"]) == ("run1", "finished", 0)
    assert run["config"] == {"lr": 0.1, "nan": "NaN"}
    assert run["summary"]["train/acc"] == 99
    rows = history(client, log)
    assert [row["train/acc"] for row in rows] == list(range(100))
    assert [row["_step"] for row in rows] == list(range(100))
    assert rows[9]["loss"] == 0.1


def test_an_upload_cut_anywhere_between_frames_arrives_once(
    client: httpx.Client, log: HandMadeLog
) -> None:
    start = 0
    for end in [log.ends[0], log.ends[2], log.ends[40], log.ends[41], log.ends[-1]]:
        assert log.upload(client, start, end).json()["position"] == end
        start = end
    assert len(history(client, log)) == 100


def test_repeated_reordered_and_overlapping_uploads_count_nothing_twice(
    client: httpx.Client, log: HandMadeLog
) -> None:
    middle, later = log.ends[30], log.ends[60]
    too_early = assert_problem(log.upload(client, middle, later), 409, "position")
    assert too_early["position"] == 0
    assert log.upload(client, 0, middle).status_code == 200
    repeated = assert_problem(log.upload(client, 0, middle), 409, "position")
    assert repeated["position"] == middle
    overlapping = assert_problem(log.upload(client, log.ends[20], later), 409, "position")
    assert overlapping["position"] == middle
    assert log.upload(client, middle).status_code == 200
    assert len(history(client, log)) == 100


def test_bodies_that_are_no_whole_frames_change_nothing(
    client: httpx.Client, log: HandMadeLog
) -> None:
    whole = log.data
    broken = bytearray(whole)
    broken[log.ends[50] + 14] ^= 1
    packed = zstandard.compress(whole)
    bodies = {
        "torn in the last frame": zstandard.compress(whole[:-3]),
        "torn in the header": zstandard.compress(whole[: log.ends[0] - 1]),
        "a flipped bit": zstandard.compress(bytes(broken)),
        "no run log": zstandard.compress(b"hello" * 100),
        "not zstd": whole,
        "truncated zstd": packed[:-4],
        "bytes behind the zstd frame": packed + b"more",
        "nothing in the zstd frame": zstandard.compress(b""),
    }
    for fault, body in bodies.items():
        document = assert_problem(log.post(client, body, 0), 400, "corrupt_log")
        assert document["detail"], fault
    assert client.get(log.path).status_code == 404
    assert log.upload(client).status_code == 200
    after = zstandard.compress(whole[log.ends[-2] :] + b"\xc1")
    assert_problem(log.post(client, after, len(whole)), 400, "corrupt_log")
    assert len(history(client, log)) == 100


def test_the_log_of_another_run_or_writer_is_refused(
    client: httpx.Client, log: HandMadeLog
) -> None:
    log.run = "run2"
    assert_problem(log.upload(client), 400, "corrupt_log")


@pytest.mark.parametrize("with_size", [True, False])
def test_an_upload_that_unpacks_to_too_much_is_refused(
    client: httpx.Client, log: HandMadeLog, with_size: bool
) -> None:
    packer = zstandard.ZstdCompressor(write_content_size=with_size).compressobj(
        size=MAX_UPLOAD_BYTES + 1 if with_size else -1
    )
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(MAX_UPLOAD_BYTES >> 20))
    body += packer.compress(b"\0") + packer.flush()
    assert len(body) < 100_000
    assert_problem(log.post(client, body, 0), 413, "limit")


def test_a_body_that_is_too_large_is_refused_unread(
    server: ServerProcess, log: HandMadeLog
) -> None:
    connection = http.client.HTTPConnection(server.url.partition("//")[2], timeout=30)
    with contextlib.closing(connection):
        connection.putrequest("POST", f"{log.path}/log/{log.writer}?position=0")
        connection.putheader("Content-Length", str(MAX_UPLOAD_BYTES + 1))
        connection.endheaders(b"only the first bytes of it")
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["code"]) == (413, "limit")


@pytest.mark.parametrize("position", ["", "-1", "x", "1.5", "9" * 30])
def test_a_position_that_is_none_is_refused(
    client: httpx.Client, log: HandMadeLog, position: str
) -> None:
    assert_problem(log.post(client, b"", position), 400, "invalid")


def test_a_beat_is_acknowledged_where_the_log_ends(client: httpx.Client, log: HandMadeLog) -> None:
    log.upload(client)
    answer = log.post(client, b"", len(log.data), **{"X-Weft-Live": "1"})
    assert answer.json()["position"] == len(log.data)


def test_a_beat_that_believes_too_much_is_put_right(
    client: httpx.Client, log: HandMadeLog
) -> None:
    log.upload(client, 0, log.ends[50])
    for position in (log.ends[49], len(log.data)):
        document = assert_problem(log.post(client, b"", position), 409, "position")
        assert document["position"] == log.ends[50]


def test_a_record_that_breaks_a_rule_is_left_out_and_shown(
    client: httpx.Client, log: HandMadeLog
) -> None:
    n_rows = log.n_rows
    log.add([3, 0, 0, "no step", [1]])
    log.add([3, 77, 0, 5, [1]])
    log.rows([[1.0, 2.0]])
    assert log.upload(client).json()["position"] == len(log.data)
    assert len(history(client, log)) == n_rows + 1
    (warning,) = client.get(log.path).json()["warnings"]
    assert warning.startswith("2 records of the log were refused: ")


@pytest.mark.parametrize("n_uploads", [1, 2, 4])
def test_steps_read_back_the_same_however_the_log_was_cut(
    client: httpx.Client, log: HandMadeLog, n_uploads: int
) -> None:
    first = len(log.ends) - 1
    steps = [-1, 0.5, 2**53 + 1, -3.0, 2**60, -2.25, -7, 1e300]
    for step in steps:
        log.add([3, 0, 0, step, [1.0, 2.0]])
    log.upload(client, 0, log.ends[first])
    cuts = [log.ends[first + len(steps) * i // n_uploads] for i in range(n_uploads + 1)]
    for start, end in itertools.pairwise(cuts):
        assert log.upload(client, start, end).status_code == 200
    numbers = [row["_step"] for row in history(client, log)]
    added = [step for step in numbers if step not in range(100)]
    assert repr(added) == repr([-7, -3, -2.25, -1, 0.5, 2**53 + 1, 2**60, 1e300])


def test_a_copy_of_a_log_that_went_on_apart_is_told_so(
    client: httpx.Client, log: HandMadeLog
) -> None:
    end = log.ends[-2]
    log.upload(client, 0, end)
    crc = int.from_bytes(log.data[log.ends[-3] + 2 : log.ends[-3] + 6], "little")
    packed = zstandard.compress(log.data[end:])
    address = f"{log.path}/log/{log.writer}?position={end}&after="
    for wrong in ("5", "zzzzzzzz", "0123ABCD"):
        assert_problem(client.post(address + wrong, content=packed), 400, "invalid")
    other = client.post(f"{address}{crc ^ 1:08x}", content=packed)
    assert_problem(other, 409, "diverged")
    assert client.post(f"{address}{crc:08x}", content=packed).status_code == 200


def test_a_log_of_a_later_format_is_not_taken(client: httpx.Client, log: HandMadeLog) -> None:
    log.data = log.data[:10] + b"\x63\x00" + log.data[12:]
    assert_problem(log.upload(client), 400, "newer_log")
    assert client.get(log.path).status_code == 404


def test_a_window_that_asks_for_much_memory_is_refused(
    client: httpx.Client, log: HandMadeLog
) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=25)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = packer.compress(log.data) + packer.flush()
    assert_problem(log.post(client, body, 0), 400, "corrupt_log")


def test_a_deleted_run_stays_deleted(client: httpx.Client, log: HandMadeLog) -> None:
    log.upload(client, 0, log.ends[50])
    assert client.delete(log.path).status_code == 204
    assert_problem(log.upload(client, log.ends[50]), 410, "gone")
    assert_problem(log.upload(client), 410, "gone")
    assert_problem(log.post(client, b"", 0), 410, "gone")
    assert client.get(log.path).status_code in {404, 410}


def test_uploads_of_many_writers_at_once_are_all_there(client: httpx.Client) -> None:
    logs = [HandMadeLog(writer=f"writer{i}", project="many") for i in range(12)]
    failures: list[str] = []

    def send(log: HandMadeLog) -> None:
        log.keys("x")
        log.rows([[float(i)] for i in range(200)])
        cuts = [0, *log.ends[20::20], len(log.data)]
        with httpx.Client(base_url=client.base_url, timeout=30, trust_env=False) as own:
            for start, end in itertools.pairwise(cuts):
                answer = log.upload(own, start, end)
                if answer.status_code != 200:
                    failures.append(answer.text)

    threads = [threading.Thread(target=send, args=[log]) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    (metric,) = client.get("/api/v1/projects/local/many/metrics").json()["metrics"]
    assert (metric["key"], metric["n_runs"], metric["n_points"]) == ("x", 1, 12 * 200)
    assert (metric["kinds"], metric["origins"]) == (["float"], ["logged"])


# --- reading ----------------------------------------------------------------------------------


def ask_series(client: httpx.Client, log: HandMadeLog, body: dict[str, Any]) -> list[Any]:
    answer = client.post(f"/api/v1/projects/local/{log.project}/series", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    stream = nanoarrow.c_array_stream(nanoarrow.ArrayStream.from_readable(answer.content))
    return [nanoarrow.Array(batch).to_pylist() for batch in stream]


def test_series_equal_brute_force(client: httpx.Client) -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(1000, 1, 5000)
    values[1234] = np.inf
    values[77] = np.nan
    log = HandMadeLog(project="brute")
    log.keys("x")
    log.rows([[value] for value in values.tolist()])
    assert log.upload(client).status_code == 200
    panels = [
        {"runs": ["run1"], "keys": ["x", "none"], "n_buckets": 100},
        {"runs": ["nobody"], "keys": ["x"]},
        {"runs": ["run1"], "keys": ["x"], "lo": 1000, "hi": 1100, "n_buckets": 64},
    ]
    answer = ask_series(client, log, {"panels": panels, "full": True})
    assert [len(batch) for batch in answer] == [1, 0, 1]
    for batch, (lo, hi) in zip([answer[0], answer[2]], [(0, 5000), (1000, 1100)], strict=True):
        (row,) = batch
        width = 2 ** row["level"]
        for at, offset in enumerate(row["bucket"]):
            bucket = row["first_bucket"] + offset
            inside = values[max(0, bucket * width) : (bucket + 1) * width]
            finite = inside[np.isfinite(inside)]
            assert row["min64"][at] == finite.min()
            assert row["max64"][at] == finite.max()
            assert row["count"][at] == len(finite)
            assert row["mean64"][at] == pytest.approx(finite.mean(), rel=1e-12)
            assert row["base"] + row["min"][at] == pytest.approx(finite.min(), rel=1e-6)
            assert bucket * width < hi
            assert (bucket + 1) * width > lo
    whole = answer[0][0]
    assert whole["n_points"] == 4998
    assert sum(whole["nan"]) == sum(whole["pos_inf"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"{}",
        b'{"panels": [{"runs": "a", "keys": []}]}',
        b'{"panels": [{"runs": ["a"], "keys": ["b"], "axis": "other"}]}',
        b'{"panels": [{"runs": ["a"], "keys": ["b"], "n_buckets": 5}]}',
    ],
)
def test_a_question_that_makes_no_sense_is_a_problem(
    client: httpx.Client, log: HandMadeLog, body: bytes
) -> None:
    log.upload(client)
    answer = client.post(f"/api/v1/projects/local/{log.project}/series", content=body)
    assert_problem(answer, 400, "invalid")


def test_runs_are_listed_edited_and_found(client: httpx.Client, log: HandMadeLog) -> None:
    log.upload(client)
    edit = {
        "name": "a better name",
        "tags": ["x"],
        "notes": "why",
        "config": {"set": [[["lr"], float("1e-3")]], "removed": []},
    }
    run = client.patch(log.path, json=edit).json()
    assert (run["name"], run["tags"], run["notes"]) == ("a better name", ["x"], "why")
    assert run["config"] == {"lr": 1e-3}
    runs = f"/api/v1/projects/local/{log.project}/runs"
    assert client.get(runs, params={"search": "BETTER"}).json()["total"] == 1
    assert client.get(runs, params={"search": "worse"}).json()["runs"] == []
    project = client.get(f"/api/v1/projects/local/{log.project}").json()
    assert (project["entity"], project["n_runs"]) == ("local", 1)
    named = [project["project"] for project in client.get("/api/v1/projects").json()["projects"]]
    assert log.project in named


@pytest.mark.parametrize(
    "edit", [{"colour": "x"}, {"name": ""}, {"name": 5}, {"tags": "x"}, {"config": {"lr": 1}}]
)
def test_an_edit_that_makes_no_sense_is_a_problem(
    client: httpx.Client, log: HandMadeLog, edit: dict[str, Any]
) -> None:
    log.upload(client)
    assert_problem(client.patch(log.path, json=edit), 400, "invalid")


def test_a_stop_reaches_the_writer_with_its_next_answer(
    client: httpx.Client, log: HandMadeLog
) -> None:
    log.upload(client, 0, log.ends[50], **{"X-Weft-Live": "1"})
    assert client.post(f"{log.path}/stop").status_code == 202
    ack = log.upload(client, log.ends[50], **{"X-Weft-Live": "1"}).json()
    assert (ack["stop"], ack["stopped_by"]) == (True, "a user of the web page or the API")


def test_a_metric_is_deleted_by_its_whole_name(client: httpx.Client, log: HandMadeLog) -> None:
    log.upload(client)
    assert client.delete(f"{log.path}/metrics/train/acc").status_code == 204
    metrics = client.get(f"/api/v1/projects/local/{log.project}/metrics").json()["metrics"]
    assert [metric["key"] for metric in metrics] == ["loss"]


def test_history_is_msgpack_where_asked_and_keys_may_hold_commas(client: httpx.Client) -> None:
    log = HandMadeLog(project="commas")
    log.keys("a,b", "c")
    log.rows([[float("nan"), 2]])
    log.upload(client)
    import msgspec

    answer = client.get(
        f"{log.path}/history", params={"key": "a,b"}, headers={"Accept": "application/msgpack"}
    )
    (row,) = msgspec.msgpack.decode(answer.content)["rows"]
    assert np.isnan(row["a,b"])
    assert "c" not in row
    (row,) = client.get(f"{log.path}/history").json()["rows"]
    assert row["a,b"] == "NaN"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/projects/local/nothing", 404),
        ("GET", "/api/v1/projects/local/nothing/runs/x", 404),
        ("GET", "/api/v1/no/such/address", 404),
        ("PUT", "/api/v1/projects", 405),
        ("POST", "/healthz", 405),
    ],
)
def test_unknown_things_are_problems(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    code = "not_found" if status == 404 else "invalid"
    assert_problem(client.request(method, path), status, code)


def test_large_json_is_packed_and_small_is_not(client: httpx.Client, log: HandMadeLog) -> None:
    log.upload(client)
    large = client.get(f"{log.path}/history", headers={"Accept-Encoding": "gzip"})
    assert large.headers["content-encoding"] == "gzip"
    assert len(large.json()["rows"]) == 100
    small = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers


@at_length
def test_the_openapi_document_describes_every_route(client: httpx.Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/projects/{entity}/{project}/series" in document["paths"]
    # A path that is described is served: asked with nonsense it is no unknown address.
    for path, operations in document["paths"].items():
        for method in operations:
            filled = path.replace("{", "x").replace("}", "")
            answer = client.request(method, filled, timeout=5) if "events" not in path else None
            if answer is not None and answer.status_code in {404, 405}:
                assert "no such address" not in answer.text


# --- live -------------------------------------------------------------------------------------


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_live_events_tell_what_changed(client: httpx.Client, log: HandMadeLog) -> None:
    address = f"/api/v1/projects/local/{log.project}/events"
    with client.stream("GET", address) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = events(response)
        name, data = next(stream)
        server_id = client.get("/api/v1/server").json()["server"]
        now = data["now_micros"]
        assert now > 0
        expected = {"server": server_id, "now_micros": now, "changed_micros": 0}
        assert (name, data) == ("hello", expected)
        log.upload(client)
        keys: set[str] = set()
        has_meta = False
        while not (keys >= {"loss", "train/acc"} and has_meta):
            name, data = next(stream)
            assert name == "change"
            change = data["runs"]["run1"]
            keys |= set(change["keys"] or ["loss", "train/acc"])
            has_meta = has_meta or change["meta"]


# --- start and end ----------------------------------------------------------------------------


def test_everything_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    log = HandMadeLog()
    log.keys("x")
    log.rows([[i] for i in range(50)])
    first = start_server(tmp_path)
    with httpx.Client(base_url=first.url, trust_env=False) as client:
        assert log.upload(client, 0, log.ends[30]).status_code == 200
        first.kill()
    with (
        start_server(tmp_path) as second,
        httpx.Client(base_url=second.url, trust_env=False) as client,
    ):
        assert log.upload(client).json()["position"] == log.ends[30]
        assert log.upload(client, log.ends[30]).status_code == 200
        assert [row["x"] for row in history(client, log)] == list(range(50))


def test_a_second_server_names_the_holder_and_ends(server: ServerProcess, tmp_path: Path) -> None:
    second = run_weft("server", "--port", 0, "--data", server.data)
    assert second.exit_code == 2
    assert str(server.pid) in second.stderr
    assert server.url in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_said_in_one_line(server: ServerProcess, tmp_path: Path) -> None:
    port = server.url.rpartition(":")[2]
    second = run_weft("server", "--port", port, "--data", tmp_path / "other")
    assert second.exit_code == 2
    assert f":{port}: address already in use" in second.stderr
    assert "--port" in second.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_though_pages_listen(tmp_path: Path, number: signal.Signals) -> None:
    # After this it would cut what has not ended by itself.
    patient = "from weft.cli.server import serve; serve._END_SECS = 60"
    server = start_server(tmp_path, before=patient)
    with (
        httpx.Client(base_url=server.url, trust_env=False) as client,
        client.stream("GET", "/api/v1/projects/local/p/events") as response,
    ):
        stream = events(response)
        assert next(stream)[0] == "hello"
        server.process.send_signal(number)
        assert list(stream) == []  # the stream ends whole, it is not cut
    assert server.stop() == 0


def is_serving(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    return False


def test_its_address_is_announced_only_on_the_default_directory(tmp_path: Path) -> None:
    state = tmp_path / "xdg/xdg_state_home/weft/server.json"
    with start_server(tmp_path) as elsewhere:
        assert not state.exists()
        default = str(Path(elsewhere.environment["XDG_DATA_HOME"]) / "weft")
    process = subprocess.Popen(
        [sys.executable, "-m", "weft.cli.main", "server", "--port", "0"],
        env=elsewhere.environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(state.exists, what="server.json")
        file = json.loads(state.read_text())
        assert (file["pid"], state.stat().st_mode & 0o777) == (process.pid, 0o600)
        assert file["token"] == Path(default, "token").read_text().strip()
        # It is announced a moment before it serves.
        wait_until(lambda: is_serving(file["address"]), what="the server")
        status = run_weft("status", env=elsewhere.environment)
        assert file["address"] in status.stdout
        assert "?token=" in status.stdout
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not state.exists()


def test_help_and_version() -> None:
    def weft(*arguments: str) -> str:
        done = run_weft(*arguments)
        assert done.exit_code == 0
        return done.stdout

    assert {"server", "ui", "sync", "status"} <= set(weft("--help").split())
    assert weft("--version").startswith("weft ")


# --- weft ui ----------------------------------------------------------------------------------


def test_ui_follows_the_logs_of_a_directory(tmp_path: Path) -> None:
    log = HandMadeLog()
    log.keys("x")
    log.rows([[i] for i in range(20)])
    directory = tmp_path / "work/weft/run-20260101_000000-run1"
    directory.mkdir(parents=True)
    file = directory / "run-run1.writer1.weft"
    file.write_bytes(log.data[: log.ends[10]] + log.data[log.ends[10] : log.ends[11] - 2])
    with (
        start_server(tmp_path, str(tmp_path / "work"), command="ui") as ui,
        httpx.Client(base_url=ui.url, trust_env=False) as client,
    ):

        def n_rows() -> int:
            answer = client.get(f"{log.path}/history")
            return len(answer.json()["rows"]) if answer.status_code == 200 else 0

        n_whole = 10 - 3  # of the first ten frames after the header one is Run, two name the key
        wait_until(lambda: n_rows() == n_whole, what="the rows that are whole")
        file.write_bytes(log.data)
        wait_until(lambda: n_rows() == 20, what="the rows that came later")
        # A copy changes nothing; a further writer's log joins the run.
        copy = tmp_path / "work/weft/run-20260102_000000-run1"
        copy.mkdir()
        (copy / file.name).write_bytes(log.data)
        other = HandMadeLog(writer="writer2")
        other.keys("y")
        other.rows([[1.5]])
        (copy / "run-run1.writer2.weft").write_bytes(other.data)
        wait_until(lambda: n_rows() == 21, what="the second writer")
        runs = client.get("/api/v1/projects/local/p/runs").json()
        assert [run["id"] for run in runs["runs"]] == ["run1"]
