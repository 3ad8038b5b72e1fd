"""Addresses of files of artifact versions, by which another artifact refers to them. Pure.

Such an address is `weft-artifact://entity/project/name:v3/images/a%20b.png`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from weft.records.artifacts import ArtifactPath, parse_artifact_path

ARTIFACT_SCHEME: Final = "weft-artifact://"
"""What such an address begins with."""


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

    Raises:
        ConfigError: it begins as such an address, and the rest is invalid.

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
