"""Moves this server's data to a new server. Called by `http.server.upkeep` and the command."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path

import msgspec

from weft.errors import Conflict
from weft.runlog.holder import TOKEN_NAME
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.migration.passes import Passes, read_only
from weft.server.services.migration.progress_record import ProgressRecord
from weft.server.services.migration.target import (
    OpenTarget,
    TargetSettings,
    check_database,
    check_target,
    read_target,
    refuse_other,
)
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.progress import Progress, unheard
from weft.server.services.upkeep.reports import MigrationReport
from weft.server.storage.metadata import n_rows_of


class MigrationService:
    """Moves all data to another data directory with its databases and bucket. Thread-safe."""

    def __init__(self, stores: Stores, data_dir: Path, metadata_url: str | None) -> None:
        self._stores = stores
        self._data_dir = data_dir
        self._metadata_url = metadata_url
        self._lock = threading.Lock()
        self._held = ExitStack()
        """The refusal of writes that lasts after the data have moved."""

    def migrate(
        self, actor: Actor, to: str, *, dry_run: bool = False, progress: Progress = unheard
    ) -> MigrationReport:
        """Copy everything while this server runs, then have writers wait, copy the rest, check it
        and hand over. Call it again after a kill or an error.

        Args:
            to: the data directory of the new server, on this machine. Its settings file says which
                databases and bucket it has.

        Raises:
            ConfigError: the target is this server, or its settings are invalid.
            Conflict: the target has data of its own, or a server runs there, or another migration
                runs here, or the data have moved elsewhere already.
            Damaged: contents are missing here, or both sides differ.
        """
        require(actor, Action.ADMIN, SERVER)
        target = read_target(Path(to))
        check_target(target, self._data_dir, self._metadata_url)
        if dry_run:
            check_database(target)
            return self._estimate(target)
        if not self._lock.acquire(blocking=False):
            raise Conflict("a migration of this server is under way")
        try:
            self._stores.audit.note_alone(actor, "export", "", f"migration to {to}")
            return self._migrate(target, progress)
        finally:
            self._lock.release()

    def _estimate(self, target: TargetSettings) -> MigrationReport:
        begin = time.monotonic()
        metadata = self._stores.metadata
        with metadata.snapshot() as tx:
            contents = list(metadata.contents.all_blobs(tx))
            n_rows = n_rows_of(tx)
            n_runs = metadata.runs.count(tx)
            n_projects = len(metadata.projects.row_ids(tx))
        return MigrationReport(
            to=str(target.data),
            dry_run=True,
            n_projects=n_projects,
            n_runs=n_runs,
            n_rows=n_rows,
            n_blobs=len(contents),
            n_bytes=sum(n_bytes for _, n_bytes in contents),
            n_points=0,
            is_complete=False,
            read_only_secs=0.0,
            secs=time.monotonic() - begin,
        )

    def _migrate(self, target: TargetSettings, progress: Progress) -> MigrationReport:
        begin = time.monotonic()
        refuse_other(self._stores.metadata, target)
        to = OpenTarget(target, self._stores.metadata, self._data_dir)
        try:
            if to.is_complete:
                return msgspec.structs.replace(
                    self._estimate(target), dry_run=False, is_complete=True
                )
            record = ProgressRecord(target.data, to.id)
            try:
                passes = Passes(self._stores, to, record, progress)
                passes.copy_live()
                read_only_secs = self._hand_over(to, passes)
            finally:
                record.close(remove=to.is_complete)
        finally:
            to.close()
        return MigrationReport(
            to=str(target.data),
            dry_run=False,
            n_projects=passes.n_projects,
            n_runs=passes.points.n_listed,
            n_rows=passes.n_rows,
            n_blobs=passes.n_blobs,
            n_bytes=passes.n_bytes,
            n_points=passes.points.n_points,
            is_complete=True,
            read_only_secs=read_only_secs,
            secs=time.monotonic() - begin,
        )

    def _hand_over(self, to: OpenTarget, passes: Passes) -> float:
        """Copy the rest while writers wait, who then wait for the new server; returns how long
        they have waited here.
        """
        moved = f"this server's data have moved to {to.path}, and its address has to: send again"
        begin = time.monotonic()
        with read_only(self._stores, "this server's data are being moved: send again") as stack:
            passes.copy_rest()
            token = (self._data_dir / TOKEN_NAME).read_text().strip()
            to.complete(token, self._secret(token))
            self._stores.metadata.refuse_writes(moved)
            self._held = stack.pop_all()
        return time.monotonic() - begin

    def _secret(self, token: str) -> str:
        """The secret of cookies and signed addresses; see `Credentials`."""
        metadata = self._stores.metadata
        with metadata.read() as tx:
            return metadata.settings.find_setting(tx, "secret") or token

    def close(self) -> None:
        """Let other processes write again, as this server ends."""
        self._held.close()
