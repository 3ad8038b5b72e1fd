"""W&B's filters and orders as trees of our own."""

from __future__ import annotations

from typing import Any

import pytest

from weft.errors import FilterError
from weft.queries.filter_text import format_filter
from weft.queries.filters import And
from weft.queries.orders import order_from_text, order_from_wandb
from weft.queries.wandb_filters import filter_from_wandb


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"config.lr": 0.1}, "config.lr = 0.1"),
        ({"config.lr.value": {"$gt": 0.1, "$lte": 1}}, "config.lr > 0.1 and config.lr <= 1"),
        ({"config.opt.value.lr": {"$exists": True}}, "config.opt.lr exists"),
        ({"summary_metrics.val.acc": {"$gte": 0.9}}, "summary.val.acc >= 0.9"),
        ({"summary.val/acc": {"$lt": 0.9}}, "summary.val/acc < 0.9"),
        ({"display_name": {"$regex": "^run.*"}}, 'name matches "^run.*"'),
        ({"displayName": {"$regex": "^RUN", "$options": "i"}}, 'name matches "(?i)^RUN"'),
        ({"name": {"$in": ["ab12cd34", "x"]}}, 'id in ("ab12cd34", "x")'),
        ({"tags": "baseline"}, 'tags has "baseline"'),
        ({"tags": {"$in": ["a", "b"]}}, 'tags in ("a", "b")'),
        ({"tags": {"$nin": ["a"]}}, 'not tags in ("a")'),
        ({"state": {"$ne": "running"}}, 'not state = "running"'),
        ({"state": "Finished"}, 'state = "finished"'),
        ({"state": {"$in": ["Crashed", "preempted"]}}, 'state in ("crashed", "preempted")'),
        ({"created_at": {"$gt": "2026-11-20T10:00:00"}}, "created > 2026-11-20T10:00:00"),
        ({"heartbeat_at": {"$lt": "2026-11-20"}}, "heartbeat < 2026-11-20"),
        ({"group": None}, "group missing"),
        ({"config.x": None}, "config.x missing or config.x = null"),
        ({"config.x": {"$in": [1, None]}},
         "config.x in (1) or (config.x missing or config.x = null)"),
        ({"jobType": "train", "username": "ann"}, 'job_type = "train" and user = "ann"'),
        ({"$or": [{"group": "a"}, {"config.x": {"$not": {"$gt": 1}}}]},
         'group = "a" or not config.x > 1'),
        ({"$nor": [{"group": "a"}, {"group": "b"}]}, 'not (group = "a" or group = "b")'),
        ({"$not": {"state": "failed"}}, 'not state = "failed"'),
        ({"$and": []}, "all()"),
        ({}, "all()"),
    ],
)  # fmt: skip
def test_a_filter_of_wandb_is_read(query: dict[str, Any], text: str) -> None:
    assert format_filter(filter_from_wandb(query)) == text


def test_no_filter_holds_for_all() -> None:
    assert filter_from_wandb(None) == And(())


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"lr": 1}, "no column is called 'lr'"),
        ({"$xor": []}, "not an operator of W&B's filters"),
        ({"config.x": {"$near": 1}}, r"filters\.config\.x\.\$near: not an operator"),
        ({"$and": {}}, r"filters\.\$and: a list is expected"),
        ({"config.x": {"$in": 1}}, "a list is expected"),
        ({"config.x": [1, 2]}, "by contains only"),
        ({"created_at": {"$gt": "soon"}}, "is not a time"),
        ({"state": "finishd"}, "no state is called 'finishd'; there are pending, running"),
        ([], "an object is expected"),
    ],
)
def test_what_is_no_filter_of_wandb_is_refused(query: Any, says: str) -> None:
    with pytest.raises(FilterError, match=says):
        filter_from_wandb(query)


def test_a_deep_one_is_refused() -> None:
    query: Any = {"state": "failed"}
    for _ in range(5000):
        query = {"$not": query}
    with pytest.raises(FilterError, match="nested at most 32 deep"):
        filter_from_wandb(query)


@pytest.mark.parametrize(
    ("wandb", "ours"),
    [
        ("+created_at", "created"),
        ("-created_at", "-created"),
        ("-summary_metrics.loss", "-summary.loss"),
        ("config.lr.value,-heartbeat_at", "config.lr,-heartbeat"),
    ],
)
def test_an_order_of_wandb_is_read(wandb: str, ours: str) -> None:
    assert order_from_wandb(wandb) == order_from_text(ours)


@pytest.mark.parametrize("text", ["lr", "-", "created;", ",".join(["created"] * 17)])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        order_from_text(text)
    assert caught.value.field == "order"


def test_a_name_with_a_comma_is_kept() -> None:
    order = order_from_text(r"-config.a\,b,name")
    assert [key.column for key in order] == ["config.a,b", "name"]
