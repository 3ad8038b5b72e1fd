"""The embedded metric store: one SQLite file per project. Does I/O.

This is a façade: other modules of the package do the work of each method. Batches and queries
come from `server.services`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from weft.server.storage.contract import (
    Batch,
    Freeze,
    MetricStore,
    RunUsage,
    StepMetric,
    StreamPosition,
    UnbrokenFreeze,
    Usage,
)
from weft.server.storage.metrics.append import Appender, read_position
from weft.server.storage.metrics.database import Database
from weft.server.storage.metrics.reads import MetricReads
from weft.server.storage.metrics.upkeep.axis_rules import write_rules
from weft.server.storage.metrics.upkeep.compact import Compactor
from weft.server.storage.metrics.upkeep.copying import copy_runs, name_runs
from weft.server.storage.metrics.upkeep.delete import (
    delete_console,
    delete_metrics,
    delete_runs,
    drop_runs,
    hide_runs,
    show_runs,
)
from weft.server.storage.metrics.upkeep.usage import read_run_usage, read_usage


class SqliteMetricStore(MetricReads):
    """`MetricStore` in one SQLite file, created if it is missing.

    Thread-safe. Only one process may have it open.

    >>> import tempfile
    >>> store = SqliteMetricStore(Path(tempfile.mkdtemp()) / "metrics.db")
    >>> store.keys()
    {}
    >>> store.close()
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self._database = Database(Path(path))
        self._appender = Appender(self._database)
        self._compactor = Compactor(self._database)

    def _read(self, *_: object, **__: object) -> AbstractContextManager[Database]:
        return nullcontext(self._database)

    def position(self, run: str, stream: str) -> StreamPosition | None:
        return read_position(self._database, run, stream)

    def _number(self, run: str) -> int | None:
        info = self._database.find_run(run)
        return None if info is None else info.run

    def append(self, batches: Sequence[Batch]) -> None:
        self._appender.append(batches)

    def set_axes(self, run: str, axes: Mapping[str, StepMetric]) -> None:
        write_rules(self._database, run, axes)

    def dirty_runs(self) -> list[str]:
        dirty = set(self._database.marks.dirty())
        if not dirty:
            return []  # without a look at the names of all runs
        return [name for name in self._database.run_names() if self._number(name) in dirty]

    def clean(self, run: str, mark: int) -> None:
        number = self._number(run)
        if number is not None:
            self._database.marks.clean(number, mark)

    def dirty_mark(self, run: str) -> int:
        number = self._number(run)
        return 0 if number is None else self._database.marks.mark_of(number)

    def delete_runs(self, runs: Sequence[str]) -> None:
        delete_runs(self._database, self._appender, runs)

    def drop_runs(self, runs: Sequence[str]) -> None:
        drop_runs(self._database, self._appender, runs)

    def hide_runs(self, runs: Sequence[str]) -> None:
        hide_runs(self._database, self._appender, runs)

    def show_runs(self, runs: Sequence[str]) -> None:
        show_runs(self._database, runs)

    @contextmanager
    def freeze_runs(self, runs: Sequence[str]) -> Generator[Freeze]:
        frozen = self._database.frozen
        with self._database.write_lock:
            frozen.update(runs)
        try:
            yield UnbrokenFreeze()
        finally:
            with self._database.write_lock:
                frozen.subtract(runs)

    def copy_runs(self, names: Mapping[str, str], to: MetricStore) -> None:
        assert isinstance(to, SqliteMetricStore)
        copy_runs(self._database, to._database, to._appender, names)  # noqa: SLF001

    def name_runs(self, names: Mapping[str, str], *, hidden: bool = False) -> None:
        name_runs(self._database, self._appender, names, hidden=hidden)

    def delete_metrics(self, runs: Sequence[str], keys: Sequence[str]) -> None:
        delete_metrics(self._database, runs, keys)

    def delete_console(self, runs: Sequence[str]) -> None:
        self._compactor.compact(until_idle=True)  # also lines that are still fresh
        delete_console(self._database, runs)

    def compact(self, *, until_idle: bool = False) -> bool:
        return self._compactor.compact(until_idle=until_idle)

    def usage(self) -> Usage:
        return read_usage(self._database)

    def run_usage(self, run: str) -> RunUsage | None:
        return read_run_usage(self._database, run)

    def close(self) -> None:
        self._database.close()
