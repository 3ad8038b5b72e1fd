"""The addresses of files that are kept elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from weft.records.files.artifact_references import ARTIFACT_SCHEME
from weft.sdk.artifacts.remote.stores import is_known


def local_path(reference: str) -> Path | None:
    """The path that a reference `file://…` or a plain path names; None for other addresses.

    >>> local_path("file:///data/a%20b.csv").as_posix(), local_path("s3://bucket/key")
    ('/data/a b.csv', None)
    """
    parts = urlsplit(reference)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(reference) if "://" not in reference else None


def is_fetchable(reference: str) -> bool:
    """Whether a download fetches what a reference stands for.

    >>> is_fetchable("file:///data/a.csv"), is_fetchable("ftp://host/a.csv")
    (True, False)
    """
    is_here = local_path(reference) is not None
    return is_here or reference.startswith(ARTIFACT_SCHEME) or is_known(reference)
