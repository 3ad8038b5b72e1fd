"""A sweep whose runs are being handed out: its search, its trials and its agents, in memory.

Built from the metadata when an agent first asks after a start of the server. Each change is
written to the metadata before anyone is told of it, so a killed server loses and repeats no trial:

    given ──▶ finished or failed      its run has ended
      ▲ │
      │ └───▶ queued                  its agent is gone before the run began, or it was preempted
      └──────────┘                    given to the next agent that asks
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from weft.errors import LimitExceeded
from weft.records.ids import new_run_id
from weft.server.services.access.paths import ProjectPath
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.outcomes import find_outcomes
from weft.server.storage.metadata import (
    Job,
    SweepRow,
    SweepState,
    Transaction,
    TrialRow,
)
from weft.sweeps.config import parse_config
from weft.sweeps.search import Search, open_search
from weft.sweeps.space import Parameters, from_config, nested
from weft.sweeps.trials import Trial
from weft.wire.sweeps import MAX_AGENTS, AgentBeat, AgentOrders, GivenRun

SILENCE_MICROS: Final = 60 * 1_000_000
"""An agent not heard from for this long is gone: agents beat every 5 s."""

_STOCK_RUNS: Final = 16
"""For every so many runs at once, one result may come without the stock being made anew."""

MAX_STOCK: Final = 1000

_ENDED: Final = ("stopped", "cancelled", "finished", "crashed")


@dataclass(slots=True)
class LiveAgent:
    """An agent.

    Attributes:
        beat_micros, saved_micros: when it was last heard from, and what metadata has of it.
    """

    row_id: int
    beat_micros: int
    saved_micros: int
    has_left: bool = False

    def is_gone(self, now: int) -> bool:
        """Whether its runs that did not begin go to another agent."""
        return self.has_left or now - self.beat_micros > SILENCE_MICROS


@dataclass(slots=True)
class _Stock:
    """Parameter sets that were chosen ahead, with their numbers."""

    sets: deque[tuple[int, Parameters]] = field(default_factory=deque[tuple[int, Parameters]])
    n_ended: int = 0
    asked: deque[float] = field(default_factory=deque[float])


class LiveSweep:
    """One sweep. Its methods are called with its `lock` held.

    Attributes:
        row: the sweep as the metadata has it.
        open: trials that were given or wait to be given again, by number.
    """

    def __init__(self, stores: Stores, row: SweepRow) -> None:
        self.lock = OrderedLock(LockOrder.SWEEP, row.row_id)
        self.row = row
        self.config = parse_config(row.config)
        self.project = ProjectPath(row.entity, row.project)
        self.open: dict[int, TrialRow] = {}
        self.agents: dict[str, LiveAgent] = {}
        self.search: Search = open_search(self.config, row.seed)
        self._stores = stores
        self._next = row.next_number
        self._n_given = 0
        self._n_ended = 0
        self._ended: deque[TrialRow] = deque()
        self._runs: set[str] = set()
        self._seen: set[int] = set()
        self._stock = _Stock()
        self._is_exhausted = False
        self._load()

    def _load(self) -> None:
        metadata = self._stores.metadata
        with metadata.read() as tx:
            trials = metadata.sweeps.trials(tx, self.row.row_id)
            agents = metadata.sweeps.agents(tx, self.row.row_id)
        for number, prior in enumerate(self.row.prior):
            values = tuple(prior.values)
            self.search.tell(Trial(-1 - number, prior.parameters, "finished", values))
        for trial in trials:
            self.search.tell(_as_trial(trial))
            self._n_given += 1
            self._runs.add(trial.run)
            if trial.state in ("given", "queued"):
                self.open[trial.number] = trial
            else:
                self._n_ended += 1
                self._note_ended(trial)
        now = self._stores.now()
        for agent in agents:
            # Agents could not be heard while the server was down.
            beat = (
                agent.heartbeat_micros
                if agent.has_left
                else max(agent.heartbeat_micros, min(now, self._stores.start_micros))
            )
            self.agents[agent.agent] = LiveAgent(
                agent.row_id, beat, agent.heartbeat_micros, agent.has_left
            )

    # -- agents

    def beat(self, user: str, agent: str, beat: AgentBeat) -> AgentOrders:
        """Note what an agent says, and tell it what to do."""
        live = self._note_agent(user, agent, beat)
        theirs = {one.number: one for one in self.open.values() if one.agent_id == live.row_id}
        by_run = {one.run: one for one in theirs.values()}
        ended = {run: how for run, how in beat.runs.items() if how != "running"}
        self.settle([by_run[run] for run in ended if run in by_run], ended)
        if beat.leaves:
            self.settle([one for one in self.open.values() if one.agent_id == live.row_id], {})
        given: list[TrialRow] = []
        reason = None
        if not beat.leaves and beat.wants:
            # Those of an answer that did not arrive come first.
            given = [
                one
                for one in self.open.values()
                if one.agent_id == live.row_id
                and one.state == "given"
                and one.run not in beat.runs
            ][: beat.wants]
            if len(given) < beat.wants:
                given += self._give(live, beat.wants - len(given))
            if not given:
                reason = self._why_none()
        return AgentOrders(
            state=self.row.state,
            runs=[
                GivenRun(
                    run=one.run,
                    number=one.number,
                    config=nested(self.config.space, one.parameters),
                    resumes=one.resumes,
                )
                for one in given
            ],
            stop=self._to_stop(beat),
            is_done=not given and self._is_done(),
            reason=reason,
        )

    def _note_agent(self, user: str, agent: str, beat: AgentBeat) -> LiveAgent:
        now = self._stores.now()
        live = self.agents.get(agent)
        if live is not None and live.has_left == beat.leaves:
            live.beat_micros = now
            return live
        if live is None and len(self.agents) >= MAX_AGENTS:
            raise LimitExceeded(f"sweep {self.row.sweep} has had {MAX_AGENTS:,} agents, the most")
        sweeps = self._stores.metadata.sweeps

        def write(tx: Transaction) -> int:
            row_id = sweeps.put_agent(
                tx,
                self.row.row_id,
                agent,
                host=beat.host,
                pid=beat.pid,
                user=user,
                now_micros=now,
            )
            if beat.leaves:
                sweeps.set_left(tx, row_id, now)
            return row_id

        row_id = self._write(write)
        self.agents[agent] = live = LiveAgent(row_id, now, now, beat.leaves)
        return live

    def _to_stop(self, beat: AgentBeat) -> list[str]:
        """Runs of the agent that are to end, or are another agent's by now."""
        mine = {one.run: one for one in self.open.values()}
        return [
            run
            for run, how in beat.runs.items()
            if how == "running"
            and (
                run not in mine
                or mine[run].stopped_early
                or self.row.state == "cancelled"
                or self._is_run_to_stop(run)
            )
        ]

    def _is_run_to_stop(self, run: str) -> bool:
        entry = self._stores.registry.peek(self.project.run(run))
        return entry is not None and entry.stop_requested

    def save_beats(self) -> None:
        """Write when agents were heard from."""
        beats = [
            (live.row_id, live.beat_micros)
            for live in self.agents.values()
            if live.beat_micros != live.saved_micros
        ]
        if beats:
            self._write(partial(self._stores.metadata.sweeps.set_heartbeats, beats=beats))
            saved = dict(beats)
            for live in self.agents.values():
                live.saved_micros = saved.get(live.row_id, live.saved_micros)

    # -- trials

    def settle(self, trials: list[TrialRow], ended: Mapping[str, str]) -> None:
        """Find out what came of trials that are given, and write it."""
        now = self._stores.now()
        gone = {live.row_id for live in self.agents.values() if live.is_gone(now)}
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
                self.open[trial.number] = trial
                continue
            del self.open[trial.number]
            self._n_ended += 1
            self._note_ended(trial)
            self.search.tell(_as_trial(trial))
        for number in outcomes.removed:
            self.forget(number)
        self._end_if_reached(outcomes.changed)

    def forget(self, number: int) -> None:
        """Forget a trial whose run was deleted; its combination of a grid is free again."""
        self.open.pop(number, None)
        self._n_given -= 1
        self.search.forget(number)
        self._is_exhausted = False

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
        self.open.update({one.number: one for one in trials})

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
                number = self._next + len(trials)
                given = run.started_micros
                trials.append(TrialRow(number, run.id, None, parameters, given_micros=given))
        if not trials:
            return
        self._drop_stock()
        trials = [replace(one, number=self._next + n) for n, one in enumerate(trials)]
        self._write(partial(metadata.sweeps.add_trials, sweep_id=self.row.row_id, trials=trials))
        self._next += len(trials)
        self._note_new(trials)
        if self.row.state == "pending":
            self.set_state("running")

    def _note_new(self, trials: list[TrialRow]) -> None:
        for trial in trials:
            self.open[trial.number] = trial
            self._runs.add(trial.run)
            self._n_given += 1
            self.search.tell(_as_trial(trial))

    def settle_all(self) -> None:
        """Find out what came of all trials, and whether the sweep has ended."""
        self.adopt()
        self.settle(list(self.open.values()), {})
        if self.row.state == "running" and not self.open and self._n_given and self._no_more():
            self.set_state("finished")

    def _give(self, live: LiveAgent, n_wanted: int) -> list[TrialRow]:
        """Give trials to an agent: those that wait first, then new ones."""
        if self.row.state == "pending":
            self.set_state("running")
        if self.row.state != "running":
            return []
        now = self._stores.now()
        again = [one for one in self.open.values() if one.state == "queued"][:n_wanted]
        again = [
            replace(one, state="given", agent_id=live.row_id, given_micros=now) for one in again
        ]
        n_new = n_wanted - len(again)
        if self.row.run_cap is not None:
            n_new = min(n_new, self.row.run_cap - self._n_given)
        chosen = self._choose(n_new) if n_new > 0 else []
        new = [
            TrialRow(number, new_run_id(), live.row_id, parameters, given_micros=now)
            for number, parameters in chosen
        ]
        if not again and not new:
            return []
        sweeps, row_id = self._stores.metadata.sweeps, self.row.row_id

        def write(tx: Transaction) -> None:
            sweeps.put_trials(tx, row_id, again)
            sweeps.add_trials(tx, row_id, new)

        try:
            self._write(write)
        except BaseException:
            for number, parameters in reversed(chosen):
                self._stock.sets.appendleft((number, parameters))
            raise
        self.open.update({one.number: one for one in again})
        self._note_new(new)
        return [*again, *new]

    def _choose(self, n_wanted: int) -> list[tuple[int, Parameters]]:
        """Numbers and parameter sets, from the stock as long as little has changed since."""
        stock = self._stock
        stock.asked.extend([time.monotonic()] * n_wanted)
        if self._n_ended - stock.n_ended > len(self.open) // _STOCK_RUNS:
            self._drop_stock()
        if len(stock.sets) < n_wanted:
            self.fill_stock(n_wanted)
        chosen = [stock.sets.popleft() for _ in range(min(n_wanted, len(stock.sets)))]
        self._is_exhausted = len(chosen) < n_wanted
        return chosen

    def fill_stock(self, at_least: int) -> None:
        """Choose parameter sets ahead: as many as agents asked for within the last second."""
        stock = self._stock
        since = time.monotonic() - 1
        while stock.asked and stock.asked[0] < since:
            stock.asked.popleft()
        n_more = max(at_least, min(len(stock.asked), MAX_STOCK)) - len(stock.sets)
        if self.config.sampler != "tpe":
            n_more = at_least - len(stock.sets)
        numbers = range(self._next, self._next + n_more)
        sets = self.search.ask(numbers)
        stock.sets.extend(zip(numbers, sets, strict=False))
        stock.n_ended = self._n_ended
        self._next += len(sets)

    def _drop_stock(self) -> None:
        if self.config.sampler == "tpe" and self._stock.sets:
            self._next = self._stock.sets[0][0]
            self._stock.sets.clear()

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
        size = self.search.size()
        return self._is_exhausted or (size is not None and self._n_given >= size)

    def _is_done(self) -> bool:
        """Whether agents may end: no run comes, and none may have to be given again."""
        if self.row.state in _ENDED:
            return True
        if self.row.state != "running" or not self._no_more():
            return False
        return all(self._has_begun(one) for one in self.open.values())

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


def _as_trial(row: TrialRow) -> Trial:
    outcome = {"finished": "finished", "failed": "failed"}.get(row.state, "running")
    values = None if row.values is None else tuple(row.values)
    return Trial(row.number, row.parameters, outcome, values)  # pyright: ignore[reportArgumentType]
