"""The page of a shared view: its runs, their order and the panels, as they were chosen."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, Response, expect

from at_length import at_length
from server_process import ServerProcess
from web_pages import OpenApp, run_script

RUNS = """
import weft
for i in range(3):
    run = weft.init(project="p", name=f"run-{i}", config={"lr": 1 / (i + 1)})
    for step in range(5):
        run.log({"train/loss": i, "val/rmsd": [2, 0, 1][i]})
    run.finish(exit_code=1 if i == 2 else 0)
"""

MANY_COLUMNS = """
import weft
for i in range(2):
    name = f"two-tower-sasrec-d256-lr1e-3-neg50-seed{i}"
    config = {f"model.of_the_retriever.parameter_{k}": i for k in range(12)}
    with weft.init(project="wide", name=name, config=config) as run:
        run.log({"loss": i})
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`, of which the last one failed."""
    assert run_script(server, RUNS).wait(120) == 0


def test_a_shared_view_is_as_it_was_chosen(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = app(server)
    views = f"{server.url}/api/v1/projects/local/p/views"
    document = {"order": [{"column": "summary.val/rmsd", "descending": False}]}
    body = {"kind": "shared", "name": "By rmsd", "document": document}
    view = httpx.post(views, json=body).raise_for_status().json()
    page.goto(f"{address}/local/p?view={view['id']}")
    page.get_by_role("textbox", name="Search panels").fill("val/")
    expect(page.get_by_role("button", name="train", exact=False)).to_have_count(0)
    page.get_by_role("button", name="View: By rmsd").click()
    page.get_by_role("menuitem", name="Share by a link").click()
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("Link", exact=True).input_value()

    def is_of_ends(response: Response) -> bool:
        query = response.request.post_data_json or {}
        return "/runs/query" in response.url and query.get("columns") == ["ended"]

    with page.expect_response(is_of_ends) as ends:
        page.goto(link)
    assert sorted(row["state"] for row in ends.value.json()["rows"]) == [
        "failed",
        "finished",
        "finished",
    ]
    expect(page.locator(".share-head")).to_contain_text("3 runs, 2 finished, 1 failed, read-only")
    expect(page.locator(".shared-table tbody th")).to_have_text(["run-1", "run-2", "run-0"])
    expect(page.locator(".sech")).to_have_count(1)
    expect(page.locator(".sech")).to_contain_text("val")
    # what cannot be done here is not offered
    panel = page.get_by_role("article", name="rmsd").first
    panel.hover()
    expect(panel.get_by_role("button", name="Full screen")).to_be_visible()
    expect(panel.get_by_role("button", name="Panel settings")).to_have_count(0)
    panel.get_by_role("button", name="Panel menu").click()
    expect(page.get_by_role("menuitem", name="Export")).to_be_visible()
    for entry in ("Settings", "Copy link", "Annotate", "Duplicate", "Hide", "Move to section"):
        expect(page.get_by_role("menuitem", name=entry, exact=True)).to_have_count(0)


def test_names_of_shared_runs_stay_on_one_line_next_to_many_columns(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = app(server)
    assert run_script(server, MANY_COLUMNS).wait(120) == 0
    shares = f"{server.url}/api/v1/projects/local/wide/shares"
    body = {"kind": "view", "name": "Wide", "document": {}, "filter": "created > -7d"}
    share = httpx.post(shares, json=body).raise_for_status().json()
    page.goto(address + share["path"])
    rows = page.locator(".shared-table tbody tr")
    expect(rows).to_have_count(2)
    heights = rows.evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
    assert max(heights) < 32


def test_panels_over_runs_of_a_shared_view_read_the_columns_of_its_runs(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = app(server)
    kinds = ("scatter", "importance")
    panel = {
        "section": "val",
        "title": None,
        "span": None,
        "height": None,
        "keys": ["val/rmsd"],
        "pattern": None,
        "expressions": [],
        "undrawn": [],
        "marks": [],
        "settings": {},
        "runFilter": None,
        "options": {},
    }
    panels = {kind: {**panel, "id": kind, "kind": kind} for kind in kinds}
    body = {
        "kind": "view",
        "name": "Over runs",
        "document": {"panels": panels},
        "filter": "state = finished",
    }
    shares = f"{server.url}/api/v1/projects/local/p/shares"
    share = httpx.post(shares, json=body).raise_for_status().json()
    page.goto(address + share["path"])
    expect(page.get_by_label("val/rmsd against lr: 2 runs")).to_be_visible()
    expect(page.get_by_text("2 runs with a number for val/rmsd")).to_be_visible()


GROUPS = """
import weft
for model in ("gcn", "mf"):
    for seed in range(2):
        config = {"model": {"name": model}, "seed": seed}
        with weft.init(project="groups", name=f"{model}-{seed}", config=config) as run:
            run.define_metric("eval/ndcg", summary="max")
            for step in range(9):
                run.log({"eval/ndcg": step + seed + len(model)})
"""


@at_length
def test_a_shared_view_and_a_shared_panel_draw_the_groups_of_the_workspace(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = app(server)
    assert run_script(server, GROUPS).wait(120) == 0
    views = f"{server.url}/api/v1/projects/local/groups/views"
    by = ["config.model.name", "user"]
    order = [{"column": "summary.eval/ndcg.max", "descending": True}]
    body = {"kind": "shared", "name": "By model", "document": {"groupBy": by, "order": order}}
    view = httpx.post(views, json=body).raise_for_status().json()
    page.goto(f"{address}/local/groups?view={view['id']}")
    panel = page.get_by_role("article", name="ndcg")
    curves = panel.locator(".legend .swatch")
    expect(curves).to_have_count(2)

    def link() -> str:
        page.get_by_role("button", name="Create link").click()
        return page.get_by_label("Link", exact=True).input_value()

    page.get_by_role("button", name="View: By model").click()
    page.get_by_role("menuitem", name="Share by a link").click()
    of_view = link()
    page.get_by_role("button", name="Done").click()
    panel.hover()
    panel.get_by_role("button", name="Panel menu").click()
    page.get_by_role("menuitem", name="Share by a link").click()
    of_panel = link()

    # the column of people is left out
    page.goto(of_view)
    expect(curves).to_have_count(2)
    expect(panel.locator(".legend")).to_have_text("gcnmf")
    expect(page.locator(".sech")).to_contain_text("grouped by model.name · mean")
    expect(page.locator(".shared-table thead th")).to_contain_text(["Name", "eval/ndcg max"])
    dots = page.locator(".shared-table tbody .dot")
    colors = dots.evaluate_all("(dots) => dots.map(({ style }) => style.background)")
    assert len(colors) == 4
    assert len(set(colors)) == 2

    page.goto(of_panel)
    expect(curves).to_have_count(2)
    expect(panel.locator(".legend")).to_have_text(re.compile("gcnmf|mfgcn"))


VALUES = """
import weft
config = {"data": {"countries": ["de", "us"], "most": None}, "betas": [0.9, 0.98], "x": [1] * 2000}
with weft.init(project="values", name="two-tower", config=config) as run:
    run.log({"loss": 0.5, "items": weft.Histogram(list(range(1000)))})
"""


def test_a_shared_run_has_the_values_of_its_own_page(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = app(server)
    assert run_script(server, VALUES).wait(120) == 0
    project = f"{server.url}/api/v1/projects/local/values"
    [run] = httpx.get(f"{project}/runs").raise_for_status().json()["runs"]
    body = {"kind": "run", "runs": [run["id"]]}
    share = httpx.post(f"{project}/shares", json=body).raise_for_status().json()
    page.goto(address + share["path"])
    config = page.get_by_role("region", name="Config")
    expect(config.locator("dt")).to_have_text(["betas", "data.countries", "data.most", "x"])
    texts = config.locator("dd").all_text_contents()
    assert texts[:3] == ["[0.9, 0.98]", '["de", "us"]', "null"]
    assert texts[3] == f"[{', '.join(['1'] * 2000)}]"
    summary = page.get_by_role("region", name="Summary")
    expect(summary.locator("dd")).to_have_text(["histogram: 0 to 999", "0.5000"])
