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
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.errors import CorruptLog, NotFound, Unavailable
from weft.records.ids import new_run_id
from weft.runlog.layout import weft_directory
from weft.runlog.lock import FileLock, is_locked
from weft.sdk.setup.settings import Settings
from weft.sdk.sweeps.local_stopping import LocalStopping, stop_run
from weft.sweeps.config import Metric, SweepConfig, parse_config
from weft.sweeps.search import Search, open_search
from weft.sweeps.space import nested
from weft.sweeps.trials import Outcome, Trial
from weft.sweeps.values import read_values
from weft.wire.sweeps import AgentBeat, AgentOrders, GivenRun

_LOCK_SECS: Final = 60.0


class _Line(msgspec.Struct, omit_defaults=True):
    """A line of `trials.jsonl`: the newest one of a number counts."""

    number: int
    run: str
    agent: str | None
    parameters: dict[str, Any]
    state: str = "given"
    values: list[float] | None = None
    error: str | None = None
    ended_micros: int | None = None
    at_bands: list[float] = []
    stopped_early: bool = False


_decode: Final = msgspec.json.Decoder(_Line).decode


class LocalSweep:
    """A sweep in a folder. Used by one agent.

    Attributes:
        sweep: its id.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            known = json.loads((folder / "sweep.json").read_text())
        except (OSError, ValueError) as error:
            raise NotFound(f"no sweep in {folder}: {error}") from None
        self.sweep = folder.name
        self.config: dict[str, Any] = known["config"]
        self._parsed = parse_config(self.config)
        self._seed: int = known["seed"]
        self._entity: str | None = known["entity"]
        self._project: str | None = known["project"]
        self._search: Search | None = None
        self._position = 0
        self._trials: dict[int, _Line] = {}
        self._alive: FileLock | None = None
        self._stopping: LocalStopping | None = None
        if self._parsed.early_termination is not None:
            self._stopping = LocalStopping(self._parsed.early_termination, self._parsed.metrics[0])

    @property
    def shown(self) -> str:
        return str(self._folder)

    @property
    def settings(self) -> dict[str, Any]:
        given = {
            "sweep_id": self.sweep,
            "entity": self._entity,
            "project": self._project,
            "mode": "offline",
            "dir": str(self._folder.parents[2]),
        }
        return {name: value for name, value in given.items() if value is not None}

    def beat(self, agent: str, beat: AgentBeat) -> AgentOrders:
        """Say what an agent does, and learn what it shall do."""
        if not self._folder.is_dir():
            raise NotFound(f"the sweep's folder {self._folder} was removed")
        self._live(agent)
        with self._locked():
            self._read()
            search = self._opened()
            changed = list(self._settled(agent, beat))
            self._append(changed)
            for one in changed:
                search.tell(_as_trial(one))
            self._stop_bad_runs(agent)
            given = [] if beat.leaves else self._give(agent, beat, search)
        if beat.leaves and self._alive is not None:
            self._alive.release(remove=True)
            self._alive = None
        is_open = any(self._is_open(one) for one in self._trials.values())
        no_more = self._no_more(search)
        return AgentOrders(
            state="running" if is_open or not no_more else "finished",
            runs=[
                GivenRun(
                    run=one.run,
                    number=one.number,
                    config=nested(self._parsed.space, one.parameters),
                    resumes=False,
                )
                for one in given
            ],
            stop=[
                one.run
                for one in self._trials.values()
                if one.agent == agent and one.state == "given" and one.stopped_early
            ],
            is_done=not given and no_more and not self._may_be_given_again(),
            reason="all parameter sets have been handed out" if not given and no_more else None,
        )

    # -- what was handed out

    def _opened(self) -> Search:
        if self._search is None:
            self._search = open_search(self._parsed, self._seed)
            for one in self._trials.values():
                self._search.tell(_as_trial(one))
        return self._search

    def _settled(self, agent: str, beat: AgentBeat) -> Iterator[_Line]:
        """The trials that ended, and those whose agents died before their runs began."""
        for one in list(self._trials.values()):
            if one.state != "given":
                continue
            how = beat.runs.get(one.run) if one.agent == agent else None
            if how in ("finished", "failed"):
                yield self._ended(one, str(how))
            elif (one.agent == agent and beat.leaves) or (
                one.agent != agent and not self._lives(one.agent)
            ):
                if self._directory_of(one.run) is None:
                    yield msgspec.structs.replace(
                        one, state="queued", agent=None, run=new_run_id()
                    )
                else:
                    yield self._ended(one, "crashed")

    def _ended(self, trial: _Line, how: str) -> _Line:
        now = time.time_ns() // 1000
        directory = self._directory_of(trial.run)
        if directory is None:
            error = "the run never began: the function did not call weft.init()"
            return msgspec.structs.replace(trial, state="failed", error=error, ended_micros=now)
        if self._stopping is not None:
            reached = self._stopping.read(trial.number, directory).at_bands
            trial = msgspec.structs.replace(trial, at_bands=reached)
            self._stopping.forget(trial.number)
        values, error = _values_in(directory, self._parsed.metrics)
        if how != "finished":
            error = f"the run {how}"
        if error is not None:
            return msgspec.structs.replace(trial, state="failed", error=error, ended_micros=now)
        return msgspec.structs.replace(trial, state="finished", values=values, ended_micros=now)

    def _stop_bad_runs(self, agent: str) -> None:
        """Note what the runs of an agent have reached, and stop those that are behind."""
        if self._stopping is None:
            return
        own: dict[int, Path] = {}
        for one in list(self._trials.values()):
            if one.agent != agent or one.state != "given" or one.stopped_early:
                continue
            directory = self._directory_of(one.run)
            if directory is not None:
                own[one.number] = directory
                reached = self._stopping.read(one.number, directory).at_bands
                if len(reached) > len(one.at_bands):
                    self._append([msgspec.structs.replace(one, at_bands=[*reached])])
        reached_by_all = {number: one.at_bands for number, one in self._trials.items()}
        for number in self._stopping.behind(reached_by_all):
            try:
                stop_run(own[number])
            except OSError as error:
                raise Unavailable(f"{own[number]} can't be written: {error}") from None
            self._append([msgspec.structs.replace(self._trials[number], stopped_early=True)])
            self._stopping.forget(number)

    def _give(self, agent: str, beat: AgentBeat, search: Search) -> list[_Line]:
        given = [
            one
            for one in self._trials.values()
            if one.agent == agent and one.state == "given" and one.run not in beat.runs
        ][: beat.wants]
        again = [one for one in self._trials.values() if one.state == "queued"]
        again = [
            msgspec.structs.replace(one, state="given", agent=agent)
            for one in again[: beat.wants - len(given)]
        ]
        n_new = beat.wants - len(given) - len(again)
        if self._parsed.run_cap is not None:
            n_new = min(n_new, self._parsed.run_cap - len(self._trials))
        if self._is_at_target():
            n_new = 0
        next_number = max(self._trials, default=-1) + 1
        numbers = range(next_number, next_number + max(n_new, 0))
        new = [
            _Line(number, new_run_id(), agent, parameters)
            for number, parameters in zip(numbers, search.ask(numbers), strict=False)
        ]
        self._append([*again, *new])
        for one in new:
            search.tell(_as_trial(one))
        return [*given, *again, *new]

    def _no_more(self, search: Search) -> bool:
        if any(one.state == "queued" for one in self._trials.values()):
            return False
        if self._is_at_target():
            return True
        cap, size = self._parsed.run_cap, search.size()
        return (cap is not None and len(self._trials) >= cap) or (
            size is not None and len(self._trials) >= size
        )

    def _may_be_given_again(self) -> bool:
        return any(
            self._is_open(one) and self._directory_of(one.run) is None
            for one in self._trials.values()
        )

    def _is_at_target(self) -> bool:
        metrics = self._parsed.metrics
        return len(metrics) == 1 and any(
            one.values is not None and metrics[0].reaches_target(one.values[0])
            for one in self._trials.values()
        )

    @staticmethod
    def _is_open(trial: _Line) -> bool:
        return trial.state in ("given", "queued")

    # -- the folder

    def _directory_of(self, run: str) -> Path | None:
        return next(iter(self._folder.parents[1].glob(f"run-*-{run}")), None)

    def _live(self, agent: str) -> None:
        """Hold the agent's lock, by which others see that it lives."""
        if self._alive is not None:
            return
        agents = self._folder / "agents"
        agents.mkdir(exist_ok=True)
        lock = FileLock(agents / f"{agent}.lock")
        if not lock.acquire():
            raise Unavailable(f"another process is agent {agent} of {self._folder}")
        self._alive = lock

    def _lives(self, agent: str | None) -> bool:
        return agent is not None and is_locked(self._folder / "agents" / f"{agent}.lock")

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
                one = _decode(line)
            except msgspec.MsgspecError as error:
                raise CorruptLog(f"{path} has a damaged line: {error}") from None
            if self._search is not None:
                self._search.tell(_as_trial(one))
            self._trials[one.number] = one
        self._position += len(whole) + len(end)

    def _append(self, lines: list[_Line]) -> None:
        if not lines:
            return
        data = b"".join(msgspec.json.encode(one) + b"\n" for one in lines)
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
        self._trials.update({one.number: one for one in lines})


