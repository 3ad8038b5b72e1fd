"""What becomes of a logged value. Part of step 1 of a point's way; no I/O.

Receives what the user's script passes to `log()`, `config` and `summary`; hands plain values (the
ones msgpack has) to `weft.sdk.history`. A value that can't be kept never stops training: it is
kept as text or left out, and the caller is told through `complain`, once per key.

Two ways: `conversion_plan` for rows of scalars, by exact type, and `flatten_row` for all else.
numpy and torch are recognised by the values themselves and never imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from weft.errors import WeftError
from weft.records.limits import MAX_KEY_BYTES, MAX_NESTING, MAX_TEXT_BYTES
from weft.records.value import INT64_MAX, INT64_MIN, big_int

Complain = Callable[[str, str], None]
"""Called with a key and what became of its value."""

Conversion = Callable[[Any], Any]
Plan = tuple[tuple[int, Conversion], ...]

LEFT_OUT: Final = object()
"""Answer of `plain_value` for a value that nothing can stand for."""

RESERVED_KEYS: Final = frozenset({"_step", "_runtime", "_timestamp"})
"""Every row has these from weft itself; as logged keys they would show up twice."""

MAX_LISTED_ITEMS: Final = 32
"""An array of at most this many items is kept as a list, as W&B does; a longer one as text."""

MAX_REPR_CHARS: Final = 1000
"""How much of an unknown object's `repr` is kept."""


def _checked_int(value: int) -> Any:
    return value if INT64_MIN <= value <= INT64_MAX else big_int(value)


def _int_of(value: Any) -> Any:
    return _checked_int(int(value))


_AS_IT_IS: Final = frozenset((float, bool, type(None)))
_NUMPY_KINDS: Final[dict[str, Conversion]] = {"f": float, "i": int, "u": _int_of, "b": bool}


def conversion_of(value_type: type[Any]) -> Conversion | None:
    """How every value of exactly this type becomes plain; None = it takes a closer look.

    Text counts as plain here: its length is judged by the encoded row's.
    """
    if value_type is int:
        return _checked_int
    if value_type is str:
        return str
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and issubclass(value_type, numpy.generic):
        kind: str = numpy.dtype(value_type).kind
        return _NUMPY_KINDS.get(kind)
    return None


def conversion_plan(types: tuple[type[Any], ...]) -> Plan | None:
    """Which values of a row of these types have to be converted, and how.

    Returns:
        Pairs of position and conversion; None = at least one value takes a closer look, so the
        row goes through `flatten_row`.

    >>> conversion_plan((float, bool)), conversion_plan((float, dict))
    ((), None)
    """
    plan: list[tuple[int, Conversion]] = []
    for position, value_type in enumerate(types):
        if value_type in _AS_IT_IS:
            continue
        conversion = conversion_of(value_type)
        if conversion is None:
            return None
        if conversion is not str:
            plan.append((position, conversion))
    return tuple(plan)


def flatten_row(data: Mapping[str, Any], complain: Complain) -> dict[str, Any]:
    """Make a logged mapping a flat dict of plain values; nested keys join with `.`.

    >>> flatten_row({"train": {"loss": 0.5, "top": [1, (2, 3)]}}, print)
    {'train.loss': 0.5, 'train.top': [1, [2, 3]]}
    """
    flat: dict[str, Any] = {}
    _flatten_into(flat, "", data, complain, [])
    return flat


