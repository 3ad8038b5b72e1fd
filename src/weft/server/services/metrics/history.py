"""History: the joined rows of all writers of a run, in full or thinned."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from weft.errors import ConfigError
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.metrics.thinning import thin, with_all
from weft.server.services.reading.lineage import sources_of
from weft.server.services.reading.run_clock import HistoryClock
from weft.server.services.reading.steps import plain_step
from weft.server.services.stores.stores import Service
from weft.server.storage.contract import ColumnBatch, JoinedRow
from weft.wire.metrics.metrics import MAX_ROWS, History

MAX_PAGE_VALUES: Final = 1_000_000
"""Values after which a page ends, whatever its limit: about 100 MB as objects."""

_MIN_THINNED_ROWS: Final = 500

MAX_THINNED_METRICS: Final = 10_000
"""Most metrics of a thinned history without `keys`. Each costs about 30 µs per 4,096 rows. With
more, some metric is lowest or highest in nearly every row, so thinning would drop few rows."""

_Position = tuple[int | float, int, str, int]


class HistoryService(Service):
    """Reads the logged rows of runs."""

    def rows(
        self,
        actor: Actor,
        path: RunPath,
        *,
        keys: Sequence[str] | None = None,
        limit: int = 1000,
        cursor: str | None = None,
        superseded: bool = False,
        step_lo: float | None = None,
        step_hi: float | None = None,
        apart: bool = False,
        system: bool = False,
    ) -> History:
        """Read a page of the rows that have one of `keys`, ordered by (step, time, writer, row).

        Steps are in `[step_lo, step_hi)`. With `apart`, the order is writer and row, and rows have
        `_writer`. `system` reads samples of machines and processes instead. `superseded` includes
        the run's own rows that a rewind discarded, with `_superseded` set.
        """
        require(actor, Action.READ, path)
        check_limit(limit, MAX_ROWS)
        _check_steps(step_lo, step_hi)
        after = None if cursor is None else decode_cursor(cursor, _Position)
        entry = self._stores.find_run(path)
        sources = sources_of(self._stores, entry.project_id, path.run)
        last_steps: dict[str, int | float] = {}
        if superseded:
            last_steps = {
                source.writer: source.last_step for source in sources if source.run == path.run
            }
            sources = [source for source in sources if source.run != path.run]
        with self._stores.metrics.use(entry.project_id) as store:
            candidates = store.rows(
                path.run, keys, after=after, limit=limit + 1, lo=step_lo, hi=step_hi,
                apart=apart, system=system, sources=sources,
            )  # fmt: skip
            joined, limit = _first_rows(candidates, limit)
        clock = HistoryClock(self._stores, entry, sources)
        rows = [_history_row(row, clock, apart=apart) for row in joined[:limit]]
        if last_steps:
            for row, shown in zip(joined, rows, strict=False):
                if row.step > last_steps.get(row.writer, math.inf):
                    shown["_superseded"] = True
        if len(joined) <= limit:
            return History(rows=rows, cursor=None)
        last = joined[limit - 1]
        position = (last.step, last.micros, last.writer, last.row)
        return History(rows=rows, cursor=encode_cursor(position))

    def thinned(
        self,
        actor: Actor,
        path: RunPath,
        samples: int,
        *,
        keys: Sequence[str] | None = None,
        step_lo: float | None = None,
        step_hi: float | None = None,
        system: bool = False,
        complete: bool = False,
    ) -> History:
        """Read a few rows that show every extreme, as one page; see
        `weft.queries.thinning.thinned`.

        Rows have at least one of `keys`, if `complete` all of them. Without `keys`, ConfigError if
        the run has more than `MAX_THINNED_METRICS` metrics.
        """
        require(actor, Action.READ, path)
        if not 1 <= samples <= MAX_ROWS:
            raise ConfigError(f"samples must be 1 to {MAX_ROWS}", field="samples")
        _check_steps(step_lo, step_hi)
        entry = self._stores.find_run(path)
        sources = sources_of(self._stores, entry.project_id, path.run)
        clock = HistoryClock(self._stores, entry, sources)

        lineage = {path.run: sources} if sources else None
        with self._stores.metrics.use(entry.project_id) as store:
            n_metrics = 0 if keys is None else len(keys)
            if keys is None:
                page = store.search_keys([path.run], system=system, lineage=lineage, limit=1)
                n_metrics = page.total
                _check_metrics(n_metrics)
            most = max(_MIN_THINNED_ROWS, MAX_PAGE_VALUES // max(1, n_metrics))
            samples = min(samples, most)
            batches = store.columns(
                [path.run], keys, lo=step_lo, hi=step_hi, system=system, lineage=lineage
            )
            if complete and keys is not None:
                batches = (with_all(batch, keys) for batch in batches)
            return History(rows=thin(batches, samples, partial(_begun_row, clock)), cursor=None)


def _first_rows(rows: Iterable[JoinedRow], limit: int) -> tuple[list[JoinedRow], int]:
    """The rows of a page and one more, if there is one; and how many rows the page has at most.

    That is `limit`, or less for rows of many values.
    """
    page: list[JoinedRow] = []
    n_values = 0
    for row in islice(rows, limit + 1):
        page.append(row)
        if n_values > MAX_PAGE_VALUES:
            return page, len(page) - 1
        n_values += len(row.values)
    return page, limit


def _check_metrics(n_metrics: int) -> None:
    if n_metrics > MAX_THINNED_METRICS:
        raise ConfigError(
            f"keys: this run has {n_metrics:,} metrics, and a thinned history without keys shows "
            f"at most {MAX_THINNED_METRICS:,}: name the ones you need (keys=[...]), or read every "
            "row with scan_history()",
            field="keys",
        )


def _check_steps(step_lo: float | None, step_hi: float | None) -> None:
    for name, end in (("step_lo", step_lo), ("step_hi", step_hi)):
        if end is not None and not math.isfinite(end):
            raise ConfigError(f"{name} must be finite", field=name)


def _history_row(row: JoinedRow, clock: HistoryClock, *, apart: bool) -> dict[str, Any]:
    return {
        **({"_writer": row.writer} if apart else {}),
        **_row_times(row.step, row.micros, row.writer, clock),
        **row.values,
    }


def _begun_row(clock: HistoryClock, batch: ColumnBatch, index: int) -> dict[str, Any]:
    writer = batch.writers[int(batch.writer[index])]
    return _row_times(batch.steps[index].item(), int(batch.times[index]), writer, clock)


def _row_times(step: int | float, micros: int, writer: str, clock: HistoryClock) -> dict[str, Any]:
    return {
        "_step": plain_step(step),
        "_runtime": clock.runtime_micros(micros, writer) / 1_000_000,
        "_timestamp": micros / 1_000_000,
    }
