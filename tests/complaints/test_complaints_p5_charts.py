"""P5 of the field report: charts that show a sample and hide spikes.

Each test runs the script of one complaint and asks for the chart as the browser does: every point
counts, whatever the width, and a closer look shows more of them, never others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from at_length import at_length
from chart_questions import ask, chart, drawn_x
from sdk_script import run_well
from server_process import ServerProcess

pytestmark = pytest.mark.timeout(300)

PROJECT = "p5"


@pytest.fixture
def environment(server: ServerProcess) -> dict[str, str]:
    return {"WANDB_MODE": "online", "WANDB_BASE_URL": server.url, "WANDB_PROJECT": PROJECT,
            "WEFT_MODE": "online"}  # fmt: skip


@at_length
def test_p5_31_wandb_5694_zooming_shows_every_point_of_a_short_section(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="w5694")
        for step in range(20_000):
            wandb.log({"loss": step * 7 % 1000})
        """,
        environment,
    )
    whole = chart(server, PROJECT, "w5694", "loss")
    assert whole["n_points"] == 20_000
    again = chart(server, PROJECT, "w5694", "loss")
    # the same at each look, but for the last digit of what is added up in another order
    assert again.pop("m2") == pytest.approx(whole.pop("m2"), rel=1e-12)
    assert repr(again) == repr(whole)
    close = chart(server, PROJECT, "w5694", "loss", lo=7000, hi=7300)
    assert drawn_x(close) == list(range(7000, 7300))
    assert close["mean64"] == [step * 7 % 1000 for step in range(7000, 7300)]


@at_length
def test_p5_32_wandb_4177_a_sparse_metric_keeps_all_points_beside_a_dense_one(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="w4177")
        for step in range(20_000):
            row = {"train/loss": 1 / (step + 1)}
            if step % 1000 == 999:
                row["val/loss"] = float(step)
            wandb.log(row)
        """,
        environment,
    )
    for n_buckets in (64, 400, 2000):
        panel = {"runs": ["w4177"], "keys": ["train/loss", "val/loss"], "n_buckets": n_buckets}
        ((dense, sparse),) = ask(server, PROJECT, panel)
        assert dense["n_points"] == 20_000
        assert sparse["mean64"] == [float(step) for step in range(999, 20_000, 1000)]


@at_length
def test_p5_33_wandb_1453_a_chart_that_is_updated_loses_nothing(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    # The author's graphs lost points at updates, also those of few points.
    code = """
        import weft as wandb
        run = wandb.init(id="w1453", resume="allow")
        start = run.step
        for step in range(start, start + 6000):
            row = {"reward": float(step)}
            if step % 1500 == 0:
                row["few"] = float(step)
            run.log(row, step=step)
        """
    for part in (1, 2):
        run_well(tmp_path, code, environment)
        row = chart(server, PROJECT, "w1453", "reward")
        assert row["n_points"] == part * 6000, "none lost, none twice"
        assert (row["min64"][0], row["max64"][-1]) == (0.0, drawn_max(row))
        few = chart(server, PROJECT, "w1453", "few")
        assert few["mean64"] == [float(step) for step in range(0, part * 6000, 1500)]


def drawn_max(row: dict[str, Any]) -> float:
    return max(row["max64"])


def test_p5_34_wandb_4295_one_spike_is_seen_at_any_width(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="w4295")
        for step in range(16_000):
            spike = step == 1564
            wandb.log({"step_time_s": 1.183 if spike else 0.2,
                       "full_dataload_time_s": 1.155 if spike else 0.00075})
        """,
        environment,
    )
    for n_buckets in (64, 100, 1500):
        for key, height in (("step_time_s", 1.183), ("full_dataload_time_s", 1.155)):
            row = chart(server, PROJECT, "w4295", key, n_buckets=n_buckets)
            position = row["max64"].index(max(row["max64"]))
            assert row["max64"][position] == height
            start = drawn_x(row)[position]
            assert start <= 1564 < start + 2 ** row["level"]
    # Leaving outliers out is asked for, and then only moves the axis.
    row = chart(server, PROJECT, "w4295", "step_time_s", bounds={"lo": 0.05, "hi": 0.95})
    assert (row["bound_lo"], row["bound_hi"]) == (0.2, 0.2)
    assert max(row["max64"]) == 1.183


