"""Copies everything in passes, all but the last of them while the source takes uploads. Does I/O.

A pass writes to the target what it lacks, so the last one has little to do. First come the rows
of the metadata (users, teams, keys, settings, runs), then contents of files, then points.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Final

from weft.errors import Damaged, Gone
from weft.server.services.migration.contents import ContentMove
from weft.server.services.migration.points import PointCopy
from weft.server.services.migration.progress_record import ProgressRecord
from weft.server.services.migration.target import OWN_SETTINGS, OpenTarget
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.storage.metadata import Transaction, copy_tables

_MOST_LIVE_PASSES: Final = 5
_SHORT_PASS_SECS: Final = 2.0


class Passes:
    """The passes of one start of a migration.

    Attributes:
        n_rows: rows of the metadata in the last pass.
        n_blobs, n_bytes: contents of files that the metadata named in the last pass.
        n_projects: projects of the last pass.
    """

    def __init__(
        self, stores: Stores, target: OpenTarget, record: ProgressRecord, progress: Progress
    ) -> None:
        self._stores = stores
        self._target = target.storage
        self._progress = progress
        self._contents = ContentMove(stores.blobs.store, self._target.blobs, progress)
        self.points = PointCopy(stores.metrics, self._target.metrics, record, progress)
        self.n_rows = self.n_blobs = self.n_bytes = self.n_projects = 0

    def copy_live(self) -> None:
        """Repeat passes until one is short; uploads continue meanwhile."""
        for _ in range(_MOST_LIVE_PASSES):
            begin = time.monotonic()
            self._copy(is_final=False)
            if time.monotonic() - begin < _SHORT_PASS_SECS:
                return

    def copy_rest(self) -> None:
        """Copy what is left and check all rows and contents; the caller holds `read_only`. Damaged
        if the source lacks contents, or both sides differ.
        """
        self._copy(is_final=True)
        phase = Phase(self._progress, "comparing")
        with self._stores.metadata.snapshot() as tx:
            changes = copy_tables(
                tx, self._target.metadata, phase.advance, own_settings=OWN_SETTINGS, dry_run=True
            )
        phase.end()
        if changes.n_changed:
            raise Damaged(
                f"{changes.n_changed:,} rows of the metadata differ after they were copied"
            )

    def _copy(self, *, is_final: bool) -> None:
        with self._stores.metadata.snapshot() as tx:
            project_ids = self._copy_metadata(tx)
            contents = list(self._stores.metadata.contents.all_blobs(tx))
        self._contents.copy(contents, is_final=is_final)
        self.n_blobs, self.n_bytes = len(contents), sum(n_bytes for _, n_bytes in contents)
        self.points.copy_projects(project_ids, compacts=not is_final)
        self.n_projects = len(project_ids)

    def _copy_metadata(self, tx: Transaction) -> list[int]:
        phase = Phase(self._progress, "metadata")
        changes = copy_tables(tx, self._target.metadata, phase.advance, own_settings=OWN_SETTINGS)
        phase.end()
        self.n_rows = changes.n_rows
        return sorted(self._stores.metadata.projects.row_ids(tx))


@contextmanager
def read_only(stores: Stores, reason: str) -> Generator[ExitStack]:
    """Have all writers wait while the block runs: they are told to try again.

    Yields the stack that ends it; a caller may keep it with `pop_all`.
    """
    metadata = stores.metadata
    with ExitStack() as stack:
        # New runs are rows of the metadata, so that after this no run begins.
        stack.callback(metadata.accept_writes)
        metadata.refuse_writes(reason)
        with metadata.read() as tx:
            names = {
                project_id: metadata.tombstones.expected_runs(tx, project_id)
                for project_id in sorted(metadata.projects.row_ids(tx))
            }
        for project_id, runs in names.items():
            if runs:
                try:
                    store = stack.enter_context(stores.metrics.use(project_id))
                except Gone:
                    continue
                stack.enter_context(store.freeze_runs(sorted(runs)))
        yield stack
