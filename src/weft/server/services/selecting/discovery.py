"""Lists the columns that runs of a project have: names, kinds, how many runs, some values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from weft.queries.filter_json import encode_value
from weft.queries.filters import RUN_COLUMNS
from weft.server.services.context import Stores
from weft.server.services.reading.cursors import decode_cursor, encode_cursor
from weft.server.services.selecting.path_use import ROOTS, Root, Use
from weft.server.services.selecting.patterns import compile_pattern
from weft.server.services.selecting.project_columns import Runs
from weft.server.services.selecting.texts import Bools
from weft.server.services.selecting.typed_column import KIND_NAMES, MISSING
from weft.server.services.selecting.types import ColumnInfo, ColumnPage, ColumnQuestion
from weft.server.storage.contract import Int64
from weft.server.storage.metadata.run_columns import MISSING_KIND

N_SAMPLES: Final = 5
_MAX_LOOKED_AT: Final = 500
"""Runs that one page of columns looks at for samples."""

_MAX_SAMPLE_CHARS: Final = 200


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    after: tuple[int, str]


class _Found(NamedTuple):
    """A column that runs have.

    Attributes:
        place: what columns are sorted by: root, and name (of the runs' own, their usual order).
        counts: int64[kinds].
    """

    place: tuple[int, str]
    column: str
    counts: Int64


def find_columns(stores: Stores, project_id: int, question: ColumnQuestion) -> ColumnPage:
    """A page of columns: those of the runs' own rows first, then by name.

    Raises:
        ConfigError: the cursor or pattern is none.
    """
    last = (-1, "")
    if question.cursor is not None:
        last = decode_cursor(question.cursor, _Cursor).after
    page: list[_Found] = []
    total = 0
    n_wanted = question.limit + 1
    if question.scope in {None, "run"}:
        found = _of_runs(stores, project_id, _test("", question))
        total += len(found)
        page += [one for one in found if one.place > last]
    uses: dict[Root, tuple[Runs, Use]] = {}
    for number, root in enumerate(ROOTS, start=1):
        if question.scope in {None, root}:
            uses[root] = stores.selection.columns_in_use(project_id, root)
            use = uses[root][1]
            places = _matching(use, _test(f"{root}.", question))
            total += len(places)
            if number >= last[0] and len(page) < n_wanted:
                first = 0
                if number == last[0]:
                    first = bisect_right(places, last[1], key=use.names.__getitem__)
                page += [
                    _Found(
                        (number, use.names[place]), f"{root}.{use.names[place]}", use.counts[place]
                    )
                    for place in places[first : first + n_wanted]
                ]
    has_more = len(page) > question.limit
    page = page[: question.limit]
    runs = stores.selection.view(project_id, ()).runs
    row_ids = _newest_with(runs, page, uses)
    listed = stores.selection.values(project_id, [one.column for one in page], row_ids)
    columns = [
        ColumnInfo(
            column=one.column,
            kinds=_kinds(one.counts),
            n_runs=int(one.counts.sum()),
            samples=_samples(values),
        )
        for one, values in zip(page, listed, strict=True)
    ]
    following = encode_cursor(_Cursor(page[-1].place)) if has_more else None
    return ColumnPage(columns, following, total)


def _test(prefix: str, question: ColumnQuestion) -> Callable[[str], bool] | None:
    """Whether a name after `prefix` is looked for; None = each is."""
    if not question.search:
        return None
    if question.regex:
        test = compile_pattern(question.search, folded=True, field="search")
        return lambda name: test(f"{prefix}{name}")
    part = question.search.casefold()
    if part in prefix:
        return None
    # What begins in the prefix goes on at the beginning of the name.
    rests = tuple(
        part[n_chars:]
        for n_chars in range(1, len(prefix) + 1)
        if part.startswith(prefix[-n_chars:])
    )
    if not rests:
        return lambda name: part in name.casefold()

    def holds(name: str) -> bool:
        folded = name.casefold()
        return part in folded or folded.startswith(rests)

    return holds


def _of_runs(stores: Stores, project_id: int, test: Callable[[str], bool] | None) -> list[_Found]:
    names = [name for name in RUN_COLUMNS if test is None or test(name)]
    view = stores.selection.view(project_id, names)
    shown = view.runs.is_alive & ~view.runs.is_trashed
    found: list[_Found] = []
    for name in names:
        kinds = view.columns[name].kinds[shown]
        counts = np.bincount(kinds, minlength=MISSING_KIND + 1)[:MISSING_KIND]
        if counts.any():
            found.append(_Found((0, f"{list(RUN_COLUMNS).index(name):02}"), name, counts))
    return found


def _matching(use: Use, test: Callable[[str], bool] | None) -> list[int]:
    """Indices of the names that some run has and that are looked for, ascending."""
    places: list[int] = np.flatnonzero(use.counts.any(axis=1)).tolist()
    if test is None:
        return places
    return [place for place in places if test(use.names[place])]


def _newest_with(
    newest: Runs, page: Sequence[_Found], uses: dict[Root, tuple[Runs, Use]]
) -> list[int]:
    """Row ids of new runs, so many that each column has some value."""
    shown = np.flatnonzero(newest.is_alive & ~newest.is_trashed)[-N_SAMPLES:]
    row_ids = {int(row_id) for row_id in newest.row_ids[shown]}
    for root, (runs, use) in uses.items():
        number = 1 + ROOTS.index(root)
        names = [one.place[1] for one in page if one.place[0] == number]
        wanted = np.zeros(len(use.names), np.bool_)
        wanted[[bisect_left(use.names, name) for name in names]] = True
        if names:
            row_ids.update(int(runs.row_ids[slot]) for slot in _covering(use, wanted))
    return sorted(row_ids, reverse=True)


def _covering(use: Use, wanted: Bools) -> list[int]:
    """Slots of new runs which together have each wanted column some times, if there are such."""
    n_seen = np.zeros(len(wanted), np.int64)
    slots: list[int] = []
    numbers, firsts = np.unique(use.set_of_run[::-1], return_index=True)
    for number in numbers[np.argsort(firsts)]:
        if number < 0:
            continue
        places = use.sets[int(number)]
        if not (wanted[places] & (n_seen[places] < N_SAMPLES)).any():
            continue
        some = np.flatnonzero(use.set_of_run == number)[-N_SAMPLES:]
        slots += some.tolist()
        n_seen[places] += len(some)
        if len(slots) >= _MAX_LOOKED_AT or (n_seen[wanted] >= N_SAMPLES).all():
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
