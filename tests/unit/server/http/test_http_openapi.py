"""The OpenAPI document is whole, true, and says what errors look like."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from weft.server.http.all_routes import ROUTES
from weft.server.http.description.examples import QUERY
from weft.server.http.description.openapi import describe

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe(ROUTES, "1.2.3")


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        names = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return names.union(*(references(value) for value in node.values()))
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
    parameters = [
        parameter
        for methods in document["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter["name"] in QUERY
    ]
    assert {parameter["name"] for parameter in parameters} == set(QUERY)
    assert all(parameter["description"] for parameter in parameters)


def test_the_api_page_has_every_route_that_is_described_and_no_other(
    document: dict[str, Any],
) -> None:
    page = (ROOT / "docs/http-api.md").read_text()
    named = re.findall(r"`(GET|HEAD|POST|PUT|PATCH|DELETE) (/[^`?\s]*)", page)
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert {(method, path.removeprefix("/api/v1")) for method, path in named} == described


def test_the_types_of_the_web_app_are_made_of_this_description() -> None:
    written = json.loads((ROOT / "web/openapi.json").read_text())
    assert written == json.loads(json.dumps(describe(ROUTES, "1"))), "run `make api-types`"


def test_generated_lists_are_those_of_this_server() -> None:
    script = runpy.run_path(str(ROOT / "scripts/gen_api_types.py"))
    for path, text in script["GENERATED"].items():
        assert (ROOT / path).read_text() == text(), f"{path}: run `make api-types`"


def test_fields_of_answers_are_always_there_and_those_of_questions_may_be_left_out(
    document: dict[str, Any],
) -> None:
    shapes = document["components"]["schemas"]
    assert "truncated" in shapes["Run"]["required"]
    assert shapes["RunQuery"].get("required", []) == []
    assert shapes["RunQuery"]["properties"]["limit"] == {
        "type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000,
    }  # fmt: skip
    assert shapes["RunQuery"]["additionalProperties"] is False
    assert shapes["Run"]["properties"]["config"] == {
        "type": "object",
        "additionalProperties": True,
    }
