"""UpsertBucket: begins a process of a run, and applies what it says about the run later.

The client sends the same mutation when a process begins and whenever name, tags or config change.
A process is a writer of the run, so that its end does not end another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from weft.errors import ConfigError, NotFound
from weft.records.ids import DEFAULT_PROJECT, new_run_id, new_writer_id
from weft.records.limits import MAX_MICROS, MAX_NAME_CHARS
from weft.records.record import Alert, Config, Exit, MetricDefinition, Record, Run
from weft.records.states import ENDED_STATES
from weft.server.services.access import Action, Actor, RunPath, require
from weft.server.services.opening import Services
from weft.wandb_format import same_additions
from weft.wandb_format.definitions import read_definitions
from weft.wandb_gateway.runs.config import changes, read_config
from weft.wandb_gateway.runs.late_additions import LateAdditions
from weft.wandb_gateway.runs.memory import (
    AFTER_OTHER_ROWS,
    CONSOLE,
    EVENTS,
    HISTORY,
    Earlier,
    Memories,
    RunMemory,
)
from weft.wire.runs.continuation import Continuation
from weft.wire.runs.runs import Run as RunInfo

_MAX_RESUMING: Final = 10_000

_ALERT_MICROS: Final = 3_600_000_000
"""Alerts are remembered so long, which is longer than clients ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """The input of UpsertBucket. None leaves a field unchanged.

    Attributes:
        has_id: whether the client sent the run's id in the API: it resumes the run, or it
            changes a run that it began.
        begins: False for a run that is only created.
    """

    name: str | None = None
    project: str | None = None
    entity: str | None = None
    has_id: bool = False
    display_name: str | None = None
    notes: str | None = None
    tags: Sequence[str] | None = None
    group: str | None = None
    job_type: str | None = None
    sweep: str | None = None
    host: str | None = None
    config: str | None = None
    begins: bool = True

    def path(self, actor: Actor) -> RunPath:
        """The run's path; without an entity, of the one who asks."""
        entity = actor.named(self.entity) if self.entity else actor.entity
        project = self.project or DEFAULT_PROJECT
        return RunPath(entity, project, self.name or new_run_id()).check()

    @property
    def sets_more_than_config(self) -> bool:
        """Whether it changes more than the config."""
        fields = (self.display_name, self.notes, self.group, self.job_type, self.sweep, self.host)
        return self.tags is not None or any(field is not None for field in fields)


