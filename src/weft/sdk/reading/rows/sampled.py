"""Thins a run's rows for display, as dicts or a pandas table. No I/O of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from weft.errors import MissingLibrary
from weft.libraries.optional import needed
from weft.queries.thinning import thinned
from weft.sdk.reading.rows.scan import TIMES

MAX_SAMPLES: Final = 100_000

Row = dict[str, Any]


def rows_along(
    rows: Iterable[Row], x_axis: str, keys: Sequence[str] | None, samples: int
) -> list[Row]:
    """Sort rows by a metric and thin them to about `samples`, with every extreme; see `thinned`.

    Rows without a number for `x_axis` are left out.
    """
    numbered = [row for row in rows if isinstance(row.get(x_axis), (int, float))]
    # The sort is stable: rows with the same x stay in the run's order. NaN comes last.
    numbered.sort(key=lambda row: (row[x_axis] != row[x_axis], row[x_axis]))
    return thinned(numbered if keys is None else with_columns(numbered, [x_axis, *keys]), samples)


def with_columns(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Return the rows with only these columns, in this order; a row may lack some."""
    distinct = dict.fromkeys(names)
    return [{name: row[name] for name in distinct if name in row} for row in rows]


def as_pandas(rows: list[Row], columns: Sequence[str] | None) -> Any:
    """Return the rows as a pandas table, which has `columns` also without rows; without pandas,
    warn and return the rows themselves.
    """
    try:
        pandas = needed("pandas", "history(pandas=True)")
    except MissingLibrary as error:
        from weft.sdk.wandb_calls import termwarn

        termwarn(f"{error}. Rows are given as a list of dicts, as by history(pandas=False)")
        return rows
    if not rows:
        return pandas.DataFrame(columns=list(columns or TIMES))
    return pandas.DataFrame.from_records(rows)
