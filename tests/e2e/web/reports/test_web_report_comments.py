"""Comments on reports in the browser: two members who write to each other, and what others see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from at_length import at_length
from chart_pixels import wait_for
from sdk_script import run_script
from server_process import start_server
from web_pages import DESKTOP, axe_faults, closed_address, out_of_reach
from weft_command import run_weft

KEY_MILLIS = 15

BLOCKS = [
    {"id": "h", "kind": "heading", "level": 1, "text": [{"text": "Results"}]},
    {
        "id": "best",
        "kind": "paragraph",
        "text": [{"text": "The loss falls to a tenth, as in the paper, and then it stays there."}],
    },
    {"id": "other", "kind": "paragraph", "text": [{"text": "Another seed ends higher."}]},
    {
        "id": "curves",
        "kind": "grid",
        "runSets": {"all": {}},
        "panels": {"loss": {"kind": "line", "keys": ["loss"]}},
    },
]


def send(address: str, key: str, method: str, path: str, **body: Any) -> dict[str, Any]:
    """Send a request as the user of a key; returns the answer."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.request(method, f"{address}/api/v1{path}", headers=headers, json=body)
    return answer.raise_for_status().json()


class Lab(NamedTuple):
    """A server with a team of two members and a viewer, and a project with a published report."""

    address: str
    keys: dict[str, str]
    report: str

    def add(self, user: str, **thread: Any) -> str:
        """Begin a thread; returns its id."""
        path = f"/projects/lab/p/reports/{self.report}/comments"
        return send(self.address, self.keys[user], "POST", path, **thread)["id"]

    def open(self, page: Page, user: str, query: str = "") -> None:
        page.goto(f"{self.address}/lab/p/reports/{self.report}{query}")
        page.get_by_label("Key or token").fill(self.keys[user])
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Ablation").first).to_be_visible()


@pytest.fixture(scope="module")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("lab")
    keys = {}
    for user in ("root", "ada", "bob", "vic"):
        admin = ["--admin"] if user == "root" else []
        command = run_weft(
            "server", "user", "add", user, *admin, "--data", folder / "data", "--json"
        )
        keys[user] = command.report["api_key"]
    with start_server(folder, "--host", "0.0.0.0") as server:
        address = closed_address(server)
        members = {"root": "admin", "ada": "member", "bob": "member", "vic": "viewer"}
        send(address, keys["root"], "POST", "/teams", name="lab", members=members)
        code = """
import weft
with weft.init(entity="lab", project="p") as run:
    for step in range(10):
        run.log({"loss": 1 / (step + 1)})
"""
        settings = {"WEFT_MODE": "online", "WEFT_BASE_URL": address, "WEFT_API_KEY": keys["ada"]}
        script = run_script(folder, code, settings)
        assert script.exit_code == 0, script.stderr
        yield address, keys


