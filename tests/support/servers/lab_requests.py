"""Requests to a lab's server: each operation of the HTTP API, and each field of the gateway.

Values of fields are made from the schema's types; `Names` has those that name things of the lab.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)

from lab_server import RUN, Lab
from weft.records.files.artifacts import ArtifactPath
from weft.server.http.description.examples import BODIES, PARAMETERS
from weft.server.services.access import ProjectPath
from weft.wandb_gateway.artifacts.manifests import version_id
from weft.wandb_gateway.graphql.artifacts.artifact_nodes import collection_id
from weft.wandb_gateway.graphql.execution import make_schema
from weft.wandb_gateway.ids import entity_id, make_id, project_id, report_id, run_id, user_id

_METHODS: Final = ("get", "put", "post", "delete", "patch", "head")


class Operation:
    """An operation of the API's description."""

    def __init__(self, method: str, path: str, described: dict[str, Any]) -> None:
        self.name: str = described["operationId"]
        self.method = method
        self.path = path
        self.body = BODIES.get(self.name)
        self.query = {
            parameter["name"]: 0 if parameter["schema"]["type"] == "integer" else "v0"
            for parameter in described.get("parameters", ())
            if parameter["in"] == "query" and parameter.get("required")
        }
        content = described.get("requestBody", {}).get("content", {})
        self.media_type = next(iter(content), None)

    def sending(self, body: Any, query: Mapping[str, Any]) -> Operation:
        """This operation with another body, and with further parameters."""
        other = copy.copy(self)
        other.body, other.query = body, self.query | query
        return other

    def try_as(self, client: httpx.Client, **names: str) -> httpx.Response:
        """Send the example, and return the answer, without its body if that never ends."""
        values = {part: example for part, (example, _) in PARAMETERS.items()} | names
        path = re.sub(r"{(\w+)}", lambda part: values[part.group(1)], self.path)
        headers = {"If-Match": '"1"'}
        content = b""
        if self.body is not None:
            content = json.dumps(self.body).encode()
            headers["content-type"] = "application/json"
        elif self.media_type is not None:
            headers["content-type"] = self.media_type
        with client.stream(
            self.method.upper(), path, params=self.query, content=content, headers=headers
        ) as answer:
            if "text/event-stream" not in answer.headers.get("content-type", ""):
                answer.read()
        return answer


def describe_operations(lab: Lab) -> list[Operation]:
    """All operations of the API's description."""
    described = lab.clients["root"].get("/api/v1/openapi.json").raise_for_status().json()
    return [
        Operation(method, path, methods[method])
        for path, methods in described["paths"].items()
        for method in _METHODS
        if method in methods
    ]


SCHEMA: Final = make_schema()


def fields_of(kind: str) -> dict[str, GraphQLField]:
    """The fields of `Query` or `Mutation`."""
    root = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
    assert root is not None
    return dict(root.fields)


class Names:
    """Values for a project's things, by the name of an argument, or of it in a field."""

    def __init__(self, project: str) -> None:
        path = ProjectPath("lab", project)
        run = path.run(RUN)
        version = version_id(ArtifactPath("lab", project, "digits", "v0"))
        draft = make_id("Artifact", "draft", "ab" * 16, *reversed(run))
        collection = collection_id(path, "digits")
        self._values: dict[str, Any] = {
            "entityName": "lab",
            "projectName": project,
            "modelName": project,
            "runName": RUN,
            "name": RUN,
            "project.name": project,
            "model.name": project,
            "upsertModel.name": project,
            "entity.name": "lab",
            "organization.name": "lab",
            "id": run_id(run),
            "artifact.id": version,
            "artifactCollection.id": collection,
            "deleteModel.id": project_id(path),
            "deleteApiKey.id": make_id("ApiKey", 999_999),
            "deleteInvite.id": user_id("eve"),
            **{
                f"{field}.projectId": project_id(path)
                for field in (
                    "createProjectMembers",
                    "deleteProjectMembers",
                    "updateProjectMember",
                    "updateProjectTeamMember",
                )
            },
            "userId": user_id("eve"),
            "teamId": entity_id("other"),
            "userProjectRole": "viewer",
            "teamProjectRole": "viewer",
            "agentHeartbeat.id": make_id("Agent", "v1", "agent", "absent", project, "lab", "box"),
            "view.id": report_id(path, "0123456789ab"),
            "deleteView.id": report_id(path, "0123456789ab"),
            "upsertView.id": None,
            "upsertView.type": "runs",
            "upsertBucket.id": None,
            "upsertModel.id": None,
            "upsertSweep.id": None,
            "artifactID": version,
            "createArtifactManifest.artifactID": draft,
            "createArtifactFiles.artifactID": draft,
            "commitArtifact.artifactID": draft,
            "artifactManifestID": make_id("ArtifactManifest", "FULL", "ab" * 16, *run),
            "artifactPortfolioID": collection,
            "artifactSequenceID": collection,
            "artifactCollectionName": "digits",
            "artifactTypeName": "dataset",
            "createArtifact.runName": RUN,
            "deleteFiles.files": [make_id("File", *reversed(run), "a.txt")],
            "upsertSweep.config": "method: random\nparameters: {lr: {values: [1, 2]}}",
            "config": "{}",
            "metricName": "_step",
            "state": "finished",
            "username": "eve",
            "email": "new@lab.example",
        }

    def fill(self, field: str, kind: Any, name: str) -> Any:
        """A value of a type: by its name, else made of what the type requires."""
        for key in (f"{field}.{name}", name):
            if key in self._values:
                return self._values[key]
        if not isinstance(kind, GraphQLNonNull):
            return None
        kind = kind.of_type
        if isinstance(kind, GraphQLList):
            return [self.fill(field, GraphQLNonNull(get_named_type(kind)), name)]
        if isinstance(kind, GraphQLInputObjectType):
            values = {key: self.fill(field, part.type, key) for key, part in kind.fields.items()}
            return {key: value for key, value in values.items() if value is not None}
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        return {"Float": 0.0, "Int": 0, "Int64": 0, "Boolean": False}.get(kind.name, "digits")


def ask_graphql(client: httpx.Client, kind: str, name: str, project: str) -> httpx.Response:
    """Send a field with values of a project, selecting the leaves of its answer."""
    field = fields_of(kind)[name]
    names = Names(project)
    values = {key: names.fill(name, part.type, key) for key, part in field.args.items()}
    declared = ", ".join(f"${key}: {part.type}" for key, part in field.args.items())
    passed = ", ".join(f"{key}: ${key}" for key in field.args)
    document = (
        f"{kind} Tried{f'({declared})' if declared else ''} "
        f"{{ {name}{f'({passed})' if passed else ''} {leaves(get_named_type(field.type), 3)} }}"
    )
    return client.post("/graphql", json={"query": document, "variables": values})


def leaves(kind: Any, depth: int) -> str:
    """A selection of all that a type has in so many levels and needs no arguments."""
    if is_leaf_type(kind):
        return ""
    parts = ["__typename"]
    for name, field in getattr(kind, "fields", {}).items():
        inner = get_named_type(field.type)
        if any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif depth > 1:
            parts.append(f"{name} {leaves(inner, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"
