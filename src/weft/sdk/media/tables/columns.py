"""The columns of a table as it holds them, and how they are packed for the file worker. No I/O.

A column of a dataframe stays the array that it is. What a column becomes in the file follows from
its cells: numbers, truth values, times, texts and bytes have columns of their kind, and everything
else is JSON.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.records.value import INT64_MAX, INT64_MIN, big_int, msgpack_safe
from weft.sdk.media.media import Media
from weft.sdk.values.arrays import n_items_of, python_of
from weft.tables.packing import Column, Form, pack_array, pack_cells

Refer = Callable[[Media], dict[str, Any]]
"""Stores a cell's media and returns what stands for it in the file."""

_MAX_EXACT: Final = 2**53
"""Ints up to this are exact as floats."""

_MAX_DEPTH: Final = 100
_FORMS: Final[dict[str, Form]] = {"i": "int", "u": "int", "f": "float", "b": "bool"}
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND: Final = datetime.timedelta(microseconds=1)
_TIMES: Final = (datetime.datetime, datetime.date, np.datetime64)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column.

    Attributes:
        valid: whether each row of an array has a value. If None, all have.
        is_utc: whether an array of times is in UTC, rather than in no known time zone.
        has_python_cells: whether cells of an array are given as Python's numbers, not NumPy's.
    """

    values: list[Any] | NDArray[Any]
    valid: NDArray[np.bool_] | None = None
    is_utc: bool = False
    has_python_cells: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def listed(self) -> list[Any]:
        """Return the cells as a list, None where there is no value."""
        if isinstance(self.values, list):
            return self.values
        cells: list[Any] = self.values.tolist() if self.has_python_cells else [*self.values]
        if self.is_utc:
            zone = datetime.timezone.utc
            times: list[Any] = self.values.astype("M8[us]").tolist()
            cells = [None if time is None else time.replace(tzinfo=zone) for time in times]
        if self.valid is None:
            return cells
        return [cell if has else None for cell, has in zip(cells, self.valid, strict=True)]


def packed(name: str, cells: Cells, refer: Refer) -> tuple[Column, list[Any]]:
    """Pack a column; see `pack_array`. `refer` stores media in cells.

    >>> packed("x", Cells([1, None, 2.5]), dict)[0].form
    'float'
    """
    values = cells.values
    if isinstance(values, np.ndarray):
        form = _FORMS.get(values.dtype.kind)
        if values.dtype.kind == "M":
            return pack_array(name, "time" if cells.is_utc else "local_time", values, cells.valid)
        if form == "float" and values.dtype.itemsize > 8:
            return pack_array(name, form, values.astype(np.float64), cells.valid)
        if form is not None and not _is_beyond_int64(values):
            return pack_array(name, form, values, cells.valid)
    listed = cells.listed()
    return _packed_list(name, listed) or (name_json(name, listed, refer))


def _is_beyond_int64(values: NDArray[Any]) -> bool:
    return values.dtype == np.uint64 and bool((values > INT64_MAX).any())


def _packed_list(name: str, cells: Sequence[Any]) -> tuple[Column, list[Any]] | None:
    """Pack cells that are all of one kind, None if they are not."""
    kinds = {*map(type, cells)}
    missing = {kind for kind in kinds if is_missing_class(kind)}
    kinds -= missing
    if not kinds:
        return pack_cells(name, "text", [None] * len(cells))
    if kinds <= {str}:
        return _packed_texts(name, cells if missing <= {type(None)} else _with_none(cells))
    if all(issubclass(kind, (bool, np.bool_)) for kind in kinds):
        return _packed_numbers(name, "bool", cells, missing)
    if all(_is_int(kind) for kind in kinds):
        return _packed_numbers(name, "int", cells, missing)
    if all(_is_int(kind) or issubclass(kind, (float, np.floating)) for kind in kinds):
        if any(_is_int(kind) for kind in kinds) and not _are_exact(cells):
            return None
        return _packed_numbers(name, "float", cells, missing)
    if len(kinds) == 1 and issubclass(next(iter(kinds)), np.ndarray):
        return _packed_arrays(name, cells)
    if kinds <= {bytes}:
        return pack_cells(name, "bytes", _with_none(cells))
    if all(issubclass(kind, _TIMES) for kind in kinds):
        return _packed_times(name, cells)
    if all(issubclass(kind, str) or kind is float for kind in kinds):
        texts = [str.__str__(cell) if isinstance(cell, str) else cell for cell in cells]
        if all(isinstance(cell, str) or is_missing(cell) for cell in texts):
            return _packed_texts(name, _with_none(texts))
    return None


def _is_int(kind: type[Any]) -> bool:
    return issubclass(kind, (int, np.integer)) and not issubclass(kind, (bool, np.timedelta64))


def _are_exact(cells: Iterable[Any]) -> bool:
    return all(abs(cell) <= _MAX_EXACT for cell in cells if _is_int(_class_of(cell)))


def _packed_texts(name: str, cells: Sequence[Any]) -> tuple[Column, list[Any]]:
    try:
        return pack_cells(name, "text", cells)
    except UnicodeEncodeError:
        clean = [cell and cell.encode(errors="backslashreplace").decode() for cell in cells]
        return pack_cells(name, "text", clean)


def _packed_numbers(
    name: str, form: Form, cells: Sequence[Any], missing: set[type[Any]]
) -> tuple[Column, list[Any]] | None:
    valid: NDArray[np.bool_] | None = None
    if missing:
        valid = np.array([not is_missing_class(_class_of(cell)) for cell in cells], dtype=np.bool_)
        cells = [cell if has else 0 for cell, has in zip(cells, valid, strict=True)]
    dtype = {"bool": np.bool_, "int": np.int64, "float": np.float64}[form]
    try:
        return pack_array(name, form, np.array(cells, dtype=dtype), valid)
    except OverflowError:
        return None


def _packed_arrays(name: str, cells: Sequence[Any]) -> tuple[Column, list[Any]] | None:
    """Pack arrays of one shape as lists; arrays of other shapes are JSON."""
    present = np.array([not is_missing_class(_class_of(cell)) for cell in cells], dtype=np.bool_)
    arrays: list[Any] = [cell for cell in cells if not is_missing_class(_class_of(cell))]
    first = arrays[0]
    kinds = {array.dtype.kind for array in arrays}
    if (
        not first.size
        or not kinds <= {"i", "u", "f"}
        or any(array.shape != first.shape or _is_beyond_int64(array) for array in arrays)
    ):
        return None
    stacked: Any = np.zeros((len(cells), first.size), dtype=np.result_type(*arrays))
    stacked[present] = np.reshape(np.stack(arrays), (len(arrays), first.size))
    if stacked.dtype.kind != "f":
        return pack_array(name, "ints", stacked, present)
    if stacked.dtype.itemsize > 4:
        return pack_array(name, "doubles", stacked.astype(np.float64), present)
    return pack_array(name, "floats", stacked, present)


def _packed_times(name: str, cells: Sequence[Any]) -> tuple[Column, list[Any]] | None:
    aware = {getattr(cell, "tzinfo", None) is not None for cell in cells if not is_missing(cell)}
    if len(aware) > 1:
        return None
    micros: list[int] = []
    for cell in cells:
        if is_missing(cell):
            micros.append(0)
        elif isinstance(cell, datetime.datetime):
            utc = cell if cell.tzinfo is not None else cell.replace(tzinfo=datetime.timezone.utc)
            micros.append((utc - _EPOCH) // _MICROSECOND)
        else:
            micros.append(int(np.datetime64(cell, "us").astype(np.int64)))
    valid = np.array([not is_missing(cell) for cell in cells], dtype=np.bool_)
    form: Form = "time" if aware == {True} else "local_time"
    return pack_array(name, form, np.array(micros, dtype=np.int64), valid)


def is_missing_class(kind: type[Any]) -> bool:
    """Whether all values of a class stand for a missing one: None, and pandas' NA and NaT."""
    return kind is type(None) or (
        kind.__module__.partition(".")[0] == "pandas" and kind.__name__ in {"NAType", "NaTType"}
    )


