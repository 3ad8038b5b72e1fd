"""Imports an archive, all or nothing. Does I/O through the stores.

The order ensures that a fault or a kill at any moment leaves nothing visible to users:
    1. Check the whole archive (`opening`), and find the runs that already exist.
    2. Record the start of the import in metadata (`setting`). A new project is concealed in the
       trash.
    3. Write rows to the metric file, under names that no run can have, and file contents to the
       blobs.
    4. Write runs to metadata, in slices. They are concealed in the trash, too.
    5. In one transaction, reveal all of them, write artifacts, sweeps and reports, and record
       that step 6 is due.
    6. Give the metric file's runs their names.
At the next start `finish_imports` does step 6 if step 5 was done, and otherwise undoes the rest.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from weft.errors import CorruptLog, WeftError
from weft.records.ids import check_name
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.archive.artifacts_in import ArtifactsIn
from weft.server.services.archive.format import RUNS_NAME, HistoryRecord
from weft.server.services.archive.history_in import SegmentReader, WriterRows
from weft.server.services.archive.lines import at_line, check_existing, find_existing
from weft.server.services.archive.opening import OpenArchive, open_archive
from weft.server.services.archive.reports_in import ReportsIn
from weft.server.services.archive.runs_in import RunsIn, parse_run
from weft.server.services.archive.sweeps_in import SweepsIn
from weft.server.services.projects.views import check_archived
from weft.server.services.removal.purging import purge_project, purge_runs
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.stores.duties import IMPORTS
from weft.server.services.stores.referenced_blobs import Hold, NewContents
from weft.server.services.stores.storage_room import Arrival
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.projection import project_summaries, resume_dirty_runs
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.storage.contract import Batch, MetricStore
from weft.server.storage.metadata import PERMANENT, ImportMark

_RUNS_AT_ONCE: Final = 50
_POINTS_AT_ONCE: Final = 500_000


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an import."""

    entity: str
    project: str
    n_runs: int
    n_skipped: int
    n_points: int
    n_versions: int
    n_sweeps: int
    n_reports: int
    n_blobs: int
    secs: float


def import_archive(
    stores: Stores,
    actor: Actor,
    path: Path,
    to: ProjectPath | None,
    *,
    skip_existing: bool,
    progress: Progress,
) -> ImportReport:
    """Import an archive, into the project that it came from if `to` is None."""
    begin = time.monotonic()
    with open_archive(path) as archive, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        manifest = archive.manifest
        to = (to or ProjectPath(actor.named(manifest.entity), manifest.project)).check()
        require(actor, Action.WRITE, to)
        n_unpacked_bytes = sum(entry.n_bytes for entry in manifest.entries.values())
        stores.room.check_disk(n_unpacked_bytes)
        phase = Phase(progress, "archive", n_unpacked_bytes)
        archive.check_contents(phase)
        phase.end()
        work = _Import(stores, archive, to, Path(folder), progress)
        work.check(skip_existing=skip_existing)
        with stores.duties.alone(IMPORTS), stores.room.arrival(to) as arrival:
            n_bytes = work.carry_out(arrival)
            arrival.release(n_bytes)
        return ImportReport(
            entity=to.entity,
            project=to.project,
            n_runs=work.n_runs,
            n_skipped=work.n_skipped,
            n_points=work.n_points,
            n_versions=work.artifacts.n_versions,
            n_sweeps=work.sweeps.n_sweeps,
            n_reports=work.reports.n_reports,
            n_blobs=len(work.blobs),
            secs=time.monotonic() - begin,
        )


