"""Sources of forked and rewound runs: which writers' rows they show, and up to which step.

`services.ingest` writes them as logs name them [RL43]. Every chart and history of a project reads
them, so they are cached in memory.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Final

from sqlalchemy import select

from weft.records.limits import MAX_ID_BYTES
from weft.server.storage.contract import Source
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.schema import run, run_source, run_writer
from weft.server.storage.metadata.runs.runs import RunRow

CACHED_SOURCES: Final = 100_000
"""The most sources cached in memory for all projects together: 15 MB. A single project's sources
are always cached as a whole, because every upload to it reads them."""


@dataclass(slots=True)
class _Project:
    """The cached sources of a project; `stale` runs are read again."""

    sources: Mapping[str, Sequence[Source]]
    stale: set[str]
    size: int


class SourceTable:
    """Reads and writes sources. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Project] = OrderedDict()
        self._n_kept = 0
        # By project, for each read in progress: the runs that have changed since it began.
        self._reads: dict[int, list[set[str]]] = {}

    def put(self, tx: Transaction, row: RunRow, sources: Iterable[Source]) -> bool:
        """Add sources of a run; if a source is named again, the smaller step wins.

        Sources with an invalid run or writer id are ignored. The transaction has locked `row`.
        Returns whether anything changed.
        """
        present = {(source.run, source.writer): source for source in self._of_run(tx, row.row_id)}
        changed: dict[tuple[str, str], Source] = {}
        for source in sources:
            name = (source.run, source.writer)
            previous = changed.get(name) or present.get(name)
            fits = all(
                0 < len(text.encode()) <= MAX_ID_BYTES and "\0" not in text for text in name
            )
            if fits and (previous is None or source.last_step < previous.last_step):
                changed[name] = source
        if not changed:
            return False
        statement = insert(tx, run_source)
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["run_id", "source_run", "source_writer"],
                set_={"last_step": statement.excluded.last_step},
            ),
            [
                {
                    "run_id": row.row_id,
                    "source_run": source.run,
                    "source_writer": source.writer,
                    "last_step": json.dumps(source.last_step),
                }
                for source in changed.values()
            ],
        )
        tx.after_commit(lambda: self._note_change(row.project_id, row.run))
        return True

    def peek(self, project_id: int) -> Mapping[str, Sequence[Source]] | None:
        """The cached answer of `of_project`; None if there is none."""
        with self._lock:
            cached = self._kept.get(project_id)
            if cached is None or cached.stale:
                return None
            self._kept.move_to_end(project_id)
            return cached.sources

    def of_project(self, tx: Transaction, project_id: int) -> Mapping[str, Sequence[Source]]:
        """The sources of a project's runs by run id; runs without sources are left out.

        If a rewind cuts off a writer's rows, its child writers are cut off at the same step. `tx`
        must not have read anything before, so that it sees everything committed by now.
        """
        changed: set[str] = set()
        with self._lock:
            cached = self._kept.get(project_id)
            if cached is not None and not cached.stale:
                return cached.sources
            stale = None if cached is None else set(cached.stale)
            self._reads.setdefault(project_id, []).append(changed)
        sources: Mapping[str, Sequence[Source]] | None = None
        try:
            sources = self._read(tx, project_id, stale)
            if cached is not None and stale is not None:
                others = {
                    run: run_sources
                    for run, run_sources in cached.sources.items()
                    if run not in stale
                }
                sources = {**others, **sources}
            return sources
        finally:
            with self._lock:
                reads = [read for read in self._reads.pop(project_id) if read is not changed]
                if reads:
                    self._reads[project_id] = reads
                if sources is not None:
                    self._keep(project_id, sources, stale=changed)

    def shown_elsewhere(
        self, tx: Transaction, project_id: int, run_ids: Sequence[str]
    ) -> set[str]:
        """Runs, among some, with rows that other runs of the project show."""
        shown: set[str] = set()
        for first in range(0, len(run_ids), MAX_PARAMETERS):
            query = (
                select(run_source.c.source_run)
                .distinct()
                .join(run, run.c.id == run_source.c.run_id)
                .where(
                    run.c.project_id == project_id,
                    run_source.c.source_run.in_(run_ids[first : first + MAX_PARAMETERS]),
                    run_source.c.source_run != run.c.run,
                )
            )
            shown.update(tx.connection.execute(query).scalars())
        return shown

    def of_runs(
        self, tx: Transaction, project_id: int, runs: Collection[str]
    ) -> dict[str, Sequence[Source]]:
        """The sources of some runs, as the transaction sees them."""
        return self._read(tx, project_id, runs)

    def note_moves(
        self, tx: Transaction, from_project_id: int, to_project_id: int, runs: Iterable[str]
    ) -> None:
        """Mark runs that move to another project as stale, once the move is committed."""

        def note() -> None:
            for run_id in runs:
                self._note_change(from_project_id, run_id)
                self._note_change(to_project_id, run_id)

        tx.after_commit(note)

    def note_removals(self, tx: Transaction, project_id: int, runs: Iterable[str]) -> None:
        """Mark removed runs as stale, as new runs may get the same ids."""

        def note() -> None:
            for run_id in runs:
                self._note_change(project_id, run_id)

        tx.after_commit(note)

    def note_writer(self, tx: Transaction, project_id: int, run_id: str) -> None:
        """Mark a run with a new writer as stale: if rewound, its new writer may be cut off."""

        def look() -> None:
            with self._lock:
                cached = self._kept.get(project_id)
            if cached is None or run_id in cached.sources or run_id in cached.stale:
                self._note_change(project_id, run_id)

        tx.after_commit(look)

    def _note_change(self, project_id: int, run_id: str) -> None:
        with self._lock:
            cached = self._kept.get(project_id)
            if cached is not None:
                cached.stale.add(run_id)
            for changed in self._reads.get(project_id, ()):
                changed.add(run_id)

    def _keep(
        self, project_id: int, sources: Mapping[str, Sequence[Source]], *, stale: set[str]
    ) -> None:
        new = _Project(sources, stale, 1 + sum(map(len, sources.values())))
        old = self._kept.pop(project_id, None)
        self._n_kept += new.size - (old.size if old is not None else 0)
        self._kept[project_id] = new
        while self._n_kept > CACHED_SOURCES and len(self._kept) > 1:
            self._n_kept -= self._kept.popitem(last=False)[1].size

    def _of_run(self, tx: Transaction, run_row_id: int) -> list[Source]:
        query = select(
            run_source.c.source_run, run_source.c.source_writer, run_source.c.last_step
        ).where(run_source.c.run_id == run_row_id)
        return [Source(*row[:2], json.loads(row[2])) for row in tx.connection.execute(query)]

    def _read(
        self, tx: Transaction, project_id: int, runs: Collection[str] | None
    ) -> dict[str, Sequence[Source]]:
        """The sources of a project's runs. If `runs` is None, of all that have any."""
        if runs is not None and not runs:
            return {}
        query = (
            select(
                run.c.run,
                run.c.id,
                run_source.c.source_run,
                run_source.c.source_writer,
                run_source.c.last_step,
            )
            .join(run, run.c.id == run_source.c.run_id)
            .where(run.c.project_id == project_id)
            .order_by(run_source.c.run_id, run_source.c.source_run, run_source.c.source_writer)
        )
        if runs is not None and len(runs) <= MAX_PARAMETERS:
            query = query.where(run.c.run.in_(runs))
        by_run: dict[str, dict[tuple[str, str], Source]] = {}
        rewound: dict[int, str] = {}
        for run_id, row_id, source_run, writer, last_step in tx.connection.execute(query):
            # Interned, because many forks show the same writer's rows.
            source = Source(intern(source_run), intern(writer), json.loads(last_step))
            by_run.setdefault(run_id, {})[source.run, source.writer] = source
            if source.run == run_id:
                rewound[row_id] = run_id
        row_ids = list(rewound)
        for first in range(0, len(row_ids), MAX_PARAMETERS):
            self._cut_children(tx, row_ids[first : first + MAX_PARAMETERS], rewound, by_run)
        return {run_id: tuple(by_name.values()) for run_id, by_name in by_run.items()}

    def _cut_children(
        self,
        tx: Transaction,
        row_ids: Sequence[int],
        rewound: Mapping[int, str],
        by_run: Mapping[str, dict[tuple[str, str], Source]],
    ) -> None:
        query = select(run_writer.c.run_id, run_writer.c.parent, run_writer.c.writer).where(
            run_writer.c.run_id.in_(row_ids), run_writer.c.parent.is_not(None)
        )
        children: dict[tuple[int, str], list[str]] = {}
        for row_id, parent, writer in tx.connection.execute(query):
            children.setdefault((row_id, parent), []).append(writer)
        for row_id in row_ids:
            run_id = rewound[row_id]
            sources = by_run[run_id]
            pending = [source for source in sources.values() if source.run == run_id]
            while pending:
                parent = pending.pop()
                for writer in children.get((row_id, parent.writer), ()):
                    source = sources.get((run_id, writer))
                    # A child that is itself a source may be cut off earlier, never later.
                    if source is None or parent.last_step < source.last_step:
                        cut = Source(run_id, writer, parent.last_step)
                        sources[run_id, writer] = cut
                        pending.append(cut)
