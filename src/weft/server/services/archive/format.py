"""Names, shapes and limits of archives, as specified in `docs/archive-format.md`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from weft.tables.batches import Field

FORMAT: Final = "weft archive"
VERSION: Final = 2

VERSION_WITHOUT_REPORTS: Final = 1
"""Of an archive without reports, which earlier versions of weft import."""

MANIFEST_NAME: Final = "manifest.json"
PROJECT_NAME: Final = "project.json"
RUNS_NAME: Final = "runs.jsonl"
COLLECTIONS_NAME: Final = "collections.jsonl"
VERSIONS_NAME: Final = "versions.jsonl"
SWEEPS_NAME: Final = "sweeps.jsonl"
TRIALS_NAME: Final = "trials.jsonl"
REPORTS_NAME: Final = "reports.jsonl"
BLOB_NAME: Final = re.compile(r"blobs/([0-9a-f]{64})")
SEGMENT_NAME: Final = re.compile(r"history/(\d{6,9})\.(rows|points|console)\.parquet")

ROW_FIELDS: Final = (
    Field("run", "text"),
    Field("writer", "text"),
    Field("row", "int"),
    Field("step", "int"),
    Field("fractional_step", "float"),
    Field("time", "time"),
    Field("offset_micros", "int"),
    Field("continues", "bool"),
    Field("system", "bool"),
)
POINT_FIELDS: Final = (
    Field("run", "text"),
    Field("writer", "text"),
    Field("row", "int"),
    Field("key", "text"),
    Field("int", "int"),
    Field("float", "float"),
    Field("bool", "bool"),
    Field("object", "text"),
    Field("packed", "text"),
)
CONSOLE_FIELDS: Final = (
    Field("run", "text"),
    Field("writer", "text"),
    Field("stream", "text"),
    Field("line", "int"),
    Field("time", "time"),
    Field("text", "text"),
)
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "rows": ROW_FIELDS,
    "points": POINT_FIELDS,
    "console": CONSOLE_FIELDS,
}

SEGMENT_POINTS: Final = 500_000
SEGMENT_ROWS: Final = 500_000
"""A segment is written once it reaches one of these; an import holds one segment in memory."""

MAX_SEGMENT_ROWS: Final = 2_000_000
MAX_SEGMENT_POINTS: Final = 20_000_000
MAX_SEGMENT_TEXT_BYTES: Final = 512 << 20
MAX_TEXT_BYTES: Final = 512 << 20
"""Limit for a line, and for the manifest: a run with 100,000 metrics with definitions and
summaries takes 60 MB, an artifact version with a million files 300 MB."""

MAX_ENTRIES: Final = 5_000_000


class EntrySum(msgspec.Struct, frozen=True):
    """Size and SHA-256 of an unpacked entry."""

    n_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of an archive; `entries` are all but the manifest itself."""

    format: str
    version: int
    weft: str
    entity: str
    project: str
    created_micros: int
    n_runs: int
    n_points: int
    entries: Mapping[str, EntrySum]


class StreamRecord(msgspec.Struct, frozen=True):
    """The end of a stream; `state` and `tail` are base64."""

    position: int
    n_rows: int
    state: str
    tail: str


class HistoryRecord(msgspec.Struct, frozen=True):
    """The metric file's data of a run in addition to rows and lines.

    Attributes:
        origin: time of x = 0 on the run's time axis, in µs since 1970.
        hidden: whether the run was deleted, with its rows kept for the runs that show them.
        streams: ends of the run's streams, by name.
    """

    origin: int | None
    hidden: bool
    streams: Mapping[str, StreamRecord]
