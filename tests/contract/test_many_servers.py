"""Two servers of one database: what each makes of the part of a run that the other received."""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from postgres_cluster import PostgresCluster, share_disk
from server_process import wait_until
from service_uploads import START, Clock, WriterLog
from weft.errors import NotFound, StorageFull, Unavailable
from weft.records.record import Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.background.other_servers import OtherServers
from weft.server.services.opening.services import Services, open_services
from weft.server.services.reports import Drafts
from weft.server.services.stores import StorageLimits, quota_shares
from weft.server.services.stores.live_hub import Subscription
from weft.server.services.stores.storage_room import Arrival
from weft.server.storage.metadata import MetadataUnavailable
from weft.wire.sweeps import AgentBeat, AgentOrders, NewSweep, SweepEdit

PATH = RunPath("local", "p", "ab12cd34")


@pytest.fixture
def servers(
    postgres_cluster: PostgresCluster, tmp_path: Path, clock: Clock
) -> Iterator[tuple[Services, Services]]:
    url = postgres_cluster.new_shared()
    share_disk(tmp_path / "first", tmp_path / "second")
    first, second = (
        open_services(tmp_path / name, url, now=clock, jobs=False) for name in ("first", "second")
    )
    yield first, second
    first.close()
    second.close()


def state(services: Services) -> str:
    return services.runs.get(LOCAL, PATH).state


def keys_of(pages: Subscription) -> list[str] | None:
    """The metrics of the run that changed."""
    pending = pages.take()
    assert pending is not None
    return pending[0].runs[PATH.run].keys


def test_a_run_whose_heartbeats_come_to_another_server_has_not_crashed(
    servers: tuple[Services, Services], clock: Clock
) -> None:
    first, second = servers
    log = WriterLog("w1")
    first.ingest.apply_upload(LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START)))
    for _ in range(20):
        clock.forward(60)
        second.ingest.note_heartbeat(LOCAL, PATH, "w1", position=log.position)
        second.background.write_heartbeats()
        for services in servers:
            services.background.refresh_states()
            assert state(services) == "running"
    clock.forward(600)
    first.background.refresh_states()
    assert state(first) == "crashed"
    # The second learns of that, hears from the run once more, and says so.
    OtherServers(second.stores, Drafts(second.stores.metadata)).follow()
    assert state(second) == "crashed"
    second.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 1.0}]))
    assert state(second) == "running"


def test_an_exit_at_another_server_ends_a_run_at_both(
    servers: tuple[Services, Services], clock: Clock
) -> None:
    first, second = servers
    log = WriterLog("w1")
    first.ingest.apply_upload(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), rows=[{"loss": 1.0}])
    )
    second.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 0.5}]))
    first.ingest.note_heartbeat(LOCAL, PATH, "w1", position=log.position)
    second.ingest.apply_upload(LOCAL, PATH, log.upload(Exit(START + 5, 0), live=False))
    clock.forward(600)  # neither read what the other had written meanwhile
    first.background.refresh_states()
    assert state(first) == state(second) == "finished"
    assert first.runs.get(LOCAL, PATH).exit_code == 0


def test_a_server_whose_clock_is_wrong_has_the_time_of_its_database(
    postgres_cluster: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: right() + 7200 * 10**9)
    services = open_services(tmp_path, postgres_cluster.new_shared(), jobs=False)
    difference = services.stores.now() - services.stores.metadata.now_micros()
    services.close()
    assert abs(difference) < 60_000_000


def test_a_listener_that_was_cut_off_catches_up(
    servers: tuple[Services, Services], postgres_cluster: PostgresCluster
) -> None:
    first, second = servers
    log = WriterLog("w1")
    first.ingest.apply_upload(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), rows=[{"loss": 1.0}])
    )
    teller, follower = (
        OtherServers(services.stores, Drafts(services.stores.metadata)) for services in servers
    )
    second.runs.get(LOCAL, PATH)
    pages = second.live.subscribe(LOCAL, PATH.of_project)
    follower.follow()
    first.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 0.5}]))
    teller.tell()
    follower.follow()
    assert keys_of(pages) == ["loss"]
    url = f"postgresql://weft@127.0.0.1:{postgres_cluster.port}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
    first.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 0.25}]))
    teller.tell()
    with pytest.raises(MetadataUnavailable):
        follower.follow()
    follower.follow()
    assert keys_of(pages) is None  # all of a run that may have changed


