"""Each query and mutation of the gateway for W&B's clients, tried by each kind of person.

`RIGHTS` has a line for each field of `Query` and `Mutation`; one without a line fails. Mutations
of those who may are not tried: they would change the lab for the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from lab_requests import ask_graphql, fields_of
from lab_server import READ, UNKNOWN, Lab, rights_of, start_lab
from weft.records.files.artifacts import ArtifactPath
from weft.server.services.access import ProjectPath
from weft.wandb_gateway.artifacts.manifests import version_id
from weft.wandb_gateway.ids import report_id

TABLE: Final = """
user: viewer serverInfo entity organization users clientIDMapping models view
read: project model artifact artifactCollection
log: upsertBucket updateRunState notifyScriptableRunAlert createRunFiles createAgent
log: agentHeartbeat createArtifact createArtifactManifest updateArtifactManifest
log: rewindRun linkArtifact createArtifactFiles commitArtifact useArtifact
write: deleteRun stopRun deleteFiles upsertSweep upsertModel upsertView deleteView
write: updateArtifact deleteArtifact addAliases deleteAliases unlinkArtifact
write: updateArtifactSequence updateArtifactPortfolio moveArtifactSequence
write: deleteArtifactSequence deleteArtifactPortfolio
write: createArtifactCollectionTagAssignments deleteArtifactCollectionTagAssignments
admin: createProjectMembers deleteProjectMembers updateProjectMember updateProjectTeamMember
admin: deleteModel createInvite deleteInvite createServiceAccount
server: createUser createTeam
itself: generateApiKey
"""

RIGHTS: Final = rights_of(TABLE)

NOTHING: Final = {
    "markRunFilesUploaded": "does nothing: files are stored when they arrive",
    "createCustomChart": "stores nothing: runs carry their charts",
    "renameProject": "is refused to all",
    "createAccessToken": "is refused to all",
    "updateAccessTokenProjects": "is refused to all",
    "revokeAccessToken": "is refused to all",
    "completeMultipartUploadArtifact": "is refused to all",
    "deleteApiKey": "of one's own keys: those of others are not there",
}
"""Fields that do nothing to a project."""


def without_names(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, re.sub(r"secret|absent", "", answer.text)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_each_field_has_a_line() -> None:
    assert fields_of("query").keys() | fields_of("mutation") == RIGHTS.keys() | NOTHING.keys()


@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_who_may_not_is_refused(lab: Lab, kind: str) -> None:
    faults: list[str] = []
    for field in fields_of(kind):
        for name, client in lab.clients.items():
            if field in RIGHTS and name in RIGHTS[field]:
                continue
            if field in NOTHING and name not in UNKNOWN:
                continue
            answer = ask_graphql(client, kind, field, "runs")
            body = answer.json()
            data = body.get("data") or {}
            expected = 401 if name in UNKNOWN else 403
            if answer.status_code != expected or any(data.values()) or not body.get("errors"):
                faults.append(f"{field} as {name}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults[:60])


def test_who_may_read_is_answered(lab: Lab) -> None:
    faults: list[str] = []
    for field in fields_of("query"):
        for name in RIGHTS[field]:
            answer = ask_graphql(lab.clients[name], "query", field, "runs")
            # A node may have parts that are for fewer, such as the members of an entity.
            if answer.status_code >= 500 or (RIGHTS[field] is READ and not answer.json()["data"]):
                faults.append(f"{field} as {name}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults[:20])


@pytest.mark.parametrize("name", ["vic", "olga"])
def test_a_hidden_project_is_like_one_that_is_not_there(lab: Lab, name: str) -> None:
    faults: list[str] = []
    for kind in ("query", "mutation"):
        for field in fields_of(kind):
            if field in {"createTeam", "createUser", "generateApiKey"}:
                continue
            answers = [
                without_names(ask_graphql(lab.clients[name], kind, field, project))
                for project in ("secret", "absent")
            ]
            if answers[0] != answers[1]:
                faults.append(f"{field}: {answers}")
    assert not faults, "\n".join(faults[:20])


def test_a_report_of_a_hidden_project_is_not_there(lab: Lab) -> None:
    reports = "/api/v1/projects/lab/secret/reports"
    answer = lab.clients["mia"].post(reports, json={"title": "Findings"}).raise_for_status()
    report = answer.json()["id"]
    lab.clients["mia"].post(f"{reports}/{report}/publish").raise_for_status()
    id_ = report_id(ProjectPath("lab", "secret"), report)
    view = f'query {{ view(id: "{id_}") {{ displayName spec }} }}'
    edit = f'mutation {{ upsertView(input: {{id: "{id_}", spec: "{{}}"}}) {{ inserted }} }}'
    delete = f'mutation {{ deleteView(input: {{id: "{id_}"}}) {{ success }} }}'
    for name in ("vic", "olga"):
        assert "Findings" not in lab.clients[name].post("/graphql", json={"query": view}).text
        for mutation in (edit, delete):
            answer = lab.clients[name].post("/graphql", json={"query": mutation})
            assert answer.json()["errors"], answer.text
    assert "Findings" in lab.clients["mia"].post("/graphql", json={"query": view}).text


def test_nothing_that_is_listed_tells_of_a_hidden_project(lab: Lab) -> None:
    for field in ("models", "entity", "viewer", "users", "organization"):
        for name in ("vic", "bot", "olga", "dan", "mia-shared"):
            assert "secret" not in ask_graphql(lab.clients[name], "query", field, "runs").text, (
                field
            )


def test_lineage_and_links_leave_out_what_is_hidden(lab: Lab) -> None:
    """A run of a project that all of the team see used a version of a hidden one, and a registry
    has a link to it.
    """
    version = version_id(ArtifactPath("lab", "secret", "digits", "v0"))
    for mutation in (
        'upsertBucket(input: {name: "used0001", modelName: "runs", entityName: "lab"}) '
        "{ inserted }",
        'useArtifact(input: {entityName: "lab", projectName: "runs", runName: "used0001", '
        f'artifactID: "{version}"}}) {{ artifact {{ id }} }}',
        'linkArtifact(input: {entityName: "registry", projectName: "wandb-registry-model", '
        f'artifactID: "{version}", artifactPortfolioName: "best"}}) {{ versionIndex }}',
    ):
        answer = lab.clients["mia"].post("/graphql", json={"query": f"mutation {{ {mutation} }}"})
        assert "errors" not in answer.json(), answer.text
    query = """{ project(name: "runs", entityName: "lab") { run(name: "used0001") {
        inputArtifacts { totalCount edges { node { id digest usedBy { edges { node { id } } }
        artifactMemberships { edges { node { id } } } } } } } }
        entity(name: "registry") { artifactMemberships { edges { node { artifact {
        id usedBy { edges { node { project { name } } } }
        createdBy { ... on Run { project { name } } } } } } } } }"""
    run = "/api/v1/projects/lab/runs/runs/used0001"
    link = "/api/v1/projects/registry/model/artifacts/best/versions/v0"
    for name, sees in (("mia", True), ("vic", False), ("bot", False)):
        client = lab.clients[name]
        texts = [
            client.get(path).raise_for_status().text
            for path in (f"{run}/lineage", f"{run}/artifacts", f"{link}/lineage")
        ]
        assert any("secret" in text for text in texts) is sees, (name, texts)
        answered = client.post("/graphql", json={"query": query})
        assert "errors" not in answered.json(), answered.text
        assert (version in answered.text) is sees, (name, answered.text)
        assert ("secret" in answered.text) is sees, (name, answered.text)


def test_sql_reads_its_own_project_alone(lab: Lab) -> None:
    data = lab.server.data
    for query in (
        "select * from secret.runs",
        f"select * from read_text('{data}/weft.toml')",
        f"select * from glob('{data}/*')",
        f"attach '{data}/metadata.sqlite' as other",
        "select * from 'lab/secret/runs'",
    ):
        answer = lab.clients["vic"].post("/api/v1/projects/lab/runs/sql", json={"query": query})
        assert answer.status_code in {400, 403}, (query, answer.text)
    rows = lab.clients["vic"].post(
        "/api/v1/projects/lab/runs/sql", json={"query": "select distinct project from runs"}
    )
    assert "secret" not in rows.text
