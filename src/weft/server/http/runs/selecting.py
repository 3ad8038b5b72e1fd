"""Routes over all runs of a project: filtered queries, groups, columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response

from weft.errors import ConfigError
from weft.queries.filter_json import filter_of
from weft.queries.filters import MAX_INT_BITS, Order
from weft.queries.orders import NEWEST_FIRST, checked_orders, order_from_text
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.routing.routes import Routes
from weft.server.http.runs.shared_tables import RecentTables, SharedTable
from weft.server.services.access import Action, Actor, ProjectPath, require
from weft.server.services.opening import Services
from weft.server.services.selecting import (
    ColumnSelection,
    GroupSelection,
    RunSelection,
    decode_group_value,
)
from weft.wire.runs import selecting as endpoints
from weft.wire.runs.selecting import (
    ColumnList,
    ColumnOrder,
    GroupList,
    GroupQuery,
    RunQuery,
    Scope,
    Table,
    Under,
)

routes = Routes()


_VALUE_TYPES: Final = ("missing", "float", "int")
"""`_type` of objects that encode a value. Those with another, such as histograms, are values."""


@routes.answers(endpoints.query_runs, threads=COSTLY)
async def query_runs(
    path: ProjectPath,
    query: RunQuery,
    services: Services,
    actor: Actor,
    recent: RecentTables,
    request: Request,
    *,
    seen_micros: int | None,
) -> Response:
    if query.columns is None:
        # Unlike a table, it depends on the person.
        def runs() -> Response:
            answer = services.runs.list(actor, path, selection_of(query))
            return encode_answer(request.scope, answer)

        return await COSTLY.run(actor, runs, request.receive)

    def table() -> Table:
        return services.selecting.table(actor, path, selection_of(query), query.columns or ())

    require(actor, Action.READ, path)  # also where the table is there already
    shared = recent.find(path, query, seen_micros)
    if shared is None:
        shared = SharedTable(table)
        recent.add(path, query, shared.began_micros, shared)
    return await shared.answer(actor, request)


def selection_of(query: RunQuery) -> RunSelection:
    """The selection of a request."""
    under = query.under
    return RunSelection(
        tree=filter_of(query.filter),
        order=_orders(query.order),
        search=query.search,
        regex=query.regex,
        under=None if under is None else Under(under.by, _group_values(under.values)),
        limit=query.limit,
        offset=query.offset,
        cursor=query.cursor,
    )


@routes.answers(endpoints.group_runs, threads=COSTLY)
def group_runs(
    path: ProjectPath, query: GroupQuery, services: Services, actor: Actor
) -> GroupList:
    return services.selecting.groups(actor, path, groups_of(query))


def groups_of(query: GroupQuery) -> GroupSelection:
    """The selection that a request for groups asks for."""
    return GroupSelection(
        tree=filter_of(query.filter),
        search=query.search,
        regex=query.regex,
        by=tuple(query.by),
        under=_group_values(query.under),
        levels=query.levels,
        aggregates=tuple(query.aggregates),
        order=tuple(query.order),
        limit=query.limit,
        cursor=query.cursor,
    )


@routes.answers(endpoints.list_columns, threads=COSTLY)
def list_columns(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    search: str,
    regex: bool,
    scope: Scope | None,
    has_goal: bool,
    order: ColumnOrder,
    limit: int,
    cursor: str | None,
) -> ColumnList:
    selection = ColumnSelection(
        search=search,
        regex=regex,
        scope=scope,
        has_goal=has_goal,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    return services.selecting.columns(actor, path, selection)


def _orders(orders: list[Order] | str) -> tuple[Order, ...]:
    if isinstance(orders, str):
        return order_from_text(orders) or (NEWEST_FIRST,)
    return checked_orders(orders)


def _group_values(values: Sequence[Any]) -> tuple[Any, ...]:
    decoded = tuple(map(decode_group_value, values))
    for value in decoded:
        if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
            raise ConfigError(f"under: an int has at most {MAX_INT_BITS} bits", field="under")
        if isinstance(value, dict) and cast("dict[str, Any]", value).get("_type") in _VALUE_TYPES:
            raise ConfigError("under: a value of an unknown type", field="under")
    return decoded
