"""A view's chunks and blocks of console lines: listed in PostgreSQL, their rows in ClickHouse.

The list is of the view's transaction. What it lists is read whole, or not at all (`Unavailable`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from weft.errors import Unavailable
from weft.server.storage.clickhouse.chunk_tables import (
    PART_BITS,
    WHOLE,
    ChunkId,
    ChunkTables,
    PartId,
    decode_head,
    first_part,
)
from weft.server.storage.clickhouse.clients import Rows
from weft.server.storage.clickhouse.connections import Connection
from weft.server.storage.clickhouse.keys import decode_name, encode_name
from weft.server.storage.metrics.encoding.block import KIND_BITS
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.reading.counts import ORIGIN_BITS
from weft.server.storage.metrics.view import ConsoleHeader, ConsoleName, Tombs

WRITING: Final = 0
LISTED: Final = 1
GONE: Final = 2
"""Values of a chunk's column `state`. `WRITING`: its rows may be in ClickHouse or not. `LISTED`:
they are, and reads ask for them. `GONE`: replaced, abandoned or deleted; its rows are removed
after a while."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder()


class _Listed(NamedTuple):
    """A chunk of a run, and its rows in ClickHouse, which copies of the run share."""

    header: ChunkHeader
    stored: ChunkId


class ChunkView:
    """See `View`.

    `tables` is None on a server without ClickHouse, which can't read what others moved there.
    """

    def __init__(self, connection: Connection, tables: ChunkTables | None) -> None:
        self.connection = connection
        self.tombs: dict[int, Tombs] = {}
        self._tables = tables
        self._listed: dict[int, list[_Listed]] = {}
        self._by_chunk: dict[int, _Listed] = {}
        self._names: dict[int, ChunkId] = {}
        self._keys_of_parts: dict[int, int] = {}

    # Chunks

    def chunks(self, runs: Iterable[int]) -> dict[int, ChunkHeader]:
        return {listed.header.chunk: listed.header for listed in self._list(runs)}

    def _list(self, runs: Iterable[int]) -> list[_Listed]:
        runs = list(runs)
        missing = [run for run in runs if run not in self._listed]
        if missing:
            self._listed.update({run: [] for run in missing})
            rows = self.connection.cursor(binary=True).execute(
                "SELECT chunk, run, writer, shard, stored_run, stored, header FROM chunk"
                " WHERE run = ANY(%s) AND state = %s AND header IS NOT NULL"
                " ORDER BY run, writer, chunk",
                (missing, LISTED),
            )
            for chunk, run, writer, shard, stored_run, stored, header in rows:
                name = ChunkId(shard, stored_run, stored)
                self._add(_Listed(decode_header(header, chunk, run, writer), name))
        return [listed for run in runs for listed in self._listed[run]]

    def _add(self, listed: _Listed) -> None:
        header, stored = listed
        self._listed[header.run].append(listed)
        self._by_chunk[header.chunk] = listed
        self._names[stored.chunk] = stored
        self._keys_of_parts[first_part(stored.chunk)] = WHOLE

    def _clickhouse(self) -> ChunkTables:
        if self._tables is None:
            raise Unavailable("metrics: points are in ClickHouse, whose address is not set here")
        return self._tables

    # Headers of metrics

    def columns(self, runs: Iterable[int], keys: Iterable[int]) -> list[ColumnHeader]:
        return self._read_columns(self._list(runs), set(keys))

    def columns_in(
        self,
        chunks: Sequence[ChunkHeader],
        keys: Iterable[int] | None = None,
        *,
        steps: tuple[float, float] | None = None,
    ) -> list[ColumnHeader]:
        listed = [self._by_chunk[chunk.chunk] for chunk in chunks]
        headers = self._read_columns(listed, None if keys is None else set(keys))
        if steps is None:
            return headers
        lo, hi = steps
        return [
            header
            for header in headers
            if header.kinds & KIND_BITS["object"]
            or (
                header.step_lo is not None
                and header.step_hi is not None
                and header.step_hi >= lo
                and header.step_lo <= hi
            )
        ]

    def newest_columns(
        self, chunks: Sequence[ChunkHeader], keys: Collection[int] | None
    ) -> list[ColumnHeader]:
        own, rest = self._split([self._by_chunk[chunk.chunk] for chunk in chunks])
        headers = self._read_columns(rest, keys)
        if own:
            rows = self._clickhouse().newest([listed.stored for listed in own], keys)
            headers += self._headers(own, rows, keys)
        latest: dict[int, int] = {}
        for header in headers:
            latest[header.key] = max(header.latest, latest.get(header.key, header.latest))
        return [header for header in headers if header.latest == latest[header.key]]

    def _read_columns(
        self, listed: Sequence[_Listed], keys: Collection[int] | None
    ) -> list[ColumnHeader]:
        if not listed or (keys is not None and not keys):
            return []
        names = list({chunk.stored: None for chunk in listed})
        return self._headers(listed, self._clickhouse().columns(names, keys), keys)

    def _headers(
        self, listed: Sequence[_Listed], rows: Rows, keys: Collection[int] | None
    ) -> list[ColumnHeader]:
        by_stored: dict[int, list[ChunkHeader]] = {}
        for chunk, stored in listed:
            by_stored.setdefault(stored.chunk, []).append(chunk)
        headers = [
            decode_head(head, chunk)
            for stored, key, head in rows
            if keys is None or key in keys
            for chunk in by_stored[stored]
            if not self._is_deleted(chunk, key)
        ]
        for header in headers:
            self._keys_of_parts[header.part] = header.key
        return sorted(headers, key=lambda header: header[:3])

    def _is_deleted(self, chunk: ChunkHeader, key: int) -> bool:
        tombs = self.tombs.get(chunk.run, {}).get(chunk.writer, {})
        return tombs.get(key, -1) >= chunk.row_hi

    def has_deleted(self, chunk: ChunkHeader) -> bool:
        """Whether a chunk still has metrics that were deleted since it was written."""
        tombs = self.tombs.get(chunk.run, {}).get(chunk.writer, {})
        keys = [key for key in tombs if self._is_deleted(chunk, key)]
        if not keys:
            return False
        stored = self._by_chunk[chunk.chunk].stored
        return bool(self._clickhouse().columns([stored], keys))

    def _split(self, listed: Sequence[_Listed]) -> tuple[list[_Listed], list[_Listed]]:
        """The chunks whose headers ClickHouse may sum up, and those of which each is needed."""
        own: list[_Listed] = []
        rest: list[_Listed] = []
        for chunk in listed:
            header, stored = chunk
            is_plain = header.run == stored.run and not any(
                row_hi >= header.row_hi
                for row_hi in self.tombs.get(header.run, {}).get(header.writer, {}).values()
            )
            (own if is_plain else rest).append(chunk)
        return own, rest

    # Counts

    def counts_in(self, chunks: Sequence[ChunkHeader]) -> list[tuple[int, int, int]]:
        counts = self._counts([self._by_chunk[chunk.chunk] for chunk in chunks])
        return [(key, kinds, n) for _, key, kinds, n in counts]

    def _counts(self, listed: Sequence[_Listed]) -> list[tuple[int, int, int, int]]:
        """Run, number, bits of `KIND_BITS` and points of metrics; some of them more than once."""
        own, rest = self._split(listed)
        headers = self._read_columns(rest, None)
        counts = [(header.run, header.key, header.kinds, header.n) for header in headers]
        if own:
            totals = self._clickhouse().totals([chunk.stored for chunk in own])
            counts += [(run, key, kinds, n) for run, key, kinds, n, _ in totals]
        return counts

    def chunk_stamp(self, run: int) -> tuple[int, int]:
        numbers = [listed.header.chunk for listed in self._list([run])]
        return max(numbers, default=0), len(numbers)

    def totals(self, run: int, *, system: bool | None) -> list[tuple[int, int, int]]:
        return [(key, bits, n) for key, bits, n, _ in self.totals_of([run], system=system)]

    def totals_of(
        self, runs: Sequence[int], *, system: bool | None
    ) -> list[tuple[int, int, int, int]]:
        bits: dict[int, int] = {}
        n_points: dict[int, int] = {}
        runs_with: dict[int, set[int]] = {}
        for origin, origin_bit in ORIGIN_BITS.items():
            if system is not None and system != (origin == "system"):
                continue
            listed = [
                chunk
                for chunk in self._list(runs)
                if bool(chunk.header.system) == (origin == "system")
            ]
            for run, key, kinds, n in self._counts(listed):
                bits[key] = bits.get(key, 0) | kinds | origin_bit
                n_points[key] = n_points.get(key, 0) + n
                runs_with.setdefault(key, set()).add(run)
        return [(key, bits[key], n_points[key], len(runs_with[key])) for key in sorted(bits)]

    def bytes_by_key(self, run: int) -> dict[int, int]:
        """Bytes of the parts of each metric in all chunks of a run."""
        sizes: dict[int, int] = {}
        for header in self._read_columns(self._list([run]), None):
            sizes[header.key] = sizes.get(header.key, 0) + header.n_bytes
        return sizes

    def has_fractional_chunk(self, runs: Iterable[int], *, system: bool) -> bool:
        return any(
            header.fractional and bool(header.system) == system for header, _ in self._list(runs)
        )

    # Parts

    def parts(self, numbers: Sequence[int]) -> dict[int, bytes]:
        if not numbers:
            return {}
        return self._clickhouse().parts([self._part_id(part) for part in numbers])

    def _part_id(self, part: int) -> PartId:
        first = part
        while first not in self._keys_of_parts:
            first -= 1
        shard, run, _ = self._names[part >> PART_BITS]
        return PartId(shard, run, self._keys_of_parts[first], part - first, part)

    # Console

    def console_streams(self, run: int) -> list[tuple[int, str]]:
        rows = self.connection.execute(
            "SELECT DISTINCT writer, stream FROM console_block WHERE run = %s", (run,)
        )
        return [(writer, decode_name(stream)) for writer, stream in rows]

    def console_blocks(self, name: ConsoleName, lo: int, hi: int) -> list[ConsoleHeader]:
        rows = self.connection.execute(
            "SELECT block, n, line_lo, line_hi, time_lo, time_hi FROM console_block"
            " WHERE run = %s AND writer = %s AND stream = %s AND block BETWEEN %s AND %s",
            (name.run, name.writer, encode_name(name.stream), lo, hi),
        )
        return [ConsoleHeader(*row) for row in rows]

    def console_data(self, name: ConsoleName, blocks: Sequence[int]) -> dict[int, bytes]:
        rows = self.connection.execute(
            "SELECT block, shard, stored_run, stored FROM console_block"
            " JOIN chunk USING (run, stored)"
            " WHERE run = %s AND console_block.writer = %s AND stream = %s AND block = ANY(%s)",
            (name.run, name.writer, encode_name(name.stream), list(blocks)),
        ).fetchall()
        if not rows:
            return {}
        ids = {
            block: PartId(shard, run, WHOLE, 0, first_part(stored))
            for block, shard, run, stored in rows
        }
        blobs = self._clickhouse().parts(list(ids.values()))
        return {block: blobs[id_.part] for block, id_ in ids.items()}


def encode_header(header: ChunkHeader) -> bytes:
    """A chunk's header as PostgreSQL keeps it; steps may be floats, or ints beyond 2^53."""
    return _encoder.encode(header)


def decode_header(data: bytes, chunk: int, run: int, writer: int) -> ChunkHeader:
    """The header of a chunk; a copy of its run has other numbers."""
    _, _, _, *fields = _decoder.decode(data)
    return ChunkHeader(chunk, run, writer, *fields)
