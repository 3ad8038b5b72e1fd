"""The streams of a run that a request is about, and a read of their lines.

`service` opens a `LogReader` for each request, within the project's metric store.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from weft.errors import NotFound
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.logs.order import LineOrder, PlacedLine, merge_lines, sort_times
from weft.server.storage.contract import ConsoleLine, ConsoleStream, Int64, MetricStore, TextSearch
from weft.server.storage.metadata import WriterRow

_MAX_CACHED_BYTES: Final = 32 * 2**20
"""Orders in the cache: three logs of a million lines."""

_ORDER_OF_STREAMS: Final = {"stdout": 0, "stderr": 1}

_JOINED_LINES: Final = 1000
"""Found lines closer than this are read together."""


@dataclass(frozen=True, slots=True)
class StreamSelection:
    """The streams that a request is about: of all writers if `writers` is None, both if `stream`
    is.
    """

    writers: Sequence[str] | None = None
    stream: Literal["stdout", "stderr"] | None = None


@dataclass(frozen=True, slots=True)
class LogSource:
    """A stream with its writer, which the metadata has."""

    writer: WriterRow
    stream: ConsoleStream

    @property
    def offset_micros(self) -> int:
        """Added to the times of the lines."""
        return self.writer.offset_micros or 0

    @property
    def label(self) -> str:
        """Short name of the writer: its rank, or its id."""
        rank = self.writer.labels.get("rank")
        return self.writer.writer if rank is None else f"rank {rank}"


class LineHit(NamedTuple):
    """A line that a search finds: its position in the log, the index of its source, its number."""

    position: int
    source: int
    line: int


class OrderCache:
    """Orders of lines that are still current. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: OrderedDict[object, tuple[object, LineOrder]] = OrderedDict()

    def get(self, name: object, version: object) -> LineOrder | None:
        """An order if it is of this version."""
        with self._lock:
            entry = self._orders.get(name)
            if entry is None or entry[0] != version:
                return None
            self._orders.move_to_end(name)
            return entry[1]

    def put(self, name: object, version: object, order: LineOrder) -> None:
        """Keep an order in place of an older version; the least recently used ones are dropped."""
        with self._lock:
            self._orders[name] = (version, order)
            self._orders.move_to_end(name)
            n_bytes = sum(cached.n_bytes for _, cached in self._orders.values())
            while n_bytes > _MAX_CACHED_BYTES and len(self._orders) > 1:
                n_bytes -= self._orders.popitem(last=False)[1][1].n_bytes


