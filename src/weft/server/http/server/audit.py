"""Routes of the audit log."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from weft.server.http.answers.downloads import disposition
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor
from weft.server.services.opening import Services
from weft.server.services.users import AuditQuery
from weft.wire.server import audit as endpoints
from weft.wire.server.audit import AuditPage

routes = Routes()

_JSON_LINES = "application/jsonl"


@routes.answers(endpoints.list_audit)
def list_audit(
    services: Services,
    actor: Actor,
    *,
    entity: str | None = None,
    actor_: str | None = None,
    action: str | None = None,
    since_micros: int | None = None,
    until_micros: int | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> AuditPage:
    query = AuditQuery(entity, actor_, action, since_micros, until_micros)
    return services.audit.page(actor, query, limit=limit, cursor=cursor)


@routes.answers(
    endpoints.export_audit,
    answer_text="an entry on each line, as in the list",
    media={_JSON_LINES: BYTES},
)
def export_audit(
    services: Services,
    actor: Actor,
    *,
    entity: str | None = None,
    actor_: str | None = None,
    action: str | None = None,
    since_micros: int | None = None,
    until_micros: int | None = None,
) -> Response:
    query = AuditQuery(entity, actor_, action, since_micros, until_micros)
    return StreamingResponse(
        services.audit.export(actor, query),
        media_type=_JSON_LINES,
        headers={"Content-Disposition": disposition("audit.jsonl")},
    )
