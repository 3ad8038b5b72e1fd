"""Converts config and summary values to typed columns and back. Pure.

A value of any type becomes `(kind, number, text, exact)`: `number` is compared, `text` is
searched, and `exact` restores what those two can't (an exact int, a NUL in a text). A list or an
object is stored as JSON as Python writes it, with `NaN` and `Infinity` as bare words; the text
"NaN" has quotes.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, Literal, NamedTuple, cast

from weft.records.value import NONFINITE_BY_NAME, json_safe, msgpack_safe

FieldKind = Literal["number", "bool", "text", "none", "nonfinite", "other", "removed"]

_LARGEST: Final = 1.7976931348623157e308
_NEGATIVE_ZERO: Final = "-0.0"
"""The text stored with -0.0: SQLite stores whole floats as integers, which drops the sign."""


class Cell(NamedTuple):
    """The typed columns of one value."""

    kind: FieldKind
    number: float | None = None
    text: str | None = None
    exact: str | None = None


REMOVED: Final = Cell("removed")


def cell_from_value(value: Any) -> Cell:
    """The columns that represent a value.

    >>> cell_from_value(0.5), cell_from_value(True).number, cell_from_value(2**60).exact
    (Cell(kind='number', number=0.5, text=None, exact=None), 1.0, '1152921504606846976')
    >>> cell_from_value(float("nan")).kind, cell_from_value([1]).text
    ('nonfinite', '[1]')
    >>> cell_from_value([float("nan"), "NaN"]).text
    '[NaN,"NaN"]'
    """
    if value is None:
        return Cell("none")
    if isinstance(value, bool):
        return Cell("bool", number=float(value))
    if isinstance(value, int):
        return Cell("number", number=_nearest_float(value), exact=str(value))
    if isinstance(value, float):
        if math.isfinite(value):
            is_negative_zero = value == 0.0 and math.copysign(1, value) < 0
            return Cell("number", number=value, text=_NEGATIVE_ZERO if is_negative_zero else None)
        return Cell("nonfinite", text=json_safe(value))
    if isinstance(value, str):
        clean = clean_text(value)
        return Cell("text", text=clean, exact=None if clean == value else json.dumps(value))
    if isinstance(value, dict):
        whole = _big_int(value)
        if whole is not None:
            return cell_from_value(whole)
    try:
        # ASCII, so that a NUL or a lone surrogate inside is read back unchanged.
        text = json.dumps(msgpack_safe(value), default=str, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        # Invalid keys or unlimited nesting. weft's client never sends them, but they must not
        # block an upload.
        return Cell(
            "text", text=f"a value that can't be kept: {type(cast('object', value)).__name__}"
        )
    return Cell("other", text=text)


def value_from_cell(cell: Cell) -> Any:
    """The value that columns represent.

    >>> [value_from_cell(cell_from_value(value)) for value in (5, 5.0, "a", None, False, [1, "b"])]
    [5, 5.0, 'a', None, False, [1, 'b']]
    """
    kind, number, text, exact = cell
    if kind == "number":
        if exact is None:
            return -0.0 if text == _NEGATIVE_ZERO else number
        return int(exact)
    if kind == "bool":
        return bool(number)
    if kind == "text":
        return text if exact is None else json.loads(exact)
    if kind == "nonfinite":
        return NONFINITE_BY_NAME[text or "NaN"]
    if kind == "other":
        return json.loads(text or "null")
    return None


def clean_text(text: str) -> str:
    """Text that every database accepts: NULs and lone surrogates are replaced."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _nearest_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return _LARGEST if value > 0 else -_LARGEST


def _big_int(value: dict[Any, Any]) -> int | None:
    # Python limits how many digits `int` parses, because the conversion is slow.
    digits = value.get("value")
    if value.get("_type") != "int" or not isinstance(digits, str) or len(digits) > 4000:
        return None
    try:
        return int(digits)
    except ValueError:
        return None
