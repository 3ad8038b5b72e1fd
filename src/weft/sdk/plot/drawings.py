"""Charts of a table's columns: lines, points, bars, histograms. No I/O."""

from __future__ import annotations

from typing import Any

from weft.sdk.media.tables.table import Table
from weft.sdk.plot.charts import CustomChart, drawing, plot_table


@drawing
def line(
    table: Table,
    x: Any,
    y: Any,
    stroke: Any = None,
    title: str | None = "",
    split_table: bool = False,
) -> CustomChart:
    """Draw a line through a table's rows.

    Args:
        table: the table.
        x: the column of the x axis.
        y: the column of the y axis.
        stroke: a column whose values tell several lines apart.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.

    >>> table = Table(columns=["epoch", "loss"], data=[[0, 0.5], [1, 0.25]])
    >>> line(table, "epoch", "loss", title="training").spec.string_fields
    {'title': 'training'}
    """
    fields = {"x": x, "y": y, "stroke": stroke}
    return plot_table("weft/line/v0", table, fields, {"title": title}, split_table)


@drawing
def scatter(
    table: Table, x: Any, y: Any, title: str | None = "", split_table: bool = False
) -> CustomChart:
    """Draw a point for each row of a table.

    Args:
        table: the table.
        x: the column of the x axis.
        y: the column of the y axis.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.
    """
    return plot_table("weft/scatter/v0", table, {"x": x, "y": y}, {"title": title}, split_table)


@drawing
def bar(
    table: Table, label: Any, value: Any, title: str | None = "", split_table: bool = False
) -> CustomChart:
    """Draw a bar for each row of a table; of rows with the same label, their mean.

    Args:
        table: the table.
        label: the column of labels.
        value: the column of lengths.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.
    """
    fields = {"label": label, "value": value}
    return plot_table("weft/bar/v0", table, fields, {"title": title}, split_table)


@drawing
def histogram(
    table: Table, value: Any, title: str | None = "", split_table: bool = False
) -> CustomChart:
    """Draw how often values of a column occur; the chart chooses the bins.

    Args:
        table: the table.
        value: the column.
        title: text above the chart.
        split_table: whether the table is shown in a section of its own.
    """
    return plot_table("weft/histogram/v0", table, {"value": value}, {"title": title}, split_table)
