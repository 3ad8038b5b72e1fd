"""The documents in the web app: found, read, searched, without a sign-in."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from at_length import at_length
from server_process import ServerProcess, wait_until
from web_pages import (
    SMALLEST,
    Theme,
    axe_faults,
    closed_address,
    copied,
    hold,
    in_both_themes,
    outside,
)


def scroll_top(page: Page) -> float:
    return float(page.locator(".doc").evaluate("one => one.scrollTop"))


def is_at_top(page: Page, heading: str) -> bool:
    """Whether a heading is where one begins to read."""
    box = page.locator(".doc").get_by_role("heading", name=heading, exact=True).bounding_box()
    return box is not None and 40 < box["y"] < 140


def expect_at_top(page: Page, heading: str) -> None:
    title = page.locator(".doc").get_by_role("heading", name=heading, exact=True)
    expect(title).to_be_focused()
    wait_until(lambda: is_at_top(page, heading), what=f"{heading} at the top")


@in_both_themes
def test_who_may_not_see_the_server_reads_its_documents(
    page: Page, closed: ServerProcess, theme: Theme
) -> None:
    page.set_viewport_size(SMALLEST)
    page.goto(closed_address(closed))
    page.get_by_role("link", name="Who may see a server").click()
    expect_at_top(page, "Who may see it")
    assert httpx.get(f"{closed_address(closed)}/docs/guide/server.md").text.startswith("# ")
    assert httpx.get(f"{closed_address(closed)}/api/v1/projects").status_code == 401
    expect(page.get_by_role("main")).to_contain_text("The token is the text of the file")
    assert axe_faults(page) == []
    assert outside(page) == []

    page.get_by_role("link", name="The web app", exact=True).click()
    picture = page.get_by_role("img", name=re.compile("^Home:"))
    expect(picture).to_have_attribute("src", re.compile(f"/docs/images/home-{theme}-"))
    picture.scroll_into_view_if_needed()
    wait_until(lambda: picture.evaluate("one => one.naturalWidth > 0"), what="the picture")
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_attribute("href", "/")


@at_length
def test_links_headings_and_the_way_back(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs/client")
    text = page.get_by_role("main")
    outline = page.get_by_role("navigation", name="On this page")
    outline.get_by_role("link", name="summary", exact=True).click()
    expect(page).to_have_url(re.compile("/docs/client#summary$"))
    expect_at_top(page, "summary")
    expect(outline.locator("[aria-current]")).to_have_text(["summary"])
    expect(page).to_have_title("The client · Documents · weft")

    first_code = text.locator("pre").first
    first_code.scroll_into_view_if_needed()
    code = copied(page, text.get_by_role("button", name="Copy this code").first.click)
    assert code.startswith("make wheel\n")

    # a link to a heading of another document, then back to where the text was left
    link = text.get_by_role("link", name="set-ups", exact=True).first
    link.scroll_into_view_if_needed()
    left_at = scroll_top(page)
    link.click()
    expect(page).to_have_url(re.compile("/docs/set-ups"))
    listed = page.get_by_role("navigation", name="Documents", exact=True)
    expect(listed.locator("[aria-current]")).to_have_text(["Set-ups"])
    expect(page.get_by_role("heading", name="Set-ups", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="The client", level=1)).to_be_attached()
    wait_until(
        lambda: abs(scroll_top(page) - left_at) < 2, what="the place where the text was left"
    )

    # scripts that a document links are there, too
    script = text.get_by_role("link", name="examples/resume.py").get_attribute("href")
    assert httpx.get(str(script)).text.startswith('"""')


