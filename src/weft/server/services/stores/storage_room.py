"""Bounds what uploads may fill: bytes of each entity, and of the data directory's disk.

Every service that takes in bytes asks here first, so that one user can't fill the disk, and the
server always has room for its own work: metadata, logins, the trash, gc.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from weft.errors import StorageFull
from weft.records.sizes import shown_size
from weft.server.services.stores.metric_stores import MetricStores
from weft.server.storage.metadata import MetadataStore

RESERVE_BYTES: Final = 256 * 10**6
RESERVE_SHARE: Final = 0.02
"""The default reserve is `RESERVE_BYTES`, or this share of a smaller disk."""

_OWN_SHARE: Final = 0.25
"""The share of the reserve below which the server's own work is in danger."""

RETRY_SECS: Final = 10.0
"""The time after which clients try again."""

_MEASURE_SECS: Final = 60.0
"""The time for which a measured size is used. What is uploaded meanwhile is added to it."""

_RETRY_MEASURE_SECS: Final = 2.0
"""A size that would refuse an upload is measured again after this: users make room."""

_WARN_SECS: Final = 120.0
"""The time for which a refusal is a warning of the entity's runs: clients try again within it."""


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """Limits of what uploads may fill.

    Attributes:
        quota_bytes: what the projects of one entity may take. None: no limit.
        reserve_bytes: what stays free on the disk. None: the default; 0: nothing.
    """

    quota_bytes: int | None = None
    reserve_bytes: int | None = None


NO_LIMITS: Final = StorageLimits()
"""No quota, and the default reserve."""


@dataclass(slots=True)
class _Usage:
    n_bytes: int
    measured_secs: float


class Arrival:
    """The bytes of one upload that are arriving. For one thread at a time.

    Until `release` they count for the entity, so that uploads at the same time can't all take the
    room that is left for one of them.
    """

    def __init__(self, room: StorageRoom, entity: str) -> None:
        self._room = room
        self._entity = entity
        self.n_bytes = 0

    def check(self, n_bytes: int, *, n_received: int = 0) -> None:
        """Check that all bytes of the upload fit; see `StorageRoom.check`."""
        self._room.check(self._entity, n_bytes, n_received=n_received, arrival=self)

    def release(self, n_stored: int = 0) -> None:
        """Count only what was stored from now on. Calling it again does nothing."""
        self._room.release(self._entity, self, n_stored)


