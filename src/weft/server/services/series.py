"""Series for charts: exact buckets of any range, panel by panel.

Receives questions from `http.series`, asks the project's metric store.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, get_args

from weft.errors import ConfigError, LimitExceeded
from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.lineage import lineage_of
from weft.server.services.permissions import Action, ProjectPath, require
from weft.server.services.types import PanelAnswer
from weft.server.storage.contract import FEWEST_BUCKETS, Axis, SeriesQuery

MAX_BUCKETS: Final = 10_000
MAX_SERIES: Final = 100_000
"""Most runs × keys of one panel: about 20 s of work."""


class SeriesService:
    """Answers charts."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def panels(
        self, actor: Actor, entity: str, project: str, queries: Sequence[SeriesQuery]
    ) -> Iterator[PanelAnswer]:
        """Answer each query in the order asked. Checks run at the call, work at each `next`.

        Raises:
            NotFound: there is no such project.
            ConfigError: a query asks for what there can't be.
            LimitExceeded: a query asks for more than 100,000 series.
        """
        require(actor, Action.READ, ProjectPath(entity, project))
        for query in queries:
            _check(query)
        project_id = self._stores.find_project(entity, project)
        return self._answers(project_id, queries)

    def _answers(self, project_id: int, queries: Sequence[SeriesQuery]) -> Iterator[PanelAnswer]:
        runs = sorted({run for query in queries for run in query.runs})
        with self._stores.metadata.read() as tx:
            origins = self._stores.metadata.runs.origins(tx, project_id, runs)
        lineage = lineage_of(self._stores, project_id, runs)
        for query in queries:
            # Taken anew for each panel: a slow reader must not keep a deleted project's file.
            with self._stores.metrics.use(project_id) as store:
                series = store.series(replace(query, lineage=lineage))
            present = {one.run for one in series}
            yield PanelAnswer(series, {run: origins[run] for run in present if run in origins})


def _check(query: SeriesQuery) -> None:
    if query.axis not in get_args(Axis):
        raise ConfigError(f"axis must be one of {', '.join(get_args(Axis))}")
    if not FEWEST_BUCKETS <= query.n_buckets <= MAX_BUCKETS:
        raise ConfigError(f"n_buckets must be {FEWEST_BUCKETS} to {MAX_BUCKETS}")
    ends = [end for end in (query.lo, query.hi) if end is not None]
    if not all(math.isfinite(end) for end in ends):
        raise ConfigError("lo and hi must be finite")
    if len(ends) == 2 and ends[0] >= ends[1]:
        raise ConfigError("lo must be below hi")
    if len(query.runs) * len(query.keys) > MAX_SERIES:
        raise LimitExceeded(f"one panel shows at most {MAX_SERIES} series")
