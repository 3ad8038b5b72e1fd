"""Small parts of a stored run: its writers, its alerts, its times. No I/O."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import msgspec


class StoredWriter(msgspec.Struct, frozen=True, kw_only=True):
    """A writer of a run: a script's process, a child of it, or its sidecar.

    Attributes:
        writer: its id.
        parent: the writer whose process it belongs to; None = it is a script's own.
        labels: what tells it from the others: `rank`, `local_rank`, `node`, `process`, `label`.
        started_micros, heartbeat_micros, ended_micros: µs since 1970 UTC; None = not known.
    """

    writer: str
    parent: str | None = None
    host: str | None = None
    labels: dict[str, str] = {}
    started_micros: int | None = None
    heartbeat_micros: int | None = None
    ended_micros: int | None = None
    exit_code: int | None = None


class StoredAlert(msgspec.Struct, frozen=True, kw_only=True):
    """A message of `run.alert()`.

    Attributes:
        level: `INFO`, `WARN` or `ERROR`.
        time_micros: when it was sent, µs since 1970 UTC.
        writer: id of the process that sent it.
    """

    title: str
    text: str
    level: str
    time_micros: int
    writer: str


class Failure(msgspec.Struct, frozen=True):
    """A run that was left as it was, and why."""

    run: str
    code: str
    detail: str


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """How a change of many runs went.

    Attributes:
        failed: the first 1,000 of those that were left as they were.
    """

    n_done: int
    n_failed: int = 0
    failed: list[Failure] = []


class TrashedRun(NamedTuple):
    """A run in the trash.

    Attributes:
        deleted_at: ISO 8601, UTC.
        gone_at: from when on it may be gone for good; None = when somebody empties the trash.
    """

    id: str
    name: str
    state: str
    deleted_at: str
    gone_at: str | None
    n_bytes: int


class DownloadHistoryResult(NamedTuple):
    """Where a run's rows were written, by W&B's names.

    Attributes:
        contains_live_data: the run goes on; there will be more rows.
        errors: of files that could not be had; there are none such here.
    """

    paths: list[Path]
    contains_live_data: bool
    errors: dict[Path, str] | None = None


def iso_time(micros: int) -> str:
    """A time as W&B writes it.

    >>> iso_time(1_700_000_000_250_000)
    '2023-11-14T22:13:20.250000Z'
    """
    moment = datetime.fromtimestamp(micros // 1_000_000, timezone.utc)
    return f"{moment.replace(tzinfo=None).isoformat()}.{micros % 1_000_000:06d}Z"


def iso_time_or_none(micros: int | None) -> str | None:
    """`iso_time`, or None where there is none."""
    return None if micros is None else iso_time(micros)
