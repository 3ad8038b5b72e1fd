"""Converts a value other than a plain scalar: containers, libraries' numbers and arrays, objects.

No I/O. Called by `weft.sdk.values.plain` for types without a fast path. `weft.sdk.values.arrays`
reads arrays of any library, and `weft.sdk.values.histogram` counts large ones. An object of an
unknown type is stored as its `repr` and reported to the caller.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence, Set, ValuesView
from typing import TYPE_CHECKING, Any, Final, cast

from weft.errors import WeftError
from weft.records.limits import MAX_NESTING
from weft.records.value import INT64_MAX, INT64_MIN
from weft.sdk.values.arrays import NoArray, n_items_of, numbers_in, python_of
from weft.sdk.values.fields import Unread, has_items, items_in, omegaconf_list
from weft.sdk.values.media_values import is_media, is_media_list, media_type_of
from weft.sdk.values.scalars import (
    AS_IT_IS,
    LEFT_OUT,
    Complain,
    conversion_of,
    plain_int,
    plain_key,
    plain_text,
    text_instead,
)

if TYPE_CHECKING:
    from weft.sdk.values.media_values import AttachMedia

MAX_LISTED_ITEMS: Final = 32
"""A logged array of at most this many items is stored as a list, a longer one as a histogram, as
in W&B."""

MAX_INPUT_ITEMS: Final = 1000
"""An array in the config is an input, so it is stored as a list: 1,000 class weights take 9 KB. A
longer one is stored as text."""

MAX_SEQUENCE_ITEMS: Final = 100_000
"""Limit for sequences other than lists and tuples, which may compute their items (`range`)."""

_NAMES: Final = frozenset({"dtype", "device", "UUID"})
"""Classes whose objects are names, such as torch's `float32` and `cuda:0`, which `str` gives."""


