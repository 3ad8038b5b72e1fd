"""Runs as a table: a row for each run, columns by the names that filters use. Does network I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from weft.client.api_client import ApiClient, Json
from weft.errors import NoSuchProject, NotFound
from weft.libraries.optional import needed
from weft.records.run_columns import columns_of_kind
from weft.records.value import with_ints
from weft.sdk.reading.paths import ProjectName
from weft.wire.runs.selecting import list_columns
from weft.wire.server.server import catch_up

MAX_PAGE_RUNS: Final = 10_000
MAX_PAGE_VALUES: Final = 500_000
"""A page has so few runs that it stays below this, so that neither side holds a whole project."""

MAX_PAGE_COLUMNS: Final = 10_000
_SCOPES: Final = ("run", "config", "summary")
_TIMES: Final = frozenset(columns_of_kind("time"))

Cells = dict[str, list[Any]]
"""The values of each column, None for a run without one."""


def pandas_of_runs(
    client: ApiClient, project: ProjectName, query: Json, columns: Sequence[str] | None
) -> Any:
    """Return runs as a DataFrame of pandas; times are in UTC. See `StoredRuns.pandas`."""
    pandas = needed("pandas", "a table of runs")
    cells = cells_of_runs(client, project, query, columns)
    return pandas.DataFrame(
        {
            name: pandas.to_datetime(pandas.Series(values, dtype="Int64"), unit="us", utc=True)
            if name in _TIMES
            else values
            for name, values in cells.items()
        },
        columns=list(cells),
    )


def polars_of_runs(
    client: ApiClient, project: ProjectName, query: Json, columns: Sequence[str] | None
) -> Any:
    """Return runs as a DataFrame of polars; times are in UTC. See `StoredRuns.polars`."""
    polars = needed("polars", "a table of runs")
    series: list[Any] = []
    for name, values in cells_of_runs(client, project, query, columns).items():
        if name in _TIMES:
            series.append(polars.Series(name, values, dtype=polars.Datetime("us", "UTC")))
            continue
        try:
            # numbers of which some are whole are all floats
            series.append(polars.Series(name, values, strict=False))
        except (TypeError, ValueError, OverflowError, polars.exceptions.PolarsError):
            series.append(polars.Series(name, values, dtype=polars.Object))
    return polars.DataFrame(series)


def cells_of_runs(
    client: ApiClient, project: ProjectName, query: Json, columns: Sequence[str] | None
) -> Cells:
    """Fetch the columns of all runs of a query, in its order.

    Args:
        query: `filter`, `order` and `search` of `RunQuery`.
        columns: their names; None for those in which some of the runs have a value.
    """
    client.call(catch_up)
    try:
        names = _columns(client, project) if columns is None else list(dict.fromkeys(columns))
        rows = _rows(client, project, query, names)
    except NotFound as error:
        raise NoSuchProject(str(error)) from error
    cells = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    if columns is not None:
        return cells or {name: [] for name in names}
    return {name: values for name, values in cells.items() if any(v is not None for v in values)}


def _columns(client: ApiClient, project: ProjectName) -> list[str]:
    """The names of a project's columns, without those of hidden metrics."""
    return [
        column.column
        for scope in _SCOPES
        for page in client.pages(list_columns, *project, scope=scope, limit=MAX_PAGE_COLUMNS)
        for column in page.columns
        if not column.hidden
    ]


def _rows(
    client: ApiClient, project: ProjectName, query: Json, names: list[str]
) -> list[list[Any]]:
    limit = max(1, min(MAX_PAGE_RUNS, MAX_PAGE_VALUES // max(1, len(names))))
    rows: list[list[Any]] = []
    cursor = None
    while True:
        page = client.run_rows(*project, query, names, limit=limit, cursor=cursor)
        rows += [row.values for row in page.rows]
        cursor = page.cursor
        if cursor is None:
            return [[with_ints(v) if type(v) is dict else v for v in row] for row in rows]
