"""Reports, as the genuine package `wandb-workspaces` saves, loads, lists and deletes them."""

from __future__ import annotations

from typing import Any

import httpx

from live_runs import LiveServer
from wandb_client import WandbClient
from weft.wire.projects.views import get_view, list_views
from weft.wire.reports.reports import Report, ReportEdit, edit_report, get_report, list_reports

_HEAD = """
import wandb_workspaces.reports.v2 as wr
from wandb_workspaces.reports.v2 import gql, interface

def save(report, **options):
    report.save(**options)
    return report.id

def stored(report):
    api = interface._get_api()
    answer = interface.execute_graphql(api, gql.view_report, {"reportId": report.id})
    return answer["view"]["spec"]

wandb.init(project=PROJECT, id="r", config={"lr": 0.1}).finish()
"""


def _script(project: str, code: str) -> str:
    return f"PROJECT = {project!r}\n{_HEAD}{code}"


SAVE = """
report = wr.Report(
    project=PROJECT, entity="local", title="Ablation of lr", description="What we tried",
    width="fluid",
    blocks=[
        wr.TableOfContents(),
        wr.H1("Results"),
        wr.P(["The loss ", wr.InlineCode("loss"), " of ", wr.Link("the paper", "https://a.example")]),
        wr.H2("Details", collapsed_blocks=[wr.LatexBlock("a^2")]),
        wr.CheckedList([wr.CheckedListItem("done", checked=True)]),
        wr.CodeBlock("x = 1\\ny = 2", language="python"),
        wr.MarkdownBlock("# Markdown"),
        wr.PanelGrid(
            runsets=[
                wr.Runset(
                    "local", PROJECT, name="All",
                    filters="Config('lr') >= 0.05 and Metric('State') == 'finished'",
                    groupby=["config.lr"],
                    run_settings={"r": wr.RunSettings(color="#ff0000")},
                )
            ],
            panels=[
                wr.LinePlot(x="Step", y=["loss"], log_y=True, layout=wr.Layout(0, 0, 12, 8)),
                wr.ScatterPlot(
                    x=wr.Config("lr"), y=wr.SummaryMetric("loss"), layout=wr.Layout(12, 0, 12, 8)
                ),
                wr.CodeComparer("split", layout=wr.Layout(0, 8, 24, 6)),
            ],
        ),
    ],
)
report.save()
again = wr.Report.from_url(report.url)
first = stored(report)
again.save()
say(
    url=report.url,
    same=[
        first == report._to_model().spec.model_dump_json(by_alias=True, exclude_none=True),
        first == stored(again),
    ],
    title=[again.title, again.description, again.id == report.id],
)
"""


def _reports(live: LiveServer, project: str) -> list[Any]:
    return live.api._client.call(list_reports, "local", project).reports


def _document(live: LiveServer, project: str, report: str, version: str = "published") -> Report:
    return live.api._client.call(get_report, "local", project, report, version=version)


def test_a_report_is_saved_and_loaded(wandb_client: WandbClient, live: LiveServer) -> None:
    answers = wandb_client.run(_script("saved", SAVE))
    assert answers["same"] == [True, True]
    assert answers["title"] == ["Ablation of lr", "What we tried", True]
    (info,) = _reports(live, "saved")
    page = httpx.get(answers["url"], trust_env=False)
    assert page.headers["location"] == f"/local/saved/reports/{info.id}"
    assert (info.title, info.published_version) == ("Ablation of lr", 2)
    document = _document(live, "saved", info.id).document
    assert document.width == "full"
    kinds = [block["kind"] for block in document.blocks]
    assert kinds == [
        *("contents", "heading", "paragraph", "collapsible", "list", "code", "grid", "grid"),
    ]
    assert document.blocks[2]["text"] == [
        {"text": "The loss "},
        {"text": "loss", "marks": ["code"]},
        {"text": " of "},
        {"text": "the paper", "link": "https://a.example"},
    ]
    grid = document.blocks[-1]
    (run_set,) = grid["runSets"].values()
    assert run_set["name"] == "All"
    assert run_set["project"] == "local/saved"
    assert run_set["filter"] == 'config.lr >= 0.05 and state = "finished"'
    assert run_set["groupBy"] == ["config.lr"]
    assert list(run_set["runColors"]) == ["r"]
    line, scatter, card = (grid["panels"][id_] for id_ in grid["panelOrder"])
    assert (line["kind"], line["keys"], line["span"]) == ("line", ["loss"], 6)
    assert line["settings"] == {"axis": "step", "yScale": "log"}
    assert scatter["options"] == {"x": "config.lr", "y": "summary.loss"}
    assert "Code Comparer" in card["options"]["text"]


CHANGE = """
report = wr.Report(
    project=PROJECT, entity="local", title="First",
    blocks=[wr.P("plain"), wr.P("bold and more"), wr.PanelGrid(panels=[wr.LinePlot(y=["loss"])])],
)
say(url=save(report) and report.url)
"""

