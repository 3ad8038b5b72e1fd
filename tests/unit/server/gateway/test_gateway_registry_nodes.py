"""Registries as projects of an organization, and links to versions in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service_artifacts import ArtifactLog
from service_gateway import Ask
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services

PUT = """
mutation($input: UpsertModelInput!) {
  upsertModel(input: $input) { inserted project { id name } }
}
"""
LINK = """
mutation($input: LinkArtifactInput!) { linkArtifact(input: $input) { versionIndex } }
"""
ORGANIZATION = """
query($projects: JSONString, $collections: JSONString, $versions: JSONString) {
  organization(name: "registry") { orgEntity {
    projects(filters: $projects) { edges { node { name } } }
    artifactCollections(projectFilters: $projects, filters: $collections) {
      totalCount edges { node { name } }
    }
    artifactMemberships(
      projectFilters: $projects, collectionFilters: $collections, filters: $versions
    ) { edges { node { versionIndex aliases { alias } artifact { id } } } }
  } }
}
"""


@pytest.fixture
def registry(ask: Ask) -> dict[str, Any]:
    return ask(PUT, input={"name": "wandb-registry-vision", "entityName": "registry"})[
        "upsertModel"
    ]["project"]


@pytest.fixture
def version(ask: Ask, services: Services) -> str:
    """The id of `net:v0`."""
    ArtifactLog(services, "train").log("net", {"w": b"0"})
    document = '{ project(name: "mnist") { artifact(name: "net:v0") { id } } }'
    return ask(document)["project"]["artifact"]["id"]


def link(ask: Ask, version: str, collection: str, *aliases: str) -> Any:
    named = [{"artifactCollectionName": collection, "alias": alias} for alias in aliases]
    return ask(
        LINK,
        input={
            "artifactID": version, "artifactPortfolioName": collection, "aliases": named,
            "entityName": "registry", "projectName": "wandb-registry-vision",
        },
    )  # fmt: skip


def listed(ask: Ask, **filters: Any) -> dict[str, Any]:
    values = {name: json.dumps(value) for name, value in filters.items()}
    return ask(ORGANIZATION, **values)["organization"]["orgEntity"]


def names(connection: Any) -> list[str]:
    return [edge["node"]["name"] for edge in connection["edges"]]


def test_a_registry_is_made_changed_and_deleted(ask: Ask, services: Services) -> None:
    new = {"name": "wandb-registry-vision", "entityName": "registry", "description": "nets"}
    first = ask(PUT, input=new)["upsertModel"]
    assert (first["inserted"], first["project"]["name"]) == (True, "wandb-registry-vision")
    changed = ask(PUT, input={**new, "access": "PRIVATE"})["upsertModel"]
    assert not changed["inserted"]
    (stored,) = [entry for entry in services.registries.list(LOCAL) if entry.name == "vision"]
    assert stored.description == "nets"
    assert "vision" in str(names(listed(ask)["projects"]))
    document = "mutation($id: String!) { deleteModel(input: {id: $id}) { success } }"
    assert ask(document, id=first["project"]["id"])["deleteModel"]["success"]
    assert "vision" not in str(names(listed(ask)["projects"]))


def test_types_of_artifacts_and_new_names_are_refused(ask: Ask) -> None:
    new = {"name": "wandb-registry-vision", "entityName": "registry"}
    assert "all types" in ask(PUT, input={**new, "artifactTypes": [{"name": "model"}]})
    rename = """mutation { renameProject(input: {
      entityName: "registry", oldProjectName: "wandb-registry-a", newProjectName: "b"
    }) { inserted } }"""
    assert "does not rename registries" in ask(rename)


@pytest.mark.usefixtures("registry")
def test_a_version_is_linked_found_and_unlinked(ask: Ask, version: str) -> None:
    assert link(ask, version, "digits", "staging")["linkArtifact"]["versionIndex"] == 0
    answer = listed(ask, collections={"name": "digits"})
    assert names(answer["artifactCollections"]) == ["digits"]
    (membership,) = (edge["node"] for edge in answer["artifactMemberships"]["edges"])
    assert membership["artifact"]["id"] == version
    assert "staging" in [alias["alias"] for alias in membership["aliases"]]
    assert listed(ask, versions={"alias": "production"})["artifactMemberships"]["edges"] == []
    document = """{ project(name: "wandb-registry-vision", entityName: "registry") {
      artifactCollection(name: "digits") { id }
    } }"""
    portfolio = ask(document)["project"]["artifactCollection"]["id"]
    unlink = """mutation($id: ID!, $of: ID!) {
      unlinkArtifact(input: {artifactID: $id, artifactPortfolioID: $of}) { success }
    }"""
    assert ask(unlink, id=version, of=portfolio)["unlinkArtifact"]["success"]
    assert listed(ask)["artifactMemberships"]["edges"] == []


@pytest.mark.usefixtures("registry")
def test_links_to_what_is_not_there_say_why(ask: Ask, version: str) -> None:
    unknown = {"clientID": "none", "artifactPortfolioName": "digits", "entityName": "registry"}
    assert "not known here" in ask(LINK, input=unknown)
    assert "no artifact to link" in ask(LINK, input={"artifactPortfolioName": "digits"})
    link(ask, version, "digits")
    assert names(listed(ask)["artifactCollections"]) == ["digits"]
