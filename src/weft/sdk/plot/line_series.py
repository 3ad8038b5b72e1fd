"""Several lines in one chart. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from weft.errors import UsageError, WrongType
from weft.sdk.media.tables.table import Table
from weft.sdk.plot.charts import CustomChart, drawing, plot_table


@drawing
def line_series(
    xs: Iterable[Any],
    ys: Iterable[Iterable[Any]],
    keys: Iterable[Any] | None = None,
    title: str | None = "",
    xname: str | None = "x",
    split_table: bool = False,
) -> CustomChart:
    """Draw several lines.

    Args:
        xs: the x values of all lines, or a series of x values for each line.
        ys: a series of y values for each line. If it has another length than the x values, the
            longer one is cut.
        keys: names of the lines. Defaults to line_0, line_1, …
        title: text above the chart.
        xname: text of the x axis.
        split_table: whether the table is shown in a section of its own.

    Raises:
        UsageError: there are not as many series of x values, or names, as of y values.
        WrongType: `ys` is a series of numbers rather than of series.

    >>> chart = line_series([0, 1], [[0.5, 0.4], [0.9, 0.8]], keys=["train", "val"])
    >>> chart.table.data[2]
    [0, 'val', 0.9]
    """
    y_series = [_listed(series) for series in ys]
    x_series = [*xs]
    if not x_series or not _is_series(x_series[0]):
        x_series = [x_series] * len(y_series)
    if len(x_series) != len(y_series):
        raise UsageError(
            f"Number of x-series ({len(x_series)}) must match y-series ({len(y_series)})."
        )
    names = [f"line_{nth}" for nth in range(len(y_series))] if keys is None else [*keys]
    if len(names) != len(y_series):
        raise UsageError(f"Number of keys ({len(names)}) must match y-series ({len(y_series)}).")
    rows = [
        [x, name, y]
        for name, some_x, some_y in zip(names, x_series, y_series, strict=True)
        for x, y in zip(some_x, some_y, strict=False)
    ]
    table = Table.of_rows(["step", "lineKey", "lineVal"], rows)
    fields = {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"}
    strings = {"title": title, "xname": xname}
    return plot_table("weft/line_series/v0", table, fields, strings, split_table)


def _is_series(value: Any) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, (str, bytes))


def _listed(series: Any) -> list[Any]:
    if not _is_series(series):
        raise WrongType(f"ys must be a list of series, not of {type(series).__name__}")
    return [*series]
