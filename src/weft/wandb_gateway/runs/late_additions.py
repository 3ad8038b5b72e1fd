"""Charts and names of classes, of rows that came before the config with them.

The client sends rows and config in requests of their own, in any order. A stored row does not
change, so what it lacks gets a row of its own, at its step: a chart next to its table, or an image
again, with the names of its masks' classes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from weft.server.intake.lines import LineStream, LineUploads
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services
from weft.wandb_format import added_keys, additions_in
from weft.wandb_gateway.runs.memory import RunMemory

STREAM: Final = "wandb-charts"
"""The stream of these rows."""

ROW_OFFSET: Final = 2**41
"""Row number of the first of them. The writer's other rows have lower numbers."""

_PAGE_ROWS: Final = 1000

_encode: Final = msgspec.json.Encoder().encode


class LateAdditions:
    """Adds to the rows of a process. Thread-safe, if its callers hold the run."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lines = LineUploads(services.ingest, services.stores.now)

    def add_rows(self, actor: Actor, path: RunPath, memory: RunMemory, client: str | None) -> None:
        """Add what the config has and the rows lack, once."""
        writer = memory.writer_of(client)
        lines = [_encode(row).decode() for row in self._missing(actor, path, memory, writer)]
        if not lines:
            return
        stream = LineStream(f"{STREAM}@{writer}", writer)
        first_line = self._lines.count(actor, path, stream)
        self._lines.add_rows(actor, path, stream, first_line, lines, row_offset=ROW_OFFSET)

    def _missing(
        self, actor: Actor, path: RunPath, memory: RunMemory, writer: str
    ) -> Iterator[dict[str, Any]]:
        """A row for each step that lacks something."""
        add = additions_in(memory.internal)
        if add is None:
            return
        steps: dict[Any, dict[str, Any]] = {}
        for row in self._rows(actor, path, sorted(added_keys(memory.internal)), writer):
            steps.setdefault(row["_step"], {}).update(row)
        for row in steps.values():
            whole = copy.deepcopy(row)
            add(whole)
            changed = {key: value for key, value in whole.items() if value != row.get(key)}
            if changed:
                yield {name: row[name] for name in ("_step", "_timestamp")} | changed

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
