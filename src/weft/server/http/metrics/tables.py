"""Routes for the rows of logged tables, and for presets of charts. Calls `services.tables`.

DuckDB reads the rows in a child process, which ends when the client leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread
from starlette.requests import Request

from weft.errors import WeftError
from weft.server.http.admission.heavy import SQL, SQL_BYTES, HeavyWork
from weft.server.http.metrics.sql import run_until_disconnect
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.tables import TableService, answers_of
from weft.wire.metrics import tables as endpoints
from weft.wire.metrics.tables import TableAnswers, TableQuery, TablesQuery, TableWindow

routes = Routes()


@routes.answers(endpoints.query_table)
async def query_table(
    path: ProjectPath,
    query: TableQuery,
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
) -> TableWindow:
    (window,) = await _find(path, [query], request, services, actor, heavy)
    if isinstance(window, WeftError):
        raise window
    return window


@routes.answers(endpoints.query_tables)
async def query_tables(
    path: ProjectPath,
    query: TablesQuery,
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
) -> TableAnswers:
    return answers_of(await _find(path, query.tables, request, services, actor, heavy))


async def _find(
    path: ProjectPath,
    tables: Sequence[TableQuery],
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
) -> list[TableWindow | WeftError]:
    windows = await anyio.to_thread.run_sync(lambda: services.tables.prepare(actor, path, tables))
    async with heavy.room_for(actor, SQL, SQL_BYTES, request.receive):
        return await run_until_disconnect(actor, windows, request)


routes.bind(endpoints.list_chart_presets, TableService.presets)
