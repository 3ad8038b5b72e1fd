"""Versions of artifacts in the app: their metadata as columns, changes to them, comparison."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from made_artifacts import add_artifact, store_version
from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from web_pages import OpenApp, go_in_app
from weft.records.record import Artifact

ROWS = [f"row {n},{n}" for n in range(30)]


def csv(rows: list[str]) -> bytes:
    return "\n".join(["name,score", *rows, ""]).encode()


@pytest.fixture(scope="module", autouse=True)
def versions(server: ServerProcess) -> None:
    """Three versions of `digits`, twelve runs that use one, and a version not yet complete."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        same = {"same.txt": b"same", "gone.bin": b"\0\1"}
        for nth, accuracy in enumerate((0.7, 0.9, 0.8)):
            files = {
                **same,
                "config.json": f'{{\n  "lr": {nth},\n  "seed": 1\n}}\n'.encode(),
                "scores.csv": csv([*ROWS, f"new {nth},{nth}"]),
            }
            if nth == 2:
                files = {"new.md": b"# New", **files}
                del files["gone.bin"]
            metadata = {"val": {"acc": accuracy}, "note": f"try {nth}", "seed": 1}
            store_version(client, "p", files, run=f"r{nth}", name="digits", metadata=metadata)
        for nth in range(12):
            log = HandMadeLog(run=f"user{nth:02}", writer="w", project="p")
            log.add(Artifact("use", "local/p/digits:v2", "", "", [], 5 + nth))
            log.upload(client).raise_for_status()
        log = HandMadeLog(run="sending", writer="w", project="p")
        add_artifact(log, 1, {"x": b"1"}, name="slow")
        log.upload(client).raise_for_status()


def open_page(page: Page, app: OpenApp, server: ServerProcess, path: str) -> None:
    page.goto(f"{app(server)}/local/p{path}")


def first_cells(page: Page) -> Locator:
    rows = page.get_by_role("table", name="Versions").locator("[data-row]")
    return rows.locator("[role=cell]:first-child")


@at_length
def test_metadata_are_columns_and_a_chart(page: Page, app: OpenApp, server: ServerProcess) -> None:
    open_page(page, app, server, "/artifacts/dataset/digits")
    expect(first_cells(page)).to_have_text([re.compile("v2.*latest"), "v1", "v0"])
    heads = page.get_by_role("table", name="Versions").get_by_role("columnheader")
    expect(heads).to_have_text(
        ["Version", "val.acc", "note", "Logged by", "Files", "Size", "Logged", "Menu"]
    )
    page.get_by_role("button", name="val.acc", exact=True).last.click()
    expect(first_cells(page)).to_have_text([re.compile("v1"), re.compile("v2"), re.compile("v0")])
    page.get_by_role("button", name=re.compile("^Metadata 2")).click()
    page.get_by_role("checkbox", name="seed").check()
    page.get_by_role("checkbox", name="note").uncheck()
    page.keyboard.press("Escape")
    expect(heads.nth(2)).to_have_text("seed")
    page.reload()
    expect(heads.nth(2)).to_have_text("seed")
    expect(first_cells(page).first).to_contain_text("v1")
    chart = page.get_by_role("application", name="val.acc over versions: 3 versions")
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tooltip")).to_contain_text("0.7")


def test_what_describes_a_version_is_edited(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    open_page(page, app, server, "/artifacts/dataset/digits")
    page.get_by_role("button", name="Edit description").click()
    page.get_by_role("textbox", name="Description").fill("Checked **by hand**")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Description").locator("strong")).to_have_text(
        "by hand"
    )
    page.get_by_role("combobox", name="Add a tag").fill("vision")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove tag vision")).to_be_visible()
    go_in_app(page, f"{app(server)}/local/p/artifacts")
    expect(page.get_by_role("row").filter(has_text="digits")).to_contain_text("vision")
    go_in_app(page, f"{app(server)}/local/p/artifacts/dataset/digits/v0")
    version = page.get_by_role("region", name="digits:v0")
    version.get_by_role("combobox", name="Add a tag").fill("clean")
    page.keyboard.press("Enter")
    expect(version.get_by_role("button", name="Remove tag clean")).to_be_visible()
    version.get_by_role("combobox", name="Add a tag").fill("a/b")
    page.keyboard.press("Enter")
    expect(page.get_by_text("invalid tag 'a/b'")).to_be_visible()
    version.get_by_role("button", name="Add an alias").click()
    page.keyboard.type("best")
    page.keyboard.press("Enter")
    remove = version.get_by_role("button", name="Remove the alias best")
    expect(remove).to_be_visible()
    # someone else moves it: the page does not take it away from there
    address = f"{server.url}/api/v1/projects/local/p/artifacts/digits/versions"
    httpx.patch(f"{address}/v1", json={"add_aliases": ["best"]}).raise_for_status()
    remove.click()
    expect(page.get_by_text("alias 'best' is at v1 by now, not at v0")).to_be_visible()
    expect(remove).to_have_count(0)
    assert httpx.get(f"{address}/best").json()["version"] == "v1"
    version.get_by_role("link", name="Runs that used it").click()
    expect(page).to_have_url(re.compile("only=used"))


