"""Runs: list, look at, edit, stop, delete."""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec

from weft.errors import ConfigError, Conflict, Gone, NotFound
from weft.records.limits import MAX_NAME_CHARS, MAX_TEXT_BYTES
from weft.records.merge import NEVER, Stamp
from weft.records.record import Alert
from weft.server.services.actors import Actor
from weft.server.services.busy.settling import READ_OLD, settle
from weft.server.services.context import Stores
from weft.server.services.effects import put_changes
from weft.server.services.permissions import Action, ProjectPath, require
from weft.server.services.purging import purge
from weft.server.services.reading.cursors import decode_cursor, encode_cursor
from weft.server.services.reading.run_infos import read_run_infos
from weft.server.services.reading.search import matching
from weft.server.services.types import (
    AlertInfo,
    AlertList,
    ConfigEdit,
    RunEdit,
    RunInfo,
    RunPage,
    RunPath,
    RunState,
    WriterInfo,
    WriterList,
)
from weft.server.storage.metadata.definitions import KeptRecord
from weft.server.storage.metadata.engine import Transaction
from weft.server.storage.metadata.field_rows import FieldChange
from weft.server.storage.metadata.runs import OPEN_STATES, RunRow
from weft.server.storage.metadata.tombstones import PendingPurge
from weft.server.storage.metadata.writers import WriterRow

WEB_WRITER: Final = "web"
"""Writer of what people change; no log has this name, theirs have twelve characters."""

MAX_PAGE: Final = 10_000
_MAX_TAGS: Final = 1000

_decode_alert: Final = msgspec.msgpack.Decoder(Alert).decode