@pytest.fixture
def lab(lab_server: tuple[str, dict[str, str]]) -> Lab:
    address, keys = lab_server
    reports = "/projects/lab/p/reports"
    report = send(address, keys["ada"], "POST", reports, title="Ablation", blocks=BLOCKS)["id"]
    send(address, keys["ada"], "POST", f"{reports}/{report}/publish")
    return Lab(address, keys, report)


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    """A page in the browser of another person."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce") as context:
        yield context.new_page()


def select_words(page: Page, words: str) -> None:
    """Select words of the report, where they are last."""
    page.evaluate(
        """(words) => {
          const article = document.querySelector(".report-page > article");
          const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
          const nodes = [];
          for (let node = walker.nextNode(); node; node = walker.nextNode())
            if (node.data.includes(words)) nodes.push(node);
          const node = nodes.at(-1);
          const at = node.data.lastIndexOf(words);
          document.getSelection().setBaseAndExtent(node, at, node, at + words.length);
        }""",
        words,
    )


def highlighted(page: Page) -> list[str]:
    """The texts of the page that comments are about."""
    return page.evaluate(
        """() => ["report-comment", "report-comment-selected"].flatMap(
          (name) => [...(CSS.highlights.get(name) ?? [])].map(String))"""
    )


def comments(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Comments")


def begin_on_words(page: Page, words: str, text: str) -> None:
    """Comment on words of a published report."""
    select_words(page, words)
    page.get_by_role("button", name="Comment on the selected text").click()
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    page.keyboard.type(text, delay=KEY_MILLIS)
    page.keyboard.press("Control+Enter")


def test_two_members_write_to_each_other_are_told_and_resolve(
    page: Page, other_page: Page, lab: Lab
) -> None:
    lab.open(page, "ada")
    lab.open(other_page, "bob")
    select_words(page, "as in the paper")
    page.get_by_role("button", name="Comment on the selected text").click()
    page.keyboard.type("Which one, @bo", delay=KEY_MILLIS)
    expect(page.get_by_role("option", name="bob")).to_be_visible()
    assert axe_faults(page) == []
    page.keyboard.press("Enter")
    page.keyboard.type("? <b>See</b> **table 2**", delay=KEY_MILLIS)
    page.keyboard.press("Control+Enter")
    thread = comments(page).get_by_role("article", name="Thread on “as in the paper”")
    expect(thread.get_by_text("<b>See</b>")).to_be_visible()
    expect(thread.locator("strong")).to_have_text("table 2")
    # the page of the other is told without being loaded again
    other_thread = comments(other_page).get_by_role("article", name="as in the paper")
    expect(other_thread).to_contain_text("Which one, @bob")
    wait_for(lambda: highlighted(other_page), ["as in the paper"])
    other_page.get_by_role("button", name="Notifications: 1 unread").click()
    other_page.get_by_role("link", name="ada mentioned you in Ablation").click()
    expect(other_page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
    assert "comment=" in other_page.url
    other_page.get_by_label("Reply").click()
    other_page.keyboard.type("The second one.", delay=KEY_MILLIS)
    assert axe_faults(other_page) == []
    other_page.keyboard.press("Control+Enter")
    expect(thread).to_contain_text("The second one.")
    # its thread is open, so the reply is read
    expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
    thread.get_by_role("button", name="Actions of this comment").first.click()
    page.get_by_role("menuitem", name="Edit").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Which of the two?", delay=KEY_MILLIS)
    page.get_by_role("button", name="Save").click()
    expect(other_thread).to_contain_text("Which of the two?")
    expect(other_thread).to_contain_text("edited")
    other_thread.get_by_role("button", name="Resolve this thread").click()
    expect(thread).to_contain_text("Resolved by bob")
    wait_for(lambda: highlighted(other_page), [])
    comments(other_page).get_by_role("switch", name="1 resolved").click()
    other_thread.get_by_role("button", name="Reopen this thread").click()
    expect(other_thread.get_by_role("button", name="Resolve this thread")).to_be_visible()
    page.get_by_role("navigation", name="Where you are").get_by_text("Reports").click()
    expect(page.get_by_title("1 open comment thread")).to_be_visible()


def test_a_comment_stays_at_its_text_while_it_is_edited(page: Page, lab: Lab) -> None:
    lab.open(page, "ada", "?edit=1")
    text = page.get_by_role("textbox", name="Text of the report")
    text.get_by_text("The loss falls").click()
    select_words(page, "as in the paper")
    page.get_by_role("toolbar", name="Text").get_by_role("button", name="Comment").click()
    page.keyboard.type("Which one?", delay=KEY_MILLIS)
    page.keyboard.press("Control+Enter")
    thread = comments(page).get_by_role("article", name="as in the paper")
    expect(thread).to_contain_text("Which one?")
    expect(thread).to_contain_text("Editors see it")
    # typed before it, and a split of its block: the same words are meant
    text.get_by_text("The loss falls").click()
    page.keyboard.press("Home")
    page.keyboard.type("First, as in the paper of others: ", delay=KEY_MILLIS)
    wait_for(lambda: highlighted(page), ["as in the paper"])
    assert words_before_highlight(page).endswith("falls to a tenth, ")
    select_words(page, "to a tenth, ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for(lambda: words_before_highlight(page), "")
    expect(thread).not_to_contain_text("The text was")
    select_words(page, "in the")
    page.keyboard.type("the first", delay=KEY_MILLIS)
    expect(thread).to_contain_text("The text was changed")
    page.keyboard.press("Control+z")
    expect(thread).not_to_contain_text("The text was changed")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("as in the paper, and then")).to_be_visible()
    expect(thread).to_be_visible()


def words_before_highlight(page: Page) -> str:
    """The text of its element before the first highlight."""
    return page.evaluate(
        """() => {
          const ranges = ["report-comment", "report-comment-selected"].flatMap(
            (name) => [...(CSS.highlights.get(name) ?? [])]);
          const [range] = ranges;
          return range ? range.startContainer.data.slice(0, range.startOffset) : null;
        }"""
    )


def test_a_viewer_sees_threads_for_readers_and_writes_none(page: Page, lab: Lab) -> None:
    anchor = {"block": "best", "exact": "as in the paper"}
    lab.add("bob", body="For all", anchor=anchor, audience="readers")
    lab.add("bob", body="For members", anchor=anchor)
    panel = {"block": "curves", "panel": "loss"}
    lab.add("ada", body="On the curves", anchor=panel, audience="readers")
    lab.open(page, "vic")
    expect(comments(page).get_by_role("article")).to_have_count(2)
    expect(comments(page)).not_to_contain_text("For members")
    comments(page).get_by_role("button", name="the panel loss").click()
    expect(comments(page).get_by_text("On the curves")).to_be_visible()
    for name in ("Resolve this thread", "Comment on the selected text"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_label("Reply")).to_have_count(0)
    assert axe_faults(page) == []


@at_length
def test_each_version_shows_its_threads_where_their_text_is(page: Page, lab: Lab) -> None:
    report = f"/projects/lab/p/reports/{lab.report}"
    paper = {"block": "best", "exact": "as in the paper"}
    lab.add("bob", body="Of the first", anchor=paper, audience="readers")
    newer = {"id": "newer", "kind": "paragraph", "text": [{"text": "A warmup makes it better."}]}
    blocks = [BLOCKS[0], newer, *BLOCKS[2:]]
    send(lab.address, lab.keys["ada"], "PATCH", report, blocks=blocks)
    send(lab.address, lab.keys["ada"], "POST", f"{report}/publish")
    warmup = {"block": "newer", "exact": "A warmup"}
    lab.add("bob", body="Of the second", anchor=warmup, audience="readers")
    lab.open(page, "ada")
    threads = comments(page).get_by_role("listitem")
    expect(threads.nth(0)).to_contain_text("Of the second")
    expect(threads.nth(1).get_by_role("heading")).to_have_text("Not in this version")
    expect(threads.nth(1)).to_contain_text("The text was removed")
    assert highlighted(page) == ["A warmup"]
    assert axe_faults(page) == []
    threads.nth(1).get_by_role("link", name="version 1").click()
    wait_for(lambda: highlighted(page), ["as in the paper"])
    expect(threads.nth(0)).to_contain_text("Of the first")
    expect(threads.nth(1).get_by_role("heading")).to_have_text("Not in this version")
    expect(threads.nth(1)).to_contain_text("The text is not here")
    # a comment that is written here is about this version
    page.keyboard.press("Escape")
    begin_on_words(page, "in the paper", "Still of the first")
    expect(threads).to_have_count(3)
    page.goto(f"{lab.address}/lab/p/reports/{lab.report}")
    new = comments(page).get_by_role("article", name="Thread on “in the paper”")
    expect(new).to_contain_text("on version 1")
    expect(new).to_contain_text("Editors only")


@at_length
def test_panels_and_blocks_have_comments(page: Page, lab: Lab) -> None:
    lab.open(page, "ada")
    panel = page.locator("[data-panel='curves.loss']")
    panel.hover()
    panel.get_by_role("button", name="Panel menu").click()
    page.get_by_role("menuitem", name="Comment").click()
    page.keyboard.type("Why so steep?", delay=KEY_MILLIS)
    page.keyboard.press("Control+Enter")
    thread = comments(page).get_by_role("article", name="Thread on the panel loss")
    expect(thread).to_contain_text("Why so steep?")
    page.get_by_text("Another seed").hover()
    page.get_by_role("button", name="Comment on this block").click()
    page.keyboard.type("Which one?", delay=KEY_MILLIS)
    page.keyboard.press("Control+Enter")
    block = comments(page).get_by_role("article", name="Thread on Another seed ends higher")
    expect(block).to_contain_text("Which one?")
    # without a selection it is about the whole report
    page.keyboard.press("Control+Alt+m")
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    page.keyboard.type("Good work", delay=KEY_MILLIS)
    page.keyboard.press("Control+Enter")
    whole = comments(page).get_by_role("article", name="Thread on the whole report")
    whole.get_by_role("button", name="Actions of this comment").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(comments(page).get_by_role("article")).to_have_count(2)


@at_length
def test_comments_are_a_drawer_and_on_a_phone_a_sheet(page: Page, lab: Lab) -> None:
    anchor = {"block": "best", "exact": "as in the paper"}
    thread = lab.add("bob", body="Which one?", anchor=anchor, audience="readers")
    page.set_viewport_size({"width": 1000, "height": 800})
    lab.open(page, "ada")
    expect(comments(page)).to_have_count(0)
    page.get_by_role("button", name="Comments 1 open").click()
    expect(comments(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(comments(page)).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{lab.address}/lab/p/reports/{lab.report}?comment={thread}")
    expect(comments(page).get_by_text("Which one?")).to_be_visible()
    assert axe_faults(page) == []
    assert out_of_reach(comments(page)) == []