@at_length
def test_two_versions_are_compared(page: Page, app: OpenApp, server: ServerProcess) -> None:
    open_page(page, app, server, "/artifacts/dataset/digits/v2")
    page.get_by_role("tab", name="Compare").click()
    compared = page.get_by_role("region", name="Comparison")
    expect(compared.get_by_text("1 added")).to_be_visible()
    listed = compared.get_by_role("listbox", name="Files that differ").get_by_role("option")
    expect(listed).to_have_text(
        ["config.jsonchanged", "gone.binremoved", "new.mdadded", "scores.csvchanged"]
    )
    metadata = compared.get_by_role("table", name="Metadata")
    expect(metadata.get_by_role("row").nth(1)).to_contain_text(re.compile("val.acc.*0.9.*0.8"))
    listed.nth(0).click()
    text = compared.get_by_role("region", name="config.json")
    expect(text.locator(".cm-changedLine")).to_have_count(2)
    expect(text).to_contain_text('"lr": 1')
    page.keyboard.press("ArrowDown")
    expect(compared.get_by_role("region", name="gone.bin")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(compared.get_by_role("heading", name="New")).to_be_visible()
    page.keyboard.press("ArrowDown")
    added = compared.get_by_role("region", name="Only in v2")
    expect(added.get_by_text("new 2")).to_be_visible()
    expect(added.get_by_text("1 row,")).to_be_visible()
    expect(compared.get_by_role("region", name="Only in v1").get_by_text("new 1")).to_be_visible()
    compared.get_by_role("checkbox", name="Same files, too").check()
    expect(listed).to_have_count(5)
    compared.get_by_role("button", name=re.compile(r"^v1\b")).click()
    page.get_by_role("combobox", name="Version").fill("v0")
    page.keyboard.press("Enter")
    expect(compared.get_by_role("region", name="Metadata")).to_contain_text("0.7")
    compared.get_by_role("button", name="Compare the other way round").click()
    expect(page.get_by_role("region", name="digits:v0")).to_be_visible()
    expect(compared.get_by_text("1 removed")).to_be_visible()


@at_length
def test_many_alike_are_folded(page: Page, app: OpenApp, server: ServerProcess) -> None:
    open_page(page, app, server, "/artifacts/dataset/digits/v2?tab=lineage")
    graph = page.get_by_role("region", name="Lineage", exact=True)
    fold = graph.get_by_role("button", name="8 more runs")
    expect(fold).to_be_visible()
    expect(graph.locator(".lineage-node")).to_have_count(7)
    fold.click()
    expect(graph.locator(".lineage-node")).to_have_count(14)
    expect(fold).to_have_count(0)
    open_page(page, app, server, "/runs/user03/artifacts")
    expect(graph.get_by_role("link", name="digits:v2")).to_be_visible()


@at_length
def test_runs_are_filtered_by_their_artifacts(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    open_page(page, app, server, "/runs?filter=used+has+digits:v2+and+id+<+user05")
    rows = page.get_by_role("link", name=re.compile("^user0"))
    expect(page.get_by_text(re.compile(r"\b5 (of \d+ )?runs")).first).to_be_visible()
    assert rows.count() >= 0


@at_length
def test_what_is_being_sent_is_shown(page: Page, app: OpenApp, server: ServerProcess) -> None:
    open_page(page, app, server, "/artifacts")
    row = page.get_by_role("table", name="Artifacts").get_by_role("row").last
    expect(row).to_contain_text(re.compile("slow.*being sent"))
    row.get_by_role("link").click()
    expect(page.get_by_role("region", name="Being sent")).to_contain_text("being sent")


CUT_NUMBERS = """table => [...table.querySelectorAll('.virtual-rows .number')].flatMap(cell => {
  const range = document.createRange()
  range.selectNodeContents(cell)
  const [text, room] = [range.getBoundingClientRect(), cell.getBoundingClientRect()]
  const parts = [...cell.querySelectorAll('.ell')]
  const isCut = parts.some(part => part.scrollWidth > part.clientWidth)
  return isCut || text.left < room.left || text.right > room.right ? [cell.textContent] : []
})"""


@at_length
@pytest.mark.parametrize("width", [1440, 960, 390])
def test_no_digit_of_a_number_is_cut_away(
    page: Page, app: OpenApp, server: ServerProcess, width: int
) -> None:
    tokens = [83_886_080_000, 1_301_989_888_000]
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for nth, n_tokens in enumerate(tokens):
            metadata = {"step": 10_000 + nth, "tokens": n_tokens}
            files = {"model.bin": f"{width} {nth}".encode()}
            name = f"weights-{width}"
            store_version(client, "p", files, run=f"w{width}-{nth}", name=name, metadata=metadata)
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, app, server, f"/artifacts/dataset/weights-{width}")
    table = page.get_by_role("table", name="Versions")
    expect(table.get_by_role("cell", name="1,301,989,888,000", exact=True)).to_have_count(1)
    assert table.evaluate(CUT_NUMBERS) == []
    # nor of its newest version's alias
    cut = table.locator(".tag > .ell").evaluate_all(
        "tags => tags.filter(tag => tag.scrollWidth > tag.clientWidth).map(tag => tag.textContent)"
    )
    assert cut == []
