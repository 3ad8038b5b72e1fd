"""Selects the runs that match a filter, in order, and reads one column's values for some runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from weft.errors import ConfigError, LimitExceeded
from weft.queries.filter_json import FilterForm, filter_of
from weft.queries.filters import Filter, Order
from weft.server.services.access.actors import Actor
from weft.server.services.columns.typed_column import MISSING
from weft.server.services.selecting.evaluate import columns_of, matching
from weft.server.services.selecting.ordering import sorted_runs
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Int64
from weft.wire.runs.runs import MAX_RUNS

__all__ = ["MISSING", "Selected", "column_values", "requested_runs", "select_runs"]


@dataclass(frozen=True, slots=True)
class Selected:
    """Selected runs, in order."""

    ids: list[str]
    row_ids: Int64


def select_runs(
    stores: Stores,
    actor: Actor,
    project_id: int,
    tree: Filter | None,
    order: Sequence[Order] = (),
    *,
    trashed: bool = False,
) -> Selected:
    """Runs of a project that match the filter, sorted by `order`, then newest first.

    `trashed` selects from the trash instead.
    """
    names = columns_of(tree) | {key.column for key in order}
    view = stores.columns.view(actor, project_id, names)
    runs = view.runs
    is_match = matching(view, tree) & runs.is_alive & (runs.is_trashed == trashed)
    slots = sorted_runs(view, np.flatnonzero(is_match), order)
    return Selected(runs.ids_of(slots), runs.row_ids[slots])


def requested_runs(
    stores: Stores,
    actor: Actor,
    project_id: int,
    runs: Sequence[str] | None,
    form: FilterForm,
    *,
    trashed: bool = False,
) -> list[str]:
    """Ids of the runs that a request acts on: those it names, or those that match its filter.

    Named ones need not exist, and duplicates count once. LimitExceeded for more than `MAX_RUNS`.
    """
    if (runs is None) == (form is None):
        raise ConfigError("give runs or a filter", field="runs")
    if runs is None:
        run_ids = select_runs(stores, actor, project_id, filter_of(form), trashed=trashed).ids
    else:
        run_ids = list(dict.fromkeys(runs))
    if len(run_ids) > MAX_RUNS:
        raise LimitExceeded(f"{len(run_ids)} runs at once; the limit is {MAX_RUNS}")
    return run_ids


def column_values(
    stores: Stores,
    actor: Actor,
    project_id: int,
    column: str,
    row_ids: Int64 | Sequence[int],
) -> list[Any]:
    """The values of one column, in the order of `row_ids`; `MISSING` where a run has no value.

    For `tags` and `writer.LABEL`, each value is a list of texts.
    """
    (values,) = stores.columns.values(actor, project_id, [column], row_ids)
    return values
