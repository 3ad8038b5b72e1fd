"""Encodes panels as an Arrow IPC stream. Pure; `docs/http-api.md` documents the columns.

Receives `PanelAnswer`s from `services.charting`, passes bytes to `http.metrics.charts`. Each panel
is one record batch. All series of a panel are concatenated in one buffer per column, so a panel of
100 series costs a handful of array operations (0.3 ms).
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
import nanoarrow
import numpy as np
from nanoarrow.ipc import StreamWriter
from numpy.typing import NDArray

from weft.records.value import json_safe, tagged_in_lists
from weft.server.http.answers.arrow_messages import BatchMessages, first_message_bytes
from weft.server.http.answers.recent_batches import RecentBatches
from weft.server.services.charting import Drawn, PanelAnswer, empty_series
from weft.server.services.selecting import MISSING, MISSING_VALUE
from weft.server.storage.contract import Float64, Int64, Series

ARROW_MEDIA_TYPE: Final = "application/vnd.apache.arrow.stream"

_FLOAT32_TINY: Final = float(np.finfo(np.float32).tiny)
_FLOAT32_TOP_EXPONENT: Final = 127
_FLOAT32_TOP: Final = math.ldexp(2**24 - 1, _FLOAT32_TOP_EXPONENT - 24)
"""The largest float32 below 2**127. Multiplied by any scale, it stays a finite float64."""
_FLOAT64_LEAST_EXPONENT: Final = -1022
_MAX_SPREAD: Final = 16.0

_na: Any = nanoarrow
_np: Any = np
_stream_writer: Any = StreamWriter

_int32: Final = _na.int32()
_int64: Final = _na.int64()
_float64: Final = _na.float64()
_string: Final = _na.string()
_list_uint16: Final = _na.list_(_na.uint16())
_list_uint32: Final = _na.list_(_na.uint32())
_list_float32: Final = _na.list_(_na.float32())
_list_int64: Final = _na.list_(_na.int64())
_list_float64: Final = _na.list_(_na.float64())

_COLUMNS: Final[dict[str, Any]] = {
    "panel": _int32,
    "run": _string,
    "key": _string,
    "level": _int32,
    "first_bucket": _int64,
    "origin_micros": _int64,
    "n_points": _int64,
    "n_end_points": _int64,
    "base": _float64,
    "scale": _float64,
    "bucket": _list_uint16,
    "offset": _list_float32,
    "min": _list_float32,
    "max": _list_float32,
    "mean": _list_float32,
    "nonfinite": _list_uint16,
    "nan": _list_uint32,
    "pos_inf": _list_uint32,
    "neg_inf": _list_uint32,
    "part": _string,
    "axis_metric": _string,
    "group": _string,
    "n_runs": _int32,
    "low": _list_float32,
    "high": _list_float32,
    "runs": _list_uint32,
    "bound_lo": _float64,
    "bound_hi": _float64,
    "reason": _string,
}
_FULL_COLUMNS: Final[dict[str, Any]] = {
    "count": _list_int64,
    "first": _list_float64,
    "last": _list_float64,
    "min64": _list_float64,
    "max64": _list_float64,
    "mean64": _list_float64,
    "m2": _list_float64,
    "low64": _list_float64,
    "high64": _list_float64,
    "first_nonfinite_step": _float64,
    "first_nonfinite_micros": _int64,
    "first_nonfinite_writer": _string,
    "first_nonfinite_row": _int64,
}


class PanelWriter:
    """Writes one answer's panels, in the requested order.

    `full` adds the columns that hold everything as float64. Panels that show what another one
    did are taken from `recent`.

    >>> writer = PanelWriter()
    >>> stream = writer.write(PanelAnswer([])) + writer.end()
    >>> len(nanoarrow.ArrayStream.from_readable(stream).read_all())
    0
    """

    def __init__(self, recent: RecentBatches | None = None, *, full: bool = False) -> None:
        self._recent = None if full else recent
        self._full = full
        self._layout = _layout_of(full=full)
        self._n_panels = 0

    def write(self, answer: PanelAnswer) -> bytes:
        """The bytes of the next panel's record batch, with the schema before the first one."""
        head = b"" if self._n_panels else self._layout.schema
        batch = self._batch(answer)
        self._n_panels += 1
        return head + batch

    def _batch(self, answer: PanelAnswer) -> bytes:
        recent, messages = self._recent, self._layout.batches
        batch = None if recent is None else recent.find(answer)
        if batch is not None:
            return messages.with_first_column(batch, _panel_column(self._n_panels, answer))
        columns = _panel_columns(self._n_panels, answer, full=self._full)
        batch = messages.message(len(columns["level"]), *_arrays(columns))
        if recent is not None:
            recent.add(answer, batch)
        return batch

    def end(self) -> bytes:
        """The bytes that end the stream; without them a reader knows that it was cut off."""
        return self._layout.end if self._n_panels else self._layout.schema + self._layout.end


