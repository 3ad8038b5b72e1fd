"""Forks and rewinds on a real server, with logs as a client writes them: nothing is copied."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import httpx
import msgspec

import weft
from run_log_bytes import ANCHOR_MICROS, HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.wire.runs.continuation import Continuation

SECOND = 1_000_000
N_ROWS = 5000
"""Enough for chunks, so that a cut goes through one."""


def run_log(run: str, writer: str, *, secs: float = 0.0, **goes_on: Any) -> HandMadeLog:
    anchor = ANCHOR_MICROS + int(secs * SECOND)
    log = HandMadeLog(
        run, writer, goes_on={"start_micros": anchor, **goes_on}, anchor_micros=anchor
    )
    log.keys("loss")
    return log


def send(client: httpx.Client, log: HandMadeLog) -> None:
    assert log.upload(client).status_code == 200


def steps_and_values(server: ServerProcess, run: str, **options: Any) -> list[tuple[Any, Any]]:
    stored = weft.Api(server.url).run(f"local/p/{run}")
    return [(row["_step"], row["loss"]) for row in stored.scan_history(**options)]


def n_points(client: httpx.Client, run: str) -> int:
    answer = client.get("/api/v1/projects/local/p/metrics", params={"runs": run})
    return sum(
        metric["n_points"] for metric in answer.json()["metrics"] if metric["key"] == "loss"
    )


def continuation(client: httpx.Client, run: str, step: float | None = None) -> Continuation:
    answer = client.get(
        f"/api/v1/projects/local/p/runs/{run}/continuation",
        params={} if step is None else {"step": step},
        headers={"Accept": "application/msgpack"},
    )
    assert answer.status_code == 200, answer.text
    return msgspec.msgpack.decode(answer.content, type=Continuation)


def sources_at(continuation: Continuation, step: float) -> list[tuple[str, str, float]]:
    return [
        (run, writer, step if limit is None else min(limit, step))
        for run, writer, limit in continuation.sources
    ]


def long_run(client: httpx.Client) -> list[tuple[int, float]]:
    """A run of many rows that has ended; what its history says."""
    values = random.Random(1).choices(range(2**40), k=N_ROWS)
    log = run_log("parent", "w1")
    log.rows([[value / 3] for value in values])
    log.finish()
    send(client, log)
    return [(step, value / 3) for step, value in enumerate(values)]


def test_a_fork_goes_on_from_a_step_and_its_parent_too(
    own_server: ServerProcess, own_client: httpx.Client
) -> None:
    rows = long_run(own_client)
    parent = continuation(own_client, "parent", 1999)
    assert (parent.last_step, parent.runtime_micros) == (1999, 1999 * 1000)
    assert parent.summary == {"loss": rows[1999][1]}
    fork = run_log(
        "child", "w2", secs=60, runtime_micros=parent.runtime_micros, fork_run="parent",
        fork_step=1999, sources=sources_at(parent, 1999),
    )  # fmt: skip
    fork.n_rows = 2000
    fork.rows([[-1.0], [-2.0]])
    send(own_client, fork)
    assert steps_and_values(own_server, "child") == [*rows[:2000], (2000, -1.0), (2001, -2.0)]
    assert steps_and_values(own_server, "parent") == rows
    assert (n_points(own_client, "child"), n_points(own_client, "parent")) == (2002, N_ROWS)
    again = continuation(own_client, "child")
    assert (again.last_step, again.summary) == (2001, {"loss": -2.0})
    assert again.sources == [("parent", "w1", 1999), ("child", "w2", None)]


def test_a_rewound_runs_rows_stay_readable(
    own_server: ServerProcess, own_client: httpx.Client
) -> None:
    rows = long_run(own_client)
    parent = continuation(own_client, "parent", 99)
    rewind = run_log(
        "parent", "w2", secs=60, runtime_micros=parent.runtime_micros, resume="rewind",
        fork_run="parent", fork_step=99, sources=sources_at(parent, 99),
    )  # fmt: skip
    rewind.n_rows = 100
    rewind.rows([[-1.0]])
    send(own_client, rewind)
    assert steps_and_values(own_server, "parent") == [*rows[:100], (100, -1.0)]
    address = "/api/v1/projects/local/p/runs/parent/history"
    answer = own_client.get(address, params={"superseded": True, "limit": 100_000}).json()["rows"]
    assert [(row["_step"], row["loss"]) for row in answer] == [
        *rows[:101],
        (100, -1.0),
        *rows[101:],
    ]
    assert n_points(own_client, "parent") == 101


def test_what_was_forked_outlives_a_kill_of_the_server_and_a_deleted_parent(
    tmp_path: Path,
) -> None:
    with (
        start_server(tmp_path) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        # The child's log comes first, as from another machine.
        send(client, run_log("child", "w2", secs=60, sources=[("parent", "w1", 9)]))
        assert steps_and_values(server, "child") == []
        rows = long_run(client)
        assert steps_and_values(server, "child") == rows[:10]
        for_good = {"permanently": True}
        gone = client.delete("/api/v1/projects/local/p/runs/parent", params=for_good)
        assert gone.status_code == 204
        server.kill()
    with (
        start_server(tmp_path) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        assert steps_and_values(server, "child") == rows[:10]
        assert client.get("/api/v1/projects/local/p/runs/parent/history").status_code == 410
        before = bytes_of_metrics(server)
        gone = client.delete("/api/v1/projects/local/p/runs/child", params=for_good)
        assert gone.status_code == 204
        # A reader of that moment, as compaction is one, lets the space go a little later.
        wait_until(lambda: bytes_of_metrics(server) < before, what="the space given back")


def bytes_of_metrics(server: ServerProcess) -> int:
    return sum(file.stat().st_size for file in (server.data / "metrics").iterdir())


def test_a_continuation_of_no_run_or_a_deleted_one(own_client: httpx.Client) -> None:
    address = "/api/v1/projects/local/p/runs/parent/continuation"
    assert own_client.get(address).status_code == 404
    long_run(own_client)
    assert own_client.get(address, params={"step": "nan"}).status_code == 400
    assert own_client.get(address, params={"step": "many"}).status_code == 400
    assert own_client.get(address, params={"step": 2.5}).json()["last_step"] == 2
    assert own_client.delete("/api/v1/projects/local/p/runs/parent").status_code == 204
    assert own_client.get(address).status_code == 410
