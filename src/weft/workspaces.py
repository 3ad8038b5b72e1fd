"""Saved views of a project's workspace, built, loaded and saved by scripts.

    import weft.reports as wr
    import weft.workspaces as ws

    workspace = ws.Workspace("mnist", name="Losses", sections=[
        ws.Section("Training", [wr.LinePlot("loss")], is_open=True),
    ])
    workspace.save()

The names are those of W&B's `wandb_workspaces.workspaces`; panels are those of `weft.reports`.
They are in `weft.sdk.workspaces`.
"""

from __future__ import annotations

from weft.sdk.reports.grids import OrderBy
from weft.sdk.workspaces.sections import Section
from weft.sdk.workspaces.settings import (
    RunsetSettings,
    SectionLayoutSettings,
    SectionPanelSettings,
    WorkspaceSettings,
)
from weft.sdk.workspaces.workspace import Workspace

__all__ = [
    "OrderBy",
    "RunsetSettings",
    "Section",
    "SectionLayoutSettings",
    "SectionPanelSettings",
    "Workspace",
    "WorkspaceSettings",
]
