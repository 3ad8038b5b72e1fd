"""Users, teams and keys as nodes of GraphQL, and the mutations that change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service_gateway import Ask, mutate
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.wire.projects.projects import ProjectEdit

VIEWER = "{ viewer { name username admin teams { edges { node { name } } } } }"
TEAM = """
query($name: String!) {
  entity(name: $name) { isTeam entityType members { name role accountType } }
}
"""
MEMBERS = """{ project(name: "p", entityName: "lab") {
  members { username role { name } } teamMembers { team { name } role { name } }
} }"""


@pytest.fixture
def actor(services: Services) -> Callable[[str], Actor]:
    """The users `ada`, `bob`, and `root`, an administrator."""
    for name in ("ada", "bob", "root"):
        services.users.add_user(LOCAL, name, is_admin=name == "root")

    def actor(name: str) -> Actor:
        account = services.users.account(SYSTEM, name)
        assert account is not None
        return account

    return actor


@pytest.fixture
def ask(ask_as: Callable[[Actor], Ask], actor: Callable[[str], Actor]) -> Ask:
    """Runs documents as an administrator."""
    return ask_as(actor("root"))


def members(ask: Ask, team: str = "lab") -> dict[str, str]:
    return {member["name"]: member["role"] for member in ask(TEAM, name=team)["entity"]["members"]}


@pytest.fixture
def team(ask: Ask) -> None:
    mutate(ask, "createTeam", "entity { name }", teamName="lab", teamAdminUserName="ada")


def test_a_new_user_has_the_name_of_their_address(ask: Ask, services: Services) -> None:
    user = mutate(
        ask, "createUser", "user { name email admin }", email="cleo@example.org", admin=True
    )["user"]
    assert user == {"name": "cleo", "email": "cleo@example.org", "admin": True}
    account = services.users.account(SYSTEM, "cleo")
    assert account is not None
    assert account.is_admin
    assert "cleo" in mutate(ask, "createUser", "user { name }", email="cleo@other.org")


@pytest.mark.usefixtures("team")
def test_a_user_sees_their_own_teams(
    ask_as: Callable[[Actor], Ask], actor: Callable[[str], Actor]
) -> None:
    ada, bob = (ask_as(actor(name))(VIEWER)["viewer"] for name in ("ada", "bob"))
    assert (ada["name"], ada["admin"]) == ("ada", False)
    assert [edge["node"]["name"] for edge in ada["teams"]["edges"]] == ["ada", "lab"]
    assert [edge["node"]["name"] for edge in bob["teams"]["edges"]] == ["bob"]


@pytest.mark.usefixtures("team")
def test_members_come_and_go(ask: Ask) -> None:
    entity = ask(TEAM, name="lab")["entity"]
    assert (entity["isTeam"], entity["entityType"]) == (True, "team")
    assert ask(TEAM, name="ada")["entity"]["entityType"] == "user"
    assert members(ask) == {"ada": "admin"}
    invite = mutate(
        ask, "createInvite", "invite { id toUser { name } }", entityName="lab", username="bob"
    )["invite"]
    assert invite["toUser"] == {"name": "bob"}
    assert members(ask) == {"ada": "admin", "bob": "member"}
    mutate(ask, "createInvite", "invite { id }", entityName="lab", username="bob", admin=True)
    assert members(ask)["bob"] == "admin"
    document = '{ entity(name: "lab") { members { id name } } }'
    ids = {member["name"]: member["id"] for member in ask(document)["entity"]["members"]}
    mutate(ask, "deleteInvite", "success", id=ids["bob"], entityName="lab")
    assert members(ask) == {"ada": "admin"}


@pytest.mark.usefixtures("team")
def test_an_invitation_needs_someone_and_a_removal_both_names(ask: Ask) -> None:
    assert "needs a user's name" in mutate(ask, "createInvite", "invite { id }", entityName="lab")
    assert "name the member" in mutate(ask, "deleteInvite", "success", entityName="lab")


@pytest.mark.usefixtures("team")
def test_a_service_account_is_named_after_its_team(ask: Ask) -> None:
    user = mutate(
        ask, "createServiceAccount", "user { name }",
        entityName="lab", description="Nightly runs!",
    )["user"]  # fmt: skip
    assert user == {"name": "lab-nightly-runs"}
    listed = ask(TEAM, name="lab")["entity"]["members"]
    kinds = {member["name"]: member["accountType"] for member in listed}
    assert kinds["lab-nightly-runs"] == "SERVICE"


def test_a_key_is_shown_once_and_revoked(
    ask_as: Callable[[Actor], Ask], actor: Callable[[str], Actor], services: Services
) -> None:
    ask = ask_as(actor("ada"))
    key = mutate(ask, "generateApiKey", "apiKey { id name description }", description="box")
    assert len(key["apiKey"]["name"]) >= 40
    assert key["apiKey"]["description"] == "box"
    document = "{ viewer { apiKeys { edges { node { id name description } } } } }"
    listed = [edge["node"] for edge in ask(document)["viewer"]["apiKeys"]["edges"]]
    (box,) = [node for node in listed if node["description"] == "box"]
    assert key["apiKey"]["name"] not in str(listed)
    assert mutate(ask, "deleteApiKey", "success", id=box["id"])["success"]
    left = ask(document)["viewer"]["apiKeys"]["edges"]
    assert [edge["node"]["description"] for edge in left].count("box") == 0


@pytest.mark.usefixtures("team")
def test_roles_in_a_project_are_given_and_taken(ask: Ask, services: Services) -> None:
    services.projects.put(LOCAL, ProjectPath("lab", "p"), ProjectEdit())
    query = '{ project(name: "p", entityName: "lab") { id } entity(name: "bob") { user { id } } }'
    answer = ask(query)
    project, bob = answer["project"]["id"], answer["entity"]["user"]["id"]
    mutate(ask, "createProjectMembers", "success", projectId=project, userIds=[bob])
    assert ask(MEMBERS)["project"]["members"] == [{"username": "bob", "role": {"name": "member"}}]
    change = {"projectId": project, "userId": bob, "userProjectRole": "admin"}
    mutate(ask, "updateProjectMember", "success", **change)
    assert ask(MEMBERS)["project"]["members"] == [{"username": "bob", "role": {"name": "admin"}}]
    wrong = {**change, "userProjectRole": "owner"}
    assert "no role 'owner'" in mutate(ask, "updateProjectMember", "success", **wrong)
    mutate(ask, "deleteProjectMembers", "success", projectId=project, userIds=[bob])
    assert ask(MEMBERS)["project"]["members"] == []
