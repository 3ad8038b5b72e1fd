"""How long a run had run at a moment: time goes on where a fork, rewind or resume took it up.

Used by `services.history` for `_runtime`, and by `services.continuation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from weft.records.record import Run
from weft.server.services.busy.registry import RunEntry, WriterEntry
from weft.server.services.context import Stores
from weft.server.services.types import RunPath
from weft.server.storage.contract import Int64, Source

_decode_run: Final = msgspec.msgpack.Decoder(Run)


class _Life(NamedTuple):
    """A stretch of a run that begins with a log which knows how long the run had run."""

    start_micros: int
    runtime_micros: int

    def runtime_at(self, micros: int) -> int:
        return self.runtime_micros + micros - self.start_micros


class HistoryClock:
    """The clocks of all runs whose rows make up a run's history."""

    def __init__(self, stores: Stores, entry: RunEntry, sources: Sequence[Source]) -> None:
        path = entry.path
        self._own = _clock_of(stores, entry, path.run)
        self._by_writer: dict[str, RunClock] = {}
        clocks = {path.run: self._own}
        for one in sources:
            clock = clocks.get(one.run)
            if clock is None:
                clock = clocks[one.run] = _clock_of(stores, entry, one.run)
            self._by_writer[one.writer] = clock

    def runtime_micros(self, micros: int, writer: str) -> int:
        """µs that the run had run when `writer`, of itself or a source, wrote at `micros`."""
        return self._by_writer.get(writer, self._own).runtime_micros(micros, writer)

    def runtimes_micros(self, micros: Int64, writer: str) -> Int64:
        """The same for many moments of one writer."""
        return self._by_writer.get(writer, self._own).runtimes_micros(micros, writer)


def _clock_of(stores: Stores, entry: RunEntry, run: str) -> RunClock:
    path = RunPath(entry.path.entity, entry.path.project, run)
    found = entry if path == entry.path else stores.registry.find_present(path)
    if found is not None:
        with found.lock:
            return RunClock(found.origin_micros, dict(found.writers))
    # It was deleted: of its rows, which are still there, only the origin is known.
    with stores.metrics.use(entry.project_id) as store:
        return RunClock(store.run_origin(run) or entry.origin_micros, {})


class RunClock:
    """The clock of one run, as its writers' logs set it. Times in µs since 1970, corrected.

    A log that goes on with a run says how long that had run (`Run.runtime_micros`). Where one
    could not know, the pause before it is left out that its run's exits and heart-beats tell of.
    """

    def __init__(self, origin_micros: int, writers: Mapping[str, WriterEntry]) -> None:
        facts = [writer.facts() for writer in writers.values()]
        # The origin is of the log that came first, which may be a later life's.
        starts = (one.start_micros for one in facts if one.parent is None)
        self._origin = min([origin_micros, *starts])
        known = {
            name: life
            for name, writer in writers.items()
            if (life := _life_of(writer)) is not None
        }
        self._lives = _with_others(known, writers) if known else known
        # (start of the life, length of the pause before it), by start.
        self._pauses: list[tuple[int, int]] = []
        for resumed in sorted(
            one.start_micros for one in facts if one.resumed and one.writer not in self._lives
        ):
            ends = [
                end
                for one in facts
                if one.start_micros < resumed
                and (end := one.exit_micros or one.beat_micros) is not None
                and end <= resumed
            ]
            if ends:
                self._pauses.append((resumed, resumed - max(ends)))

    def runtime_micros(self, micros: int, writer: str) -> int:
        """µs that the run had run when `writer` wrote something at `micros`."""
        life = self._lives.get(writer)
        if life is not None:
            return life.runtime_at(micros)
        paused = sum(pause for start, pause in self._pauses if start <= micros)
        return micros - self._origin - paused

    def runtimes_micros(self, micros: Int64, writer: str) -> Int64:
        """The same for many moments of one writer."""
        life = self._lives.get(writer)
        if life is not None:
            return micros + (life.runtime_micros - life.start_micros)
        runtimes = micros - self._origin
        for start, pause in self._pauses:
            runtimes -= np.where(micros >= start, pause, 0)
        return runtimes


def _life_of(writer: WriterEntry) -> _Life | None:
    row = writer.row
    record = _decode_run.decode(row.run_record) if row.run_record is not None else None
    if record is None or not record.runtime_micros:
        return None
    start = record.start_micros or row.anchor_micros or row.first_micros
    return _Life(start + (row.offset_micros or 0), record.runtime_micros)


def _with_others(
    known: Mapping[str, _Life], writers: Mapping[str, WriterEntry]
) -> dict[str, _Life]:
    """Add writers that do not know theirs: it is their parent's, or the one they began in."""
    begun = sorted(known.values())
    lives = dict(known)
    for name, writer in writers.items():
        if name in known:
            continue
        passed = {name}
        parent = writer.row.parent
        while parent is not None and parent not in known and parent not in passed:
            passed.add(parent)
            above = writers.get(parent)
            parent = above.row.parent if above is not None else None
        start = writer.facts().start_micros
        before = [life for life in begun if life.start_micros <= start]
        if parent is not None and parent in known:
            lives[name] = known[parent]
        elif before:
            lives[name] = before[-1]
    return lives
