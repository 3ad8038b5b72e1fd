"""Charts to log: lines, bars, curves of classifiers, or any Vega-Lite preset. No I/O.

    import weft

    run.log({"roc": weft.plot.roc_curve(y_true, y_probas, labels=["cat", "dog"])})

`charts` are what the functions return; `drawings` draws a table's columns, and `line_series`,
`curves` and `confusion` compute tables of their own.
"""

from weft.sdk.plot.charts import CustomChart, CustomChartSpec, Visualize, plot_table, visualize
from weft.sdk.plot.confusion import confusion_matrix
from weft.sdk.plot.curves import pr_curve, roc_curve
from weft.sdk.plot.drawings import bar, histogram, line, scatter
from weft.sdk.plot.line_series import line_series

__all__ = [
    "CustomChart",
    "CustomChartSpec",
    "Visualize",
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "plot_table",
    "pr_curve",
    "roc_curve",
    "scatter",
    "visualize",
]
