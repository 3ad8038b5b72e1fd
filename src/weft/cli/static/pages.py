"""Pages of a project as HTML files, made by a running server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from weft.cli.static.panel_requests import MAX_MATCHES
from weft.cli.static.shown import shown_runs
from weft.cli.static.view_plan import drawn_set, plan_of
from weft.client.api_client import ApiClient
from weft.errors import ConfigError, LimitExceeded, NotFound
from weft.queries.shown import FIRST_SHOWN, figures_of_groups, order_of_groups
from weft.wire.metrics.media import MediaQuery, query_media
from weft.wire.metrics.metrics import list_metric_names, list_metrics
from weft.wire.metrics.tables import list_chart_presets
from weft.wire.projects.view_files import MAX_FILE_RUNS, ViewFileCreate, export_view
from weft.wire.projects.views import View, get_view, list_views
from weft.wire.reports.figures import FigureRequest
from weft.wire.runs.selecting import (
    Aggregate,
    GroupQuery,
    Order,
    RunQuery,
    group_runs,
    query_runs,
)

DEFAULT_VIEW: Final = "Default view"

_HALVINGS: Final = 3
_FEWEST_BUCKETS: Final = 64
_LISTED: Final = 1000
"""Most runs of a view's list of which it shows some."""


class Page(NamedTuple):
    """A file, and the numbers of runs and panels that it leaves out."""

    content: bytes
    n_runs_omitted: int
    n_panels_omitted: int


