"""The model of a run in the app: its graph and layers, and the histograms of a chosen layer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from at_length import at_length
from media_runs import MediaRun
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

Json = dict[str, Any]

GRAPH = {
    "format": "torch",
    "nodes": [
        {"id": "stem", "name": "stem", "class_name": "Conv2d(3, 8)", "output_shape": [2, 8, 32],
         "num_parameters": [216, 8]},
        {"id": "head", "name": "head", "class_name": "Linear(8, 2)", "output_shape": [2, 2],
         "num_parameters": [16, 2]},
        {"id": "act", "name": "act", "class_name": "ReLU()", "output_shape": [2, 2],
         "num_parameters": []},
    ],
    "edges": [["stem", "head"], ["head", "act"]],
}  # fmt: skip


def histogram(step: int) -> Json:
    return {"_type": "histogram", "values": [1, 2 + step, 1], "bins": [-1, -0.5, 0.5, 1]}


@pytest.fixture(scope="module", autouse=True)
def models(server: ServerProcess) -> None:
    """A run with a graph, one with the histograms of `watch`, and one with neither."""
    graphed = MediaRun("run1", "models")
    graphed.log(
        "graph_0", 0, {"_type": "graph-file", "path": graphed.json("graph", "graph.json", GRAPH)}
    )
    watched = MediaRun("run2", "models")
    bare = MediaRun("run3", "models")
    bare.log("loss", 0, 1)
    for run in (graphed, watched):
        for step in range(6):
            for name in ("gradients/stem.weight", "parameters/stem.weight", "gradients/head.bias"):
                run.log(name, step, histogram(step))
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for run in (graphed, watched, bare):
            run.send(client)


def test_a_layer_has_its_histograms_beside_the_graph(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.goto(f"{app(server)}/local/models/runs/run1/model")
    tab = page.get_by_role("region", name="Model")
    expect(tab.get_by_role("heading", name="3 layers, 242 parameters")).to_be_visible()
    expect(tab.locator(".graph-node")).to_have_count(3)
    panels = tab.locator("[data-kind='histogram']")
    expect(panels).to_have_attribute("data-metric", "gradients/head.bias")
    tab.locator("button.graph-row").first.click()
    expect(panels).to_have_count(2)
    expect(panels.first).to_have_attribute("data-metric", "gradients/stem.weight")
    titles = panels.get_by_role("heading")
    expect(titles).to_have_text(["stem.weight, gradients", "stem.weight, values"])
    expect(panels.first.locator("canvas").first).to_be_visible()
    tab.locator("[data-node='head']").click()
    expect(panels).to_have_count(1)
    tab.locator("button.graph-row").last.click()
    expect(tab).to_contain_text("No histograms of act")


@at_length
def test_without_a_graph_the_parameters_are_listed(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.goto(f"{app(server)}/local/models/runs/run2/model")
    names = page.get_by_role("listbox", name="Parameters").get_by_role("option")
    expect(names).to_have_text(["head.bias", "stem.weight"])
    expect(page.locator("[data-kind='histogram']")).to_have_count(1)
    names.nth(1).click()
    expect(page.locator("[data-kind='histogram']")).to_have_count(2)
    page.goto(f"{app(server)}/local/models/runs/run3/model")
    expect(page.get_by_role("region", name="Model")).to_contain_text("No model was watched")


@at_length
def test_models_have_no_faults_of_accessibility(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    for run in ("run1", "run2"):
        page.goto(f"{app(server)}/local/models/runs/{run}/model")
        page.locator("button.graph-row, [role=option]").first.click()
        expect(page.locator("[data-kind='histogram'] canvas").first).to_be_visible()
        assert axe_faults(page) == []
