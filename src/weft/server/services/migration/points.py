"""Copies rows, console lines and positions of projects between metric engines. Does I/O.

Each run is read from a frozen state of its store, so uploads continue meanwhile. What the target
has of it already is not written again, so that each further pass costs only what is new. Then the
run's digest is computed on both sides.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from weft.errors import Damaged
from weft.server.services.migration.digests import RunDigest, digest_of
from weft.server.services.migration.progress_record import ProgressRecord
from weft.server.services.stores.metric_stores import MetricStores
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.storage.contract import (
    Batch,
    ConsoleLine,
    FrozenStore,
    MetricStore,
    RawRows,
    RawRun,
    RowBlock,
    StreamPosition,
)

_POINTS_AT_ONCE = 500_000


@dataclass(eq=False)
class PointCopy:
    """Copies projects, each by its row id.

    Attributes:
        n_listed: runs of the last pass.
        n_points: values in the rows that were written.
    """

    _source: MetricStores
    _target: MetricStores
    _record: ProgressRecord
    _progress: Progress
    n_listed: int = 0
    n_points: int = 0

    def copy_projects(self, project_ids: Sequence[int], *, compacts: bool) -> None:
        """Make the stores of projects equal to the source's, and remove all others."""
        self.n_listed = 0
        for project_id in self._target.stored_ids():
            if project_id not in project_ids:
                self._target.remove(project_id)
        for project_id in project_ids:
            self._copy_project(project_id, compacts=compacts)

    def _copy_project(self, project_id: int, *, compacts: bool) -> None:
        try:
            frozen = self._source.freeze(project_id)
        except FileNotFoundError:
            self._drop_others(project_id, {})
            return
        try:
            runs, states = frozen.runs(), frozen.states()
            self._drop_others(project_id, runs)
            phase = Phase(self._progress, "runs", len(runs))
            has_written = False
            for name, run in runs.items():
                # A draft, which has no valid id, may get rows under an unchanged position.
                if "/" in name or not self._record.has(project_id, name, states[name]):
                    self._copy_run(frozen, run, project_id)
                    self._record.add(project_id, name, states[name])
                    has_written = True
                phase.advance()
            self.n_listed += len(runs)
            phase.end()
        finally:
            frozen.close()
        if compacts and has_written:
            with self._target.use(project_id) as store:
                store.compact(until_idle=True)

    def _drop_others(self, project_id: int, runs: dict[str, RawRun]) -> None:
        try:
            there = self._target.freeze(project_id)
        except FileNotFoundError:
            return
        try:
            surplus = [name for name in there.all_names() if name not in runs]
        finally:
            there.close()
        if surplus:
            with self._target.use(project_id) as store:
                store.drop_runs(surplus)

    def _copy_run(self, frozen: FrozenStore, run: RawRun, project_id: int) -> None:
        expected = digest_of(frozen, run)
        with self._target.use(project_id) as store:
            for _ in range(2):
                with _Present(self._target, project_id, run.name) as present:
                    self._write(frozen, run, store, present)
                with _Present(self._target, project_id, run.name) as present:
                    if present.equals(frozen, run) and present.digest() == expected:
                        return
                # Points, lines or the whole run were deleted in the source since an earlier pass.
                store.drop_runs([run.name])
        raise Damaged(
            f"run {run.name} of project {project_id} differs after it was copied twice: check both"
            " sides with `weft server check`"
        )

    def _write(
        self, frozen: FrozenStore, run: RawRun, store: MetricStore, present: _Present
    ) -> None:
        ends = frozen.streams(run)
        if not ends:
            return
        if present.is_hidden:
            store.show_runs([run.name])
        stream = min(ends)
        position = present.end_of(stream)

        def batch(writer: str) -> Batch:
            return Batch(run.name, writer, stream, position, position, origin_micros=run.origin)

        for raw in frozen.rows(run, present=present.spans):
            for part in _parts(raw):
                rows = batch(raw.writer)
                rows.rows, rows.system, rows.offset_micros = _block(part), raw.system, raw.offset
                store.append([rows])
                self.n_points += part.n_points
        for writer, lines in frozen.console(run):
            lacking = [line for line in lines if not present.has_line(store, writer, line)]
            if lacking:
                printed = batch(writer)
                printed.console = lacking
                store.append([printed])
        # Positions are last: a kill before leaves rows that the next start finds.
        moved: list[Batch] = []
        for name, end in ends.items():
            before = present.end_of(name)
            # A position that would go back shows that the run was deleted and made again.
            moved.append(batch(name))
            moved[-1].stream, moved[-1].from_position = name, before
            moved[-1].to_position = max(end.position, before)
            moved[-1].state, moved[-1].n_rows, moved[-1].tail = end.state, end.n_rows, end.tail
        store.append(moved)
        if run.hidden:
            store.hide_runs([run.name])


