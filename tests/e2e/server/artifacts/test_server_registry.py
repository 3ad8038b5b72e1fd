"""The registry over HTTP: who may link, who moves which alias, and what others see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from made_artifacts import add_artifact, send_artifact, send_contents
from run_log_bytes import HandMadeLog
from server_process import start_server
from weft.records.record import Artifact
from weft_command import run_weft

REGISTRIES = "/api/v1/registries"
DIGITS = "/api/v1/projects/registry/model/artifacts/digits"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_server(tmp_path_factory.mktemp("server")) as server:
        lab = Lab(server.url, server.data)
        yield lab
        for client in (lab.admin, *lab.users.values()):
            client.close()


class Lab:
    """A server, its users ada, bob and eve, and versions that they have logged."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data
        self.users: dict[str, httpx.Client] = {}
        self.keys: dict[str, str] = {}
        for name in ("ada", "bob", "eve"):
            done = run_weft("server", "user", "add", name, "--data", data, "--json")
            self.keys[name] = done.report["api_key"]
            headers = {"Authorization": f"Bearer {self.keys[name]}"}
            self.users[name] = client_of(url, headers)
        self.admin = client_of(url, {})
        self.n_logged = 0

    def store(self, user: str, *, kind: str = "model", link: str = "") -> str:
        """Log a version of `net` in a run of its own; the address of the version."""
        self.n_logged += 1
        client, run = self.users[user], f"run{self.n_logged:04d}"
        log = HandMadeLog(run=run, writer=f"writer{run}", project="mnist")
        content = b"weights %d" % self.n_logged
        manifest = add_artifact(log, 1, {"w": content}, name=f"net-{kind}", kind=kind)
        if link:
            log.add(Artifact("link", "", "", "artifacts/0001.json", ["staging"], 1, target=link))
        log.finish()
        log.upload(client).raise_for_status()
        send_artifact(client, f"{user}/mnist", log, manifest, [content])
        answer = client.get(f"/api/v1/projects/{user}/mnist/runs/{run}/artifacts")
        (artifact,) = answer.raise_for_status().json()["logged"]
        return f"/api/v1/projects/{user}/mnist/artifacts/net-{kind}/versions/{artifact['version']}"

    def link(self, user: str, version: str, *aliases: str, **more: Any) -> httpx.Response:
        link = {"target": "registry/model/digits", "aliases": list(aliases), **more}
        return self.users[user].post(f"{version}/links", json=link)


class StrayLog(HandMadeLog):
    """A log that is sent to a registry."""

    @property
    def path(self) -> str:
        return super().path.replace("/local/", "/registry/")


def client_of(url: str, headers: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)


def assert_problem(answer: httpx.Response, status: int, detail: str) -> None:
    assert answer.status_code == status, answer.text
    assert detail in answer.json()["detail"]


def test_what_one_user_links_another_reads_and_promotes(lab: Lab) -> None:
    ada, bob = lab.users["ada"], lab.users["bob"]
    version = lab.store("ada")
    assert bob.get(version).status_code == 403
    linked = lab.link("ada", version, "staging")
    assert linked.status_code == 201
    version_of_link = linked.json()
    assert (version_of_link["entity"], version_of_link["project"], version_of_link["name"]) == (
        "registry",
        "model",
        "digits",
    )
    assert version_of_link["aliases"] == ["latest", "staging"]
    seen = bob.get(f"{DIGITS}/versions/staging").json()
    source = seen["source"]
    assert (source["is_hidden"], source["linked_by"]) == (True, "ada")
    assert [source[name] for name in ("entity", "project", "name")] == [
        "registry", "model", "digits",
    ]  # fmt: skip
    assert ada.get(f"{DIGITS}/versions/staging").json()["source"]["entity"] == "ada"
    assert "ada/mnist" not in bob.get(f"{DIGITS}/history").text
    assert seen["logged_by"] is None, "bob may not see ada's runs"
    (file,) = bob.get(f"{DIGITS}/versions/staging/files").json()["files"]
    assert bob.get(file["url"]).content.startswith(b"weights")
    assert bob.get(f"{DIGITS}/versions/staging/lineage").json()["nodes"] == []
    moved = bob.patch(
        f"{DIGITS}/versions/{version_of_link['version']}", json={"add_aliases": ["tested"]}
    )
    assert "tested" in moved.json()["aliases"]
    changes = ada.get(f"{DIGITS}/history").json()["changes"]
    assert [(change["user"], change["action"], change["alias"]) for change in changes[:3]] == [
        ("bob", "alias", "tested"), ("ada", "alias", "staging"), ("ada", "link", "")
    ]  # fmt: skip
    assert changes[2]["source"].startswith("ada/mnist/net-model:v")
    assert [link["name"] for link in ada.get(version).json()["links"]] == ["digits"]
    assert_problem(lab.link("bob", version), 403, "belongs to ada")
    described = bob.patch(f"{DIGITS}/versions/staging", json={"description": "x"})
    assert_problem(described, 400, "what it points to, a version of a project that you can't see")
    retyped = bob.patch(DIGITS, json={"type": "dataset"})
    assert_problem(retyped, 400, "the type of a collection of links stays")
    source = version.rpartition("/versions/")[0]
    assert_problem(ada.patch(source, json={"type": "dataset"}), 409, "linked")


