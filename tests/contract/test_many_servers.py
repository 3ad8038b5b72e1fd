"""Two servers of one database: what each makes of the part of a run that the other received."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from postgres_cluster import PostgresCluster
from service_uploads import START, Clock, WriterLog
from weft.records.record import Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.background.other_servers import OtherServers
from weft.server.services.opening.services import Services, open_services
from weft.server.services.stores.live_hub import Subscription
from weft.server.storage.metadata import MetadataUnavailable

PATH = RunPath("local", "p", "ab12cd34")


@pytest.fixture
def servers(
    postgres_cluster: PostgresCluster, tmp_path: Path, clock: Clock
) -> Iterator[tuple[Services, Services]]:
    url = postgres_cluster.new_shared()
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
    first.ingest.apply(LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START)))
    for _ in range(20):
        clock.forward(60)
        second.ingest.beat(LOCAL, PATH, "w1", position=log.position)
        second.background.write_heartbeats()
        for services in servers:
            services.background.refresh_states()
            assert state(services) == "running"
    clock.forward(600)
    first.background.refresh_states()
    assert state(first) == "crashed"
    # The second learns of that, hears from the run once more, and says so.
    OtherServers(second.stores).follow()
    assert state(second) == "crashed"
    second.ingest.apply(LOCAL, PATH, log.upload(rows=[{"loss": 1.0}]))
    assert state(second) == "running"


def test_an_exit_at_another_server_ends_a_run_at_both(
    servers: tuple[Services, Services], clock: Clock
) -> None:
    first, second = servers
    log = WriterLog("w1")
    first.ingest.apply(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), rows=[{"loss": 1.0}])
    )
    second.ingest.apply(LOCAL, PATH, log.upload(rows=[{"loss": 0.5}]))
    first.ingest.beat(LOCAL, PATH, "w1", position=log.position)
    second.ingest.apply(LOCAL, PATH, log.upload(Exit(START + 5, 0), live=False))
    clock.forward(600)  # neither read what the other had written meanwhile
    first.background.refresh_states()
    assert state(first) == state(second) == "finished"
    assert first.runs.get(LOCAL, PATH).exit_code == 0


def test_a_listener_that_was_cut_off_catches_up(
    servers: tuple[Services, Services], postgres_cluster: PostgresCluster
) -> None:
    first, second = servers
    log = WriterLog("w1")
    first.ingest.apply(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), rows=[{"loss": 1.0}])
    )
    teller, follower = OtherServers(first.stores), OtherServers(second.stores)
    second.runs.get(LOCAL, PATH)
    pages = second.live.subscribe(LOCAL, PATH.of_project)
    follower.follow()
    first.ingest.apply(LOCAL, PATH, log.upload(rows=[{"loss": 0.5}]))
    teller.tell()
    follower.follow()
    assert keys_of(pages) == ["loss"]
    url = f"postgresql://weft@127.0.0.1:{postgres_cluster.port}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
    first.ingest.apply(LOCAL, PATH, log.upload(rows=[{"loss": 0.25}]))
    teller.tell()
    with pytest.raises(MetadataUnavailable):
        follower.follow()
    follower.follow()
    assert keys_of(pages) is None  # all of a run that may have changed
