"""A sweep whose runs are being handed out: its search, its trials and its agents, in memory.

Built from the metadata when an agent first asks after a start of the server. Each change is
written to the metadata before anyone is told of it, so a killed server loses and repeats no trial:

    given ──▶ finished or failed      its run has ended
      ▲ │
      │ └───▶ queued                  its agent is gone before the run began, or it was preempted
      └──────────┘                    given to the next agent that asks
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from weft.records.ids import new_run_id
from weft.server.services.access.paths import ProjectPath
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.agents import Agents, Call
from weft.server.services.sweeps.choosing import Chooser
from weft.server.services.sweeps.open_trials import OpenTrials
from weft.server.services.sweeps.outcomes import find_outcomes
from weft.server.storage.metadata import (
    Job,
    SweepRow,
    SweepState,
    Transaction,
    TrialRow,
)
from weft.sweeps.config import parse_config
from weft.sweeps.space import from_config, nested
from weft.wire.sweeps import AgentBeat, AgentOrders, GivenRun

_ENDED: Final = ("stopped", "cancelled", "finished", "crashed")


class LiveSweep:
    """One sweep. Its methods but `beat` are called with its `lock` held.

    Attributes:
        row: the sweep as the metadata has it.
        open: trials that were given or wait to be given again.
    """

    def __init__(self, stores: Stores, row: SweepRow) -> None:
        self.lock = OrderedLock(LockOrder.SWEEP, row.row_id)
        self.row = row
        self.config = parse_config(row.config, is_stored=True)
        self.project = ProjectPath(row.entity, row.project)
        self.open = OpenTrials()
        self._waiting: deque[Call] = deque()
        self.agents = Agents(stores.metadata.sweeps, row)
        self._chooser = Chooser(self.config, row)
        self._stores = stores
        self._n_given = 0
        self._ended: deque[TrialRow] = deque()
        self._runs: set[str] = set()
        self._seen: set[int] = set()
        self._load()

    def _load(self) -> None:
        metadata = self._stores.metadata
        with metadata.read() as tx:
            trials = metadata.sweeps.trials(tx, self.row.row_id)
            agents = metadata.sweeps.agents(tx, self.row.row_id)
        for trial in trials:
            self._chooser.tell(trial)
            self._n_given += 1
            self._runs.add(trial.run)
            if trial.state in ("given", "queued"):
                self.open.put([trial])
            else:
                self._note_ended(trial)
        self.agents.load(agents, self._stores.now(), self._stores.start_micros)

    # -- agents

    def beat(self, user: str, agent: str, beat: AgentBeat) -> AgentOrders:
        """Note what an agent says, and tell it what to do. Takes the lock itself.

        Calls that wait for the lock are answered together, with one write for all of them.
        """
        call = Call(user, agent, beat)
        self._waiting.append(call)
        with self.lock:
            if call.orders is None and call.error is None:
                calls = [self._waiting.popleft() for _ in range(len(self._waiting))]
                try:
                    self._answer(calls)
                except Exception as error:  # noqa: BLE001 - each caller raises it
                    for one in calls:
                        one.error = one.error or error
        if call.error is not None:
            raise call.error
        assert call.orders is not None
        return call.orders

    def _answer(self, calls: Sequence[Call]) -> None:
        self.agents.note(calls, self._stores.now(), self._write)
        calls = [one for one in calls if one.error is None]
        ended: dict[str, str] = {}
        changed: list[TrialRow] = []
        for call in calls:
            said = {run: how for run, how in call.beat.runs.items() if how != "running"}
            ended |= said
            changed += [
                one
                for one in self.open.of_agent(call.live.row_id)
                if call.beat.leaves or one.run in said
            ]
        self.settle(changed, ended)
        given = self._give_all([one for one in calls if one.beat.wants and not one.beat.leaves])
        for call in calls:
            runs = given.get(call.live.row_id, [])
            call.orders = AgentOrders(
                state=self.row.state,
                runs=[
                    GivenRun(
                        run=one.run,
                        number=one.number,
                        config=nested(self.config.space, one.parameters),
                        resumes=one.resumes,
                    )
                    for one in runs
                ],
                stop=self._to_stop(call.beat),
                is_done=not runs and self._is_done(),
                reason=self._why_none() if call.beat.wants and not runs else None,
            )

    def _to_stop(self, beat: AgentBeat) -> list[str]:
        """Runs of the agent that are to end, or are another agent's by now."""
        found: list[str] = []
        for run, how in beat.runs.items():
            if how != "running":
                continue
            trial = self.open.of_run(run)
            if (
                trial is None
                or trial.stopped_early
                or self.row.state == "cancelled"
                or self._is_run_to_stop(run)
            ):
                found.append(run)
        return found

    def _is_run_to_stop(self, run: str) -> bool:
        entry = self._stores.registry.peek(self.project.run(run))
        return entry is not None and entry.stopper is not None

    def save_beats(self) -> None:
        """Write when agents were heard from."""
        self.agents.save_beats(self._write)

    # -- trials

    def settle(self, trials: list[TrialRow], ended: Mapping[str, str]) -> None:
        """Find out what came of trials that are given, and write it."""
        gone = self.agents.gone(self._stores.now())
        given = [one for one in trials if one.state == "given"]
        outcomes = find_outcomes(
            self._stores,
            self.project,
            self.row.project_id,
            self.config,
            given,
            ended=ended,
            lost={one.number for one in given if one.agent_id is None or one.agent_id in gone},
        )
        if not outcomes.changed and not outcomes.removed:
            return
        sweeps = self._stores.metadata.sweeps
        row_id = self.row.row_id

        def write(tx: Transaction) -> None:
            sweeps.put_trials(tx, row_id, outcomes.changed)
            if outcomes.removed:
                sweeps.remove_trials(tx, row_id, outcomes.removed)

        self._write(write)
        for trial in outcomes.changed:
            self._runs.add(trial.run)
            if trial.state == "queued":
                self.open.put([trial])
                continue
            self.open.drop(trial.number)
            self._note_ended(trial)
            self._chooser.tell(trial)
        for number in outcomes.removed:
            self.forget(number)
        self._end_if_reached(outcomes.changed)

    def retry_failed(self) -> None:
        """Queue the parameter sets of failed runs again, unless another run has them."""
        self.settle(list(self.open), {})
        metadata = self._stores.metadata
        with metadata.read() as tx:
            trials = metadata.sweeps.trials(tx, self.row.row_id)
        failed = {str(one.parameters): one for one in trials if one.state == "failed"}
        for trial in trials:
            if trial.state != "failed":
                failed.pop(str(trial.parameters), None)
        if not failed:
            return
        numbers = self._chooser.numbers(len(failed))
        again = [
            TrialRow(number, new_run_id(), None, one.parameters, state="queued")
            for number, one in zip(numbers, failed.values(), strict=True)
        ]
        self._write(partial(metadata.sweeps.add_trials, sweep_id=self.row.row_id, trials=again))
        self._note_new(again)
        self.set_state("running")

    def forget(self, number: int) -> None:
        """Forget a trial whose run was deleted; its combination of a grid is free again."""
        self.open.drop(number)
        self._n_given -= 1
        self._chooser.forget(number)

    def _note_ended(self, trial: TrialRow) -> None:
        if self.config.early_termination is not None:
            self._ended.append(trial)

    def take_ended(self, n_most: int) -> list[TrialRow]:
        """Trials that ended and were not taken before, the earliest first."""
        return [self._ended.popleft() for _ in range(min(n_most, len(self._ended)))]

    def note_stopped(self, trials: list[TrialRow]) -> None:
        """Note that runs were asked to stop early."""
        if not trials:
            return
        self._write(
            partial(
                self._stores.metadata.sweeps.put_trials, sweep_id=self.row.row_id, trials=trials
            )
        )
        self.open.put(trials)

    def adopt(self) -> None:
        """Take in runs of the sweep that were not handed out here: it began without a server."""
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row_ids = metadata.sweeps.runs_of(tx, self.row.project_id, self.row.sweep)
            new = [row_id for row_id in row_ids if row_id not in self._seen]
            rows = list(metadata.runs.by_ids(tx, new).values()) if new else []
        self._seen.update(new)
        trials: list[TrialRow] = []
        for run in read_run_infos(
            self._stores, [row for row in rows if row.run not in self._runs]
        ):
            parameters = from_config(self.config.space, run.config)
            if parameters is not None:
                number = self._chooser.numbers(1 + len(trials))[-1]
                given = run.started_micros
                trials.append(TrialRow(number, run.id, None, parameters, given_micros=given))
        if not trials:
            return
        self._write(partial(metadata.sweeps.add_trials, sweep_id=self.row.row_id, trials=trials))
        self._note_new(trials)
        if self.row.state == "pending":
            self.set_state("running")

    def _note_new(self, trials: list[TrialRow]) -> None:
        self.open.put(trials)
        for trial in trials:
            self._runs.add(trial.run)
            self._n_given += 1
            self._chooser.tell(trial)

    def settle_all(self) -> None:
        """Find out what came of all trials, and whether the sweep has ended."""
        self.adopt()
        self.settle(list(self.open), {})
        if self.row.state == "running" and not self.open and self._n_given and self._no_more():
            self.set_state("finished")

    def _give_all(self, calls: Sequence[Call]) -> dict[int, list[TrialRow]]:
        """Give trials to agents: first those of an answer that did not arrive, then those that
        wait, then new ones; by the agents' row ids.
        """
        if calls and self.row.state == "pending":
            self.set_state("running")
        given: dict[int, list[TrialRow]] = {}
        wanted: list[int] = []
        for call in calls:
            row_id = call.live.row_id
            unknown = [
                one
                for one in self.open.of_agent(row_id)
                if one.state == "given" and one.run not in call.beat.runs
            ]
            given[row_id] = unknown[: call.beat.wants]
            wanted += [row_id] * (call.beat.wants - len(given[row_id]))
        if not wanted or self.row.state != "running":
            return given
        now = self._stores.now()
        queued = self.open.queued(len(wanted))
        again = [
            one._replace(state="given", agent_id=row_id, given_micros=now)
            for one, row_id in zip(queued, wanted, strict=False)
        ]
        n_new = len(wanted) - len(again)
        if self.row.run_cap is not None:
            n_new = min(n_new, self.row.run_cap - self._n_given)
        sets = self._chooser.choose(n_new, len(self.open)) if n_new > 0 else []
        new = [
            TrialRow(number, new_run_id(), row_id, parameters, given_micros=now)
            for number, parameters, row_id in zip(
                self._chooser.numbers(len(sets)), sets, wanted[len(again) :], strict=False
            )
        ]
        if not again and not new:
            return given
        sweeps = self._stores.metadata.sweeps

        def write(tx: Transaction) -> None:
            sweeps.put_trials(tx, self.row.row_id, again)
            sweeps.add_trials(tx, self.row.row_id, new)

        try:
            self._write(write)
        except BaseException:
            self._chooser.put_back(sets)
            raise
        self.open.put(again)
        self._note_new(new)
        for trial in (*again, *new):
            assert trial.agent_id is not None
            given[trial.agent_id].append(trial)
        return given

    def prepare(self) -> None:
        """Choose parameter sets ahead, if many agents ask. Called without the lock."""
        if self.row.state != "running":
            return
        alive = self.agents.alive(self._stores.now())
        n_idle = sum(1 for row_id in alive if not self.open.of_agent(row_id))
        self._chooser.prepare(n_idle, self.lock)

    # -- the sweep's state

    def edit(self, values: dict[str, Any]) -> None:
        """Change the name, the description or the most runs of the sweep."""
        now = self._stores.now()
        self._write(
            partial(
                self._stores.metadata.sweeps.change,
                row_id=self.row.row_id,
                edited_micros=now,
                **values,
            )
        )
        self.row = replace(self.row, edited_micros=now, **values)

    def set_state(self, state: SweepState, error: str | None = None) -> None:
        """Change the state of the sweep."""
        now = self._stores.now()
        ended = now if state in _ENDED else None
        self._write(
            partial(
                self._stores.metadata.sweeps.change,
                row_id=self.row.row_id,
                state=state,
                error=error,
                ended_micros=ended,
                edited_micros=now,
            )
        )
        self.row = replace(
            self.row, state=state, error=error, ended_micros=ended, edited_micros=now
        )

    def _end_if_reached(self, changed: list[TrialRow]) -> None:
        if len(self.config.metrics) != 1 or self.row.state not in ("running", "paused"):
            return
        metric = self.config.metrics[0]
        if any(one.values and metric.reaches_target(one.values[0]) for one in changed):
            self.set_state("finished")

    def _no_more(self) -> bool:
        """Whether no new trial can be handed out."""
        if self.row.run_cap is not None and self._n_given >= self.row.run_cap:
            return True
        size = self._chooser.size()
        return self._chooser.is_exhausted or (size is not None and self._n_given >= size)

    def _is_done(self) -> bool:
        """Whether agents may end: no run comes, and none may have to be given again."""
        if self.row.state in _ENDED:
            return True
        if self.row.state != "running" or not self._no_more():
            return False
        return all(self._has_begun(one) for one in self.open)

    def _has_begun(self, trial: TrialRow) -> bool:
        entry = self._stores.registry.peek(self.project.run(trial.run))
        return trial.state == "given" and entry is not None and entry.state == "running"

    def _why_none(self) -> str | None:
        if self.row.state == "paused":
            return "the sweep is paused"
        if self.row.state in _ENDED:
            return f"the sweep has {_WORDS[self.row.state]}"
        if self.row.run_cap is not None and self._n_given >= self.row.run_cap:
            return f"the sweep has its {self.row.run_cap:,} runs"
        if self._no_more():
            return "all parameter sets have been handed out"
        return None

    def _write(self, job: Job) -> Any:
        (outcome,) = self._stores.metadata.write_together([job])
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


_WORDS: Final = {
    "stopped": "been stopped",
    "cancelled": "been cancelled",
    "finished": "finished",
    "crashed": "crashed",
}
