"""P2 of the field report, 18: import and init that take seconds.

Nothing here is timed: what costs the time is counted, or never happens.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer
from sdk_script import run_script, run_well, start_script

pytestmark = pytest.mark.timeout(300)

SLOW = ("http", "ssl", "asyncio", "httpx", "requests", "numpy", "yaml", "click", "IPython",
        "multiprocessing", "subprocess", "importlib.metadata", "dataclasses",
        "weft.runlog.decoding", "weft.sdk.setup.moments", "weft.sync.process",
        "weft.wire")  # fmt: skip
"""Modules that take their time, which neither importing weft nor starting a run needs."""


def test_p2_18_wandb_5440_import_and_init_load_nothing_slow(
    tmp_path: Path, live: LiveServer
) -> None:
    script = run_script(
        tmp_path,
        f"""
        import json, sys

        def loaded():
            return [name for name in {SLOW} if name in sys.modules]

        before = loaded()
        import weft
        imported = loaded()
        run = weft.init(config={{"lr": 0.1}})
        run.log({{"a": 1}})
        print(json.dumps([before, imported, loaded()]))
        """,
        live.environment,
        is_forked=False,
    )
    before, imported, started = json.loads(script.stdout)
    assert imported == before
    assert started == before


def test_p2_18_wandb_5440_init_waits_for_no_server(tmp_path: Path, live: LiveServer) -> None:
    # 2 to 10 s of init were round trips: this server takes connections and never says a word.
    with live.held_up():
        script = run_well(
            tmp_path,
            """
            import weft
            run = weft.init(id="no-round-trip")
            run.log({"a": 1})
            print("trained", flush=True)
            """,
            {**live.environment, "WEFT_FINISH_TIMEOUT": "0"},
        )
    assert script.stdout == "trained\n"
    assert "weft sync" in script.stderr
    assert live.ended("no-round-trip").state == "finished"
    assert live.values("no-round-trip", "a") == [1]


@at_length
def test_p2_18_swanlab_1319_trials_do_not_wait_for_the_server_one_by_one(
    tmp_path: Path,
    live: LiveServer,
) -> None:
    # An Optuna study of 50 trials waited for the server's response at the start of each.
    with live.held_up():
        script = start_script(
            tmp_path,
            """
            import sys, weft
            for trial in range(20):
                run = weft.init(id=f"trial-{trial}", reinit="create_new")
                run.log({"objective": trial})
            print("studied", flush=True)
            sys.stdin.readline()
            """,
            live.environment,
            stdin=-1,
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "studied\n", "though the server has answered nothing"
    _, stderr = script.communicate("\n", timeout=180)
    assert script.returncode == 0, stderr
    for trial in range(20):
        assert live.ended(f"trial-{trial}").state == "finished"
        assert live.values(f"trial-{trial}", "objective") == [trial]
