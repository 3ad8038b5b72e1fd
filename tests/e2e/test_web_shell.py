"""Around all pages of the web app: palette, theme, home, projects, and where nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from server_process import ServerProcess, start_server
from web_pages import OpenApp, plot, run_script

RUNS = """
import weft
for i in range(3):
    run = weft.init(project="street", name=f"run-{i}", id=f"street{i:02}")
    run.define_metric("val/acc", summary="max", goal="maximize")
    for step in range(50):
        run.log({"train/loss": 1 / (step + 1), "val/acc": step / 50 + i / 100})
    run.finish(exit_code=i % 2)
weft.init(project="aside", entity="team", name="only-one").log({"loss": 1})
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        assert run_script(started, RUNS).wait(120) == 0
        yield started


def test_the_palette_finds_a_run_and_a_metric(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    field = page.get_by_role("combobox", name="Search or jump to")
    options = page.get_by_role("option")

    page.keyboard.press("Control+k")
    field.fill("run-1")
    # the run itself, not yet there when the offer to search for its name is
    expect(options.first).to_have_text(re.compile("^run-1"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()
    expect(page).to_have_url(re.compile("/runs/street01$"))

    page.keyboard.press("Control+k")
    field.fill("ain/lo")
    expect(options.first).to_contain_text("train/loss")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Full screen")).to_contain_text("train/loss")
    expect(field).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/runs/street01/charts$"))

    page.keyboard.press("Control+k")
    field.fill("only")
    expect(options.first).to_contain_text("only-one")
    expect(options.first).to_contain_text("aside")
    field.fill("no-such-thing")
    expect(options).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/local/street.*q=no-such-thing"))


def test_theme_and_run_colours_last(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(app(server))
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "light")
    menu = page.get_by_role("button", name="Theme and run colours")
    menu.click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    menu.click()
    page.get_by_role("menuitemradio", name="Colour-blind-safe").click()
    page.reload()
    expect(html).to_have_attribute("data-theme", "dark")
    expect(html).to_have_attribute("data-palette", "safe")

    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("theme system")
    page.keyboard.press("Enter")
    expect(html).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-theme", "dark")


def test_home_leads_to_what_ran_and_how_it_ended(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(app(server))
    failed = page.get_by_role("row", name=re.compile("run-1"))
    expect(failed).to_contain_text("exit code 1")
    expect(failed).to_contain_text("0.9900")
    projects = page.get_by_role("region", name="Projects")
    expect(projects.get_by_role("img", name="3 runs in 21 days")).to_be_visible()
    projects.get_by_role("button", name="Keep aside at the top").click()
    page.reload()
    expect(projects.get_by_role("link", name="team / aside")).to_be_visible()
    expect(projects.locator(".it").first).to_contain_text("aside")
    failed.get_by_role("link", name="run-1").click()
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()


def test_a_project_is_found_made_and_says_how_to_fill_it(
    page: Page, context: BrowserContext, server: ServerProcess, app: OpenApp
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(app(server))
    page.get_by_role("link", name="Projects", exact=True).click()
    rows = page.get_by_role("row")
    best = rows.filter(has_text="street")
    expect(best).to_contain_text(re.compile(r"val/acc\s*max\s*1\.0000\s*run-2"))
    page.get_by_role("textbox", name="Search projects").fill("team asi")
    expect(rows).to_have_count(2)

    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog", name="New project")
    dialog.get_by_role("textbox", name="Name").fill("no/slash")
    dialog.get_by_role("textbox", name="Entity").fill("team")
    dialog.get_by_role("button", name="Make project").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("textbox", name="Name").fill("fresh")
    dialog.get_by_role("button", name="Make project").click()

    expect(page.get_by_role("heading", name="No runs in fresh yet")).to_be_visible()
    expect(page.get_by_text(f"WEFT_BASE_URL={app(server)}")).to_be_visible()
    page.get_by_role("region", name="Python").get_by_role("button", name="Copy").click()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.startswith("import weft\n")
    assert run_script(server, copied.replace("loss}", "1}")).wait(60) == 0
    expect(plot(page, "loss")).to_be_visible()


def test_without_a_server_pages_say_so_and_come_back(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.route("**/api/v1/**", lambda route: route.abort())
    page.goto(app(server))
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The server does not answer", timeout=15_000)
    page.unroute("**/api/v1/**")
    problem.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("row", name=re.compile("run-1"))).to_be_visible()


def test_pages_that_are_not_there_lead_on(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/a/b/c/d/e")
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    page.get_by_role("link", name="Go to Home").click()
    expect(page.get_by_role("region", name="Recent")).to_be_visible()

    # a part of the app that is gone: the server has a newer version since the page was opened
    page.route("**/run-page*", lambda route: route.abort())
    page.get_by_role("link", name="run-1").click()
    expect(page.get_by_role("alert")).to_contain_text("newer version")
    page.unroute("**/run-page*")
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()


def test_the_sheet_of_shortcuts_opens_by_one(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Shortcuts")
    expect(sheet).to_contain_text("Search panels")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
