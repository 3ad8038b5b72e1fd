"""Converts a segment's Parquet files to batches for the metric store. Reads files with DuckDB.

The files are untrusted: DuckDB can read only the segment's folder, types and counts are checked
before values are fetched, and every point has to belong to a row.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.errors import CorruptLog, LimitExceeded
from weft.records.limits import MAX_ID_BYTES, MAX_KEY_BYTES
from weft.records.value import Kind
from weft.server.services.archive.format import (
    FIELDS,
    MAX_SEGMENT_POINTS,
    MAX_SEGMENT_ROWS,
    MAX_SEGMENT_TEXT_BYTES,
)
from weft.server.storage.contract import Column, ConsoleLine, RowBlock

_SQL_TYPES: Final = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "text": "VARCHAR",
    "time": "TIMESTAMP WITH TIME ZONE",
}
_KINDS: Final[tuple[Kind, ...]] = ("int", "float", "bool", "object")
_MAX_TIME: Final = 2**62

_np: Any = np


class WriterRows(NamedTuple):
    """Consecutive rows of one writer that share the fields that a batch has only once."""

    run: str
    writer: str
    system: bool
    offset: int
    rows: RowBlock


class SegmentReader:
    """Reads the segments in a folder, one after another. DuckDB may read that folder alone."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self._error: Any = duckdb.Error
        self._db: Any = duckdb.connect(
            ":memory:",
            config={
                "threads": "1",
                "memory_limit": "512MB",
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        self._folder = str(folder)
        quoted_folder = self._folder.replace("'", "''")
        self._db.execute("SET TimeZone = 'UTC'")
        self._db.execute(f"SET allowed_directories = ['{quoted_folder}']")
        self._db.execute("SET enable_external_access = false")
        self._db.execute("SET lock_configuration = true")

    def close(self) -> None:
        """Close the DuckDB connection."""
        self._db.close()

    def rows(self, rows: Path, points: Path | None) -> Iterator[WriterRows]:
        """Read the rows of a segment with their points; CorruptLog or LimitExceeded if its files
        are not valid.
        """
        try:
            yield from self._rows(rows, points)
        except self._error as error:
            raise CorruptLog(
                f"the archive is damaged: {rows.name}: {self._reason(error)}"
            ) from None

    def console(self, path: Path) -> Iterator[tuple[str, str, list[ConsoleLine]]]:
        """Read the console lines of a segment, by run and writer."""
        try:
            yield from self._console(path)
        except self._error as error:
            raise CorruptLog(
                f"the archive is damaged: {path.name}: {self._reason(error)}"
            ) from None

    def _reason(self, error: Exception) -> str:
        """DuckDB's message, without the folder that the archive was unpacked to."""
        line = str(error).partition("\n")[0]
        return line.replace(f"{self._folder}/", "").replace(self._folder, "the archive")

    def _rows(self, rows: Path, points: Path | None) -> Iterator[WriterRows]:
        self._view("rows", rows, MAX_SEGMENT_ROWS)
        owners = self._owners("rows")
        table = self._fetch(
            "SELECT owner, row, step IS NOT NULL AS whole, coalesce(step, 0) AS step,"
            " coalesce(fractional_step, 0) AS fraction, epoch_us(time) AS time, offset_micros,"
            " continues, system FROM rows JOIN owners USING (run, writer)"
            " WHERE (step IS NULL) != (fractional_step IS NULL)"
            " ORDER BY owner, row"
        )
        if len(table["row"]) != self._count("rows"):
            raise CorruptLog("the archive is damaged: a row lacks its run, writer or step")
        _check_rows(table)
        columns = _Points(self, points, table, owners)
        for start, stop in _spans(table):
            run, writer = owners[int(table["owner"][start])]
            part = slice(start, stop)
            steps = table["step"][part] if table["whole"][start] else table["fraction"][part]
            continues = table["continues"][part]
            block = RowBlock(
                int(table["row"][start]),
                steps,
                table["time"][part],
                continues if bool(continues.any()) else None,
                columns.between(start, stop),
            )
            offset = int(table["offset_micros"][start])
            yield WriterRows(run, writer, bool(table["system"][start]), offset, block)

    def _console(self, path: Path) -> Iterator[tuple[str, str, list[ConsoleLine]]]:
        self._view("console", path, MAX_SEGMENT_ROWS)
        self._check_texts("console", "text")
        query = (
            "SELECT run, writer, stream, line, epoch_us(time) AS time, text FROM console"
            " ORDER BY run, writer, stream, line"
        )
        waiting: list[ConsoleLine] = []
        owner = "", ""
        cursor = self._db.execute(query)
        while batch := cursor.fetchmany(10_000):
            for run, writer, stream, line, time, text in batch:
                if None in {run, writer, stream, line, time, text} or not 0 <= line < 2**62:
                    raise CorruptLog("the archive is damaged: malformed console line")
                if waiting and owner != (run, writer):
                    yield owner[0], owner[1], waiting
                    waiting = []
                owner = run, writer
                waiting.append(ConsoleLine(stream, line, time, text))
        if waiting:
            yield owner[0], owner[1], waiting

    def _view(self, name: str, path: Path, most: int) -> None:
        quoted_path = str(path).replace("'", "''")
        self._db.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet('{quoted_path}')"
        )
        types = {row[0]: row[1] for row in self._db.execute(f"DESCRIBE {name}").fetchall()}
        expected = {field.name: _SQL_TYPES[field.type] for field in FIELDS[name]}
        if types != expected:
            raise CorruptLog(f"the archive is damaged: {path.name} has other columns")
        if self._count(name) > most:
            raise LimitExceeded(f"{path.name} of the archive has more than {most} rows")

    def _count(self, name: str) -> int:
        return self._db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]

    def _check_texts(self, name: str, *columns: str) -> None:
        total = " + ".join(f"coalesce(sum(strlen({column})), 0)" for column in columns)
        if self._db.execute(f"SELECT {total} FROM {name}").fetchone()[0] > MAX_SEGMENT_TEXT_BYTES:
            raise LimitExceeded(f"a segment of the archive has too much text in {columns[0]}")

    def _owners(self, name: str) -> list[tuple[str, str]]:
        self._db.execute(
            "CREATE OR REPLACE TEMP TABLE owners AS SELECT run, writer,"
            " row_number() OVER (ORDER BY run, writer) - 1 AS owner"
            f" FROM (SELECT DISTINCT run, writer FROM {name} WHERE strlen(run) <= {MAX_ID_BYTES}"
            f" AND strlen(writer) <= {MAX_ID_BYTES})"
        )
        return self._db.execute("SELECT run, writer FROM owners ORDER BY owner").fetchall()

    def _fetch(self, query: str) -> dict[str, NDArray[Any]]:
        columns: dict[str, Any] = self._db.execute(query).fetchnumpy()
        for name, values in columns.items():
            # DuckDB returns masked arrays where it can't rule out NULL.
            if bool(_np.ma.getmaskarray(values).any()):
                raise CorruptLog(f"the archive is damaged: {name} is missing somewhere")
        return {name: _np.ascontiguousarray(_np.ma.getdata(columns[name])) for name in columns}

    def keys_of_points(self, points: Path) -> list[str]:
        """Open a segment's points and list their metrics, in the numbering of `points_of`."""
        self._view("points", points, MAX_SEGMENT_POINTS)
        self._check_texts("points", "object", "packed")
        self._db.execute(
            "CREATE OR REPLACE TEMP TABLE keys AS SELECT key,"
            " row_number() OVER (ORDER BY key) - 1 AS number"
            " FROM (SELECT DISTINCT key FROM points"
            f" WHERE strlen(key) BETWEEN 1 AND {MAX_KEY_BYTES})"
        )
        return [
            row[0] for row in self._db.execute("SELECT key FROM keys ORDER BY number").fetchall()
        ]

    def points_of(self) -> dict[str, NDArray[Any]]:
        """The points of the open segment."""
        kinds = (
            "CASE WHEN int IS NOT NULL THEN 0 WHEN float IS NOT NULL THEN 1"
            " WHEN bool IS NOT NULL THEN 2 ELSE 3 END"
        )
        has_one_value = (
            "(int IS NOT NULL)::INT + (float IS NOT NULL)::INT + (bool IS NOT NULL)::INT"
            " + (object IS NOT NULL)::INT + (packed IS NOT NULL)::INT = 1"
        )
        points = self._fetch(
            f"SELECT owner, number, row, ({kinds})::BIGINT AS kind, coalesce(int, 0) AS int,"
            " coalesce(float, 0) AS float, coalesce(bool, false) AS bool"
            " FROM points JOIN owners USING (run, writer) JOIN keys USING (key)"
            f" WHERE {has_one_value}"
        )
        if len(points["row"]) != self._count("points"):
            raise CorruptLog("the archive is damaged: a point lacks its row, metric or value")
        return points

    def objects_of(self) -> dict[tuple[int, int, int], Any]:
        """The objects of the open segment, by owner, metric and row."""
        rows = self._db.execute(
            "SELECT owner, number, row, object, packed"
            " FROM points JOIN owners USING (run, writer) JOIN keys USING (key)"
            " WHERE object IS NOT NULL OR packed IS NOT NULL"
        )
        objects: dict[tuple[int, int, int], Any] = {}
        while batch := rows.fetchmany(10_000):
            for owner, key, row, text, packed in batch:
                objects[owner, key, row] = _object(text, packed)
        return objects