class _Present:
    """The rows, lines and positions of a run in the target."""

    def __init__(self, metrics: MetricStores, project_id: int, run: str) -> None:
        self._frozen: FrozenStore | None = None
        self._run: RawRun | None = None
        self._lines: dict[tuple[str, str], dict[int, int]] = {}
        try:
            self._frozen = metrics.freeze(project_id)
        except FileNotFoundError:
            return
        self._run = self._frozen.runs().get(run)

    def __enter__(self) -> _Present:
        self.spans = (
            {} if self._frozen is None or self._run is None else self._frozen.row_spans(self._run)
        )
        self.streams = self._streams()
        return self

    def __exit__(self, *_: object) -> None:
        if self._frozen is not None:
            self._frozen.close()

    @property
    def is_hidden(self) -> bool:
        return self._run is not None and self._run.hidden

    def _streams(self) -> dict[str, StreamPosition]:
        if self._frozen is None or self._run is None:
            return {}
        return self._frozen.streams(self._run)

    def end_of(self, stream: str) -> int:
        end = self.streams.get(stream)
        return 0 if end is None else end.position

    def has_line(self, store: MetricStore, writer: str, line: ConsoleLine) -> bool:
        """Whether the target has a console line in its newest form."""
        if self._run is None:
            return False
        key = writer, line.stream
        if key not in self._lines:
            numbers, times = store.console_times(self._run.name, writer, line.stream)
            self._lines[key] = dict(zip(numbers.tolist(), times.tolist(), strict=True))
        return self._lines[key].get(line.line) == line.micros

    def equals(self, frozen: FrozenStore, run: RawRun) -> bool:
        """Whether origin, presence and the ends of all streams are those of the source."""
        streams = frozen.streams(run)
        if self._run is None:
            return not streams
        return (self._run.origin, self._run.hidden, self.streams) == (
            run.origin, run.hidden, streams,
        )  # fmt: skip

    def digest(self) -> RunDigest:
        if self._frozen is None or self._run is None:
            return RunDigest()
        return digest_of(self._frozen, self._run)


def _parts(raw: RawRows) -> Iterator[RawRows]:
    """Parts of consecutive rows, none of much more than `_POINTS_AT_ONCE` values."""
    n_rows = len(raw)
    per_row = max(raw.n_points // max(n_rows, 1), 1)
    at_once = max(_POINTS_AT_ONCE // per_row, 1)
    edges = [0, *(np.flatnonzero(np.diff(raw.rows) != 1) + 1).tolist(), n_rows]
    for start, stop in itertools.pairwise(edges):
        for lo in range(start, stop, at_once):
            hi = min(lo + at_once, stop)
            yield raw if (lo, hi) == (0, n_rows) else raw.part(lo, hi)


def _block(raw: RawRows) -> RowBlock:
    columns = {key: list(columns) for key, columns in raw.columns.items()}
    return RowBlock(int(raw.rows[0]), raw.steps, raw.times, raw.continues, columns)
