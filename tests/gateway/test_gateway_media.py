"""Media, tables and charts of the official client, as weft's pages get them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from live_runs import LiveServer
from wandb_client import KEY, WandbClient

LOGGED = """
run = wandb.init(project="media", id="m")
pixels = (np.arange(32 * 32 * 3) % 256).astype("uint8").reshape(32, 32, 3)
box = {"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.1, "maxY": 0.5}, "class_id": 1}
image = wandb.Image(
    pixels, caption="cap", boxes={"p": {"box_data": [box], "class_labels": {1: "cat"}}},
    masks={"m": {"mask_data": np.zeros((32, 32), dtype="uint8"), "class_labels": {0: "bg"}}},
)
table = wandb.Table(
    columns=["n", "text", "mixed", "list"],
    allow_mixed_types=True,
    data=[[1, "x", 1, [1, 2]], [2.5, None, "two", [3]], [float("nan"), "z", None, []]],
)
run.log({"image": image, "images": [image, image], "table": table})
run.log({"html": wandb.Html("<b>x</b>"), "points": wandb.Object3D(np.zeros((4, 3)))})
run.log({"histogram": wandb.Histogram([1, 2, 3])})
points = wandb.Table(columns=["x", "y"], data=[[1, 2], [2, 3]])
run.log({"line": wandb.plot.line(points, "x", "y")})
run.finish()
"""


@pytest.fixture(scope="module")
def ask(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    WandbClient(live.url, KEY, tmp_path_factory.mktemp("media")).run(LOGGED)

    def ask(address: str, body: Any) -> Any:
        url = f"{live.url}/api/v1/projects/local/media/{address}"
        answer = httpx.post(url, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def test_media_are_shown_as_weft_shows_its_own(ask: Any, live: LiveServer) -> None:
    keys = ["image", "images", "html", "points", "histogram", "line", "table"]
    series = ask("media/query", {"runs": ["m"], "keys": keys})["series"]
    items = {row["key"]: row["items"] for row in series}
    kinds = {key: [item["kind"] for item in shown] for key, shown in items.items()}
    assert kinds == {
        "image": ["image"],
        "images": ["image", "image"],
        "html": ["html"],
        "points": ["object3d"],
        "histogram": [],
        "line": ["chart"],
        "table": ["table"],
    }
    (image,) = items["image"]
    assert image["caption"] == "cap"
    assert [layer["kind"] for layer in image["layers"]] == ["boxes", "mask"]
    assert image["layers"][1]["class_labels"] == {"0": "bg"}
    assert httpx.get(live.url + image["file"]["url"]).content[:4] == b"\x89PNG"
    (chart,) = items["line"]
    assert chart["chart"] == {
        "preset": "wandb/line/v0",
        "fields": {"x": "x", "y": "y"},
        "strings": chart["chart"]["strings"],
    }


def test_a_table_is_read_by_pages_and_by_sql(ask: Any) -> None:
    window = ask("tables/query", {"run": "m", "key": "table"})
    assert [column["name"] for column in window["columns"]] == ["n", "text", "mixed", "list"]
    assert window["total"] == 3
    assert window["rows"][:2] == [[1.0, "x", 1, [1, 2]], [2.5, None, "two", [3]]]
    ordered = ask(
        "tables/query",
        {"run": "m", "key": "table", "sort": {"column": "text", "descending": True}},
    )
    assert [row[1] for row in ordered["rows"]] == ["z", "x", None]
    answer = ask("sql", {"query": "SELECT run, n, text FROM tables.table ORDER BY n LIMIT 2"})
    assert answer["rows"] == [["m", 1.0, "x"], ["m", 2.5, None]]
    of_version = ask("tables/query", {"artifact": "run-m-table:v0", "path": "table.table.json"})
    assert of_version["rows"][0][:2] == [1.0, "x"]
