"""Reads objects that consist of named values: dataclasses, Namespaces, OmegaConf's and others.

No I/O. Used by `weft.sdk.values.plain` for values in a row, a config or the summary, and by
`weft.sdk.dicts.inputs` for `config=` itself. Libraries are recognised by their objects and never
imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, cast


class Unread(str):
    """Text that replaces a value which could not be read.

    `why` is the end of a sentence that begins with the key.
    """

    why: str

    def __new__(cls, text: str, why: str) -> Unread:
        unread = super().__new__(cls, text)
        unread.why = why
        return unread


@lru_cache(maxsize=1024)
def has_items(kind: type[Any]) -> bool:
    """Whether objects of this class consist of named values, so that `items_in` can read them.

    >>> has_items(dict), has_items(list)
    (True, False)
    """
    if issubclass(kind, Mapping):
        return True
    if any(hasattr(kind, mark) for mark in _FIELD_NAMES):
        return True
    return kind.__name__ in {"Namespace", "SimpleNamespace"} and kind.__dictoffset__ != 0


def items_in(value: object) -> dict[Any, Any] | None:
    """Return an object's named values, one level deep, or None if it is not such an object.

    Reads mappings of any kind, dataclasses, Namespaces, pydantic and attrs objects. May raise any
    error of the object.

    >>> from types import SimpleNamespace
    >>> items_in(SimpleNamespace(lr=0.1)), items_in(5)
    ({'lr': 0.1}, None)
    """
    source: Any = value
    kind = cast("Any", type(source))
    if not has_items(kind):
        return None
    if kind.__module__.startswith("omegaconf."):
        return _omegaconf_items(source)
    if issubclass(kind, Mapping):
        return dict(cast("Mapping[Any, Any]", source))
    for mark, names_of in _FIELD_NAMES.items():
        if hasattr(kind, mark):
            return {
                name: getattr(source, name) for name in names_of(source) if hasattr(source, name)
            }
    attributes = cast("dict[str, Any]", vars(source))
    return {name: inner for name, inner in attributes.items() if not name.startswith("_")}


def _dataclass_names(value: Any) -> Iterable[str]:
    import dataclasses

    return [field.name for field in dataclasses.fields(value)]


def _pydantic_names(value: Any) -> Iterable[str]:
    kind = cast("Any", type(value))
    return [*kind.model_fields, *(value.model_extra or ())]


def _attrs_names(value: Any) -> Iterable[str]:
    kind = cast("Any", type(value))
    return [field.name for field in kind.__attrs_attrs__]


def _struct_names(value: Any) -> Iterable[str]:
    return value.__struct_fields__


_FIELD_NAMES: Final[dict[str, Callable[[Any], Iterable[str]]]] = {
    "__dataclass_fields__": _dataclass_names,
    "__pydantic_core_schema__": _pydantic_names,
    "__attrs_attrs__": _attrs_names,
    "__struct_fields__": _struct_names,
}
"""Attributes that mark classes with declared fields, and functions that list the fields."""


def _omegaconf_items(container: Any) -> dict[Any, Any]:
    """Read OmegaConf's DictConfig: resolve interpolations; missing or invalid ones become text."""
    from omegaconf import OmegaConf

    config: Any = OmegaConf
    return {key: _omegaconf_value(config, container, key) for key in container}


def omegaconf_list(container: Any) -> list[Any]:
    """Read the items of OmegaConf's ListConfig as `_omegaconf_items` does for a DictConfig."""
    from omegaconf import OmegaConf

    return [_omegaconf_value(OmegaConf, container, index) for index in range(len(container))]


def _omegaconf_value(config: Any, container: Any, key: Any) -> Any:
    if config.is_missing(container, key):
        return Unread("???", "has no value yet (`???`); that is kept as text")
    try:
        return container[key]
    except Exception as error:  # noqa: BLE001  resolvers are the user's code
        raw = config.to_container(container, resolve=False)[key]
        reason = str(error).split("\n", 1)[0]
        return Unread(str(raw), f"can't be resolved ({reason}); it is kept as text")
