"""P2 of the field report: import and init that take seconds, and an Api that grows.

Nothing here is timed: what costs the time is counted.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from live_runs import LiveServer, await_no_sidecar
from sdk_script import run_script, start_script
from server_process import wait_until

pytestmark = pytest.mark.timeout(120)

SLOW = ("http", "ssl", "asyncio", "httpx", "requests", "numpy", "yaml", "click", "IPython",
        "multiprocessing", "subprocess", "importlib.metadata")  # fmt: skip
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
    )
    before, imported, started = json.loads(script.stdout)
    assert imported == before
    assert started == before


def test_p2_18_swanlab_1319_init_waits_for_no_server(tmp_path: Path) -> None:
    # A server that takes connections and never says a word.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = start_script(
            tmp_path,
            """
            import pathlib, weft

            run = weft.init(settings={"finish_timeout_secs": 0})
            run.log({"a": 1})
            pathlib.Path("logged").touch()
            """,
            {
                "WEFT_MODE": "online",
                "WEFT_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "WEFT_SYSTEM_INTERVAL": "0",
            },
        )
        # The server is as silent as before, and the script has done all its work.
        wait_until((tmp_path / "logged").exists, secs=60, what="first row")
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "weft sync" in stderr
    await_no_sidecar()


def test_p2_19_wandb_12910_many_api_objects_leave_nothing(
    tmp_path: Path, live: LiveServer
) -> None:
    run_script(tmp_path, "import weft; weft.init(id='read').log({'a': 1})", live.environment)
    script = run_script(
        tmp_path,
        """
        import gc, json, os, threading, tracemalloc, weft

        def read():
            run = weft.Api().run("read")
            assert [row["a"] for row in run.scan_history()] == [1]

        def held():
            gc.collect()
            return [len(os.listdir("/proc/self/fd")), threading.active_count()]

        for _ in range(20):
            read()
        tracemalloc.start()
        before, bytes_before = held(), tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            read()
        after, bytes_after = held(), tracemalloc.get_traced_memory()[0]
        print(json.dumps([before, after, bytes_after - bytes_before]))
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    before, after, n_bytes = json.loads(script.stdout)
    assert after == before
    assert n_bytes < 200 * 1024, "a KiB for each would be a leak"
