"""P9 of the field report, item 59: getting one's own data out takes hours, or loses some of it.

Each test makes runs by a script, reads them back by a second one as the complaint's author wished
to, and counts the requests that this took: what takes hours is one request a run, or one a page
of mostly nothing.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import weft
from at_length import at_length
from sdk_script import run_well
from server_process import ServerProcess, wait_until

N_RUNS = int(os.environ.get("WEFT_TEST_EXPORT_RUNS", "30"))
"""Runs of the project that is exported; the complaint has 5,000."""

pytestmark = pytest.mark.timeout(600 + N_RUNS)

RUNS_OF_A_SCRIPT = 1000

COUNT_REQUESTS = """
import sys
asked = []

def count(event, arguments):
    if event == "http.client.send" and bytes(arguments[1])[:5] in (b"POST ", b"GET /"):
        asked.append(bytes(arguments[1]).split()[1].decode())

sys.addaudithook(count)
"""


@pytest.fixture
def environment(server: ServerProcess) -> dict[str, str]:
    # As the authors set it: their variables, this server.
    return {"WANDB_MODE": "online", "WANDB_BASE_URL": server.url, "WANDB_PROJECT": "p9",
            "WEFT_MODE": "online"}  # fmt: skip


def read(folder: Path, code: str, environment: dict[str, str]) -> Any:
    """The output of a reading script, as JSON on its last line."""
    script = run_well(folder, COUNT_REQUESTS + "import json, weft as wandb\n" + code, environment)
    return json.loads(script.stdout.splitlines()[-1])


def wait_for(api: weft.Api, project: str, n_runs: int) -> None:
    def have_ended() -> bool:
        states = [run.state for run in api.runs(f"local/{project}")]
        return states.count("finished") == n_runs

    wait_until(have_ended, secs=120, what="the end of all runs")


@at_length
def test_p9_59_wandb_6951_a_project_s_runs_are_exported_by_one_request(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # One request a run and page, by 30 workers at once, took 30 hours for 5,000 runs.
    environment = {**environment, "WANDB_PROJECT": "w6951"}
    for first in range(0, N_RUNS, RUNS_OF_A_SCRIPT):
        run_well(
            tmp_path,
            f"""
            import weft as wandb
            for nth in range({first}, {min(first + RUNS_OF_A_SCRIPT, N_RUNS)}):
                with wandb.init(id=f"run{{nth}}", config={{"nth": nth}}, reinit=True) as run:
                    for step in range(20):
                        run.log({{"loss": nth + step / 100, f"own{{nth % 3}}": step}})
            """,
            environment,
        )
    wait_for(api, "w6951", N_RUNS)
    paths = read(
        tmp_path,
        """
        api = wandb.Api()
        asked.clear()
        api.export("everything.parquet", project="local/w6951")
        print(json.dumps(asked))
        """.replace("\n        ", "\n"),
        environment,
    )
    assert paths == ["/api/v1/projects/local/w6951/export"]
    table = pq.read_table(tmp_path / "everything.parquet")
    assert table.num_rows == N_RUNS * 20
    rows = {(row["run"], row["step"]): row for row in table.to_pylist()}
    assert len(rows) == N_RUNS * 20
    for (run, step), row in rows.items():
        nth = int(run.removeprefix("run"))
        assert row["loss"] == nth + step / 100
        assert [row[f"own{k}"] for k in range(3)] == [
            step if k == nth % 3 else None for k in range(3)
        ]


@at_length
def test_p9_59_wandb_1680_a_metric_in_26_of_many_rows_comes_at_once(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # The scan went through page after page of rows that have nothing of it.
    n_rows = 26_000
    run_well(
        tmp_path,
        f"""
        import weft as wandb
        run = wandb.init(id="w1680")
        for step in range({n_rows}):
            row = {{"loss": 1 / (step + 1)}}
            if step % 1000 == 999:
                row["eval"] = step
            run.log(row)
        """,
        environment,
    )
    wait_for(api, "p9", 1)
    columns = read(
        tmp_path,
        """
        run = wandb.Api().run("local/p9/w1680")
        asked.clear()
        rows = [(row["_step"], row["eval"]) for row in run.scan_history(keys=["eval"])]
        print(json.dumps([len([one for one in asked if "/history" in one]), rows]))
        """.replace("\n        ", "\n"),
        environment,
    )
    assert columns == [1, [[step, step] for step in range(999, n_rows, 1000)]]


@at_length
def test_p9_59_wandb_8594_the_histories_of_a_sweep_s_runs_come_together_and_whole(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # Run by run, sampled, and different with each call.
    environment = {**environment, "WANDB_PROJECT": "w8594"}
    run_well(
        tmp_path,
        """
        import weft as wandb
        for nth in range(6):
            with wandb.init(id=f"run{nth}", group=f"sweep{nth % 2}", reinit=True) as run:
                for step in range(12_000 if nth == 0 else 50):
                    run.log({"loss": nth * 1000 + step})
        """,
        environment,
    )
    wait_for(api, "w8594", 6)
    paths, losses, same = read(
        tmp_path,
        """
        api = wandb.Api()
        asked.clear()
        table = api.history(runs={"group": "sweep0"}, project="local/w8594", keys=["loss"])
        frame = table.pandas()
        n_requests = len(asked)
        losses = {run: part["loss"].tolist() for run, part in frame.groupby("run")}
        print(json.dumps([n_requests, losses, frame.equals(table.pandas())]))
        """.replace("\n        ", "\n"),
        environment,
    )
    assert paths == 2  # one for the table, one that looks for the metric's name
    assert same
    assert losses == {
        f"run{nth}": [nth * 1000 + step for step in range(12_000 if nth == 0 else 50)]
        for nth in (0, 2, 4)
    }


@at_length
def test_p9_59_wandb_7760_an_export_has_every_row_and_value_or_fails(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    environment = {**environment, "WANDB_PROJECT": "w7760"}
    run_well(
        tmp_path,
        """
        import math, weft as wandb
        for nth in range(2):
            with wandb.init(id=f"run{nth}", reinit=True) as run:
                for step in range(2000):
                    run.log({"loss": math.nan if step % 500 == 0 else step * 0.1}, step=step * 7)
                run.log({"last": 2**60, "said": "done, 'all' of it"}, step=99_999)
        """,
        environment,
    )
    wait_for(api, "w7760", 2)
    paths = read(
        tmp_path,
        """
        api = wandb.Api()
        asked.clear()
        api.export("everything.csv", project="local/w7760")
        print(json.dumps(asked))
        """.replace("\n        ", "\n"),
        environment,
    )
    assert len(paths) == 1
    with (tmp_path / "everything.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    for nth in range(2):
        part = [row for row in table if row["run"] == f"run{nth}"]
        assert [int(row["step"]) for row in part] == [step * 7 for step in range(2000)] + [99_999]
        assert [row["loss"] for row in part] == [
            "NaN" if step % 500 == 0 else repr(step * 0.1) for step in range(2000)
        ] + [""]
        assert part[-1]["last"] == str(2**60)
        assert json.loads(part[-1]["said"]) == "done, 'all' of it"
