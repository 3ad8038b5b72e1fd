"""Metrics as lists and as rows: which there are, their latest values, and every row of some."""

from weft.server.services.metrics.history import MAX_ROWS, HistoryService
from weft.server.services.metrics.service import MetricService

__all__ = ["MAX_ROWS", "HistoryService", "MetricService"]
