"""Artifacts in the app: the list, a version, its aliases and files, lineage, the tab of a run."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from sdk_script import run_well
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults

SCRIPT = """
import pathlib, weft
data = pathlib.Path("data")
(data / "train" / "cats").mkdir(parents=True)
(data / "train" / "cats" / "Ünïcode <b>.txt").write_text("meow")
(data / "labels.csv").write_text("a,b\\n1,2\\n")
with weft.init(id="prepare", name="prepare-streets") as run:
    for n in range(2):
        (data / "labels.csv").write_text(f"a,b\\n1,{n}\\n")
        streets = weft.Artifact(
            "streets-train", "dataset", "Labelled <i>streets</i>",
            {"rows": 41200, "license": "CC BY 4.0"},
        )
        streets.add_dir(data)
        run.log_artifact(streets, aliases=["clean"]).wait(60)
    long = "a-very-long-name-of-a-validation-set-that-does-not-fit"
    run.log_artifact(data, long, "dataset").wait(60)
with weft.init(id="train", name="train-1") as run:
    run.use_artifact("streets-train:v1")
    pathlib.Path("m.pt").write_bytes(b"weights")
    run.log_model("m.pt", "convnext").wait(60)
with weft.init(id="evaluate", name="evaluate-1") as run:
    run.use_artifact("convnext:latest")
with weft.init(id="bare", name="bare") as run:
    run.log({"loss": 1})
"""


LONG_NAMES = """
import pathlib, weft
with weft.init(id="mix") as run:
    pathlib.Path("mix.txt").write_text("mix")
    run.log_artifact("mix.txt", "mix", "dataset").wait(60)
for rate in ("lr3e-4", "lr6e-4"):
    with weft.init(name=f"llama-1b-bs2048-long-context-{rate}-wsd-cooldown-s1") as run:
        run.use_artifact("mix:latest")
"""


@pytest.fixture(scope="module", autouse=True)
def artifacts(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The artifacts of `SCRIPT`."""
    folder = tmp_path_factory.mktemp("script")
    settings = {"WEFT_BASE_URL": server.url, "WEFT_PROJECT": "streets"}
    run_well(folder, SCRIPT, {**server.environment, **settings, "WEFT_MODE": "online"})


def open_page(page: Page, app: OpenApp, server: ServerProcess, path: str) -> None:
    page.goto(f"{app(server)}/local/streets{path}")


def node(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="Lineage", exact=True).get_by_role("link", name=name)


