"""Writes a query's answer as JSON: names and types of the columns, then the rows. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np

_ma: Any = np.ma

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def json_answer(about: dict[str, Any], kinds: Sequence[str], arrays: Sequence[Any]) -> bytes:
    """The body of an answer.

    Args:
        about: the answer's `columns`, `n_rows` and `truncated`.
        kinds: how each column was fetched: `int`, `large`, `float`, `bool`, `time`, `json`,
            `text`.
        arrays: numpy arrays, masked where a row has no value.

    >>> about = {"columns": [{"name": "n", "type": "BIGINT"}], "truncated": False}
    >>> json_answer(about, ["int"], [np.array([5])])
    b'{"columns":[{"name":"n","type":"BIGINT"}],"truncated":false,"rows":[[5]]}'
    """
    cells = [_cells(kind, array) for kind, array in zip(kinds, arrays, strict=True)]
    return msgspec.json.encode({**about, "rows": list(zip(*cells, strict=True))})


def _cells(kind: str, array: Any) -> list[Any]:
    mask: list[bool] = _ma.getmaskarray(array).tolist()
    values: list[Any] = _ma.getdata(array).tolist()
    read = _READ[kind]
    return [None if is_null else read(value) for value, is_null in zip(values, mask, strict=True)]


def cell_of(kind: str, value: Any) -> Any:
    """A cell in JSON.

    >>> cell_of("float", float("nan")), cell_of("time", 0), cell_of("local_time", 0)
    ('NaN', '1970-01-01T00:00:00+00:00', '1970-01-01T00:00:00')
    """
    return None if value is None else _READ[kind](value)


def _same(value: Any) -> Any:
    return value


def _number(value: float) -> Any:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _large(text: str) -> Any:
    value = int(text)
    return value if -(2**63) <= value < 2**64 else {"_type": "int", "value": text}


def _time(micros: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=micros)).isoformat()
    except OverflowError:  # the time is out of range for `datetime`
        return str(micros)


def _local_time(micros: int) -> str:
    return _time(micros).removesuffix("+00:00")


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # it contains NaN, which is not valid JSON
        return text


_READ: Final = {
    "int": _same,
    "bool": _same,
    "text": _same,
    "float": _number,
    "large": _large,
    "time": _time,
    "local_time": _local_time,
    "json": _json,
}
