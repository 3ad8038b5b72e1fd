"""One tracker, one case: times each call of its log function. `log_call.py` runs it.

    python log_worker.py PEER N_KEYS KIND N_CALLS SITUATION

Prints a JSON list: µs of each call. KIND is float, f32 or f64, or `defined`: floats, all with a
step metric to be filled in and four aggregates. SITUATION is `back`, `gap`, `threads` or `spin`.
The last three leave 5 ms of numpy work between calls.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Log = Callable[[Row], object]
WORK_SECS = 0.005
N_THREADS = 8


def open_weft() -> tuple[Log, Callable[[], object]]:
    import weft

    run = weft.init(project="bench")
    return run.log, run.finish


def open_wandb() -> tuple[Log, Callable[[], object]]:
    import wandb

    run = wandb.init(project="bench", mode="offline")
    return run.log, run.finish


def open_trackio() -> tuple[Log, Callable[[], object]]:
    import contextlib
    import io

    import trackio

    with contextlib.redirect_stdout(io.StringIO()):
        run = trackio.init(project="bench")
    return run.log, lambda: None


def open_tensorboardx() -> tuple[Log, Callable[[], object]]:
    import os

    from tensorboardX import SummaryWriter

    writer = SummaryWriter(f"{os.environ['WEFT_DIR']}/tb-{os.getpid()}")
    step = iter(range(10**9))

    def log(row: Row) -> None:
        number = next(step)
        for key, value in row.items():
            writer.add_scalar(key, value, number)

    return log, writer.close


OPENERS = {
    "weft": open_weft,
    "wandb": open_wandb,
    "trackio": open_trackio,
    "tensorboardX": open_tensorboardx,
}


def define_metrics(log: Log) -> None:
    import weft

    weft.define_metric("metric/*", step_metric="epoch", summary="min,max,mean,best")
    log({"epoch": 1})


def make_row(n_keys: int, kind: str) -> Callable[[int], Row]:
    names = [f"metric/{number}" for number in range(n_keys)]
    if kind in {"float", "defined"}:
        return lambda i: {name: i * 0.5 + k for k, name in enumerate(names)}
    import numpy as np

    make = np.float32 if kind == "f32" else np.float64
    return lambda i: {name: make(i * 0.5 + k) for k, name in enumerate(names)}


def work() -> Callable[[], None]:
    """5 ms of matrix products, which give up the GIL as a training step does."""
    import numpy as np

    matrix = np.random.default_rng(0).random((200, 200))

    def busy() -> None:
        end = time.perf_counter() + WORK_SECS
        while time.perf_counter() < end:
            matrix @ matrix

    return busy


def timed(
    log: Log, rows: Callable[[int], Row], n_calls: int, pause: Callable[[], None]
) -> list[float]:
    clock = time.perf_counter_ns
    took: list[float] = []
    for number in range(n_calls):
        pause()
        row = rows(number)
        begin = clock()
        log(row)
        took.append((clock() - begin) / 1e3)
    return took


def main() -> None:
    peer, n_keys, kind, n_calls, situation = sys.argv[1:6]
    log, close = OPENERS[peer]()
    if kind == "defined":
        define_metrics(log)
    rows = make_row(int(n_keys), kind)
    pause = (lambda: None) if situation == "back_to_back" else work()
    timed(log, rows, 20, pause)
    took: list[float] = []
    if situation == "threads":
        results: list[list[float]] = [[] for _ in range(N_THREADS)]

        def run(thread: int) -> None:
            results[thread] = timed(log, rows, int(n_calls) // N_THREADS, pause)

        threads = [threading.Thread(target=run, args=(thread,)) for thread in range(N_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = [value for result in results for value in result]
    else:
        stop = threading.Event()

        def spin() -> None:
            while not stop.is_set():
                sum(range(500))

        if situation == "spin":
            threading.Thread(target=spin, daemon=True).start()
        took = timed(log, rows, int(n_calls), pause)
        stop.set()
    print(json.dumps(took), flush=True)
    close()


if __name__ == "__main__":
    main()
