"""The pages of the account: the key and login at `/authorize`, and `/settings`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from at_length import at_length
from sdk_script import run_script
from server_process import ServerProcess, start_server
from web_pages import OpenApp, axe_faults, closed_address, copied
from weft.server.services.opening import open_services
from weft.server.storage.metadata.database.schema import user
from weft_command import run_weft


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, str]]:
    """A server that others reach, and the key of its user ada."""
    folder = tmp_path_factory.mktemp("shared")
    created = run_weft("server", "user", "add", "ada", "--data", folder / "data", "--json")
    run_weft("server", "user", "add", "root", "--admin", "--data", folder / "data")
    add_users(folder / "data", 2000)
    with start_server(folder, "--host", "0.0.0.0") as started:
        yield started, created.report["api_key"]


def add_users(data: Path, n: int) -> None:
    services = open_services(data, jobs=False)
    with services.stores.people.write() as tx:
        rows = [
            {
                "name": f"user{number:04}", "display_name": f"Zoe Quist {number}", "seal": "",
                "is_admin": False, "created_micros": services.stores.now(),
            }
            for number in range(n)
        ]  # fmt: skip
        tx.connection.execute(user.insert(), rows)
    services.close()


@at_length
def test_a_user_is_chosen_among_2000(page: Page, shared: tuple[ServerProcess, str]) -> None:
    server, _ = shared
    root = {"Authorization": f"Bearer {server.token}"}
    team = {"name": "lab", "members": {"root": "admin"}}
    assert httpx.post(f"{server.url}/api/v1/teams", json=team, headers=root).is_success
    page.goto(f"{closed_address(server)}/teams/lab")
    page.get_by_label("Key or token").fill(server.token)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add").click()
    field = page.get_by_role("dialog").get_by_role("combobox", name="User name")
    expect(field).to_be_focused()
    lists: list[str] = []
    page.on(
        "request",
        lambda request: lists.append(request.url) if request.url.endswith("/users") else None,
    )
    options = page.get_by_role("option")
    for key in "quist 19":
        page.keyboard.press(key)
        expect(field).to_be_focused()
    expect(field).to_have_value("quist 19")
    expect(options).to_have_count(8)
    expect(options.first).to_contain_text("Zoe Quist 19")
    page.keyboard.press("7")
    expect(options).to_have_count(8)
    expect(options.nth(1)).to_contain_text("user1970")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(field).to_have_value("user1970")
    expect(options).to_have_count(0)
    page.keyboard.press("Enter")
    members = page.get_by_role("region", name="Members")
    expect(members.get_by_role("row", name="Zoe Quist 1970")).to_be_visible()
    assert lists == []


def test_an_administrator_sees_the_key_the_server_and_its_users(
    page: Page, shared: tuple[ServerProcess, str]
) -> None:
    server, _ = shared
    address = closed_address(server)
    page.goto(f"{address}/authorize")
    page.get_by_label("Key or token").fill(server.token)
    page.keyboard.press("Enter")
    key = page.get_by_role("region", name="Key")
    expect(key.get_by_role("img", name="The key is hidden")).to_be_visible()
    expect(key).not_to_contain_text(server.token)
    expect(key).not_to_contain_text("need no key")
    assert copied(page, key.get_by_role("button", name="Copy key").click) == server.token
    key.get_by_role("button", name="Show the key").click()
    expect(key).to_contain_text(server.token)
    key.get_by_role("button", name="Hide the key").click()
    expect(key).not_to_contain_text(server.token)
    expect(page.get_by_role("region", name="Log in")).to_contain_text(
        f"weft login --host {address}"
    )
    assert axe_faults(page) == []

    page.get_by_role("button", name="Account", exact=True).click()
    page.get_by_role("menuitem", name="Settings").click()
    users = page.get_by_role("region", name="Users")
    expect(users.get_by_role("row", name="ada user")).to_be_visible()
    expect(users.get_by_role("row", name="root administrator")).to_be_visible()
    nav = page.get_by_role("navigation", name="Settings")
    nav.get_by_role("link", name="Server").click()
    expect(page.get_by_role("region", name="Server")).to_contain_text(str(server.data))
    nav.get_by_role("link", name="Appearance").click()
    page.get_by_role("radio", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@at_length
def test_an_administrator_searches_2000_users(
    page: Page, shared: tuple[ServerProcess, str]
) -> None:
    server, _ = shared
    page.goto(f"{closed_address(server)}/settings")
    page.get_by_label("Key or token").fill(server.token)
    page.keyboard.press("Enter")
    users = page.get_by_role("region", name="Users")
    expect(users).to_contain_text(re.compile(r"50 of 2,00\d"))
    search = page.get_by_role("textbox", name="Search users")
    search.press_sequentially("Quist 199")
    expect(search).to_be_focused()
    expect(users.get_by_role("row", name="Zoe Quist 199")).to_have_count(11)
    expect(users.get_by_role("button", name="Show more")).to_have_count(0)
    expect(page.get_by_role("menu")).to_have_count(0)
    assert axe_faults(page) == []  # of eleven rows: each of 250 would take as long
    search.fill("")
    users.get_by_role("button", name="Show more").click()
    expect(users).to_contain_text(re.compile(r"250 of 2,00\d"))


@at_length
def test_a_user_sees_whose_account_it_is_and_no_key_of_the_server(
    page: Page, shared: tuple[ServerProcess, str]
) -> None:
    server, ada = shared
    page.goto(f"{closed_address(server)}/settings")
    page.get_by_label("Key or token").fill(ada)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Profile")).to_contain_text("ada")
    expect(page.get_by_role("link", name="People")).to_have_count(0)
    page.goto(f"{closed_address(server)}/settings/people")
    expect(page.get_by_role("heading", name="For administrators")).to_be_visible()
    page.goto(f"{closed_address(server)}/settings/server")
    expect(page.get_by_role("region", name="Server")).not_to_contain_text(str(server.data))
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("key and login")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Keys")).to_contain_text("admin")
    expect(page.get_by_role("region", name="Log in")).to_contain_text("wandb login --host")
    expect(page.get_by_role("region", name="Key of the server")).to_have_count(0)


def test_a_user_makes_a_new_key_revokes_the_old_one_and_stays_signed_in(
    page: Page, shared: tuple[ServerProcess, str]
) -> None:
    server, _ = shared
    address = closed_address(server)
    created = run_weft("server", "user", "add", "grace", "--data", server.data, "--json")
    old = created.report["api_key"]
    page.goto(f"{address}/")
    page.get_by_label("Key or token").fill(old)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text(f"weft login --host {address}")
    page.get_by_role("link", name="Key and login").first.click()
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog", name="New key")
    dialog.get_by_label("Name").fill("gpu-node")
    page.keyboard.press("Enter")
    shown = page.get_by_role("region", name="New key")
    expect(shown.get_by_role("status")).to_contain_text("it is not shown again")
    # by styles that this page has to load itself
    expect(shown.locator(".key-line")).to_have_css("display", "flex")
    expect(dialog).to_have_count(0)
    assert axe_faults(page) == []
    new = copied(page, shown.get_by_role("button", name="Copy key").click)
    assert account_of(server, new) == "grace"
    page.get_by_role("button", name=f"Revoke {old[:10]}").click()
    question = page.get_by_role("dialog", name="Revoke the key")
    expect(question).to_contain_text("The server refuses it at once")
    question.get_by_role("button", name="Cancel").click()
    assert account_of(server, old) == "grace"
    page.get_by_role("button", name=f"Revoke {old[:10]}").click()
    question.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_role("button", name=f"Revoke {old[:10]}")).to_have_count(0)
    assert account_of(server, old) is None
    page.reload()
    keys = page.get_by_role("region", name="Keys")
    expect(keys.get_by_role("row", name="gpu-node")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(new)


def account_of(server: ServerProcess, key: str) -> str | None:
    """The account that a key belongs to; None if the server refuses it."""
    answer = httpx.get(
        f"{server.url}/api/v1/server",
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
        trust_env=False,
    )
    return answer.json().get("account")


@at_length
def test_an_address_that_says_local_names_the_entity_of_its_reader(
    page: Page, shared: tuple[ServerProcess, str], tmp_path: Path
) -> None:
    server, ada = shared
    address = closed_address(server)
    code = "import weft; weft.init(id='hers', project='p').log({'a': 1})"
    script = run_script(
        tmp_path, code, {"WEFT_MODE": "online", "WEFT_BASE_URL": address, "WEFT_API_KEY": ada}
    )
    assert script.exit_code == 0, script.stderr
    assert f"{address}/local/p/runs/hers" in script.stderr
    page.goto(f"{address}/local/p/runs/hers?tab=a%2Fb")
    page.get_by_label("Key or token").fill(ada)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/ada/p/runs/hers?tab=a%2Fb")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@at_length
def test_the_servers_own_user_is_told_that_no_key_is_needed(
    page: Page, tmp_path_factory: pytest.TempPathFactory, app: OpenApp
) -> None:
    with start_server(tmp_path_factory.mktemp("own")) as server:
        page.goto(f"{app(server)}/authorize")
        key = page.get_by_role("region", name="Key")
        expect(key).to_contain_text("on this machine need no key")
        page.goto(f"{app(server)}/settings")
        expect(page.get_by_role("region", name="Server")).to_contain_text(str(server.data))
        expect(page.get_by_role("region", name="Users")).to_have_count(0)
