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


def labels_of(given: Any, what: str) -> dict[int, str]:
    """Read names of classes in any of the forms that `Classes` takes.

    Args:
        what: where they were given, for errors.

    Raises:
        TypeError: an entry has no id or no name.
    """
    if isinstance(given, Classes):
        return dict(given.names)
    pairs: list[tuple[Any, Any]]
    if isinstance(given, Mapping):
        pairs = list(cast("Mapping[Any, Any]", given).items())
    else:
        pairs = [_pair_of(one, place) for place, one in enumerate(cast("Sequence[Any]", given))]
    return {_id_of(number, what): _name_of(name, number, what) for number, name in pairs}


def _pair_of(entry: Any, place: int) -> tuple[Any, Any]:
    if not isinstance(entry, Mapping):
        return place, entry
    named = cast("Mapping[str, Any]", entry)
    return named.get("id"), named.get("name")


def _id_of(value: Any, what: str) -> int:
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)  # the key of a dict that was JSON
    number = number_of(value)
    if number is None or number != int(number):
        raise TypeError(f"{what}: the id of a class must be an int, not {value!r}")
    return int(number)


def _name_of(name: Any, number: Any, what: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{what}: the name of class {number!r} must be a string, not {name!r}")
    return name
