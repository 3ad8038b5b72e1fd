"""Mutations of runs, their files, projects, and users: the root of all mutations."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import ConfigError, Gone, NotFound
from weft.records.ids import REGISTRY
from weft.records.record import Alert
from weft.records.value import tagged_floats
from weft.server.services.access import Action, ProjectPath, RegistryPath, RunPath, require
from weft.wandb_gateway.graphql.artifacts.artifact_mutations import ArtifactMutations
from weft.wandb_gateway.graphql.file_nodes import NewFileNode
from weft.wandb_gateway.graphql.project_nodes import (
    RESTRICTED,
    ProjectNode,
    RegistryNode,
    find_project,
)
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.run_nodes import RunNode
from weft.wandb_gateway.graphql.sweep_mutations import SweepMutations
from weft.wandb_gateway.graphql.user_mutations import UserMutations
from weft.wandb_gateway.graphql.view_mutations import ViewMutations
from weft.wandb_gateway.ids import (
    entity_name,
    make_id,
    project_path,
    read_id,
    run_id,
    run_path,
    user_name,
)
from weft.wandb_gateway.runs import RunInput
from weft.wandb_gateway.runs.config import changes, read_config, read_summary
from weft.wire.artifacts.registries import MEMBER, VIEWER, GivenRole, RegistryEdit
from weft.wire.projects.access import ProjectAccessEdit
from weft.wire.projects.projects import ProjectEdit
from weft.wire.runs.runs import ConfigEdit, RunEdit

_Input = dict[str, Any]
_Payload = dict[str, Any]
_Roles = dict[str, GivenRole | None]

_SUCCESS: Final[_Payload] = {"success": True, "client_mutation_id": None}


class RunMutations:
    def upsert_bucket(self, context: Context, input: _Input) -> _Payload:
        if input.get("id") and not input.get("name"):
            path = run_path(input["id"])
            _edit(context, path, input)
            return {"bucket": _run(context, path), "inserted": False}
        bucket = input.get("id")
        run_input = RunInput(
            name=input.get("name"),
            project=input.get("model_name"),
            entity=input.get("entity_name"),
            has_id=bool(bucket),
            display_name=input.get("display_name"),
            notes=input.get("notes"),
            tags=input.get("tags"),
            group=input.get("group_name"),
            job_type=input.get("job_type"),
            sweep=input.get("sweep"),
            host=input.get("host"),
            config=input.get("config"),
            begins=input.get("state") is None,
        )
        try:
            path, is_new = context.starts.upsert(context.actor, run_input, context.client)
        except Gone as error:
            # Programs look for W&B's words, and take another id then.
            run = run_input.path(context.actor)
            raise Gone(
                f"run {run} was previously created and deleted; try a new run name"
            ) from error
        if input.get("summary_metrics"):
            _edit(context, path, {"summary_metrics": input["summary_metrics"]})
        return {"bucket": _run(context, path), "inserted": is_new}

    def rewind_run(self, context: Context, input: _Input) -> _Payload:
        if input["metric_name"] != "_step":
            raise ConfigError("a run can be rewound to a value of _step only", field="metricName")
        project = context.project(input.get("entity_name"), input.get("project_name"))
        path = project.run(input["run_name"])
        context.starts.rewind(context.actor, path, input["metric_value"])
        return {"rewound_run": _run(context, path)}

    def delete_run(self, context: Context, input: _Input) -> _Payload:
        context.services.runs.delete(context.actor, run_path(input["id"]))
        return {"client_mutation_id": None}

    def stop_run(self, context: Context, input: _Input) -> _Payload:
        context.services.runs.stop(context.actor, run_path(input["id"]))
        return _SUCCESS

    def update_run_state(self, context: Context, input: _Input) -> _Payload:
        path = run_path(input["id"])
        context.starts.set_state(context.actor, path, input["state"].lower())
        return _SUCCESS

    def notify_scriptable_run_alert(self, context: Context, input: _Input) -> _Payload:
        project = context.project(input["entity_name"], input["project_name"])
        alert = Alert(
            context.services.stores.now(),
            input["title"],
            input["text"],
            input.get("severity") or "INFO",
        )
        wait_micros = (input.get("wait_duration") or 0) // 1000
        context.starts.alert(context.actor, project.run(input["run_name"]), alert, wait_micros)
        return _SUCCESS

    def create_run_files(self, context: Context, input: _Input) -> _Payload:
        project = context.project(input["entity_name"], input["project_name"])
        named = project.run(input["run_name"])
        require(context.actor, Action.LOG, named)
        path = context.services.runs.get(context.actor, named)
        run = RunPath(path.entity, path.project, path.id)
        files = [NewFileNode(run, name) for name in input["files"]]
        return {"run_id": run_id(run), "upload_headers": [], "files": files}

    def mark_run_files_uploaded(self, _: Context, input: _Input) -> _Payload:
        return _SUCCESS

    def delete_files(self, context: Context, input: _Input) -> _Payload:
        for file_id in input["files"]:
            run, project, entity, *name = read_id("File", file_id)
            path = RunPath(entity, project, run)
            context.services.files.delete(context.actor, path, ":".join(name))
        return _SUCCESS

    def create_custom_chart(self, _: Context, input: _Input) -> _Payload:
        # Runs carry the specifications of their charts, so nothing has to be stored here.
        return {"chart": {"id": make_id("CustomChart", input["entity"], input["name"])}}


class ProjectMutations:
    def upsert_model(self, context: Context, input: _Input) -> _Payload:
        if input.get("id"):
            path = project_path(input["id"])
        else:
            path = context.project(input.get("entity_name"), input.get("name")).check()
        if path.entity == REGISTRY:
            return _put_registry(context, path.project, input)
        is_new = find_project(context, path) is None
        description = input.get("description")
        edit = ProjectEdit() if description is None else ProjectEdit(description=description)
        node = ProjectNode(context.services.projects.put(context.actor, path, edit))
        return {"project": node, "model": node, "inserted": is_new}

    def delete_model(self, context: Context, input: _Input) -> _Payload:
        path = project_path(input["id"])
        if path.entity == REGISTRY:
            context.services.registries.delete(context.actor, RegistryPath(path.project))
        else:
            context.services.projects.delete(context.actor, path)
        return _SUCCESS

    def rename_project(self, context: Context, input: _Input) -> _Payload:
        raise ConfigError("weft does not rename registries", field="newProjectName")

    def create_project_members(self, context: Context, input: _Input) -> _Payload:
        """Give users and teams the role member; those who have a role already keep it."""
        path = project_path(input["project_id"])
        access = context.services.access.get(context.actor, path)
        named = _members_of(input)
        new_users = [name for name in named.users if name not in access.members]
        new_teams = [name for name in named.teams if name not in access.teams]
        members: _Roles = dict.fromkeys(new_users, MEMBER)
        of_teams: _Roles = dict.fromkeys(new_teams, MEMBER)
        return _change_roles(context, path, members, of_teams)

    def delete_project_members(self, context: Context, input: _Input) -> _Payload:
        path = project_path(input["project_id"])
        named = _members_of(input)
        return _change_roles(context, path, dict.fromkeys(named.users), dict.fromkeys(named.teams))

    def update_project_member(self, context: Context, input: _Input) -> _Payload:
        roles: _Roles = {user_name(input["user_id"]): _role(input["user_project_role"])}
        return _change_roles(context, project_path(input["project_id"]), roles, {})

    def update_project_team_member(self, context: Context, input: _Input) -> _Payload:
        roles: _Roles = {entity_name(input["team_id"]): _role(input["team_project_role"])}
        return _change_roles(context, project_path(input["project_id"]), {}, roles)


class Mutations(
    RunMutations,
    ProjectMutations,
    UserMutations,
    SweepMutations,
    ArtifactMutations,
    ViewMutations,
):
    """The fields of the type `Mutation`."""


def _run(context: Context, path: RunPath) -> RunNode:
    return RunNode(context.services.runs.get(context.actor, path))


def _edit(context: Context, path: RunPath, input: _Input) -> None:
    """Change a run as a user of the public API asks."""
    before = context.services.runs.get(context.actor, path)
    edit: dict[str, Any] = {}
    for name, field in (
        ("display_name", "name"),
        ("notes", "notes"),
        ("tags", "tags"),
        ("group_name", "group"),
        ("job_type", "job_type"),
    ):
        value = input.get(name)
        if value is not None and value != getattr(before, field):
            edit[field] = value
    if input.get("config"):
        edit["config"] = _changed(before.config, read_config(input["config"]).values)
    if input.get("summary_metrics"):
        edit["summary"] = _changed(before.summary, read_summary(input["summary_metrics"]))
    if edit:
        context.services.runs.edit(context.actor, path, RunEdit(**edit))


def _put_registry(context: Context, name: str, input: _Input) -> _Payload:
    if input.get("artifact_types"):
        raise ConfigError(
            "weft's registries take artifacts of all types; leave artifact_types out",
            field="artifactTypes",
        )
    registries, path = context.services.registries, RegistryPath(name)
    try:
        visibility = registries.get(context.actor, path).visibility
        is_new = False
    except NotFound:
        visibility = "open"
        is_new = True
    description = input.get("description")
    is_restricted = input.get("access") == RESTRICTED
    edit = RegistryEdit(
        description=msgspec.UNSET if description is None else description,
        # One that is public is for all users, too, and stays public.
        visibility=msgspec.UNSET
        if is_restricted == (visibility == "restricted")
        else ("restricted" if is_restricted else "open"),
    )
    node = RegistryNode(registries.put(context.actor, path, edit))
    return {"project": node, "model": node, "inserted": is_new}


class _Members(NamedTuple):
    users: list[str]
    teams: list[str]


def _members_of(input: _Input) -> _Members:
    """The users and teams that a request names by ids."""
    return _Members(
        [user_name(text) for text in input.get("user_ids") or ()],
        [entity_name(text) for text in input.get("team_ids") or ()],
    )


def _role(text: str) -> GivenRole:
    """A role of ours for one of the client's, which has a weaker kind of viewer, too."""
    match text:
        case "admin" | "member" | "viewer":
            return text
        case "restricted_viewer":
            return VIEWER
        case _:
            raise ConfigError(
                f"no role {text[:80]!r}: use viewer, member or admin", field="userProjectRole"
            )


def _change_roles(
    context: Context,
    path: ProjectPath,
    members: _Roles,
    teams: _Roles,
) -> _Payload:
    edit = ProjectAccessEdit(members=members, teams=teams)
    context.services.access.edit(context.actor, path, edit)
    return _SUCCESS


def _changed(before: dict[str, Any], after: dict[str, Any]) -> ConfigEdit:
    values, removed = changes(before, after)
    return ConfigEdit(
        set=[(path, tagged_floats(value)) for path, value in values], removed=removed
    )
