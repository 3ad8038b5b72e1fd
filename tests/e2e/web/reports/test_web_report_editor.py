"""The editor of reports: written key by key, with the keyboard alone, by several people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pycrdt
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from report_page import ReportPage
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
for i in range(2):
    with weft.init(project="p", name=f"run-{i}") as run:
        for step in range(10):
            run.log({"loss": (i + 1) / (step + 1)})
"""

BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def reports(server: ServerProcess) -> str:
    """The address of the reports of a project with two runs."""
    assert run_script(server, RUNS).wait(120) == 0
    return f"{server.url}/api/v1/projects/local/p/reports"


def paragraph(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "paragraph", "text": [{"text": text}] if text else [], **more}


def create(reports: str, *blocks: dict[str, Any], title: str = "Draft") -> str:
    body = {"title": title, "blocks": blocks}
    return httpx.post(reports, json=body).raise_for_status().json()["id"]


def draft_of(reports: str, report: str) -> dict[str, Any]:
    answer = httpx.get(f"{reports}/{report}", params={"version": "draft"})
    return answer.raise_for_status().json()["document"]


def open_editor(page: Page, address: str, report: str) -> Locator:
    """Open a draft; returns its text."""
    page.goto(f"{address}/local/p/reports/{report}?edit=1")
    text = page.get_by_role("textbox", name="Text of the report")
    expect(text).to_be_visible()
    return text


