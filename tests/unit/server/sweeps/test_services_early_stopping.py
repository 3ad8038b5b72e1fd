"""Runs that are behind at a band are asked to stop, by the values that they have logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from service_sweeps import PROJECT
from service_uploads import START, WriterLog
from weft.records.record import Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services
from weft.server.services.sweeps import early_stopping
from weft.server.services.sweeps.early_stopping import EarlyStopping
from weft.server.services.sweeps.live_sweep import LiveSweep
from weft.sweeps.early_stop import EARLY_TERMINATION
from weft.wire.sweeps import AgentBeat

OpenSweep = Callable[[dict[str, Any]], LiveSweep]

CONFIG = {
    "method": "grid",
    "metric": {"name": "loss"},
    "parameters": {"n": {"min": 0, "max": 3}},
    "early_terminate": {"type": "hyperband", "min_iter": 3, "eta": 2},
}


class Watched:
    """A sweep whose runs log, and the early stopping that watches it."""

    def __init__(self, services: Services, sweep: LiveSweep) -> None:
        self.services, self.sweep = services, sweep
        orders = sweep.answer_beat("", "a", AgentBeat(wants=4))
        self.runs = [run.run for run in orders.runs]
        self.early = EarlyStopping(services.stores)
        self._logs = [WriterLog(f"w{nth}") for nth in range(4)]
        self._is_begun = [False] * 4

    def log(self, number: int, values: Sequence[Any], *ends: Exit) -> None:
        run = self.runs[number]
        record = Run(run, PROJECT.project, start_micros=START, sweep=self.sweep.row.sweep)
        records = [] if self._is_begun[number] else [record]
        self._is_begun[number] = True
        upload = self._logs[number].upload(
            *records, *ends, rows=[{"loss": value} for value in values]
        )
        self.services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)

    def look(self) -> list[str | None]:
        """Stop bad runs; who stopped each run."""
        with self.sweep.lock:
            self.sweep.settle_all()
            self.early.stop_bad_runs(self.sweep)
        entries = [self.sweep.entry_of(run) for run in self.runs]
        return [None if entry is None else entry.stopper for entry in entries]


@pytest.fixture
def watched(services: Services, open_sweep: OpenSweep) -> Watched:
    return Watched(services, open_sweep(CONFIG))


def test_the_worse_half_is_stopped_at_a_band_and_not_before(watched: Watched) -> None:
    watched.log(0, [0.5, 0.5])
    watched.log(1, [0.9, 0.9])
    assert watched.look() == [None] * 4, "no band is reached"
    watched.log(0, [0.5])
    watched.log(1, [0.9])
    assert watched.look()[:2] == [None, None], "one of two is at the limit"
    watched.log(2, [0.4] * 3)
    assert watched.look() == [None, EARLY_TERMINATION, None, None]
    stopped = [trial.number for trial in watched.sweep.schedule.open if trial.stopped_early]
    assert stopped == [1]


def test_runs_that_have_ended_count_too(watched: Watched) -> None:
    for number, loss in enumerate((0.1, 0.2, 0.3)):
        watched.log(number, [loss] * 3, Exit(START, 0))
    watched.log(3, [0.9] * 3)
    assert watched.look() == [None, None, None, EARLY_TERMINATION]


def test_a_run_is_judged_by_its_best_value_of_those_that_are_numbers(watched: Watched) -> None:
    watched.log(0, [0.5] * 3)
    watched.log(1, [0.1, 0.9, 0.9])
    watched.log(2, ["text", float("nan"), 0.4, 0.4])
    watched.log(3, [0.95] * 3)
    assert watched.look() == [None, None, None, EARLY_TERMINATION]


def test_values_are_read_in_pieces_and_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_stopping, "_ROWS_AT_ONCE", 2)
    watched.log(0, [0.5] * 3)
    watched.log(1, [0.4] * 3)
    watched.log(2, [0.9] * 3)
    assert watched.look() == [None] * 4, "two values of each are read"
    assert watched.look() == [None, None, EARLY_TERMINATION, None]


def test_a_cancelled_sweep_stops_no_run_by_its_rule(watched: Watched) -> None:
    for number in range(4):
        watched.log(number, [number / 10] * 3)
    with watched.sweep.lock:
        watched.sweep.set_state("cancelled", "ann")
    assert watched.look() == [None] * 4


def test_a_sweep_without_the_rule_stops_none(services: Services, open_sweep: OpenSweep) -> None:
    config = {name: value for name, value in CONFIG.items() if name != "early_terminate"}
    watched = Watched(services, open_sweep(config))
    for number in range(4):
        watched.log(number, [number / 10] * 3)
    assert watched.look() == [None] * 4
