"""Answers queries from the metric file: charts, points, rows, metrics, last values."""