class _Points:
    """Points of a segment, sorted so that the points of a range of rows are found by bisection."""

    def __init__(
        self,
        reader: SegmentReader,
        path: Path | None,
        rows: Mapping[str, NDArray[Any]],
        owners: list[tuple[str, str]],
    ) -> None:
        self._keys: list[str] = []
        self._at = np.zeros(0, dtype=np.int64)
        if path is None:
            return
        self._keys = reader.keys_of_points(path)
        points = reader.points_of()
        is_object = points["kind"] == 3
        self._objects = reader.objects_of() if bool(is_object.any()) else {}
        at = _row_indices(rows, points, len(owners))
        order = np.lexsort((at, points["kind"], points["number"]))
        self._at = at[order]
        self._points = {name: values[order] for name, values in points.items()}
        group = self._points["number"] * 4 + self._points["kind"]
        edges = np.flatnonzero(np.diff(group)) + 1
        self._groups = [0, *edges.tolist(), len(group)] if len(group) else [0]
        cells = np.sort(self._points["number"] * (len(rows["row"]) + 1) + self._at)
        if bool((np.diff(cells) == 0).any()):
            raise CorruptLog("the archive is damaged: a row has two values of one metric")

    def between(self, start: int, stop: int) -> dict[str, list[Column]]:
        """The columns of rows `[start, stop)`."""
        columns: dict[str, list[Column]] = {}
        if not self._keys:
            return columns
        for lo, hi in itertools.pairwise(self._groups):
            first, last = np.searchsorted(self._at[lo:hi], (start, stop)) + lo
            if first == last:
                continue
            part = slice(int(first), int(last))
            at = self._at[part] - start
            rows = None if len(at) == stop - start else at.astype(np.uint32)
            kind = _KINDS[int(self._points["kind"][lo])]
            key = self._keys[int(self._points["number"][lo])]
            values: Any
            if kind == "object":
                cells = zip(
                    *(self._points[name][part].tolist() for name in ("owner", "number", "row")),
                    strict=True,
                )
                values = [self._objects[cell] for cell in cells]
            else:
                values = self._points[kind][part]
            columns.setdefault(key, []).append(Column(kind, rows, values))
        return columns


