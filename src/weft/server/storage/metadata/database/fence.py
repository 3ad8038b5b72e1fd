"""Transactions that hold a lease. Does I/O.

A server that was paused may still believe that it has a lease. So transactions of work that needs
one lock its row (`hold`): they fail if the lease was taken meanwhile, and it is not taken before
they have ended.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from weft.errors import Unavailable
from weft.server.storage.metadata.database.schema import lease as table


class LeaseLost(Unavailable):
    """Another server has taken the lease that a transaction needs."""


class Lease(NamedTuple):
    """A lease that `owner` took; `number` is greater than each earlier owner's."""

    name: str
    owner: str
    number: int


_fence: ContextVar[tuple[Lease, ...]] = ContextVar("weft_leases", default=())


@contextmanager
def fenced(lease: Lease) -> Generator[None]:
    """Have every transaction that this thread writes meanwhile hold a lease, and those of outer
    blocks; LeaseLost once it has been taken.
    """
    token = _fence.set((*_fence.get(), lease))
    try:
        yield
    finally:
        _fence.reset(token)


def held_leases() -> tuple[Lease, ...]:
    """The leases that this thread's transactions hold."""
    return _fence.get()


def hold(connection: Connection, lease: Lease) -> None:
    """See `LeaseTable.hold`."""
    # KEY SHARE lets the owner renew meanwhile, and no one take it.
    query = select(table.c.number).where(is_of(lease)).with_for_update(read=True, key_share=True)
    if connection.execute(query).scalar_one_or_none() is None:
        raise LeaseLost(f"another server has taken over {lease.name}")


def is_of(lease: Lease) -> ColumnElement[bool]:
    """The condition of the row of a lease that is still its owner's."""
    return (
        (table.c.name == lease.name)
        & (table.c.owner == lease.owner)
        & (table.c.number == lease.number)
    )
