"""The server dies anywhere in an upload, between its two commits too, while somebody renames the
run: after restarts and resent uploads everything is there once, and the later name stays.

Levels: services and real stores, no HTTP. Rounds: 2, or WEFT_TEST_ROUNDS.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ingest_child import PATH, script
from killed_stores import Databases

from server_forks import ForkedProcess, forks
from server_process import wait_until
from weft.records.merge import Stamp, join_path, nest
from weft.records.record import Config, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.ingest.upload import Upload

CHILD = Path(__file__).parent / "ingest_child.py"
MAX_LIVES = 4


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with ForkedProcess([str(CHILD)], CHILD.parent, os.environ, forks(), **pipes) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def run_life(
    child: subprocess.Popen[str],
    databases: Databases,
    data: Path,
    seed: int,
    kind: str,
    number: int,
    rng: random.Random,
) -> list[str]:
    """One life of the server; with kind `timer` killed after `number` lines. What it printed."""
    assert child.stdin is not None
    assert child.stdout is not None
    plan = "never 0" if kind == "timer" else f"{kind} {number}"
    child.stdin.write(f"{data} {seed} {plan} {' '.join(databases.words())}\n")
    child.stdin.flush()
    pid = int(child.stdout.readline().removeprefix("pid "))
    lines: list[str] = []
    was_shot = False
    for line in child.stdout:
        if line.startswith("exit "):
            ends = {0} if lines and lines[-1].startswith("complete") else {-signal.SIGKILL}
            if was_shot:  # it may have just been done
                ends.add(-signal.SIGKILL)
            assert int(line.split()[1]) in ends
            return lines
        lines.append(line.strip())
        if kind == "timer" and len(lines) == number:
            time.sleep(rng.random() * 0.01)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                was_shot = True
    raise AssertionError("the child's parent has died")


def expected_fields(uploads: Sequence[Upload], kind: type[Config | Summary]) -> dict[str, object]:
    last: dict[str, tuple[Stamp, object]] = {}
    for upload in uploads:
        for position, record in upload.records:
            if isinstance(record, kind):
                stamp = Stamp(record.micros, upload.writer, position)
                for parts, value in record.values:
                    path = join_path(parts)
                    if path not in last or stamp > last[path][0]:
                        last[path] = (stamp, value)
    return nest(sorted((path, value) for path, (_, value) in last.items()))


def check(databases: Databases, data: Path, seed: int, lines: Sequence[str]) -> None:
    """Everything of the script is there once."""
    uploads = script(seed)
    services = databases.open(data)
    try:
        # A server that was killed right after the last ack judges the run when it starts again.
        wait_until(
            lambda: services.runs.get(LOCAL, PATH).state == "finished", what="the run's state"
        )
        info = services.runs.get(LOCAL, PATH)
        done = [line.split()[1] for line in lines if line.startswith("renamed")]
        tried = [line.split()[1] for line in lines if line.startswith("trying")]
        assert info.name in tried[tried.index(done[-1]) :]
        assert info.config == expected_fields(uploads, Config)
        assert info.summary["best"] == expected_fields(uploads, Summary)["best"]

        rows = services.history.rows(LOCAL, PATH, limit=10_000).rows
        expected = Counter[tuple[str, int, float]]()
        for upload in uploads:
            for segment in upload.segments:
                (losses,) = segment.rows.columns["loss"]
                (marks,) = segment.rows.columns[f"only-{upload.writer}"]
                pairs = zip(marks.values, losses.values, strict=True)
                expected.update((upload.writer, int(mark), float(loss)) for mark, loss in pairs)
        points = Counter[tuple[str, int, float]]()
        for row in rows:
            (key,) = (key for key in row if key.startswith("only-"))
            points[key.removeprefix("only-"), row[key], row["loss"]] += 1
        assert points == expected

        with services.stores.metadata.read() as tx:
            row = services.stores.metadata.runs.get(tx, PATH.entity, PATH.project, PATH.run)
            assert row is not None
            records = services.stores.metadata.kept_records.of_runs(tx, [row.row_id], ("Alert",))
        alerts = [
            record for upload in uploads for record in upload.records if "Alert" in repr(record)
        ]
        assert len(records[row.row_id]) == len(alerts)
    finally:
        services.close()


def test_a_server_killed_anywhere_applies_all_once(
    tmp_path: Path,
    n_rounds: int,
    child: subprocess.Popen[str],
    new_databases: Callable[[], Databases],
) -> None:
    first_seed = int(os.environ.get("WEFT_TEST_SEED", str(random.randrange(2**31))))
    print(f"seed {first_seed}")
    deaths: Counter[str] = Counter()
    for seed in range(first_seed, first_seed + n_rounds):
        rng = random.Random(seed)
        data, databases = tmp_path / str(seed), new_databases()
        lines: list[str] = []
        for nth_life in range(MAX_LIVES):
            kind = rng.choice(["before", "after", "timer"])
            number = rng.randrange(1, 12) if kind != "timer" else rng.randrange(1, 60)
            if nth_life == MAX_LIVES - 1:
                kind = "never"
            lines += run_life(child, databases, data, seed, kind, number, rng)
            if lines and lines[-1].startswith("complete"):
                break
            deaths[kind] += 1
        assert lines[-1].startswith("complete")
        check(databases, data, seed, lines)
    print("killed: " + ", ".join(f"{kind} {count}" for kind, count in sorted(deaths.items())))
