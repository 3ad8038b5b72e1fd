"""Deletes, restores, moves and purges runs, metrics and projects.

`deleting` moves runs to the trash and back, `trash` lists and empties it, `purging` frees the
space of what was deleted, `moving` moves runs to another project, and `metric_deletion` deletes
metrics. A change commits in metadata first; the metric file follows. See decision 0012.
"""

from weft.server.services.removal.metric_deletion import MetricDeletionService
from weft.server.services.removal.trash import TrashService
