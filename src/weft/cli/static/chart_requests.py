"""The requests of a panel with logged charts: the presets, the charts, the rows of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

Json = Mapping[str, Any]

_ROWS: Final = 10_000


def chart_tables(
    shown: Json, series: Sequence[Json], presets: Sequence[Json]
) -> Iterator[dict[str, Any]]:
    """The body of the request for the rows of each chart of a panel, run by run.

    Charts of a preset that the server lacks, and those whose rows have not come, have none: the
    page says so.
    """
    of_runs = {entry["run"]: entry["items"] for entry in series}
    for run in shown["runs"]:
        for item in of_runs.get(run["id"], ()):
            chart, file = item.get("chart"), item["file"]
            preset = None if chart is None else _preset_of(presets, chart["preset"])
            if preset is None or file["state"] != "stored":
                continue
            query = {
                "run": run["id"],
                "path": file["path"],
                "columns": _columns(chart["fields"] or preset["default_columns"], preset),
                "limit": _ROWS,
            }
            yield {"tables": [query]}


def _preset_of(presets: Sequence[Json], name: str) -> Json | None:
    return next((p for p in presets if name == p["name"] or name in p["aliases"]), None)


def _columns(fields: Mapping[str, str], preset: Json) -> list[str]:
    """The columns that a chart draws: those of fields that its preset names."""
    spec = msgspec.json.encode(preset["spec"]).decode()
    columns = [column for field, column in fields.items() if f"${{field:{field}}}" in spec]
    return list(dict.fromkeys(columns))
