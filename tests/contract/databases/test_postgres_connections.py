"""Connections to PostgreSQL: the cost of a read, and connections that end while they are idle."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from weft.server.storage.metadata import MetadataStore


@pytest.fixture
def store(postgres_url: str) -> Iterator[MetadataStore]:
    store = MetadataStore(postgres_url)
    yield store
    store.close()


def backend(store: MetadataStore) -> int:
    with store.read() as tx:
        return tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


def test_a_connection_that_ended_while_it_was_idle_is_replaced(
    store: MetadataStore, postgres_url: str
) -> None:
    before = backend(store)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 10000)", [before])
    assert backend(store) != before
    with store.write() as tx:
        store.projects.make(tx, "local", "p", 1)


def test_a_read_begins_no_transaction(store: MetadataStore) -> None:
    with store.read() as tx:
        # The time at which the transaction began
        times = [tx.connection.exec_driver_sql("SELECT now()").scalar_one() for _ in range(3)]
    assert len(set(times)) == 3


def test_a_lock_is_held_until_the_block_ends(store: MetadataStore, postgres_url: str) -> None:
    take = "SELECT pg_try_advisory_xact_lock(7, 7)"
    with psycopg.connect(postgres_url, autocommit=True) as other:
        with store.holding() as tx:
            assert tx.connection.exec_driver_sql(take).scalar_one()
            assert other.execute(take).fetchone() == (False,)
        assert other.execute(take).fetchone() == (True,)
