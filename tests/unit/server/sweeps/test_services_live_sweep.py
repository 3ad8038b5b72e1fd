"""A live sweep: its answers to agents, and the changes that other servers wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from service_sweeps import GRID, PROJECT, log_run
from service_uploads import START, Clock
from weft.errors import NotFound, Unavailable
from weft.records.record import Exit
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services
from weft.server.services.sweeps import live_sweep
from weft.server.services.sweeps.agents import SILENCE_MICROS
from weft.server.services.sweeps.live_sweep import LiveSweep
from weft.wire.sweeps import AgentBeat, AgentOrders

OpenSweep = Callable[[dict[str, Any]], LiveSweep]


def beat(sweep: LiveSweep, agent: str = "a", **fields: Any) -> AgentOrders:
    return sweep.answer_beat("ann", agent, AgentBeat(**fields))


def reopened(services: Services, sweep: LiveSweep) -> LiveSweep:
    """The sweep as another server has it."""
    return LiveSweep(services.stores, sweep.row)


def numbers(orders: AgentOrders) -> list[int]:
    return [run.number for run in orders.runs]


def test_a_second_server_has_what_was_assigned_by_the_first(
    services: Services, open_sweep: OpenSweep
) -> None:
    sweep = open_sweep(GRID)
    first = beat(sweep, wants=3)
    assert (first.state, numbers(first)) == ("running", [0, 1, 2])
    other = reopened(services, sweep)
    assert beat(other, "a", wants=3).runs == first.runs, "the answer was lost"
    assert numbers(beat(other, "b", wants=3)) == [3]


def test_a_change_of_another_server_is_read_before_the_next_one(
    services: Services, open_sweep: OpenSweep
) -> None:
    sweep = open_sweep(GRID)
    beat(sweep, "a", wants=1)
    other = reopened(services, sweep)
    assert numbers(beat(other, "b", wants=2)) == [1, 2]
    orders = beat(sweep, "c", wants=4)
    assert numbers(orders) == [3], "what b has is not given again"
    with other.lock:
        other.set_state("paused", "ann")
    with sweep.lock:
        sweep.edit({"name": "new"}, "ann")
    assert sweep.schedule.state == "paused"


def test_a_server_that_is_always_slower_gives_up(
    services: Services, open_sweep: OpenSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = open_sweep(GRID)
    beat(sweep, "a", wants=1)
    monkeypatch.setattr(live_sweep, "_MAX_TRIES", 1)
    beat(reopened(services, sweep), "b", wants=1)
    with pytest.raises(Unavailable, match="is being changed by other servers; try again"):
        beat(sweep, "a", wants=2)


def test_an_answer_that_can_not_be_written_assigns_nothing(
    services: Services, open_sweep: OpenSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = open_sweep(GRID)
    beat(sweep, "a")
    with monkeypatch.context() as patch:
        patch.setattr(
            services.stores.metadata, "write_together", lambda _: [Unavailable("no database")]
        )
        with pytest.raises(Unavailable, match="no database"):
            beat(sweep, "a", wants=2)
    assert (sweep.schedule.n_trials, sweep.schedule.state) == (0, "pending")
    orders = beat(sweep, "a", wants=4)
    assert numbers(orders) == [0, 1, 2, 3], "none of the grid is lost"


def test_the_sets_of_a_silent_agent_are_given_to_another(
    open_sweep: OpenSweep, clock: Clock
) -> None:
    sweep = open_sweep(GRID)
    (run,) = beat(sweep, "a", wants=1).runs
    clock.micros += SILENCE_MICROS + 1
    beat(sweep, "b")
    with sweep.lock:
        sweep.settle_all()
    (again,) = beat(sweep, "b", wants=1).runs
    assert (again.number, again.config) == (run.number, run.config)
    assert again.run != run.run
    assert beat(sweep, "a", runs={run.run: "running"}).stop == [run.run]


def test_a_sweep_is_settled_by_the_results_of_its_runs(
    services: Services, open_sweep: OpenSweep
) -> None:
    sweep = open_sweep({**GRID, "early_terminate": {"type": "hyperband", "min_iter": 3}})
    runs = beat(sweep, wants=4).runs
    for nth, run in enumerate(runs):
        log_run(services, run.run, sweep.row.sweep, 0.5 - nth / 10, Exit(START, 0))
    with sweep.lock:
        sweep.settle_all()
    assert (sweep.schedule.state, list(sweep.schedule.open)) == ("finished", [])
    assert [trial.number for trial in sweep.take_ended(3)] == [0, 1, 2]
    assert [trial.number for trial in sweep.take_ended(3)] == [3], "each is taken once"
    assert beat(sweep, wants=1).is_done
    assert services.sweeps.get(LOCAL, PROJECT, sweep.row.sweep).ended_micros is not None


def test_failed_sets_are_given_again_if_someone_asks(
    services: Services, open_sweep: OpenSweep
) -> None:
    sweep = open_sweep(GRID)
    runs = beat(sweep, wants=4).runs
    for nth, run in enumerate(runs):
        log_run(services, run.run, sweep.row.sweep, 0.5, Exit(START, int(nth == 2)))
    with sweep.lock:
        sweep.settle_all()
        sweep.set_state("running", "ann")
        sweep.retry_failed()
    (again,) = beat(sweep, wants=4, runs={run.run: "finished" for run in runs}).runs
    assert again.config == runs[2].config
    assert again.run != runs[2].run


def test_runs_of_a_sweep_that_began_without_a_server_are_adopted(
    services: Services, open_sweep: OpenSweep
) -> None:
    sweep = open_sweep({"method": "grid", "parameters": {"n": {"min": 1, "max": 3}}})
    log_run(services, "offline", sweep.row.sweep, None, Exit(START, 0), n=2)
    log_run(services, "other", sweep.row.sweep, None, Exit(START, 0), n=9)
    with sweep.lock:
        sweep.settle_all()
    assert (sweep.schedule.has_run("offline"), sweep.schedule.has_run("other")) == (True, False)
    assert [run.config["n"] for run in beat(sweep, wants=3).runs] == [1, 3]


def test_a_sweep_that_was_deleted_elsewhere_is_not_found(
    services: Services, open_sweep: OpenSweep
) -> None:
    sweep = open_sweep(GRID)
    beat(sweep, "a", wants=1)
    services.sweeps.delete(LOCAL, PROJECT, sweep.row.sweep)
    with pytest.raises(NotFound, match="it was deleted"):
        beat(sweep, "b", wants=1)
