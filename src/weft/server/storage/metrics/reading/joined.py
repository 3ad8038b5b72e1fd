"""Joined rows of one window: fragments joined, rows of all writers in order, as columns.

Used by `columns` and `rows`, which divide a run into windows. Reads the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from weft.records.value import KINDS, Kind
from weft.server.storage.contract import Column, Int64
from weft.server.storage.metrics.encoding.block import pick_values
from weft.server.storage.metrics.reading.parts import at_least
from weft.server.storage.metrics.reading.units import (
    CountedAxes,
    Unit,
    counted_axes,
    knots_of,
    load_all_headers,
    load_headers,
)
from weft.server.storage.metrics.view import View

KEYS_AT_ONCE: Final = 256
"""Metrics that one statement fetches per chunk, fewer if they exceed `VALUES_AT_ONCE`."""

VALUES_AT_ONCE: Final = 2_000_000
"""Values decoded before they are put in order: 16 MB in addition to those of the window."""


class Bounds(NamedTuple):
    """Half-open ranges of the steps and row numbers of joined rows. None if an end is open."""

    step_lo: float | None = None
    step_hi: float | None = None
    row_lo: int | None = None
    row_hi: int | None = None


@dataclass(slots=True)
class JoinedWindow:
    """Joined rows in order, as columns.

    Attributes:
        writers: names of writers, ascending.
        rank: for each row, the index of its writer in `writers`.
        steps: int64 or float64; long double, which holds both exactly, if both occur.
        whole: which steps are stored as ints. None if the dtype of `steps` decides.
        times: corrected times of the last fragments.
        columns: by key number; their rows ascend.
    """

    writers: list[str]
    rank: Int64
    rows: Int64
    steps: Any
    whole: NDArray[np.bool_] | None
    times: Int64
    columns: dict[int, list[Column]] = field(default_factory=dict[int, list[Column]])

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, start: int, stop: int) -> JoinedWindow:
        """The rows `[start, stop)`."""
        span = slice(start, stop)
        columns = {
            key: cut
            for key, columns in self.columns.items()
            if (
                cut := [
                    cut_column for column in columns if (cut_column := _slice(column, start, stop))
                ]
            )
        }
        whole = None if self.whole is None else self.whole[span]
        return JoinedWindow(
            self.writers, self.rank[span], self.rows[span], self.steps[span], whole,
            self.times[span], columns,
        )  # fmt: skip


def _slice(column: Column, start: int, stop: int) -> Column | None:
    if column.rows is None:
        return Column(column.kind, None, column.values[start:stop])
    first, last = np.searchsorted(column.rows, [start, stop]).tolist()
    if first == last:
        return None
    rows = column.rows[first:last]
    if len(rows) == stop - start:
        return Column(column.kind, None, column.values[first:last])
    return Column(column.kind, rows - np.uint32(start), column.values[first:last])


@dataclass(slots=True)
class _Piece:
    """Rows of one unit that may be in the window: their ordinals in the unit, and their axes."""

    unit: Unit
    at: slice | NDArray[np.intp]
    axes: CountedAxes

    def __len__(self) -> int:
        return len(self.axes.rows)

    @property
    def steps(self) -> tuple[float, float]:
        """Smallest and largest step."""
        steps = self.axes.steps
        return steps.min().item(), steps.max().item()


def read_window(
    view: View,
    units: Sequence[Unit],
    bounds: Bounds,
    metrics: frozenset[int] | None,
    *,
    apart: bool = False,
    every_row: bool = False,
) -> JoinedWindow | None:
    """The joined rows within bounds, or None if no row is within them.

    Units are of one run, all of system rows or all of other rows. Rows without any of `metrics`
    are left out unless `every_row`. `apart` sorts by (writer, row) instead of (step, time, writer,
    row).
    """
    pieces = [piece for piece in _pieces_of(view, units, bounds) if len(piece)]
    if not pieces:
        return None
    window, positions = _order_rows(pieces, bounds, apart=apart)
    if not len(window):
        return None
    if metrics is None:
        load_all_headers(view, [(piece.unit, *piece.steps) for piece in pieces])
    else:
        load_headers(view, [piece.unit for piece in pieces], metrics)
    has_fragments = any(piece.axes.continues is not None for piece in pieces)
    every = {key for piece in pieces for key in piece.unit.known_keys()}
    keys = sorted(every if metrics is None else every & metrics)
    n_rows = sum(piece.unit.n_rows for piece in pieces)
    n_keys = max(1, min(KEYS_AT_ONCE, VALUES_AT_ONCE // n_rows))
    for first in range(0, len(keys), n_keys):
        batch = keys[first : first + n_keys]
        unit_columns = [piece.unit.columns_of(view, batch) for piece in pieces]
        for key in batch:
            of_key = [columns.get(key, ()) for columns in unit_columns]
            columns = _gather(pieces, of_key, positions, len(window), has_fragments=has_fragments)
            if columns:
                window.columns[key] = columns
    return window if metrics is None or every_row else _without_empty(window)


# Which units


def _pieces_of(view: View, units: Sequence[Unit], bounds: Bounds) -> Iterator[_Piece]:
    by_writer: dict[int, list[Unit]] = {}
    for unit in units:
        by_writer.setdefault(unit.writer, []).append(unit)
    for writer_units in by_writer.values():
        knots = knots_of(writer_units)
        apart = len(knots) == len(writer_units) and not any(
            unit.opens_with_fragment for unit in writer_units
        )
        # If no row is a fragment, no row needs its neighbours: only chunks that touch the bounds
        # are decoded, even if row ranges of chunks overlap.
        if apart or not any(unit.has_fragments for unit in writer_units):
            for unit in writer_units:
                if _touches(unit, bounds):
                    piece = _piece(unit, counted_axes(unit, view))
                    # Fragments within the unit are joined before rows are selected.
                    yield piece if piece.axes.continues is not None else _narrow(piece, bounds)
            continue
        decoded: dict[int, list[CountedAxes]] = {}
        near = [
            _piece(unit, axes)
            for nth in _with_neighbours(view, knots, bounds, decoded)
            for unit, axes in zip(
                knots[nth],
                decoded.get(nth) or [counted_axes(unit, view) for unit in knots[nth]],
                strict=True,
            )
        ]
        if any(piece.axes.continues is not None for piece in near):
            yield from near
        else:
            yield from (_narrow(piece, bounds) for piece in near)


def _touches(unit: Unit, bounds: Bounds) -> bool:
    steps, rows = unit.step_span, unit.row_span
    return not (
        (bounds.step_lo is not None and steps[1] < bounds.step_lo)
        or (bounds.step_hi is not None and steps[0] >= bounds.step_hi)
        or (bounds.row_lo is not None and rows[1] < bounds.row_lo)
        or (bounds.row_hi is not None and rows[0] >= bounds.row_hi)
    )


def _with_neighbours(
    view: View,
    knots: Sequence[Sequence[Unit]],
    bounds: Bounds,
    decoded: dict[int, list[CountedAxes]],
) -> list[int]:
    """Indices of the knots that touch the bounds or hold other fragments of their rows."""
    opens = [any(unit.opens_with_fragment for unit in knot) for knot in knots]

    def is_fragment(nth: int) -> bool:
        """Whether no row of the knot begins a joined row."""
        if not opens[nth]:
            return False
        if nth not in decoded:
            decoded[nth] = [counted_axes(unit, view) for unit in knots[nth]]
        return all(
            not len(axes.rows) or (axes.continues is not None and bool(axes.continues.all()))
            for axes in decoded[nth]
        )

    touched: set[int] = set()
    for nth, knot in enumerate(knots):
        if not any(_touches(unit, bounds) for unit in knot):
            continue
        touched.add(nth)
        before, after = nth, nth + 1
        while before and opens[before]:
            before -= 1
            touched.add(before)
            if not is_fragment(before):
                break
        while after < len(knots) and opens[after]:
            touched.add(after)
            if not is_fragment(after):
                break
            after += 1
    return sorted(touched)


def _piece(unit: Unit, axes: CountedAxes) -> _Piece:
    at = slice(0, unit.n_rows) if axes.inside is None else np.flatnonzero(axes.inside)
    return _Piece(unit, at, axes)


def _narrow(piece: _Piece, bounds: Bounds) -> _Piece:
    """Leave out rows outside the bounds."""
    axes = piece.axes
    steps, rows = axes.steps, axes.rows
    selected: Any
    if bool((steps[1:] >= steps[:-1]).all()):
        inside = _inside(steps, rows, bounds)
        if inside is None or bool(inside.all()):
            return piece
        # Rows and steps both ascend, so the rows inside are consecutive.
        n = int(np.count_nonzero(inside))
        start = int(inside.argmax())
        selected = slice(start, start + n)
    else:
        inside = _inside(steps, rows, bounds)
        if inside is None or bool(inside.all()):
            return piece
        selected = np.flatnonzero(inside)
    # If all rows of the unit count, their positions are their ordinals.
    at: Any = selected if isinstance(piece.at, slice) else piece.at[selected]
    rows, steps, times = (_owned(x[selected]) for x in (rows, steps, axes.times))
    narrowed = CountedAxes(None, rows, steps, times, None)
    return _Piece(piece.unit, at, narrowed)


def _inside(steps: Any, rows: Int64, bounds: Bounds) -> NDArray[np.bool_] | None:
    inside: NDArray[np.bool_] | None = None
    for x, lo, hi in (
        (steps, bounds.step_lo, bounds.step_hi),
        (rows, bounds.row_lo, bounds.row_hi),
    ):
        for bound, is_lower in ((lo, True), (hi, False)):
            if bound is not None:
                reached = at_least(x, bound)
                within = reached if is_lower else ~reached
                inside = within if inside is None else inside & within
    return inside


# Their order

_Positions = NDArray[np.intp] | None
"""For each row of the concatenated pieces, its position in the window, -1 if it is outside. None
if all rows keep their positions."""


def _order_rows(
    pieces: Sequence[_Piece], bounds: Bounds, *, apart: bool
) -> tuple[JoinedWindow, _Positions]:
    writers = sorted({piece.unit.name for piece in pieces})
    rank_of = {name: nth for nth, name in enumerate(writers)}
    sizes = [len(piece) for piece in pieces]
    rank = np.repeat(np.array([rank_of[piece.unit.name] for piece in pieces]), sizes)
    row = np.concatenate([piece.axes.rows for piece in pieces])
    step, whole = _join_steps([piece.axes.steps for piece in pieces])
    time = np.concatenate([piece.axes.times + piece.unit.offset for piece in pieces])
    n_rows = len(row)
    owner: NDArray[np.intp] | None = None
    if any(piece.axes.continues is not None for piece in pieces):
        sequences = {(piece.unit.part.run, piece.unit.writer) for piece in pieces}
        number = {name: nth for nth, name in enumerate(sorted(sequences))}
        sequence = np.repeat(
            np.array([number[piece.unit.part.run, piece.unit.writer] for piece in pieces]), sizes
        )
        owner, first, last = _join_fragments(pieces, sequence, row)
        rank, row, step, time = rank[first], row[first], step[first], time[last]
        whole = None if whole is None else whole[first]
    inside = _inside(step, row, bounds)
    selected: Any = slice(None) if inside is None or bool(inside.all()) else np.flatnonzero(inside)
    columns = (
        (row[selected], rank[selected])
        if apart
        else (row[selected], rank[selected], time[selected], step[selected])
    )
    order: Any = sorted_by(*columns)
    if order is None:
        order = selected
    elif not isinstance(selected, slice):
        order = selected[order]
    window = JoinedWindow(
        writers, rank[order], row[order], step[order], None if whole is None else whole[order],
        time[order],
    )  # fmt: skip
    if isinstance(order, slice) and owner is None:
        return window, None
    positions = np.full(len(row), -1)
    positions[order] = np.arange(len(window))
    if owner is not None:
        positions = positions[owner]
    assert len(positions) == n_rows
    return window, positions


def _join_steps(parts: Sequence[Any]) -> tuple[Any, NDArray[np.bool_] | None]:
    dtypes = {part.dtype for part in parts}
    if len(dtypes) == 1:
        return np.concatenate(parts), None
    whole = np.concatenate([np.full(len(part), part.dtype == np.int64) for part in parts])
    return np.concatenate([part.astype(np.longdouble) for part in parts]), whole


def _join_fragments(
    pieces: Sequence[_Piece], sequence: NDArray[Any], row: Int64
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The joined row of each row, and the first and the last row of each joined row."""
    fragment = np.concatenate(
        [
            np.zeros(len(piece), dtype=np.bool_)
            if piece.axes.continues is None
            else piece.axes.continues
            for piece in pieces
        ]
    )
    order = np.lexsort((row, sequence))
    sequence, fragment = sequence[order], fragment[order]
    # A fragment belongs to the row before it, whatever that row's number: system samples between
    # the two have numbers as well.
    opens = np.ones(len(row), dtype=np.bool_)
    opens[1:] = ~(fragment[1:] & (sequence[1:] == sequence[:-1]))
    starts = np.flatnonzero(opens)
    stops = np.append(starts[1:], len(row))
    owner = np.empty(len(row), dtype=np.intp)
    owner[order] = np.cumsum(opens) - 1
    return owner, order[starts], order[stops - 1]


