"""Columns are listed by how many runs have them, and found by the words that a person sees."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from live_runs import LiveServer
from sdk_script import run_well
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)

N_RUNS = 12
SCRIPT = f"""
    import weft
    for i in range({N_RUNS}):
        config = {{"lr": 0.1 if i < 8 else 0.01, "base_lr": 1, "classes": 10}}
        with weft.init(id=f"run{{i:02}}", project="use", config=config) as run:
            if i < {N_RUNS} - 1:
                run.define_metric("val/acc", summary="max", goal="maximize")
                run.define_metric("loss*", goal="minimize")
            row = {{"val/acc": i, "loss.total": 1.0, "speed": 1.0, "procedure": 1.0}}
            if i == 3:
                row |= {{"roc_auc": 0.5, "roc_table": "of a curve"}}
                row |= {{f"layers/{{j}}/norm": j for j in range(40)}}
            run.log(row)
    """


@pytest.fixture(scope="module")
def columns(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    run_well(tmp_path_factory.mktemp("use"), SCRIPT, live.environment)
    columns = Columns(live)

    def is_whole() -> bool:
        speed = columns.list(search="summary.speed")["columns"]
        return [column["n_runs"] for column in speed] == [N_RUNS]

    # Summaries of all runs may be a second old.
    wait_until(is_whole)
    return columns


class Columns:
    """Questions for the columns of a project."""

    def __init__(self, live: LiveServer) -> None:
        self.url = f"{live.url}/api/v1/projects/local/use/columns"
        self.headers = {"Authorization": f"Bearer {live.process.token}"}

    def list(self, **params: Any) -> Any:
        answer = httpx.get(self.url, params=params, headers=self.headers, timeout=30)
        return answer.raise_for_status().json()

    def names(self, **params: Any) -> list[str]:
        return [column["column"] for column in self.list(order="use", **params)["columns"]]


def test_those_of_most_runs_come_first(columns: Columns) -> None:
    assert columns.names(search="val/acc") == ["summary.val/acc.max", "summary.val/acc"]
    # The one that is called so, then the whole word.
    assert columns.names(search="lr", scope="config") == ["config.lr", "config.base_lr"]
    listed = columns.list(order="use", search="layers/7 norm")["columns"]
    assert [(column["column"], column["n_runs"]) for column in listed] == [
        ("summary.layers/7/norm", 1)
    ]


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("val/acc max", "summary.val/acc.max"),
        ("MAX acc", "summary.val/acc.max"),
        ("config.lr", "config.lr"),
        ("summary.loss.total", "summary.loss\\.total"),
        ("loss.total", "summary.loss\\.total"),
        ("loss\\.total", "summary.loss\\.total"),
    ],
)
def test_words_find_a_column_as_it_is_shown(columns: Columns, search: str, first: str) -> None:
    assert columns.names(search=search)[0] == first
    assert first in [column["column"] for column in columns.list(search=search)["columns"]]


def test_whole_words_come_before_more_runs_and_helpers_last(columns: Columns) -> None:
    assert columns.names(search="roc")[:4] == [
        "summary.roc_auc",
        "summary.procedure",
        "summary.roc_table",
        "writer.process",
    ]
    assert columns.names(search="roc_table") == ["summary.roc_table"]


def is_helper(column: str) -> bool:
    return column.startswith("writer.") or column.endswith("_table")


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_by_use_are_the_whole_list(columns: Columns, limit: int) -> None:
    whole = columns.list(order="use", limit=1000)["columns"]
    n_runs = [column["n_runs"] for column in whole if not is_helper(column["column"])]
    assert n_runs == sorted(n_runs, reverse=True)
    assert {column["column"] for column in whole} == {
        column["column"] for column in columns.list(limit=1000)["columns"]
    }
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = columns.list(order="use", limit=limit, **cursor)
        assert page["total"] == len(whole)
        names += [column["column"] for column in page["columns"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert names == [column["column"] for column in whole]


def test_goals_are_those_of_the_runs_that_define_one(columns: Columns) -> None:
    # The newest run defines none.
    aimed = columns.list(order="use", has_goal=True)
    assert {column["column"]: column["goal"] for column in aimed["columns"]} == {
        "summary.loss\\.total": "minimize",
        "summary.val/acc.max": "maximize",
        "summary.val/acc": "maximize",
    }
    assert aimed["total"] == 3
    assert {column["goal"] for column in columns.list(search="speed")["columns"]} == {None}


def test_samples_tell_what_differs_in_older_runs(columns: Columns) -> None:
    samples = {
        column["column"]: column["samples"] for column in columns.list(scope="config")["columns"]
    }
    assert samples["config.lr"] == [0.01, 0.1]
    assert samples["config.classes"] == [10]


def test_a_cursor_of_the_other_order_is_refused(columns: Columns) -> None:
    cursor = columns.list(limit=1)["cursor"]
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        columns.list(limit=1, order="use", cursor=cursor)
