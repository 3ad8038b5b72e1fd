"""The records of a run log. Their encoding is in `docs/run-log-format.md`, rules RL20 to RL39.

Every record is a msgpack array whose first element is its type number. New fields are only ever
added at the end, with a default, and unknown types are skipped, so that an older reader can read
a newer log of the same major version.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

CONTINUES_ROW: Final = 1
"""Bit of `Row.flags`: this row is a fragment that belongs to the row before it."""


class Run(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """The run that this log belongs to: a log's first record, written again at each change.

    Attributes:
        entity: owner. If None, the server's default.
        name: the name that the script gave. If None, the server makes one from the run id.
        start_micros: wall time of `init`, µs since 1970-01-01 UTC.
        resume: the way this log continues an existing run: `allow`, `must`, `auto` or `rewind`.
            None if it does not continue one.
        runtime_micros: the run's runtime when this log began; 0 for a new one.
        fork_run, fork_step: the run and step that this run continues from: another run for a
            fork, this run itself for a rewind. None if it is neither.
        sources: (run, writer, last step) of earlier writers. Their rows up to the last step are
            the beginning of this run if they are of another run. Of this run itself, their rows
            after the last step no longer count (rule RL43).
        user: who started the script; None if unknown.
        color: the number in the palette (`records.colors`) that a user chose; None if no one did.
        sweep: the id of the sweep that the run is part of; None if it is part of none.
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
    sweep: str | None = None


class Key(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Assigns a number to a metric name for the rest of this log."""

    key_id: int
    name: str


class Schema(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Assigns a number to a list of keys for the rest of this log. Numbers are never reused."""

    schema_id: int
    key_ids: list[int]


class Row(msgspec.Struct, array_like=True, tag=3):
    """One call of `log()`.

    Attributes:
        schema_id: the schema, which lists the keys of `values`.
        micros: µs since the wall anchor in the log's header, by a clock that runs during sleep.
        step: any finite number; may repeat, decrease or be a fraction.
        values: one per key of the schema. int, float and bool keep their kind; everything else is
            an object (text, None, list or dict; a dict with `_type` is, say, a media reference).
        flags: `CONTINUES_ROW` or 0.
    """

    schema_id: int
    micros: int
    step: int | float
    values: list[Any]
    flags: int = 0


class Config(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Config changes by leaf path. The later change of a path wins."""

    micros: int
    values: list[tuple[list[str], Any]]
    removed: list[list[str]] = msgspec.field(default_factory=list[list[str]])


class Summary(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Values that the script itself set in the summary, by leaf path.

    A value set here replaces logged values at its path, above it and below it, even later ones.
    A removal hides what was set or logged before it; what is logged later is shown.
    """

    micros: int
    values: list[tuple[list[str], Any]]
    removed: list[list[str]] = msgspec.field(default_factory=list[list[str]])


class MetricDefinition(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """The definition of a name or a glob by `define_metric`; the latest of a name applies.

    The client merges its calls, so each record is complete; `weft.records.definition` reads them.
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
    """The text of one console line after terminal emulation; replaces earlier text of the line."""

    stream: str
    line: int
    micros: int
    text: str


class System(msgspec.Struct, array_like=True, tag=8):
    """A sample of machine and process measurements: a Row in everything but its type.

    Its keys start with `system.`; its step is the ordinal of the sample in this log. It counts as
    a row of the log and never affects the summary or the history.
    """

    schema_id: int
    micros: int
    step: int | float
    values: list[Any]
    flags: int = 0


class File(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """The content of a file of the run, or why it has none; the latest of a path counts.

    Attributes:
        path: the file's path, relative to the run's files; `file_paths` checks it.
        n_bytes: size of the content; 0 without a content.
        sha256: SHA-256 of the content in lower-case hex; '' without a content.
        error: why there is no content. None if there is.
    """

    path: str
    n_bytes: int
    sha256: str
    micros: int = 0
    error: str | None = None


class Artifact(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """An artifact version that the run logs, uses or links.

    Attributes:
        action: `log`, `use`, `link`, or `part`: one of several that runs log for one version.
        name: of its collection; of one that is used or linked `entity/project/name:version`, or ''
            if `manifest` says what is linked.
        artifact_type: of the collection; '' if it is used or linked.
        manifest: the path of a logged one's manifest among the files of the run. The record of
            that file comes earlier in the same log. Of a used one that had no version yet, the
            manifest's path in the run that logged it; of a linked one the manifest of a version
            which any log of the run logs; else ''.
        aliases: its aliases besides `latest`; of a used one its use, if it has one.
        distributed_id: the id shared by the parts of one version and the `log` that ends it.
        target: of a linked one the collection of a registry, `registry/model/digits`; else ''.
    """

    action: str
    name: str
    artifact_type: str
    manifest: str
    aliases: list[str] = msgspec.field(default_factory=list[str])
    micros: int = 0
    distributed_id: str = ""
    target: str = ""


class Alert(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """A message that the script wants a person to see."""

    micros: int
    title: str
    text: str
    level: str = "INFO"


class Preempting(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """The machine is about to be preempted."""

    micros: int


class Gap(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """Rows (and console lines) lost because the disk refused writes and the ring was full."""

    n_rows: int
    first_micros: int
    last_micros: int
    n_lines: int = 0


class Exit(msgspec.Struct, frozen=True, array_like=True, tag=14):
    """The writer has ended.

    Attributes:
        state: set if the exit code does not tell it (`killed`).
        reason: the exception that ended it, in one line of at most `MAX_REASON_BYTES`.
    """

    micros: int
    exit_code: int
    state: str | None = None
    reason: str | None = None


class LostMedia(msgspec.Struct, frozen=True, array_like=True, tag=15):
    """Files of media that were lost because the disk took no more.

    Attributes:
        n_files: the number of files; a log may have several such records, which add up.
        paths: the first of them, among the run's files.
    """

    micros: int
    n_files: int
    paths: list[str]


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
    | LostMedia
)

RECORD_TYPES: Final = tuple(Record.__args__)  # pyrefly: ignore[missing-attribute]
FIRST_REQUIRED_TYPE: Final = 128
"""A reader skips unknown types below this number; at any other unknown type it stops [RL21]."""

ROW_TAG: Final = 3
CONSOLE_TAG: Final = 7
SYSTEM_TAG: Final = 8
