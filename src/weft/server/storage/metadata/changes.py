"""Which runs changed since a moment: what is kept of them in memory reads only those again. Pure.

A transaction notes what it touches. It announces that before it commits, and settles it after: so
what can be seen in the database is either settled or announced. Readers take a `mark`, then a
snapshot of the database, then ask what changed `since` the mark of their last reading: all that
the snapshot shows anew is among it, and what it does not show yet is found again next time.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Collection
from typing import Final, Literal, get_args

Part = Literal["run", "config", "summary", "writers"]
"""`run`: the run's own row, also that it came or went."""

PARTS: Final[tuple[Part, ...]] = get_args(Part)

MAX_KEPT: Final = 50_000
"""Changes of each part, 8 bytes each; who comes later than that reads everything again."""

Touched = Collection[tuple[Part, int]]
"""Parts of runs, by the run's row id."""


class ChangeLog:
    """Row ids of changed runs, by part, in the order of commits. Thread-safe.

    >>> log = ChangeLog()
    >>> mark = log.mark("run")
    >>> log.announce({("run", 7), ("config", 8)})
    >>> log.since("run", mark), log.mark("run") == mark
    ({7}, True)
    >>> log.settle({("run", 7), ("config", 8)})
    >>> log.since("run", mark), log.since("run", log.mark("run"))
    ({7}, set())
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[Part, array[int]] = {part: array("q") for part in PARTS}
        self._dropped: dict[Part, int] = dict.fromkeys(PARTS, 0)
        self._announced: dict[Part, Counter[int]] = {part: Counter() for part in PARTS}

    def announce(self, touched: Touched) -> None:
        """Note what a transaction is about to commit; `settle` it whatever becomes of it."""
        with self._lock:
            for part, row_id in touched:
                self._announced[part][row_id] += 1

    def settle(self, touched: Touched) -> None:
        """Note that what was announced has been committed, or never will be."""
        with self._lock:
            for part, row_id in touched:
                announced = self._announced[part]
                announced[row_id] -= 1
                if not announced[row_id]:
                    del announced[row_id]
                rows = self._rows[part]
                rows.append(row_id)
                if len(rows) > 2 * MAX_KEPT:
                    del rows[:MAX_KEPT]
                    self._dropped[part] += MAX_KEPT

    def mark(self, part: Part) -> int:
        """This moment: what is settled after it, or not yet, is found by `since`."""
        with self._lock:
            return self._dropped[part] + len(self._rows[part])

    def since(self, part: Part, mark: int) -> set[int] | None:
        """Row ids of runs that changed since; None = too many did to be known."""
        with self._lock:
            first = mark - self._dropped[part]
            if first < 0:
                return None
            rows = self._rows[part]
            found = set(rows[first:]) if first < len(rows) else set[int]()
            found.update(self._announced[part])
            return found
