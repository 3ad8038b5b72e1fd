"""Decides which columns are read with one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from weft.server.services.columns.cells import MAX_RUNS_TOGETHER, has_path
from weft.server.storage.contract import Int64

_MIN_COLUMNS_TOGETHER: Final = 10
"""Fewer columns of more than `MAX_RUNS_TOGETHER` runs are read by the index of their path."""

_MAX_CELLS_TOGETHER: Final = 1_000_000
"""Bounds the cells that are in memory as rows, 150 bytes each."""


def groups_of_columns(
    stale: Mapping[str, Int64 | None], n_runs: int
) -> Iterator[tuple[Sequence[str], Int64 | None]]:
    """Names of columns in groups that are read together, and the slots to read of a group.

    Args:
        stale: by name of a column, the slots whose values are to be read; None for all.
        n_runs: number of all slots.

    >>> columns = {"name": None, "config.lr": None, "config.seed": None}
    >>> [names for names, _ in groups_of_columns(columns, n_runs=1_000)]
    [['name'], ['config.lr', 'config.seed']]
    >>> [names for names, _ in groups_of_columns(columns, n_runs=2_000)]
    [['name'], ['config.lr'], ['config.seed']]
    """
    by_root: dict[str, list[str]] = {}
    for name, slots in stale.items():
        if has_path(name) and _count(slots, n_runs):
            by_root.setdefault(name.partition(".")[0], []).append(name)
        else:
            yield [name], slots
    for names in by_root.values():
        size = _group_size(len(names), max(_count(stale[name], n_runs) for name in names))
        for first in range(0, len(names), size):
            group = names[first : first + size]
            yield group, _union([stale[name] for name in group])


def _group_size(n_columns: int, n_stale: int) -> int:
    if n_stale <= MAX_RUNS_TOGETHER:
        return n_columns
    size = min(n_columns, _MAX_CELLS_TOGETHER // n_stale)
    return size if size >= _MIN_COLUMNS_TOGETHER else 1


def _count(slots: Int64 | None, n_runs: int) -> int:
    return n_runs if slots is None else len(slots)


def _union(parts: Sequence[Int64 | None]) -> Int64 | None:
    slots = [part for part in parts if part is not None]
    return np.unique(np.concatenate(slots)) if len(slots) == len(parts) else None
