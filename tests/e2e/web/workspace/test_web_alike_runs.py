"""Runs and groups that are alike: told apart everywhere, by the same names and colors."""

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

def train(name, emb, neg, **names):
    config = {"emb": emb, "neg": neg}
    with weft.init(project="towers", name=name, config=config, **names) as run:
        for step in range(4):
            run.log({"loss": emb / (step + neg), "gap": float("nan") if emb == 512 else neg})
        if names.get("id") == "rerun1":
            run.log({"weights": weft.Histogram([0.1 * i for i in range(100)])})

for emb in (64, 128, 256, 512):
    for neg in (1, 4, 16, 64):
        train(f"two-tower-v3-emb{emb}-neg{neg}-lr1e-3-seed1", emb, neg)
for seed in (1, 2):
    train(f"two-tower-v3-emb256-neg16-lr1e-3-rerun-seed{seed}", 256, 16, id=f"rerun{seed}")
train("two-tower-v3-emb64-neg1-lr1e-3-seed1", 64, 1, id="second")
"""
GROUPED = "group=config.emb,config.neg"


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    assert run_script(server, SCRIPT).wait(120) == 0


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def painted_names(area: Locator) -> list[str]:
    return area.locator(".mid").evaluate_all(
        """all => all.filter((name) => name.checkVisibility()).map((name) =>
            name.querySelector(".mid-seen").dataset.text
            || name.querySelector(".mid-text").textContent
        )"""
    )


def colors_of(swatches: Locator, style: str) -> list[str]:
    return swatches.evaluate_all(
        "(all, style) => all.map((swatch) => getComputedStyle(swatch)[style])", style
    )


def test_groups_by_two_keys_have_the_colors_of_the_list_in_charts(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/towers?{GROUPED}")
    squares = page.locator(".list .run-row .sw-dot.square")
    expect(squares).to_have_count(16)
    panel = page.locator("[data-metric='loss']")
    panel.get_by_role("button", name=re.compile("more: ")).click()
    entries = page.locator(".legend.all .swatch")
    expect(entries).to_have_count(16)
    wait_until(
        lambda: colors_of(entries, "color") == colors_of(squares, "backgroundColor"),
        what="the colors of the list in the legend",
    )
    assert len(set(colors_of(entries, "color"))) == 16


def test_runs_of_one_name_have_their_ids_in_list_table_and_charts(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/towers?q=emb64-neg1-")
    shown = page.locator(".list .mid-text")
    expect(shown).to_have_count(2)
    expect(shown.first).to_have_text("two-tower-v3-emb64-neg1-lr1e-3-seed1 (second)")
    in_legend = page.locator("[data-metric='loss'] .legend .mid-text")
    expect(in_legend.first).to_have_text("two-tower-v3-emb64-neg1-lr1e-3-seed1 (second)")
    page.goto(f"{app(server)}/local/towers/runs?q=emb64-neg1-")
    expect(page.locator(".rt-pins .mid-text").first).to_have_text(re.compile(r"\(second\)$"))


@at_length
def test_a_group_whose_runs_have_no_number_shows_nan_in_list_and_table(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = f"{app(server)}/local/towers"
    grouped = "group=config.emb&sort=-summary.gap"
    page.goto(f"{address}?{grouped}")
    group = page.locator(".list .run-row.g").filter(has_text="512")
    expect(group.locator(".num").first).to_have_text("NaN")
    page.goto(f"{address}/runs?{grouped}")
    row = page.locator(".rt-row:not(.pin)").filter(has_text="NaN")
    pinned = page.locator(".rt-row.pin").filter(has_text="NaN")
    wait_until(lambda: row.count() + pinned.count() == 1, what="the group with NaN")


@at_length
def test_names_are_on_two_lines_of_a_phones_list_and_three_of_compared_heads(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/local/towers?q=rerun")
    phone.locator(".strip-text").click()
    area = phone.locator(".list")
    expect(area.locator(".mid-text")).to_have_count(2)
    wait_until(lambda: len(set(painted_names(area))) == 2)
    assert all("rerun-seed" in name for name in painted_names(area))
    phone.goto(f"{app(server)}/local/towers/compare?ids=rerun1,rerun2")
    heads = phone.locator(".cmp-row.head")
    expect(heads.locator(".mid-text")).to_have_count(2)
    wait_until(lambda: [name[-1] for name in painted_names(heads)] == ["1", "2"])
    for name in heads.locator(".mid").all():
        inside = name.evaluate(
            """name => {
                const seen = name.querySelector(".mid-seen");
                return seen.scrollHeight <= name.clientHeight + 1;
            }"""
        )
        assert inside


def test_runs_of_a_group_have_its_color_in_the_list_and_in_panels_of_single_runs(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/towers?{GROUPED}")
    rows = page.locator(".list .run-row")
    group = rows.filter(has=page.locator(".sw-dot.square")).nth(10)
    square = group.locator(".sw-dot")
    # the list and its panels have come
    expect(page.locator("[data-kind='histogram'] .sw-dot")).to_be_visible()
    group.get_by_role("button", name=re.compile("^Open ")).click()
    inside = page.locator(".list .run-row .sw-dot.round")
    expect(inside).to_have_count(3)
    wait_until(
        lambda: colors_of(inside, "backgroundColor") == 3 * colors_of(square, "backgroundColor"),
        what="runs in the color of their group",
    )
    dot = page.locator("[data-kind='histogram'] .sw-dot")
    wait_until(
        lambda: colors_of(dot, "backgroundColor") == colors_of(square, "backgroundColor"),
        what="the run of a histogram in the color of its group",
    )
