"""Mutations of reports and of saved views."""

from __future__ import annotations

from typing import Any

from weft.errors import ConfigError
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.view_nodes import (
    DRAFT_REPORT,
    REPORT,
    WORKSPACE,
    AccessTokenNode,
    ReportNode,
    WorkspaceNode,
    is_workspace,
)
from weft.wandb_gateway.ids import report_path, workspace_path
from weft.wandb_gateway.report_links import add_link, check_link, revoke_link
from weft.wandb_gateway.reports.store import Submission, add_report, save_report
from weft.wandb_gateway.reports.workspace_store import add_workspace, save_workspace

_Input = dict[str, Any]
_Payload = dict[str, Any]


class ViewMutations:
    """Mutations of reports and of saved views."""

    def upsert_view(self, context: Context, input: _Input) -> _Payload:
        """Create a view, or change the one that the input names by its id."""
        id_ = input.get("id")
        kind = input.get("type") or (WORKSPACE if id_ and is_workspace(id_) else REPORT)
        if kind == WORKSPACE:
            return _upsert_workspace(context, input)
        if kind not in {REPORT, DRAFT_REPORT}:
            raise ConfigError(f"weft has no views of the type {kind[:80]!r}", field="type")
        submission = Submission(
            input.get("display_name"),
            input.get("description"),
            input.get("spec"),
            is_draft=kind == DRAFT_REPORT,
        )
        services, actor = context.services, context.actor
        if id_:
            path, report = report_path(id_)
            loaded = context.served_reports.last(actor, path, report)
            saved, own = save_report(services, actor, path, report, submission, loaded)
        else:
            path = context.project(input.get("entity_name"), input.get("project_name"))
            saved = own = add_report(services, actor, path, submission)
        context.served_reports.note(actor, path, own, len(input.get("spec") or ""))
        return {"view": ReportNode(path, saved), "inserted": not id_}

    def delete_view(self, context: Context, input: _Input) -> _Payload:
        """Move a view to the trash; a draft of a report is a part of it."""
        services, actor = context.services, context.actor
        if is_workspace(input["id"]):
            path, view = workspace_path(input["id"])
            services.views.delete(actor, path, view)
        else:
            path, report = report_path(input["id"])
            services.reports.delete(actor, path, report)
        return {"success": True, "pending_drafts": 0}

    def create_access_token(self, context: Context, input: _Input) -> _Payload:
        """Make a link to a report. The projects of its runs follow from what is published."""
        path, report = report_path(input["view_id"])
        link = add_link(context.services, context.actor, path, report)
        return {"access_token": AccessTokenNode(path, link)}

    def update_access_token_projects(self, context: Context, input: _Input) -> _Payload:
        check_link(context.services, context.actor, input["token"])
        return {"success": True}

    def revoke_access_token(self, context: Context, input: _Input) -> _Payload:
        return {"success": revoke_link(context.services, context.actor, input["token"])}


def _upsert_workspace(context: Context, input: _Input) -> _Payload:
    services, actor, id_ = context.services, context.actor, input.get("id")
    name, spec = input.get("display_name"), input.get("spec")
    if id_:
        path, view = workspace_path(id_)
        saved = save_workspace(services, actor, path, view, name, spec)
    else:
        path = context.project(input.get("entity_name"), input.get("project_name"))
        saved = add_workspace(services, actor, path, name, spec)
    return {"view": WorkspaceNode(path, saved), "inserted": not id_}