def sorted_by(*columns: Any) -> NDArray[np.intp] | None:
    """The permutation that sorts by the last column, then the one before. None if sorted."""
    major = columns[-1]
    if bool((major[1:] > major[:-1]).all()):
        return None
    order = np.lexsort(columns)
    return None if bool((order[1:] > order[:-1]).all()) else order


# Their values


def _gather(
    pieces: Sequence[_Piece],
    columns_of_pieces: Sequence[Sequence[Column]],
    positions: _Positions,
    n_rows: int,
    *,
    has_fragments: bool,
) -> list[Column]:
    """One metric's columns in the window."""
    by_kind: dict[Kind, list[tuple[Any, Any, Any]]] = {}
    base = 0
    for piece, columns in zip(pieces, columns_of_pieces, strict=True):
        for column in columns:
            local, values = _in_piece(piece, column)
            at: Any = base + (np.arange(len(piece)) if local is None else local)
            if positions is not None:
                at = positions[at]
                inside = at >= 0
                if not bool(inside.all()):
                    local = np.arange(len(inside)) if local is None else local
                    at, local, values = at[inside], local[inside], pick_values(values, inside)
            if len(at):
                row = piece.axes.rows if local is None else piece.axes.rows[local]
                by_kind.setdefault(column.kind, []).append((at, row, values))
        base += len(piece)
    joined: dict[Kind, _Values] = {kind: _concatenate(parts) for kind, parts in by_kind.items()}
    if has_fragments and joined:
        joined = _last_fragments(joined)
    window_columns: list[Column] = []
    for kind in KINDS:
        if kind not in joined:
            continue
        at, _, values = joined[kind]
        if not bool((at[1:] > at[:-1]).all()):
            order = np.argsort(at, kind="stable")
            at, values = at[order], pick_values(values, order)
        rows = None if len(at) == n_rows else at.astype(np.uint32)
        window_columns.append(Column(kind, rows, values))
    return window_columns


