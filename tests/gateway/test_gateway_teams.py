"""Teams, their members and service accounts, and keys, as the official client manages them."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_runs import LiveServer
from wandb_client import WandbClient
from weft_command import run_weft

PEOPLE = """
def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error.__cause__ or error)

api = wandb.Api()
made = api.create_user("cleo@lab.example")
say(
    viewer=[api.viewer.username, api.viewer.admin, api.viewer.email, api.viewer.entity],
    entity=api.default_entity,
    organization=[api.organization().name, api.organization().org_entity.name],
    made=[made.username, made.email, made.admin],
    again=message(lambda: api.create_user("cleo@elsewhere.example")),
    # `bobby` was there before `bob`: the one who is named comes first
    user=[api.user(text).username for text in ("bob", "CLEO@lab.example", "cle")],
    absent=[api.user("absent"), api.users("absent")],
    users=sorted(user.username for user in api.users("bob")),
    all=sorted(user.username for user in api.users("")),
)
team = api.team("lab")
say(
    by_mail=[team.invite("new@lab.example"), team.invite("bobby", admin=True)],
    service=team.create_service_account("ci").username,
    members={member.username: member.account_type for member in api.team("lab").members},
)
bobby = next(member for member in team.load(True)["members"] if member.username == "bobby")
say(removed=bobby.delete(), left=sorted(m.username for m in api.team("lab").members))
key = api.viewer.generate_api_key("laptop")
other = wandb.Api(api_key=key)
name = next(name for name in other.viewer.api_keys if key.startswith(name.rstrip("…")))
say(of_key=other.viewer.username, deleted=other.viewer.delete_api_key(name))
"""

PERSON = """
def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error.__cause__ or error)

api = wandb.Api()
team = api.team("lab")
say(
    viewer=[api.viewer.username, api.viewer.admin, sorted(api.viewer.teams)],
    users=[user.username for user in api.users("")], other=api.user("ada"),
    user=message(lambda: api.create_user("mallory@lab.example")),
    team=message(lambda: [member.name for member in api.create_team("mine").members]),
    invited=[team.invite("cleo"), team.invite("cleo@lab.example")],
    service=message(lambda: team.create_service_account("mine")),
    own=message(lambda: api.runs("lab/shared", per_page=1)[0].name),
)
"""

ADMIN = """
api = wandb.Api()
team = api.create_team("guild", "ada")
say(team=team.name, is_team=team.entity_type, invited=[
    team.invite("bob"), team.invite("eve"), team.invite("absent"),
])
account = team.create_service_account("Nightly builds")
say(account=[account.username, account.account_type])
team.load(True)
say(members={member.username: member.account_type for member in team.members})
bob = next(member for member in team.members if member.username == "bob")
run = wandb.init(entity="guild", project="shared", name="first")
run.log({"loss": 0.5})
run.finish()
say(path=run.path)
key = api.viewer.generate_api_key("laptop")
say(keys=[entry["node"]["description"] for entry in api.viewer._attrs["apiKeys"]["edges"]])
say(viewer=[api.viewer.username, api.viewer.entity, sorted(api.viewer.teams)])
"""

MEMBER = """
api = wandb.Api()
say(loss=[run.summary["loss"] for run in api.runs("guild/shared")], teams=sorted(api.viewer.teams),
    entity=api.default_entity)
run = wandb.init(entity="guild", project="shared", name="second")
run.finish()
say(path=run.path)
"""

REMOVED = """
team = wandb.Api().team("guild")
bob = next(member for member in team.members if member.username == "bob")
say(removed=bob.delete())
"""

REFUSED = """
try:
    list(wandb.Api().runs("guild/shared"))
except Exception as error:
    say(refused=str(error))
