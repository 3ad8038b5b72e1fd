"""Routes over all runs of a project: questions with a filter, groups, columns."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Header, Query, Response

from weft.errors import ConfigError
from weft.queries.filter_json import decode_filter, decode_value
from weft.queries.filters import MAX_INT_BITS, Filter, Order
from weft.queries.orders import NEWEST_FIRST, checked_orders, order_from_text
from weft.server.http.answers.value_lists import tag_columns, tag_rows, tag_runs
from weft.server.http.context import (
    MSGPACK_MEDIA_TYPE,
    Asker,
    WithServices,
    json_answer,
    typed_answer,
)
from weft.server.http.schemas.runs import RunList
from weft.server.http.schemas.selecting import (
    ColumnList,
    FilterBody,
    GroupList,
    GroupQuery,
    OrderBy,
    RunQuery,
    Table,
)
from weft.server.services.selecting.grouping import MISSING_VALUE
from weft.server.services.selecting.typed_column import MISSING
from weft.server.services.selecting.types import (
    Aggregate,
    ColumnOrder,
    ColumnQuestion,
    GroupQuestion,
    RunQuestion,
    Scope,
    Under,
)
from weft.server.services.types import MAX_PAGE

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["runs"])

_VALUE_TYPES: Final = ("missing", "float", "int")
"""`_type` of what stands for a value; an object with another, such as a histogram, is itself."""


@router.post(
    "/runs/query",
    response_model=RunList | Table,
    responses={200: {"content": {MSGPACK_MEDIA_TYPE: {}}}},
    operation_id="query_runs",
)
def query_runs(
    entity: str,
    project: str,
    asked: RunQuery,
    services: WithServices,
    actor: Asker,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Runs that match a filter, in any order; as runs, or as rows of some columns."""
    under = asked.under
    question = RunQuestion(
        tree=filter_from_body(asked.filter),
        order=_orders(asked.order),
        search=asked.search,
        regex=asked.regex,
        under=None if under is None else Under(tuple(under.by), _group_values(under.values)),
        limit=asked.limit,
        offset=asked.offset,
        cursor=asked.cursor,
    )
    if asked.columns is None:
        page = services.runs.list(actor, entity, project, question)
        return typed_answer(page, accept, tag=tag_runs)
    table = services.selecting.table(actor, entity, project, question, asked.columns)
    return typed_answer(table, accept, tag=tag_rows)


@router.post("/runs/groups", response_model=GroupList, operation_id="group_runs")
def group_runs(
    entity: str, project: str, asked: GroupQuery, services: WithServices, actor: Asker
) -> Response:
    """Runs in groups by the values of columns, nested, with figures of each group."""
    question = GroupQuestion(
        tree=filter_from_body(asked.filter),
        search=asked.search,
        regex=asked.regex,
        by=tuple(asked.by),
        under=_group_values(asked.under),
        levels=asked.levels,
        aggregates=tuple(Aggregate(one.column, one.function) for one in asked.aggregates),
        order=tuple(Order(one.column, one.descending) for one in asked.order),
        limit=asked.limit,
        cursor=asked.cursor,
    )
    return json_answer(services.selecting.groups(actor, entity, project, question))


@router.get("/columns", response_model=ColumnList, operation_id="list_columns")
def list_columns(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    *,
    search: str = "",
    regex: bool = False,
    scope: Scope | None = None,
    has_goal: bool = False,
    order: Annotated[
        ColumnOrder, Query(description="`use`: columns of most runs first; of as many, by name")
    ] = "name",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> Response:
    """Columns that some runs have, with kinds, counts and some values."""
    question = ColumnQuestion(
        search=search,
        regex=regex,
        scope=scope,
        has_goal=has_goal,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    found = services.selecting.columns(actor, entity, project, question)
    return json_answer(found, tag=tag_columns)


def filter_from_body(body: FilterBody) -> Filter | None:
    """The tree of a request; None = it has none."""
    return None if body is None else decode_filter(body)


def _orders(body: list[OrderBy] | str) -> tuple[Order, ...]:
    if isinstance(body, str):
        return order_from_text(body) or (NEWEST_FIRST,)
    return checked_orders([Order(one.column, one.descending) for one in body])


def _group_values(values: list[Any]) -> tuple[Any, ...]:
    found = tuple(MISSING if value == MISSING_VALUE else decode_value(value) for value in values)
    for value in found:
        if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
            raise ConfigError(f"under: an int has at most {MAX_INT_BITS} bits", field="under")
        if isinstance(value, dict) and cast("dict[str, Any]", value).get("_type") in _VALUE_TYPES:
            raise ConfigError("under: a value of no known type", field="under")
    return found
