"""Uploads, moves, deletes and brings back runs until killed; says what was answered.

python deletion_child.py DATA SEED METADATA_URL METRICS_URL

Prints `rows RUN N` once N rows of a run are acknowledged, and `final RUN` before it is deleted for
good. Runs are moved between three projects, and uploads always go to the first.
"""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

from killed_stores import databases_of

from service_uploads import BYTES_PER_RECORD, WriterLog
from weft.errors import Gone, PositionConflict, Unavailable, WeftError
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services
from weft.server.services.removal.trash import expire
from weft.wire.runs.bulk import BulkAction, BulkChange, DeleteAction, MoveAction, UndeleteAction

PROJECTS = ("a", "b", "c")
RUNS = tuple(f"run{number}" for number in range(4))


def path_of(run: str) -> RunPath:
    return RunPath("local", "a", run)


def upload(services: Services, run: str) -> None:
    """Send the next rows of a run, wherever it is."""
    try:
        position = services.ingest.position(LOCAL, path_of(run), "w1")
        log = WriterLog("w1")
        records: list[Run] = []
        if position is None:
            records = [Run(run, "a")]
        else:
            log.position = position.position
            log.n_rows = position.position // BYTES_PER_RECORD - 1
        first = log.n_rows
        rows = [{"n": first + nth} for nth in range(5)]
        services.ingest.apply_upload(
            LOCAL, path_of(run), log.upload(*records, rows=rows, secs=first)
        )
    except (Gone, Unavailable, PositionConflict):
        return  # it was moved or brought back since it was asked for: a sender asks again
    say(f"rows {run} {first + 5}")


def say(text: str) -> None:
    # One write, so that a kill leaves no half of a line before a whole one.
    sys.stdout.write(f"{text}.\n")
    sys.stdout.flush()


def change(services: Services, rng: random.Random) -> None:
    """Do something to runs of a project, where they are or not."""
    runs = rng.sample(RUNS, rng.randint(1, len(RUNS)))
    project = rng.choice(PROJECTS)
    final = rng.random() < 0.1
    action: BulkAction = rng.choice(
        [
            MoveAction(project=rng.choice(PROJECTS)),
            MoveAction(project=rng.choice(PROJECTS)),
            DeleteAction(permanently=final),
            UndeleteAction(),
            UndeleteAction(),
        ]
    )
    if isinstance(action, DeleteAction) and final:
        for run in runs:
            say(f"final {run}")
    try:
        services.bulk.apply_change(
            LOCAL, ProjectPath("local", project), BulkChange(runs=runs, action=action)
        )
    except WeftError:
        return
    say(f"did {type(action).__name__}")


def main() -> None:
    services = databases_of(sys.argv[3:]).open(Path(sys.argv[1]))
    rng = random.Random(int(sys.argv[2]))

    def log() -> None:
        randomness = random.Random(rng.random())
        while True:
            upload(services, randomness.choice(RUNS))

    say("ready")
    threading.Thread(target=log, daemon=True).start()
    while True:
        change(services, rng)
        expire(services.stores)


if __name__ == "__main__":
    main()