def wait_until_saved(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Saved")


def kinds(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["kind"] for block in blocks]


def plain(block: dict[str, Any]) -> str:
    return "".join(run.get("text", "") for run in block["text"])


KEY_MILLIS = 15
"""Between two keys of a fast typist: a block that a key makes is drawn meanwhile."""


def test_a_report_is_written_and_formatted_key_by_key(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, title="")
    text = open_editor(page, app(server), report)
    keys = page.keyboard
    # the title has the focus; Enter leads on
    keys.type("Ablation", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("Which one wins", delay=KEY_MILLIS)
    # the next key is of the text, however soon it comes
    keys.press("Enter")
    keys.type("# Results", delay=KEY_MILLIS)
    expect(text).to_be_focused()
    assert axe_faults(page) == []
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("It is **bold** and `code` ", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("- one", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("two", delay=KEY_MILLIS)
    keys.press("Tab", delay=KEY_MILLIS)
    # out of both lists
    for _ in range(3):
        keys.press("Enter", delay=KEY_MILLIS)
    keys.type("[ ] to do", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("> quoted", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("```python", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("import weft", delay=KEY_MILLIS)
    expect(text.locator(".tk-keyword")).to_have_text("import")
    keys.press("ArrowDown", delay=KEY_MILLIS)
    keys.type("/call", delay=KEY_MILLIS)
    menu = page.get_by_role("listbox", name="Insert")
    expect(menu.get_by_role("option", selected=True)).to_contain_text("Callout")
    assert axe_faults(page) == []
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("Take care", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("/divider", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("/table", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    keys.type("lr", delay=KEY_MILLIS)
    keys.press("Tab", delay=KEY_MILLIS)
    keys.type("loss", delay=KEY_MILLIS)
    page.get_by_role("button", name="Table").click()
    page.get_by_role("menuitem", name="Delete column").click()
    page.locator(".editor-end").click()
    keys.type("The end", delay=KEY_MILLIS)
    wait_until_saved(page)

    document = draft_of(reports, report)
    assert (document["title"], document["description"]) == ("Ablation", "Which one wins")
    blocks = document["blocks"]
    assert kinds(blocks) == [
        *("heading", "paragraph", "list", "list", "quote", "code", "callout", "divider"),
        *("table", "paragraph"),
    ]
    ids = [block["id"] for block in blocks]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[\w-]{1,64}", id_) for id_ in ids)
    assert blocks[1]["text"] == [
        {"text": "It is "},
        {"text": "bold", "marks": ["bold"]},
        {"text": " and "},
        {"text": "code", "marks": ["code"]},
        {"text": " "},
    ]
    inner = blocks[2]["items"][0]["blocks"]
    assert kinds(inner) == ["paragraph", "list"]
    assert plain(inner[1]["items"][0]["blocks"][0]) == "two"
    assert blocks[3]["items"][0]["checked"] is False
    assert blocks[5] == {
        "id": ids[5],
        "kind": "code",
        "code": "import weft",
        "language": "python",
    }
    assert [len(row["cells"]) for row in blocks[8]["rows"]] == [2, 2, 2]

    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="Ablation", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Results", level=2)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/reports/{report}$"))


def test_marks_links_and_blocks_need_no_pointer(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("first", id="a"), paragraph("second", id="b"))
    text = open_editor(page, app(server), report)
    keys = page.keyboard
    text.focus()
    keys.press("Control+Home", delay=KEY_MILLIS)
    keys.press("Shift+Control+ArrowRight", delay=KEY_MILLIS)
    bar = page.get_by_role("toolbar", name="Text")
    expect(bar).to_be_visible()
    keys.press("Alt+F10", delay=KEY_MILLIS)
    expect(bar.get_by_role("button", name="Bold")).to_be_focused()
    assert axe_faults(page) == []
    keys.press("Enter", delay=KEY_MILLIS)
    expect(text.locator("b")).to_have_text("first")
    keys.press("Control+k", delay=KEY_MILLIS)
    keys.type("javascript:alert(1)", delay=KEY_MILLIS)
    expect(bar.get_by_role("button", name="Set")).to_be_disabled()
    page.get_by_role("textbox", name="Address of the link").fill("example.org/a")
    keys.press("Enter", delay=KEY_MILLIS)
    expect(text.locator("a")).to_have_attribute("href", "https://example.org/a")
    keys.press("Alt+Shift+ArrowDown", delay=KEY_MILLIS)
    expect(text.locator("p")).to_have_text(["second", "first"])
    keys.press("Control+Shift+D", delay=KEY_MILLIS)
    expect(text.locator("p")).to_have_text(["second", "first", "first"])
    wait_until_saved(page)
    blocks = draft_of(reports, report)["blocks"]
    assert [block["id"] for block in blocks[:2]] == ["b", "a"]
    assert blocks[2]["id"] not in {"a", "b"}
    assert blocks[1]["text"] == [
        {"text": "first", "marks": ["bold"], "link": "https://example.org/a"}
    ]


def test_a_grid_gets_panels_and_a_copy_has_its_own(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("", id="a"))
    text = open_editor(page, app(server), report)
    keys = page.keyboard
    text.locator("p").click()
    keys.type("/panel", delay=KEY_MILLIS)
    keys.press("Enter", delay=KEY_MILLIS)
    # a new grid asks for its first panel
    dialog = page.get_by_role("dialog", name="Add panel")
    dialog.get_by_role("textbox", name="Search metrics").press_sequentially(
        "loss", delay=KEY_MILLIS
    )
    expect(dialog.get_by_role("article", name="loss")).to_be_visible()
    expect(dialog.get_by_label("Section")).to_have_count(0)
    dialog.get_by_role("button", name="Add panel").click()
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    panel = page.get_by_role("article", name="loss")
    expect(panel.get_by_role("button", name="Panel menu")).to_be_focused()
    # no heading stands above it
    assert axe_faults(page) == []
    sets = page.get_by_role("list", name="Run sets")
    sets.get_by_role("button", name="Runs", exact=True).and_(sets.locator(".set-name")).click()
    page.get_by_role("textbox", name="Name of the run set").press_sequentially(
        "Both", delay=KEY_MILLIS
    )
    keys.press("Escape", delay=KEY_MILLIS)
    expect(sets.get_by_role("button", name="Both", exact=True)).to_be_focused()
    # back to the text, where the block is selected; Enter goes into it
    keys.press("Escape", delay=KEY_MILLIS)
    expect(text).to_be_focused()
    keys.press("Enter", delay=KEY_MILLIS)
    expect(sets.get_by_role("button", name="Both", exact=True)).to_be_focused()
    keys.press("Escape", delay=KEY_MILLIS)
    keys.press("Control+Shift+D", delay=KEY_MILLIS)
    expect(page.get_by_role("application", name="loss: 2 curves")).to_have_count(2)
    wait_until_saved(page)
    first, second = (
        block for block in draft_of(reports, report)["blocks"] if block["kind"] == "grid"
    )
    assert first["id"] != second["id"]
    del first["id"], second["id"]
    assert first == second
    [panel_json] = first["panels"].values()
    assert panel_json == {"kind": "line", "keys": ["loss"], "span": 12}
    [run_set] = first["runSets"].values()
    assert run_set == {"name": "Both"}


@pytest.fixture
def other(page: Page, context: BrowserContext) -> Iterator[Page]:
    """A second page of the same report."""
    second = context.new_page()
    yield second
    second.close()


def test_undo_takes_back_ones_own_and_others_are_seen(
    page: Page, other: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("middle", id="a"))
    own = open_editor(page, app(server), report)
    theirs = open_editor(other, app(server), report)
    page.bring_to_front()
    own.locator("p").click()
    page.keyboard.press("End")
    page.keyboard.type(" mine")
    expect(theirs).to_contain_text("middle mine")
    other.bring_to_front()
    theirs.locator("p").click()
    other.keyboard.press("End")
    other.keyboard.type(" theirs")
    expect(own).to_contain_text("middle mine theirs")
    expect(own.locator(".others-caret")).to_be_visible()
    expect(page.get_by_role("list", name="Also writing").get_by_role("listitem")).to_have_count(1)
    page.bring_to_front()
    own.focus()
    page.keyboard.press("Control+z")
    expect(theirs.locator("p")).to_have_text("middle theirs")
    page.keyboard.press("Control+Shift+z")
    expect(theirs.locator("p")).to_have_text("middle mine theirs")
    other.goto("about:blank")
    expect(page.get_by_role("list", name="Also writing")).to_have_count(0)


def test_what_was_typed_without_a_network_comes_back_merged(
    page: Page,
    other: Page,
    browser_context_of_own: BrowserContext,
    app: OpenApp,
    server: ServerProcess,
    reports: str,
) -> None:
    report = create(reports, paragraph("one", id="a"), paragraph("two", id="b"))
    away = browser_context_of_own.new_page()
    text = open_editor(away, app(server), report)
    theirs = open_editor(other, app(server), report)
    browser_context_of_own.set_offline(True)
    text.locator("p").first.click()
    away.keyboard.press("End")
    away.keyboard.type(" offline")
    expect(away.get_by_text(re.compile(r"\d+ edits not sent yet"))).to_be_visible()
    theirs.locator("p").last.click()
    other.keyboard.press("End")
    other.keyboard.type(" online")
    wait_until_saved(other)
    browser_context_of_own.set_offline(False)
    for each in (text, theirs):
        expect(each.locator("p")).to_have_text(["one offline", "two online"])
    wait_until_saved(away)

    # a page that is closed in the meantime has left a copy
    browser_context_of_own.set_offline(True)
    text.locator("p").first.click()
    away.keyboard.press("End")
    away.keyboard.type(" kept")
    expect(away.get_by_text(re.compile(r"\d+ edits not sent yet"))).to_be_visible()
    away.wait_for_function(
        """async () => new Promise((resolve) => {
          const request = indexedDB.open("weft-drafts");
          request.onsuccess = () => {
            const all = request.result.transaction("updates").objectStore("updates").count();
            all.onsuccess = () => { request.result.close(); resolve(all.result >= 5); };
          };
        })"""
    )
    away.close()
    browser_context_of_own.set_offline(False)
    again = browser_context_of_own.new_page()
    text = open_editor(again, app(server), report)
    expect(text.locator("p").first).to_have_text("one offline kept")
    wait_until_saved(again)
    expect(theirs.locator("p").first).to_have_text("one offline kept")


@pytest.fixture
def browser_context_of_own(browser: Any) -> Iterator[BrowserContext]:
    """A context whose network a test takes away."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.mark.parametrize("parent", ["paragraph", "tableCell"])
def test_a_page_that_does_not_know_a_block_deletes_nothing(
    page: Page, app: OpenApp, server: ServerProcess, reports: str, parent: str
) -> None:
    report = create(reports, paragraph("known", id="a"))
    text = open_editor(page, app(server), report)
    writer = ReportPage()
    writer.receive(httpx.post(f"{reports}/{report}/sync", content=b"", headers=BINARY).content)

    # nodes that the server knows, at places where no page of this version has them
    inner = pycrdt.XmlElement("heading", {"level": 1}, [pycrdt.XmlText("inside")])
    update = writer.add(parent, None, inner, id="new")
    url = f"{reports}/{report}/updates"
    httpx.post(url, content=update, headers=BINARY).raise_for_status()
    # it comes to a page that writes ...
    alert = page.get_by_role("alert").filter(has_text="reload it to edit")
    expect(alert).to_be_visible()
    expect(page.get_by_role("heading", name="Draft", level=1)).to_be_visible()
    # ... and to one that opens it
    page.reload()
    expect(alert).to_be_visible()
    expect(text).to_have_count(0)
    missing = httpx.post(f"{reports}/{report}/sync", content=b"", headers=BINARY).content
    reader = ReportPage()
    reader.receive(missing)
    children = reader.doc.get("text", type=pycrdt.XmlFragment).children
    assert [child.tag for child in children] == ["paragraph", parent]
    assert [child.tag for child in children[1].children] == ["heading"]


def test_whole_numbers_of_a_script_that_a_page_cannot_hold_do_not_stop_it(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    card = {"id": "c", "kind": "card", "of": "run", "path": "p/x", "seed": 2**62 + 1}
    report = create(reports, card, paragraph("text", id="a", seed=2**62 + 1))
    text = open_editor(page, app(server), report)
    text.locator("p").click()
    page.keyboard.press("End")
    page.keyboard.type(" typed")
    wait_until_saved(page)
    first, second = draft_of(reports, report)["blocks"]
    assert (first["seed"], plain(second)) == (2**62 + 1, "text typed")


def test_a_page_of_an_older_schema_shows_the_report_and_does_not_edit(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("text", id="a"))
    writer = ReportPage()
    writer.receive(httpx.post(f"{reports}/{report}/sync", content=b"", headers=BINARY).content)
    before = writer.state_vector
    writer.doc.get("meta", type=pycrdt.Map)["schema"] = 2
    url = f"{reports}/{report}/updates?schema=2"
    update = writer.doc.get_update(before)
    httpx.post(url, content=update, headers=BINARY).raise_for_status()
    page.goto(f"{app(server)}/local/p/reports/{report}?edit=1")
    expect(page.get_by_role("alert").filter(has_text="reload it to edit")).to_be_visible()
    expect(page.get_by_text("text", exact=True)).to_be_visible()


def paste(page: Page, **contents: str) -> None:
    """Paste into the text; by type of content with `_` for `/`."""
    expect(page.get_by_role("textbox", name="Text of the report")).to_be_focused()
    page.evaluate(
        """contents => {
          const data = new DataTransfer();
          for (const [type, text] of Object.entries(contents))
            data.setData(type.replace("_", "/"), text);
          const init = { clipboardData: data, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", init));
        }""",
        contents,
    )


def test_what_is_pasted_becomes_blocks_and_nothing_of_it_runs(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("", id="a"))
    text = open_editor(page, app(server), report)
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url))
    text.locator("p").click()
    paste(
        page,
        text_plain="# Head\n\n- [x] done\n- [ ] open\n\n| a | b |\n|---|---|\n| 1 | **2** |\n",
    )
    expect(text.locator("h2")).to_have_text("Head")
    expect(text.locator("td").last).to_have_text("2")
    page.locator(".editor-end").click()
    paste(page, text_plain="lr\tloss\n0.1\t2\n0.2\t3\n")
    expect(text.locator("table")).to_have_count(2)
    page.locator(".editor-end").click()
    paste(
        page,
        text_plain="x",
        text_html="<h1 onclick='bad()'>Top</h1><script>document.title = 'bad'</script>"
        "<style>p { color: red }</style><p style='color: red'>See "
        "<a href='javascript:bad()'>this</a> and "
        "<a href='https://example.org'>that</a><img src='https://example.org/pixel.png' "
        "onerror='bad()'></p><iframe src='https://example.org/frame'></iframe>",
    )
    expect(text.get_by_role("link", name="that")).to_be_visible()
    assert "bad()" not in text.inner_html()
    assert "color: red" not in text.inner_html()
    page.locator(".editor-end").click()
    paste(page, text_plain=f"{server.url}/local/p/reports/{report}")
    expect(text.locator(".report-card")).to_contain_text("Draft")
    page.locator(".editor-end").click()
    paste(page, text_plain=150_000 * "a")
    expect(page.get_by_text("The pasted text was cut")).to_be_visible()
    wait_until_saved(page)
    assert not [url for url in foreign if "example.org" in url]
    blocks = draft_of(reports, report)["blocks"]
    assert kinds(blocks)[:3] == ["heading", "list", "table"]
    assert blocks[1]["items"][0]["checked"] is True
    [image] = [block for block in blocks if block["kind"] == "image"]
    assert image["url"] == "https://example.org/pixel.png"
    [card] = [block for block in blocks if block["kind"] == "card"]
    assert (card["of"], card["path"]) == ("report", f"local/p/{report}")
    assert max(len(plain(block)) for block in blocks if block["kind"] == "paragraph") == 100_000
