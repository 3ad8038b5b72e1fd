"""Charts of tables whose rows came before the config that says that they are charts.

The client sends rows and config in requests of their own, in any order. A stored row does not
change, so such a chart gets a row of its own, at the step of its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

import msgspec

from weft.server.intake.lines import LineStream, LineUploads
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services
from weft.wandb_format.charts import chart_tables, charts_in
from weft.wandb_gateway.runs.memory import RunMemory

CHARTS: Final = "wandb-charts"
"""The stream of these rows."""

CHART_ROWS: Final = 2**41
"""Row number of the first of them. The writer's other rows have lower numbers."""

_PAGE_ROWS: Final = 1000

_encode: Final = msgspec.json.Encoder().encode


class LateCharts:
    """Adds charts to the rows of a process. Thread-safe, if its callers hold the run."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lines = LineUploads(services.ingest, services.stores.now)

    def add(self, actor: Actor, path: RunPath, memory: RunMemory, client: str | None) -> None:
        """Add each chart of the config that a row with its table lacks, once."""
        writer = memory.writer_of(client)
        lines = [_encode(row).decode() for row in self._missing(actor, path, memory, writer)]
        if not lines:
            return
        stream = LineStream(f"{CHARTS}@{writer}", writer)
        first_line = self._lines.count(actor, path, stream)
        self._lines.add_rows(actor, path, stream, first_line, lines, row_offset=CHART_ROWS)

    def _missing(
        self, actor: Actor, path: RunPath, memory: RunMemory, writer: str
    ) -> list[dict[str, Any]]:
        """A row for each row that lacks charts."""
        draw = charts_in(memory.internal)
        tables = chart_tables(memory.internal)
        if draw is None:
            return []
        charts: dict[tuple[Any, str], dict[str, Any]] = {}
        present: set[tuple[Any, str]] = set()
        for row in self._rows(actor, path, sorted({*tables, *tables.values()}), writer):
            drawn = {key: row[key] for key in tables if key in row}
            draw(drawn)
            for key in set(tables.values()):
                if _is_chart(row.get(key)):
                    present.add((row["_step"], key))
                elif _is_chart(drawn.get(key)):
                    about = {name: row[name] for name in ("_step", "_timestamp")}
                    charts[row["_step"], key] = {**about, key: drawn[key]}
        return [row for at, row in charts.items() if at not in present]

    def _rows(
        self, actor: Actor, path: RunPath, keys: list[str], writer: str
    ) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            page = self._services.history.rows(
                actor, path, keys=keys, limit=_PAGE_ROWS, cursor=cursor, apart=True
            )
            yield from (row for row in page.rows if row["_writer"] == writer)
            cursor = page.cursor
            if cursor is None:
                return


def _is_chart(value: Any) -> bool:
    return isinstance(value, dict) and cast("dict[str, Any]", value).get("_type") == "custom-chart"
