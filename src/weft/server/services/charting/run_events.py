"""Events of runs: alerts, gaps where rows were lost, resumptions, and ends by a failure.

Receives requests from `http.metrics.run_events`; reads kept records and writers and finds the
steps before and after each event but an end, so that a chart over steps can show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from weft.errors import LimitExceeded
from weft.records.record import Alert, Gap
from weft.records.states import ENDED_STATES
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.charting.panel_runs import PanelRun, add_bases, find_runs
from weft.server.services.live_runs.run_entry import WriterEntry
from weft.server.services.live_runs.states import find_resumptions
from weft.server.services.reading.steps import plain_step
from weft.server.services.stores.stores import Service
from weft.server.storage.contract import ColumnBatch, Int64, MetricStore, Steps
from weft.server.storage.metadata import KeptRecord
from weft.wire.metrics.metrics import MAX_EVENT_RUNS, RunEvent, RunEventList

MAX_EVENTS: Final = 10_000

MARKED_ENDS: Final = ENDED_STATES - {"finished"}
"""The states in which a run's end is an event."""

_decode_alert: Final = msgspec.msgpack.Decoder(Alert).decode
_decode_gap: Final = msgspec.msgpack.Decoder(Gap).decode


class RunEventService(Service):
    """Reads the events of several runs at once."""

    def events(self, actor: Actor, path: ProjectPath, run_ids: Sequence[str]) -> RunEventList:
        """The newest `MAX_EVENTS` events of some runs; unknown runs are left out."""
        require(actor, Action.READ, path)
        if len(run_ids) > MAX_EVENT_RUNS:
            raise LimitExceeded(
                f"one request asks for events of at most {MAX_EVENT_RUNS:,} runs: send several"
            )
        project_id = self._stores.find_project(path)
        runs = find_runs(self._stores, project_id, list(dict.fromkeys(run_ids)))
        add_bases(self._stores, path, runs, "time")
        events = [
            event for run, records in self._records(runs) for event in kept_events(run, records)
        ]
        events += self._resumptions(runs)
        events += self._ends(runs)
        events.sort(key=lambda event: event.time_micros)
        newest = events[-MAX_EVENTS:]
        by_run: defaultdict[str, list[RunEvent]] = defaultdict(list)
        for event in newest:
            by_run[event.run].append(event)
        placed: list[RunEvent] = []
        with self._stores.metrics.use(project_id) as store:
            for run in runs:
                own = by_run[run.run]
                # An end is after all rows: nothing has to be read for it.
                placed += (event for event in own if event.kind == "end")
                inside = [event for event in own if event.kind != "end"]
                placed += _placed(store, run, inside) if inside else []
        placed.sort(key=lambda event: event.time_micros)
        return RunEventList(placed, len(events) > len(newest))

    def _records(
        self, runs: Sequence[PanelRun]
    ) -> Iterator[tuple[str, list[tuple[KeptRecord, int]]]]:
        """The kept records of each run that has any, each with its writer's clock offset."""
        metadata = self._stores.metadata
        row_ids = [run.row_id for run in runs]
        with metadata.read() as tx:
            records = metadata.kept_records.of_runs(tx, row_ids, ("Alert", "Gap"))
            filled = [row_id for row_id in row_ids if records[row_id]]
            writers = metadata.writers.of_runs(tx, filled)
        for run in runs:
            offsets = {row.writer: row.offset_micros or 0 for row in writers.get(run.row_id, ())}
            if records[run.row_id]:
                yield (
                    run.run,
                    [(record, offsets.get(record.writer, 0)) for record in records[run.row_id]],
                )

    def _resumptions(self, runs: Sequence[PanelRun]) -> Iterator[RunEvent]:
        metadata = self._stores.metadata
        continued = [run for run in runs if run.is_continued]
        with metadata.read() as tx:
            writers = metadata.writers.of_runs(tx, [run.row_id for run in continued])
        for run in continued:
            facts = [WriterEntry(row).facts() for row in writers.get(run.row_id, ())]
            for resumption in find_resumptions(facts):
                before, resumed = resumption.before, resumption.resumed
                yield RunEvent(
                    run=run.run, kind="resume", writer=resumed.writer,
                    time_micros=before.ended_micros or resumed.start_micros,
                    end_micros=resumed.start_micros,
                    title=before.state, exit_code=before.exit_code,
                )  # fmt: skip

    def _ends(self, runs: Sequence[PanelRun]) -> Iterator[RunEvent]:
        metadata = self._stores.metadata
        with metadata.read() as tx:
            ends = metadata.runs.ends(tx, [run.row_id for run in runs], MARKED_ENDS)
        for run in runs:
            end = ends.get(run.row_id)
            if end is not None:
                at = end.ended_micros or run.origin_micros
                yield RunEvent(
                    run=run.run, kind="end", writer="", time_micros=at, end_micros=at,
                    title=end.state, exit_code=end.exit_code,
                )  # fmt: skip


