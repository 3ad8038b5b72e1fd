"""Addresses of files that artifacts refer to. Pure.

A file of another version is at `weft-artifact://entity/project/name:v3/images/a%20b.png`. Of an
object in a bucket, the address may name a version: `s3://bucket/key?versionId=3HL4kqtJ`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from weft.records.files.artifacts import ArtifactPath, parse_artifact_path

ARTIFACT_SCHEME: Final = "weft-artifact://"
"""The start of the address of a version's file."""

_S3_VERSION: Final = "?versionId="
_GCS_SCHEME: Final = "gs://"
_GCS_VERSION: Final = "#"


def files_address(entity: str, project: str, name: str) -> str:
    """The beginning of the addresses of all files in the versions of a collection.

    >>> files_address("lab", "digits", "mnist")
    'weft-artifact://lab/digits/mnist:'
    """
    return f"{ARTIFACT_SCHEME}{entity}/{project}/{name}:"


def file_address(version: ArtifactPath, path: str) -> str:
    """The address of a file of a stored version.

    >>> file_address(ArtifactPath("lab", "digits", "mnist", "v3"), "a b.png")
    'weft-artifact://lab/digits/mnist:v3/a%20b.png'
    """
    return f"{ARTIFACT_SCHEME}{version}/{quote(path)}"


def parse_file_address(address: str) -> tuple[ArtifactPath, str] | None:
    """The version and the path that an address names; None if it is another kind of address.

    >>> parse_file_address("weft-artifact://lab/digits/mnist:v3/a%20b.png")[1]
    'a b.png'
    >>> parse_file_address("s3://bucket/key") is None
    True
    """
    if not address.startswith(ARTIFACT_SCHEME):
        return None
    entity, _, rest = address.removeprefix(ARTIFACT_SCHEME).partition("/")
    project, _, rest = rest.partition("/")
    name, _, path = rest.partition("/")
    return parse_artifact_path(f"{entity}/{project}/{name}"), unquote(path)


def address_of_object_version(address: str, version: str) -> str:
    """The address of one version of an object in a bucket, as the tools of its service write it.

    >>> address_of_object_version("s3://bucket/key", "3HL4kqtJ")
    's3://bucket/key?versionId=3HL4kqtJ'
    >>> address_of_object_version("gs://bucket/key", "1360887759327000")
    'gs://bucket/key#1360887759327000'
    """
    mark = _GCS_VERSION if address.startswith(_GCS_SCHEME) else _S3_VERSION
    return f"{address}{mark}{quote(version)}"


def split_object_version(address: str) -> tuple[str, str]:
    """The address of an object without its version, and the version; '' if it names none.

    >>> split_object_version("s3://bucket/key?versionId=3HL4kqtJ")
    ('s3://bucket/key', '3HL4kqtJ')
    >>> split_object_version("s3://bucket/key#1")
    ('s3://bucket/key#1', '')
    """
    is_gcs = address.startswith(_GCS_SCHEME)
    plain, mark, version = address.rpartition(_GCS_VERSION if is_gcs else _S3_VERSION)
    if not mark or not version or (is_gcs and not version.isdecimal()):
        return address, ""
    return plain, unquote(version)
