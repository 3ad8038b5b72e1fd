"""Files that attack: whatever a run logs, no script of it runs in the app's origin, or reaches it.

Each file holds a script that tries all that a page of the app could do, and notes what worked.
It is seen as the app shows it, and opened in a tab of its own by its address.
"""

from __future__ import annotations

import json
from functools import partial

import httpx
import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from at_length import at_length, case_at_length
from bokeh_plot import bokeh_plot
from chart_pixels import wait_for
from media_runs import MediaRun
from server_process import ServerProcess
from web_pages import OpenApp, go_in_app

SCRIPT = """
window.worked = [];
const attempt = async (name, make) => {
    try { if (await make()) window.worked.push(name); } catch {}
};
(async () => {
    await attempt("ran in the app's origin", () => self.origin === location.origin);
    await attempt("read the page around it", () => parent !== self && parent.document.title);
    await attempt("changed the page around it", () => parent !== self && (parent.pwned = 1));
    await attempt("cookies", () => { document.cookie = "pwned=1"; return document.cookie; });
    await attempt("storage", () => { localStorage.setItem("pwned", "1"); return true; });
    await attempt("databases", () => indexedDB.open("pwned") && true);
    await attempt("caches", async () => await caches.open("pwned"));
    await attempt("read the API",
        async () => (await (await fetch("/api/v1/projects")).text()).length);
    await attempt("write by CORS",
        async () => (await fetch("/api/v1/projects/local/pwned", { method: "PUT" })).ok);
    await attempt("write without CORS", async () => {
        await fetch("/api/v1/projects/local/pwned-too",
            { method: "POST", mode: "no-cors", body: "{}" });
        return false;
    });
    await attempt("live events", () => new Promise((done) => {
        const events = new EventSource("/api/v1/projects/local/attacks/live");
        const end = (is_open) => { events.close(); done(is_open); };
        events.onopen = () => end(true);
        events.onerror = () => end(false);
    }));
    await attempt("a window", () => open("/"));
    await attempt("a service worker", async () => await navigator.serviceWorker.register("x.js"));
    await attempt("a form", () => {
        const form = document.createElement("form");
        form.action = "/api/v1/projects/local/pwned-form";
        form.method = "post";
        document.documentElement.append(form);
        form.submit();
        return false;
    });
    await attempt("the tab", () => { if (top !== self) top.location = "/healthz"; return false; });
    window.finished = true;
})();
"""
INLINE = f"<script>{SCRIPT}</script>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="window.loaded = 1">'
    f"<script><![CDATA[{SCRIPT}]]></script><rect width='9' height='9'/></svg>"
)
XHTML = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title>'
    f"<script><![CDATA[{SCRIPT}]]></script></head><body/></html>"
)
STYLED = (
    '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><doc>'
    '<xsl:stylesheet id="s" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    f"<xsl:template match='/'><html><script><![CDATA[{SCRIPT}]]></script></html></xsl:template>"
    "</xsl:stylesheet></doc>"
)

RUNS_APART = {
    "page.html": (INLINE, None),
    "page.HTM": (INLINE, None),
    "page.xhtml": (XHTML, "application/xhtml+xml"),
    "drawing.svg": (SVG, None),
    "said.bin": (INLINE, "text/html; charset=utf-7"),
    "said.png": (SVG, "image/svg+xml"),
}
"""May run, but only in an origin of its own: by name, content and the sender's type."""

NEVER_RUNS = {
    "styled.xml": (STYLED, None),
    "feed.rss": (XHTML, "application/rss+xml"),
    "picture.png": (INLINE, None),
    "sound.wav": (INLINE, None),
    "data.json": (INLINE, None),
    "notes.txt": (INLINE, None),
    "notes.md": (INLINE, None),
    "code.js": (SCRIPT, None),
    "no-ending": (INLINE, None),
    "odd.bin": (INLINE, "text/html/x"),
    "empty.bin": (INLINE, "*/*"),
    "lines.html.bin": (INLINE, "application/octet-stream"),
    "archive.mht": (f"MIME-Version: 1.0\nContent-Type: text/html\n\n{INLINE}", None),
}

