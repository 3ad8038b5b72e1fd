"""Lists the columns of a project's runs: names, kinds, run counts and sample values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from weft.queries.filter_json import encode_value
from weft.records.definition import AGGREGATES, Goal
from weft.records.merge import split_path
from weft.records.run_columns import RUN_COLUMNS
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import decode_cursor, encode_cursor
from weft.server.services.columns.path_use import ROOTS, Root, Use
from weft.server.services.columns.runs import Runs
from weft.server.services.columns.texts import Bools
from weft.server.services.columns.typed_column import KIND_NAMES, MISSING
from weft.server.services.reading.hidden_metrics import hidden_metrics
from weft.server.services.reading.metric_goals import MetricGoals, metric_goals, spread_evenly
from weft.server.services.selecting.column_ranks import tier_of_search
from weft.server.services.selecting.types import ColumnSelection
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import MISSING_KIND
from weft.wire.runs.selecting import Column, ColumnList

N_SAMPLES: Final = 5
_MAX_SAMPLED: Final = 500
"""Maximum number of runs that one page of columns reads for samples."""

_MAX_SPREAD: Final = 24
"""Number of these runs that are chosen by age alone."""

_MAX_SAMPLE_CHARS: Final = 200

_RANKS_PER_TIER: Final = 1 << 33
"""More than a project can have runs."""


class _NameCursor(msgspec.Struct, array_like=True, frozen=True):
    after: tuple[int, str]


class _UseCursor(msgspec.Struct, array_like=True, frozen=True):
    after: tuple[int, int, str]


class _UsedColumn(NamedTuple):
    """A column that runs have.

    `position`, the sort key, is the root's number and the name (for the runs' own columns, their
    standard order). `counts`, int64[kinds], are the runs that have a value of each kind.
    """

    position: tuple[int, str]
    name: str
    counts: Int64
    tier: int


class _Source(NamedTuple):
    """The columns of one root that match a selection, as ascending indices into `use.names`."""

    number: int
    root: Root
    runs: Runs
    use: Use
    indices: list[int]
    tiers: list[int]

    def column_at(self, index: int) -> _UsedColumn:
        name = self.use.names[index]
        tier = self.tiers[bisect_left(self.indices, index)]
        return _UsedColumn(
            (self.number, name), f"{self.root}.{name}", self.use.counts[index], tier
        )


def find_columns(
    stores: Stores, actor: Actor, project_id: int, selection: ColumnSelection
) -> ColumnList:
    """Return a page of columns, sorted by name (those of runs first), or by fit and use."""
    goals = metric_goals(stores, project_id)
    of_runs: list[_UsedColumn] = []
    if selection.scope in {None, "run"} and not selection.has_goal:
        of_runs = _run_columns(stores, actor, project_id, tier_of_search("", selection))
    sources: list[_Source] = []
    for number, root in enumerate(ROOTS, start=1):
        if selection.scope in {None, root} and not (selection.has_goal and root != "summary"):
            runs, use = stores.columns.columns_in_use(project_id, root)
            matches = _matching(use, tier_of_search(f"{root}.", selection))
            if selection.has_goal:
                matches = [
                    match for match in matches if _goal_of(f"{root}.{use.names[match[0]]}", goals)
                ]
            indices = [index for index, _ in matches]
            tiers = [tier for _, tier in matches]
            sources.append(_Source(number, root, runs, use, indices, tiers))
    page_of = _page_by_use if selection.order == "use" else _page_by_name
    page, following = page_of(of_runs, sources, selection)
    runs = stores.columns.view(actor, project_id, ()).runs
    row_ids = _newest_with(runs, page, sources)
    has_summary = any(column.name.startswith("summary.") for column in page)
    hidden = hidden_metrics(stores, project_id) if has_summary else frozenset[str]()
    listed = stores.columns.values(actor, project_id, [column.name for column in page], row_ids)
    columns = [
        Column(
            column=column.name,
            kinds=_kinds(column.counts),
            n_runs=int(column.counts.sum()),
            samples=_samples(values),
            hidden=bool(hidden) and not hidden.isdisjoint(_metrics_of(column.name)),
            goal=_goal_of(column.name, goals),
        )
        for column, values in zip(page, listed, strict=True)
    ]
    total = len(of_runs) + sum(len(source.indices) for source in sources)
    return ColumnList(columns, following, total)


def _page_by_name(
    of_runs: Sequence[_UsedColumn], sources: Sequence[_Source], selection: ColumnSelection
) -> tuple[list[_UsedColumn], str | None]:
    last = (-1, "")
    if selection.cursor is not None:
        last = decode_cursor(selection.cursor, _NameCursor).after
    n_needed = selection.limit + 1
    page = [column for column in of_runs if column.position > last]
    for source in sources:
        if source.number >= last[0] and len(page) < n_needed:
            first = 0
            if source.number == last[0]:
                first = bisect_right(source.indices, last[1], key=source.use.names.__getitem__)
            page += [source.column_at(index) for index in source.indices[first : first + n_needed]]
    if len(page) <= selection.limit:
        return page, None
    page = page[: selection.limit]
    return page, encode_cursor(_NameCursor(page[-1].position))


def _page_by_use(
    of_runs: Sequence[_UsedColumn], sources: Sequence[_Source], selection: ColumnSelection
) -> tuple[list[_UsedColumn], str | None]:
    """Columns that fit the search best first, of these the ones of most runs, then by name.

    A page begins after the rank and name at which the previous page ended, so a column whose
    count does not change in between is neither skipped nor repeated.

    Cost: linear in the number of matching columns; only the columns of a page are sorted.
    """
    last = None
    if selection.cursor is not None:
        last = decode_cursor(selection.cursor, _UseCursor).after
    n_needed = selection.limit + 1
    ranked: list[tuple[int, _UsedColumn]] = []
    for column in of_runs:
        rank = column.tier * _RANKS_PER_TIER - int(column.counts.sum())
        if last is None or (rank, *column.position) > last:
            ranked.append((rank, column))
    for source in sources:
        ranked += _first_by_use(source, last, n_needed)
    ranked.sort(key=lambda entry: (entry[0], entry[1].position))
    page = [column for _, column in ranked[: selection.limit]]
    if len(ranked) <= selection.limit:
        return page, None
    rank, last_listed = ranked[selection.limit - 1]
    return page, encode_cursor(_UseCursor((rank, *last_listed.position)))


def _first_by_use(
    source: _Source, last: tuple[int, int, str] | None, most: int
) -> list[tuple[int, _UsedColumn]]:
    """The first columns of a root after `last`, each with its rank, in any order."""
    names = source.use.names
    indices = np.array(source.indices, np.int64)
    ranks = np.array(source.tiers, np.int64) * _RANKS_PER_TIER
    ranks -= source.use.counts[indices].sum(axis=1)
    if last is not None:
        rank, number, name = last
        is_after = ranks > rank
        if source.number > number:
            is_after |= ranks == rank
        elif source.number == number:
            is_after |= (ranks == rank) & (indices >= bisect_right(names, name))
        indices, ranks = indices[is_after], ranks[is_after]
    if len(indices) > most:
        # One int that sorts like (rank, place); both are small, so it can't overflow.
        keys = ranks * len(names) + indices
        first = np.argpartition(keys, most - 1)[:most]
        indices, ranks = indices[first], ranks[first]
    return [
        (rank, source.column_at(index))
        for rank, index in zip(ranks.tolist(), indices.tolist(), strict=True)
    ]


def _metrics_of(column: str) -> list[str]:
    """The metrics a summary column may belong to: `summary.loss.min` may belong to `loss`."""
    root, _, path = column.partition(".")
    if root != "summary":
        return []
    *parts, last = split_path(path)
    metrics = [".".join([*parts, last])]
    if last in AGGREGATES and parts:
        metrics.append(".".join(parts))
    return metrics


def _goal_of(column: str, goals: MetricGoals) -> Goal | None:
    for metric in _metrics_of(column):
        goal = goals.of(metric)
        if goal is not None:
            return goal
    return None


def _run_columns(
    stores: Stores, actor: Actor, project_id: int, tier_of: Callable[[str], int | None]
) -> list[_UsedColumn]:
    tiers = {name: tier_of(name) for name in RUN_COLUMNS}
    names = [name for name, tier in tiers.items() if tier is not None]
    view = stores.columns.view(actor, project_id, names)
    shown = view.runs.is_alive & ~view.runs.is_trashed
    columns: list[_UsedColumn] = []
    for name in names:
        kinds = view.columns[name].kinds[shown]
        counts = np.bincount(kinds, minlength=MISSING_KIND + 1)[:MISSING_KIND]
        if counts.any():
            position = (0, f"{list(RUN_COLUMNS).index(name):02}")
            columns.append(_UsedColumn(position, name, counts, tiers[name] or 0))
    return columns


def _matching(use: Use, tier_of: Callable[[str], int | None]) -> list[tuple[int, int]]:
    """Index and tier of the names that at least one run has and that match, ascending."""
    in_use: list[int] = np.flatnonzero(use.counts.any(axis=1)).tolist()
    return [(index, tier) for index in in_use if (tier := tier_of(use.names[index])) is not None]


def _newest_with(
    newest: Runs, page: Sequence[_UsedColumn], sources: Sequence[_Source]
) -> list[int]:
    """Row ids of the runs to read samples from, newest first.

    Enough new runs that each column has some values, and others spread over the project's age, so
    that a column in which only older runs differ does not look constant.
    """
    shown = np.flatnonzero(newest.is_alive & ~newest.is_trashed)
    chosen = np.union1d(shown[-N_SAMPLES:], spread_evenly(shown, _MAX_SPREAD))
    row_ids = {int(row_id) for row_id in newest.row_ids[chosen]}
    for number, _, runs, use, *_ in sources:
        names = [column.position[1] for column in page if column.position[0] == number]
        is_on_page = np.zeros(len(use.names), np.bool_)
        is_on_page[[bisect_left(use.names, name) for name in names]] = True
        if names:
            row_ids.update(int(runs.row_ids[slot]) for slot in _covering(use, is_on_page))
    return sorted(row_ids, reverse=True)


def _covering(use: Use, is_needed: Bools) -> list[int]:
    """Slots of new runs that together have up to `N_SAMPLES` values of each needed column."""
    n_values = np.zeros(len(is_needed), np.int64)
    slots: list[int] = []
    numbers, firsts = np.unique(use.set_of_run[::-1], return_index=True)
    for number in numbers[np.argsort(firsts)]:
        if number < 0:
            continue
        names = use.sets[int(number)]
        if not (is_needed[names] & (n_values[names] < N_SAMPLES)).any():
            continue
        newest = np.flatnonzero(use.set_of_run == number)[-N_SAMPLES:]
        slots += newest.tolist()
        n_values[names] += len(newest)
        if len(slots) >= _MAX_SAMPLED or (n_values[is_needed] >= N_SAMPLES).all():
            break
    return slots


def _kinds(counts: Int64) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for name, count in zip(KIND_NAMES, counts.tolist(), strict=True):
        if count:
            kinds[name] = kinds.get(name, 0) + count
    return kinds


def _samples(values: Sequence[Any]) -> list[Any]:
    samples: dict[str, Any] = {}
    for value in values:
        if value is MISSING or value is None:
            continue
        shown = value[:_MAX_SAMPLE_CHARS] if isinstance(value, str) else encode_value(value)
        samples.setdefault(repr(shown), shown)
        if len(samples) == N_SAMPLES:
            break
    return list(samples.values())
