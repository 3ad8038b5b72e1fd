"""Reads all rows of one stored run, in order, page by page. Does network I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from weft.client.api_client import ApiClient
from weft.errors import ConfigError
from weft.sdk.reading.paths import RunName
from weft.sdk.reading.unknown_names import warn_of_metrics

TIMES: Final = ("_step", "_runtime", "_timestamp")
"""Columns that every row has."""


class HistoryScan(Iterator[dict[str, Any]]):
    """The rows of a run. Each `for` loop over it starts again at the first row.

    Attributes:
        keys: the requested metrics. None for all.
        page_size: the number of rows that one request fetches.
        rows: the rows of the current page.
        max_step: the step before which it ends. None: the run's end.
    """

    def __init__(
        self,
        client: ApiClient,
        run: RunName,
        *,
        keys: Sequence[str] | None,
        page_size: int,
        min_step: float | None,
        max_step: float | None,
        complete: bool,
        superseded: bool,
        apart: bool = False,
        system: bool = False,
    ) -> None:
        self._client = client
        self._run = run
        self.keys = None if keys is None else list(keys)
        self.page_size = page_size
        self.min_step = min_step
        self.max_step = max_step
        self._superseded = superseded
        self._apart = apart
        self._system = system
        metrics = [key for key in self.keys or () if key not in TIMES]
        self._metrics = metrics or None
        self._required = metrics if complete else []
        self._begin()

    def _begin(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._index = 0
        self._cursor: str | None = None
        self._is_over = False

    def __iter__(self) -> HistoryScan:
        self._begin()
        return self

    def __next__(self) -> dict[str, Any]:
        while self._index >= len(self.rows):
            if self._is_over:
                raise StopIteration
            self._load_page()
        row = self.rows[self._index]
        self._index += 1
        return row

    def _load_page(self) -> None:
        page = self._client.history(
            *self._run,
            keys=self._metrics,
            limit=self.page_size,
            cursor=self._cursor,
            step_lo=self.min_step,
            step_hi=self.max_step,
            superseded=self._superseded,
            apart=self._apart,
            system=self._system,
        )
        rows = page.items
        if self._cursor is None and self._metrics:
            warn_of_metrics(self._client, *self._run, self._metrics, rows)
        if self.keys and self._metrics is None:  # only times were requested
            rows = [{name: row[name] for name in self.keys} for row in rows]
        if len(self._required) > 1:
            rows = [row for row in rows if all(key in row for key in self._required)]
        self.rows, self._index = rows, 0
        self._cursor = page.cursor
        self._is_over = page.cursor is None


def checked_keys(keys: object) -> list[str] | None:
    """Return the keys that a caller named, or None for all if the list is empty."""
    if keys is None:
        return None
    if isinstance(keys, str):
        raise ConfigError(f"keys must be a list of names, not the text {keys!r}: [{keys!r}]")
    if not isinstance(keys, Sequence) and not isinstance(keys, (set, frozenset)):
        raise ConfigError(f"keys must be a list of names, not {type(keys).__name__}")
    names: list[Any] = list(keys)
    for name in names:
        if not isinstance(name, str):
            raise ConfigError(f"keys must be a list of names, not of {name!r}")
    return names or None
