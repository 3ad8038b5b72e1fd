"""Marks what `make test` leaves to `make test-length`. See TESTING.md for what that is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

at_length = pytest.mark.at_length


def case_at_length(*values: Any, id: str | None = None) -> Any:  # noqa: A002 - as pytest names it
    """A set of parameters of which a test is run at length only."""
    return pytest.param(*values, id=id, marks=at_length)


def engines_at_length(*engines: str, **parameters: Any) -> pytest.MarkDecorator:
    """Engines with which a test of a contract is run at length only; with `parameters`, only
    those of its cases that have them."""
    return pytest.mark.engines_at_length(*engines, **parameters)


def mark_engines(tests: Iterable[pytest.Item]) -> None:
    """Mark the cases of tests that `engines_at_length` names."""
    for test in tests:
        for mark in test.iter_markers("engines_at_length"):
            cases: dict[str, Any] = test.callspec.params  # type: ignore[attr-defined]
            has_engine = any(isinstance(c, str) and c in mark.args for c in cases.values())
            if has_engine and all(cases[name] == value for name, value in mark.kwargs.items()):
                test.add_marker(at_length)
