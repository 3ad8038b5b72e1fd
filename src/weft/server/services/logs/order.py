"""The order of lines of several streams. Pure.

`docs/decisions/0029-console-reading.md` says why lines are in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import ConsoleLine, Int64


class PlacedLine(NamedTuple):
    """A line and the index of its stream."""

    stream: int
    line: ConsoleLine


def sort_times(micros: Int64) -> Int64:
    """The times by which the lines of one stream are sorted among the lines of others.

    >>> sort_times(np.array([10, 90, 30, 40])).tolist()
    [10, 30, 30, 40]
    """
    return np.minimum.accumulate(micros[::-1])[::-1]


def merge_lines(streams: Sequence[Sequence[ConsoleLine]]) -> list[PlacedLine]:
    """Lines of several streams in order.

    The lines of each stream are consecutive; none that comes after all others may be missing.
    """
    placed: list[tuple[int, PlacedLine]] = []
    for number, lines in enumerate(streams):
        times = sort_times(np.array([line.micros for line in lines], dtype=np.int64))
        placed += [
            (time, PlacedLine(number, line))
            for time, line in zip(times.tolist(), lines, strict=True)
        ]
    placed.sort(key=lambda entry: entry[0])
    return [line for _, line in placed]


@dataclass(frozen=True, slots=True)
class LineOrder:
    """The order of all lines of some streams: their line numbers, and by position the index of the
    stream.
    """

    numbers: Sequence[Int64]
    streams: NDArray[np.uint16]

    @staticmethod
    def of(numbers: Sequence[Int64], micros: Sequence[Int64]) -> LineOrder:
        """The order of streams with these line numbers and times."""
        of_stream = np.repeat(
            np.arange(len(numbers), dtype=np.uint16),
            [len(line_numbers) for line_numbers in numbers],
        )
        times = np.concatenate([sort_times(stream_times) for stream_times in micros])
        return LineOrder(numbers, of_stream[np.argsort(times, kind="stable")])

    @property
    def n_bytes(self) -> int:
        """Memory that it takes."""
        return self.streams.nbytes + sum(line_numbers.nbytes for line_numbers in self.numbers)

    def spans(self, start: int, end: int) -> list[Int64]:
        """The line numbers of each stream at the positions `start` to `end - 1`."""
        before = np.bincount(self.streams[:start], minlength=len(self.numbers))
        within = np.bincount(self.streams[start:end], minlength=len(self.numbers))
        return [
            line_numbers[lo : lo + n]
            for line_numbers, lo, n in zip(
                self.numbers, before.tolist(), within.tolist(), strict=True
            )
        ]

    def positions_of(self, number: int, lines: Sequence[int]) -> list[int]:
        """The positions of some lines of one stream, by their line numbers."""
        if not lines:
            return []
        ordinals = np.searchsorted(self.numbers[number], np.array(lines, dtype=np.int64))
        return np.flatnonzero(self.streams == number)[ordinals].tolist()
