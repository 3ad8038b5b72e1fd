"""Media of each kind, as the app draws it: figures, 3D objects, sound, video, molecules, HTML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import media_specimens
from at_length import at_length, case_at_length
from bokeh_plot import bokeh_plot
from chart_pixels import screenshot, wait_for
from media_runs import MediaRun, gif, wav
from media_specimens import SPECIMENS
from sdk_script import run_well
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults, go_in_app
from weft.records.files.media_kinds import MEDIA_KINDS

POINTS = np.random.default_rng(3).normal(size=(400, 3)).round(3).tolist()
CORNERS = [[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]
OBJ = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
STL = """solid s
facet normal 0 0 1
outer loop
vertex 0 0 0
vertex 1 0 0
vertex 0 1 0
endloop
endfacet
endsolid
"""
XYZ = "3\nwater\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n"
FIGURE = {
    "data": [{"type": "bar", "x": ["a", "b"], "y": [1, 3], "name": "first"}],
    "layout": {"title": {"text": "A figure"}, "width": 2000},
}

OTHER_TRACES: dict[str, dict[str, Any]] = {
    "sankey": {
        "type": "sankey",
        "node": {"label": ["a", "b", "c"]},
        "link": {"source": [0, 1], "target": [2, 2], "value": [1, 3]},
    },
    "treemap": {"type": "treemap", "labels": ["all", "x", "y"], "parents": ["", "all", "all"]},
    "polar": {"type": "scatterpolar", "r": [1, 2, 3], "theta": [0, 120, 240]},
    "lines": {
        "type": "parcoords",
        "dimensions": [{"label": "a", "values": [1, 2]}, {"label": "b", "values": [3, 1]}],
    },
    "steps": {"type": "waterfall", "x": ["a", "b"], "y": [1, 2]},
    "pixels": {"type": "image", "z": [[[255, 0, 0], [0, 0, 255]]]},
    "rows": {"type": "table", "header": {"values": ["A", "B"]}, "cells": {"values": [[1], [2]]}},
}
"""Traces of each part of Plotly that draws flat ones."""


def model_graph(n_blocks: int) -> dict[str, Any]:
    """A residual model as `watch(log_graph=True)` logs it."""
    nodes: list[dict[str, Any]] = [
        {"id": "stem", "name": "stem", "class_name": "Conv2d(3, 8)",
         "output_shape": [2, 8, 32, 32], "num_parameters": [216, 8]},
    ]  # fmt: skip
    edges: list[list[str]] = []
    last = "stem"
    for nth in range(n_blocks):
        block, join = f"blocks.{nth}", f"function:{nth + 1}"
        nodes += [
            {"id": block, "name": block, "class_name": "Block()", "output_shape": [2, 8, 32, 32],
             "num_parameters": [576]},
            {"id": join, "name": "add", "class_name": "function"},
        ]  # fmt: skip
        edges += [[last, block], [last, join], [block, join]]
        last = join
    return {"format": "torch", "nodes": nodes, "edges": edges}


@pytest.fixture(scope="module", autouse=True)
def kinds(server: ServerProcess) -> None:
    """Run `run1` with media of each kind, and `run2` with an image."""
    run = MediaRun("run1", "kinds")

    def log(key: str, kind: str, path: str, **more: Any) -> None:
        run.log(key, 0, {"_type": kind, "path": path, **more})

    log("figure", "plotly-file", run.json("plotly", "plotly.json", FIGURE), caption="bars")
    surface = {"data": [{"type": "surface", "z": [[1, 2], [3, 1]], "showscale": False}]}
    log("surface", "plotly-file", run.json("plotly", "plotly.json", surface))
    for name, trace in OTHER_TRACES.items():
        figure = {"data": [trace], "layout": {}}
        log(name, "plotly-file", run.json("plotly", "plotly.json", figure))
    on_a_map = {"data": [{"type": "choropleth"}, {"type": "bar"}]}
    log("map", "plotly-file", run.json("plotly", "plotly.json", on_a_map))
    for name, plot in (
        ("plot", bokeh_plot("A plot")),
        ("widgets", bokeh_plot(slider=True)),
        ("old plot", {"version": "2.4.3", "roots": {"references": []}}),
    ):
        log(name, "bokeh-file", run.json("bokeh", "bokeh.json", plot))
    # at the last step a file that can't be drawn, before it one that can
    unknown = {"type": "object", "name": "Unknown", "id": "p1"}
    for step, plot in enumerate([bokeh_plot(), {**bokeh_plot(), "roots": [unknown]}]):
        path = run.json("bokeh", "bokeh.json", plot)
        run.log("plots", step, {"_type": "bokeh-file", "path": path})
    for step, mesh in enumerate([OBJ.encode(), b"no faces"]):
        path = run.file("object3D", "obj" if step == 0 else "glb", mesh)
        run.log("objects", step, {"_type": "object3D-file", "path": path})
    log("points", "object3D-file", run.json("object3D", "pts.json", POINTS))
    scene = {"type": "lidar/beta", "points": [], "vectors": [],
             "boxes": [{"corners": CORNERS, "label": "car", "color": [255, 0, 0]}]}  # fmt: skip
    log("scene", "object3D-file", run.json("object3D", "pts.json", scene))
    log("obj", "object3D-file", run.file("object3D", "obj", OBJ.encode()))
    log("stl", "object3D-file", run.file("object3D", "stl", STL.encode()))
    log("broken", "object3D-file", run.file("object3D", "glb", b"no glTF at all"))
    tone = (np.sin(np.arange(8000) / 5) * 9000).astype(np.int16)
    log(
        "audio",
        "audio-file",
        run.file("audio", "wav", wav(tone)),
        caption="a tone of a second " * 12,
    )
    log("json", "audio-file", run.file("audio", "wav", b'{"no": "sound"}'))
    frames = [np.full((8, 8, 3), 40 * n, dtype=np.uint8) for n in range(4)]
    log("gif", "video-file", run.file("videos", "gif", gif(frames)))
    log("webm", "video-file", run.file("videos", "webm", b"no video"))
    log("xyz", "molecule-file", run.file("molecule", "xyz", XYZ.encode()))
    log("cif", "molecule-file", run.file("molecule", "cif", b"data_cif"))
    log("no atoms", "molecule-file", run.file("molecule", "pdb", b"ATOM      1  N   MET A   1"))
    page = "<body style='margin:0'><p id=said>before</p><script>said.innerText = 'after'</script>"
    log("html", "html-file", run.file("html", "html", page.encode()))
    for name, n_blocks in (("graph", 3), ("large graph", 150), ("huge graph", 2500)):
        file = run.json("graph", "graph.json", model_graph(n_blocks))
        log(name, "graph-file", file)
    images = MediaRun("run2", "images")
    images.log("img", 0, images.image(frames[1]))
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run.send(client)
        images.send(client)


@pytest.fixture(scope="module")
def specimens(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of project `specimens` that has logged an object of each media kind by its name."""
    folder = tmp_path_factory.mktemp("specimens")
    run_well(
        folder,
        """
        import pathlib, weft
        from media_specimens import SPECIMENS
        with weft.init(project="specimens", id="kinds") as run:
            folder = pathlib.Path.cwd()
            run.log({kind: specimen.make(folder) for kind, specimen in SPECIMENS.items()})
        """,
        {"WEFT_BASE_URL": server.url, "WEFT_API_KEY": server.token, "WEFT_MODE": "online",
         "PYTHONPATH": str(Path(media_specimens.__file__).parent)},
    )  # fmt: skip
    return "kinds"


