"""The route that answers SQL queries. If the client leaves, the query's process is killed."""

from __future__ import annotations

from typing import Final, TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.heavy import SQL, SQL_BYTES, HeavyWork, wait_for_disconnect
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.routing.routes import BYTES, Routes, SchemaOf
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.sql import Running
from weft.server.services.table_formats import ARROW_MEDIA_TYPE, CSV_MEDIA_TYPE
from weft.wire.metrics import exports as endpoints
from weft.wire.metrics.exports import SqlAnswer, SqlQuery

routes = Routes()

_MEDIA_TYPES: Final = {
    "json": "application/json",
    "arrow": ARROW_MEDIA_TYPE,
    "csv": CSV_MEDIA_TYPE,
}

_T = TypeVar("_T")

_queries: Final = SharedThreads("sql", SQL.most)


@routes.answers(
    endpoints.query_sql,
    media={"application/json": SchemaOf(SqlAnswer), ARROW_MEDIA_TYPE: BYTES, "text/csv": BYTES},
)
async def query_sql(
    path: ProjectPath,
    sql: SqlQuery,
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
) -> Response:
    query = await anyio.to_thread.run_sync(
        lambda: services.sql.prepare(
            actor,
            path,
            sql.query,
            answer_format=sql.format,
            limit=sql.limit,
            escape_formulas=sql.escape_formulas,
        )
    )
    async with heavy.room_for(actor, SQL, SQL_BYTES, request.receive):
        answer = await run_until_disconnect(actor, query, request)
    truncated = "true" if answer.is_truncated else "false"
    return Response(
        answer.body, media_type=_MEDIA_TYPES[sql.format], headers={"Weft-Truncated": truncated}
    )


async def run_until_disconnect(actor: Actor, query: Running[_T], request: Request) -> _T:
    """Run a query in a child process, and end the process when the client leaves."""
    failure: Exception | None = None
    answer: _T | None = None

    async def end_on_disconnect() -> None:
        await wait_for_disconnect(request.receive)
        query.kill()

    async with anyio.create_task_group() as group:
        group.start_soon(end_on_disconnect)
        try:
            answer = await _queries.run(actor, query.run)
        except Exception as error:  # noqa: BLE001 (raised below, outside of the group)
            failure = error
        finally:
            query.kill()
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure
    assert answer is not None, "there is an answer or a failure"
    return answer
