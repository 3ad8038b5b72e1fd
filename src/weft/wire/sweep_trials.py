"""Trials of a sweep as a table, and trials that people queue by hand."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.records.limits import MAX_ID_BYTES
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.runs.runs import Total
from weft.wire.runs.selecting import MAX_OFFSET
from weft.wire.sweeps import SweepRun

MAX_TRIALS: Final = 1000
"""Most trials of one page."""

MAX_ORDER_CHARS: Final = 1024
MAX_TRIAL_VALUES: Final = 1000

TrialState = Literal["queued", "running", "finished", "stopped_early", "failed"]


class SweepTrial(SweepRun, frozen=True, kw_only=True):
    """A trial of a sweep: a parameter set with its run."""

    name: Annotated[str | None, Meta(description="of the run; null: it has not begun")]
    reason: Annotated[
        str | None, Meta(description="of the run's bad end, as the script said: an exception")
    ]
    notes: Annotated[str, Meta(description="of the run")]
    agent_number: Annotated[int | None, Meta(description="of the agent, counted from 1")]


class SweepTrialList(Struct, frozen=True, kw_only=True):
    """A page of the trials of a sweep."""

    trials: list[SweepTrial]
    total: Total


class NewTrial(RequestBody, frozen=True, kw_only=True):
    """A parameter set to try next."""

    parameters: Annotated[
        dict[str, Any],
        Meta(
            max_length=MAX_TRIAL_VALUES,
            description="by dotted name or nested; those left out are drawn from their "
            "distributions",
        ),
    ]


_sweep = Endpoints("/api/v1/projects/{entity}/{project}/sweeps/{sweep}", tag="sweeps")


@_sweep.get("/trials")
def list_trials(
    entity: str,
    project: str,
    sweep: str,
    *,
    state: (
        Annotated[TrialState, Meta(description="finished: without those that were stopped early")]
        | None
    ) = None,
    search: Annotated[
        str,
        Meta(
            max_length=512,
            description="text in the run's name, id, reason or notes, the agent, or the value of "
            "a parameter",
        ),
    ] = "",
    run: Annotated[str, Meta(max_length=MAX_ID_BYTES)] | None = None,
    order: Annotated[
        str,
        Meta(
            max_length=MAX_ORDER_CHARS,
            description="`number`, `name`, `state`, `agent`, `given`, `duration`, "
            "`parameters.NAME` or `values.METRIC`, after a `-` in descending order. Trials "
            "without a value come last",
        ),
    ] = "number",
    limit: Annotated[int, Meta(ge=1, le=MAX_TRIALS)] = 100,
    offset: Annotated[int, Meta(ge=0, le=MAX_OFFSET)] = 0,
) -> SweepTrialList:
    """List trials of a sweep, filtered and in an order."""


@_sweep.post("/trials")
def enqueue_trial(entity: str, project: str, sweep: str, new: NewTrial) -> SweepTrial:
    """Queue a parameter set, which the next agent gets. The sweep's search learns of its result.

    A finished sweep that has handed out all of its sets runs again, until the trial has ended.
    """
