"""Images that are pasted, dropped or chosen in the editor of a report, and all who read them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from at_length import at_length
from report_pictures import picture
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

PROJECT = "pictured"
KEY_MILLIS = 15
FILES = """(target, { files, kind, html }) => {
  const data = new DataTransfer();
  for (const { name, type, content } of files) {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  if (html) data.setData("text/html", html);
  const more = { bubbles: true, cancelable: true };
  if (kind === "paste") {
    target.dispatchEvent(new ClipboardEvent("paste", { ...more, clipboardData: data }));
    return;
  }
  const { left, top, width, height } = target.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height - 2, dataTransfer: data };
  target.dispatchEvent(new DragEvent("dragover", { ...more, ...at }));
  target.dispatchEvent(new DragEvent("drop", { ...more, ...at }));
}"""
"""Pastes files into an element, or drops them on it, as a browser does."""


@pytest.fixture(scope="module")
def reports(server: ServerProcess) -> str:
    """The address of the reports of a project."""
    project = f"{server.url}/api/v1/projects/local/{PROJECT}"
    httpx.put(project, json={}).raise_for_status()
    return f"{project}/reports"


@pytest.fixture
def reader(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def file_of(content: bytes, name: str = "image.png", media_type: str = "image/png") -> Any:
    return {"name": name, "type": media_type, "content": base64.b64encode(content).decode()}


def paste(target: Locator, *files: Any, html: str = "") -> None:
    target.evaluate(FILES, {"files": files, "kind": "paste", "html": html})


def drop(target: Locator, *files: Any) -> None:
    target.evaluate(FILES, {"files": files, "kind": "drop", "html": ""})


def create(reports: str, *blocks: dict[str, Any]) -> str:
    body = {"title": "Seen", "blocks": blocks}
    return httpx.post(reports, json=body).raise_for_status().json()["id"]


def paragraph(block: str, text: str) -> dict[str, Any]:
    return {"id": block, "kind": "paragraph", "text": [{"text": text}]}


def open_editor(page: Page, address: str, report: str) -> Locator:
    page.goto(f"{address}/local/{PROJECT}/reports/{report}?edit=1")
    text = page.get_by_role("textbox", name="Text of the report")
    expect(text).to_be_visible()
    return text


def blocks_of(reports: str, report: str, version: str = "draft") -> list[dict[str, Any]]:
    answer = httpx.get(f"{reports}/{report}", params={"version": version})
    return answer.raise_for_status().json()["document"]["blocks"]


def wait_until_saved(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Saved")


def width_of(image: Locator) -> int:
    """The width of the content that a page draws, px."""
    return image.evaluate(
        "async (image) => { image.loading = 'eager'; await image.decode();"
        " return image.naturalWidth; }"
    )


def kinds(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["kind"] for block in blocks]


def test_images_are_pasted_and_dropped_and_read_by_all(
    page: Page,
    reader: Page,
    context: BrowserContext,
    app: OpenApp,
    server: ServerProcess,
    reports: str,
    tmp_path: Path,
) -> None:
    report = create(reports, paragraph("a", "first"), paragraph("b", "last"))
    text = open_editor(page, app(server), report)
    text.get_by_text("first").click()
    page.keyboard.press("End")
    page.keyboard.type(" words", delay=KEY_MILLIS)
    paste(text, file_of(picture("red", width=121)))
    # keys go on below the image while it is sent
    page.keyboard.type("below it", delay=KEY_MILLIS)
    images = text.locator("figure.image-block > img")
    expect(images).to_have_count(1)
    wait_until_saved(page)
    blocks = blocks_of(reports, report)
    assert kinds(blocks) == ["paragraph", "image", "paragraph", "paragraph"]
    assert [block["text"][0]["text"] for block in blocks if "text" in block] == [
        *("first words", "below it", "last")
    ]
    assert width_of(images) == 121

    # one step takes an image away, and brings it back; what was typed after it goes before
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(images).to_have_count(0)
    page.get_by_role("button", name="Redo").click()
    expect(images).to_have_count(1)
    page.get_by_role("button", name="Redo").click()
    expect(text).to_contain_text("below it")
    wait_until_saved(page)
    assert blocks_of(reports, report) == blocks

    # several files at once; what is no image is named, and the others are taken
    drop(
        text.get_by_text("last"),
        file_of(picture("green", width=122), "green.png"),
        file_of(b"%PDF-1.7", "paper.pdf", "application/pdf"),
        file_of(picture("blue", file_format="JPEG", width=123), "blue.jpg", "image/jpeg"),
    )
    expect(page.get_by_text("paper.pdf was not added: it is no PNG")).to_be_visible()
    expect(images).to_have_count(3)
    wait_until_saved(page)
    blocks = blocks_of(reports, report)
    assert kinds(blocks)[:6] == ["paragraph", "image", "paragraph", "paragraph", "image", "image"]
    assert [width_of(images.nth(n)) for n in range(3)] == [121, 122, 123]
    assert axe_faults(page) == []

    # caption and description as of other images
    images.first.click()
    page.keyboard.press("Enter")
    fields = page.get_by_role("dialog", name="Edit")
    fields.get_by_label("Caption").fill("A red one")
    fields.get_by_label("Description").fill("Red")
    assert axe_faults(page) == []
    page.keyboard.press("Escape")
    wait_until_saved(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Seen", level=1)).to_be_visible()
    expect(page.get_by_role("img", name="Red")).to_be_visible()

    # another reader
    reader.goto(f"{server.url}/local/{PROJECT}/reports/{report}")
    red = reader.get_by_role("img", name="Red")
    expect(red).to_be_visible()
    expect(reader.get_by_text("A red one")).to_be_visible()
    assert width_of(red) == 121
    assert [width_of(image) for image in reader.locator(".image-block img").all()] == [
        *(121, 122, 123)
    ]

    # behind a link, which names neither project nor report
    body = {"kind": "report", "report": report}
    shares = reports.replace("/reports", "/shares")
    link = httpx.post(shares, json=body).raise_for_status().json()["path"]
    requests: list[str] = []
    reader.on("request", lambda request: requests.append(request.url))
    reader.goto(f"{server.url}{link}")
    expect(reader.get_by_role("img", name="Red")).to_be_visible()
    assert width_of(reader.get_by_role("img", name="Red")) == 121
    assert not [url for url in requests if PROJECT in url or report in url]

    # in the file
    content = httpx.get(f"{reports}/{report}/export").raise_for_status().content
    file = tmp_path / "seen.html"
    file.write_bytes(content)
    reader.context.set_offline(True)
    reader.goto(file.as_uri())
    assert [width_of(image) for image in reader.locator(".image-block img").all()] == [
        *(121, 122, 123)
    ]
    assert axe_faults(reader) == []


def test_an_image_waits_for_the_server_and_is_refused_with_the_reason(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("a", "first"))
    text = open_editor(page, app(server), report)
    text.get_by_text("first").click()
    address = f"**/reports/{report}/images"
    page.route(address, lambda route: route.abort())
    paste(text, file_of(picture("red", width=131)))
    late = page.get_by_text("The server does not answer: the image is sent once it does.")
    expect(late).to_be_visible()
    page.keyboard.type("typed meanwhile", delay=KEY_MILLIS)
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Uploading 1 image…")
    assert axe_faults(page) == []
    page.unroute(address)
    expect(late).to_have_count(0, timeout=15_000)
    wait_until_saved(page)
    assert kinds(blocks_of(reports, report)) == ["paragraph", "image", "paragraph"]
    assert width_of(text.locator("figure.image-block > img")) == 131

    # cut off: only the server sees that
    paste(text, file_of(picture("blue")[:-30]))
    refusal = text.get_by_role("alert")
    expect(refusal).to_contain_text("The image was not stored: the image is cut off")
    assert axe_faults(page) == []
    text.get_by_role("button", name="Remove").click()
    expect(refusal).to_have_count(0)
    # too large: refused before it is sent, and nothing is in the text
    paste(text, file_of(picture() + b"\0" * (11 << 20)))
    expect(page.get_by_text("image.png was not added: it has 11.5 MB")).to_be_visible()
    # a picture of copied cells is not what was copied
    paste(text, file_of(picture()), html="<p>cells <img src='https://x.org/a.png'></p>")
    expect(text).to_contain_text("cells")
    wait_until_saved(page)
    images = [block for block in blocks_of(reports, report) if block.get("sha256")]
    assert len(images) == 1
    assert "typed meanwhile" in text.inner_text()


def test_an_image_is_chosen_with_the_keyboard_and_copied_to_another_report(
    page: Page, app: OpenApp, server: ServerProcess, reports: str, tmp_path: Path
) -> None:
    # from the first on, or a key that comes soon opens the dialog of the system
    page.on("filechooser", lambda _: None)
    report = create(reports, paragraph("a", "first"))
    text = open_editor(page, app(server), report)
    text.get_by_text("first").click()
    page.keyboard.press("End")
    page.keyboard.press("Enter", delay=KEY_MILLIS)
    page.keyboard.type("/image", delay=KEY_MILLIS)
    page.keyboard.press("Enter", delay=KEY_MILLIS)
    fields = page.get_by_role("dialog", name="Edit")
    expect(fields.get_by_label("Or its address")).to_be_focused()
    # a person's pause: the window gives its first field the focus twice
    page.wait_for_timeout(200)
    page.keyboard.press("Shift+Tab")
    expect(fields.get_by_role("button", name="Choose a file…")).to_be_focused()
    assert axe_faults(page) == []
    file = tmp_path / "plot.webp"
    file.write_bytes(picture("teal", file_format="WEBP", width=141))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    image = text.locator("figure.image-block > img")
    expect(image).to_be_visible()
    wait_until_saved(page)
    (block,) = (block for block in blocks_of(reports, report) if block["kind"] == "image")
    assert len(block["sha256"]) == 64
    assert "url" not in block or block["url"] == ""

    # a copy in another report has the image there, too
    image.click()
    copied = text.evaluate(
        """(target) => {
          const data = new DataTransfer();
          const more = { bubbles: true, cancelable: true, clipboardData: data };
          target.dispatchEvent(new ClipboardEvent("copy", more));
          return data.getData("text/html");
        }"""
    )
    assert block["sha256"] in copied
    other = create(reports, paragraph("a", "other"))
    text = open_editor(page, app(server), other)
    text.get_by_text("other").click()
    paste(text, html=copied)
    expect(text.locator("figure.image-block > img")).to_be_visible()
    wait_until_saved(page)
    (copy,) = (entry for entry in blocks_of(reports, other) if entry["kind"] == "image")
    assert copy["sha256"] == block["sha256"]
    content = httpx.get(f"{reports}/{other}/images/{copy['sha256']}").raise_for_status().content
    assert content == file.read_bytes()


@at_length
def test_an_image_stays_at_its_place_while_others_write(
    page: Page, reader: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, paragraph("a", "first"), paragraph("b", "last"))
    text = open_editor(page, app(server), report)
    theirs = open_editor(reader, server.url, report)
    text.get_by_text("first").click()
    address = f"**/reports/{report}/images"
    page.route(address, lambda route: route.abort())
    paste(text, file_of(picture("red", width=151)))
    # they see that one is on its way, and write above and below it
    expect(theirs.get_by_text("No image is here yet")).to_be_visible()
    theirs.get_by_text("first").click()
    reader.keyboard.press("Home")
    reader.keyboard.press("Enter", delay=KEY_MILLIS)
    reader.keyboard.press("ArrowUp")
    reader.keyboard.type("above all", delay=KEY_MILLIS)
    theirs.get_by_text("last").click()
    reader.keyboard.press("End")
    reader.keyboard.type(" word", delay=KEY_MILLIS)
    expect(text).to_contain_text("last word")
    page.unroute(address)
    expect(theirs.locator("figure.image-block > img")).to_be_visible(timeout=20_000)
    wait_until_saved(page)
    blocks = blocks_of(reports, report)
    assert kinds(blocks) == ["paragraph", "paragraph", "image", "paragraph", "paragraph"]
    assert width_of(theirs.locator("figure.image-block > img")) == 151
