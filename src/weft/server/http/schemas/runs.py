"""Wire shapes of runs. The data given back are `services.types.RunInfo`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from weft.records.colors import RUN_COLORS
from weft.records.limits import MAX_NAME_CHARS, MAX_NESTING
from weft.records.states import RunState
from weft.records.value import with_floats


class Definition(BaseModel):
    """What `define_metric` was told of a name or a glob."""

    name: str
    step_metric: str | None
    step_sync: bool | None
    summary: list[str]
    goal: str | None
    hidden: bool | None


class Fork(BaseModel):
    """The moment that a run goes on from: of another run, or (rewound) of itself."""

    run: str
    step: int | float | None


class Writer(BaseModel):
    """A writer of a run."""

    writer: str
    parent: str | None = Field(description="whose process it belongs to; null: a script's own")
    host: str | None
    labels: dict[str, str] = Field(description="rank, node, process")
    started_micros: int | None
    heartbeat_micros: int | None
    ended_micros: int | None
    exit_code: int | None


class WriterList(BaseModel):
    """The writers of a run, in the order in which they were first heard of."""

    writers: list[Writer]


class Alert(BaseModel):
    """A message that the script wanted a person to see."""

    title: str
    text: str
    level: str = Field(description="INFO, WARN or ERROR")
    time_micros: int
    writer: str


class AlertList(BaseModel):
    """The alerts of a run, oldest first."""

    alerts: list[Alert]


class Run(BaseModel):
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
    color: int = Field(
        description="a number of the web app's palette, 1 to 12: the same for every user and on"
        " every page. Runs get the numbers in turn as the project is given them; a user may"
        " choose another"
    )
    user: str | None = Field(description="who started it, as its first log says")
    created_micros: int = Field(description="when the server first heard of it")
    started_micros: int = Field(description="when the script called init")
    runtime_from_micros: int = Field(
        description="its runtime is the time since then: pauses before it was resumed are left out"
    )
    heartbeat_micros: int | None
    ended_micros: int | None
    exit_code: int | None
    host: str | None
    config: dict[str, Any]
    summary: dict[str, Any]
    fork: Fork | None
    definitions: list[Definition]
    n_alerts: int
    warnings: list[str] = Field(description="what a reader of its charts should know")
    truncated: bool = Field(
        description="config and summary are shortened, as lists do; ask for the run itself"
    )


class RunList(BaseModel):
    """Runs of a project, newest first."""

    runs: list[Run]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int = Field(description="how many match, on all pages")


class ConfigEdit(BaseModel):
    """Changes of a config or a summary, by the path of each leaf."""

    model_config = ConfigDict(extra="forbid")

    set: list[tuple[list[str], Any]] = Field(
        default_factory=list[tuple[list[str], Any]],
        description='a non-finite number is {"_type": "float", "value": "NaN"}',
    )
    removed: list[list[str]] = Field(default_factory=list[list[str]])

    @field_validator("set")
    @classmethod
    def _with_floats(cls, leaves: list[tuple[list[str], Any]]) -> list[tuple[list[str], Any]]:
        for path, value in leaves:
            if not _is_shallow(value, MAX_NESTING):
                raise ValueError(f"{'.'.join(path):.80} is nested more than {MAX_NESTING} deep")
        return [(path, with_floats(value)) for path, value in leaves]


def _is_shallow(value: Any, n_levels: int) -> bool:
    """Whether a value lies within so many lists and maps, as those of logs do [RL25]."""
    if not isinstance(value, (list, dict)):
        return True
    inners: Any = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return n_levels > 0 and all(_is_shallow(inner, n_levels - 1) for inner in inners)


class RunEdit(BaseModel):
    """What is to be changed; a field that is left out stays, null clears it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", min_length=1, max_length=MAX_NAME_CHARS)
    notes: str | None = None
    tags: list[str] = Field(default_factory=list[str], description="in place of those there are")
    add_tags: list[str] = Field(default_factory=list[str])
    remove_tags: list[str] = Field(default_factory=list[str])
    group: str | None = None
    job_type: str | None = None
    color: int = Field(1, ge=1, le=RUN_COLORS, description="a number of the palette")
    config: ConfigEdit = Field(default_factory=ConfigEdit)
    summary: ConfigEdit = Field(
        default_factory=ConfigEdit,
        description="what is set shows instead of what is logged, also later",
    )


class Undeleted(BaseModel):
    """How a run came back."""

    restored: bool = Field(
        description="as it was; false: nothing was left of it, and only uploads are admitted again"
    )
