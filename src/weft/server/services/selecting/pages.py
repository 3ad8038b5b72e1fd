"""Pages of runs that match a selection, and the table rows made from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from weft.errors import ConfigError
from weft.queries.filters import Filter, kind_of_column
from weft.queries.orders import checked_orders
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit
from weft.server.services.columns.project_columns import View
from weft.server.services.columns.typed_column import MISSING
from weft.server.services.selecting.evaluate import (
    SEARCHED,
    columns_of,
    equal_to,
    matching,
    matching_search,
)
from weft.server.services.selecting.ordering import page_of
from weft.server.services.selecting.types import MAX_BY, RunSelection
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Int64
from weft.wire.runs.runs import MAX_PAGE
from weft.wire.runs.selecting import Table, TableRow, Under

_MAX_SHOWN_CHARS: Final = 1000

_ROW_COLUMNS: Final = ("name", "state", "color")
"""Columns of each table row, before the requested ones."""


def check_selection(selection: RunSelection) -> None:
    """Return if all parts of a selection are valid."""
    check_limit(selection.limit, MAX_PAGE)
    checked_orders(selection.order)
    under = selection.under
    if under is not None:
        if len(under.values) > len(under.by) or len(under.by) > MAX_BY:
            raise ConfigError(
                f"under has at most {MAX_BY} columns in by, and no more values", field="under"
            )
        for column in under.by:
            kind_of_column(column, field="under")


class RunPage(NamedTuple):
    """A page of runs; `total` counts those of all pages."""

    ids: list[str]
    row_ids: Int64
    cursor: str | None
    total: int


def find_runs(stores: Stores, actor: Actor, project_id: int, selection: RunSelection) -> RunPage:
    """A page of the runs that match a selection."""
    under = selection.under
    names = columns_needed_by(selection.tree, selection.search)
    names |= {order.column for order in selection.order}
    if under is not None:
        names |= set(under.by[: len(under.values)])
    view = stores.columns.view(actor, project_id, names)
    slots = slots_of(
        view,
        selection.tree,
        search=selection.search,
        regex=selection.regex,
        under=under,
        trashed=selection.trashed,
    )
    page, cursor = page_of(
        view,
        slots,
        selection.order,
        cursor=selection.cursor,
        limit=selection.limit,
        offset=selection.offset,
    )
    runs = view.runs
    return RunPage(runs.ids_of(page), runs.row_ids[page], cursor, len(slots))


def table_of(
    stores: Stores,
    actor: Actor,
    project_id: int,
    selection: RunSelection,
    columns: Sequence[str],
) -> Table:
    """A page of the runs that match a selection, as table rows."""
    runs = find_runs(stores, actor, project_id, selection)
    listed = stores.columns.values(actor, project_id, [*_ROW_COLUMNS, *columns], runs.row_ids)
    names, states, colors, *values = [[_shown(value) for value in column] for column in listed]
    logged = listed[len(_ROW_COLUMNS) :]
    rows = [
        TableRow(
            run_id,
            names[i] or "",
            states[i] or "",
            colors[i] or 1,
            [column[i] for column in values],
            tuple(at for at, column in enumerate(logged) if column[i] is None),
        )
        for i, run_id in enumerate(runs.ids)
    ]
    return Table(rows, runs.cursor, runs.total)


def columns_needed_by(tree: Filter | None, search: str) -> set[str]:
    """Names of the columns that a filter and a search read."""
    return columns_of(tree) | (set(SEARCHED) if search else set())


def slots_of(
    view: View,
    tree: Filter | None,
    *,
    search: str = "",
    regex: bool = False,
    under: Under | None = None,
    trashed: bool = False,
) -> Int64:
    """Slots of the runs that match a selection, in the order of their row ids."""
    is_match = matching(view, tree) & view.runs.is_alive & (view.runs.is_trashed == trashed)
    if search:
        is_match &= matching_search(view, search, regex=regex)
    if under is not None:
        for name, value in zip(under.by, under.values, strict=False):
            is_match &= equal_to(view.columns[name], value)
    return np.flatnonzero(is_match)


def _shown(value: Any) -> Any:
    if value is MISSING:
        return None
    return value[:_MAX_SHOWN_CHARS] if isinstance(value, str) else value
