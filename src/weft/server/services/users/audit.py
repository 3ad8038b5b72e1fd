"""Reads the audit log, for administrators, and the part of a team for its admins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import EntityPath
from weft.server.services.access.permissions import SERVER, Action, may, require
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import AuditFilter, AuditRow
from weft.wire.runs.runs import MAX_PAGE
from weft.wire.server.audit import AuditEntry, AuditPage

_EXPORTED_AT_ONCE: Final = 1000


class AuditQuery(NamedTuple):
    """A selection of entries; see `AuditFilter`."""

    entity: str | None = None
    actor: str | None = None
    action: str | None = None
    since_micros: int | None = None
    until_micros: int | None = None


class AuditService(Service):
    """The audit log. Thread-safe."""

    def page(
        self, actor: Actor, query: AuditQuery, *, limit: int = 100, cursor: str | None = None
    ) -> AuditPage:
        """A page of entries that the actor may see, from the newest on."""
        require(actor, Action.READ, SERVER)
        check_limit(limit, MAX_PAGE)
        before_id = None if cursor is None else decode_cursor(cursor, int)
        rows = self._rows(self._filter(actor, query), before_id, limit + 1)
        more = len(rows) > limit
        entries = [_entry(row) for row in rows[:limit]]
        return AuditPage(entries, encode_cursor(rows[limit - 1].row_id) if more else None)

    def export(self, actor: Actor, query: AuditQuery) -> Iterator[bytes]:
        """The entries as JSON lines, some at a time. The export is noted, too."""
        require(actor, Action.READ, SERVER)
        selected = self._filter(actor, query)
        with self._stores.metadata.write() as tx:
            filters = {name: value for name, value in query._asdict().items() if value is not None}
            own = query.entity or ("" if actor.may_all else actor.user or "")
            self._stores.audit.note(tx, actor, "audit.export", own, "audit log", after=filters)
        return self._lines(selected)

    def _lines(self, selected: AuditFilter) -> Iterator[bytes]:
        before_id = None
        while rows := self._rows(selected, before_id, _EXPORTED_AT_ONCE):
            before_id = rows[-1].row_id
            yield b"".join(msgspec.json.encode(_entry(row)) + b"\n" for row in rows)

    def _rows(self, selected: AuditFilter, before_id: int | None, limit: int) -> list[AuditRow]:
        if selected.entities is not None and not selected.entities:
            return []
        metadata = self._stores.metadata
        with metadata.read() as tx:
            return metadata.audit.page(tx, selected, before_id=before_id, limit=limit)

    def _filter(self, actor: Actor, query: AuditQuery) -> AuditFilter:
        """The filter of a query; Forbidden for the entries of an entity of others."""
        entities = None if query.entity is None else {actor.named(query.entity)}
        if not may(actor, Action.ADMIN, SERVER):
            if entities is None:
                own = {actor.user or ""} | self._stores.people.current.teams.keys()
                entities = {name for name in own if may(actor, Action.ADMIN, EntityPath(name))}
            for name in entities:
                require(actor, Action.ADMIN, EntityPath(name))
        return AuditFilter(
            entities,
            query.actor,
            query.action,
            since_micros=query.since_micros,
            until_micros=query.until_micros,
        )


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.row_id,
        at_micros=row.at_micros,
        actor=row.actor,
        role=row.role,
        address=row.address,
        key_prefix=row.key_prefix,
        action=row.action,
        entity=row.entity,
        object=row.object,
        before=_fields(row.before),
        after=_fields(row.after),
    )


def _fields(text: str | None) -> dict[str, Any] | None:
    return None if text is None else msgspec.json.decode(text)
