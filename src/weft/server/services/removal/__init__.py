"""Deletes, restores, moves and purges: what makes a run, a metric or a project disappear.

`deleting` moves runs to the trash and back, `trash` lists and empties it, `purging` frees what was
deleted, `moving` takes runs to another project, and `metric_deletion` deletes metrics. Metadata
decides in one transaction and the metric file follows. See decision 0012.
"""

from weft.server.services.removal.metric_deletion import MetricDeletionService
from weft.server.services.removal.trash import TrashService

__all__ = ["MetricDeletionService", "TrashService"]
