"""The server's readiness: the database answers, and the disk has room. One of several servers also
has drawn a chart of a run that was logged to lately, once, if there is a run.

Rows are taken while the bucket or ClickHouse is down, which all servers share: if that made them
unready, a load balancer would have no server for the rows either. Anyone may request `/readyz`
without a key at any rate. So one thread checks for all requests, at most once a second, and a
database that hangs blocks only that thread.
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Final

from weft.errors import NotFound, Unavailable, WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.metric_location import has_points
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import SeriesQuery

_FRESH_SECS: Final = 1.0
_N_CHARTS: Final = 3
_PROBE_NAME: Final = ".ready"
_PROBE_BYTES: Final = 1 << 16


class Readiness:
    """Checks the stores of one server. Thread-safe."""

    def __init__(self, stores: Stores, data_dir: Path) -> None:
        self._stores = stores
        self._metadata = stores.metadata
        self._room = stores.room
        self._needs_chart = has_points(stores.metadata)
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
            if reason is None and self._needs_chart:
                reason = self._points_trouble()
                self._needs_chart = reason is not None
        except BaseException as error:  # noqa: BLE001 - passed on to all waiting requests
            look.set_exception(error)
            return
        finally:
            self._looked_at = time.monotonic()
        look.set_result(reason)

    def _metadata_trouble(self) -> str | None:
        try:
            return self._metadata.refusal_of_tables()
        except WeftError as error:
            return str(error)

    def _points_trouble(self) -> str | None:
        """Why no chart can be drawn. One that can suffices: the others may have lost rows."""
        reason: str | None = None
        # Of those in metadata: at a start the background has not read them into memory yet.
        with self._metadata.read() as tx:
            open_runs = self._metadata.runs.open_runs(tx, _N_CHARTS)
        for row in open_runs:
            try:
                with self._stores.metrics.use(row.project_id) as store:
                    keys = store.search_keys([row.run], limit=1).keys
                    store.series(SeriesQuery([row.run], [key.key for key in keys]))
            except (Unavailable, NotFound) as error:
                reason = f"no chart can be drawn: {error}"
            else:
                return None
        return reason

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
