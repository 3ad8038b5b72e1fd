"""Stops runs of a sweep without a server early, by what their logs have of its metric.

Each agent reads the logs of its own runs. What the runs of others have reached it learns from the
lines of the sweep's folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from weft.records.record import Key, Record, Row, Schema
from weft.runlog.decoding import decode_record
from weft.runlog.format import decode_header, frame_at
from weft.runlog.layout import STOP, logs_of
from weft.runlog.private_files import write_private
from weft.runlog.reader import LogTail
from weft.sweeps.config import EarlyTermination, Metric
from weft.sweeps.distributions import is_number
from weft.sweeps.early_stop import EARLY_TERMINATION, Progress, to_stop


class LocalStopping:
    """The runs of one agent, as far as it has read them."""

    def __init__(self, rule: EarlyTermination, metric: Metric) -> None:
        self._rule = rule
        self._metric = metric
        self._own: dict[int, tuple[_RunValues, Progress]] = {}

    def read(self, number: int, directory: Path) -> Progress:
        """Read what a run of this agent has logged since."""
        if number not in self._own:
            self._own[number] = _RunValues(directory, self._metric.name), Progress()
        values, progress = self._own[number]
        for value in values.take():
            if is_number(value):
                progress.add(self._metric.loss(float(value)), self._rule.bands)
        return progress

    def forget(self, number: int) -> None:
        """Close the logs of a run that has ended."""
        values = self._own.pop(number, None)
        if values is not None:
            values[0].close()

    def behind(self, reached: Mapping[int, Sequence[float]]) -> list[int]:
        """The runs of this agent that are to stop.

        `reached` are the values of all runs of the sweep at the bands, by number.
        """
        runs = {number: Progress(list(values)) for number, values in reached.items()}
        own = {number: progress for number, (_, progress) in self._own.items()}
        behind = to_stop(self._rule, {**runs, **own}, list(own))
        for progress in own.values():
            progress.n_judged = len(progress.at_bands)
        return behind


def stop_run(directory: Path) -> None:
    """Let a run end at its next `log()`."""
    reason = f"{EARLY_TERMINATION}; others were better after as many values\n"
    write_private(directory / STOP, reason.encode())


class _RunValues:
    """The values of one metric in the logs of a run directory, as they come."""

    def __init__(self, directory: Path, metric: str) -> None:
        self._directory = directory
        self._metric = metric
        self._logs: dict[Path, _LogValues] = {}
        self._open = ExitStack()

    def take(self) -> Iterator[Any]:
        """Yield the new values."""
        for path in logs_of(self._directory):
            if path not in self._logs:
                tail = LogTail(path)
                self._open.callback(tail.close)
                self._logs[path] = _LogValues(tail, self._metric)
        for log in self._logs.values():
            yield from log.take()

    def close(self) -> None:
        """Close the logs."""
        self._open.close()


class _LogValues:
    """The values of one metric in one log."""

    def __init__(self, tail: LogTail, metric: str) -> None:
        self._tail = tail
        self._metric = metric
        self._key: int | None = None
        self._places: dict[int, int] = {}

    def take(self) -> Iterator[Any]:
        """Yield the new values."""
        while (read := self._tail.read()).data:
            begun = decode_header(read.data) if read.start == 0 else None
            position = 0 if begun is None else begun[1]
            while frame := frame_at(read.data, position):
                yield from self._values_in(decode_record(read.data[frame.payload : frame.end]))
                position = frame.end

    def _values_in(self, record: Record | None) -> Iterator[Any]:
        match record:
            case Key(name=self._metric):
                self._key = record.key_id
            case Schema() if self._key in record.key_ids:
                self._places[record.schema_id] = record.key_ids.index(self._key)
            case Row() if record.schema_id in self._places:
                yield record.values[self._places[record.schema_id]]
            case _:
                pass
