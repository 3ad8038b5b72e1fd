"""A training script for tests of the sidecar: writes a log, has it uploaded, ends in some way.

    python sync_trainer.py '{"base": "…", "url": "…", "rows": 5}'

It prints one JSON object per event. It uses the log and the sidecar directly, not `weft.init`, so
that each step can be looked at.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from made_logs import append_rows, finish_log, make_log, make_run_directory
from weft.records.record import System
from weft.runlog.platform import PORTABLE
from weft.runlog.reader import read_records
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.spawn import start_sidecar

DEFAULTS: dict[str, Any] = {
    "url": None,
    "run_id": "ab12cd34",
    "rows": 5,
    "interval_secs": 0.0,
    "linger_secs": 600.0,
    "no_progress_secs": 60.0,
    "ending": "finish",  # leave, kill, wait, until_stop, forked, respawn, rerun
    "n_samples": 0,
    "sigpipe": False,
}


def tell(event: str, **fields: Any) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def count_samples(directory: Path) -> int:
    """The number of samples of the machine's state that the sidecar has noted."""
    records = (record for log in directory.glob("*.weft") for record in read_records(log))
    return sum(isinstance(record, System) for record in records)


def main() -> None:
    options = {**DEFAULTS, **json.loads(sys.argv[1])}
    run_id, url = options["run_id"], options["url"]
    if options["sigpipe"]:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    directory = make_run_directory(Path(options["base"]), run_id)
    log = make_log(directory, run_id=run_id)

    def start() -> Any:
        return start_sidecar(
            log.path,
            base_url=url,
            sampling=SamplingSettings(interval_secs=options["interval_secs"]),
            linger_secs=options["linger_secs"],
        )

    sidecar = start()
    children = "unasked"
    if not PORTABLE:  # there the sidecar is a child, and this would wait for its end
        try:
            os.wait()
        except ChildProcessError:
            children = "none"
    tell("started", children=children, alive=sidecar.is_alive(), log=str(log.path))
    for step in range(options["rows"]):
        append_rows(log, 1, first=step)
    while count_samples(directory) < options["n_samples"]:
        time.sleep(0.05)
    ending = options["ending"]
    if ending == "forked" and os.fork() == 0:
        sidecar.abandon()
        child = make_log(directory, run_id=run_id, parent_writer=log.header.writer_id)
        append_rows(child, 7)
        finish_log(child)
        os._exit(0)
    if ending == "forked":
        os.wait()
    if ending in {"wait", "respawn"}:
        while (status := sidecar.status()) is None or not status.logs or not status.logs[0].acked:
            time.sleep(0.01)
        tell("waiting", sidecar=status.pid)
    if ending == "wait":
        while True:
            append_rows(log, 1, first=10**6)
            time.sleep(0.01)
    if ending == "until_stop":
        while not sidecar.upload_state(run_id, log.path.name).stop:
            append_rows(log, 1, first=2000)
            time.sleep(0.05)
    if ending == "respawn":
        while sidecar.is_alive():
            time.sleep(0.01)
        sidecar.wake()  # into a pipe that nobody reads
        append_rows(log, 5, first=1000)
        sidecar.abandon()
        sidecar = start()
    if ending == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if ending == "leave":
        finish_log(log)
        tell("left")
        return
    finish_log(log)
    result = sidecar.finish(run_id, log.path, no_progress_secs=options["no_progress_secs"])
    status = sidecar.status()
    tell(
        "finished",
        outcome=result.outcome,
        error=result.error,
        n_unsent_bytes=result.n_unsent_bytes,
        sidecar=status.pid if status else None,
        states=[entry.state for entry in status.logs] if status else [],
        stop=sidecar.upload_state(run_id, log.path.name).stop,
    )
    if ending == "rerun":
        second = make_log(make_run_directory(Path(options["base"]), "second00"), run_id="second00")
        sidecar.add_run(second.path)
        append_rows(second, 4)
        finish_log(second)
        result = sidecar.finish("second00", second.path, no_progress_secs=60.0)
        tell("finished", outcome=result.outcome, log=str(second.path))
    tell("closed", ended=sidecar.close(wait_secs=60.0))


if __name__ == "__main__":
    main()