class LogReader:
    """Reads lines of some streams of one run, in the order that breaks ties of time."""

    def __init__(
        self, store: MetricStore, entry: RunEntry, selection: StreamSelection, orders: OrderCache
    ) -> None:
        self._store = store
        self._run = entry.path.run
        self._project_id = entry.project_id
        self._orders = orders
        with entry.lock:
            writers = {name: writer.row for name, writer in entry.writers.items()}
        unknown = [name for name in selection.writers or () if name not in writers]
        if unknown:
            raise NotFound(f"run {entry.path} has no writer {unknown[0]!r}")
        ranks = {name: rank for rank, name in enumerate(writers)}
        selected = ranks if selection.writers is None else set(selection.writers)
        self.sources = sorted(
            (
                LogSource(writers[stream.writer], stream)
                for stream in store.console_streams(self._run)
                if stream.writer in writers
                and stream.writer in selected
                and selection.stream in {None, stream.stream}
            ),
            key=lambda source: (
                ranks[source.stream.writer],
                _ORDER_OF_STREAMS.get(source.stream.stream, 2),
                source.stream.stream,
            ),
        )
        self.total = sum(source.stream.n_lines for source in self.sources)

    def range(self, start: int, end: int) -> list[PlacedLine]:
        """The lines at positions `start` to `end - 1`."""
        if start >= end or not self.sources:
            return []
        only = self._only_stream()
        if only is not None:
            return [PlacedLine(0, line) for line in self._lines(0, only + start, only + end)]
        spans = self._order().spans(start, end)
        return merge_lines(
            [
                self._lines(number, int(span[0]), int(span[-1]) + 1) if len(span) else []
                for number, span in enumerate(spans)
            ]
        )

    def last(self, n: int) -> list[PlacedLine]:
        if n <= 0:
            return []
        ends = [
            self._corrected(
                number,
                self._store.console_before(
                    self._run,
                    source.stream.writer,
                    source.stream.stream,
                    source.stream.last_line + 1,
                    n,
                ),
            )
            for number, source in enumerate(self.sources)
        ]
        return merge_lines(ends)[-n:]

    def find_lines(self, search: TextSearch, start: int, limit: int) -> list[LineHit]:
        """The first `limit` matches from the position `start` on."""
        if not self.sources:
            return []
        only = self._only_stream()
        if only is not None:
            numbers = self._search(0, search, only + start, limit)
            return [LineHit(number - only, 0, number) for number in numbers]
        order = self._order()
        spans = order.spans(start, max(self.total, start))
        line_numbers = [
            self._search(number, search, int(span[0]), limit) if len(span) else []
            for number, span in enumerate(spans)
        ]
        hits = [
            LineHit(position, number, line)
            for number, lines in enumerate(line_numbers)
            for position, line in zip(order.positions_of(number, lines), lines, strict=True)
        ]
        return sorted(hits)[:limit]

    def position_at(self, micros: int) -> int:
        """The position of the first line from a time on; `total` if all are earlier."""
        n_before = 0
        for source in self.sources:
            _, times = self._store.console_times(
                self._run, source.stream.writer, source.stream.stream
            )
            n_before += int(np.searchsorted(sort_times(times + source.offset_micros), micros))
        return n_before

    def lines_at(self, hits: Sequence[LineHit]) -> list[PlacedLine]:
        """The lines that `find_lines` returned."""
        by_number: dict[tuple[int, int], PlacedLine] = {}
        for number in range(len(self.sources)):
            lines = [hit.line for hit in hits if hit.source == number]
            while lines:
                batch = [line for line in lines if line < lines[0] + _JOINED_LINES]
                for line in self._lines(number, batch[0], batch[-1] + 1):
                    by_number[number, line.line] = PlacedLine(number, line)
                lines = lines[len(batch) :]
        return [
            by_number[hit.source, hit.line] for hit in hits if (hit.source, hit.line) in by_number
        ]

    def _only_stream(self) -> int | None:
        """The first line of the only stream, if no line is missing: positions then count lines."""
        if len(self.sources) != 1:
            return None
        stream = self.sources[0].stream
        is_whole = stream.last_line - stream.first_line + 1 == stream.n_lines
        return stream.first_line if is_whole else None

    def _lines(self, number: int, first: int, end: int) -> list[ConsoleLine]:
        stream = self.sources[number].stream
        lines = self._store.console(self._run, stream.writer, stream.stream, first, end - first)
        return self._corrected(number, lines)

    def _corrected(self, number: int, lines: list[ConsoleLine]) -> list[ConsoleLine]:
        offset = self.sources[number].offset_micros
        if not offset:
            return lines
        return [
            ConsoleLine(line.stream, line.line, line.micros + offset, line.text) for line in lines
        ]

    def _search(self, number: int, search: TextSearch, first: int, limit: int) -> list[int]:
        stream = self.sources[number].stream
        return self._store.search_console(
            self._run, stream.writer, stream.stream, search, first=first, limit=limit
        )

    def _order(self) -> LineOrder:
        names = tuple((source.stream.writer, source.stream.stream) for source in self.sources)
        version = [
            (
                source.stream,
                source.offset_micros,
                self._store.position(self._run, source.stream.writer),
            )
            for source in self.sources
        ]
        name = (self._project_id, self._run, names)
        order = self._orders.get(name, version)
        if order is None:
            numbers: list[Int64] = []
            micros: list[Int64] = []
            for source in self.sources:
                stream = source.stream
                lines, times = self._store.console_times(self._run, stream.writer, stream.stream)
                numbers.append(lines)
                micros.append(times + source.offset_micros)
            order = LineOrder.of(numbers, micros)
            self._orders.put(name, version, order)
        return order
