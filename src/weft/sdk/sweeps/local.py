"""A sweep without a server: a folder that any number of processes share.

    weft/sweeps/ID/sweep.json     the configuration, the seed, where the sweep belongs
    weft/sweeps/ID/trials.jsonl   what was handed out and what came of it, a line for each change
    weft/sweeps/ID/lock           held while trials are handed out
    weft/sweeps/ID/agents/A.lock  held by the agent A as long as it lives

A line counts once it is on the disk with its end, so a killed process loses and repeats no trial.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.errors import CorruptLog, NotFound, Unavailable
from weft.records.ids import new_run_id
from weft.records.record import Preempting
from weft.runlog.layout import logs_of, weft_directory
from weft.runlog.lock import FileLock, is_locked
from weft.runlog.payloads import read_payloads, read_whole_header
from weft.sdk.setup.settings import Settings
from weft.sdk.sweeps.local_stopping import LocalStopping, stop_run
from weft.sweeps.config import SweepConfig, parse_config
from weft.sweeps.outcomes import RunCheck, RunReport
from weft.sweeps.schedule import Call, Changes, Schedule
from weft.sweeps.search import open_search
from weft.sweeps.states import TrialState
from weft.sweeps.trials import AgentKey, Trial
from weft.wire.sweeps import AgentBeat, AgentOrders

_LOCK_SECS: Final = 60.0


class _Line(msgspec.Struct, omit_defaults=True):
    """A line of `trials.jsonl`: a trial, of which the newest line of its number counts.

    `at_bands` are losses at the bands of early termination.
    """

    number: int
    run: str
    agent: str | None
    parameters: dict[str, Any]
    state: TrialState = "given"
    values: list[float] | None = None
    error: str | None = None
    ended_micros: int | None = None
    at_bands: list[float] = []
    stopped_early: bool = False
    resumes: bool = False


_decode: Final = msgspec.json.Decoder(_Line).decode
_PREEMPTING: Final = msgspec.msgpack.encode(Preempting(0))[:2]
"""The beginning of a `Preempting` record: the array, and its tag."""

_FIELDS: Final = [name for name in _Line.__struct_fields__ if name != "at_bands"]


class LocalSweep:
    """A sweep in a folder. Used by one agent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            sweep = json.loads((folder / "sweep.json").read_text())
        except (OSError, ValueError) as error:
            raise NotFound(f"no sweep in {folder}: {error}") from None
        self.sweep = folder.name
        self.config: dict[str, Any] = sweep["config"]
        self._parsed = parse_config(self.config)
        self._seed: int = sweep["seed"]
        self._entity: str | None = sweep["entity"]
        self._project: str | None = sweep["project"]
        self._position = 0
        self._at_bands: dict[int, list[float]] = {}
        self._alive: FileLock | None = None
        self._stopping: LocalStopping | None = None
        if self._parsed.early_termination is not None:
            self._stopping = LocalStopping(self._parsed.early_termination, self._parsed.metrics[0])

    @property
    def shown(self) -> str:
        return str(self._folder)

    @property
    def settings(self) -> dict[str, Any]:
        settings = {
            "sweep_id": self.sweep,
            "entity": self._entity,
            "project": self._project,
            "mode": "offline",
            "dir": str(self._folder.parents[2]),
        }
        return {name: value for name, value in settings.items() if value is not None}

    @cached_property
    def _schedule(self) -> Schedule:
        search = open_search(self._parsed, self._seed)
        return Schedule(self._parsed, search, state="running", run_cap=self._parsed.run_cap)

    def send_beat(self, agent: str, beat: AgentBeat) -> AgentOrders:
        """Answer a message of the agent."""
        if not self._folder.is_dir():
            raise NotFound(f"the sweep's folder {self._folder} was removed")
        self._hold_lock_of(agent)
        schedule = self._schedule
        call = Call(agent, beat.runs, beat.wants, beat.leaves)
        with self._locked():
            self._read()
            checks = schedule.checks([call], self._gone(call), of_all=True)
            reports = [(check, self._report(check)) for check in checks]
            self._commit(schedule.settle(reports, _now()))
            self._stop_bad_runs(agent)
            assigned = schedule.assign([call], _now())
            self._commit(assigned)
        if beat.leaves and self._alive is not None:
            self._alive.release(remove=True)
            self._alive = None
        is_over = schedule.is_over(has_begun=lambda run: self._directory_of(run) is not None)
        orders = schedule.orders(call, assigned, is_over=is_over)
        return msgspec.convert(orders, AgentOrders, from_attributes=True)

    # -- runs

    def _report(self, check: RunCheck) -> RunReport:
        """Report about a run. It counts as running while its agent says nothing else."""
        if check.ended_as is None and not check.is_lost:
            return RunReport("running")
        directory = self._directory_of(check.trial.run)
        if directory is None:
            return RunReport("absent")
        if self._stopping is not None:
            number = check.trial.number
            self._at_bands[number] = self._stopping.read(number, directory).at_bands
            self._stopping.forget(number)
        # An absent run that has a directory was begun by a process of the function.
        state = "finished" if check.ended_as == "absent" else check.ended_as or "crashed"
        if state != "finished" and _was_preempted(directory):
            return RunReport("preempted")
        return RunReport(state, summary=_summary_in(directory))

    def _stop_bad_runs(self, agent: str) -> None:
        """Note the bands that the agent's runs have reached, and stop those that are behind."""
        if self._stopping is None:
            return
        directories: dict[int, Path] = {}
        for trial in self._schedule.open.of_agent(agent):
            directory = self._directory_of(trial.run)
            if trial.stopped_early or directory is None:
                continue
            directories[trial.number] = directory
            reached = self._stopping.read(trial.number, directory).at_bands
            if len(reached) > len(self._at_bands[trial.number]):
                self._at_bands[trial.number] = [*reached]
                self._append([trial])
        for number in self._stopping.behind(self._at_bands):
            try:
                stop_run(directories[number])
            except OSError as error:
                raise Unavailable(f"{directories[number]} can't be written: {error}") from None
            self._commit(self._schedule.stop_early([number]))
            self._stopping.forget(number)

    def _commit(self, changes: Changes) -> None:
        """Write changes, then make them in memory."""
        try:
            self._append([*changes.changed, *changes.added])
        except BaseException:
            self._schedule.discard(changes)
            raise
        self._schedule.apply_changes(changes)

    # -- the folder

    def _directory_of(self, run: str) -> Path | None:
        return max(self._folder.parents[1].glob(f"run-*-{run}"), default=None)

    def _hold_lock_of(self, agent: str) -> None:
        """Hold the agent's lock, by which others see that it lives."""
        if self._alive is not None:
            return
        agents = self._folder / "agents"
        agents.mkdir(exist_ok=True)
        lock = FileLock(agents / f"{agent}.lock")
        if not lock.acquire():
            raise Unavailable(f"another process is agent {agent} of {self._folder}")
        self._alive = lock

    def _gone(self, call: Call) -> set[AgentKey]:
        """The agents whose processes have ended, and the one that leaves."""
        agents = {trial.agent for trial in self._schedule.open if trial.agent is not None}
        gone = {
            agent
            for agent in agents - {call.agent}
            if not is_locked(self._folder / "agents" / f"{agent}.lock")
        }
        return gone | {call.agent} if call.leaves else gone

    @contextmanager
    def _locked(self) -> Generator[None]:
        lock = FileLock(self._folder / "lock")
        until = time.monotonic() + _LOCK_SECS
        while not lock.acquire():
            if time.monotonic() > until:
                raise Unavailable(f"{lock.path} is held by another agent for a minute")
            time.sleep(0.002 + 0.01 * random.random())
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> None:
        """Read the lines that others have added."""
        path = self._folder / "trials.jsonl"
        try:
            with path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
        except FileNotFoundError:
            return
        whole, end, _ = data.rpartition(b"\n")
        lines = whole.split(b"\n") if end else []
        for line in lines:
            if not line:
                continue
            try:
                trial, at_bands = _decode_trial(line)
            except msgspec.MsgspecError as error:
                raise CorruptLog(f"{path} has a damaged line: {error}") from None
            changes = Changes(state=self._schedule.state_after([trial]))
            is_new = trial.number >= self._schedule.next_number
            (changes.added if is_new else changes.changed).append(trial)
            self._schedule.apply_changes(changes)
            self._at_bands[trial.number] = at_bands
        self._position += len(whole) + len(end)

    def _append(self, trials: Sequence[Trial]) -> None:
        if not trials:
            return
        data = b"".join(
            _encode_trial(trial, self._at_bands.setdefault(trial.number, [])) for trial in trials
        )
        path = self._folder / "trials.jsonl"
        try:
            with path.open("ab") as file:
                # What a killed agent left of a line goes.
                file.truncate(self._position)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(f"{path} can't be written: {error}") from None
        self._position += len(data)


