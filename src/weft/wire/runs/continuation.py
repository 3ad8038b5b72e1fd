"""The state of a run that a script resumes, forks or rewinds.

The server makes it or, if no server can be asked, `sdk.continuing.local_runs` from the run
directories on this machine. Used by `weft.init`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints

PEER_MICROS: Final = 60_000_000
"""Processes that began within this time of each other may be ranks of one continued job."""


class Continuation(Struct, frozen=True, kw_only=True):
    """The state of a run at a step, or now."""

    run_id: str
    name: str
    state: str
    last_step: Annotated[
        int | float | None, Meta(description="largest step that counts; null: the run has no rows")
    ] = None
    runtime_micros: Annotated[
        int,
        Meta(description="how long the run had run at its last row that counts, without pauses"),
    ] = 0
    config: dict[str, Any] = {}
    summary: Annotated[
        dict[str, Any], Meta(description="last value of each metric up to the step")
    ] = {}
    aggregates: Annotated[
        dict[str, dict[str, Any]],
        Meta(
            description="for each metric whose defined summary needs them: the fields of its "
            "aggregates' folds, up to the step"
        ),
    ] = {}
    summary_set: Annotated[
        dict[str, Any], Meta(description="summary values that the script itself set, nested")
    ] = {}
    definitions: Annotated[
        list[dict[str, Any]], Meta(description="metric definitions from `define_metric`")
    ] = []
    sources: Annotated[
        list[tuple[str, str, int | float | None]],
        Meta(
            description="writers that make up the history, including writers of the runs it "
            "continued: run, writer, last step that counts or null"
        ),
    ] = []
    running: Annotated[
        list[str], Meta(description="writers of this run whose process runs now")
    ] = []
    notes: str | None = None
    tags: list[str] = []
    group: str | None = None
    job_type: str | None = None


_run = Endpoints("/api/v1/projects/{entity}/{project}/runs/{run}", tag="runs")


@_run.get("/continuation")
def get_continuation(
    entity: str, project: str, run: str, *, step: int | float | None = None, joining: bool = False
) -> Continuation:
    """Return a run as it was at a step, by default as it is now, to a script that continues it."""
