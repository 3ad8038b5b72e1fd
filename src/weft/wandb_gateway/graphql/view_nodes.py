"""Reports, and saved views of workspaces: W&B has both as views of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from weft.errors import Forbidden, Gone, NotFound
from weft.server.services.access import ProjectPath
from weft.wandb_gateway.graphql.connections import Connection, part_of
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode, UserNode
from weft.wandb_gateway.graphql.values import time_text
from weft.wandb_gateway.ids import report_id, report_path, workspace_id, workspace_path
from weft.wandb_gateway.pages import pages_of
from weft.wandb_gateway.report_links import list_links
from weft.wandb_gateway.reports.addresses import internal_name, view_of_name
from weft.wandb_gateway.reports.store import read_report, spec_text_of
from weft.wandb_gateway.reports.workspace_store import (
    list_workspaces,
    read_workspace,
    workspace_text_of,
)
from weft.wire.projects.views import View, ViewInfo
from weft.wire.reports.reports import Report, ReportInfo

REPORT: Final = "runs"
DRAFT_REPORT: Final = "runs/draft"
WORKSPACE: Final = "project-view"
"""W&B's types of views."""


class AccessTokenNode:
    """A link that shows a report to people without an account."""

    typename: Final = "AccessToken"
    type: Final = "PUBLIC"
    revoked_at: Final = None

    def __init__(self, path: ProjectPath, token: str) -> None:
        self._path = path
        self.token = token

    def projects(self, _: Context) -> list[ProjectInfoNode]:
        return [ProjectInfoNode(self._path)]


class ReportNode:
    """A report. Its spec is read when it is asked for: a list has none of most."""

    typename: Final = "View"

    def __init__(self, path: ProjectPath, report: ReportInfo, *, is_loaded: bool = False) -> None:
        self._path = path
        self._report = report
        self._is_loaded = is_loaded
        self.id = report_id(path, report.id)
        self.type = REPORT if report.published_version is not None else DRAFT_REPORT
        self.name = report.id
        self.display_name = report.title
        self.description = report.description
        self.created_at = time_text(report.created_micros)
        self.updated_at = time_text(report.edited_micros)

    def access_tokens(self, context: Context) -> list[AccessTokenNode]:
        links = list_links(context.services, context.actor, self._path, self._report.id)
        context.work.add(len(links))
        return [AccessTokenNode(self._path, link) for link in links]

    def user(self, _: Context) -> UserNode | None:
        return None if self._report.author is None else UserNode(self._report.author)

    def project(self, _: Context) -> ProjectInfoNode:
        return ProjectInfoNode(self._path)

    def spec(self, context: Context) -> str:
        report = self._report
        if not isinstance(report, Report):
            report = read_report(context.services, context.actor, self._path, report.id)
        text = spec_text_of(report)
        if self._is_loaded:
            context.served_reports.note(context.actor, self._path, report, len(text))
        return text


class WorkspaceNode:
    """A saved view of a workspace."""

    typename: Final = "View"

    def __init__(self, path: ProjectPath, view: ViewInfo) -> None:
        self._path = path
        self._view = view
        self.id = workspace_id(path, view.id)
        self.type = WORKSPACE
        self.name = internal_name(view.id)
        self.display_name = view.name
        self.description = ""
        self.created_at = time_text(view.created_micros)
        self.updated_at = time_text(view.edited_micros)
        self.access_tokens: Sequence[Any] = ()

    def user(self, _: Context) -> UserNode | None:
        return None if self._view.owner is None else UserNode(self._view.owner)

    def project(self, _: Context) -> ProjectInfoNode:
        return ProjectInfoNode(self._path)

    def spec(self, context: Context) -> str:
        view = self._view
        if not isinstance(view, View):
            view = read_workspace(context.services, context.actor, self._path, view.id)
        return workspace_text_of(view)


def find_view(context: Context, id_: str) -> ReportNode | WorkspaceNode | None:
    """A report or a view by its id; None if it is not found."""
    try:
        if is_workspace(id_):
            path, view = workspace_path(id_)
            workspace = read_workspace(context.services, context.actor, path, view)
            return WorkspaceNode(path, workspace)
        path, report = report_path(id_)
        loaded = read_report(context.services, context.actor, path, report)
        return ReportNode(path, loaded, is_loaded=True)
    except (Forbidden, Gone, NotFound):
        return None


def is_workspace(id_: str) -> bool:
    """Whether an id is one of a saved view, not of a report."""
    try:
        workspace_path(id_)
    except NotFound:
        return False
    return True


def list_views(
    context: Context,
    path: ProjectPath,
    kind: str,
    name: str | None,
    after: str | None,
    first: int | None,
) -> Connection[Any]:
    """The reports, drafts of reports, or saved views of a project."""
    if kind == WORKSPACE:
        return part_of(_workspaces(context, path, name), after, first)
    if kind not in {REPORT, DRAFT_REPORT}:
        return part_of((), None, None)
    nodes = [ReportNode(path, report) for report in _reports(context, path, kind)]
    if name:
        nodes = [node for node in nodes if name in {node.name, node.display_name, node.id}]
    return part_of(nodes, after, first)


def _reports(context: Context, path: ProjectPath, kind: str) -> list[ReportInfo]:
    reports = context.services.reports
    pages = pages_of(lambda cursor: reports.list(context.actor, path, limit=1000, cursor=cursor))
    infos = [info for page in pages for info in page.reports]
    context.work.add(len(infos))
    if kind == DRAFT_REPORT:
        return [info for info in infos if info.has_changes or info.published_version is None]
    return [info for info in infos if info.published_version is not None]


def _workspaces(context: Context, path: ProjectPath, name: str | None) -> list[WorkspaceNode]:
    if not name:
        views = list_workspaces(context.services, context.actor, path)
        return [WorkspaceNode(path, view) for view in views]
    try:
        view = read_workspace(context.services, context.actor, path, view_of_name(name))
    except (Forbidden, Gone, NotFound):
        return []
    return [WorkspaceNode(path, view)]
