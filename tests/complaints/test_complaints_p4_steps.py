"""P4 of the field report: steps that must rise, and data that is silently dropped.

Each test runs the script of one complaint and asserts what its author expected: every value that
was logged is there, at the step that it was logged at, and nobody is warned of anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from sdk_script import run_script, script_environment, start_script
from server_process import ServerProcess, wait_until
from weft.errors import NotFound

pytestmark = pytest.mark.timeout(300)

Point = tuple[int | float, Any]


@pytest.fixture
def environment(server: ServerProcess) -> dict[str, str]:
    # As the authors set it: their variables, this server.
    return {"WANDB_MODE": "online", "WANDB_BASE_URL": server.url, "WANDB_PROJECT": "p4",
            "WEFT_MODE": "online"}  # fmt: skip


def run_silently(folder: Path, code: str, environment: dict[str, str]) -> None:
    """Run a script that has to end well and to warn of nothing."""
    script = run_script(folder, code, environment)
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr


def series(api: weft.Api, run_id: str, key: str) -> list[Point]:
    rows = api.run(f"local/p4/{run_id}").scan_history(keys=[key])
    return [(row["_step"], row[key]) for row in rows]


def test_p4_27_wandb_6269_a_call_without_a_step_drops_no_stream(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # One call without a step moves the counter; those that name the old step have to be kept.
    run_silently(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="w6269")
        for step in range(0, 300, 100):
            for key in ("eng-hin", "eng-tur"):
                wandb.log({f"valid/{key}": step}, step=step)
            wandb.log({"elapsed": step})
            for key in ("eng-deu", "eng-fra"):
                wandb.log({f"valid/{key}": step}, step=step)
        """,
        environment,
    )
    for key in ("eng-hin", "eng-tur", "eng-deu", "eng-fra"):
        assert series(api, "w6269", f"valid/{key}") == [(0, 0), (100, 100), (200, 200)]


@at_length
def test_p4_28_wandb_10628_training_may_begin_at_0_after_inference_logged(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        run = wandb.init(id="w10628")
        run.define_metric("inference/*", step_metric="inference/step")
        for n in range(8073):
            run.log({"inference/step": n, "inference/tokens": n}, commit=True)
        for iteration in range(3):
            run.log({"samples vs steps": 512 * iteration}, iteration)
            run.log({"inference/late": iteration})
        """,
        environment,
    )
    assert series(api, "w10628", "samples vs steps") == [(0, 0), (1, 512), (2, 1024)]
    assert len(series(api, "w10628", "inference/tokens")) == 8073
    rows = api.run("local/p4/w10628").scan_history(keys=["inference/late", "inference/step"])
    late = [row for row in rows if "inference/late" in row]
    assert [row["inference/step"] for row in late] == [8072] * 3


def test_p4_29_wandb_9449_one_step_into_the_future_loses_nothing_and_needs_no_watching(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        run = wandb.init(id="w9449", settings={"strict": True})
        for step in range(5):
            run.log({"oops": step}, step=step + 1)
            run.log({"useful": step}, step=step)
        """,
        environment,
    )
    assert series(api, "w9449", "useful") == [(step, step) for step in range(5)]
    assert series(api, "w9449", "oops") == [(step + 1, step) for step in range(5)]


@at_length
def test_p4_29_wandb_5913_a_high_step_of_a_resumed_run_blocks_no_lower_one(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        run = wandb.init(id="w5913")
        run.log({"valid": 1}, step=607_500)
        run.finish()
        run = wandb.init(id="w5913", resume="allow")
        run.log({"speed": 1}, step=583_600)
        run.log({"speed": 2}, step=583_700)
        """,
        environment,
    )
    assert series(api, "w5913", "speed") == [(583_600, 1), (583_700, 2)]
    assert series(api, "w5913", "valid") == [(607_500, 1)]


@at_length
def test_p4_29_wandb_5274_epochs_may_be_steps_beside_a_counter_of_batches(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="w5274", config={"a": 1, "b": 2})
        for epoch in range(10):
            for batch in range(100):
                if batch % 10 == 0:
                    wandb.log({"train/loss_batch": 0.99 ** batch})
            wandb.log({"eval/loss": 1 / (epoch + 1)}, step=epoch, commit=True)
        """,
        environment,
    )
    expected = [(epoch, 1 / (epoch + 1)) for epoch in range(10)]
    assert series(api, "w5274", "eval/loss") == expected
    steps = [step for step, _ in series(api, "w5274", "train/loss_batch")]
    assert steps == list(range(100))


