"""A run's rows thinned for a look at them, as dicts or a pandas table. No I/O of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from weft.errors import MissingLibrary
from weft.queries.thinning import thinned
from weft.sdk.reading.rows.frames import needed
from weft.sdk.reading.rows.scan import TIMES

MAX_SAMPLES: Final = 100_000

Row = dict[str, Any]


def rows_along(
    rows: Iterable[Row], x_axis: str, keys: Sequence[str] | None, samples: int
) -> list[Row]:
    """Rows in the order of a metric, at most `samples` that show every extreme; see `thinned`.

    Args:
        x_axis: only rows that have a number of it count.
        keys: the columns, beside `x_axis`; None = all.
    """
    found = [row for row in rows if isinstance(row.get(x_axis), (int, float))]
    # Stable: rows of one x stay in the run's order. NaN has no place; it comes last.
    found.sort(key=lambda row: (row[x_axis] != row[x_axis], row[x_axis]))
    return thinned(found if keys is None else with_columns(found, [x_axis, *keys]), samples)


def with_columns(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Rows with these columns only, in this order; a row may lack some."""
    wanted = dict.fromkeys(names)
    return [{name: row[name] for name in wanted if name in row} for row in rows]


def as_pandas(rows: list[Row], columns: Sequence[str] | None) -> Any:
    """Rows as a pandas table; where pandas is not installed, the rows, and a warning.

    Args:
        columns: of a table without rows.
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
