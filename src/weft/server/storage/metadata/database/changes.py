"""Records which runs change, so that in-memory caches read only those again. Pure.

A transaction announces the changes it is about to commit and settles them afterwards, so every
change visible in the database has been announced or settled. Readers take a `mark`, then a
snapshot of the database, then ask what changed `since` the mark of their last read. The answer
includes every change that is new in the snapshot; changes that the snapshot does not show yet are
reported again next time.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Collection
from typing import Final, Literal, NamedTuple, get_args

Part = Literal["run", "config", "summary", "writers", "artifacts"]
"""A part of a run. `run` is its own row, including its creation and removal; `artifacts` is which
versions it logged and used."""

PARTS: Final[tuple[Part, ...]] = get_args(Part)

MAX_KEPT: Final = 50_000
"""Changes kept per part, 8 bytes each; readers with older marks read everything."""

Touched = Collection[tuple[Part, int]]
"""Parts of runs, by the run's row id."""

Kind = Literal["people", "project", "report", "comments"]
"""Other things that a server has in memory: the directory (id 0), paths of projects, drafts of
reports, and comments on reports, which pages show."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Things = Collection[tuple[Kind, int]]
"""Other things, by their row ids."""


MAX_NOTICE_BYTES: Final = 7900
"""The longest text to other servers. PostgreSQL takes 8,000 bytes with the id of the sender."""


class OthersChanges(NamedTuple):
    """Changes by other servers. `is_whole` is False if anything may have changed."""

    touched: Touched = ()
    things: Things = ()
    is_whole: bool = True


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
        """Record what a transaction is about to commit; call `settle` even if the commit fails."""
        with self._lock:
            for part, row_id in touched:
                self._announced[part][row_id] += 1

    def settle(self, touched: Touched) -> None:
        """Record that announced changes have been committed, or never will be."""
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

    def lose(self) -> None:
        """Record that any run may have changed: readers with a mark of before read everything."""
        with self._lock:
            for part, rows in self._rows.items():
                self._dropped[part] += len(rows) + 1
                del rows[:]

    def mark(self, part: Part) -> int:
        """The current position; `since` finds changes that are settled after it or not yet."""
        with self._lock:
            return self._dropped[part] + len(self._rows[part])

    def since(self, part: Part, mark: int) -> set[int] | None:
        """Row ids of runs that changed since a mark, or None if the mark is too old."""
        with self._lock:
            first = mark - self._dropped[part]
            if first < 0:
                return None
            rows = self._rows[part]
            changed = set(rows[first:]) if first < len(rows) else set[int]()
            changed.update(self._announced[part])
            return changed