def _in_piece(piece: _Piece, column: Column) -> tuple[Any, Any]:
    """The column's positions among the piece's rows (None if all of them), and its values."""
    if isinstance(piece.at, slice):
        start, stop = piece.at.start, piece.at.stop
        if column.rows is None:
            return None, _owned(column.values[start:stop])
        first, last = np.searchsorted(column.rows, [start, stop]).tolist()
        return column.rows[first:last].astype(np.intp) - start, _owned(column.values[first:last])
    if column.rows is None:
        return None, pick_values(column.values, piece.at)
    local = np.full(piece.unit.n_rows, -1)
    local[piece.at] = np.arange(len(piece.at))
    at = local[column.rows]
    inside = at >= 0
    return at[inside], pick_values(column.values, inside)


def _owned(part: Any) -> Any:
    """Copy a small part of a decoded chunk, so that it does not keep the chunk in memory."""
    if not isinstance(part, np.ndarray):
        return part
    values = cast("NDArray[Any]", part)
    whole = values.base
    is_small = isinstance(whole, np.ndarray) and 2 * len(values) < whole.size
    return np.array(values) if is_small else values


_Values = tuple[Any, Any, Any]
"""Positions in the window, row numbers and values."""


def _concatenate(parts: Sequence[_Values]) -> _Values:
    if len(parts) == 1:
        return parts[0]
    at = np.concatenate([part[0] for part in parts])
    rows = np.concatenate([part[1] for part in parts])
    values: Any
    if isinstance(parts[0][2], list):
        values = [value for part in parts for value in part[2]]
    else:
        values = np.concatenate([part[2] for part in parts])
    return at, rows, values


