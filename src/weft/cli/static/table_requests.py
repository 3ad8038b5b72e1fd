"""The requests of a panel with a logged table: its steps, its files, its first rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]

_MOST_RUNS: Final = 50
_MOST_SERIES: Final = 1000
_ROWS: Final = 200
_ALL_RUNS: Final = "all"


def media_query(keys: Sequence[str], shown: Json) -> dict[str, Any]:
    """The body of the request for the last tables of a panel's runs."""
    runs = shown["runs"]
    most = min(_MOST_RUNS, _MOST_SERIES // max(1, len(keys)))
    ids = shown["runIds"] if len(runs) <= most else [run["id"] for run in runs[:most]]
    live = [run["id"] for run in runs if run["isLive"]]
    return {"runs": ids, "keys": list(keys), "skip_awaited": live}


def rows_query(options: Json, shown: Json, series: Sequence[Json]) -> dict[str, Any] | None:
    """The body of the request for the first rows of a panel's first table: the chosen table, else
    the first run's. None: no run has a table, or only the page can make the request, as for the
    tables of all runs as one.
    """
    of_runs = {entry["run"]: entry["items"] for entry in series}
    entries = {
        f"{run['id']} {at}": (run["id"], item)
        for run in shown["runs"]
        for at, item in enumerate(of_runs.get(run["id"], ()))
    }
    chosen = options.get("entry")
    if chosen == _ALL_RUNS or not entries:
        return None
    run, item = entries.get(str(chosen)) or next(iter(entries.values()))
    if options.get("join") is not None or item["file"]["state"] != "stored":
        return None
    return {
        "run": run,
        "path": item["file"]["path"],
        "computed": options.get("computed") or [],
        "group": options.get("group"),
        "join": item.get("join"),
        "sort": options.get("sort"),
        "search": options.get("search") or "",
        "filters": options.get("filters") or [],
        "offset": 0,
        "limit": _ROWS,
    }
