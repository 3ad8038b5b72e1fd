"""Units: the chunks and fresh blocks that make up a run, as far as their rows count.

Used by reads of individual points and rows (`points`, `columns`, `rows`); charts read cells where
possible (`scan`). Reads the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Column, Int64, Steps
from weft.server.storage.metrics.encoding.block import Block
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.reading.keys import read_columns
from weft.server.storage.metrics.reading.parts import ALL, NONE, Part, counted_rows
from weft.server.storage.metrics.view import MetricDatabase, View, read_axes


@dataclass(slots=True)
class Unit:
    """A chunk or a fresh block of one writer.

    Attributes:
        limit: the last step that counts.
        headers: of a chunk, the headers of the requested metrics by key, once `load_headers` was
            called.
    """

    part: Part
    writer: int
    name: str
    system: bool
    offset: int
    limit: float
    chunk: ChunkHeader | None
    block: Block | None
    headers: dict[int, ColumnHeader] = field(default_factory=dict[int, ColumnHeader])

    @property
    def n_rows(self) -> int:
        return self.chunk.n if self.chunk is not None else len(self._block())

    @property
    def n_points(self) -> int:
        return self.chunk.n_points if self.chunk is not None else self._block().n_points

    @property
    def step_span(self) -> tuple[float, float]:
        """Smallest and largest step, including rows that do not count."""
        if self.chunk is not None:
            return self.chunk.step_lo, self.chunk.step_hi
        steps = self._block().steps
        return steps.min().item(), steps.max().item()

    def _block(self) -> Block:
        assert self.block is not None, "what is no chunk is a fresh block"
        return self.block

    @property
    def row_span(self) -> tuple[int, int]:
        """First and last row number."""
        if self.chunk is not None:
            return self.chunk.row_lo, self.chunk.row_hi
        rows = self._block().rows
        return int(rows[0]), int(rows[-1])

    @property
    def opens_with_fragment(self) -> bool:
        """Whether the first row that counts may be a fragment of the writer's row before it."""
        if self.chunk is not None:
            return self.chunk.continued > (self.limit == ALL)
        continues = self._block().continues
        return continues is not None and (bool(continues[0]) or self.limit != ALL)

    @property
    def has_fragments(self) -> bool:
        """Whether any row may be a fragment."""
        if self.chunk is not None:
            return self.chunk.continued > 0
        return self._block().continues is not None

    def known_keys(self) -> Iterable[int]:
        """The requested metrics of a chunk, or all metrics of a fresh block."""
        return self.headers if self.block is None else self.block.columns

    def axes(self, view: View) -> Block:
        """Its rows; of a chunk without the columns."""
        return self._block() if self.chunk is None else read_axes(view, self.chunk)

    def columns(self, view: View, key: int) -> Sequence[Column]:
        """The values of one of the requested metrics."""
        return self.columns_of(view, [key]).get(key, ())

    def columns_of(self, view: View, keys: Iterable[int]) -> dict[int, Sequence[Column]]:
        """The values of some requested metrics, by metric; missing metrics are left out."""
        if self.block is not None:
            columns = self.block.columns
            return {key: columns[key] for key in keys if key in columns}
        headers = [header for key in keys if (header := self.headers.get(key)) is not None]
        return {header.key: columns for header, columns in read_columns(view, headers)}


@dataclass(slots=True)
class CountedAxes:
    """The rows of a unit that count: those `inside`, or if None all."""

    inside: NDArray[np.bool_] | None
    rows: Int64
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None


def counted_axes(unit: Unit, view: View) -> CountedAxes:
    """Decode a unit's rows, and leave out those that do not count."""
    block = unit.axes(view)
    inside = counted_rows(block.steps, unit.limit)
    if inside is None:
        return CountedAxes(None, block.rows, block.steps, block.times, block.continues)
    continues = None if block.continues is None else block.continues[inside]
    return CountedAxes(
        inside, block.rows[inside], block.steps[inside], block.times[inside], continues
    )


def knots_of(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units of one writer in order of their rows, grouped where their row ranges overlap."""
    knots: list[list[Unit]] = []
    highest = -1
    for unit in sorted(units, key=lambda unit: unit.row_span):
        lo, hi = unit.row_span
        if knots and lo <= highest:
            knots[-1].append(unit)
        else:
            knots.append([unit])
        highest = max(highest, hi)
    return knots


def load_headers(view: View, units: Iterable[Unit], keys: Collection[int]) -> None:
    """Load the headers of the metrics for the chunks among some units."""
    by_run: dict[int, dict[int, list[Unit]]] = {}
    for unit in units:
        if unit.chunk is not None:
            of_run = by_run.setdefault(unit.chunk.run, {})
            of_run.setdefault(unit.chunk.chunk, []).append(unit)
    # One statement for all units: a panel shows hundreds of runs.
    for header in view.columns(by_run, keys):
        for unit in by_run[header.run].get(header.chunk, ()):
            unit.headers[header.key] = header


def load_all_headers(view: View, spans: Iterable[tuple[Unit, float, float]]) -> None:
    """Load the headers of all metrics for the chunks among some units.

    Metrics whose numbers are all outside the unit's first and last step to read are left out: a
    run may have 200,000 metrics, and a page few.
    """
    for unit, lo, hi in spans:
        if unit.chunk is not None:
            for header in view.columns_in([unit.chunk], steps=(lo, hi)):
                unit.headers[header.key] = header


def read_units(
    database: MetricDatabase,
    view: View,
    parts: Sequence[Part],
    *,
    system: bool | None = None,
    writers: Collection[str] | None = None,
) -> Iterator[Unit]:
    """All units of a run with rows that count, of its parts after `number_writers`.

    With `system`, only of system rows; if False, only of other rows.
    """
    runs = {part.run for part in parts}
    names = {writer: name for _, writer, name in view.writers(runs)}
    chunks: dict[int, list[ChunkHeader]] = {}
    for chunk in view.chunks(runs).values():
        chunks.setdefault(chunk.run, []).append(chunk)
    for part in parts:
        for chunk in chunks.get(part.run, ()):
            limit = part.limit_of(chunk)
            is_asked = writers is None or names[chunk.writer] in writers
            if limit == NONE or not is_asked or system not in {None, bool(chunk.system)}:
                continue
            yield Unit(
                part, chunk.writer, names[chunk.writer], bool(chunk.system), chunk.offset, limit,
                chunk, None,
            )  # fmt: skip
        for row_class, entries in view.listings[part.run].items():
            limit = part.limit(row_class.writer, system=row_class.system)
            is_asked = writers is None or names[row_class.writer] in writers
            if limit == NONE or not is_asked or system not in {None, row_class.system}:
                continue
            for block in database.fresh_blocks(view, part.run, row_class, entries):
                yield Unit(
                    part, row_class.writer, names[row_class.writer], row_class.system,
                    row_class.offset, limit, None, block,
                )  # fmt: skip
