"""What one entry of a run log says. The wire form is `docs/run-log-format.md`, rules RL20 to RL39.

Every record is a msgpack array whose first element is its type number. New fields are only ever
added at the end, with a default, and unknown types are skipped: so an older reader reads a newer
log of the same major version.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

CONTINUES_ROW: Final = 1
"""Bit of `Row.flags`: this frame is a fragment that belongs to the row before it."""


class Run(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """Which run this log belongs to. First record of a log, and again, whole, at each change.

    Attributes:
        entity: owner; None = the server's default.
        name: the name the script gave; None = the server makes one from the run id.
        start_micros: wall time of `init`, µs since 1970-01-01 UTC.
        resume: how this log goes on with a run that was there: `allow`, `must`, `auto` or
            `rewind`; None = it does not.
        runtime_micros: how long the run had run when this log began; 0 for a new one.
        fork_run, fork_step: the moment of a run that this one goes on from: of another one for a
            fork, of itself for a rewind. None = neither.
        sources: (run, writer, last step): rows of writers that were there before. Those of another
            run are the beginning of this one, up to the step; of this run itself they are shown
            up to the step only, and nothing after it (rule RL43).
        user: who started the script; None = it does not say.
        color: a number of the palette that a user chose (`records.colors`). None = no choice.
    """

    run_id: str
    project: str
    entity: str | None = None
    name: str | None = None
    start_micros: int = 0
    notes: str | None = None
    tags: list[str] = msgspec.field(default_factory=list[str])
    group: str | None = None
    job_type: str | None = None
    resume: str | None = None
    micros: int = 0
    runtime_micros: int = 0
    fork_run: str | None = None
    fork_step: int | float | None = None
    sources: list[tuple[str, str, int | float]] = msgspec.field(
        default_factory=list[tuple[str, str, int | float]]
    )
    user: str | None = None
    color: int | None = None


class Key(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Gives a metric name a number, for the rest of this log."""

    key_id: int
    name: str


class Schema(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Gives a list of keys a number, for the rest of this log. Numbers are never used twice."""

    schema_id: int
    key_ids: list[int]


class Row(msgspec.Struct, array_like=True, tag=3):
    """One call of `log()`.

    Attributes:
        schema_id: which keys `values` are for.
        micros: µs since the wall anchor of the log's header, by a clock that counts sleep.
        step: any finite number; may repeat, fall or be a fraction.
        values: one per key of the schema. int, float and bool keep their kind; all else is an
            object (text, None, list, or a dict; one with `_type` is a media reference or such).
        flags: `CONTINUES_ROW` or 0.
    """

    schema_id: int
    micros: int
    step: int | float
    values: list[Any]
    flags: int = 0


class Config(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Changes of the config, by leaf path. The later change of a path wins."""

    micros: int
    values: list[tuple[list[str], Any]]
    removed: list[list[str]] = msgspec.field(default_factory=list[list[str]])


class Summary(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Values the script set itself in the summary, by leaf path.

    A value set here shows instead of a logged one of its path, above or below it, whatever was
    logged later. A removal hides what was set or logged before it; what is logged later shows.
    """

    micros: int
    values: list[tuple[list[str], Any]]
    removed: list[list[str]] = msgspec.field(default_factory=list[list[str]])


class MetricDefinition(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """What `define_metric` was told of a name or a glob so far; the latest of a name counts.

    The client merges its calls, so a record is whole; `weft.records.definition` reads them.
    """

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    summary: list[str] = msgspec.field(default_factory=list[str])
    goal: str | None = None
    hidden: bool | None = None
    overwrite: bool = False
    micros: int = 0


class Console(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """The text of one console line, after terminal emulation; replaces that line."""

    stream: str
    line: int
    micros: int
    text: str


class System(msgspec.Struct, array_like=True, tag=8):
    """A sample of machine and process figures: a Row in all but its type.

    Its keys start with `system.`, its step is the ordinal of the sample in this log. It counts as
    a row of the log, and never touches the summary or the history.
    """

    schema_id: int
    micros: int
    step: int | float
    values: list[Any]
    flags: int = 0


class File(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """A file of the run's directory that is complete and may be uploaded."""

    path: str
    n_bytes: int
    sha256: str
    policy: str = "now"
    micros: int = 0


class Artifact(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """An artifact version the run logs or uses; `manifest` names its files."""

    action: str
    name: str
    artifact_type: str
    manifest: str
    aliases: list[str] = msgspec.field(default_factory=list[str])
    micros: int = 0


class Alert(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """A message the script wants a person to see."""

    micros: int
    title: str
    text: str
    level: str = "INFO"


class Preempting(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """The machine is about to be taken away."""

    micros: int


class Gap(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """Rows (and console lines) lost because the disk took none and the ring was full."""

    n_rows: int
    first_micros: int
    last_micros: int
    n_lines: int = 0


class Exit(msgspec.Struct, frozen=True, array_like=True, tag=14):
    """The writer has ended. `state` is set where the exit code does not tell (`killed`)."""

    micros: int
    exit_code: int
    state: str | None = None


Record = (
    Run
    | Key
    | Schema
    | Row
    | Config
    | Summary
    | MetricDefinition
    | Console
    | System
    | File
    | Artifact
    | Alert
    | Preempting
    | Gap
    | Exit
)

RECORD_TYPES: Final = tuple(Record.__args__)
FIRST_REQUIRED_TYPE: Final = 128
"""A reader that does not know a type below skips it; from here on it has to stop [RL21]."""

ROW_TAG: Final = 3
SYSTEM_TAG: Final = 8
