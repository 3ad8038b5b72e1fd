"""Charts over HTTP, from a real server: runs logged by scripts, questions as a page asks them."""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest

from chart_questions import ask, chart, drawn_x, series_url
from live_runs import LiveServer
from run_log_bytes import HandMadeLog
from sdk_script import run_well
from server_process import ServerProcess, wait_until
from weft.records.record import Row

pytestmark = pytest.mark.timeout(300)

PROJECT = "tests"
TEXT = "panels.0.expressions.0.text"
STEPS_OF_LOSS = [step + (step + 19) // 20 for step in range(200)]
"""Each of `loss` is a step of its own, and so is each of `val/acc`, after every twentieth."""


@pytest.fixture(scope="module")
def logged(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """Four runs: a and b with lr 0.1, c and d with lr 0.01 and another optimiser each."""
    run_well(
        tmp_path_factory.mktemp("script"),
        """
        import math
        import weft
        for n, name in enumerate("abcd"):
            config = {"lr": 0.1 if n < 2 else 0.01, "tags": [name]}
            if n > 1:
                config["optimizer"] = ["adam", "sgd"][n - 2]
            with weft.init(id=name, config=config, reinit=True) as run:
                run.define_metric("val/*", step_metric="epoch")
                for step in range(200):
                    run.log({"loss": (n + 1) / (step + 1), "noise": step % 7 - 3})
                    if step % 20 == 0:
                        run.log({"val/acc": step / 200, "epoch": step // 20})
                run.log({"text": "hello"})
        """,
        live.environment,
    )
    for name in "abcd":
        live.ended(name)
    return live


def refused(server: ServerProcess, **panel: Any) -> dict[str, Any]:
    """The problem that a panel is answered with."""
    body = {"panels": [{"runs": ["a"], "keys": ["loss"], **panel}]}
    answer = httpx.post(series_url(server, PROJECT), json=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    problem: dict[str, Any] = answer.json()
    return problem


def test_a_filter_names_the_runs_and_their_order(
    logged: LiveServer, server: ServerProcess
) -> None:
    panel = {"filter": "config.lr = 0.1", "order": [{"column": "name"}], "keys": ["loss"]}
    (rows,) = ask(server, PROJECT, panel)
    assert sorted(row["run"] for row in rows) == ["a", "b"]
    (newest,) = ask(server, PROJECT, {"keys": ["loss"], "limit": 1})
    assert [row["run"] for row in newest] == ["d"]
    (none,) = ask(server, PROJECT, {"filter": "config.lr > 5", "keys": ["loss"]})
    assert none == []


def test_the_defined_step_metric_is_the_x_axis(logged: LiveServer, server: ServerProcess) -> None:
    for query in ({}, {"axis": "defined"}):
        row = chart(server, PROJECT, "a", "val/acc", **query)
        assert (row["axis_metric"], drawn_x(row)) == ("epoch", list(range(10)))
        assert row["mean64"] == [epoch / 10 for epoch in range(10)]
        row = chart(server, PROJECT, "a", "loss", **query)
        assert (row["axis_metric"], drawn_x(row)) == ("", STEPS_OF_LOSS)
    row = chart(server, PROJECT, "a", "val/acc", axis="step")
    assert (row["axis_metric"], drawn_x(row)) == ("", [21 * epoch + 1 for epoch in range(10)])
    by_loss = chart(server, PROJECT, "a", "noise", axis="metric", axis_metric="loss")
    assert (by_loss["axis_metric"], by_loss["n_points"]) == ("loss", 200)


def test_an_expression_of_step_and_config_is_the_x_axis(
    logged: LiveServer, server: ServerProcess
) -> None:
    query = {"axis": "expression", "axis_expression": "_step / 2 + config.lr"}
    row = chart(server, PROJECT, "a", "loss", **query)
    by_step = chart(server, PROJECT, "a", "loss", axis="step")
    assert row["axis_metric"] == query["axis_expression"]
    assert row["n_points"] == by_step["n_points"]
    # buckets of a power of two: where a step is, to within one of them
    expected = [step / 2 + 0.1 for step in STEPS_OF_LOSS]
    width = 2.0 ** row["level"]
    assert sorted(drawn_x(row)) == sorted({math.floor(x / width) * width for x in expected})
    # "sgd" is no number, and a has no such key
    query["axis_expression"] = "_step * config.optimizer"
    (rows,) = ask(server, PROJECT, {"runs": ["a", "d"], "keys": ["loss"], **query}, reasons=True)
    assert {row["reason"] for row in rows} == {"the run has no number config.optimizer"}
    assert [row["run"] for row in rows] == ["a", "d"]


def test_a_panel_has_as_many_x_axes_as_its_metrics_define(
    logged: LiveServer, server: ServerProcess
) -> None:
    expressions = [
        {"name": "by epoch", "text": '2 * "val/acc"'},
        {"name": "by step", "text": "-loss"},
    ]
    keys = ["loss", "val/acc", "val/none"]
    panel = {"runs": ["a", "b"], "keys": keys, "expressions": expressions}
    (rows,) = ask(server, PROJECT, panel, reasons=True)
    axes = {(row["key"], row["axis_metric"]) for row in rows}
    assert axes == {
        ("loss", ""),
        ("val/acc", "epoch"),
        ("val/none", "epoch"),
        ("by epoch", "epoch"),
        ("by step", ""),
    }
    assert len({row["level"] for row in rows if not row["reason"]}) == 1
    (grouped,) = ask(server, PROJECT, {**panel, "group": {}})
    assert {(row["key"], row["axis_metric"], row["n_runs"]) for row in grouped} == {
        ("loss", "", 2),
        ("val/acc", "epoch", 2),
        ("by epoch", "epoch", 2),
        ("by step", "", 2),
    }


def test_histograms_are_drawn_over_the_defined_step_metric(
    live: LiveServer, server: ServerProcess, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import numpy as np
        import weft
        with weft.init(id="weights") as run:
            run.define_metric("layer/*", step_metric="epoch")
            for step in range(30):
                run.log({"epoch": step // 10, "layer/1": np.arange(100.0) + step})
        """,
        live.environment,
    )
    live.ended("weights")
    url = f"{server.url}/api/v1/projects/local/{PROJECT}/histograms"

    def drawn(**fields: Any) -> tuple[str, list[float]]:
        answer = httpx.post(url, json={"runs": ["weights"], "keys": ["layer/1"], **fields})
        (series,) = answer.json()["series"]
        return series["axis_metric"], [column["x"] for column in series["columns"]]

    assert drawn() == ("epoch", [0, 1, 2])
    assert drawn(axis="step") == ("", list(range(30)))


def test_expressions_beside_a_baseline(logged: LiveServer, server: ServerProcess) -> None:
    panel = {
        "runs": ["a", "b", "d"],
        "expressions": [
            {"name": "ratio", "text": "loss / baseline(loss)"},
            {"name": "smooth", "text": "rolling_mean(noise, 7)"},
        ],
        "baseline": "a",
        "n_buckets": 400,
    }
    (rows,) = ask(server, PROJECT, panel)
    by_name = {(row["key"], row["run"]): row for row in rows}
    assert set(by_name[("ratio", "a")]["mean64"]) == {1.0}
    assert by_name[("ratio", "d")]["mean64"] == pytest.approx([4.0] * 200)
    assert by_name[("smooth", "b")]["mean64"][6:] == pytest.approx([0.0] * 194, abs=1e-12)


def test_groups_have_a_center_a_band_and_counts(logged: LiveServer, server: ServerProcess) -> None:
    panel = {
        "keys": ["loss"],
        "group": {"by": ["config.lr", "config.optimizer"], "center": "mean", "band": "ci95"},
    }
    (rows,) = ask(server, PROJECT, panel)
    groups = {row["group"]: row for row in rows}
    unset = '[0.1,{"_type":"missing"}]'
    assert set(groups) == {unset, '[0.01,"adam"]', '[0.01,"sgd"]'}
    pair = groups[unset]
    assert (pair["n_runs"], set(pair["runs"])) == (2, {2})
    assert pair["mean64"][0] == pytest.approx(1.5)
    # Two runs at 1 and 2: the interval is 12.706 standard errors of 0.5 each way.
    assert pair["low64"][0] == pytest.approx(1.5 - 12.7062 * 0.5, abs=1e-3)
    assert (pair["min64"][0], pair["max64"][0]) == (1.0, 2.0)
    assert np.isnan(groups['[0.01,"adam"]']["low64"]).all()  # of one run there is none


def test_a_zoomed_group_keeps_runs_whose_points_lie_outside(
    logged: LiveServer, server: ServerProcess
) -> None:
    # val/acc has points each 20 steps; the range lies between two of them.
    panel = {"keys": ["val/acc"], "axis": "step", "group": {}, "lo": 45, "hi": 58}
    ((row,),) = ask(server, PROJECT, panel)
    assert drawn_x(row) == list(range(45, 58))
    assert set(row["runs"]) == {4}
    assert row["n_points"] == 0


def test_reasons_for_series_without_points(logged: LiveServer, server: ServerProcess) -> None:
    panel = {
        "runs": ["a", "nobody"],
        "keys": ["loss", "lossy", "text"],
        "expressions": [{"name": "e", "text": "lossy + 1"}, {"name": "f", "text": "loss * 1"}],
        "lo": 5000,
    }
    (rows,) = ask(server, PROJECT, panel, reasons=True)
    reasons = {(row["run"], row["key"]): row["reason"] for row in rows}
    assert reasons == {
        ("a", "loss"): "no points in the range",
        ("a", "lossy"): "the run has no metric 'lossy'",
        ("a", "text"): "its values are no numbers",
        ("a", "e"): "the run has no metric 'lossy' with numbers",
        ("a", "f"): "no points in the range",
        ("nobody", "loss"): "no such run",
        ("nobody", "lossy"): "no such run",
        ("nobody", "text"): "no such run",
        ("nobody", "e"): "no such run",
        ("nobody", "f"): "no such run",
    }
    assert ask(server, PROJECT, panel) == [[]]  # only who asks gets them


def test_a_deleted_run_is_left_out_and_named(
    logged: LiveServer, server: ServerProcess, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="gone") as run:
            for step in range(10):
                run.log({"loss": step})
        """,
        logged.environment,
    )
    logged.ended("gone")
    panel = {"runs": ["gone", "a"], "expressions": [{"name": "e", "text": "cumsum(loss)"}]}
    (before,) = ask(server, PROJECT, panel)
    assert [row["run"] for row in before] == ["gone", "a"]
    url = f"{server.url}/api/v1/projects/local/{PROJECT}/runs/gone"
    assert httpx.delete(url).status_code == 204
    (after,) = ask(server, PROJECT, panel, reasons=True)
    assert [(row["run"], row["reason"]) for row in after] == [("a", ""), ("gone", "no such run")]


@pytest.mark.parametrize(
    ("panel", "field", "reason"),
    [
        ({"n_buckets": 63}, "panels.0.n_buckets", "64"),
        ({"lo": 5, "hi": 5}, "panels.0.lo", "below"),
        ({"lo": "NaN"}, "panels.0.lo", "Expected"),
        ({"axis": "pixels"}, "panels.0.axis", "use one of: step"),
        ({"axis": "metric"}, "panels.0.axis_metric", "axis_metric"),
        ({"axis_metric": "loss"}, "panels.0.axis_metric", "axis_metric"),
        ({"axis": "expression"}, "panels.0.axis_expression", "axis_expression"),
        ({"axis_expression": "_step"}, "panels.0.axis_expression", "axis_expression"),
        (
            {"axis": "expression", "axis_expression": "_step *"},
            "panels.0.axis_expression",
            "column 8",
        ),
        ({"filter": "id = 'a'"}, "panels.0.runs", "either"),
        ({"runs": None, "filter": "config.lr >"}, "panels.0.filter", "column"),
        ({"runs": None, "limit": 0}, "panels.0.limit", ">= 1"),
        ({"by": ""}, "panels.0.by", "writer"),
        ({"by": "writer", "group": {}}, "panels.0.group", "weight"),
        ({"axis": "wall", "group": {}}, "panels.0.group", "wall time"),
        ({"group": {"by": ["nonsense"]}}, None, "nonsense"),
        ({"group": {"band": "sigma"}}, "panels.0.group.band", "use one of: minmax"),
        ({"bounds": {"lo": 0.9, "hi": 0.1}}, "panels.0.bounds", "lo < hi"),
        (
            {"expressions": [{"name": "e", "text": "a +"}]},
            "panels.0.expressions.0.text",
            "column 4",
        ),
        (
            {"expressions": [{"name": "e", "text": "(" * 9999}]},
            "panels.0.expressions.0.text",
            "deep",
        ),
        ({"expressions": [{"name": "e", "text": "baseline(a)"}]}, "panels.0.baseline", "baseline"),
        ({"expressions": [{"name": "loss", "text": "a"}]}, "panels.0.expressions", "same name"),
        ({"lineage": {}}, "panels.0.lineage", "unknown field"),
        ({"keys": ["k"] * 100_001}, None, "100000 series"),
        ({"runs": ["a"] * 2000, "n_buckets": 10_000, "group": {}}, None, "runs x buckets"),
    ],
    ids=range(25),
)
def test_bad_panels_are_refused_with_field_and_reason(
    logged: LiveServer,
    server: ServerProcess,
    panel: dict[str, Any],
    field: str | None,
    reason: str,
) -> None:
    problem = refused(server, **panel)
    assert reason in json.dumps(problem)
    if field is not None:
        assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    ("lo", "hi"), [(-1.7e308, 1.7e308), (2**70, None), (None, -(2**70)), (1e-320, 2e-320)]
)
def test_huge_and_tiny_ranges_are_answered(
    logged: LiveServer, server: ServerProcess, lo: float | None, hi: float | None
) -> None:
    for axis in ("step", "time", "time_wall", "wall", "defined"):
        panel = {
            "runs": ["a", "b"],
            "keys": ["loss", "val/acc"],
            "expressions": [{"name": "e", "text": "diff(loss)"}],
            "axis": axis,
            "lo": lo,
            "hi": hi,
        }
        panels = [panel] if axis == "wall" else [panel, {**panel, "group": {}}]
        for rows in ask(server, PROJECT, *panels):
            assert all(len(row["bucket"]) <= 400 for row in rows)


# -- streams that end early ---


@pytest.fixture(scope="module")
def long_run(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run whose expressions take seconds."""
    run_well(
        tmp_path_factory.mktemp("long"),
        """
        import weft
        with weft.init(id="long") as run:
            for step in range(100_000):
                run.log({"x": step * 7919 % 10007})
        """,
        live.environment,
    )
    live.ended("long")
    wait_until(lambda: chart(live.process, PROJECT, "long", "x")["n_points"] == 100_000)
    return "long"


def slow_panels(n: int, n_terms: int = 8) -> list[dict[str, Any]]:
    """Panels that no cache helps with: each expression is another."""
    text = " + ".join(f"rolling_quantile(x, {50_000 + i}, 0.3)" for i in range(n_terms))
    return [
        {"runs": ["long"], "expressions": [{"name": "e", "text": f"{text} + {number}"}]}
        for number in range(n)
    ]


def test_panels_come_as_they_are_computed(
    logged: LiveServer, long_run: str, server: ServerProcess
) -> None:
    quick = {"runs": ["a"], "keys": ["loss"]}
    body = {"panels": [quick, *slow_panels(2, n_terms=2)]}
    times: list[float] = []
    sizes: list[int] = []
    headers = {"Accept-Encoding": "zstd, gzip"}
    with httpx.stream(
        "POST", series_url(server, PROJECT), json=body, headers=headers, timeout=120
    ) as answer:
        assert "content-encoding" not in answer.headers
        for piece in answer.iter_raw():
            times.append(time.monotonic())
            sizes.append(len(piece))
    assert sizes[0] > 500  # the quick panel is there before the slow ones are done
    assert len(times) >= 3


def test_work_ends_when_the_client_leaves(
    logged: LiveServer, long_run: str, server: ServerProcess
) -> None:
    process = psutil.Process(server.pid)

    def busy_secs(over_secs: float) -> float:
        begin = sum(process.cpu_times()[:2])
        time.sleep(over_secs)  # what is measured is this stretch of time
        return sum(process.cpu_times()[:2]) - begin

    body = json.dumps({"panels": slow_panels(30)}).encode()
    host, port = server.url.removeprefix("http://").split(":")
    request = (
        f"POST /api/v1/projects/local/{PROJECT}/series HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client = socket.create_connection((host, int(port)))
    client.sendall(request.encode() + body)
    wait_until(lambda: busy_secs(0.2) > 0.03, what="work on the answer")
    # Closed at once, as when a tab is.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    wait_until(lambda: busy_secs(0.5) < 0.1, what="the end of the work")
    assert chart(server, PROJECT, "a", "loss")["n_points"] == 200


def test_the_largest_steps_there_are(live: LiveServer, server: ServerProcess) -> None:
    steps = [-1.7976931348623157e308, -1e300, 0.5, 1e308, 1.7976931348623157e308]
    log = HandMadeLog(run="far", writer="writerfar", project="far")
    log.keys("loss", "x")
    for row, step in enumerate(steps):
        log.add(Row(0, row, step, [float(row), step]))
    with httpx.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        assert log.upload(client).status_code == 200
    query: dict[str, Any] = {"runs": ["far"], "keys": ["loss"]}
    axes: list[dict[str, Any]] = [{}, {"axis": "metric", "axis_metric": "x"}]
    group: dict[str, Any] = {"by": [], "center": "mean", "band": "std"}
    ranges = [(None, None), (-1e308, None), (None, 1e308), (1e300, 1.7e308), (0, 1)]
    for lo, hi in ranges:
        inside = [
            step for step in steps if (lo is None or step >= lo) and (hi is None or step < hi)
        ]
        for axis in axes:
            (rows,) = ask(server, "far", {**query, **axis, "lo": lo, "hi": hi}, full=True)
            # A bucket across the edge of the range is whole.
            assert len(inside) <= sum(sum(row["count"]) for row in rows) <= len(inside) + 2
        (groups,) = ask(server, "far", {**query, "group": group, "lo": lo, "hi": hi})
        assert len(groups) == bool(inside)
        expression: list[Any] = [{"name": "e", "text": "loss + diff(x) * 0"}]
        ask(server, "far", {"runs": ["far"], "expressions": expression, "lo": lo, "hi": hi})
