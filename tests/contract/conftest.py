"""Fixtures of the tests that run on both databases, or on all metric engines."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

import new_databases as new_databases
from at_length import case_at_length
from clickhouse_server import ClickHouseServer
from memory_engine.metrics import MemoryMetricStore
from postgres_cluster import PostgresCluster
from service_uploads import Clock
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services, open_services
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, MetricStore
from weft.server.storage.metrics import SqliteMetricStore
from weft.wire.server.teams import NewRole, TeamAddition


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty PostgreSQL database, with points there, too; or None for SQLite."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("postgres_cluster").new_shared()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ticking(clock: Clock) -> None:
    """Have no two things happen at the same time."""
    clock.tick_micros = 1


@pytest.fixture
def services(url: str | None, tmp_path: Path, clock: Clock) -> Iterator[Services]:
    """The services of a server without background jobs, on each database."""
    services = open_services(tmp_path, url, now=clock, jobs=False)
    yield services
    services.close()


@pytest.fixture
def lab(services: Services) -> None:
    """Team `lab` of ada (admin), bob (member) and eve (viewer), and dan alone."""
    for name in ("ada", "bob", "eve", "dan"):
        services.users.add_user(LOCAL, name)
    members: dict[str, NewRole] = {"ada": "admin", "bob": "member", "eve": "viewer"}
    services.teams.add_team(LOCAL, TeamAddition(name="lab", members=members))


@pytest.fixture(scope="session")
def shared_engine(postgres_cluster: PostgresCluster) -> Iterator[SharedEngine]:
    """The distributed engine on a database of its own."""
    engine = SharedEngine(postgres_cluster.new_database())
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def moving_engine(
    postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer
) -> Iterator[SharedEngine]:
    """The distributed engine with ClickHouse."""
    engine = SharedEngine(postgres_cluster.new_database(), clickhouse_server.new_database())
    yield engine
    engine.close()


def _move_after_uploads(store: MetricStore) -> None:
    """Have each upload's rows in a chunk of their own before the next call."""
    append = store.append

    def append_and_move(batches: Sequence[Batch]) -> None:
        append(batches)
        store.compact(until_idle=True)

    store.append = append_and_move


@pytest.fixture(params=["sqlite", case_at_length("memory"), "shared", "moved"])
def new_store(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], MetricStore]]:
    """Makes empty stores of one engine; of `moved`, all rows are in ClickHouse."""
    with ExitStack() as stack:

        def make() -> MetricStore:
            name = uuid.uuid4().hex
            store: MetricStore = MemoryMetricStore()
            if request.param == "sqlite":
                store = SqliteMetricStore(tmp_path / f"{name}.db")
            elif request.param == "shared":
                store = request.getfixturevalue("shared_engine").open(name)
            elif request.param == "moved":
                store = request.getfixturevalue("moving_engine").open(name)
                _move_after_uploads(store)
            stack.callback(store.close)
            return store

        yield make


@pytest.fixture
def store(new_store: Callable[[], MetricStore]) -> MetricStore:
    """An empty store of each engine."""
    return new_store()
