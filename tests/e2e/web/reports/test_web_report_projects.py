"""Figures of grids over runs of several projects: stored for each project, read by people who may
read some of them, by a link, and from a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from at_length import at_length
from sdk_script import run_script
from server_process import start_server
from web_pages import DESKTOP, axe_faults, closed_address
from weft_command import run_weft

RUNS = """
import weft
for entity, project, name, loss in (
    ("lab", "p", "calm", 1.0), ("lab", "p", "both", 2.0),
    ("ada", "own", "bold", 3.0), ("ada", "own", "both", 4.0),
):
    with weft.init(entity=entity, project=project, name=name) as run:
        for step in range(20):
            run.log({"loss": loss / (step + 1), "acc": loss})
"""
LATER = """
import weft
with weft.init(entity="ada", project="own", name="late") as run:
    for step in range(20):
        run.log({"loss": 5.0 / (step + 1), "acc": 5.0})
with weft.init(entity="ada", project="own", id=%r, resume="must") as run:
    for step in range(20, 40):
        run.log({"loss": 9.0, "acc": 9.0})
"""
LAST = """
import weft
with weft.init(entity="ada", project="own", name="last") as run:
    run.log({"loss": 1.0})
"""
ALL = {"selection": {"base": "all", "on": [], "off": []}}
GRID = {
    "id": "curves",
    "kind": "grid",
    "runSets": {
        "a": {**ALL, "name": "Ours"},
        "b": {**ALL, "name": "Theirs", "project": "ada/own"},
    },
    "panels": {
        "loss": {"kind": "line", "keys": ["loss"], "span": 6},
        "acc": {"kind": "bar", "keys": ["acc"], "span": 6},
    },
}
OURS, THEIRS = "calm", "bold"


class Lab(NamedTuple):
    """A server with a team of two, a project of the team, and one that ada alone may read."""

    address: str
    keys: dict[str, str]
    folder: Path

    def send(self, user: str, method: str, path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[user]}"}
        address = f"{self.address}/api/v1{path}"
        answer = httpx.request(method, address, headers=headers, json=body or None)
        return answer.raise_for_status()

    def run_script(self, code: str) -> None:
        settings = {
            "WEFT_MODE": "online",
            "WEFT_BASE_URL": self.address,
            "WEFT_API_KEY": self.keys["ada"],
        }
        script = run_script(self.folder, code, settings)
        assert script.exit_code == 0, script.stderr

    def ids(self, project: str) -> dict[str, str]:
        """Ids of the runs of a project by name."""
        answer = self.send("ada", "POST", f"/projects/{project}/runs/query", columns=[])
        return {row["name"]: row["id"] for row in answer.json()["rows"]}

    def publish(self, page: Page, title: str) -> str:
        """Publish a report with its figures on its page, as ada; returns its path."""
        reports = "/projects/lab/p/reports"
        report = self.send("ada", "POST", reports, title=title, blocks=[GRID]).json()["id"]
        self.open(page, "ada", f"/lab/p/reports/{report}")
        page.get_by_role("button", name="Publish").click()
        stored = page.get_by_text("Stored the figures of version 1")
        expect(stored).to_be_visible(timeout=60_000)
        return f"/lab/p/reports/{report}"

    def open(self, page: Page, user: str, path: str) -> None:
        page.goto(f"{self.address}{path}")
        page.get_by_label("Key or token").fill(self.keys[user])
        page.keyboard.press("Enter")
        expect(page.get_by_role("main", name="Report")).to_be_visible()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    keys: dict[str, str] = {}
    for user in ("root", "ada", "bob"):
        admin = ["--admin"] if user == "root" else []
        command = run_weft(
            "server", "user", "add", user, *admin, "--data", folder / "data", "--json"
        )
        keys[user] = command.report["api_key"]
    with start_server(folder, "--host", "0.0.0.0") as server:
        lab = Lab(closed_address(server), keys, folder)
        members = {"ada": "admin", "bob": "member"}
        lab.send("root", "POST", "/teams", name="lab", members=members)
        lab.run_script(RUNS)
        yield lab


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    """A page in the browser of another person."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page without a network."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce", offline=True) as context:
        yield context.new_page()


def loss_of(page: Page) -> Locator:
    return page.get_by_role("article", name="loss")


def expect_both(page: Page, ours: str, theirs: str) -> None:
    """The grid draws the runs of both projects as published."""
    expect(page.get_by_role("application", name="loss: 4 curves")).to_be_visible()
    expect(page.get_by_role("img", name="acc: 4 bars")).to_be_visible()
    for name in (OURS, THEIRS, f"both ({ours})", f"both ({theirs})"):
        expect(loss_of(page)).to_contain_text(name)
    expect(loss_of(page)).not_to_contain_text("late")


