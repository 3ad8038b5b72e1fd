"""Sweeps: create, list, read, edit and delete them, and answer their agents."""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET

from weft.errors import ConfigError, Conflict, MissingLibrary, NotFound, WeftError
from weft.records.ids import check_name, new_run_id
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.runs.stopping import ask_to_stop
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.describing import (
    describe,
    describe_agents,
    expected_runs,
    sweep_run,
)
from weft.server.services.sweeps.live_sweep import LiveSweep
from weft.server.services.sweeps.registry import LiveSweeps
from weft.server.services.sweeps.rows import sweep_row
from weft.server.services.sweeps.run_reports import summaries_of
from weft.server.storage.metadata import (
    ActivityObject,
    PriorRun,
    clean_text,
)
from weft.server.storage.metadata import NewSweep as NewSweepRow
from weft.sweeps.config import SweepConfig, parse_config
from weft.sweeps.search import open_search, size_of
from weft.sweeps.space import from_config
from weft.sweeps.states import OPEN_SWEEPS
from weft.sweeps.trials import AgentKey
from weft.sweeps.values import read_values
from weft.wire.runs.runs import MAX_PAGE
from weft.wire.sweeps import (
    AgentBeat,
    AgentOrders,
    CheckedSweep,
    NewSweep,
    Sweep,
    SweepAgentList,
    SweepEdit,
    SweepList,
    SweepRunList,
)

_SAMPLES: Final = 3


