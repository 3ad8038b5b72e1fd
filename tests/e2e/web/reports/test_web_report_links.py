"""Links to reports: made in the app, read without an account, shown in frames of other sites."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from at_length import at_length
from server_process import ServerProcess, start_server
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
for name in ("calm", "bold", "failure"):
    with weft.init(project="links", name=name, config={"seed": 1}) as run:
        print("trained", name)
        for step in range(20):
            run.log({"loss": 1 / (step + 1), "acc": step / 20, "unnamed": step})
"""


class Site:
    """Another site, whose pages show addresses in frames."""

    def __init__(self) -> None:
        self.page = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(outer.page.encode())

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def link_server(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[ServerProcess]:
    """A server whose shares the site may show under one of its names."""
    folder = tmp_path_factory.mktemp("links")
    sites = f"http://localhost:{site.port}"
    with start_server(folder, "--embed-sites", sites, "--access-log") as server:
        assert run_script(server, RUNS).wait(120) == 0
        yield server


@pytest.fixture(scope="module")
def runs(link_server: ServerProcess) -> dict[str, str]:
    """Ids of the runs by name."""
    path = f"{link_server.url}/api/v1/projects/local/links/runs/query"
    rows = httpx.post(path, json={"columns": []}).raise_for_status().json()["rows"]
    return {row["name"]: row["id"] for row in rows}


def blocks_of(runs: dict[str, str]) -> list[dict[str, Any]]:
    path = f"local/links/{runs['calm']}"
    value = {"kind": "value", "run": path, "key": "summary.acc", "format": 2}
    shown = {"base": "all", "on": [], "off": [runs["failure"]]}
    panels = {"loss": {"kind": "line", "keys": ["loss"]}, "acc": {"kind": "bar", "keys": ["acc"]}}
    return [
        {"id": "h", "kind": "heading", "level": 1, "text": [{"text": "Results"}]},
        {"id": "p", "kind": "paragraph", "text": [{"text": "It reaches "}, value]},
        {"id": "c", "kind": "card", "of": "run", "path": path},
        {
            "id": "curves",
            "kind": "grid",
            "runSets": {"all": {"selection": shown}},
            "panels": panels,
        },
    ]


@pytest.fixture(scope="module")
def report(link_server: ServerProcess, runs: dict[str, str]) -> str:
    """The id of a published report, whose figures are stored by the first page that needs them."""
    reports = f"{link_server.url}/api/v1/projects/local/links/reports"
    body = {"title": "Findings", "description": "Of two runs", "blocks": blocks_of(runs)}
    report: str = httpx.post(reports, json=body).raise_for_status().json()["id"]
    httpx.post(f"{reports}/{report}/publish").raise_for_status()
    return report


def open_stored(page: Page, address: str, report: str) -> None:
    """Open a report, and have its figures stored unless they are."""
    page.goto(f"{address}/local/links/reports/{report}")
    stored = page.get_by_role("radio", name="As published")
    missing = page.get_by_role("button", name="Store figures")
    expect(stored.or_(missing)).to_be_visible()
    if missing.is_visible():
        missing.click()
    expect(stored).to_be_visible(timeout=60_000)


def share(link_server: ServerProcess, report: str, **fields: Any) -> dict[str, Any]:
    body = {"kind": "report", "report": report, **fields}
    path = f"{link_server.url}/api/v1/projects/local/links/shares"
    return httpx.post(path, json=body).raise_for_status().json()


def test_a_report_is_shared_read_by_its_link_and_revoked(
    page: Page, app: OpenApp, link_server: ServerProcess, report: str
) -> None:
    address = app(link_server)
    open_stored(page, address, report)
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this report")
    dialog.get_by_role("button", name="Ends").click()
    page.get_by_role("menuitemradio", name="After 7 days").click()
    dialog.get_by_label("Other sites may embed it").check()
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Create link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    dialog.get_by_role("button", name="In other pages").click()
    page.get_by_role("menuitemradio", name="loss").click()
    html = dialog.get_by_label("HTML for other pages").input_value()
    assert f'src="{link}?panel=curves.loss"' in html
    expect(dialog.get_by_role("region", name="Links to this report")).to_contain_text("Findings")

    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    bodies: list[bytes] = []
    page.on(
        "response",
        lambda response: bodies.append(response.body()) if "/api/" in response.url else None,
    )
    page.goto(link)
    expect(page).to_have_title("Findings · weft")
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    expect(page.get_by_role("img", name="acc: 2 bars")).to_be_visible()
    expect(page.locator(".live-value")).to_have_text("0.95")
    expect(page.locator(".report-card")).to_contain_text("calm")
    requests = [url for url in addresses if "/api/" in url]
    assert requests
    assert [url for url in requests if "/api/v1/shared/" not in url] == []
    assert axe_faults(page) == []
    # neither its project nor the run that the report hides
    for body in bodies:
        assert b"links" not in body
        assert b"failure" not in body
    page.get_by_role("article", name="loss").get_by_role("button", name="Panel menu").click()
    expect(page.get_by_role("menuitem", name="Export")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Open in workspace")).to_have_count(0)
    page.keyboard.press("Escape")

    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_faults(page) == []

    code = link.rpartition(".")[2]
    assert "/share/" in link_server.stderr
    assert code not in link_server.stderr

    page.set_viewport_size({"width": 1600, "height": 1000})
    page.goto(f"{address}/local/links/reports/{report}")
    page.get_by_role("button", name="Share").click()
    links = page.get_by_role("region", name="Links to this report")
    expect(links).to_contain_text("opened 1 time, last")
    links.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Revoke link").click()
    expect(links).to_have_count(0)
    page.goto(link)
    expect(page.get_by_text("This link does not work")).to_be_visible()


def test_a_link_with_the_runs_behind_it_shows_them_as_they_are_now(
    page: Page, app: OpenApp, link_server: ServerProcess, report: str
) -> None:
    address = app(link_server)
    open_stored(page, address, report)
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this report")
    dialog.get_by_label("With the runs behind it").check()
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Create link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    links = dialog.get_by_role("region", name="Links to this report")
    expect(links).to_contain_text("report with its runs")

    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    bodies: list[bytes] = []
    page.on(
        "response",
        lambda response: bodies.append(response.body()) if "/api/" in response.url else None,
    )
    page.goto(link)
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    page.get_by_role("radio", name="Now").click()
    expect(page.get_by_text("The runs as they are now")).to_be_visible()
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    expect(page.get_by_role("img", name="acc: 2 bars")).to_be_visible()
    expect(page.locator(".run-sets")).to_contain_text("2 runs")
    requests = [url for url in addresses if "/api/" in url]
    assert any(".curves.1/series" in url for url in requests)
    assert [url for url in requests if "/api/v1/shared/" not in url] == []
    for body in bodies:
        assert b"links" not in body
        assert b"failure" not in body
    assert axe_faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("radio", name="As published").click()
    expect(page.get_by_text("As published", exact=False).first).to_be_visible()
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    # without their pages, names of runs are text
    page.get_by_role("button", name="2 runs: list their names").click()
    names = page.get_by_role("list", name="Runs of Runs")
    expect(names.get_by_text("calm")).to_be_visible()
    expect(names.get_by_role("link")).to_have_count(0)
    expect(page.locator("a.report-card, a.live-value")).to_have_count(0)


def test_a_link_with_pages_of_runs_opens_those_that_the_report_shows(
    page: Page, app: OpenApp, link_server: ServerProcess, report: str, runs: dict[str, str]
) -> None:
    address = app(link_server)
    open_stored(page, address, report)
    # a member's names lead into the project
    page.get_by_role("button", name=re.compile("runs: list their names")).click()
    own = page.get_by_role("list", name="Runs of Runs").get_by_role("link", name="bold")
    expect(own).to_have_attribute("href", f"/local/links/runs/{runs['bold']}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this report")
    dialog.get_by_label("With the runs behind it").check()
    dialog.get_by_label("A page for each run").check()
    dialog.get_by_label("Show its console").check()
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Create link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    links = dialog.get_by_role("region", name="Links to this report")
    expect(links).to_contain_text("report with its runs and their pages and console")

    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    bodies: list[bytes] = []
    page.on(
        "response",
        lambda response: bodies.append(response.body()) if "/api/" in response.url else None,
    )
    page.goto(link)
    page.get_by_role("radio", name="Now").click()
    expect(page).to_have_url(re.compile(r"\?runs=now$"))
    page.get_by_role("button", name="2 runs: list their names").click()
    names = page.get_by_role("list", name="Runs of Runs")
    expect(names.get_by_role("link")).to_have_count(2)
    assert axe_faults(page) == []
    names.get_by_role("link", name="bold").click()
    expect(page.get_by_role("heading", name="bold", level=1)).to_be_visible()
    expect(page.get_by_role("region", name="Config")).to_contain_text("seed")
    expect(page.get_by_role("region", name="Summary")).to_contain_text("unnamed")
    expect(page.get_by_role("application", name="unnamed: 1 curve")).to_be_visible()
    expect(page.get_by_role("region", name="Console")).to_contain_text("trained")
    expect(page.get_by_role("region", name="Files")).to_have_count(0)
    assert axe_faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1600, "height": 1000})
    # back where one was, or to the beginning of the report
    page.go_back()
    expect(page.get_by_text("The runs as they are now")).to_be_visible()
    page.locator("a.report-card").click()
    expect(page.get_by_role("heading", name="calm", level=1)).to_be_visible()
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_text("As published", exact=False).first).to_be_visible()
    page.locator("a.live-value").click()
    expect(page.get_by_role("heading", name="calm", level=1)).to_be_visible()
    requests = [url for url in addresses if "/api/" in url]
    assert [url for url in requests if "/api/v1/shared/" not in url] == []
    for body in bodies:
        assert b"links" not in body
        assert b"failure" not in body
    # a run that no run set has
    page.goto(f"{link}.curves.1.{runs['failure']}")
    expect(page.get_by_text("The link does not show this run")).to_be_visible()
    page.get_by_role("link", name="Go to the report").click()
    expect(page).to_have_title("Findings · weft")
    assert link.rpartition(".")[2] not in link_server.stderr


