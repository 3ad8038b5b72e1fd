"""Requests of the official client by hand: keys, lines sent again, errors that it understands."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from at_length import at_length
from gateway_wire import Wire, history
from live_runs import LiveServer
from server_process import ServerProcess, start_server, wait_until
from wandb_client import KEY
from weft_command import run_weft

VIEWER = "query Viewer { viewer { id entity username flags } }"


@pytest.fixture
def wire(live: LiveServer) -> Wire:
    return Wire(live.url)


def rows_of(live: LiveServer, path: str) -> list[tuple[Any, Any]]:
    return [(row["_step"], row.get("v")) for row in live.api.run(path).scan_history()]


def test_a_key_without_users(live: LiveServer) -> None:
    assert Wire(live.url).data(VIEWER)["viewer"]["entity"] == "local"
    assert Wire(live.url, live.process.token).data(VIEWER)["viewer"]["username"] == "local"
    assert live.process.token.startswith("local-")
    assert len(live.process.token) == len("local-") + 43
    refused = Wire(live.url, "short").ask(VIEWER)
    assert refused.status_code == 401
    assert "key" in refused.json()["errors"][0]["message"]


Lab = tuple[ServerProcess, dict[str, str]]
"""A server, and the keys of its users."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_server(tmp_path_factory.mktemp("lab")) as server:
        keys = {}
        for name in ("ada", "bob"):
            done = run_weft("server", "user", "add", name, "--data", server.data, "--json")
            keys[name] = done.report["api_key"]
        chosen = "team-" + "k" * 123
        run_weft(
            "server", "user", "add", "crew", "--api-key", chosen, "--data", server.data, "--json"
        )
        keys["crew"] = chosen
        yield server, keys


def test_with_users_the_key_decides(lab: Lab) -> None:
    server, keys = lab
    for name, key in keys.items():
        assert Wire(server.url, key).data(VIEWER)["viewer"]["entity"] == name
    assert Wire(server.url, KEY).ask(VIEWER).status_code == 401
    ada, bob = Wire(server.url, keys["ada"]), Wire(server.url, keys["bob"])
    assert ada.begin("mine", "r")["bucket"]["project"]["entity"]["name"] == "ada"
    assert bob.stream("mine", "r", entity="ada", files=history(0, {"v": 1})).status_code == 403
    account = 'query Entity { entity(name: "ada") { user { name } } }'
    assert ada.data(account)["entity"]["user"] == {"name": "ada"}
    assert bob.data(account)["entity"]["user"] is None
    query = 'query Run { project(name: "mine", entityName: "ada") { run(name: "r") { id } } }'
    answer = bob.ask(query)
    assert answer.status_code == 403
    assert "ada" in answer.json()["errors"][0]["message"]


def test_lines_count_once_however_they_are_sent(wire: Wire, live: LiveServer) -> None:
    wire.begin("lines", "a")
    rows = [{"v": i, "_step": i, "_timestamp": 1000.5 + i} for i in range(10)]
    assert wire.stream("lines", "a", files=history(0, *rows[:4])).status_code == 200
    wire.stream("lines", "a", files=history(0, *rows[:4]))
    wire.stream("lines", "a", files=history(2, *rows[2:7]))
    shuffled = [dict(reversed(row.items())) for row in rows]
    wire.stream("lines", "a", files=history(0, *shuffled))
    assert rows_of(live, "local/lines/a") == [(i, i) for i in range(10)]
    assert live.api.run("local/lines/a").warnings == []
    # Other content at known numbers: another process writes the same run.
    wire.stream("lines", "a", files=history(9, {"v": 99, "_step": 9}, {"v": 10, "_step": 10}))
    assert rows_of(live, "local/lines/a") == [(i, i) for i in range(11)]
    (warning,) = live.api.run("local/lines/a").warnings
    assert "two processes" in warning


@pytest.mark.parametrize("file", ["wandb-history.jsonl", "wandb-events.jsonl"])
@pytest.mark.parametrize(("n_sent", "offset"), [(0, 2), (3, 10), (3, 4), (3, 2**40)])
def test_a_part_after_missing_lines_is_refused_and_told_on_the_run(
    wire: Wire, live: LiveServer, file: str, n_sent: int, offset: int
) -> None:
    project, run = "gaps", f"{file[6:8]}-{n_sent}-{offset}"
    wire.begin(project, run)

    def send(first: int, stop: int, offset: int | None = None, **more: Any) -> httpx.Response:
        lines = [json.dumps({"v": n, "_step": n}) for n in range(first, stop)]
        part = {"offset": first if offset is None else offset, "content": lines}
        return wire.stream(project, run, files={file: part}, **more)

    assert send(0, n_sent).status_code == 200
    refused = send(10, 12, offset, complete=True, exitcode=0)
    assert refused.status_code == 409  # which the client does not try again
    message = refused.json()["errors"][0]["message"]
    assert f"lines {n_sent} to {offset - 1} of {file}" in message
    assert f"send from offset {n_sent}" in message
    stored = live.api.run(f"local/{project}/{run}")
    assert stored.state == "running"
    (warning,) = stored.warnings
    assert "wandb sync" in warning
    # It listens all the same, and what was refused comes in its place.
    assert send(n_sent, 12, complete=True, exitcode=0).status_code == 200
    stored = live.api.run(f"local/{project}/{run}")
    stream = "system" if "events" in file else "default"
    rows = stored.history(samples=100, stream=stream, pandas=False)
    assert [row["v"] for row in rows] == list(range(12))
    assert stored.state == "finished"


