"""Prepares the types of messages before threads use them."""

from __future__ import annotations

from contextlib import suppress

import msgspec


def prepare_structs() -> None:
    """Have msgspec resolve the fields of all struct types that are imported.

    msgspec 0.22 does so at the first use of a type, and shows other threads the type meanwhile:
    one that decodes it then reads a null pointer, which ends the process.
    """
    types: list[type[msgspec.Struct]] = [msgspec.Struct]
    for struct in types:
        types += struct.__subclasses__()
        with suppress(TypeError):  # shapes of answers with unions, which are never decoded
            msgspec.json.Decoder(struct)
