"""`kill -9` of the server and of the official client at random moments: each row counts once.

`make test-kill ROUNDS=200` is the long form. Prints its seed and where the kills fell.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest

from at_length import at_length
from live_runs import LiveServer
from server_process import wait_until
from wandb_client import KEY, WandbClient
from weft.errors import NoSuchRun

N_ROWS = 1000
SCRIPT = """
import time
settings = wandb.Settings(x_file_stream_transmit_interval=1)
run = wandb.init(project="tests", id="{run}", config={{"a": 1}}, settings=settings)
print("LOGGING", flush=True)
for i in range({n_rows}):
    run.log({{"v": i, "d": {{"w": 2 * i}}, "text": "t" * 500}})
    time.sleep(0.004)
run.finish()
"""
pytestmark = pytest.mark.timeout(3000)


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("WEFT_TEST_SEED") or random.randrange(2**31))
    print(f"\nseed {seed}")
    return random.Random(seed)


def values_of(live: LiveServer, run: str) -> list[int]:
    rows = list(live.api.run(f"local/tests/{run}").scan_history())
    assert [row["d.w"] for row in rows] == [2 * row["v"] for row in rows]
    return [row["v"] for row in rows]


def rows_so_far(live: LiveServer, run: str) -> list[int]:
    """Its values; none before the server knows the run."""
    try:
        return values_of(live, run)
    except NoSuchRun:
        return []


def test_rows_count_once_when_the_server_is_killed(
    tmp_path: Path, n_rounds: int, chance: random.Random
) -> None:
    n_rounds = max(n_rounds // 3, 1)
    seen: list[int] = []
    with LiveServer(tmp_path) as live:
        for number in range(n_rounds):
            folder = tmp_path / str(number)
            folder.mkdir()
            client = WandbClient(live.url, KEY, folder)
            run = f"s{number}"
            process = client.start(SCRIPT.format(run=run, n_rows=N_ROWS))
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "LOGGING"
            wait_until(lambda run=run: len(rows_so_far(live, run)) > 0, what="rows at the server")
            for _ in range(2):
                time.sleep(chance.uniform(0.0, 1.5))
                live.process.kill()
                live.start_again()
                seen.append(len(values_of(live, run)))
            stdout, stderr = process.communicate(timeout=300)
            assert process.returncode == 0, stdout + stderr
            assert values_of(live, run) == list(range(N_ROWS)), f"round {number}"
            assert live.run(run).state == "finished"
    print(f"{n_rounds} rounds; rows at the restarts: {seen}")
    assert any(0 < n_rows < N_ROWS for n_rows in seen)


@at_length
def test_rows_count_once_when_the_client_is_killed_and_synced(
    tmp_path: Path, n_rounds: int, chance: random.Random
) -> None:
    n_rounds = max(n_rounds // 3, 1)
    seen: list[tuple[int, int]] = []
    with LiveServer(tmp_path) as live:
        for number in itertools.count():
            # the last one is a kill that left rows to be sent
            if number >= n_rounds and any(before < after for before, after in seen):
                break
            assert number < n_rounds + 10, f"no kill left rows to be sent: {seen}"
            folder = tmp_path / str(number)
            folder.mkdir()
            client = WandbClient(live.url, KEY, folder)
            run = f"c{number}"
            process = client.start(SCRIPT.format(run=run, n_rows=N_ROWS))
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "LOGGING"
            time.sleep(chance.uniform(0.8, 4.0))
            for victim in [*psutil.Process(process.pid).children(recursive=True), process]:
                victim.send_signal(signal.SIGKILL)
            process.communicate()
            before = values_of(live, run)
            assert before == list(range(len(before)))
            (directory,) = (folder / "wandb").glob("run-*")
            for _ in range(2):
                done = client.command("sync", "--no-skip-online", directory)
                assert done.exit_code == 0, done.stdout + done.stderr
                for mark in directory.glob("*.synced"):
                    mark.unlink()
            after = values_of(live, run)
            seen.append((len(before), len(after)))
            assert after == list(range(len(after))), f"round {number}"
            assert len(after) >= len(before)
            wait_until(lambda run=run: live.run(run).config == {"a": 1}, what="the config")
    print(f"{len(seen)} rounds; rows before and after the sync: {seen}")
