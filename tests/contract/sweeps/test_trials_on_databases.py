"""Tables of trials on SQLite and on a real PostgreSQL, and trials that people queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from at_length import engines_at_length
from service_sweeps import GRID, PROJECT, beat, create, log_run
from service_uploads import START, Clock
from weft.errors import ConfigError, NotFound
from weft.records.record import Exit
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services
from weft.wire.runs.runs import RunEdit
from weft.wire.sweep_trials import NewTrial
from weft.wire.sweeps import SweepEdit

MIXED = {
    "method": "grid",
    "metric": {"name": "loss"},
    "parameters": {"a.b": {"values": [10, 9.5, "adam", True]}, 'q"t': {"value": 1}},
}


def numbers(services: Services, sweep: str, **query: Any) -> list[int]:
    answer = services.trials.list(LOCAL, PROJECT, sweep, **query)
    return [trial.number for trial in answer.trials]


@pytest.fixture
def sweep(services: Services, clock: Clock) -> str:
    """Four trials: two finished, one failed with an exception, one running."""
    sweep = create(services, MIXED)
    runs = [run.run for run in beat(services, sweep, "a", wants=2).runs]
    runs += [run.run for run in beat(services, sweep, "b", wants=2).runs]
    clock.forward(20)
    log_run(services, runs[0], sweep, 0.5, Exit(START + 10, 0))
    log_run(services, runs[1], sweep, 0.25, Exit(START + 10, 0))
    log_run(services, runs[2], sweep, None, Exit(START + 10, 1, reason="ValueError: diverged"))
    log_run(services, runs[3], sweep, 0.125)
    services.sweeps.get(LOCAL, PROJECT, sweep)
    return sweep


def test_trials_have_their_runs_agents_and_reasons(services: Services, sweep: str) -> None:
    trials = services.trials.list(LOCAL, PROJECT, sweep).trials
    assert [trial.state for trial in trials] == ["finished", "finished", "failed", "running"]
    assert [trial.values for trial in trials] == [[0.5], [0.25], None, None]
    assert [trial.agent_number for trial in trials] == [1, 1, 2, 2]
    assert [trial.reason for trial in trials] == [None, None, "ValueError: diverged", None]
    assert all(trial.name for trial in trials)
    assert trials[0].parameters == {"a.b": 10, 'q"t': 1}


def test_trials_are_sorted_by_each_column_with_missing_values_last(
    services: Services, sweep: str
) -> None:
    assert numbers(services, sweep, order="-number") == [3, 2, 1, 0]
    assert numbers(services, sweep, order="values.loss") == [1, 0, 2, 3]
    assert numbers(services, sweep, order="-values.loss") == [0, 1, 2, 3]
    assert numbers(services, sweep, order="parameters.a.b") == [3, 1, 0, 2]
    assert numbers(services, sweep, order="-parameters.a.b") == [0, 1, 3, 2]
    assert numbers(services, sweep, order='parameters.q"t') == [0, 1, 2, 3]
    assert numbers(services, sweep, order="-agent") == [2, 3, 0, 1]
    assert numbers(services, sweep, order="state") == [2, 0, 1, 3]
    assert numbers(services, sweep, order="-duration")[0] == 3
    assert sorted(numbers(services, sweep, order="name")) == [0, 1, 2, 3]


def test_trials_are_filtered_by_state_and_text(services: Services, sweep: str) -> None:
    assert numbers(services, sweep, state="finished") == [0, 1]
    assert numbers(services, sweep, state="stopped_early") == []
    assert numbers(services, sweep, state="running") == [3]
    assert numbers(services, sweep, search="DIVERGED") == [2]
    assert numbers(services, sweep, search=" adam ") == [2]
    assert numbers(services, sweep, search="agent-2", state="failed") == [2]
    assert numbers(services, sweep, search="a.b") == [], "names of parameters are no values"
    run = services.trials.list(LOCAL, PROJECT, sweep).trials[1].run
    assert numbers(services, sweep, run=run) == [1]
    services.runs.edit(LOCAL, PROJECT.run(run), RunEdit(notes="50 % too slow"))
    assert numbers(services, sweep, search="50 %") == [1]
    assert services.trials.list(LOCAL, PROJECT, sweep, run=run).trials[0].notes == "50 % too slow"


def test_pages_tell_the_number_of_all_trials(services: Services, sweep: str) -> None:
    page = services.trials.list(LOCAL, PROJECT, sweep, limit=2, offset=1, order="-number")
    assert ([trial.number for trial in page.trials], page.total) == ([2, 1], 4)
    assert services.trials.list(LOCAL, PROJECT, sweep, offset=9).total == 4


@engines_at_length("postgresql")
def test_columns_that_the_sweep_lacks_are_refused(services: Services, sweep: str) -> None:
    with pytest.raises(ConfigError, match=r"no column 'parameters\.lr' to sort by: take one of"):
        services.trials.list(LOCAL, PROJECT, sweep, order="-parameters.lr")
    with pytest.raises(NotFound, match="no sweep nope"):
        services.trials.list(LOCAL, PROJECT, "nope")


def test_a_queued_trial_goes_to_the_next_agent(services: Services) -> None:
    sweep = create(services, {**GRID, "method": "random", "run_cap": 2})
    queued = services.trials.enqueue(
        LOCAL, PROJECT, sweep, NewTrial(parameters={"lr": 0.01, "n": {"k": 2}})
    )
    assert (queued.number, queued.state, queued.agent_number) == (0, "queued", None)
    orders = beat(services, sweep, "a", wants=2)
    assert (orders.runs[0].run, orders.runs[0].number) == (queued.run, 0)
    assert orders.runs[0].config == {"lr": 0.01, "n": {"k": 2}}
    assert len(orders.runs) == 2
    assert beat(services, sweep, "b", wants=1).reason == "the sweep has its 2 runs"


def test_missing_parameters_are_drawn_and_wrong_ones_are_named(services: Services) -> None:
    sweep = create(services)
    queued = services.trials.enqueue(LOCAL, PROJECT, sweep, NewTrial(parameters={"n.k": 2}))
    assert queued.parameters["n.k"] == 2
    assert queued.parameters["lr"] in (0.1, 0.01)
    with pytest.raises(ConfigError) as error:
        services.trials.enqueue(
            LOCAL, PROJECT, sweep, NewTrial(parameters={"lr": 0.5, "n.k": 3, "n.kk": 1})
        )
    assert str(error.value).split("\n  - ") == [
        "the trial does not fit the sweep:",
        "n.kk is not a parameter of the sweep; did you mean 'n.k'?",
        "lr can't be 0.5: its distribution is categorical",
        "n.k can't be 3: its distribution is int_uniform",
    ]


@engines_at_length("postgresql")
def test_a_finished_sweep_runs_again_for_a_queued_trial_alone(services: Services) -> None:
    sweep = create(services, {**GRID, "parameters": {"lr": {"values": [0.1]}}})
    (first,) = beat(services, sweep, "a", wants=1).runs
    log_run(services, first.run, sweep, 0.5, Exit(START + 5, 0))
    beat(services, sweep, "a", runs={first.run: "finished"}, leaves=True)
    assert services.sweeps.get(LOCAL, PROJECT, sweep).state == "finished"
    queued = services.trials.enqueue(LOCAL, PROJECT, sweep, NewTrial(parameters={}))
    assert services.sweeps.get(LOCAL, PROJECT, sweep).state == "running"
    (again,) = beat(services, sweep, "b", wants=3).runs
    assert again.run == queued.run
    log_run(services, again.run, sweep, 0.4, Exit(START + 5, 0))
    beat(services, sweep, "b", runs={again.run: "finished"})
    assert services.sweeps.get(LOCAL, PROJECT, sweep).state == "finished"


@engines_at_length("postgresql")
def test_a_stopped_sweep_stays_stopped_with_a_queued_trial(services: Services) -> None:
    sweep = create(services)
    services.sweeps.edit(LOCAL, PROJECT, sweep, SweepEdit(state="stopped"))
    services.trials.enqueue(LOCAL, PROJECT, sweep, NewTrial(parameters=json.loads("{}")))
    assert services.sweeps.get(LOCAL, PROJECT, sweep).state == "stopped"
    assert beat(services, sweep, "a", wants=1).runs == []
    services.sweeps.edit(LOCAL, PROJECT, sweep, SweepEdit(state="running"))
    assert [run.number for run in beat(services, sweep, "a", wants=1).runs] == [0]