class RunService:
    """What can be done with runs."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(
        self,
        actor: Actor,
        entity: str,
        project: str,
        *,
        search: str = "",
        regex: bool = False,
        state: RunState | None = None,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> RunPage:
        """Runs of a project whose id, name, notes, tags or group match, newest first.

        Their configs and summaries are shortened where they are long (`RunInfo.truncated`).
        `search` is part of one of those, case folded; with `regex` a pattern (<= 200 characters).

        Raises:
            NotFound: there is no such project.
            ConfigError: the pattern, cursor, limit or state is none.
        """
        require(actor, Action.READ, ProjectPath(entity, project))
        if state is not None and state not in get_args(RunState):
            raise ConfigError(f"state must be one of {', '.join(get_args(RunState))}")
        if not 1 <= limit <= MAX_PAGE:
            raise ConfigError(f"limit must be 1 to {MAX_PAGE}")
        before = None if cursor is None else decode_cursor(cursor, tuple[int, int])
        project_id = self._stores.find_project(entity, project)
        runs = self._stores.metadata.runs
        with self._stores.metadata.read() as tx:
            if search:
                found = matching(runs.texts(tx, project_id, state=state), search, regex=regex)
                total = len(found)
                places = [(text.created_micros, text.row_id) for text in found]
                places = [place for place in places if before is None or place < before]
                by_id = runs.by_ids(tx, [row_id for _, row_id in places[: limit + 1]])
                rows = [by_id[row_id] for _, row_id in places[: limit + 1] if row_id in by_id]
            else:
                total = runs.count(tx, project_id, state=state)
                rows = runs.page(tx, project_id, state=state, before=before, limit=limit + 1)
        infos = read_run_infos(self._stores, rows[:limit], shortened=True)
        more = len(rows) > limit
        last = rows[limit - 1] if more else None
        following = None if last is None else encode_cursor((last.created_micros, last.row_id))
        return RunPage(runs=infos, cursor=following, total=total)

    def get(self, actor: Actor, path: RunPath) -> RunInfo:
        """One run.

        Raises:
            NotFound: there is none.
            Gone: it was deleted.
        """
        require(actor, Action.READ, path)
        entry = self._stores.registry.peek(path)
        if entry is not None:
            settle(self._stores, entry, max_old=READ_OLD)
        with self._stores.metadata.read() as tx:
            row = self._row(tx, path)
        return read_run_infos(self._stores, [row])[0]

    def writers(self, actor: Actor, path: RunPath) -> WriterList:
        """Who wrote to a run, in the order in which they were first heard of.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
        """
        require(actor, Action.READ, path)
        entry = self._stores.find_run(path)
        with entry.lock:
            known = [(one.row, one.beat_micros) for one in entry.writers.values()]
        return WriterList([_writer_info(row, beat) for row, beat in known])

    def alerts(self, actor: Actor, path: RunPath) -> AlertList:
        """What the run's scripts wanted a person to see, oldest first; the newest 10,000.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
        """
        require(actor, Action.READ, path)
        with self._stores.metadata.read() as tx:
            row_id = self._row(tx, path).row_id
            kept = self._stores.metadata.kept_records.of_runs(tx, [row_id], ("Alert",))[row_id]
            writers = self._stores.metadata.writers.of_run(tx, row_id)
        offsets = {writer.writer: writer.offset_micros or 0 for writer in writers}
        alerts = [_alert_info(one, offsets.get(one.writer, 0)) for one in kept]
        alerts.sort(key=lambda alert: alert.time_micros)
        return AlertList(alerts[-MAX_PAGE:])

    def edit(self, actor: Actor, path: RunPath, edit: RunEdit) -> RunInfo:
        """Change what a person may change; counts as a change by a writer of its own, made now.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
            ConfigError: a value is too long or of a wrong type.
        """
        require(actor, Action.WRITE, path)
        columns = _edited_columns(edit)
        metadata = self._stores.metadata
        with metadata.write() as tx:
            row = self._row(tx, path, for_update=True)
            stamps = [row.stamps.get(column, NEVER) for column in columns]
            changes: dict[str, FieldChange] = {}
            if isinstance(edit.config, ConfigEdit):
                stamps += metadata.fields.stamps(tx, row.row_id, "config").values()
                stamp = self._stamp_after(stamps)
                put_changes(changes, edit.config.set, edit.config.removed, stamp)
            else:
                stamp = self._stamp_after(stamps)
            metadata.runs.change(tx, row, columns, stamp)
            metadata.fields.put(tx, row.row_id, "config", changes)
        self._stores.live.publish(actor, path.entity, path.project, path.run, meta=True)
        return self.get(actor, path)

    def stop(self, actor: Actor, path: RunPath) -> None:
        """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
            Conflict: it has ended.
        """
        require(actor, Action.WRITE, path)
        entry = self._stores.find_run(path)
        with entry.lock:
            if entry.state not in OPEN_STATES:
                raise Conflict(f"run {path} has ended: {entry.state}")
            with self._stores.metadata.write() as tx:
                self._stores.metadata.runs.set_stop(tx, entry.row_id, requested=True)
            entry.stop_requested = True

    def delete(self, actor: Actor, path: RunPath) -> None:
        """Delete a run and its points, for good. A tombstone refuses late uploads.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted before.
        """
        require(actor, Action.DELETE, path)
        stores = self._stores
        metadata = stores.metadata
        with metadata.write() as tx:
            row = self._row(tx, path, for_update=True)
            metadata.tombstones.add_runs(
                tx,
                path.entity,
                path.project,
                [path.run],
                now_micros=stores.now(),
                purge_project_id=row.project_id,
            )
            metadata.runs.delete(tx, row.row_id)
        stores.registry.forget(path)
        purge(
            stores,
            PendingPurge(row.project_id, None, path.entity, path.project, path.run, None),
        )
        stores.live.publish(actor, path.entity, path.project, path.run, meta=True)

    def _row(self, tx: Transaction, path: RunPath, *, for_update: bool = False) -> RunRow:
        metadata = self._stores.metadata
        row = metadata.runs.get(tx, path.entity, path.project, path.run, for_update=for_update)
        if row is not None:
            return row
        if metadata.tombstones.has_run(tx, path.entity, path.project, path.run):
            raise Gone(f"run {path} was deleted")
        raise NotFound(f"no run {path}")

    def _stamp_after(self, others: Any) -> Stamp:
        # Later than all it touches: two edits may come in one microsecond, or a clock steps back.
        latest = max((stamp.micros for stamp in others), default=0)
        return Stamp(max(self._stores.now(), latest + 1), WEB_WRITER, 0)


def _writer_info(row: WriterRow, beat_micros: int | None) -> WriterInfo:
    offset = row.offset_micros or 0
    return WriterInfo(
        writer=row.writer,
        parent=row.parent,
        host=row.host,
        labels=row.labels,
        started_micros=None if row.anchor_micros is None else row.anchor_micros + offset,
        heartbeat_micros=beat_micros,
        ended_micros=None if row.exit_micros is None else row.exit_micros + offset,
        exit_code=row.exit_code,
    )


def _alert_info(kept: KeptRecord, offset_micros: int) -> AlertInfo:
    alert = _decode_alert(kept.payload)
    return AlertInfo(
        title=alert.title,
        text=alert.text,
        level=alert.level,
        time_micros=alert.micros + offset_micros,
        writer=kept.writer,
    )


def _edited_columns(edit: RunEdit) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if edit.name is not msgspec.UNSET:
        name = edit.name.strip()
        if not name or len(name) > MAX_NAME_CHARS:
            raise ConfigError(f"name must have 1 to {MAX_NAME_CHARS} characters")
        columns["name"] = name
    if edit.notes is not msgspec.UNSET:
        if edit.notes is not None and len(edit.notes.encode(errors="replace")) > MAX_TEXT_BYTES:
            raise ConfigError(f"notes must have at most {MAX_TEXT_BYTES} bytes")
        columns["notes"] = edit.notes
    if edit.tags is not msgspec.UNSET:
        if len(edit.tags) > _MAX_TAGS or any(
            not tag.strip() or len(tag) > MAX_NAME_CHARS for tag in edit.tags
        ):
            raise ConfigError(
                f"tags must be at most {_MAX_TAGS}, each of 1 to {MAX_NAME_CHARS} characters"
            )
        columns["tags"] = list(dict.fromkeys(edit.tags))
    return columns
