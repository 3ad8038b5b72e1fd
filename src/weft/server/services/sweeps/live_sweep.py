"""A sweep whose agents are being answered, in memory: the schedule of its trials, and its agents.

Built from the metadata when an agent first asks after a start of the server.
`weft.sweeps.schedule` decides. This class tells it the facts, and writes each change to the
metadata before an agent hears of it.

Of several servers each may answer agents of one sweep. The metadata counts the changes of a sweep.
Each server first reads those that it lacks, and its own change is written only if it is the next
one; otherwise it reads again, and decides by what the other has written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, Final, TypeVar

import msgspec

from weft.errors import NotFound, Unavailable, WeftError
from weft.server.services.access.paths import ProjectPath
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.agents import AgentCall, Agents
from weft.server.services.sweeps.choosing import StockedSearch
from weft.server.services.sweeps.run_reports import report_runs
from weft.server.storage.metadata import ActivityObject, Job, SweepRow, Transaction
from weft.sweeps.config import parse_config
from weft.sweeps.outcomes import RunCheck
from weft.sweeps.schedule import Changes, Schedule
from weft.sweeps.space import complete_set
from weft.sweeps.states import ENDED_SWEEPS, SweepState
from weft.sweeps.trials import Trial
from weft.wire.sweeps import AgentBeat, AgentOrders

_MAX_TRIES: Final = 20
"""The most times that other servers may be faster in a row."""

_LISTEN_MICROS: Final = 15 * 1_000_000
"""The time between two readings of when other servers heard the silent agents."""

T = TypeVar("T")


class _ChangedElsewhereError(Exception):
    """Another server has changed the sweep since it was read."""


class LiveSweep:
    """One sweep.

    Its methods but `answer_beat` and `prepare` are called with its `lock` held. `row` is as it was
    when it was opened; `schedule` has its state.
    """

    def __init__(self, stores: Stores, row: SweepRow) -> None:
        self.lock = OrderedLock(LockOrder.SWEEP, row.row_id)
        self.row = row
        self.config = parse_config(row.config, is_stored=True)
        self.project = ProjectPath(row.entity, row.project)
        self.agents = Agents(stores.metadata.sweeps, row)
        self._stores = stores
        self._waiting: deque[AgentCall] = deque()
        self._ended: deque[Trial] = deque()
        self._adopted_row_ids: set[int] = set()
        self._ended_runs: dict[str, int] = {}
        self._listened_micros = 0
        self._load()

    def _load(self) -> None:
        metadata = self._stores.metadata
        with metadata.snapshot() as tx:
            row = metadata.sweeps.get(tx, self.row.row_id)
            trials = metadata.sweeps.trials(tx, self.row.row_id)
            agents = metadata.sweeps.agents(tx, self.row.row_id)
        if row is None:
            raise _deleted(self.row)
        self._search = StockedSearch(self.config, row)
        self.schedule = Schedule(self.config, self._search, state=row.state, run_cap=row.run_cap)
        self.schedule.apply_changes(Changes(added=trials))
        self.schedule.next_number = max(self.schedule.next_number, row.next_number)
        self._n_changes = row.n_changes
        self._note_ended(trials)
        self.agents.load(agents, self._stores.now(), self._stores.start_micros)

    # -- other servers

    def _retry_if_changed(self, job: Callable[[], T]) -> T:
        """Do a job by the sweep as the metadata has it, again if another server is faster."""
        for n_tries in range(_MAX_TRIES):
            if n_tries > 0 or self._stores.metadata.is_shared:
                self._follow()
            try:
                return job()
            except _ChangedElsewhereError:
                pass
        raise Unavailable(f"sweep {self.row.sweep} is being changed by other servers; try again")

    def _follow(self) -> None:
        """Read what other servers have changed; NotFound if they deleted the sweep."""
        metadata, row_id, now = self._stores.metadata, self.row.row_id, self._stores.now()
        is_listening = now - self._listened_micros > _LISTEN_MICROS and self.agents.are_silent(now)
        with metadata.read() as tx:
            n_changes = metadata.sweeps.n_changes(tx, row_id)
        if n_changes == self._n_changes and not is_listening:
            return
        with metadata.snapshot() as tx:
            row = metadata.sweeps.get(tx, row_id)
            trials = metadata.sweeps.changed_trials(tx, row_id, self._n_changes)
            n_trials = metadata.sweeps.n_trials(tx, row_id)
            agents = metadata.sweeps.agents(tx, row_id)
        if row is None:
            raise _deleted(self.row)
        self._listened_micros = now
        self.agents.follow(agents)
        first_new = self.schedule.next_number
        added = [trial for trial in trials if trial.number >= first_new]
        changed = [trial for trial in trials if trial.number < first_new]
        if self.schedule.n_trials + len(added) != n_trials:  # runs were deleted
            self._load()
            return
        self.schedule.apply_changes(Changes(added, changed, state=row.state))
        self.schedule.next_number = max(self.schedule.next_number, row.next_number)
        self.schedule.run_cap = row.run_cap
        self._n_changes = row.n_changes
        self._note_ended(trials)

    def entry_of(self, run: str) -> RunEntry | None:
        """A run in memory; its rows may come to another server."""
        path = self.project.run(run)
        entry = self._stores.registry.peek(path)
        if entry is None and self._stores.metadata.is_shared:
            with suppress(WeftError):  # it was deleted or moved
                entry = self._stores.registry.find_run(path)
        return entry

    # -- agents

    def answer_beat(self, user: str, agent: str, beat: AgentBeat) -> AgentOrders:
        """Answer a message of an agent. Takes the lock itself.

        Messages that wait for the lock are answered together, with one write for all of them.
        """
        call = AgentCall(user, agent, beat)
        self._waiting.append(call)
        with self.lock:
            if call.orders is None and call.error is None:
                calls = [self._waiting.popleft() for _ in range(len(self._waiting))]
                try:
                    self._retry_if_changed(partial(self._answer, calls))
                except Exception as error:  # noqa: BLE001 - each caller raises it
                    for waiting in calls:
                        waiting.error = waiting.error or error
        if call.error is not None:
            raise call.error
        assert call.orders is not None
        return call.orders

    def _answer(self, agent_calls: Sequence[AgentCall]) -> None:
        calls = self.agents.note_calls(agent_calls, self._stores.now(), self._write_change)
        self._settle(self.schedule.checks([*calls.values()], self._gone()))
        assigned = self.schedule.assign([*calls.values()], self._stores.now())
        self._commit(assigned)
        is_over = self.schedule.is_over(self._has_begun)
        for agent_call, call in calls.items():
            orders = self.schedule.orders(
                call, assigned, is_over=is_over, is_stopping=self._is_stopping
            )
            agent_call.orders = msgspec.convert(orders, AgentOrders, from_attributes=True)

    def save_beats(self) -> None:
        """Write when agents were heard from."""
        self.agents.save_beats(self._write)

    def _gone(self) -> set[int]:
        return self.agents.gone(self._stores.now())

    def _has_begun(self, run: str) -> bool:
        entry = self.entry_of(run)
        return entry is not None and entry.state == "running"

    def _is_stopping(self, run: str) -> bool:
        entry = self.entry_of(run)
        return entry is not None and entry.stopper is not None

    # -- trials

    def settle_all(self) -> None:
        """Find the results of all trials, and end the sweep if there is nothing left to do."""

        def settle() -> None:
            self._adopt()
            self._settle_open()
            self._commit(self.schedule.finish())

        self._retry_if_changed(settle)

    def retry_failed(self) -> None:
        """Queue the parameter sets of failed runs again, unless another run has them."""

        def retry() -> None:
            self._settle_open()
            metadata = self._stores.metadata
            with metadata.read() as tx:
                trials = metadata.sweeps.trials(tx, self.row.row_id)
            self._commit(self.schedule.retry(trials))

        self._retry_if_changed(retry)

    def enqueue(self, parameters: Mapping[str, Any]) -> str:
        """Queue a parameter set, completed by draws; the id of its run. ConfigError if the space
        lacks it.
        """
        completed = complete_set(self.config.space, parameters, Random())

        def enqueue() -> str:
            changes = self.schedule.enqueue(completed)
            self._commit(changes)
            return changes.added[0].run

        return self._retry_if_changed(enqueue)

    def stop_early(self, numbers: Iterable[int]) -> None:
        """Note that the runs of trials were asked to stop early."""
        chosen = set(numbers)

        def stop() -> None:
            still_open = [trial.number for trial in self.schedule.open]
            self._commit(self.schedule.stop_early(n for n in still_open if n in chosen))

        self._retry_if_changed(stop)

    def take_ended(self, limit: int) -> list[Trial]:
        """Trials that ended and were not taken before, the earliest first."""
        return [self._ended.popleft() for _ in range(min(limit, len(self._ended)))]

    def prepare(self) -> None:
        """Choose parameter sets ahead, if many agents ask. Called without the lock."""
        if self.schedule.state != "running":
            return
        alive = self.agents.alive(self._stores.now())
        n_idle = sum(1 for row_id in alive if not self.schedule.open.of_agent(row_id))
        self._search.prepare(n_idle, self.schedule.next_number, self.lock)

    def _settle_open(self) -> None:
        self._settle(self.schedule.checks([], self._gone(), of_all=True))

    def _settle(self, checks: Sequence[RunCheck]) -> None:
        now = self._stores.now()
        for check in checks:
            if check.ended_as is not None:
                self._ended_runs.setdefault(check.trial.run, now)
        project_id, ended = self.row.project_id, self._ended_runs
        reports = report_runs(self._stores, self.project, project_id, checks, ended)
        self._commit(self.schedule.settle(reports, now))
        self._ended_runs = {
            run: since for run, since in ended.items() if self.schedule.open.of_run(run)
        }

    def _adopt(self) -> None:
        """Adopt runs of the sweep that it did not start: it began without a server."""
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row_ids = metadata.sweeps.runs_of(tx, self.row.project_id, self.row.sweep)
            new = [row_id for row_id in row_ids if row_id not in self._adopted_row_ids]
            rows = list(metadata.runs.by_ids(tx, new).values()) if new else []
        self._adopted_row_ids.update(new)
        runs = read_run_infos(
            self._stores, [row for row in rows if not self.schedule.has_run(row.run)]
        )
        self._commit(self.schedule.adopt((run.id, run.config, run.started_micros) for run in runs))

    def _note_ended(self, trials: Sequence[Trial]) -> None:
        if self.config.early_termination is not None:
            self._ended.extend(trial for trial in trials if not trial.is_open)

    # -- edits

    def edit(self, values: dict[str, Any], editor: str | None) -> None:
        """Change the name, the description or the most runs of the sweep."""
        change = partial(
            self._stores.metadata.sweeps.change,
            row_id=self.row.row_id,
            edited_micros=self._stores.now(),
            edited_by=editor or "",
            **values,
        )
        self._retry_if_changed(lambda: self._write_change(change))
        self.schedule.run_cap = values.get("run_cap", self.schedule.run_cap)

    def set_state(self, state: SweepState, editor: str | None) -> None:
        """Change the state of the sweep."""
        self._retry_if_changed(lambda: self._commit(Changes(state=state), by=editor or ""))

    def _commit(self, changes: Changes, *, by: str | None = None) -> None:
        """Write changes, then make them in memory. `by` is the user whose change of state it is;
        None if it follows from the trials.
        """
        if not changes:
            return
        n_changes = self._n_changes + 1
        is_end = changes.state in ENDED_SWEEPS and self.schedule.state not in ENDED_SWEEPS
        sweeps, row_id, now = self._stores.metadata.sweeps, self.row.row_id, self._stores.now()

        def write(tx: Transaction) -> None:
            sweeps.put_trials(tx, row_id, changes.changed, n_changes)
            sweeps.add_trials(tx, row_id, changes.added, n_changes)
            sweeps.remove_trials(tx, row_id, changes.removed)
            if changes.state is not None:
                ended = now if changes.state in ENDED_SWEEPS else None
                sweeps.change(
                    tx,
                    row_id,
                    state=changes.state,
                    error=None,
                    ended_micros=ended,
                    edited_micros=now,
                    **({} if by is None else {"edited_by": by}),
                )
            if changes.state is not None and is_end:
                user = self.row.user if by is None else by
                ended_sweep = ActivityObject(self.row.sweep, self.row.name)
                self._stores.activity.note(
                    tx, self.row.project_id, user, "sweep.end", [ended_sweep], note=changes.state
                )

        try:
            self._write_change(write)
        except BaseException:
            self.schedule.discard(changes)
            raise
        self.schedule.apply_changes(changes)
        self._note_ended(changes.changed)

    def _write_change(self, job: Job) -> Any:
        """Write a change, if it is the next one of the sweep."""
        n_changes = self._n_changes

        def write(tx: Transaction) -> Any:
            if not self._stores.metadata.sweeps.advance(tx, self.row.row_id, n_changes):
                raise _ChangedElsewhereError
            return job(tx)

        result = self._write(write)
        self._n_changes = n_changes + 1
        return result

    def _write(self, job: Job) -> Any:
        (result,) = self._stores.metadata.write_together([job])
        if isinstance(result, BaseException):
            raise result
        return result


def _deleted(row: SweepRow) -> NotFound:
    return NotFound(f"no sweep {row.sweep} in {row.entity}/{row.project}; it was deleted")
