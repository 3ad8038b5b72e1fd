"""The audit log: sign-ins, and changes of people, keys, roles, visibility, settings and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints
from weft.wire.runs.runs import Cursor, Limit

_Fields = Mapping[str, Any] | None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """An entry: who did what, where from, and when."""

    id: int
    at_micros: int
    actor: Annotated[
        str, Meta(description="a user, or `local`, the server's own user; `system`; `anyone`")
    ]
    role: Annotated[str, Meta(description="that the actor had then")]
    address: Annotated[str, Meta(description="the network address of the request")]
    key_prefix: Annotated[str, Meta(description="of the request's key; empty for a browser")]
    action: Annotated[str, Meta(description="kind and change, such as `key.add`")]
    entity: Annotated[str, Meta(description="owner of the object; empty for the server's own")]
    object: str
    before: Annotated[_Fields, Meta(description="fields that changed, as they were")]
    after: Annotated[_Fields, Meta(description="fields that changed, as they are now")]


class AuditPage(Struct, frozen=True):
    """Entries, the newest first."""

    entries: Sequence[AuditEntry]
    cursor: Cursor


Entity = Annotated[str | None, Meta(description="only what belongs to this entity")]
ActorName = Annotated[str | None, Meta(description="only what this user did")]
ActionName = Annotated[
    str | None, Meta(description="an action such as `key.add`, or its kind: `key`")
]
_Micros = Annotated[int, Meta(ge=0, le=2**53)]
Since = Annotated[_Micros | None, Meta(description="the first moment")]
Until = Annotated[_Micros | None, Meta(description="the first moment after them")]

_audit = Endpoints("/api/v1/audit", tag="users")


@_audit.get("")
def list_audit(
    *,
    entity: Entity = None,
    actor_: ActorName = None,
    action: ActionName = None,
    since_micros: Since = None,
    until_micros: Until = None,
    limit: Limit = 100,
    cursor: str | None = None,
) -> AuditPage:
    """List what people did, the newest first.

    Administrators see all entries; users those of their own entity, and of the teams whose admins
    they are.
    """


@_audit.get("/export")
def export_audit(
    *,
    entity: Entity = None,
    actor_: ActorName = None,
    action: ActionName = None,
    since_micros: Since = None,
    until_micros: Until = None,
) -> bytes:
    """Return the entries as JSON lines, the newest first, with the same filters."""
