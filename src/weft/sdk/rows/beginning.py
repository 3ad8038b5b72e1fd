"""What the rows of a process begin with, where its run was there before. Pure.

Settled by `weft.sdk.start` for a run that goes on with one, or is a fork; see
`weft.wire.continuation`, which says what the parts hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Beginning(NamedTuple):
    """All that was before; by itself: nothing.

    Attributes:
        first_step: of the first row that names none.
        last_values: what was logged last, by key.
        aggregates: of all that was logged, by key; for those that ask.
        definitions: what `define_metric` was told.
        resumed_run: the id of the run, if its rows before `first_step` still count. None for a new
            run, a fork and a rewind.
    """

    first_step: int = 0
    last_values: Mapping[str, Any] = {}
    aggregates: Mapping[str, Mapping[str, Any]] = {}
    definitions: Iterable[Mapping[str, Any]] = ()
    resumed_run: str | None = None
