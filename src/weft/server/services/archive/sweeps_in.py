"""Imports the sweeps of an archive, in the transaction that reveals its runs.

Used by `importing`. Sweeps that the project has are left out or refused, as runs are.
"""

from __future__ import annotations

import hashlib
import math
from functools import partial
from typing import Any, Final

import msgspec

from weft.errors import CorruptLog
from weft.records.ids import check_name
from weft.server.services.access.paths import ProjectPath
from weft.server.services.archive.format import SWEEPS_NAME, TRIALS_NAME
from weft.server.services.archive.lines import (
    check_existing,
    check_value,
    convert_line,
    find_existing,
)
from weft.server.services.archive.opening import OpenArchive
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import PriorRun, Transaction
from weft.sweeps.config import ARCHIVE_LIMITS, parse_config
from weft.sweeps.states import SweepState, TrialState

_TRIALS_AT_ONCE: Final = 5000

_encode: Final = msgspec.json.Encoder().encode
_check_run: Final = partial(check_name, "run")


class SweepsIn:
    """The sweeps of one import.

    The caller calls `check`, `find_existing` and `put`, in this order.
    """

    def __init__(self, archive: OpenArchive) -> None:
        self._archive = archive
        self._sweeps: dict[str, _Sweep] = {}
        self._left_out: set[str] = set()

    @property
    def n_sweeps(self) -> int:
        """The number of sweeps that are imported."""
        return len(self._sweeps) - len(self._left_out)

    def check(self) -> None:
        """Check all sweeps and their trials."""
        self._archive.check_lines(SWEEPS_NAME, self._check_sweep)
        self._archive.check_lines(TRIALS_NAME, self._check_trial)

    def find_existing(self, stores: Stores, to: ProjectPath, *, skip_existing: bool) -> None:
        """Find the sweeps that the project already has."""
        rows = stores.metadata.sweeps
        self._left_out = find_existing(
            stores,
            to,
            lambda tx, project_id: (
                name for name in self._sweeps if rows.find_sweep(tx, project_id, name) is not None
            ),
        )
        check_existing("sweeps", self._left_out, to, skip_existing=skip_existing)

    def put(self, stores: Stores, tx: Transaction, project_id: int) -> None:
        """Write them."""
        rows = stores.metadata.archived_sweeps
        written: dict[str, tuple[int, dict[str, int]]] = {}
        for line in self._archive.lines(SWEEPS_NAME):
            name = line["sweep"]["sweep"]
            if name not in self._left_out:
                written[name] = rows.write_sweep(tx, project_id, line)
        waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in written}
        repeated: set[tuple[str, int]] = set()
        for line in self._archive.lines(TRIALS_NAME):
            name = line["sweep"]
            if (trials := waiting.get(name)) is None:
                continue
            number = line["trial"]["number"]
            if number in self._sweeps[name].repeated:
                if (name, number) in repeated:
                    continue
                repeated.add((name, number))
                line["agent"] = None
            trials.append(line)
            if len(trials) >= _TRIALS_AT_ONCE:
                rows.write_trials(tx, *written[name], trials)
                trials.clear()
        for name, trials in waiting.items():
            rows.write_trials(tx, *written[name], trials)

    def _check_sweep(self, line: dict[str, Any]) -> None:
        sweep = _sweep_in(line)
        if sweep.name in self._sweeps:
            raise CorruptLog(f"the archive is damaged: it has sweep {sweep.name!a} twice")
        self._sweeps[sweep.name] = sweep

    def _check_trial(self, line: dict[str, Any]) -> None:
        trial_line = convert_line(line, _TrialLine, "trials")
        trial = trial_line.trial
        sweep = self._sweeps.get(trial_line.sweep)
        if sweep is None:
            raise CorruptLog(f"the archive is damaged: it lacks the sweep {trial_line.sweep!a}")
        subject = f"the archive is damaged: trial {trial.number} of sweep {sweep.name!a}"
        check_value(_check_run, trial.run)
        if trial_line.agent is not None and trial_line.agent not in sweep.agents:
            raise CorruptLog(f"{subject} has an agent that the sweep lacks")
        if not 0 <= trial.number < sweep.next_number:
            raise CorruptLog(f"{subject} has an invalid number")
        if not sweep.add_trial(trial_line, hashlib.sha256(_encode(line["trial"])).digest()):
            raise CorruptLog(f"{subject} is there twice, or its run is")
        if trial.metric_values is None:
            return
        values = _numbers(trial.metric_values)
        if values is None or len(values) != sweep.n_metrics:
            raise CorruptLog(f"{subject} has invalid values")


class _SweepRow(msgspec.Struct):
    sweep: str
    config: str
    prior: str
    state: SweepState
    next_number: int


class _Agent(msgspec.Struct):
    agent: str


class _SweepLine(msgspec.Struct):
    sweep: _SweepRow
    agents: list[_Agent]


class _Trial(msgspec.Struct):
    number: int
    run: str
    state: TrialState
    parameters: str
    metric_values: str | None


class _TrialLine(msgspec.Struct):
    sweep: str
    agent: str | None
    trial: _Trial


class _Sweep:
    """A sweep that its trials have to fit.

    `repeated` are numbers of the trials that have a line for each agent of the sweep, which does
    not tell whose the trial was: older versions exported sweeps of several agents in this way.
    """

    def __init__(self, line: _SweepLine, n_metrics: int) -> None:
        self.name = line.sweep.sweep
        self.next_number = line.sweep.next_number
        self.agents = {agent.agent for agent in line.agents}
        self.n_metrics = n_metrics
        self.repeated: set[int] = set()
        self._digests: dict[int, bytes] = {}
        self._agents: dict[int, set[str | None]] = {}
        self._runs: set[str] = set()

    def add_trial(self, line: _TrialLine, digest: bytes) -> bool:
        """Add a trial. Returns whether it is new, or a line that repeats it for another agent.

        `digest` is a hash of the line without its agent.
        """
        number = line.trial.number
        agents = self._agents.setdefault(number, set())
        if line.agent in agents:
            return False
        agents.add(line.agent)
        if number in self._digests:
            self.repeated.add(number)
            return None not in agents and self._digests[number] == digest
        if line.trial.run in self._runs:
            return False
        self._digests[number] = digest
        self._runs.add(line.trial.run)
        return True


def _sweep_in(line: dict[str, Any]) -> _Sweep:
    """The sweep of a line, which is well-formed."""
    sweep_line = convert_line(line, _SweepLine, "sweeps")
    name = check_value(partial(check_name, "sweep"), sweep_line.sweep.sweep)
    try:
        config = msgspec.json.decode(sweep_line.sweep.config, type=dict[str, Any])
        for prior in msgspec.json.decode(sweep_line.sweep.prior, type=list[PriorRun]):
            check_value(_check_run, prior.run)
    except msgspec.MsgspecError as error:
        raise CorruptLog(f"the archive is damaged: sweep {name!a}: {error}") from None
    parsed = check_value(partial(parse_config, limits=ARCHIVE_LIMITS), config)
    sweep = _Sweep(sweep_line, len(parsed.metrics))
    if len(sweep.agents) < len(sweep_line.agents):
        raise CorruptLog(f"the archive is damaged: sweep {name!a} has an agent twice")
    return sweep


def _numbers(text: str) -> list[float] | None:
    """A JSON list of finite numbers; None if it is something else."""
    try:
        values = msgspec.json.decode(text, type=list[float])
    except msgspec.MsgspecError:
        return None
    return values if all(map(math.isfinite, values)) else None
