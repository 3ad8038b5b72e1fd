"""Tables as typed columns in batches. Pure.

`weft.tables.parquet` and the server's `services.table_formats` write them as bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FieldType = Literal[
    "int", "float", "bool", "text", "time", "local_time", "bytes", "ints", "doubles", "floats"
]
"""`time` is µs since 1970, UTC; `local_time` the same of no known time zone. Numbers have 64 bits.
The last three are lists of one length, such as embeddings; the items of `floats` have 32 bits.
Types after `time` are in logged tables alone, so only `weft.tables.parquet` writes them."""

DTYPES: Final[dict[FieldType, Any]] = {
    "int": np.int64,
    "float": np.float64,
    "bool": np.bool_,
    "time": np.int64,
    "local_time": np.int64,
    "bytes": np.object_,
    "ints": np.int64,
    "doubles": np.float64,
    "floats": np.float32,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table. Any row may lack a value."""

    name: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by row, as codes (int64) into a list of distinct texts; any valid index where the row
    has no value.
    """

    names: Sequence[str]
    codes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one field in a batch.

    `data` is an array of the field's dtype, or texts. Texts that are nearly all different may be
    an array of objects: their UTF-8 bytes. Lists are an array of two dimensions, with a row for
    each. Where `valid` is False, the row has no value.
    """

    data: NDArray[Any] | Texts
    valid: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Consecutive rows of a table, one `Values` for each of its fields."""

    n_rows: int
    columns: Sequence[Values]


class TableWriter(Protocol):
    """Writes one table as a stream: the bytes that `write` and `end` return, in that order."""

    media_type: str

    def write(self, batch: TableBatch) -> bytes: ...

    def end(self) -> bytes:
        """The bytes that end the stream."""
        ...


def texts_of(values: Sequence[str]) -> Texts:
    """`Texts` from plain strings.

    >>> texts = texts_of(["b", "a", "b"])
    >>> list(texts.names), texts.codes.tolist()
    (['b', 'a'], [0, 1, 0])
    """
    codes_by_text: dict[str, int] = {}
    codes = [codes_by_text.setdefault(value, len(codes_by_text)) for value in values]
    return Texts(list(codes_by_text) or [""], np.array(codes, dtype=np.int64))


def same_text(text: str, n_rows: int) -> Texts:
    """The same text in each row."""
    return Texts([text], np.zeros(n_rows, dtype=np.int64))


def concat(fields: Sequence[Field], batches: Sequence[TableBatch]) -> TableBatch:
    """Concatenate batches into one."""
    if len(batches) == 1:
        return batches[0]
    columns = [
        _concat_values([batch.columns[index] for batch in batches]) for index in range(len(fields))
    ]
    return TableBatch(sum(batch.n_rows for batch in batches), columns)


def regroup(
    fields: Sequence[Field], batches: Iterable[TableBatch], n_rows: int
) -> Iterator[TableBatch]:
    """The same rows in batches of `n_rows`; the last batch has the remaining rows."""
    waiting: list[TableBatch] = []
    n_waiting = 0
    for batch in batches:
        start = 0
        while n_waiting + batch.n_rows - start >= n_rows:
            stop = start + n_rows - n_waiting
            waiting.append(_part(batch, start, stop))
            yield concat(fields, waiting)
            waiting, n_waiting, start = [], 0, stop
        if start < batch.n_rows:
            waiting.append(_part(batch, start, batch.n_rows))
            n_waiting += batch.n_rows - start
    if waiting:
        yield concat(fields, waiting)


def _part(batch: TableBatch, start: int, stop: int) -> TableBatch:
    if not start and stop == batch.n_rows:
        return batch
    columns = [
        Values(
            Texts(column.data.names, column.data.codes[start:stop])
            if isinstance(column.data, Texts)
            else column.data[start:stop],
            None if column.valid is None else column.valid[start:stop],
        )
        for column in batch.columns
    ]
    return TableBatch(stop - start, columns)


def empty_batch(fields: Sequence[Field]) -> TableBatch:
    """A batch without rows."""
    nothing = np.zeros(0, dtype=np.int64)
    columns = [
        Values(Texts([""], nothing) if field.type == "text" else nothing) for field in fields
    ]
    return TableBatch(0, columns)


def _concat_values(parts: Sequence[Values]) -> Values:
    valid: NDArray[np.bool_] | None = None
    if any(part.valid is not None for part in parts):
        valid = np.concatenate(
            [
                np.ones(len(part.data), dtype=np.bool_) if part.valid is None else part.valid
                for part in parts
            ]
        )
    arrays = [part.data for part in parts if not isinstance(part.data, Texts)]
    if len(arrays) == len(parts):
        return Values(np.concatenate(arrays), valid)
    codes_by_text: dict[str, int] = {}
    codes: list[NDArray[np.int64]] = []
    for part in parts:
        if isinstance(part.data, Texts):
            own = [codes_by_text.setdefault(name, len(codes_by_text)) for name in part.data.names]
            codes.append(np.array(own, dtype=np.int64)[part.data.codes])
    return Values(Texts(list(codes_by_text), np.concatenate(codes)), valid)
