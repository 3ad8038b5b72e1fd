"""All endpoints of the API by name, for the server, which must bind each, and for `weft api`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.wire import sweep_trials, sweeps
from weft.wire.artifacts import artifacts, lineage, registries
from weft.wire.artifacts import files as artifact_files
from weft.wire.endpoint import Endpoint
from weft.wire.files import contents, files
from weft.wire.ingest import small_logs, uploads
from weft.wire.metrics import charts, exports, media, metrics, tables
from weft.wire.projects import (
    access,
    activity,
    archives,
    live,
    projects,
    shares,
    sizes,
    trash,
    view_files,
    views,
)
from weft.wire.reports import comments, figures, images, listing, notifications, reports
from weft.wire.reports import exports as report_exports
from weft.wire.reports import shared as shared_reports
from weft.wire.runs import bulk, continuation, logs, runs, selecting
from weft.wire.server import accounts, audit, keys, server, teams, usage, users

ENDPOINTS: Final[Mapping[str, Endpoint[..., Any]]] = {
    value.name: cast("Endpoint[..., Any]", value)
    for module in (
        *(projects, access, activity, archives, live, sizes, trash, views, view_files, shares),
        *(reports, listing, figures, images, comments, notifications),
        *(report_exports, shared_reports),
        *(runs, bulk, continuation, logs, selecting),
        *(metrics, charts, exports, media, tables),
        *(files, contents, artifacts, artifact_files, lineage, registries),
        *(sweeps, sweep_trials),
        *(small_logs, uploads, server, usage, users, accounts, keys, teams, audit),
    )
    for value in vars(module).values()
    if isinstance(value, Endpoint)
}