class Leaf:
    """Converts one value; holds what stays the same at any depth of it.

    >>> Leaf("x", print, is_input=False).plain([1, (2.5, {3})])
    [1, [2.5, [3]]]
    """

    __slots__ = ("_attach", "_complain", "_is_input", "_key")

    def __init__(
        self,
        key: str,
        warn_value: Complain,
        *,
        is_input: bool,
        attach: AttachMedia | None = None,
    ) -> None:
        self._key = key
        self._complain = warn_value
        self._is_input = is_input
        self._attach = attach

    def plain(self, value: Any, above: tuple[int, ...] = ()) -> Any:
        """Convert the value, or a part of it in the containers with the ids `above`, to a plain
        value.
        """
        kind = cast("type[Any]", type(value))
        if kind in AS_IT_IS:
            return value
        if isinstance(value, str):
            if isinstance(value, Unread):
                self._complain(self._key, value.why)
            # Not `str(value)`, which is `Color.RED` for a member of a string enum.
            return plain_text(self._key, str.__str__(value), self._complain)
        conversion = conversion_of(kind)
        if conversion is not None:
            return conversion(value)
        if is_media(value):
            return self._media(value)
        if self._attach is not None and media_type_of(value) is not None:
            return self._drawn(value, self._attach)
        try:
            if kind in {list, tuple, set, frozenset} or has_items(kind):
                return self._container(value, above)
            return self._object(value, above)
        except WeftError:
            raise  # from a strict run
        except Exception as error:  # noqa: BLE001  the user's objects may raise anything
            self._complain(self._key, f"can't be read ({type(error).__name__}); it was left out")
            return LEFT_OUT

    def _container(self, value: Any, above: tuple[int, ...]) -> Any:
        if id(value) in above or len(above) >= MAX_NESTING:
            self._complain(self._key, "holds itself or is nested too deep; that part was left out")
            return LEFT_OUT
        above = (*above, id(value))
        items = items_in(value)
        if items is not None:
            pairs = {plain_key(name): self.plain(inner, above) for name, inner in items.items()}
            return {name: inner for name, inner in pairs.items() if inner is not LEFT_OUT}
        listed = _items_listed(value)
        if self._attach is not None and is_media_list(listed):
            return self._attached(listed, is_list=True)
        kinds = {*map(type, listed)}
        if kinds <= AS_IT_IS:
            return listed
        if kinds == {int} and min(listed) >= INT64_MIN and max(listed) <= INT64_MAX:
            return listed
        inners = [self.plain(inner, above) for inner in listed]
        return [None if inner is LEFT_OUT else inner for inner in inners]

    def _object(self, value: Any, above: tuple[int, ...]) -> Any:
        """Convert numbers and arrays of libraries; fall back to the object's text."""
        import enum

        if isinstance(value, int):  # also a member of an IntEnum
            return plain_int(int(value))
        if isinstance(value, float):
            return float(value)
        if isinstance(value, enum.Enum):
            # As in W&B, a config gets the name, since the value is often a meaningless number, and
            # a series gets the value, since it may be a number.
            name = value.name if self._is_input else None
            return self.plain(name or value.value, above)
        n_items = n_items_of(value)
        if n_items is not None:
            return self._array(value, n_items, above)
        if _is_sequence(value):
            return self._container(value, above)
        plain = _known_object(value)
        if plain is not LEFT_OUT:
            return self.plain(plain, above)
        if isinstance(value, Iterator):
            return self._as_text(
                value,
                f"is a {type(cast('Any', value)).__name__}, whose items are left to the script: "
                "give list(...) to keep them",
            )
        return self._as_text(value, f"is of type {type(value).__name__}")

    def _media(self, value: Any) -> Any:
        if self._attach is not None:
            return self._attached([value], is_list=False)
        kind = type(value).__name__
        self._complain(
            self._key, f"is of type {kind}, which only log() and the summary take; it was left out"
        )
        return LEFT_OUT

    def _attached(self, items: list[Any], *, is_list: bool) -> Any:
        """Attach media; those that can't be stored are left out."""
        assert self._attach is not None
        try:
            return self._attach(self._key, items, is_list=is_list)
        except Exception as error:  # noqa: BLE001  of libraries, or of files that have gone
            reason = f"{type(error).__name__}: {error}"
        self._complain(self._key, f"can't be stored ({reason}); it was left out")
        return LEFT_OUT

    def _drawn(self, value: Any, attach: AttachMedia) -> Any:
        try:
            return attach(self._key, [value], is_list=False)
        except WeftError:
            raise
        except Exception as error:  # noqa: BLE001  a figure may be half made
            self._complain(
                self._key, f"can't be drawn ({type(error).__name__}: {error}); it was left out"
            )
            return LEFT_OUT

    def _array(self, value: Any, n_items: int, above: tuple[int, ...]) -> Any:
        is_one = n_items == 1
        if len(above) >= MAX_NESTING:  # a mock object, whose items have items without end
            return self._as_text(value, "is nested too deep")
        try:
            if n_items <= (MAX_INPUT_ITEMS if self._is_input else MAX_LISTED_ITEMS):
                plain = python_of(value)
                if is_one and plain is None and "Masked" in type(value).__name__:
                    self._complain(self._key, "is masked: it has no value; None is kept")
                return self.plain(plain, (*above, id(value)))
            numbers = None if self._is_input else numbers_in(value)
        except WeftError:
            raise
        except NoArray:
            return self._as_text(value, f"is of type {type(value).__name__}")
        except Exception as error:  # a library's, for a sparse, traced or meta-device array
            if is_one and not self._is_input:
                raise
            return self._as_text(value, f"can't be read as numbers ({type(error).__name__})")
        if numbers is None:
            detail = "" if self._is_input else " that are not all real numbers"
            return self._as_text(value, f"has {n_items:,} items{detail}")
        from weft.sdk.values.histogram import histogram_of

        return histogram_of(numbers)

    def _as_text(self, value: Any, fault: str) -> Any:
        return text_instead(self._key, value, fault, self._complain)


def _is_sequence(value: Any) -> bool:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return False
    return isinstance(value, (Sequence, Set, ValuesView, deque)) and (
        len(cast("Any", value)) <= MAX_SEQUENCE_ITEMS
    )


def _items_listed(value: Any) -> list[Any]:
    """Return the items of a list, tuple, set or other sequence; a set's are sorted."""
    if type(value).__module__.startswith("omegaconf."):
        return omegaconf_list(value)
    if isinstance(value, Set):
        items = cast("Set[Any]", value)
        try:
            return sorted(items)
        except TypeError:
            return sorted(items, key=repr)
    return [*value]


def _known_object(value: Any) -> Any:
    """Convert a standard library object or a number-like one; `LEFT_OUT` for any other."""
    import datetime
    import os

    kind = cast("Any", type(value))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, os.PathLike):
        return os.fsdecode(cast("os.PathLike[str]", value))
    if isinstance(value, (bytes, bytearray)):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return LEFT_OUT
    if isinstance(value, slice):
        bounds = cast("Any", value)
        return {
            "slice_start": bounds.start, "slice_step": bounds.step, "slice_stop": bounds.stop
        }  # fmt: skip
    if hasattr(kind, "__float__"):  # Decimal, Fraction and other number types
        try:
            return float(value)
        except (ValueError, TypeError, OverflowError):
            return LEFT_OUT
    if kind.__name__ in _NAMES or kind.__name__.endswith("DType"):
        return str(value)
    name: Any = getattr(value, "__qualname__", None)
    if callable(value) and isinstance(name, str):
        return f"{value.__module__}.{name}"
    return LEFT_OUT