@at_length
def test_other_sites_show_a_report_or_a_panel_if_the_server_names_them(
    page: Page, app: OpenApp, link_server: ServerProcess, report: str, site: Site
) -> None:
    address = app(link_server)
    open_stored(page, address, report)
    framed = address + share(link_server, report, may_embed=True)["path"]
    plain = address + share(link_server, report)["path"]
    site.page = "".join(
        f'<iframe name="{name}" src="{url}" width="700" height="400"></iframe>'
        for name, url in (
            ("whole", f"{framed}?theme=dark"),
            ("panel", f"{framed}?panel=curves.loss&theme=light"),
            ("plain", plain),
        )
    )
    page.goto(f"http://localhost:{site.port}/")
    whole = page.frame_locator("iframe[name=whole]")
    expect(whole.get_by_role("heading", name="Findings")).to_be_visible()
    expect(whole.locator("html")).to_have_attribute("data-theme", "dark")
    panel = page.frame_locator("iframe[name=panel]")
    expect(panel.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    expect(panel.locator("html")).to_have_attribute("data-theme", "light")
    expect(panel.get_by_role("article")).to_have_count(1)
    expect(page.frame_locator("iframe[name=plain]").get_by_role("heading")).to_have_count(0)

    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(f"http://127.0.0.1:{site.port}/")
    expect(page.frame_locator("iframe[name=whole]").get_by_role("heading")).to_have_count(0)
    assert any(re.search("frame-ancestors|refused to connect", text) for text in blocked)


@at_length
def test_a_link_ends_at_its_time(
    page: Page, app: OpenApp, link_server: ServerProcess, report: str
) -> None:
    link = share(link_server, report, days=1e-6)
    page.goto(app(link_server) + link["path"])
    expect(page.get_by_text("This link does not work")).to_be_visible()
    assert "og:title" not in httpx.get(link_server.url + link["path"]).text
