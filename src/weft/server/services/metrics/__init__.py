"""Metrics as lists and as rows: their names, latest values and full history."""

from weft.server.services.metrics.service import MetricService
