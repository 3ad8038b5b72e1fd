"""Which row of a run was logged at a time, and when a step was logged. Reads the metric store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from weft.server.services.reading.steps import plain_step
from weft.server.storage.contract import ColumnBatch, MetricStore, Source


def step_at(
    store: MetricStore, run: str, micros: int, sources: Sequence[Source] = ()
) -> int | float | None:
    """The step of the last row that was logged up to a time. None if there is no such row."""
    found: tuple[int, int | float] | None = None
    for batch in _batches(store, run, sources):
        times = np.where(batch.times <= micros, batch.times, -1)
        # of rows with equal times the later one
        place = len(times) - 1 - int(np.argmax(times[::-1])) if len(times) else 0
        if len(times) and times[place] >= 0 and (found is None or times[place] >= found[0]):
            found = (int(times[place]), batch.steps[place].item())
    return None if found is None else plain_step(found[1])


def micros_at(
    store: MetricStore, run: str, step: float, sources: Sequence[Source] = ()
) -> tuple[int | float, int] | None:
    """The first step from a given one on that was logged, and when; the last one if all are lower.

    Returns:
        None if the run has no rows.
    """
    last: tuple[float, int] | None = None
    for batch in _batches(store, run, sources):
        places = np.flatnonzero(batch.steps >= step)
        if len(places):
            first = int(places[np.argmin(batch.steps[places])])
            return plain_step(batch.steps[first].item()), int(batch.times[first])
        if len(batch.steps):
            last = (batch.steps[-1].item(), int(batch.times[-1]))
    return None if last is None else (plain_step(last[0]), last[1])


def _batches(store: MetricStore, run: str, sources: Sequence[Source]) -> Iterator[ColumnBatch]:
    lineage = {run: sources} if sources else None
    return store.columns([run], [], every_row=True, lineage=lineage)
