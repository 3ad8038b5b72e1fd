"""Which types mix in a column, and what they become. No I/O.

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

    Args:
        held: the column's type so far.
        added: the type of a further cell, or of further cells.

    >>> from weft.sdk.media.tables.types import OPTIONAL
    >>> str(joined(OPTIONAL, NUMBER)), joined(NUMBER, STRING)
    ('None or Number', None)
    """
    if isinstance(added, OneOf):
        made: CellType | None = held
        for member in added.members:
            made = None if made is None else joined(made, member)
        return made
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
        made = None if member == UNKNOWN else joined(member, added)
        if made is not None:
            return _replaced(held, member, made)
    return _replaced(held, UNKNOWN, added) if UNKNOWN in held.members else None


def _replaced(held: OneOf, old: CellType, new: CellType) -> CellType:
    return one_of(new if member == old else member for member in held.members)


def _is_key(given: CellType) -> bool:
    return given == PRIMARY_KEY or (isinstance(given, Reference) and given.column is not None)


def _is_index(given: CellType) -> bool:
    return isinstance(given, Reference) and given.column is None


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
        one, other = held.fields.get(name, MISSING), added.fields.get(name, MISSING)
        made = joined_loosely(one, other)
        if made is None:
            return None
        fields[name] = made
    return DictOf(fields)


def joined_loosely(held: CellType, added: CellType) -> CellType | None:
    """Join the types of items inside a cell, where None is always accepted.

    >>> str(joined_loosely(MISSING, NUMBER))
    'None or Number'
    """
    made = joined(held, added)
    if made is not None:
        return made
    if accepts_missing(held) or accepts_missing(added):
        rest = [one for one in (*members_of(held), *members_of(added)) if one != MISSING]
        inner: CellType | None = UNKNOWN
        for one in rest:
            inner = None if inner is None else joined(inner, one)
        return None if inner is None else one_of([MISSING, inner])
    return joined(added, held)


def _as_list(given: CellType) -> ListOf | None:
    """A type as one of lists, for arrays that do not have one shape."""
    if isinstance(given, ListOf):
        return given
    if not isinstance(given, ArrayOf):
        return None
    made: CellType = NUMBER
    for length in reversed(given.shape):
        made = ListOf(made, length)
    return cast("ListOf", made) if given.shape else None


def _shape_of(given: CellType) -> tuple[int, ...] | None:
    """The shape of lists of numbers that are all of one length."""
    if given == NUMBER:
        return ()
    if not isinstance(given, ListOf) or given.length is None:
        return None
    inner = _shape_of(given.element)
    return None if inner is None else (given.length, *inner)
