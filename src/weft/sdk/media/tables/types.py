"""The types of a table's columns, as W&B names them. No I/O.

A type says what a cell may be: a number, text, a list of one of these, one of several types. Its
JSON is W&B's (`wb_type`), and is stored with the table. `joining` says which types mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Simple:
    """A type that its W&B name describes: `number`, `string`, `image-file`; or a class that is not
    known.
    """

    name: str
    class_name: str = ""

    def to_json(self) -> Json:
        """W&B's form."""
        if not self.class_name:
            return {"wb_type": self.name}
        return {"wb_type": self.name, "params": {"class_name": self.class_name}}

    def __str__(self) -> str:
        return self.class_name or self.name.capitalize()


ANY: Final = Simple("any")
UNKNOWN: Final = Simple("unknown")
MISSING: Final = Simple("none")
NUMBER: Final = Simple("number")
STRING: Final = Simple("string")
BOOLEAN: Final = Simple("boolean")
TIMESTAMP: Final = Simple("timestamp")
PRIMARY_KEY: Final = Simple("primaryKey")
OBJECT_NAME: Final = "pythonObject"


@dataclass(frozen=True)
class ListOf:
    """Lists, tuples and sets. `length` is None if it differs."""

    element: CellType
    length: int | None = None

    def to_json(self) -> Json:
        """W&B's form."""
        params = {"element_type": self.element.to_json(), "length": self.length}
        return {"wb_type": "list", "params": params}

    def __str__(self) -> str:
        return f"{self.element}[]"


@dataclass(frozen=True)
class ArrayOf:
    """Arrays of one shape."""

    shape: tuple[int, ...]

    def to_json(self) -> Json:
        """W&B's form."""
        params = {"shape": [*self.shape], "serialization_path": None}
        return {"wb_type": "ndarray", "params": params}

    def __str__(self) -> str:
        return f"Ndarray(shape:{[*self.shape]})"


@dataclass(frozen=True)
class DictOf:
    """Dicts, by the types of their items."""

    fields: Mapping[str, CellType]

    def to_json(self) -> Json:
        """W&B's form."""
        types = {name: inner.to_json() for name, inner in self.fields.items()}
        return {"wb_type": "typedDict", "params": {"type_map": types}}

    def __str__(self) -> str:
        return f"{{{', '.join(f'{name!r}: {inner}' for name, inner in self.fields.items())}}}"


@dataclass(frozen=True)
class OneOf:
    """One of several types; made by `one_of`."""

    members: tuple[CellType, ...]

    def to_json(self) -> Json:
        """W&B's form."""
        types = [member.to_json() for member in self.members]
        return {"wb_type": "union", "params": {"allowed_types": types}}

    def __str__(self) -> str:
        return " or ".join(map(str, self.members))


@dataclass(frozen=True)
class Const:
    """Cells that equal a given value, or one of a set of values."""

    value: Any
    is_set: bool = False

    def to_json(self) -> Json:
        """W&B's form."""
        value = sorted(self.value, key=repr) if self.is_set else self.value
        return {"wb_type": "const", "params": {"val": value, "is_set": self.is_set}}

    def has(self, value: Any) -> bool:
        """Whether a cell may have this value."""
        return bool(value in self.value if self.is_set else value == self.value)

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True)
class Reference:
    """A key, or without `column` an index, of another table.

    `path` is that table's file, if the type was read from a file.
    """

    table: Any = field(compare=False)
    column: str | int | None = None
    path: str = ""

    def to_json(self) -> Json:
        """W&B's form."""
        if self.column is None:
            return {"wb_type": "foreignIndex", "params": {"table": self.path}}
        return {"wb_type": "foreignKey", "params": {"table": self.path, "col_name": self.column}}

    def __str__(self) -> str:
        return "Foreignindex" if self.column is None else f"Foreignkey(of {self.column!r})"


CellType: TypeAlias = "Simple | ListOf | ArrayOf | DictOf | OneOf | Const | Reference"

OPTIONAL: Final = OneOf((MISSING, UNKNOWN))
"""The type of a column that may lack values, before its first cell."""


def one_of(types: Iterable[CellType]) -> CellType:
    """Return the type of cells that are of one of these types.

    >>> str(one_of([NUMBER, one_of([MISSING, NUMBER])]))
    'None or Number'
    """
    flat: list[CellType] = []
    for cell_type in types:
        for member in cell_type.members if isinstance(cell_type, OneOf) else (cell_type,):
            if member not in flat:
                flat.append(member)
    return flat[0] if len(flat) == 1 else OneOf(tuple(sorted(flat, key=str)))


def members_of(cell_type: CellType) -> tuple[CellType, ...]:
    """Return the types that a cell may have: the members of `OneOf`, else the type itself."""
    return cell_type.members if isinstance(cell_type, OneOf) else (cell_type,)


def accepts_missing(cell_type: CellType) -> bool:
    """Whether a cell may lack a value."""
    return MISSING in members_of(cell_type)


_WITHOUT_MEDIA: Final = (UNKNOWN, MISSING, NUMBER, STRING, BOOLEAN, TIMESTAMP, PRIMARY_KEY)


def may_be_media(cell_type: CellType) -> bool:
    """Whether a cell may be one of the media types.

    >>> may_be_media(NUMBER), may_be_media(Simple("image-file"))
    (False, True)
    """
    return any(
        isinstance(member, Simple) and member not in _WITHOUT_MEDIA
        for member in members_of(cell_type)
    )


def short_name(cell_type: CellType) -> str:
    """Return one word for what a column holds, not counting missing values.

    >>> short_name(one_of([MISSING, NUMBER])), short_name(one_of([STRING, NUMBER]))
    ('number', 'union')
    """
    names = [member.to_json()["wb_type"] for member in members_of(cell_type) if member != MISSING]
    return names[0] if len(names) == 1 else "union" if names else "none"
