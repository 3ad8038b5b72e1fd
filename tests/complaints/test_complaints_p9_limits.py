"""P9 of the field report: limits of rate, size and count that a training runs into.

Each test runs the scripts of a complaint and asserts what its author expected. Nothing is timed.
The complaints of item 59, about exports, are in `test_complaints_p9_export.py`.
"""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length
from live_runs import PROJECT, LiveServer, await_no_sidecar
from sdk_script import run_script, run_well, start_script
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)

OFFLINE = {"WEFT_MODE": "offline", "WEFT_PROJECT": PROJECT, "WEFT_SYSTEM_INTERVAL": "0"}


def ask(live: LiveServer, path: str) -> Any:
    with urllib.request.urlopen(f"{live.url}/api/v1/projects/local/{PROJECT}/{path}") as answer:
        return json.load(answer)


def n_points(live: LiveServer, *run_ids: str) -> dict[str, int]:
    """By metric, how many points the server has of some runs."""
    metrics = ask(live, f"metrics?runs={','.join(run_ids)}")["metrics"]
    return {
        metric["key"]: metric["n_points"]
        for metric in metrics
        if not metric["key"].startswith("system.")
    }


def logs_of_uploads(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.glob("weft/run-*/logs/*.log"))


# -- 57: answers that say "too many requests" ---


@at_length
def test_p9_57_wandb_6084_a_loop_that_logs_as_fast_as_it_can_meets_no_rate_limit(
    tmp_path: Path, live: LiveServer
) -> None:
    # A fine-tuning that logged each gradient step was told to retry later, again and again.
    script = run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="fast")
        for step in range(20_000):
            run.log({"train/loss": 1 / (step + 1), "train/grad_norm": step})
        run.finish()
        """,
        live.environment,
    )
    live.ended("fast")
    assert n_points(live, "fast") == {"train/loss": 20_000, "train/grad_norm": 20_000}
    for output in (script.stderr, logs_of_uploads(tmp_path)):
        assert "(429)" not in output
        assert "limit" not in output.lower()


@at_length
def test_p9_57_wandb_8152_a_long_offline_run_is_synced_in_few_requests(
    tmp_path: Path, live: LiveServer, capfd: pytest.CaptureFixture[str]
) -> None:
    # Logging offline was the advice against rate limits; the sync of it then took for ever, for
    # it met the same ones.
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="long")
        for step in range(30_000):
            run.log({f"metric/{i}": step + i for i in range(10)})
        run.finish()
        """,
        OFFLINE,
    )
    (log,) = tmp_path.glob("weft/run-*-long/run-long.*.weft")
    assert sync([tmp_path], base_url=live.url) == 0
    assert n_points(live, "long") == {f"metric/{i}": 30_000 for i in range(10)}
    assert live.ended("long").summary["metric/9"] == 30_008
    assert log.stat().st_size > 2**20, "it takes more than one request"
    assert "(429)" not in capfd.readouterr().err


@at_length
def test_p9_57_wandb_8150_many_offline_runs_are_synced_at_once(
    tmp_path: Path, live: LiveServer
) -> None:
    # `wandb sync --sync-all` of a folder of offline runs ended in a rate limit.
    run_well(
        tmp_path,
        """
        import weft
        for number in range(40):
            with weft.init(id=f"all{number}", config={"number": number}) as run:
                for step in range(50):
                    run.log({"loss": number / (step + 1)})
        """,
        OFFLINE,
    )
    assert sync([tmp_path], base_url=live.url) == 0
    ids = [f"all{number}" for number in range(40)]
    assert n_points(live, *ids) == {"loss": 40 * 50}
    assert [live.run(run_id).config["number"] for run_id in ids] == list(range(40))


@at_length
def test_p9_57_wandb_2597_runs_in_parallel_do_not_crash_while_the_server_is_overloaded(
    tmp_path: Path, live: LiveServer
) -> None:
    # All runs of a user were shown as crashed once the limit was met, while they still trained.
    code = """
        import sys, weft
        run = weft.init(id={run_id!r}, config={{"epochs": 300}})
        print("begun", flush=True)
        sys.stdin.readline()
        for step in range(300):
            run.log({{"loss": step}})
        print("logged", flush=True)
        sys.stdin.readline()
        """
    ids = [f"busy{number}" for number in range(4)]
    scripts = [
        start_script(tmp_path, code.format(run_id=run_id), live.environment, stdin=-1)
        for run_id in ids
    ]

    def hear(word: str) -> None:
        for script in scripts:
            assert script.stdout is not None
            assert script.stdout.readline().strip() == word

    def go_on() -> None:
        for script in scripts:
            assert script.stdin is not None
            script.stdin.write("\n")
            script.stdin.flush()

    hear("begun")
    with live.held_up():
        go_on()
        hear("logged")  # nobody waits for the server
    assert not {live.run(run_id).state for run_id in ids if live.has(run_id)} & {"crashed"}
    go_on()
    for script in scripts:
        script.communicate(timeout=180)
    assert [script.returncode for script in scripts] == [0, 0, 0, 0]
    assert [live.ended(run_id).state for run_id in ids] == ["finished"] * 4
    assert n_points(live, *ids) == {"loss": 4 * 300}


