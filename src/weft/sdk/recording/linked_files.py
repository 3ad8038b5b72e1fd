"""Files of artifacts that were linked, not copied: whether they are still what was logged.

Does I/O.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from weft.records.files.artifacts import MANIFEST_SUFFIX, ManifestEntry


class PlacedFile(NamedTuple):
    """A file at its path, whose entry has no hash yet.

    `changed_nanos` is when the file of a link was last changed. It is 0 for a copy: only weft has
    it, and its time may change as the run's directory is moved to another machine.
    """

    entry: ManifestEntry
    changed_nanos: int


class LinkedFiles(NamedTuple):
    """The files of one artifact that was logged, as they were then."""

    name: str
    folder: Path
    files: Sequence[PlacedFile]


def lost_artifacts(logged: Sequence[LinkedFiles]) -> Iterator[str]:
    """Yield a sentence for each artifact of which a file was changed before it was hashed."""
    for artifact in logged:
        manifest = artifact.folder.with_name(f"{artifact.folder.name}{MANIFEST_SUFFIX}")
        fault = None if manifest.exists() else _fault(artifact)
        if fault is not None:
            yield f"artifact {artifact.name} can't be stored: {fault}"


def _fault(logged: LinkedFiles) -> str | None:
    for entry, nanos in logged.files:
        try:
            status = os.stat(f"{logged.folder}{os.sep}{entry.path}")  # noqa: PTH116  many files
        except OSError:
            return f"{entry.path} was deleted before it could be read"
        if status.st_size != entry.n_bytes or nanos not in {0, status.st_mtime_ns}:
            return f"{entry.path} was changed after it was logged: log the artifact again"
    return None