RETITLE = """
report = wr.Report.from_url({url!r})
report.title = "Second"
report.save()
report.blocks[0] = wr.P("plain, changed")
report.blocks.append(wr.P("added"))
report.save(draft=True)
say(title=report.title)
"""


def test_a_script_that_changes_the_title_wipes_nothing(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    url = wandb_client.run(_script("changed", CHANGE))["url"]
    (info,) = _reports(live, "changed")
    stored = _document(live, "changed", info.id)
    blocks = list(stored.document.blocks)
    blocks[1] = {
        "id": blocks[1]["id"],
        "kind": "paragraph",
        "text": [{"text": "bold", "marks": ["bold"]}, {"text": " and more"}],
        "unknown": {"key": 1.5},
    }
    table = {"kind": "table", "rows": [{"cells": [{"blocks": [{"kind": "paragraph"}]}]}]}
    blocks.insert(2, {"id": "table", **table})
    grid = dict(blocks[3])
    (panel_id,) = grid["panels"]
    settings = {"axis": "step", "band": "ci95", "tipRows": 20}
    grid["panels"] = {panel_id: {**grid["panels"][panel_id], "settings": settings}}
    blocks[3] = grid
    live.api._client.call(edit_report, "local", "changed", info.id, ReportEdit(blocks=blocks))
    before = _document(live, "changed", info.id, "draft").document
    wandb_client.run(_script("changed", RETITLE.format(url=url)))
    published = _document(live, "changed", info.id).document
    assert published.title == "Second"
    assert published.blocks == before.blocks
    draft = _document(live, "changed", info.id, "draft").document
    assert draft.blocks[0]["id"] == before.blocks[0]["id"]
    assert draft.blocks[0]["text"] == [{"text": "plain, changed"}]
    assert draft.blocks[1:4] == before.blocks[1:]
    assert draft.blocks[4]["text"] == [{"text": "added"}]
    assert len(_reports(live, "changed")) == 1


TOGETHER = """
from urllib.request import Request, urlopen

def edit_as_a_person(report, old, new):
    base = os.environ["WANDB_BASE_URL"] + f"/api/v1/projects/local/{PROJECT}/reports/"
    path = base + json.loads(urlopen(base[:-1]).read())["reports"][0]["id"]
    document = json.loads(urlopen(path + "?version=draft").read())["document"]
    text = json.dumps(document["blocks"]).replace(old, new)
    headers = {"Content-Type": "application/json"}
    body = json.dumps({"blocks": json.loads(text)}).encode()
    urlopen(Request(path, body, headers, method="PATCH"))

report = wr.Report(
    project=PROJECT, entity="local", title="One", blocks=[wr.P("first"), wr.P("second")]
)
report.save()
loaded = wr.Report.from_url(report.url)
edit_as_a_person(report, "first", "first, edited")
loaded.blocks.append(wr.P("third"))
loaded.save()
edit_as_a_person(report, "second", "second, edited")
loaded.title = "Two"
loaded.save()
say(blocks=[block.text for block in wr.Report.from_url(report.url).blocks])
"""


def test_edits_since_a_script_has_loaded_a_report_stay(wandb_client: WandbClient) -> None:
    answers = wandb_client.run(_script("together", TOGETHER))
    assert answers["blocks"] == ["first, edited", "second, edited", "third"]


LIST = """
def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error)

report = wr.Report(project=PROJECT, entity="local", title="One", blocks=[wr.P("text")])
report.save()
first = report.id
report.title = "Two"
report.save(clone=True)
hidden = wr.Report(project=PROJECT, entity="local", title="Draft")
hidden.save(draft=True)
listed = wandb.Api().reports(f"local/{PROJECT}")
names = sorted(each.display_name for each in listed)
drafts = hidden.id not in [each.id for each in listed]
deleted = report.delete()
say(
    names=names, drafts=drafts, deleted=deleted, cloned=first != report.id,
    named=[each.display_name for each in wandb.Api().reports(f"local/{PROJECT}", name="One")],
    left=sorted(each.display_name for each in wandb.Api().reports(f"local/{PROJECT}")),
    gone=message(lambda: wr.Report.from_url(report.url)),
    created=message(lambda: wr.Report(project="new", entity="local", title="x").save().id != ""),
    missing=message(lambda: wr.Report(
        project=PROJECT, entity="local",
        blocks=[wr.PanelGrid(runsets=[wr.Runset("local", "none")])],
    ).save()),
)
"""


def test_reports_are_listed_cloned_and_deleted(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    answers = wandb_client.run(_script("listed", LIST))
    assert answers["names"] == ["One", "Two"]
    assert answers["drafts"] is True
    assert answers["cloned"] is True
    assert answers["named"] == ["One"]
    assert answers["deleted"] is True
    assert answers["left"] == ["One"]
    assert not answers["gone"].startswith("no error")
    assert answers["created"] == "no error: True"
    assert "not found" in answers["missing"]
    assert sorted(info.title for info in _reports(live, "listed")) == ["Draft", "One"]


LINKS = """
report = wr.Report(
    project=PROJECT, entity="local", title="Shown", blocks=[wr.PanelGrid(runsets=[wr.Runset()])]
)
report.save()
hidden = wr.Report(project=PROJECT, entity="local", title="Draft")
hidden.save(draft=True)
try:
    draft = hidden.enable_share_link()
except Exception as error:
    draft = str(error)
before = report.get_share_url()
link = report.enable_share_link()
say(
    before=before, link=link, again=report.enable_share_link(), url=report.get_share_url(),
    page=report.url, draft=draft,
)
"""
UNLINK = """
report = wr.Report.from_url(URL)
say(disabled=report.disable_share_link(), url=report.get_share_url())
"""


def test_a_link_shows_a_report_to_anyone_until_it_is_disabled(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    answers = wandb_client.run(_script("linked", LINKS))
    link = answers["link"]
    assert answers["before"] is None
    assert (answers["again"], answers["url"]) == (link, link)
    assert "publish it first" in answers["draft"]
    with httpx.Client(trust_env=False, follow_redirects=True) as anyone:
        page = anyone.get(link)
        assert page.status_code == 200
        assert page.url.path.startswith("/share/")
        shared = f"{page.url.join('/')}api/v1/shared/{page.url.path.rpartition('/')[2]}"
        assert anyone.get(f"{shared}/report").json()["document"]["title"] == "Shown"
        script = _script("linked", UNLINK).replace("URL", repr(answers["page"]))
        ended = wandb_client.run(script)
        assert (ended["disabled"], ended["url"]) == (True, None)
        assert anyone.get(f"{shared}/report").status_code == 404


WORKSPACE = """
import wandb_workspaces.workspaces as ws
workspace = ws.Workspace(
    entity="local", project=PROJECT, name="Losses",
    sections=[
        ws.Section(
            "Losses", is_open=True,
            panels=[wr.LinePlot(y=["loss"], title="Loss"), wr.ScalarChart(metric="loss")],
        ),
        ws.Section("Other", panels=[], pinned=True),
    ],
    settings=ws.WorkspaceSettings(smoothing_type="gaussian", smoothing_weight=20),
    runset_settings=ws.RunsetSettings(
        filters=[ws.Config("lr") >= 0.05],
        groupby=[ws.Config("lr")],
        order=[ws.Ordering(ws.Summary("loss"), ascending=True)],
        run_settings={"r": ws.RunSettings(color="#ff0000", disabled=True)},
        pinned_columns=["summary:loss"],
        baseline_run="r",
    ),
)
workspace.save()
loaded = ws.Workspace.from_url(workspace.url)
dump = lambda each: each._to_model().spec.model_dump_json(by_alias=True, exclude_none=True)
say(url=workspace.url, same=dump(ws.Workspace.from_url(workspace.url)) == dump(loaded))
loaded.name = "Renamed"
loaded.sections[0].panels.append(wr.BarPlot(metrics=["loss"]))
loaded.save()
twin = loaded.save_as_new_view()
say(twin=twin.url, names=[section.name for section in ws.Workspace.from_url(twin.url).sections])
"""


def test_a_workspace_is_saved_loaded_and_changed(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    answers = wandb_client.run(_script("spaces", WORKSPACE))
    assert answers["same"] is True
    assert answers["names"] == ["Losses", "Other"]
    assert answers["twin"] != answers["url"]
    assert "&view=" in answers["url"], "the page opens the view"
    views = live.api._client.call(list_views, "local", "spaces").views
    assert sorted(view.name for view in views) == ["Renamed", "Renamed (2)"]
    id_ = answers["url"].rpartition("=")[2]
    view = live.api._client.call(get_view, "local", "spaces", id_)
    document = view.document
    assert view.name == "Renamed"
    assert document["filter"] == "config.lr >= 0.05"
    assert document["groupBy"] == ["config.lr"]
    assert document["order"] == [{"column": "summary.loss", "descending": False}]
    assert document["selection"] == {"base": "all", "on": [], "off": ["r"]}
    assert document["pinned"] == ["summary.loss"]
    assert document["baseline"] == "r"
    assert document["settings"] == {"smoothing": {"kind": "gaussian", "amount": 0.2}}
    assert document["sectionOrder"] == ["Other", "Losses"]
    section = document["sections"]["Losses"]
    panels = [document["panels"][id_] for id_ in section["order"]]
    assert [panel["kind"] for panel in panels] == ["line", "scalar", "bar"]
    assert (panels[0]["title"], panels[0]["keys"]) == ("Loss", ["loss"])