SEEN_FIRST = ["page.html", "drawing.svg", "sound.wav", "data.json", "no-ending", "notes.md"]
"""A file for each way in which the app shows one; the others are shown at length."""
SEEN_LATER = [name for name in RUNS_APART | NEVER_RUNS if name not in SEEN_FIRST]

NAME = '"><img src=x onerror="window.pwned = 1">'


@pytest.fixture(scope="module", autouse=True)
def attacks(server: ServerProcess) -> None:
    """Two runs whose files are attacks."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run = MediaRun("run1", "attacks", label=NAME)
        log_files(run, SEEN_FIRST)
        boxes = {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1},
                 "box_caption": NAME}], "class_labels": {"1": NAME}}  # fmt: skip
        code = f"if (!window.worked) {{ {SCRIPT} }} return ''"
        plot = run.json("bokeh", "bokeh.json", bokeh_plot(NAME, ticks=code))
        run.log("plot", 0, {"_type": "bokeh-file", "path": plot})
        path = run.file("images", "svg", SVG.encode())
        layer = {"_type": "boxes2D", "path": run.json("boxes", "json", boxes)}
        run.log(NAME, 0, {"_type": "image-file", "path": path, "boxes": {NAME: layer}})
        later = MediaRun("run1", "later", label=NAME)
        log_files(later, SEEN_LATER)
        for sent in (run, later):
            sent.send(client)
            for name, (content, content_type) in (RUNS_APART | NEVER_RUNS).items():
                headers = {} if content_type is None else {"Content-Type": content_type}
                address = f"{sent.log_bytes.path}/files/{name}"
                client.put(address, content=content, headers=headers).raise_for_status()


def log_files(run: MediaRun, names: list[str]) -> None:
    """Log files as media of the kinds that show whole files."""
    for name in names:
        content, _ = (RUNS_APART | NEVER_RUNS)[name]
        kinds = ("html-file", "image-file", "video-file", "object3D-file")
        for kind in kinds if name in RUNS_APART else kinds[:1]:
            value = {"_type": kind, "path": name, "caption": NAME + content[:200]}
            run.log(f"{kind} {name}", 0, value)


PROJECTS = ["attacks", "later"]


def projects(server: ServerProcess) -> list[str]:
    answer = httpx.get(f"{server.url}/api/v1/projects", trust_env=False).json()
    return sorted(project["project"] for project in answer["projects"])


def worked(frame: Page | Frame) -> list[str] | None:
    """The successful acts of the script; None if it did not run."""
    if frame.evaluate("'worked' in window"):
        wait_for(lambda: bool(frame.evaluate("window.finished")), True)
    return frame.evaluate("window.worked ?? null")


@pytest.mark.parametrize("name", [*RUNS_APART, *NEVER_RUNS])
def test_a_file_in_a_tab_of_its_own_reaches_nothing(
    context: BrowserContext, server: ServerProcess, name: str
) -> None:
    address = f"/api/v1/projects/local/attacks/runs/run1/files/{name}"
    answer = httpx.get(f"{server.url}{address}", trust_env=False)
    assert answer.headers["x-content-type-options"] == "nosniff"
    opened = context.new_page()
    try:
        opened.goto(f"{server.url}{address}")
    except Exception as error:  # Playwright has no narrower type for it
        assert "Download is starting" in str(error)  # noqa: PT017
        assert name in NEVER_RUNS
        return
    assert worked(opened) == ([] if name in RUNS_APART else None)
    assert opened.evaluate("self.origin") == "null" or name in NEVER_RUNS
    assert projects(server) == PROJECTS


@pytest.mark.parametrize("project", ["attacks", case_at_length("later")])
def test_nothing_of_a_run_runs_in_the_app(
    page: Page, server: ServerProcess, app: OpenApp, project: str
) -> None:
    page.goto(f"{app(server)}/local/{project}")
    home = page.url
    seen = set[str]()
    section = page.get_by_role("region", name="media", exact=True)
    following = section.get_by_role("button", name="Next panels")
    while True:
        panels = section.locator("[data-kind='media']")
        expect(panels.first).to_be_visible()
        for panel in panels.all():
            panel.scroll_into_view_if_needed()
            expect(panel.locator("figure").first).to_be_visible()
            metric = panel.get_attribute("data-metric") or ""
            seen.add(metric)
            if metric.startswith("html-file"):
                inside = panel.locator("iframe").element_handle().content_frame()
                assert inside is not None
                if metric.removeprefix("html-file ") in RUNS_APART:
                    wait_for(partial(inside.evaluate, "Boolean(window.finished)"), True)
                assert worked(inside) in ([], None), metric
        if not following.count() or not following.is_enabled():
            break
        last = panels.first.get_attribute("data-metric") or ""
        following.click()
        expect(panels.first).not_to_have_attribute("data-metric", last)
    names = SEEN_FIRST if project == "attacks" else SEEN_LATER
    assert (NAME in seen) == (project == "attacks")
    # a page is turned before its last panels are there
    assert len(seen & {f"html-file {name}" for name in names}) > len(names) / 2
    assert page.evaluate("[window.pwned, window.worked, window.loaded, document.cookie]") == [
        None, None, None, "",
    ]  # fmt: skip
    assert page.evaluate("localStorage.getItem('pwned')") is None
    assert page.url.split("?")[0] == home.split("?")[0]
    assert projects(server) == PROJECTS


@pytest.mark.parametrize("names", [SEEN_FIRST, case_at_length(SEEN_LATER)], ids=["first", "later"])
def test_nothing_of_a_file_runs_in_the_app(
    page: Page, server: ServerProcess, app: OpenApp, names: list[str]
) -> None:
    page.goto(f"{app(server)}/local/attacks/runs/run1/files")
    view = page.locator(".part-main")
    for name in names:
        row = page.get_by_role("treeitem").filter(has=page.get_by_text(name, exact=True))
        row.click()
        expect(view.get_by_role("heading", name=name, exact=True)).to_be_visible()
        home = page.url
        expect(view.locator(".part-body > :not(.late)").first).to_be_visible()
        if name.lower().endswith((".html", ".htm")):
            inside = view.locator("iframe").element_handle().content_frame()
            assert inside is not None
            wait_for(partial(inside.evaluate, "Boolean(window.finished)"), True)
            assert worked(inside) == [], name
            view.get_by_role("radio", name="Source").click()
            expect(view.locator(".cm-content")).to_contain_text("window.worked")
        if name == "notes.md":
            expect(view.locator(".file-prose")).to_contain_text("window.worked")
        assert page.evaluate("[window.pwned, window.worked, window.loaded, document.cookie]") == [
            None, None, None, "",
        ], name  # fmt: skip
        assert page.url == home
    go_in_app(page, f"{app(server)}/local/attacks/compare?ids=run1")
    expect(page.get_by_role("columnheader").filter(has_text=NAME)).to_be_visible()
    query = httpx.QueryParams({"metric": NAME})
    go_in_app(page, f"{app(server)}/local/attacks/runs/run1/media?{query}")
    expect(page.locator(".media-bbox").first).to_be_visible()
    assert page.evaluate("[window.pwned, window.loaded]") == [None, None]
    assert projects(server) == PROJECTS


def test_code_in_a_plot_of_bokeh_reaches_nothing(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/attacks?{httpx.QueryParams({'p': 'plot'})}")
    frame = page.locator("[data-metric='plot'] iframe[data-drawn]")
    inside = frame.element_handle().content_frame()
    assert inside is not None
    wait_for(lambda: bool(inside.evaluate("window.finished")), True)
    assert worked(inside) == []
    assert inside.evaluate("self.origin") == "null"
    assert page.evaluate("[window.pwned, window.worked, document.cookie]") == [None, None, ""]
    assert projects(server) == PROJECTS


@at_length
def test_markup_in_names_captions_and_boxes_is_text(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    view = {"p": NAME}
    page.goto(f"{app(server)}/local/attacks?{httpx.QueryParams(view)}")
    panel = page.locator("[data-kind='media']").first
    panel.get_by_role("button", name="full size").click()
    expect(page.locator(".media-stage .media-bbox")).to_have_text(NAME)
    assert page.evaluate("window.pwned ?? null") is None
    assert json.loads(page.evaluate("JSON.stringify([...document.images].map((one) => one.src))"))
