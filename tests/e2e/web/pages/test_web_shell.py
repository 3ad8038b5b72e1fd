"""Around all pages of the web app: palette, theme, home, projects, and where nothing is."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from at_length import at_length, case_at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from web_pages import (
    DESKTOP,
    OpenApp,
    axe_faults,
    copied,
    hold,
    out_of_reach,
    outside,
    plot,
    run_script,
)

RUNS = """
import weft
for i in range(3):
    run = weft.init(project="street", name=f"run-{i}", id=f"street{i:02}")
    run.define_metric("val/acc", summary="max", goal="maximize")
    for step in range(50):
        run.log({"train/loss": 1 / (step + 1), "val/acc": step / 50 + i / 100})
    run.finish(exit_code=i % 2)
for i in range(4):
    run = weft.init(project="drift", name=f"drift-{i}")
    if i < 3:
        run.define_metric("score", summary="max", goal="maximize")
    run.log({"score": 0.5 - i / 10})
    run.finish()
weft.init(project="aside", entity="team", name="only-one").log({"loss": 1})
"""

KEY_MILLIS = 20


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


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
    expect(options).to_have_text([re.compile("^Show runs"), re.compile("^Search documents")])
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/local/street.*q=no-such-thing"))


@at_length
def test_what_is_typed_while_the_palette_loads_is_in_its_field(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    load_palette = hold(page, "**/palette*")
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    page.keyboard.press("p")
    panels = page.get_by_role("textbox", name="Search panels")
    expect(panels).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("rum", delay=40)
    page.keyboard.press("Backspace")
    page.keyboard.type("n-1", delay=40)
    page.keyboard.press("Enter")
    expect(panels).to_have_value("")
    load_palette()
    expect(page).to_have_url(re.compile("/runs/street01$"))


@at_length
def test_enter_in_the_palette_waits_for_what_is_found(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    find_metrics = hold(page, "**/metrics?*search=*")
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or jump to")).to_be_focused()
    page.keyboard.type("val/acc")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option").first).to_contain_text("Show runs whose name has")
    find_metrics()
    expect(page.get_by_role("dialog", name="Full screen")).to_contain_text("val/acc")


@at_length
def test_enter_in_the_palette_waits_for_the_projects(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    list_projects = hold(page, re.compile("/api/v1/projects$"))
    page.goto(app(server))
    expect(page.get_by_role("navigation").first).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or jump to")).to_be_focused()
    page.keyboard.type("aside")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Looking")).to_be_visible()
    list_projects()
    expect(page).to_have_url(f"{app(server)}/team/aside")


@at_length
def test_what_is_marked_in_the_palette_stays_marked_as_more_is_found(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    find_metrics = hold(page, "**/metrics?*search=*")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or jump to")).to_be_focused()
    page.keyboard.type("trash")
    marked = page.get_by_role("option", selected=True)
    page.get_by_role("option", name="Trash of projects").hover()
    expect(marked).to_contain_text("Trash of projects")
    find_metrics()
    expect(marked).to_contain_text("Trash of projects")


@at_length
def test_theme_and_run_colours_last(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(app(server))
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "light")
    menu = page.get_by_role("button", name="Theme and run colors")
    menu.click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    menu.click()
    page.get_by_role("menuitemradio", name="Color-blind-safe").click()
    expect(html).to_have_attribute("data-palette", "safe")
    page.reload()
    expect(page.get_by_role("region", name="Recent")).to_be_visible()
    expect(html).to_have_attribute("data-theme", "dark")
    expect(html).to_have_attribute("data-palette", "safe")

    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("theme system")
    expect(page.get_by_role("option").first).to_contain_text("Theme of the system")
    page.keyboard.press("Enter")
    expect(html).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-theme", "dark")


@at_length
def test_pages_ask_for_their_runs_early_and_once(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    requests: list[tuple[str, str | None]] = []
    page.on(
        "request",
        lambda request: requests.append((request.url.partition("/api/v1")[2], request.post_data)),
    )
    # pages request their runs before a script is loaded, and scripts don't repeat the requests
    page.route("**/*.js", lambda route: route.abort())
    with page.expect_request("**/runs?limit=30"):
        page.goto(app(server))
    with page.expect_request(re.compile(r"/metrics/names\?runs=")):
        page.goto(f"{app(server)}/local/street")
    page.unroute("**/*.js")
    requests.clear()
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "val/acc")).to_be_visible()
    of_list = [(path, body) for path, body in requests if re.search(r"/(query|names)\b", path)]
    assert len(of_list) == len(set(of_list)) > 5
    requests.clear()
    page.goto(app(server))
    expect(page.get_by_role("row", name=re.compile("run-1"))).to_contain_text("exit code 1")
    of_runs = [path for path, _ in requests if "/runs?" in path]
    assert len(of_runs) == len(set(of_runs))


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


@at_length
def test_the_list_of_projects_names_the_best_run_by_a_goal_or_by_a_metrics_name(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/?view=projects")
    for project, metric, value, run in (
        ("street", "val/acc max", "1", "run-2"),
        ("aside", "loss min", "1", "only-one"),
    ):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=project))
        expect(row.locator(".key-name")).to_have_text(metric)
        expect(row.locator(".best")).to_have_text(value)
        expect(row.get_by_role("link", name=run)).to_be_visible()


def test_a_project_is_found_made_and_says_how_to_fill_it(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(app(server))
    page.get_by_role("link", name="Projects", exact=True).click()
    rows = page.get_by_role("row")
    best = rows.filter(has_text="street")
    expect(best).to_contain_text(re.compile(r"val/acc\s*max\s*1\s*run-2"))
    # the newest run defines no goal: what the others are after counts
    drift = rows.filter(has_text="drift")
    expect(drift).to_contain_text(re.compile(r"score\s*max\s*0\.5000\s*drift-0"))
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
    button = page.get_by_role("region", name="Python").get_by_role("button", name="Copy")
    script = copied(page, button.click)
    assert script.startswith("import weft\n")
    assert run_script(server, script.replace("loss}", "1}")).wait(120) == 0
    expect(plot(page, "loss")).to_be_visible()


@at_length
def test_a_project_made_early_is_of_the_first_entity_and_leads_nobody_away(
    page: Page, app: OpenApp, tmp_path: Path
) -> None:
    with start_server(tmp_path / "own") as server:
        for name in ("one", "two"):
            httpx.put(f"{server.url}/api/v1/projects/team/{name}", json={}).raise_for_status()
        list_projects = hold(page, re.compile("/api/v1/projects$"))
        page.goto(f"{app(server)}/?view=projects")
        page.get_by_role("button", name="New project").click()
        dialog = page.get_by_role("dialog", name="New project")
        dialog.get_by_role("textbox", name="Name").fill("early")
        dialog.get_by_role("button", name="Make project").click()
        list_projects()
        expect(page).to_have_url(f"{app(server)}/team/early")
        # who gives up before it is made stays
        page.goto(f"{app(server)}/?view=projects")
        page.get_by_role("button", name="New project").click()
        dialog.get_by_role("textbox", name="Name").fill("late")
        make = hold(page, "**/projects/team/late")
        dialog.get_by_role("button", name="Make project").click()
        expect(dialog.get_by_role("button", name="Make project")).to_be_disabled()
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_have_count(0)
        make()
        expect(page.get_by_role("link", name="late")).to_be_visible()
        expect(page).to_have_url(re.compile("view=projects"))


@at_length
def test_without_a_server_pages_say_so_and_come_back(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.route("**/api/v1/**", lambda route: route.abort())
    page.goto(app(server))
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The server does not answer")
    page.unroute("**/api/v1/**")
    problem.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("row", name=re.compile("run-1"))).to_be_visible()


@at_length
def test_pages_that_are_not_there_lead_on(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/a/b/c/d/e")
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    expect(page).to_have_title("No such page · b · weft")
    page.get_by_role("link", name="Go to Home").click()
    expect(page.get_by_role("region", name="Recent")).to_be_visible()

    # a part of the app that is gone: the server has a newer version since the page was opened
    page.route("**/run-page*", lambda route: route.abort())
    page.get_by_role("link", name="run-1").click()
    expect(page.get_by_role("alert")).to_contain_text("newer version")
    page.unroute("**/run-page*")
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()


@at_length
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


@at_length
def test_keys_lead_between_the_pages_of_a_project(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street")
    expect(page.locator(".rh .badge")).to_have_text("3 / 3")
    page.keyboard.press("/")
    page.keyboard.type("run-", delay=KEY_MILLIS)
    page.keyboard.press("ArrowDown")
    runs = page.get_by_role("treegrid", name="Runs")
    expect(runs).to_be_focused()
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("run-2")
    for key, way, name in (
        ("j", "Older run", "run-1"),
        ("k", "Newer run", "run-2"),
    ):
        expect(page.get_by_role("link", name=way)).to_be_visible()
        page.keyboard.press(key)
        expect(heading).to_have_text(name)
    page.keyboard.press("t")
    expect(page.get_by_role("toolbar", name="Runs table")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("run-1", delay=KEY_MILLIS)
    expect(page).to_have_url(re.compile("q=run-1"))
    page.keyboard.press("ArrowDown")
    expect(runs).to_be_focused()
    # the workspace has the same view
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile(r"/local/street\?.*q=run-1"))
    expect(page.locator(".rh .badge")).to_have_text("1 / 1")


@pytest.mark.parametrize("path", ["street", case_at_length("street/runs")])
@at_length
def test_keys_open_filter_and_groups_and_stay_in_fields_and_windows(
    page: Page, server: ServerProcess, app: OpenApp, path: str
) -> None:
    page.goto(f"{app(server)}/local/{path}")
    filters = page.get_by_role("dialog", name="Filter")
    groups = page.get_by_role("dialog", name="Group")
    expect(page.get_by_role("treegrid", name="Runs").get_by_text("run-2")).to_be_visible()
    for key, window, text in (("f", filters, "gtw"), ("g", groups, "fwt")):
        page.keyboard.press(key)
        field = window.get_by_role("combobox").first
        expect(field).to_be_focused()
        page.keyboard.type(text, delay=KEY_MILLIS)
        expect(field).to_have_value(text)
        expect(page.get_by_role("dialog")).to_have_count(1)
        # first what the field offers, then the window
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(window).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("fgtw", delay=KEY_MILLIS)
    expect(page.get_by_role("textbox", name="Search runs")).to_have_value("fgtw")
    expect(filters.or_(groups)).to_have_count(0)
    assert urlsplit(page.url).path == f"/local/{path}"


@at_length
def test_the_pages_keys_rest_while_a_panel_is_in_full_screen(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street?full=auto:train%2Floss")
    full = page.get_by_role("dialog", name="Full screen")
    expect(full.get_by_role("button", name="Next panel")).to_be_enabled()
    page.keyboard.type("tfg", delay=KEY_MILLIS)
    page.keyboard.press("ArrowRight")
    expect(full).to_contain_text("val/acc")
    assert urlsplit(page.url).path == "/local/street"
    expect(page.get_by_role("dialog")).to_have_count(1)


@at_length
def test_the_runs_list_folds_by_itself_on_a_narrow_page_and_elsewhere_by_a_key(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 960, "height": 800})  # 1440 px at 150 %
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    show = page.get_by_role("button", name="Show the runs list")
    search = page.get_by_role("textbox", name="Search runs")
    expect(show).to_be_visible()
    expect(search).to_have_count(0)
    expect(page.get_by_role("slider", name="Smoothing")).to_be_visible()
    expect(page.get_by_role("button", name="X axis As defined")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("run-1", delay=20)
    expect(search).to_have_value("run-1")
    expect(page).to_have_url(re.compile("q=run-1"))
    page.reload()
    expect(search).to_have_value("run-1")
    page.get_by_role("button", name="Hide the runs list").click()
    expect(search).to_have_count(0)

    page.set_viewport_size(DESKTOP)
    expect(search).to_be_visible()
    page.keyboard.press("[")
    expect(show).to_be_visible()
    expect(page).to_have_url(re.compile("q=run-1"))
    page.reload()
    expect(show).to_be_visible()
    show.click()
    expect(search).to_have_value("run-1")
    # the keys of its windows open it, too
    page.keyboard.press("[")
    expect(search).to_have_count(0)
    page.keyboard.press("f")
    expect(page.get_by_role("dialog", name="Filter")).to_be_visible()
    expect(search).to_be_visible()


@at_length
def test_the_toolbar_keeps_everything_beside_an_open_list_on_a_narrow_page(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 960, "height": 800})
    page.goto(f"{app(server)}/local/street")
    expect(plot(page, "train/loss")).to_be_visible()
    page.get_by_role("button", name="Show the runs list").click()
    expect(page.get_by_role("textbox", name="Search runs")).to_be_visible()
    toolbar = page.get_by_role("toolbar", name="Workspace")
    for width in (960, 700):
        page.set_viewport_size({"width": width, "height": 800})
        expect(toolbar.get_by_role("slider", name="Smoothing")).to_be_visible()
        expect(toolbar.locator("output")).to_be_visible()
        expect(toolbar.get_by_role("button", name="X axis As defined")).to_be_visible()
        expect(toolbar.locator(".views-btn .val")).to_be_visible()
        expect(toolbar.get_by_role("button", name="Add panel")).to_be_visible()
        wait_until(
            lambda: out_of_reach(toolbar) + outside(page) == [],
            what=f"all of the toolbar in {width} px",
        )


def test_a_zoom_moves_nothing_in_the_toolbar(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{app(server)}/local/street")
    toolbar = page.get_by_role("toolbar", name="Workspace")
    expect(plot(page, "train/loss")).to_be_visible()
    unzoom = toolbar.get_by_role("button", name="Reset zoom")
    expect(unzoom).to_have_count(0)

    def lefts() -> list[float]:
        """Of all parts but the button that comes and the free room before it."""
        return toolbar.evaluate(
            """(bar) => [...bar.children]
                .filter((part) => !part.matches(".unzoom, .grow"))
                .map((part) => part.getBoundingClientRect().left)"""
        )

    before = lefts()
    page.goto(f"{app(server)}/local/street?zoom=*step:1:3")
    expect(unzoom).to_be_visible()
    expect(plot(page, "train/loss")).to_be_visible()
    assert lefts() == pytest.approx(before, abs=1.5)


def test_a_page_in_a_shared_context_refuses_a_clock(page: Page) -> None:
    with pytest.raises(AssertionError, match="own_context"):
        page.clock.install()


@at_length
@pytest.mark.usefixtures("own_context")
def test_the_top_bar_tells_of_a_directory_that_is_not_read(
    page: Page, app: OpenApp, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    log = HandMadeLog()
    log.keys("x")
    log.rows([[1]])
    path = work / "weft/run-20260101_000000-run1/run-run1.writer1.weft"
    path.parent.mkdir(parents=True)
    path.write_bytes(log.data)
    bar = page.get_by_role("banner")
    status = bar.get_by_role("status").filter(has_text=re.compile("unreadable|not read"))
    page.clock.install()
    with start_server(tmp_path, str(work), command="ui") as server:

        def look_again() -> None:
            """The server searches the directory, and the page asks it earlier than by itself."""
            httpx.post(f"{server.url}/api/v1/server/catch-up", timeout=30)
            page.clock.fast_forward(6_000)

        page.goto(f"{app(server)}/local/p")
        expect(page.locator(".run-row")).to_have_count(1)
        expect(status).to_have_count(0)

        path.write_bytes(b"rubbish")
        look_again()
        expect(status).to_have_text("1 unreadable file")
        expect(status).to_have_attribute("title", re.compile(re.escape(str(path))))
        assert axe_faults(page, "document.querySelector('header.top')") == []

        work.rename(tmp_path / "away")
        look_again()
        expect(status).to_have_text("Directory not read")
        expect(status).to_have_attribute("title", re.compile(re.escape(str(work))))
        expect(page.locator(".run-row")).to_have_count(1)


LONG_NAME = """
import weft
name = "two-tower-amazon-books-d128-l3-neg100-lr1e-3-seed2-rerun"
with weft.init(project="recsys", name=name) as run:
    run.log({"loss": 1})
"""


@at_length
def test_the_project_of_a_run_with_a_long_name_is_whole_on_a_narrow_page(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = app(server)
    assert run_script(server, LONG_NAME).wait(120) == 0
    path = f"{server.url}/api/v1/projects/local/recsys/runs/query"
    [row] = httpx.post(path, json={"columns": []}).raise_for_status().json()["rows"]
    page.set_viewport_size({"width": 960, "height": 640})
    page.goto(f"{address}/local/recsys/runs/{row['id']}")
    project = page.get_by_role("navigation", name="Where you are").get_by_text(
        "recsys", exact=True
    )
    expect(project).to_be_visible()
    assert project.evaluate("({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth")
