"""Computes the `runtime` column: the runtime of a run at each of its rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.server.services.access.paths import ProjectPath
from weft.server.services.reading.lineage import sources_of
from weft.server.services.reading.run_clock import HistoryClock
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import ColumnBatch


class Runtimes:
    """Runtimes in seconds for the rows of a batch. Caches the clock of the last run."""

    def __init__(self, stores: Stores, path: ProjectPath) -> None:
        self._stores = stores
        self._path = path
        self._run: str | None = None
        self._clock: HistoryClock | None = None

    def __call__(self, batch: ColumnBatch) -> NDArray[np.float64]:
        clock = self._clock_of(batch.run)
        seconds = np.empty(len(batch))
        for index, writer in enumerate(batch.writers):
            of_writer = batch.writer == index
            seconds[of_writer] = clock.runtimes_micros(batch.times[of_writer], writer) / 1e6
        return seconds

    def _clock_of(self, run: str) -> HistoryClock:
        if self._clock is None or self._run != run:
            entry = self._stores.find_run(self._path.run(run))
            sources = sources_of(self._stores, entry.project_id, run)
            self._clock, self._run = HistoryClock(self._stores, entry, sources), run
        return self._clock