class _Layout(NamedTuple):
    """The parts of a stream that are the same in all answers."""

    schema: bytes
    batches: BatchMessages
    end: bytes


@cache
def _layout_of(*, full: bool) -> _Layout:
    types = _COLUMNS | (_FULL_COLUMNS if full else {})
    columns = _panel_columns(0, PanelAnswer([Drawn(empty_series("", ""))]), full=full)
    arrays = [_array(types[name], columns[name]) for name in types]
    buffer = io.BytesIO()
    writer = _stream_writer.from_writable(buffer)
    writer.write_array(_na.c_array_from_buffers(_na.struct(types), 1, [None], children=arrays))
    data = buffer.getvalue()
    writer.close()
    n_schema = first_message_bytes(data)
    return _Layout(data[:n_schema], BatchMessages(data[n_schema:]), buffer.getvalue()[len(data) :])


class _Lists:
    """A list column: the concatenated items of all rows, and the offset of each row's first."""

    def __init__(self, offsets: NDArray[np.int32], items: NDArray[Any]) -> None:
        self.offsets = offsets
        self.items = items


def _panel_column(panel: int, answer: PanelAnswer) -> NDArray[np.int32]:
    return np.full(len(answer.drawn), panel, dtype=np.int32)


def _panel_columns(panel: int, answer: PanelAnswer, *, full: bool) -> dict[str, Any]:
    drawn = answer.drawn
    series = [entry.series for entry in drawn]
    n_rows = len(series)
    offsets = _offsets([len(entry.buckets) for entry in series])
    nonfinite_offsets = _offsets([len(entry.nonfinite) for entry in series])
    band_offsets = _offsets([len(entry.band.low) if entry.band else 0 for entry in drawn])
    first_bucket = np.array(
        [entry.buckets[0] if len(entry.buckets) else 0 for entry in series], dtype=np.int64
    )
    minimum = _joined(series, "minimum", np.float64)
    maximum = _joined(series, "maximum", np.float64)
    mean = _joined(series, "mean", np.float64)
    counts = _joined(series, "count", np.int64)
    low = _band(drawn, "low", np.float64)
    high = _band(drawn, "high", np.float64)
    lengths, band_lengths = np.diff(offsets), np.diff(band_offsets)
    base = _bases(minimum, maximum, offsets)
    row_of = np.repeat(np.arange(n_rows), lengths)
    band_row_of = np.repeat(np.arange(n_rows), band_lengths)
    near = [values - base[row_of] for values in (minimum, maximum, mean)]
    with np.errstate(over="ignore", invalid="ignore"):
        band_near = [values - base[band_row_of] for values in (low, high)]
    exponents = _exponents(n_rows, [(row_of, near), (band_row_of, band_near)])
    bucket = _joined(series, "buckets", np.int64) - first_bucket[row_of]
    bounds = answer.bounds or (math.nan, math.nan)

    def as_float32(values: Float64, rows: NDArray[Any], starts: NDArray[np.int32]) -> _Lists:
        return _Lists(starts, _float32(values, exponents, rows))

    def nonfinite(name: str) -> _Lists:
        return _Lists(nonfinite_offsets, _joined(series, name, np.int64).astype(np.uint32))

    columns: dict[str, Any] = {
        "panel": _panel_column(panel, answer),
        "run": [entry.run for entry in series],
        "key": [entry.key for entry in series],
        "level": np.array([entry.level for entry in series], dtype=np.int32),
        "first_bucket": first_bucket,
        "origin_micros": np.array([entry.origin_micros for entry in drawn], dtype=np.int64),
        "n_points": np.array([entry.count.sum() for entry in series], dtype=np.int64),
        "n_end_points": np.array([_end_count(entry.count) for entry in series], dtype=np.int64),
        "base": base,
        "scale": np.ldexp(1.0, exponents),
        "bucket": _Lists(offsets, bucket.astype(np.uint16)),
        "offset": _offsets_in_buckets(series, row_of),
        "min": as_float32(near[0], row_of, offsets),
        "max": as_float32(near[1], row_of, offsets),
        "mean": as_float32(near[2], row_of, offsets),
        "nonfinite": _Lists(
            nonfinite_offsets, _joined(series, "nonfinite", np.int64).astype(np.uint16)
        ),
        "nan": nonfinite("nan"),
        "pos_inf": nonfinite("positive_infinity"),
        "neg_inf": nonfinite("negative_infinity"),
        "part": [entry.part or "" for entry in series],
        "axis_metric": [entry.axis_metric or "" for entry in drawn],
        "group": [_group_text(entry) for entry in drawn],
        "n_runs": np.array([entry.n_runs for entry in drawn], dtype=np.int32),
        "low": as_float32(band_near[0], band_row_of, band_offsets),
        "high": as_float32(band_near[1], band_row_of, band_offsets),
        "runs": _Lists(band_offsets, _band(drawn, "n_runs", np.int64).astype(np.uint32)),
        "bound_lo": np.full(n_rows, bounds[0]),
        "bound_hi": np.full(n_rows, bounds[1]),
        "reason": [entry.reason for entry in drawn],
    }
    if full:
        first = [entry.first_nonfinite for entry in drawn]
        columns |= {
            "count": _Lists(offsets, counts),
            "first": _Lists(offsets, _joined(series, "first", np.float64)),
            "last": _Lists(offsets, _joined(series, "last", np.float64)),
            "min64": _Lists(offsets, minimum),
            "max64": _Lists(offsets, maximum),
            "mean64": _Lists(offsets, mean),
            "m2": _Lists(offsets, _joined(series, "m2", np.float64)),
            "low64": _Lists(band_offsets, low),
            "high64": _Lists(band_offsets, high),
            "first_nonfinite_step": np.array(
                [entry.step if entry else math.nan for entry in first], float
            ),
            "first_nonfinite_micros": np.array(
                [entry.micros if entry else 0 for entry in first], np.int64
            ),
            "first_nonfinite_writer": [entry.writer if entry else "" for entry in first],
            "first_nonfinite_row": np.array(
                [entry.row if entry else -1 for entry in first], np.int64
            ),
        }
    return columns


