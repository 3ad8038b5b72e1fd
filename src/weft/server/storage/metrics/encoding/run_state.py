"""Digests that change when anything is acknowledged for a run or removed from it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from weft.server.storage.contract import RawRun


def run_states(runs: Iterable[RawRun], *tables: Iterable[tuple[Any, ...]]) -> dict[str, bytes]:
    """A digest by run; see `FrozenStore.states`.

    Args:
        tables: rows that begin with the number of their run, in the same order each time.
    """
    listed = list(runs)
    digests = {
        run.number: hashlib.sha256(msgspec.msgpack.encode((run.number, run.origin, run.hidden)))
        for run in listed
    }
    for nth, rows in enumerate(tables):
        for number, *values in rows:
            if number in digests:
                digests[number].update(msgspec.msgpack.encode((nth, values)))
    return {run.name: digests[run.number].digest() for run in listed}