def _flatten_into(
    flat: dict[str, Any],
    prefix: str,
    data: Mapping[Any, Any],
    complain: Complain,
    above: list[int],
) -> None:
    above.append(id(data))
    for part, value in data.items():
        key = prefix + (part if isinstance(part, str) else str(part))
        if not prefix and key in RESERVED_KEYS:
            complain(key, "is a name of weft's own; the value was left out")
            continue
        if isinstance(value, Mapping) and value and "_type" not in value:
            inner = cast("Mapping[Any, Any]", value)
            if id(inner) in above:
                complain(key, "holds itself; it was left out")
            elif len(above) >= MAX_NESTING:
                complain(key, f"is nested more than {MAX_NESTING} deep; it was left out")
            else:
                _flatten_into(flat, f"{key}.", inner, complain, above)
            continue
        key = plain_key(key)
        if len(key) * 4 > MAX_KEY_BYTES and len(key.encode()) > MAX_KEY_BYTES:
            complain(
                f"{key[:40]}…", f"is a key of more than {MAX_KEY_BYTES} bytes; it was left out"
            )
            continue
        plain = plain_value(key, value, complain)
        if plain is not LEFT_OUT:
            flat[key] = plain
    above.pop()


def plain_key(key: object) -> str:
    """The key as it can be written: an exact `str` of valid Unicode."""
    return _valid_text(str(key))


def plain_segment(above: list[str], name: object, complain: Complain) -> str | None:
    """The last part of a path of the config or the summary; None = no log takes such a path.

    Args:
        above: the parts before it.

    >>> plain_segment(["model"], 3, lambda key, what: None)
    '3'
    """
    segment = plain_key(name)
    place = ".".join(above)
    if len(above) >= MAX_NESTING:
        complain(place, f"is nested more than {MAX_NESTING} deep; what is below was left out")
    elif not segment:
        complain(place, f"{'has' if above else 'is'} an empty key; that entry was left out")
    elif len(segment) * 4 > MAX_KEY_BYTES and len(segment.encode()) > MAX_KEY_BYTES:
        shown = ".".join([*above, f"{segment[:40]}…"])
        complain(shown, f"is a key of more than {MAX_KEY_BYTES} bytes; that entry was left out")
    else:
        if not isinstance(name, str):
            complain(
                place or segment,
                f"has a key that is no string ({type(name).__name__}); it is kept as text"
                if place
                else f"was given as {type(name).__name__}, not as a string; it is kept as text",
            )
        return segment
    return None


def plain_tree(
    path: list[str], value: Any, complain: Complain, above: tuple[int, ...] = ()
) -> Any:
    """What can be written for a value of the config or the summary: nested dicts of plain values.

    Args:
        path: where the value is to be; its parts are plain.
        above: ids of the dicts that the value lies in.

    Returns:
        A dict, a plain value, or `LEFT_OUT`.

    >>> plain_tree(["model"], {"depth": 2, "heads": (1, 2)}, print)
    {'depth': 2, 'heads': [1, 2]}
    """
    key = ".".join(path)
    if not isinstance(value, Mapping) or "_type" in value:
        return plain_value(key, value, complain)
    try:
        items = [*cast("Mapping[Any, Any]", value).items()]
    except Exception as error:  # noqa: BLE001  the user's objects may raise anything
        complain(key, f"can't be read ({type(error).__name__}); it was left out")
        return LEFT_OUT
    if id(value) in above:  # pyright: ignore[reportUnknownArgumentType]
        complain(key, "holds itself; that part was left out")
        return LEFT_OUT
    if items and len(path) >= MAX_NESTING:
        complain(key, f"is nested more than {MAX_NESTING} deep; it is kept as text")
        return _plain_text(key, repr(value)[:MAX_REPR_CHARS], complain)  # pyright: ignore[reportUnknownArgumentType]
    tree: dict[str, Any] = {}
    for name, inner in items:
        segment = plain_segment(path, name, complain)
        if segment is None:
            continue
        plain = plain_tree([*path, segment], inner, complain, (*above, id(value)))  # pyright: ignore[reportUnknownArgumentType]
        if plain is not LEFT_OUT:
            tree[segment] = plain
    return tree


def plain_value(key: str, value: Any, complain: Complain) -> Any:
    """What can be written for `value`: a scalar, text, None, a list or a dict of such; `LEFT_OUT`.

    >>> plain_value("x", 2**70, print)
    {'_type': 'int', 'value': '1180591620717411303424'}
    """
    return _plain(key, value, complain, ())


