"""Filters of the client's search in registries, over fields in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from weft.errors import ConfigError, FilterError
from weft.wandb_gateway.graphql.registry_filters import in_order, read_condition

FIELDS = ("name", "tag", "metadata", "size")
VERSION = {"name": "Sets", "tag": ["a", "b"], "metadata": {"acc": 0.9, "by": {"it": None}}}


def matches(query: Any) -> bool:
    return read_condition(json.dumps(query), "filters", FIELDS)(VERSION)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"name": "Sets", "tag": "a"},
        {"name": {"$regex": "^S.ts$"}},
        {"name": {"$contains": "et", "$ne": "et"}},
        {"tag": {"$in": ["b", "c"]}},
        {"tag": {"$nin": ["c"]}},
        {"tag": {"$all": ["a", "b"], "$size": 2}},
        {"metadata.acc": {"$gt": 0.5, "$lte": 0.9}},
        {"metadata.none.at.all": {"$exists": False}},
        {"size": None},
        {"name": {"$not": {"$eq": "Pictures"}}},
        {"$not": {"tag": "c"}},
        {"$nor": [{"tag": "c"}, {"name": "x"}]},
        {"$or": [{"tag": "c"}, {"$and": [{"tag": "a"}, {"name": {"$gte": "A"}}]}]},
    ],
)
def test_what_a_filter_matches(query: Any) -> None:
    assert matches(query)
    assert not matches({"$not": query})
    assert not matches({"$nor": [query]})


@pytest.mark.parametrize(
    "query",
    [
        {"tag": "c"},
        {"tag": {"$ne": "a"}},
        {"metadata.acc": {"$gt": "0.5"}},
        {"metadata.by.it": {"$exists": True}},
        {"metadata.acc": {"$regex": "9"}},
        {"size": {"$lt": 5}},
        {"$or": []},
    ],
)
def test_what_a_filter_does_not_match(query: Any) -> None:
    assert not matches(query)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"colour": 1}, "no field 'colour'; there are name, tag, metadata, size"),
        ({"name.first": 1}, "no field"),
        ({"name": {"$near": 1}}, r"no operator '\$near'"),
        ({"name": {"$in": "Sets"}}, "a list is expected"),
        ({"name": {"$in": [0] * 1001}}, "at most 1000 values"),
        ({"name": {"$regex": "("}}, "regular expression"),
        ({"name": {"$regex": 1}}, "a text is expected"),
        ({"$or": {}}, "a list is expected"),
        ({"$not": 1}, "an object is expected"),
        ({"$and": [{"name": str(nth)} for nth in range(101)]}, "at most 100 comparisons"),
    ],
)
def test_a_wrong_filter_is_refused(query: Any, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        matches(query)


def test_a_deep_filter_is_refused() -> None:
    deep: Any = {"name": "Sets"}
    deep_test: Any = "Sets"
    for _ in range(40):
        deep = {"$not": deep}
        deep_test = {"$not": deep_test}
    for query in (deep, {"name": deep_test}):
        with pytest.raises(FilterError, match="nested"):
            matches(query)


def test_orders() -> None:
    nodes = [{"name": name} for name in ("b", "c", "a")]
    for order, names in ((None, "bca"), ("name", "abc"), ("+name", "abc"), ("-name", "cba")):
        assert "".join(node["name"] for node in in_order(nodes, order, lambda node: node)) == names
    with pytest.raises(ConfigError, match="no order by 'size'"):
        in_order(nodes, "size", lambda node: node)