def create_local(
    settings: Settings, config: SweepConfig, entity: str | None, project: str
) -> LocalSweep:
    """Create a sweep in the local directory."""
    open_search(config, 0)
    sweep = new_run_id()
    folder = weft_directory(settings.dir.absolute()) / "sweeps" / sweep
    known = {
        "config": config.given,
        "seed": config.seed if config.seed is not None else secrets.randbelow(2**31),
        "entity": entity,
        "project": project,
        "created_micros": time.time_ns() // 1000,
    }
    try:
        folder.mkdir(parents=True)
        draft = folder / "sweep.json.draft"
        draft.write_text(json.dumps(known, indent=2))
        draft.rename(folder / "sweep.json")
    except OSError as error:
        raise Unavailable(f"the sweep can't be created in {folder}: {error}") from None
    return LocalSweep(folder)


def _values_in(directory: Path, metrics: tuple[Metric, ...]) -> tuple[list[float], str | None]:
    """The values of metrics that a run left, or why a value is missing."""
    try:
        summary = json.loads((directory / "files" / "summary.json").read_text())
    except (OSError, ValueError):
        return [], "the run crashed: it left no summary"
    return read_values(summary, metrics)


def _as_trial(line: _Line) -> Trial:
    outcome: Outcome = (
        "finished"
        if line.state == "finished"
        else "failed"
        if line.state == "failed"
        else "running"
    )
    values = None if line.values is None else tuple(line.values)
    return Trial(line.number, line.parameters, outcome, values)
