"""The contract of leases (MD14), on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from weft.server.storage.metadata import Lease, LeaseLost, MetadataStore, ProjectRow, fenced


@pytest.fixture
def store(url: str | None, tmp_path: Path) -> Iterator[MetadataStore]:
    store = MetadataStore(url or f"sqlite:///{tmp_path / 'metadata.db'}")
    yield store
    store.close()


def take(
    store: MetadataStore, owner: str, secs: float = 60.0, name: str = "trash"
) -> Lease | None:
    with store.write() as tx:
        return store.leases.take(tx, name, owner, secs)


def test_a_lease_has_one_owner_until_it_ends(store: MetadataStore) -> None:
    first = take(store, "a")
    assert first == Lease("trash", "a", 1)
    assert take(store, "b") is None
    assert take(store, "b", name="retention") == Lease("retention", "b", 1)
    assert take(store, "a") == Lease("trash", "a", 2)  # restarted
    with store.write() as tx:
        assert store.leases.renew(tx, [first, Lease("trash", "a", 2)], -1) == {("trash", "a", 2)}
    assert take(store, "b") == Lease("trash", "b", 3)
    with store.write() as tx:
        store.leases.give_back(tx, [Lease("trash", "a", 2)])  # no longer its own
    assert take(store, "a") is None
    with store.write() as tx:
        store.leases.give_back(tx, [Lease("trash", "b", 3)])
    assert take(store, "a") == Lease("trash", "a", 4)
    with store.read() as tx:
        rows = store.leases.rows(tx)
    own = [row for row in rows if row.owner in {"a", "b"}]  # a new database has those of its start
    assert [row[:3] for row in own] == [("retention", "b", 1), ("trash", "a", 4)]
    assert all(0 < row.left_secs <= 60 for row in own)


def test_what_ended_and_was_not_taken_is_renewed(store: MetadataStore) -> None:
    lease = take(store, "a", -1)
    assert lease is not None
    with store.write() as tx:
        assert store.leases.renew(tx, [lease], 60) == {lease}
    assert take(store, "b") is None


def test_MD14_a_transaction_fails_if_its_lease_was_taken(store: MetadataStore) -> None:
    lease = take(store, "a", -1)
    assert lease is not None
    with fenced(lease), store.write() as tx:  # it ended, and is still its owner's
        store.projects.make(tx, "local", "first", 1)
    assert take(store, "b") is not None

    def write() -> None:
        with fenced(lease), store.write() as tx:
            store.projects.make(tx, "local", "second", 1)

    with pytest.raises(LeaseLost, match="taken over trash"):
        write()
    with fenced(lease):
        (outcome,) = store.write_together([lambda tx: store.projects.make(tx, "local", "x", 1)])
    assert isinstance(outcome, LeaseLost)
    with store.read() as tx:
        assert [row.project for row in store.projects.list(tx, ProjectRow)] == ["first"]


def test_MD14_a_lease_is_taken_when_the_transaction_that_holds_it_has_ended(
    postgres_url: str,
) -> None:
    store, other = MetadataStore(postgres_url), MetadataStore(postgres_url)
    try:
        lease = take(store, "a", -1)
        assert lease is not None
        with fenced(lease), store.write() as tx:
            store.projects.make(tx, "local", "p", 1)
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(take, other, "b").result(30) is None
                pool.submit(_renew, store, lease).result(30)  # does not wait
        assert take(other, "b") == Lease("trash", "b", 2)
    finally:
        store.close()
        other.close()


def _renew(store: MetadataStore, lease: Lease) -> None:
    with store.write() as tx:
        assert store.leases.renew(tx, [lease], -1) == {lease}


def test_of_many_who_take_an_ended_lease_one_gets_it(store: MetadataStore) -> None:
    n_owners, n_rounds = 6, 8
    barrier = threading.Barrier(n_owners)

    def compete(owner: str) -> list[Lease | None]:
        leases: list[Lease | None] = []
        for number in range(n_rounds):
            barrier.wait()
            leases.append(take(store, owner, name=f"job-{number % 2}"))
            barrier.wait()
            lease = leases[-1]
            if lease is not None:
                with store.write() as tx:
                    store.leases.give_back(tx, [lease])
        return leases

    with ThreadPoolExecutor(n_owners) as pool:
        by_owner = list(pool.map(compete, [f"server-{n}" for n in range(n_owners)]))
    for number, leases in enumerate(zip(*by_owner, strict=True)):
        (lease,) = [lease for lease in leases if lease is not None]
        assert lease.number == number // 2 + 1
