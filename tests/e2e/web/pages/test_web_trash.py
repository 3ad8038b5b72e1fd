"""The trash pages: deleted runs and projects are found, restored and deleted permanently."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults
from weft_command import run_weft


@pytest.fixture(autouse=True)
def runs(own_client: httpx.Client) -> None:
    """Three runs each of projects `p` and `q`."""
    for project in ("p", "q"):
        for run in ("run1", "run2", "run3"):
            log = HandMadeLog(run=f"{project}{run}", project=project)
            log.keys("loss")
            log.rows([[0.5]])
            log.upload(own_client).raise_for_status()


API = "/api/v1"


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def test_a_deleted_run_is_restored_or_deleted_from_the_trash(
    page: Page, own_server: ServerProcess, own_client: httpx.Client, app: OpenApp
) -> None:
    names = [
        own_client.get(f"{API}/projects/local/p/runs/prun{n}").json()["name"] for n in (1, 2, 3)
    ]
    own_client.delete(f"{API}/projects/local/p/runs/prun1").raise_for_status()
    own_client.delete(f"{API}/projects/local/p/runs/prun2").raise_for_status()
    page.goto(f"{app(own_server)}/local/p")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Trash").click()
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="2 runs")).to_be_visible()
    assert axe_faults(page) == []

    page.get_by_role("button", name=f"Restore {names[0]}").click()
    expect(row(page, names[0])).to_have_count(0)
    assert own_client.get(f"{API}/projects/local/p/runs/prun1").status_code == 200

    page.get_by_role("button", name=f"Delete now: {names[1]}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(row(page, names[1])).to_have_count(1)
    page.get_by_role("button", name=f"Delete now: {names[1]}").click()
    dialog.get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert own_client.get(f"{API}/projects/local/p/trash").json()["total"] == 0

    views = f"{API}/projects/local/p/views"
    new = {"kind": "shared", "name": "for the paper", "document": {"x": 1}}
    view = own_client.post(views, json=new).raise_for_status().json()
    own_client.delete(f"{views}/{view['id']}").raise_for_status()
    page.reload()
    expect(page.get_by_role("status").filter(has_text="1 view")).to_be_visible()
    assert axe_faults(page) == []
    page.get_by_role("button", name="Restore for the paper").click()
    expect(page.get_by_text("for the paper is restored")).to_be_visible()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert own_client.get(f"{views}/{view['id']}").json()["document"] == {"x": 1}


@at_length
def test_locked_runs_are_marked_and_stay(
    page: Page, own_server: ServerProcess, own_client: httpx.Client, app: OpenApp
) -> None:
    runs = f"{API}/projects/local/p/runs"
    names = [own_client.get(f"{runs}/prun{n}").json()["name"] for n in (1, 2, 3)]
    page.goto(f"{app(own_server)}/local/p/runs")
    page.get_by_role("button", name=f"More about {names[0]}").click()
    page.get_by_role("menuitem", name="Lock", exact=True).click()
    lock = page.get_by_role("img", name=re.compile(r"^Locked, .*: it can't be deleted$"))
    expect(row(page, names[0]).locator(lock)).to_have_count(1)
    for name in names[:2]:
        page.get_by_role("checkbox", name=f"Select {name}").click()
    bar = page.get_by_role("toolbar", name="Selected runs")
    expect(bar.get_by_role("button", name="Lock", exact=True)).to_be_visible()
    bar.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 1 of 2 runs?")
    expect(dialog.get_by_role("list", name="Locked")).to_contain_text(names[0])
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Delete 1 run").click()
    expect(page.get_by_text(f"1 run in the trash; not {names[0]}")).to_be_visible()
    assert [own_client.get(f"{runs}/prun{n}").status_code for n in (1, 2)] == [200, 410]

    page.get_by_role("checkbox", name=f"Select {names[2]}").click()
    bar.get_by_role("button", name="Lock", exact=True).click()
    expect(bar.get_by_role("button", name="Unlock", exact=True)).to_be_visible()
    done = run_weft(
        "unlock", "p/prun3", "--base-url", own_server.url, env={"WEFT_API_KEY": own_server.token}
    )
    assert done.stdout == "p/prun3 is not locked\n", done.stderr

    page.goto(f"{app(own_server)}/?view=projects")
    page.get_by_role("button", name="More of p", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="local/p can't be deleted")
    expect(dialog).to_contain_text("It has 1 locked run.")
    expect(dialog.get_by_role("list", name="Locked")).to_contain_text(names[0])
    dialog.get_by_role("button", name="Close").last.click()
    assert own_client.get(f"{API}/projects/local/p").status_code == 200

    page.goto(f"{app(own_server)}/local/p/runs/prun1")
    expect(lock).to_have_count(1)
    page.get_by_role("button", name="More of this run").click()
    delete = page.get_by_role("menuitem", name=re.compile("^Delete.*locked by"))
    expect(delete).to_be_disabled()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").fill("unlock")
    page.get_by_role("option", name="Unlock this run").click()
    expect(lock).to_have_count(0)
    assert own_client.get(f"{runs}/prun1").json()["locked_by"] is None
    assert own_client.delete(f"{runs}/prun1").status_code == 204


@at_length
def test_ctrl_z_restores_what_was_deleted_last(
    page: Page, own_server: ServerProcess, own_client: httpx.Client, app: OpenApp
) -> None:
    name = own_client.get(f"{API}/projects/local/p/runs/prun3").json()["name"]
    page.goto(f"{app(own_server)}/local/p/runs/prun3")
    page.get_by_role("button", name="More of this run").click()
    page.get_by_role("menuitem", name="Delete").click()
    # the page itself says so, too, once it hears of it
    expect(page.locator(".toast").get_by_text(f"{name} is in the trash")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page).to_have_url(f"{app(own_server)}/local/p/runs/prun3")
    run = f"{API}/projects/local/p/runs/prun3"
    wait_until(lambda: own_client.get(run).status_code == 200, what="the run is back")

    page.goto(f"{app(own_server)}/?view=projects")
    page.get_by_role("button", name="More of q").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("local/q is in the trash with 3 runs")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("local/q is restored")).to_be_visible()
    assert own_client.get(f"{API}/projects/local/q").status_code == 200


@at_length
@pytest.mark.usefixtures("own_context")
def test_a_message_stays_while_the_pointer_is_on_it(
    page: Page, own_server: ServerProcess, own_client: httpx.Client, app: OpenApp
) -> None:
    page.clock.install()
    page.goto(f"{app(own_server)}/?view=projects")
    page.get_by_role("button", name="More of q").click()
    page.get_by_role("menuitem", name="Delete").click()
    message = page.get_by_text("local/q is in the trash with 3 runs")
    message.hover()
    page.clock.run_for(60_000)
    expect(message).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    restored = page.get_by_text("local/q is restored")
    expect(restored).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(60_000)
    expect(restored).to_have_count(0)
    assert own_client.get(f"{API}/projects/local/q").status_code == 200


@at_length
def test_a_deleted_project_is_restored_from_the_trash_of_projects(
    page: Page, own_server: ServerProcess, own_client: httpx.Client, app: OpenApp
) -> None:
    own_client.delete(f"{API}/projects/local/q").raise_for_status()
    page.goto(app(own_server))
    expect(page.get_by_role("link", name="Projects", exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").fill("trash")
    page.get_by_role("option", name="Trash of projects").click()
    expect(row(page, "local/q")).to_contain_text("3")
    page.get_by_role("button", name="Restore local/q").click()
    expect(page.get_by_text("No deleted projects")).to_be_visible()
    assert own_client.get(f"{API}/projects/local/q").json()["n_runs"] == 3

    own_client.delete(f"{API}/projects/local/q").raise_for_status()
    page.reload()
    page.get_by_role("button", name="Empty trash").click()
    page.get_by_role("dialog").get_by_role("button", name="Empty trash").click()
    expect(page.get_by_text("No deleted projects")).to_be_visible()
    assert own_client.get(f"{API}/trash").json()["projects"] == []
