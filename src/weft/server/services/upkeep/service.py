"""Maintenance of a running server. Called by `http.server.upkeep` and the commands."""

from __future__ import annotations

from pathlib import Path

from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.backup import check_destination, make_backup
from weft.server.services.upkeep.check import check_server
from weft.server.services.upkeep.gc import collect_garbage
from weft.server.services.upkeep.progress import Progress, unheard
from weft.server.services.upkeep.reports import BackupReport, CheckReport, GcReport


class UpkeepService:
    """Frees unused data, checks and backs up. Thread-safe; each call may take long."""

    def __init__(self, stores: Stores, data_dir: Path, version: str) -> None:
        self._stores = stores
        self._data_dir = data_dir
        self._version = version

    def gc(self, actor: Actor, *, dry_run: bool = False, progress: Progress = unheard) -> GcReport:
        """Free unused data; see `upkeep.gc`."""
        require(actor, Action.ADMIN, SERVER)
        return collect_garbage(self._stores, dry_run=dry_run, progress=progress)

    def check(self, actor: Actor, *, progress: Progress = unheard) -> CheckReport:
        """Check every byte; see `upkeep.check`."""
        require(actor, Action.ADMIN, SERVER)
        return check_server(self._stores, progress)

    def check_destination(self, actor: Actor, destination: str) -> None:
        """Return if a backup can be made in `destination`."""
        require(actor, Action.ADMIN, SERVER)
        check_destination(self._data_dir, Path(destination))

    def backup(
        self, actor: Actor, destination: str, *, progress: Progress = unheard
    ) -> BackupReport:
        """Make a backup in a new folder of `destination`, a path on the server's machine."""
        require(actor, Action.ADMIN, SERVER)
        self._stores.audit.note_alone(actor, "export", "", f"backup to {destination}")
        return make_backup(
            self._stores,
            self._data_dir,
            Path(destination),
            version=self._version,
            progress=progress,
        )
