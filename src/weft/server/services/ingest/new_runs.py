"""Creates the runs of uploads that are the first of their run, many in one transaction.

Part of `services.ingest`. Each query serves all uploads of a transaction, because statements are
most of the cost when many small runs are sent at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from weft.errors import Gone
from weft.records.actions.activity import ActivityAction
from weft.records.colors import color_of_nth
from weft.records.limits import MAX_MICROS
from weft.records.names import name_from_id
from weft.records.record import Run
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.steps import Received
from weft.server.services.stores.activity import NEWS_MICROS
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import NewRun, RunRow, Transaction


class NewRuns:
    """Finds or creates the runs of some uploads, in the order of `firsts`.

    The uploads share a transaction at first; if that fails, each gets its own.
    """

    def __init__(self, stores: Stores, firsts: Sequence[Received]) -> None:
        self._stores = stores
        self._metadata = stores.metadata
        self._firsts = firsts
        self._transaction: Transaction | None = None
        self._created: dict[RunPath, RunRow] = {}

    def get_or_make(self, tx: Transaction, target: RunPath) -> tuple[RunRow, bool]:
        """The row of an upload's run, locked by the transaction, and whether it was created."""
        if self._transaction is not tx:
            is_shared = self._transaction is None
            self._transaction = tx
            self._created = self._make(
                tx, [first for first in self._firsts if is_shared or first.target == target]
            )
        created = self._created.pop(target, None)
        if created is not None:
            return created, True
        row = self._metadata.runs.get(tx, *target, for_update=True)
        if row is None:
            raise Gone(f"run {target} was deleted")
        return row, False

    def _make(self, tx: Transaction, firsts: Sequence[Received]) -> dict[RunPath, RunRow]:
        by_project: dict[ProjectPath, dict[str, Received]] = {}
        for first in firsts:
            in_project = by_project.setdefault(first.target.of_project, {})
            in_project.setdefault(first.target.run, first)
        rows_by_path: dict[RunPath, RunRow] = {}
        for project, in_project in by_project.items():
            runs = list(in_project)
            existing = self._metadata.runs.get_many(tx, *project, runs).keys()
            existing |= self._metadata.tombstones.find_many(tx, *project, runs).keys()
            absent = [first for run, first in in_project.items() if run not in existing]
            if absent:
                rows = self._make_in(tx, project, absent)
                rows_by_path.update((project.run(run), row) for run, row in rows.items())
        return rows_by_path

    def _make_in(
        self, tx: Transaction, project: ProjectPath, absent: Sequence[Received]
    ) -> dict[str, RunRow]:
        projects, arrived = self._metadata.projects, absent[0].arrived
        self._stores.room.check_new_runs(tx, project, len(absent))
        project_id = projects.make(tx, *project, arrived)
        first = projects.begin_runs(tx, project_id, len(absent), arrived)
        new = [_new_run(upload, color_of_nth(first + nth)) for nth, upload in enumerate(absent)]
        created = self._metadata.runs.create(tx, *project, project_id, new)
        by_action: dict[tuple[str | None, ActivityAction], list[str]] = {}
        for run, upload in zip(new, absent, strict=True):
            action: ActivityAction = "run.start" if _is_begun_now(run) else "run.upload"
            by_action.setdefault((upload.actor.user, action), []).append(run.run)
        for (user, action), runs in by_action.items():
            self._stores.activity.note_runs(tx, project_id, user, action, runs)
        return created


def _is_begun_now(run: NewRun) -> bool:
    """Whether a run started lately; another one is uploaded after it was recorded offline."""
    return run.state == "running" or run.arrived_micros - run.started_micros < NEWS_MICROS


def _new_run(first: Received, color: int) -> NewRun:
    upload, header = first.upload, first.upload.header
    record = next((decoded for _, decoded in upload.records if isinstance(decoded, Run)), None)
    anchor = header.wall_micros if header else record.start_micros if record else first.arrived
    ran_before = min(max(record.runtime_micros, 0), MAX_MICROS) if record else 0
    start = record.start_micros if record and record.start_micros else anchor
    if header is not None and header.parent_writer is not None:
        anchor = min(anchor, start)  # a log of a sidecar, begun later: its record has the script's
    offset = first.offset or 0
    return NewRun(
        first.target.run,
        name=name_from_id(first.target.run),
        state="running" if upload.live else "pending",
        arrived_micros=first.arrived,
        started_micros=start + offset,
        origin_micros=anchor + offset - ran_before,
        color=color,
        host=header.host if header and header.parent_writer is None else None,
    )