def test_a_grid_over_two_projects_is_published_and_each_reader_gets_what_they_may_see(
    page: Page, other_page: Page, offline: Page, lab: Lab, tmp_path: Path
) -> None:
    path = lab.publish(page, "Two projects")
    expect_both(page, "p", "own")
    report = lab.send("ada", "GET", f"/projects{path}").json()
    assert [(info["part"], info["project"]) for info in report["figures"]] == [
        ("curves", None),
        ("curves", "ada/own"),
    ]
    expect(page.get_by_text("No run has changed since")).to_be_visible()
    curves = lab.send("ada", "GET", f"/projects{path}/thumbnail").json()["curves"]
    assert len(curves) == 4

    bold = lab.ids("ada/own")[THEIRS]
    lab.run_script(LATER % bold)
    lab.send("ada", "DELETE", f"/projects/lab/p/runs/{lab.ids('lab/p')[OURS]}")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload()
    expect_both(page, "p", "own")
    assert [url for url in addresses if url.endswith(("/series", "/latest"))] == []
    changes = page.get_by_role("button", name="1 run added, 1 deleted, 1 got more data")
    changes.click()
    window = page.get_by_role("dialog", name=re.compile("1 run added"))
    expect(window.get_by_role("link", name="late")).to_have_attribute(
        "href", re.compile("/ada/own/runs/")
    )
    expect(window.get_by_role("listitem").filter(has_text=OURS)).to_contain_text("deleted")
    page.keyboard.press("Escape")
    assert axe_faults(page) == []

    switch = page.get_by_role("radiogroup", name="State of the runs")
    switch.get_by_role("radio", name="Now").click()
    expect(loss_of(page)).to_contain_text("late")
    expect(loss_of(page)).not_to_contain_text(OURS)
    expect(page.get_by_role("application", name="loss: 4 curves")).to_be_visible()
    expect(page.get_by_role("button", name="1 run added, 1 deleted, 1 got")).to_be_visible()
    switch.get_by_role("radio", name="As published").click()
    expect_both(page, "p", "own")

    # bob reads one of the projects
    lab.open(other_page, "bob", path)
    expect(other_page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    expect(loss_of(other_page)).to_contain_text(OURS)
    expect(loss_of(other_page)).not_to_contain_text(THEIRS)
    theirs = other_page.get_by_role("list", name="Run sets").get_by_role("listitem").last
    expect(theirs).to_contain_text("not read")
    expect(other_page.get_by_role("button", name="1 run deleted")).to_be_visible()
    assert axe_faults(other_page) == []

    # the file has what its maker may read
    file = tmp_path / "two.html"
    file.write_bytes(lab.send("ada", "GET", f"/projects{path}/export").content)
    offline.goto(file.as_uri())
    expect_both(offline, "p", "own")
    expect(offline.get_by_text("As of ")).to_be_visible()
    file.write_bytes(lab.send("bob", "GET", f"/projects{path}/export").content)
    assert file.read_text().count('<script type="text/plain" data-figure=') == 1
    offline.goto(file.as_uri())
    expect(offline.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    expect(offline.get_by_text("not read")).to_be_visible()


@at_length
def test_a_link_shows_the_projects_of_a_grid_that_who_made_it_may_share(
    page: Page, other_page: Page, lab: Lab
) -> None:
    path = lab.publish(page, "Linked")
    report = path.rpartition("/")[2]

    def open_link(user: str, **fields: Any) -> None:
        body = {"kind": "report", "report": report, **fields}
        link = lab.send(user, "POST", "/projects/lab/p/shares", **body).json()["path"]
        other_page.goto(f"{lab.address}{link}")

    open_link("ada", shows_runs=True)
    expect(other_page.get_by_role("application", name="loss: ")).to_be_visible()
    for name in (THEIRS, "both (project 1)", "both (project 2)"):
        expect(loss_of(other_page)).to_contain_text(name)
    expect(other_page.get_by_text("As of ")).to_be_visible()
    expect(other_page.get_by_text("of project 2")).to_be_visible()
    assert axe_faults(other_page) == []
    other_page.get_by_role("radio", name="Now").click()
    expect(loss_of(other_page)).to_contain_text("both (project 2)")

    open_link("bob")
    expect(loss_of(other_page)).to_contain_text("both")
    expect(loss_of(other_page)).not_to_contain_text(THEIRS)
    expect(other_page.get_by_text("not read")).to_be_visible()


@at_length
def test_a_grid_of_one_other_project_has_figures_as_published(page: Page, lab: Lab) -> None:
    theirs = {**GRID, "runSets": {"b": GRID["runSets"]["b"]}}
    reports = "/projects/lab/p/reports"
    report = lab.send("ada", "POST", reports, title="Elsewhere", blocks=[theirs]).json()["id"]
    lab.send("ada", "POST", f"{reports}/{report}/publish")
    lab.open(page, "ada", f"/lab/p/reports/{report}")
    page.get_by_role("button", name="Store figures").click()
    expect(page.get_by_text("Stored the figures of version 1")).to_be_visible(timeout=60_000)
    stored = lab.send("ada", "GET", f"{reports}/{report}").json()["figures"]
    assert [(info["part"], info["project"]) for info in stored] == [("curves", "ada/own")]
    lab.run_script(LAST)
    page.reload()
    expect(page.get_by_role("button", name="1 run added")).to_be_visible()
    expect(loss_of(page)).to_contain_text(THEIRS)
    expect(loss_of(page)).not_to_contain_text("last")
    page.get_by_role("radio", name="Now").click()
    expect(loss_of(page)).to_contain_text("last")
