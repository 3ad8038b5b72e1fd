"""What a script needs to know of a run that it goes on with: the answer to resume, fork, rewind.

Made by the server (`services.continuation`) or, where none can be asked, from the run directories
here (`sdk.continuing.local_runs`); used by `weft.init`. Pure.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

PEER_MICROS: Final = 60_000_000
"""Processes that began within this of each other may be ranks of one job, which go on together."""


class Continuation(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it was at a step, or as it is now.

    Attributes:
        last_step: largest step that counts; None = it has no rows.
        runtime_micros: how long the run had run at its last row that counts; pauses left out.
        config: nested.
        summary: by metric, the last value up to that step.
        aggregates: by metric whose summary is defined to show such, of its values up to that step:
            `count`, `mean`, `min`, `max` and `first`, as far as there are.
        summary_set: nested; what the script set in the summary itself.
        definitions: what `define_metric` was told: `name`, `step_metric`, `step_sync`, `summary`,
            `goal`, `hidden` of each.
        sources: the writers whose rows make up the history, sources of sources resolved: run,
            writer, and the last step of it that counts (None = all of it).
        running: those of these writers whose process runs now.
    """

    run_id: str
    name: str
    state: str
    last_step: int | float | None = None
    runtime_micros: int = 0
    config: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    aggregates: dict[str, dict[str, Any]] = {}
    summary_set: dict[str, Any] = {}
    definitions: list[dict[str, Any]] = []
    sources: list[tuple[str, str, int | float | None]] = []
    running: list[str] = []
    notes: str | None = None
    tags: list[str] = []
    group: str | None = None
    job_type: str | None = None
