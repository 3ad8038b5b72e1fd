"""Moves and deletions of runs, which servers of one database do in turn, also after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_cluster import PostgresCluster, share_disk
from server_process import wait_until
from service_uploads import START, WriterLog
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.background import jobs
from weft.server.services.opening.services import Services, open_services
from weft.server.services.stores.duties import IMPORTS, MOVES
from weft.wire.runs.bulk import BulkChange, DeleteAction, MoveAction

PROJECT = ProjectPath("local", "p")


@pytest.fixture
def servers(
    postgres_cluster: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Services]]:
    """Two servers with their background work."""
    monkeypatch.setattr(jobs, "LEFTOVERS_SECS", 0.1)
    url = postgres_cluster.new_shared()
    share_disk(tmp_path / "first", tmp_path / "second")
    servers = [open_services(tmp_path / name, url) for name in ("first", "second")]
    yield servers
    for server in servers:
        server.close()


def log_run(server: Services, name: str) -> RunPath:
    path = PROJECT.run(name)
    log = WriterLog("w1")
    server.ingest.apply_upload(LOCAL, path, log.upload(Run(name, "p", start_micros=START)))
    server.ingest.apply_upload(LOCAL, path, log.upload(rows=[{"loss": 1.0}, {"loss": 0.5}]))
    return path


def n_rows(server: Services, path: RunPath) -> int:
    return len(server.history.rows(LOCAL, path, limit=10).rows)


def test_each_server_moves_runs(servers: list[Services]) -> None:
    for nth, server in enumerate([*reversed(servers), *servers]):
        path = log_run(server, f"run{nth}")
        change = BulkChange(runs=[path.run], action=MoveAction(project="q"))
        result = server.bulk.apply_change(LOCAL, PROJECT, change)
        assert result.failed == []
        for other in servers:
            assert n_rows(other, RunPath("local", "q", path.run)) == 2


def test_no_server_keeps_the_leases_of_work_that_requests_wait_for(
    servers: list[Services],
) -> None:
    metadata = servers[0].stores.metadata

    def are_free() -> bool:
        with metadata.read() as tx:
            leases = {row.name: row.left_secs for row in metadata.leases.rows(tx)}
        return leases[MOVES] <= 0 and leases[IMPORTS] <= 0

    wait_until(are_free, what="the leases of moves and imports are free")


def test_what_a_killed_server_left_is_finished_by_one_that_runs(servers: list[Services]) -> None:
    first = servers[0]
    stores, metadata = first.stores, first.stores.metadata
    moving, deleted, cut = (log_run(first, name) for name in ("moving", "deleted", "cut"))
    project_id = stores.find_project(PROJECT)
    # What it had noted before it was killed: a move, a deletion, and one of a metric.
    with metadata.write() as tx:
        to_id = metadata.projects.make(tx, "local", "q", stores.now())
        rows = metadata.trash.present_rows(tx, project_id, [moving.run, deleted.run, cut.run])
        metadata.moves.begin(tx, [rows[moving.run]], from_id=project_id, to_id=to_id)
        metadata.tombstones.add_metrics(tx, rows[cut.run], ["loss"], now_micros=stores.now())
    first.bulk.apply_change(
        LOCAL, PROJECT, BulkChange(runs=[deleted.run], action=DeleteAction(permanently=False))
    )
    with metadata.write() as tx:
        metadata.tombstones.add_runs(
            tx, *PROJECT, [deleted.run], now_micros=stores.now(), purge_project_id=project_id
        )

    def is_finished() -> bool:
        with metadata.read() as tx:
            return not (
                metadata.moves.list(tx)
                or metadata.tombstones.runs_to_purge(tx)
                or metadata.tombstones.pending_metrics(tx)
            )

    wait_until(is_finished, what="the end of what was left")
    assert n_rows(servers[1], moving) == 2
    with stores.metrics.use(project_id) as store:
        assert store.run_usage(deleted.run) is None
        assert [info.key for info in store.keys([cut.run])[cut.run]] == []