def test_a_version_is_found_named_and_its_files_are_had(
    page: Page, app: OpenApp, server: ServerProcess, tmp_path: Path
) -> None:
    open_page(page, app, server, "")
    page.get_by_role("link", name="Artifacts").click()
    listed = page.get_by_role("table", name="Artifacts").get_by_role("row")
    expect(listed).to_have_count(4)
    page.get_by_role("textbox", name="Search name").press_sequentially("CC BY")
    expect(listed).to_have_count(2)  # by the metadata of its versions
    listed.get_by_role("link", name="streets-train").click()
    versions = page.get_by_role("table", name="Versions").get_by_role("row")
    expect(versions).to_have_count(3)
    expect(versions.nth(1)).to_contain_text(re.compile("v1.*clean.*latest.*prepare-streets"))
    artifact = page.get_by_role("region", name="streets-train", exact=True)
    expect(artifact.get_by_role("region", name="Description")).to_contain_text(
        re.compile("Labelled.*Of v1, the newest version", re.DOTALL)
    )
    history = artifact.get_by_role("region", name="History")
    expect(history.get_by_role("row").first).to_contain_text("by prepare-streets")
    page.get_by_role("link", name="v0", exact=True).click()
    version = page.get_by_role("region", name="streets-train:v0")
    expect(version.get_by_role("region", name="Description")).to_contain_text(
        "Labelled <i>streets</i>"
    )
    expect(version.get_by_role("region", name="Metadata")).to_contain_text("41,200")

    version.get_by_role("button", name="Add an alias").click()
    page.keyboard.type("production")
    page.keyboard.press("Enter")
    expect(version.get_by_role("button", name="Remove the alias production")).to_be_visible()
    expect(version.get_by_role("region", name="History of the version")).to_contain_text(
        "added to v0"
    )
    description = version.get_by_role("region", name="Description")
    description.get_by_role("button", name="Edit description").click()
    description.get_by_role("textbox").fill("Labelled again")
    description.get_by_role("button", name="Save").click()
    expect(description).to_contain_text(re.compile("Labelled again.*Edited", re.DOTALL))
    expect(version.get_by_role("region", name="History of the version")).to_contain_text("of v0")
    version.get_by_role("button", name="Add an alias").click()
    page.keyboard.type("v7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("v and a number is the name of a version")).to_be_visible()
    page.keyboard.press("Escape")

    version.get_by_role("tab", name="Files").click()
    tree = version.get_by_role("tree", name="Files")
    tree.get_by_text("train", exact=True).click()
    tree.get_by_text("cats", exact=True).click()
    tree.get_by_text("Ünïcode <b>.txt").click()
    expect(page).to_have_url(re.compile(r"tab=files&file=train%2Fcats"))
    expect(version.get_by_role("region", name="Ünïcode")).to_contain_text("meow")
    with page.expect_download() as download:
        version.get_by_role("link", name="Download", exact=True).click()
    download.value.save_as(tmp_path / "got")
    assert (tmp_path / "got").read_text() == "meow"


@at_length
def test_a_version_is_locked_against_deletion(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    open_page(page, app, server, "/artifacts/dataset/streets-train")
    versions = page.get_by_role("table", name="Versions").get_by_role("row")
    page.get_by_role("button", name="More of v0").click()
    page.get_by_role("menuitem", name="Lock against deletion").click()
    expect(versions.nth(2).get_by_role("img", name=re.compile("^Locked"))).to_be_visible()
    page.get_by_role("button", name="More of v0").click()
    delete = page.get_by_role("menuitem", name=re.compile("^Delete"))
    expect(delete).to_be_disabled()
    expect(delete).to_contain_text("locked by")
    page.get_by_role("menuitem", name="Unlock").click()
    expect(versions.nth(2).get_by_role("img", name=re.compile("^Locked"))).to_have_count(0)
    page.get_by_role("button", name="More of v0").click()
    delete.click()
    dialog = page.get_by_role("dialog", name="Delete streets-train:v0?")
    expect(dialog).to_contain_text("That can't be taken back")
    dialog.get_by_role("button", name="Cancel").click()


@at_length
def test_files_of_a_version_are_searched_and_downloaded_together(
    page: Page, app: OpenApp, server: ServerProcess, tmp_path: Path
) -> None:
    path = "/artifacts/dataset/streets-train/v0?tab=files&file=train%2Fcats%2FÜnïcode <b>.txt"
    open_page(page, app, server, path)
    version = page.get_by_role("region", name="streets-train:v0")
    tree = version.get_by_role("tree", name="Files")
    with page.expect_download() as download:
        version.get_by_role("link", name="Download all files as a zip").click()
    download.value.save_as(tmp_path / "zip")
    assert zipfile.ZipFile(tmp_path / "zip").namelist() == [
        "labels.csv",
        "train/cats/Ünïcode <b>.txt",
    ]
    expect(version.get_by_role("region", name="Ünïcode")).to_contain_text("meow")
    tree.get_by_text("labels.csv").click()
    table = version.get_by_role("region", name="labels.csv")
    expect(table.get_by_role("columnheader")).to_contain_text(["a", "b"])
    expect(table.get_by_text("1 row, 2 columns")).to_be_visible()
    version.get_by_role("textbox", name="Search 2 files").fill("cats")
    expect(tree.get_by_role("treeitem")).to_have_count(1)


def test_lineage_leads_from_data_to_what_came_of_it(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    open_page(page, app, server, "/artifacts/dataset/streets-train/v1?tab=lineage")
    for name in ("prepare-streets", "streets-train:v1", "train-1", "convnext:v0", "evaluate-1"):
        expect(node(page, name)).to_be_visible()

    def is_in_order() -> bool:
        boxes = [
            node(page, name).bounding_box() or {"x": 0}
            for name in ("prepare-streets", "streets-train:v1", "train-1", "convnext:v0")
        ]
        return all(right["x"] - left["x"] > 150 for left, right in pairwise(boxes))

    # the graph may just be fitted into its room, and move between two looks
    wait_until(is_in_order, what="a graph from left to right")
    expect(node(page, "streets-train:v1")).to_have_attribute("aria-current", "page")
    expect(page.locator(".lineage-edge")).to_have_count(4)
    node(page, "train-1").click()
    tabs = page.get_by_role("navigation", name="Of this run")
    tabs.get_by_role("link", name="Artifacts").click()
    expect(page.get_by_role("table", name="Used")).to_contain_text("streets-train:v1")
    expect(page.get_by_role("table", name="Logged")).to_contain_text("convnext:v0")
    node(page, "convnext:v0").click()
    expect(page.get_by_role("region", name="convnext:v0")).to_be_visible()


@at_length
def test_long_names_of_a_lineage_keep_what_tells_them_apart(
    page: Page, app: OpenApp, server: ServerProcess, tmp_path: Path
) -> None:
    settings = {"WEFT_BASE_URL": server.url, "WEFT_PROJECT": "long", "WEFT_MODE": "online"}
    run_well(tmp_path, LONG_NAMES, {**server.environment, **settings})
    page.goto(f"{app(server)}/local/long/artifacts/dataset/mix/v0?tab=lineage")
    shown = page.locator(".lineage-node.run .mid[data-cut] .mid-seen")
    expect(shown).to_have_count(2)
    texts = [name.get_attribute("data-text") or "" for name in shown.all()]
    assert sorted("lr3" in text or "3e-4" in text for text in texts) == [False, True], texts


@at_length
def test_a_lineage_is_moved_enlarged_and_walked_by_keys(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    open_page(page, app, server, "/artifacts/dataset/streets-train/v1?tab=lineage")
    chosen = node(page, "streets-train:v1")
    chosen.focus()
    page.keyboard.press("ArrowRight")
    expect(node(page, "train-1")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(node(page, "convnext:v0")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(node(page, "train-1")).to_be_focused()

    def width() -> float:
        return (chosen.bounding_box() or {})["width"]

    before = width()
    page.get_by_role("button", name="Larger").click()
    wait_until(lambda: width() > before, what="a larger graph")
    graph = page.get_by_role("group", name="Graph")
    box = graph.bounding_box() or {}
    left = (chosen.bounding_box() or {})["x"]
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] - 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 60, steps=4)
    page.mouse.up()
    wait_until(lambda: (chosen.bounding_box() or {})["x"] > left + 40, what="a moved graph")
    page.get_by_role("button", name="Depth").click()
    page.get_by_role("menuitemradio", name="1 step").click()
    expect(node(page, "convnext:v0")).to_have_count(0)
    expect(page.get_by_text("there are more")).to_be_visible()


@at_length
def test_pages_without_artifacts_say_what_to_do(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    open_page(page, app, server, "/runs/bare/artifacts")
    expect(page.get_by_text("No artifacts", exact=True)).to_be_visible()
    open_page(page, app, server, "/artifacts/dataset/streets-train/v9")
    expect(page.get_by_text("There is no such version")).to_be_visible()
    page.goto(f"{app(server)}/local/nothing/artifacts")
    expect(page.get_by_text("There is no such project")).to_be_visible()


@at_length
def test_axe_finds_nothing(page: Page, app: OpenApp, server: ServerProcess) -> None:
    for path, shown in (
        ("/artifacts", "streets-train"),
        ("/artifacts/dataset/streets-train", "prepare-streets"),
        ("/artifacts/dataset/streets-train/v1", "41,200"),
        ("/artifacts/dataset/streets-train/v1?tab=files&file=labels.csv", "1 row"),
        ("/artifacts/dataset/streets-train/v1?tab=compare&file=labels.csv", "Only in v1"),
        ("/artifacts/dataset/streets-train/v1?tab=lineage", "evaluate-1"),
        ("/runs/train/artifacts", "convnext:v0"),
    ):
        open_page(page, app, server, path)
        expect(page.get_by_text(shown).first).to_be_visible()
        assert axe_faults(page) == [], path
