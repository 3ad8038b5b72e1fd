"""Media over HTTP: which there are at a step, the states of their files, kinds of metrics."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from live_runs import PROJECT, LiveServer
from run_log_bytes import HandMadeLog
from sdk_script import run_well
from server_process import wait_until
from weft.records.record import File, MetricDefinition, Schema

Json = dict[str, Any]


def image(path: str, **more: Any) -> Json:
    return {"_type": "image-file", "path": path, "width": 4, "height": 2, **more}


def asked(client: httpx.Client, log: HandMadeLog, kind: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/v1/projects/local/{log.project}/media/{kind}", json=body)


def series(client: httpx.Client, log: HandMadeLog, **body: Any) -> list[Json]:
    answer = asked(client, log, "query", **{"runs": [log.run], "keys": ["img"], **body})
    return answer.raise_for_status().json()["series"]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_last_media_at_or_before_a_step_come_with_the_states_of_their_files(
    client: httpx.Client, project: str
) -> None:
    log = HandMadeLog(project=project)
    log.keys("img", "step")
    log.rows([[image(f"media/images/{n}.png", caption=f"n {n}"), n] for n in range(4)])
    content = b"pixels"
    log.add(File("media/images/1.png", len(content), sha256(content)))
    log.add(File("media/images/2.png", 0, "", error="NaN in the pixels"))
    log.upload(client).raise_for_status()
    (first,) = series(client, log, step=0.5)
    (item,) = first["items"]
    assert (first["run"], first["key"], first["step"], first["n_items"]) == (log.run, "img", 0, 1)
    assert (item["kind"], item["caption"], item["width"], item["height"]) == ("image", "n 0", 4, 2)
    # The row is on the server before the announcement of its file.
    assert item["file"]["state"] == "awaited"
    assert series(client, log, step=-1) == []

    def file_at(step: float | None) -> Json:
        return series(client, log, step=step)[0]["items"][0]["file"]

    assert (file_at(1)["state"], file_at(1)["url"]) == ("awaited", "")
    assert (file_at(2)["state"], file_at(2)["error"]) == ("failed", "NaN in the pixels")
    assert file_at(None)["path"] == "media/images/3.png"
    put = client.put(
        f"/api/v1/projects/local/{project}/contents/{sha256(content)}?position=0", content=content
    )
    put.raise_for_status()
    stored = file_at(1)
    assert (stored["state"], stored["media_type"]) == ("stored", "image/png")
    answer = client.get(stored["url"])
    assert answer.content == content
    assert "immutable" in answer.headers["cache-control"]
    # Another content at this path must never be taken for the one that the page asked for.
    client.put(f"{log.path}/files/media/images/1.png", content=b"other").raise_for_status()
    assert client.get(stored["url"]).status_code == 404
    assert client.get(file_at(1)["url"]).content == b"other"
    client.delete(f"{log.path}/files/media/images/1.png").raise_for_status()
    assert file_at(1)["state"] == "deleted"


def test_media_are_listed_in_columns_of_any_axis(client: httpx.Client, project: str) -> None:
    logs = [HandMadeLog(project=project, run=run) for run in ("run1", "run2")]
    for log, hours in zip(logs, ([0.5, None, 2.5, 4.5], [1.0, 3.0, None, None]), strict=True):
        log.keys("img", "hours")
        if log is logs[0]:
            log.add(MetricDefinition("img", step_metric="hours", step_sync=True))
        log.rows([[image(f"media/{n}.png"), hour] for n, hour in enumerate(hours)])
        log.upload(client).raise_for_status()
    runs = [log.run for log in logs]
    axis = {"axis": "metric", "axis_metric": "hours"}
    steps = asked(client, logs[0], "steps", runs=runs, keys=["img"], **axis).json()
    assert steps == {"steps": [0.5, 1.0, 2.5, 3.0, 4.5], "total": 5}

    def cells(run: str, **body: Any) -> list[tuple[float, int]]:
        rows = series(client, logs[0], runs=runs, **body)
        return [(row["x"], row["step"]) for row in rows if row["run"] == run]

    columns = {"columns": [0.7, 2.5, 2.6, 9], **axis}
    # of two at one x the later one; no column has the first of the second run at 0.7
    assert cells(runs[0], **columns) == [(0.5, 1), (2.5, 2), (4.5, 3)]
    assert cells(runs[1], **columns) == [(1.0, 0), (3.0, 3)]
    assert cells(runs[0], columns=[1, 3]) == [(1, 1), (3, 3)]
    rows = series(client, logs[0], runs=runs, columns=[9], axis="defined")
    names = {row["run"]: (row["x"], row["axis_metric"]) for row in rows}
    assert names == {runs[0]: (4.5, "hours"), runs[1]: (3, "")}
    times = cells(runs[0], columns=[1e12], axis="time")
    assert [step for _, step in times] == [3]
    for body, status in (
        ({"columns": [1], "axis": "metric"}, 400),
        ({"columns": list(range(501))}, 400),
    ):
        answer = asked(client, logs[0], "query", runs=runs, keys=["img"], **body)
        assert answer.status_code in (status, 413, 422), answer.text


def test_media_of_live_runs_that_have_not_come_are_passed_over(
    client: httpx.Client, project: str
) -> None:
    log = HandMadeLog(project=project)
    log.keys("img")
    log.rows([[image(f"media/{n}.png")] for n in range(4)])
    log.upload(client).raise_for_status()

    def shown(**body: Any) -> tuple[Any, ...]:
        (row,) = series(client, log, **body)
        return row["step"], row["newer_step"], row["items"][0]["file"]["state"]

    live = {"skip_awaited": [log.run]}
    assert shown(**live) == (3, None, "awaited"), "none has come"
    client.put(f"{log.path}/files/media/1.png", content=b"1").raise_for_status()
    assert shown(**live) == (1, 3, "stored")
    assert shown() == shown(skip_awaited=["another"]) == (3, None, "awaited")
    client.put(f"{log.path}/files/media/3.png", content=b"3").raise_for_status()
    assert shown(**live) == (3, None, "stored")


def test_lists_captions_sizes_and_layers_of_images_are_read(
    client: httpx.Client, project: str
) -> None:
    log = HandMadeLog(project=project)
    log.keys("img")
    boxes = {"truth": {"_type": "boxes2D", "path": "media/b.json"}}
    masks = {
        "pred": {"_type": "mask", "path": "media/m.png", "class_labels": {"1": "cat", "2": 3}}
    }
    listed = {
        "_type": "images/separated",
        "width": 8,
        "height": 8,
        "count": 3,
        "filenames": ["media/0.png", "../../etc/passwd", "media/2.png"],
        "captions": ["first", None, None],
        "sizes": [[8, 8], [8, 8], [5, 6]],
        "all_boxes": [boxes, None, None],
        "all_masks": [None, None, masks],
    }
    log.rows([[listed]])
    log.upload(client).raise_for_status()
    ((first, last),) = [row["items"] for row in series(client, log)]
    assert (first["file"]["path"], first["caption"]) == ("media/0.png", "first")
    assert [
        (layer["kind"], layer["name"], layer["file"]["path"]) for layer in first["layers"]
    ] == [("boxes", "truth", "media/b.json")]
    assert (last["width"], last["height"], last["caption"]) == (5, 6, None)
    assert [layer["class_labels"] for layer in last["layers"]] == [{"1": "cat"}]


@pytest.mark.parametrize(
    "value",
    [
        {"_type": "image-file", "path": "media/a.png"},
        {"_type": "images/separated", "filenames": ["media/a.png"]},
        {"_type": "audio", "audio": [{"_type": "audio-file", "path": "media/a.png"}]},
        {"_type": "table-file", "path": "media/a.table.parquet"},
        {
            "_type": "custom-chart",
            "table": {"_type": "table-file", "path": "media/a.table.parquet"},
        },
    ],
    ids=lambda value: value["_type"],
)
def test_what_a_script_could_not_store_is_not_awaited(
    client: httpx.Client, project: str, value: Json
) -> None:
    log = HandMadeLog(project=project)
    log.keys("key")
    log.rows([[value | {"error": "no space left on device"}]])
    log.upload(client).raise_for_status()
    (file,) = [item["file"] for row in series(client, log, keys=["key"]) for item in row["items"]]
    assert (file["state"], file["error"]) == ("failed", "no space left on device")
    if "table" in json.dumps(value):
        query = {"run": log.run, "key": "key"}
        rows = client.post(f"/api/v1/projects/local/{project}/tables/query", json=query).json()
        assert (rows["state"], rows["error"]) == ("failed", "no space left on device")


def test_steps_are_those_of_all_series_together_and_runs_may_lack_some(
    client: httpx.Client, project: str
) -> None:
    logs = [HandMadeLog(project=project, run=f"run{n}") for n in range(2)]
    for n, log in enumerate(logs):
        log.keys("img", "loss")
        log.add(Schema(1, [1]))
        for step in range(10):
            schema, media = (0, [image(f"media/{step}.png")]) if step % (2 + n) == 0 else (1, [])
            log.add([3, schema, step * 1000, step, [*media, 0.5]])
        log.upload(client).raise_for_status()
    runs = ["run0", "run1", "unknown"]
    answer = asked(client, logs[0], "steps", runs=runs, keys=["img", "never"]).json()
    assert answer == {"steps": [0, 2, 3, 4, 6, 8, 9], "total": 7}
    rows = series(client, logs[0], runs=runs, step=7)
    assert [(row["run"], row["step"]) for row in rows] == [("run0", 6), ("run1", 6)]
    assert series(client, logs[0], runs=["unknown"], keys=["img"]) == []
    assert series(client, logs[0], runs=["run0"], keys=["loss"]) == []


def fork_with_media(client: httpx.Client, project: str) -> tuple[HandMadeLog, HandMadeLog]:
    """A run of four images, of which one has its content, and a fork that shows two of them."""
    parent = HandMadeLog(project=project)
    parent.keys("img")
    parent.rows([[image(f"media/{n}.png")] for n in range(4)])
    parent.upload(client).raise_for_status()
    for path in ("media/1.png", "own.txt"):
        client.put(f"{parent.path}/files/{path}", content=b"parent").raise_for_status()
    goes_on = {
        "fork_run": parent.run,
        "fork_step": 1,
        "sources": [(parent.run, parent.writer, 1)],
    }
    fork = HandMadeLog(project=project, run="fork", writer="writer2", goes_on=goes_on)
    fork.upload(client).raise_for_status()
    return parent, fork


def is_inherited_shown(client: httpx.Client, fork: HandMadeLog) -> bool:
    (row,) = series(client, fork)
    assert (row["run"], row["step"]) == ("fork", 1)
    file = row["items"][0]["file"]
    by_name = client.get(f"{fork.path}/files/media/1.png")
    listed = client.get(f"{fork.path}/files?prefix=media/1.png").json()["files"]
    return (
        file is not None
        and file["state"] == "stored"
        and client.get(file["url"]).content == b"parent"
        and by_name.content == b"parent"
        and [file["path"] for file in listed] == ["media/1.png"]
    )


def paths_of(client: httpx.Client, log: HandMadeLog) -> list[str]:
    return [file["path"] for file in client.get(f"{log.path}/files").json()["files"]]


def test_a_fork_has_the_media_of_the_rows_that_it_inherited(
    client: httpx.Client, project: str
) -> None:
    parent, fork = fork_with_media(client, project)
    assert is_inherited_shown(client, fork)
    assert client.get(f"{fork.path}/files/own.txt").status_code == 404
    client.delete(parent.path).raise_for_status()
    assert is_inherited_shown(client, fork), "the parent is in the trash"
    client.delete(f"{parent.path}?permanently=true").raise_for_status()
    wait_until(lambda: client.get(parent.path).status_code == 410, what="the deletion")
    wait_until(
        lambda: paths_of(client, fork) == ["media/1.png"], what="the files that were passed on"
    )
    assert is_inherited_shown(client, fork)


@pytest.mark.parametrize("moved", ["parent", "fork"])
def test_a_fork_keeps_inherited_media_when_it_or_its_parent_moves(
    client: httpx.Client, project: str, moved: str
) -> None:
    parent, fork = fork_with_media(client, project)
    going = parent if moved == "parent" else fork
    action = {"kind": "move", "project": f"{project}-2"}
    change = {"runs": [going.run], "action": action}
    answer = client.post(f"/api/v1/projects/local/{project}/runs/bulk", json=change)
    assert answer.json()["n_done"] == 1, answer.text
    going.project += "-2"
    assert is_inherited_shown(client, fork)
    client.delete(f"{parent.path}?permanently=true").raise_for_status()
    wait_until(lambda: client.get(parent.path).status_code == 410, what="the deletion")
    assert is_inherited_shown(client, fork)
    assert paths_of(client, fork) == ["media/1.png"]


def test_kinds_of_objects_are_known_by_name(client: httpx.Client, project: str) -> None:
    values: Json = {
        "audio": {"_type": "audio", "audio": [{"_type": "audio-file", "path": "a.wav"}]},
        "graph": {"_type": "graph-file", "path": "a.graph.json"},
        "histogram": {"_type": "histogram", "values": [1], "bins": [0, 1]},
        "html": [{"_type": "html-file", "path": "a.html"}],
        "image": image("a.png"),
        "object3d": {"_type": "object3D-file", "path": "a.pts.json"},
        "other": {"_type": "histogram"},
        "other list": [{"_type": "histogram", "values": [1], "bins": [0, 1]}],
        "plotly": {"_type": "plotly-file", "path": "a.plotly.json"},
        "table": {"_type": "table-file", "path": "a.parquet"},
        "text": "words",
        "video": {"_type": "video-file", "path": "a.mp4"},
    }
    values["chart"] = {"_type": "custom-chart", "table": values["table"]}
    values |= {"chart_table": values["table"], "other_table": values["table"]}
    log = HandMadeLog(project=project)
    log.keys(*values)
    log.rows([list(values.values())])
    log.upload(client).raise_for_status()
    names = client.get(f"/api/v1/projects/local/{project}/metrics/names").json()
    expected = {name: "other" if name in {"text", "other list"} else name for name in values}
    expected |= {"chart_table": "table", "other_table": "table"}
    assert dict(zip(names["objects"], names["kinds"], strict=True)) == expected
    assert names["chart_tables"] == ["chart_table"]


SCRIPT = """
    import io
    import numpy as np
    import weft

    run = weft.init(id="media")
    pixels = np.zeros((4, 6, 3), dtype=np.uint8)
    tone = np.sin(np.arange(800) / 4)
    points = np.zeros((5, 3))
    boxes = {"p": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}]}}
    masks = {"m": {"mask_data": pixels[:, :, 0], "class_labels": {0: "none"}}}
    run.log({
        "image": weft.Image(pixels, caption="c", boxes=boxes, masks=masks),
        "image list": [weft.Image(pixels), weft.Image(pixels, caption="second")],
        "nested": {"image": weft.Image(pixels)},
        "html": weft.Html("<b>hi</b>"),
        "html list": [weft.Html("a"), weft.Html("b")],
        "audio": weft.Audio(tone, sample_rate=8000),
        "audio list": [weft.Audio(tone, sample_rate=8000)] * 2,
        "video": weft.Video(np.zeros((3, 3, 8, 8), dtype=np.uint8), format="gif"),
        "object3d": weft.Object3D(points),
        "object3d list": [weft.Object3D(points)] * 2,
        "molecule": weft.Molecule(io.StringIO("ATOM"), file_type="pdb"),
        "molecule list": [weft.Molecule(io.StringIO("ATOM"), file_type="pdb", caption="m")] * 2,
        "plotly": weft.Plotly({"data": [{"y": [1]}], "layout": {}}),
    })
    run.finish()
    """


def test_all_that_a_script_logs_is_found_with_its_files(tmp_path: Path, live: LiveServer) -> None:
    run_well(tmp_path, SCRIPT, live.environment)
    live.ended("media")
    address = f"{live.url}/api/v1/projects/local/{PROJECT}"
    names = httpx.get(f"{address}/metrics/names", trust_env=False).json()
    kinds = dict(zip(names["objects"], names["kinds"], strict=True))
    expected = {name: name.removesuffix(" list").removeprefix("nested.") for name in kinds}
    assert kinds == expected
    assert len(kinds) == 13

    def ask() -> list[Json]:
        body = {"runs": ["media"], "keys": list(kinds)}
        return httpx.post(f"{address}/media/query", json=body, trust_env=False).json()["series"]

    wait_until(
        lambda: all(item["file"]["state"] == "stored" for row in ask() for item in row["items"]),
        what="all contents",
    )
    items = {row["key"]: row["items"] for row in ask()}
    assert {key: len(items) for key, items in items.items()} == {
        key: 2 if key.endswith(" list") else 1 for key in kinds
    }
    assert [item["caption"] for item in items["molecule list"]] == ["m", "m"]
    assert [item["caption"] for item in items["image list"]] == [None, "second"]
    (image,) = items["image"]
    assert [(layer["kind"], layer["file"]["state"]) for layer in image["layers"]] == [
        ("boxes", "stored"),
        ("mask", "stored"),
    ]
    assert {item["kind"] for items in items.values() for item in items} == set(expected.values())


@pytest.mark.parametrize("kind", ["steps", "query"])
def test_too_many_series_are_refused(client: httpx.Client, project: str, kind: str) -> None:
    log = HandMadeLog(project=project)
    log.upload(client).raise_for_status()
    runs, keys = [str(n) for n in range(40)], [str(n) for n in range(26)]
    answer = asked(client, log, kind, runs=runs, keys=keys)
    assert (answer.status_code, answer.json()["code"]) == (413, "limit")
