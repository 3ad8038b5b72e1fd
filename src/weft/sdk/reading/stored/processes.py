"""Small value types of stored runs, and times in W&B's format. No I/O."""

from __future__ import annotations

from datetime import datetime, timezone
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
    """Where a run's rows were written, under W&B's names.

    Attributes:
        contains_live_data: the run is live, so more rows may follow.
        errors: messages for files that could not be downloaded. Always None in weft.
    """

    paths: list[Path]
    contains_live_data: bool
    errors: dict[Path, str] | None = None


def iso_time(micros: int) -> str:
    """Format a time as W&B does.

    >>> iso_time(1_700_000_000_250_000)
    '2023-11-14T22:13:20.250000Z'
    """
    moment = datetime.fromtimestamp(micros // 1_000_000, timezone.utc)
    return f"{moment.replace(tzinfo=None).isoformat()}.{micros % 1_000_000:06d}Z"


def iso_time_or_none(micros: int | None) -> str | None:
    """Like `iso_time`, but returns None for None."""
    return None if micros is None else iso_time(micros)
