"""Runs, their writers and alerts, and edits of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.colors import RUN_COLORS
from weft.records.limits import MAX_NAME_CHARS
from weft.records.states import RunState
from weft.wire.endpoint import Endpoints, RequestBody

MAX_PAGE: Final = 10_000
"""Most runs, files, groups or sizes in one response."""

MAX_RUNS: Final = 100_000
"""Most runs that one request may name or change."""

Cursor = Annotated[
    str | None, Meta(description="send it to get the next page; null: this is the last page")
]
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]
Total = Annotated[int, Meta(description="number of items on all pages")]
RunIds = Annotated[list[str], Meta(max_length=MAX_RUNS)]


class Definition(Struct, frozen=True, kw_only=True):
    """The definition of a metric name or a glob by `define_metric`."""

    name: str
    step_metric: str | None
    step_sync: bool | None
    summary: list[str]
    goal: str | None
    hidden: bool | None


class Fork(Struct, frozen=True, kw_only=True):
    """The run and step that a run continues from. For a rewind, `run` is the run itself."""

    run: str
    step: int | float | None


class Run(Struct, frozen=True, kw_only=True):
    """A run: one `init()` … `finish()`."""

    id: str
    entity: str
    project: str
    name: str
    state: RunState
    notes: str | None
    tags: list[str]
    group: str | None
    job_type: str | None
    sweep: str | None
    color: Annotated[
        int,
        Meta(
            description="number in the web app's palette, 1 to 12: the same for every user and "
            "on every page. A project's runs get the numbers in turn; a user may choose another"
        ),
    ]
    user: Annotated[
        str | None,
        Meta(
            description="who started the run: the account that logs it, or without accounts "
            "the login name on its machine"
        ),
    ]
    created_micros: Annotated[
        int, Meta(description="when the run began: `started_micros`, but never after it arrived")
    ]
    arrived_micros: Annotated[int, Meta(description="when the server first heard of the run")]
    started_micros: Annotated[
        int,
        Meta(
            description="when the script called init, by its machine's clock, which is corrected "
            "if it was online"
        ),
    ]
    runtime_from_micros: Annotated[
        int,
        Meta(
            description="time from which the run's runtime counts, chosen so that pauses before "
            "a resume are left out and the runtime of a fork's parent is included"
        ),
    ]
    heartbeat_micros: Annotated[
        int | None,
        Meta(
            description="when the server last heard from a writer of the run while its process ran"
        ),
    ]
    ended_micros: int | None
    exit_code: int | None
    reason: Annotated[
        str | None,
        Meta(
            description="why it ended badly, in one line: the exception, the signal, or that its "
            "heartbeats ceased; null: it did not, or only its exit code is known"
        ),
    ]
    stopped_by: Annotated[
        str | None,
        Meta(
            description="who asked it to stop: a user's name, or `the sweep's early termination`, "
            "for example; null: no one did, or it finished by itself"
        ),
    ]
    host: str | None
    config: dict[str, Any]
    summary: dict[str, Any]
    edited_by: Annotated[
        str | None, Meta(description="who last changed it by hand; null: no one did")
    ]
    locked_by: Annotated[
        str | None, Meta(description="who locked it against deletion; null: it is not locked")
    ]
    locked_micros: Annotated[int | None, Meta(description="when it was locked")] = None
    notes_by: Annotated[
        str | None,
        Meta(description="who changed the notes last: by hand, or the user whose script set them"),
    ] = None
    notes_micros: Annotated[int | None, Meta(description="when the notes were last changed")] = (
        None
    )
    fork: Annotated[Fork | None, Meta(description="null: neither forked nor rewound")]
    definitions: Annotated[
        list[Definition], Meta(description="by name; lists have only the first 200")
    ]
    n_alerts: int
    warnings: Annotated[list[str], Meta(description="warnings for readers of the run's charts")]
    truncated: Annotated[
        bool,
        Meta(
            description="whether config and summary are shortened, as in lists; get the run itself"
        ),
    ] = False


class RunList(Struct, frozen=True, kw_only=True):
    """A page of a project's runs, newest first."""

    runs: list[Run]
    cursor: Cursor
    total: Annotated[int, Meta(description="number of matches on all pages")]


