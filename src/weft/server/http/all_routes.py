"""All routes of the API, folder by folder."""

from __future__ import annotations

from typing import Final

from weft.server.http import sweeps
from weft.server.http.artifacts import artifacts, registries
from weft.server.http.artifacts import files as artifact_files
from weft.server.http.description import document
from weft.server.http.files import contents, files, folders
from weft.server.http.ingest import small_logs, uploads
from weft.server.http.metrics import (
    charts,
    exports,
    histograms,
    history,
    media,
    metrics,
    run_events,
    sql,
    tables,
)
from weft.server.http.projects import (
    access,
    activity,
    archive,
    live,
    projects,
    shared,
    shares,
    sizes,
    trash,
    view_file,
    views,
)
from weft.server.http.reports import changes, comments, figures, images, listing, reports
from weft.server.http.reports import exports as report_exports
from weft.server.http.reports import shared as shared_reports
from weft.server.http.routing.routes import Route
from weft.server.http.runs import bulk, continuation, filters, logs, runs, selecting
from weft.server.http.server import (
    accounts,
    audit,
    following,
    health,
    keys,
    teams,
    upkeep,
    usage,
    users,
)
from weft.wire.all_endpoints import ENDPOINTS

ROUTES: Final[tuple[Route, ...]] = tuple(
    route
    for module in (
        *(artifact_files, artifacts, registries, document, contents, files, folders),
        *(small_logs, uploads, charts, exports, histograms, history, media, metrics),
        *(run_events, sql, tables, access, activity, archive, live, projects, sizes, trash, views),
        *(
            view_file,
            shared,
            shares,
            reports,
            listing,
            changes,
            comments,
            figures,
            images,
            report_exports,
            shared_reports,
        ),
        *(bulk, continuation, filters, logs, runs, selecting, sweeps),
        *(accounts, audit, following, health, keys, upkeep, usage, users, teams),
    )
    for route in module.routes.all
)

_UNBOUND: Final = ENDPOINTS.keys() - {route.name for route in ROUTES}
if _UNBOUND:
    raise TypeError(f"endpoints that no function answers: {', '.join(sorted(_UNBOUND))}")

_UNLISTED: Final = {route.name for route in ROUTES} - ENDPOINTS.keys()
if _UNLISTED:
    raise TypeError(f"wire/all_endpoints.py lacks the module of {', '.join(sorted(_UNLISTED))}")
