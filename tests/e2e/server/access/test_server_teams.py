"""Teams on a real server: from the command line, for a guest, as another role, after a move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server
from weft import Api
from weft_command import run_weft

# Not from the server's own user, who needs no key on this machine.
GUEST = {"X-Forwarded-For": "192.0.2.7"}
PAGE = {**GUEST, "Accept": "text/html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("teams")


def weft(folder: Path, *arguments: str) -> Any:
    """Run `weft server …` on the data directory, and return its report or its refusal."""
    done = run_weft("server", *arguments, "--json", "--data", folder / "data")
    return json.loads(done.stdout) if done.exit_code == 0 else done.stderr


@pytest.fixture(scope="module")
def keys(folder: Path) -> dict[str, str]:
    return {name: weft(folder, "user", "add", name)["api_key"] for name in ("ada", "bob", "eve")}


@pytest.fixture(scope="module")
def lab_server(folder: Path, keys: dict[str, str]) -> Iterator[ServerProcess]:
    # Without a server the commands work on the directory, with one they ask it.
    arguments = ("--admin", "ada", "--member", "bob", "--viewer", "eve")
    added = weft(folder, "team", "add", "lab", *arguments)
    roles = {member["user"]: member["role"] for member in added["members"]}
    assert roles == {"ada": "admin", "bob": "member", "eve": "viewer"}
    usage = weft(folder, "quota", "set", "lab", "--bytes", "1GB", "--runs", "50")
    assert (usage["quota_bytes"], usage["quota_runs"]) == (10**9, 50)
    with start_server(folder) as server:
        yield server


def client_of(server: ServerProcess, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)


def log_run(server: ServerProcess, key: str, project: str, run: str) -> httpx.Response:
    log = HandMadeLog(entity="lab", project=project, run=run)
    log.keys("loss")
    log.rows([[0.5], [0.25]])
    with client_of(server, key) as sender:
        return log.upload(sender)


def test_the_command_line_explains_and_changes_roles(
    folder: Path, lab_server: ServerProcess, keys: dict[str, str]
) -> None:
    assert log_run(lab_server, keys["bob"], "cli", "r1").is_success
    assert log_run(lab_server, keys["eve"], "cli", "r2").status_code == 403
    why = weft(folder, "access", "eve", "lab/cli")
    assert (why["role"], why["reason"]) == ("viewer", "viewer of the team lab")
    weft(folder, "team", "role", "lab", "eve", "member")
    assert log_run(lab_server, keys["eve"], "cli", "r2").is_success
    assert weft(folder, "team", "role", "lab", "eve", "none") == {"team": "lab", "removed": "eve"}
    assert log_run(lab_server, keys["eve"], "cli", "r3").status_code == 403
    assert "last admin" in weft(folder, "team", "role", "lab", "ada", "viewer")
    assert "last admin" in weft(folder, "user", "disable", "ada")
    weft(folder, "user", "disable", "bob")
    refused = log_run(lab_server, keys["bob"], "cli", "r4")
    assert refused.status_code == 401
    assert "the account of bob is disabled" in refused.text
    weft(folder, "user", "enable", "bob")
    assert log_run(lab_server, keys["bob"], "cli", "r4").is_success
    assert [team["name"] for team in weft(folder, "team", "list")] == ["lab"]
    assert "looks like" in weft(folder, "team", "add", "Lab", "--admin", "ada")


def test_a_team_with_something_locked_is_not_deleted(
    folder: Path, lab_server: ServerProcess, keys: dict[str, str]
) -> None:
    for project in ("kept", "last"):
        assert log_run(lab_server, keys["bob"], project, "r1").is_success
    with client_of(lab_server, keys["ada"]) as ada:
        runs = [f"/api/v1/projects/lab/{project}/runs/r1" for project in ("kept", "last")]
        for run in runs:
            assert ada.patch(run, json={"is_locked": True}).is_success
        locks = {"runs": {"r1": "ada"}, "versions": {}}
        answer = ada.get("/api/v1/teams/lab/locks").json()
        assert answer == {"projects": {"kept": locks, "last": locks}}
        refused = ada.delete("/api/v1/teams/lab")
        assert refused.status_code == 409
        for reason in (
            refused.json()["detail"],
            weft(folder, "team", "remove", "lab"),
        ):
            assert "in lab/kept (1), lab/last (1)" in reason
            assert "run lab/kept/r1, locked by ada" in reason
            assert "unlock them, with `weft unlock`" in reason
        assert ada.get("/api/v1/teams/lab").is_success
        for run in runs:
            assert ada.patch(run, json={"is_locked": False}).is_success
        assert ada.get("/api/v1/teams/lab/locks").json() == {"projects": {}}


def test_the_command_line_shows_and_sets_quotas(
    folder: Path, lab_server: ServerProcess, keys: dict[str, str]
) -> None:
    assert log_run(lab_server, keys["bob"], "quotas", "r1").is_success
    usage = weft(folder, "quota", "set", "lab/quotas", "--runs", "1")
    limits = {part["project"]: part["quota_runs"] for part in usage["projects"]}
    assert (usage["quota_bytes"], limits["quotas"]) == (10**9, 1)
    assert log_run(lab_server, keys["bob"], "quotas", "r2").status_code == 507
    # What is not given stays, and `none` takes a limit away.
    usage = weft(folder, "quota", "set", "lab", "--bytes", "none")
    assert (usage["quota_bytes"], usage["quota_runs"]) == (None, 50)
    weft(folder, "quota", "set", "lab/quotas", "--runs", "none")
    assert log_run(lab_server, keys["bob"], "quotas", "r2").is_success
    assert weft(folder, "quota", "show", "lab")["quota_runs"] == 50
    shown = run_weft("server", "quota", "show", "lab", "--data", folder / "data").stdout
    assert shown.startswith("of ")
    assert "lab/quotas" in shown
    for arguments, reason in (
        (("set", "lab"), "give --bytes or --runs"),
        (("set", "lab", "--bytes", "much"), "invalid size"),
        (("set", "lab", "--runs", "-1"), "invalid number"),
        (("set", "absent", "--runs", "1"), "no entity absent"),
        (("set", "lab/absent", "--runs", "1"), "no project lab/absent"),
    ):
        assert reason in weft(folder, "quota", *arguments), arguments


def test_anyone_reads_a_public_project_and_nothing_else(
    lab_server: ServerProcess, keys: dict[str, str]
) -> None:
    assert log_run(lab_server, keys["bob"], "paper", "r1").is_success
    assert log_run(lab_server, keys["bob"], "hidden", "r1").is_success
    api = f"{lab_server.url}/api/v1"
    with httpx.Client(trust_env=False, headers=GUEST) as guest:
        assert guest.get(f"{api}/projects/lab/paper").status_code == 401
        with client_of(lab_server, keys["ada"]) as ada:
            access = ada.patch("/api/v1/projects/lab/paper/access", json={"visibility": "public"})
        assert access.is_success, access.text
        assert guest.get(f"{api}/projects/lab/paper").is_success
        assert guest.get(f"{api}/projects/lab/paper/runs/r1/history").is_success
        assert guest.post(f"{api}/projects/lab/paper/runs/query", json={}).json()["total"] == 1
        assert guest.get(f"{lab_server.url}/lab/paper", headers=PAGE).is_success
        info = guest.get(f"{api}/server").raise_for_status().json()
        assert (info["user"], info["account"], info["data"]) == (None, None, None)
        assert guest.get(f"{api}/projects/lab/paper/access").json()["members"] == {}
        refused = [
            guest.get(f"{api}/projects/lab/hidden"),
            guest.get(f"{api}/projects/lab/absent"),
            guest.get(f"{api}/projects"),
            guest.get(f"{api}/teams"),
            guest.get(f"{lab_server.url}/", headers=PAGE),
            guest.get(f"{lab_server.url}/lab/hidden", headers=PAGE),
            guest.patch(f"{api}/projects/lab/paper", json={"description": "x"}),
            guest.delete(f"{api}/projects/lab/paper/runs/r1"),
            guest.post(f"{api}/projects/lab/paper/move", json={"project": "x"}),
        ]
        assert [answer.status_code for answer in refused] == [401] * len(refused)


def test_an_admin_looks_as_another_role(lab_server: ServerProcess, keys: dict[str, str]) -> None:
    assert log_run(lab_server, keys["bob"], "looked-at", "r1").is_success
    path = "/api/v1/projects/lab/looked-at"
    with client_of(lab_server, keys["ada"]) as ada:
        assert ada.get(path, headers={"Weft-See-As": "viewer"}).is_success
        listed = ada.get("/api/v1/projects", headers={"Weft-See-As": "none"}).json()["projects"]
        assert "looked-at" not in {project["project"] for project in listed}
        assert ada.get(path, headers={"Weft-See-As": "none"}).status_code == 403
        refused = ada.patch(path, json={"description": "x"}, headers={"Weft-See-As": "member"})
        assert refused.status_code == 403
        assert "nothing can be changed while you look at pages as" in refused.json()["detail"]
        assert ada.get(path, headers={"Weft-See-As": "root"}).status_code == 400


@pytest.fixture
def browser(lab_server: ServerProcess, keys: dict[str, str]) -> Iterator[httpx.Client]:
    """A browser in which ada is signed in."""
    with httpx.Client(
        base_url=lab_server.url, headers=PAGE, timeout=60, trust_env=False
    ) as browser:
        answer = browser.post("/sign-in", data={"token": keys["ada"]})
        assert answer.status_code == 303, answer.text
        yield browser


def test_an_admin_looks_as_a_user_in_one_browser_and_back(
    lab_server: ServerProcess, keys: dict[str, str], browser: httpx.Client
) -> None:
    for project in ("seen", "unseen"):
        assert log_run(lab_server, keys["bob"], project, "r1").is_success
    seen, unseen = (f"/api/v1/projects/lab/{project}" for project in ("seen", "unseen"))
    with client_of(lab_server, keys["ada"]) as ada:
        for path in (seen, unseen):
            assert ada.patch(f"{path}/access", json={"visibility": "restricted"}).is_success
        assert ada.patch(f"{seen}/access", json={"members": {"eve": "viewer"}}).is_success
    for choice, status in (
        ({"user": "absent"}, 404),
        ({"user": "eve", "role": "viewer"}, 400),
        ({"role": "admin"}, 400),
    ):
        assert browser.post(f"{seen}/see-as", json=choice).status_code == status
    cross_site = {"Origin": "https://elsewhere.example"}
    refused = browser.post(f"{seen}/see-as", json={"user": "eve"}, headers=cross_site)
    assert refused.status_code == 403
    answer = browser.post(f"{seen}/see-as", json={"user": "eve"})
    assert answer.status_code == 204, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Max-Age" not in cookie, "it ends with the browser"

    sight = browser.get("/api/v1/server").json()["seen_as"]
    assert (sight["user"], sight["entity"], sight["project"]) == ("eve", "lab", "seen")
    assert browser.get(seen).is_success
    assert browser.get(unseen).status_code == browser.get(f"{unseen}-absent").status_code
    listed = {row["project"] for row in browser.get("/api/v1/projects").json()["projects"]}
    assert "seen" in listed
    assert "unseen" not in listed
    changed = browser.patch(seen, json={"description": "x"})
    assert changed.status_code == 403
    assert "while you look at pages as eve" in changed.json()["detail"]
    for path in (f"{seen}/see-as", f"{unseen}/see-as"):
        assert browser.post(path, json={"user": "bob"}).status_code in {403, 404}

    values = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    stolen = {name: value for name, value in browser.cookies.items() if "see-as" in name}
    with httpx.Client(base_url=lab_server.url, headers=PAGE, trust_env=False) as bob:
        assert bob.post("/sign-in", data={"token": keys["bob"]}).status_code == 303
        bob.cookies.update(stolen)
        assert bob.get("/api/v1/server").json()["seen_as"] is None, "ada's view is not bob's"
        bob.cookies.update({name: f"A{value}" for name, value in stolen.items()})
        assert bob.get("/api/v1/server").json()["seen_as"] is None, "forged"
        refused = bob.post(f"{seen}/see-as", json={"user": "eve"})
        assert refused.status_code in {403, 404}, "only who manages the project"
    with client_of(lab_server, keys["ada"]) as ada:
        info = ada.get("/api/v1/server", headers=values).json()
        assert info["seen_as"] is None, "a program with a key goes on"
        (entry,) = ada.get("/api/v1/audit?action=project.see_as&entity=lab").json()["entries"]
        assert (entry["actor"], entry["object"]) == ("ada", "lab/seen")
        assert entry["after"]["user"] == "eve"

    assert browser.delete("/api/v1/see-as").status_code == 204
    assert browser.get("/api/v1/server").json()["seen_as"] is None
    assert browser.patch(seen, json={"description": "x"}).is_success


def test_users_and_teams_by_the_api_of_wandb(
    lab_server: ServerProcess, keys: dict[str, str]
) -> None:
    ada = Api(lab_server.url, api_key=keys["ada"])
    viewer = ada.viewer
    assert (viewer.username, viewer.teams[:2], viewer.admin) == ("ada", ["ada", "lab"], False)
    assert ada.user("bob") is None  # only administrators see others
    assert {member.username: member.role for member in ada.team("lab").members}["ada"] == "admin"
    api = Api(lab_server.url, api_key=lab_server.token)
    added = api.create_user("zoe@example.org")
    assert (added.username, len(added.api_keys[0]) >= 40) == ("zoe", True)
    zoe = api.user("zoe@example.org")
    assert zoe is not None
    assert zoe.email == "zoe@example.org"
    team = api.create_team("vision", admin_username="zoe")
    team.invite("bob")
    account = team.create_service_account("vision-bot")
    assert Api(lab_server.url, api_key=account.api_key).viewer.username == "vision-bot"
    roles = {member.username: (member.role, member.account_type) for member in team.members}
    assert roles["zoe"] == ("admin", "USER")
    assert roles["bob"] == ("member", "USER")
    (bob,) = [member for member in team.members if member.username == "bob"]
    bob.delete()
    assert "bob" not in {member.username for member in team.load().members}


def test_links_to_a_moved_project_lead_on(lab_server: ServerProcess, keys: dict[str, str]) -> None:
    assert log_run(lab_server, keys["bob"], "old", "r1").is_success
    with client_of(lab_server, keys["ada"]) as ada:
        moved = ada.post("/api/v1/projects/lab/old/move", json={"project": "new"})
        assert moved.json()["project"] == "new", moved.text
        answer = ada.get("/api/v1/projects/lab/old/runs/r1/history?limit=1")
        assert answer.status_code == 308
        assert answer.headers["location"] == "/api/v1/projects/lab/new/runs/r1/history?limit=1"
        project = ada.get("/api/v1/projects/lab/old", follow_redirects=True)
        assert project.json()["project"] == "new"
        page = ada.get("/lab/old/runs/r1?step=3", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (302, "/lab/new/runs/r1?step=3")
    late = log_run(lab_server, keys["bob"], "old", "r2")  # a script of before
    assert late.is_success, late.text
    with client_of(lab_server, keys["bob"]) as bob:
        assert bob.get("/api/v1/projects/lab/new").json()["n_runs"] == 2
    with client_of(lab_server, keys["eve"]) as eve:
        assert eve.get("/api/v1/projects/lab/old").status_code == 403
