"""The initial state of a process's rows if its run continues or forks another. Pure.

Set by `weft.sdk.start`. `weft.wire.runs.continuation` documents the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec


class Beginning(msgspec.Struct, frozen=True):
    """The state before a process's first row. Empty by default.

    Attributes:
        first_step: the step of the first row that is logged without `step`.
        aggregates: the aggregates of all logged values, for keys whose summary shows them.
        resumed_run: the id of the run, if its rows before `first_step` still count. None for a new
            run, a fork and a rewind.
    """

    first_step: int = 0
    last_values: Mapping[str, Any] = {}
    aggregates: Mapping[str, Mapping[str, Any]] = {}
    definitions: Iterable[Mapping[str, Any]] = ()
    resumed_run: str | None = None
