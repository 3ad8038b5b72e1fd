"""A new chunk of fresh batches or of smaller chunks, encoded metric by metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from weft.server.storage.contract import Column, StepMetric
from weft.server.storage.metrics.encoding.axis_cells import MetricAxis, step_metrics_of
from weft.server.storage.metrics.encoding.block import Block, RowClass, join_axes, join_columns
from weft.server.storage.metrics.encoding.chunk import (
    AXIS_PARTS,
    ChunkEncoder,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
)
from weft.server.storage.metrics.view import MetricDatabase, View, axis_shift, read_axes

MOST_PARTS: Final = 4 + 3 * 32 + 1
"""Maximum number of parts of one metric: one per kind, 32 levels on each axis, and heads."""


@dataclass(slots=True)
class ChunkSource:
    """A fresh block, or a chunk whose columns are read when needed."""

    block: Block
    chunk: ChunkHeader | None = None
    columns: Mapping[int, ColumnHeader] | None = None

    @property
    def keys(self) -> set[int]:
        return set(self.block.columns if self.columns is None else self.columns)


def chunk_sources(view: View, chunks: Sequence[ChunkHeader]) -> list[ChunkSource]:
    """Chunks of one run as sources of a larger one."""
    columns: dict[int, dict[int, ColumnHeader]] = {chunk.chunk: {} for chunk in chunks}
    for header in view.columns_in(chunks):
        columns[header.chunk][header.key] = header
    return [ChunkSource(read_axes(view, chunk), chunk, columns[chunk.chunk]) for chunk in chunks]


def most_parts(sources: Sequence[ChunkSource]) -> int:
    """The largest number of parts that a chunk of these sources may have."""
    return AXIS_PARTS + len(_keys_of(sources)) * MOST_PARTS


class ChunkTarget(NamedTuple):
    """The run that a chunk is made for, and the numbers that the chunk and its parts get.

    Attributes:
        origin: µs since 1970, None if the run has none yet.
        rules: step metrics, by name or glob of the metrics that use them.
        part_lo: the first number of its parts; at most `most_parts` follow.
    """

    run: int
    origin: int | None
    rules: Mapping[str, StepMetric]
    row_class: RowClass
    chunk: int
    part_lo: int


class NewChunk:
    """Encodes one chunk. The parts go to `add_part` by number, ascending, as they are made."""

    def __init__(
        self,
        database: MetricDatabase,
        view: View,
        target: ChunkTarget,
        sources: Sequence[ChunkSource],
        add_part: Callable[[int, bytes], None],
    ) -> None:
        self._database = database
        self._view = view
        self._target = target
        self._sources = sources
        self._add_part = add_part
        self._axes, self._moved = join_axes([source.block for source in sources])
        self._bases = np.cumsum([0, *(len(source.block) for source in sources)]).tolist()
        self._next_part = target.part_lo
        self._n_bytes = 0

    def encode(self) -> tuple[ChunkHeader, list[ColumnHeader]]:
        """The headers of the chunk and of its metrics."""
        target, axes = self._target, self._axes
        encoder = ChunkEncoder(axes, axis_shift(target.row_class.offset, target.origin))
        keys = _keys_of(self._sources)
        self._put(encoder.encode_axes())
        step_metrics = self._step_metrics(keys)
        by_metric = self._metric_axes(set(step_metrics.values()), keys)
        headers: list[ColumnHeader] = []
        for key in keys:
            axis = by_metric.get(step_metrics[key]) if key in step_metrics else None
            header, parts = encoder.encode_column(
                target.run, key, target.chunk, self._next_part, self._columns_of(key), axis
            )
            self._put(parts)
            headers.append(header)
        steps, row_class = axes.steps, target.row_class
        return (
            ChunkHeader(
                target.chunk, target.run, row_class.writer, int(row_class.system),
                row_class.offset, int(row_class.fractional), len(axes),
                sum(header.n for header in headers), self._n_bytes,
                int(axes.rows[0]), int(axes.rows[-1]), steps.min().item(), steps.max().item(),
                _continued(axes), target.part_lo, self._next_part,
            ),
            headers,
        )  # fmt: skip

    def _put(self, parts: Sequence[bytes]) -> None:
        for data in parts:
            self._add_part(self._next_part, data)
            self._next_part += 1
            self._n_bytes += len(data)

    def _step_metrics(self, keys: Sequence[int]) -> dict[int, StepMetric]:
        rules = self._target.rules
        names = {key: self._database.key_name(key) for key in keys} if rules else {}
        return step_metrics_of(names, rules)

    def _metric_axes(
        self, rules: set[StepMetric], keys: Sequence[int]
    ) -> dict[StepMetric, MetricAxis]:
        axes: dict[StepMetric, MetricAxis] = {}
        for rule in rules:
            number = self._database.find_key(rule.metric)
            if number is None or number not in keys:
                continue
            columns = self._columns_of(number)
            if any(column.kind != "object" for column in columns):
                axes[rule] = MetricAxis(number, columns, self._axes, step_sync=rule.step_sync)
        return axes

    def _columns_of(self, key: int) -> list[Column]:
        headers = [(source.columns or {}).get(key) for source in self._sources]
        numbers = [
            part
            for header in headers
            if header is not None
            for part in range(header.part, header.part + header.n_points_parts)
        ]
        blobs = self._view.parts(numbers)
        pieces: list[tuple[int, int, Sequence[Column]]] = []
        for base, source, header in zip(self._bases, self._sources, headers, strict=False):
            columns = source.block.columns.get(key, ())
            if header is not None:
                parts = range(header.part, header.part + header.n_points_parts)
                columns = decode_columns(header.kinds, [blobs[part] for part in parts])
            pieces.append((base, len(source.block), columns))
        return join_columns(pieces, len(self._axes), self._moved)


def _keys_of(sources: Sequence[ChunkSource]) -> list[int]:
    return sorted({key for source in sources for key in source.keys})


def _continued(axes: Block) -> int:
    """See `ChunkHeader.continued`."""
    if axes.continues is None or not bool(axes.continues.any()):
        return 0
    return 2 if bool(axes.continues[0]) else 1
