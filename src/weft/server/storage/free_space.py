"""Whether a disk has room for uploads."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

KEPT_BYTES: Final = 64 * 2**20
KEPT_PART: Final = 0.05
"""What a disk must have free, whichever is less: all of it is needed for rows, for the write-ahead
logs of databases, and to free space."""


def lack_of_space(folder: Path) -> str | None:
    """Why a folder's disk has no room for uploads; None if it has.

    Raises:
        OSError: the disk can't be asked.
    """
    usage = shutil.disk_usage(folder)
    wanted = min(KEPT_BYTES, int(usage.total * KEPT_PART))
    if usage.free >= wanted:
        return None
    return (
        f"the disk of the data directory is full: {usage.free // 1024:,} KB are free, and uploads "
        f"need {wanted // 1024:,} KB"
    )
