"""Metrics listed, searched and paged, last values of many runs, charts over a defined x."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from at_length import at_length
from chart_questions import chart, drawn_x
from live_runs import PROJECT, LiveServer
from sdk_script import run_well
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)

MANY = """
    import weft
    run = weft.init(id="wide")
    names = [f"group{nth % 10}/Layer{nth}/weight" for nth in range(5000)]
    for step in range(2):
        run.log({name: step + 0.5 for name in names})
    run.log({"text": "a", "loss": float("nan")})
    """


@pytest.fixture
def wide(tmp_path: Path, live: LiveServer) -> LiveServer:
    run_well(tmp_path, MANY, live.environment)
    live.ended("wide")
    return live


def asked(live: LiveServer, path: str, **params: Any) -> httpx.Response:
    return httpx.get(f"{live.url}/api/v1/projects/local/{PROJECT}/{path}", params=params)


def metrics(live: LiveServer, **params: Any) -> dict[str, Any]:
    answer = asked(live, "metrics", runs="wide", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@at_length
def test_five_thousand_metrics_are_paged_and_searched(wide: LiveServer) -> None:
    keys: list[str] = []
    cursor = None
    while True:
        page = metrics(
            wide, limit=1999, search="/WEIGHT", **({"cursor": cursor} if cursor else {})
        )
        assert page["total"] == 5000
        keys += [metric["key"] for metric in page["metrics"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert keys == sorted({f"group{nth % 10}/Layer{nth}/weight" for nth in range(5000)})
    listed = metrics(wide, search="layer77/", limit=10)["metrics"]
    assert listed == [
        {
            "key": "group7/Layer77/weight",
            "kinds": ["float"],
            "origins": ["logged"],
            "n_runs": 1,
            "n_points": 2,
        }
    ]
    names = asked(wide, "metrics/names").json()
    assert names == {
        "numbers": [*keys, "loss"],
        "objects": ["text"],
        "kinds": ["other"],
        "n_runs": [1] * 5002,
        "system": [],
        "both": [],
        "hidden": [],
        "steps": [],
        "chart_tables": [],
        "total": 5002,
    }
    assert asked(wide, "metrics/names", runs="another").json()["total"] == 0
    pattern = metrics(wide, search="^group3/.*r1.3/w", regex="true")
    assert [metric["key"] for metric in pattern["metrics"]] == [
        f"group3/Layer1{digit}3/weight" for digit in range(10)
    ]
    assert metrics(wide, search="nowhere") == {"metrics": [], "cursor": None, "total": 0}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"search": "(", "regex": "true"}, "search"),
        ({"search": "(a{1000}){1000}", "regex": "true"}, "search"),
        ({"limit": "0"}, "limit"),
        ({"limit": "100001"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
)
def test_bad_questions_name_the_field(
    live: LiveServer, tmp_path: Path, params: Any, field: str
) -> None:
    run_well(tmp_path, "import weft; weft.init(id='wide').log({'a': 1})", live.environment)
    answer = asked(live, "metrics", **params)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.text


def test_last_values_of_many_runs_in_one_request(wide: LiveServer, tmp_path: Path) -> None:
    code = """
        import weft
        for nth in range(3):
            with weft.init(id=f"run{nth}", config={"nth": nth}, reinit="finish_previous") as run:
                run.log({"loss": nth, "other": 1})
                run.log({"loss": nth + 10})
        """
    run_well(tmp_path, code, wide.environment)
    wide.ended("run2")
    url = f"{wide.url}/api/v1/projects/local/{PROJECT}/latest"

    def latest(**body: Any) -> list[Any]:
        answer = httpx.post(url, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["runs"]

    assert latest(runs=["run2", "wide", "never"], keys=["loss", "text", "nothing"]) == [
        {"run": "run2", "values": {"loss": 12}},
        {"run": "wide", "values": {"loss": "NaN", "text": "a"}},
    ]
    assert latest(filter="config.nth < 2", keys=["other", "loss"]) == [
        {"run": "run1", "values": {"loss": 11, "other": 1}},
        {"run": "run0", "values": {"loss": 10, "other": 1}},
    ]
    assert latest(filter="config.nth > 9", keys=["loss"]) == []
    both = httpx.post(url, json={"runs": ["run0"], "filter": "config.nth < 2", "keys": ["loss"]})
    assert both.status_code in {400, 422}
    many = httpx.post(url, json={"runs": ["a"] * 2000, "keys": ["b"] * 2000})
    assert many.status_code in {400, 413, 422}
    assert "at most" in many.text


def test_a_chart_is_drawn_over_the_metric_that_was_defined(
    tmp_path: Path, live: LiveServer
) -> None:
    code = """
        import weft
        run = weft.init(id="epochs")
        run.define_metric("*", step_metric="epoch")
        for step in range(1000):
            if step % 100 == 0:
                run.log({"epoch": step // 100})
            run.log({"loss": step})
        """
    run_well(tmp_path, code, live.environment)
    live.ended("epochs")
    row = chart(live.process, PROJECT, "epochs", "loss")
    assert (row["axis_metric"], drawn_x(row)) == ("epoch", list(range(10)))
    assert row["min64"] == [epoch * 100 for epoch in range(10)]
    assert row["max64"] == [epoch * 100 + 99 for epoch in range(10)]


def test_a_metric_is_hidden_where_all_its_runs_hide_it(tmp_path: Path, live: LiveServer) -> None:
    code = """
        import weft
        rules = {
            "first": [("debug/*", True), ("noise", True), ("again", True), ("again", False)],
            "second": [("debug/*", True), ("debug/shown", False), ("noise", False)],
            "third": [],
        }
        for name, defined in rules.items():
            with weft.init(id=name, project="hiding", reinit="finish_previous") as run:
                for metric, is_hidden in defined:
                    run.define_metric(metric, hidden=is_hidden)
                run.define_metric("least", summary="min", hidden=True)
                if name == "third":
                    run.log({"loss": 1, "debug/third": 1, "least": 1})
                else:
                    run.log({"loss": 1, "debug/grad": 1, "debug/shown": 1, "noise": 1, "again": 1})
        """
    run_well(tmp_path, code, live.environment)
    project = f"{live.url}/api/v1/projects/local/hiding"
    for run in ("first", "second", "third"):
        wait_until(
            lambda run=run: httpx.get(f"{project}/runs/{run}").json().get("state") == "finished",
            what=f"{run} has ended",
        )

    def hidden(**params: Any) -> list[str]:
        answer = httpx.get(f"{project}/metrics/names", params=params).json()
        assert {"loss", *answer["hidden"]} <= set(answer["numbers"])
        return answer["hidden"]

    assert hidden() == ["debug/grad", "least"]
    assert hidden(runs="first") == ["debug/grad", "debug/shown", "noise"]
    assert hidden(runs="second") == ["debug/grad"]
    assert hidden(runs="third,unknown") == ["least"]

    def columns() -> dict[str, bool]:
        columns = httpx.get(f"{project}/columns", params={"scope": "summary"}).json()["columns"]
        return {column["column"]: column["hidden"] for column in columns}

    # columns are listed once the background has written the last values
    wait_until(lambda: "summary.least.min" in columns(), what="the third run's summary")
    listed = columns()
    assert {name for name in listed if listed[name]} == {"summary.debug/grad", "summary.least.min"}
    assert "summary.debug/shown" in listed
    # a run that is gone hides nothing any more, and shows nothing either
    httpx.delete(f"{project}/runs/second").raise_for_status()
    assert hidden() == ["debug/grad", "debug/shown", "least", "noise"]
