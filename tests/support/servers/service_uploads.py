"""Makes uploads as `intake.uploads.decode` would, for tests of services without HTTP.

log = WriterLog("w1")
upload = log.upload(Run("ab12cd34", "mnist"), rows=[{"loss": 1.0}])
services.ingest.apply_upload(LOCAL, path, upload)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from weft.records.clock_offset import OffsetBounds
from weft.records.record import Record
from weft.records.value import kind_of
from weft.runlog.format import Header
from weft.server.services.ingest.upload import Segment, Upload
from weft.server.storage.contract import Column, RowBlock

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
"""When these tests take place."""

BYTES_PER_RECORD = 100


class Clock:
    """A clock that tests set.

    Attributes:
        tick_micros: what passes from one look at it to the next.
    """

    def __init__(self) -> None:
        self.micros = START
        self.tick_micros = 0

    def __call__(self) -> int:
        self.micros += self.tick_micros
        return self.micros

    def forward(self, secs: float) -> None:
        self.micros += int(secs * SECOND)


class WriterLog:
    """One writer's log: gives out its uploads one after the other, as if 100 bytes a record."""

    def __init__(
        self, writer: str, *, parent: str | None = None, anchor: int = START, host: str = "box"
    ) -> None:
        self.header = Header("", writer, parent, anchor, 0, host, "machine", "boot", 7, 7)
        self.writer = writer
        self.anchor = anchor
        self.position = 0
        self.n_rows = 0

    def upload(
        self,
        *records: Record,
        rows: Sequence[dict[str, Any]] = (),
        live: bool = True,
        system: bool = False,
        offset_bounds: OffsetBounds | None = None,
        secs: float = 0.0,
    ) -> Upload:
        """The next stretch: records, then rows a second apart from `secs` after the start on."""
        start = self.position
        positioned: list[tuple[int, Record]] = []
        for record in records:
            self.position += BYTES_PER_RECORD
            positioned.append((self.position, record))
        segments: list[Segment] = []
        if rows:
            block = row_block(
                rows, row_lo=self.n_rows, first_micros=self.anchor + int(secs * SECOND)
            )
            self.n_rows += len(rows)
            self.position += BYTES_PER_RECORD * len(rows)
            segments.append(Segment(block, system, self.position))
        return Upload(
            self.writer,
            self.writer,
            start,
            self.position,
            positioned,
            segments,
            state=b"state",
            header=self.header if start == 0 else None,
            offset_bounds=offset_bounds,
            live=live,
        )


def row_block(rows: Sequence[dict[str, Any]], *, row_lo: int, first_micros: int) -> RowBlock:
    """Rows a second apart, their steps their numbers."""
    columns: dict[str, list[Column]] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        kinds = dict.fromkeys(kind_of(row[key]) for row in rows if key in row)
        for kind in kinds:
            ordinals = [
                i for i, row in enumerate(rows) if key in row and kind_of(row[key]) == kind
            ]
            values: Any = [rows[i][key] for i in ordinals]
            if kind != "object":
                values = np.array(
                    values, {"int": np.int64, "float": np.float64, "bool": np.bool_}[kind]
                )
            where = None if len(ordinals) == len(rows) else np.array(ordinals, np.uint32)
            columns.setdefault(key, []).append(Column(kind, where, values))
    numbers = np.arange(row_lo, row_lo + len(rows), dtype=np.int64)
    times = first_micros + SECOND * np.arange(len(rows), dtype=np.int64)
    return RowBlock(row_lo, numbers, times, None, columns)