class PageMaker:
    """Makes the pages of one project."""

    def __init__(self, client: ApiClient, entity: str, project: str) -> None:
        self._client = client
        self._entity = entity
        self._project = project
        self._presets: list[Mapping[str, Any]] | None = None

    def find_view(self, name: str) -> View:
        """A view by its id or its name; `default` is the one that is shown first."""
        views = self._client.call(list_views, self._entity, self._project).views
        ids = [view.id for view in views if name in (view.id, view.name)]
        if len(ids) > 1:
            raise ConfigError(f"{len(ids)} views are named {name}; use an id: {', '.join(ids)}")
        if not ids and name != "default":
            names = ", ".join(["default", *(view.name for view in views)])
            raise NotFound(f"no view {name} in {self._entity}/{self._project}; it has {names}")
        return self._client.call(get_view, self._entity, self._project, ids[0] if ids else name)

    def view_page(self, view: View, folder: Mapping[str, Any] | None = None) -> Page:
        """The page of a view: its panels over the runs that it shows."""
        document = view.document
        rows, n_listed = self._rows(document)
        shown = shown_runs(document, rows, self._first_groups(document))
        base = (document.get("selection") or {}).get("base")
        n_shown = len(shown) + (n_listed - len(rows) if base == "all" else 0)
        name = view.name or DEFAULT_VIEW
        title = f"{self._project}: {name}"
        return self._page(title, document, shown[:MAX_FILE_RUNS], n_shown, folder)

    def run_page(self, row: Mapping[str, Any], folder: Mapping[str, Any]) -> Page:
        """The page of a run: its config, its summary, and the curves of its metrics."""
        return self._page(row["name"], {}, [row], 1, folder)

    def first_page(
        self, rows: list[Mapping[str, Any]], n_runs: int, folder: Mapping[str, Any]
    ) -> Page:
        """The page that leads to the others: the runs of a project as a table."""
        runs = rows[:MAX_FILE_RUNS]
        n_omitted = n_runs - len(runs)
        view = {
            "document": {},
            "shown": drawn_set({}, runs),
            "omitted": {"runs": n_omitted, "panels": 0},
            "folder": folder,
        }
        title = f"{self._entity}/{self._project}"
        content = self._export(title, view, [run["id"] for run in runs], [])
        return Page(content, n_omitted, 0)

    def newest_rows(self) -> tuple[list[Mapping[str, Any]], int]:
        """The newest runs as rows, and the number of all."""
        return self._rows({})

    def metrics(self, pattern: str) -> list[str]:
        """The metrics with numbers that match a pattern; none if it is not valid."""
        try:
            page = self._client.call(
                list_metrics,
                *(self._entity, self._project),
                search=pattern,
                regex=True,
                limit=MAX_MATCHES,
            )
        except ConfigError:
            return []
        return [metric.key for metric in page.metrics if set(metric.kinds) != {"object"}]

    def media(self, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The last media and tables of runs."""
        body = msgspec.convert(query, MediaQuery)
        answer: Any = self._client.call_json(query_media, self._entity, self._project, body)
        return answer["series"]

    def chart_presets(self) -> list[Mapping[str, Any]]:
        """The presets of charts that the server has."""
        if self._presets is None:
            answer: Any = self._client.call_json(list_chart_presets)
            self._presets = answer["presets"]
        return self._presets

    def runs(self, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The rows of a query; none if its filter is not valid."""
        try:
            body = msgspec.convert(query, RunQuery)
            table: Any = self._client.call_json(query_runs, self._entity, self._project, body)
        except ConfigError:
            return []
        return table["rows"]

    def _rows(self, document: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], int]:
        order = msgspec.convert(document.get("order") or [], list[Order])
        query = RunQuery(
            **_listed(document),
            order=order or "-created",
            columns=document.get("groupBy") or [],
            limit=_LISTED,
        )
        table: Any = self._client.call_json(query_runs, self._entity, self._project, query)
        return table["rows"], table["total"]

    def _first_groups(self, document: Mapping[str, Any]) -> list[Any]:
        """Values of the first groups of a view's list, one more than are shown; none without."""
        by = document.get("groupBy")
        if not by:
            return []
        order = msgspec.convert(document.get("order") or [], list[Order])
        figures = figures_of_groups(order, by)
        query = GroupQuery(
            **_listed(document),
            by=by[:1],
            aggregates=[Aggregate(figure.column, figure.function) for figure in figures],
            order=order_of_groups(order, by),
            limit=FIRST_SHOWN + 1,
        )
        page = self._client.call(group_runs, self._entity, self._project, query)
        return [group.values[0] for group in page.groups]

    def _page(
        self,
        title: str,
        document: Mapping[str, Any],
        rows: list[Mapping[str, Any]],
        n_shown: int,
        folder: Mapping[str, Any] | None,
    ) -> Page:
        ids = [row["id"] for row in rows]
        shown = drawn_set(document, rows)
        requests: list[FigureRequest] = []
        n_omitted = 0
        if ids:
            names = self._client.call(
                list_metric_names, self._entity, self._project, runs=",".join(ids)
            )
            requests, n_omitted = plan_of(document, shown, names, self)
        view = {
            "document": document,
            "shown": shown,
            "omitted": {"runs": n_shown - len(rows), "panels": n_omitted},
            **({"folder": folder} if folder else {}),
        }
        return Page(self._export(title, view, ids, requests), n_shown - len(rows), n_omitted)

    def _export(
        self, title: str, view: dict[str, Any], runs: list[str], requests: list[FigureRequest]
    ) -> bytes:
        halvings = 0
        while True:
            coarser = [_coarser(request, halvings) for request in requests]
            file = ViewFileCreate(name=title[:300], view=view, runs=runs, requests=coarser)
            try:
                return self._client.call(export_view, self._entity, self._project, file)
            except LimitExceeded:
                if halvings == _HALVINGS or not requests:
                    raise
                halvings += 1


def _listed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a query that names the runs of a view's list."""
    search = document.get("runSearch") or ""
    return {
        "filter": document.get("filter") or None,
        "search": search,
        "regex": bool(document.get("isRunRegex")) and search != "",
    }


def _coarser(request: FigureRequest, halvings: int) -> FigureRequest:
    """The same request for curves half as fine, several times over."""
    if request.path != "series" or request.body is None or halvings == 0:
        return request
    [panel] = request.body["panels"]
    n_buckets = max(_FEWEST_BUCKETS, panel["n_buckets"] >> halvings)
    body = {**request.body, "panels": [{**panel, "n_buckets": n_buckets}]}
    return msgspec.structs.replace(request, body=body)