def test_metrics_of_tensorboard_are_over_its_step(wire: Wire, live: LiveServer) -> None:
    internal = {"t": {"3": [2, 35]}, "m": [{"1": "epoch"}, {"2": "val/*", "5": 1}]}
    wire.begin("board", "b", config=json.dumps({"_wandb": {"value": internal}}))
    writers = [("train/loss", 10), ("val/acc", 20), ("train/loss", 10)]
    offset = 0
    for key, scale in writers:
        rows = [{key: n, "global_step": n * scale, "_step": offset + n} for n in range(3)]
        own = {"logged": 1, "_step": offset + 3}
        wire.stream("board", "b", files=history(offset, *rows, own))
        offset += 4
    wire.stream(
        "board", "b", files=history(offset, {"lr": 0.1, "global_step": 7, "_step": offset})
    )
    definitions = {
        definition["name"]: definition for definition in live.api.run("local/board/b").definitions
    }
    axes = {name: definition["step_metric"] for name, definition in definitions.items()}
    # What the script defines itself stays, and what it logs itself has no TensorBoard step.
    assert axes == {
        "epoch": None, "val/*": "epoch", "global_step": None,
        "train/loss": "global_step", "lr": "global_step",
    }  # fmt: skip
    assert definitions["global_step"]["hidden"]


def test_tables_become_charts_though_the_config_comes_after_them(
    wire: Wire, live: LiveServer
) -> None:
    def config(**internal: Any) -> str:
        return json.dumps({"_wandb": {"value": internal}})

    def table(n: int) -> dict[str, str]:
        return {"_type": "table-file", "path": f"media/table/{n}.table.json"}

    def charts() -> list[tuple[Any, str, str]]:
        return [
            (row["_step"], key, value["table"]["path"][12:13])
            for row in live.api.run("local/late/charts").scan_history()
            for key, value in row.items()
            if isinstance(value, dict) and value["_type"] == "custom-chart"
        ]

    begun = wire.begin("late", "charts")["bucket"]["id"]
    rows = [
        {"pr_table": table(0), "_step": 0, "_timestamp": 1000.5},
        {"loss": 1, "_step": 1},
        {"importance": table(2), "pr_table": table(3), "_step": 2},
    ]
    wire.stream("late", "charts", files=history(0, *rows))
    assert charts() == []
    line = {"panel_type": "Vega2", "panel_config": {"panelDefId": "wandb/line/v0"}}
    with_line = {"visualize": {"pr": line}}
    wire.begin("late", "charts", id=begun, host=None, config=config(**with_line))
    assert charts() == [(0, "pr", "0"), (2, "pr", "3")]
    both = {**with_line, "viz": {"importance": {"id": "wandb/feature_importances/v1"}}}
    for _ in range(2):
        wire.begin("late", "charts", id=begun, host=None, config=config(**both))
    wire.stream("late", "charts", files=history(3, {"pr_table": table(4), "_step": 3}))
    expected = [(0, "pr", "0"), (2, "pr", "3"), (2, "importance", "2"), (3, "pr", "4")]
    assert sorted(charts()) == sorted(expected)
    run = live.api.run("local/late/charts")
    assert run.summary["importance"]["_type"] == "custom-chart"
    assert (run.state, run.warnings) == ("running", [])


