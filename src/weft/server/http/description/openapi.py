"""The API's description, OpenAPI 3.1: FastAPI's part, and the bare routes described by hand."""

from __future__ import annotations

import copy
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from weft.server.http import ingest, ingest_small, live, series
from weft.server.http.answers.problems import PROBLEM_MEDIA_TYPE
from weft.server.http.description import docs_page
from weft.server.http.description.examples import BODIES, PARAMETERS, QUERY, TAGS
from weft.server.http.schemas.health import Problem
from weft.server.http.schemas.ingest import Ack, SmallLogAcks
from weft.server.http.schemas.live import Change
from weft.server.http.schemas.series import SeriesRequest

_DESCRIPTION: Final[dict[str, Any]] = {
    "get": {
        "tags": ["server"],
        "summary": "This description",
        "operationId": "describe_api",
        "responses": {
            "200": {
                "description": "OpenAPI 3.1",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }
}
_DOCS: Final[dict[str, Any]] = {
    "get": {
        "tags": ["server"],
        "summary": "This description as a page to read",
        "operationId": "read_api_docs",
        "responses": {
            "200": {
                "description": "HTML",
                "content": {"text/html": {"schema": {"type": "string"}}},
            }
        },
    }
}

DESCRIPTION_PATH: Final = "/api/v1/openapi.json"

_BARE_ROUTES: Final = {
    ingest.PATH: ingest.OPENAPI,
    ingest_small.PATH: ingest_small.OPENAPI,
    series.PATH: series.OPENAPI,
    live.PATH: live.OPENAPI,
    DESCRIPTION_PATH: _DESCRIPTION,
    docs_page.PATH: _DOCS,
}
_BARE_MODELS: Final[tuple[type[BaseModel], ...]] = (
    *(Ack, SmallLogAcks),
    *(Change, Problem, SeriesRequest),
)

_PROBLEM: Final = {
    "description": "a problem document",
    "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The server's token; not needed from its own user on its own machine.",
    }
}


def describe(app: FastAPI, version: str) -> dict[str, Any]:
    """The whole document.

    >>> describe(FastAPI(), "1")["openapi"]
    '3.1.0'
    """
    document = get_openapi(
        title="weft",
        version=version,
        summary="Experiment tracking: everything the web app and the client use",
        routes=app.routes,
    )
    _, shared = models_json_schema(
        [(model, "serialization") for model in _BARE_MODELS],
        ref_template="#/components/schemas/{model}",
    )
    components: dict[str, Any] = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    schemas.update(shared["$defs"])
    # Validation errors are problem documents here, not FastAPI's own shape.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = _SECURITY
    document["security"] = [{}, {"token": []}]
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    bare = copy.deepcopy(_BARE_ROUTES)
    document["paths"] = dict(sorted({**document.get("paths", {}), **bare}.items()))
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete(operation)
    components["schemas"] = dict(sorted(schemas.items()))
    return document


def _complete(operation: dict[str, Any]) -> None:
    """Say of an operation what holds for all: how it fails, and examples of what it takes."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _PROBLEM
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" and parameter["name"] in PARAMETERS:
            example, text = PARAMETERS[parameter["name"]]
            parameter.setdefault("description", text)
            parameter.setdefault("example", example)
        if parameter["in"] == "query" and parameter["name"] in QUERY:
            parameter.setdefault("description", QUERY[parameter["name"]])
    body = BODIES.get(operation["operationId"])
    if body is not None:
        content = operation["requestBody"]["content"]["application/json"]
        content.setdefault("examples", {"usual": {"value": body}})