def _end_count(count: Int64) -> int:
    """The count of the last bucket with finite points; 0 if none has any."""
    if len(count) and count[-1]:
        return int(count[-1])
    filled = np.flatnonzero(count)
    return int(count[filled[-1]]) if len(filled) else 0


def _offsets_in_buckets(series: Sequence[Series], rows: NDArray[Any]) -> _Lists:
    """Where the points of each bucket are in it, from 0 to 1; NaN where they have several x.

    Empty for a series of which that is known nowhere, or whose buckets hold one whole number each.
    """
    x = _joined(series, "x", np.float64)
    n_rows = len(series)
    if bool(np.isnan(x).all()):
        return _Lists(np.zeros(n_rows + 1, dtype=np.int32), np.zeros(0, dtype=np.float32))
    levels = np.array([entry.level for entry in series])[rows]
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        offset = (np.ldexp(x, -levels) - _joined(series, "buckets", np.int64)).astype(np.float32)
    is_useful = (offset > 0) | ((offset == 0) & (levels > 0))
    is_sent = np.bincount(rows[is_useful], minlength=n_rows) > 0
    sizes = [
        len(entry.buckets) if sent else 0 for entry, sent in zip(series, is_sent, strict=True)
    ]
    return _Lists(_offsets(sizes), offset[is_sent[rows]])


def _exponents(
    n_rows: int, columns: Sequence[tuple[NDArray[Any], Sequence[Float64]]]
) -> NDArray[np.int32]:
    """Per series, the exponent of the power of two that scales its values into float32's range.

    0 where float32 holds the values as they are. Elsewhere the largest value is scaled to the top
    of float32's range, which leaves the most room for small ones. `columns` pair each value's
    series index with values minus the series' base.
    """
    exponents = np.zeros(n_rows, dtype=np.int32)
    sizes = [(rows, np.abs(values)) for rows, parts in columns for values in parts]
    if all(not bool(_is_beyond_float32(size).any()) for _, size in sizes):
        return exponents
    largest = np.zeros(n_rows)
    is_scaled = np.zeros(n_rows, dtype=np.bool_)
    for rows, size in sizes:
        np.maximum.at(largest, rows, np.where(np.isfinite(size), size, 0.0))
        is_scaled[rows[_is_beyond_float32(size)]] = True
    _, top = np.frexp(largest)
    needed = np.maximum(top - _FLOAT32_TOP_EXPONENT, _FLOAT64_LEAST_EXPONENT)
    return np.where(is_scaled, needed, exponents).astype(np.int32)


