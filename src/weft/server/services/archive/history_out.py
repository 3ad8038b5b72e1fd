"""Converts rows, points and console lines of runs to an archive's segments. Pure.

Receives raw rows of a metric file, run by run; yields segments of bounded size. All points of a
row are in the same segment as the row.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from weft.server.services.archive.format import (
    CONSOLE_FIELDS,
    FIELDS,
    POINT_FIELDS,
    ROW_FIELDS,
    SEGMENT_POINTS,
    SEGMENT_ROWS,
)
from weft.server.storage.contract import Column, ConsoleLine, RawRows
from weft.tables.batches import TableBatch, Values, concat, same_text, texts_of
from weft.tables.parquet import ParquetWriter

_np: Any = np
_pack: Final = msgspec.msgpack.Encoder().encode


class Segments:
    """Collects tables until they are large enough to write.

    `n_points` counts all segments taken.
    """

    def __init__(self) -> None:
        self.n_points = 0
        self._rows: list[TableBatch] = []
        self._points: list[TableBatch] = []
        self._console: list[TableBatch] = []
        self._n_rows = self._n_waiting = 0

    def add_rows(self, run: str, raw: RawRows) -> Iterator[dict[str, bytes]]:
        """Add rows; yields each full segment as Parquet by table."""
        n_rows = len(raw)
        per_row = max(raw.n_points // max(n_rows, 1), 1)
        at_once = max(min(SEGMENT_POINTS // per_row, SEGMENT_ROWS), 1)
        for start in range(0, n_rows, at_once):
            part = raw if n_rows <= at_once else raw.part(start, start + at_once)
            self._rows.append(row_table(run, part))
            self._n_rows += len(part)
            for key in sorted(part.columns):
                for column in part.columns[key]:
                    table = point_table(run, part, key, column)
                    self._points.append(table)
                    self._n_waiting += table.n_rows
            if self._n_waiting >= SEGMENT_POINTS or self._n_rows >= SEGMENT_ROWS:
                yield self.take()

    def add_console(
        self, run: str, writer: str, lines: Sequence[ConsoleLine]
    ) -> Iterator[dict[str, bytes]]:
        """Add console lines; they count as rows."""
        self._console.append(console_table(run, writer, lines))
        self._n_rows += len(lines)
        if self._n_rows >= SEGMENT_ROWS:
            yield self.take()

    def end(self) -> Iterator[dict[str, bytes]]:
        """Yield the last segment, if any rows or lines are left."""
        if self._rows or self._console:
            yield self.take()

    def take(self) -> dict[str, bytes]:
        """Encode the current segment and begin a new one."""
        self.n_points += self._n_waiting
        tables = {"rows": self._rows, "points": self._points, "console": self._console}
        files: dict[str, bytes] = {}
        for name, batches in tables.items():
            if batches:
                writer = ParquetWriter(FIELDS[name])
                files[name] = writer.write(concat(FIELDS[name], batches)) + writer.end()
        self._rows, self._points, self._console = [], [], []
        self._n_rows = self._n_waiting = 0
        return files


def row_table(run: str, raw: RawRows) -> TableBatch:
    """The rows as a table with `ROW_FIELDS`."""
    n = len(raw)
    nothing = np.zeros(n, dtype=np.bool_)
    if raw.steps.dtype == np.int64:
        steps = Values(raw.steps), Values(np.zeros(n), nothing)
    else:
        steps = Values(np.zeros(n, dtype=np.int64), nothing), Values(raw.steps)
    continues = nothing if raw.continues is None else raw.continues
    columns = [
        Values(same_text(run, n)),
        Values(same_text(raw.writer, n)),
        Values(raw.rows),
        *steps,
        Values(raw.times),
        Values(_np.full(n, raw.offset, dtype=np.int64)),
        Values(continues),
        Values(_np.full(n, raw.system, dtype=np.bool_)),
    ]
    assert len(columns) == len(ROW_FIELDS)
    return TableBatch(n, columns)


def point_table(run: str, raw: RawRows, key: str, column: Column) -> TableBatch:
    """The values of a metric as a table with `POINT_FIELDS`."""
    rows = raw.rows if column.rows is None else raw.rows[column.rows]
    n = len(rows)
    nothing = np.zeros(n, dtype=np.bool_)
    values: dict[str, Values] = {
        "int": Values(np.zeros(n, dtype=np.int64), nothing),
        "float": Values(np.zeros(n), nothing),
        "bool": Values(nothing, nothing),
        "object": Values(same_text("", n), nothing),
        "packed": Values(same_text("", n), nothing),
    }
    if isinstance(column.values, list):
        values["object"], values["packed"] = _objects(column.values)
    else:
        values[column.kind] = Values(column.values)
    columns = [
        Values(same_text(run, n)),
        Values(same_text(raw.writer, n)),
        Values(rows),
        Values(same_text(key, n)),
        *values.values(),
    ]
    assert len(columns) == len(POINT_FIELDS)
    return TableBatch(n, columns)


def _objects(values: Sequence[Any]) -> tuple[Values, Values]:
    """Objects as JSON; those that JSON can't represent exactly as msgpack in base64."""
    texts: list[str] = []
    packed: list[str] = []
    plain: list[bool] = []
    for value in values:
        text = _json(value)
        plain.append(text is not None)
        texts.append(text or "")
        packed.append("" if text is not None else base64.b64encode(_pack(value)).decode())
    is_plain = np.array(plain, dtype=np.bool_)
    return Values(texts_of(texts), is_plain), Values(texts_of(packed), ~is_plain)


def _json(value: Any) -> str | None:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        # Values that JSON can't round-trip, such as keys that are not texts or bytes, are packed.
        return text if json.loads(text) == value and "\0" not in text else None
    except (TypeError, ValueError, RecursionError):
        return None


def console_table(run: str, writer: str, lines: Sequence[ConsoleLine]) -> TableBatch:
    """Console lines as a table with `CONSOLE_FIELDS`."""
    n = len(lines)
    columns = [
        Values(same_text(run, n)),
        Values(same_text(writer, n)),
        Values(texts_of([line.stream for line in lines])),
        Values(np.array([line.line for line in lines], dtype=np.int64)),
        Values(np.array([line.micros for line in lines], dtype=np.int64)),
        Values(texts_of([line.text for line in lines])),
    ]
    assert len(columns) == len(CONSOLE_FIELDS)
    return TableBatch(n, columns)
