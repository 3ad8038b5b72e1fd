"""Exports a project to one file and imports it again. Called by `http.projects.archive`."""

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
from weft.server.services.stores.storage_room import StorageRoom
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.progress import Progress, unheard

SPOOL_NAME: Final = "imports"

MAX_ARCHIVE_BYTES: Final = 4 * 2**40
"""Largest archive that is accepted: about the size of a disk."""


class ArchiveService:
    """Exports and imports projects.

    Thread-safe. Archives are in `data_dir` while they are imported.
    """

    def __init__(self, stores: Stores, data_dir: Path, version: str) -> None:
        self._stores = stores
        self._data_dir = data_dir
        self._version = version
        self._importing = threading.Lock()
        # Remove partial uploads of a killed server; only one server uses the data directory.
        shutil.rmtree(data_dir / SPOOL_NAME, ignore_errors=True)

    def export(self, actor: Actor, path: ProjectPath) -> Generator[bytes, None, None]:
        """Stream an archive of a project's current state; see `weft docs archive-format`."""
        require(actor, Action.READ, path)
        self._stores.find_project(path)
        self._stores.audit.note_alone(actor, "export", path.entity, path)
        return write_archive(self._stores, path, version=self._version)

    def spool(self, actor: Actor, to: ProjectPath | None) -> Spool:
        """Make a file for an archive that is being uploaded, to be imported into `to`."""
        require(actor, Action.READ if to is None else Action.WRITE, to or SERVER)
        return Spool(self._data_dir / SPOOL_NAME, self._stores.room)

    def import_(
        self,
        actor: Actor,
        path: Path,
        to: ProjectPath | None = None,
        *,
        skip_existing: bool = False,
        progress: Progress = unheard,
    ) -> ImportReport:
        """Import an archive, all or nothing; see `import_archive`.

        Conflict while another import runs.
        """
        require(actor, Action.READ if to is None else Action.WRITE, to or SERVER)
        if not self._importing.acquire(blocking=False):
            raise Conflict("another archive is being imported; try again when it is done")
        try:
            report = import_archive(
                self._stores,
                actor,
                path,
                to,
                skip_existing=skip_existing,
                progress=progress,
            )
        except OSError as error:
            raise Unavailable(f"the archive can't be imported: {error}") from error
        finally:
            self._importing.release()
        project = ProjectPath(report.entity, report.project)
        after = {"n_runs": report.n_runs, "n_versions": report.n_versions}
        self._stores.audit.note_alone(actor, "import", project.entity, project, after)
        return report


class Spool:
    """A temporary file for an archive that is being uploaded. `close` removes it."""

    def __init__(self, folder: Path, room: StorageRoom) -> None:
        self._room = room
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = tempfile.TemporaryDirectory(dir=folder)
            self.path = Path(self._folder.name) / "archive.zip"
            self._file = self.path.open("wb")
        except OSError as error:
            raise Unavailable(f"nothing can be imported: {error}") from error
        self._n_bytes = 0

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes, at most `MAX_ARCHIVE_BYTES` in all. StorageFull if the disk has no room."""
        self._n_bytes += len(data)
        if self._n_bytes > MAX_ARCHIVE_BYTES:
            raise LimitExceeded(f"archive of more than {MAX_ARCHIVE_BYTES} bytes")
        self._room.check_disk(len(data))
        try:
            self._file.write(data)
        except OSError as error:
            raise Unavailable(f"the archive can't be received: {error}") from error

    def end(self) -> None:
        """Finish the upload."""
        try:
            self._file.close()
        except OSError as error:
            raise Unavailable(f"the archive can't be received: {error}") from error

    def close(self) -> None:
        """Remove the file. May be called again."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._folder.cleanup()
