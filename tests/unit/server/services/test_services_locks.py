"""Locks that are taken out of order raise, before they could deadlock."""

from __future__ import annotations

from pathlib import Path

import pytest

from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.storage.metadata import MetadataStore


def test_a_lock_that_is_held_is_not_taken_again() -> None:
    lock = OrderedLock(LockOrder.RUN, 7)
    with lock, pytest.raises(RuntimeError, match="RUN 7 must not be locked while RUN 7 is held"):
        lock.__enter__()
    with lock:
        pass  # it was released


@pytest.mark.parametrize(
    ("first", "second"), [((3, 1), (3, 1)), ((3, 2), (3, 1)), ((4, 0), (3, 9))]
)
def test_equal_and_lower_locks_are_refused(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    held = OrderedLock(LockOrder(first[0]), first[1])
    other = OrderedLock(LockOrder(second[0]), second[1])
    with held, pytest.raises(RuntimeError):
        other.__enter__()


def test_keys_of_one_order_ascend_and_orders_do() -> None:
    with (
        OrderedLock(LockOrder.PRESENCE),
        OrderedLock(LockOrder.RUN, 1),
        OrderedLock(LockOrder.RUN, 2),
    ):
        pass


def test_a_lock_is_not_taken_in_a_transaction_that_writes(tmp_path: Path) -> None:
    """Another thread may hold it while it waits to write."""
    lock = OrderedLock(LockOrder.RUN, 7)
    store = MetadataStore(f"sqlite:///{tmp_path}/metadata.db")
    with store.write(), pytest.raises(RuntimeError, match="RUN 7 must not be locked in a"):
        lock.__enter__()
    with lock, store.write():
        pass
    with store.read(), lock:
        pass
    store.close()