SETS: dict[str, Any] = {
    "method": "grid",
    "metric": {"name": "loss"},
    "parameters": {"lr": {"values": [n / 100 for n in range(1, 17)]}},
}


def beat(services: Services, sweep: str, agent: str, **fields: Any) -> AgentOrders:
    return services.sweeps.answer_beat(LOCAL, PATH.of_project, sweep, agent, AgentBeat(**fields))


def end_run(services: Services, run: str, sweep: str, loss: float) -> None:
    path, log = RunPath("local", "p", run), WriterLog(run)
    begin = Run(run, "p", start_micros=START, sweep=sweep)
    records = (begin, Exit(START + 5, 0))
    services.ingest.apply_upload(LOCAL, path, log.upload(*records, rows=[{"loss": loss}]))


def test_agents_that_ask_two_servers_in_turn_get_each_set_once(
    servers: tuple[Services, Services], clock: Clock
) -> None:
    sweep = servers[0].sweeps.create(LOCAL, PATH.of_project, NewSweep(config=json.dumps(SETS))).id
    begun: list[tuple[str, float]] = []
    lock = threading.Lock()

    def work(number: int) -> None:
        agent, running = f"agent{number}", None
        for n in itertools.count(number):
            services = servers[n % 2]  # a proxy sends each request to the next
            runs = {} if running is None else {running: "finished"}
            orders = beat(services, sweep, agent, runs=runs, wants=1)
            if not orders.runs:
                return
            (run,) = orders.runs
            again = beat(servers[(n + 1) % 2], sweep, agent, runs={run.run: "running"})
            assert again.stop == [], "the other server knows whose run it is"
            with lock:
                begun.append((run.run, run.config["lr"]))
            end_run(services, run.run, sweep, run.config["lr"])
            running = run.run

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(lr for _, lr in begun) == SETS["parameters"]["lr"]["values"]
    assert len({run for run, _ in begun}) == 16
    clock.forward(60)
    for services in servers:
        ended = services.sweeps.get(LOCAL, PATH.of_project, sweep)
        assert (ended.state, ended.counts.finished) == ("finished", 16)
        assert ended.best is not None
        assert ended.best.values == [0.01]


def test_a_server_hears_of_agents_and_edits_at_another_one(
    servers: tuple[Services, Services], clock: Clock
) -> None:
    first, second = servers
    sweep = first.sweeps.create(LOCAL, PATH.of_project, NewSweep(config=json.dumps(SETS))).id
    (run,) = beat(first, sweep, "quiet", wants=1).runs
    (other,) = beat(second, sweep, "loud", wants=1).runs
    assert other.number != run.number
    for _ in range(8):
        clock.forward(20)
        beat(first, sweep, "quiet", runs={run.run: "running"})
        first.sweeps.agents(LOCAL, PATH.of_project, sweep)  # which saves when they were heard
        assert beat(second, sweep, "loud", runs={other.run: "running"}, wants=1).runs != []
    runs = [trial.run for trial in second.sweeps.runs(LOCAL, PATH.of_project, sweep).runs]
    assert run.run in runs, "its agent is heard at the first, so it keeps its set"
    second.sweeps.edit(LOCAL, PATH.of_project, sweep, SweepEdit(state="paused"))
    assert beat(first, sweep, "quiet", wants=2).state == "paused"
    second.sweeps.delete(LOCAL, PATH.of_project, sweep)
    with pytest.raises(NotFound):
        beat(first, sweep, "quiet", wants=1)


def test_what_runs_exist_is_changed_by_one_server_at_a_time(
    servers: tuple[Services, Services],
) -> None:
    first, second = servers
    metadata = second.stores.metadata
    order: list[str] = []

    def at_second() -> None:
        with second.stores.presence, second.stores.purging_of(1):
            order.append("second")

    with ThreadPoolExecutor() as pool:
        with first.stores.presence, first.stores.purging_of(1):
            waiting = pool.submit(at_second)
            with metadata.write() as tx:
                leases = [
                    metadata.leases.take(tx, name, "x", 9) for name in ("presence", "purging-1")
                ]
            order.append("first")
        waiting.result()
    assert leases == [None, None]
    assert order == ["first", "second"]


def test_a_paused_server_changes_no_runs_after_another_one(
    servers: tuple[Services, Services],
) -> None:
    first, second = servers
    with first.stores.presence:
        with second.stores.metadata.write() as tx:
            tx.connection.exec_driver_sql("UPDATE lease SET expires_micros = 0")
            assert second.stores.metadata.leases.take(tx, "presence", "other", 9) is not None
        with (
            pytest.raises(Unavailable, match="taken over presence"),
            first.stores.metadata.write(),
        ):
            pass


