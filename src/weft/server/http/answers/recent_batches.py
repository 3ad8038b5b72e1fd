"""Record batches of panels written lately, for panels that show the same series.

The metric store returns the same `Series` objects until a run changes, also to other queries. To
write a panel takes longer than to find its series, so it is done once. The least recently used
batch is dropped first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from weft.server.services.charting import Drawn, PanelAnswer
from weft.server.storage.contract import Series

MAX_BYTES: Final = 32 * 2**20
"""Limit of all batches, with the series that they hold in memory."""

MAX_BATCH_BYTES: Final = 2**20
"""Limit of one of them. A larger one takes longer to send than to write."""

_BUCKET_BYTES: Final = 72
"""Size of a bucket of a series: nine columns of eight bytes."""


class _Entry(NamedTuple):
    batch: bytes
    n_bytes: int
    series: Sequence[Series]
    """Held, so that no other object gets the identity of one of them."""


class RecentBatches:
    """A cache of batches by what they show. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._n_bytes = 0

    def find(self, answer: PanelAnswer) -> bytes | None:
        """The batch of a panel that shows the same, whatever its number was."""
        name = _name(answer)
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                return None
            self._entries.move_to_end(name)
            return entry.batch

    def add(self, answer: PanelAnswer, batch: bytes) -> None:
        """Store the batch of a panel."""
        name = _name(answer)
        series = [drawn.series for drawn in answer.drawn]
        n_bytes = len(batch) + _BUCKET_BYTES * sum(len(each.buckets) for each in series)
        if name is None or n_bytes > MAX_BATCH_BYTES:
            return
        with self._lock:
            if name in self._entries:
                return
            self._entries[name] = _Entry(batch, n_bytes, series)
            self._n_bytes += n_bytes
            while self._n_bytes > MAX_BYTES:
                self._n_bytes -= self._entries.popitem(last=False)[1].n_bytes


def _name(answer: PanelAnswer) -> Hashable | None:
    """The identity of a panel of stored series; None for one with computed parts."""
    if not all(map(_is_stored, answer.drawn)):
        return None
    curves = [(id(drawn.series), drawn.origin_micros, drawn.axis_metric) for drawn in answer.drawn]
    return answer.bounds, *curves


def _is_stored(drawn: Drawn) -> bool:
    is_plain = drawn.group is None and drawn.band is None
    return is_plain and not drawn.reason and drawn.first_nonfinite is None and drawn.n_runs == 1