class RunStarts:
    """Begins runs and their processes, and goes back in them. Thread-safe."""

    def __init__(self, services: Services, memories: Memories) -> None:
        self._services = services
        self._memories = memories
        self._late_additions = LateAdditions(services)
        # Runs whose state a client asked for in order to resume them.
        self._resuming: set[RunPath] = set()

    def upsert(
        self, actor: Actor, run_input: RunInput, client: str | None
    ) -> tuple[RunPath, bool]:
        """Begin a process of a run, or apply what changed.

        Returns the run, and whether it is new. `client` is the process in shared mode.
        """
        path = run_input.path(actor)
        require(actor, Action.LOG, path)
        with self._memories.hold(path):
            memory = self._memories.read(actor, path)
            run = self._run(actor, path)
            records: list[Record] = []
            now = self._services.stores.now()
            begins = self._is_begun(memory, run, run_input, client, path)
            if begins:
                self._begin(actor, path, memory, run, run_input, client, now, records)
            record = memory.record
            assert record is not None, "a process that began has one"
            changed = _changed(record, run_input, now)
            if run_input.config is not None:
                before = memory.internal
                changed = self._read_config(
                    memory, changed, run_input.config, client, now, records
                )
                if not begins and not same_additions(memory.internal, before):
                    # Before the state is stored: a request that fails here is sent again.
                    self._late_additions.add_rows(actor, path, memory, client)
            records.insert(0, changed)  # a writer's first record
            memory.record = changed
            writer = memory.writer_of(client)
            self._memories.write(
                actor, path, memory, records, writer=writer, live=run_input.begins
            )
        return path, run is None

    def note_resume(self, path: RunPath) -> None:
        """Note that a client asked for a run's state: it may be about to resume the run."""
        if len(self._resuming) >= _MAX_RESUMING:
            self._resuming.clear()  # most of those never came back
        self._resuming.add(path)

    def rewind(self, actor: Actor, path: RunPath, step: float) -> None:
        """Go back in a run: its rows after a step no longer count."""
        require(actor, Action.LOG, path)
        with self._memories.hold(path):
            before = self._services.continuation.get(actor, path, _plain_step(step))
            memory = self._memories.read(actor, path)
            memory.writer = new_writer_id()
            memory.numbering = dict.fromkeys((EVENTS, CONSOLE), memory.writer)
            memory.rewound = True
            now = self._services.stores.now()
            memory.record = Run(
                run_id=path.run,
                project=path.project,
                entity=path.entity,
                start_micros=now,
                micros=now,
                resume="rewind",
                runtime_micros=before.runtime_micros,
                fork_run=path.run,
                fork_step=_plain_step(step),
                sources=_sources(before, _plain_step(step)),
                user=actor.user,
            )
            self._memories.write(actor, path, memory, [memory.record])

    def set_state(self, actor: Actor, path: RunPath, state: str) -> None:
        """Note that a run has ended, or will begin, without a process that says so."""
        require(actor, Action.LOG, path)
        if state in {"pending", "running"}:
            return
        if state not in ENDED_STATES:
            raise ConfigError(f"a run can't be set to {state[:80]!r}", field="state")
        with self._memories.hold(path):
            memory = self._memories.read_begun(actor, path)
            code = 0 if state == "finished" else 1
            ended = Exit(self._services.stores.now(), code, state)
            self._memories.write(actor, path, memory, [ended], live=False)

    def note(self, actor: Actor, path: RunPath, record: Record) -> None:
        """Keep what the newest process of a run says."""
        require(actor, Action.LOG, path)
        with self._memories.hold(path):
            memory = self._memories.read_begun(actor, path)
            self._memories.write(actor, path, memory, [record], live=False)

    def alert(self, actor: Actor, path: RunPath, alert: Alert, wait_micros: int) -> None:
        """Keep an alert, unless one with its title was kept within a time."""
        require(actor, Action.LOG, path)
        with self._memories.hold(path):
            memory = self._memories.read_begun(actor, path)
            before = memory.alerts.get(alert.title)
            if before is not None and alert.micros - before < wait_micros:
                return
            memory.alerts = {
                title: micros
                for title, micros in memory.alerts.items()
                if alert.micros - micros < _ALERT_MICROS
            }
            memory.alerts[alert.title] = alert.micros
            self._memories.write(actor, path, memory, [alert])

    def n_history_lines(self, actor: Actor, path: RunPath, client: str | None = None) -> int:
        """The number from which a process that begins now counts its rows."""
        memory = self._memories.read(actor, path)
        stream_position = self._services.ingest.position(
            actor, path, memory.stream(HISTORY, client).name
        )
        if stream_position is not None or client is not None or memory.writer:
            return stream_position.position if stream_position is not None else 0
        # A run that weft's own client logged: its rows come before any of this client's.
        page = self._services.history.rows(actor, path, keys=[], limit=1)
        return AFTER_OTHER_ROWS if page.rows else 0

    def _run(self, actor: Actor, path: RunPath) -> RunInfo | None:
        try:
            return self._services.runs.get(actor, path)
        except NotFound:
            return None

    def _is_begun(
        self,
        memory: RunMemory,
        run: RunInfo | None,
        run_input: RunInput,
        client: str | None,
        path: RunPath,
    ) -> bool:
        """Whether a process begins with this request."""
        resumes = path in self._resuming
        self._resuming.discard(path)
        if client is not None:
            return client not in memory.clients
        if memory.rewound:
            memory.rewound = False
            return False
        if run is None or not memory.writer or resumes:
            return True
        if run.state in ENDED_STATES:
            return run_input.sets_more_than_config
        # A process that begins does not know the run's id, and says all about it.
        return run_input.sets_more_than_config and not run_input.has_id

    def _begin(
        self,
        actor: Actor,
        path: RunPath,
        memory: RunMemory,
        run: RunInfo | None,
        run_input: RunInput,
        client: str | None,
        now: int,
        records: list[Record],
    ) -> None:
        writer = new_writer_id()
        memory.base, memory.repeats = 0, None
        if client is not None:
            memory.clients[client] = writer
        elif memory.writer and not run_input.has_id:
            memory.base = self.n_history_lines(actor, path)
            memory.before = Earlier(memory.writer, memory.numbering)
            # Without resume, a process numbers its lines of these files from 0 again.
            memory.numbering = dict.fromkeys((EVENTS, CONSOLE), writer)
        memory.writer = writer
        begun = Run(
            run_id=path.run,
            project=path.project,
            entity=path.entity,
            start_micros=now,
            micros=now,
            user=actor.user,
        )
        if run is not None and client is None:
            before = self._services.continuation.get(actor, path)
            begun = msgspec.structs.replace(
                begun, resume="allow", runtime_micros=before.runtime_micros
            )
        elif run is None and run_input.config is not None:
            begun = self._fork(actor, path, begun, run_input.config, now, records)
        memory.record = begun

    def _fork(
        self,
        actor: Actor,
        path: RunPath,
        begun: Run,
        config: str,
        now: int,
        records: list[Record],
    ) -> Run:
        """Make a new run a fork, if its config says so, with the config of the other run."""
        branch_point = read_config(config).internal.get("branch_point")
        if not isinstance(branch_point, dict):
            return begun
        point = cast("dict[str, Any]", branch_point)
        parent = path._replace(run=str(point.get("run_id") or ""))
        step = point.get("step")
        if not isinstance(step, (int, float)):
            raise ConfigError(f"fork of {parent}: the step is missing", field="config")
        step = _plain_step(step)
        before = self._services.continuation.get(actor, parent, step)
        records += [
            MetricDefinition(**fields, overwrite=True, micros=now) for fields in before.definitions
        ]
        values, _ = changes({}, before.config)
        if values:
            records.append(Config(now, values))
        return msgspec.structs.replace(
            begun,
            runtime_micros=before.runtime_micros,
            fork_run=parent.run,
            fork_step=step,
            sources=_sources(before, step),
        )

    def _read_config(
        self,
        memory: RunMemory,
        record: Run,
        text: str,
        client: str | None,
        now: int,
        records: list[Record],
    ) -> Run:
        """Add the records for what changed in the config; the Run record with its true start."""
        values, internal = read_config(text)
        if client is not None:
            values = {**memory.config, **values}
            internal = _merged(memory.internal, internal)
        set_, removed = changes(memory.config, values)
        if set_ or removed:
            records.append(Config(now, set_, removed))
        existing = {
            definition.name: definition
            for definition in read_definitions(memory.internal.get("m"), 0)
        }
        for definition in read_definitions(internal.get("m"), 0):
            if existing.get(definition.name) != definition:
                records.append(msgspec.structs.replace(definition, micros=now))
        memory.config = values
        memory.internal = internal or memory.internal
        started = _started_micros(internal)
        if started is not None and started < record.start_micros and record.resume is None:
            record = msgspec.structs.replace(record, start_micros=started)
        return record


