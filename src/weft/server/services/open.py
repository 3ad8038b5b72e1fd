"""Open a data directory and get every service on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weft.server.services.history import HistoryService
from weft.server.services.ingest import IngestService
from weft.server.services.live import LiveHub
from weft.server.services.metrics import MetricService
from weft.server.services.projects import ProjectService
from weft.server.services.runs import RunService
from weft.server.services.series import SeriesService


@dataclass(slots=True)
class Services:
    """All services of one server."""

    ingest: IngestService
    projects: ProjectService
    runs: RunService
    metrics: MetricService
    series: SeriesService
    history: HistoryService
    live: LiveHub

    def close(self) -> None:
        """Stop background jobs, write what is in memory, close the stores."""
        raise NotImplementedError


def open_services(data_dir: Path, metadata_url: str | None = None) -> Services:
    """Open (or make) the stores in `data_dir` and start the background jobs.

    Args:
        data_dir: holds `metadata.db` and `metrics/<project row id>.db`; made if missing. The
            caller holds the lock that keeps a second server out.
        metadata_url: SQLAlchemy URL of the metadata database; None = SQLite in `data_dir`.

    Raises:
        Unavailable: a store can't be opened.
    """
    raise NotImplementedError
