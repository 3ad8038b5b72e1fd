"""The rows of the file that make up a run: its own, and those of the sources it was forked from.

Every read (`scan`, `keys`, `latest`, `rows`) begins here. A chunk or block whose rows all count is
read as a whole, one without rows that count is skipped, and of any other the rows that count are
selected here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.records.value import INT64_MAX, INT64_MIN
from weft.server.storage.contract import Source
from weft.server.storage.metrics.encoding.chunk import ChunkHeader
from weft.server.storage.metrics.view import MetricDatabase, View

ALL: Final = math.inf
"""As the last step that counts: every row counts."""

NONE: Final = -math.inf
"""As the last step that counts: no row counts."""


@dataclass(slots=True)
class Part:
    """Rows of one run in the file that belong to a requested run.

    Attributes:
        is_own: whether it is the requested run itself. All rows of its unnamed writers then count,
            and system rows too. Of another run only rows of the named writers count.
        named: the last step that counts, by name of the writer.
        limits: the same by number of the writer, once `number_writers` was called.
    """

    run: int
    origin: int | None
    is_own: bool
    named: dict[str, float] = field(default_factory=dict[str, float])
    limits: dict[int, float] = field(default_factory=dict[int, float])

    @property
    def is_whole(self) -> bool:
        """Whether every row of the run counts."""
        return self.is_own and not self.limits

    def limit(self, writer: int, *, system: bool) -> float:
        """The last step of a writer that counts: an int or a float, `ALL` or `NONE`."""
        if system or self.is_whole:
            return ALL if self.is_own else NONE
        return self.limits.get(writer, ALL if self.is_own else NONE)

    def limit_of(self, chunk: ChunkHeader) -> float:
        """The last step of a chunk that counts: `ALL` or `NONE` if all or none of its rows do."""
        limit = self.limit(chunk.writer, system=bool(chunk.system))
        if chunk.step_hi <= limit:
            return ALL
        return limit if chunk.step_lo <= limit else NONE


def parts_of(database: MetricDatabase, name: str, sources: Sequence[Source]) -> list[Part]:
    """The parts of a run, its own rows first, or [] if it is gone. Call `number_writers` next."""
    own = database.run_or_tombstone(name)
    if own is not None and own.gone:
        return []
    named: dict[str, dict[str, float]] = {name: {}}
    for source in sources:
        named.setdefault(source.run, {})[source.writer] = source.last_step
    parts: list[Part] = []
    for run_name, writers in named.items():
        info = own if run_name == name else database.find_source(run_name)
        if info is not None:
            parts.append(Part(info.run, info.origin, run_name == name, writers))
    return parts


def number_writers(view: View, parts: Iterable[Part]) -> None:
    """Look up the numbers of the writers that parts name."""
    by_run: dict[int, list[Part]] = {}
    for part in parts:
        if part.named:
            by_run.setdefault(part.run, []).append(part)
    if not by_run:
        return
    for run, writer, name in view.writers(by_run):
        for part in by_run[run]:
            if name in part.named:
                part.limits[writer] = part.named[name]


def counted_rows(steps: Any, limit: float) -> NDArray[np.bool_] | None:
    """A mask of the rows whose steps are at most `limit`, exactly. None if all are.

    >>> counted_rows(np.array([1, 2**53, 2**53 + 1]), float(2**53))
    array([ True,  True, False])
    >>> counted_rows(np.array([0.5, 1.5]), 2)
    """
    if limit == ALL:
        return None
    if limit == NONE:
        return np.zeros(len(steps), dtype=np.bool_)
    bound: Any
    if steps.dtype == np.longdouble:
        bound = np.longdouble(limit)
    elif steps.dtype == np.int64:
        bound = min(max(math.floor(limit), INT64_MIN - 1), INT64_MAX)
        if bound < INT64_MIN:
            return np.zeros(len(steps), dtype=np.bool_)
    else:
        bound = float(limit)
        if bound > limit:
            # The limit is an int beyond 2**53 that was rounded up.
            bound = math.nextafter(bound, -math.inf)
    inside = steps <= bound
    return None if bool(inside.all()) else inside


def picked(inside: NDArray[np.bool_]) -> slice | NDArray[np.bool_]:
    """The same rows as an index, which copies nothing if steps ascend."""
    n = int(np.count_nonzero(inside))
    return slice(0, n) if bool(inside[:n].all()) else inside


def at_least(x: Any, bound: float) -> NDArray[np.bool_]:
    """`x >= bound`, exact even for integers that float64 can't hold.

    >>> at_least(np.array([2**53, 2**53 + 1]), 2**53 + 1)
    array([False,  True])
    """
    if x.dtype == np.longdouble:
        return x >= np.longdouble(bound)
    if x.dtype == np.int64:
        low: float = -(-bound // 1)
        if low == -np.inf or low < -(2**63):
            return np.ones(len(x), dtype=np.bool_)
        if low >= 2**63:
            return np.zeros(len(x), dtype=np.bool_)
        return x >= np.int64(int(low))
    real = float(max(min(bound, 2**1023), -(2**1023)))
    return x >= real if real >= bound else x > real
