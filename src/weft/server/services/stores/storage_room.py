"""Limits of uploads: bytes of each entity, and of the data directory's disk.

Every service that takes in bytes asks here first, so that one user can't fill the disk, and the
server always has room for its own work: metadata, logins, the trash, gc.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from weft.errors import StorageFull
from weft.records.sizes import shown_size
from weft.server.services.stores.metric_stores import MetricStores
from weft.server.services.stores.project_drafts import drafted_bytes
from weft.server.storage.blobs.contract import BlobStore
from weft.server.storage.metadata import MetadataStore

RESERVE_BYTES: Final = 256 * 10**6
RESERVE_SHARE: Final = 0.02
"""The default reserve is `RESERVE_BYTES`, or this share of a smaller disk."""

_OWN_SHARE: Final = 0.25
"""The share of the reserve below which the server's own work is in danger."""

RETRY_SECS: Final = 10.0
"""The time after which clients try again."""

_MEASURE_SECS: Final = 60.0
"""The time for which a measured size is used. Uploads meanwhile are added to it."""

_RETRY_MEASURE_SECS: Final = 2.0
"""A size that would refuse an upload is measured again after this: users make room."""

_ENTITIES_AT_ONCE: Final = 1000
"""Entities that are measured in one transaction."""

_WARN_SECS: Final = 120.0
"""The time for which a refusal is a warning of the entity's runs: clients try again within it."""


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """Limits of uploads: the size of the projects of one entity, and the bytes that stay free on
    the disk.
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
    """The bytes of one upload that are arriving; a context manager. For one thread at a time.

    Until `release` they count for the entity, so that uploads at the same time can't all take the
    room that is left for one of them.

    >>> with room.arrival("ada") as arrival:  # doctest: +SKIP
    ...     arrival.check(1000)
    ...     arrival.release(store(data))
    """

    def __init__(self, room: StorageRoom, entity: str) -> None:
        self._room = room
        self._entity = entity
        self.n_bytes = 0

    def __enter__(self) -> Arrival:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def check(self, n_bytes: int, *, n_received: int = 0) -> None:
        """Check that all bytes of the upload fit, of which `n_received` are on the disk, and count
        them from now on.
        """
        self._room._admit(self, self._entity, n_bytes, n_received)  # pyright: ignore[reportPrivateUsage]

    def resume(self, n_bytes: int) -> None:
        """Count bytes of a draft, which was suspended, as bytes that arrive."""
        self._room._release(self, self._entity, -n_bytes)  # pyright: ignore[reportPrivateUsage]

    def release(self, n_stored: int = 0) -> None:
        """Count only what was stored from now on. Calling it again does nothing."""
        self._room._release(self, self._entity, n_stored)  # pyright: ignore[reportPrivateUsage]


class StorageRoom:
    """Answers whether an upload fits.

    Thread-safe. `clock` counts seconds from an arbitrary start.
    """

    def __init__(
        self,
        metadata: MetadataStore,
        metrics: MetricStores,
        blobs: BlobStore,
        data_dir: Path,
        limits: StorageLimits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metadata = metadata
        self._metrics = metrics
        self._blobs = blobs
        self._data_dir = data_dir
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._measuring = threading.Lock()
        self._usage: dict[str, _Usage] = {}
        self._arriving: Counter[str] = Counter()
        self._refusals: dict[str, tuple[float, str]] = {}

    def arrival(self, entity: str) -> Arrival:
        """Begin an upload for an entity. Its `release` must be called."""
        return Arrival(self, entity)

    def check_disk(self, n_bytes: int) -> None:
        """StorageFull if the disk lacks room for bytes, and for the server after them."""
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
        """Why the disk has too little room for the server's own work; None if it has enough."""
        n_free, reserve = self._disk()
        least = int(_OWN_SHARE * reserve)
        if n_free >= least:
            return None
        return (
            f"the disk of the data directory is full: {shown_size(n_free)} are free, and the "
            f"server's own work needs {shown_size(least)}"
        )

    def used_bytes(self, entities: Sequence[str]) -> dict[str, int]:
        """The bytes that the projects of each entity take, those in the trash included.

        Measured at most once a minute; what is uploaded meanwhile is added.
        """
        with self._measuring:
            oldest = self._clock() - _MEASURE_SECS
            with self._lock:
                usage = {name: self._usage.get(name) for name in entities}
            stale = [
                name for name, used in usage.items() if used is None or used.measured_secs < oldest
            ]
            for at in range(0, len(stale), _ENTITIES_AT_ONCE):
                self._measure(stale[at : at + _ENTITIES_AT_ONCE])
        with self._lock:
            return {name: self._usage[name].n_bytes for name in entities}

    def warning(self, entity: str) -> str | None:
        """Why uploads for an entity are being refused; None if they are not."""
        with self._lock:
            refused_secs, reason = self._refusals.get(entity, (0.0, ""))
        if not reason or self._clock() - refused_secs > _WARN_SECS:
            return None
        return f"uploads wait on the client: {reason}"

    def _admit(self, arrival: Arrival, entity: str, n_bytes: int, n_received: int) -> None:
        """See `Arrival.check`."""
        try:
            self.check_disk(n_bytes - n_received)
            self._check_quota(arrival, entity, n_bytes)
        except StorageFull as error:
            with self._lock:
                self._refusals[entity] = self._clock(), str(error)
            raise

    def _release(self, arrival: Arrival, entity: str, n_stored: int) -> None:
        """See `Arrival.release`."""
        with self._lock:
            self._reserve(arrival, entity, 0)
            usage = self._usage.get(entity)
            if usage is not None:
                usage.n_bytes = max(usage.n_bytes + n_stored, 0)

    def _check_quota(self, arrival: Arrival, entity: str, n_bytes: int) -> None:
        quota = self.limits.quota_bytes
        if quota is None:
            return
        with self._lock:
            usage = self._usage.get(entity)
            n_others = self._n_others(arrival, entity)
        lasting_secs = _MEASURE_SECS
        if usage is not None and usage.n_bytes + n_others + n_bytes > quota:
            lasting_secs = _RETRY_MEASURE_SECS
        if usage is None or self._clock() - usage.measured_secs > lasting_secs:
            self._measure([entity])
        with self._lock:
            usage = self._usage[entity]
            n_others = self._n_others(arrival, entity)
            is_full = usage.n_bytes + n_others + n_bytes > quota
            if not is_full:
                self._reserve(arrival, entity, n_bytes)
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
        """The number of free bytes, and the number of them that uploads leave."""
        disk = shutil.disk_usage(self._data_dir)
        reserve = self.limits.reserve_bytes
        if reserve is None:
            reserve = min(RESERVE_BYTES, int(RESERVE_SHARE * disk.total))
        return disk.free, reserve

    def _n_others(self, arrival: Arrival, entity: str) -> int:
        """The bytes of an entity that are arriving in other uploads."""
        return self._arriving[entity] - arrival.n_bytes

    def _reserve(self, arrival: Arrival, entity: str, n_bytes: int) -> None:
        self._arriving[entity] += n_bytes - arrival.n_bytes
        arrival.n_bytes = n_bytes
        if not self._arriving[entity]:
            del self._arriving[entity]

    def _measure(self, entities: Sequence[str]) -> None:
        measured_secs = self._clock()
        with self._metadata.read() as tx:
            sizes = Counter(self._metadata.content_sizes.of_entities(tx, entities))
            projects = self._metadata.projects.ids_of_entities(tx, entities)
        drafted = drafted_bytes(self._blobs)
        for project_id, name in projects.items():
            sizes[name] += drafted[project_id]
            with suppress(OSError):
                sizes[name] += self._metrics.file_bytes(project_id)
        with self._lock:
            for name in entities:
                self._usage[name] = _Usage(sizes[name], measured_secs)
