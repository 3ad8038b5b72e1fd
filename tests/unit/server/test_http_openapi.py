"""The OpenAPI document is whole, true, and says what errors look like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI

from weft.records.continuation import Continuation
from weft.server.app import ROUTERS
from weft.server.http.description.examples import QUERY
from weft.server.http.description.openapi import describe
from weft.server.http.schemas import continuation as continuation_schemas
from weft.server.http.schemas import ingest as ingest_schemas
from weft.server.http.schemas import live as live_schemas
from weft.server.http.schemas import metrics as metric_schemas
from weft.server.http.schemas import projects as project_schemas
from weft.server.http.schemas import runs as run_schemas
from weft.server.services import types


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return describe(app, "1.2.3")


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_operations_have_one_name_each_and_errors_are_problems(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    operations = [op for path in document["paths"].values() for op in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert "422" not in operation["responses"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)(?::path)?}", path)), path


def test_shared_query_parameters_say_what_they_are(document: dict[str, Any]) -> None:
    found = [
        parameter
        for methods in document["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter["name"] in QUERY
    ]
    assert {parameter["name"] for parameter in found} == set(QUERY)
    assert all(parameter["description"] for parameter in found)


def test_every_route_of_the_api_page_is_described(document: dict[str, Any]) -> None:
    page = (Path(__file__).parents[3] / "docs/http-api.md").read_text()
    named = re.findall(r"`(GET|POST|PATCH|DELETE) (/[^`?\s]*)", page)
    assert len(named) > 12
    described = {
        (method.upper(), path.removeprefix("/api/v1").replace(":path", ""))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert {(method, path.removeprefix("/api/v1")) for method, path in named} <= described


@pytest.mark.parametrize(
    ("model", "struct"),
    [
        (project_schemas.Project, types.ProjectInfo),
        (run_schemas.Run, types.RunInfo),
        (run_schemas.RunList, types.RunPage),
        (run_schemas.RunEdit, types.RunEdit),
        (run_schemas.ConfigEdit, types.ConfigEdit),
        (metric_schemas.Metric, types.MetricInfo),
        (metric_schemas.History, types.HistoryPage),
        (continuation_schemas.Continuation, Continuation),
        (live_schemas.Change, types.Change),
        (live_schemas.RunChange, types.RunChange),
        (ingest_schemas.Ack, types.Applied),
    ],
)
def test_described_fields_are_those_that_are_sent(model: Any, struct: Any) -> None:
    sent = {field.encode_name for field in msgspec.structs.fields(struct)}
    assert set(model.model_fields) == sent
