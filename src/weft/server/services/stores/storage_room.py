"""Limits of uploads: quotas of entities and projects, and the data directory's disk.

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
from functools import partial
from pathlib import Path
from typing import Final

from weft.errors import StorageFull
from weft.records.sizes import counted, shown_size
from weft.server.services.access.actors import Actor
from weft.server.services.access.directory import NO_QUOTA, DirectoryHolder, Quota
from weft.server.services.access.paths import EntityPath, ProjectPath
from weft.server.services.access.permissions import grant
from weft.server.services.access.roles import Role
from weft.server.services.stores.metric_stores import MetricStores
from weft.server.services.stores.project_drafts import drafted_bytes
from weft.server.services.stores.quota_shares import MEASURE_SECS, RETRY_MEASURE_SECS, QuotaShares
from weft.server.storage.blobs.contract import BlobStore
from weft.server.storage.metadata import MetadataStore, Transaction

RESERVE_BYTES: Final = 256 * 10**6
RESERVE_SHARE: Final = 0.02
"""The default reserve is `RESERVE_BYTES`, or this share of a smaller disk."""

_OWN_SHARE: Final = 0.25
"""The share of the reserve below which the server's own work is in danger."""

RETRY_SECS: Final = 10.0
"""The time after which clients try again."""

_ENTITIES_AT_ONCE: Final = 1000
"""Entities that are measured in one transaction."""

_WARN_SECS: Final = 120.0
"""The time for which a refusal is a warning of the entity's runs: clients try again within it."""


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """Limits of uploads: the size of the projects of an entity without a quota of its own, and the
    bytes that stay free on the disk.
    """

    quota_bytes: int | None = None
    reserve_bytes: int | None = None


WARN_SHARE: Final = 0.8
"""The share of a quota from which on people are warned."""

NO_LIMITS: Final = StorageLimits()
"""No quota, and the default reserve."""


@dataclass(slots=True)
class _Usage:
    n_bytes: int
    measured_secs: float


class Arrival:
    """The bytes of one upload that are arriving; a context manager. For one thread at a time.

    Until `release` they count for the project and its entity, so that uploads at the same time
    can't all take the room that is left for one of them.

    >>> with room.arrival(ProjectPath("ada", "mnist")) as arrival:  # doctest: +SKIP
    ...     arrival.check(1000)
    ...     arrival.release(store(data))
    """

    def __init__(self, room: StorageRoom, project: ProjectPath) -> None:
        self._room = room
        self._project = project
        self.n_bytes = 0

    def __enter__(self) -> Arrival:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def check(self, n_bytes: int, *, n_received: int = 0) -> None:
        """Check that all bytes of the upload fit, of which `n_received` are on the disk, and count
        them from now on.
        """
        self._room._admit(self, self._project, n_bytes, n_received)  # noqa: SLF001

    def resume(self, n_bytes: int) -> None:
        """Count bytes of a draft, which was suspended, as bytes that arrive."""
        self._room._release(self, self._project, -n_bytes)  # noqa: SLF001

    def release(self, n_stored: int = 0) -> None:
        """Count only what was stored from now on. Calling it again does nothing."""
        self._room._release(self, self._project, n_stored)  # noqa: SLF001