def test_a_protected_alias_is_moved_by_admins_alone(lab: Lab) -> None:
    model = f"{REGISTRIES}/model"
    version = lab.store("ada")
    assert lab.link("ada", version, "approved").status_code == 201
    assert_problem(lab.users["ada"].patch(model, json={"protect": ["x"]}), 403, "the role admin")
    set_up = {"protect": ["approved"], "members": {"bob": "admin", "eve": "viewer"}}
    answer = lab.admin.patch(model, json=set_up).raise_for_status().json()
    assert answer["protected_aliases"] == ["approved"]
    assert answer["members"] == {"bob": "admin", "eve": "viewer"}
    assert lab.users["eve"].get(model).json()["role"] == "viewer"
    second = lab.store("ada")
    detail = "may not move the protected alias 'approved' in the registry model"
    assert_problem(lab.link("ada", second, "approved"), 403, detail)
    there = lab.link("ada", second).json()["version"]
    at = f"{DIGITS}/versions/{there}"
    for edit in ({"add_aliases": ["approved"]}, {"add_aliases": ["ok", "approved"]}):
        assert_problem(lab.users["ada"].patch(at, json=edit), 403, detail)
    assert lab.users["ada"].patch(at, json={"add_aliases": ["ok"]}).is_success
    held = f"{DIGITS}/versions/approved"
    assert_problem(
        lab.users["ada"].patch(held, json={"remove_aliases": ["approved"]}), 403, detail
    )
    assert_problem(lab.users["ada"].delete(f"{held}?with_aliases=true"), 403, detail)
    assert_problem(lab.users["ada"].delete(DIGITS), 403, "may not manage the registry model")
    eve = lab.users["eve"]
    assert_problem(eve.patch(at, json={"add_aliases": ["mine"]}), 403, "theirs is viewer")
    assert eve.get(at).is_success
    by_bob = lab.users["bob"].patch(at, json={"add_aliases": ["approved"]})
    assert "approved" in by_bob.json()["aliases"]
    lab.admin.patch(model, json={"unprotect": ["approved"]}).raise_for_status()
    assert lab.users["ada"].patch(at, json={"remove_aliases": ["approved"]}).is_success
    refused = lab.admin.patch(model, json={"members": {"none": "admin"}})
    assert_problem(refused, 404, "no user 'none'")
    wrong = lab.admin.patch(model, json={"members": {"ada": "king"}})
    assert wrong.status_code == 400
    back = {"members": {"bob": None, "eve": None}}
    assert lab.admin.patch(model, json=back).json()["members"] == {}


def test_two_who_promote_cannot_both_win_silently(lab: Lab) -> None:
    earlier, other = lab.store("ada"), lab.store("ada")
    first = lab.link("ada", earlier, "canary", seen_aliases={"canary": None}).json()["version"]
    late = lab.link("ada", other, "canary", seen_aliases={"canary": None})
    assert_problem(late, 412, f"is at {first} by now, not at no version")
    second = lab.link("ada", other, "canary", seen_aliases={"canary": first}).json()
    assert "canary" in second["aliases"]


def test_a_link_that_a_log_asks_for_is_its_senders(lab: Lab) -> None:
    lab.admin.put(f"{REGISTRIES}/strict", json={"default_role": "viewer"}).raise_for_status()
    lab.store("ada", link="registry/strict/digits")
    run = f"/api/v1/projects/ada/mnist/runs/run{lab.n_logged:04d}/artifacts"
    (refused,) = lab.users["ada"].get(run).json()["links"]
    assert (refused["state"], refused["version"]) == ("failed", None)
    assert "theirs is viewer" in refused["error"]
    lab.store("ada", link="registry/model/digits")
    run = f"/api/v1/projects/ada/mnist/runs/run{lab.n_logged:04d}/artifacts"
    (link,) = lab.users["ada"].get(run).json()["links"]
    assert link["state"] == "made"
    changes = lab.users["ada"].get(f"{DIGITS}/history").json()["changes"]
    assert changes[0]["user"] == f"run run{lab.n_logged:04d} of ada"


def test_who_creates_a_registry_is_its_admin(lab: Lab) -> None:
    address = f"{REGISTRIES}/speech"
    ada, bob = lab.users["ada"], lab.users["bob"]
    registry = ada.put(address, json={"description": "what speaks"}).raise_for_status().json()
    assert (registry["members"], registry["role"]) == ({"ada": "admin"}, "admin")
    assert bob.get(address).json()["role"] == "member"
    assert_problem(bob.put(address, json={"default_role": "admin"}), 403, "theirs is member")
    assert_problem(bob.delete(address), 403, "the role admin")
    names = [registry["name"] for registry in bob.get(REGISTRIES).json()["registries"]]
    assert "speech" in names
    assert ada.delete(address).status_code == 204
    assert ada.get(address).status_code == 404


