"""The page of a browser that is not let in: it takes the token, or a sign-in link."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from at_length import at_length
from server_process import ServerProcess
from web_pages import axe_faults, closed_address, type_text
from weft_command import run_weft


def test_a_second_person_signs_in_with_the_token(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/?view=projects")
    heading = page.get_by_role("heading", name="Sign in")
    expect(heading).to_be_visible()
    type_text(page, "wrong")  # the field has the focus
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Wrong key or token")
    assert axe_faults(page) == []

    type_text(page, closed.token)
    page.get_by_role("button", name="Sign in").click()
    # The app appears at the address that was asked for, and stays open.
    expect(heading).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/\?view=projects$"))
    expect(page.get_by_role("navigation").get_by_role("heading", name="Projects")).to_be_visible()
    page.reload()
    expect(page.get_by_role("navigation").get_by_role("heading", name="Projects")).to_be_visible()


@at_length
def test_links_in_a_chat_on_the_web_open_the_page(page: Page, closed: ServerProcess) -> None:
    key = {"WEFT_API_KEY": closed.token}
    shown = run_weft("status", "--base-url", closed_address(closed), env=key).stdout
    link = shown.rpartition(" ")[2].strip()
    links = (
        f'<a href="{link}">sign in</a> <a href="{closed_address(closed)}/?view=projects">look</a>'
    )
    page.route("http://chat.example/", lambda route: route.fulfill(
        body=links, content_type="text/html"
    ))  # fmt: skip
    page.goto("http://chat.example/")
    page.get_by_role("link", name="sign in").click()
    expect(page.get_by_role("link", name="Projects", exact=True)).to_be_visible()
    page.goto("http://chat.example/")
    page.get_by_role("link", name="look").click()
    expect(page.get_by_role("navigation").get_by_role("heading", name="Projects")).to_be_visible()


def test_a_sign_in_link_lets_one_browser_in(page: Page, closed: ServerProcess) -> None:
    key = {"WEFT_API_KEY": closed.token}
    shown = run_weft("status", "--base-url", closed_address(closed), env=key).stdout
    link = shown.rpartition(" ")[2].strip()
    page.goto(link)
    expect(page).to_have_url(f"{closed_address(closed)}/")
    expect(page.get_by_role("link", name="Projects", exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
