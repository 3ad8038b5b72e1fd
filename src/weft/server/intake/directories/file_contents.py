"""Opens the files that logs in a followed directory announced. Used by `originals`. Does I/O.

Only what a script put into `RUN/files` is read: a regular file there, or a link there to a regular
file of the same user, as `save()` makes. A folder that is a link must not lead elsewhere.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from weft.errors import ConfigError
from weft.records.files.file_paths import check_file_path
from weft.server.services.stores import OriginalFile

# Without O_NONBLOCK, opening a named pipe would wait for a writer.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_original(directory: Path | None, file: OriginalFile) -> BinaryIO | None:
    """Open a file of a run's directory; None if it may not be read or has another size."""
    if directory is None:
        return None
    try:
        path = directory / "files" / check_file_path(file.path)
        folder = path.parent.resolve(strict=True)
        if not folder.is_relative_to(directory.resolve(strict=True) / "files"):
            return None
        target = folder / path.name
        is_link = target.is_symlink()
        opened = os.fdopen(os.open(target, _FLAGS), "rb", buffering=0)
    except (OSError, ConfigError):
        return None
    state = os.fstat(opened.fileno())
    is_own = not is_link or not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    if stat.S_ISREG(state.st_mode) and state.st_size == file.n_bytes and is_own:
        return opened
    opened.close()
    return None
