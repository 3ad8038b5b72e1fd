"""Streams a project as a zip archive from one frozen state. Reads stores.

Yields bytes as they are made, in bounded memory. JSON is deflated, Parquet files and blobs are
stored, and the manifest with all checksums comes last.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Final

import msgspec

from weft.errors import NotFound, Unavailable
from weft.server.services.access.paths import ProjectPath
from weft.server.services.archive.format import (
    COLLECTIONS_NAME,
    FORMAT,
    MANIFEST_NAME,
    PROJECT_NAME,
    REPORTS_NAME,
    RUNS_NAME,
    SWEEPS_NAME,
    TRIALS_NAME,
    VERSION,
    VERSION_WITHOUT_REPORTS,
    VERSIONS_NAME,
    EntrySum,
    HistoryRecord,
    Manifest,
    StreamRecord,
)
from weft.server.services.archive.history_out import Segments
from weft.server.services.stores.stores import Stores
from weft.server.services.zip_stream import ZipStream
from weft.server.storage.contract import FrozenStore, RawRun, StreamPosition
from weft.server.storage.metadata import Transaction

_encode: Final = msgspec.json.Encoder().encode


def write_archive(
    stores: Stores, path: ProjectPath, *, version: str
) -> Generator[bytes, None, None]:
    """Stream the bytes of an archive."""
    project_id = stores.find_project(path)
    with stores.blobs.hold_everywhere(), ExitStack() as stack:
        # Freeze the metric file first: metadata may be ahead of it, but never behind.
        frozen: FrozenStore | None = None
        try:
            frozen = stores.metrics.freeze(project_id)
            stack.callback(frozen.close)
        except FileNotFoundError:
            pass  # no run of the project has logged anything
        tx = stack.enter_context(stores.metadata.snapshot())
        yield from _Archive(stores, tx, frozen, version).write(path, project_id)


class _Archive:
    def __init__(
        self, stores: Stores, tx: Transaction, raw: FrozenStore | None, version: str
    ) -> None:
        self._stores = stores
        self._tx = tx
        self._raw = raw
        self._raw_runs = {} if raw is None else raw.runs()
        self._version = version
        self._zip = ZipStream()
        self._sums: dict[str, EntrySum] = {}
        self._blobs: dict[str, None] = {}
        self._names: list[str] = []
        self._n_runs = 0

    def write(self, path: ProjectPath, project_id: int) -> Iterator[bytes]:
        rows = self._stores.metadata.archive
        about = {
            "project": rows.read_project(self._tx, project_id),
            "tombstones": rows.read_tombstones(self._tx, *path),
            "views": rows.read_views(self._tx, project_id),
        }
        yield from self._entry(PROJECT_NAME, [_encode(about)], packed=True)
        yield from self._entry(RUNS_NAME, self._runs(project_id), packed=True)
        artifacts = self._stores.metadata.archived_artifacts
        collections = map(_line_of, artifacts.read_collections(self._tx, project_id))
        yield from self._entry(COLLECTIONS_NAME, collections, packed=True)
        yield from self._entry(VERSIONS_NAME, self._versions(project_id), packed=True)
        sweeps = self._stores.metadata.archived_sweeps
        for name, records in (
            (SWEEPS_NAME, sweeps.read_sweeps(self._tx, project_id)),
            (TRIALS_NAME, sweeps.read_trials(self._tx, project_id)),
        ):
            yield from self._entry(name, map(_line_of, records), packed=True)
        has_reports = bool(self._stores.metadata.reports.heads(self._tx, project_id))
        if has_reports:
            yield from self._entry(REPORTS_NAME, self._reports(project_id), packed=True)
        segments = Segments()
        for number, segment in enumerate(self._segments(segments), 1):
            for table, data in segment.items():
                yield from self._entry(f"history/{number:06}.{table}.parquet", [data])
        for sha256 in self._blobs:
            yield from self._entry(f"blobs/{sha256}", self._blob(sha256))
        manifest = Manifest(
            format=FORMAT,
            version=VERSION if has_reports else VERSION_WITHOUT_REPORTS,
            weft=self._version,
            entity=path.entity,
            project=path.project,
            created_micros=self._stores.now(),
            n_runs=self._n_runs,
            n_points=segments.n_points,
            entries=self._sums,
        )
        yield from self._entry(MANIFEST_NAME, [_encode(manifest)], packed=True)
        yield self._zip.end()

    def _runs(self, project_id: int) -> Iterator[bytes]:
        sources: set[str] = set()
        for record in self._stores.metadata.archive.read_runs(self._tx, project_id):
            name: str = record["run"]["run"]
            self._names.append(name)
            for file in record["run_file"]:
                if file["state"] == "stored":
                    self._blobs[file["sha256"]] = None
            sources.update(source["source_run"] for source in record["run_source"])
            yield self._line(name, record)
        self._n_runs = len(self._names)
        # Include the rows of deleted runs that other runs show.
        for name in sorted(sources.difference(self._names)):
            if name in self._raw_runs:
                self._names.append(name)
                yield self._line(name, {})

    def _versions(self, project_id: int) -> Iterator[bytes]:
        artifacts = self._stores.metadata.archived_artifacts
        for record in artifacts.read_versions(self._tx, project_id):
            for content in (*record["files"], *record["chunks"]):
                if content["state"] == "stored":
                    self._blobs[content["sha256"]] = None
            yield _line_of(record)

    def _reports(self, project_id: int) -> Iterator[bytes]:
        for record in self._stores.metadata.archived_reports.read_reports(self._tx, project_id):
            for content in (*record["figures"], *record["images"]):
                self._blobs[content["sha256"]] = None
            yield _line_of(record)

    def _line(self, name: str, record: dict[str, Any]) -> bytes:
        run = self._raw_runs.get(name)
        history = None if run is None or self._raw is None else _history(self._raw, run)
        return _line_of({"id": name, "history": history, "metadata": record or None})

    def _segments(self, segments: Segments) -> Iterator[dict[str, bytes]]:
        if self._raw is None:
            return
        for name in self._names:
            run = self._raw_runs.get(name)
            if run is None:
                continue
            for rows in self._raw.rows(run):
                yield from segments.add_rows(name, rows)
            for writer, lines in self._raw.console(run):
                yield from segments.add_console(name, writer, lines)
        yield from segments.end()

    def _blob(self, sha256: str) -> Iterator[bytes]:
        try:
            yield from self._stores.blobs.store.read(sha256)
        except NotFound:
            raise Unavailable(
                "the content of a file is missing; `weft server check` names it"
            ) from None

    def _entry(
        self, name: str, pieces: Iterable[bytes], *, packed: bool = False
    ) -> Iterator[bytes]:
        digest = hashlib.sha256()
        n_bytes = 0

        def summed() -> Iterator[bytes]:
            nonlocal n_bytes
            for piece in pieces:
                digest.update(piece)
                n_bytes += len(piece)
                yield piece

        yield from self._zip.entry(name, summed(), packed=packed)
        self._sums[name] = EntrySum(n_bytes, digest.hexdigest())


def _line_of(record: dict[str, Any]) -> bytes:
    return _encode(record) + b"\n"


def _history(raw: FrozenStore, run: RawRun) -> HistoryRecord:
    streams = {name: _stream(end) for name, end in raw.streams(run).items()}
    return HistoryRecord(run.origin, run.hidden, streams)


def _stream(end: StreamPosition) -> StreamRecord:
    state, tail = (base64.b64encode(data).decode() for data in (end.state, end.tail))
    return StreamRecord(end.position, end.n_rows, state, tail)
