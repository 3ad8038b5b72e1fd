"""`has_fractional_steps`: whether some steps are not ints, judged by headers. Reads the file."""

from __future__ import annotations

from collections.abc import Sequence

from weft.server.storage.contract import Lineage
from weft.server.storage.metrics.reading.parts import parts_of
from weft.server.storage.metrics.view import MetricDatabase


def has_fractional_steps(
    database: MetricDatabase, runs: Sequence[str], *, system: bool, lineage: Lineage
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
        return view.has_fractional_chunk(numbers, system=system)
