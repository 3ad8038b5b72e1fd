"""The server's readiness: the database answers, and the disk has room.

Anyone may request `/readyz` without a key at any rate. So one thread checks for all requests, at
most once a second, and a database that hangs blocks only that thread.
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Final

from weft.errors import WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.storage_room import StorageRoom
from weft.server.storage.metadata import MetadataStore

_FRESH_SECS: Final = 1.0
_PROBE_NAME: Final = ".ready"
_PROBE_BYTES: Final = 1 << 16


class Readiness:
    """Checks the stores of one server. Thread-safe."""

    def __init__(self, metadata: MetadataStore, room: StorageRoom, data_dir: Path) -> None:
        self._metadata = metadata
        self._room = room
        self._probe = data_dir / _PROBE_NAME
        self._lock = threading.Lock()
        self._look: Future[str | None] | None = None
        self._looked_at = 0.0

    def look(self, actor: Actor) -> Future[str | None]:
        """The reason why the server can't work; None if it can. Pending while a database hangs."""
        require(actor, Action.READ, SERVER)
        with self._lock:
            latest = self._look
            is_fresh = time.monotonic() - self._looked_at < _FRESH_SECS
            if latest is not None and (not latest.done() or is_fresh):
                return latest
            self._look = begun = Future[str | None]()
            threading.Thread(
                target=self._run, args=(begun,), name="weft-readiness", daemon=True
            ).start()
            return begun

    def _run(self, look: Future[str | None]) -> None:
        try:
            reason = self._metadata_trouble() or self._disk_trouble()
        except BaseException as error:  # noqa: BLE001 - passed on to all waiting requests
            look.set_exception(error)
            return
        finally:
            self._looked_at = time.monotonic()
        look.set_result(reason)

    def _metadata_trouble(self) -> str | None:
        try:
            with self._metadata.snapshot():
                return None
        except WeftError as error:
            return str(error)

    def _disk_trouble(self) -> str | None:
        try:
            fd = os.open(self._probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                n_written = os.write(fd, bytes(_PROBE_BYTES))
            finally:
                os.close(fd)
        except OSError as error:
            return f"the data directory takes nothing: {error.strerror}"
        finally:
            with suppress(OSError):
                self._probe.unlink()
        if n_written < _PROBE_BYTES:
            return "the data directory takes nothing: no space is left"
        return self._room.lack_for_server()
