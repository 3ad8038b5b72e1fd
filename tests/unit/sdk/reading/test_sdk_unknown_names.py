"""When the server is asked about names that may be mistyped."""

from __future__ import annotations

import warnings
from collections import Counter

import msgspec
import pytest

from fault_server import Answer, FaultServer, Upload
from weft.client.api_client import ApiClient, Json
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.queries.filter_text import parse_filter
from weft.sdk.reading.unknown_names import (
    columns_in,
    notes_on_columns,
    notes_on_order,
    warn_of_metrics,
)
from weft.wire.metrics.metrics import Metric, MetricList
from weft.wire.runs.selecting import Column, ColumnList

RUN: Json = {
    "config": {"lr": 0.1, "a.b": {"c": 1}, "model": {"depth": 2}},
    "summary": {"val.acc": 0.5, "loss": {"min": 0.1}},
}


@pytest.mark.parametrize(
    "column",
    ["config.lr", "config.model.depth", "config.model", "config.a.b.c", "config.a\\.b.c",
     "summary.val.acc", "summary.val\\.acc", "summary.loss.min", "state", "created"],
)  # fmt: skip
def test_a_column_that_the_first_page_has_costs_no_request(column: str) -> None:
    uploads: list[Upload] = []
    with FaultServer() as server:
        server.fault = lambda request: uploads.append(request) or Answer(404)
        client = ApiClient(SharedTransport(AlwaysAt(Server(server.url))))
        assert list(notes_on_columns(client, "e", "p", [column], [{"config": {}}, RUN])) == []
        assert uploads == []
        warn_of_metrics(client, "e", "p", "r", ["loss"], [{"acc": 1}, {"loss": 2}])
        assert uploads == []
        client.close()


def test_a_server_that_does_not_answer_is_no_error_and_is_not_asked_again() -> None:
    uploads: list[Upload] = []
    with FaultServer() as server:
        server.fault = lambda request: uploads.append(request) or Answer(404)
        client = ApiClient(SharedTransport(AlwaysAt(Server(server.url))))
        for _ in range(2):
            columns = ["config.lrr", "config.lrr"]
            assert list(notes_on_columns(client, "e", "p", columns, [RUN])) == []
        assert len(uploads) == 1
        client.close()


def test_a_name_that_comes_between_two_questions_is_not_told() -> None:
    n_requests: Counter[str] = Counter()

    def found_later(request: Upload) -> Answer:
        kind = request.path.rpartition("/")[2]
        n_requests[kind] += 1
        metric = Metric(key="late", kinds=["int"], origins=["logged"], n_runs=1, n_points=1)
        column = Column(
            column="config.late", kinds={}, n_runs=1, samples=[], hidden=False, goal=None
        )
        there = n_requests[kind] > 1
        if kind == "metrics":
            answer = MetricList([metric] if there else [], None, int(there))
        else:
            answer = ColumnList([column] if there else [], None, int(there))
        return Answer(200, msgspec.json.encode(answer), {"Content-Type": "application/json"})

    with FaultServer() as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        server.fault = found_later
        client = ApiClient(SharedTransport(AlwaysAt(Server(server.url))))
        warn_of_metrics(client, "e", "p", "r", ["late"], [])
        assert list(notes_on_columns(client, "e", "p", ["config.late"], [])) == []
        client.close()
    assert n_requests == {"metrics": 2, "columns": 2}


def test_the_columns_of_a_filter() -> None:
    tree = parse_filter(
        "config.a > 1 and (not tags has x or config.b exists) and config.c missing"
    )
    assert columns_in(tree) == ["config.a", "tags", "config.b"]
    assert columns_in(None) == []


def test_an_order_by_a_value_with_parts_names_them() -> None:
    note = "'summary.loss' is no single value: sort by summary.loss.min"
    assert list(notes_on_order(["summary.loss", "state", "summary.val.acc"], [RUN])) == [note]
    single: Json = {"summary": {"loss": 0.3}}
    assert list(notes_on_order(["summary.loss", "summary.none"], [single, RUN])) == []
