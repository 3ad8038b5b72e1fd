"""Answers queries from the metric file: charts, points, rows, metrics, last values.

A store has one `chart_caches.ChartCaches` and one `counts.CountCaches`, and passes them to reads.
"""
