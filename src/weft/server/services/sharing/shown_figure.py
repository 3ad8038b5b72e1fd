"""The stored answers of a part of a report as a share shows them. Pure.

Panels asked for more than they drew: lists of runs have users, machines, locks, and runs that are
hidden; lists of names have those of all runs. What a share never shows is left out, and so are the
addresses of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec

from weft.queries.filters import And
from weft.server.services.reports import Figure, FigureAnswer, pack_figure, unpack_figure
from weft.server.services.sharing.content import texts_of
from weft.server.services.sharing.restriction import SHOWN_COLUMNS, Restriction, shown_run
from weft.wire.metrics.metrics import MetricNames
from weft.wire.runs.runs import Run

_JSON: Final = "application/json"
_TABLE: Final = "runs/query"
_MOST_SAMPLES: Final = 5
_RUN_TEXTS: Final = ("config.", "summary.")

_encode: Final = msgspec.json.Encoder().encode
_refusal: Final = _encode({"title": "Refused", "detail": "refused when the report was published"})

_Body = Mapping[str, Any]


class _Scope(NamedTuple):
    """The subject of a figure.

    Attributes:
        names: what its requests name, such as columns and metrics.
        runs: ids of the runs that it shows; None if that is not stored, as of values in a text.
        values: by column, the values of its runs.
    """

    names: frozenset[str]
    runs: frozenset[str] | None
    values: dict[str, list[Any]]


def shown_figure(content: bytes) -> bytes:
    """The unpacked content of a figure without what a share does not show."""
    figure = unpack_figure(content)
    scope = _Scope(frozenset(_names(figure.answers)), _runs(figure), {})
    # lists of runs first: their values are samples of columns
    order = sorted(range(len(figure.answers)), key=lambda i: not _is_table(figure.answers[i]))
    shown = {i: _shown(figure.answers[i], scope) for i in order}
    answers: list[FigureAnswer] = []
    positions: dict[int, int] = {}
    for i in range(len(figure.answers)):
        answer = shown[i]
        if answer is not None:
            positions[i] = len(answers)
            answers.append(answer)
    run_sets = {name: positions[at] for name, at in figure.run_sets.items() if at in positions}
    return pack_figure(answers, run_sets, figure.captured_micros)


def _is_table(answer: FigureAnswer) -> bool:
    return answer.request.path == _TABLE


def _runs(figure: Figure) -> frozenset[str] | None:
    ids: set[str] = set()
    for at in figure.run_sets.values():
        answer = figure.answers[at]
        rows = msgspec.json.decode(answer.content).get("rows") if answer.status == 200 else None
        if not rows:
            # a set that is drawn in groups has no single runs
            return None
        ids.update(row["id"] for row in rows)
    ids.update(panel["baseline"] for panel in _panels(figure.answers) if panel.get("baseline"))
    return frozenset(ids) or None


def _panels(answers: Iterable[FigureAnswer]) -> Iterable[_Body]:
    """The panels of requests for curves."""
    for answer in answers:
        yield from (answer.request.body or {}).get("panels") or ()


def _names(answers: Iterable[FigureAnswer]) -> Iterable[str]:
    """The columns and metrics that requests name, columns also without their root."""
    for answer in answers:
        for text in texts_of(answer.request.body):
            yield text
            for root in _RUN_TEXTS:
                if text.startswith(root):
                    yield text.removeprefix(root)


def _shown(answer: FigureAnswer, scope: _Scope) -> FigureAnswer | None:
    """An answer as it is shown; None if it is not."""
    path, body = answer.request.path.partition("?")[0], answer.request.body or {}
    if answer.status >= 400:
        return answer._replace(content=_refusal)
    if answer.media_type.partition(";")[0] != _JSON:
        return answer if path == "series" and not _reads_hidden(body) else None
    show = _SHOWN.get(path.removeprefix("/"))
    if show is None:
        # of a run by its id
        show = _single_run if path.startswith("runs/") and path.count("/") == 1 else None
    shown = None if show is None else show(msgspec.json.decode(answer.content), body, scope)
    return None if shown is None else answer._replace(content=_encode(shown))


def _reads_hidden(body: _Body) -> bool:
    """Whether a request for curves or groups has groups by what a share does not show."""
    panels = cast("list[_Body]", body.get("panels") or [])
    by: list[Any] = [*(body.get("by") or ()), *(panel.get("by") for panel in panels)]
    for panel in panels:
        by += (panel.get("group") or {}).get("by") or ()
    return any(isinstance(name, str) and not _is_shown(name) for name in by)


def _is_shown(column: str) -> bool:
    root, _, path = column.partition(".")
    return root != "writer" if path else column in SHOWN_COLUMNS


def _table(table: dict[str, Any], body: _Body, scope: _Scope) -> dict[str, Any] | None:
    if "rows" not in table:
        return _run_list(table, body, scope)
    columns = cast("list[str]", body.get("columns") or [])
    rows = [row for row in table["rows"] if scope.runs is None or row["id"] in scope.runs]
    for row in rows:
        pairs = zip(columns, row["values"], strict=True)
        row["values"] = [value if _is_shown(column) else None for column, value in pairs]
        for column, value in zip(columns, row["values"], strict=True):
            values = scope.values.setdefault(column, [])
            if value is not None and value not in values:
                values.append(value)
    is_cut = len(rows) < len(table["rows"])
    total = len(rows) if is_cut else table["total"]
    return {**table, "rows": rows, "total": total, "cursor": None}


def _run_list(page: dict[str, Any], body: _Body, scope: _Scope) -> dict[str, Any]:
    runs = [
        _single_run(run, body, scope)
        for run in page.get("runs") or ()
        if scope.runs is None or run["id"] in scope.runs
    ]
    return {**page, "runs": runs, "cursor": None, "total": len(runs)}


def _single_run(run: dict[str, Any], _body: _Body, _scope: _Scope) -> Any:
    return shown_run(msgspec.convert(run, Run), ())


def _groups(page: dict[str, Any], body: _Body, _scope: _Scope) -> Any:
    columns = [aggregate.get("column", "") for aggregate in body.get("aggregates") or ()]
    return page if all(map(_is_shown, columns)) and not _reads_hidden(body) else None


def _columns(page: dict[str, Any], _body: _Body, scope: _Scope) -> Any:
    columns = [
        {**column, "samples": scope.values.get(column["column"], [])[:_MOST_SAMPLES]}
        for column in page["columns"]
        if column["column"] in scope.names and _is_shown(column["column"])
    ]
    return {"columns": columns, "cursor": None, "total": len(columns)}


def _metrics(page: dict[str, Any], _body: _Body, scope: _Scope) -> Any:
    metrics = [metric for metric in page["metrics"] if metric["key"] in scope.names]
    return {"metrics": metrics, "cursor": None, "total": len(metrics)}


def _metric_names(answer: dict[str, Any], _body: _Body, scope: _Scope) -> Any:
    return Restriction(And(()), scope.names).names(msgspec.convert(answer, MetricNames))


def _run_events(page: dict[str, Any], _body: _Body, _scope: _Scope) -> Any:
    """Ends of runs: alerts have texts of scripts, and others the names of processes."""
    events = [{**event, "writer": ""} for event in page["events"] if event["kind"] == "end"]
    return {**page, "events": events}


def _without_addresses(answer: Any, body: _Body, scope: _Scope) -> Any:
    """An answer about media or tables; the contents of files are not shown."""
    if isinstance(answer, list):
        return [_without_addresses(part, body, scope) for part in cast("list[Any]", answer)]
    if not isinstance(answer, dict):
        return answer
    return {
        name: "" if name == "url" else _without_addresses(part, body, scope)
        for name, part in cast("dict[str, Any]", answer).items()
    }


def _whole(answer: dict[str, Any], _body: _Body, _scope: _Scope) -> Any:
    return answer


_SHOWN: Final[Mapping[str, Callable[[dict[str, Any], _Body, _Scope], Any]]] = {
    "runs": _run_list,
    _TABLE: _table,
    "runs/groups": _groups,
    "columns": _columns,
    "metrics": _metrics,
    "metrics/names": _metric_names,
    "run-events": _run_events,
    "latest": _whole,
    "histograms": _whole,
    "filters/parse": _whole,
    "chart-presets": _whole,
    "media/query": _without_addresses,
    "media/steps": _whole,
    "tables/query": _without_addresses,
    "tables/query-many": _without_addresses,
}
"""By path. Lists of files are not shown."""
