"""Manifests in W&B's form, which list the files of a version with the MD5 of each. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import ConfigError, NotFound
from weft.records.files.artifact_references import (
    address_of_object_version,
    parse_file_address,
    split_object_version,
)
from weft.records.files.artifacts import ArtifactPath
from weft.wandb_gateway.ids import make_id

WANDB_SCHEME: Final = "wandb-artifact://"
"""The scheme of a file in another artifact; the hex of its id and a path follow."""


class Entry(msgspec.Struct, omit_defaults=True):
    """A file.

    Attributes:
        digest: the MD5 of its content in Base64; of a reference what its place says of it.
        ref: the address of a file that is kept elsewhere.
    """

    digest: str
    size: int | None = None
    ref: str | None = None
    birthArtifactID: str | None = None
    extra: dict[str, Any] | None = None
    skip_cache: bool | None = None
    local_path: str | None = None


class WandbManifest(msgspec.Struct):
    """All files of a version, or those that an incremental one adds."""

    contents: dict[str, Entry]
    version: int = 1
    storage_policy: str = msgspec.field(name="storagePolicy", default="wandb-storage-policy-v1")
    storage_policy_config: dict[str, Any] = msgspec.field(
        name="storagePolicyConfig", default_factory=lambda: {"storageLayout": "V2"}
    )


_decode: Final = msgspec.json.Decoder(WandbManifest).decode
encode_manifest: Final = msgspec.json.Encoder().encode


def decode_manifest(data: bytes) -> WandbManifest:
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ConfigError(f"the manifest is invalid: {error}", field="manifest") from None


def digest_of_entries(entries: Iterable[tuple[str, str]]) -> str:
    """The digest that the client computes from the paths and digests of all files.

    >>> digest_of_entries([("a.txt", "rL0Y20zC+Fzt72VPzMSk2A==")])
    '39f368982884970fcee629745489cd52'
    """
    hasher = hashlib.md5(b"wandb-artifact-manifest-v1\n", usedforsecurity=False)
    for path, digest in sorted(entries):
        hasher.update(f"{path}:{digest}\n".encode())
    return hasher.hexdigest()


def md5_text(digest: bytes) -> str:
    """An MD5, as manifests write it."""
    return base64.b64encode(digest).decode()


def hex_of_md5(text: str) -> str:
    """An MD5 of a manifest in hexadecimal, as addresses have it; '' for other checksums.

    >>> hex_of_md5("rL0Y20zC+Fzt72VPzMSk2A==")
    'acbd18db4cc2f85cedef654fccc4a4d8'
    """
    try:
        return base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""


class FileInArtifact(NamedTuple):
    """A file in another artifact, by the id of its version."""

    version_id: str
    path: str


def file_in_address(address: str) -> FileInArtifact | None:
    """The file in another artifact that an address names; None if it names none.

    >>> file_in_address("wandb-artifact://616263/a/b.txt")
    FileInArtifact(version_id='YWJj', path='a/b.txt')
    """
    if not address.startswith(WANDB_SCHEME):
        return None
    hexed, _, path = address.removeprefix(WANDB_SCHEME).partition("/")
    try:
        return FileInArtifact(base64.b64encode(binascii.unhexlify(hexed)).decode(), path)
    except (binascii.Error, ValueError):
        raise NotFound(f"{address[:200]!r} names no artifact") from None


def address_for_wandb(address: str) -> str:
    """The address of a file in another artifact as the client reads it; others stay the same."""
    try:
        target = parse_file_address(address)
    except ConfigError:  # it only looks like one
        return address
    if target is None:
        return address
    version, path = target
    return f"{WANDB_SCHEME}{base64.b64decode(version_id(version)).hex()}/{path}"


def address_with_version(ref: str, extra: dict[str, Any] | None) -> str:
    """The address of a reference, with the version of the object that the client noted apart.

    >>> address_with_version("s3://bucket/key", {"etag": "e", "versionID": "3HL4kqtJ"})
    's3://bucket/key?versionId=3HL4kqtJ'
    """
    version = (extra or {}).get("versionID")
    return address_of_object_version(ref, str(version)) if version else ref


class ReferenceEntry(NamedTuple):
    """The address of a reference as the client reads it, and what it notes apart from it."""

    ref: str
    extra: dict[str, Any] | None


def reference_entry(address: str, checksum: str) -> ReferenceEntry:
    """The entry of a reference in a manifest of the client.

    >>> reference_entry("gs://bucket/key#1360887759327000", "")
    ReferenceEntry(ref='gs://bucket/key', extra={'versionID': '1360887759327000'})
    >>> reference_entry("https://example.org/a.csv", "").extra
    """
    ref, version = split_object_version(address_for_wandb(address))
    extra: dict[str, Any] = {"versionID": version} if version else {}
    if checksum and ref.startswith("s3://"):
        # Without a version, the client looks for one with this ETag.
        extra["etag"] = checksum
    return ReferenceEntry(ref, extra or None)


def version_id(version: ArtifactPath) -> str:
    """The id of a stored version."""
    return make_id("Artifact", "v1", version.name, version.ref, version.project, version.entity)
