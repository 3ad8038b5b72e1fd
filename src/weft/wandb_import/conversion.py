"""Turns the messages of a `.wandb` file into records of a run log. Does I/O: writes the log.

Each message is written at once, so that a file that grows gives a log that grows. What only the
end tells, the summary, is kept here for `run_files`, which writes it to a log of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Literal, cast

import msgspec

from weft.errors import LimitExceeded
from weft.records.limits import MAX_FRAME_BYTES, MAX_KEY_BYTES, MAX_NAME_CHARS, MAX_NESTING
from weft.records.record import Alert as AlertRecord
from weft.records.record import Config, Exit, Preempting, Run
from weft.sdk.console.terminal import Terminal
from weft.sdk.values.scalars import valid_text
from weft.wandb_format import additions_in
from weft.wandb_format.charts import Amend
from weft.wandb_format.definitions import read_definitions
from weft.wandb_format.tensorboard import collect_copied, tensorboard_definitions
from weft.wandb_format.trees import leaves
from weft.wandb_import.json_fields import as_object
from weft.wandb_import.messages import (
    Alert,
    Changes,
    ConfigChanges,
    ExitInfo,
    HistoryRow,
    Item,
    KeyPath,
    LeftOut,
    Message,
    MetricDefinition,
    Output,
    Preempted,
    RunInfo,
    SavedFiles,
    Stats,
    SummaryChanges,
    TensorBoardFolder,
)
from weft.wandb_import.run_log import ImportedLog

INTERNAL: Final = "_wandb"
ABOUT_ROW: Final = frozenset({"_step", "_runtime", "_timestamp", INTERNAL})
"""Keys that describe a row and are not values of it."""

_OPEN_LINE_MICROS: Final = 1_000_000
"""The least time between two states of a progress bar that are written."""

State = Literal["finished", "failed", "crashed"]


class Conversion:
    """Writes the messages of one file.

    `run` is the Run record that was written last. The state is `crashed` until a message says
    otherwise. `saved_files` are paths that the client announced; `left_out` counts what was not
    imported by kind.
    """

    def __init__(self, log: ImportedLog, run: Run) -> None:
        """Begin with the run's first record, which `first_run` makes."""
        self.run = run
        self.summary: dict[str, Any] = {}
        self.state: State = "crashed"
        self.saved_files: set[str] = set()
        self.left_out: Counter[str] = Counter()
        self._log = log
        self._step: int | float = -1
        self._internal: dict[str, Any] = {}
        self._amend: Amend | None = None
        self._metrics: dict[str, dict[str, Any]] = {}
        self._copies_tensorboard = False
        self._copied: set[str] = set()
        self._terminals: dict[str, Terminal] = {}
        self._open_due_micros = 0
        log.append(run)

    def add(self, message: Message) -> None:
        """Write what a message says."""
        match message:
            case HistoryRow():
                self._add_row(message)
            case Output():
                self._add_output(message)
            case SummaryChanges():
                self._change_summary(message)
            case Stats():
                self._add_sample(message)
            case ConfigChanges():
                self._change_config(message)
            case MetricDefinition():
                self._define(message)
            case RunInfo():
                self._update(message)
            case Alert():
                self._log.append(
                    AlertRecord(
                        self._log.last_micros,
                        valid_text(message.title),
                        valid_text(message.text),
                        message.level if message.level in {"INFO", "WARN", "ERROR"} else "INFO",
                    )
                )
            case SavedFiles():
                self.saved_files.update(message.paths)
            case TensorBoardFolder():
                self._copies_tensorboard = True
            case Preempted():
                self._log.append(Preempting(self._log.last_micros))
            case ExitInfo():
                self._end(message)
            case LeftOut():
                self.left_out[message.kind] += 1
            case _:
                pass

    def _update(self, info: RunInfo) -> None:
        self._change_config(info.config)
        self._change_summary(info.summary)
        changed = changed_run(self.run, info)
        if changed != self.run:
            self.run = msgspec.structs.replace(changed, micros=self._log.last_micros)
            self._log.append(self.run)

    def _add_row(self, row: HistoryRow) -> None:
        self.left_out["values that are not JSON"] += row.n_invalid
        values = tree_of(row.items)
        step = values.get("_step", row.step)
        if type(step) is int and -(2**63) <= step < 2**63:
            self._step = step
        else:
            self._step += 1
        wall_micros = micros_of(values.get("_timestamp"))
        for name in ABOUT_ROW:
            values.pop(name, None)
        if self._copies_tensorboard:
            self._define_copied(values)
        if self._amend is not None:
            self._amend(values)
        self._log.add_row(values, self._step, wall_micros)

    def _add_sample(self, sample: Stats) -> None:
        self.left_out["values that are not JSON"] += sample.n_invalid
        values = {
            key if key.startswith("system.") else f"system.{key}": item.value
            for item in sample.items
            if (key := ".".join(item.path)) not in ABOUT_ROW
        }
        self._log.add_sample(values, sample.micros or None)

    def _change_config(self, changes: Changes) -> None:
        self.left_out["config values that are not JSON"] += changes.n_invalid
        values: list[tuple[list[str], Any]] = []
        for item in changes.updates:
            if item.path[0] == INTERNAL:
                put(self._internal, item)
                self._amend = additions_in(as_object(self._internal.get(INTERNAL)))
            else:
                values += leaves_of(self._log, item)
        removed = [list(path) for path in changes.removed if path and path[0] != INTERNAL]
        if values or removed:
            self._append_values(Config(self._log.last_micros, values, removed), "config values")

    def _append_values(self, record: Config, kind: str) -> None:
        try:
            self._log.append(record)
        except LimitExceeded as error:
            self.left_out[f"{kind}: {error}"] += 1

    def _change_summary(self, changes: Changes) -> None:
        self.left_out["summary values that are not JSON"] += changes.n_invalid
        for item in changes.updates:
            put(self.summary, item)
        for path in changes.removed:
            remove(self.summary, path)

    def _define(self, metric: MetricDefinition) -> None:
        name = str(metric.entry.get("1") or metric.entry.get("2") or "")
        if not name or metric.is_expanded:
            return
        # A definition may name its step metric by its number among all.
        self._metrics[name] = metric.entry
        definitions = read_definitions(list(self._metrics.values()), self._log.last_micros)
        for definition in definitions:
            if definition.name == name:
                self._log.append(definition)

    def _define_copied(self, row: dict[str, Any]) -> None:
        """Define the metrics of a row that was copied from TensorBoard over TensorBoard's step."""
        keys: set[str] = set()
        collect_copied(keys)(row)
        new = keys - self._copied
        if new:
            self._copied |= new
            internal = {"m": list(self._metrics.values())}
            for definition in tensorboard_definitions(new, internal, self._log.last_micros):
                self._log.append(definition)

    def _add_output(self, output: Output) -> None:
        stream = "stderr" if output.is_error else "stdout"
        terminal = self._terminals.get(stream)
        if terminal is None:
            terminal = self._terminals[stream] = Terminal()
        text = valid_text(output.text)
        terminal.feed(f"{text}\n" if output.is_line and not text.endswith("\n") else text)
        micros = output.micros or None
        for line in terminal.take_finished():
            self._log.add_line(stream, line.number, line.shown(), micros)
        if not terminal.changed:
            return
        now = self._log.micros(micros)
        is_rewritten = "\r" in text or "\x1b" in text
        if not is_rewritten or now >= self._open_due_micros:
            if is_rewritten:
                self._open_due_micros = now + _OPEN_LINE_MICROS
            self._write_changed(stream, terminal, micros)

    def _write_changed(self, stream: str, terminal: Terminal, wall_micros: int | None) -> None:
        for line in terminal.take_all():
            self._log.add_line(stream, line.number, line.shown(), wall_micros)

    def _end(self, info: ExitInfo) -> None:
        for stream, terminal in self._terminals.items():
            self._write_changed(stream, terminal, None)
        self._log.append(Exit(self._log.last_micros, info.exit_code))
        self.state = "finished" if info.exit_code == 0 else "failed"

    @property
    def has_ended(self) -> bool:
        """Whether the script said how it ended."""
        return self.state != "crashed"

    def summary_values(self) -> list[tuple[list[str], Any]]:
        """The leaves of the summary, but for what describes its last row."""
        return [
            leaf
            for key, value in self.summary.items()
            if key not in ABOUT_ROW
            for leaf in leaves_of(self._log, Item((key,), value))
        ]