@at_length
def test_p4_29_wandb_2812_a_second_trial_in_one_run_counts_from_1_again(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="w2812")
        for trial in range(2):
            for epoch in range(1, 10):
                wandb.log({"lr": trial + epoch / 10}, step=epoch)
        """,
        environment,
    )
    expected = [(epoch, trial + epoch / 10) for epoch in range(1, 10) for trial in range(2)]
    assert series(api, "w2812", "lr") == expected


@at_length
def test_p4_29_wandb_6077_an_evaluation_may_end_after_a_later_one(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # Evaluations run beside the training, and end in another order than they began.
    run_silently(
        tmp_path,
        """
        import threading
        import weft as wandb
        run = wandb.init(id="w6077")
        go_on = {50: threading.Event(), 20: threading.Event()}

        def evaluate(iteration):
            go_on[iteration].wait()
            run.log({"eval": iteration / 100}, step=iteration)

        threads = {}
        for iteration in range(60):
            run.log({"train": iteration}, step=iteration)
            if iteration in go_on:
                threads[iteration] = threading.Thread(target=evaluate, args=(iteration,))
                threads[iteration].start()
        for iteration in go_on:
            go_on[iteration].set()
            threads[iteration].join()
        """,
        environment,
    )
    assert series(api, "w6077", "eval") == [(20, 0.2), (50, 0.5)]
    assert len(series(api, "w6077", "train")) == 60


@at_length
def test_p4_30_prime_rl_1668_async_streams_with_and_without_steps_keep_both(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import asyncio
        import weft as wandb
        run = wandb.init(id="prime1668")

        async def evaluate():
            for n in range(50):
                run.log({"eval/reward": n})
                await asyncio.sleep(0)

        async def train():
            for step in range(10):
                run.log({"train/reward": step, "step": step}, step=step)
                await asyncio.sleep(0)

        async def main():
            await asyncio.gather(evaluate(), train())

        asyncio.run(main())
        """,
        environment,
    )
    assert series(api, "prime1668", "train/reward") == [(step, step) for step in range(10)]
    rewards = [value for _, value in series(api, "prime1668", "eval/reward")]
    assert sorted(rewards) == list(range(50))


