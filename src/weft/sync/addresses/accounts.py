"""The entities of keys, as servers have told them. Reads and writes a small file.

`init` can't ask the server, so links of a first run say `local`, and links of later ones the
user's name. The file is in the user's state directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

from weft.sync.addresses.server_address import ServerAddress
from weft.sync.addresses.state_directory import state_directory

_FILE: Final = "accounts.json"
_MOST: Final = 100
"""Most entries of the file; the oldest are dropped."""


def remembered_entity(address: ServerAddress | None) -> str | None:
    """The entity of runs that name none, on a server with this key; None if it is not known."""
    path = _path()
    if address is None or path is None:
        return None
    return _read(path).get(_name_of(address))


def remember_entity(address: ServerAddress, entity: str) -> None:
    """Note what a server has told of the key that it was sent."""
    path = _path()
    if path is None:
        return
    name = _name_of(address)
    if _read(path).get(name) != entity:
        _put(path, name, entity)


def has_used(address: ServerAddress, entity: str) -> bool:
    """Whether a server has accepted this entity from this key before."""
    path = _path()
    entities = {} if path is None else _read(path)
    name = _name_of(address)
    return entities.get(name) == entity or f"{name} {entity}" in entities


def note_used(address: ServerAddress, entity: str) -> None:
    """Note that a server has accepted this entity from this key."""
    path = _path()
    if path is not None:
        _put(path, f"{_name_of(address)} {entity}", entity)


def _name_of(address: ServerAddress) -> str:
    # A checksum tells two keys apart and does not give one away.
    return f"{address.url.rstrip('/')} {crc32((address.key or '').encode()):08x}"


def _path() -> Path | None:
    directory = state_directory(os.environ)
    return None if directory is None else directory / _FILE


def _put(path: Path, name: str, entity: str) -> None:
    entities = _read(path)
    entities.pop(name, None)
    entities[name] = entity
    newest = dict(list(entities.items())[-_MOST:])
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_bytes(msgspec.json.encode(newest))
        temporary.replace(path)
    except OSError:
        return  # told again by the next answer


def _read(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}
