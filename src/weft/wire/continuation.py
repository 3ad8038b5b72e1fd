"""What a script needs to know of a run that it continues: the answer to resume, fork, rewind.

Made by the server or, where none can be asked, from the run directories here
(`sdk.continuing.local_runs`); used by `weft.init`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

PEER_MICROS: Final = 60_000_000
"""Processes that began within this of each other may be ranks of one job, continued together."""


class Continuation(Struct, frozen=True, kw_only=True):
    """A run as it was at a step, or as it is now."""

    run_id: str
    name: str
    state: str
    last_step: Annotated[
        int | float | None, Meta(description="largest step that counts; null: it has no rows")
    ] = None
    runtime_micros: Annotated[
        int,
        Meta(description="how long it had run at its last row that counts, pauses left out"),
    ] = 0
    config: dict[str, Any] = {}
    summary: Annotated[
        dict[str, Any], Meta(description="by metric, its last value up to the step")
    ] = {}
    aggregates: Annotated[
        dict[str, dict[str, Any]],
        Meta(
            description="by metric whose summary is defined to show such: count, mean, min, max, "
            "first of its finite values up to the step"
        ),
    ] = {}
    summary_set: Annotated[
        dict[str, Any], Meta(description="nested; what the script set itself")
    ] = {}
    definitions: Annotated[
        list[dict[str, Any]], Meta(description="what `define_metric` was told")
    ] = []
    sources: Annotated[
        list[tuple[str, str, int | float | None]],
        Meta(
            description="writers that make up the history, sources of sources resolved: run, "
            "writer, last step that counts or null"
        ),
    ] = []
    running: Annotated[
        list[str], Meta(description="those of its own writers whose process runs now")
    ] = []
    notes: str | None = None
    tags: list[str] = []
    group: str | None = None
    job_type: str | None = None