def first_run(info: RunInfo, project: str, entity: str | None, start_micros: int) -> Run:
    """The Run record that a log begins with, for the project that the run goes to."""
    begun = Run(run_id=info.run_id, project=project, entity=entity, start_micros=start_micros)
    if info.resumed:
        begun = msgspec.structs.replace(
            begun, resume="allow", runtime_micros=info.runtime_secs * 1_000_000
        )
    return changed_run(begun, info)


def changed_run(run: Run, info: RunInfo) -> Run:
    """A Run record with the fields of a message; empty fields stay unchanged."""
    fields: dict[str, Any] = {
        "name": valid_text(info.name)[:MAX_NAME_CHARS],
        "notes": valid_text(info.notes),
        "tags": [valid_text(tag) for tag in info.tags],
        "group": valid_text(info.group),
        "job_type": valid_text(info.job_type),
        "sweep": info.sweep,
    }
    return msgspec.structs.replace(run, **{name: value for name, value in fields.items() if value})


def leaves_of(log: ImportedLog, item: Item) -> list[tuple[list[str], Any]]:
    """The leaves of a config or summary value, with their paths. Invalid paths are counted."""
    tree: dict[str, Any] = {}
    put(tree, item)
    valid_leaves: list[tuple[list[str], Any]] = []
    for path, value in leaves(tree):
        names = [valid_text(name) for name in path]
        if len(names) > MAX_NESTING or not all(
            0 < len(name.encode()) <= MAX_KEY_BYTES for name in names
        ):
            log.left_out["values whose key is invalid"] += 1
        else:
            valid_leaves.append((names, log.value(value, most_bytes=MAX_FRAME_BYTES // 2)))
    return valid_leaves


def tree_of(items: Sequence[Item]) -> dict[str, Any]:
    """Items as nested dicts.

    >>> tree_of([Item(("a", "b"), 1), Item(("a", "c"), 2), Item(("d",), 3)])
    {'a': {'b': 1, 'c': 2}, 'd': 3}
    """
    tree: dict[str, Any] = {}
    for item in items:
        put(tree, item)
    return tree


def put(tree: dict[str, Any], item: Item) -> None:
    """Set a value in nested dicts."""
    for name in item.path[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            inner = tree[name] = {}
        tree = cast("dict[str, Any]", inner)
    tree[item.path[-1]] = item.value


def remove(tree: dict[str, Any], path: KeyPath) -> None:
    """Remove a value from nested dicts, if it is there."""
    for name in path[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            return
        tree = cast("dict[str, Any]", inner)
    if path:
        tree.pop(path[-1], None)


def micros_of(secs: Any) -> int | None:
    """A time in seconds as µs. None if it is not a time."""
    if type(secs) not in {int, float}:
        return None
    return round(secs * 1e6) if 0 <= secs < 1e12 else None
