"""Reads the types of columns from `dtype=` of scripts, and from W&B's JSON. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

import numpy as np

from weft.sdk.media.media import Media
from weft.sdk.media.tables.inferring import simple_type, type_of
from weft.sdk.media.tables.types import (
    ANY,
    NUMBER,
    OBJECT_NAME,
    TIMESTAMP,
    UNKNOWN,
    ArrayOf,
    CellType,
    Const,
    DictOf,
    Json,
    ListOf,
    OneOf,
    Reference,
    Simple,
    one_of,
)

_CLASSES: Final = (Simple, ListOf, ArrayOf, DictOf, OneOf, Const, Reference)
_LEGACY: Final = {
    "dictionary": "typedDict",
    "object": OBJECT_NAME,
    "wandb.Image": "image-file",
    "wandb.Table": "table",
    "wandb.TablePrimaryKey": "primaryKey",
    "wandb.TableForeignKey": "foreignKey",
    "wandb.TableForeignIndex": "foreignIndex",
}
"""Names of old files of W&B."""


def type_from_dtype(dtype: Any) -> CellType:
    """Return the type that a script names.

    >>> str(type_from_dtype(int)), str(type_from_dtype([int, str])), str(type_from_dtype([int]))
    ('Number', 'Number or String', 'Number[]')
    """
    if isinstance(dtype, _CLASSES):
        return dtype
    if isinstance(dtype, type):
        return _type_of_class(dtype)
    if isinstance(dtype, list):
        items = cast("list[Any]", dtype)
        if len(items) > 1:
            return one_of(map(type_from_dtype, items))
        return ListOf(type_from_dtype(items[0]) if items else UNKNOWN)
    if isinstance(dtype, dict):
        fields = cast("dict[Any, Any]", dtype)
        return DictOf({str(name): type_from_dtype(inner) for name, inner in fields.items()})
    if isinstance(dtype, (set, frozenset)):
        return Const(frozenset(cast("Iterable[Any]", dtype)), is_set=True)
    return type_of(dtype) if isinstance(dtype, Media) else Const(dtype)


def _type_of_class(kind: type[Any]) -> CellType:
    if kind is object:
        return ANY
    if kind is float:
        return NUMBER
    if kind is np.datetime64:
        return TIMESTAMP
    if issubclass(kind, Media):
        return Simple(kind.type_name())
    if kind in {list, tuple, set, frozenset}:
        return ListOf(UNKNOWN)
    if kind is dict:
        return DictOf({})
    return simple_type(kind) or Simple(OBJECT_NAME, kind.__name__)


def type_from_json(described: Json) -> CellType:
    """Return the type that JSON of W&B or of a file describes.

    >>> type_from_json(ListOf(NUMBER, 3).to_json()) == ListOf(NUMBER, 3)
    True
    """
    if "wb_type" not in described:
        raise TypeError("the JSON of a type needs `wb_type`")
    name: str = described["wb_type"]
    name = _LEGACY.get(name, name)
    params: Json = described.get("params", {})
    if name == "list":
        return ListOf(type_from_json(params["element_type"]), params.get("length"))
    if name == "ndarray":
        return ArrayOf(tuple(params["shape"]))
    if name == "typedDict":
        types: Json = params["type_map"]
        return DictOf({field: type_from_json(inner) for field, inner in types.items()})
    if name == "union":
        return one_of(map(type_from_json, params["allowed_types"]))
    if name == "const":
        value, is_set = params["val"], params.get("is_set", False)
        return Const(frozenset(value) if is_set else value, is_set)
    if name in {"foreignKey", "foreignIndex"}:
        return Reference(None, params.get("col_name"), params.get("table", ""))
    return Simple(name, params.get("class_name", ""))
