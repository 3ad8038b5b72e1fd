"""Projects, runs and files as nodes of GraphQL, and the mutations that change them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service_gateway import Ask
from service_uploads import START, WriterLog
from weft.errors import Gone
from weft.records.record import Config, Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services

PROJECT = ProjectPath("local", "p")
RUNS = """
query($filters: JSONString, $order: String, $first: Int, $after: String) {
  project(name: "p", entityName: "local") {
    runCount(filters: $filters)
    runs(filters: $filters, order: $order, first: $first, after: $after) {
      edges { node { name } } pageInfo { endCursor hasNextPage }
    }
  }
}
"""
EDIT = """
mutation($input: UpsertBucketInput!) {
  upsertBucket(input: $input) { inserted bucket { id name displayName tags notes config } }
}
"""


@pytest.fixture(autouse=True)
def runs(services: Services) -> None:
    """Runs `r0` to `r2`: the last one runs, the others have finished and failed."""
    for nth in range(3):
        log = WriterLog(f"w{nth}")
        ends = [Exit(START + 5, nth)] if nth < 2 else []
        upload = log.upload(
            Run(f"r{nth}", "p", name=f"name {nth}", tags=["t"], start_micros=START - 9 + nth),
            Config(START, [(["lr"], nth / 10), (["opt", "name"], "adam")]),
            *ends,
            rows=[{"loss": 1.0 - nth / 10}],
        )
        services.ingest.apply_upload(LOCAL, PROJECT.run(f"r{nth}"), upload)


def listed(ask: Ask, **query: Any) -> list[str]:
    project = ask(RUNS, **query)["project"]
    return [edge["node"]["name"] for edge in project["runs"]["edges"]]


def run_node(ask: Ask, run: str, fields: str) -> Any:
    document = f'query($n: String!) {{ project(name: "p") {{ run(name: $n) {{ {fields} }} }} }}'
    return ask(document, n=run)["project"]["run"]


def test_a_run_has_its_state_config_and_summary(ask: Ask) -> None:
    node = run_node(ask, "r1", "name displayName state tags config summaryMetrics exitcode")
    assert (node["displayName"], node["state"], node["exitcode"]) == ("name 1", "failed", 1)
    assert json.loads(node["config"]) == {
        "lr": {"value": 0.1}, "opt": {"value": {"name": "adam"}}
    }  # fmt: skip
    assert json.loads(node["summaryMetrics"])["loss"] == 0.9
    assert run_node(ask, "r2", "state running") == {"state": "running", "running": True}
    assert ask('{ project(name: "p") { run(name: "none") { name } } }')["project"]["run"] is None
    assert ask('{ project(name: "none") { name } }') == {"project": None}


def test_runs_are_filtered_sorted_and_paged(ask: Ask) -> None:
    assert listed(ask, order="+created_at") == ["r0", "r1", "r2"]
    assert listed(ask, order="-created_at") == ["r2", "r1", "r0"]
    filters = json.dumps({"config.lr.value": {"$gte": 0.1}})
    assert sorted(listed(ask, filters=filters)) == ["r1", "r2"]
    assert ask(RUNS, filters=filters)["project"]["runCount"] == 2
    page = ask(RUNS, order="+created_at", first=2)["project"]["runs"]
    assert page["pageInfo"]["hasNextPage"]
    cursor = page["pageInfo"]["endCursor"]
    assert listed(ask, order="+created_at", first=2, after=cursor) == ["r2"]


def test_a_person_edits_only_what_is_named(ask: Ask, services: Services) -> None:
    run_id = run_node(ask, "r0", "id")["id"]
    config = json.dumps({"lr": {"value": 7}})
    changed = {"id": run_id, "displayName": "new", "tags": [], "config": config}
    answer = ask(EDIT, input=changed)["upsertBucket"]
    assert not answer["inserted"]
    run = services.runs.get(LOCAL, PROJECT.run("r0"))
    assert (run.name, run.tags, run.notes) == ("new", [], None)
    assert run.config == {"lr": 7}, "what the config leaves out is removed"
    ask(EDIT, input={"id": run_id, "notes": "good"})
    run = services.runs.get(LOCAL, PROJECT.run("r0"))
    assert (run.name, run.notes, run.config) == ("new", "good", {"lr": 7})


def test_a_run_is_asked_to_stop_and_deleted(ask: Ask, services: Services) -> None:
    stop = "mutation($id: ID!) { stopRun(input: {id: $id}) { success } }"
    assert ask(stop, id=run_node(ask, "r2", "id")["id"]) == {"stopRun": {"success": True}}
    assert services.runs.get(LOCAL, PROJECT.run("r2")).stopped_by is not None
    delete = "mutation($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }"
    ask(delete, id=run_node(ask, "r0", "id")["id"])
    with pytest.raises(Gone):
        services.runs.get(LOCAL, PROJECT.run("r0"))
    assert listed(ask, order="+created_at") == ["r1", "r2"]


def test_files_are_listed_by_name_and_pattern_and_deleted(ask: Ask, services: Services) -> None:
    for path in ("a.txt", "media/b.png"):
        upload = services.files.upload(LOCAL, PROJECT.run("r0"), path)
        upload.write(b"content")
        upload.commit()
    fields = "fileCount files(first: 10 %s) { edges { node { id name sizeBytes } } }"
    node = run_node(ask, "r0", fields % "")
    files = [edge["node"] for edge in node["files"]["edges"]]
    assert [(file["name"], file["sizeBytes"]) for file in files] == [
        ("a.txt", 7),
        ("media/b.png", 7),
    ]
    assert node["fileCount"] == 2
    chosen = run_node(ask, "r0", fields % 'names: ["media/b.png"]')["files"]["edges"]
    assert [edge["node"]["name"] for edge in chosen] == ["media/b.png"]
    delete = "mutation($f: [ID!]!) { deleteFiles(input: {files: $f}) { success } }"
    ask(delete, f=[files[0]["id"]])
    assert run_node(ask, "r0", "fileCount")["fileCount"] == 1


def test_a_project_is_made_described_and_deleted(ask: Ask, services: Services) -> None:
    put = """mutation($name: String!, $text: String) {
      upsertModel(input: {name: $name, description: $text}) { inserted project { id description } }
    }"""
    first = ask(put, name="new", text="first")["upsertModel"]
    assert (first["inserted"], first["project"]["description"]) == (True, "first")
    again = ask(put, name="new")["upsertModel"]
    assert (again["inserted"], again["project"]["description"]) == (False, "first")
    delete = "mutation($id: String!) { deleteModel(input: {id: $id}) { success } }"
    ask(delete, id=first["project"]["id"])
    assert [project.project for project in services.projects.list(LOCAL)] == ["p"]
    for name in ("wandb-registry-vision", "wandb-registry-speech"):
        assert ask(put, name=name)["upsertModel"]["inserted"]
    assert {row.name for row in services.registries.list(LOCAL)} >= {"vision", "speech"}
