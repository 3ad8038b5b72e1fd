"""Reads console lines: the blocks of a stream, with its fresh lines put on top of them."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from weft.server.storage.contract import ConsoleLine, ConsoleStream, Int64, TextSearch
from weft.server.storage.metrics.encoding.console_block import (
    BLOCK_LINES,
    ConsoleBlock,
    Lines,
    decode_block,
    decode_times,
    make_block,
    search_block,
    supersede,
)
from weft.server.storage.metrics.fresh import decode_console
from weft.server.storage.metrics.view import ConsoleName, MetricDatabase, View

_BLOCKS_PER_QUERY: Final = 64
"""Blocks fetched at once: memory for a few megabytes of stored text."""


def read_console(
    database: MetricDatabase, run: str, writer: str, stream: str, first: int, n: int
) -> list[ConsoleLine]:
    """See `MetricStore.console`."""
    if n <= 0:
        return []
    end = first + n
    lines: list[ConsoleLine] = []
    with _open_stream(database, run, writer, stream) as view:
        if view is None:
            return []
        for number in view.numbers(first // BLOCK_LINES, (end - 1) // BLOCK_LINES):
            lines += view.lines(number)
    return [line for line in lines if first <= line.line < end]


def read_console_before(
    database: MetricDatabase, run: str, writer: str, stream: str, before: int, n: int
) -> list[ConsoleLine]:
    """See `MetricStore.console_before`."""
    lines: list[ConsoleLine] = []
    with _open_stream(database, run, writer, stream) as view:
        if view is None or n <= 0 or before <= 0:
            return []
        for number in reversed(view.numbers(0, (before - 1) // BLOCK_LINES)):
            lines = [line for line in view.lines(number) if line.line < before] + lines
            if len(lines) >= n:
                break
    return lines[-n:]


def read_console_times(
    database: MetricDatabase, run: str, writer: str, stream: str
) -> tuple[Int64, Int64]:
    """See `MetricStore.console_times`."""
    numbers: list[Int64] = [np.zeros(0, dtype=np.int64)]
    times: list[Int64] = [np.zeros(0, dtype=np.int64)]
    with _open_stream(database, run, writer, stream) as view:
        for some_numbers, some_times in view.times() if view is not None else ():
            numbers.append(some_numbers)
            times.append(some_times)
    return np.concatenate(numbers), np.concatenate(times)


def search_console(
    database: MetricDatabase,
    run: str,
    writer: str,
    stream: str,
    search: TextSearch,
    *,
    first: int,
    limit: int,
) -> list[int]:
    """See `MetricStore.search_console`."""
    numbers: list[int] = []
    with _open_stream(database, run, writer, stream) as view:
        for line in view.search(search, first // BLOCK_LINES) if view is not None else ():
            if line >= first:
                numbers.append(line)
                if len(numbers) >= limit:
                    break
    return numbers


def read_console_blocks(view: View, run: int) -> Iterator[tuple[str, list[ConsoleLine]]]:
    """All lines of a run, block by block, with the names of their writers."""
    names = {writer: name for _, writer, name in view.writers([run])}
    fresh = {writer: _fresh_lines(view, run, writer) for writer in names}
    streams = {(writer, stream) for writer, lines in fresh.items() for stream in lines}
    for writer, stream in sorted(streams.union(view.console_streams(run))):
        lines = fresh[writer].get(stream, {})
        entry = _Stream(view, ConsoleName(run, writer, stream), lines)
        for number in entry.numbers(0, 2**62):
            yield names[writer], entry.lines(number)


def read_console_streams(database: MetricDatabase, run: str) -> list[ConsoleStream]:
    """See `MetricStore.console_streams`."""
    info = database.find_run(run)
    if info is None:
        return []
    streams: list[ConsoleStream] = []
    with database.snapshot([info.run]) as view:
        names = {writer: name for _, writer, name in view.writers([info.run])}
        fresh: dict[tuple[int, str], Lines] = {}
        for writer in {row_class.writer for row_class in view.listings[info.run]}:
            for stream, lines in _fresh_lines(view, info.run, writer).items():
                fresh[writer, stream] = lines
        for writer, stream in {*view.console_streams(info.run), *fresh}:
            lines = fresh.get((writer, stream), {})
            entry = _Stream(view, ConsoleName(info.run, writer, stream), lines)
            streams.append(entry.describe(names[writer]))
    return sorted(streams, key=lambda entry: (entry.writer, entry.stream))


@contextmanager
def _open_stream(
    database: MetricDatabase, run: str, writer: str, stream: str
) -> Generator[_Stream | None]:
    """One stream as of one moment; None if it has no lines or its run can't be read."""
    info = database.find_run(run)
    if info is None:
        yield None
        return
    with database.snapshot([info.run]) as view:
        numbers = {name: number for _, number, name in view.writers([info.run])}
        if writer not in numbers:
            yield None
        else:
            name = ConsoleName(info.run, numbers[writer], stream)
            fresh = _fresh_lines(view, info.run, name.writer)
            yield _Stream(view, name, fresh.get(stream, {}))


