"""Digests of a run's rows, values and console lines, equal on every metric engine. Pure.

A digest is a sum over rows, values and lines, so it does not depend on their order, nor on how an
engine cuts them into chunks. It finds what is lost, doubled or changed; it is no protection
against someone who forges data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Column, ConsoleLine, FrozenStore, RawRows, RawRun

_UInt64 = NDArray[np.uint64]

_LANES: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""Two sums, each of differently mixed numbers, make accidental equality impossible in practice."""

_WORD: Final = (1 << 64) - 1


@dataclass(slots=True)
class RunDigest:
    """Counts and sums of everything that a store has of a run."""

    n_rows: int = 0
    n_points: int = 0
    n_lines: int = 0
    sums: list[int] = field(default_factory=lambda: [0] * len(_LANES))

    def add_rows(self, raw: RawRows) -> None:
        """Count rows with their values."""
        writer = _seed("row", raw.writer, raw.system, raw.offset, raw.steps.dtype == np.int64)
        identity = _mixed(raw.rows.view(np.uint64) ^ np.uint64(writer))
        flags = np.zeros(len(raw), dtype=np.uint64)
        if raw.continues is not None:
            flags[:] = raw.continues
        step = _mixed(identity ^ np.ascontiguousarray(raw.steps).view(np.uint64))
        self._add(_mixed(step ^ np.ascontiguousarray(raw.times).view(np.uint64)) + flags)
        self.n_rows += len(raw)
        for key, columns in raw.columns.items():
            for column in columns:
                self._add_column(identity, key, column)

    def _add_column(self, identity: _UInt64, key: str, column: Column) -> None:
        rows = identity if column.rows is None else identity[column.rows]
        seed = np.uint64(_seed("value", key, column.kind))
        self._add(_mixed(_mixed(rows ^ seed) ^ _words(column.values)))
        self.n_points += len(rows)

    def add_lines(self, writer: str, lines: Sequence[ConsoleLine]) -> None:
        """Count console lines."""
        words = [
            _seed("line", writer, line.stream, line.line, line.micros, line.text) for line in lines
        ]
        self._add(np.array(words, dtype=np.uint64))
        self.n_lines += len(lines)

    def _add(self, words: _UInt64) -> None:
        for nth, lane in enumerate(_LANES):
            total = int(np.sum(_mixed(words ^ np.uint64(lane)), dtype=np.uint64))
            self.sums[nth] = (self.sums[nth] + total) & _WORD


def digest_of(frozen: FrozenStore, run: RawRun) -> RunDigest:
    """The digest of a run; reads all of it."""
    digest = RunDigest()
    for raw in frozen.rows(run):
        digest.add_rows(raw)
    for writer, lines in frozen.console(run):
        digest.add_lines(writer, lines)
    return digest


def _words(values: NDArray[Any] | list[Any]) -> _UInt64:
    """Each value as 64 bits; every NaN as the same."""
    if isinstance(values, list):
        return np.array([_seed(value) for value in values], dtype=np.uint64)
    if values.dtype == np.float64:
        values = np.where(np.isnan(values), np.nan, values)
        return np.ascontiguousarray(values).view(np.uint64)
    if values.dtype == np.bool_:
        return values.astype(np.uint64)
    return np.ascontiguousarray(values.astype(np.int64, copy=False)).view(np.uint64)


def _seed(*parts: Any) -> int:
    packed = msgspec.msgpack.encode(parts)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little")


def _mixed(words: _UInt64) -> _UInt64:
    """The finalizer of SplitMix64: each bit of the result depends on all bits of the word."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
