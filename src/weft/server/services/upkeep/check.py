"""Checks every byte of a server: both databases, all parts, all blobs. Changes nothing.

Reports the run and metric of damaged data. Uploads can continue meanwhile: in each file it checks
the data that was committed when the file was opened.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time

from weft.errors import Gone, NotFound, Unavailable
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.gc import unused_blobs
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.services.upkeep.reports import CheckReport, Problem
from weft.server.storage.metadata import verify_metadata
from weft.wire.server.server import MAX_PROBLEMS


def check_server(stores: Stores, progress: Progress) -> CheckReport:
    """Check everything."""
    return _Check(stores, progress).run()


class _Check:
    def __init__(self, stores: Stores, progress: Progress) -> None:
        self._stores = stores
        self._progress = progress
        self._problems: list[Problem] = []
        self._n_problems = 0
        self._n_bytes = 0
        self._n_unused = 0

    def run(self) -> CheckReport:
        begin = time.monotonic()
        n_runs = self._metadata()
        n_projects = self._metrics()
        n_blobs = self._blobs()
        return CheckReport(
            n_problems=self._n_problems,
            problems=self._problems,
            n_projects=n_projects,
            n_runs=n_runs,
            n_blobs=n_blobs,
            n_bytes=self._n_bytes,
            n_unused_bytes=self._n_unused,
            secs=time.monotonic() - begin,
        )

    def _note(self, problem: Problem) -> None:
        self._n_problems += 1
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(problem)

    def _metadata(self) -> int:
        phase = Phase(self._progress, "metadata")
        try:
            with self._stores.metadata.snapshot() as tx:
                for detail in verify_metadata(tx, phase.advance):
                    self._note(Problem(where="metadata", detail=detail))
                n_runs = self._stores.metadata.runs.count(tx)
        except Unavailable as error:
            self._note(Problem(where="metadata", detail=str(error)))
            n_runs = 0
        phase.end()
        return n_runs

    # Metric files

    def _metrics(self) -> int:
        metrics = self._stores.metrics
        ids = metrics.stored_ids()
        phase = Phase(
            self._progress,
            "metrics",
            2 * sum(metrics.file_bytes(project_id) for project_id in ids),
        )
        for project_id in ids:
            with self._stores.metadata.read() as tx:
                project_path = self._stores.metadata.projects.path(tx, project_id)
            if project_path is None:
                self._n_unused += metrics.file_bytes(project_id)
                continue
            project = "/".join(project_path)
            try:
                # Held open, so that the file is not removed meanwhile.
                with metrics.use(project_id):
                    self._metric_file(project_id, project, phase)
            except Gone:
                pass
            except (Unavailable, sqlite3.DatabaseError) as error:
                self._note(
                    Problem(where="metrics", project=project, detail=f"can't be opened: {error}")
                )
        phase.end()
        self._n_bytes += phase.n_done
        return len(ids)

    def _metric_file(self, project_id: int, project: str, phase: Phase) -> None:
        metrics = self._stores.metrics
        for fault in metrics.verify(project_id, phase.advance):
            self._note(
                Problem(
                    where="metrics",
                    project=project,
                    run=fault.run,
                    writer=fault.writer,
                    metric=fault.metric,
                    detail=fault.detail,
                )
            )
        self._n_unused += metrics.unowned(project_id).n_bytes
        # Read the file before metadata: each run is in metadata before it is in the file.
        frozen = metrics.freeze(project_id)
        try:
            names = frozen.run_names()
        finally:
            frozen.close()
        with self._stores.metadata.read() as tx:
            expected = self._stores.metadata.tombstones.expected_runs(tx, project_id)
        for name in names:
            if name not in expected:
                detail = "the metric file has a run that metadata does not know"
                self._note(Problem(where="metrics", project=project, run=name, detail=detail))

    # Blobs

    def _blobs(self) -> int:
        stores = self._stores
        with stores.metadata.read() as tx:
            contents = list(stores.metadata.contents.all_blobs(tx))
        phase = Phase(self._progress, "files", sum(n_bytes for _, n_bytes in contents))
        for sha256, n_bytes in contents:
            fault = self._blob_fault(sha256, n_bytes, phase)
            if fault is not None:
                self._blame_files(sha256, fault)
        phase.end()
        self._n_bytes += phase.n_done
        unused = Phase(self._progress, "unused files")
        self._n_unused += sum(info.n_bytes for info in unused_blobs(stores, unused))
        self._n_unused += stores.blobs.store.sweep(dry_run=True)
        unused.end()
        return len(contents)

    def _blob_fault(self, sha256: str, n_bytes: int, phase: Phase) -> str | None:
        digest = hashlib.sha256()
        n_read = 0
        try:
            for piece in self._stores.blobs.store.read(sha256):
                digest.update(piece)
                n_read += len(piece)
                phase.advance(len(piece))
        except NotFound:
            return "its content is missing"
        except OSError as error:
            return f"its content can't be read: {error}"
        if n_read != n_bytes:
            return f"its content has {n_read} bytes, not {n_bytes}"
        return None if digest.hexdigest() == sha256 else "its content is not what was stored"

    def _blame_files(self, sha256: str, fault: str) -> None:
        with self._stores.metadata.read() as tx:
            # Empty if the last file with that content was deleted meanwhile.
            owners = self._stores.metadata.contents.owners(tx, sha256)
        for entity, project, run, path in owners:
            self._note(
                Problem(
                    where="blobs", project=f"{entity}/{project}", run=run, file=path, detail=fault
                )
            )
