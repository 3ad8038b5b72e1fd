"""Conversions between steps of a run and the times of their logging. Reads the metric store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from weft.server.services.reading.steps import plain_step
from weft.server.storage.contract import ColumnBatch, MetricStore, Source


def step_at(
    store: MetricStore, run: str, micros: int, sources: Sequence[Source] = ()
) -> int | float | None:
    """The step of the last row that was logged up to a time. None if there is no such row."""
    latest: tuple[int, int | float] | None = None
    for batch in _batches(store, run, sources):
        times = np.where(batch.times <= micros, batch.times, -1)
        # the later of rows with equal times
        index = len(times) - 1 - int(np.argmax(times[::-1])) if len(times) else 0
        if len(times) and times[index] >= 0 and (latest is None or times[index] >= latest[0]):
            latest = (int(times[index]), batch.steps[index].item())
    return None if latest is None else plain_step(latest[1])


def micros_at(
    store: MetricStore, run: str, step: float, sources: Sequence[Source] = ()
) -> tuple[int | float, int] | None:
    """The first logged step from `step` on, and its time; the last one if all are lower, None
    without rows.
    """
    last: tuple[float, int] | None = None
    for batch in _batches(store, run, sources):
        indices = np.flatnonzero(batch.steps >= step)
        if len(indices):
            first = int(indices[np.argmin(batch.steps[indices])])
            return plain_step(batch.steps[first].item()), int(batch.times[first])
        if len(batch.steps):
            last = (batch.steps[-1].item(), int(batch.times[-1]))
    return None if last is None else (plain_step(last[0]), last[1])


def _batches(store: MetricStore, run: str, sources: Sequence[Source]) -> Iterator[ColumnBatch]:
    lineage = {run: sources} if sources else None
    return store.columns([run], [], every_row=True, lineage=lineage)
