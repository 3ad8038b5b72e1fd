"""Names, shapes and limits of archives; `docs/archive-format.md` in code. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from weft.server.services.table_formats.tables import Field

FORMAT: Final = "weft archive"
VERSION: Final = 1

MANIFEST_NAME: Final = "manifest.json"
PROJECT_NAME: Final = "project.json"
RUNS_NAME: Final = "runs.jsonl"
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
"""A segment is written once it has one of these: what an import holds in memory at a time."""

MAX_SEGMENT_ROWS: Final = 2_000_000
MAX_SEGMENT_POINTS: Final = 20_000_000
MAX_SEGMENT_TEXT_BYTES: Final = 512 << 20
MAX_LINE_BYTES: Final = 512 << 20
"""One run's line of `runs.jsonl`: 100,000 metrics with definitions and summaries are 60 MB."""

MAX_MANIFEST_BYTES: Final = 512 << 20
MAX_ENTRIES: Final = 5_000_000


class EntrySum(msgspec.Struct, frozen=True):
    """Size and SHA-256 of an entry, unpacked."""

    n_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive has.

    Attributes:
        entries: all but the manifest itself.
    """

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
    """Where a stream ends; `state` and `tail` in base64."""

    position: int
    n_rows: int
    state: str
    tail: str


class HistoryRecord(msgspec.Struct, frozen=True):
    """What the metric file keeps of a run beside rows and lines.

    Attributes:
        origin: µs since 1970 of x = 0 on its time axis.
        hidden: the run was deleted, and its rows are kept for the runs that show them.
    """

    origin: int | None
    hidden: bool
    streams: Mapping[str, StreamRecord]