def open_panel(page: Page, app: OpenApp, server: ServerProcess, metric: str) -> Locator:
    page.goto(f"{app(server)}/local/kinds?{httpx.QueryParams({'p': metric})}")
    panel = page.locator(f"[data-kind='media'][data-metric='{metric}']")
    expect(panel.locator("figure")).to_have_count(1)
    return panel


def test_an_object_of_each_kind_is_drawn(
    page: Page, app: OpenApp, server: ServerProcess, specimens: str
) -> None:
    def expect_drawn(kind: str) -> None:
        panel = page.locator(f"[data-metric='{kind}']")
        drawn = panel.locator(SPECIMENS[kind].drawn).first
        expect(drawn).to_be_visible()
        wait_until(lambda: n_colors(drawn) > 2, what=f"an object of kind {kind} is drawn")
        expect(panel.locator(".media-why, .media-file")).to_have_count(0)

    page.goto(f"{app(server)}/local/specimens/runs/{specimens}/media")
    metrics = page.get_by_role("listbox", name="Metrics with media")
    for kind, media in MEDIA_KINDS.items():
        if media.panel != "histogram":  # which has a chart over all steps
            metrics.get_by_role("option", name=kind, exact=True).click()
            expect_drawn(kind)
            if kind == "audio":
                expect_playing_from_a_click(page.locator("[data-metric='audio']"))
    go_in_app(page, f"{app(server)}/local/specimens?p=histogram")
    expect_drawn("histogram")


