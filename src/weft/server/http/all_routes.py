"""All routes of the API, in alphabetical order of their modules."""

from __future__ import annotations

from typing import Final

from weft.server.http import (
    archive,
    bulk,
    continuation,
    exporting,
    files,
    filters,
    following,
    health,
    histograms,
    history,
    ingest,
    ingest_small,
    live,
    metrics,
    projects,
    run_events,
    runs,
    selecting,
    series,
    sizes,
    sql,
    trash,
    upkeep,
    views,
)
from weft.server.http.description import document
from weft.server.http.routing.routes import Route

ROUTES: Final[tuple[Route, ...]] = tuple(
    route
    for module in (
        *(archive, bulk, continuation, document, exporting, files, filters, following, health),
        *(histograms, history, ingest, ingest_small, live, metrics, projects, run_events, runs),
        *(selecting, series, sizes, sql, trash, upkeep, views),
    )
    for route in module.routes.all
)
