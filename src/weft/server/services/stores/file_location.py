"""The bucket of the files of a metadata database that several servers use.

A bucket belongs to one server, by a random name in its data directory. Servers of one database
have this name and the address of the bucket from the database, so that each of them finds the
files of the others, also without the setting.
"""

from __future__ import annotations

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


def share_location(metadata: MetadataStore, folder: Path, files_url: str | None) -> None:
    """Have a data directory, `folder` being `DATA/blobs`, use the bucket of the other servers.

    Does nothing if the database has no points: it has one server. ConfigError if `files_url` names
    another bucket than that of the other servers.
    """
    if not has_points(metadata):
        return
    own = read_location(folder)
    url = own.url if files_url is None else bucket_url(files_url)
    with metadata.write() as tx:
        text = metadata.settings.find(tx, _SETTING)
        if text is None:
            if url is not None:
                write_location(folder, own)  # the name has to last
                _note(metadata, tx, BlobLocation(own.server, url))
            return
        shared = msgspec.json.decode(text, type=BlobLocation)
        if shared.server == own.server and own.url == url != shared.url:
            metadata.settings.remove(tx, _SETTING)  # the files were moved
            _note(metadata, tx, BlobLocation(own.server, url))
            return
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
        write_location(folder, shared)


def _note(metadata: MetadataStore, tx: Transaction, location: BlobLocation) -> None:
    metadata.settings.add(tx, _SETTING, msgspec.json.encode(location).decode())
