"""Marks what `make test` leaves to `make test-length`. See TESTING.md for what that is."""

from __future__ import annotations

from typing import Any

import pytest

at_length = pytest.mark.at_length


def case_at_length(*values: Any, id: str | None = None) -> Any:  # noqa: A002 - as pytest names it
    """A set of parameters of which a test is run at length only."""
    return pytest.param(*values, id=id, marks=at_length)
