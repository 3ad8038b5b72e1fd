"""`has_fractional_steps`: whether some steps are not ints, judged by headers. Reads the file."""

from __future__ import annotations

from collections.abc import Sequence

from weft.server.storage.contract import Lineage
from weft.server.storage.metrics.database import Database
from weft.server.storage.metrics.reading.parts import parts_of
from weft.server.storage.metrics.schema import listed


def has_fractional_steps(
    database: Database, runs: Sequence[str], *, system: bool, lineage: Lineage
) -> bool:
    """See `MetricStore.has_fractional_steps`."""
    numbers = {part.run for run in runs for part in parts_of(database, run, lineage.get(run, ()))}
    if not numbers:
        return False
    with database.snapshot(numbers) as view:
        if any(
            row_class.fractional and row_class.system == system
            for listing in view.listings.values()
            for row_class in listing
        ):
            return True
        row = view.db.execute(
            f"SELECT 1 FROM chunk WHERE fractional AND system = ? AND run IN {listed(numbers)}"
            " LIMIT 1",
            (system,),
        )
        return row.fetchone() is not None
