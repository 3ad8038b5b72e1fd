"""The schedule of a sweep: which agent gets which trial, and when the sweep ends. Pure.

The states of a trial, which is removed if its run is deleted:

    given ──▶ finished or failed      its run has ended
      ▲ │
      │ └───▶ queued                  its agent is gone before the run began, or it was preempted
      └──────────┘                    given to the next agent that asks

The states of a sweep; a user may pause, stop or cancel it, and resume it from any state:

    pending ──▶ running ◀──▶ paused   the first agent asks, or a run is adopted
                   │           │
                   ├───────────┴────▶ finished      a run reaches the target
                   └────────────────▶ finished      no trial is left, and all have ended

A method that takes an event returns the `Changes` that follow from it, and makes none of them; the
search only reserves the parameter sets of new trials. The caller writes the changes, then calls
`apply_changes`, and only then tells agents their `orders`: so a killed process loses and repeats
no trial.
If the write fails it calls `discard`, which frees the reserved sets.

>>> from weft.sweeps.config import parse_config
>>> from weft.sweeps.search import open_search
>>> config = parse_config({"method": "grid", "parameters": {"lr": {"values": [0.1, 0.01]}}})
>>> schedule = Schedule(config, open_search(config, seed=0))
>>> call = Call("agent 1", wants=1)
>>> assigned = schedule.assign([call], now_micros=0)
>>> schedule.apply_changes(assigned)
>>> schedule.state, [run.config for run in schedule.orders(call, assigned).runs]
('running', [{'lr': 0.1}])
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from weft.records.ids import new_run_id
from weft.sweeps.config import SweepConfig
from weft.sweeps.open_trials import OpenTrials
from weft.sweeps.outcomes import RunCheck, RunReport, RunStatus, settle_trial
from weft.sweeps.search.engine import Search
from weft.sweeps.space import Parameters, from_config, nested
from weft.sweeps.states import ENDED_SWEEPS, SweepState
from weft.sweeps.trials import AgentKey, Trial


class Call(NamedTuple):
    """A message from an agent.

    `runs` are those that it has, and those that ended until orders called them settled; it `wants`
    so many more, or `leaves`.
    """

    agent: AgentKey
    runs: Mapping[str, RunStatus] = {}
    wants: int = 0
    leaves: bool = False


@dataclass(slots=True)
class Changes:
    """Changes of a sweep that follow from an event: trials as they are now, numbers of those whose
    runs were deleted, and the new state if it changes.
    """

    added: list[Trial] = field(default_factory=list[Trial])
    changed: list[Trial] = field(default_factory=list[Trial])
    removed: list[int] = field(default_factory=list[int])
    state: SweepState | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.state)


@dataclass(frozen=True, slots=True)
class RunToStart:
    """A run for an agent to start; `config` is nested."""

    run: str
    number: int
    config: dict[str, Any]
    resumes: bool


@dataclass(frozen=True, slots=True)
class Orders:
    """The answer to an agent. `settled` are runs that it need not name again: they have ended, and
    their results are known. It is done if no more runs come, and `reason` is why none came.
    """

    state: SweepState
    runs: list[RunToStart]
    settled: list[str]
    stop: list[str]
    is_done: bool
    reason: str | None


class Schedule:
    """The trials of one sweep; `open` are those that have not ended."""

    def __init__(
        self,
        config: SweepConfig,
        search: Search,
        *,
        state: SweepState = "pending",
        run_cap: int | None = None,
        new_run: Callable[[], str] = new_run_id,
    ) -> None:
        self.state: SweepState = state
        self.run_cap = run_cap
        self.open = OpenTrials()
        self.n_trials = 0
        self.next_number = 0
        self._config, self._search, self._new_run = config, search, new_run
        self._runs: set[str] = set()

    # -- changes

    def apply_changes(self, changes: Changes) -> None:
        """Make changes, which have been written."""
        self.n_trials += len(changes.added) - len(changes.removed)
        for trial in changes.added:
            self.next_number = max(self.next_number, trial.number + 1)
            self._search.tell(trial)
        for trial in (*changes.added, *changes.changed):
            self._runs.add(trial.run)
            if trial.is_open:
                self.open.put(trial)
            else:
                self.open.drop(trial.number)
        for trial in changes.changed:
            if not trial.is_open:
                self._search.tell(trial)
        for number in changes.removed:
            self.open.drop(number)
            self._search.forget(number)
        self.state = changes.state or self.state

    def discard(self, changes: Changes) -> None:
        """Free the parameter sets of changes that could not be written."""
        for trial in changes.added:
            self._search.forget(trial.number)

    # -- results

    def checks(
        self, calls: Sequence[Call], gone: Collection[AgentKey], *, of_all: bool = False
    ) -> list[RunCheck]:
        """The trials whose runs are to be looked at: those that calls say have ended, and those of
        agents that are gone, leaving ones among them; or if `of_all` those of all agents.
        """
        ends: dict[tuple[AgentKey | None, str], RunStatus] = {
            (call.agent, run): status
            for call in calls
            for run, status in call.runs.items()
            if status != "running"
        }
        trials = (
            {trial.number: trial for trial in self.open}
            if of_all
            else {
                trial.number: trial
                for call in calls
                for trial in self.open.of_agent(call.agent)
                if call.leaves or (call.agent, trial.run) in ends
            }
        )
        return [
            RunCheck(
                trial,
                ended_as=ends.get((trial.agent, trial.run)),
                is_lost=trial.agent is None or trial.agent in gone,
            )
            for trial in trials.values()
            if trial.state == "given"
        ]

    def settle(self, reports: Iterable[tuple[RunCheck, RunReport]], now_micros: int) -> Changes:
        """Derive the results of trials from reports about their runs."""
        changes = Changes()
        for check, report in reports:
            if report.state == "deleted":
                changes.removed.append(check.trial.number)
                continue
            metrics = self._config.metrics
            trial = settle_trial(check, report, metrics, now_micros, self._new_run)
            if trial is not check.trial:
                changes.changed.append(trial)
        changes.state = self.state_after(changes.changed)
        return changes

    def state_after(self, trials: Iterable[Trial]) -> SweepState | None:
        """The sweep's state after these trials have ended; None if it stays."""
        if len(self._config.metrics) != 1 or self.state not in ("running", "paused"):
            return None
        metric = self._config.metrics[0]
        is_reached = any(
            trial.values and metric.reaches_target(trial.values[0]) for trial in trials
        )
        return "finished" if is_reached else None

    def finish(self) -> Changes:
        """End the sweep if no trial is left and all have ended."""
        is_over = self.state == "running" and not self.open and self._is_used_up()
        return Changes(state="finished" if is_over else None)

    # -- trials for agents

    def assign(self, calls: Sequence[Call], now_micros: int) -> Changes:
        """Give trials to agents that want some: those that wait first, then new ones.

        A trial that the agent has and does not name counts as one of those that it wants: the
        answer with it was lost.
        """
        last_calls = {call.agent: call for call in calls}
        seekers = [call for call in last_calls.values() if call.wants and not call.leaves]
        changes = Changes()
        if seekers and self.state == "pending":
            changes.state = "running"
        if (changes.state or self.state) != "running":
            return changes
        agents = [
            call.agent
            for call in seekers
            for _ in range(call.wants - len(self._unnamed_trials(call)))
        ]
        changes.changed = [
            trial._replace(state="given", agent=agent, given_micros=now_micros)
            for trial, agent in zip(self.open.queued(len(agents)), agents, strict=False)
        ]
        agents = agents[len(changes.changed) :]
        changes.added = [
            Trial(number, values, run=self._new_run(), agent=agent, given_micros=now_micros)
            for number, (values, agent) in enumerate(
                zip(self._new_sets(len(agents)), agents, strict=False), self.next_number
            )
        ]
        return changes

    def orders(
        self,
        call: Call,
        assigned: Changes,
        *,
        is_over: bool = False,
        is_stopping: Callable[[str], bool] = lambda _run: False,
    ) -> Orders:
        """Answer an agent, after `assign`, which returned `assigned`, and `apply_changes`.

        `is_over` is the result of `Schedule.is_over`, once for all calls; `is_stopping` tells
        whether a user or a rule has asked a run to stop.
        """
        trials = [] if call.leaves else self._unnamed_trials(call)
        given_again = {trial.run for trial in assigned.changed}
        return Orders(
            state=self.state,
            runs=[
                RunToStart(
                    trial.run,
                    trial.number,
                    nested(self._config.space, trial.parameters),
                    trial.resumes,
                )
                for trial in trials
            ],
            settled=[
                run
                for run, status in call.runs.items()
                if status != "running" and (run in given_again or not self._has(call.agent, run))
            ],
            stop=[
                run
                for run, status in call.runs.items()
                if status == "running" and self._must_stop(run, is_stopping)
            ],
            is_done=is_over and not trials,
            reason=self._reason_of_none() if call.wants and not trials else None,
        )

    def is_over(self, has_begun: Callable[[str], bool]) -> bool:
        """Whether agents may end: no run comes, and none may have to be given again."""
        if self.state in ENDED_SWEEPS:
            return True
        if self.state != "running" or not self._is_used_up():
            return False
        return all(trial.state == "given" and has_begun(trial.run) for trial in self.open)

    def _unnamed_trials(self, call: Call) -> list[Trial]:
        """The trials of an agent that it does not name, as many as it wants."""
        trials = self.open.of_agent(call.agent)
        return [trial for trial in trials if trial.run not in call.runs][: call.wants]

    def _has(self, agent: AgentKey, run: str) -> bool:
        trial = self.open.of_run(run)
        return trial is not None and trial.agent == agent

    def _new_sets(self, n_wanted: int) -> list[dict[str, Any]]:
        if self.run_cap is not None:
            n_wanted = min(n_wanted, self.run_cap - self.n_trials)
        if n_wanted <= 0:
            return []
        return self._search.ask(range(self.next_number, self.next_number + n_wanted))

    def _is_used_up(self) -> bool:
        """Whether there can be no new trial."""
        return self._is_at_cap() or self._search.n_left() == 0

    def _is_at_cap(self) -> bool:
        return self.run_cap is not None and self.n_trials >= self.run_cap

    def _must_stop(self, run: str, is_stopping: Callable[[str], bool]) -> bool:
        """Whether a run of an agent is to end, or is another agent's now."""
        trial = self.open.of_run(run)
        return (
            trial is None or trial.stopped_early or self.state == "cancelled" or is_stopping(run)
        )

    def _reason_of_none(self) -> str | None:
        """Why an agent gets no run."""
        if self.state == "paused":
            return "the sweep is paused"
        if self.state in ENDED_SWEEPS:
            return f"the sweep has {_ENDS.get(self.state, self.state)}"
        if self._is_at_cap():
            return f"the sweep has its {self.run_cap:,} runs"
        return "all parameter sets have been handed out" if self._is_used_up() else None

    # -- requests of users

    def retry(self, trials: Sequence[Trial]) -> Changes:
        """Queue the parameter sets of failed trials, among all of the sweep, again, unless another
        trial has them.
        """
        failed = {str(trial.parameters): trial for trial in trials if trial.state == "failed"}
        for trial in trials:
            if trial.state != "failed":
                failed.pop(str(trial.parameters), None)
        queued = [
            Trial(number, trial.parameters, "queued", run=self._new_run())
            for number, trial in enumerate(failed.values(), self.next_number)
        ]
        return Changes(added=queued, state="running" if queued else None)

    def enqueue(self, parameters: Parameters) -> Changes:
        """Queue a parameter set that a user chose, also beyond the most runs of the sweep.

        A sweep that finished because no set was left runs again for it alone; one that a user
        ended, or that reached its target, would search on, so it stays as it is.
        """
        trial = Trial(self.next_number, parameters, "queued", run=self._new_run())
        resumes = self.state == "finished" and self._is_used_up()
        return Changes(added=[trial], state="running" if resumes else None)

    def adopt(self, runs: Iterable[tuple[str, Mapping[str, Any], int]]) -> Changes:
        """Add trials for runs, by id, config and starting time, that the schedule did not start:
        the sweep began without a server. Runs outside the search space are left out.
        """
        trials: list[Trial] = []
        for run, config, started_micros in runs:
            parameters = from_config(self._config.space, config)
            if parameters is not None:
                number = self.next_number + len(trials)
                trials.append(Trial(number, parameters, run=run, given_micros=started_micros))
        is_first = bool(trials) and self.state == "pending"
        return Changes(added=trials, state="running" if is_first else None)

    def has_run(self, run: str) -> bool:
        """Whether a run belongs, or belonged, to a trial."""
        return run in self._runs

    def stop_early(self, numbers: Iterable[int]) -> Changes:
        """Note that the runs of trials were asked to stop early."""
        return Changes(changed=[self.open[n]._replace(stopped_early=True) for n in numbers])


_ENDS: Final[Mapping[str, str]] = {"stopped": "been stopped", "cancelled": "been cancelled"}
