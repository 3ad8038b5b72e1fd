"""Connections to ClickHouse: values come back as they went in, and errors with their codes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from clickhouse_server import ClickHouseServer
from weft.errors import Unavailable
from weft.server.storage.clickhouse.clients import Clients

COLUMNS = {
    "nth": "UInt8",
    "number": "UInt64",
    "negative": "Int64",
    "text": "String",
    "short": "FixedString(3)",
    "value": "Float64",
    "maybe": "Nullable(Float64)",
    "name": "Nullable(String)",
}

ROWS = [
    (0, 2**64 - 1, -(2**63), b"\xff\x00\n\t'", b"\x00\xfe\xff", math.inf, None, None),
    (1, 0, 2**63 - 1, b"", b"abc", -0.0, 5e-324, b"\x00"),
]


@pytest.fixture
def clients(clickhouse_server: ClickHouseServer) -> Iterator[Clients]:
    clients = Clients(clickhouse_server.new_database())
    clients.read_of_server(f"CREATE DATABASE `{clients.database}`")
    yield clients
    clients.close()


def test_values_come_back_as_they_went_in(clients: Clients) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    clients.change(f"CREATE TABLE t ({columns}) ENGINE = MergeTree ORDER BY nth")
    clients.insert("t", [*COLUMNS], list(zip(*ROWS, strict=True)))
    assert repr(clients.read("SELECT * FROM t ORDER BY nth")) == repr(ROWS)
    assert clients.read("SELECT number FROM t WHERE nth > 7") == []
    assert clients.read("SELECT groupArray(text), groupArray(number) FROM (SELECT * FROM t"
                        " ORDER BY nth)") == [
        ([row[3] for row in ROWS], [row[1] for row in ROWS])
    ]  # fmt: skip
    many = clients.read("SELECT number FROM system.numbers LIMIT 300000")  # several blocks
    assert many == [(nth,) for nth in range(300_000)]


@pytest.mark.parametrize(
    ("statement", "code"),
    [("SELECT nothing FROM t", 47), ("SELECT * FROM u", 60), ("SELECT (", 62)],
)
def test_errors_have_their_codes_and_leave_other_connections_alone(
    clients: Clients, statement: str, code: int
) -> None:
    clients.change("CREATE TABLE t (nth UInt8) ENGINE = MergeTree ORDER BY nth")
    with pytest.raises(Unavailable) as refusal:
        clients.read(statement)
    assert getattr(refusal.value.__cause__, "code", None) == code
    with pytest.raises(Unavailable):
        clients.insert("u", ["nth"], [[1]])
    clients.insert("t", ["nth"], [[1, 2]])
    assert clients.read("SELECT sum(nth) FROM t") == [(3,)]