def _last_fragments(joined: Mapping[Kind, _Values]) -> dict[Kind, _Values]:
    """Keep one value per joined row, from the last fragment that has the metric."""
    at = np.concatenate([values[0] for values in joined.values()])
    rows = np.concatenate([values[1] for values in joined.values()])
    order = np.lexsort((rows, at))
    last = np.ones(len(at), dtype=np.bool_)
    last[:-1] = at[order][1:] != at[order][:-1]
    is_last = np.zeros(len(at), dtype=np.bool_)
    is_last[order[last]] = True
    if bool(is_last.all()):
        return dict(joined)
    answer: dict[Kind, _Values] = {}
    base = 0
    for kind, (positions, numbers, values) in joined.items():
        mask = is_last[base : base + len(positions)]
        base += len(positions)
        if bool(mask.any()):
            answer[kind] = positions[mask], numbers[mask], pick_values(values, mask)
    return answer


def _without_empty(window: JoinedWindow) -> JoinedWindow | None:
    """Leave out rows that have none of the metrics."""
    has = np.zeros(len(window), dtype=np.bool_)
    for columns in window.columns.values():
        for column in columns:
            if column.rows is None:
                return window
            has[column.rows] = True
    if bool(has.all()):
        return window
    if not bool(has.any()):
        return None
    moved = np.cumsum(has) - 1
    n_rows = int(np.count_nonzero(has))

    def compressed(columns: Iterable[Column]) -> Iterator[Column]:
        for column in columns:
            assert column.rows is not None
            full = len(column.rows) == n_rows
            rows = None if full else moved[column.rows].astype(np.uint32)
            yield Column(column.kind, rows, column.values)

    return JoinedWindow(
        window.writers, window.rank[has], window.rows[has], window.steps[has],
        None if window.whole is None else window.whole[has], window.times[has],
        {key: list(compressed(columns)) for key, columns in window.columns.items()},
    )  # fmt: skip
