"""Bounds what uploads may fill: bytes of each entity, and of the data directory's disk.

Every service that takes in bytes asks here first, so that one user can't fill the disk, and the
server always has room for its own work: metadata, logins, the trash, gc.
"""

from __future__ import annotations

import shutil
import threading
import time
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

RETRY_SECS: Final = 10.0
"""How long clients wait before they try again."""

_MEASURE_SECS: Final = 60.0
"""How long a measured size is used. What is uploaded meanwhile is added to it."""

_RETRY_MEASURE_SECS: Final = 2.0
"""A size that would refuse an upload is measured again after this: users make room."""

_WARN_SECS: Final = 120.0
"""How long a refusal is a warning of the entity's runs: clients try again within this time."""


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """What uploads may fill.

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
        self._refusals: dict[str, tuple[float, str]] = {}

    def check(self, entity: str, n_bytes: int, *, n_received: int = 0) -> None:
        """Check that bytes for a project of an entity fit.

        Args:
            n_received: how many of them are on the disk already.

        Raises:
            StorageFull: the entity's quota or the disk has no room for them.
        """
        try:
            self.check_disk(n_bytes - n_received)
            self._check_quota(entity, n_bytes)
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
            disk = shutil.disk_usage(self._data_dir)
            reserve = self.limits.reserve_bytes
            if reserve is None:
                reserve = min(RESERVE_BYTES, int(RESERVE_SHARE * disk.total))
            if reserve and disk.free - n_bytes < reserve:
                raise StorageFull(
                    f"the disk is full: {shown_size(disk.free)} are free, {shown_size(reserve)} "
                    f"of them are kept for the server's own work, and this upload has "
                    f"{shown_size(n_bytes)}; free some space, or tell an administrator",
                    retry_after_secs=RETRY_SECS,
                )

    def add(self, entity: str, n_bytes: int) -> None:
        """Count bytes that were stored."""
        with self._lock:
            usage = self._usage.get(entity)
            if usage is not None:
                usage.n_bytes += n_bytes

    def used_bytes(self, entity: str) -> int:
        """What the projects of an entity take now, those in the trash included."""
        return self._measure(entity).n_bytes

    def warning(self, entity: str) -> str | None:
        """Why uploads for an entity are being refused; None if they are not."""
        with self._lock:
            refused_secs, reason = self._refusals.get(entity, (0.0, ""))
        if not reason or self._clock() - refused_secs > _WARN_SECS:
            return None
        return f"uploads wait on the client: {reason}"

    def _check_quota(self, entity: str, n_bytes: int) -> None:
        quota = self.limits.quota_bytes
        if quota is None:
            return
        with self._lock:
            usage = self._usage.get(entity)
        lasting_secs = _MEASURE_SECS
        if usage is not None and usage.n_bytes + n_bytes > quota:
            lasting_secs = _RETRY_MEASURE_SECS
        if usage is None or self._clock() - usage.measured_secs > lasting_secs:
            usage = self._measure(entity)
        if usage.n_bytes + n_bytes > quota:
            raise StorageFull(
                f"the projects of {entity} take {shown_size(usage.n_bytes)} of the "
                f"{shown_size(quota)} that each user may have, and this upload has "
                f"{shown_size(n_bytes)}; delete runs or artifacts and empty the trash "
                "(`weft projects --sizes` shows what takes the space), or ask an administrator "
                "for a larger quota",
                retry_after_secs=RETRY_SECS,
            )

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
