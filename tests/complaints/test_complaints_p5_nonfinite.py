"""P5 of the field report: NaN and infinite values that are ignored, rewritten, or break a page.

Each test runs the script of one complaint: the values arrive as what they are, are counted and
located in charts, and nothing of the run is unavailable because of them.
"""

from __future__ import annotations

import math
from pathlib import Path

import httpx
import pytest

import weft
from at_length import at_length
from chart_questions import ask, chart, drawn_x
from sdk_script import run_well
from server_process import ServerProcess

pytestmark = pytest.mark.timeout(300)

PROJECT = "p5odd"


@pytest.fixture
def environment(server: ServerProcess) -> dict[str, str]:
    return {"WANDB_MODE": "online", "WANDB_BASE_URL": server.url, "WANDB_PROJECT": PROJECT,
            "WEFT_MODE": "online"}  # fmt: skip


def test_p5_36_wandb_2202_nan_values_are_marked_in_the_chart(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft as wandb
        import numpy as np
        wandb.init(id="w2202")
        for i in range(50):
            value = np.nan if i % 5 else 1
            wandb.log(dict(value=value))
        """,
        environment,
    )
    row = chart(server, PROJECT, "w2202", "value")
    assert (row["n_points"], sum(row["nan"])) == (10, 40)
    assert [drawn_x(row)[position] for position in row["nonfinite"]] == [
        i for i in range(50) if i % 5
    ]
    assert (row["first_nonfinite_step"], row["first_nonfinite_row"]) == (1.0, 1)


@at_length
def test_p5_36_tensorboard_866_a_nan_is_where_it_was_logged_and_the_rest_is_drawn(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="tb866")
        for step in range(100):
            weft.log({"loss": float("nan") if step == 60 else 1.0})
        """,
        environment,
    )
    row = chart(server, PROJECT, "tb866", "loss")
    assert (
        drawn_x(row)[row["nonfinite"][0]]
        <= 60
        < drawn_x(row)[row["nonfinite"][0]] + 2 ** row["level"]
    )
    assert row["n_points"] == 99
    smooth = {"runs": ["tb866"], "expressions": [{"name": "s", "text": "ema(loss, 0.9)"}]}
    ((smoothed,),) = ask(server, PROJECT, smooth)
    assert smoothed["mean64"][-1] == pytest.approx(1.0)  # a NaN does not swallow what follows


@at_length
def test_p5_36_aim_436_a_chart_with_nan_and_inf_has_an_axis(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        for name, values in (("aim436a", [float("nan"), float("inf"), -float("inf")]),
                             ("aim436b", [1.0, 2.0, 3.0])):
            with weft.init(id=name, reinit=True) as run:
                for value in values:
                    run.log({"loss": value})
        """,
        environment,
    )
    panel = {"runs": ["aim436a", "aim436b"], "keys": ["loss"], "bounds": {"lo": 0.0, "hi": 1.0}}
    ((nonfinite, plain),) = ask(server, PROJECT, panel)
    assert (nonfinite["nan"], nonfinite["pos_inf"], nonfinite["neg_inf"]) == (
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    )
    assert plain["mean64"] == [1.0, 2.0, 3.0]
    assert (plain["bound_lo"], plain["bound_hi"]) == (1.0, 3.0)


@at_length
def test_p5_37_mlflow_16555_a_run_whose_last_value_is_nan_can_be_looked_at(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess, api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="ml16555")
        weft.log({"metric": float("nan"), "other": 5})
        """,
        environment,
    )
    run = api.run(f"local/{PROJECT}/ml16555")
    assert math.isnan(run.summary["metric"])
    assert run.summary["other"] == 5
    answer = httpx.get(f"{server.url}/api/v1/projects/local/{PROJECT}/runs/ml16555")
    assert answer.json()["summary"]["metric"] == "NaN"


def test_p5_37_mlflow_26108_nan_and_infinities_of_all_signs_come_back_as_logged(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="ml26108")
        for value in (float("inf"), -float("inf"), float("nan"), 1.7976931348623157e308):
            weft.log({"value": value})
        """,
        environment,
    )
    rows = api.run(f"local/{PROJECT}/ml26108").scan_history(keys=["value"])
    values = [row["value"] for row in rows]
    assert values[:2] == [math.inf, -math.inf]
    assert math.isnan(values[2])
    assert values[3] == 1.7976931348623157e308  # the largest float is not what inf becomes


@at_length
def test_p5_37_mlflow_15535_one_nan_does_not_make_the_page_of_all_runs_unavailable(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        for name, value in (("ml15535a", float("nan")), ("ml15535b", 0.5)):
            with weft.init(id=name, reinit=True) as run:
                run.log({"score": value})
        """,
        environment,
    )
    answer = httpx.get(f"{server.url}/api/v1/projects/local/{PROJECT}/runs")
    scores = {run["id"]: run["summary"].get("score") for run in answer.json()["runs"]}
    assert (scores["ml15535a"], scores["ml15535b"]) == ("NaN", 0.5)
    panel = {"filter": 'id in ("ml15535a", "ml15535b")', "keys": ["score"], "group": {}}
    ((group,),) = ask(server, PROJECT, panel)
    assert group["mean64"] == [0.5]  # the mean of those that have one
    assert (group["runs"], group["nan"]) == ([1], [1])


@at_length
def test_p5_37_mlflow_1234_a_nan_ends_no_training(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import numpy as np
        import weft
        weft.init(id="ml1234", config={"param": np.nan})
        weft.log({"Epoch Training Loss": np.nan})
        weft.log({"Epoch Training Loss": np.float32("inf")})
        weft.log({"Epoch Training Loss": 0.5})
        """,
        environment,
    )
    run = api.run(f"local/{PROJECT}/ml1234")
    assert math.isnan(run.config["param"])
    assert run.summary["Epoch Training Loss"] == 0.5


@at_length
def test_p5_37_neptune_client_183_inf_and_nan_are_sent_shown_and_downloaded(
    tmp_path: Path, environment: dict[str, str], server: ServerProcess, api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        weft.init(id="np183")
        for value in (1.0, float("inf"), float("nan"), 2.0, -float("inf")):
            weft.log({"value": value})
        """,
        environment,
    )
    row = chart(server, PROJECT, "np183", "value")
    assert (sum(row["nan"]), sum(row["pos_inf"]), sum(row["neg_inf"])) == (1, 1, 1)
    rows = api.run(f"local/{PROJECT}/np183").scan_history(keys=["value"])
    assert repr([row["value"] for row in rows]) == "[1.0, inf, nan, 2.0, -inf]"
