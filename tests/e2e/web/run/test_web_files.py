"""The files of a run in the app: the tree, the search, what is shown of each type, downloads."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import duckdb
import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from chart_pixels import wait_for
from media_runs import MediaRun, png
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults
from weft.records.record import File

SCRIPT = 'import weft\n\n\ndef train():\n    """Train."""\n    return "loss", 0.5\n'
NOTEBOOK = {"cells": [{"cell_type": "code", "source": ["x = 1\n", "x"], "execution_count": 3}]}
N_MANY = 600


def pdf() -> bytes:
    pages = [Image.new("RGB", (200, 300), color) for color in ("red", "white")]
    content = io.BytesIO()
    pages[0].save(content, "pdf", save_all=True, append_images=pages[1:])
    return content.getvalue()


def parquet(folder: Path) -> bytes:
    path = folder / "made.parquet"
    rows = "SELECT i AS n, i * 2 AS twice FROM range(100000) t(i)"
    duckdb.connect().execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    rows = "\n".join(f"run {i},{i / 8}" for i in range(2_000))
    return {
        "code/src/train.py": SCRIPT.encode(),
        "notes.md": b"# Results\n\nAll **well**. <img src=x onerror=alert(1)>",
        "page.html": b"<p id=said>before</p><script>said.innerText = 'after'</script>",
        "config.json": json.dumps({"lr": 0.1, "layers": [1, 2]}).encode(),
        "cells.ipynb": json.dumps(NOTEBOOK).encode(),
        "scores.csv": f"name,score\n{rows}".encode(),
        "table.parquet": parquet(tmp_path_factory.mktemp("parquet")),
        "pixels.png": png(np.full((8, 16, 3), 200, dtype=np.uint8)),
        "paper.pdf": pdf(),
        "broken.pdf": b"%PDF-1.4 nothing",
        "weights.safetensors": b"\0" * 1000,
        "Makefile": b"all:\n\techo done\n",
        "bytes": b"\0\1\2",
        "é 漢字/ü ' \" <b>.txt": "grüße".encode(),
    }


@pytest.fixture(scope="module", autouse=True)
def files(server: ServerProcess, contents: dict[str, bytes]) -> None:
    """A run with the files of `contents`, and one without."""
    run = MediaRun("run1", "files")
    run.log_bytes.add(File("media/images/0.png", 70, "ab" * 32, 1))
    bare = MediaRun("run2", "files")
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run.send(client)
        bare.send(client)
        files = f"{run.log_bytes.path}/files"
        for name, content in contents.items():
            client.put(f"{files}/{name}", content=content).raise_for_status()


@pytest.fixture(scope="module")
def many_files(server: ServerProcess) -> str:
    """A run with a large folder, which a test at length alone asks for."""
    run = MediaRun("run3", "files")
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run.send(client)
        for nth in range(N_MANY):
            path = f"{run.log_bytes.path}/files/many/{nth:04}.txt"
            client.put(path, content=b"1").raise_for_status()
    return "run3"


@pytest.fixture
def tab(page: Page, app: OpenApp, server: ServerProcess) -> Page:
    page.goto(f"{app(server)}/local/files/runs/run1/files")
    expect(page.get_by_role("tree", name="Files")).to_be_visible()
    return page


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem").filter(has=page.get_by_text(name, exact=True))


def view(page: Page) -> Locator:
    return page.locator(".part-main")


@at_length
def test_the_tree_opens_by_click_and_by_key_and_the_link_has_the_file(tab: Page) -> None:
    tree = tab.get_by_role("tree", name="Files")
    row(tab, "code").click()
    row(tab, "src").click()
    row(tab, "train.py").click()
    expect(view(tab).get_by_role("heading")).to_have_text("code/src/train.py")
    expect(view(tab).locator(".cm-line").first).to_have_text("import weft")
    expect(view(tab).locator(".tk-keyword").first).to_have_text("import")
    expect(tab).to_have_url(f"{tab.url.partition('?')[0]}?file=code%2Fsrc%2Ftrain.py")
    tab.reload()
    expect(row(tab, "train.py")).to_have_attribute("aria-selected", "true")
    expect(view(tab).locator(".cm-line").first).to_have_text("import weft")

    tree.focus()
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")
    expect(row(tab, "src")).to_have_attribute("aria-expanded", "false")
    expect(row(tab, "train.py")).to_have_count(0)
    tab.keyboard.press("End")
    expect(view(tab).get_by_role("heading")).to_have_text("weights.safetensors")
    expect(view(tab)).to_contain_text("Files of this type are not shown")
    tab.keyboard.press("ArrowUp")
    expect(view(tab).get_by_role("heading")).to_have_text("table.parquet")


def show(page: Page, name: str) -> Locator:
    row(page, name).click()
    expect(view(page).get_by_role("heading")).to_have_text(name)
    return view(page)


def test_each_type_is_shown_as_what_it_is_and_downloaded(
    tab: Page, contents: dict[str, bytes]
) -> None:
    shown = show(tab, "config.json")
    expect(shown.locator(".cm-line").nth(1)).to_have_text('  "lr": 0.1,')
    shown = show(tab, "notes.md")
    expect(shown.get_by_role("heading", name="Results")).to_be_visible()
    expect(shown.locator(".file-prose")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(shown.locator(".file-prose img")).to_have_count(0)
    shown.get_by_text("Source").click()
    expect(shown.locator(".cm-line").first).to_have_text("# Results")
    shown = show(tab, "page.html")
    expect(shown.locator("iframe")).to_have_attribute("sandbox", "allow-scripts")
    expect(shown.locator("iframe").content_frame.locator("#said")).to_have_text("after")
    shown = show(tab, "cells.ipynb")
    expect(shown.locator(".cm-line").first).to_have_text("# In [3]")
    shown = show(tab, "Makefile")
    expect(shown.locator(".cm-line").first).to_have_text("all:")
    shown = show(tab, "bytes")
    expect(shown).to_contain_text("Files of this type are not shown")
    shown = show(tab, "pixels.png")
    image = shown.locator("img")
    wait_for(lambda: image.evaluate("(image) => image.naturalWidth"), 16)
    row(tab, "é 漢字").click()
    shown = tab.get_by_role("treeitem").filter(has_text="ü")
    shown.click()
    expect(view(tab).locator(".cm-line").first).to_have_text("grüße")
    shown = show(tab, "scores.csv")
    expect(shown).to_contain_text("2,000 rows, 2 columns")
    shown = show(tab, "weights.safetensors")
    with tab.expect_download() as started:
        shown.get_by_role("link", name="Download").first.click()
    assert started.value.suggested_filename == "weights.safetensors"
    assert Path(started.value.path()).read_bytes() == contents["weights.safetensors"]


@at_length
def test_tables_are_sorted_and_filtered_and_all_files_downloaded(
    tab: Page, contents: dict[str, bytes]
) -> None:
    shown = show(tab, "scores.csv")
    expect(shown).to_contain_text("2,000 rows, 2 columns")
    shown.get_by_role("columnheader").filter(has_text="score").get_by_role("button").first.click()
    shown.get_by_role("columnheader").filter(has_text="score").get_by_role("button").first.click()
    expect(shown.get_by_role("cell").first).to_have_text("run 1999")
    shown.get_by_role("textbox", name="Search rows").press_sequentially("run 77")
    expect(shown.get_by_role("status")).to_contain_text("11 of 2,000 rows")
    shown = show(tab, "table.parquet")
    expect(shown).to_contain_text("100,000 rows, 2 columns")

    with tab.expect_download() as started:
        tab.get_by_role("link", name="Download all files as a zip").click()
    with zipfile.ZipFile(started.value.path()) as zipped:
        assert {name: zipped.read(name) for name in contents} == contents
        assert len(zipped.namelist()) == len(contents)  # and none without a content


@at_length
def test_a_pdf_is_drawn_page_by_page(tab: Page) -> None:
    shown = show(tab, "paper.pdf")
    expect(shown.get_by_role("region", name="2 pages")).to_be_visible()
    canvas = shown.locator("canvas[data-drawn]").first
    expect(canvas).to_be_visible()
    middle = """(canvas) => [...canvas.getContext("2d").getImageData(
        canvas.width / 2, canvas.height / 2, 1, 1).data]"""
    red = canvas.evaluate(middle)
    assert red[0] > 200
    assert max(red[1:3]) < 60
    shown = show(tab, "broken.pdf")
    expect(shown).to_contain_text("The PDF can't be shown")


@at_length
def test_a_search_lists_paths_and_a_large_folder_shows_more(
    tab: Page, app: OpenApp, server: ServerProcess, many_files: str
) -> None:
    field = tab.get_by_role("textbox", name="Search 15 files")
    field.press_sequentially("TRAIN")
    expect(tab.get_by_role("treeitem")).to_have_count(1)
    expect(field).to_be_focused()
    expect(row(tab, "code/src/train.py")).to_be_visible()
    field.fill("nothing like it")
    expect(tab.get_by_text("No path has nothing like it.")).to_be_visible()
    tab.goto(f"{app(server)}/local/files/runs/{many_files}/files")
    row(tab, "many").click()
    tree = tab.get_by_role("tree", name="Files")
    expect(row(tab, "0000.txt")).to_be_visible()
    more = tab.get_by_text("Show more")

    def scroll_to(row: int, shown: Locator) -> None:
        def is_there() -> bool:
            tree.evaluate("(tree, y) => tree.scrollTo(0, y)", row * 28)
            return shown.is_visible()

        wait_for(is_there, True)

    scroll_to(495, more)
    more.click()
    scroll_to(N_MANY, row(tab, f"{N_MANY - 1:04}.txt"))


@at_length
def test_what_has_no_content_says_why(
    page: Page, app: OpenApp, server: ServerProcess, tab: Page
) -> None:
    field = tab.get_by_role("textbox", name="Search 15 files")
    field.fill("media/images")
    row_of = tab.get_by_role("treeitem")
    expect(row_of).to_contain_text("not sent")
    row_of.click()
    expect(view(tab)).to_contain_text("Not sent yet")
    page.goto(f"{app(server)}/local/files/runs/run1/files?file=none.txt")
    expect(view(page)).to_contain_text("The run has no file none.txt.")
    page.goto(f"{app(server)}/local/files/runs/run2/files")
    expect(page.locator(".parts")).to_contain_text("No files")


@at_length
def test_files_have_no_faults_of_accessibility(tab: Page) -> None:
    assert axe_faults(tab) == []
    for name in ("config.json", "scores.csv", "paper.pdf", "notes.md"):
        show(tab, name)
        expect(tab.locator(".part-body > :not([aria-busy])").first).to_be_visible()
        assert axe_faults(tab) == [], name