# -- 58: many agents, and rows that are large ---


@at_length
def test_p9_58_wandb_5445_more_than_twenty_processes_log_in_parallel(
    tmp_path: Path, live: LiveServer
) -> None:
    # "This rate allows to run approximately 15 processes in parallel"; sweeps "up to 20 agents".
    code = """
        import weft
        run = weft.init(id={run_id!r}, group="sweep", config={{"number": {number}}})
        for step in range(100):
            run.log({{"loss": step}})
        run.finish()
        """
    ids = [f"agent{number}" for number in range(24)]
    environment = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    scripts = [
        start_script(tmp_path, code.format(run_id=run_id, number=number), environment)
        for number, run_id in enumerate(ids)
    ]
    outputs = [script.communicate(timeout=120)[1] for script in scripts]
    assert [script.returncode for script in scripts] == [0] * 24, outputs
    for run_id in ids:
        assert live.ended(run_id).state == "finished"
    assert n_points(live, *ids) == {"loss": 24 * 100}
    assert "(429)" not in "".join(outputs) + logs_of_uploads(tmp_path)
    await_no_sidecar()


def test_p9_58_wandb_2080_a_row_of_more_than_four_megabytes_is_kept_whole(
    tmp_path: Path, live: LiveServer
) -> None:
    # "Metric data exceeds maximum size of 4.1MB", after which the log could not be synced at all.
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="large")
        name = "/".join(["a layer of a large model whose metrics have long names"] * 12)
        run.log({"before": 1})
        run.log({f"{name}/{i}": i for i in range(6_500)})
        run.log({"after": 2})
        run.finish()
        """,
        live.environment,
    )
    (log,) = tmp_path.glob("weft/run-*-large/run-large.*.weft")
    assert log.stat().st_size > 4_200_000
    live.ended("large")
    points = n_points(live, "large")
    assert len(points) == 6_502
    assert set(points.values()) == {1}
    summary = live.run("large").summary
    assert (summary["before"], summary["after"]) == (1, 2)


# -- 60: parameters that are too long, scalars that are too many ---


def logged_config(folder: Path, live: LiveServer, run_id: str, config: dict[str, Any]) -> Any:
    """A script's config on the server, and whether a warning was printed."""
    code = (
        f"import json, weft\nweft.init(id={run_id!r}, config=json.loads({json.dumps(config)!r}))"
    )
    script = run_well(folder, code, live.environment)
    assert "cut" not in script.stderr
    return live.ended(run_id).config


def test_p9_60_mlflow_1976_a_parameter_of_more_than_250_characters_is_kept_whole(
    tmp_path: Path, live: LiveServer
) -> None:
    config = {f"chars{n}": "x" * n for n in (250, 251, 500, 501, 6000, 6001, 100_000)}
    assert logged_config(tmp_path, live, "longer", config) == config


@at_length
def test_p9_60_mlflow_3931_filters_and_urls_of_any_length_can_be_searched_for(
    tmp_path: Path, live: LiveServer
) -> None:
    # Definitions of filter steps and augmentations had up to 12,000 characters.
    steps = "; ".join(f"keep rows where column {i} > {i}" for i in range(400))
    config = {
        "filter": steps,
        "url": "https://example.org/?" + "&".join(f"q={i}" for i in range(500)),
    }
    assert len(steps) > 11_991
    assert logged_config(tmp_path, live, "filtered", config) == config
    runs = live.api.runs(
        f"local/{PROJECT}",
        filters={"config.filter": {"$regex": "^keep rows where column 0 > 0; "}},
    )
    assert [run.id for run in runs] == ["filtered"]


@at_length
def test_p9_60_mlflow_5076_a_list_of_long_column_names_is_a_parameter(
    tmp_path: Path, live: LiveServer
) -> None:
    # Which text columns a pipeline used: kept as the list that it was, not as a shortened text.
    columns = [f"a_text_column_with_a_rather_long_name_{i}" for i in range(200)]
    config = {"columns": columns, "nested": {"pipeline": {"steps": columns[:50]}}}
    assert logged_config(tmp_path, live, "columns", config) == config


@at_length
def test_p9_60_clearml_383_more_than_a_hundred_scalars_stay_after_the_end(
    tmp_path: Path, live: LiveServer
) -> None:
    # Its script: 150 scalars, 100 iterations; a few more at the end tipped it over, and all after
    # "li" in the alphabet were gone once the experiment had ended.
    script = run_script(
        tmp_path,
        """
        import random, weft
        run = weft.init(id="scalars")
        names = [f"{name}/Test" for name in range(150)]
        for iteration in range(100):
            run.log({name: random.uniform(0, 1) for name in names})
        run.log({f"final/{i}": i for i in range(30)})
        run.finish()
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    stored = live.ended("scalars")
    expected = {f"{name}/Test": 100 for name in range(150)} | {f"final/{i}": 1 for i in range(30)}
    assert n_points(live, "scalars") == expected
    assert set(stored.summary) - {"_step", "_runtime", "_timestamp"} == set(expected)
    assert len(live.values("scalars", "99/Test")) == 100
