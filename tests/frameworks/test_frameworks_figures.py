"""Figures of matplotlib, Plotly and Bokeh in `log()`, by the real libraries."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import msgspec
import numpy as np
import PIL.Image
import pytest

mpl.use("Agg")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import bokeh.plotting
    import matplotlib.pyplot as plt
    import plotly.graph_objects as go

from weft.sdk.media.batch import MediaBatch
from weft.sdk.media.figures import Plotly
from weft.sdk.values.plain import flatten_row
from weft.sync.files.encoders import encoder_of


def log(tmp_path: Path, data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return the row of a dict, and its files by path; no value may cause a warning."""

    def fail(key: str, complaint: str) -> None:
        raise AssertionError(f"{key} {complaint}")

    batch = MediaBatch("run", fail)
    row = flatten_row(data, fail, batch.attach)
    files: dict[str, Path] = {}
    for file in batch.complete(0):
        files[file.path] = tmp_path / str(len(files))
        content = b"".join(bytes(buffer) for buffer in file.payload.buffers)
        with files[file.path].open("wb") as out:
            encoder_of(file.payload.encoder)(memoryview(content), file.payload.options, out)
    return row, files


@pytest.fixture
def figure() -> Any:
    figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
    axes.plot([1, 3, 2])
    yield figure
    plt.close(figure)


@pytest.mark.parametrize("part", ["figure", "axes", "line", "pyplot"])
def test_matplotlib_is_drawn_as_an_image(tmp_path: Path, figure: Any, part: str) -> None:
    axes = figure.axes[0]
    value = {"figure": figure, "axes": axes, "line": axes.lines[0], "pyplot": plt}[part]
    row, files = log(tmp_path, {"x": value})
    assert row["x"]["_type"] == "image-file"
    assert (row["x"]["width"], row["x"]["height"]) == (100, 50)
    with PIL.Image.open(files[row["x"]["path"]]) as image:
        assert len({*image.convert("L").tobytes()}) > 5


def test_a_figure_stays_open_and_can_be_logged_again(tmp_path: Path, figure: Any) -> None:
    log(tmp_path, {"a": figure, "b": plt})
    assert plt.get_fignums() == [figure.number]
    log(tmp_path, {"a": figure})


def test_a_list_of_figures_is_a_list_of_images(tmp_path: Path, figure: Any) -> None:
    row, files = log(tmp_path, {"x": [figure, figure]})
    assert row["x"]["_type"] == "images/separated"
    assert len(files) == 2


@pytest.mark.parametrize("as_list", [False, True])
def test_figures_of_plotly_stay_interactive(tmp_path: Path, as_list: bool) -> None:
    figure: Any = go.Figure(go.Scatter(y=[1, 3, 2]))
    row, files = log(tmp_path, {"x": [figure] if as_list else figure})
    reference = row["x"][0] if as_list else row["x"]
    assert reference["_type"] == "plotly-file"
    content = msgspec.json.decode(files[reference["path"]].read_bytes())
    assert content["data"][0]["y"] == [1, 3, 2]


def test_a_trace_of_plotly_is_a_figure(tmp_path: Path) -> None:
    trace: Any = go.Scatter(y=[1])
    row, _ = log(tmp_path, {"x": trace})
    assert row["x"]["_type"] == "plotly-file"


def test_plots_of_bokeh_stay_interactive(tmp_path: Path) -> None:
    plot: Any = bokeh.plotting.figure(width=100, height=100)
    plot.scatter(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    row, files = log(tmp_path, {"x": plot})
    assert row["x"]["_type"] == "bokeh-file"
    document = msgspec.json.decode(files[row["x"]["path"]].read_bytes())
    assert [root["name"] for root in document["roots"]] == ["Figure"]
    assert document["version"] == bokeh.__version__


def test_matplotlib_becomes_plotly_on_request(figure: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # plotly's converter uses deprecated names
        plotly = Plotly(figure)
    content = msgspec.json.decode(plotly.payloads()[""].buffers[0])
    assert content["data"][0]["y"] == [1, 3, 2]


def test_a_colormap_in_a_row_is_no_figure() -> None:
    complaints: list[str] = []
    batch = MediaBatch("run", lambda key, complaint: complaints.append(complaint))
    flatten_row({"x": mpl.colormaps["viridis"]}, lambda key, complaint: None, batch.attach)
    assert len(batch) == 0