def create_local(
    settings: Settings, config: SweepConfig, entity: str | None, project: str
) -> LocalSweep:
    """Create a sweep in the local directory."""
    open_search(config, 0)
    sweep = new_run_id()
    folder = weft_directory(settings.dir.absolute()) / "sweeps" / sweep
    sweep_file = {
        "config": config.source,
        "seed": config.seed if config.seed is not None else secrets.randbelow(2**31),
        "entity": entity,
        "project": project,
        "created_micros": _now(),
    }
    try:
        folder.mkdir(parents=True)
        draft = folder / "sweep.json.draft"
        draft.write_text(json.dumps(sweep_file, indent=2))
        draft.rename(folder / "sweep.json")
    except OSError as error:
        raise Unavailable(f"the sweep can't be created in {folder}: {error}") from None
    return LocalSweep(folder)


def _summary_in(directory: Path) -> dict[str, Any] | None:
    """The summary that a run left."""
    try:
        return json.loads((directory / "files" / "summary.json").read_text())
    except (OSError, ValueError):
        return None


def _was_preempted(directory: Path) -> bool:
    """Whether a run that ended abruptly announced its preemption, in one of its logs."""
    try:
        return any(
            bytes(payload[: len(_PREEMPTING)]) == _PREEMPTING
            for path in logs_of(directory)
            for payloads in read_payloads(path, read_whole_header(path)[1])
            for payload in payloads
        )
    except (OSError, CorruptLog):
        return False


def _now() -> int:
    return time.time_ns() // 1000


def _encode_trial(trial: Trial, at_bands: list[float]) -> bytes:
    line = _Line(
        number=trial.number,
        run=trial.run,
        agent=None if trial.agent is None else str(trial.agent),
        parameters=trial.parameters,
        state=trial.state,
        values=None if trial.values is None else list(trial.values),
        error=trial.error,
        ended_micros=trial.ended_micros,
        at_bands=at_bands,
        stopped_early=trial.stopped_early,
        resumes=trial.resumes,
    )
    return msgspec.json.encode(line) + b"\n"


def _decode_trial(data: bytes) -> tuple[Trial, list[float]]:
    line = _decode(data)
    fields = msgspec.structs.asdict(line)
    return Trial(**{name: fields[name] for name in _FIELDS}), line.at_bands
