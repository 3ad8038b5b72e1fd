"""The schedule of a sweep, one rule at a time. `tests/property` tries any sequence of events."""

from __future__ import annotations

from typing import Any

import pytest

from weft.sweeps.config import parse_config
from weft.sweeps.outcomes import RunReport, RunStatus
from weft.sweeps.schedule import Call, Orders, Schedule
from weft.sweeps.search import open_search
from weft.sweeps.states import SweepState
from weft.sweeps.trials import Trial

GRID = {"method": "grid", "metric": {"name": "loss"}, "parameters": {"x": {"min": 1, "max": 3}}}


def schedule_of(**config: Any) -> Schedule:
    parsed = parse_config({**GRID, **config})
    return Schedule(parsed, open_search(parsed, 0), run_cap=parsed.run_cap)


def ask(schedule: Schedule, agent: str, wants: int, **runs: RunStatus) -> Orders:
    call = Call(agent, runs, wants)
    assigned = schedule.assign([call], now_micros=7)
    schedule.apply_changes(assigned)
    is_over = schedule.is_over(lambda _run: True)
    return schedule.orders(call, assigned, is_over=is_over)


def end(schedule: Schedule, number: int, report: RunReport, **call: Any) -> Trial:
    """Report about the run of a trial, of which its agent says what `call` has."""
    trial = schedule.open[number]
    checks = schedule.checks([Call(trial.agent or "a", **call)], [], of_all=True)
    changes = schedule.settle(
        [(check, report) for check in checks if check.trial.number == number], now_micros=9
    )
    schedule.apply_changes(changes)
    return changes.changed[0] if changes.changed else trial


def test_calls_of_one_moment_share_the_sets_in_their_order() -> None:
    schedule = schedule_of()
    calls = [Call("a", wants=2), Call("b", wants=2), Call("a", wants=2)]
    changes = schedule.assign(calls, now_micros=7)
    assert [(trial.number, trial.agent) for trial in changes.added] == [
        (0, "a"),
        (1, "a"),
        (2, "b"),
    ]
    schedule.apply_changes(changes)
    numbers = [[run.number for run in schedule.orders(call, changes).runs] for call in calls]
    assert numbers == [[0, 1], [2], [0, 1]]


def test_sets_of_a_failed_write_are_free_again() -> None:
    schedule = schedule_of()
    changes = schedule.assign([Call("a", wants=3)], now_micros=7)
    schedule.discard(changes)
    assert schedule.state == "pending"
    sets = [run.config["x"] for run in ask(schedule, "b", 3).runs]
    assert sorted(sets) == [1, 2, 3]


@pytest.mark.parametrize(
    ("config", "state", "reason"),
    [
        ({}, "running", "all parameter sets have been handed out"),
        ({"run_cap": 2}, "running", "the sweep has its 2 runs"),
        ({}, "paused", "the sweep is paused"),
        ({}, "stopped", "the sweep has been stopped"),
        ({}, "cancelled", "the sweep has been cancelled"),
        ({}, "finished", "the sweep has finished"),
        ({}, "crashed", "the sweep has crashed"),
    ],
)
def test_an_agent_without_a_run_learns_why(
    config: dict[str, Any], state: SweepState, reason: str
) -> None:
    schedule = schedule_of(**config)
    runs: dict[str, RunStatus] = {run.run: "running" for run in ask(schedule, "a", 3).runs}
    schedule.state = state
    orders = ask(schedule, "a", 1, **runs)
    assert (orders.runs, orders.reason) == ([], reason)
    assert orders.is_done == (state != "paused")
    assert orders.stop == (list(runs) if state == "cancelled" else [])
    assert ask(schedule, "a", 0, **runs).reason is None


@pytest.mark.parametrize("state", ["running", "paused", "stopped"])
def test_a_target_ends_a_sweep_that_runs_or_is_paused(state: SweepState) -> None:
    schedule = schedule_of(metric={"name": "loss", "goal": "maximize", "target": 2})
    ask(schedule, "a", 2)
    schedule.state = state
    end(schedule, 0, RunReport("finished", {"loss": 1.9}))
    assert schedule.state == state
    trial = end(schedule, 1, RunReport("finished", {"loss": 2}))
    assert (trial.values, trial.loss) == ([2.0], -2.0)
    assert schedule.state == ("stopped" if state == "stopped" else "finished")


@pytest.mark.parametrize(
    ("report", "status", "state", "error"),
    [
        (RunReport("finished", {"loss": 1}), None, "finished", None),
        (RunReport("finished", {}), None, "failed", "the run logged no loss, nor anything else"),
        (RunReport("finished"), None, "failed", "the run crashed: it left no summary"),
        (RunReport("failed", {"loss": 1}, 3), None, "failed", "the run failed with exit code 3"),
        (RunReport("crashed"), None, "failed", "the run crashed"),
        (RunReport("killed", {}), None, "failed", "the run was killed"),
        (RunReport("killed", {}, 3, "ann"), None, "failed", "the run was stopped by ann"),
        (RunReport("preempted", {}), None, "queued", None),
        (RunReport("pending"), "finished", "given", None),
        (RunReport("absent"), None, "given", None),
        (
            RunReport("absent"),
            "finished",
            "failed",
            "the run never began: the function or program did not call weft.init()",
        ),
        (
            RunReport("absent"),
            "absent",
            "failed",
            "the run never began: the function did not call weft.init()",
        ),
        (
            RunReport("absent"),
            "failed",
            "failed",
            "the run never began: the function or program failed before weft.init()",
        ),
    ],
)
def test_a_report_about_a_run_settles_its_trial(
    report: RunReport, status: RunStatus | None, state: str, error: str | None
) -> None:
    schedule = schedule_of()
    run = ask(schedule, "a", 1).runs[0].run
    trial = end(schedule, 0, report, runs={} if status is None else {run: status})
    assert (trial.state, trial.error, trial.run) == (state, error, run)
    assert trial.resumes == (report.state == "preempted")
    assert trial.ended_micros == (9 if state in ("finished", "failed") else None)