class _Import:
    def __init__(
        self,
        stores: Stores,
        archive: OpenArchive,
        path: ProjectPath,
        folder: Path,
        progress: Progress,
    ) -> None:
        self._stores = stores
        self._archive = archive
        self._path = path
        self._folder = folder
        self._progress = progress
        self._left_out: set[str] = set()
        self._names: list[str] = []
        self._hidden: list[str] = []
        self._runs = RunsIn(archive)
        self.artifacts = ArtifactsIn(archive)
        self.sweeps = SweepsIn(archive)
        self.reports = ReportsIn(archive)
        self.blobs: dict[str, int] = {}
        self.n_runs = 0
        self.n_skipped = 0
        self.n_points = 0

    # Checks, which write nothing

    def check(self, *, skip_existing: bool) -> None:
        """Check the lines, and find the runs, artifacts, sweeps and reports that already
        exist.
        """
        self._runs.check()
        self.artifacts.check()
        self.sweeps.check()
        self.reports.check()
        existing = self._existing(self._runs.shown)
        check_existing("runs", existing, self._path, skip_existing=skip_existing)
        self.artifacts.find_existing(self._stores, self._path, skip_existing=skip_existing)
        self.sweeps.find_existing(self._stores, self._path, skip_existing=skip_existing)
        self.reports.find_existing(self._stores, self._path, skip_existing=skip_existing)
        self._left_out = existing | self._existing(self._runs.hidden)
        self._names = [name for name in self._runs.shown if name not in existing]
        self._hidden = [name for name in self._runs.hidden if name not in self._left_out]
        self.n_runs, self.n_skipped = len(self._names), len(existing)

    def _existing(self, names: list[str]) -> set[str]:
        rows = self._stores.metadata.trash
        return find_existing(
            self._stores,
            self._path,
            lambda tx, project_id: rows.all_rows(tx, project_id, names),
        )

    # Writes

    def carry_out(self, arrival: Arrival) -> int:
        """Write the import; undo it on any error. Returns the bytes that it takes."""
        self.blobs = self._needed_blobs()
        n_blob_bytes = sum(self.blobs.values())
        arrival.check(n_blob_bytes)
        with self._stores.blobs.hold_everywhere() as hold:
            return n_blob_bytes + self._write(arrival, n_blob_bytes, hold)

    def _write(self, arrival: Arrival, n_blob_bytes: int, hold: Hold) -> int:
        """Write the import; undo it on any error. Returns the bytes that its history takes."""
        mark = self._begin()
        metrics = self._stores.metrics
        n_bytes = 0
        n_bytes_before = metrics.file_bytes(mark.project_id)
        try:
            with metrics.use(mark.project_id) as store:
                for _ in self._put_history(mark, store):
                    n_bytes = max(metrics.file_bytes(mark.project_id) - n_bytes_before, 0)
                    # The blobs come later, so the disk is to have room for them, too.
                    arrival.check(n_blob_bytes + n_bytes, n_received=n_bytes)
                self._put_blobs()
                self._put_runs(mark)
                store.hide_runs([*map(mark.draft, self._names), *map(mark.draft, self._hidden)])
                hold.check()
                self._show(mark, store)
        except BaseException:
            _undo(self._stores, mark)
            self._stores.blobs.drop(self.blobs)
            raise
        # The archive's summaries may lack what was logged just before it was made.
        resume_dirty_runs(self._stores, mark.project_id)
        project_summaries(self._stores, at_end=True)
        return n_bytes

    def _begin(self) -> ImportMark:
        metadata = self._stores.metadata
        with metadata.write() as tx:
            project_id = metadata.projects.find_project(tx, *self._path)
            is_new = project_id is None
            if project_id is None:
                now = self._stores.now()
                project_id = metadata.projects.make(tx, *self._path, now)
                metadata.imports.conceal_project(tx, project_id)
            mark = ImportMark(secrets.token_hex(8), project_id, is_new=is_new)
            metadata.imports.put(tx, mark)
        return mark

    def _put_history(self, mark: ImportMark, store: MetricStore) -> Iterator[None]:
        """Write rows and console lines; yields after each segment."""
        segments = self._archive.segments()
        phase = Phase(self._progress, "points", self._archive.manifest.n_points)
        with closing(SegmentReader(self._folder)) as reader:
            for names in segments.values():
                paths = {table: self._folder / f"{table}.parquet" for table in names}
                for table, name in names.items():
                    self._archive.extract(name, paths[table])
                if "points" in paths and "rows" not in paths:
                    raise CorruptLog("the archive is damaged: points without rows")
                if "rows" in paths:
                    spans = reader.rows(paths["rows"], paths.get("points"))
                    self._append(mark, store, spans, phase)
                if "console" in paths:
                    for run, writer, lines in reader.console(paths["console"]):
                        if self._is_imported(run):
                            batch = self._batch(mark, run, writer)
                            batch.console = lines
                            store.append([batch])
                yield
        phase.end()
        self.n_points = phase.n_done
        for line in self._archive.lines(RUNS_NAME):
            name, history, _ = parse_run(line)
            if history is not None and self._is_imported(name):
                store.append(self._ends(mark, name, history))

    def _append(
        self, mark: ImportMark, store: MetricStore, spans: Iterator[WriterRows], phase: Phase
    ) -> None:
        waiting: list[Batch] = []
        n_points = 0
        for span in spans:
            if not self._is_imported(span.run):
                continue
            batch = self._batch(mark, span.run, span.writer)
            batch.rows = span.rows
            batch.system = span.system
            batch.offset_micros = span.offset
            waiting.append(batch)
            n_points += sum(
                len(column.values) for columns in span.rows.columns.values() for column in columns
            )
            if n_points >= _POINTS_AT_ONCE:
                store.append(waiting)
                phase.advance(n_points)
                waiting, n_points = [], 0
        if waiting:
            store.append(waiting)
            phase.advance(n_points)

    def _is_imported(self, run: str) -> bool:
        if run not in self._runs.origins:
            raise CorruptLog(f"the archive is damaged: rows of run {run!a}, which it lacks")
        return run not in self._left_out

    def _batch(self, mark: ImportMark, run: str, writer: str) -> Batch:
        origin = self._runs.origins[run]
        name = check_name("writer", writer)
        return Batch(mark.draft(run), name, name, 0, 0, origin_micros=origin)

    def _ends(self, mark: ImportMark, run: str, history: HistoryRecord) -> list[Batch]:
        batches: list[Batch] = []
        for stream, end in history.streams.items():
            try:
                state, tail = (
                    base64.b64decode(text, validate=True) for text in (end.state, end.tail)
                )
            except (ValueError, binascii.Error):
                raise CorruptLog(
                    f"the archive is damaged: stream {stream!a} of run {run} can't be read"
                ) from None
            if not 0 <= end.position < 2**62 or not 0 <= end.n_rows < 2**62:
                raise CorruptLog(f"the archive is damaged: stream {stream!a} ends nowhere")
            name = check_name("stream", stream)
            batches.append(
                Batch(
                    mark.draft(run), name, name, 0, end.position,
                    state=state, n_rows=end.n_rows, tail=tail, origin_micros=history.origin,
                )
            )  # fmt: skip
        return batches

    def _needed_blobs(self) -> dict[str, int]:
        """The size of each content that the imported runs and versions need, by SHA-256."""
        needed: dict[str, int] = {}
        for line in self._archive.lines(RUNS_NAME):
            name, _, record = parse_run(line)
            if record is not None and self._is_imported(name):
                needed.update(
                    (file["sha256"], file["n_bytes"])
                    for file in record["run_file"]
                    if file["state"] == "stored"
                )
        return needed | self.artifacts.blobs() | self.reports.blobs()

    def _put_blobs(self) -> None:
        phase = Phase(self._progress, "files", sum(self.blobs.values()))
        for sha256 in self.blobs:
            draft = self._stores.blobs.store.write()
            try:
                for piece in self._archive.read(f"blobs/{sha256}"):
                    draft.write(piece)
                    phase.advance(len(piece))
                self._stores.blobs.keep(draft, _no_reference)
            finally:
                draft.discard()
        phase.end()

    def _put_runs(self, mark: ImportMark) -> None:
        metadata = self._stores.metadata
        phase = Phase(self._progress, "runs", self.n_runs)
        waiting: list[tuple[int, dict[str, Any]]] = []

        def put() -> None:
            try:
                with metadata.write() as tx:
                    ids: list[int] = []
                    for number, record in waiting:
                        with at_line(RUNS_NAME, number):
                            ids.append(metadata.archive.write_run(tx, mark.project_id, record))
                    rows = metadata.runs.by_ids(tx, ids)
                    metadata.imports.conceal_runs(tx, ids)
                # Read the runs once, so that invalid records fail the import and not later reads.
                read_run_infos(self._stores, [rows[row_id] for row_id in ids])
            except (ValueError, TypeError, LookupError, msgspec.MsgspecError) as error:
                if isinstance(error, WeftError):
                    raise
                raise CorruptLog(f"the archive has a run that can't be read: {error}") from None
            phase.advance(len(waiting))
            waiting.clear()

        for number, line in enumerate(self._archive.lines(RUNS_NAME), 1):
            name, _, record = parse_run(line)
            if record is not None and name not in self._left_out:
                waiting.append((number, record))
                if len(waiting) >= _RUNS_AT_ONCE:
                    put()
        if waiting:
            put()
        phase.end()

    def _show(self, mark: ImportMark, store: MetricStore) -> None:
        stores = self._stores
        metadata = stores.metadata
        project = self._archive.project()
        deleted = self._deleted(project.get("tombstones"))
        views: Any = project.get("views")
        check_archived(views)
        with store.freeze_runs(self._names) as freeze:
            with stores.presence, metadata.write() as tx:
                about = project.get("project")
                metadata.archive.write_project(tx, mark.project_id, about, is_new=mark.is_new)
                metadata.archive.write_views(tx, mark.project_id, views)
                metadata.imports.reveal(tx, mark, self._path)
                self.artifacts.put(stores, tx, mark.project_id, self._names)
                self.sweeps.put(stores, tx, mark.project_id)
                self.reports.put(stores, tx, mark.project_id)
                metadata.tombstones.remove(tx, *self._path, self._names)
                for micros, names in deleted.items():
                    for runs, purge_id in self._by_purge(names, mark.project_id):
                        metadata.tombstones.add_runs(
                            tx, *self._path, runs, now_micros=micros, purge_project_id=purge_id
                        )
                metadata.imports.put(tx, mark.shown())
                freeze.check()
            for name in self._names:
                stores.registry.forget(self._path.run(name))
            _finish(stores, mark.shown(), store)

    def _deleted(self, tombstones: Any) -> dict[int, list[str]]:
        """Runs that were deleted from the archive's project and do not exist here, by time."""
        if not isinstance(tombstones, dict):
            raise CorruptLog("the archive is damaged: its deleted runs can't be read")
        by_time: dict[int, list[str]] = {}
        there = {*self._names, *self._left_out}
        deleted: dict[str, Any] = {}
        for name, micros in cast("dict[Any, Any]", tombstones).items():
            deleted[check_name("run", name)] = micros
        present = self._existing(list(deleted))
        for name, micros in deleted.items():
            if not isinstance(micros, int) or not 0 <= micros < 2**62:
                raise CorruptLog("the archive is damaged: its deleted runs can't be read")
            if name not in there and name not in present:
                by_time.setdefault(micros, []).append(name)
        return by_time

    def _by_purge(self, names: list[str], project_id: int) -> list[tuple[list[str], int | None]]:
        """Split deleted runs: runs whose rows forks still show (purged later), and the others."""
        hidden = [name for name in names if name in self._hidden]
        return [(hidden, project_id), ([name for name in names if name not in hidden], None)]


