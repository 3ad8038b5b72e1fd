"""The folder of the embedded engine's files: one per store, named after it. Does I/O."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from weft.runlog.private_files import make_private_folder

_SUFFIXES: Final = ("-wal", "-shm", "")


class MetricFolder:
    """Finds the files of stores. It is created if it is missing."""

    def __init__(self, directory: Path) -> None:
        make_private_folder(directory)
        self._directory = directory

    def names(self) -> list[str]:
        """See `MetricEngine.names`."""
        return sorted(path.stem for path in self._directory.glob("*.db"))

    def path_of(self, name: str) -> Path:
        """The file of a store, which may be missing."""
        return self._directory / f"{name}.db"

    def n_bytes(self, name: str) -> int:
        """See `MetricEngine.n_bytes`."""
        return sum(file.stat().st_size for file in self._files(name) if file.exists())

    def remove(self, name: str) -> None:
        """See `MetricEngine.remove`."""
        # The main file is removed last: while it exists, a restart finds and removes the rest.
        for file in self._files(name):
            file.unlink(missing_ok=True)

    def _files(self, name: str) -> list[Path]:
        path = self.path_of(name)
        return [path.with_name(path.name + suffix) for suffix in _SUFFIXES]
