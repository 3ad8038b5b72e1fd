"""Runs GraphQL documents against the schema, and turns errors into the form that clients read."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any, Final, cast

import graphql
import structlog
from ariadne import InterfaceType, ScalarType, UnionType, make_executable_schema
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    MiddlewareManager,
    OperationDefinitionNode,
    OperationType,
)

from weft.errors import (
    Forbidden,
    Gone,
    LimitExceeded,
    Moved,
    StorageFull,
    TooManyRequests,
    Unavailable,
    WeftError,
)
from weft.wandb_gateway.graphql.connections import Connection
from weft.wandb_gateway.graphql.documents import Documents
from weft.wandb_gateway.graphql.mutations import Mutations
from weft.wandb_gateway.graphql.queries import Queries
from weft.wandb_gateway.graphql.request import Context, GraphQLRequest
from weft.wandb_gateway.graphql.sweep_mutations import AgentGone
from weft.wandb_gateway.graphql.work import WorkEnded

_MAX_UNKNOWN: Final = 1000
_MAX_NAME_CHARS: Final = 200

_STATUS: Final[dict[type[WeftError], int]] = {
    Moved: 200,
    Gone: 410,
    Forbidden: 403,
    LimitExceeded: 413,
    StorageFull: 507,
    TooManyRequests: 429,
    Unavailable: 503,
    AgentGone: 404,
}
"""Of errors that the client must not take for an answer: 410 and 403 end what it does with a
message, and 429, 503 and 507 have it try again. All others are answers, with status 200. The first
class that an error belongs to counts."""

_FAULTS_OF_CLIENTS: Final = (GraphQLError, RecursionError)
"""Errors that the server's log does not tell of. What recurses is JSON in texts of the request."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""The beginnings of the words of a name."""

_log: Any = structlog.get_logger(__name__)
_execute: Any = graphql.execute_sync


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """A status, the members of the answer, and the error that the status is of."""

    status: int
    body: dict[str, Any]
    error: WeftError | None = None


class Executor:
    """Runs documents, and counts operations that are not served by name. Thread-safe."""

    def __init__(self) -> None:
        self._schema = make_schema()
        self._documents = Documents(self._schema)
        self._middleware = MiddlewareManager(_count_work)
        self.unknown: Counter[str] = Counter()
        self._counting = threading.Lock()

    def run(self, request: GraphQLRequest, context: Context) -> GraphQLAnswer:
        """Run a document.

        LimitExceeded if the answer would be too large, or takes too long; Cancelled if the client
        has left.
        """
        read = self._documents.read(request.query)
        document = read.document
        if document is None or read.errors:
            return self._refused(request, document, read.errors)
        operation = _operation_in(document, request.operation)
        if operation is None:
            return _failed(400, f"the document has no operation {request.operation!r}")
        context.work.start_clock()  # time that the request waited for a thread does not count
        is_query = operation.operation is OperationType.QUERY
        try:
            result = _execute(
                self._schema,
                document,
                root_value=Queries() if is_query else Mutations(),
                context_value=context,
                variable_values=dict(request.variables),
                operation_name=operation.name.value if operation.name else None,
                middleware=self._middleware,
            )
        except WorkEnded as ended:
            raise ended.reason from None
        if not result.errors:
            return GraphQLAnswer(200, {"data": result.data})
        status, cause = 200, None
        for error in result.errors:
            original = error.original_error
            if isinstance(original, WeftError):
                if _status_of(original) > status:
                    status, cause = _status_of(original), original
            elif original is not None and not isinstance(original, _FAULTS_OF_CLIENTS):
                # An answer, so that the client does not try again what would fail again.
                _log.error(
                    "operation failed",
                    operation=operation.name.value if operation.name else None,
                    exc_info=original,
                )
        shown = [_shown(error) for error in result.errors]
        return GraphQLAnswer(status, {"data": result.data, "errors": shown}, cause)

    def _refused(
        self,
        request: GraphQLRequest,
        document: DocumentNode | None,
        errors: tuple[GraphQLError, ...],
    ) -> GraphQLAnswer:
        """The answer for a document that the schema does not have."""
        operation = document and _operation_in(document, request.operation)
        name = operation.name.value if operation and operation.name else request.operation or "?"
        name = name[:_MAX_NAME_CHARS]
        with self._counting:
            is_new = name not in self.unknown
            if is_new and len(self.unknown) >= _MAX_UNKNOWN:
                name = "…"
            self.unknown[name] += 1
        if is_new:
            _log.warning(
                "operation not served", operation=name, reason=errors[0].message if errors else ""
            )
        shown = [
            {"message": f"weft does not serve {name}: {error.message}"} for error in errors[:5]
        ]
        # W&B answers so, too; its client does not try again after 400.
        return GraphQLAnswer(400, {"data": None, "errors": shown})


def make_schema() -> GraphQLSchema:
    """The schema, with names in snake case for what answers its fields."""
    text = (
        files("weft.wandb_gateway.graphql").joinpath("schema.graphql").read_text(encoding="utf-8")
    )

    def as_it_is(value: Any) -> Any:
        return value

    scalars = [
        ScalarType(name, serializer=as_it_is, value_parser=as_it_is)
        for name in ("JSONString", "JSON", "DateTime", "Duration", "Int64")
    ]

    def type_of(node: Any, *_: Any) -> str:
        return str(node.typename)

    schema = make_executable_schema(
        text,
        *scalars,
        InterfaceType("ArtifactCollection", type_of),
        UnionType("ArtifactCreator", type_of),
        convert_names_case=lambda name, _schema, _path: snake_case(name),
    )
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                field.resolve = partial(_answer_field, snake_case(name))
    return schema


def snake_case(name: str) -> str:
    """A name of the schema as Python writes it.

    >>> [snake_case(name) for name in ("runCount", "artifactID", "clientIDMapping", "hexMD5")]
    ['run_count', 'artifact_id', 'client_id_mapping', 'hex_md5']
    """
    return _WORD.sub("_", name).lower()


def _answer_field(name: str, source: Any, info: Any, /, **arguments: Any) -> object:
    """The item or attribute of that name; a method is called with the context of the request."""
    value = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
    return value(info.context, **arguments) if callable(value) else value


def _count_work(resolve: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> object:
    """Answer a field, and count the work."""
    work = info.context.work
    work.add(1)
    value = resolve(source, info, **arguments)
    if isinstance(source, Mutations):
        work.start_clock()
    if isinstance(value, str):
        work.add_chars(len(value))
    elif isinstance(value, (list, tuple)):
        work.add(len(cast("Sequence[object]", value)))
    elif isinstance(value, Connection):
        work.add(len(cast("Connection[object]", value).edges))
    return cast("object", value)


def _operation_in(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of a name. Without a name, or if it names none, the first."""
    operations = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    named = [
        operation
        for operation in operations
        if operation.name is not None and operation.name.value == name
    ]
    return (named or operations or [None])[0]


def _status_of(error: WeftError) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 200)


def _shown(error: GraphQLError) -> dict[str, Any]:
    original = error.original_error
    message = error.message
    if isinstance(original, WeftError):
        message = str(original)
    elif isinstance(original, RecursionError):
        message = "a value of the request is nested too deeply"
    elif original is not None and not isinstance(original, GraphQLError):
        message = "the server failed; its log has the details"
    return {"message": message, "path": list(error.path or [])}


def _failed(status: int, message: str) -> GraphQLAnswer:
    return GraphQLAnswer(status, {"data": None, "errors": [{"message": message}]})
