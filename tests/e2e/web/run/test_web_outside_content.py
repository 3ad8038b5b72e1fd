"""Opening a workspace calls no other host: logged pages, notes and texts load nothing from outside
until their reader allows it for one frame."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from server_process import ServerProcess, wait_until
from web_pages import OpenApp, go_in_app, make_view, panel_of, run_script

PAGE = """<!doctype html>
<html lang="en"><head>
<link rel="stylesheet" href="{outside}/style.css">
<link rel="prefetch" href="{outside}/prefetched">
<link rel="icon" href="{outside}/icon.png">
<style>@import url("{outside}/imported.css");
@font-face {{ font-family: far; src: url("{outside}/font") }}
p {{ background: url("{outside}/background.png"); font-family: far }}</style>
<script src="{outside}/script.js"></script>
</head><body>
<p id="text">A report</p>
<img id="picture" src="{outside}/picture.png" alt="picture">
<object data="{outside}/object"></object><embed src="{outside}/embedded">
<iframe src="{outside}/frame"></iframe>
<video src="{outside}/video" autoplay></video>
<script>
fetch("{outside}/fetched", {{ mode: "no-cors" }}).catch(() => 0);
navigator.sendBeacon("{outside}/beacon", "loss");
new Image().src = "{outside}/counted?" + document.title;
try {{ new WebSocket("{outside}/socket".replace("http", "ws")); }} catch {{}}
try {{ new EventSource("{outside}/events"); }} catch {{}}
const code = 'fetch("{outside}/worker").catch(() => 0)';
try {{ new Worker(URL.createObjectURL(new Blob([code]))); }} catch {{}}
</script>
</body></html>
"""

LEAVES = """<!doctype html>
<script>location.href = "{outside}/left?by=script";</script><p>It stayed</p>
"""

REFRESHES = """<!doctype html>
<meta http-equiv="refresh" content="0; url={outside}/left?by=refresh"><p>It stayed</p>
"""

SCRIPT = """
import sys, weft
outside, page, leaves, refreshes = sys.argv[1:]
with weft.init(id="reports", project="p", notes=f"![picture]({outside}/notes.png)") as run:
    leaving = {"leaves": weft.Html(leaves), "refreshes": weft.Html(refreshes)}
    run.log({"page": weft.Html(page), **leaving})
"""


# 1 by 1 pixels
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Outside:
    """Another host, which notes what it is asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.paths.append(self.path)
                self.send_response(200)
                is_image = self.path.endswith(".png")
                self.send_header("Content-Type", "image/png" if is_image else "text/css")
                self.end_headers()
                if is_image:
                    self.wfile.write(PNG)

            do_POST = do_GET

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    host = Outside()
    yield host
    host.close()


@pytest.fixture(scope="module", autouse=True)
def reports(server: ServerProcess, outside: Outside) -> None:
    """A run whose media and files refer to another server."""
    pages = [text.format(outside=outside.url) for text in (PAGE, LEAVES, REFRESHES)]
    assert run_script(server, SCRIPT, outside.url, *pages).wait(120) == 0
    files = f"{server.url}/api/v1/projects/local/p/runs/reports/files"
    for name, text in (
        ("notes.md", f"![picture]({outside.url}/markdown.png) and text"),
        ("notes.ipynb", '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": '
         f'["![picture]({outside.url}/notebook.png) cell"]}}], "metadata": {{}}, '
         '"nbformat": 4, "nbformat_minor": 5}'),
        ("drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
         f'<image href="{outside.url}/in-svg.png" width="9" height="9"/></svg>'),
        ("report.html", PAGE.format(outside=outside.url)),
    ):  # fmt: skip
        httpx.put(f"{files}/{name}", content=text).raise_for_status()


def assert_called_no_one(page: Page, outside: Outside) -> None:
    """Check the requests so far, once those that the page began have had the time to arrive."""
    for frame in page.frames:
        frame.wait_for_load_state("load")
    httpx.get(f"{outside.url}/asked-last")
    assert outside.paths == ["/asked-last"]
    outside.paths.clear()


def frame_of(page: Page, metric: str) -> FrameLocator:
    return panel_of(page, metric).frame_locator("iframe")


