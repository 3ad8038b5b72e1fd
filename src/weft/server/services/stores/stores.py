"""The state that services share: stores, the registry of live runs, the live hub and the clock;
and the opening of a data directory's stores.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from weft.errors import NotFound
from weft.runlog.private_files import make_private_folder
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.columns.cache import ColumnCache
from weft.server.services.live_runs.clocks import Clock, DatabaseWall
from weft.server.services.live_runs.registry import RunRegistry
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.services.stores.activity import Activity
from weft.server.services.stores.audit import Audit
from weft.server.services.stores.draft_rows import DraftRows
from weft.server.services.stores.duties import Duties, SharedLock
from weft.server.services.stores.file_location import share_location
from weft.server.services.stores.key_uses import KeyUses
from weft.server.services.stores.live_hub import LiveHub
from weft.server.services.stores.metric_location import has_points, open_engine
from weft.server.services.stores.metric_stores import MetricStores
from weft.server.services.stores.originals import Originals
from weft.server.services.stores.people import People
from weft.server.services.stores.referenced_blobs import ReferencedBlobs
from weft.server.services.stores.storage_room import StorageRoom
from weft.server.storage.blobs.contract import BlobStore
from weft.server.storage.blobs.opening import open_blob_store
from weft.server.storage.contract import MetricEngine
from weft.server.storage.metadata import MetadataStore
from weft.server.storage.private import METADATA_NAME

TRASH_MICROS: Final = 30 * 86_400 * 1_000_000
"""Default time for which deleted runs and projects can be restored."""


@dataclass(slots=True)
class Stores:
    """The stores and shared state that every service gets.

    Attributes:
        trash_micros: time for which deleted runs and projects stay in the trash. 0 if there is no
            trash. If None, until a user empties it.
        originals: the source files of runs, if the stores are only a cache of them.
        duties: the work of all servers that falls to this one.
        people: the directory of users, teams and roles.
        audit: writes entries of the audit log.
        activity: writes entries of the projects' activity.
        now: the time for all that is written. Servers of one database have its time.
        wall: the time of that database, which `services.background` measures again each minute.
        room: says whether an upload fits into its entity's quota and on the disk.
        presence: lock held while runs are deleted, restored or moved in two databases.
        reading_manifests: locks of `reading_manifest_of`.
    """

    metadata: MetadataStore
    metrics: MetricStores
    blobs: ReferencedBlobs
    registry: RunRegistry
    live: LiveHub
    columns: ColumnCache
    room: StorageRoom
    people: People
    audit: Audit
    activity: Activity
    key_uses: KeyUses
    duties: Duties
    now: Clock
    start_micros: int
    wall: DatabaseWall | None = None
    trash_micros: int | None = TRASH_MICROS
    originals: Originals | None = None
    presence: SharedLock = field(init=False)
    reading_manifests: Sequence[OrderedLock] = field(
        default_factory=lambda: [OrderedLock(LockOrder.ARTIFACT, n) for n in range(16)]
    )
    purging: dict[int, OrderedLock] = field(default_factory=dict[int, OrderedLock])

    def __post_init__(self) -> None:
        self.presence = SharedLock(OrderedLock(LockOrder.PRESENCE), self.duties, "presence")

    def reading_manifest_of(self, artifact_id: int) -> OrderedLock:
        """The lock held while the manifest of a version is read into the metadata."""
        return self.reading_manifests[artifact_id % len(self.reading_manifests)]

    def purging_of(self, project_id: int) -> SharedLock:
        """The lock held while a project's deleted runs are removed permanently."""
        lock = self.purging.setdefault(project_id, OrderedLock(LockOrder.PURGE, project_id))
        return SharedLock(lock, self.duties, f"purging-{project_id}")

    def find_run(self, path: RunPath) -> RunEntry:
        """Find an existing run; NotFound if it never existed, Gone if it was deleted, Moved if it
        is elsewhere.
        """
        entry = self.registry.find_run(path)
        if entry is None:
            raise NotFound(f"no run {path}")
        return entry

    def find_project(self, path: ProjectPath) -> int:
        """Row id of a project."""
        project_id = self.registry.find_project(path)
        if project_id is None:
            raise NotFound(f"no project {path}")
        return project_id


class Service:
    """A service on the stores of a server."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores


class Storage(NamedTuple):
    """The stores of one server."""

    metadata: MetadataStore
    metrics: MetricStores
    blobs: BlobStore

    def close(self) -> None:
        """Close all of them."""
        self.metrics.close()
        self.blobs.close()
        self.metadata.close()


def metadata_url_of(data_dir: Path, metadata_url: str | None) -> str:
    """The address of the metadata database of a data directory, given the setting."""
    return metadata_url or f"sqlite:///{data_dir / METADATA_NAME}"


def open_storage(
    data_dir: Path,
    metadata_url: str | None,
    *,
    metrics_url: str | None = None,
    mirrors_points: bool | None = None,
    files_url: str | None = None,
    direct_downloads: bool = False,
    engine: MetricEngine | None = None,
) -> Storage:
    """Open or create the stores of a data directory; see `open_services`."""
    make_private_folder(data_dir)
    url = metadata_url_of(data_dir, metadata_url)
    with ExitStack() as opened:
        metadata = MetadataStore(url)
        opened.callback(metadata.close)
        metrics = MetricStores(
            engine
            or open_engine(metadata, url, data_dir, metrics_url, mirrors_points=mirrors_points)
        )
        opened.callback(metrics.close)
        share_location(metadata, data_dir / "blobs", files_url)
        blobs = open_blob_store(
            data_dir / "blobs",
            files_url,
            gives_links=direct_downloads,
            pieces=DraftRows(metadata) if has_points(metadata) else None,
        )
        opened.pop_all()
    return Storage(metadata, metrics, blobs)
