"""Prepares the types of messages before threads use them."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from weakref import WeakSet

import msgspec

_prepared: Final[WeakSet[type[msgspec.Struct]]] = WeakSet()


def prepare_structs() -> None:
    """Have msgspec resolve the fields of all struct types that are imported and not prepared yet.

    msgspec 0.22 does so at the first use of a type, and shows other threads the type meanwhile:
    one that decodes it then reads a null pointer, which ends the process.
    """
    types: list[type[msgspec.Struct]] = [msgspec.Struct]
    for struct in types:
        types += struct.__subclasses__()
        if struct not in _prepared:
            with suppress(TypeError):  # shapes of answers with unions, which are never decoded
                msgspec.json.Decoder(struct)
            _prepared.add(struct)
