"""Where the points of a metadata database are: in one data directory, or in PostgreSQL.

A PostgreSQL database may have several servers. Each would write the points that it receives into
its own data directory, and answer without those of the others. So the database names the directory
that has the points, and a server with another one is refused. A directory that was moved or copied
keeps its id.
"""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError
from weft.runlog.private_files import write_private
from weft.server.services.stores.metric_stores import embedded_engine, shared_engine
from weft.server.storage.contract import MetricEngine
from weft.server.storage.metadata import MetadataStore

POSTGRESQL: Final = "postgresql"
"""The value of `metrics_url` for points in the metadata's PostgreSQL."""

_SETTING: Final = "metrics"
_ID_NAME: Final = "id"


class _Location(msgspec.Struct):
    """The data directory with the points; `id` is `POSTGRESQL` if they are there.

    `host` and `path` are where it was at first, for messages.
    """

    id: str
    host: str = ""
    path: str = ""


def open_engine(
    metadata: MetadataStore, url: str, data_dir: Path, metrics_url: str | None
) -> MetricEngine:
    """Open the metric engine of a metadata database, whose address is `url`.

    `metrics_url` is `POSTGRESQL` or None: where the points are, at first in the data directory.
    ConfigError if the database has its points elsewhere.
    """
    if not metadata.is_shared:
        if metrics_url is not None:
            raise ConfigError("metrics in PostgreSQL need the metadata there, too: metadata_url")
        return embedded_engine(data_dir / "metrics")
    own_id = POSTGRESQL if metrics_url else _directory_id(data_dir)
    own = _Location(own_id, socket.gethostname(), str(data_dir))
    with metadata.read() as tx:
        text = metadata.settings.find(tx, _SETTING)
    if text is None:
        with metadata.write() as tx:
            text = metadata.settings.add(tx, _SETTING, msgspec.json.encode(own).decode())
    location = msgspec.json.decode(text, type=_Location)
    if location.id == POSTGRESQL:
        return shared_engine(url)
    if location.id != own_id:
        raise ConfigError(
            "another data directory has the points of this metadata database: "
            f"{location.path} on {location.host}. Start the server with it, moved or copied, or "
            "with another database. If its points are lost, write its id, "
            f"{location.id}, into {data_dir / _ID_NAME}"
        )
    return embedded_engine(data_dir / "metrics")


def has_points(metadata: MetadataStore) -> bool:
    """Whether the points of a metadata database are in it, so that several servers may use it."""
    if not metadata.is_shared:
        return False
    with metadata.read() as tx:
        text = metadata.settings.find(tx, _SETTING)
    return text is not None and msgspec.json.decode(text, type=_Location).id == POSTGRESQL


def forget_location(metadata: MetadataStore) -> None:
    """Have the next server decide where the points are: they were restored."""
    with metadata.write() as tx:
        metadata.settings.remove(tx, _SETTING)


def _directory_id(data_dir: Path) -> str:
    path = data_dir / _ID_NAME
    try:
        text = path.read_text().strip()
    except FileNotFoundError:
        text = ""
    if not text:
        text = secrets.token_hex(8)
        write_private(path, text.encode() + b"\n")
    return text