def _fresh_lines(view: View, run: int, writer: int) -> dict[str, Lines]:
    """The fresh lines of a writer by stream."""
    numbers = sorted(
        entry.fresh
        for row_class, entries in view.listings[run].items()
        if row_class.writer == writer
        for entry in entries
        if entry.has_console
    )
    blobs = view.fresh(numbers)
    by_stream: dict[str, Lines] = {}
    for number in numbers:
        for stream, line, micros, text in decode_console(blobs[number]):
            supersede(by_stream.setdefault(stream, {}), line, micros, text)
    return by_stream


@dataclass(slots=True)
class _Stream:
    """The lines of one stream."""

    _view: View
    _name: ConsoleName
    fresh: Lines

    def _fresh_blocks(self) -> dict[int, Lines]:
        blocks: dict[int, Lines] = {}
        for number, line in self.fresh.items():
            blocks.setdefault(number // BLOCK_LINES, {})[number] = line
        return blocks

    def numbers(self, lo: int, hi: int) -> list[int]:
        """The blocks `lo` to `hi` that have lines, ascending."""
        stored = self._view.console_blocks(self._name, lo, min(hi, 2**62))
        fresh = {number // BLOCK_LINES for number in self.fresh}
        return sorted(
            {header.block for header in stored} | {block for block in fresh if lo <= block <= hi}
        )

    def _stored(self, numbers: Sequence[int]) -> Iterator[tuple[int, bytes | None]]:
        """The stored form of some blocks, in order; None for a block whose lines are all fresh."""
        for at in range(0, len(numbers), _BLOCKS_PER_QUERY):
            batch = numbers[at : at + _BLOCKS_PER_QUERY]
            blobs = self._view.console_data(self._name, batch)
            for number in batch:
                yield number, blobs.get(number)

    def _merge(self, data: bytes | None, fresh: Lines) -> ConsoleBlock:
        if data is None:
            return make_block(fresh)
        block = decode_block(data)
        if not fresh:
            return block
        lines = {number: (micros, text) for number, micros, text in block.lines()}
        for number, (micros, text) in fresh.items():
            supersede(lines, number, micros, text)
        return make_block(lines)

    def lines(self, number: int) -> list[ConsoleLine]:
        """The lines of one block."""
        fresh = self._fresh_blocks().get(number, {})
        ((_, data),) = self._stored([number])
        return [ConsoleLine(self._name.stream, *line) for line in self._merge(data, fresh).lines()]

    def search(self, search: TextSearch, first: int) -> Iterator[int]:
        """The numbers of lines with a match, in all blocks from `first` on."""
        fresh = self._fresh_blocks()
        for number, data in self._stored(self.numbers(first, 2**62)):
            if data is None or number in fresh:
                yield from self._merge(data, fresh[number]).find(search)
            else:
                yield from search_block(data, search)

    def times(self) -> Iterator[tuple[Int64, Int64]]:
        """Numbers and times of the lines of each block."""
        fresh = self._fresh_blocks()
        for number, data in self._stored(self.numbers(0, 2**62)):
            if data is not None and number not in fresh:
                yield decode_times(data)
            else:
                block = self._merge(data, fresh.get(number, {}))
                yield block.numbers, block.micros

    def describe(self, writer: str) -> ConsoleStream:
        """Counts and ends; reads only the headers of blocks that have no fresh lines."""
        fresh = self._fresh_blocks()
        headers = self._view.console_blocks(self._name, 0, 2**62)
        parts = [header[1:] for header in headers if header.block not in fresh]
        for number, data in self._stored(sorted(fresh)):
            block = self._merge(data, fresh[number])
            times = block.micros
            parts.append(
                (
                    len(block), int(block.numbers[0]), int(block.numbers[-1]),
                    int(times.min()), int(times.max()),
                )
            )  # fmt: skip
        counts, line_los, line_his, time_los, time_his = zip(*parts, strict=True)
        return ConsoleStream(
            writer, self._name.stream, sum(counts), min(line_los), max(line_his),
            min(time_los), max(time_his),
        )  # fmt: skip
