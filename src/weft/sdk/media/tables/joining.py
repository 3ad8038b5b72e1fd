"""The types that mix in a column, and the type that they become. No I/O.

Follows W&B (wandb 0.31, `_dtypes.py`), with these cells accepted as well: None in lists, dicts
with other keys, arrays of other shapes.
"""

from __future__ import annotations

from typing import cast

from weft.sdk.media.tables.types import (
    ANY,
    MISSING,
    NUMBER,
    PRIMARY_KEY,
    STRING,
    UNKNOWN,
    ArrayOf,
    CellType,
    DictOf,
    ListOf,
    OneOf,
    Reference,
    accepts_missing,
    members_of,
    one_of,
)


def joined(held: CellType, added: CellType) -> CellType | None:
    """Return the type of a column that holds cells of both types, None if they do not mix.

    >>> from weft.sdk.media.tables.types import OPTIONAL
    >>> str(joined(OPTIONAL, NUMBER)), joined(NUMBER, STRING)
    ('None or Number', None)
    """
    if isinstance(added, OneOf):
        widened: CellType | None = held
        for member in added.members:
            widened = None if widened is None else joined(widened, member)
        return widened
    if isinstance(held, OneOf):
        return _joined_to_one(held, added)
    if held == added:
        return held
    if held == ANY:
        return None if added == MISSING else ANY
    if held == UNKNOWN:
        return None if added == MISSING else added
    if added == UNKNOWN:
        return held
    for key, plain in ((added, held), (held, added)):
        # The keys and indexes of tables are texts and numbers that know their table.
        if (plain == STRING and _is_key(key)) or (plain == NUMBER and _is_index(key)):
            return key
    return _joined_containers(held, added)


def _joined_to_one(held: OneOf, added: CellType) -> CellType | None:
    if added in held.members:
        return held
    for member in held.members:
        widened = None if member == UNKNOWN else joined(member, added)
        if widened is not None:
            return _replaced(held, member, widened)
    return _replaced(held, UNKNOWN, added) if UNKNOWN in held.members else None


def _replaced(held: OneOf, old: CellType, new: CellType) -> CellType:
    return one_of(new if member == old else member for member in held.members)


def _is_key(cell_type: CellType) -> bool:
    return cell_type == PRIMARY_KEY or (
        isinstance(cell_type, Reference) and cell_type.column is not None
    )


def _is_index(cell_type: CellType) -> bool:
    return isinstance(cell_type, Reference) and cell_type.column is None


def _joined_containers(held: CellType, added: CellType) -> CellType | None:
    if isinstance(held, DictOf) and isinstance(added, DictOf):
        return _joined_dicts(held, added)
    if isinstance(held, ArrayOf) and isinstance(added, ListOf) and _shape_of(added) == held.shape:
        return held
    first, second = _as_list(held), _as_list(added)
    if first is None or second is None:
        return None
    element = joined_loosely(first.element, second.element)
    if element is None:
        return None
    return ListOf(element, first.length if first.length == second.length else None)


def _joined_dicts(held: DictOf, added: DictOf) -> CellType | None:
    fields: dict[str, CellType] = {}
    for name in {**held.fields, **added.fields}:
        first, second = held.fields.get(name, MISSING), added.fields.get(name, MISSING)
        field = joined_loosely(first, second)
        if field is None:
            return None
        fields[name] = field
    return DictOf(fields)


def joined_loosely(held: CellType, added: CellType) -> CellType | None:
    """Join the types of items inside a cell, where None is always accepted.

    >>> str(joined_loosely(MISSING, NUMBER))
    'None or Number'
    """
    widened = joined(held, added)
    if widened is not None:
        return widened
    if accepts_missing(held) or accepts_missing(added):
        rest = [member for member in (*members_of(held), *members_of(added)) if member != MISSING]
        inner: CellType | None = UNKNOWN
        for member in rest:
            inner = None if inner is None else joined(inner, member)
        return None if inner is None else one_of([MISSING, inner])
    return joined(added, held)


def _as_list(cell_type: CellType) -> ListOf | None:
    """A type as one of lists, for arrays that do not have one shape."""
    if isinstance(cell_type, ListOf):
        return cell_type
    if not isinstance(cell_type, ArrayOf):
        return None
    nested: CellType = NUMBER
    for length in reversed(cell_type.shape):
        nested = ListOf(nested, length)
    return cast("ListOf", nested) if cell_type.shape else None


def _shape_of(cell_type: CellType) -> tuple[int, ...] | None:
    """The shape of lists of numbers that are all of one length."""
    if cell_type == NUMBER:
        return ()
    if not isinstance(cell_type, ListOf) or cell_type.length is None:
        return None
    inner = _shape_of(cell_type.element)
    return None if inner is None else (cell_type.length, *inner)
