"""The runtime of a run at a given time; the runtime continues across forks, rewinds and resumes.

Used by `services.metrics.history` for `_runtime`, by `services.charting` for the axis `time`, and
by `services.runs.continuation`. All times of one writer count from one base, so that charts can
shift them together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from weft.records.record import Run
from weft.server.services.live_runs.run_entry import RunEntry, WriterEntry
from weft.server.services.live_runs.states import WriterFacts
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Int64, Source

_decode_run: Final = msgspec.msgpack.Decoder(Run)


class _Life(NamedTuple):
    """A part of a run that begins with a log that records how long the run had run."""

    start_micros: int
    runtime_micros: int

    @property
    def base_micros(self) -> int:
        return self.start_micros - self.runtime_micros


class HistoryClock:
    """The clocks of all runs whose rows make up a run's history."""

    def __init__(self, stores: Stores, entry: RunEntry, sources: Sequence[Source]) -> None:
        path = entry.path
        self._own = _clock_of(stores, entry, path.run)
        self._by_writer: dict[str, RunClock] = {}
        clocks = {path.run: self._own}
        for source in sources:
            clock = clocks.get(source.run)
            if clock is None:
                clock = clocks[source.run] = _clock_of(stores, entry, source.run)
            self._by_writer[source.writer] = clock

    def base_micros(self, writer: str) -> int:
        """The start of the runtime, µs since 1970, for `writer` of the run or of a source."""
        return self._by_writer.get(writer, self._own).base_micros(writer)

    def bases(self) -> dict[str, int]:
        """`base_micros` for every writer of the run and its sources."""
        writers = (*self._own.writers, *self._by_writer)
        return {writer: self.base_micros(writer) for writer in writers}

    def origins(self) -> dict[str, int]:
        """The origin of its run, µs since 1970, for every writer of the run and its sources."""
        own = dict.fromkeys(self._own.writers, self._own.origin_micros)
        return own | {writer: clock.origin_micros for writer, clock in self._by_writer.items()}

    def runtime_micros(self, micros: int, writer: str) -> int:
        """The runtime, in µs, when `writer` of the run or of a source wrote at `micros`."""
        return micros - self.base_micros(writer)

    def runtimes_micros(self, micros: Int64, writer: str) -> Int64:
        """`runtime_micros` for many times of one writer."""
        return micros - self.base_micros(writer)


def _clock_of(stores: Stores, entry: RunEntry, run: str) -> RunClock:
    path = entry.path.of_project.run(run)
    entry_of_run = entry if path == entry.path else stores.registry.find_present(path)
    if entry_of_run is not None:
        with entry_of_run.lock:
            return RunClock(entry_of_run.origin_micros, dict(entry_of_run.writers))
    # The run was deleted but its rows are still there; only its origin is known.
    with stores.metrics.use(entry.project_id) as store:
        return RunClock(store.run_origin(run) or entry.origin_micros, {})


class RunClock:
    """The clock of one run, derived from its writers' logs. Times in µs since 1970, corrected.

    A log that continues a run records how long the run had run (`Run.runtime_micros`). If a log
    could not know this, the pause before it, as shown by exits and heartbeats, is left out.
    """

    def __init__(self, origin_micros: int, writers: Mapping[str, WriterEntry]) -> None:
        facts = [writer.facts() for writer in writers.values()]
        self.origin_micros = origin_micros
        lives_by_writer = {
            name: life
            for name, writer in writers.items()
            if (life := _life_of(writer)) is not None
        }
        lives = _with_others(lives_by_writer, writers) if lives_by_writer else lives_by_writer
        pauses = _pauses(facts, lives)
        self._bases = {
            writer.writer: lives[writer.writer].base_micros
            if writer.writer in lives
            else self.origin_micros
            + sum(pause for at, pause in pauses if at <= writer.start_micros)
            for writer in facts
        }

    @property
    def writers(self) -> Collection[str]:
        """The writers whose clocks are known."""
        return self._bases.keys()

    def base_micros(self, writer: str) -> int:
        """The start of the runtime for the times of `writer`."""
        return self._bases.get(writer, self.origin_micros)


def _pauses(facts: Sequence[WriterFacts], lives: Mapping[str, _Life]) -> list[tuple[int, int]]:
    """Starts of resumed logs that do not record the runtime, and the pause before each."""
    pauses: list[tuple[int, int]] = []
    for resumed in sorted(
        writer.start_micros for writer in facts if writer.resumed and writer.writer not in lives
    ):
        ends = [
            end
            for writer in facts
            if writer.start_micros < resumed
            and (end := writer.exit_micros or writer.beat_micros) is not None
            and end <= resumed
        ]
        if ends:
            pauses.append((resumed, resumed - max(ends)))
    return pauses


def _life_of(writer: WriterEntry) -> _Life | None:
    row = writer.row
    record = _decode_run.decode(row.run_record) if row.run_record is not None else None
    if record is None or not record.runtime_micros:
        return None
    # The log's own start, as for the run's origin: so a fork's rows stay where they are stored.
    start = row.anchor_micros or record.start_micros or row.first_micros
    return _Life(start + (row.offset_micros or 0), record.runtime_micros)


def _with_others(
    own_lives: Mapping[str, _Life], writers: Mapping[str, WriterEntry]
) -> dict[str, _Life]:
    """Add writers without their own life: they get their parent's, or the one they began in."""
    begun = sorted(own_lives.values())
    lives = dict(own_lives)
    for name, writer in writers.items():
        if name in own_lives:
            continue
        passed = {name}
        parent = writer.row.parent
        while parent is not None and parent not in own_lives and parent not in passed:
            passed.add(parent)
            above = writers.get(parent)
            parent = above.row.parent if above is not None else None
        start = writer.facts().start_micros
        before = [life for life in begun if life.start_micros <= start]
        if parent is not None and parent in own_lives:
            lives[name] = own_lives[parent]
        elif before:
            lives[name] = before[-1]
    return lives
