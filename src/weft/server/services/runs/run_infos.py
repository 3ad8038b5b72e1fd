"""Assembles descriptions of runs: their rows, config, summary, warnings, latest values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

import msgspec

from weft.records.merge import SetValues, nest
from weft.records.record import Gap, LostMedia, MetricDefinition
from weft.records.sizes import lost_media, shown_size
from weft.records.states import RunState
from weft.records.value import json_safe
from weft.server.services.access.actors import SYSTEM, WEB_WRITER, Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.reading.similar_projects import similar_projects_warning
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.projection import Unwritten, unwritten
from weft.server.storage.metadata import OPEN_STATES, KeptRecord, RunRow, Transaction, WriterRow
from weft.wire.runs.runs import Definition, Fork, Run

LIST_VALUES: Final = 200
_LIST_CHARS: Final = 1000

_NOTHING_SET: Final = SetValues()

_decode_gap: Final = msgspec.msgpack.Decoder(Gap)
_decode_media: Final = msgspec.msgpack.Decoder(LostMedia)

_NAMED_MEDIA: Final = 3
"""Most lost files that a warning names."""


def read_run_infos(
    stores: Stores, rows: Sequence[RunRow], *, actor: Actor = SYSTEM, shortened: bool = False
) -> list[Run]:
    """Assemble the descriptions of some runs, in the order given.

    Warnings name only projects that the actor may see. For lists, `shortened` leaves at most
    `LIST_VALUES` values of config and summary each.
    """
    entries = {row.row_id: entry for row in rows if (entry := _entry_of(stores, row)) is not None}
    # Read before the metadata: a value written in between is then seen twice instead of never.
    fresh = {row_id: unwritten(stores, entry) for row_id, entry in entries.items()}
    with stores.metadata.read() as tx:
        return _read(stores, tx, rows, entries, fresh, actor=actor, shortened=shortened)


def _read(
    stores: Stores,
    tx: Transaction,
    rows: Sequence[RunRow],
    entries: Mapping[int, RunEntry],
    fresh: Mapping[int, Unwritten],
    *,
    actor: Actor,
    shortened: bool,
) -> list[Run]:
    row_ids = [row.row_id for row in rows]
    projects = {ProjectPath(row.entity, row.project) for row in rows}
    similar = {
        project: similar_projects_warning(stores.metadata, tx, actor, project)
        for project in projects
    }
    limit = LIST_VALUES if shortened else None
    # JSON with escapes may be longer than its form from `_short`.
    chars = 6 * _LIST_CHARS if shortened else None
    fields = stores.metadata.fields.read(tx, row_ids, limit=limit, max_chars=chars)
    definitions = stores.metadata.definitions.of_runs(tx, row_ids)
    losses = stores.metadata.kept_records.of_runs(tx, row_ids, ("Gap", "LostMedia"))
    n_alerts = stores.metadata.kept_records.counts(tx, row_ids, "Alert")
    writers = stores.metadata.writers.of_runs(tx, row_ids)
    set_values = stores.metadata.fields.set_values(
        tx, [row_id for row_id, unwritten in fresh.items() if unwritten.values]
    )
    for row_id, change in fresh.items():
        _lay_over(fields[row_id]["logged"], change, set_values.get(row_id, _NOTHING_SET))
    return [
        _run_info(
            row,
            entries.get(row.row_id),
            config=fields[row.row_id]["config"],
            summary={**fields[row.row_id]["set"], **fields[row.row_id]["logged"]},
            definitions=definitions[row.row_id],
            n_alerts=n_alerts.get(row.row_id, 0),
            warnings=[
                *_warnings(losses[row.row_id], writers[row.row_id]),
                *_warnings_of_files(stores, row),
                *([] if shortened else _warnings_of_paths(stores, tx, row)),
                *_warnings_of_room(stores, row),
                *filter(None, [similar[ProjectPath(row.entity, row.project)]]),
            ],
            shortened=shortened,
        )
        for row in rows
    ]


def _notes_by(row: RunRow) -> str | None:
    """Who last changed the notes: by hand, or the user whose script set them."""
    stamp = row.stamps.get("notes")
    if stamp is None:
        return None
    return row.notes_by if stamp.writer == WEB_WRITER else row.user


def _run_info(
    row: RunRow,
    entry: RunEntry | None,
    *,
    config: dict[str, Any],
    summary: dict[str, Any],
    definitions: list[MetricDefinition],
    n_alerts: int,
    warnings: list[str],
    shortened: bool,
) -> Run:
    heartbeat = row.heartbeat_micros
    if entry is not None:
        with entry.lock:
            heartbeat = entry.heartbeat_micros() or heartbeat
    whole = config, summary, definitions
    if shortened:
        config, summary = _shorten(config), _shorten(summary)
        definitions = definitions[:LIST_VALUES]
    return Run(
        id=row.run,
        entity=row.entity,
        project=row.project,
        name=row.name,
        state=cast("RunState", row.state),
        notes=row.notes,
        tags=row.tags,
        group=row.run_group,
        job_type=row.job_type,
        sweep=row.sweep,
        color=row.color,
        user=row.user,
        created_micros=row.created_micros,
        arrived_micros=row.arrived_micros,
        started_micros=row.started_micros,
        runtime_from_micros=(
            row.started_micros if row.runtime_from_micros is None else row.runtime_from_micros
        ),
        heartbeat_micros=heartbeat,
        ended_micros=row.ended_micros,
        exit_code=row.exit_code,
        reason=row.reason,
        edited_by=row.edited_by,
        locked_by=row.locked_by,
        locked_micros=row.locked_micros,
        notes_by=_notes_by(row),
        notes_micros=None if "notes" not in row.stamps else row.stamps["notes"].micros,
        stopped_by=None if row.state == "finished" else row.stopped_by,
        host=row.host,
        config=nest(sorted(config.items())),
        summary=nest(sorted(summary.items())),
        fork=None if row.fork_run is None else Fork(run=row.fork_run, step=row.fork_step),
        definitions=[_definition_info(definition) for definition in definitions],
        n_alerts=n_alerts,
        warnings=warnings,
        truncated=whole != (config, summary, definitions),
    )


def _definition_info(definition: MetricDefinition) -> Definition:
    return Definition(
        name=definition.name,
        step_metric=definition.step_metric,
        step_sync=definition.step_sync,
        summary=definition.summary,
        goal=definition.goal,
        hidden=definition.hidden,
    )


def _entry_of(stores: Stores, row: RunRow) -> RunEntry | None:
    entry = stores.registry.peek(RunPath(row.entity, row.project, row.run))
    return entry if entry is not None and entry.row_id == row.row_id else None


def _lay_over(logged: dict[str, Any], fresh: Unwritten, set_values: SetValues) -> None:
    if fresh.is_whole:
        logged.clear()
    for path, change in fresh.values.items():
        if not set_values.hides(path, change.stamp):
            logged[path] = change.value


def _shorten(values: Mapping[str, Any]) -> dict[str, Any]:
    return {path: _short(value) for path, value in islice(values.items(), LIST_VALUES)}


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LIST_CHARS]
    if type(value) in {list, dict}:
        text = msgspec.json.encode(json_safe(value)).decode()
        return value if len(text) <= _LIST_CHARS else text[:_LIST_CHARS]
    return value


def _warnings_of_files(stores: Stores, row: RunRow) -> list[str]:
    if stores.originals is None:
        return []
    return stores.originals.warnings(RunPath(row.entity, row.project, row.run))


def _warnings_of_paths(stores: Stores, tx: Transaction, row: RunRow) -> list[str]:
    """A file and a folder with one path: no disk takes both, whichever processes sent them."""
    path = stores.metadata.files.file_and_folder(tx, row.row_id)
    if path is None:
        return []
    return [
        f"{path} is a file and also a folder with files: all are stored, but a download to a disk "
        "takes only one of them; delete one, or log it under another name"
    ]


def _warnings_of_room(stores: Stores, row: RunRow) -> list[str]:
    """Why the uploads of a run that has not ended are being refused."""
    warning = stores.room.warning(row.entity) if row.state in OPEN_STATES else None
    return [] if warning is None else [warning]


def _warnings(losses: Sequence[KeptRecord], writers: Sequence[WriterRow]) -> list[str]:
    warnings: list[str] = []
    gaps = [_decode_gap.decode(loss.payload) for loss in losses if loss.kind == "Gap"]
    media = [_decode_media.decode(loss.payload) for loss in losses if loss.kind == "LostMedia"]
    n_lost = sum(gap.n_rows for gap in gaps)
    if n_lost:
        warnings.append(f"{n_lost} rows were lost on the client: its disk took no more")
    n_files = sum(loss.n_files for loss in media)
    if n_files:
        paths = [path for loss in media for path in loss.paths][:_NAMED_MEDIA]
        warnings.append(f"{lost_media(n_files, paths)}; the client's disk took no more")
    n_damaged = sum(writer.n_damaged_bytes for writer in writers)
    if n_damaged:
        warnings.append(
            f"{shown_size(n_damaged)} of the run's log are damaged; what they held is lost"
        )
    n_refused = sum(writer.n_refused for writer in writers)
    if n_refused:
        reason = next(writer.refusal for writer in writers if writer.n_refused)
        records = "1 record" if n_refused == 1 else f"{n_refused} records"
        were = "was" if n_refused == 1 else "were"
        warnings.append(f"{records} of the log {were} refused: {reason}")
    # The writers of a host have measured one clock, each a little differently.
    offsets = {
        writer.host or writer.writer: writer.offset_micros
        for writer in reversed(writers)
        if writer.offset_micros
    }
    for host, offset_micros in reversed(offsets.items()):
        secs = -offset_micros / 1_000_000
        warnings.append(f"the clock of {host} is {secs:+.1f} s off; its times were corrected")
    return warnings
