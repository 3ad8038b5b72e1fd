"""Names of runs, values, keys and texts where there is little room: none looks like another."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from at_length import at_length
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, run_script

SCRIPT = """
import weft

names = [
    f"{algorithm}-{environment}-lr{lr}-seed{7 + (i + j + k) % 3}"
    for i, algorithm in enumerate(("ppo", "sac", "td3"))
    for j, environment in enumerate(("walker2d", "humanoid-standup", "halfcheetah"))
    for k, lr in enumerate(("1e-4", "3e-4"))
]
for i, name in enumerate(names):
    with weft.init(project="robots", id=f"r{i:02}", name=name, config={"lr": 3e-4}) as run:
        run.log({"rollout/ep_rew_mean": 4384.5801 - 10 * i, "rollout/ep_len_mean": 200.5 + i})
        if i == len(names) - 1:
            words = "stuff it into you his belly counselled him"
            table = weft.Table(columns=["id", "reference", "prediction", "wer"])
            for row in range(30):
                table.add_data(f"utt-{row:04}", f"{words} {row}", f"{words} for {row}", row / 30)
            run.log({"val/transcripts": table})
"""
SEEDS = """
import weft

for i in range(6):
    name = f"two-tower-{('gru4rec', 'sasrec')[i % 2]}-d{64 << i // 2}-lr1e-4-neg50-seed{i}"
    with weft.init(project="seeds", name=name) as run:
        for step in range(30000):
            run.log({"loss": 1000 / (step + 100) + step % 7 / 100 + i})
"""
MARKED = """
import weft

names = (
    "llama-410m-bs512-lr6e-4-cosine-s2",
    "llama-410m-bs512-lr1e-3-wsd-mixB-s1",
    "llama-1b-bs2048-lr6e-4-wsd-qknorm-s1 BEST",
)
for name in names:
    with weft.init(project="marked", name=name, config={"lr": 6e-4}) as run:
        for step in range(3):
            run.log({"loss": 1 / (step + 1)})
