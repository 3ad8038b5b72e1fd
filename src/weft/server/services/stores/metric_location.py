"""Where the points of a metadata database are: in one data directory, or in PostgreSQL and
ClickHouse.

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
"""The value of `metrics_url` for points in the metadata's PostgreSQL alone, as some tests have."""

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
    metadata: MetadataStore,
    url: str,
    data_dir: Path,
    metrics_url: str | None,
    *,
    mirrors_points: bool | None = None,
) -> MetricEngine:
    """Open the metric engine of a metadata database, whose address is `url`.

    `metrics_url` is the address of ClickHouse, `POSTGRESQL`, or None: where the points are, at
    first in the data directory. `mirrors_points` turns the mirror in ClickHouse on or off; None
    leaves it. ConfigError if the database has its points elsewhere, or no ClickHouse for a mirror.
    """
    if not metadata.is_shared:
        if metrics_url is not None:
            raise ConfigError(
                "metrics_url needs the metadata in PostgreSQL: start the server with "
                "--metadata-url postgresql://…, too",
                field="metadata_url",
            )
        return _open_embedded(data_dir, mirrors_points)
    own_id = POSTGRESQL if metrics_url else _directory_id(data_dir)
    own = _Location(own_id, socket.gethostname(), str(data_dir))
    clickhouse_url = None if metrics_url == POSTGRESQL else metrics_url

    def open_shared() -> MetricEngine:
        return shared_engine(url, clickhouse_url, mirrors_points=mirrors_points)

    location = _read(metadata)
    if location is None:
        # Opened before it is noted: what is refused here leaves the choice open.
        engine = open_shared() if own_id == POSTGRESQL else None
        with metadata.write() as tx:
            text = metadata.settings.add_setting(tx, _SETTING, msgspec.json.encode(own).decode())
        location = msgspec.json.decode(text, type=_Location)
        if engine is not None:
            if location.id == POSTGRESQL:
                return engine
            engine.close()
    if location.id == POSTGRESQL:
        return open_shared()
    if own_id == POSTGRESQL:
        raise ConfigError(
            "the points of this metadata database are in the data directory "
            f"{location.path} on {location.host}, not in ClickHouse: start its server there "
            "without metrics_url, or this one with another database",
            field="metrics_url",
        )
    if location.id != own_id:
        raise ConfigError(
            "another data directory has the points of this metadata database: "
            f"{location.path} on {location.host}. Start the server with it, moved or copied, or "
            "with another database. If its points are lost, write its id, "
            f"{location.id}, into {data_dir / _ID_NAME}"
        )
    return _open_embedded(data_dir, mirrors_points)


def _open_embedded(data_dir: Path, mirrors_points: bool | None) -> MetricEngine:
    if mirrors_points:
        raise ConfigError(
            "points_mirror needs the points in ClickHouse: start the server with --metrics-url "
            "clickhouse://…, too",
            field="points_mirror",
        )
    return embedded_engine(data_dir / "metrics")


def _read(metadata: MetadataStore) -> _Location | None:
    with metadata.read() as tx:
        text = metadata.settings.find_setting(tx, _SETTING)
    return None if text is None else msgspec.json.decode(text, type=_Location)


def has_points(metadata: MetadataStore) -> bool:
    """Whether the points of a metadata database are in it, so that several servers may use it."""
    if not metadata.is_shared:
        return False
    location = _read(metadata)
    return location is not None and location.id == POSTGRESQL


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
