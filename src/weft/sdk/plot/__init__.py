"""Charts to log: lines, bars, curves of classifiers, or any Vega-Lite preset. No I/O.

    import weft

    run.log({"roc": weft.plot.roc_curve(y_true, y_probas, labels=["cat", "dog"])})

`charts` are what the functions return; `drawings` draws a table's columns, and `line_series`,
`curves` and `confusion` compute tables of their own.
"""

from weft.libraries.optional import needed

needed("numpy", "a plot")
