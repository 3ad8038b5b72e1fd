"""Windows of logged tables over HTTP: order, search, filters, types, media, hostile input."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from at_length import at_length, case_at_length
from sdk_script import run_well
from server_process import ServerProcess, wait_until
from weft import Api

Json = dict[str, Any]

SCRIPT = """
import datetime, numpy as np, weft
run = weft.init(project="tables", id="r1")
n = 5000
start = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
table = weft.Table(columns=["n", "x", "text", "even", "when", "big", "vector", "label"])
for i in range(n):
    x = float("nan") if i == 7 else (i * 7919 % n) / 10
    when = start + datetime.timedelta(seconds=i)
    text = f"Row {i}" if i else None
    table.add_data(i, x, text, i % 2 == 0, when, 2**60 + i, [i, i + 0.5], {"a": i})
run.log({"t": table})
images = weft.Table(columns=["image", 'odd "name; --', "long"])
for i in range(3):
    image = weft.Image(np.full((4, 6, 3), i * 40, np.uint8), caption=f"c{i}")
    images.add_data(image, i, "é" * 5000)
run.log({"images": images})
grown = weft.Table(columns=["a", "b"], log_mode="INCREMENTAL")
for i in range(3):
    grown.add_data(i, "x")
    grown.add_data(i + 0.5, None)
    run.log({"grown": grown})
scores = [[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3]]
run.log({"roc": weft.plot.roc_curve([0, 1, 1, 0], scores, labels=["a", "b"])})
left = weft.Table(columns=["id", "truth"], data=[["a", 1], ["b", 2], ["a", 3]])
right = weft.Table(columns=["id", "truth", "image"])
right.add_data("a", 10, weft.Image(np.zeros((2, 2, 3), np.uint8)))
right.add_data("c", 20, None)
run.log({"joined": weft.JoinedTable(left, right, "id")})
run.log({"joined_by_two": weft.JoinedTable(left, right, ["truth", "truth"])})
run.log({"joined_by_none": weft.JoinedTable(left, right, ["truth", "id 2"])})
run.log({"number": 1})
run.finish()
for nth in range(2):
    with weft.init(project="tables", id=f"s{nth}", name=f"Run {nth}") as other:
        for score in (0, nth + 0.5):
            rows = [["a", score], ["b", score + 1]]
            other.log({"val/scores": weft.Table(columns=["run", "score"], data=rows)})
        columns = ["x", "only one"][: nth + 1]
        values = ["text", True] if nth else [1]
        photos = weft.Table(columns=["id", "image"])
        photos.add_data(5, weft.Image(np.full((2, 2, 3), nth * 90, np.uint8)))
        other.log({"photos": photos})
        other.log({"differs": weft.Table(columns=columns, data=[values])})