def expect_playing_from_a_click(sound: Locator) -> None:
    player = sound.locator("audio")
    expect(player).to_have_attribute("controls", "")
    # its length is told before it is played
    wait_for(lambda: player.evaluate("(audio) => audio.duration") > 0, True)
    sound.locator("canvas.media-outline").click()
    wait_for(lambda: player.evaluate("(audio) => audio.currentTime") > 0, True)


def n_colors(drawn: Locator) -> int:
    red, green, blue = np.moveaxis(screenshot(drawn).astype(np.uint32), -1, 0)
    return len(np.unique(red << 16 | green << 8 | blue))


N_COLORS = """(canvas) => {
    if (canvas.width === 0) return 0;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""
"""The number of colors of a canvas, also of what was not painted."""


def picture(canvas: Locator) -> str:
    return canvas.evaluate("(canvas) => canvas.toDataURL()")


@at_length
def test_a_figure_fills_its_cell_in_the_colors_of_the_theme(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "figure")
    plot = panel.locator(".media-figure .main-svg").first
    expect(panel.locator(".gtitle")).to_have_text("A figure")
    expect(panel.locator(".bars .point")).to_have_count(2)
    cell, drawn = panel.locator(".media-box").bounding_box(), plot.bounding_box()
    assert cell is not None
    assert drawn is not None
    assert abs(cell["width"] - drawn["width"]) < 2
    expect(panel.locator("figcaption")).to_contain_text("bars")

    def color() -> str:
        return panel.locator(".gtitle").evaluate("(text) => getComputedStyle(text).fill")

    before = color()
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    wait_for(lambda: color() != before, True)
    panel.get_by_role("button", name="Full size").click(force=True)
    expect(page.locator(".media-stage .gtitle")).to_have_text("A figure")


@at_length
def test_what_can_not_be_drawn_says_why_and_can_be_downloaded(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    on_a_map = open_panel(page, app, server, "map")
    why = "Traces of type choropleth can't be drawn here"
    expect(on_a_map.locator(".media-why")).to_have_text(why)
    expect(on_a_map.get_by_role("link")).to_have_attribute("download", re.compile(r"\.json$"))
    old = open_panel(page, app, server, "old plot")
    expect(old.locator(".media-why")).to_contain_text("they need Bokeh 3 or newer")
    broken = open_panel(page, app, server, "broken")
    expect(broken.locator(".media-why")).not_to_be_empty()
    molecule = open_panel(page, app, server, "no atoms")
    expect(molecule.locator(".media-why")).to_have_text("The file has no atoms")
    molecule = open_panel(page, app, server, "cif")
    expect(molecule.get_by_text("Molecules of this format are not drawn")).to_be_visible()
    with page.expect_download() as started:
        molecule.get_by_role("link").click()
    assert Path(started.value.path()).read_bytes() == b"data_cif"


@pytest.mark.parametrize(
    ("metric", "marks", "n"),
    [
        case_at_length("sankey", ".sankey-node", 3),
        case_at_length("treemap", ".treemaplayer .slice", 3),
        case_at_length("polar", ".polarlayer .scatterlayer .point", 3),
        case_at_length("lines", ".parcoords .y-axis", 2),
        case_at_length("steps", ".waterfalllayer .point", 2),
        case_at_length("pixels", ".imagelayer .im", 1),
        case_at_length("rows", ".table .column-cell", 4),
    ],
)
def test_traces_of_any_kind_are_drawn(
    page: Page, app: OpenApp, server: ServerProcess, metric: str, marks: str, n: int
) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    panel = open_panel(page, app, server, metric)
    expect(panel.locator(f".media-figure {marks}")).to_have_count(n)
    assert not [text for text in messages if "Content Security" in text]


@at_length
def test_a_figure_in_space_is_painted(page: Page, app: OpenApp, server: ServerProcess) -> None:
    plot = open_panel(page, app, server, "surface").locator(".media-figure")
    expect(plot.locator("canvas")).to_have_count(1)
    # those of the surface's scale, and not only of axes
    wait_until(lambda: n_colors(plot) > 500, what="the surface is painted")


def n_red(shown: Locator) -> int:
    """The number of pixels in the color of the line that `bokeh_plot` draws."""
    return int((screenshot(shown)[..., :3] == [255, 0, 0]).all(axis=-1).sum())


@at_length
def test_a_plot_of_bokeh_is_drawn_in_the_colors_of_the_theme(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "plot")
    frame = panel.locator("iframe[data-drawn]")
    wait_for(lambda: n_red(frame) > 500, True)

    def corner() -> list[int]:
        return screenshot(frame)[1, 1, :3].tolist()

    assert corner() == [255, 255, 255]
    page.emulate_media(color_scheme="dark")
    wait_for(lambda: max(corner()) < 60, True)
    wait_for(lambda: n_red(frame) > 500, True)
    panel.get_by_role("button", name="Full size").click(force=True)
    wait_for(lambda: n_red(page.locator(".media-stage iframe")) > 5000, True)


@at_length
@pytest.mark.parametrize(
    ("metric", "drawn"),
    [("plots", "iframe[data-drawn]"), case_at_length("objects", "canvas.media-3d")],
)
def test_what_can_not_be_drawn_does_not_hide_the_step_before_it(
    page: Page, app: OpenApp, server: ServerProcess, metric: str, drawn: str
) -> None:
    panel = open_panel(page, app, server, metric)
    expect(panel.locator(".media-why")).not_to_be_empty()
    panel.get_by_role("button", name="Step before").click()
    expect(panel.locator(drawn)).to_be_visible()
    expect(panel.locator(".media-why")).to_have_count(0)
    panel.get_by_role("button", name="Step after").click()
    expect(panel.locator(".media-why")).not_to_be_empty()


@at_length
def test_widgets_of_a_plot_of_bokeh_run_its_code(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "widgets")
    panel.get_by_role("button", name="Full size").click(force=True)
    frame = page.locator(".media-stage iframe[data-drawn]")
    wait_for(lambda: n_red(frame) > 500, True)
    frame.content_frame.get_by_role("slider").press("ArrowRight")
    wait_for(lambda: n_red(frame), 0)


@at_length
@pytest.mark.parametrize(
    "metric", ["points", *map(case_at_length, ["scene", "obj", "stl", "xyz"])]
)
def test_3d_objects_are_drawn_and_turned(
    page: Page, app: OpenApp, server: ServerProcess, metric: str
) -> None:
    panel = open_panel(page, app, server, metric)
    canvas = panel.locator("canvas.media-3d")
    expect(canvas).to_be_visible()
    wait_for(lambda: canvas.evaluate(N_COLORS) > 1, True)
    before = picture(canvas)
    canvas.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    wait_for(lambda: picture(canvas) != before, True)


@at_length
def test_a_molecule_has_balls_in_the_colors_of_its_elements(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    canvas = open_panel(page, app, server, "xyz").locator("canvas.media-3d")
    expect(canvas).to_be_visible()
    # red oxygen, white hydrogen: how many pixels of each
    count = """(canvas) => {
        if (canvas.width === 0) return [0, 0];
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let [red, white] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] < 255) continue;
            if (data[i] > 2 * data[i + 1]) red++;
            else if (Math.abs(data[i] - data[i + 1]) < 20) white++;
        }
        return [red, white];
    }"""
    wait_until(lambda: min(canvas.evaluate(count)) > 500, what="both elements are drawn")


@at_length
def test_sound_and_video_have_controls_and_a_gif_moves(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "audio")
    outline = panel.locator("canvas.media-outline")
    expect(outline).to_be_visible()
    wait_for(lambda: outline.evaluate(N_COLORS) > 1, True)
    sound = panel.locator("audio")
    expect(sound).to_have_attribute("controls", "")
    # all of what it says is read
    caption = panel.locator("figcaption .cap")
    assert caption.evaluate("(text) => text.scrollWidth <= text.clientWidth")
    assert caption.evaluate("(text) => text.clientHeight") > 20
    duration = sound.evaluate("""(audio) => new Promise((done) => {
        audio.onloadedmetadata = () => done(audio.duration);
        audio.load();
    })""")
    assert abs(duration - 1) < 0.01
    outline.click()
    wait_for(lambda: abs(sound.evaluate("(audio) => audio.currentTime") - 0.5) < 0.1, True)
    videos = open_panel(page, app, server, "webm")
    expect(videos.locator("video")).to_be_visible()
    videos.get_by_role("button", name="Full size").click()
    video = page.get_by_role("dialog").locator("video")
    expect(video).to_have_attribute("controls", "")
    page.keyboard.press("Escape")
    expect(open_panel(page, app, server, "gif").locator("img")).to_be_visible()


@at_length
def test_a_sound_that_cannot_be_played_says_so(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "json")
    expect(panel.locator(".media-why")).to_contain_text("can't play this sound: it is malformed")
    expect(panel.locator("a.media-file")).to_be_visible()
    expect(panel.locator("audio")).to_have_count(0)


@at_length
def test_a_graph_is_drawn_next_to_its_table_of_layers(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "graph")
    expect(panel.locator(".graph-node")).to_have_count(7)
    expect(panel.locator(".graph-edge")).to_have_count(9)
    expect(panel.locator(".graph-totals")).to_have_text("4 layers, 1,952 parameters")
    panel.locator(".media-box").hover()
    panel.get_by_role("button", name="Full size").click()
    viewer = page.locator(".media-viewer")
    rows = viewer.locator("button.graph-row")
    expect(rows.locator(":first-child")).to_have_text(["stem", "blocks.0", "blocks.1", "blocks.2"])
    expect(rows.first).to_contain_text("2 × 8 × 32 × 32")

    viewer.locator("[data-node='blocks.1']").click()
    expect(rows.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(viewer.locator(".graph-edge[data-on]")).to_have_count(2)
    assert axe_faults(page) == []

    drawing = viewer.locator("svg.graph-drawing")
    positions = [place_of(drawing)]

    def has_moved() -> None:
        wait_for(lambda: place_of(drawing) != positions[-1], True)
        positions.append(place_of(drawing))

    drawing.focus()
    for keys in ("ArrowLeft", "+", "0"):
        page.keyboard.press(keys)
        has_moved()
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.wheel(0, -200)
    has_moved()
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 60)
    page.mouse.up()
    has_moved()


def place_of(drawing: Locator) -> str | None:
    return drawing.locator(":scope > g").get_attribute("transform")


@at_length
def test_a_large_graph_is_drawn_and_a_huge_one_is_listed(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "large graph")
    expect(panel.locator(".graph-node")).to_have_count(301, timeout=30_000)
    panel = open_panel(page, app, server, "huge graph")
    expect(panel.locator(".graph-totals")).to_contain_text("not drawn")
    expect(panel.locator("button.graph-row").first).to_be_visible()
    assert panel.locator("button.graph-row").count() < 100
    expect(panel.locator(".graph-drawing")).to_have_count(0)


@at_length
def test_html_runs_in_an_origin_of_its_own(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    panel = open_panel(page, app, server, "html")
    frame = panel.locator("iframe")
    expect(frame).to_have_attribute("sandbox", "allow-scripts")
    expect(frame.content_frame.locator("#said")).to_have_text("after")


@at_length
def test_large_libraries_come_with_the_first_that_needs_them(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{app(server)}/local/images")
    expect(page.locator(".media-fit img")).to_be_visible()
    assert not [url for url in loaded if re.search("plotly-content|object3d-content", url)]
    open_panel(page, app, server, "figure")
    expect(page.locator(".gtitle")).to_be_visible()
    assert [url for url in loaded if "plotly-content" in url]
    assert not [url for url in loaded if "object3d-content" in url]


@at_length
def test_media_of_all_kinds_have_no_faults_of_accessibility(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    for metric in ("audio", "figure", "plot", "points", "html", "webm", "xyz"):
        panel = open_panel(page, app, server, metric)
        expect(panel.locator(".media-box").first).to_be_visible()
        if metric == "figure":
            expect(panel.locator(".gtitle")).to_be_visible()
        assert axe_faults(page) == [], metric
