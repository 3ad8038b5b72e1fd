"""The rows of one run as a Parquet file, with the columns that `History` has.

Only for runs whose rows fill a table. A reader of a file can't tell a missing value from a null,
so a run in which some row lacks a metric has no such file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from weft.records.states import RunState
from weft.records.value import Kind
from weft.server.services.exporting.history_table import WideTable, type_of
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.reading.lineage import sources_of
from weft.server.services.reading.runtimes import Runtimes
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import ColumnBatch, KeyTotal
from weft.tables.batches import Field, FieldType, TableBatch, Values, regroup
from weft.tables.parquet import ParquetWriter
from weft.wire.metrics.exports import MAX_EXPORT_COLUMNS

_LASTING: Final[frozenset[RunState]] = frozenset({"finished", "failed", "killed"})
"""States after which a run gets no more rows, unless it is resumed."""

_NUMBERS: Final[frozenset[Kind]] = frozenset({"int", "float"})
_BOOLS: Final[frozenset[Kind]] = frozenset({"bool"})
_ABOUT_ROW: Final = ("_step", "_runtime", "_timestamp")
_GROUP_ROWS: Final = 65_536
_GROUP_CELLS: Final = 2_000_000


def write_run_rows(stores: Stores, entry: RunEntry, write: Callable[[bytes], object]) -> bool:
    """Write the rows of a run, ordered by step, as a Parquet file.

    The columns are `_step`, `_runtime` and `_timestamp` (s), and one for each metric. The bytes
    are the same each time.

    Returns:
        False if the run has no such file; the bytes written until then are useless. It has one if
        it has ended, one script wrote all of it and did not continue another run, its steps are
        whole, its values are numbers and bools, and each row has a value of each metric.
    """
    totals = _totals(stores, entry)
    if not totals:
        return False
    types: dict[str, FieldType] = {total.key: type_of(total.kinds) for total in totals}
    fields = [
        Field("_step", "int"),
        Field("_runtime", "float"),
        Field("_timestamp", "float"),
        *(Field(key, field_type) for key, field_type in types.items()),
    ]
    writer = ParquetWriter(fields)
    n_rows = max(1, min(_GROUP_ROWS, _GROUP_CELLS // len(fields)))
    try:
        for group in regroup(fields, _batches(stores, entry, WideTable((), types)), n_rows):
            write(writer.write(group))
    except _Incomplete:
        return False
    write(writer.end())
    return True


class _Incomplete(Exception):
    """The rows do not fill a table."""


def _totals(stores: Stores, entry: RunEntry) -> Sequence[KeyTotal]:
    """The run's metrics. Empty if they show that the run has no such file."""
    if entry.state not in _LASTING:
        return ()
    run = entry.path.run
    with stores.metadata.read() as tx:
        ref = stores.metadata.runs.refs(tx, entry.project_id, [run]).get(run)
    if ref is None or ref.is_continued or sources_of(stores, entry.project_id, run):
        return ()
    with stores.metrics.use(entry.project_id) as store:
        page = store.search_keys([run], system=False, limit=MAX_EXPORT_COLUMNS)
    totals = page.keys
    if page.total > len(totals) or any(total.key in _ABOUT_ROW for total in totals):
        return ()
    if not all(total.kinds <= _NUMBERS or total.kinds == _BOOLS for total in totals):
        return ()
    return totals if len({total.n_points for total in totals}) == 1 else ()


def _batches(stores: Stores, entry: RunEntry, table: WideTable) -> Iterator[TableBatch]:
    runtimes = Runtimes(stores, entry.path.of_project)
    writers: set[str] = set()
    with stores.metrics.use(entry.project_id) as store:
        batches = store.columns([entry.path.run])
    for batch in stores.metrics.in_turn(entry.project_id, store, batches):
        writers.update(batch.writers)
        if len(writers) > 1 or batch.steps.dtype != np.int64:
            raise _Incomplete
        about = [
            Values(batch.steps),
            Values(runtimes(batch)),
            Values(batch.times / 1_000_000),
        ]
        for converted in table.convert(batch):
            if _has_gap(batch, converted):
                raise _Incomplete
            yield TableBatch(converted.n_rows, [*about, *converted.columns])


def _has_gap(batch: ColumnBatch, converted: TableBatch) -> bool:
    return len(batch) != converted.n_rows or any(
        values.valid is not None and not values.valid.all() for values in converted.columns
    )
