"""Routes of metrics: list them, read their last values, delete them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.wire.metrics.metrics import (
    MAX_METRICS,
    PAGE_OF_METRICS,
    DeletedMetrics,
    LatestList,
    LatestQuery,
    MetricDeletion,
    MetricList,
    MetricNames,
)

routes = Routes("/api/v1/projects/{entity}/{project}", tag="metrics")


@routes.get("/metrics", threads=COSTLY)
def list_metrics(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    runs: str | None = None,
    system: bool | None = None,
    search: str = "",
    regex: bool = False,
    limit: Annotated[int, Meta(ge=1, le=MAX_METRICS)] = PAGE_OF_METRICS,
    cursor: str | None = None,
) -> MetricList:
    """List the metrics of a project, or of the runs in `runs` (ids, separated by commas), by name.

    `search` is a part of the name or, with `regex`, an RE2 pattern. `system=true` lists only
    metrics measured on machines and processes, `system=false` only metrics that scripts logged.
    """
    return services.metrics.list(
        actor, path, listed(runs),
        system=system, search=search, regex=regex, limit=limit, cursor=cursor,
    )  # fmt: skip


@routes.get("/metrics/names", threads=COSTLY)
def list_metric_names(
    path: ProjectPath, services: Services, actor: Actor, *, runs: str | None = None
) -> MetricNames:
    """List only the names of all metrics of a project, or of the runs in `runs`."""
    return services.metrics.names(actor, path, listed(runs))


@routes.post("/latest", threads=COSTLY)
def latest_values(
    path: ProjectPath, query: LatestQuery, services: Services, actor: Actor
) -> LatestList:
    """Return the last values of some metrics of many runs, if they have any."""
    return services.metrics.latest(actor, path, query)


@routes.delete("/runs/{run}/metrics/{key:path}")
def delete_metric(path: RunPath, key: str, services: Services, actor: Actor) -> None:
    """Delete the present values of one metric of a run; later ones are stored."""
    services.metrics.delete(actor, path, key)


@routes.post("/metrics/delete", threads=COSTLY)
def delete_metrics(
    path: ProjectPath, deletion: MetricDeletion, services: Services, actor: Actor
) -> DeletedMetrics:
    """Delete the present values of metrics of many runs, chosen by name or pattern."""
    return services.metric_deletion.delete(actor, path, deletion)


def listed(text: str | None) -> list[str] | None:
    """Read a comma-separated query parameter; None if it is missing.

    >>> listed("a,b"), listed(""), listed(None)
    (['a', 'b'], [], None)
    """
    if text is None:
        return None
    return [part for part in text.split(",") if part]