def test_a_backup_of_shared_points_names_the_tools_that_make_it(
    servers: tuple[Services, Services], tmp_path: Path
) -> None:
    log = WriterLog("w1")
    begin = Run(PATH.run, "p", start_micros=START)
    servers[0].ingest.apply_upload(LOCAL, PATH, log.upload(begin, rows=[{"loss": 1.0}]))
    with pytest.raises(Unavailable, match="pg_dump"):
        servers[0].upkeep.backup(LOCAL, str(tmp_path / "backups"))


def test_servers_together_keep_a_quota(
    postgres_cluster: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota_shares, "RETRY_MEASURE_SECS", -1.0)
    url, mb = postgres_cluster.new_shared(), 10**6
    limits = StorageLimits(quota_bytes=8 * mb, reserve_bytes=0)
    share_disk(tmp_path / "a", tmp_path / "b")
    servers = [
        open_services(tmp_path / name, url, limits=limits, jobs=False) for name in ("a", "b")
    ]
    log = WriterLog("w1")
    first, second = servers
    first.ingest.apply_upload(LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START)))

    def begin(services: Services, n_bytes: int) -> Arrival:
        arrival = services.stores.room.arrival(PATH.of_project)
        arrival.check(n_bytes)
        return arrival

    arriving = begin(first, 5 * mb)
    with pytest.raises(StorageFull, match=r"within its quota of 8\.0 MB"):
        begin(second, 4 * mb)
    small = begin(second, 2 * mb)
    arriving.release()
    small.release()
    # Stored at one, and counted at the other before it was measured.
    arriving = begin(first, 5 * mb)
    arriving.release(5 * mb)
    monkeypatch.setattr(quota_shares, "RETRY_MEASURE_SECS", 1000.0)
    first.stores.room.save_shares()
    with pytest.raises(StorageFull):
        begin(second, 4 * mb)
    # Nothing was stored in truth, which the next measurement shows.
    monkeypatch.setattr(quota_shares, "RETRY_MEASURE_SECS", -1.0)
    monkeypatch.setattr(quota_shares, "_RENEW_SECS", -1.0)
    for services in servers:
        services.stores.room.save_shares()
        services.stores.room.save_shares()
    begin(second, 7 * mb).release()
    for services in servers:
        services.close()


def test_uploads_at_once_to_two_servers_never_exceed_a_quota(
    postgres_cluster: PostgresCluster, tmp_path: Path
) -> None:
    url, kb = postgres_cluster.new_shared(), 1000
    limits = StorageLimits(quota_bytes=600 * kb, reserve_bytes=0)
    share_disk(tmp_path / "a", tmp_path / "b")
    servers = [
        open_services(tmp_path / name, url, limits=limits, jobs=False) for name in ("a", "b")
    ]
    log = WriterLog("w1")
    servers[0].ingest.apply_upload(LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START)))
    stored: list[int] = []

    def upload(nth: int) -> None:
        files = servers[nth % 2].files
        try:
            file = files.upload(LOCAL, PATH, f"file{nth}")
            file.write(os.urandom(50 * kb))
            file.commit()
        except StorageFull:
            return
        stored.append(nth)

    with ThreadPoolExecutor(6) as pool:
        [*pool.map(upload, range(30))]
    assert 0 < len(stored) <= 11, "with the run itself, 12 do not fit"
    assert {nth % 2 for nth in stored} == {0, 1}
    for services in servers:
        services.close()


def test_heartbeats_lock_a_run_before_its_writers_as_uploads_do(
    postgres_cluster: PostgresCluster, tmp_path: Path, clock: Clock
) -> None:
    url = postgres_cluster.new_shared()
    services = open_services(tmp_path, url, now=clock, jobs=False)
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START)))
    clock.forward(60)
    services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=log.position)
    metadata = services.stores.metadata
    with psycopg.connect(url, autocommit=True) as watching, ThreadPoolExecutor(1) as pool:
        with metadata.write() as tx:
            row = metadata.runs.get(tx, *PATH, for_update=True)
            assert row is not None
            saving = pool.submit(services.background.write_heartbeats)
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN"
            waiting += " (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
            wait_until(lambda: watching.execute(waiting).fetchone(), what="heartbeats wait")
            metadata.writers.set_heartbeats(tx, {(row.row_id, "w1"): 1})
        saving.result(30)
    services.close()
