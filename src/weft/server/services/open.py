"""Open a data directory and get every service on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weft.server.services.background import BackgroundJobs
from weft.server.services.busy.clocks import Clock, wall_micros
from weft.server.services.busy.registry import RunRegistry
from weft.server.services.context import Stores
from weft.server.services.continuation import ContinuationService
from weft.server.services.history import HistoryService
from weft.server.services.ingest import IngestService
from weft.server.services.live import LiveHub
from weft.server.services.metrics import MetricService
from weft.server.services.projects import ProjectService
from weft.server.services.runs import RunService
from weft.server.services.series import SeriesService
from weft.server.services.stores import MetricStores, OpenStore
from weft.server.storage.metadata.store import MetadataStore
from weft.server.storage.metrics.store import SqliteMetricStore


@dataclass(slots=True)
class Services:
    """All services of one server."""

    ingest: IngestService
    projects: ProjectService
    runs: RunService
    metrics: MetricService
    series: SeriesService
    history: HistoryService
    continuation: ContinuationService
    live: LiveHub
    background: BackgroundJobs
    stores: Stores

    def close(self) -> None:
        """Stop background jobs, write what is in memory, close the stores."""
        self.live.close()
        self.background.stop()
        self.stores.metrics.close()
        self.stores.metadata.close()


def open_services(
    data_dir: Path,
    metadata_url: str | None = None,
    *,
    now: Clock = wall_micros,
    open_store: OpenStore = SqliteMetricStore,
) -> Services:
    """Open (or make) the stores in `data_dir` and start the background jobs.

    The caller holds the lock that keeps a second server out of `data_dir`, which gets
    `metadata.db` (unless `metadata_url` names another database) and `metrics/<project>.db`.

    Raises:
        Unavailable: a store can't be opened.
        ConfigError: a later weft wrote the metadata database.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    url = metadata_url or f"sqlite:///{data_dir / 'metadata.db'}"
    metadata = MetadataStore(url)
    stores = Stores(
        metadata=metadata,
        metrics=MetricStores(data_dir / "metrics", open_store),
        registry=RunRegistry(metadata),
        live=LiveHub(),
        now=now,
        start_micros=now(),
    )
    background = BackgroundJobs(stores)
    background.start()
    return Services(
        ingest=IngestService(stores),
        projects=ProjectService(stores),
        runs=RunService(stores),
        metrics=MetricService(stores),
        series=SeriesService(stores),
        history=HistoryService(stores),
        continuation=ContinuationService(stores),
        live=stores.live,
        background=background,
        stores=stores,
    )
