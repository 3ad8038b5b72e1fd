"""The registry in the app: link a version, promote it, who moved what, roles, unlink."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import weft
from at_length import at_length
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

SCRIPT = """
import pathlib, weft
with weft.init(id="train", name="train-1") as run:
    for at in range(3):
        net = weft.Artifact("net", "model", metadata={"accuracy": 0.9 + at / 100})
        with net.new_file("weights.txt") as file:
            file.write(str(at))
        if at:
            run.log_artifact(net).wait(60)
        else:
            run.link_artifact(net, "model/digits", ["staging"]).wait(60)
    run.link_artifact(net, "typo/digits")
"""


@pytest.fixture(autouse=True)
def versions(own_server: ServerProcess, tmp_path: Path) -> None:
    """The versions of `SCRIPT`, which each test links and promotes otherwise."""
    settings = {"WEFT_BASE_URL": own_server.url, "WEFT_PROJECT": "digits"}
    run_well(tmp_path, SCRIPT, {**own_server.environment, **settings, "WEFT_MODE": "online"})


def test_a_version_is_linked_promoted_and_unlinked(
    page: Page, app: OpenApp, own_server: ServerProcess
) -> None:
    page.goto(f"{app(own_server)}/local/digits/artifacts/model/net/v2")
    version = page.get_by_role("region", name="net:v2")
    version.get_by_role("button", name="Link", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Collection").fill("DIG")
    page.get_by_role("option", name="digits").click()
    expect(dialog).to_contain_text("It has 1 version.")
    dialog.get_by_role("combobox", name="Aliases").fill("staging")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("staging leaves v0")
    dialog.get_by_role("button", name="Link", exact=True).click()

    expect(page).to_have_url(re.compile("/registry/model/artifacts/model/digits$"))
    rows = page.get_by_role("table", name="Versions").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text(re.compile("v1.*latest.*staging.*local/digits/net:v2"))
    stages = page.get_by_role("table", name="Stages")
    expect(stages).to_contain_text(re.compile("staging.*v1.*local/digits/net:v2.*by local"))
    history = page.get_by_role("table", name="History").get_by_role("row")
    expect(history.nth(0)).to_contain_text(re.compile("staging.*v0 → v1.*by local"))
    expect(history.nth(1)).to_contain_text("v1 linked to local/digits/net:v2")
    expect(history.nth(2)).to_contain_text(re.compile("staging.*added to v0.*by run train"))

    rows.nth(2).get_by_role("button", name="Add an alias").click()
    page.keyboard.type("production")
    page.keyboard.press("Enter")
    expect(stages).to_contain_text(re.compile("production.*v0"))
    # another person promotes meanwhile
    api = weft.Api(own_server.url, api_key=own_server.token)
    api.artifact("registry/model/digits:v1").aliases = ["latest", "production", "staging"]
    rows.nth(2).get_by_role("button", name="Remove the alias production").click()
    expect(page.get_by_text("is at v1 by now, not at v0")).to_be_visible()

    rows.nth(1).get_by_role("link", name="v1", exact=True).click()
    linked = page.get_by_role("region", name="digits:v1")
    facts = linked.get_by_role("region", name="Version", exact=True)
    expect(facts).to_contain_text("local/digits/net:v2")
    expect(linked.get_by_role("region", name="Use it")).to_contain_text(
        'use_artifact("registry/model/digits:v1")'
    )
    linked.get_by_role("tab", name="Files").click()
    expect(linked.get_by_text("weights.txt").first).to_be_visible()
    linked.get_by_role("tab", name="Lineage").click()
    graph = page.get_by_role("region", name="Lineage", exact=True)
    expect(graph.get_by_role("link", name="net:v2")).to_have_attribute("data-on", "true")
    linked.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("dialog")).to_contain_text("No version is production, staging then")
    page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
    expect(rows).to_have_count(2)
    expect(history.nth(0)).to_contain_text("v1 unlinked from local/digits/net:v2")


@at_length
def test_a_version_and_a_run_say_where_they_are_linked(
    page: Page, app: OpenApp, own_server: ServerProcess
) -> None:
    page.goto(f"{app(own_server)}/local/digits/artifacts/model/net/v0")
    card = page.get_by_role("region", name="Links")
    expect(card).to_contain_text(re.compile("model/digits:v0.*latest.*staging"))
    expect(page.get_by_role("region", name="Version", exact=True)).to_contain_text(
        "while a link points to it"
    )
    card.get_by_role("link").click()
    expect(page.get_by_role("region", name="digits:v0")).to_be_visible()
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text(
        re.compile("Registry.*model.*digits:v0")
    )
    page.goto(f"{app(own_server)}/local/digits/runs/train/artifacts")
    links = page.get_by_role("table", name="Linked")
    expect(links).to_contain_text(re.compile("model/digits:v0.*staging"))
    expect(links).to_contain_text("not linked: no registry 'typo'")


@at_length
def test_registries_are_made_and_roles_given(
    page: Page, app: OpenApp, own_server: ServerProcess
) -> None:
    page.goto(app(own_server))
    page.get_by_role("link", name="Registry").click()
    page.get_by_role("button", name="New").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("speech")
    dialog.get_by_role("textbox", name="Description").fill("What speaks")
    dialog.get_by_role("button", name="Make registry").click()
    region = page.get_by_role("region", name="speech", exact=True).last
    expect(region).to_contain_text("What speaks")
    expect(region).to_contain_text("Nothing is linked here yet")
    access = page.get_by_role("region", name="Access")
    access.get_by_role("combobox", name="Protected aliases").fill("production")
    page.keyboard.press("Enter")
    expect(access.get_by_role("button", name="Remove tag production")).to_be_visible()
    access.get_by_role("button", name=re.compile("Role of all users")).click()
    page.get_by_role("menuitemradio", name="Viewer").click()
    expect(access.get_by_role("button", name="Role of all users: Viewer")).to_be_visible()
    user = access.get_by_role("textbox", name="Add a user: its name")
    user.fill("none")
    user.press("Enter")
    expect(page.get_by_text("no user 'none'")).to_be_visible()
    access.get_by_role("button", name=re.compile("Who sees the registry")).click()
    page.get_by_role("menuitemradio", name="Its members and teams").click()
    restricted = "Who sees the registry: Its members and teams"
    expect(access.get_by_role("button", name=restricted)).to_be_visible()
    expect(access).not_to_contain_text("All users")
    page.get_by_role("navigation", name="Registries").get_by_role("link", name="model").click()
    collections = page.get_by_role("table", name="Collections")
    expect(collections).to_contain_text(re.compile("digits.*model.*staging.*v0.*1"))
    assert axe_faults(page) == []
