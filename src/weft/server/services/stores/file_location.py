"""The place of the files of a metadata database that several servers use.

A bucket belongs to one server, by a random name in its data directory. Servers of one database
have this name and the address of the bucket from the database, so that each of them finds the
files of the others, also without the setting. Files in a data directory are those of one server,
or of several that have the same folder there, on a disk that they share.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError
from weft.server.services.stores.metric_location import has_points
from weft.server.storage.blobs.opening import (
    BlobLocation,
    bucket_url,
    has_files,
    read_location,
    write_location,
)
from weft.server.storage.metadata import MetadataStore, Transaction

_SETTING: Final = "files"


class _Location(BlobLocation, frozen=True):
    """A location with the data directory that had it first, for messages."""

    host: str = ""
    path: str = ""


def share_location(metadata: MetadataStore, folder: Path, files_url: str | None) -> None:
    """Have a data directory, `folder` being `DATA/blobs`, use the files of the other servers.

    Does nothing if the database has no points: it has one server. ConfigError if `files_url` names
    another bucket than the other servers use, or if the files are on another server's disk.
    """
    if not has_points(metadata):
        return
    own = read_location(folder)
    url = own.url if files_url is None else bucket_url(files_url)
    own_location = _Location(own.server, url, socket.gethostname(), str(folder))
    with metadata.write() as tx:
        text = metadata.settings.find_setting(tx, _SETTING)
        if text is None:
            write_location(folder, own)  # the name has to last
            _note(metadata, tx, own_location)
            return
        shared = msgspec.json.decode(text, type=_Location)
        if shared.server == own.server and url != shared.url:
            is_moved = own.url == url
            has_none = shared.url is None and not has_files(folder, own)
            if is_moved or has_none:
                metadata.settings.remove(tx, _SETTING)
                _note(metadata, tx, own_location)
                return
    if shared.server == own.server and shared.url is None:
        return
    if shared.url is None:
        raise ConfigError(
            f"the files of this metadata database are in {shared.path} on {shared.host}, which "
            "other servers don't reach: move them with `weft server move-files "
            "s3://BUCKET/PREFIX` and start that server again first",
            field="files_url",
        )
    if url not in {None, shared.url}:
        raise ConfigError(
            f"the files of this metadata database are at {shared.url}, not at {url}: start all of "
            f"its servers with --files-url {shared.url}"
        )
    if own.server != shared.server:
        if has_files(folder, own):
            raise ConfigError(
                f"the files of this metadata database are at {shared.url}, and {folder} has "
                "others: start the server with a new data directory"
            )
        write_location(folder, BlobLocation(shared.server, shared.url))


def _note(metadata: MetadataStore, tx: Transaction, location: _Location) -> None:
    metadata.settings.add_setting(tx, _SETTING, msgspec.json.encode(location).decode())