@at_length
def test_a_search_finds_a_section_by_keys_alone(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs")
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    page.keyboard.press("/")
    field = page.get_by_role("textbox", name="Search documents")
    expect(field).to_be_focused()
    page.keyboard.type("preemption sigterm zzz", delay=20)
    expect(page.get_by_text("No document has preemption sigterm zzz")).to_be_visible()
    for _ in " sigterm zzz":
        page.keyboard.press("Backspace")
    results = page.get_by_role("region", name="What was found").get_by_role("link")
    expect(results.first).to_contain_text(re.compile("preemption", re.IGNORECASE))
    page.keyboard.press("ArrowDown")
    expect(results.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.keyboard.type("who may see it", delay=20)
    expect(results.first).to_contain_text("Who may see it")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/docs/server#who-may-see-it$"))
    wait_until(lambda: is_at_top(page, "Who may see it"), what="the section that was found")


@at_length
def test_an_arrow_in_the_search_waits_for_the_list_of_what_was_typed(
    page: Page, closed: ServerProcess
) -> None:
    page.goto(f"{closed_address(closed)}/docs")
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    read_server = hold(page, re.compile(r"/docs/.*server\.md$"))
    field = page.get_by_role("textbox", name="Search documents")
    field.fill("who may see it")
    results = page.get_by_role("region", name="What was found").get_by_role("link")
    expect(page.get_by_label("Reading the documents")).to_be_visible()
    field.press("ArrowDown")
    expect(field).to_be_focused()
    read_server()
    expect(results.first).to_contain_text("Who may see it")
    expect(results.first).to_be_focused()


@at_length
def test_enter_in_the_search_waits_for_all_documents(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs")
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    read_server = hold(page, re.compile(r"/docs/.*server\.md$"))
    field = page.get_by_role("textbox", name="Search documents")
    field.fill("who may see it")
    field.press("Enter")
    read_server()
    expect(page).to_have_url(re.compile("/docs/server#who-may-see-it$"))


@at_length
def test_the_palette_and_the_rail_lead_to_documents(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs/no-such-one")
    expect(page.get_by_role("alert")).to_contain_text("There is no document no-such-one")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").press_sequentially("filt", delay=20)
    expect(page.get_by_role("option", name=re.compile("^Filters"))).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Filters"), level=1)).to_be_visible()
    page.get_by_role("navigation", name="Help").get_by_role("link", name="Docs").click()
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    # the other pages are not for who has no token
    expect(page.get_by_text("You are not signed in")).to_be_visible()
    page.get_by_role("link", name="Projects", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page).to_have_url(f"{closed_address(closed)}/?view=projects")


@at_length
def test_an_address_without_a_page_says_so_in_its_title(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs/guide/web")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("There is no document guide/web")
    expect(page).to_have_title("No such document · Documents · weft")
    problem.get_by_role("link", name="All documents").click()
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    expect(page).to_have_title("Documents · weft")


@at_length
def test_a_document_that_could_not_be_read_is_asked_for_again(
    page: Page, closed: ServerProcess
) -> None:
    page.route("**/docs/guide/charts.md", lambda route: route.fulfill(status=404))
    page.goto(f"{closed_address(closed)}/docs/charts")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The document could not be read")
    page.unroute("**/docs/guide/charts.md")
    problem.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name=re.compile("^Charts"), level=1)).to_be_visible()


@at_length
@pytest.mark.parametrize("viewport", [ViewportSize(width=390, height=844)], indirect=True)
def test_on_a_phone_the_list_of_documents_folds_away(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs/server")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_be_visible()
    text = page.get_by_role("article").bounding_box()
    assert text is not None
    assert text["width"] > 280
    inside = page.get_by_role("navigation", name="Documents")
    entry = inside.get_by_role("link", name="Filters", exact=True)
    expect(entry).to_be_hidden()
    inside.get_by_role("button", name="All documents").click()
    expect(entry).to_be_visible()
    assert axe_faults(page) == []
    entry.click()
    expect(page).to_have_url(re.compile("/docs/filters$"))
    expect(entry).to_be_hidden()
    inside.get_by_role("textbox", name="Search documents").fill("who may see it")
    expect(
        inside.get_by_role("link", name=re.compile("Who may see it", re.I)).first
    ).to_be_visible()


@at_length
def test_the_palette_finds_text_in_documents(page: Page, closed: ServerProcess) -> None:
    page.goto(f"{closed_address(closed)}/docs")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").fill("docker")
    palette = page.get_by_role("dialog")
    results = palette.get_by_role("group", name="In the text of documents").get_by_role("option")
    expect(results.first).to_be_visible()
    palette.get_by_role("option", name="Search documents for docker").click()
    expect(page).to_have_url(re.compile("/docs[?]find=docker$"))
    field = page.get_by_role("textbox", name="Search documents")
    expect(field).to_have_value("docker")
    expect(
        page.get_by_role("region", name="What was found").get_by_role("link").first
    ).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/docs", 200),
        ("/docs/", 200),
        ("/docs/server", 200),
        ("/docs/server/", 200),
        ("/docs/0021-documents", 200),
        ("/docs/nothing", 404),
        ("/docs/README", 404),
        ("/docs/guide/server", 404),
    ],
)
def test_the_page_of_an_unknown_document_is_a_404(
    closed: ServerProcess, path: str, status: int
) -> None:
    answer = httpx.get(f"{closed_address(closed)}{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
