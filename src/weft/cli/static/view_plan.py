"""The requests of a view's panels, without a browser.

The web app draws a view to learn what its panels ask. Here the same requests are made from the
view's document. Values of config and summary are not among them: the page of a file reads them
from its runs. Panels that can't be drawn so say in the file that they are not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from weft.cli.static.panel_requests import (
    DrawnPanel,
    form_text,
    get,
    groups_requests,
    post,
    requests_of,
)
from weft.cli.static.table_requests import media_query
from weft.records.files.media_kinds import MEDIA_KINDS
from weft.wire.metrics.metrics import MetricNames
from weft.wire.projects.view_files import MAX_FILE_PANELS
from weft.wire.reports.figures import MAX_REQUESTS, FigureRequest

_CHART_RUNS: Final = 1000
_MARGIN: Final = 10
"""Requests of a panel beyond its own: for its filter and its colors."""

_SYSTEM: Final = "system."
_AUTOMATIC: Final = ("auto:", "logged:", "histogram:", "media:", "table:", "chart:")

Json = Mapping[str, Any]


class Plan(NamedTuple):
    """Requests of panels, and the number of panels that the file has not."""

    requests: list[FigureRequest]
    n_omitted: int


class Lists(Protocol):
    """The metrics and runs of a project, from which panels choose."""

    def metrics(self, pattern: str) -> list[str]:
        """The first metrics that a panel draws of a pattern."""
        ...

    def media(self, query: Json) -> list[Json]:
        """The series of the body of a request for media."""
        ...

    def chart_presets(self) -> list[Json]:
        """The presets of charts that the server has."""
        ...

    def runs(self, query: Json) -> list[Json]:
        """The rows of the body of a request for runs."""
        ...


def drawn_set(document: Json, rows: Sequence[Json]) -> dict[str, Any]:
    """The runs of a view as panels draw them."""
    count = Counter(row["name"] for row in rows)
    runs = [
        {
            "id": row["id"],
            "name": row["name"] if count[row["name"]] == 1 else f"{row['name']} ({row['id']})",
            "color": row["color"],
            "isLive": row["state"] == "running",
        }
        for row in rows
    ]
    baseline = next((run for run in runs if run["id"] == document.get("baseline")), None)
    return {
        "runs": runs,
        "runIds": sorted(run["id"] for run in runs),
        "groupBy": document.get("groupBy") or [],
        "groupColors": document.get("groupColors") or {},
        "colorBy": _coloring_columns(document),
        "baseline": baseline,
    }


def _coloring_columns(document: Json) -> list[str]:
    """The columns by whose values runs have their colors; none: each has its own."""
    column = document.get("colorBy")
    return list(document.get("groupBy") or []) if column is None else [column]


def plan_of(document: Json, shown: Json, names: MetricNames, lists: Lists) -> Plan:
    """The requests that draw a view's panels over its runs.

    Args:
        document: the view.
        shown: what `drawn_set` returns.
        names: the metrics of these runs.
        lists: of the project.
    """
    ids = [run["id"] for run in shown["runs"]]
    requests = [_names_request(ids), _events_request(shown), *groups_requests(shown["colorBy"])]
    n_panels = n_omitted = 0
    for panel in _all_panels(document, names):
        if n_panels == MAX_FILE_PANELS:
            n_omitted += 1
            continue
        of_filter: list[FigureRequest] = []
        drawn_runs = shown
        if panel.get("runFilter") is not None:
            query = _own_runs(panel, document)
            drawn_runs = drawn_set({**document, "baseline": None}, lists.runs(query))
            drawn_runs["baseline"] = shown["baseline"]
            of_filter = [post("runs/query", query), _events_request(drawn_runs)]
        drawn = DrawnPanel(
            panel={**panel, "keys": panel.get("keys") or []},
            settings=_settings(document, str(panel.get("section", "")), panel),
            runs=drawn_runs,
            matching=lists.metrics(panel["pattern"]) if _has_pattern(panel) else [],
            names=names,
            media=_media(panel, drawn_runs, lists),
            presets=lists.chart_presets() if panel.get("kind") == "chart" else (),
        )
        own = requests_of(drawn)
        if own is None or len(requests) + len(own) > MAX_REQUESTS - _MARGIN:
            n_omitted += 1
            continue
        n_panels += 1
        requests += [*of_filter, *own, *groups_requests(drawn.colored_groups)]
    return Plan(_once(requests), n_omitted)


def _all_panels(document: Json, names: MetricNames) -> Iterator[Json]:
    """The automatic panels of numbers and of logged objects, then the added ones."""
    panels = document.get("panels") or {}
    for panel_id, metric, kind in _automatic(document, names):
        fields = {"keys": [metric], **(panels.get(panel_id) or {})}
        section = fields.get("section") or _section_of(metric)
        yield {**fields, "kind": kind, "section": section}
    for panel_id, panel in panels.items():
        if not panel_id.startswith(_AUTOMATIC):
            yield panel


def _media(panel: Json, shown: Json, lists: Lists) -> list[Json]:
    keys = panel.get("keys")
    if panel.get("kind") not in ("table", "chart") or not keys or not shown["runs"]:
        return []
    return lists.media(media_query(keys, shown))


def _has_pattern(panel: Json) -> bool:
    return panel.get("kind") == "line" and bool(panel.get("pattern"))


def _own_runs(panel: Json, document: Json) -> dict[str, Any]:
    """The body of the request for the runs of a panel with a filter of its own."""
    text = str(panel["runFilter"])
    return {
        **({"filter": text} if text.strip() else {}),
        **({"order": document["order"]} if document.get("order") else {}),
        "columns": ["tags"],
        "limit": _CHART_RUNS,
    }


def _names_request(ids: Sequence[str]) -> FigureRequest:
    return get(f"metrics/names?{form_text({'runs': ','.join(ids)})}")


def _events_request(shown: Json) -> FigureRequest:
    return post("run-events", {"runs": shown["runIds"]})


def _once(requests: Iterable[FigureRequest]) -> list[FigureRequest]:
    return list({msgspec.json.encode(request): request for request in requests}.values())


def _automatic(document: Json, names: MetricNames) -> Iterator[tuple[str, str, str]]:
    """Id, metric and kind of each automatic panel; those of machines and of objects last."""
    hidden = set(document.get("hiddenPanels") or ())
    unlisted = {*names.hidden, *names.chart_tables}
    kinds = {
        name: MEDIA_KINDS[kind].panel
        for name, kind in zip(names.objects, names.kinds, strict=False)
        if kind in MEDIA_KINDS
    }
    system = set(names.system)

    def listed(metrics: Iterable[str]) -> list[str]:
        return sorted(name for name in metrics if name[:1] != "_" and name not in unlisted)

    lines = listed(names.numbers)
    logged = [name for name in lines if name not in system]
    panels = [
        *((f"{_prefix_of(name)}{name}", name, "line") for name in logged),
        *((f"auto:{name}", name, "line") for name in lines if name in system),
        *(
            (f"{kind}:{name}", name, kind)
            for kind in ("histogram", "media", "table", "chart")
            for name in listed(name for name in kinds if kinds[name] == kind)
        ),
    ]
    yield from (panel for panel in panels if panel[0] not in hidden)


def _prefix_of(metric: str) -> str:
    return "logged:" if metric.startswith(_SYSTEM) else "auto:"


def _section_of(metric: str) -> str:
    if metric.startswith(_SYSTEM):
        return "system"
    section, slash, _ = metric.partition("/")
    return section if slash and section else "charts"


def _settings(document: Json, section: str, panel: Json) -> dict[str, Any]:
    """The settings of a panel that decide what it asks: of the view, of its section, its own."""
    of_section = (document.get("sections") or {}).get(section) or {}
    levels = (document, of_section, panel)
    settings: dict[str, Any] = {}
    for level in levels:
        settings |= level.get("settings") or {}
    return settings
