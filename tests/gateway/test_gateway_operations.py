"""The operations that the official client contains, read from the package, and their states."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast

from at_length import at_length
from wandb_client import PYTHON, ROOT, VERSION
from weft.wandb_gateway.graphql.documents import MAX_CHARS, MAX_DEPTH, MAX_TOKENS, depth_of

PAGE_VERSION = "0.31.0"


@pytest.fixture(scope="module")
def script() -> Any:
    path = ROOT / "scripts" / "wandb_operations.py"
    spec = importlib.util.spec_from_file_location("wandb_operations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["wandb_operations"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def operations(script: Any) -> list[Any]:
    """The operations of the client, each checked against the schema."""
    package, version = script.package_in(PYTHON.parents[1])
    assert version == VERSION
    return script.operations_in(package)


def test_each_operation_has_a_state_and_a_known_reason(operations: list[Any]) -> None:
    assert len(operations) > 100
    unexplained = [
        (operation.name, operation.state)
        for operation in operations
        if "Cannot query" in operation.state
    ]
    assert unexplained == [], "add them to the schema, or say why they are not served"
    states = {operation.name: operation.state for operation in operations}
    for name in ("UpsertBucket", "CreateArtifact", "Heartbeat", "RunResumeStatus", "Viewer"):
        assert states[name] == "served"


def test_operations_of_reports_are_served_or_refused_for_a_reason(script: Any) -> None:
    package, _ = script.package_in(PYTHON.parents[1], script.REPORTS)
    states = {operation.name: operation.state for operation in script.operations_in(package)}
    assert {"upsertView", "SpecificReport", "deleteView", "UpsertView2", "View"} <= states.keys()
    links = {"createAccessToken", "revokeAccessToken", "updateAccessTokenProjects"}
    assert {name for name, state in states.items() if state != "served"} == links


@at_length
def test_each_document_is_far_within_the_limits(script: Any) -> None:
    """Of what one request may ask, the client's largest document takes less than a third."""
    package, _ = script.package_in(PYTHON.parents[1])
    documents = [whole for _, _, whole in script.whole_documents(package)]
    assert len(documents) > 100
    for document in documents:
        text = print_ast(document)
        assert len(text) < MAX_CHARS / 3
        assert depth_of(document) <= MAX_DEPTH - 3
        parse(text, max_tokens=MAX_TOKENS // 3)


def test_the_page_is_what_the_script_writes(script: Any, operations: list[Any]) -> None:
    if VERSION != PAGE_VERSION:
        return  # the page is about the newest version
    package, reports_version = script.package_in(PYTHON.parents[1], script.REPORTS)
    reports = script.operations_in(package)
    page = script.page_of(operations, VERSION, reports, reports_version)
    written = Path(ROOT / "docs" / "wandb-compatibility.md").read_text()
    assert written == page, "run scripts/wandb_operations.py"