"""


@pytest.fixture(scope="module")
def tables_client(
    server: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("script")
    run_well(folder, SCRIPT, WEFT_MODE="online", WEFT_BASE_URL=server.url)
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
        wait_until(lambda: window(http, key="roc")["state"] == "stored", what="the last table")
        yield http


def asked(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/api/v1/projects/local/tables/tables/query", json={"run": "r1", **body})


def window(client: httpx.Client, **body: Any) -> Json:
    return asked(client, **body).raise_for_status().json()


def column(table: Json, name: str) -> list[Any]:
    position = [column["name"] for column in table["columns"]].index(name)
    return [row[position] for row in table["rows"]]


def test_a_window_has_cells_of_all_types(tables_client: httpx.Client) -> None:
    table = window(tables_client, key="t", offset=6, limit=2)
    assert {column["name"]: column["type"] for column in table["columns"]} == {
        "n": "number", "x": "number", "text": "string", "even": "boolean", "when": "timestamp",
        "big": "number", "vector": "list", "label": "typedDict",
    }  # fmt: skip
    assert (table["n_rows"], table["total"], table["numbers"], table["state"]) == (
        5000, 5000, [6, 7], "stored",
    )  # fmt: skip
    assert table["rows"][1] == [
        7, "NaN", "Row 7", False, "2024-01-01T00:00:07+00:00", str(2**60 + 7), [7, 7.5], {"a": 7},
    ]  # fmt: skip
    assert window(tables_client, key="t", offset=5000)["rows"] == []
    assert window(tables_client, key="t", limit=0)["total"] == 5000


def test_rows_are_sorted_and_those_without_a_value_come_last(tables_client: httpx.Client) -> None:
    up = window(tables_client, key="t", sort={"column": "x"}, limit=3)
    assert column(up, "x") == [0, 0.1, 0.2]
    down = window(tables_client, key="t", sort={"column": "x", "descending": True}, limit=2)
    assert column(down, "x") == [499.9, 499.8]
    last = window(tables_client, key="t", sort={"column": "x", "descending": True}, offset=4999)
    assert column(last, "x") == ["NaN"]
    texts = window(
        tables_client, key="t", sort={"column": "text", "descending": True}, offset=4998
    )
    assert column(texts, "text") == ["Row 1", None]
    assert texts["numbers"] == [1, 0]
    times = window(tables_client, key="t", sort={"column": "when", "descending": True}, limit=1)
    assert times["numbers"] == [4999]


def test_search_and_filters_leave_rows(tables_client: httpx.Client) -> None:
    assert window(tables_client, key="t", search="row 499")["numbers"][:2] == [499, 4990]
    assert window(tables_client, key="t", search="100% _'; --")["total"] == 0

    def numbers(*filters: tuple[str, str, Any]) -> list[int]:
        conditions = [
            dict(zip(("column", "op", "value"), condition, strict=True)) for condition in filters
        ]
        return window(tables_client, key="t", filters=conditions, limit=10)["numbers"]

    assert numbers(("n", ">=", 4998)) == [4998, 4999]
    assert numbers(("big", "=", 2**60 + 9)) == [9]
    assert numbers(("even", "=", True), ("n", "<", 5)) == [0, 2, 4]
    assert numbers(("text", "empty", None)) == [0]
    assert numbers(("text", "=", "Row 8")) == [8]
    assert numbers(("text", "contains", "ROW 4999")) == [4999]
    assert numbers(("when", "<", "2024-01-01T00:00:02Z")) == [0, 1]
    assert numbers(("when", "<", "no time")) == []
    assert numbers(("n", "=", "8")) == [8]
    assert numbers(("x", "not_empty", None), ("n", "!=", 0), ("n", "<=", 1)) == [1]
    assert numbers(("x", "empty", None)) == [7]
    assert len(numbers(("x", ">", 499.7))) == 2
    assert numbers(("text", "matches", r"^row \d{3}7$"), ("n", ">", 4980)) == [4987, 4997]
    invalid = asked(
        tables_client, key="t", filters=[{"column": "text", "op": "matches", "value": "[a"}]
    )
    assert invalid.status_code == 400
    assert invalid.json()["detail"] == "invalid pattern: missing ]: [a"


def test_media_in_cells_come_with_their_files_and_long_texts_are_cut(
    tables_client: httpx.Client,
) -> None:
    table = window(
        tables_client,
        key="images",
        max_chars=10,
        sort={"column": 'odd "name; --', "descending": True},
    )
    assert table["numbers"] == [2, 1, 0]
    assert table["cut"] == [[0, 2], [1, 2], [2, 2]]
    assert column(table, "long") == ["é" * 10] * 3
    assert [(cell["row"], cell["column"]) for cell in table["media"]] == [(0, 0), (1, 0), (2, 0)]
    item = table["media"][0]["items"][0]
    assert (item["kind"], item["file"]["state"], item["width"]) == ("image", "stored", 6)
    assert tables_client.get(item["file"]["url"]).content.startswith(b"\x89PNG")
    assert table["columns"][0]["type"] == "image-file"
    whole = window(
        tables_client, key="images", columns=["long"], offset=1, limit=1, max_chars=5000
    )
    assert whole["rows"] == [["é" * 5000]]
    assert whole["cut"] == []


def test_a_table_that_grows_is_that_of_its_step(tables_client: httpx.Client) -> None:
    table = window(tables_client, key="grown")
    assert column(table, "a") == [0, 0.5, 1, 1.5, 2, 2.5]
    assert table["numbers"] == [*range(6)]
    assert column(
        window(tables_client, key="grown", sort={"column": "a", "descending": True}, limit=2), "a"
    ) == [2.5, 2]
    first = window(tables_client, key="grown", step=table["step"] - 1)
    assert (first["total"], column(first, "b")) == (4, ["x", None, "x", None])
    assert asked(tables_client, key="grown", step=-1).status_code == 404


def test_a_chart_names_its_preset_and_has_the_rows_of_its_table(
    tables_client: httpx.Client,
) -> None:
    body = {"runs": ["r1"], "keys": ["roc"]}
    answer = tables_client.post("/api/v1/projects/local/tables/media/query", json=body)
    (item,) = answer.raise_for_status().json()["series"][0]["items"]
    assert item["kind"] == "chart"
    presets = tables_client.get("/api/v1/chart-presets").raise_for_status().json()["presets"]
    names = {name for preset in presets for name in (preset["name"], *preset["aliases"])}
    assert item["chart"]["preset"] in names
    rows = window(
        tables_client, path=item["file"]["path"], columns=[*item["chart"]["fields"].values()]
    )
    assert rows["total"] > 2
    assert len(rows["columns"]) == len(item["chart"]["fields"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"key": "t", "path": "a"}, 400),
        ({"key": "none"}, 404),
        ({"key": "number"}, 404),
        ({"path": "../../etc/passwd"}, 400),
        ({"path": "media/table/none.table.parquet"}, 404),
        ({"path": "a.999999999.table.parquet"}, 413),
        ({"run": "none", "key": "t"}, 404),
        ({"key": "t", "columns": ["n; DROP TABLE"]}, 400),
        ({"key": "t", "sort": {"column": "file_row_number"}}, 400),
        ({"key": "t", "filters": [{"column": "c0", "op": "=", "value": 1}]}, 400),
        ({"key": "t", "filters": [{"column": "n", "op": "LIKE", "value": 1}]}, 400),
        ({"key": "t", "group": "no such"}, 400),
        ({"key": "t", "group": "n", "filters": [
            {"column": "n", "op": "matches", "value": "("},
        ]}, 400),
        ({"key": "t", "join": {"key": "t", "run": "none", "keys": ["n", "n"]}}, 404),
        ({"key": "t", "join": {"key": "none", "keys": ["n", "n"]}}, 404),
        ({"key": "t", "join": {"keys": ["n", "n"]}}, 400),
        ({"key": "t", "join": {"key": "t", "keys": ["n", "no such"]}}, 400),
        ({"key": "t", "limit": 100_000}, 400),
        ({"key": "t", "offset": -1}, 400),
    ],
)  # fmt: skip
def test_wrong_requests_are_refused(body: Json, status: int, tables_client: httpx.Client) -> None:
    answer = asked(tables_client, **body)
    assert answer.status_code == status, answer.text


def test_several_tables_are_answered_in_order_each_with_its_rows_or_its_fault(
    tables_client: httpx.Client,
) -> None:
    tables: list[Json] = [
        {"run": "r1", "key": "joined", "columns": ["0.id"]},
        {"run": "r1", "key": "number"},
        {"run": "r1", "key": "t", "columns": ["n"], "limit": 2, "offset": 4},
        {"run": "r1", "key": "t", "columns": ["no such"]},
        {"run": "none", "key": "t"},
        {"run": "r1", "key": "joined_by_two", "columns": ["1.truth"]},
        {"run": "s1", "key": "val/scores", "search": "b"},
    ]
    answer = tables_client.post(
        "/api/v1/projects/local/tables/tables/query-many", json={"tables": tables}
    )
    answers = answer.raise_for_status().json()["answers"]
    for body, response in zip(tables, answers, strict=True):
        alone = asked(tables_client, **body)
        if alone.is_success:
            assert response == {"window": alone.json(), "fault": None}
        else:
            fault = {name: alone.json()[name] for name in ("code", "detail")}
            assert response == {"window": None, "fault": fault}
    assert [answer["window"] is None for answer in answers] == [0, 1, 0, 1, 1, 0, 0]
    too_many = {"tables": tables * 30}
    refused = tables_client.post("/api/v1/projects/local/tables/tables/query-many", json=too_many)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" * 1000, b"id,x\n1,2\n", b"\0" * 2_000_000]
)
def test_a_file_that_is_no_table_is_refused_without_a_path_of_the_server(
    content: bytes, tables_client: httpx.Client
) -> None:
    path = f"bad/{len(content)}.table.parquet"
    address = f"/api/v1/projects/local/tables/runs/r1/files/{path}"
    tables_client.put(address, content=content).raise_for_status()
    answer = asked(tables_client, path=path)
    assert answer.status_code == 400, answer.text
    assert "weft-sql" not in answer.text


def test_names_and_notes_of_a_hostile_file_are_only_texts(
    tables_client: httpx.Client, tmp_path: Path
) -> None:
    file = tmp_path / "odd.parquet"
    notes = '{"columns": [3, {"name": {}, "type": {"wb_type": "union"}, "form": []}]}'
    columns = """1 AS file_row_number, 'x' AS "c0"" FROM t; --", 2 AS c2, {'a': 1} AS nested"""
    metadata = f"KV_METADATA {{'weft.table': '{notes}'}}"
    duckdb.connect().execute(f"COPY (SELECT {columns}) TO '{file}' (FORMAT parquet, {metadata})")
    address = "/api/v1/projects/local/tables/runs/r1/files/odd.parquet"
    tables_client.put(address, content=file.read_bytes()).raise_for_status()
    table = window(
        tables_client, path="odd.parquet", sort={"column": 'c0" FROM t; --'}, search="x"
    )
    assert table["rows"] == [[1, "x", 2, {"a": 1}]]
    assert [column["type"] for column in table["columns"]] == ["number", "any", "number", "any"]


def test_a_table_whose_file_is_missing_says_so(tables_client: httpx.Client) -> None:
    table = window(tables_client, key="images")
    tables_client.delete(
        f"/api/v1/projects/local/tables/runs/r1/files/{table['path']}"
    ).raise_for_status()
    gone = window(tables_client, key="images")
    assert (gone["state"], gone["rows"], gone["columns"]) == ("deleted", [], [])


def test_joined_tables_have_all_rows_of_both(
    tables_client: httpx.Client, server: ServerProcess, tmp_path: Path
) -> None:
    table = window(tables_client, key="joined")
    names = [column["title"] for column in table["columns"]]
    assert names == ["0.id", "0.truth", "1.id", "1.truth", "1.image"]
    assert [row[:4] for row in table["rows"]] == [
        ["a", 1, "a", 10], ["b", 2, None, None], ["a", 3, "a", 10], [None, None, "c", 20],
    ]  # fmt: skip
    assert [(cell["row"], cell["column"]) for cell in table["media"]] == [(0, 4), (2, 4)]
    assert (table["state"], table["n_rows"], table["numbers"]) == ("stored", 4, [0, 1, 2, 3])
    ordered = window(tables_client, key="joined", sort={"column": "1.truth", "descending": True})
    assert [row[0] for row in ordered["rows"]] == [None, "a", "a", "b"]
    assert window(tables_client, key="joined_by_two")["n_rows"] == 5
    refused = asked(tables_client, key="joined_by_none")
    assert refused.status_code == 400
    assert refused.json()["detail"] == "the table has no column 'id 2'"
    read = Api({"base_url": server.url}).run("local/tables/r1").table("joined", root=tmp_path)
    assert read.columns == names
    assert [row[:4] for row in read.data] == [row[:4] for row in table["rows"]]


def test_tables_of_two_runs_and_of_two_steps_are_joined(tables_client: httpx.Client) -> None:
    other = {"run": "s1", "key": "val/scores", "keys": ["run", "run"]}
    table = window(tables_client, run="s0", key="val/scores", join=other)
    assert [column["name"] for column in table["columns"]] == [
        "0.run", "0.score", "1.run", "1.score",
    ]  # fmt: skip
    assert table["rows"] == [["a", 0.5, "a", 1.5], ["b", 1.5, "b", 2.5]]
    before = {"key": "val/scores", "step": 0, "keys": ["run", "run"]}
    table = window(tables_client, run="s1", key="val/scores", join=before, filters=[
        {"column": "1.score", "op": ">", "value": 0.5},
    ])  # fmt: skip
    assert table["rows"] == [["b", 2.5, "b", 1]]
    by_id = {"run": "s1", "key": "photos", "keys": ["id", "id"]}
    media = window(tables_client, run="s0", key="photos", join=by_id)["media"]
    assert [(cell["row"], cell["column"]) for cell in media] == [(0, 1), (0, 3)]
    urls = [cell["items"][0]["file"]["url"] for cell in media]
    assert ["/runs/s0/" in urls[0], "/runs/s1/" in urls[1]] == [True, True]
    assert all(tables_client.get(url).status_code == 200 for url in urls)


def test_rows_are_grouped_by_the_values_of_a_column(tables_client: httpx.Client) -> None:
    below = {"column": "n", "op": "<", "value": 10}
    table = window(
        tables_client, key="t", group="even", columns=["n", "text", "x"], filters=[below]
    )
    assert [column["title"] for column in table["columns"]] == [
        "even", "rows", "mean of n", "first text", "mean of x",
    ]  # fmt: skip
    assert [column["type"] for column in table["columns"]] == [
        "boolean", "number", "number", "string", "number",
    ]  # fmt: skip
    values = [(i * 7919 % 5000) / 10 for i in (1, 3, 5, 9)]  # 7 has NaN
    even = [(i * 7919 % 5000) / 10 for i in (0, 2, 4, 6, 8)]
    assert table["rows"] == [
        [False, 5, 5.0, "Row 1", pytest.approx(sum(values) / 4)],
        [True, 5, 4.0, "Row 2", pytest.approx(sum(even) / 5)],
    ]
    assert (table["total"], table["n_rows"], table["numbers"]) == (2, 5000, [0, 1])
    most = window(
        tables_client, key="t", group="n", sort={"column": "n", "descending": True}, limit=2
    )
    assert column(most, "n") == [4999, 4998]
    assert most["total"] == 5000
    missing = window(tables_client, key="grown", group="b")
    assert [row[:3] for row in missing["rows"]] == [["x", 3, 1], [None, 3, 1.5]]
    shares = window(
        tables_client, key="t", group="x", columns=["even"], search="row 7", limit=1, offset=0
    )
    assert shares["total"] == len({i for i in range(1, 5000) if f"row {i}".startswith("row 7")})
    media = window(tables_client, run="s0", key="photos", group="id")
    assert [(cell["row"], cell["column"]) for cell in media["media"]] == [(0, 2)]


def test_tables_of_several_runs_are_one_with_a_column_of_their_runs(
    tables_client: httpx.Client,
) -> None:
    def united(key: str, **body: Any) -> Json:
        union = [{"run": f"s{nth}", "key": key, "label": f"Run {nth}"} for nth in range(2)]
        return window(tables_client, run="", union=union, **body)

    table = united("val/scores", sort={"column": "score", "descending": True})
    # the tables have a column `run` of their own
    assert [column["name"] for column in table["columns"]] == ["run_", "run", "score"]
    assert table["rows"] == [
        ["Run 1", "b", 2.5], ["Run 0", "b", 1.5], ["Run 1", "a", 1.5], ["Run 0", "a", 0.5],
    ]  # fmt: skip
    assert (table["runs"], table["numbers"]) == (["s1", "s0", "s1", "s0"], [3, 1, 2, 0])
    own = [{"column": "run_", "op": "contains", "value": "run 1"}]
    assert united("val/scores", filters=own, search="b")["rows"] == [["Run 1", "b", 2.5]]
    grouped = united("val/scores", group="run_", columns=["score"])
    assert grouped["rows"] == [["Run 0", 2, 1.0], ["Run 1", 2, 2.0]]
    # columns that differ, and media of each run
    differs = united("differs")
    assert [(column["name"], column["type"]) for column in differs["columns"]] == [
        ("run", "string"), ("x", "string"), ("only one", "boolean"),
    ]  # fmt: skip
    assert differs["rows"] == [["Run 0", "1", None], ["Run 1", "text", True]]
    photos = united("photos")
    urls = [cell["items"][0]["file"]["url"] for cell in photos["media"]]
    assert ["/runs/s0/" in urls[0], "/runs/s1/" in urls[1]] == [True, True]
    assert [cell["row"] for cell in united("photos", group="id")["media"]] == [0]
    by_default = window(tables_client, run="", union=[{"run": "s0", "key": "photos"}])
    assert column(by_default, "run") == ["s0"]
    assert (
        asked(tables_client, run="s0", union=[{"run": "s0", "key": "photos"}]).status_code == 400
    )
    tables = [{"union": [{"run": "s0", "key": "photos"}] * 100}] * 11
    refused = tables_client.post(
        "/api/v1/projects/local/tables/tables/query-many", json={"tables": tables}
    )
    assert (refused.status_code, "1,100 tables" in refused.text) == (413, True)
    assert asked(tables_client, run="", union=[{"run": "s0", "key": "t"}]).status_code == 404


def test_columns_are_computed_from_others_and_sort_filter_and_group(
    tables_client: httpx.Client,
) -> None:
    computed = [
        {"name": "double", "expression": "2 * n + 1"},
        {"name": "n", "expression": "log(double - 1)"},  # a name that the table has
        {"name": "share", "expression": "even / (n % 2)"},
        {"name": "none", "expression": "text ** 2 + sqrt(0 - n)"},
    ]
    names = ["n", "double", "n_", "share", "none"]
    table = window(tables_client, key="t", computed=computed, columns=names, limit=3)
    assert table["rows"] == [
        [0, 1.0, "-Infinity", None, None],
        [1, 3.0, pytest.approx(0.6931, abs=1e-4), 0.0, None],
        [2, 5.0, pytest.approx(1.3863, abs=1e-4), None, None],
    ]
    assert [column["title"] for column in table["columns"]] == [
        "n",
        "double",
        "n",
        "share",
        "none",
    ]
    # a cell without a value leaves extremes without one
    extremes = [
        {"name": name, "expression": expression}
        for name, expression in (
            ("min", "min(n, text)"), ("max", "max(n, even / 0)"), ("clip", "clip(text, 0, 1)"),
            ("most", "max(n, 1)"),
        )
    ]  # fmt: skip
    names = [extreme["name"] for extreme in extremes]
    table = window(tables_client, key="t", computed=extremes, columns=names, limit=1)
    assert table["rows"] == [[None, None, None, 1.0]]
    last = window(
        tables_client, key="t", computed=computed, columns=["n"], limit=1,
        sort={"column": "double", "descending": True},
        filters=[{"column": "double", "op": "<", "value": 100}],
    )  # fmt: skip
    assert (last["rows"], last["total"]) == ([[49]], 50)
    shares = window(tables_client, key="t", computed=computed, group="even", columns=["double"])
    assert shares["rows"] == [[False, 2500, 5001.0], [True, 2500, 4999.0]]
    nested = "n"
    for _ in range(30):
        nested = f"1 % ({nested})"
    for expression, detail in (
        ("n +", "column 'c': an operand is expected"),
        ("ema(n, 0.5)", "functions of other rows"),
        ("n + _step", "no config, step"),
        ("missing + 1", "the table has no column 'missing'"),
        (nested, "too large"),
    ):
        refused = asked(tables_client, key="t", computed=[{"name": "c", "expression": expression}])
        assert refused.status_code == 400, expression
        assert detail in refused.json()["detail"] or expression == "n +"


def queried(client: httpx.Client, query: str) -> Any:
    answer = client.post("/api/v1/projects/local/tables/sql", json={"query": query})
    return answer.json()["rows" if answer.status_code == 200 else "detail"]


def test_sql_reads_the_last_table_of_each_run(tables_client: httpx.Client) -> None:
    table = 'tables."val/scores"'
    assert queried(tables_client, f"SELECT * FROM {table} ORDER BY ALL") == [
        ["s0", 1, "a", 0.5], ["s0", 1, "b", 1.5], ["s1", 1, "a", 1.5], ["s1", 1, "b", 2.5],
    ]  # fmt: skip
    assert queried(tables_client, f"SELECT run_1, score FROM {table} WHERE run = 's0'") == [
        ["a", 0.5], ["b", 1.5],
    ]  # fmt: skip
    by_name = f"SELECT name, max(score) FROM {table} t JOIN runs ON t.run = runs.id"
    assert queried(tables_client, f"{by_name} GROUP BY name ORDER BY name") == [
        ["Run 0", 1.5], ["Run 1", 2.5],
    ]  # fmt: skip
    assert queried(tables_client, "SELECT count(*), sum(a) FROM tables.grown") == [[6, 6.0 + 1.5]]
    assert queried(tables_client, "SELECT count(*) FROM tables.t") == [[5000]]


def test_sql_joins_tables_whose_columns_differ(tables_client: httpx.Client) -> None:
    rows = queried(tables_client, 'SELECT run, x, "only one" FROM tables.differs ORDER BY run')
    assert rows == [["s0", "1", None], ["s1", "text", True]]


def test_sql_reads_no_other_files_and_says_which_tables_there_are(
    tables_client: httpx.Client, server: ServerProcess, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.parquet"
    duckdb.connect().execute(f"COPY (SELECT 1 AS secret) TO '{secret}'")
    assert "file system operations are disabled" in queried(
        tables_client, f"SELECT * FROM '{secret}'"
    )
    with_table = f"SELECT * FROM tables.t, '{secret}'"
    assert "file system operations are disabled" in queried(tables_client, with_table)
    assert "not available here" in queried(
        tables_client, f"SELECT * FROM read_parquet('{secret}')"
    )
    assert 'and tables."METRIC"' in queried(tables_client, "SELECT * FROM missing")
    near = "none of these runs has logged a table 'val/score'; metrics are called val/scores"
    assert queried(tables_client, 'SELECT * FROM tables."val/score"') == near
    none = "none of these runs has logged a table 'number'"
    assert queried(tables_client, "SELECT * FROM tables.number") == none
    other = "none of these runs has logged a table 't'"
    assert queried(tables_client, "SELECT * FROM tables.t WHERE run = 's0'") == other


def test_a_file_of_text_is_a_table(tables_client: httpx.Client) -> None:
    lines = [
        "name,score,rowid,when",
        *(f"n{i},{i / 2},{i},2024-01-0{i % 9 + 1}" for i in range(30_000)),
    ]
    lines += ['"with, comma",,x,', "short"]
    address = "/api/v1/projects/local/tables/runs/r1/files/scores.csv"
    tables_client.put(address, content="\n".join(lines).encode()).raise_for_status()
    table = window(
        tables_client, path="scores.csv", sort={"column": "score", "descending": True}, limit=2
    )
    assert [column["name"] for column in table["columns"]] == ["name", "score", "rowid", "when"]
    assert [column["type"] for column in table["columns"]] == [
        "string",
        "number",
        "string",
        "timestamp",
    ]
    assert (table["total"], column(table, "score")) == (30_002, [14_999.5, 14_999])
    last = window(tables_client, path="scores.csv", offset=30_000)
    assert column(last, "name") == ["with, comma", "short"]
    assert column(last, "score") == [None, None]
    table = window(tables_client, path="scores.csv", search="comma")
    assert table["numbers"] == [30_000]
    tabs = "/api/v1/projects/local/tables/runs/r1/files/odd/T.TSV"
    tables_client.put(tabs, content=b"a\tb\n1\ttrue\n2\tfalse\n").raise_for_status()
    assert window(tables_client, path="odd/T.TSV")["rows"] == [[1, True], [2, False]]
    tables_client.put(tabs, content=b"").raise_for_status()
    answer = asked(tables_client, path="odd/T.TSV")
    assert answer.status_code in {200, 400}
    assert "weft-sql" not in answer.text


@at_length
def test_a_large_file_of_text_is_parsed_once_and_answers_as_a_small_one(
    tables_client: httpx.Client,
) -> None:
    head = "n,x,day,at,flag,text,text,empty\n"
    rows = [
        f"{nth},{nth / 8},2024-02-{nth % 28 + 1:02},2024-02-01 10:00:{nth % 60:02},"
        f'{"true" if nth % 3 else "false"},"a, ""{nth}""",{"" if nth % 5 else "é"},\n'
        for nth in range(40_000)
    ]
    files = "/api/v1/projects/local/tables/runs/r1/files"
    small, large = head + "".join(rows[:400]), head + "".join(rows)
    assert len(small) < 2**20 < len(large)
    for name, text in (("small.csv", small), ("large.csv", large)):
        tables_client.put(f"{files}/{name}", content=text.encode()).raise_for_status()

    def answer(name: str, **query: Any) -> Json:
        table = window(tables_client, path=name, limit=50, **query)
        return {key: table[key] for key in ("columns", "numbers", "rows", "n_columns")}

    first = answer("large.csv")  # makes the copy
    assert first == answer("small.csv")
    sha256 = hashlib.sha256(large.encode()).hexdigest()
    (copy,) = Path(tempfile.gettempdir()).glob(f"weft-tables-*/{sha256}.parquet")
    # what is read from now on is the copy: with other rows in it, these are answered
    duckdb.sql("SELECT 1 AS n").write_parquet(str(copy))
    assert window(tables_client, path="large.csv")["rows"] == [[1]]
    copy.unlink()
    assert answer("large.csv") == first
    assert window(tables_client, path="large.csv")["n_rows"] == 40_000
    below = [{"column": "n", "op": "<", "value": 400}]
    for query in (
        {"sort": {"column": "x", "descending": True}},
        {"search": "é"},
        {"filters": [{"column": "flag", "op": "=", "value": False}]},
        {"columns": ["text_1", "day", "at"], "offset": 300},
    ):
        filters = [*query.pop("filters", []), *below]
        assert answer("large.csv", **query, filters=filters) == answer(
            "small.csv", **query, filters=filters
        ), query

    # another content at the same path is another table
    tables_client.put(f"{files}/large.csv", content=(head + "7" + large[len(head) + 1 :]).encode())
    assert window(tables_client, path="large.csv", limit=1)["rows"][0][0] == 7


