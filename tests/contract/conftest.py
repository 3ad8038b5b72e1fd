"""Fixtures of the tests that run on both databases."""

from __future__ import annotations

import pytest

from service_uploads import Clock


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty PostgreSQL database, or None for SQLite."""
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None


@pytest.fixture
def clock() -> Clock:
    return Clock()