def kept_events(run: str, records: Sequence[tuple[KeptRecord, int]]) -> Iterator[RunEvent]:
    """Events of kept records, without steps. Each record comes with its writer's clock offset."""
    for record, offset in records:
        if record.kind == "Alert":
            alert = _decode_alert(record.payload)
            at = alert.micros + offset
            yield RunEvent(
                run=run, kind="alert", writer=record.writer, time_micros=at, end_micros=at,
                level=alert.level, title=alert.title, text=alert.text,
            )  # fmt: skip
        else:
            gap = _decode_gap(record.payload)
            yield RunEvent(
                run=run, kind="gap", writer=record.writer, time_micros=gap.first_micros + offset,
                end_micros=gap.last_micros + offset, n_rows=gap.n_rows, n_lines=gap.n_lines,
            )  # fmt: skip


@dataclass(slots=True)
class _Neighbours:
    """The time and step of the rows next to some events.

    A row at a start counts as before it; a row at an end does not count as after it.
    """

    starts: Int64
    ends: Int64
    before: list[tuple[int, int | float] | None]
    after: list[tuple[int, int | float] | None]

    def look(self, times: Int64, steps: Steps) -> None:
        """Add rows, sorted by time. Of rows with equal times, a later row counts as later."""
        last_before = np.searchsorted(times, self.starts, side="right") - 1
        first_after = np.searchsorted(times, self.ends, side="right")
        for n, (before, after) in enumerate(
            zip(last_before.tolist(), first_after.tolist(), strict=True)
        ):
            if before >= 0:
                nearest = self.before[n]
                if nearest is None or times[before] >= nearest[0]:
                    self.before[n] = (int(times[before]), steps[before].item())
            if after < len(times):
                nearest = self.after[n]
                if nearest is None or times[after] < nearest[0]:
                    self.after[n] = (int(times[after]), steps[after].item())


def _placed(store: MetricStore, run: PanelRun, events: Sequence[RunEvent]) -> list[RunEvent]:
    """Add the steps before and after each event."""
    # An alert is placed among the rows of all writers, a gap only among rows of its own writer.
    of_writer: dict[str | None, list[int]] = {}
    for n, event in enumerate(events):
        of_writer.setdefault(event.writer if event.kind == "gap" else None, []).append(n)
    by_writer = {
        writer: _Neighbours(
            np.array([_last_before(events[n]) for n in positions], np.int64),
            np.array([events[n].end_micros for n in positions], np.int64),
            [None] * len(positions),
            [None] * len(positions),
        )
        for writer, positions in of_writer.items()
    }
    lineage = {run.run: run.sources} if run.sources else None
    for batch in store.columns([run.run], [], every_row=True, lineage=lineage):
        for writer, neighbours in by_writer.items():
            times, steps = _by_time(batch, writer)
            if len(times):
                neighbours.look(times, steps)
    placed = list(events)
    for writer, positions in of_writer.items():
        for n, before, after in zip(
            positions, by_writer[writer].before, by_writer[writer].after, strict=True
        ):
            event = events[n]
            base = run.bases.get(event.writer, run.origin_micros)
            placed[n] = msgspec.structs.replace(
                event,
                runtime_micros=_last_before(event) - base,
                end_runtime_micros=event.end_micros - base,
                step=None if before is None else plain_step(before[1]),
                end_step=None if after is None else plain_step(after[1]),
            )
    return placed


def _last_before(event: RunEvent) -> int:
    """The time of the last row that can be before an event.

    A script that died was last heard from up to half a minute earlier or later than it logged a
    row, so all rows before a resumption count. Process time stands still meanwhile.
    """
    return event.end_micros if event.kind == "resume" else event.time_micros


def _by_time(batch: ColumnBatch, writer: str | None) -> tuple[Int64, Steps]:
    times, steps = batch.times, batch.steps
    if writer is not None:
        if writer not in batch.writers:
            return times[:0], steps[:0]
        own = batch.writer == batch.writers.index(writer)
        times, steps = times[own], steps[own]
    order = np.argsort(times, kind="stable")
    return times[order], steps[order]
