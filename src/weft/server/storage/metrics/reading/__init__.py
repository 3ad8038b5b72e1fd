"""Answers queries from the metric file: charts, points, rows, metrics, last values.

Charts: `scan` answers from stored cells, with `loose` points and `folds` of fresh rows, for the
runs and metrics of a `panel`; `by_metric` over another metric; `points` and `last_object` read
single values. Rows: `rows` and `columns` in the windows of `joined`; `console` has lines.
Metrics: `keys`, `latest`, `counts`, `fractions`. All read the `parts` of a forked run as `units`.

A store has one `chart_caches.ChartCaches` and one `counts.CountCaches`, and passes them to reads.
"""
