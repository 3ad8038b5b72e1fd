"""The embedded metric store: one SQLite file per project. The façade; each method's work is a
module of this package.

Receives batches and questions from `server.services`. Does I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from weft.server.storage.contract import (
    Batch,
    ConsoleLine,
    JoinedRow,
    KeyInfo,
    Latest,
    Lineage,
    RunEnd,
    Series,
    SeriesQuery,
    Source,
    StreamPosition,
    Usage,
)
from weft.server.storage.metrics.append import Appender, read_position
from weft.server.storage.metrics.compact import Compactor
from weft.server.storage.metrics.console import read_console
from weft.server.storage.metrics.database import Database
from weft.server.storage.metrics.delete import delete_metric, delete_run, hide_run
from weft.server.storage.metrics.keys import read_keys
from weft.server.storage.metrics.latest import read_end, read_latest
from weft.server.storage.metrics.rows import read_rows
from weft.server.storage.metrics.scan import read_series
from weft.server.storage.metrics.usage import read_usage


class SqliteMetricStore:
    """`MetricStore` in one file of its own. Thread-safe.

    Args:
        path: the file; made if it is missing. Only one process may have it open.

    >>> import tempfile
    >>> store = SqliteMetricStore(Path(tempfile.mkdtemp()) / "metrics.db")
    >>> store.keys()
    {}
    >>> store.close()
    """

    def __init__(self, path: str | Path) -> None:
        self._database = Database(Path(path))
        self._appender = Appender(self._database)
        self._compactor = Compactor(self._database)

    def position(self, run: str, stream: str) -> StreamPosition | None:
        """See `MetricStore.position`."""
        return read_position(self._database, run, stream)

    def run_origin(self, run: str) -> int | None:
        """See `MetricStore.run_origin`."""
        info = self._database.find_source(run)
        return None if info is None else info.origin

    def _number(self, run: str) -> int | None:
        info = self._database.find_run(run)
        return None if info is None else info.run

    def append(self, batches: Sequence[Batch]) -> None:
        """See `MetricStore.append`."""
        self._appender.append(batches)

    def series(self, query: SeriesQuery) -> list[Series]:
        """See `MetricStore.series`."""
        return read_series(self._database, query)

    def keys(
        self, runs: Sequence[str] | None = None, *, lineage: Lineage | None = None
    ) -> dict[str, list[KeyInfo]]:
        """See `MetricStore.keys`."""
        return read_keys(self._database, runs, lineage or {})

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        """See `MetricStore.latest`."""
        return read_latest(self._database, run, keys, sources)

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        """See `MetricStore.end`."""
        return read_end(self._database, run, sources)

    def rows(
        self,
        run: str,
        keys: Sequence[str] | None = None,
        *,
        after: tuple[float, int, str, int] | None = None,
        limit: int = 1000,
        system: bool = False,
        sources: Sequence[Source] = (),
    ) -> Iterator[JoinedRow]:
        """See `MetricStore.rows`."""
        return read_rows(
            self._database, run, keys, after=after, limit=limit, system=system, sources=sources
        )

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        """See `MetricStore.console`."""
        return read_console(self._database, run, writer, stream, first, n)

    def dirty_runs(self) -> list[str]:
        """See `MetricStore.dirty_runs`."""
        dirty = set(self._database.marks.dirty())
        return [name for name in self._database.run_names() if self._number(name) in dirty]

    def clean(self, run: str, mark: int) -> None:
        """See `MetricStore.clean`."""
        number = self._number(run)
        if number is not None:
            self._database.marks.clean(number, mark)

    def dirty_mark(self, run: str) -> int:
        """See `MetricStore.dirty_mark`."""
        number = self._number(run)
        return 0 if number is None else self._database.marks.mark_of(number)

    def delete_run(self, run: str) -> None:
        """See `MetricStore.delete_run`."""
        delete_run(self._database, self._appender, run)

    def hide_run(self, run: str) -> None:
        """See `MetricStore.hide_run`."""
        hide_run(self._database, self._appender, run)

    def delete_metric(self, run: str, key: str) -> None:
        """See `MetricStore.delete_metric`."""
        delete_metric(self._database, run, key)

    def compact(self, *, until_idle: bool = False) -> bool:
        """See `MetricStore.compact`."""
        return self._compactor.compact(until_idle=until_idle)

    def usage(self) -> Usage:
        """See `MetricStore.usage`."""
        return read_usage(self._database)

    def close(self) -> None:
        """See `MetricStore.close`."""
        self._database.close()
