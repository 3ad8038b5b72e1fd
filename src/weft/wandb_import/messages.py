"""The messages of a `.wandb` file that weft imports, decoded. Pure.

A record of the file is one of them, with its number. Field numbers are those of
`wandb_internal.proto`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from weft.records.lenient_json import parse_json
from weft.records.protobuf import (
    MalformedMessage,
    Value,
    double,
    fields,
    message,
    number,
    signed,
    text,
    zigzag,
)

KeyPath = tuple[str, ...]


class Item(NamedTuple):
    """A value at a path: of a row, a config or a summary."""

    path: KeyPath
    value: Any


@dataclass
class Changes:
    """Changes to a config or a summary. `n_invalid` counts values that are not JSON."""

    updates: list[Item] = field(default_factory=list[Item])
    removed: list[KeyPath] = field(default_factory=list[KeyPath])
    n_invalid: int = 0


@dataclass
class ConfigChanges(Changes):
    """Changes to the config."""


@dataclass
class SummaryChanges(Changes):
    """Changes to the summary."""


@dataclass
class RunInfo:
    """The description of a run.

    `start_micros` is 0 if unknown; `runtime_secs` is from before this process, if it resumed the
    run.
    """

    run_id: str = ""
    project: str = ""
    config: ConfigChanges = field(default_factory=ConfigChanges)
    summary: SummaryChanges = field(default_factory=SummaryChanges)
    group: str = ""
    job_type: str = ""
    name: str = ""
    notes: str = ""
    tags: list[str] = field(default_factory=list[str])
    sweep: str = ""
    host: str = ""
    start_micros: int = 0
    resumed: bool = False
    runtime_secs: int = 0


@dataclass
class HistoryRow:
    """A row. Its step is the message's; rows mostly have `_step`, too."""

    items: list[Item] = field(default_factory=list[Item])
    step: int | None = None
    n_invalid: int = 0


@dataclass
class Stats:
    """A sample of the machine; its keys lack the prefix `system.`."""

    items: list[Item] = field(default_factory=list[Item])
    micros: int = 0
    n_invalid: int = 0


@dataclass
class Output:
    """Text that the script printed: a fragment, not a line."""

    is_error: bool = True
    micros: int = 0
    text: str = ""
    is_line: bool = False


@dataclass
class Alert:
    """A message of the script."""

    title: str = ""
    text: str = ""
    level: str = "INFO"


@dataclass
class MetricDefinition:
    """A definition of a metric: its fields by number, in the form of `_wandb.m` of a config."""

    entry: dict[str, Any] = field(default_factory=dict[str, Any])
    is_expanded: bool = False


@dataclass
class SavedFiles:
    """Files of the run, by their paths in its folder `files`."""

    paths: list[str] = field(default_factory=list[str])


@dataclass
class ExitInfo:
    """The end of the script."""

    exit_code: int = 0


class TensorBoardFolder(NamedTuple):
    """A folder of TensorBoard whose metrics the client copies: rows of the log have them."""


class Preempted(NamedTuple):
    """The machine is about to be preempted."""


class Producer(NamedTuple):
    """The version of the client that wrote the file."""

    version: str


class LeftOut(NamedTuple):
    """A record that is not imported, by the kind of its contents."""

    kind: str


Message = (
    RunInfo
    | HistoryRow
    | ConfigChanges
    | SummaryChanges
    | Stats
    | Output
    | Alert
    | MetricDefinition
    | SavedFiles
    | ExitInfo
    | Preempted
    | TensorBoardFolder
    | Producer
    | LeftOut
)

_BOOKKEEPING: Final = frozenset({1, 11, 16, 19, 20, 22, 26, 100, 200})
"""Numbers, telemetry, requests and the like; the environment is in `wandb-metadata.json`, too."""

_RUN_TABLE: Final = "run_table"
_SECS_MICROS: Final = 1_000_000


def read_message(data: bytes) -> Message | None:
    """Decode a record. None if it holds nothing of the run."""
    result: Message | None = None
    for num, value in fields(data):
        reader = _READERS.get(num)
        if reader is not None:
            result = reader(message(value))
        elif num in _LEFT_OUT:
            result = LeftOut(_LEFT_OUT[num])
        elif num not in _BOOKKEEPING:
            result = LeftOut("records of an unknown kind")
    return result


def _run(data: bytes) -> RunInfo:
    run = RunInfo()
    for num, value in fields(data):
        if (name := _RUN_TEXTS.get(num)) is not None:
            setattr(run, name, text(value))
        elif num == 4:
            run.config = _config(message(value))
        elif num == 5:
            run.summary = _summary(message(value))
        elif num == 10:
            run.tags.append(text(value))
        elif num == 17:
            run.start_micros = _timestamp(message(value))
        elif num == 18:
            run.resumed = bool(number(value))
        elif num == 20:
            run.runtime_secs = max(0, signed(value))
    return run


_RUN_TEXTS: Final = {
    1: "run_id", 3: "project", 6: "group", 7: "job_type", 8: "name", 9: "notes", 12: "sweep",
    13: "host",
}  # fmt: skip


def _history(data: bytes) -> HistoryRow:
    row = HistoryRow()
    for num, value in fields(data):
        if num == 1:
            try:
                row.items.append(_item(message(value)))
            except _InvalidItem:
                row.n_invalid += 1
        elif num == 2:
            for inner, step in fields(message(value)):
                if inner == 1:
                    row.step = signed(step)
    return row


