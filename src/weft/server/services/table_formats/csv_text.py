r"""CSV after RFC 4180, in UTF-8, with `\n` after each row. Pure.

Takes batches of a table and returns encoded text. A missing value is an empty field; NaN and
±Inf are the words `NaN`, `Infinity` and `-Infinity`; a time is ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.tables.batches import Field, FieldType, TableBatch, Texts, Values, empty_batch
from weft.wire.metrics.formulas import escape_formula

CSV_MEDIA_TYPE: Final = "text/csv; charset=utf-8"

_np: Any = np
_encode: Final = msgspec.json.Encoder().encode


class CsvWriter:
    r"""Writes one table.

    `escape_formulas` puts `'` before texts, including column names, that a spreadsheet would run
    as a formula.

    >>> writer = CsvWriter([Field("step", "int"), Field("a, b", "text")])
    >>> batch = TableBatch(1, [Values(np.array([1])), Values(Texts(["a,b"], np.array([0])))])
    >>> writer.write(batch) + writer.end()
    b'step,"a, b"\n1,"a,b"\n'
    """

    media_type = CSV_MEDIA_TYPE

    def __init__(self, fields: Sequence[Field], *, escape_formulas: bool = False) -> None:
        self._fields = fields
        self._text: Callable[[str], str] = _escaped if escape_formulas else quoted
        self._has_begun = False

    def write(self, batch: TableBatch) -> bytes:
        """The lines of a batch; the first batch is preceded by the header."""
        lines = (
            [] if self._has_begun else [",".join(self._text(field.name) for field in self._fields)]
        )
        self._has_begun = True
        cells = [
            _cells(field.type, values, self._text)
            for field, values in zip(self._fields, batch.columns, strict=True)
        ]
        lines.extend(map(",".join, zip(*cells, strict=True)))
        return ("\n".join(lines) + "\n").encode() if lines else b""

    def end(self) -> bytes:
        """The header if no batch was written, else nothing."""
        return b"" if self._has_begun else self.write(empty_batch(self._fields))


def quoted(text: str) -> str:
    """A text as a field, in quotes if it needs them.

    >>> quoted("a"), quoted("a,b"), quoted("")
    ('a', '"a,b"', '""')
    """
    if text and not any(mark in text for mark in ',"\n\r') and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    return quoted(escape_formula(text))


def _cells(field_type: FieldType, values: Values, text: Callable[[str], str]) -> list[str]:
    if isinstance(values.data, Texts):
        names = [text(name) for name in values.data.names]
        codes: list[int] = values.data.codes.tolist()
        cells = [names[code] for code in codes]
    elif field_type == "bool":
        flags: list[bool] = values.data.tolist()
        cells = ["true" if flag else "false" for flag in flags]
    elif field_type == "time":
        cells = _times(values.data)
    else:
        cells = _numbers(values.data)
    if values.valid is not None:
        for index in np.flatnonzero(~values.valid).tolist():
            cells[index] = ""
    return cells


def _numbers(array: NDArray[Any]) -> list[str]:
    if not len(array):
        return []
    # The JSON encoder writes the shortest text that reads back as the same number, ten times
    # as fast as `repr`.
    cells = _encode(array.tolist()).decode()[1:-1].split(",")
    if array.dtype == np.float64:
        for index in np.flatnonzero(~np.isfinite(array)).tolist():
            value = array[index]
            cells[index] = "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return cells


def _times(micros: NDArray[Any]) -> list[str]:
    moments: Any = _np.asarray(micros, dtype="datetime64[us]")
    texts: list[str] = _np.datetime_as_string(moments, timezone="UTC").tolist()
    return texts