class StorageRoom:
    """Answers whether an upload fits.

    Thread-safe. `clock` counts seconds from an arbitrary start. With `shares`, other servers count
    for the same quotas.
    """

    def __init__(
        self,
        metadata: MetadataStore,
        metrics: MetricStores,
        blobs: BlobStore,
        data_dir: Path,
        limits: StorageLimits,
        people: DirectoryHolder,
        *,
        shares: QuotaShares | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metadata = metadata
        self._metrics = metrics
        self._blobs = blobs
        self._data_dir = data_dir
        self.limits = limits
        self._people = people
        self._shares = shares
        self._clock = clock
        self._lock = threading.Lock()
        self._measuring = threading.Lock()
        self._usage: dict[str, _Usage] = {}
        self._arriving: Counter[str] = Counter()
        self._refusals: dict[str, tuple[float, str]] = {}

    def arrival(self, project: ProjectPath) -> Arrival:
        """Begin an upload to a project. Its `release` must be called."""
        return Arrival(self, project)

    def quota_of(self, entity: str) -> Quota:
        """The quota of an entity, by default the one in the server's settings."""
        quota = self._people.current.quotas.get(entity, NO_QUOTA)
        n_bytes = self.limits.quota_bytes if quota.n_bytes is None else quota.n_bytes
        return Quota(n_bytes, quota.n_runs)

    def check_new_runs(self, tx: Transaction, project: ProjectPath, n_new: int) -> None:
        """StorageFull if a project, or its entity, has no room for new runs."""
        for owner, n_runs, most in self._runs(tx, project):
            if n_runs + n_new > most:
                reason = (
                    f"{owner} has no room for {counted(n_new, 'new run')} within its quota of "
                    f"{most}: delete some, or ask an administrator for a larger quota"
                )
                with self._lock:
                    self._refusals[project.entity] = self._clock(), reason
                raise StorageFull(reason, retry_after_secs=RETRY_SECS)

    def nearly_full(self, tx: Transaction, actor: Actor, project: ProjectPath) -> str | None:
        """A warning if a project, or its entity, has used most of its quota. Sizes are measured
        at most once a minute. Only those who manage the entity read its amounts: to others, they
        would tell the size of projects that they may not see.
        """
        shares = [
            (owner, f"{n_runs} of the {most} runs", n_runs / max(most, 1))
            for owner, n_runs, most in self._runs(tx, project)
        ]
        for owner, most in self._quotas(project).items():
            n_bytes = self.used_bytes([owner])[owner]
            text = f"{shown_size(n_bytes)} of the {shown_size(most)}"
            shares.append((owner, text, n_bytes / max(most, 1)))
        owner, text, share = max(shares, key=lambda entry: entry[2], default=("", "", 0.0))
        if share < WARN_SHARE:
            return None
        if owner == project.entity and not _sees_all(actor, owner):
            return f"{owner} has used most of its quota; uploads may wait on the client"
        end = "uploads wait" if share >= 1 else "when all are used, uploads wait"
        return f"{owner} has used {text} that are allowed; {end} on the client"

    def _runs(self, tx: Transaction, project: ProjectPath) -> list[tuple[str, int, int]]:
        """The numbers of runs of a project and its entity, and the most, where that is limited."""
        quotas = self._people.current.quotas
        return [
            (owner, self._metadata.projects.count_runs(tx, project.entity, name), most)
            for owner, name in ((project.entity, None), (str(project), project.project))
            if (most := quotas.get(owner, NO_QUOTA).n_runs) is not None
        ]

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
        """The bytes that the projects of each entity take, or that a project takes, by name of the
        entity or path of the project; those in the trash included.

        Measured at most once a minute; what is uploaded meanwhile is added.
        """
        with self._measuring:
            oldest = self._clock() - MEASURE_SECS
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

    def _admit(
        self, arrival: Arrival, project: ProjectPath, n_bytes: int, n_received: int
    ) -> None:
        """See `Arrival.check`."""
        entity = project.entity
        try:
            self.check_disk(n_bytes - n_received)
            self._check_quotas(arrival, project, n_bytes)
        except StorageFull as error:
            with self._lock:
                self._refusals[entity] = self._clock(), str(error)
            raise

    def _release(self, arrival: Arrival, project: ProjectPath, n_stored: int) -> None:
        """See `Arrival.release`."""
        with self._lock:
            self._reserve(arrival, project, 0)
            for owner in (project.entity, str(project)):
                usage = self._usage.get(owner)
                if usage is not None:
                    usage.n_bytes = max(usage.n_bytes + n_stored, 0)
                if self._shares is not None:
                    self._shares.note_stored(owner, n_stored)

    def save_shares(self) -> None:
        """Have other servers know what was stored here, and give back what is not arriving."""
        if self._shares is not None:
            self._shares.save(self._n_arriving)

    def _n_arriving(self, owner: str) -> int:
        with self._lock:
            return self._arriving[owner]

    def _check_quotas(self, arrival: Arrival, project: ProjectPath, n_bytes: int) -> None:
        quotas = self._quotas(project)
        if self._shares is not None:
            self._check_shares(self._shares, quotas, arrival, project, n_bytes)
            return
        for owner, quota in quotas.items():
            with self._lock:
                usage = self._usage.get(owner)
                n_others = self._n_others(arrival, owner)
            lasting_secs = MEASURE_SECS
            if usage is not None and usage.n_bytes + n_others + n_bytes > quota:
                lasting_secs = RETRY_MEASURE_SECS
            if usage is None or self._clock() - usage.measured_secs > lasting_secs:
                self._measure([owner])
        with self._lock:
            full = [
                owner
                for owner, quota in quotas.items()
                if self._usage[owner].n_bytes + self._n_others(arrival, owner) + n_bytes > quota
            ]
            if not full and quotas:
                self._reserve(arrival, project, n_bytes)
        for owner in full:
            raise _full(owner, quotas[owner], n_bytes)

    def _check_shares(
        self,
        shares: QuotaShares,
        quotas: dict[str, int],
        arrival: Arrival,
        project: ProjectPath,
        n_bytes: int,
    ) -> None:
        """Like `_check_quotas`, with all servers of the database."""
        while True:
            with self._lock:
                n_arriving = {owner: self._n_others(arrival, owner) + n_bytes for owner in quotas}
                lacking = [owner for owner, n in n_arriving.items() if not shares.covers(owner, n)]
                if not lacking:
                    if quotas:
                        self._reserve(arrival, project, n_bytes)
                    return
            for owner in lacking:
                measure = partial(self._measured_bytes, owner)
                if not shares.agree(owner, quotas[owner], n_arriving[owner], measure):
                    raise _full(owner, quotas[owner], n_bytes)

    def _measured_bytes(self, owner: str) -> int:
        self._measure([owner])
        with self._lock:
            return self._usage[owner].n_bytes

    def _quotas(self, project: ProjectPath) -> dict[str, int]:
        """The bytes that a project and its entity may take, where they are limited."""
        own = self._people.current.quotas.get(str(project), NO_QUOTA)
        quotas = {project.entity: self.quota_of(project.entity).n_bytes, str(project): own.n_bytes}
        return {owner: n_bytes for owner, n_bytes in quotas.items() if n_bytes is not None}

    def _disk(self) -> tuple[int, int]:
        """The number of free bytes, and the number of them that uploads leave."""
        disk = shutil.disk_usage(self._data_dir)
        reserve = self.limits.reserve_bytes
        if reserve is None:
            reserve = min(RESERVE_BYTES, int(RESERVE_SHARE * disk.total))
        return disk.free, reserve

    def _n_others(self, arrival: Arrival, owner: str) -> int:
        """The bytes of an entity or project that are arriving in other uploads."""
        return self._arriving[owner] - arrival.n_bytes

    def _reserve(self, arrival: Arrival, project: ProjectPath, n_bytes: int) -> None:
        for owner in (project.entity, str(project)):
            self._arriving[owner] += n_bytes - arrival.n_bytes
            if not self._arriving[owner]:
                del self._arriving[owner]
        arrival.n_bytes = n_bytes

    def _measure(self, owners: Sequence[str]) -> None:
        measured_secs = self._clock()
        entities = [name for name in owners if "/" not in name]
        paths = [ProjectPath(*name.split("/", 1)) for name in owners if "/" in name]
        sizes: Counter[str] = Counter()
        projects: dict[int, str] = {}
        with self._metadata.read() as tx:
            if entities:
                sizes.update(self._metadata.content_sizes.of_entities(tx, entities))
                projects = self._metadata.projects.ids_of_entities(tx, entities)
            for path in paths:
                project_id = self._metadata.projects.find_project(tx, *path)
                if project_id is not None:
                    projects[project_id] = str(path)
                    sizes[str(path)] += sum(
                        self._metadata.content_sizes.of_project(tx, project_id)
                    )
        drafted = drafted_bytes(self._blobs)
        for project_id, name in projects.items():
            sizes[name] += drafted[project_id]
            with suppress(OSError):
                sizes[name] += self._metrics.file_bytes(project_id)
        with self._lock:
            for name in owners:
                self._usage[name] = _Usage(sizes[name], measured_secs)


def _full(owner: str, quota: int, n_bytes: int) -> StorageFull:
    """A refusal that does not tell the size of projects that the script's user may not see."""
    return StorageFull(
        f"{owner} has no room for this upload of {shown_size(n_bytes)} within its quota of "
        f"{shown_size(quota)}; delete runs or artifacts and empty the trash (`weft projects "
        "--sizes` shows what takes the space), or ask an administrator for a larger quota",
        retry_after_secs=RETRY_SECS,
    )


def _sees_all(actor: Actor, entity: str) -> bool:
    """Whether the actor manages an entity, also by the key of a script, which may do less than its
    user; not by one that is limited to a project.
    """
    is_limited = actor.key is not None and actor.key.project is not None
    return not is_limited and grant(actor, EntityPath(entity)).role is Role.ADMIN
