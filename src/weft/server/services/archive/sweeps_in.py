"""Imports the sweeps of an archive, in the transaction that reveals its runs.

Used by `importing`. Sweeps that the project has are left out or refused, as runs are.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import msgspec

from weft.errors import CorruptLog
from weft.records.ids import check_name
from weft.server.services.access.paths import ProjectPath
from weft.server.services.archive.format import SWEEPS_NAME, TRIALS_NAME
from weft.server.services.archive.lines import check_taken, check_value, convert_line, find_taken
from weft.server.services.archive.opening import OpenArchive
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import PriorRun, SweepState, Transaction, TrialState
from weft.sweeps.config import parse_config

_TRIALS_AT_ONCE: Final = 5000

_check_run: Final = partial(check_name, "run")


class SweepsIn:
    """The sweeps of one import.

    Attributes:
        n_sweeps: how many are imported.
    """

    def __init__(self, stores: Stores, archive: OpenArchive) -> None:
        self._stores = stores
        self._archive = archive
        self._left_out: set[str] = set()
        self.n_sweeps = 0

    def look(self, to: ProjectPath, *, skip_existing: bool) -> None:
        """Check all of them, and find those that the project already has.

        Raises:
            CorruptLog: one is malformed.
            Conflict: one exists, and `skip_existing` is false.
        """
        sweeps: dict[str, _Known] = {}
        for line in self._archive.lines(SWEEPS_NAME):
            known = _sweep_in(line)
            if known.name in sweeps:
                raise CorruptLog(f"the archive is damaged: it has sweep {known.name!a} twice")
            sweeps[known.name] = known
        rows = self._stores.metadata.sweeps
        self._left_out = find_taken(
            self._stores,
            to,
            lambda tx, project_id: (
                name for name in sweeps if rows.find(tx, project_id, name) is not None
            ),
        )
        check_taken("sweeps", self._left_out, to, skip_existing=skip_existing)
        for line in self._archive.lines(TRIALS_NAME):
            _check_trial(line, sweeps)
        self.n_sweeps = len(sweeps) - len(self._left_out)

    def put(self, tx: Transaction, project_id: int) -> None:
        """Write them."""
        rows = self._stores.metadata.archived_sweeps
        written: dict[str, tuple[int, dict[str, int]]] = {}
        for line in self._archive.lines(SWEEPS_NAME):
            name = line["sweep"]["sweep"]
            if name not in self._left_out:
                written[name] = rows.write_sweep(tx, project_id, line)
        waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in written}
        for line in self._archive.lines(TRIALS_NAME):
            if (some := waiting.get(line["sweep"])) is None:
                continue
            some.append(line)
            if len(some) >= _TRIALS_AT_ONCE:
                rows.write_trials(tx, *written[line["sweep"]], some)
                some.clear()
        for name, some in waiting.items():
            rows.write_trials(tx, *written[name], some)


class _Sweep(msgspec.Struct):
    sweep: str
    config: str
    prior: str
    state: SweepState
    next_number: int


class _Agent(msgspec.Struct):
    agent: str


class _SweepLine(msgspec.Struct):
    sweep: _Sweep
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


class _Known:
    """What the trials of a sweep have to fit."""

    def __init__(self, line: _SweepLine, n_metrics: int) -> None:
        self.name = line.sweep.sweep
        self.next_number = line.sweep.next_number
        self.agents = {one.agent for one in line.agents}
        self.n_metrics = n_metrics
        self.numbers: set[int] = set()
        self.runs: set[str] = set()


def _sweep_in(line: dict[str, Any]) -> _Known:
    """A sweep whose line is well-formed."""
    found = convert_line(line, _SweepLine, "sweeps")
    name = check_value(partial(check_name, "sweep"), found.sweep.sweep)
    try:
        given = msgspec.json.decode(found.sweep.config, type=dict[str, Any])
        for prior in msgspec.json.decode(found.sweep.prior, type=list[PriorRun]):
            check_value(_check_run, prior.run)
    except msgspec.MsgspecError as error:
        raise CorruptLog(f"the archive is damaged: sweep {name!a}: {error}") from None
    known = _Known(found, len(check_value(parse_config, given).metrics))
    if len(known.agents) < len(found.agents):
        raise CorruptLog(f"the archive is damaged: sweep {name!a} has an agent twice")
    return known


def _check_trial(line: dict[str, Any], sweeps: dict[str, _Known]) -> None:
    found = convert_line(line, _TrialLine, "trials")
    trial = found.trial
    sweep = sweeps.get(found.sweep)
    if sweep is None:
        raise CorruptLog(f"the archive is damaged: it lacks the sweep {found.sweep!a}")
    of_it = f"the archive is damaged: trial {trial.number} of sweep {sweep.name!a}"
    check_value(_check_run, trial.run)
    if found.agent is not None and found.agent not in sweep.agents:
        raise CorruptLog(f"{of_it} has an agent that the sweep lacks")
    if not 0 <= trial.number < sweep.next_number:
        raise CorruptLog(f"{of_it} has an invalid number")
    if trial.number in sweep.numbers or trial.run in sweep.runs:
        raise CorruptLog(f"{of_it} is there twice, or its run is")
    sweep.numbers.add(trial.number)
    sweep.runs.add(trial.run)
    if trial.metric_values is None:
        return
    values = _numbers(trial.metric_values)
    if values is None or len(values) != sweep.n_metrics:
        raise CorruptLog(f"{of_it} has invalid values")


def _numbers(text: str) -> list[float] | None:
    """A JSON list of finite numbers; None if it is something else."""
    try:
        values = msgspec.json.decode(text, type=list[float])
    except msgspec.MsgspecError:
        return None
    return values if all(map(math.isfinite, values)) else None