@at_length
def test_p5_34_wandb_3921_every_step_of_a_histogram_can_be_seen(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import numpy as np
        import weft as wandb
        wandb.init(id="w3921")
        for step in range(300):
            wandb.log({"gradients": np.arange(64) * float(step)})
        """,
        environment,
    )
    url = f"{server.url}/api/v1/projects/local/{PROJECT}/histograms"

    def columns(**more: Any) -> list[dict[str, Any]]:
        answer = httpx.post(url, json={"runs": ["w3921"], "keys": ["gradients"], **more})
        assert answer.status_code == 200, answer.text
        (series,) = answer.json()["series"]
        return list(series["columns"])

    every = columns(n_columns=1000)
    assert [bucket["x"] for bucket in every] == list(range(300))
    assert all(sum(bucket["counts"]) == 64 for bucket in every)
    few = columns(n_columns=50)
    assert len(few) <= 50
    assert sum(bucket["n"] for bucket in few) == 300  # what stands for how many
    assert few[-1]["x"] == 299
    assert [bucket["x"] for bucket in columns(lo=100, hi=110)] == list(range(100, 110))


@at_length
def test_p5_35_tensorboard_229_all_points_of_a_long_run_are_drawn(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="tb229")
        for step in range(15_000):
            weft.log({"accuracy": step / 15_000})
        """,
        environment,
    )
    row = chart(server, PROJECT, "tb229", "accuracy", n_buckets=10_000)
    assert row["n_points"] == 15_000
    assert sum(row["count"]) == 15_000


@at_length
def test_p5_35_tensorboard_1575_what_is_logged_late_replaces_nothing(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    # A reservoir throws early points out when later ones come.
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="tb1575")
        for step in range(12_000):
            weft.log({"loss": float(step)})
        """,
        environment,
    )
    early = chart(server, PROJECT, "tb1575", "loss", lo=0, hi=64)
    assert early["mean64"] == [float(step) for step in range(64)]


@at_length
def test_p5_35_tensorboard_2233_any_step_of_what_is_no_number_can_be_chosen(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="tb2233")
        for epoch in range(500):
            weft.log({"sample": f"output of epoch {epoch}"}, step=epoch * 1000)
        """,
        environment,
    )
    rows = list(api.run(f"local/{PROJECT}/tb2233").scan_history(keys=["sample"]))
    assert [(row["_step"], row["sample"]) for row in rows] == [
        (epoch * 1000, f"output of epoch {epoch}") for epoch in range(500)
    ]


@at_length
def test_p5_35_tensorboard_4042_no_option_is_needed_to_load_all_points(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess, api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="tb4042")
        for step in range(5000):
            weft.log({"scalar": step ** 0.5})
        """,
        environment,
    )
    assert chart(server, PROJECT, "tb4042", "scalar")["n_points"] == 5000
    rows = api.run(f"local/{PROJECT}/tb4042").scan_history(keys=["scalar"])
    assert [row["scalar"] for row in rows] == [step**0.5 for step in range(5000)]


@at_length
def test_p5_35_tensorboard_4074_runs_of_one_length_show_the_same_steps(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    # Sampled apart, two runs can't be compared at a step.
    run_well(
        tmp_path,
        """
        import weft
        for name in ("tb4074a", "tb4074b"):
            with weft.init(id=name, reinit=True) as run:
                for step in range(4000):
                    run.log({"loss": step if name == "tb4074a" else -step})
        """,
        environment,
    )
    panel = {"runs": ["tb4074a", "tb4074b"], "keys": ["loss"]}
    ((first, other),) = ask(server, PROJECT, panel)
    assert drawn_x(first) == drawn_x(other)
    assert first["count"] == other["count"]
    assert first["mean64"] == [-value for value in other["mean64"]]
