"""Reports in the app: the list, a report as it is read, its panels, publishing."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
for i in range(3):
    with weft.init(project="p", name=f"run-{i}", config={"lr": [0.1, 0.1, 0.2][i]}) as run:
        for step in range(20):
            run.log({"loss": (i + 1) / (step + 1), "acc": step / 20 + i / 100})
"""

PAPER = "https://example.org/paper"

MARKDOWN = r"""About $x^2$, from $5 to $7:

$$
\hat{y} = Wx
$$
"""


def paragraph(*pieces: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    text = [{"text": piece} if isinstance(piece, str) else piece for piece in pieces]
    return {"kind": "paragraph", "text": text, **more}


def blocks_of(run: str) -> list[dict[str, Any]]:
    """Blocks with a value of a run, and two grids, of which the second is far below."""
    value = {"kind": "value", "run": f"local/p/{run}", "key": "summary.acc", "format": 3}
    lost = {**value, "run": "local/p/nowhere1"}
    low = {"name": "Low", "filter": "config.lr = 0.1", "groupBy": ["config.lr"]}
    high = {"name": "High", "filter": "config.lr = 0.2"}
    return [
        {"id": "h", "kind": "heading", "level": 1, "text": [{"text": "Results"}]},
        paragraph("It reaches ", value, ", not ", lost, ", as ", id="p"),
        {"id": "paper", **paragraph({"text": "the paper", "link": PAPER})},
        {
            "id": "curves",
            "kind": "grid",
            "runSets": {"low": low, "high": high},
            "runSetOrder": ["low", "high"],
            "panels": {
                "loss": {"kind": "line", "keys": ["loss"], "span": 6},
                "best": {"kind": "bar", "keys": ["acc"], "span": 6},
                "late": {"kind": "hologram"},
            },
            "panelOrder": ["loss", "best"],
        },
        {"id": "code", "kind": "code", "language": "python", "code": "import weft  # tracks"},
        *[paragraph(f"{i}" + 40 * "\n", id=f"filler-{i}") for i in range(6)],
        {"id": "end", "kind": "heading", "level": 2, "text": [{"text": "The end"}]},
        {
            "id": "last",
            "kind": "grid",
            "runSets": {"one": {"name": "One", "selection": {"base": "none", "on": [run]}}},
            "panels": {"acc": {"kind": "line", "keys": ["acc"], "span": 12}},
        },
        {"id": "later", "kind": "gallery", "links": []},
    ]


@pytest.fixture(scope="module")
def run(server: ServerProcess) -> str:
    """The id of the newest of the runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0
    body = {"columns": ["id"], "limit": 1}
    rows = httpx.post(f"{server.url}/api/v1/projects/local/p/runs/query", json=body).json()["rows"]
    return rows[0]["id"]


@pytest.fixture(scope="module")
def reports(server: ServerProcess) -> str:
    """The address of the project's reports in the API."""
    return f"{server.url}/api/v1/projects/local/p/reports"


def create(reports: str, title: str, blocks: list[dict[str, Any]]) -> str:
    body = {"title": title, "description": f"About {title}", "blocks": blocks}
    return httpx.post(reports, json=body).raise_for_status().json()["id"]


def test_a_draft_is_listed_read_and_published(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    report = create(reports, "Ablation", blocks_of(run))
    page.goto(f"{app(server)}/local/p")
    page.get_by_role("link", name="Reports", exact=True).click()
    row = page.get_by_role("table", name="Reports").get_by_role("row", name="Ablation")
    expect(row).to_contain_text(re.compile("About Ablation.*Draft"))
    assert axe_faults(page) == []
    row.get_by_role("link", name="Ablation").click()

    expect(page).to_have_url(re.compile(f"/local/p/reports/{report}$"))
    expect(page.get_by_role("heading", name="Ablation", level=1)).to_be_visible()
    expect(page.get_by_text("Not published: only editors see it")).to_be_visible()
    value = page.get_by_role("link", name="0.970")
    expect(value).to_have_attribute("title", re.compile("acc of run-2, local/p"))
    expect(page.get_by_text("no run")).to_have_attribute("title", re.compile("deleted"))
    expect(page.get_by_role("link", name="the paper")).to_have_attribute("href", PAPER)

    # of a draft, too, its panels show the runs
    expect(page.get_by_role("application", name="loss: 3 curves")).to_be_visible()
    sets = page.get_by_role("list", name="Run sets").first
    expect(sets.get_by_role("listitem")).to_have_text(
        [re.compile("Low.*2 runs.*lr is 0.1.*grouped by lr"), re.compile("High.*1 run.*lr is 0.2")]
    )
    expect(page.get_by_text("cannot show panels of the kind hologram")).to_be_visible()
    assert axe_faults(page) == []

    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)

    edit = {"title": "Ablation 2"}
    httpx.patch(f"{reports}/{report}", json=edit).raise_for_status()
    page.reload()
    expect(page.get_by_role("heading", name="Ablation", level=1, exact=True)).to_be_visible()
    expect(page.get_by_text("the draft was edited since")).to_be_visible()
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("menuitemradio", name="Draft").click()
    expect(page.get_by_role("heading", name="Ablation 2", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?version=draft$"))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("version 2", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("menuitemradio", name="Version 1").click()
    expect(page.get_by_text("An older version")).to_be_visible()


def test_readers_look_at_panels_and_change_nothing(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    report = create(reports, "Panels", blocks_of(run))
    page.goto(f"{app(server)}/local/p/reports/{report}")
    sets = page.get_by_role("list", name="Run sets").first
    sets.get_by_role("button", name="Show the runs of High").click()
    # a single set is drawn as it is grouped
    expect(page.get_by_role("application", name="loss: 1 curve of")).to_be_visible()

    panel = page.get_by_role("article", name="loss")
    panel.hover()
    expect(panel.get_by_role("button", name="Panel settings")).to_have_count(0)
    panel.get_by_role("button", name="Full screen").click()
    full = page.get_by_role("dialog", name="Full screen")
    expect(full.get_by_text("1 of 2 in this grid")).to_be_visible()
    expect(full.get_by_role("button", name="Add")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(full.get_by_role("article", name="acc")).to_be_visible()
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)

    panel.hover()
    panel.get_by_role("button", name="Panel menu").click()
    expect(page.get_by_role("menuitem", name="Settings")).to_have_count(0)
    page.get_by_role("menuitem", name="Open in workspace").click()
    expect(page.get_by_role("dialog", name="Full screen")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/local/p\?.*full=.*filter=config.lr"))
    page.go_back()
    expect(page.get_by_role("heading", name="Panels", level=1)).to_be_visible()


def test_a_grid_asks_for_its_curves_when_it_is_scrolled_to(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    report = create(reports, "Long", blocks_of(run))
    questions: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            questions.append(f"{request.url} {request.post_data}")

    page.on("request", note)
    page.goto(f"{app(server)}/local/p/reports/{report}")
    expect(page.get_by_role("application", name="loss: 3 curves")).to_be_visible()
    assert not [question for question in questions if '"acc"' in question and "series" in question]
    page.get_by_role("navigation", name="In this report").get_by_role(
        "link", name="The end"
    ).click()
    expect(page).to_have_url(re.compile("#the-end$"))
    expect(page.get_by_role("heading", name="The end")).to_be_in_viewport()
    expect(page.get_by_role("application", name="acc: 1 curve of")).to_be_visible()
    expect(page.get_by_text("A block of the kind gallery")).to_be_visible()

    # a link leads to the same place
    page.reload()
    expect(page.get_by_role("heading", name="The end")).to_be_in_viewport()


def test_all_panels_are_drawn_to_be_printed(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    report = create(reports, "Printed", blocks_of(run))
    page.add_init_script(
        "window.print = () => { document.body.dataset.printed = "
        "document.querySelectorAll('.report-grid [role=application]').length }"
    )
    page.goto(f"{app(server)}/local/p/reports/{report}")
    page.get_by_role("button", name="Download").click()
    page.get_by_role("menuitem", name="Print").click()
    # with the curves of the grid far below
    expect(page.locator("body")).to_have_attribute("data-printed", "2")
    expect(page.get_by_role("button", name="Download")).to_be_enabled()


def test_a_phone_has_all_of_it_in_its_width(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    report = create(reports, "Narrow", blocks_of(run))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app(server)}/local/p/reports/{report}")
    expect(page.get_by_role("application", name="loss: 3 curves")).to_be_visible()
    assert page.evaluate("document.querySelector('.report-scroll').scrollWidth") <= 390
    page.get_by_role("link", name="Reports", exact=True).last.click()
    expect(page.get_by_role("table", name="Reports")).to_be_visible()


def test_a_report_that_is_gone_and_a_project_without_reports_say_so(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    create(reports, "Present", [])
    report = create(reports, "Gone", [])
    httpx.delete(f"{reports}/{report}").raise_for_status()
    page.goto(f"{app(server)}/local/p/reports/{report}")
    expect(page.get_by_role("heading", name="No such report")).to_be_visible()
    page.get_by_role("link", name="All reports").click()
    page.get_by_role("textbox", name="Search reports and their texts").fill("nothing of this")
    expect(page.get_by_text("No report matches")).to_be_visible()


def test_formulas_are_set_in_lines_and_blocks_and_in_markdown(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    energy = {"kind": "math", "latex": "E = mc^2"}
    blocks = [
        {"id": "head", "kind": "heading", "level": 1, "text": [{"text": "Loss"}]},
        paragraph("With ", energy, " it falls", id="p"),
        {"id": "block", "kind": "math", "latex": r"\frac{a}{\sqrt{b}}"},
        {"id": "faulty", "kind": "math", "latex": r"\frac{a"},
        {
            "id": "grid",
            "kind": "grid",
            "panels": {"note": {"kind": "markdown", "options": {"text": MARKDOWN}}},
        },
    ]
    page.goto(f"{app(server)}/local/p/reports/{create(reports, 'Formulas', blocks)}")
    expect(page.locator("#p math")).to_have_text(re.compile("E=mc2"))
    expect(page.locator("#block math[display=block] mfrac msqrt")).to_be_visible()
    expect(page.locator("#faulty code")).to_have_text(r"\frac{a")
    expect(page.locator("#faulty code")).to_have_attribute("title", re.compile("end of input"))
    expect(page.locator("#grid math")).to_have_count(2)
    expect(page.locator("#grid")).to_contain_text("$5 to $7")
    assert axe_faults(page) == []


def test_a_report_is_deleted_brought_back_and_deleted_permanently(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    report = create(reports, "Old findings", [paragraph("Wrong.", id="p")])
    httpx.post(f"{reports}/{report}/publish").raise_for_status()
    page.goto(f"{app(server)}/local/p/reports")
    row = page.get_by_role("row", name="Old findings")

    def delete() -> None:
        row.get_by_role("button", name="More of Old findings").click()
        page.get_by_role("menuitem", name="Delete").click()
        expect(row).to_have_count(0)

    delete()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    delete()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Trash").click()
    n_deleted = page.get_by_role("status").filter(has_text=re.compile("^[0-9]+ reports?$"))
    expect(n_deleted).to_be_visible()
    assert axe_faults(page) == []
    page.get_by_role("button", name="Restore Old findings").click()
    expect(page.get_by_text("Old findings is restored")).to_be_visible()
    assert httpx.get(f"{reports}/{report}").json()["version"] == 1

    page.goto(f"{app(server)}/local/p/reports")
    delete()
    page.goto(f"{app(server)}/local/p/trash")
    page.get_by_role("button", name="Delete now: Old findings").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_text("Old findings is deleted permanently")).to_be_visible()
    expect(row).to_have_count(0)
    assert httpx.post(f"{reports}/{report}/undelete").status_code == 404


def test_a_new_report_opens_in_the_editor_which_readers_do_not_load(
    page: Page, app: OpenApp, server: ServerProcess, run: str, reports: str
) -> None:
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url))
    report = create(reports, "Read", [])
    page.goto(f"{app(server)}/local/p/reports/{report}")
    expect(page.get_by_role("heading", name="Read", level=1)).to_be_visible()
    assert not [url for url in scripts if "report-editor" in url]
    page.get_by_role("link", name="Reports", exact=True).first.click()
    page.get_by_role("button", name="New report").click()
    expect(page).to_have_url(re.compile(r"/reports/\w+\?edit=1$"))
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    assert [url for url in scripts if "report-editor" in url]
    page.keyboard.type("New here")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="New here", level=1)).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("New here")
