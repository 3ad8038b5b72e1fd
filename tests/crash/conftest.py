"""Fixtures of the tests that kill a process on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from killed_stores import Databases

from at_length import case_at_length


@pytest.fixture(params=["embedded", case_at_length("shared")])
def new_databases(request: pytest.FixtureRequest) -> Callable[[], Databases]:
    """Makes empty databases of an engine."""
    if request.param == "embedded":
        return Databases
    postgres = request.getfixturevalue("postgres_cluster")
    clickhouse = request.getfixturevalue("clickhouse_server")
    return lambda: Databases(postgres.new_metadata(), clickhouse.new_database())