def _plain(key: str, value: Any, complain: Complain, above: tuple[int, ...]) -> Any:
    value_type = cast("type[Any]", type(value))
    if value_type in _AS_IT_IS:
        return value
    if value_type is int:
        return _checked_int(value)
    if isinstance(value, str):
        return _plain_text(key, str(value), complain)
    conversion = conversion_of(value_type)
    if conversion is not None:
        return conversion(value)
    try:
        if isinstance(value, (Mapping, list, tuple, set, frozenset)):
            if id(value) in above or len(above) >= MAX_NESTING:  # pyright: ignore[reportUnknownArgumentType]
                complain(key, "holds itself or is nested too deep; that part was left out")
                return LEFT_OUT
            return _plain_container(key, value, complain, (*above, id(value)))  # pyright: ignore[reportUnknownArgumentType]
        return _plain_object(key, value, complain)
    except WeftError:
        raise  # a strict run's
    except Exception as error:  # noqa: BLE001  the user's objects may raise anything
        complain(key, f"can't be read ({type(error).__name__}); it was left out")
        return LEFT_OUT


def _plain_container(key: str, value: Any, complain: Complain, above: tuple[int, ...]) -> Any:
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value)
        pairs = {
            plain_key(name): _plain(key, inner, complain, above) for name, inner in items.items()
        }
        return {name: inner for name, inner in pairs.items() if inner is not LEFT_OUT}
    inners = [_plain(key, inner, complain, above) for inner in value]
    return [None if inner is LEFT_OUT else inner for inner in inners]


def _plain_object(key: str, value: Any, complain: Complain) -> Any:
    """Numbers and arrays of other libraries, and at last any object's text."""
    import datetime
    import enum
    import numbers
    import os

    if isinstance(value, enum.Enum):
        return _plain(key, value.value, complain, (id(value),))
    if isinstance(value, int):
        return _checked_int(int(value))
    if isinstance(value, float):
        return float(value)
    shape: Any = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return _plain_array(key, value, shape, complain)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        return float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return _plain_text(key, os.fsdecode(value), complain)  # pyright: ignore[reportUnknownArgumentType]
    text = repr(value)[:MAX_REPR_CHARS]
    complain(key, f"is of type {type(value).__name__}; it is kept as text")
    return _plain_text(key, text, complain)


def _plain_array(key: str, value: Any, shape: tuple[int, ...], complain: Complain) -> Any:
    size = 1
    for length in shape:
        size *= int(length)
    if size == 1:
        masked: Any = sys.modules.get("numpy.ma")
        if masked is not None and isinstance(value, masked.MaskedArray) and value.mask.all():  # pyright: ignore
            complain(key, "is masked: it has no value; None is kept")
            return None
        # numpy, torch, jax and tensorflow alike; complex numbers come back as no float.
        item: Any = value.item() if hasattr(value, "item") else value.numpy().item()
        if isinstance(item, complex):
            complain(key, "is a complex number; it is kept as text")
            return str(item)
        return _plain(key, item, complain, (id(value),))
    if size <= MAX_LISTED_ITEMS and hasattr(value, "tolist"):
        return _plain(key, value.tolist(), complain, ())
    complain(key, f"is an array of shape {tuple(shape)}; it is kept as text")
    kind = getattr(value, "dtype", "")
    return f"array of shape {tuple(shape)}, {kind}"


def _plain_text(key: str, text: str, complain: Complain) -> str:
    text = _valid_text(text)
    if len(text) * 4 <= MAX_TEXT_BYTES:
        return text
    encoded = text.encode()
    if len(encoded) <= MAX_TEXT_BYTES:
        return text
    complain(key, f"is text of {len(encoded)} bytes; it was cut at {MAX_TEXT_BYTES}")
    mark = "… [cut]"
    kept = encoded[: MAX_TEXT_BYTES - len(mark.encode())]
    return kept.decode(errors="ignore") + mark


def _valid_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text
