"""Sweeps: hyper-parameter searches, and what their agents ask and are told."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.limits import MAX_ID_BYTES, MAX_SWEEP_CONFIG_BYTES
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.runs.runs import Cursor, Limit, Total

MAX_PRIOR_RUNS: Final = 10_000
MAX_WANTED: Final = 64
"""Most runs that an agent is given at once."""

MAX_AGENTS: Final = 10_000
"""Most agents of a sweep."""

SweepId = Annotated[str, Meta(min_length=1, max_length=MAX_ID_BYTES)]
ConfigText = Annotated[
    str, Meta(max_length=MAX_SWEEP_CONFIG_BYTES, description="the configuration, as YAML or JSON")
]
State = Annotated[
    str,
    one_of(
        "pending", "running", "paused", "stopped", "cancelled", "finished", "crashed",
        description="pending: no agent has asked yet; paused: agents wait; stopped: no new runs "
        "begin; cancelled: running runs are stopped too; crashed: `error` says why",
    ),
]  # fmt: skip


class SweepMetric(Struct, frozen=True, kw_only=True):
    """The metric that a sweep optimizes."""

    name: str
    goal: Annotated[str, one_of("minimize", "maximize")]


class SweepCounts(Struct, frozen=True, kw_only=True):
    """Numbers of a sweep's runs by state."""

    running: Annotated[int, Meta(description="given to an agent, and not ended")]
    finished: Annotated[int, Meta(description="with a value of each metric")]
    failed: int
    queued: Annotated[int, Meta(description="wait to be given to another agent")]
    stopped_early: Annotated[int, Meta(description="of the finished ones")]


class SweepRun(Struct, frozen=True, kw_only=True):
    """A run of a sweep: its parameters and what came of them."""

    number: Annotated[int, Meta(description="counted from 0 in its sweep")]
    run: str
    parameters: Annotated[dict[str, Any], Meta(description="by dotted name")]
    state: Annotated[str, one_of("queued", "running", "finished", "failed")]
    stopped_early: bool
    values: Annotated[
        list[float] | None, Meta(description="one per metric; null: there is none, or not yet")
    ]
    error: Annotated[str | None, Meta(description="why there is no value")]
    agent: Annotated[str | None, Meta(description="the agent that has it, or had it")]
    given_micros: int
    ended_micros: int | None


class Sweep(Struct, frozen=True, kw_only=True):
    """A sweep: a hyper-parameter search."""

    entity: str
    project: str
    id: str
    name: str
    description: str
    method: str
    sampler: str | None
    metrics: list[SweepMetric]
    parameters: Annotated[list[str], Meta(description="names of those that vary, dotted")]
    config: Annotated[dict[str, Any], Meta(description="as it was given")]
    seed: int
    state: State
    error: str | None
    run_cap: int | None
    n_expected: Annotated[
        int | None, Meta(description="how many runs it will have; null: there is no end")
    ]
    counts: SweepCounts
    n_agents: Annotated[int, Meta(description="heard from within a minute")]
    best: Annotated[
        SweepRun | None, Meta(description="null: no run has a value, or there are several metrics")
    ]
    front: Annotated[
        list[SweepRun], Meta(description="with several metrics: runs that none is better than")
    ]
    n_prior: Annotated[int, Meta(description="runs from before the sweep that its search knows")]
    user: str
    created_micros: int
    edited_micros: int
    ended_micros: int | None
    edited_by: Annotated[
        str | None,
        Meta(description="the user who last changed it; null if the server has no accounts"),
    ]


class SweepList(Struct, frozen=True, kw_only=True):
    """A page of the sweeps of a project, newest first."""

    sweeps: list[Sweep]
    cursor: Cursor
    total: Total


class SweepRunList(Struct, frozen=True, kw_only=True):
    """A page of the runs of a sweep, by number."""

    runs: list[SweepRun]
    cursor: Cursor


class NewSweep(RequestBody, frozen=True, kw_only=True):
    """A sweep to create."""

    config: ConfigText
    id: Annotated[
        SweepId | None, Meta(description="of a sweep that began without a server; else made here")
    ] = None
    prior_runs: Annotated[
        list[SweepId],
        Meta(max_length=MAX_PRIOR_RUNS, description="ids of earlier runs for its search to use"),
    ] = []


class SweepCheck(RequestBody, frozen=True, kw_only=True):
    """A configuration to check."""

    config: ConfigText


class CheckedSweep(Struct, frozen=True, kw_only=True):
    """The faults of a configuration, or the space that would be searched."""

    problems: Annotated[list[str], Meta(description="empty if it is valid")]
    n_expected: int | None
    samples: Annotated[
        list[dict[str, Any]], Meta(description="a few parameter sets as they may be handed out")
    ]


class SweepEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a sweep; fields that are left out stay."""

    name: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=100_000)] | UnsetType = UNSET
    state: (
        Annotated[
            Literal["running", "paused", "stopped", "cancelled"],
            Meta(description="running: goes on, also after it was stopped or had finished"),
        ]
        | UnsetType
    ) = UNSET
    run_cap: Annotated[int, Meta(ge=1, le=2**53)] | UnsetType | None = UNSET
    retry: Annotated[
        bool,
        Meta(
            description="hand out the parameter sets of failed runs again, each to a new run; the "
            "sweep runs again"
        ),
    ] = False


class SweepAgent(Struct, frozen=True, kw_only=True):
    """An agent of a sweep."""

    id: str
    number: Annotated[int, Meta(description="counted from 1 in its sweep")]
    host: str
    pid: int
    user: str
    state: Annotated[
        str,
        one_of(
            "running", "idle", "silent", "left",
            description="silent: not heard from for a minute; left: it said that it ends",
        ),
    ]  # fmt: skip
    runs: Annotated[list[str], Meta(description="ids of the runs that it has now")]
    n_runs: Annotated[int, Meta(description="how many it was given")]
    created_micros: int
    heartbeat_micros: int


class SweepAgentList(Struct, frozen=True, kw_only=True):
    """The agents of a sweep, in the order in which they came."""

    agents: list[SweepAgent]


class AgentBeat(RequestBody, frozen=True, kw_only=True):
    """An agent's report, every few seconds and when it wants a run."""

    host: Annotated[str, Meta(max_length=1000)] = ""
    pid: Annotated[int, Meta(ge=0, le=2**53)] = 0
    runs: Annotated[
        dict[SweepId, Literal["running", "finished", "failed", "absent"]],
        Meta(
            max_length=10_000,
            description="the runs that it has, and those that ended, until an answer calls them "
            "settled; absent: ended before it began",
        ),
    ] = {}
    wants: Annotated[int, Meta(ge=0, le=MAX_WANTED, description="how many more runs")] = 0
    leaves: Annotated[bool, Meta(description="whether it ends now")] = False


class RunOrder(Struct, frozen=True, kw_only=True):
    """A run for an agent to start."""

    run: str
    number: int
    config: Annotated[dict[str, Any], Meta(description="nested, as the script gets it")]
    resumes: Annotated[bool, Meta(description="whether the run was preempted, and continues")]


class AgentOrders(Struct, frozen=True, kw_only=True):
    """Instructions for an agent."""

    state: State
    runs: Annotated[
        list[RunOrder],
        Meta(description="to start; also those of an earlier answer that the agent does not name"),
    ]
    settled: Annotated[
        list[str], Meta(description="runs that ended and that the agent need not name again")
    ]
    stop: Annotated[list[str], Meta(description="runs of the agent that it must end")]
    is_done: Annotated[bool, Meta(description="whether the agent must end: no more runs come")]
    reason: Annotated[str | None, Meta(description="why no run came")]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="sweeps")


@_project.get("/sweeps")
def list_sweeps(
    entity: str, project: str, *, limit: Limit = 100, cursor: str | None = None
) -> SweepList:
    """List the sweeps of a project, newest first."""


@_project.post("/sweeps")
def create_sweep(entity: str, project: str, new: NewSweep) -> Sweep:
    """Create a sweep, and the project if it does not exist."""


@_project.post("/sweeps/check")
def check_sweep(entity: str, project: str, check: SweepCheck) -> CheckedSweep:
    """Say what is wrong with a configuration, or show what it would hand out."""


@_project.get("/sweeps/{sweep}")
def get_sweep(entity: str, project: str, sweep: str) -> Sweep:
    """Return a sweep with its counts and its best run."""


@_project.patch("/sweeps/{sweep}")
def edit_sweep(entity: str, project: str, sweep: str, edit: SweepEdit) -> Sweep:
    """Rename, pause, stop, cancel or resume a sweep, or change how many runs it may have."""


@_project.delete("/sweeps/{sweep}")
def delete_sweep(entity: str, project: str, sweep: str) -> None:
    """Delete a sweep. Its runs stay; its agents end."""


@_project.get("/sweeps/{sweep}/runs")
def list_sweep_runs(
    entity: str, project: str, sweep: str, *, limit: Limit = 1000, cursor: str | None = None
) -> SweepRunList:
    """List the runs of a sweep, by number, with their parameters and the values they reached."""


@_project.get("/sweeps/{sweep}/agents")
def list_agents(entity: str, project: str, sweep: str) -> SweepAgentList:
    """List the agents of a sweep, in the order in which they came."""


@_project.post("/sweeps/{sweep}/agents/{agent}")
def beat_agent(entity: str, project: str, sweep: str, agent: str, beat: AgentBeat) -> AgentOrders:
    """Report an agent's runs and the number of runs that it wants; returns its orders.

    Sent every few seconds, and again if no answer came: runs that the agent does not name are
    answered again, so none is lost.
    """
