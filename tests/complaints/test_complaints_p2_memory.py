"""P2 of the field report, 19: clients that grow with each object they make.

Each test runs the script of a complaint and looks at what its process holds.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer
from sdk_script import run_script, run_well

pytestmark = pytest.mark.timeout(300)


@at_length
def test_p2_19_wandb_12910_many_api_objects_leave_nothing(
    tmp_path: Path, live: LiveServer
) -> None:
    # "~2.5 MiB per wandb.Api() instance", in a process of the client's own: a job that polled was
    # killed after ten hours.
    run_script(tmp_path, "import weft; weft.init(id='read').log({'a': 1})", live.environment)
    script = run_well(
        tmp_path,
        """
        import gc, json, psutil, threading, tracemalloc, weft

        def poll():
            api = weft.Api()
            assert [row["a"] for row in api.run("read").scan_history()] == [1]
            try:
                api.run("does-not-exist")
            except weft.errors.NotFound:
                pass

        me = psutil.Process()
        def held():
            gc.collect()
            return [me.num_fds(), threading.active_count(), len(me.children(recursive=True))]

        for _ in range(20):
            poll()
        tracemalloc.start()
        before, bytes_before = held(), tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            poll()
        after, bytes_after = held(), tracemalloc.get_traced_memory()[0]
        print(json.dumps([before, after, bytes_after - bytes_before]))
        """,
        live.environment,
        is_forked=False,
    )
    before, after, n_bytes = json.loads(script.stdout)
    assert after == before
    assert n_bytes < 200 * 1024, "a KiB for each would be a leak"


@at_length
def test_p2_19_wandb_5957_trials_in_one_process_take_no_memory(
    tmp_path: Path, live: LiveServer
) -> None:
    # Ray Tune's callback makes a run per trial; memory grew with each.
    script = run_script(
        tmp_path,
        """
        import gc, psutil, weft
        me = psutil.Process()
        def taken():
            gc.collect()
            return me.memory_info().rss
        settings = {"silent": True}
        for trial in range(60):
            with weft.init(settings=settings, config={"trial": trial}) as run:
                for step in range(20):
                    run.log({f"m{k}": step * k for k in range(50)})
            if trial == 20:
                before = taken()
        assert taken() < before + (4 << 20), (before, taken())
        """,
        live.environment,
        is_forked=False,
    )
    assert script.exit_code == 0, script.stderr
