"""The ranks of columns for a search, by the table of cases that the web app's tests run, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from weft.server.services.selecting.column_ranks import tier_of_search
from weft.server.services.selecting.types import ColumnSelection

CASES = json.loads(
    (Path(__file__).parents[4] / "web/src/data/table/column-ranks.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["search"])
def test_columns_rank_as_in_the_web_app(case: dict[str, Any]) -> None:
    selection = ColumnSelection(search=case["search"])

    def tier_of(column: str) -> int | None:
        scope, _, name = column.partition(".")
        return tier_of_search(f"{scope}.", selection)(name)

    tiers = [{tier_of(column) for column in columns} for columns in case["tiers"]]
    assert all(len(tier) == 1 for tier in tiers), tiers
    ranks = [tier.pop() for tier in tiers]
    assert ranks == sorted(set(ranks), key=lambda rank: (rank is None, rank))
    assert None not in ranks
    assert {column: tier_of(column) for column in case["others"]} == dict.fromkeys(case["others"])
