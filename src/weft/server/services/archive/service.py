"""A project out as one file, and in again. Asked by `http.archive`."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Final

from weft.errors import Conflict, LimitExceeded, Unavailable
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.archive.export import write_archive
from weft.server.services.archive.importing import ImportReport, import_archive
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.progress import Progress, unheard

SPOOL_NAME: Final = "imports"

MAX_ARCHIVE_BYTES: Final = 4 * 2**40
"""Largest archive that is taken: as much as a disk holds."""


class ArchiveService:
    """Exports and imports projects. Thread-safe.

    Args:
        data_dir: archives lie in it while they are imported.
        version: weft's, for manifests.
    """

    def __init__(self, stores: Stores, data_dir: Path, version: str) -> None:
        self._stores = stores
        self._data_dir = data_dir
        self._version = version
        self._importing = threading.Lock()
        # What a kill left of archives on their way in; nobody else has the directory.
        shutil.rmtree(data_dir / SPOOL_NAME, ignore_errors=True)

    def export(self, actor: Actor, path: ProjectPath) -> Generator[bytes, None, None]:
        """An archive of a project as it is now, in pieces; see `weft docs archive-format`.

        Raises:
            NotFound: there is no such project.
            Unavailable: the content of a file is missing.
        """
        require(actor, Action.READ, path)
        return write_archive(self._stores, path, version=self._version)

    def spool(self, actor: Actor) -> Spool:
        """A file for an archive on its way in.

        Raises:
            Unavailable: nothing can be written.
        """
        require(actor, Action.WRITE, SERVER)
        return Spool(self._data_dir / SPOOL_NAME)

    def import_(
        self,
        actor: Actor,
        path: Path,
        to: ProjectPath | None = None,
        *,
        skip_existing: bool = False,
        progress: Progress = unheard,
    ) -> ImportReport:
        """Import an archive, whole or not at all; see `import_archive`.

        Raises:
            Conflict: another import is under way.
        """
        require(actor, Action.WRITE, SERVER)
        if not self._importing.acquire(blocking=False):
            raise Conflict("another archive is being imported; try again when it is done")
        try:
            return import_archive(
                self._stores,
                path,
                to,
                skip_existing=skip_existing,
                progress=progress,
            )
        except OSError as error:
            raise Unavailable(f"the archive can't be imported: {error}") from error
        finally:
            self._importing.release()


class Spool:
    """A file of its own for an archive that is being received; gone after `close`.

    Attributes:
        path: of the file.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = tempfile.TemporaryDirectory(dir=folder)
            self.path = Path(self._folder.name) / "archive.zip"
            self._file = self.path.open("wb")
        except OSError as error:
            raise Unavailable(f"nothing can be imported: {error}") from error
        self._n_bytes = 0

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            LimitExceeded: it is larger than any archive.
            Unavailable: the disk takes no more.
        """
        self._n_bytes += len(data)
        if self._n_bytes > MAX_ARCHIVE_BYTES:
            raise LimitExceeded(f"archive of more than {MAX_ARCHIVE_BYTES} bytes")
        try:
            self._file.write(data)
        except OSError as error:
            raise Unavailable(f"the archive can't be received: {error}") from error

    def end(self) -> None:
        """All bytes have come."""
        try:
            self._file.close()
        except OSError as error:
            raise Unavailable(f"the archive can't be received: {error}") from error

    def close(self) -> None:
        """Remove the file. May be repeated."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._folder.cleanup()