class StorageRoom:
    """Answers whether an upload fits. Thread-safe.

    Args:
        data_dir: the directory on the disk whose space is kept.
        clock: seconds, from an arbitrary start.
    """

    def __init__(
        self,
        metadata: MetadataStore,
        metrics: MetricStores,
        data_dir: Path,
        limits: StorageLimits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metadata = metadata
        self._metrics = metrics
        self._data_dir = data_dir
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._usage: dict[str, _Usage] = {}
        self._arriving: Counter[str] = Counter()
        self._refusals: dict[str, tuple[float, str]] = {}

    def arrival(self, entity: str) -> Arrival:
        """Begin an upload for an entity. Its `release` must be called."""
        return Arrival(self, entity)

    def check(
        self, entity: str, n_bytes: int, *, n_received: int = 0, arrival: Arrival | None = None
    ) -> None:
        """Check that bytes for a project of an entity fit.

        Args:
            n_received: how many of them are on the disk already.
            arrival: the upload that has them from now on, if they arrive over some time.

        Raises:
            StorageFull: the entity's quota or the disk has no room for them.
        """
        try:
            self.check_disk(n_bytes - n_received)
            self._check_quota(entity, n_bytes, arrival)
        except StorageFull as error:
            with self._lock:
                self._refusals[entity] = self._clock(), str(error)
            raise

    def check_disk(self, n_bytes: int) -> None:
        """Check that the disk has room for bytes, and for the server after them.

        Raises:
            StorageFull: it has not.
        """
        with suppress(OSError):
            n_free, reserve = self._disk()
            if reserve and n_free - n_bytes < reserve:
                raise StorageFull(
                    f"the disk is full: {shown_size(n_free)} are free, {shown_size(reserve)} "
                    f"of them are kept for the server's own work, and this upload has "
                    f"{shown_size(n_bytes)}; free some space, or tell an administrator",
                    retry_after_secs=RETRY_SECS,
                )

    def lack_for_server(self) -> str | None:
        """Why the disk has too little room for the server's own work; None if it has enough.

        Raises:
            OSError: the disk does not answer.
        """
        n_free, reserve = self._disk()
        least = int(_OWN_SHARE * reserve)
        if n_free >= least:
            return None
        return (
            f"the disk of the data directory is full: {shown_size(n_free)} are free, and the "
            f"server's own work needs {shown_size(least)}"
        )

    def add(self, entity: str, n_bytes: int) -> None:
        """Count bytes that were stored."""
        with self._lock:
            usage = self._usage.get(entity)
            if usage is not None:
                usage.n_bytes += n_bytes

    def release(self, entity: str, arrival: Arrival, n_stored: int) -> None:
        """See `Arrival.release`."""
        with self._lock:
            self._reserve(entity, arrival, 0)
        if n_stored:
            self.add(entity, n_stored)

    def used_bytes(self, entity: str) -> int:
        """The bytes that the projects of an entity take now, those in the trash included."""
        return self._measure(entity).n_bytes

    def warning(self, entity: str) -> str | None:
        """Why uploads for an entity are being refused; None if they are not."""
        with self._lock:
            refused_secs, reason = self._refusals.get(entity, (0.0, ""))
        if not reason or self._clock() - refused_secs > _WARN_SECS:
            return None
        return f"uploads wait on the client: {reason}"

    def _check_quota(self, entity: str, n_bytes: int, arrival: Arrival | None) -> None:
        quota = self.limits.quota_bytes
        if quota is None:
            return
        with self._lock:
            usage = self._usage.get(entity)
            n_others = self._n_others(entity, arrival)
        lasting_secs = _MEASURE_SECS
        if usage is not None and usage.n_bytes + n_others + n_bytes > quota:
            lasting_secs = _RETRY_MEASURE_SECS
        if usage is None or self._clock() - usage.measured_secs > lasting_secs:
            usage = self._measure(entity)
        with self._lock:
            n_others = self._n_others(entity, arrival)
            is_full = usage.n_bytes + n_others + n_bytes > quota
            if not is_full and arrival is not None:
                self._reserve(entity, arrival, n_bytes)
        if is_full:
            others = f", {shown_size(n_others)} are arriving" if n_others else ""
            raise StorageFull(
                f"the projects of {entity} take {shown_size(usage.n_bytes)} of the "
                f"{shown_size(quota)} that each user may have{others}, and this upload has "
                f"{shown_size(n_bytes)}; delete runs or artifacts and empty the trash "
                "(`weft projects --sizes` shows what takes the space), or ask an administrator "
                "for a larger quota",
                retry_after_secs=RETRY_SECS,
            )

    def _disk(self) -> tuple[int, int]:
        """How many bytes are free, and how many of them uploads leave."""
        disk = shutil.disk_usage(self._data_dir)
        reserve = self.limits.reserve_bytes
        if reserve is None:
            reserve = min(RESERVE_BYTES, int(RESERVE_SHARE * disk.total))
        return disk.free, reserve

    def _n_others(self, entity: str, arrival: Arrival | None) -> int:
        """The bytes of an entity that are arriving in other uploads."""
        return self._arriving[entity] - (0 if arrival is None else arrival.n_bytes)

    def _reserve(self, entity: str, arrival: Arrival, n_bytes: int) -> None:
        self._arriving[entity] += n_bytes - arrival.n_bytes
        arrival.n_bytes = n_bytes
        if not self._arriving[entity]:
            del self._arriving[entity]

    def _measure(self, entity: str) -> _Usage:
        measured_secs = self._clock()
        with self._metadata.read() as tx:
            n_bytes = self._metadata.content_sizes.of_entity(tx, entity)
            project_ids = self._metadata.projects.ids_of_entity(tx, entity)
        for project_id in project_ids:
            with suppress(OSError):
                n_bytes += self._metrics.file_bytes(project_id)
        usage = _Usage(n_bytes, measured_secs)
        with self._lock:
            self._usage[entity] = usage
        return usage