class SweepService:
    """Operations on sweeps. Thread-safe."""

    def __init__(self, stores: Stores, live: LiveSweeps) -> None:
        self._stores = stores
        self._live = live

    def create(self, actor: Actor, project: ProjectPath, new: NewSweep) -> Sweep:
        """Create a sweep, and the project if it does not exist.

        ConfigError if a prior run has no value, MissingLibrary if its search needs a library that
        the server does not have, Conflict if the project has a sweep with this id.
        """
        require(actor, Action.WRITE, project)
        config = parse_config(new.config)
        seed = secrets.randbelow(2**31)
        open_search(config, seed)
        sweep_id = new_run_id() if new.id is None else check_name("sweep", new.id)
        prior = self._prior(project, config, new.prior_runs)
        metadata = self._stores.metadata
        now = self._stores.now()
        row = NewSweepRow(
            sweep=sweep_id,
            name=clean_text(config.name or sweep_id),
            description=clean_text(config.description or ""),
            config=config.source,
            seed=seed,
            run_cap=config.run_cap,
            user=actor.user or "",
            created_micros=now,
            prior=prior,
        )
        with metadata.write() as tx:
            project_id = metadata.projects.make(tx, *project.check(), now)
            if not metadata.sweeps.add_sweep(tx, project_id, row):
                raise Conflict(f"{project} has a sweep {sweep_id} already")
            begun = ActivityObject(sweep_id, row.name)
            self._stores.activity.note(tx, project_id, actor.user, "sweep.start", [begun])
        return self.get(actor, project, sweep_id)

    def check(self, actor: Actor, project: ProjectPath, config: str) -> CheckedSweep:
        """Say what is wrong with a configuration, or what it would search."""
        require(actor, Action.READ, project)
        try:
            parsed = parse_config(config)
            sets = open_search(parsed, secrets.randbelow(2**31)).ask(range(_SAMPLES))
        except WeftError as error:
            first, *lines = str(error).split("\n  - ")
            problems = lines or [first.removeprefix("the sweep's configuration is invalid: ")]
            return CheckedSweep(problems=problems, n_expected=None, samples=[])
        n_expected = expected_runs(size_of(parsed), parsed.run_cap)
        return CheckedSweep(problems=[], n_expected=n_expected, samples=sets)

    def list(
        self, actor: Actor, project: ProjectPath, *, limit: int = 100, cursor: str | None = None
    ) -> SweepList:
        """A page of a project's sweeps, newest first."""
        require(actor, Action.READ, project)
        check_limit(limit, MAX_PAGE)
        before = None if cursor is None else decode_cursor(cursor, int)
        project_id = self._stores.find_project(project)
        sweeps = self._stores.metadata.sweeps
        with self._stores.metadata.read() as tx:
            rows = sweeps.page(tx, project_id, before=before, limit=limit + 1)
            return SweepList(
                sweeps=describe(self._stores, tx, rows[:limit]),
                cursor=encode_cursor(rows[limit - 1].row_id) if len(rows) > limit else None,
                total=sweeps.count(tx, project_id),
            )

    def get(self, actor: Actor, project: ProjectPath, sweep: str) -> Sweep:
        require(actor, Action.READ, project)
        self._settle(project, sweep)
        with self._stores.metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
            return describe(self._stores, tx, [row], with_front=True)[0]

    def runs(
        self,
        actor: Actor,
        project: ProjectPath,
        sweep: str,
        *,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> SweepRunList:
        """A page of the runs of a sweep, by number."""
        require(actor, Action.READ, project)
        check_limit(limit, MAX_PAGE)
        after = -1 if cursor is None else decode_cursor(cursor, int)
        sweeps = self._stores.metadata.sweeps
        with self._stores.metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
            trials = sweeps.trials(tx, row.row_id, after=after, limit=limit + 1)
            names: dict[AgentKey, str] = {
                agent.row_id: agent.agent for agent in sweeps.agents(tx, row.row_id)
            }
        return SweepRunList(
            runs=[sweep_run(trial, names) for trial in trials[:limit]],
            cursor=encode_cursor(trials[limit - 1].number) if len(trials) > limit else None,
        )

    def agents(self, actor: Actor, project: ProjectPath, sweep: str) -> SweepAgentList:
        require(actor, Action.READ, project)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
        live = self._live.peek(row.row_id)
        if live is not None:
            with live.lock:
                live.save_beats()
        with metadata.read() as tx:
            agents = metadata.sweeps.agents(tx, row.row_id)
            trials = metadata.sweeps.trials(tx, row.row_id, ["given"])
            n_given = metadata.sweeps.n_of_agents(tx, row.row_id)
        return SweepAgentList(agents=describe_agents(agents, trials, n_given, self._stores.now()))

    def edit(self, actor: Actor, project: ProjectPath, sweep: str, edit: SweepEdit) -> Sweep:
        """Rename or describe a sweep, change its number of runs, pause, stop or resume it."""
        require(actor, Action.WRITE, project)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
        live = self._live.open(row)
        values: dict[str, Any] = {}
        if edit.name is not UNSET:
            values["name"] = clean_text(edit.name.strip() or sweep)
        if edit.description is not UNSET:
            values["description"] = clean_text(edit.description)
        if edit.run_cap is not UNSET:
            values["run_cap"] = edit.run_cap
        with live.lock:
            if values:
                live.edit(values, actor.user)
            if edit.retry:
                live.retry_failed()
            if edit.state is not UNSET:
                live.set_state(edit.state, actor.user)
                if edit.state == "cancelled":
                    self._stop_runs(live, f"{actor.shown}, with the whole sweep")
        return self.get(actor, project, sweep)

    def delete(self, actor: Actor, project: ProjectPath, sweep: str) -> None:
        """Delete a sweep. Its runs stay; its agents end."""
        require(actor, Action.DELETE, project)
        metadata = self._stores.metadata
        with metadata.write() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
            metadata.sweeps.delete(tx, row.row_id)
            self._stores.audit.note(
                tx, actor, "sweep.remove", project.entity, f"{project}/{sweep}"
            )
        self._live.drop(row.row_id)

    def answer_beat(
        self, actor: Actor, project: ProjectPath, sweep: str, agent: str, beat: AgentBeat
    ) -> AgentOrders:
        """Note what an agent says, and tell it what to do."""
        require(actor, Action.LOG, project)
        check_name("agent", agent)
        # Without a look into the metadata: a thousand agents ask every few seconds.
        live = self._live.find_sweep(self._stores.find_project(project), sweep)
        if live is not None:
            try:
                return live.answer_beat(actor.user or "", agent, beat)
            except NotFound:  # deleted at another server; there may be a new one with its id
                self._live.drop(live.row.row_id)
        with self._stores.metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
        return self._live.open(row).answer_beat(actor.user or "", agent, beat)

    def _stop_runs(self, live: LiveSweep, by: str) -> None:
        for trial in live.schedule.open:
            entry = live.entry_of(trial.run)
            if entry is not None:
                ask_to_stop(self._stores, entry, by)

    def _settle(self, project: ProjectPath, sweep: str) -> None:
        with self._stores.metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
        if row.state not in OPEN_SWEEPS:
            return
        try:
            live = self._live.open(row)
        except MissingLibrary:
            return
        with live.lock:
            live.settle_all()

    def _prior(
        self, project: ProjectPath, config: SweepConfig, names: Sequence[str]
    ) -> builtins.list[PriorRun]:
        """Results of earlier runs for a sweep's search."""
        if not names:
            return []
        metadata = self._stores.metadata
        with metadata.read() as tx:
            runs_by_id = metadata.runs.get_many(tx, *project, list(names))
        missing = [name for name in names if name not in runs_by_id]
        if missing:
            raise NotFound(f"no run {project}/{missing[0]}, named in prior_runs")
        prior: builtins.list[PriorRun] = []
        for name, run in zip(
            names, summaries_of(self._stores, [runs_by_id[name] for name in names]), strict=True
        ):
            parameters = from_config(config.space, run.config)
            if parameters is None:
                raise ConfigError(
                    f"prior run {name} does not fit: its config lacks a parameter of the sweep, "
                    "or has a value outside of its range"
                )
            values, error = read_values(run.summary, config.metrics)
            if error is not None:
                raise ConfigError(f"prior run {name} has no value: {error}")
            prior.append(PriorRun(name, parameters, values))
        return prior