@pytest.mark.parametrize("leaves", [True, False])
def test_a_trial_of_a_lost_agent_goes_to_the_next_under_a_new_run_id(leaves: bool) -> None:
    schedule = schedule_of()
    run = ask(schedule, "a", 1).runs[0].run
    calls = [Call("a", {run: "running"}, leaves=True)] if leaves else []
    checks = schedule.checks(calls, {"a"}, of_all=not leaves)
    schedule.apply_changes(schedule.settle([(check, RunReport("absent")) for check in checks], 9))
    assert not schedule.is_over(lambda _run: True)
    again = ask(schedule, "b", 1).runs[0]
    assert (again.number, again.config, again.resumes) == (0, {"x": 1}, False)
    assert again.run != run
    runs: dict[str, RunStatus] = {run: "running"}
    assert ask(schedule, "a", 0, **runs).stop == [run]


def test_the_value_of_a_failed_run_counts_if_the_metric_says_so() -> None:
    report = RunReport("failed", {"loss": 0.5})
    for impute, values in (("worst", None), ("latest", [0.5]), ("best", [0.5])):
        schedule = schedule_of(metric={"name": "loss", "impute": impute})
        ask(schedule, "a", 1)
        trial = end(schedule, 0, report)
        assert (trial.state, trial.values) == ("failed", values)


def test_a_run_that_was_stopped_early_counts_with_what_it_reached() -> None:
    schedule = schedule_of()
    run = ask(schedule, "a", 1).runs[0].run
    schedule.apply_changes(schedule.stop_early([0]))
    runs: dict[str, RunStatus] = {run: "running"}
    assert ask(schedule, "a", 0, **runs).stop == [run]
    trial = end(schedule, 0, RunReport("killed", {"loss": 0.5}))
    assert (trial.state, trial.values, trial.stopped_early) == ("finished", [0.5], True)


def test_a_grid_is_not_over_while_a_set_is_left_however_often_others_are_retried() -> None:
    schedule = schedule_of()
    ask(schedule, "a", 2)
    for number in range(2):
        end(schedule, number, RunReport("crashed"))
    schedule.apply_changes(schedule.retry([Trial(n, {"x": n + 1}, "failed") for n in range(2)]))
    assert [trial.number for trial in schedule.open.queued(9)] == [2, 3]
    ask(schedule, "a", 2)
    for number in (2, 3):
        end(schedule, number, RunReport("crashed"))
    assert not schedule.finish()
    assert [run.config for run in ask(schedule, "a", 9).runs] == [{"x": 3}]


def test_a_set_that_another_trial_has_is_not_tried_again() -> None:
    schedule = schedule_of(parameters={"x": {"values": [1, 2, 3]}})
    others = [
        Trial(2, {"x": 1}, "queued"),
        Trial(3, {"x": 2}, agent="a"),
        Trial(4, {"x": 3}, "finished"),
    ]
    failed = [Trial(number, {"x": number + 1}, "failed") for number in range(2)]
    assert not schedule.retry([*failed, *others])
    assert [trial.parameters for trial in schedule.retry([*failed, *others[1:]]).added] == [
        {"x": 1}
    ]


def test_a_lost_answer_is_repeated() -> None:
    schedule = schedule_of()
    orders = ask(schedule, "a", 1)
    assert ask(schedule, "a", 1).runs == orders.runs
    assert schedule.n_trials == 1


def test_a_run_that_ended_is_named_until_its_result_is_known_and_not_handed_out_again() -> None:
    """Its last rows come after its agent has told the end, and after it has asked for more."""
    schedule = schedule_of()
    first = ask(schedule, "a", 1).runs[0]
    runs: dict[str, RunStatus] = {first.run: "finished"}
    orders = ask(schedule, "a", 1, **runs)
    assert ([run.number for run in orders.runs], orders.settled) == ([1], [])
    runs[orders.runs[0].run] = "finished"
    end(schedule, 0, RunReport("finished", {"loss": 1}))
    orders = ask(schedule, "a", 1, **runs)
    assert ([run.number for run in orders.runs], orders.settled) == ([2], [first.run])


def test_a_preempted_run_may_go_to_its_agent_again() -> None:
    schedule = schedule_of(parameters={"x": {"values": [1]}})
    run = ask(schedule, "a", 1).runs[0].run
    end(schedule, 0, RunReport("preempted"))
    orders = ask(schedule, "a", 1, **{run: "failed"})
    assert (orders.runs, orders.settled) == ([], [run])
    assert [(order.run, order.resumes) for order in ask(schedule, "a", 1).runs] == [(run, True)]


def test_agents_wait_for_a_run_that_may_never_begin() -> None:
    schedule = schedule_of()
    runs = [run.run for run in ask(schedule, "a", 3).runs]
    assert not schedule.is_over(lambda run: run != runs[1])
    assert schedule.is_over(lambda _run: True)
