"""Pieces that are read in a thread of their own, before they are needed. Does I/O.

`obstore` reads what it stores from an iterator inside its own event loop, where no other request
to a bucket can begin.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

_N_AHEAD: Final = 8
_STOP_SECS: Final = 0.1


@contextmanager
def read_ahead(pieces: Iterable[bytes]) -> Generator[Iterator[bytes]]:
    """Read pieces, at most `_N_AHEAD` of them ahead. The iterator raises faults of the reads."""
    ready = queue.Queue[bytes | BaseException | None](_N_AHEAD)
    is_over = threading.Event()

    def put(item: bytes | BaseException | None) -> bool:
        while not is_over.is_set():
            try:
                ready.put(item, timeout=_STOP_SECS)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            if all(put(piece) for piece in pieces):
                put(None)
        except BaseException as error:  # noqa: BLE001 - raised where the pieces are used
            put(error)

    thread = threading.Thread(target=read, name="weft-read-ahead", daemon=True)
    thread.start()
    try:
        yield _items_of(ready)
    finally:
        is_over.set()
        thread.join()


def _items_of(ready: queue.Queue[bytes | BaseException | None]) -> Iterator[bytes]:
    while (item := ready.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item
