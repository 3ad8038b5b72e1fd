"""Small value types of stored runs, and times in W&B's format. No I/O."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class TrashedRun(NamedTuple):
    """A run in the trash.

    Attributes:
        deleted_at: ISO 8601, UTC.
        gone_at: when it may be deleted permanently, ISO 8601, UTC. None if only a user deletes it.
    """

    id: str
    name: str
    state: str
    deleted_at: str
    gone_at: str | None
    n_bytes: int


class DownloadHistoryResult(NamedTuple):
    """The files of a run's rows, under W&B's names.

    Attributes:
        contains_live_data: the run is live, so more rows may follow.
        errors: messages for files that could not be downloaded. Always None in weft.
    """

    paths: list[Path]
    contains_live_data: bool
    errors: dict[Path, str] | None = None