@at_length
def test_p4_30_prime_rl_1516_an_explicit_step_is_pushed_at_once(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # The official client holds a row with a step back until the next one begins.
    script = start_script(
        tmp_path,
        """
        import sys
        import weft as wandb
        run = wandb.init(id="prime1516")
        run.log({"perf": 1.0, "step": 3}, step=3)
        run.log({"optim": 2.0, "step": 3}, step=3)
        sys.stdin.readline()
        """,
        script_environment(environment),
        stdin=-1,
    )

    def pushed() -> list[dict[str, Any]]:
        try:
            return list(api.run("local/p4/prime1516").scan_history())
        except NotFound:
            return []

    wait_until(lambda: pushed() and "optim" in pushed()[0], what="the row of the present step")
    (row,) = pushed()
    assert (row["_step"], row["perf"], row["optim"]) == (3, 1.0, 2.0)
    assert api.run("local/p4/prime1516").state == "running"
    script.communicate("\n", timeout=180)
    assert script.returncode == 0


@at_length
def test_p4_30_prime_rl_1530_five_calls_for_a_training_step_are_one_row_at_that_step(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # Taking the step out made pushes faster and put each of the calls of a step at one of its
    # own, so that it had to come back. A call that has none to give belongs to the step at hand.
    run_silently(
        tmp_path,
        """
        import weft as wandb
        run = wandb.init(id="prime1530")

        def log(metrics):
            run.log(metrics, step=metrics.get("step", None))

        log({"eval/before": 1.0})
        for step in range(100, 104):
            for group in ("perf", "optim", "tensor_stats", "time", "disk"):
                log({f"{group}/value": step, "step": step})
        log({"eval/after": 2.0})
        """,
        environment,
    )
    rows = list(api.run("local/p4/prime1530").scan_history())
    groups = ("perf", "optim", "tensor_stats", "time", "disk")
    trained = [row for row in rows if "step" in row]
    assert [row["_step"] for row in trained] == [100, 101, 102, 103]
    assert all(row[f"{group}/value"] == row["_step"] for row in trained for group in groups)
    assert series(api, "prime1530", "eval/before") == [(0, 1.0)]
    assert series(api, "prime1530", "eval/after") == [(103, 2.0)]


@at_length
def test_p4_30_prime_rl_1880_a_flush_by_an_empty_dict_does_no_harm(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        run = wandb.init(id="prime1880")
        for step in range(3):
            run.log({}, step=step)
            run.log({"loss": step}, step=step)
            run.log({"samples": step}, step=step)
        """,
        environment,
    )
    rows = list(api.run("local/p4/prime1880").scan_history())
    assert [(row["_step"], row["loss"], row["samples"]) for row in rows] == [
        (step, step, step) for step in range(3)
    ]


@at_length
def test_p4_30_ms_swift_7080_steps_after_a_validation_go_on_where_the_training_was(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    # A validation of 46 batches, each logged without a step, in the middle of a training.
    run_silently(
        tmp_path,
        """
        import weft as wandb
        run = wandb.init(id="swift7080")
        for step in range(196, 206):
            run.log({"train/loss": 1 / step}, step=step)
            if step == 202:
                for batch in range(46):
                    run.log({"profiling/eval": batch})
                run.log({"eval/loss": 0.5}, step=step)
        """,
        environment,
    )
    assert series(api, "swift7080", "train/loss") == [(n, 1 / n) for n in range(196, 206)]
    assert series(api, "swift7080", "eval/loss") == [(202, 0.5)]
    assert len(series(api, "swift7080", "profiling/eval")) == 46


@at_length
def test_p4_30_tunix_137_each_prefix_may_count_its_own_steps(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_silently(
        tmp_path,
        """
        import weft as wandb
        wandb.init(id="tunix137")
        counts = {}

        def record(event, value):
            step = counts[event] = counts.get(event, -1) + 1
            wandb.log({event: value}, step=step)

        for batch in range(4):
            record("train/loss", batch)
            if batch % 2:
                record("eval/loss", batch)
        """,
        environment,
    )
    assert series(api, "tunix137", "train/loss") == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert series(api, "tunix137", "eval/loss") == [(0, 1), (1, 3)]


def test_p4_30_pufferdrive_468_ranks_share_one_run_and_lower_eval_steps_are_kept(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    ranks = [
        start_script(
            tmp_path,
            """
            import os
            import weft as wandb
            rank = int(os.environ["RANK"])
            with wandb.init() as run:
                for step in range(1, 6):
                    run.log({"agent_steps": 2 * step, f"loss/{rank}": step}, step=2 * step)
                    if rank == 0:
                        run.log({"eval/score": step}, step=step)
            """,
            script_environment(
                environment | {"WANDB_RUN_ID": "puffer468", "RANK": str(rank), "WORLD_SIZE": "2"}
            ),
        )
        for rank in range(2)
    ]
    for rank in ranks:
        _, stderr = rank.communicate(timeout=180)
        assert rank.returncode == 0, stderr
    assert series(api, "puffer468", "eval/score") == [(step, step) for step in range(1, 6)]
    for rank in range(2):
        expected = [(2 * step, step) for step in range(1, 6)]
        assert series(api, "puffer468", f"loss/{rank}") == expected
