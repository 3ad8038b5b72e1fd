"""Routes of metrics: list them, read their last values, delete them."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.metrics import MetricService
from weft.server.services.opening import Services
from weft.server.services.removal import MetricDeletionService
from weft.wire.metrics import metrics as endpoints
from weft.wire.metrics.metrics import MetricList, MetricNames

routes = Routes()


@routes.answers(endpoints.list_metrics, threads=COSTLY)
def list_metrics(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    runs: str | None,
    system: bool | None,
    search: str,
    regex: bool,
    limit: int,
    cursor: str | None,
) -> MetricList:
    return services.metrics.list(
        actor, path, listed(runs),
        system=system, search=search, regex=regex, limit=limit, cursor=cursor,
    )  # fmt: skip


@routes.answers(endpoints.list_metric_names, threads=COSTLY)
def list_metric_names(
    path: ProjectPath, services: Services, actor: Actor, *, runs: str | None
) -> MetricNames:
    return services.metrics.names(actor, path, listed(runs))


routes.bind(endpoints.latest_values, MetricService.latest, threads=COSTLY)
routes.bind(endpoints.delete_metric, MetricService.delete)
routes.bind(endpoints.delete_metrics, MetricDeletionService.delete, threads=COSTLY)


def listed(text: str | None) -> list[str] | None:
    """Read a comma-separated query parameter; None if it is missing.

    >>> listed("a,b"), listed(""), listed(None)
    (['a', 'b'], [], None)
    """
    if text is None:
        return None
    return [part for part in text.split(",") if part]
