"""Scripts' runs are found by filter, order, group and column through HTTP and `weft.Api`."""

from __future__ import annotations

import json
import math
from typing import Any

import httpx
import pytest

import weft
from live_runs import LiveServer
from run_log_bytes import HandMadeLog
from sdk_script import run_well
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)

SCRIPT = """
    import math, weft
    for i, lr in enumerate([0.1, 0.01, 1, None, math.nan]):
        tags = ["baseline"] if i % 2 == 0 else []
        config = {"lr": lr, "opt": {"name": "adam" if i < 3 else "sgd"}, "layers": [i, "x"]}
        with weft.init(id=f"run{i}", project="sweep", name=f"Run {i}", tags=tags,
                       group="first" if i < 2 else None, config=config) as run:
            for step in range(3):
                run.log({"loss": (5 - i) / (step + 1), "val": {"acc": i / 10}})
            run.summary["best"] = i
    """


@pytest.fixture(scope="module")
def sweep(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    run_well(tmp_path_factory.mktemp("sweep"), SCRIPT, live.environment)
    # Summaries may be a second old, of a row before the last; the loss falls to a third.
    for i in range(5):
        written = f"state = finished and summary.best = {i} and summary.loss < {(5 - i) / 2.5}"
        wait_until(lambda chosen=written: len(Http(live).ids(filter=chosen)) == 1, what=written)
    return live


class Http:
    """Plain requests at a project."""

    def __init__(self, live: LiveServer) -> None:
        self.url = f"{live.url}/api/v1/projects/local/sweep"
        self.headers = {"Authorization": f"Bearer {live.process.token}"}

    def get(self, path: str, **params: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", params=params, headers=self.headers, timeout=30)

    def post(self, path: str, body: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        return httpx.post(f"{self.url}{path}", content=content, headers=headers, timeout=30)

    def ids(self, **params: Any) -> list[str]:
        answer = self.get("/runs", **params)
        assert answer.status_code == 200, answer.text
        return [run["id"] for run in answer.json()["runs"]]

    def query(self, **body: Any) -> Any:
        answer = self.post("/runs/query", body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def http(sweep: LiveServer) -> Http:
    return Http(sweep)


def test_runs_are_listed_by_filter_and_order(http: Http) -> None:
    assert http.ids() == ["run4", "run3", "run2", "run1", "run0"]
    text = 'config.lr > 0.01 and tags has "baseline"'
    assert http.ids(filter=text) == ["run2", "run0"]
    assert http.ids(filter=text, order="config.lr") == ["run0", "run2"]
    assert http.ids(order="-config.lr") == ["run2", "run0", "run1", "run4", "run3"]
    assert http.ids(filter="summary.loss < 1.1", order="summary.loss") == ["run4", "run3", "run2"]
    assert http.ids(filter="summary.val.acc >= 0.3") == ["run4", "run3"]
    assert http.ids(filter="summary.best in (1, 3)") == ["run3", "run1"]
    assert http.ids(search="RUN 3") == ["run3"]
    assert http.ids(search="^run [12]$", regex="true") == ["run2", "run1"]
    assert http.ids(filter="state = finished", state="finished", limit=1) == ["run4"]


def test_api_asks_the_same(sweep: LiveServer) -> None:
    api: weft.Api = sweep.api
    filters = {"$and": [{"config.lr": {"$gt": 0.01}}, {"tags": "baseline"}]}
    for chosen in (filters, 'config.lr > 0.01 and tags has "baseline"'):
        runs = api.runs("local/sweep", filters=chosen, order="-summary_metrics.loss")
        assert [run.id for run in runs] == ["run0", "run2"]
    assert [run.id for run in api.runs("local/sweep", per_page=2)] == [f"run{i}" for i in range(5)]


def test_a_tree_is_asked_for_page_by_page(http: Http) -> None:
    tree = {"not": {"column": "config.opt.name", "op": "=", "value": "sgd"}}
    order = [{"column": "config.lr", "descending": True}]
    first = http.query(filter=tree, order=order, limit=2)
    assert [run["id"] for run in first["runs"]] == ["run2", "run0"]
    second = http.query(filter=tree, order=order, limit=2, cursor=first["cursor"])
    assert [run["id"] for run in second["runs"]] == ["run1"]
    assert (first["total"], second["total"], second["cursor"]) == (3, 3, None)
    unusual = {"column": "config.lr", "op": "=", "value": {"_type": "float", "value": "NaN"}}
    assert [run["id"] for run in http.query(filter=unusual)["runs"]] == ["run4"]


def test_the_middle_is_asked_for_at_once(http: Http) -> None:
    page = http.query(order="created", limit=2, offset=2)
    assert [run["id"] for run in page["runs"]] == ["run2", "run3"]
    assert page["total"] == 5
    rest = http.query(order="created", limit=2, cursor=page["cursor"])
    assert [run["id"] for run in rest["runs"]] == ["run4"]
    beyond = http.query(order="created", columns=["config.lr"], offset=9)
    assert beyond == {"rows": [], "cursor": None, "total": 5}


def test_a_table_has_columns(http: Http) -> None:
    columns = ["config.lr", "summary.loss", "tags", "config.layers", "created", "config.nothing"]
    table = http.query(order="created", columns=columns, limit=4)
    assert table["total"] == 5
    head = ("id", "name", "state", "color")
    assert [tuple(row[name] for name in head) for row in table["rows"][:2]] == [
        ("run0", "Run 0", "finished", 1), ("run1", "Run 1", "finished", 2),
    ]  # fmt: skip
    lr, loss, tags, layers, created, nothing = table["rows"][0]["values"]
    assert (lr, tags, layers, nothing) == (0.1, ["baseline"], [0, "x"], None)
    assert loss == pytest.approx(5 / 3)
    assert created > 1_700_000_000_000_000
    rest = http.query(order="created", columns=columns, cursor=table["cursor"])
    assert rest["rows"][0]["values"][0] == "NaN"


def test_rows_tell_none_from_no_value_as_groups_do(http: Http) -> None:
    columns = ["config.lr", "config.nothing", "group"]
    rows = http.query(columns=columns, order="created")["rows"]
    assert rows[3]["values"] == [None, None, None]
    # only the first of them is a value: the others are missing
    assert [row.get("nulls") for row in rows] == [None, None, None, [0], None]
    groups = http.post("/runs/groups", {"by": columns}).json()["groups"]
    values = [group["values"] for group in groups]
    assert [None] in values
    assert [{"_type": "missing"}] not in values


def test_groups_are_nested_and_opened(http: Http) -> None:
    query = {
        "by": ["config.opt.name", "group"],
        "levels": 2,
        "aggregates": [
            {"column": "summary.best", "function": "mean"},
            {"column": "summary.best", "function": "std"},
            {"column": "config.lr", "function": "count"},
            {"column": "tags", "function": "values"},
        ],
    }
    answer = http.post("/runs/groups", query)
    assert answer.status_code == 200, answer.text
    adam, sgd = answer.json()["groups"]
    assert (adam["values"], adam["n_runs"]) == (["adam"], 3)

    def tagged(n_runs: int) -> object:
        return {"values": [{"value": "baseline", "n_runs": n_runs}], "n_values": 1}

    assert adam["aggregates"] == [1.0, 1.0, 3, tagged(2)]
    assert [(group["values"], group["n_runs"]) for group in adam["groups"]] == [
        (["adam", "first"], 2), (["adam", {"_type": "missing"}], 1),
    ]  # fmt: skip
    assert sgd["aggregates"] == [3.5, pytest.approx(math.sqrt(0.5)), 2, tagged(1)]
    under = {"by": query["by"], "values": adam["groups"][1]["values"]}
    assert [run["id"] for run in http.query(under=under)["runs"]] == ["run2"]
    ordered = {**query, "order": [{"column": "mean(summary.best)", "descending": True}]}
    groups = http.post("/runs/groups", ordered).json()["groups"]
    assert [group["values"] for group in groups] == [["sgd"], ["adam"]]
    page = http.post("/runs/groups", {"by": ["config.lr"], "limit": 2}).json()
    assert [group["values"] for group in page["groups"]] == [[0.01], [0.1]]
    rest = http.post("/runs/groups", {"by": ["config.lr"], "cursor": page["cursor"]}).json()
    nan = {"_type": "float", "value": "NaN"}
    assert [group["values"] for group in rest["groups"]] == [[1], [nan], [None]]


def test_every_group_leads_to_its_runs(live: LiveServer) -> None:
    histogram = {"_type": "histogram", "bins": [0, 1], "values": [3]}
    values = [
        histogram,
        list(range(3000)),
        "x" * 5000,
        ["x" * 5000],
        {"a": [None]},
        None,
        "",
        "é\0",
        [math.nan],
        ["NaN"],
        [[math.inf]],
        [{"_type": "float", "value": "text"}],
    ]
    with httpx.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        for i, value in enumerate(values):
            log = HandMadeLog(run=f"run{i}", writer=f"writer{i}", project="groups")
            log.config(odd=value)
            assert log.upload(client).status_code == 200
        base = "/api/v1/projects/local/groups/runs"
        groups = client.post(f"{base}/groups", json={"by": ["config.odd"]}).json()["groups"]
        assert len(groups) == len(values)
        ids: list[str] = []
        for group in groups:
            under = {"by": ["config.odd"], "values": group["values"]}
            answer = client.post(f"{base}/query", json={"under": under})
            assert answer.status_code == 200, answer.text
            (run,) = answer.json()["runs"]
            ids.append(run["id"])
        assert set(ids) == {f"run{i}" for i in range(len(values))}


def test_a_run_without_a_config_joins_columns_in_memory(live: LiveServer) -> None:
    base = "/api/v1/projects/local/bare/runs"
    with httpx.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        for n_runs in range(1, 4):
            log = HandMadeLog(run=f"run{n_runs}", writer=f"writer{n_runs}", project="bare")
            if n_runs == 1:
                log.config(lr=0.1)
            assert log.upload(client).status_code == 200
            # The runs are read anew by a question that names no column of theirs.
            assert client.post(f"{base}/query", json={}).json()["total"] == n_runs
            sorted_by = {"order": [{"column": "config.lr"}], "filter": "config.lr != 5"}
            answer = client.post(f"{base}/query", json=sorted_by)
            assert answer.status_code == 200, answer.text
            assert [run["id"] for run in answer.json()["runs"]] == [
                "run1",
                *(f"run{n}" for n in range(n_runs, 1, -1)),
            ]
            groups = client.post(f"{base}/groups", json={"by": ["config.lr"]})
            assert sum(group["n_runs"] for group in groups.json()["groups"]) == n_runs


def test_the_only_run_with_a_value_comes_first(live: LiveServer) -> None:
    base = "/api/v1/projects/local/sparse/runs"
    with httpx.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        for n in range(12):
            log = HandMadeLog(run=f"run{n}", writer=f"writer{n}", project="sparse")
            if n == 5:
                log.config(lr=0.1)
            assert log.upload(client).status_code == 200
        ids: list[str] = []
        query: dict[str, Any] = {"order": [{"column": "config.lr"}], "limit": 1}
        while True:
            page = client.post(f"{base}/query", json=query).json()
            ids += [run["id"] for run in page["runs"]]
            query["cursor"] = page["cursor"]
            if page["cursor"] is None:
                break
    assert ids == ["run5", *(f"run{n}" for n in range(11, -1, -1) if n != 5)]


def test_columns_are_discovered(http: Http) -> None:
    answer = http.get("/columns", scope="config")
    assert [
        (column["column"], column["kinds"], column["n_runs"])
        for column in answer.json()["columns"]
    ] == [
        ("config.layers", {"other": 5}, 5),
        ("config.lr", {"number": 3, "nonfinite": 1, "none": 1}, 5),
        ("config.opt.name", {"text": 5}, 5),
    ]
    samples = answer.json()["columns"][2]["samples"]
    assert sorted(samples) == ["adam", "sgd"]
    first = http.get("/columns", limit=3).json()
    rest = http.get("/columns", limit=1000, cursor=first["cursor"]).json()
    names = [column["column"] for column in first["columns"] + rest["columns"]]
    assert first["total"] == rest["total"] == len(names) == len(set(names))
    assert {"id", "name", "tags", "config.lr", "summary.loss"} <= set(names)
    listed = http.get("/columns", search="^summary\\.l", regex=True).json()["columns"]
    assert [column["column"] for column in listed] == ["summary.loss"]


BIG_LIST = {"column": "id", "op": "in", "value": ["x"] * 100_001}


@pytest.mark.parametrize(
    ("path", "body", "field", "says"),
    [
        ("/runs/query", {"filter": "config.lr >> 1"}, "filter", "column 12: a value is expected"),
        ("/runs/query", {"filter": {"column": "nope", "op": "=", "value": 1}}, "filter", "nope"),
        ("/runs/query", {"filter": BIG_LIST}, "filter", "at most 100000 values"),
        ("/runs/query", {"filter": "name matches '('"}, "filter", "not a regular expression"),
        ("/runs/query", {"filter": f"name matches '{'a' * 1001}'"}, "filter", "at most 1000"),
        ("/runs/query", {"filter": 5}, "filter", "Expected `str | object | null`"),
        ("/runs/query", {"order": "-nope"}, "order", "no column is called 'nope'"),
        ("/runs/query", {"order": [{"column": "nope"}]}, "order", "no column is called 'nope'"),
        ("/runs/query", {"columns": ["nope"]}, "columns", "no column is called 'nope'"),
        ("/runs/query", {"columns": ["id"] * 1001}, "columns", "at most 1000"),
        ("/runs/query", {"under": {"by": [], "values": [1]}}, "under", "no more values"),
        ("/runs/query", {"limit": 0}, "limit", "Expected `int` >= 1"),
        ("/runs/query", {"cursor": "x"}, "cursor", "cursor"),
        ("/runs/query", {"search": "(", "regex": True}, "search", "not a regular expression"),
        ("/runs/query", {"filtre": "x"}, "filtre", "did you mean 'filter'?"),
        (
            "/runs/query",
            {"under": {"by": ["id"], "values": [{"_type": "int", "value": "0x" + "f" * 9999}]}},
            "under",
            "at most 13000 bits",
        ),
        ("/runs/groups", {"by": []}, "by", "1 to 8 columns"),
        ("/runs/groups", {"by": ["nope"]}, "by", "no column is called 'nope'"),
        ("/runs/groups", {"by": ["id", "id"]}, "by", "each column once"),
        ("/runs/groups", {"by": ["id"], "under": ["a"]}, "under", "fewer values"),
        ("/runs/groups", {"by": ["id"], "order": [{"column": "name"}]}, "order", "id, n_runs"),
        (
            "/runs/groups",
            {"by": ["id"], "aggregates": [{"column": "nope", "function": "mean"}]},
            "aggregates",
            "no column",
        ),
        (
            "/runs/groups",
            {"by": ["id"], "aggregates": [{"column": "id", "function": "sum"}]},
            "aggregates",
            "count",
        ),
    ],
)
def test_what_is_wrong_is_named(
    http: Http, path: str, body: dict[str, Any], field: str, says: str
) -> None:
    answer = http.post(path, body)
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert problem["code"] == "invalid"
    assert says in problem["detail"]
    assert problem["errors"][0]["field"].startswith(field)


def test_an_error_in_a_text_has_its_column(http: Http) -> None:
    assert http.get("/runs", filter="config.lr >> 1").json()["column"] == 12
    assert "column" not in http.get("/runs", order="nope").json()


def test_a_filter_is_read_in_both_forms(http: Http, live: LiveServer) -> None:
    def parsed(filter_: Any) -> httpx.Response:
        content = json.dumps({"filter": filter_})
        headers = {**http.headers, "Content-Type": "application/json"}
        return httpx.post(f"{live.url}/api/v1/filters/parse", content=content, headers=headers)

    tree = {
        "and": [
            {"column": "config.lr", "op": ">", "value": 0.01},
            {"not": {"column": "tags", "op": "=", "value": "a b"}},
        ]
    }
    forms = {"tree": tree, "text": 'config.lr > 0.01 and not tags has "a b"'}
    assert parsed("config.lr>.01 and tags not has 'a b'").json() == forms
    assert parsed(tree).json() == forms
    wrong = parsed("config.lr >> 1")
    assert wrong.status_code == 400
    assert wrong.json()["column"] == 12


def test_odd_bodies_are_refused_without_a_trace(http: Http) -> None:
    deep: Any = {"column": "id", "op": "=", "value": "a"}
    for _ in range(40):
        deep = {"not": deep}
    for body in (
        {"filter": deep},
        b'{"filter": ' + b'{"not": ' * 20_000 + b"5" + b"}" * 20_000 + b"}",
        b"[" * 100_000,
        b"\xff",
        b"{",
        b'{"filter": {"column": "config.x", "op": "=", "value": NaN}, "limit": -1}',
        b'{"filter": {"column": "config.x", "op": "=", "value": ' + b"9" * 6000 + b"}}",
    ):
        answer = http.post("/runs/query", body)
        assert answer.status_code == 400, answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "config.lr = 99999999999999999999999999",
        "config.lr > 1e999",
        "config.nowhere = 1",
        "config.lr contains '\0'",
        "name contains '\ud83d\ude00'",
        'name = "\\ud800"',
        '"config.odd \\u0000 name" = 1',
        "name matches '" + "(a*)*" * 100 + "$'",
        "id in ()",
    ],
)
def test_odd_filters_hold_for_none(http: Http, text: str) -> None:
    assert http.query(filter=text.encode("utf-16", "surrogatepass").decode("utf-16"))["total"] in {
        0, 5
    }  # fmt: skip


def test_a_run_deleted_between_two_pages_is_left_out(sweep: LiveServer, http: Http) -> None:
    code = """
        import weft
        weft.init(id="brief", project="sweep", config={"lr": 0.05}).finish()
        """
    run_well(sweep.folder, code, sweep.environment)
    sweep.api.run("local/sweep/brief")
    first = http.query(order="config.lr", limit=2)
    assert [run["id"] for run in first["runs"]] == ["run1", "brief"]
    deleted = httpx.delete(f"{http.url}/runs/brief", headers=http.headers, timeout=30)
    assert deleted.status_code == 204
    rest = http.query(order="config.lr", cursor=first["cursor"])
    assert [run["id"] for run in rest["runs"]] == ["run0", "run2", "run4", "run3"]
    assert rest["total"] == 5