def test_masks_get_the_names_of_their_classes_though_the_config_comes_after_them(
    wire: Wire, live: LiveServer
) -> None:
    def image(n: int) -> dict[str, Any]:
        mask = {"_type": "mask", "path": f"media/images/mask/{n}.mask.png"}
        path = f"media/images/{n}.png"
        return {"_type": "image-file", "path": path, "masks": {"m": mask}}

    def labels() -> dict[str, list[dict[str, str]]]:
        body = {"runs": ["masks"], "keys": ["image"], "columns": [0, 1, 2]}
        answer = httpx.post(f"{live.url}/api/v1/projects/local/late/media/query", json=body)
        items = [item for series in answer.json()["series"] for item in series["items"]]
        return {
            item["file"]["path"]: [layer["class_labels"] for layer in item["layers"]]
            for item in items
        }

    begun = wire.begin("late", "masks")["bucket"]["id"]
    rows = [{"image": image(0), "_step": 0}, {"loss": 1, "_step": 1}]
    wire.stream("late", "masks", files=history(0, *rows, {"image": image(2), "_step": 2}))
    assert labels() == {"media/images/0.png": [{}], "media/images/2.png": [{}]}
    names = {"0": "sky", "1": "sea"}
    noted = {"image_wandb_delimeter_m": {"_type": "mask", "value": names}}
    config = json.dumps({"_wandb": {"value": {"mask/class_labels": noted}}})
    for _ in range(2):
        wire.begin("late", "masks", id=begun, host=None, config=config)
    assert labels() == {"media/images/0.png": [names], "media/images/2.png": [names]}
    run = live.api.run("local/late/masks")
    # The rows of both images come again, once.
    assert [row["_step"] for row in run.scan_history()] == [0, 0, 1, 2, 2]
    assert (run.state, run.warnings) == ("running", [])


def test_console_lines_may_leave_gaps_which_later_ones_fill(wire: Wire, live: LiveServer) -> None:
    wire.begin("gaps", "console")
    for offset, text in ((2**40, "far"), (1, "second"), (0, "first"), (2**40, "far away")):
        lines = {"offset": offset, "content": [f"2026-11-20T07:01:38.654137 {text}"]}
        assert wire.stream("gaps", "console", files={"output.log": lines}).status_code == 200
    texts = [line.text for line in live.api.run("local/gaps/console").console_logs()]
    assert texts == ["first", "second", "far away"]


def test_odd_lines_lose_only_themselves(wire: Wire, live: LiveServer) -> None:
    wire.begin("odd", "o")
    lines = [
        '{"v": 0, "_step": 0}', "no JSON", '{"v": NaN, "w": -Infinity, "_step": 2}', "[1]",
        '{"v": 1e400, "big": 123456789012345678901234567890, "_step": 4}', '{"": 1, "v": 5}',
    ]  # fmt: skip
    answer = wire.stream("odd", "o", files=history(0, *lines), complete=True, exitcode=0)
    assert answer.status_code == 200
    rows = list(live.api.run("local/odd/o").scan_history())
    assert [row["_step"] for row in rows] == [0, 2, 4, 5]
    assert rows[2]["big"] == 123456789012345678901234567890
    run = live.api.run("local/odd/o")
    assert run.state == "finished"
    assert any("JSON" in warning for warning in run.warnings)


def test_a_part_may_be_packed_and_empty(wire: Wire, live: LiveServer) -> None:
    wire.begin("packed", "p")
    body = gzip.compress(json.dumps({"files": history(0, {"v": 1, "_step": 0})}).encode())
    url = "/files/local/packed/p/file_stream"
    packed = wire.post(
        url, content=body, headers={"content-encoding": "gzip", "content-type": "application/json"}
    )
    assert packed.status_code == 200
    assert packed.json() == {"stopped": False}
    assert wire.post(url, json={}).json() == {"stopped": False}
    assert rows_of(live, "local/packed/p") == [(0, 1)]


def test_what_can_not_be_done_has_a_status_that_ends_it(wire: Wire, live: LiveServer) -> None:
    final = {400, 401, 403, 404, 409, 410, 413, 422, 501}
    assert wire.stream("none", "none", files=history(0, {"v": 1})).status_code == 404
    assert wire.post("/files/local/p/r/file_stream", content=b"no").status_code in final
    wire.begin("gone", "g")
    live.api.run("local/gone/g").delete()
    assert wire.stream("gone", "g", files=history(0, {"v": 1})).status_code == 410
    query = """mutation UpsertBucket {
        upsertBucket(input: {name: "g", modelName: "gone"}) { inserted } }"""
    answer = wire.ask(query)
    assert answer.status_code == 410
    assert "deleted" in answer.json()["errors"][0]["message"]
    bad = wire.ask(query.replace('"g"', '"a/b"'))
    assert bad.status_code == 200
    assert "may not hold" in bad.json()["errors"][0]["message"]
    heartbeat = 'mutation Heartbeat { agentHeartbeat(input: {id: "bm8="}) { commands } }'
    assert wire.ask(heartbeat).status_code == 404
    assert wire.post("/sdk/otel/v1/metrics", content=b"").status_code == 404
    assert httpx.get(f"{live.url}/ready").status_code == 200


