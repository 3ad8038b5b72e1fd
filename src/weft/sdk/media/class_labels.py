"""Names of classes, for the boxes and masks of images. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from weft.sdk.media.media import number_of


class Classes:
    """The classes that boxes and masks refer to by their ids.

    Args:
        class_set: a list of `{"id": int, "name": str}`, a dict of names by id, or a list of names,
            whose ids are their places.

    Raises:
        TypeError: an entry has no id or no name.

    >>> Classes([{"id": 1, "name": "cat"}]).names, Classes(["dog", "cat"]).names
    ({1: 'cat'}, {0: 'dog', 1: 'cat'})
    """

    def __init__(
        self, class_set: Sequence[Mapping[str, Any]] | Sequence[str] | Mapping[Any, str]
    ) -> None:
        self.names = labels_of(class_set, "classes")
        self._class_set = [{"id": number, "name": name} for number, name in self.names.items()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Classes) and self.names == other.names

    def __hash__(self) -> int:
        return hash(tuple(self.names.items()))


def labels_of(classes: Any, source: str) -> dict[int, str]:
    """Read names of classes in any of the forms that `Classes` takes.

    Errors name `source`, the argument; TypeError if an entry has no id or no name.
    """
    if isinstance(classes, Classes):
        return dict(classes.names)
    pairs: list[tuple[Any, Any]]
    if isinstance(classes, Mapping):
        pairs = list(cast("Mapping[Any, Any]", classes).items())
    else:
        pairs = [
            _pair_of(entry, index) for index, entry in enumerate(cast("Sequence[Any]", classes))
        ]
    return {_id_of(number, source): _name_of(name, number, source) for number, name in pairs}


def _pair_of(entry: Any, index: int) -> tuple[Any, Any]:
    if not isinstance(entry, Mapping):
        return index, entry
    named = cast("Mapping[str, Any]", entry)
    return named.get("id"), named.get("name")


def _id_of(value: Any, source: str) -> int:
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)  # the key of a dict that was JSON
    number = number_of(value)
    if number is None or number != int(number):
        raise TypeError(f"{source}: the id of a class must be an int, not {value!r}")
    return int(number)


def _name_of(name: Any, number: Any, source: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{source}: the name of class {number!r} must be a string, not {name!r}")
    return name
