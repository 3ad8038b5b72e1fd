"""History: joined rows of all writers, nothing sampled."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from weft.errors import ConfigError
from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.lineage import sources_of
from weft.server.services.permissions import Action, require
from weft.server.services.reading.cursors import decode_cursor, encode_cursor
from weft.server.services.reading.run_clock import HistoryClock
from weft.server.services.types import HistoryPage, RunPath
from weft.server.storage.contract import JoinedRow

MAX_PAGE: Final = 100_000

_Place = tuple[int | float, int, str, int]


class HistoryService:
    """Reads rows back."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def rows(
        self,
        actor: Actor,
        path: RunPath,
        *,
        keys: Sequence[str] | None = None,
        limit: int = 1000,
        cursor: str | None = None,
        superseded: bool = False,
    ) -> HistoryPage:
        """A page of rows by (step, time, writer, row); only those that have one of `keys`.

        Args:
            superseded: the run's own rows that a rewind no longer counts, too.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
            ConfigError: the cursor is none of ours, or the limit out of range.
        """
        require(actor, Action.READ, path)
        if not 1 <= limit <= MAX_PAGE:
            raise ConfigError(f"limit must be 1 to {MAX_PAGE}")
        after = None if cursor is None else decode_cursor(cursor, _Place)
        entry = self._stores.find_run(path)
        sources = sources_of(self._stores, entry.project_id, path.run)
        if superseded:
            sources = [one for one in sources if one.run != path.run]
        with self._stores.metrics.use(entry.project_id) as store:
            found = store.rows(path.run, keys, after=after, limit=limit + 1, sources=sources)
            joined = list(islice(found, limit + 1))
        clock = HistoryClock(self._stores, entry, sources)
        rows = [_history_row(row, clock) for row in joined[:limit]]
        if len(joined) <= limit:
            return HistoryPage(rows=rows, cursor=None)
        last = joined[limit - 1]
        place = (last.step, last.micros, last.writer, last.row)
        return HistoryPage(rows=rows, cursor=encode_cursor(place))


def _plain_step(step: int | float) -> int | float:
    """A step as it reads back: a whole number is an int, also where fractions lie beside it.

    Where a log was cut into uploads decides which steps are stored as floats, and must not show.
    """
    return (
        int(step) if isinstance(step, float) and step.is_integer() and abs(step) <= 2**53 else step
    )


def _history_row(row: JoinedRow, clock: HistoryClock) -> dict[str, Any]:
    return {
        "_step": _plain_step(row.step),
        "_runtime": clock.runtime_micros(row.micros, row.writer) / 1_000_000,
        "_timestamp": row.micros / 1_000_000,
        **row.values,
    }
