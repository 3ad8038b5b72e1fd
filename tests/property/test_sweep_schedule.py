"""Any sequence of agents, runs, failed writes, edits and restarts against a model of a sweep.

Examples: 15, or WEFT_TEST_ROUNDS.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from weft.sweeps.config import parse_config
from weft.sweeps.outcomes import RunCheck, RunReport, RunStatus
from weft.sweeps.schedule import Call, Changes, Orders, Schedule
from weft.sweeps.search import open_search
from weft.sweeps.states import ENDED_SWEEPS, SweepState
from weft.sweeps.trials import Trial

EXAMPLES = int(os.environ.get("WEFT_TEST_ROUNDS", "15"))
AGENTS = ("a", "b", "c")
N_SETS = 6
CONFIG = parse_config(
    {
        "method": "grid",
        "metric": {"name": "loss", "target": 0},
        "parameters": {"x": {"min": 1, "max": N_SETS}},
    }
)
ENDS = ("finished", "failed", "crashed", "killed", "preempted")

an_agent = st.sampled_from(AGENTS)


@dataclass
class Agent:
    """An agent, as it sees itself.

    Attributes:
        runs: its runs, and those that ended until an answer called them settled.
        begun: the runs that it has begun, other than preempted ones.
        is_gone: whether it left, or counts as gone for its silence.
    """

    runs: dict[str, RunStatus] = field(default_factory=dict[str, RunStatus])
    begun: set[str] = field(default_factory=set[str])
    is_gone: bool = False


class Sweeps(RuleBasedStateMachine):
    """A schedule, the trials that were written, and the runs of the world."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = count()
        self.state: SweepState = "pending"
        self.run_cap: int | None = None
        self.next_number = 0
        self.trials: dict[int, Trial] = {}
        self.queue: list[int] = []
        self.agents = {name: Agent() for name in AGENTS}
        self.runs: dict[str, RunReport] = {}
        self.schedule = self.opened()

    def opened(self) -> Schedule:
        """The schedule that a process makes of what was written."""
        schedule = Schedule(
            CONFIG,
            open_search(CONFIG, 0),
            state=self.state,
            run_cap=self.run_cap,
            new_run=lambda: f"run{next(self.ids)}",
        )
        schedule.apply_changes(
            Changes(added=[self.trials[number] for number in sorted(self.trials)])
        )
        schedule.next_number = max(schedule.next_number, self.next_number)
        return schedule

    def commit(self, changes: Changes, *, is_written: bool = True) -> None:
        if not is_written:
            self.schedule.discard(changes)
            return
        for trial in changes.changed:
            assert self.trials[trial.number].is_open, "a trial that has ended stays as it is"
            self.trials[trial.number] = trial
        for trial in changes.added:
            assert trial.number == self.next_number
            self.next_number += 1
            self.trials[trial.number] = trial
        for trial in (*changes.changed, *changes.added):
            if trial.number in self.queue and trial.state != "queued":
                self.queue.remove(trial.number)
            elif trial.number not in self.queue and trial.state == "queued":
                self.queue.append(trial.number)
        for number in changes.removed:
            del self.trials[number]
        self.state = changes.state or self.state
        self.schedule.apply_changes(changes)

    def open_trials(self, state: str = "given") -> list[Trial]:
        return [trial for trial in self.trials.values() if trial.state == state]

    def has_begun(self, run: str) -> bool:
        return run in self.runs and self.runs[run].state == "running"

    def is_used_up(self) -> bool:
        n_sets = len({trial.parameters["x"] for trial in self.trials.values()})
        return n_sets == N_SETS or (self.run_cap is not None and len(self.trials) >= self.run_cap)

    # -- agents

    def settle(self, calls: list[Call], *, of_all: bool = False) -> None:
        gone = {name for name, agent in self.agents.items() if agent.is_gone}
        reports: list[tuple[RunCheck, RunReport]] = []
        for check in self.schedule.checks(calls, gone, of_all=of_all):
            assert check.trial == self.trials[check.trial.number]
            assert check.is_lost == (check.trial.agent is None or check.trial.agent in gone)
            reports.append((check, self.runs.get(check.trial.run, RunReport("absent"))))
        before = self.state
        changes = self.schedule.settle(reports, next(self.ids))
        is_reached = any(trial.values == [0.0] for trial in changes.changed)
        assert not changes.added
        for trial in changes.changed:
            if trial.state == "queued":
                was = self.trials[trial.number]
                assert trial.resumes or trial.run != was.run, "the lost agent may yet begin it"
        assert (changes.state == "finished") == (is_reached and before in ("running", "paused"))
        self.commit(changes)

    @rule(
        wants=st.dictionaries(an_agent, st.integers(0, 3), min_size=1),
        leaves=st.booleans(),
        is_written=st.integers(0, 5).map(bool),
        arrives=st.integers(0, 3).map(bool),
    )
    def call(self, wants: dict[str, int], leaves: bool, is_written: bool, arrives: bool) -> None:
        """Agents call at the same moment; the answers may be lost."""
        calls = [
            Call(name, dict(self.agents[name].runs), n_wanted, leaves)
            for name, n_wanted in wants.items()
        ]
        for name in wants:
            self.agents[name].is_gone = leaves
        self.settle(calls)
        if leaves:
            left = [trial for trial in self.open_trials() if trial.agent in wants]
            assert all(trial.run in self.runs for trial in left), "a leaver keeps no such trial"
        before = self.state
        changes = self.schedule.assign(calls, next(self.ids))
        self.check_assigned(changes, before)
        self.commit(changes, is_written=is_written)
        if not is_written:
            return
        is_over = self.schedule.is_over(self.has_begun)
        for call in calls:
            orders = self.schedule.orders(call, changes, is_over=is_over)
            self.check_orders(call, orders)
            if arrives:
                self.follow(self.agents[str(call.agent)], call, orders)

    def check_assigned(self, changes: Changes, before: SweepState) -> None:
        assert not changes.removed
        trials = [*changes.changed, *changes.added]
        if before not in ("pending", "running"):
            assert not trials
        assert [trial.number for trial in changes.changed] == self.queue[: len(changes.changed)]
        assert len(changes.changed) == len(self.queue) or not changes.added, "a trial waits"
        if changes.added and self.run_cap is not None:
            assert len(self.trials) + len(changes.added) <= self.run_cap
        values = {trial.parameters["x"] for trial in self.trials.values()}
        new_values = [trial.parameters["x"] for trial in changes.added]
        assert not values & set(new_values)
        assert len(set(new_values)) == len(new_values)
        assert all(trial.state == "given" and trial.agent is not None for trial in trials)

    def check_orders(self, call: Call, orders: Orders) -> None:
        assert orders.state == self.state
        assert len(orders.runs) <= (0 if call.leaves else call.wants)
        by_run = {trial.run: trial for trial in self.trials.values()}
        for run in orders.runs:
            trial = by_run[run.run]
            assert (trial.number, trial.state, trial.agent) == (run.number, "given", call.agent)
            assert (run.config, run.resumes) == (trial.parameters, trial.resumes)
            assert run.run not in call.runs
        for run, status in call.runs.items():
            stays = run in by_run and by_run[run].is_open and not by_run[run].stopped_early
            stops = status == "running" and not (stays and self.state != "cancelled")
            assert (run in orders.stop) == stops
        is_over = self.state in ENDED_SWEEPS or (
            self.state == "running"
            and self.is_used_up()
            and not self.queue
            and all(self.has_begun(trial.run) for trial in self.open_trials())
        )
        assert orders.is_done == (is_over and not orders.runs)
        has_free_set = self.state == "running" and not self.is_used_up()
        if call.wants and not call.leaves and not orders.runs:
            assert not has_free_set
            assert orders.reason is not None
            assert not (self.state == "running" and self.queue)

    def follow(self, agent: Agent, call: Call, orders: Orders) -> None:
        for run in orders.settled:
            del agent.runs[run]
        for order in orders.runs:
            assert order.resumes or order.run not in agent.begun, "a run is handed out twice"
            agent.runs[order.run] = "running"

    @rule(name=an_agent)
    def fall_silent(self, name: str) -> None:
        self.agents[name].is_gone = True

    @rule(name=an_agent)
    def die(self, name: str) -> None:
        """An agent of the same name starts anew, which knows no runs."""
        self.agents[name] = Agent()

    # -- runs

    @rule(data=st.data())
    def begin_run(self, data: st.DataObject) -> None:
        """A run begins; its agent may have lost it to another one."""
        absent = [
            (agent, run)
            for agent in self.agents.values()
            for run in agent.runs
            if run not in self.runs or self.runs[run].state == "preempted"
        ]
        if absent:
            agent, run = data.draw(st.sampled_from(absent))
            agent.begun.add(run)
            self.runs[run] = RunReport("running")

    @rule(data=st.data(), end=st.sampled_from(ENDS), loss=st.sampled_from([None, 2.0, 1.0, 0.0]))
    def end_run(self, data: st.DataObject, end: Any, loss: float | None) -> None:
        running = sorted(run for run, report in self.runs.items() if report.state == "running")
        if not running:
            return
        run = data.draw(st.sampled_from(running))
        self.runs[run] = RunReport(end, {} if loss is None else {"loss": loss})
        for agent in self.agents.values():
            if run in agent.runs:
                agent.runs[run] = "finished" if end == "finished" else "failed"

    @rule(data=st.data())
    def end_run_early(self, data: st.DataObject) -> None:
        """An agent tells the end of a run whose last records are still on their way."""
        running = [
            (agent, run)
            for agent in self.agents.values()
            for run in agent.runs
            if run in self.runs and self.runs[run].state == "running"
        ]
        if running:
            agent, run = data.draw(st.sampled_from(running))
            agent.runs[run] = "finished"

    @rule(data=st.data(), status=st.sampled_from(["finished", "failed", "absent"]))
    def fail_before_begin(self, data: st.DataObject, status: Any) -> None:
        absent = [
            (agent, run)
            for agent in self.agents.values()
            for run in agent.runs
            if run not in self.runs
        ]
        if absent:
            agent, run = data.draw(st.sampled_from(absent))
            agent.runs[run] = status

    @rule(data=st.data())
    def delete_run(self, data: st.DataObject) -> None:
        if self.runs:
            self.runs[data.draw(st.sampled_from(sorted(self.runs)))] = RunReport("deleted")

    @rule(values=st.lists(st.integers(1, N_SETS + 1), max_size=2))
    def adopt(self, values: list[int]) -> None:
        names = [f"run{next(self.ids)}" for _ in values]
        self.runs.update({name: RunReport("running") for name in names})
        changes = self.schedule.adopt(
            (name, {"x": x}, 0) for name, x in zip(names, values, strict=True)
        )
        assert [trial.parameters["x"] for trial in changes.added] == [
            x for x in values if x <= N_SETS
        ]
        self.commit(changes)

    # -- upkeep and users

    @rule()
    def settle_all(self) -> None:
        self.settle([], of_all=True)
        for trial in self.open_trials():
            report = self.runs.get(trial.run, RunReport("absent"))
            assert report.state in ("absent", "running")
            is_lost = trial.agent is None or self.agents[str(trial.agent)].is_gone
            assert report.state == "running" or not is_lost, "a lost agent's trial is queued"
        has_ended = not self.open_trials() and not self.queue and bool(self.trials)
        is_over = self.state == "running" and has_ended and self.is_used_up()
        changes = self.schedule.finish()
        assert changes == Changes(state="finished" if is_over else None)
        self.commit(changes)

    @rule(state=st.sampled_from(["running", "running", "paused", "stopped", "cancelled"]))
    def set_state(self, state: SweepState) -> None:
        self.commit(Changes(state=state))

    @rule(run_cap=st.none() | st.integers(1, N_SETS + 2))
    def set_cap(self, run_cap: int | None) -> None:
        self.run_cap = self.schedule.run_cap = run_cap

    @rule()
    def retry(self) -> None:
        changes = self.schedule.retry(list(self.trials.values()))
        states: dict[int, set[str]] = {}
        for trial in self.trials.values():
            states.setdefault(trial.parameters["x"], set()).add(trial.state)
        failed = sorted(x for x, of_set in states.items() if of_set == {"failed"})
        assert sorted(trial.parameters["x"] for trial in changes.added) == failed
        assert changes.state == ("running" if failed else None)
        self.commit(changes)

    @precondition(lambda self: self.open_trials())
    @rule(data=st.data())
    def stop_early(self, data: st.DataObject) -> None:
        trial = data.draw(st.sampled_from(self.open_trials()))
        self.commit(self.schedule.stop_early([trial.number]))

    @rule()
    def restart(self) -> None:
        self.schedule = self.opened()
        self.queue.sort()

    # -- what holds at any time

    @invariant()
    def knows_what_was_written(self) -> None:
        schedule, again = self.schedule, self.opened()
        for state in (schedule, again):
            assert {trial.number: trial for trial in state.open} == {
                number: trial for number, trial in self.trials.items() if trial.is_open
            }
            assert (state.state, state.n_trials, state.next_number) == (
                self.state,
                len(self.trials),
                self.next_number,
            )
        assert [trial.number for trial in schedule.open.queued(99)] == self.queue

    @invariant()
    def each_run_is_one_trials(self) -> None:
        runs = Counter(trial.run for trial in self.trials.values())
        assert not runs or max(runs.values()) == 1

    @invariant()
    def ended_trials_have_a_value_or_an_error(self) -> None:
        for trial in self.trials.values():
            assert trial.is_open == (trial.ended_micros is None)
            assert (trial.state == "failed") == (trial.error is not None)
            assert (trial.state == "finished") == (trial.values is not None)


TestSweeps = Sweeps.TestCase
TestSweeps.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
