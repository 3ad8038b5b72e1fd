"""The tables of logged metrics: `history`, `system`, `points`, for the runs that are needed.

Reads the project's metric store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from weft.errors import ConfigError, LimitExceeded
from weft.server.services.access.paths import ProjectPath
from weft.server.services.exporting.history_table import (
    POINT_FIELDS,
    ROW_FIELDS,
    PointTable,
    WideTable,
    type_of,
)
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.reading.runtimes import Runtimes
from weft.server.services.sql.syntax import Needs, TableNeeds
from weft.server.services.sql.tables import Table, creation
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import ColumnBatch, MetricStore
from weft.tables.batches import Field, FieldType, TableBatch

MAX_COLUMNS: Final = 1000
"""The most metrics that `*` may expand to."""

_MAX_KEYS: Final = 100_000


class RowTables:
    """One query's view of the metrics of a project."""

    def __init__(self, stores: Stores, path: ProjectPath, project_id: int, needs: Needs) -> None:
        self._stores = stores
        self._path = path
        self._project_id = project_id
        self._needs = needs

    def make(self, name: str, runs: Sequence[str]) -> Table:
        """The table `history`, `system` or `points`, for some runs."""
        needs = self._needs.tables[name]
        with self._stores.metrics.use(self._project_id) as store:
            lineage = lineage_of(self._stores, self._project_id, runs)
            is_system = name == "system"
            step_type: FieldType = (
                "float"
                if store.has_fractional_steps(runs, system=is_system, lineage=lineage)
                else "int"
            )
            if name == "points":
                return self._points(store, runs, needs, step_type)
            return self._history(store, runs, needs, step_type, name)

    def _points(
        self, store: MetricStore, runs: Sequence[str], needs: TableNeeds, step_type: FieldType
    ) -> Table:
        table = PointTable(step_type=step_type)
        lo, hi = needs.bounds()
        keys = needs.keys()
        lineage = lineage_of(self._stores, self._project_id, runs)
        batches = store.columns(
            runs, None if keys is None else sorted(keys), lo=lo, hi=hi, lineage=lineage
        )
        names, every = self._needs.names, needs.every_column
        picked = [name for name in POINT_FIELDS if every or name in names] or ["row"]
        converted = self._in_turn(store, batches, table.convert)
        return self._table("points", table.fields, picked, converted)

    def _history(
        self,
        store: MetricStore,
        runs: Sequence[str],
        needs: TableNeeds,
        step_type: FieldType,
        name: str,
    ) -> Table:
        is_system = name == "system"
        keys = self._metrics(store, runs, needs, is_system=is_system)
        names, every = self._needs.names, needs.every_column
        base = [name for name in ROW_FIELDS if every or name in names] or ["row"]
        runtimes = Runtimes(self._stores, self._path) if "runtime" in base else None
        table = WideTable(base, keys, step_type=step_type, runtimes=runtimes)
        lo, hi = needs.bounds()
        lowered = {key.lower() for key in keys} - ROW_FIELDS.keys()
        # Rows without a value in any of the columns count, unless every mention excludes them.
        every_row = not all(mention.present & lowered for mention in needs.mentions)
        batches = store.columns(
            runs,
            list(keys),
            lo=lo,
            hi=hi,
            every_row=every_row,
            system=is_system,
            lineage=lineage_of(self._stores, self._project_id, runs),
        )
        picked = [field.name for field in table.fields]
        converted = self._in_turn(store, batches, table.convert)
        return self._table(name, table.fields, picked, converted)

    def _metrics(
        self, store: MetricStore, runs: Sequence[str], needs: TableNeeds, *, is_system: bool
    ) -> dict[str, FieldType]:
        names = self._needs.names

        def is_named(key: str) -> bool:
            lowered = key.lower()
            # A metric with the name of a built-in column is queried as `metric.NAME`.
            return f"metric.{lowered}" in names if lowered in ROW_FIELDS else lowered in names

        # Over all runs, so that restricting the runs doesn't change a column's type.
        lineage = lineage_of(self._stores, self._project_id)
        page = store.search_keys(
            None, system=is_system, lineage=lineage, matches=is_named, limit=MAX_COLUMNS
        )
        totals = {total.key: total for total in page.keys}
        if needs.every_column:
            page = store.search_keys(runs, system=is_system, lineage=lineage, limit=MAX_COLUMNS)
            totals = {total.key: total for total in page.keys} | totals
        if page.total > MAX_COLUMNS:
            raise LimitExceeded(
                f"* would be {page.total} metrics; the limit is {MAX_COLUMNS}: name the ones you"
                " want, or use the table points"
            )
        by_lowered: dict[str, str] = {}
        for key in totals:
            other = by_lowered.setdefault(key.lower(), key)
            if other != key:
                raise ConfigError(
                    f"metrics {other!r} and {key!r} differ only in case, which SQL can't"
                    " distinguish: use the table points"
                )
        return {key: type_of(total.kinds) for key, total in sorted(totals.items())}

    def near_metrics(self, name: str) -> list[str]:
        """Metrics of the queried tables with names similar to a misspelt one."""
        is_system = {table == "system" for table in self._needs.tables}
        system = is_system.pop() if len(is_system) == 1 else None
        with self._stores.metrics.use(self._project_id) as store:
            page = store.search_keys(None, system=system, limit=_MAX_KEYS)
        return get_close_matches(name, [total.key for total in page.keys], n=3)

    def _in_turn(
        self,
        store: MetricStore,
        batches: Iterator[ColumnBatch],
        convert: Callable[[ColumnBatch], Iterator[TableBatch]],
    ) -> Iterator[TableBatch]:
        for batch in self._stores.metrics.in_turn(self._project_id, store, batches):
            yield from convert(batch)

    def _table(
        self,
        name: str,
        fields: Sequence[Field],
        picked: Sequence[str],
        batches: Iterator[TableBatch],
    ) -> Table:
        indices = [index for index, field in enumerate(fields) if field.name in picked]
        picked_fields = [fields[index] for index in indices]
        narrow = (
            TableBatch(batch.n_rows, [batch.columns[index] for index in indices])
            for batch in batches
        )
        return Table(picked_fields, creation(name, picked_fields), narrow)