"""
N_RUNS = 18
SORTED = "sort=-summary.rollout%2Fep_rew_mean,-summary.rollout%2Fep_len_mean"
SIZES = [(1440, 900), (960, 600), (390, 844)]


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    assert run_script(server, SCRIPT).wait(120) == 0
    assert run_script(server, SEEDS).wait(120) == 0
    assert run_script(server, MARKED).wait(120) == 0


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def seen_names(area: Locator) -> list[str]:
    """Names as they are painted, of those that are at least partly in view."""
    return area.locator(".mid").evaluate_all(
        """all => all.filter((name) => name.checkVisibility()).map((name) =>
            name.querySelector(".mid-seen").dataset.text
            || name.querySelector(".mid-text").textContent
        )"""
    )


def cut_cells(cells: Locator) -> list[str]:
    """Texts that are wider than their cells."""
    return cells.evaluate_all(
        """all => all.filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
            .map((cell) => cell.textContent)"""
    )


def open_list(page: Page) -> Locator:
    """The list of runs, which is folded on a narrow page."""
    expect(page.locator(".runs")).to_be_visible()
    if page.locator(".strip-text").is_visible():
        page.locator(".strip-text").click()
    rows = page.locator(".list .run-row")
    expect(rows.first).to_be_visible()
    return page.locator(".list")


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow", "phone"])
def test_a_sorted_list_tells_runs_apart_and_shows_whole_values(
    size: tuple[int, int], page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{app(server)}/local/robots?{SORTED}")
    area = open_list(page)
    rows = area.locator(".run-row")
    wait_until(lambda: "4,384.6" in rows.first.inner_text())
    # names are cut anew when the columns have their widths
    wait_until(lambda: len(set(seen_names(area))) == rows.count() > 8)
    # both keys are there, each to its last digit
    values = area.locator(".run-row > .num")
    expect(values.nth(0)).to_have_text("4,384.6")
    expect(values.nth(1)).to_have_text("200.50")
    assert cut_cells(values) == []
    in_view = values.nth(1).evaluate("cell => cell.getBoundingClientRect().right <= innerWidth")
    assert in_view


def test_a_cut_name_is_shown_whole_under_the_pointer_and_at_the_row_of_the_keyboard(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/robots?{SORTED}")
    area = open_list(page)
    names = area.locator(".mid[data-cut]")
    expect(names.nth(2)).to_be_visible()
    tip = page.locator(".hover-tip")
    whole = names.nth(2).locator(".mid-text").inner_text()
    names.nth(2).hover()
    expect(tip).to_have_text(whole)
    page.mouse.move(900, 10)
    expect(tip).to_have_count(0)
    area.focus()
    page.keyboard.press("ArrowDown")
    current = area.get_attribute("aria-activedescendant")
    name = page.locator(f"#{current} .mid-text").inner_text()
    expect(tip).to_have_text(name)


@pytest.mark.parametrize("size", SIZES[:2], ids=["wide", "narrow"])
def test_names_beside_a_chart_in_full_screen_hold_still_under_the_pointer(
    size: tuple[int, int], page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{app(server)}/local/seeds")
    panel = page.locator("[data-metric='loss']")
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    values = page.get_by_role("group", name="Values")
    expect(values.locator("th.extreme")).to_have_text("Curve min")
    wait_until(lambda: len(set(seen_names(values))) == 6)
    plot = page.locator(".full .plot").first.bounding_box()
    assert plot is not None
    before = sorted(seen_names(values))
    for part in (0.3, 0.6):
        page.mouse.move(plot["x"] + part * plot["width"], plot["y"] + plot["height"] / 2)
        expect(values.locator("th.extreme")).to_have_text("Low – high")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert sorted(seen_names(values)) == before


def test_the_table_of_runs_has_whole_names_where_there_is_room(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{app(server)}/local/robots/runs?q=walker2d")
    pins = page.locator(".rt-pins")
    expect(pins.locator(".mid-text").first).to_have_text(re.compile("walker2d"))
    wait_until(lambda: len(seen_names(pins)) == 6)
    assert [name for name in seen_names(pins) if "…" in name] == []
    # longer names of another search have room, too
    page.get_by_role("textbox", name="Search runs").fill("standup")
    expect(pins.locator(".mid-text").first).to_have_text(re.compile("standup"))
    wait_until(lambda: [name for name in seen_names(pins) if "…" in name] == [])
    assert len(seen_names(pins)) == 6


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow", "phone"])
def test_runs_to_compare_with_are_offered_by_whole_names(
    size: tuple[int, int], page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{app(server)}/local/robots/compare?ids=r00")
    page.get_by_role("button", name="Add run").click()
    page.get_by_role("combobox", name="Name of the run").fill("humanoid")
    options = page.get_by_role("listbox", name="Name of the run")
    expect(options.get_by_role("option")).to_have_count(6)
    wait_until(
        lambda: [name for name in seen_names(options) if "humanoid-standup" not in name] == []
    )
    assert len(set(seen_names(options))) == 6


def test_sort_keys_and_filtered_columns_are_whole_on_a_phone(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/local/robots?{SORTED}&filter=summary.rollout%2Fep_rew_mean+%3E+1")
    open_list(phone)
    phone.get_by_role("button", name="Sort", exact=False).first.click()
    keys = phone.get_by_role("list", name="Sort keys, first one first")
    expect(keys.get_by_role("listitem")).to_have_count(2)
    wait_until(lambda: seen_names(keys) == ["rollout/ep_rew_mean", "rollout/ep_len_mean"])
    assert cut_cells(keys.locator(".mid")) == []
    phone.keyboard.press("Escape")
    phone.get_by_role("button", name="Filter", exact=False).first.click()
    column = phone.get_by_role("combobox", name="Column")
    expect(column).to_have_value("rollout/ep_rew_mean")
    assert cut_cells(column) == []


def transcripts(page: Page, address: str) -> Locator:
    page.goto(f"{address}/local/robots?p=transcripts")
    table = page.get_by_role("table", name="val/transcripts")
    expect(table.get_by_role("row").nth(3)).to_be_visible()
    return table


def shown_letters(cell: Locator) -> int:
    """Letters of a text before the line at which its cell ends."""
    return cell.locator(".tbl-text").evaluate(
        """(text) => {
            const range = document.createRange();
            const { bottom, right } = text.getBoundingClientRect();
            const node = text.firstChild;
            let n = 0;
            for (; n < node.length; n++) {
                range.setStart(node, n);
                range.setEnd(node, n + 1);
                const letter = range.getBoundingClientRect();
                if (letter.bottom > bottom + 1 || letter.right > right + 1) break;
            }
            return n;
        }"""
    )


def test_long_texts_of_a_table_have_two_lines_and_a_number_after_them_is_in_view(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    table = transcripts(page, app(server))
    cells = table.get_by_role("row").nth(1).get_by_role("cell")
    expect(cells.nth(1)).to_contain_text("stuff it into you")
    for text in (cells.nth(1), cells.nth(2)):
        wait_until(lambda text=text: shown_letters(text) >= 30)
    frame = page.locator(".tbl").bounding_box()
    number = cells.nth(3).bounding_box()
    assert frame is not None
    assert number is not None
    assert number["x"] + number["width"] <= frame["x"] + frame["width"] + 1


@at_length
def test_the_tools_of_a_table_have_room_in_its_panel_on_a_phone(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    transcripts(phone, app(server))
    tools = phone.locator(".tbl-tools").first
    expect(tools.get_by_role("textbox", name="Search rows")).to_be_visible()
    assert tools.evaluate("tools => tools.scrollWidth <= tools.clientWidth")
    search = tools.get_by_role("textbox", name="Search rows").bounding_box()
    assert search is not None
    assert search["width"] > 80
    # what the panel has no room for is in full screen
    expect(phone.get_by_role("button", name="Group by nothing")).to_have_count(0)
    phone.get_by_role("button", name=re.compile("full screen", re.I)).first.click()
    expect(phone.get_by_role("button", name="Group by nothing")).to_be_visible()


def test_a_narrow_legend_keeps_the_mark_behind_a_name_and_what_names_differ_in(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 960, "height": 600})
    page.goto(f"{app(server)}/local/marked")
    legend = page.get_by_role("region", name="Panels").locator(".legend").first
    expect(legend.locator(".mid").first).to_be_visible()
    names = seen_names(legend)
    assert any(re.search("1b.*BEST$", name) for name in names), names
    assert all(name.startswith(("llama", "…")) for name in names), names
    cut = legend.locator(".mid[data-cut]").first
    cut.hover()
    expect(page.locator(".hover-tip")).to_have_text(re.compile("^llama-(1b|410m)-"))


def test_a_phone_reaches_views_from_the_list_of_runs(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/local/marked")
    open_list(phone)
    phone.get_by_role("region", name="Runs").get_by_role(
        "button", name=re.compile("^View: ")
    ).tap()
    expect(phone.get_by_role("menuitem", name="Save as new view")).to_be_visible()
