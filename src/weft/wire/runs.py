"""Runs: what they are, who wrote them, and how a person changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.colors import RUN_COLORS
from weft.records.limits import MAX_NAME_CHARS
from weft.records.states import RunState

MAX_PAGE: Final = 10_000
"""Runs, files, groups or sizes that one answer lists at most."""

MAX_RUNS: Final = 100_000
"""Runs that one request may name, or change."""

Cursor = Annotated[str | None, Meta(description="ask again with it; null: this was the last page")]
Total = Annotated[int, Meta(description="how many there are, on all pages")]
RunIds = Annotated[list[str], Meta(max_length=MAX_RUNS)]


class Definition(Struct, frozen=True, kw_only=True):
    """What `define_metric` was told of a name or a glob."""

    name: str
    step_metric: str | None
    step_sync: bool | None
    summary: list[str]
    goal: str | None
    hidden: bool | None


class Fork(Struct, frozen=True, kw_only=True):
    """The moment that a run continues from: of another run, or (rewound) of itself."""

    run: str
    step: int | float | None


class Run(Struct, frozen=True, kw_only=True):
    """One `init()` … `finish()`."""

    id: str
    entity: str
    project: str
    name: str
    state: RunState
    notes: str | None
    tags: list[str]
    group: str | None
    job_type: str | None
    color: Annotated[
        int,
        Meta(
            description="a number of the web app's palette, 1 to 12: the same for every user and "
            "on every page. Runs get the numbers in turn as the project is given them; a user may "
            "choose another"
        ),
    ]
    user: Annotated[str | None, Meta(description="who started it, as its first log says")]
    created_micros: Annotated[int, Meta(description="when the server first heard of it")]
    started_micros: Annotated[
        int, Meta(description="when the script called init, with its clock's offset")
    ]
    runtime_from_micros: Annotated[
        int,
        Meta(
            description="its runtime is the time since then: pauses before it was resumed are "
            "left out, what a fork's parent had run is counted"
        ),
    ]
    heartbeat_micros: Annotated[
        int | None, Meta(description="when a writer was last heard of while its process ran")
    ]
    ended_micros: int | None
    exit_code: int | None
    host: str | None
    config: dict[str, Any]
    summary: dict[str, Any]
    fork: Annotated[Fork | None, Meta(description="null: it began by itself, and was not rewound")]
    definitions: Annotated[list[Definition], Meta(description="by name; in lists the first 200")]
    n_alerts: int
    warnings: Annotated[list[str], Meta(description="what a reader of its charts should know")]
    truncated: Annotated[
        bool,
        Meta(description="config and summary are shortened, as lists do; ask for the run itself"),
    ] = False


class RunList(Struct, frozen=True, kw_only=True):
    """Runs of a project, newest first."""

    runs: list[Run]
    cursor: Cursor
    total: Annotated[int, Meta(description="how many match, on all pages")]


class Writer(Struct, frozen=True, kw_only=True):
    """A writer of a run. Its times have its clock's offset."""

    writer: str
    parent: Annotated[
        str | None, Meta(description="whose process it belongs to; null: a script's own")
    ]
    host: str | None
    labels: Annotated[Mapping[str, str], Meta(description="rank, node, process")]
    started_micros: Annotated[int | None, Meta(description="when its log began; null: unknown")]
    heartbeat_micros: Annotated[
        int | None, Meta(description="when it was last heard of while its process ran")
    ]
    ended_micros: int | None
    exit_code: int | None


class WriterList(Struct, frozen=True):
    """The writers of a run, in the order in which they were first heard of."""

    writers: list[Writer]


class Alert(Struct, frozen=True, kw_only=True):
    """A message that the script wanted a person to see."""

    title: str
    text: str
    level: Annotated[str, Meta(description="INFO, WARN or ERROR")]
    time_micros: Annotated[int, Meta(description="when it was sent, with the writer's offset")]
    writer: str


class AlertList(Struct, frozen=True):
    """The alerts of a run, oldest first."""

    alerts: list[Alert]


class ConfigEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a config or a summary, by the path of each leaf."""

    set: Annotated[
        list[tuple[list[str], Any]],
        Meta(description='a non-finite number is {"_type": "float", "value": "NaN"}'),
    ] = []
    removed: list[list[str]] = []


class RunEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; a field that is left out stays, null clears it."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)] | UnsetType = UNSET
    notes: str | UnsetType | None = UNSET
    tags: Annotated[
        list[str] | UnsetType, Meta(description="all of them, in place of those there are")
    ] = UNSET
    add_tags: list[str] = []
    remove_tags: list[str] = []
    group: str | UnsetType | None = UNSET
    job_type: str | UnsetType | None = UNSET
    color: (
        Annotated[int, Meta(ge=1, le=RUN_COLORS, description="a number of the palette")]
        | UnsetType
    ) = UNSET
    config: ConfigEdit | UnsetType = UNSET
    summary: Annotated[
        ConfigEdit | UnsetType,
        Meta(
            description="what is set shows instead of what is logged, also later; what is removed "
            "shows again once it is logged again"
        ),
    ] = UNSET


class Undeleted(Struct, frozen=True):
    """How a run came back."""

    restored: Annotated[
        bool,
        Meta(
            description="true: it is back as it was; false: its data are deleted, and it only "
            "accepts uploads again"
        ),
    ]
