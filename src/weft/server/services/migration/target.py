"""The new place of a server's data: its settings, what speaks against it, and the marks. Does I/O.

A migration writes a mark, the setting `migration`, into both metadata databases: which side each
is, and how far it came. A server starts on neither side while both could take uploads:

    source    target
    leaving   arriving   the source serves; a start on the target is refused
    left      arriving   for a moment, at the end; both are refused, and a second start finishes it
    left      arrived    the target serves; a start on the source is refused
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from weft.errors import ConfigError, Conflict
from weft.server.services.stores.stores import Storage, metadata_url_of, open_storage
from weft.server.settings import SETTINGS_FILE
from weft.server.settings.toml_file import read_settings_file
from weft.server.storage.directory import DataDirectory
from weft.server.storage.metadata import MetadataStore, Transaction, is_unused, look_at_database

MARK: Final = "migration"

OWN_SETTINGS: Final = frozenset({MARK, "metrics", "files", "token", "secret"})
"""Settings that say where a database's other stores are, and who it is: they are not copied."""


class Mark(msgspec.Struct, frozen=True):
    """A side of a migration.

    Attributes:
        other: the data directory of the other side, for messages.
    """

    id: str
    side: Literal["leaving", "left", "arriving", "arrived"]
    other: str


def read_mark(metadata: MetadataStore, tx: Transaction) -> Mark | None:
    """The mark of a metadata database, if it has one."""
    text = metadata.settings.find_setting(tx, MARK)
    return None if text is None else msgspec.json.decode(text, type=Mark)


def write_mark(metadata: MetadataStore, mark: Mark) -> None:
    """Replace the mark of a metadata database."""
    with metadata.write() as tx:
        metadata.settings.replace(tx, MARK, msgspec.json.encode(mark).decode())


def refuse_migrated(metadata: MetadataStore) -> None:
    """Refuse to serve data that were moved away, or have not completely arrived."""
    with metadata.read() as tx:
        mark = read_mark(metadata, tx)
    if mark is None or mark.side in {"leaving", "arrived"}:
        return
    if mark.side == "left":
        raise Conflict(
            f"the data of this server were moved to {mark.other}: start the server there. What it "
            "receives is not here; to go back, move them from there to a new data directory"
        )
    raise Conflict(
        f"data are being moved here from {mark.other}, and are not complete: start "
        "`weft server migrate` there again"
    )


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """Where the new server has its data, as its settings file says."""

    data: Path
    metadata_url: str | None
    metrics_url: str | None
    files_url: str | None


def read_target(folder: Path) -> TargetSettings:
    """Read the settings file in the data directory of the new server, if it has one.

    Settings of the environment belong to this server, and are not read.
    """
    if not folder.is_absolute():
        raise ConfigError(f"the new data directory must be an absolute path, not {folder}")
    path = folder / SETTINGS_FILE
    values: dict[str, Any] = read_settings_file(path) if path.exists() else {}
    return TargetSettings(
        folder, values.get("metadata_url"), values.get("metrics_url"), values.get("files_url")
    )


def check_target(target: TargetSettings, data_dir: Path, metadata_url: str | None) -> None:
    """Refuse a target that is the source, or in it, before anything is opened."""
    real, own = (Path(os.path.realpath(path)) for path in (target.data, data_dir))
    if real == own or own in real.parents or real in own.parents:
        raise ConfigError(f"the new data directory is this server's own, or in it: {target.data}")
    if target.metadata_url is not None and target.metadata_url == metadata_url:
        raise ConfigError(
            "the new server has the same metadata database: name another one in "
            f"{target.data / SETTINGS_FILE}"
        )


def check_database(target: TargetSettings) -> None:
    """Refuse a metadata database that has data of its own. Changes nothing."""
    url = metadata_url_of(target.data, target.metadata_url)
    if target.metadata_url is None:
        if not (target.data / "metadata.db").exists():
            return
    else:
        state = look_at_database(url, MARK)
        if state.revision is None:
            return
        if not state.is_current:
            raise Conflict(
                "the metadata database of the new server is of another version of weft: use an "
                "empty one"
            )
    metadata = MetadataStore(url)
    try:
        _check_unused(metadata, target)
    finally:
        metadata.close()


def _check_unused(metadata: MetadataStore, target: TargetSettings) -> Mark | None:
    with metadata.read() as tx:
        mark = read_mark(metadata, tx)
        if mark is None and not is_unused(tx):
            raise Conflict(
                f"the new server, {target.data}, has users or projects already: data can only be "
                "moved to an empty one; `weft export` and `weft import` move single projects"
            )
    return mark


def refuse_other(source: MetadataStore, target: TargetSettings) -> None:
    """Refuse a migration whose data have moved elsewhere already, or have not arrived here."""
    with source.read() as tx:
        mark = read_mark(source, tx)
    if mark is not None and mark.side == "left" and mark.other != str(target.data):
        raise Conflict(f"the data of this server were moved to {mark.other} already")
    if mark is not None and mark.side == "arriving":
        raise Conflict(f"data are being moved here from {mark.other}: complete that first")


class OpenTarget:
    """The new server's data directory and stores, which nothing else uses meanwhile.

    Attributes:
        is_complete: whether an earlier start has copied and checked everything.
    """

    def __init__(self, target: TargetSettings, source: MetadataStore, data_dir: Path) -> None:
        with source.read() as tx:
            mark = read_mark(source, tx)
        if mark is None or mark.side == "arrived" or mark.other != str(target.data):
            mark = Mark(secrets.token_hex(8), "leaving", str(target.data))
            write_mark(source, mark)
        self.id = mark.id
        self.path = target.data
        self._source = source
        self._directory = DataDirectory(target.data)
        try:
            self.storage: Storage = open_storage(
                target.data,
                target.metadata_url,
                metrics_url=target.metrics_url,
                files_url=target.files_url,
            )
            try:
                other = _check_unused(self.storage.metadata, target)
                if other is None:
                    write_mark(self.storage.metadata, Mark(self.id, "arriving", str(data_dir)))
                elif other.id != self.id or other.side in {"leaving", "left"}:
                    raise Conflict(
                        f"the new server, {target.data}, has the data of another one, "
                        f"{other.other}: use an empty one"
                    )
                self.is_complete = other is not None and other.side == "arrived"
            except BaseException:
                self.storage.close()
                raise
        except BaseException:
            self._directory.close()
            raise
        self._data_dir = data_dir

    def complete(self, token: str, secret: str) -> None:
        """Hand over: mark the source as left, then the target as arrived.

        The server's own user keeps the token, and signed cookies stay valid.
        """
        metadata = self.storage.metadata
        self._directory.adopt(token)
        if metadata.is_shared:
            with metadata.write() as tx:
                metadata.settings.replace(tx, "token", token)
                metadata.settings.replace(tx, "secret", secret)
        write_mark(self._source, Mark(self.id, "left", str(self.path)))
        write_mark(metadata, Mark(self.id, "arrived", str(self._data_dir)))
        self.is_complete = True

    def close(self) -> None:
        """Close the stores, so that a server may start on them."""
        self.storage.close()
        self._directory.close()
