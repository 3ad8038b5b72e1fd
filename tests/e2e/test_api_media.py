"""Media and tables of runs, read back through `weft.Api`: from a server and from a directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import weft
from live_runs import PROJECT, LiveServer
from sdk_script import run_well
from server_process import wait_until
from weft.errors import NotFound, UsageError
from weft.sdk.reading.stored.run import StoredRun

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
    run.finish()
    """


@pytest.fixture(scope="module", params=["server", "directory"])
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
    found = list(run.media("image"))
    assert [(one.step, one.index, one.caption) for one in found] == [
        (step, 0, f"step {step}") for step in range(4)
    ]
    for one in found:
        assert (pixels_of(one.read()) == np.full((4, 6, 3), one.step, np.uint8)).all()
    [only] = run.media("image", min_step=2, max_step=3)
    assert (only.step, only.kind) == (2, "image-file")
    assert list(run.media("loss")) == []


def test_images_of_a_list_come_one_by_one(run: StoredRun, tmp_path: Path) -> None:
    found = list(run.media("list", min_step=3))
    assert [(one.index, one.caption) for one in found] == [(n, f"no. {n}") for n in range(3)]
    with found[2].download(tmp_path) as file:
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


def test_what_is_no_table_says_so(run: StoredRun) -> None:
    with pytest.raises(UsageError, match="is no table"):
        run.table("image")
    with pytest.raises(NotFound, match="at step 17"):
        run.table("table", step=17)
    with pytest.raises(NotFound), pytest.warns(UserWarning, match="no metric 'nothing'"):
        run.table("nothing")