"""


@pytest.fixture(scope="module")
def people(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, WandbClient]:
    """Ada, an administrator, who has the team `lab` with bob; bobby and eve."""
    clients: dict[str, WandbClient] = {}
    data = ("--data", live.process.data, "--json")
    for name in ("ada", "bobby", "bob", "eve"):
        admin = ["--admin"] if name == "ada" else []
        added = run_weft("server", "user", "add", name, *admin, *data)
        folder = tmp_path_factory.mktemp(name)
        clients[name] = WandbClient(live.url, added.report["api_key"], folder)
    run_weft("server", "team", "add", "lab", "--admin", "ada", "--member", "bob", *data)
    setup = "wandb.init(entity='lab', project='shared', name='first').finish()"
    clients["bob"].run(setup)
    return clients


def test_users_teams_and_organizations_are_read_and_managed(
    people: dict[str, WandbClient],
) -> None:
    answers = people["ada"].run(PEOPLE)
    assert answers["viewer"] == ["ada", True, None, "local"]
    assert answers["entity"] == "local"
    assert answers["organization"] == ["registry", "registry"]
    assert answers["made"] == ["cleo", "cleo@lab.example", False]
    assert "already" in answers["again"]
    assert answers["user"] == ["bob", "cleo", "cleo"]
    assert answers["absent"] == [None, []]
    assert answers["users"] == ["bob", "bobby"]
    assert {"ada", "bob", "bobby", "cleo"} <= set(answers["all"])
    assert answers["by_mail"] == [True, True]
    assert answers["service"] == "lab-ci"
    assert answers["members"] == {
        "ada": "ADMIN", "bob": "MEMBER", "bobby": "ADMIN", "lab-ci": "SERVICE",
    }  # fmt: skip
    assert answers["removed"] is True
    assert answers["left"] == ["ada", "bob", "lab-ci"]
    assert (answers["of_key"], answers["deleted"]) == ("ada", True)

    person = people["bob"].run(PERSON)
    assert person["viewer"] == ["bob", False, ["bob", "lab"]]
    assert person["users"] == ["bob"]
    assert person["other"] is None
    assert "only administrators" in person["user"]
    assert person["team"] == "no error: []"  # the client hides the refusal: no such team is made
    assert person["invited"] == [False, False]
    assert person["service"] == "no error: None"
    assert person["own"] == "no error: first"


def test_the_commands_log_in_and_set_up_a_directory_for_a_team(
    live: LiveServer, people: dict[str, WandbClient], tmp_path: Path
) -> None:
    key = people["bob"].key
    bob = WandbClient(live.url, key, tmp_path)
    netrc = str(tmp_path / "netrc")
    login = bob.command(
        "login", "--host", live.url, key, "--verify", WANDB_API_KEY="", NETRC=netrc
    )
    assert login.exit_code == 0, login.stderr
    assert key in Path(netrc).read_text()
    wrong = bob.command(
        "login", "--host", live.url, "0" * 40, "--verify", "--relogin", NETRC=f"{netrc}-2"
    )
    assert wrong.exit_code != 0
    bob.key = ""
    # With options, since its dialog fails in 0.31.0, also on W&B: `Projects` has no length.
    assert bob.command("init", "--project", "shared", "--entity", "lab").exit_code == 0
    answers = bob.run("run = wandb.init(); run.finish(); say(path=run.path)", NETRC=netrc)
    assert answers["path"].startswith("lab/shared/")
    assert bob.command("init", "--project", "own", "--entity", "bob").exit_code == 0
    answers = bob.run("run = wandb.init(); run.finish(); say(path=run.path)", NETRC=netrc)
    assert answers["path"].startswith("bob/own/")


def test_a_team_is_made_joined_and_left(people: dict[str, WandbClient]) -> None:
    answers = people["ada"].run(ADMIN)
    assert (answers["team"], answers["is_team"]) == ("guild", "team")
    assert answers["invited"] == [True, True, False]
    assert answers["account"] == ["guild-nightly-builds", "SERVICE"]
    assert answers["members"] == {
        "ada": "ADMIN", "bob": "MEMBER", "eve": "MEMBER", "guild-nightly-builds": "SERVICE",
    }  # fmt: skip
    assert answers["path"].startswith("guild/shared/")
    assert "laptop" in answers["keys"]
    assert answers["viewer"] == ["ada", "local", ["guild", "lab", "local"]]

    member = people["bob"].run(MEMBER)
    assert member["loss"] == [0.5]
    assert member["teams"] == ["bob", "guild", "lab"]
    assert member["entity"] == "bob"
    assert member["path"].startswith("guild/shared/")

    assert people["ada"].run(REMOVED)["removed"] is True
    assert "bob may not use guild/shared" in people["bob"].run(REFUSED)["refused"]