def test_no_row_or_summary_makes_a_run_unreadable(wire: Wire, live: LiveServer) -> None:
    wire.begin("halves", "h")
    lines = [
        '{"half": "\\ud800", "_step": 0}',
        '{"a": {"b": 1}, "a.b": 2, "_step": 1}',
        '{"c": 1, "_step": 2, "_timestamp": 1' + "0" * 400 + "}",
    ]
    files = {
        **history(0, *lines),
        "wandb-summary.json": {"offset": 0, "content": ['{"s": "\\ud800"}']},
    }
    assert wire.stream("halves", "h", files=files, complete=True, exitcode=3221225477).is_success
    run = live.api.run("local/halves/h")
    assert run.summary["s"] == "\ufffd"
    rows = list(run.scan_history())
    assert [{key: row[key] for key in row if key[0] != "_"} for row in rows] == [
        {"half": "\ufffd"},
        {"a.b": 2},
        {"c": 1},
    ]
    query = """query Runs { project(name: "halves") { runs {
        edges { node { summaryMetrics exitcode } } } } }"""
    (edge,) = wire.data(query)["project"]["runs"]["edges"]
    assert json.loads(edge["node"]["summaryMetrics"])["s"] == "\ufffd"
    assert edge["node"]["exitcode"] == 3221225477


def test_what_would_take_all_memory_is_refused(wire: Wire) -> None:
    wire.begin("much", "m")
    assert wire.stream("much", "m", files=history(0, *[""] * 250_001)).status_code == 413
    long = "query Viewer { viewer { id } } #" + "x" * 200_000
    assert wire.ask(long).status_code == 400
    name = "n" * 1000
    answer = wire.ask(f"query {name} {{ nothing }}")
    assert len(answer.json()["errors"][0]["message"]) < 500


@at_length
def test_all_rows_of_a_range_come_in_one_page(wire: Wire) -> None:
    wire.begin("long", "l")
    for first in range(0, 120_000, 40_000):
        rows = [f'{{"v":{i},"_step":{i},"_timestamp":1}}' for i in range(first, first + 40_000)]
        assert wire.stream("long", "l", files=history(first, *rows)).is_success
    query = """query HistoryPage { project(name: "long") { run(name: "l") {
        history(minStep: 0, maxStep: 200000, samples: 200000) } } }"""
    page = wire.data(query)["project"]["run"]["history"]
    assert len(page) == 120_000
    assert json.loads(page[-1])["v"] == 119_999


def test_an_unknown_operation_is_named(wire: Wire, live: LiveServer) -> None:
    answer = wire.ask('query ProjectRunQueues { project(name: "p") { runQueues { id } } }')
    assert answer.status_code == 400
    assert "ProjectRunQueues" in answer.json()["errors"][0]["message"]
    wait_until(
        lambda: any("ProjectRunQueues" in line for line in live.process.lines), what="the log"
    )
    assert wire.ask("{ broken").status_code == 400
    assert wire.post("/graphql", content=b"no").status_code == 400


def test_an_address_is_for_one_thing(wire: Wire, live: LiveServer) -> None:
    wire.begin("links", "l")
    query = """mutation CreateRunFiles($files: [String!]!) {
        createRunFiles(input: {entityName: "local", projectName: "links", runName: "l",
                               files: $files}) { files { name uploadUrl } } }"""
    files = wire.data(query, files=["a b#%.txt", "../up.txt"])["createRunFiles"]["files"]
    url = files[0]["uploadUrl"]
    assert httpx.put(url, content=b"content").status_code == 200
    assert httpx.get(url).status_code == 403
    assert httpx.put(url.replace("/files/", "/files/x"), content=b"x").status_code == 403
    assert httpx.put(files[1]["uploadUrl"], content=b"x").status_code == 400
    assert httpx.options(url, headers={"Origin": "https://x"}).headers[
        "access-control-allow-origin"
    ] == "*"  # fmt: skip
    find = """query RunFiles { project(name: "links") { run(name: "l") {
        fileCount files(names: ["./a b#%.txt"]) { edges { node { name sizeBytes directUrl } } }
    } } }"""
    run = wire.data(find)["project"]["run"]
    (edge,) = run["files"]["edges"]
    assert (edge["node"]["name"], edge["node"]["sizeBytes"]) == ("a b#%.txt", 7)
    down = httpx.get(edge["node"]["directUrl"], headers={"Range": "bytes=1-3"})
    assert (down.status_code, down.content) == (206, b"ont")


@at_length
def test_nothing_else_imports_the_gateway() -> None:
    code = (
        "import sys, weft.server.app, weft.server.services.opening\n"
        "assert not [name for name in sys.modules if name.startswith('weft.wandb_gateway')]\n"
        "assert 'graphql' not in sys.modules and 'ariadne' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
