"""Bounds of services: pages of history by their values, bulk edits by their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from weft.errors import LimitExceeded
from weft.server.http.routing.json_body import MAX_VALUES, check_n_values
from weft.server.services.metrics import history
from weft.server.services.runs import bulk


class Row(NamedTuple):
    values: dict[str, float]


def rows_of(n_values: int) -> Iterator[Row]:
    values = {f"m{nth}": 0.0 for nth in range(n_values)}
    while True:
        yield Row(values)


def test_a_page_of_rows_with_many_values_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_PAGE_VALUES", 1000)
    rows, limit = history._first_rows(rows_of(100), 500)
    assert (len(rows), limit) == (12, 11)
    rows, limit = history._first_rows(rows_of(1), 500)
    assert (len(rows), limit) == (501, 500)
    # One row has more values than a page: it is a page of its own.
    rows, limit = history._first_rows(rows_of(5000), 500)
    assert (len(rows), limit) == (2, 1)


def test_an_edit_is_bounded_by_its_bytes_over_all_runs() -> None:
    bulk._check_size(640, 100_000)
    bulk._check_size(bulk.MAX_CHANGE_BYTES, 1)
    with pytest.raises(LimitExceeded, match="at most 671 bytes"):
        bulk._check_size(700, 100_000)


def test_a_body_is_bounded_by_its_values() -> None:
    check_n_values(b"[" + b"1," * (MAX_VALUES - 2) + b"1]")
    with pytest.raises(LimitExceeded, match="more than 1,000,000 values"):
        check_n_values(b"[" + b"{}," * MAX_VALUES + b"{}]")