def _row_indices(
    rows: Mapping[str, NDArray[Any]], points: Mapping[str, NDArray[Any]], n_owners: int
) -> NDArray[np.int64]:
    """For each point, the index of its row in the sorted rows."""
    at = np.zeros(len(points["row"]), dtype=np.int64)
    bounds = np.searchsorted(rows["owner"], np.arange(n_owners + 1))
    for owner in range(n_owners):
        lo, hi = int(bounds[owner]), int(bounds[owner + 1])
        of_owner = np.flatnonzero(points["owner"] == owner)
        indices = np.searchsorted(rows["row"][lo:hi], points["row"][of_owner]) + lo
        if bool((indices >= hi).any()) or bool(
            (rows["row"][indices] != points["row"][of_owner]).any()
        ):
            raise CorruptLog("the archive is damaged: a point belongs to a missing row")
        at[of_owner] = indices
    return at


def _check_rows(table: Mapping[str, NDArray[Any]]) -> None:
    if not len(table["row"]):
        return
    if int(table["row"].min()) < 0 or int(table["row"].max()) >= 2**62:
        raise CorruptLog("the archive is damaged: a row has an invalid number")
    same = (np.diff(table["row"]) == 0) & (np.diff(table["owner"]) == 0)
    if bool(same.any()):
        raise CorruptLog("the archive is damaged: a row occurs twice")
    if not bool(np.isfinite(table["fraction"]).all()):
        raise CorruptLog("the archive is damaged: a step is not a finite number")
    for name in ("time", "offset_micros"):
        if int(np.abs(table[name]).max()) > _MAX_TIME:
            raise CorruptLog(f"the archive is damaged: {name} is out of range")


def _spans(table: Mapping[str, NDArray[Any]]) -> Iterator[tuple[int, int]]:
    """Start and end of each range of rows that fits into one batch."""
    n = len(table["row"])
    if not n:
        return
    breaks = np.diff(table["row"]) != 1
    for name in ("owner", "system", "offset_micros", "whole"):
        breaks |= table[name][1:] != table[name][:-1]
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), n]
    yield from itertools.pairwise(edges)


def _object(text: str | None, packed: str | None) -> Any:
    try:
        if text is not None:
            return json.loads(text, parse_constant=_no_constant)
        return msgspec.msgpack.decode(base64.b64decode(packed or "", validate=True))
    except (ValueError, RecursionError, binascii.Error, msgspec.DecodeError):
        raise CorruptLog("the archive is damaged: an object can't be read") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)
