"""Ingests a script through services and dies as told; the child of `test_ingest_crash`.

Reads plans from its input, a line each: `DATA SEED KIND NUMBER`, and the words of `Databases`.
Each is carried out by a fork, so that a life costs no imports: `before` or `after` the NUMBERth
commit of points it dies by SIGKILL, or `never`. Meanwhile a thread renames the run. Prints, a line
each, the fork's `pid`, what was acknowledged, and the fork's `exit` status.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from killed_stores import databases_of

from service_uploads import START, WriterLog
from weft.errors import NotFound
from weft.records.record import Alert, Config, Exit, Record, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.ingest.upload import Upload
from weft.server.storage.clickhouse.store import SharedMetricStore
from weft.server.storage.contract import Batch
from weft.server.storage.metrics.store import SqliteMetricStore
from weft.wire.runs.runs import RunEdit

PATH = RunPath("local", "crash", "ab12cd34")
N_UPLOADS = 12


def script(seed: int) -> list[Upload]:
    """All uploads of two writers, interleaved; the same for the same seed."""
    rng = random.Random(seed)
    logs = [WriterLog("w1"), WriterLog("w2")]
    uploads: list[Upload] = []
    counts = {"w1": 0, "w2": 0}
    while min(counts.values()) < N_UPLOADS:
        log = rng.choice([log for log in logs if counts[log.writer] < N_UPLOADS])
        counts[log.writer] += 1
        nth = counts[log.writer]
        records: list[Record] = []
        if nth == 1:
            records.append(Run(PATH.run, PATH.project, name="from-script", start_micros=START))
        if rng.random() < 0.7:
            micros = START + rng.randrange(1000)
            records.append(Config(micros, [([rng.choice("abc"), "x"], nth), ([log.writer], nth)]))
            records.append(Alert(micros, f"{log.writer}-{nth}", "text"))
            records.append(Summary(micros, [(["best", log.writer], nth)]))
        if nth == N_UPLOADS:
            records.append(Exit(START + 2000, 0))
        rows = [
            {"loss": rng.random(), f"only-{log.writer}": i} for i in range(rng.randrange(1, 5))
        ]
        uploads.append(log.upload(*records, rows=rows))
    return uploads


def run_life(data: str, seed: str, kind: str, number: str, *databases: str) -> None:
    """One life of the server: all of the script that is not there yet, or until it dies."""
    appended = 0
    for store_class in (SqliteMetricStore, SharedMetricStore):

        def append(store: Any, batches: Sequence[Batch], append: Any = store_class.append) -> None:
            nonlocal appended
            appended += 1
            if (kind, appended) == ("before", int(number)):
                os.kill(os.getpid(), signal.SIGKILL)
            append(store, batches)
            if (kind, appended) == ("after", int(number)):
                os.kill(os.getpid(), signal.SIGKILL)

        store_class.append = append

    services = databases_of(list(databases)).open(Path(data))
    finished = threading.Event()

    def rename() -> None:
        nth = 0
        while not finished.is_set():
            nth += 1
            name = f"edit-{os.getpid()}-{nth}"
            say("trying", name)
            try:
                services.runs.edit(LOCAL, PATH, RunEdit(name=name))
            except NotFound:
                continue
            say("renamed", name)

    renamer = threading.Thread(target=rename)
    renamer.start()
    for upload in script(int(seed)):
        position = services.ingest.position(LOCAL, PATH, upload.stream)
        if position is not None and position.position >= upload.to_position:
            continue
        services.ingest.apply_upload(LOCAL, PATH, upload)
        say("acked", f"{upload.writer}-{upload.to_position}")
    finished.set()
    renamer.join()
    services.close()
    say("complete", "-")


def say(event: str, about: str) -> None:
    # One write per line: the parent may read while we die.
    os.write(1, f"{event} {about}\n".encode())


def serve() -> None:
    """Carry out plans until the input ends."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                say("pid", str(os.getpid()))
                run_life(*line.split())
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        say("exit", str(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    serve()