def _config(data: bytes) -> ConfigChanges:
    changes = ConfigChanges()
    _read_changes(changes, data)
    return changes


def _summary(data: bytes) -> SummaryChanges:
    changes = SummaryChanges()
    _read_changes(changes, data)
    return changes


def _read_changes(changes: Changes, data: bytes) -> None:
    for num, value in fields(data):
        if num == 1:
            try:
                changes.updates.append(_item(message(value)))
            except _InvalidItem:
                changes.n_invalid += 1
        elif num == 2:
            changes.removed.append(_path(message(value)))


def _stats(data: bytes) -> Stats:
    stats = Stats()
    for num, value in fields(data):
        if num == 2:
            stats.micros = _timestamp(message(value))
        elif num == 3:
            try:
                stats.items.append(_item(message(value)))
            except _InvalidItem:
                stats.n_invalid += 1
    return stats


class _InvalidItem(ValueError):
    """An item has no name, or its value is not JSON."""


def _item(data: bytes) -> Item:
    value: Any = None
    source: str | None = None
    typed = False
    for num, raw in fields(data):
        if num == 3:
            typed, value = True, None
        elif num == 4:
            typed, value = True, bool(number(raw))
        elif num == 5:
            typed, value = True, zigzag(raw)
        elif num == 6:
            typed, value = True, double(raw)
        elif num == 7:
            typed, value = True, text(raw)
        elif num == 8 or (num == 16 and source is None):
            source = text(raw)
    path = _path(data)
    if not path or not all(path):
        raise _InvalidItem("an empty name")
    if not typed:
        try:
            value = parse_json(source or "")
        except ValueError:
            raise _InvalidItem(path[0]) from None
    return Item(path, value)


def _path(data: bytes) -> KeyPath:
    key, nested = "", list[str]()
    for num, value in fields(data):
        if num == 1:
            key = text(value)
        elif num == 2:
            nested.append(text(value))
    return tuple(nested) if nested else (key,) if key else ()


def _timestamp(data: bytes) -> int:
    secs = nanos = 0
    for num, value in fields(data):
        if num == 1:
            secs = signed(value)
        elif num == 2:
            nanos = signed(value)
    return max(0, secs * _SECS_MICROS + nanos // 1000)


def _output(data: bytes) -> Output:
    output = Output()
    for num, value in fields(data):
        if num == 1:
            output.is_error = number(value) == 0
        elif num == 2:
            output.micros = _timestamp(message(value))
        elif num == 3:
            output.text = text(value)
    return output


def _output_line(data: bytes) -> Output:
    output = _output(data)
    output.is_line = True
    return output


def _alert(data: bytes) -> Alert:
    alert = Alert()
    for num, value in fields(data):
        if num == 1:
            alert.title = text(value)
        elif num == 2:
            alert.text = text(value)
        elif num == 3:
            alert.level = text(value) or "INFO"
    return alert


def _metric(data: bytes) -> MetricDefinition:
    metric = MetricDefinition()
    for num, value in fields(data):
        if num in {1, 2, 4}:
            metric.entry[str(num)] = text(value)
        elif num in {6, 7}:
            # Messages of flags, which a config has as lists of their numbers.
            metric.entry[str(num)] = [inner for inner, flag in fields(message(value)) if flag]
        elif num in {5, 8}:
            metric.entry[str(num)] = number(value)
        elif num == 10:
            metric.is_expanded = bool(number(value))
    return metric


def _files(data: bytes) -> SavedFiles:
    files = SavedFiles()
    for num, value in fields(data):
        if num == 1:
            files.paths += [text(path) for inner, path in fields(message(value)) if inner == 1]
    return files


def _exit(data: bytes) -> ExitInfo:
    info = ExitInfo()
    for num, value in fields(data):
        if num == 1:
            info.exit_code = signed(value)
    return info


def _artifact(data: bytes) -> LeftOut | None:
    """None for a logged table: its file is among the run's."""
    kinds = [text(value) for num, value in fields(data) if num == 4]
    return None if kinds == [_RUN_TABLE] else LeftOut("artifacts")


def _header(data: bytes) -> Producer:
    version = ""
    for num, value in fields(data):
        if num == 1:
            for inner, producer in fields(message(value)):
                if inner == 1:
                    version = text(producer)
    return Producer(version)


_READERS: Final[Mapping[int, Callable[[bytes], Message | None]]] = {
    2: _history,
    3: _summary,
    4: _output_line,
    5: _config,
    6: _files,
    7: _stats,
    8: _artifact,
    9: lambda _: TensorBoardFolder(),
    10: _alert,
    12: _metric,
    13: _output,
    17: _run,
    18: _exit,
    21: _header,
    23: lambda _: Preempted(),
}

_LEFT_OUT: Final = {
    24: "links of artifacts",
    25: "uses of artifacts",
    27: "lines of loggers",
}

__all__ = [
    "Alert",
    "Changes",
    "ConfigChanges",
    "ExitInfo",
    "HistoryRow",
    "Item",
    "KeyPath",
    "LeftOut",
    "MalformedMessage",
    "Message",
    "MetricDefinition",
    "Output",
    "Preempted",
    "Producer",
    "RunInfo",
    "SavedFiles",
    "Stats",
    "SummaryChanges",
    "TensorBoardFolder",
    "Value",
    "read_message",
]