def test_a_workspace_calls_no_other_host_until_a_click_allows_it_for_one_frame(
    page: Page, server: ServerProcess, app: OpenApp, outside: Outside
) -> None:
    outside.paths.clear()
    text = f"![far]({outside.url}/panel.png)"
    panel = {"kind": "markdown", "section": "charts", "title": "Note", "options": {"text": text}}
    view = make_view(server, "p", panels={"note": panel})
    page.goto(f"{app(server)}/local/p?{view}")
    for metric in ("page", "leaves", "refreshes"):
        panel_of(page, metric).scroll_into_view_if_needed()
    expect(frame_of(page, "page").locator("#text")).to_have_text("A report")
    # in place of what tried to leave is a sentence, not the browser's error page
    for metric in ("leaves", "refreshes"):
        gone = panel_of(page, metric)
        expect(gone.get_by_text("tried to open another address")).to_be_visible()
        expect(gone.locator("iframe")).to_be_hidden()
    note = page.get_by_role("group", name="Text, scrolled")
    note.scroll_into_view_if_needed()
    expect(note.get_by_role("link", name="far")).to_be_visible()
    allow = panel_of(page, "page").get_by_role("button", name="Load outside content from")
    expect(allow).to_have_text(f"Load outside content from {outside.host}")
    assert_called_no_one(page, outside)

    allow.click()
    expect(allow).to_have_count(0)
    expect(frame_of(page, "page").locator("#text")).to_have_text("A report")
    picture = frame_of(page, "page").locator("#picture")
    expect(picture).to_have_js_property("naturalWidth", 1)
    # a beacon outlives its page: one that is still under way would count against the next page
    loaded = {"/picture.png", "/style.css", "/beacon"}
    wait_until(lambda: loaded <= set(outside.paths), what="requests of the allowed frame")
    assert not any("left" in path or "panel" in path for path in outside.paths)

    # only that frame, and only while it is there
    page.goto("about:blank")
    outside.paths.clear()
    page.goto(f"{app(server)}/local/p?{view}")
    expect(frame_of(page, "page").locator("#text")).to_have_text("A report")
    expect(allow).to_be_visible()
    assert_called_no_one(page, outside)


def test_previews_of_files_and_notes_call_no_other_host(
    page: Page, server: ServerProcess, app: OpenApp, outside: Outside
) -> None:
    outside.paths.clear()
    run = f"{app(server)}/local/p/runs/reports"
    page.goto(run)
    expect(page.get_by_role("link", name="picture")).to_be_visible()
    go_in_app(page, f"{run}/files?file=notes.md")
    expect(page.get_by_text("and text")).to_be_visible()
    go_in_app(page, f"{run}/files?file=notes.ipynb")
    expect(page.get_by_text("cell").first).to_be_visible()
    go_in_app(page, f"{run}/files?file=drawing.svg")
    expect(page.locator(".media-stage img")).to_have_js_property("complete", True)
    go_in_app(page, f"{run}/files?file=report.html")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#text")).to_have_text("A report")
    expect(page.get_by_role("button", name="Load outside content")).to_be_visible()
    assert_called_no_one(page, outside)


def test_a_page_opened_in_a_tab_of_its_own_loads_nothing_either(
    page: Page, server: ServerProcess, outside: Outside
) -> None:
    outside.paths.clear()
    address = f"{server.url}/api/v1/projects/local/p/runs/reports/files/report.html"
    page.goto(address)
    expect(page.locator("#text")).to_have_text("A report")
    assert_called_no_one(page, outside)
    stored = httpx.get(address)
    framed = httpx.get(address, params={"framed": "true"})
    assert stored.text == PAGE.format(outside=outside.url)
    assert framed.text.startswith("<!doctype html><script>")
    assert len(framed.content) == int(framed.headers["content-length"])
    for hosts in ("a b", "x;script-src *", "'self'", "*", "https://a.example", "a.example,*"):
        refused = httpx.get(address, params={"outside": hosts})
        assert refused.status_code == 400, hosts
    policy = httpx.get(address, params={"outside": "cdn.example"}).headers[
        "content-security-policy"
    ]
    assert "img-src data: blob: cdn.example;" in policy
