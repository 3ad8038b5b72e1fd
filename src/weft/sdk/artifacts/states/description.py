"""The description of an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from weft.errors import WrongType
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.value import json_safe


@dataclass
class Description:
    """The description of an artifact: its manifest, except the files. Its states hand it on.

    Attributes:
        ttl_secs: how long the version is kept, in seconds; 0 until it is deleted.
        is_incremental: whether the version also has the files of the newest one before it.
        distributed_id: the id that the parts of the version share.
    """

    name: str
    type: str
    text: str = ""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    tags: list[str] = field(default_factory=list[str])
    ttl_secs: int = 0
    is_incremental: bool = False
    distributed_id: str | None = None

    def manifest(self, entries: list[ManifestEntry]) -> Manifest:
        """Return the manifest with these files."""
        return Manifest(
            entries=entries,
            description=self.text,
            metadata=json_safe(self.metadata),
            tags=self.tags,
            ttl_secs=self.ttl_secs,
            is_incremental=self.is_incremental,
        )

    def metadata_json(self) -> bytes | None:
        """Return the metadata as JSON with sorted keys; None if JSON can't hold it."""
        try:
            return msgspec.json.encode(json_safe(self.metadata), order="deterministic")
        except (TypeError, ValueError):
            return None


def checked_metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata as a dict; WrongType if JSON can't hold it."""
    try:
        msgspec.json.encode(json_safe(dict(values)))
    except (TypeError, ValueError) as error:
        raise WrongType(f"metadata must be a dict that JSON can hold: {error}") from None
    return dict(values)