class Writer(Struct, frozen=True, kw_only=True):
    """A writer of a run. Its times are corrected by its clock's offset."""

    writer: str
    parent: Annotated[
        str | None,
        Meta(description="writer whose process it belongs to; null: it is a script's own"),
    ]
    host: str | None
    labels: Annotated[Mapping[str, str], Meta(description="such as rank, node, process")]
    offset_micros: Annotated[
        int, Meta(description="what its clock's times are corrected by; 0: it is right")
    ]
    started_micros: Annotated[int | None, Meta(description="when its log began; null: unknown")]
    heartbeat_micros: Annotated[
        int | None, Meta(description="when the server last heard from it while its process ran")
    ]
    ended_micros: int | None
    exit_code: int | None


class WriterList(Struct, frozen=True):
    """The writers of a run, in the order in which the server first heard of them."""

    writers: list[Writer]


class Alert(Struct, frozen=True, kw_only=True):
    """A message that the script wanted a person to see."""

    title: str
    text: str
    level: Annotated[str, Meta(description="INFO, WARN or ERROR")]
    time_micros: Annotated[
        int, Meta(description="when it was sent, corrected by the writer's offset")
    ]
    writer: str


class AlertList(Struct, frozen=True):
    """The alerts of a run, oldest first."""

    alerts: list[Alert]


class ConfigEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a config or a summary, by leaf path."""

    set: Annotated[
        list[tuple[list[str], Any]],
        Meta(
            description='path and value; a nonfinite number is {"_type": "float", "value": "NaN"}'
        ),
    ] = []
    removed: list[list[str]] = []


class RunEdit(RequestBody, frozen=True, kw_only=True):
    """Fields to change. An omitted field stays the same, null clears it."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)] | UnsetType = UNSET
    notes: str | UnsetType | None = UNSET
    add_notes: Annotated[str, Meta(description="a paragraph to add to the notes")] = ""
    tags: Annotated[
        list[str] | UnsetType, Meta(description="all tags, replacing the present ones")
    ] = UNSET
    add_tags: list[str] = []
    remove_tags: list[str] = []
    group: str | UnsetType | None = UNSET
    job_type: str | UnsetType | None = UNSET
    color: (
        Annotated[int, Meta(ge=1, le=RUN_COLORS, description="number in the palette")] | UnsetType
    ) = UNSET
    is_locked: Annotated[
        bool | UnsetType, Meta(description="lock it, so that it can't be deleted; or unlock it")
    ] = UNSET
    config: ConfigEdit | UnsetType = UNSET
    summary: Annotated[
        ConfigEdit | UnsetType,
        Meta(
            description="a value set here replaces logged values, even later ones; a removed "
            "value is shown again once it is logged again"
        ),
    ] = UNSET


class Undeleted(Struct, frozen=True):
    """The result of restoring a run from the trash."""

    restored: Annotated[
        bool,
        Meta(
            description="true: the run is restored; false: its data was already deleted, so it "
            "only accepts uploads again"
        ),
    ]


_runs = Endpoints("/api/v1/projects/{entity}/{project}/runs", tag="runs")


@_runs.get()
def list_runs(
    entity: str,
    project: str,
    *,
    filter_: str = "",
    order: str = "-created",
    search: str = "",
    regex: bool = False,
    state: RunState | None = None,
    limit: Limit = 1000,
    cursor: str | None = None,
) -> RunList:
    """List runs that match a filter and contain the search text, by default newest first."""


@_runs.get("/{run}")
def get_run(entity: str, project: str, run: str) -> Run:
    """Return one run; msgpack answers keep nonfinite numbers as numbers."""


@_runs.get("/{run}/writers")
def list_writers(entity: str, project: str, run: str) -> WriterList:
    """List the writers of a run (scripts, their children, sidecars) with their labels."""


@_runs.get("/{run}/alerts")
def list_alerts(entity: str, project: str, run: str) -> AlertList:
    """List the alerts that a run's scripts raised, oldest first."""


@_runs.patch("/{run}")
def edit_run(entity: str, project: str, run: str, edit: RunEdit) -> Run:
    """Edit the name, notes, tags, group, job type, color, config or summary of a run."""


@_runs.delete("/{run}")
def delete_run(entity: str, project: str, run: str, *, permanently: bool = False) -> None:
    """Move a run to the trash, or delete it permanently; a tombstone refuses late uploads."""


@_runs.post("/{run}/undelete")
def undelete_run(entity: str, project: str, run: str) -> Undeleted:
    """Restore a deleted run; if the trash was emptied, only accept its uploads again."""


@_runs.post("/{run}/stop")
def stop_run(entity: str, project: str, run: str) -> dict[str, Any]:
    """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt."""
