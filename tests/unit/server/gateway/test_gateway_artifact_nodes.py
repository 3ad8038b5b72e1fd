"""Artifacts as nodes of GraphQL, and the mutations of versions and collections."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service_artifacts import PROJECT, ArtifactLog
from service_gateway import Ask, mutate
from weft.server.services.opening.services import Services

FIELDS = (
    "id versionIndex state size fileCount description metadata tags { name } aliases { alias }"
)
VERSION = f"""
query($name: String!) {{
  project(name: "mnist", entityName: "local") {{ artifact(name: $name) {{ {FIELDS}
    artifactSequence {{ name }} artifactType {{ name }} ttlDurationSeconds
  }} }}
}}
"""
COLLECTION = """
query($name: String!) {
  project(name: "mnist", entityName: "local") { artifactCollection(name: $name) {
    id name description state tags { edges { node { name } } }
    aliases { edges { node { alias } } } defaultArtifactType { name }
    artifacts(order: "versionIndex") { edges { node { versionIndex } version } }
  } }
}
"""


@pytest.fixture(autouse=True)
def versions(services: Services) -> None:
    """`net:v0` and `net:v1`, logged by one run."""
    log = ArtifactLog(services, "train")
    log.log("net", {"w": b"0"}, description="first", metadata={"acc": 0.5})
    log.log("net", {"w": b"11", "b": b"2"}, aliases=["best"])


def version(ask: Ask, name: str) -> Any:
    return ask(VERSION, name=name)["project"]["artifact"]


def collection(ask: Ask, name: str = "net") -> Any:
    return ask(COLLECTION, name=name)["project"]["artifactCollection"]


def aliases(node: Any) -> list[str]:
    return sorted(alias["alias"] for alias in node["aliases"])


def test_a_version_has_its_files_size_and_aliases(ask: Ask) -> None:
    first, newest = version(ask, "net:v0"), version(ask, "net:best")
    assert (first["versionIndex"], first["size"], first["fileCount"]) == (0, 1, 1)
    assert (first["description"], json.loads(first["metadata"])) == ("first", {"acc": 0.5})
    assert (newest["versionIndex"], newest["size"], newest["fileCount"]) == (1, 3, 2)
    assert aliases(newest) == ["best", "latest"]
    assert newest["artifactSequence"] == {"name": "net"}
    assert newest["artifactType"] == {"name": "model"}
    assert version(ask, "net:v9") is None
    assert version(ask, "other:latest") is None


def test_a_collection_lists_its_versions_and_aliases(ask: Ask) -> None:
    node = collection(ask)
    assert (node["name"], node["state"], node["defaultArtifactType"]) == (
        "net", "READY", {"name": "model"}
    )  # fmt: skip
    assert sorted(edge["node"]["alias"] for edge in node["aliases"]["edges"]) == [
        "best", "latest"
    ]  # fmt: skip
    assert sorted(edge["version"] for edge in node["artifacts"]["edges"]) == ["v0", "v1"]
    assert collection(ask, "other") is None


def test_a_version_is_described_and_tagged(ask: Ask) -> None:
    changed = mutate(
        ask, "updateArtifact", f"artifact {{ {FIELDS} }}",
        artifactID=version(ask, "net:v0")["id"], description="better",
        metadata=json.dumps({"acc": 1}), tagsToAdd=[{"tagName": "good"}], ttlDurationSeconds=60,
    )["artifact"]  # fmt: skip
    assert (changed["description"], json.loads(changed["metadata"])) == ("better", {"acc": 1})
    assert changed["tags"] == [{"name": "good"}]
    assert version(ask, "net:v0")["ttlDurationSeconds"] == 60
    mutate(
        ask, "updateArtifact", "artifact { id }",
        artifactID=changed["id"], tagsToDelete=[{"tagName": "good"}], ttlDurationSeconds=-1,
    )  # fmt: skip
    assert version(ask, "net:v0")["tags"] == []
    assert version(ask, "net:v0")["ttlDurationSeconds"] == -1


def test_aliases_move_and_end(ask: Ask) -> None:
    alias = {
        "artifactCollectionName": "net", "alias": "best",
        "entityName": "local", "projectName": "mnist",
    }  # fmt: skip
    first = version(ask, "net:v0")["id"]
    assert mutate(ask, "addAliases", "success", artifactID=first, aliases=[alias])["success"]
    assert aliases(version(ask, "net:v0")) == ["best"]
    assert aliases(version(ask, "net:v1")) == ["latest"]
    assert mutate(ask, "deleteAliases", "success", artifactID=first, aliases=[alias])["success"]
    assert aliases(version(ask, "net:v0")) == []
    elsewhere = {**alias, "artifactCollectionName": "other"}
    assert "is not linked to" in mutate(
        ask, "addAliases", "success", artifactID=first, aliases=[elsewhere]
    )


def test_a_version_with_an_alias_is_deleted_with_it_alone(ask: Ask) -> None:
    newest = version(ask, "net:v1")["id"]
    assert "alias" in mutate(ask, "deleteArtifact", "artifact { id }", artifactID=newest)
    deleted = mutate(
        ask, "deleteArtifact", "artifact { id }", artifactID=newest, deleteAliases=True
    )
    assert deleted["artifact"]["id"] == newest
    assert version(ask, "net:v1") is None
    assert version(ask, "net:latest")["versionIndex"] == 0


def test_a_collection_is_renamed_tagged_and_deleted(ask: Ask) -> None:
    id_ = collection(ask)["id"]
    mutate(
        ask, "updateArtifactSequence", "artifactCollection { name }",
        artifactSequenceID=id_, name="network", description="all nets",
    )  # fmt: skip
    renamed = collection(ask, "network")
    assert renamed["description"] == "all nets"
    named = {
        "entityName": "local", "projectName": "mnist",
        "artifactCollectionName": "network", "tags": [{"tagName": "vision"}],
    }  # fmt: skip
    tags = mutate(ask, "createArtifactCollectionTagAssignments", "tags { name }", **named)["tags"]
    assert tags == [{"name": "vision"}]
    assert collection(ask, "network")["tags"]["edges"] == [{"node": {"name": "vision"}}]
    mutate(ask, "deleteArtifactCollectionTagAssignments", "success", **named)
    assert collection(ask, "network")["tags"]["edges"] == []
    deleted = mutate(
        ask, "deleteArtifactSequence", "artifactCollection { state }",
        artifactSequenceID=renamed["id"],
    )  # fmt: skip
    assert deleted["artifactCollection"] == {"state": "DELETED"}
    assert collection(ask, "network") is None


def test_a_run_uses_a_version(ask: Ask) -> None:
    run_of = {"modelName": "mnist", "entityName": "local", "name": "eval"}
    mutate(ask, "upsertBucket", "inserted", **run_of)
    mutate(
        ask, "useArtifact", "artifact { id }", artifactID=version(ask, "net:v0")["id"],
        entityName="local", projectName="mnist", runName="eval", usedAs="base",
    )  # fmt: skip
    document = """{ project(name: "mnist") { run(name: "eval") {
      inputArtifacts { edges { node { versionIndex artifactSequence { name } } } }
      outputArtifacts { edges { node { id } } }
    } } }"""
    run = ask(document)["project"]["run"]
    assert run["inputArtifacts"]["edges"] == [
        {"node": {"versionIndex": 0, "artifactSequence": {"name": "net"}}}
    ]
    assert run["outputArtifacts"]["edges"] == []


def test_a_new_version_without_a_name_or_with_a_long_id_is_refused(ask: Ask) -> None:
    new = {
        "entityName": "local", "projectName": PROJECT.project, "runName": "train",
        "artifactTypeName": "model", "digest": "d", "digestAlgorithm": "MANIFEST_MD5",
    }  # fmt: skip
    assert "needs a name" in mutate(ask, "createArtifact", "artifact { id }", **new)
    long = {**new, "artifactCollectionName": "net", "distributedID": "x" * 1000}
    assert "distributed id" in mutate(ask, "createArtifact", "artifact { id }", **long)


def test_a_draft_has_addresses_to_upload_to_and_is_no_version_yet(ask: Ask) -> None:
    draft = mutate(
        ask, "createArtifact", "artifact { id state artifactSequence { id } }",
        entityName="local", projectName="mnist", runName="train", artifactTypeName="model",
        artifactCollectionName="draft", digest="d", digestAlgorithm="MANIFEST_MD5",
    )["artifact"]  # fmt: skip
    assert draft["state"] == "PENDING"
    manifest = mutate(
        ask, "createArtifactManifest", "artifactManifest { file { uploadUrl } }",
        artifactID=draft["id"], name="m", digest="d", entityName="local", projectName="mnist",
        runName="train",
    )["artifactManifest"]  # fmt: skip
    assert manifest["file"]["uploadUrl"].startswith("http://weft.example/")
    files = mutate(
        ask, "createArtifactFiles", "files { edges { node { name uploadUrl } } }",
        artifactFiles=[{"artifactID": draft["id"], "name": "w", "md5": "00" * 16}],
    )["files"]["edges"]  # fmt: skip
    assert [edge["node"]["name"] for edge in files] == ["w"]
    assert files[0]["node"]["uploadUrl"].startswith("http://weft.example/")
    assert version(ask, "draft:latest") is None