def test_the_commands_show_a_registry_to_members_and_teams_alone(lab: Lab) -> None:
    run_weft("server", "team", "add", "vision", "--admin", "bob", "--data", lab.data)
    ada = {"WEFT_BASE_URL": lab.url, "WEFT_API_KEY": lab.keys["ada"]}

    def registry(*arguments: str) -> str:
        done = run_weft("registry", *arguments, env=ada)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    def status(user: str) -> int:
        return lab.users[user].get(f"{REGISTRIES}/secret").status_code

    registry("create", "secret", "--restricted")
    assert (status("bob"), status("eve")) == (404, 404)
    assert "the team vision: viewer" in registry("role", "secret", "viewer", "--team", "vision")
    assert (status("bob"), status("eve")) == (200, 404)
    assert "role of the team vision  viewer" in registry("show", "secret")
    assert "no role" in registry("role", "secret", "default", "--team", "vision")
    assert status("bob") == 404
    assert "is open" in registry("visibility", "secret", "open")
    assert status("eve") == 200
    api = weft.Api(lab.url, api_key=lab.keys["ada"])
    stored = api.registry("secret")
    assert (stored.visibility, stored.teams) == ("organization", {})
    stored.visibility = "restricted"
    stored.save()
    stored.set_team_role("vision", "member")
    assert (status("bob"), status("eve")) == (200, 404)
    assert api.create_registry("hidden", visibility="restricted").visibility == "restricted"


@pytest.mark.parametrize(
    ("target", "status", "detail"),
    [
        ("digits", 400, "is not a collection"),
        ("a/b/c/d", 400, "is not a collection"),
        ("bob/mnist/best", 403, "user ada may not use bob/mnist"),
        ("model/digits:v3", 400, "is not a collection"),
        ("model/a b", 400, "invalid artifact name"),
        ("unknown/digits", 404, "no registry 'unknown'"),
        ("model/digits", 409, "has versions of the type model, not dataset"),
    ],
)
def test_a_target_that_is_none_says_why(lab: Lab, target: str, status: int, detail: str) -> None:
    lab.link("ada", lab.store("ada"))
    version = lab.store("ada", kind="dataset")
    refused = lab.users["ada"].post(f"{version}/links", json={"target": target})
    assert_problem(refused, status, detail)


def test_nothing_else_is_kept_in_a_registry(lab: Lab) -> None:
    """Also an administrator can't put runs there, nor treat it as a project."""
    log = StrayLog(run="stray001", writer="strayWriter1", project="model")
    log.finish()
    detail = "registry/model is a registry"
    assert_problem(log.upload(lab.admin), 403, detail)
    for method in ("GET", "PUT", "DELETE"):
        answer = lab.admin.request(method, "/api/v1/projects/registry/model")
        assert_problem(answer, 403, detail)
    listed = lab.admin.get("/api/v1/projects").json()["projects"]
    assert "registry" not in {project["entity"] for project in listed}
    for name in ("w", "x"):
        assert lab.admin.get(f"/api/v1/projects/registry/model/runs/{name}").status_code == 403


def test_a_linked_version_stays_until_it_is_unlinked(lab: Lab) -> None:
    version = lab.store("ada")
    there = lab.link("ada", version).json()["version"]
    refused = lab.users["ada"].delete(version)
    assert_problem(refused, 409, f"weft artifact unlink registry/model/digits:{there}")
    assert lab.users["bob"].delete(f"{DIGITS}/versions/{there}").status_code == 204
    assert lab.users["bob"].get(f"{DIGITS}/versions/{there}").status_code == 404
    assert lab.users["ada"].get(version).json()["links"] == []
    assert lab.users["ada"].delete(f"{version}?with_aliases=true").status_code == 204


def test_no_user_is_named_like_the_registry(lab: Lab) -> None:
    refused = lab.admin.post("/api/v1/users", json={"name": "Registry"})
    assert_problem(refused, 400, "choose another name")


def test_a_link_survives_a_kill_of_the_server(tmp_path: Path) -> None:
    log = HandMadeLog(run="run1", writer="writerrun1", project="mnist")
    manifest = add_artifact(log, 1, {"w": b"weights"}, name="net", kind="model")
    log.add(Artifact("link", "", "", "artifacts/0001.json", ["staging"], 1, target="model/digits"))
    log.finish()
    with start_server(tmp_path) as server:
        with client_of(server.url, {}) as client:
            log.upload(client).raise_for_status()
            send_contents(client, "local/mnist", [manifest])
        server.kill()
    with start_server(tmp_path) as server, client_of(server.url, {}) as client:
        assert client.get(DIGITS).status_code == 404
        send_artifact(client, "local/mnist", log, manifest, [b"weights"])
        assert client.get(f"{DIGITS}/versions/staging").json()["version"] == "v0"
        (link,) = client.get(f"{log.path}/artifacts").json()["links"]
        assert (link["state"], link["version"]) == ("made", "v0")