def finish_imports(stores: Stores) -> None:
    """Complete imports that a kill interrupted: finish those that were revealed, undo others."""
    with stores.metadata.read() as tx:
        marks = stores.metadata.imports.list(tx)
    for mark in marks:
        if mark.is_shown:
            with stores.metrics.use(mark.project_id) as store:
                _finish(stores, mark, store)
        else:
            _undo(stores, mark)


def _finish(stores: Stores, mark: ImportMark, store: MetricStore) -> None:
    drafts = _drafts(stores, mark)
    with stores.metadata.read() as tx:
        names = stores.metadata.trash.all_rows(tx, mark.project_id, list(drafts.values()))
    hidden = {draft: name for draft, name in drafts.items() if name not in names}
    store.name_runs(hidden, hidden=True)
    store.name_runs({draft: name for draft, name in drafts.items() if name in names})
    with stores.metadata.write() as tx:
        stores.metadata.imports.remove(tx, mark)


def _undo(stores: Stores, mark: ImportMark) -> None:
    metadata = stores.metadata
    with metadata.read() as tx:
        is_there = metadata.projects.path(tx, mark.project_id) is not None
    if is_there:
        drafts = _drafts(stores, mark)
        if drafts:
            with stores.metrics.use(mark.project_id) as store:
                store.delete_runs(list(drafts))
        with metadata.write() as tx:
            metadata.trash.put_runs(tx, metadata.imports.concealed_runs(tx, mark), PERMANENT)
        purge_runs(stores, mark.project_id)
        with metadata.write() as tx:
            if mark.is_new:
                metadata.trash.put_project(tx, mark.project_id, PERMANENT)
        if mark.is_new:
            purge_project(stores, mark.project_id)
    with metadata.write() as tx:
        metadata.imports.remove(tx, mark)


def _drafts(stores: Stores, mark: ImportMark) -> dict[str, str]:
    """The runs of an import in the metric file: their draft names, mapped to the run names."""
    try:
        frozen = stores.metrics.freeze(mark.project_id)
    except FileNotFoundError:
        return {}
    try:
        prefix = mark.draft("")
        return {
            name: name.removeprefix(prefix)
            for name in frozen.all_names()
            if name.startswith(prefix)
        }
    finally:
        frozen.close()


def _no_reference(_new: NewContents) -> None:
    """Do nothing: the import holds its blobs until its runs, which refer to them, exist."""
