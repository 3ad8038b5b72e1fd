"""The rows, by writer, that make up the history of a forked or rewound run [RL43].

`effects` passes in the Run record of each log. Reads of charts, metrics and history get the
sources here and pass them to the metric store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from weft.records.record import Run
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Lineage, Source
from weft.server.storage.metadata import MetadataStore, RunRow, Transaction


def apply_sources(metadata: MetadataStore, tx: Transaction, row: RunRow, record: Run) -> bool:
    """Store the sources that a Run record names; idempotent. Returns True if they changed.

    Call it for the first Run record of every log, even if it names no sources: the log's writer
    may have a parent whose rows are cut. `tx` has locked the run.
    """
    metadata.sources.note_writer(tx, row.project_id, row.run)
    if not record.sources:
        return False
    sources = [Source(*source) for source in record.sources]
    return metadata.sources.put(tx, row, sources)


def lineage_of(stores: Stores, project_id: int, runs: Iterable[str] | None = None) -> Lineage:
    """The sources of `runs`, without runs that have none. If None, of all runs of the project.

    Cost: one query for the first read after a run was forked or rewound, otherwise none.
    """
    sources = stores.metadata.sources
    lineage = sources.peek(project_id)
    if lineage is None:
        with stores.metadata.read() as tx:
            lineage = sources.of_project(tx, project_id)
    if runs is None or not lineage:
        return lineage
    return {run: lineage[run] for run in runs if run in lineage}


def sources_of(stores: Stores, project_id: int, run: str) -> Sequence[Source]:
    """The sources of one run; empty if it was neither forked nor rewound."""
    return lineage_of(stores, project_id, [run]).get(run, ())
