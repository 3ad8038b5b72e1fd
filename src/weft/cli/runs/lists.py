"""`weft projects` and `weft runs`: lists of what is on a server, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from weft.cli.connect import connect
from weft.cli.reports import print_json
from weft.cli.text_table import format_table
from weft.client.api_client import ApiClient, Json
from weft.errors import UsageError
from weft.records.ids import DEFAULT_ENTITY
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS, columns_of_kind
from weft.records.sizes import listed, shown_size
from weft.records.times import shown_time
from weft.sdk.reading.filters import read_filter
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.reading.stored.runs import StoredRuns
from weft.sdk.reading.unknown_names import notes_on_query
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import require_server
from weft.wire.projects import projects as endpoints
from weft.wire.projects.projects import Project
from weft.wire.projects.sizes import get_project_sizes
from weft.wire.server.server import catch_up

_MICROS: Final = 1_000_000
_SIZE_COLUMNS: Final = {
    "n_bytes": "size",
    "metric_file_bytes": "rows",
    "file_bytes": "files",
    "artifact_bytes": "artifacts",
    "trash_bytes": "in the trash",
}


def list_projects(
    entity: str | None, base_url: str | None, *, with_sizes: bool, as_json: bool
) -> int:
    """Print the projects, of all owners or one, most recently active first; the exit code is 0.

    `with_sizes` shows the disk space of each instead, the largest first.
    """
    client = connect(require_server(base_url))
    projects = [
        project
        for project in client.call(endpoints.list_projects).projects
        if entity in (None, project.entity)
    ]
    if with_sizes:
        return _list_sizes(client, projects, as_json=as_json)
    if as_json:
        return print_json(projects)
    rows = [
        [
            project.entity,
            project.project,
            project.n_runs,
            project.n_running,
            shown_time(project.active_micros),
        ]
        for project in projects
    ]
    click.echo(format_table(["entity", "project", "runs", "running", "active"], rows))
    for names in _similar_names(projects):
        click.echo(f"weft: {names} differ in letter case only", err=True)
    return 0


def _similar_names(projects: Sequence[Project]) -> list[str]:
    """The projects that differ in letter case only, in one text for each group of them."""
    groups: dict[tuple[str, str], list[str]] = {}
    for project in projects:
        path = f"{project.entity}/{project.project}"
        groups.setdefault((project.entity, project.project.lower()), []).append(path)
    return [listed(sorted(paths)) for paths in groups.values() if len(paths) > 1]


def _list_sizes(client: ApiClient, projects: Sequence[Project], *, as_json: bool) -> int:
    sizes = [
        client.call(get_project_sizes, project.entity, project.project, limit=1)
        for project in projects
    ]
    pairs = sorted(zip(projects, sizes, strict=True), key=lambda pair: -pair[1].n_bytes)
    if as_json:
        lines = [
            {"entity": project.entity, "project": project.project}
            | {name: getattr(size, name) for name in _SIZE_COLUMNS}
            for project, size in pairs
        ]
        return print_json(lines)
    rows = [
        [
            project.entity,
            project.project,
            *(shown_size(getattr(size, name)) for name in _SIZE_COLUMNS),
        ]
        for project, size in pairs
    ]
    click.echo(format_table(["entity", "project", *_SIZE_COLUMNS.values()], rows))
    return 0


def list_runs(
    project: str | None,
    filter_text: str | None,
    base_url: str | None,
    *,
    columns: str,
    sort: str,
    search: str,
    limit: int,
    as_json: bool,
) -> int:
    """Print runs of a project; the exit code is 0.

    `columns` and `sort` are separated by commas; `-` puts the largest value first.
    """
    names = [name.strip() for name in columns.split(",") if name.strip()]
    known_columns = [name for name in RUN_COLUMNS if name not in ARTIFACT_COLUMNS]
    for name in names:
        if name not in known_columns and not name.startswith(("config.", "summary.")):
            raise UsageError(
                f"no such column: {name}; columns are {', '.join(known_columns)}, config.…, "
                "summary.…"
            )
    settings = read_settings({})
    if project is None and "project" not in settings.given:
        raise UsageError("no project is named: weft runs PROJECT")
    default = ProjectName(settings.entity or DEFAULT_ENTITY, settings.project or "")
    path = project_name(project, default)
    client = connect(require_server(base_url))
    query = StoredRuns(client, *path, filters=filter_text, order=sort, search=search).query
    client.call(catch_up)
    runs: list[Json] = []
    cursor: str | None = None
    while True:
        page = client.runs(*path, query, limit=min(limit - len(runs), 1000), cursor=cursor)
        runs += page.items
        cursor = page.cursor
        if cursor is None or len(runs) >= limit:
            break
    n_more = (page.total or len(runs)) - len(runs)
    if as_json:
        print_json(runs)
    else:
        click.echo(format_table(names, [[_shown(run, name) for name in names] for run in runs]))
    if n_more > 0:
        click.echo(f"weft: {n_more:,} more; raise --limit", err=True)
    order = [key["column"] for key in query["order"]]
    for note in notes_on_query(client, *path, read_filter(filter_text), order, runs):
        click.echo(f"weft: {note}", err=True)
    return 0


def _shown(run: Mapping[str, Any], column: str) -> Any:
    """A run's value in a column, as people read it."""
    part, _, path = column.partition(".")
    if path:
        return _value_at(run[part], path.split("."))
    if column == "runtime":
        end = run["ended_micros"] or run["heartbeat_micros"]
        return None if end is None else round((end - run["runtime_from_micros"]) / _MICROS, 1)
    if column in columns_of_kind("time"):
        micros = run[f"{column}_micros"]
        return None if micros is None else shown_time(micros)
    return run[column]


def _value_at(value: Any, path: Sequence[str]) -> Any:
    """The value at a path of names; a name may itself have dots.

    >>> _value_at({"optim": {"lr": 0.1}, "a.b": 2}, ["optim", "lr"])
    0.1
    >>> _value_at({"optim": {"lr": 0.1}, "a.b": 2}, ["a", "b"])
    2
    """
    if not path:
        return value
    if not isinstance(value, Mapping):
        return None
    for n in range(1, len(path) + 1):
        name = ".".join(path[:n])
        if name in value:
            return _value_at(value[name], path[n:])
    return None