@at_length
@pytest.mark.parametrize("is_repeated", [case_at_length(False), True])
def test_a_large_table_in_json_is_parsed_once_and_answers_as_before(
    tables_client: httpx.Client, *, is_repeated: bool
) -> None:
    image = {"_type": "image-file", "path": "media/images/a.png", "format": "png"}
    columns = ["n", 'say "x"', "mixed", "N" if is_repeated else "flag", "text", "image", "none"]
    rows: list[list[Any]] = [
        [nth, nth / 8, [nth, "a"] if nth % 2 else nth, nth % 3 == 0, f"it's {nth}", image, None]
        for nth in range(10_000)
    ]
    rows[1][1], rows[7] = float("nan"), [None] * len(columns)
    text = json.dumps({"columns": columns, "data": rows}).encode()
    name = f"{'repeated' if is_repeated else 'large'}.table.json"
    path = f"/api/v1/projects/local/tables/runs/r1/files/{name}"
    questions: list[Json] = [
        {"limit": 50},
        {"offset": 9_990},
        {"sort": {"column": columns[1], "descending": True}, "limit": 5},
        {"search": "it's 77", "limit": 5},
        {"filters": [{"column": "n", "op": "<", "value": 9}]},
        {"columns": ["mixed", "image", columns[1]], "offset": 300, "limit": 5},
        {"group": columns[2], "limit": 5},
    ]
    parsed: list[Json] = []
    for question in questions:
        text += b" "  # another content, which is parsed
        tables_client.put(path, content=text).raise_for_status()
        parsed.append(window(tables_client, path=name, **question))
    copies = Path(tempfile.gettempdir()).glob(
        f"weft-tables-*/{hashlib.sha256(text).hexdigest()}.parquet"
    )
    assert len(list(copies)) == (not is_repeated)  # Parquet has no two columns of one name
    assert [window(tables_client, path=name, **question) for question in questions] == parsed
