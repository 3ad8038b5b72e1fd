"""Copies the contents of files between blob stores, each checked by its hash. Does I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from weft.errors import Damaged
from weft.server.services.upkeep.moving_files import ContentCopy
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.storage.blobs.contract import BlobInfo, BlobStore

_NAMED: Final = 3
"""The most contents that an error names."""


class ContentMove:
    """Copies what a metadata database names and the target lacks, over several passes."""

    def __init__(self, source: BlobStore, target: BlobStore, progress: Progress) -> None:
        self._copy = ContentCopy(source, target)
        self._progress = progress
        self._present = {info.sha256: info.n_bytes for info in target.list()}

    def copy(self, contents: Iterable[tuple[str, int]], *, is_final: bool) -> None:
        """Copy contents, by hash and size.

        In a pass that is not final, contents that were deleted meanwhile are skipped.

        Raises:
            Damaged: contents are missing or damaged, in the final pass.
        """
        lacking = [BlobInfo(*info) for info in contents if self._present.get(info[0]) != info[1]]
        phase = Phase(self._progress, "files", sum(info.n_bytes for info in lacking))
        self._copy.damaged.clear()
        self._copy.copy(lacking, phase)
        phase.end()
        damaged = set(self._copy.damaged)
        self._present.update(
            (info.sha256, info.n_bytes) for info in lacking if info.sha256 not in damaged
        )
        if damaged and is_final:
            names = ", ".join(sorted(damaged)[:_NAMED])
            raise Damaged(
                f"{len(damaged):,} contents of files are missing or damaged: {names}; "
                "`weft server check` names their files; restore them, or delete these files"
            )