def _is_beyond_float32(size: Float64) -> NDArray[np.bool_]:
    # Digits are lost below the least normal float32. No scale helps infinity and NaN.
    is_tiny = (size > 0) & (size < _FLOAT32_TINY)
    return is_tiny | ((size >= 2.0**_FLOAT32_TOP_EXPONENT) & (size < np.inf))


def _float32(
    values: Float64, exponents: NDArray[np.int32], rows: NDArray[Any]
) -> NDArray[np.float32]:
    if bool(exponents.any()):
        with np.errstate(under="ignore"):
            values = np.ldexp(values, -exponents[rows])
    # Only an edge of a band can be infinite; the largest number is drawn instead.
    with np.errstate(invalid="ignore", under="ignore"):
        near: NDArray[np.float32] = _np.clip(values, -_FLOAT32_TOP, _FLOAT32_TOP).astype(
            np.float32
        )
    return near


def _group_text(drawn: Drawn) -> str:
    return (
        ""
        if drawn.group is None
        else msgspec.json.encode([*map(_group_value, drawn.group)]).decode()
    )


def _group_value(value: Any) -> Any:
    return MISSING_VALUE if value is MISSING else json_safe(tagged_in_lists(value))


def _band(drawn: Sequence[Drawn], name: str, dtype: Any) -> Any:
    parts = [getattr(entry.band, name) for entry in drawn if entry.band is not None]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)


def _bases(minimum: Float64, maximum: Float64, offsets: NDArray[np.int32]) -> Float64:
    """Per series, the number to subtract so that float32 keeps values to 1e-6 of their range.

    0 where the values are not large compared with their range, so that small ints and float32
    values stay exact.
    """
    base = np.zeros(len(offsets) - 1)
    filled = np.flatnonzero(np.diff(offsets))
    if not len(filled):
        return base
    starts = offsets[filled]
    low = np.fmin.reduceat(minimum, starts)
    high = np.fmax.reduceat(maximum, starts)
    with np.errstate(over="ignore", invalid="ignore"):
        wide = np.maximum(np.abs(low), np.abs(high)) <= _MAX_SPREAD * (high - low)
    middle = low / 2 + high / 2
    base[filled] = np.where(wide | ~np.isfinite(middle), 0.0, middle)
    return base


def _offsets(lengths: Sequence[int]) -> NDArray[np.int32]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _joined(series: Sequence[Series], name: str, dtype: Any) -> Any:
    parts: list[Int64 | Float64] = [getattr(entry, name) for entry in series]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)


def _arrays(columns: dict[str, Any]) -> tuple[list[int], list[NDArray[Any] | bytes]]:
    """The lengths and buffers of all columns, as a message has them."""
    lengths: list[int] = []
    buffers: list[NDArray[Any] | bytes] = []
    for column in columns.values():
        if isinstance(column, _Lists):
            n_rows = len(column.offsets) - 1
            lengths += (n_rows, len(column.items))
            items = np.ascontiguousarray(column.items)
            buffers += (b"", column.offsets if n_rows else b"", b"", items)
        elif isinstance(column, list):
            lengths.append(len(column))
            offsets, texts = _texts(column)
            buffers += (b"", offsets if column else b"", texts)
        else:
            lengths.append(len(column))
            buffers += (b"", np.ascontiguousarray(column))
    return lengths, buffers


def _texts(column: Sequence[str]) -> tuple[NDArray[np.int32], bytes]:
    texts = [str(text).encode() for text in column]
    return _offsets([len(text) for text in texts]), b"".join(texts)


def _array(kind: Any, column: Any) -> Any:
    if isinstance(column, _Lists):
        items = np.ascontiguousarray(column.items)
        child = _na.c_array_from_buffers(kind.value_type, len(items), [None, items])
        n_rows = len(column.offsets) - 1
        return _na.c_array_from_buffers(kind, n_rows, [None, column.offsets], children=[child])
    if isinstance(column, list):
        offsets, texts = _texts(column)
        return _na.c_array_from_buffers(kind, len(offsets) - 1, [None, offsets, texts])
    return _na.c_array_from_buffers(kind, len(column), [None, np.ascontiguousarray(column)])
