"""Saved views that scripts build, load, change and delete, while people use them."""

from __future__ import annotations

import httpx
import pytest

import weft
import weft.reports as wr
import weft.workspaces as ws
from server_process import ServerProcess
from weft.errors import ConfigError, Conflict, Gone, Outdated

PROJECT = "workspaces-of-scripts"


@pytest.fixture
def api(server: ServerProcess) -> weft.Api:
    """The API of a server whose project is new."""
    path = f"{server.url}/api/v1/projects/local/{PROJECT}"
    httpx.delete(path, params={"permanently": True}, trust_env=False)
    httpx.put(path, trust_env=False).raise_for_status()
    return weft.Api(server.url)


def whole_workspace(api: weft.Api) -> ws.Workspace:
    return ws.Workspace(
        PROJECT,
        name="Losses",
        api=api,
        sections=[
            ws.Section(
                "Loss", [wr.LinePlot("loss", log_y=True), wr.BarPlot("loss")], is_open=True
            ),
            ws.Section(
                "Loss",
                [wr.ScalarChart("loss")],
                pinned=True,
                layout_settings=ws.SectionLayoutSettings(columns=4, rows=1),
                panel_settings=ws.SectionPanelSettings("epoch", x_min=2.0),
            ),
        ],
        settings=ws.WorkspaceSettings(
            smoothing_type="ema", smoothing_weight=0.6, ignore_outliers=True
        ),
        runset_settings=ws.RunsetSettings(
            query="base",
            filters="config.lr > 0.01",
            groupby=["config.lr"],
            order=[ws.OrderBy("summary.loss", ascending=True)],
            hidden_runs=["ab12cd34"],
            pinned_columns=["summary.loss"],
            baseline_run="ab12cd34",
        ),
    )


def test_a_workspace_is_loaded_as_it_was_saved(api: weft.Api) -> None:
    saved = whole_workspace(api).save()
    loaded = ws.Workspace.from_url(saved.url, api=api)
    assert loaded.runset_settings == saved.runset_settings
    assert loaded.settings == saved.settings
    assert [section.name for section in loaded.sections] == ["Loss", "Loss"]
    pinned, other = loaded.sections
    assert [panel.kind for panel in other.panels] == ["line", "bar"]
    assert pinned.layout_settings == ws.SectionLayoutSettings(4, 1)
    assert pinned.panel_settings == saved.sections[1].panel_settings
    assert other.is_open
    assert [view.name for view in ws.Workspace.list(PROJECT, api=api)] == ["Losses"]


def test_what_the_classes_do_not_tell_stays(api: weft.Api, server: ServerProcess) -> None:
    saved = whole_workspace(api).save()
    path = f"{server.url}/api/v1/projects/local/{PROJECT}/views/{saved.id}"
    document = httpx.get(path, trust_env=False).json()["document"]
    document["table"] = {"pinned": ["config.lr"]}
    document["settings"]["center"] = "median"
    document["sections"]["train"] = {"isHidden": True}
    (panel_id, *_) = document["sections"]["Loss"]["order"]
    document["panels"][panel_id]["marks"] = [{"kind": "threshold", "at": 1}]
    changes = {"document": document}
    httpx.patch(
        path, json=changes, headers={"If-Match": '"1"'}, trust_env=False
    ).raise_for_status()
    with pytest.raises(Outdated):
        saved.save()
    loaded = ws.Workspace.load(f"local/{PROJECT}/{saved.id}", api=api)
    loaded.name = "Renamed"
    loaded.settings.smoothing_type = "none"
    loaded.save().save()
    after = httpx.get(path, trust_env=False).json()
    assert after["name"] == "Renamed"
    assert after["document"]["table"] == {"pinned": ["config.lr"]}
    assert after["document"]["settings"] == {"center": "median", "hasOutliers": False}
    assert after["document"]["sections"]["train"] == {"isHidden": True}
    assert after["document"]["panels"] == document["panels"]


def test_views_are_copied_and_deleted(api: weft.Api) -> None:
    workspace = whole_workspace(api)
    with pytest.raises(ConfigError):
        _ = workspace.url
    first = workspace.save().id
    with pytest.raises(Conflict):
        workspace.save_as_new_view()
    workspace.name = "Copy"
    assert workspace.save_as_new_view().id != first
    workspace.delete()
    with pytest.raises(Gone):
        ws.Workspace.load(f"local/{PROJECT}/{workspace.id}", api=api)
    with pytest.raises(ConfigError, match="path"):
        ws.Workspace.load("https://example.org/local/mnist", api=api)
