"""SQL, live events, archives and registries, tried by each kind of person; and contents of others,
which no claim in a log gets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest

from lab_server import READ, SIGNED_IN, WRITE, Lab, start_lab
from made_artifacts import add_artifact, send_contents, sha256
from run_log_bytes import HandMadeLog
from server_process import wait_until
from weft.records.record import Artifact, File
from weft.server.services.access import ProjectPath
from weft.server.services.sql.trees import TABLES
from weft.wandb_gateway.ids import project_id, user_id

READERS: Final = {
    "runs": READ,
    "secret": READ - {"vic", "bot"},
    "shared": SIGNED_IN,
    "paper": SIGNED_IN - {"mia-shared"},
}
"""By project. A key that has ended, and one that no one has, read nothing, not even in public."""

IMPORTERS: Final = {
    "lab/imported": WRITE,
    "lab/secret": WRITE - {"bot"},
    "other/imported": {"olga", "root"},
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_sql_shows_each_table_to_readers_alone(lab: Lab) -> None:
    query = " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in sorted(TABLES)
    )

    def counts_for_admins(project: str) -> str:
        answer = lab.clients["root"].post(
            f"/api/v1/projects/lab/{project}/sql", json={"query": query}
        )
        return str(sorted(answer.raise_for_status().json()["rows"]))

    for project in ("runs", "secret"):
        # summaries are written some time after their rows
        wait_until(lambda at=project: "['summaries', 1]" in counts_for_admins(at))
        counts: dict[str, str] = {}
        for name, client in lab.clients.items():
            answer = client.post(f"/api/v1/projects/lab/{project}/sql", json={"query": query})
            if name in READERS[project]:
                assert answer.is_success, (project, name, answer.text)
                counts[name] = str(sorted(answer.json()["rows"]))
            else:
                assert answer.status_code in {401, 403, 404}, (project, name, answer.text)
        assert len(set(counts.values())) == 1, counts
        assert "['runs', 1]" in counts["mia"]


def test_live_events_are_for_readers_alone(lab: Lab) -> None:
    for project, readers in READERS.items():
        for name, client in lab.clients.items():
            with client.stream("GET", f"/api/v1/projects/lab/{project}/events") as stream:
                assert stream.is_success is (name in readers), (project, name)
                if stream.is_success:
                    assert next(stream.iter_lines()) == "event: hello"


def test_archives_are_exported_by_readers_and_imported_by_writers(lab: Lab) -> None:
    for project, readers in READERS.items():
        for name, client in lab.clients.items():
            answer = client.get(f"/api/v1/projects/lab/{project}/archive")
            assert answer.is_success is (name in readers), (project, name)
    archive = lab.clients["mia"].get("/api/v1/projects/lab/secret/archive").content
    for target, writers in IMPORTERS.items():
        for name, client in lab.clients.items():
            # Half of it: for those who may, it is damaged.
            answer = client.post(f"/api/v1/projects/{target}/archive", content=archive[:100])
            assert answer.is_success is (name in writers), (target, name, answer.text)
    # The archive itself names the project: it needs the right there.
    answer = lab.clients["dan"].post("/api/v1/archives", content=archive)
    assert '"status":403' in answer.text


def test_a_registry_is_changed_by_its_admins_alone(lab: Lab) -> None:
    registry = project_id(ProjectPath("registry", "model"))
    mutations = (
        "createProjectMembers(input: {projectId: $id, userIds: [$user]}) { success }",
        'updateProjectMember(input: {projectId: $id, userId: $user, userProjectRole: "admin"}) '
        "{ success }",
        "deleteProjectMembers(input: {projectId: $id, userIds: [$user]}) { success }",
    )
    for name, client in lab.clients.items():
        if name == "root":
            continue
        for body in ({"members": {"dan": "admin"}}, {"visibility": "restricted"}):
            answer = client.patch("/api/v1/registries/model", json=body)
            assert answer.status_code in {401, 403}, (name, body, answer.text)
        for mutation in mutations:
            answer = client.post(
                "/graphql",
                json={
                    "query": f"mutation Try($id: ID!, $user: ID!) {{ {mutation} }}",
                    "variables": {"id": registry, "user": user_id("dan")},
                },
            )
            assert answer.status_code in {401, 403}, (name, mutation, answer.text)
    members = lab.clients["root"].get("/api/v1/registries/model").json()["members"]
    assert members == {"root": "admin"}


@pytest.mark.parametrize("name", ["dan", "vic"])
def test_no_claim_in_a_log_gets_contents_of_others(lab: Lab, name: str) -> None:
    """Neither the hash of a content, nor a use of a hidden version, nor a link to one."""
    client = lab.clients[name]
    content = b"digits"
    log = HandMadeLog(entity=name, project="claims", run="claims01", writer=f"writer{name}")
    log.add(File("x.txt", len(content), sha256(content), 1))
    manifest = add_artifact(log, 1, {"y.txt": content}, name="claimed")
    for project in ("secret", "absent"):
        version = f"lab/{project}/digits:v0"
        log.add(Artifact("use", version, "", ""))
        log.add(Artifact("link", version, "", "", target=f"registry/model/{project}"))
    assert log.upload(client).is_success
    send_contents(client, f"{name}/claims", [manifest])
    ahead = client.post(f"{log.path}/lacking", json={"sha256": [sha256(b"of no one"), "0" * 64]})
    assert len(ahead.json()["sha256"]) == 2
    lacking = client.get(f"{log.path}/log/{log.writer}/lacking").json()["contents"]
    assert {entry["sha256"] for entry in lacking} == {sha256(content)}
    project = f"/api/v1/projects/{name}/claims"
    for path in (
        f"{log.path}/files/x.txt",
        f"{project}/artifacts/claimed/versions/v0/files/y.txt",
        "/api/v1/projects/registry/model/artifacts/secret/versions/v0/files/a.txt",
    ):
        assert client.get(path).status_code == 404, path
    artifacts = client.get(f"{log.path}/artifacts").json()
    assert [version["state"] for version in artifacts["logged"]] == ["awaited"]
    assert artifacts["used"] == []
    hidden, absent = (re.sub("secret|absent", "", json.dumps(link)) for link in artifacts["links"])
    assert hidden == absent
    assert '"failed"' in hidden
    seen = lab.clients["mia"].get(
        "/api/v1/projects/lab/secret/artifacts/digits/versions/v0/lineage"
    )
    assert "claims" not in seen.text