def is_missing(value: Any) -> bool:
    """Whether a cell has no value; NaN counts, too.

    >>> is_missing(None), is_missing(float("nan")), is_missing("")
    (True, True, False)
    """
    if isinstance(value, (float, np.floating)):
        return bool(value != value)
    if isinstance(value, np.datetime64):
        return bool(np.isnat(cast("Any", value)))
    return is_missing_class(_class_of(value))


def _class_of(value: Any) -> type[Any]:
    return cast("type[Any]", type(value))


def _with_none(cells: Iterable[Any]) -> list[Any]:
    return [None if is_missing(cell) else cell for cell in cells]


def name_json(name: str, cells: Sequence[Any], refer: Refer) -> tuple[Column, list[Any]]:
    """Pack cells of any kind as JSON; what JSON has no form for becomes text."""

    def hook(value: Any) -> Any:
        return refer(value) if isinstance(value, Media) else _plain_object(value)

    try:
        encode = msgspec.msgpack.Encoder(enc_hook=hook).encode
        packed_cells = encode(
            [None if is_missing_class(_class_of(cell)) else cell for cell in cells]
        )
    except (TypeError, ValueError, OverflowError, RecursionError):
        plain = [_plain(cell, refer, 0) for cell in cells]
        packed_cells = msgspec.msgpack.encode(plain)
    return Column(name, "json", len(packed_cells)), [packed_cells]


def _plain_object(value: Any) -> Any:
    """An object as something that msgpack knows."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if is_missing_class(_class_of(value)):
        return None
    if isinstance(value, np.datetime64):
        return str(cast("Any", value))
    if n_items_of(value) is not None:
        return value.tolist() if isinstance(value, np.ndarray) else python_of(value)
    if isinstance(value, complex):
        return str(value)
    if callable(value):
        return getattr(value, "__qualname__", None) or _shown(value)
    return _shown(value)


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  the user's objects may raise anything
        return f"<{type(value).__name__}>"


def _plain(value: Any, refer: Refer, depth: int) -> Any:
    """A cell that msgpack can't hold as it is, with that part changed."""
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, Media):
        return refer(value)
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {_text(name): _plain(inner, refer, depth + 1) for name, inner in items}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner, refer, depth + 1) for inner in cast("Iterable[Any]", value)]
    if isinstance(value, str):
        return _text(value)
    if type(value) is int:
        return value if INT64_MIN <= value <= INT64_MAX else big_int(value)
    if value is None or isinstance(value, (bool, float, bytes)):
        return value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    plain = _plain_object(value)
    return msgpack_safe(plain) if isinstance(plain, (list, int)) else plain


def _text(value: Any) -> str:
    text = str.__str__(value) if isinstance(value, str) else str(value)
    return text.encode(errors="backslashreplace").decode()
