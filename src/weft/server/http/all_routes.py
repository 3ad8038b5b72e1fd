"""All routes of the API, in alphabetical order of their modules."""

from __future__ import annotations

from typing import Final

from weft.server.http import (
    archive,
    artifact_files,
    artifacts,
    bulk,
    contents,
    continuation,
    exporting,
    files,
    filters,
    folders,
    following,
    health,
    histograms,
    history,
    ingest,
    ingest_small,
    live,
    logs,
    media,
    metrics,
    projects,
    registries,
    run_events,
    runs,
    selecting,
    series,
    sizes,
    sql,
    sweeps,
    tables,
    trash,
    upkeep,
    users,
    views,
)
from weft.server.http.description import document
from weft.server.http.routing.routes import Route

ROUTES: Final[tuple[Route, ...]] = tuple(
    route
    for module in (
        *(
            archive,
            artifact_files,
            artifacts,
            bulk,
            contents,
            continuation,
            document,
            exporting,
            files,
            filters,
            folders,
        ),
        *(following, health, histograms, history, ingest, ingest_small, live, logs, media),
        *(metrics, projects, registries, run_events, runs, selecting, series, sizes, sql, tables),
        *(sweeps, trash, upkeep, users, views),
    )
    for route in module.routes.all
)