def _changed(record: Run, run_input: RunInput, now: int) -> Run:
    """A Run record with the fields of an input; None leaves a field unchanged."""
    fields: dict[str, Any] = {
        "name": run_input.display_name[:MAX_NAME_CHARS] if run_input.display_name else None,
        "notes": run_input.notes,
        "tags": None if run_input.tags is None else list(run_input.tags),
        "group": run_input.group,
        "job_type": run_input.job_type,
        "sweep": run_input.sweep,
    }
    new = {key: value for key, value in fields.items() if value is not None}
    if all(getattr(record, key) == value for key, value in new.items()):
        return record
    return msgspec.structs.replace(record, micros=now, **new)


def _merged(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The config entries of several processes, each with its own environment."""
    merged = {**before, **after}
    old, new = before.get("e"), after.get("e")
    if isinstance(old, dict) and isinstance(new, dict):
        merged["e"] = {**cast("dict[str, Any]", old), **cast("dict[str, Any]", new)}
    return merged


def _started_micros(internal: Mapping[str, Any]) -> int | None:
    """The start of the first process, from the environments. None if they have no valid time."""
    environments = internal.get("e")
    if not isinstance(environments, dict):
        return None
    times: list[int] = []
    for environment in cast("dict[str, Any]", environments).values():
        text = (
            cast("dict[str, Any]", environment).get("startedAt")
            if isinstance(environment, dict)
            else None
        )
        try:
            moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        except ValueError:
            continue
        if moment.tzinfo is not None:
            times.append(round(moment.timestamp() * 1e6))
    return min((micros for micros in times if 0 <= micros <= MAX_MICROS), default=None)


def _plain_step(step: float) -> int | float:
    return int(step) if float(step).is_integer() else step


def _sources(before: Continuation, step: float) -> list[tuple[str, str, int | float]]:
    """The rows that a fork or a rewound run begins with."""
    return [
        (run, writer, step if last is None else min(last, step))
        for run, writer, last in before.sources
    ]
