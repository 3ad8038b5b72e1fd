"""Charts to log: lines, bars, curves of classifiers, or any Vega-Lite preset. Needs numpy.

    from weft.plot import roc_curve

    run.log({"roc": roc_curve(y_true, y_probas, labels=["cat", "dog"])})

The functions are in `weft.sdk.plot`, and are loaded at their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from weft.libraries.optional import public_name

if TYPE_CHECKING:
    from weft.sdk.plot.charts import CustomChart as CustomChart
    from weft.sdk.plot.charts import CustomChartSpec as CustomChartSpec
    from weft.sdk.plot.charts import Visualize as Visualize
    from weft.sdk.plot.charts import plot_table as plot_table
    from weft.sdk.plot.charts import visualize as visualize
    from weft.sdk.plot.confusion import confusion_matrix as confusion_matrix
    from weft.sdk.plot.curves import pr_curve as pr_curve
    from weft.sdk.plot.curves import roc_curve as roc_curve
    from weft.sdk.plot.drawings import bar as bar
    from weft.sdk.plot.drawings import histogram as histogram
    from weft.sdk.plot.drawings import line as line
    from weft.sdk.plot.drawings import scatter as scatter
    from weft.sdk.plot.line_series import line_series as line_series

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

_HOMES: Final = {
    "CustomChart": "charts",
    "CustomChartSpec": "charts",
    "Visualize": "charts",
    "bar": "drawings",
    "confusion_matrix": "confusion",
    "histogram": "drawings",
    "line": "drawings",
    "line_series": "line_series",
    "plot_table": "charts",
    "pr_curve": "curves",
    "roc_curve": "curves",
    "scatter": "drawings",
    "visualize": "charts",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return public_name(f"weft.sdk.plot.{_HOMES[name]}", name)
