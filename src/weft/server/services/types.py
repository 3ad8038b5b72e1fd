"""The shapes that services take and give. Names of fields as in `docs/http-api.md`.

Pure data: `http.schemas` documents them for OpenAPI, `http` encodes them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from weft.records.clock_offset import OffsetBounds
from weft.records.record import Record
from weft.records.states import RunState
from weft.runlog.format import Header
from weft.server.storage.contract import ConsoleLine, RowBlock

MAX_PAGE: Final = 10_000
"""Runs, files, groups or sizes that one answer lists at most."""


@dataclass(frozen=True, slots=True)
class RunPath:
    """Where a run is. `str()` is the path that people see: `entity/project/run`.

    >>> str(RunPath("local", "mnist", "ab12cd34"))
    'local/mnist/ab12cd34'
    """

    entity: str
    project: str
    run: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.run}"


class ProjectInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A project as lists show it.

    Attributes:
        description: what a person says of it.
        active_micros: when something last happened to one of its runs.
    """

    entity: str
    project: str
    description: str | None
    created_micros: int
    active_micros: int
    n_runs: int
    n_running: int


class ProjectActivity(msgspec.Struct, frozen=True, kw_only=True):
    """How busy a project was lately.

    Attributes:
        n_new_runs: runs that were made on each day, the oldest first; a day ends now.
    """

    entity: str
    project: str
    n_new_runs: list[int]


class DefinitionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What `define_metric` was told of a name or a glob."""

    name: str
    step_metric: str | None
    step_sync: bool | None
    summary: list[str]
    goal: str | None
    hidden: bool | None


class ForkInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The moment that a run goes on from: of another run, or (rewound) of itself."""

    run: str
    step: int | float | None


class WriterInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A writer of a run. Times in µs since 1970, its own with its clock's offset.

    Attributes:
        parent: the writer whose process it belongs to; None = it is a script's own.
        labels: what tells it from the others: rank, node, process.
        started_micros: when its log began; None = not known.
        heartbeat_micros: when it was last heard of while its process ran.
    """

    writer: str
    parent: str | None
    host: str | None
    labels: Mapping[str, str]
    started_micros: int | None
    heartbeat_micros: int | None
    ended_micros: int | None
    exit_code: int | None


class AlertInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the script wanted a person to see.

    Attributes:
        time_micros: when it was sent, with the writer's clock offset.
        level: `INFO`, `WARN` or `ERROR`.
    """

    title: str
    text: str
    level: str
    time_micros: int
    writer: str


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A run as lists and its page show it.

    Attributes:
        created_micros: when the server first heard of it.
        color: a number of the palette, from 1 (`records.colors`).
        user: who started it, as its first log says; None = none of them says.
        started_micros: wall time of `init`, with the writer's clock offset.
        runtime_from_micros: its runtime is the time since then: later than its start by the
            pauses before it was resumed, earlier by what a fork's parent had run.
        heartbeat_micros: when a writer was last heard of while its process ran.
        config, summary: nested; non-finite numbers as they are (`http` makes them strings).
        fork: None = it began by itself, and was not rewound.
        definitions: by name; in lists the first 200.
        warnings: what a reader of its charts should know, in words.
        truncated: this is from a list, and config or summary have more or longer values.
    """

    id: str
    entity: str
    project: str
    name: str
    state: RunState
    notes: str | None
    tags: list[str]
    group: str | None
    job_type: str | None
    color: int
    user: str | None
    created_micros: int
    started_micros: int
    runtime_from_micros: int
    heartbeat_micros: int | None
    ended_micros: int | None
    exit_code: int | None
    host: str | None
    config: dict[str, Any]
    summary: dict[str, Any]
    fork: ForkInfo | None
    definitions: list[DefinitionInfo]
    n_alerts: int
    warnings: list[str]
    truncated: bool = False


class WriterList(msgspec.Struct, frozen=True):
    """The writers of a run."""

    writers: list[WriterInfo]


class AlertList(msgspec.Struct, frozen=True):
    """The alerts of a run."""

    alerts: list[AlertInfo]


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of a project, newest first.

    Attributes:
        cursor: ask again with it for the next page; None = this was the last.
        total: how many runs match, on all pages.
    """

    runs: list[RunInfo]
    cursor: str | None
    total: int


class ConfigEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of a config or a summary by leaf path."""

    set: list[tuple[list[str], Any]] = []
    removed: list[list[str]] = []


class RunEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What a person changes of a run; a field left UNSET stays, None clears it.

    Attributes:
        tags: all of them, in place of those there are; or some are added and removed.
        summary: what is set shows instead of what is logged, also later; what is removed shows
            again once it is logged again.
    """

    name: str | msgspec.UnsetType = msgspec.UNSET
    notes: str | msgspec.UnsetType | None = msgspec.UNSET
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET
    add_tags: list[str] = []
    remove_tags: list[str] = []
    group: str | msgspec.UnsetType | None = msgspec.UNSET
    job_type: str | msgspec.UnsetType | None = msgspec.UNSET
    color: int | msgspec.UnsetType = msgspec.UNSET
    config: ConfigEdit | msgspec.UnsetType = msgspec.UNSET
    summary: ConfigEdit | msgspec.UnsetType = msgspec.UNSET


class MetricInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over several runs.

    Attributes:
        kinds: of `int`, `float`, `bool`, `object`; sorted.
        origins: of `logged`, `system`; sorted.
    """

    key: str
    kinds: list[str]
    origins: list[str]
    n_runs: int
    n_points: int


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Joined rows, each with `_step`, `_runtime` (s), `_timestamp` (s since 1970) and its keys."""

    rows: list[dict[str, Any]]
    cursor: str | None


class RunChange(msgspec.Struct, kw_only=True):
    """What changed of one run since the last event.

    Attributes:
        keys: metrics with new points; None = any; empty = none.
        meta: name, state, config, summary, …; also a new or deleted run.
    """

    keys: list[str] | None
    meta: bool


class Change(msgspec.Struct, kw_only=True):
    """One live event of a project, by run id."""

    runs: dict[str, RunChange]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an upload whose rows are all of one sort.

    Rows and system samples of a log share one numbering; where they alternate, each stretch is a
    segment of its own.

    Attributes:
        to_position: the stream's position after the stretch.
    """

    rows: RowBlock
    system: bool
    to_position: int


@dataclass(slots=True)
class Upload:
    """One decoded upload of one stream: bytes `[from_position, to_position)` of a run log.

    Attributes:
        stream: whose position moves; for a run log the writer's id.
        records: everything but Row, System, Key, Schema and Console, each with its position:
            that of the end of its frame. `micros` in them are µs since 1970 on the writer's
            clock: the decoder has added the anchor where the log counts from it.
        segments: the rows, in log order; refused ones leave holes in their numbers.
        refused: position and reason of each record that breaks a rule and was left out [RL40].
        state: what the decoder has to remember at `to_position`; None = as before.
        tail: the same, of what changes with every upload.
        n_damaged: bytes at the start that hold no valid frame and were passed over [RL9].
        n_rows: rows of the stream before `to_position`, refused ones too.
        header: of the stream's log; given when the upload starts at 0.
        offset_bounds: by how much the server's clock is ahead of the writer's; None = not known.
        live: the writer's process ran when this was sent.
        followed: it was read from a log in a followed directory, not sent.
    """

    writer: str
    stream: str
    from_position: int
    to_position: int
    records: Sequence[tuple[int, Record]] = ()
    segments: Sequence[Segment] = ()
    console: Sequence[ConsoleLine] = ()
    refused: Sequence[tuple[int, str]] = ()
    state: bytes | None = None
    tail: bytes | None = None
    n_damaged: int = 0
    n_rows: int | None = None
    header: Header | None = None
    offset_bounds: OffsetBounds | None = None
    live: bool = False
    followed: bool = False


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an upload.

    Attributes:
        position: everything before it is durable.
        pause_millis: wait at least this long before the next upload.
        stop: somebody asked for this run to stop.
        time_micros: the server's clock while it had the request, µs since 1970.
    """

    position: int
    time_micros: int
    pause_millis: int = 0
    stop: bool = False
