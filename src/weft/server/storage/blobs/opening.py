"""Opens the blob store of a data directory: on its own disk, or in a bucket. Does I/O.

    DATA/blobs/place.json         where the blobs are, and the server's random name
    s3://bucket/prefix/owner.json the name of the server whose files these are

A data directory knows where its files are, so that a start with another setting can't make them
disappear. A bucket knows its server: two servers would remove each other's files as unused.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError, Conflict, Damaged, Unavailable
from weft.runlog.private_files import make_private_folder, write_private
from weft.server.storage.blobs.contract import BlobStore
from weft.server.storage.blobs.local import LocalBlobStore
from weft.server.storage.blobs.s3 import S3BlobStore
from weft.server.storage.blobs.s3_bucket import S3Bucket, S3Fault, parsed_url
from weft.server.storage.blobs.shared_drafts import PieceList

_LOCATION: Final = "place.json"
_OWNER: Final = "owner.json"


class BlobLocation(msgspec.Struct, frozen=True):
    """The location of a server's blobs: its own disk if `url` is None.

    `server` is a random name of the server.
    """

    server: str
    url: str | None = None


class _Owner(msgspec.Struct, frozen=True):
    server: str
    note: str = "files of a weft server; they are named by their SHA-256"


def open_blob_store(
    folder: Path,
    url: str | None = None,
    *,
    gives_links: bool = False,
    pieces: PieceList | None = None,
) -> BlobStore:
    """Open the blob store of a data directory, `folder` being `DATA/blobs`.

    Without `url`, blobs are at their present location; for a new directory in `folder`. If
    `gives_links`, `BlobStore.link` returns addresses in the bucket. `pieces` are those that the
    servers of a bucket share.
    """
    location = read_location(folder)
    if url is None:
        bucket = None if location.url is None else S3Bucket(location.url)
    else:
        bucket = S3Bucket(url)
        if bucket.url != location.url:
            _check_free(folder, location, bucket.url)
    if bucket is None:
        return LocalBlobStore(folder)
    # Before the claim: a kill in between would leave a claim that no server knows as its own.
    write_location(folder, location)
    claim(bucket, location.server)
    write_location(folder, BlobLocation(location.server, bucket.url))
    return S3BlobStore(bucket, folder, gives_links=gives_links, pieces=pieces)


def open_other(folder: Path, url: str | None) -> BlobStore:
    """Open another place for the blobs of a data directory, `folder` if there is no URL, to copy
    them there.
    """
    if url is None:
        return LocalBlobStore(folder)
    bucket = S3Bucket(url)
    location = read_location(folder)
    write_location(folder, location)
    claim(bucket, location.server)
    return S3BlobStore(bucket, folder)


def bucket_url(url: str) -> str:
    """An address of a bucket in its plain form.

    >>> bucket_url("s3://lab-runs/weft/")
    's3://lab-runs/weft'
    """
    name, prefix = parsed_url(url)
    return f"s3://{name}/{prefix}" if prefix else f"s3://{name}"


def read_location(folder: Path) -> BlobLocation:
    """The location of the blobs of a data directory.

    Defaults to its own disk. Damaged if the note is malformed.
    """
    path = folder / _LOCATION
    try:
        return msgspec.json.decode(path.read_bytes(), type=BlobLocation)
    except FileNotFoundError:
        return BlobLocation(secrets.token_hex(16))
    except msgspec.DecodeError as error:
        raise Damaged(f"{path} is malformed: {error}; restore it from a backup") from None


def write_location(folder: Path, location: BlobLocation) -> None:
    """Store the location of the blobs of a data directory."""
    path = folder / _LOCATION
    content = msgspec.json.encode(location)
    make_private_folder(folder)
    if not path.exists() or path.read_bytes() != content:
        write_private(path, content)


def claim(bucket: S3Bucket, server: str) -> None:
    """Mark a bucket's prefix as a server's own; Conflict if it belongs to another server."""
    try:
        content = bucket.get(_OWNER)
        if content is None:
            if bucket.create(_OWNER, msgspec.json.encode(_Owner(server))):
                return
            content = bucket.get(_OWNER) or b""
    except S3Fault as fault:
        raise _with_remedy(fault, bucket) from fault
    try:
        owner = msgspec.json.decode(content, type=_Owner).server
    except msgspec.DecodeError:
        owner = ""
    if owner != server:
        raise Conflict(
            f"the files at {bucket.url} belong to another weft server: choose a prefix of its "
            f"own for this one; if that server no longer exists, delete {bucket.url}/{_OWNER} and "
            "try again"
        )


def has_owner(url: str) -> bool:
    """Whether a bucket's prefix is a server's own.

    ConfigError or Unavailable, with the remedy, if it can't be read.
    """
    bucket = S3Bucket(url)
    try:
        return bucket.get(_OWNER) is not None
    except S3Fault as fault:
        raise _with_remedy(fault, bucket) from fault


def has_files(folder: Path, location: BlobLocation) -> bool:
    """Whether the blobs of a data directory are on its own disk, and some are there."""
    if location.url is not None or not folder.exists():
        return False
    store = LocalBlobStore(folder)
    try:
        return next(store.list(), None) is not None
    finally:
        store.close()


def _check_free(folder: Path, location: BlobLocation, url: str) -> None:
    """Return if a server without files may begin to store them at `url`."""
    current = location.url or (str(folder) if has_files(folder, location) else None)
    if current is not None:
        raise ConfigError(
            f"this server's files are at {current}, not at {url}: leave the setting as it was, or "
            f"move them with: weft server move-files {url}"
        )


def _with_remedy(fault: S3Fault, bucket: S3Bucket) -> Exception:
    where = bucket.endpoint or "Amazon S3"
    if fault.kind == "missing":
        return ConfigError(
            f"no bucket {bucket.name!r} at {where}: create it, or correct the address {bucket.url}"
        )
    if fault.kind == "denied":
        return ConfigError(
            f"access to {bucket.url} at {where} is denied: set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY to a key that may read, write, list and delete there"
        )
    reason = str(fault.__cause__).strip().partition("\n")[0]
    if "169.254.169.254" in reason:  # where machines of Amazon ask for their role
        reason = "there is no key, and this machine has no role"
    return Unavailable(
        f"{bucket.url} can't be used at {where}: {reason}; set AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, AWS_REGION to the region of the bucket, and AWS_ENDPOINT_URL to "
        "the address of the S3 server if it is not Amazon's"
    )
