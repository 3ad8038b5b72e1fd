"""Media and tables of runs, read back through `weft.Api`: from a server and from a directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import weft
from at_length import case_at_length
from live_runs import PROJECT, LiveServer
from sdk_script import run_well
from server_process import wait_until
from weft.client.api_client import ApiClient, Page
from weft.errors import NotFound, UsageError
from weft.sdk.reading.stored.run import StoredRun
from weft.wire.files.files import File

CODE = """
    import numpy as np, weft
    run = weft.init(id="media")
    increments = weft.Table(columns=["n", "square"], log_mode="INCREMENTAL")
    for step in range(4):
        pixels = np.full((4, 6, 3), step, np.uint8)
        increments.add_data(step, step * step)
        run.log({
            "image": weft.Image(pixels, caption=f"step {step}"),
            "list": [weft.Image(pixels + n, caption=f"no. {n}") for n in range(3)],
            "loss": step,
            "table": increments,
        })
    run.log({"once": weft.Table(columns=["a"], data=[["x"], ["y"]]),
             "video": weft.Video(np.zeros((3, 3, 8, 8), np.uint8), format="gif")})
    run.log({"pr": weft.plot.line(weft.Table(columns=["x", "y"], data=[[1, 2]]), "x", "y")})
    image = weft.Image(np.full((2, 3, 3), 9, np.uint8), caption="deep")
    sound = weft.Audio(np.zeros(100, np.int16), sample_rate=8000)
    water = weft.Molecule("2\\n\\nH 0 0 0\\nO 0 0 1\\n", file_type="xyz")
    line = weft.Plotly({"data": [{"y": [1, 2]}], "layout": {}})
    run.log({
        "mixed": [image, sound],
        "dicts": [{"c": image, "n": 1}, {"c": sound}],
        "lists": [[image, image], [image]],
        "holes": [None, image, 3],
        "molecules": [water, water],
        "figures": [line, line],
        "nested": {"left": image, "deep": {"right": [image]}, "loss": 1},
    }, step=50)
    run.summary["best"] = image
    run.summary["all"] = {"first": image, "more": [image, None]}
    people = weft.Table(columns=["name", "age"], data=[["Ann", 30], ["Bob", 40], ["Cy", 50]])
    visits = weft.Table(columns=["who", "n"], data=[["Bob", 1], ["Bob", 2], ["Dan", 3]])
    run.log({
        "joined": weft.JoinedTable(visits, people, ["who", "name"]),
        "parts/a": weft.Table(columns=["n"], data=[[1], [2]]),
        "parts/b": weft.Table(columns=["n"], data=[[3.5]]),
        "whole": weft.data_types.PartitionedTable("media/table/parts"),
        "one table": [visits],
        "two tables": [visits, people],
        "charts": [weft.plot.line(visits, "n", "n")],
    })
    run.summary["best table"] = visits
    run.finish()
    """


@pytest.fixture(scope="module", params=["server", case_at_length("directory")])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StoredRun]:
    folder = tmp_path_factory.mktemp("runs")
    if request.param == "server":
        with LiveServer(folder) as live:
            run_well(folder, CODE, live.environment)
            yield live.run("media")
    else:
        run_well(folder, CODE, {"WEFT_PROJECT": PROJECT})
        wait_until(lambda: not list(folder.glob("weft/*/spool/*")), what="the files of the run")
        with closing(weft.Api(folder)) as api:
            yield api.run(f"{PROJECT}/media")


def pixels_of(content: bytes) -> np.ndarray:
    return np.asarray(PIL.Image.open(BytesIO(content)))


def test_images_come_back_by_key_and_step(run: StoredRun) -> None:
    media = list(run.media("image"))
    assert [(image.step, image.index, image.caption) for image in media] == [
        (step, 0, f"step {step}") for step in range(4)
    ]
    for image in media:
        assert (pixels_of(image.read()) == np.full((4, 6, 3), image.step, np.uint8)).all()
    [only] = run.media("image", min_step=2, max_step=3)
    assert (only.step, only.kind) == (2, "image-file")
    assert list(run.media("loss")) == []


def test_images_of_a_list_come_one_by_one(run: StoredRun, tmp_path: Path) -> None:
    media = list(run.media("list", min_step=3))
    assert [(image.index, image.caption) for image in media] == [(n, f"no. {n}") for n in range(3)]
    with media[2].download(tmp_path) as file:
        assert (pixels_of(Path(file.name).read_bytes()) == 5).all()
    [video] = run.media("video")
    assert video.path.endswith(".gif")
    assert video.file.size == len(video.read())


def test_tables_come_back_whole_and_as_they_were_at_a_step(run: StoredRun) -> None:
    assert run.table("once").data == [["x"], ["y"]]
    assert run.table("table").data == [[n, n * n] for n in range(4)]
    assert run.table("table", step=1).data == [[0, 0], [1, 1]]
    assert run.table("pr").data == [[1, 2]]
    frame = run.table("table").get_dataframe()
    assert list(frame["square"]) == [0, 1, 4, 9]


@pytest.mark.parametrize(
    ("key", "positions"),
    [
        ("mixed", [("image-file", 0, (0,)), ("audio-file", 1, (1,))]),
        ("dicts", [("image-file", 0, (0, "c")), ("audio-file", 1, (1, "c"))]),
        ("lists", [("image-file", 0, (0, 0)), ("image-file", 0, (0, 1)),
                   ("image-file", 1, (1, 0))]),
        ("holes", [("image-file", 1, (1,))]),
        ("molecules", [("molecule-file", 0, (0,)), ("molecule-file", 1, (1,))]),
        ("figures", [("plotly-file", 0, (0,)), ("plotly-file", 1, (1,))]),
    ],
)  # fmt: skip
def test_media_at_any_depth_come_with_their_place(
    run: StoredRun, key: str, positions: list[object]
) -> None:
    media = list(run.media(key))
    assert [(item.kind, item.index, item.place) for item in media] == positions
    assert all(item.step == 50 and item.key == key for item in media)
    assert all(len(item.read()) == item.file.size > 0 for item in media)
    assert [item.caption for item in media if item.kind == "image-file"] == [
        "deep" for item in media if item.kind == "image-file"
    ]


def test_a_logged_dict_gives_the_media_of_all_its_metrics(run: StoredRun) -> None:
    items = sorted((item.key, item.place) for item in run.media("nested"))
    assert items == [("nested.deep.right", (0,)), ("nested.left", ())]
    [below] = run.media("nested.deep")
    assert (below.value["width"], below.value["height"], below.caption) == (3, 2, "deep")


def test_media_of_the_summary_come_without_a_step(run: StoredRun) -> None:
    [best] = run.media("best")
    assert (best.step, best.place, best.caption) == (None, (), "deep")
    assert (pixels_of(best.read()) == 9).all()
    assert "in the summary" in repr(best)
    items = [(item.key, item.step, item.place) for item in run.media("all")]
    assert sorted(items, key=str) == [
        ("all", None, ("first",)),
        ("all", None, ("more", 0)),
    ]
    assert list(run.media("best", min_step=0)) == []


def test_two_tables_come_joined(run: StoredRun) -> None:
    joined = run.table("joined")
    assert joined.columns == ["0.who", "0.n", "1.name", "1.age"]
    assert joined.data == [
        ["Bob", 1, "Bob", 40],
        ["Bob", 2, "Bob", 40],
        ["Dan", 3, None, None],
        [None, None, "Ann", 30],
        [None, None, "Cy", 50],
    ]


def test_tables_of_parts_lists_and_the_summary(run: StoredRun) -> None:
    assert run.table("whole").data == [[1], [2], [3.5]]
    visits = [["Bob", 1], ["Bob", 2], ["Dan", 3]]
    assert run.table("one table").data == run.table("charts").data == visits
    assert run.table("best table").data == visits
    assert run.table("two tables", index=0).data == visits
    assert run.table("two tables", index=1).columns == ["name", "age"]
    with pytest.raises(UsageError, match="holds 2 tables: give index="):
        run.table("two tables")
    with pytest.raises(NotFound, match="none at 2"):
        run.table("two tables", index=2)


def test_increments_are_found_by_one_list_of_files(
    run: StoredRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[str] = []
    files = ApiClient.files

    def count(client: ApiClient, *args: Any, **options: Any) -> Page[File]:
        requests.append(options["prefix"])
        return files(client, *args, **options)

    monkeypatch.setattr(ApiClient, "files", count)
    assert len(run.table("table").data) == 4
    assert len(requests) == 1
    names = ["summary.json", "none", "config.yaml"]
    assert [file.name for file in run.files(names)] == ["summary.json", "config.yaml"]


def test_what_is_no_table_says_so(run: StoredRun) -> None:
    with pytest.raises(UsageError, match="is no table"):
        run.table("image")
    with pytest.raises(NotFound, match="at step 17"):
        run.table("table", step=17)
    with pytest.raises(NotFound), pytest.warns(UserWarning, match="no metric 'nothing'"):
        run.table("nothing")


GROWING = """
    import weft
    run = weft.init(id="grown", resume="allow")
    table = weft.Table(columns=["part", "n"], log_mode="INCREMENTAL")
    for n in range(3):
        table.add_data({part!r}, n)
        run.log({{"t": table}})
    run.finish()
    """


def test_a_resumed_run_begins_an_incremental_table_anew(tmp_path: Path) -> None:
    parts = ["first", "second", "third"]
    with LiveServer(tmp_path) as live:
        for nth, part in enumerate(parts):
            folder = tmp_path / str(nth)
            folder.mkdir()
            run_well(folder, GROWING.format(part=part), live.environment)
        run = live.run("grown")
        steps = [row["_step"] for row in run.scan_history(keys=["t"])]
        assert steps == [*range(9)]
        for step in steps:
            part, n = divmod(step, 3)
            assert run.table("t", step=step).data == [[parts[part], m] for m in range(n + 1)]
        paths = {media.path for media in run.media("t")}
        assert len(paths) == 9, "no increment takes the place of an earlier one"
