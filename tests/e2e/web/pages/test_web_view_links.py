"""Addresses of a workspace and its table: followed where they are opened, and filters for now."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from at_length import at_length
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, go_in_app, keep_messages, run_script
from weft_command import run_weft

RUNS = """
import weft
for arch in ("cnn", "mlp"):
    for seed in (1, 2):
        config = {"arch": arch, "seed": seed}
        with weft.init(project="p", name=f"{arch}-{seed}", config=config, tags=[arch]) as run:
            run.log({"loss": seed})
"""

LIVE = """
import pathlib, sys, time, weft
with weft.init(project="p", name="live") as run:
    while not pathlib.Path(sys.argv[1]).exists():
        run.log({"loss": 1})
        time.sleep(0.1)
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


def default_document(server: ServerProcess) -> dict[str, object]:
    document: dict[str, object] = httpx.get(
        f"{server.url}/api/v1/projects/local/p/views/default"
    ).json()["document"]
    return document


def expect_groups(page: Page, *keys: str) -> None:
    """Wait until the address has just these group keys."""
    expect(page).to_have_url(re.compile("[?&]group=" + "%2C".join(map(re.escape, keys)) + "(&|$)"))


def view_button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^View: {name}"))


def group_by(page: Page, server: ServerProcess, key: str, *, after: list[str]) -> None:
    """Add a group key, and wait until the address and the server have it."""
    page.locator(".rh").get_by_role("button", name=re.compile("^Group")).click()
    page.get_by_role("combobox", name="Add a group key").fill(key)
    page.get_by_role("option", name=f"config.{key}").click()
    page.keyboard.press("Escape")
    keys = [*after, f"config.{key}"]
    expect_groups(page, *keys)
    wait_until(lambda: default_document(server).get("groupBy") == keys, what="a saved view")


@at_length
def test_an_address_noted_earlier_in_the_same_tab_is_followed(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/p")
    group_by(page, server, "arch", after=[])
    noted = page.url
    group_by(page, server, "seed", after=["config.arch"])
    latest = page.url

    page.goto(noted)
    expect(view_button(page, "From a link")).to_be_visible()
    expect_groups(page, "config.arch")
    page.reload()
    expect(view_button(page, "From a link")).to_be_visible()
    expect_groups(page, "config.arch")
    # the default view is as it was left
    assert default_document(server)["groupBy"] == ["config.arch", "config.seed"]

    page.go_back()
    expect(view_button(page, "Default view")).to_be_visible()
    assert page.url == latest
    page.go_forward()
    expect(view_button(page, "From a link")).to_be_visible()
    expect_groups(page, "config.arch")
    # the address of the default view as it is opens the default view
    page.goto(latest)
    expect(view_button(page, "Default view")).to_be_visible()
    expect_groups(page, "config.arch", "config.seed")


@at_length
def test_the_pill_of_running_runs_filters_for_now(
    browser: Browser, page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    rows = page.locator(".run-row")
    script = run_script(server, LIVE, str(tmp_path / "end"))
    try:
        page.goto(f"{app(server)}/local/p")
        before = default_document(server)
        expect(rows).to_have_count(5)
        page.get_by_role("button", name="1 running").click()
        expect(rows).to_have_count(1)
        chip = page.get_by_role("group", name="Filter for now")
        expect(chip).to_contain_text("for now")
        expect(chip).to_have_attribute("title", re.compile("not saved in your view"))
        # also in the table, and after a reload: it is part of the address
        page.get_by_role("link", name="Runs", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="1 of 5 runs")).to_be_visible()
        expect(chip).to_be_visible()
        page.reload()
        expect(chip).to_be_visible()
        page.get_by_role("link", name="Workspace", exact=True).click()
        expect(rows).to_have_count(1)
    finally:
        (tmp_path / "end").touch()
        assert script.wait(120) == 0

    # the run ended: the page says why it is empty, and what to do
    expect(page.get_by_text("The filter for now,")).to_be_visible()
    # another browser, and this one when it comes again, list all runs
    context = browser.new_context()
    other = context.new_page()
    keep_messages(other)
    other.goto(f"{app(server)}/local/p")
    expect(other.locator(".run-row")).to_have_count(5)
    context.close()
    page.get_by_role("link", name="Home", exact=True).first.click()
    page.goto(f"{app(server)}/local/p")
    expect(rows).to_have_count(5)
    expect(page.get_by_role("group", name="Filter for now")).to_have_count(0)

    # nothing of it was saved, and an export takes nothing along
    assert default_document(server) == before
    archive = tmp_path / "p.zip"
    run_weft("export", "p", archive, "--base-url", server.url)
    with zipfile.ZipFile(archive) as stored:
        texts = [stored.read(name) for name in stored.namelist()]
    assert not any(b'state = \\"running' in text or b"passing" in text for text in texts)


@at_length
def test_a_filter_of_a_link_keeps_the_readers_view_and_is_kept_on_request(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/p")
    group_by(page, server, "seed", after=[])
    run = httpx.get(f"{server.url}/api/v1/projects/local/p/runs?filter=name = cnn-1").json()
    go_in_app(page, f"{app(server)}/local/p/runs/{run['runs'][0]['id']}")
    page.get_by_role("link", name="cnn", exact=True).click()
    expect(page).to_have_url(re.compile("/local/p/runs[?]"))
    chip = page.get_by_role("group", name="Filter for now")
    expect(chip).to_contain_text("cnn")
    expect(view_button(page, "Default view")).to_be_visible()
    expect(
        page.get_by_role("status").filter(has_text=re.compile("2 of [0-9]+ runs"))
    ).to_be_visible()
    expect_groups(page, "config.seed")
    assert "filter" not in default_document(server)

    chip.get_by_role("button", name="Keep").click()
    expect(chip).to_have_count(0)
    wait_until(lambda: "filter" in default_document(server), what="the filter in the saved view")
    assert default_document(server)["filter"] == 'tags has "cnn"'
