"""Answers about sweeps: counts, the best run, Pareto fronts, and their agents."""

from __future__ import annotations

from typing import Any

import pytest

from service_sweeps import GRID, PROJECT, beat, create
from service_uploads import START, Clock, WriterLog
from weft.records.record import Config, Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services
from weft.server.services.sweeps import describing
from weft.server.services.sweeps.agents import SILENCE_MICROS
from weft.server.services.sweeps.describing import expected_runs

TWO_METRICS = {**GRID, "metrics": [{"name": "loss"}, {"name": "acc", "goal": "maximize"}]}
del TWO_METRICS["metric"]


def log_run(services: Services, run: str, sweep: str, exit_code: int = 0, **summary: Any) -> None:
    upload = WriterLog(f"w-{run}").upload(
        Run(run, PROJECT.project, start_micros=START, sweep=sweep),
        Exit(START + 5, exit_code),
        rows=[summary],
    )
    services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)


@pytest.mark.parametrize(
    ("size", "run_cap", "expected"),
    [(None, None, None), (4, None, 4), (None, 9, 9), (4, 9, 4), (9, 4, 4), (9, 0, 0)],
)
def test_the_end_is_the_nearer_of_two(
    size: int | None, run_cap: int | None, expected: int | None
) -> None:
    assert expected_runs(size, run_cap) == expected


def test_a_new_sweep(services: Services) -> None:
    sweep = services.sweeps.get(LOCAL, PROJECT, create(services, {**GRID, "run_cap": 3}))
    assert (sweep.state, sweep.method, sweep.n_expected) == ("pending", "grid", 3)
    assert [(metric.name, metric.goal) for metric in sweep.metrics] == [("loss", "minimize")]
    assert sweep.parameters == ["lr", "n.k"]
    assert (sweep.best, sweep.front, sweep.n_agents, sweep.counts.running) == (None, [], 0, 0)


def test_runs_are_counted_by_state_and_the_best_one_is_named(services: Services) -> None:
    sweep = create(services)
    runs = [run.run for run in beat(services, sweep, "a", wants=4).runs]
    log_run(services, runs[0], sweep, loss=0.5)
    log_run(services, runs[1], sweep, loss=0.25)
    log_run(services, runs[2], sweep, exit_code=1, loss=0.0)
    shown = services.sweeps.get(LOCAL, PROJECT, sweep)
    counts = shown.counts
    assert (counts.running, counts.finished, counts.failed, counts.queued) == (1, 2, 1, 0)
    assert shown.best is not None
    assert (shown.best.run, shown.best.values, shown.best.agent) == (runs[1], [0.25], "a")
    assert shown.front == []


def test_a_sweep_of_two_metrics_has_a_front_and_no_best_run(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = create(services, TWO_METRICS)
    runs = [run.run for run in beat(services, sweep, "a", wants=4).runs]
    for run, (loss, acc) in zip(
        runs, [(0.1, 0.5), (0.2, 0.9), (0.3, 0.8), (0.2, 0.4)], strict=True
    ):
        log_run(services, run, sweep, loss=loss, acc=acc)
    shown = services.sweeps.get(LOCAL, PROJECT, sweep)
    assert shown.best is None
    assert {trial.run for trial in shown.front} == set(runs[:2])
    (listed,) = services.sweeps.list(LOCAL, PROJECT).sweeps
    assert listed.front == [], "a list reads no trials"
    monkeypatch.setattr(describing, "MAX_FRONT", 1)
    assert len(services.sweeps.get(LOCAL, PROJECT, sweep).front) == 1


def test_agents_run_are_idle_silent_or_have_left(services: Services, clock: Clock) -> None:
    sweep = create(services)
    beat(services, sweep, "silent")
    clock.micros += SILENCE_MICROS + 1
    (run,) = beat(services, sweep, "runs", wants=1).runs
    log = WriterLog("w")
    record = Run(run.run, PROJECT.project, start_micros=START, sweep=sweep)
    services.ingest.apply_upload(
        LOCAL, PROJECT.run(run.run), log.upload(record, Config(START, []))
    )
    beat(services, sweep, "idle")
    beat(services, sweep, "left")
    beat(services, sweep, "left", leaves=True)
    agents = services.sweeps.agents(LOCAL, PROJECT, sweep).agents
    assert {agent.id: (agent.state, agent.runs, agent.n_runs) for agent in agents} == {
        "silent": ("silent", [], 0),
        "runs": ("running", [run.run], 1),
        "idle": ("idle", [], 0),
        "left": ("left", [], 0),
    }
    assert services.sweeps.get(LOCAL, PROJECT, sweep).n_agents == 2
