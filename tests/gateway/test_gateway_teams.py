"""Teams, their members and service accounts, and keys, as the official client manages them."""

from __future__ import annotations

from pathlib import Path

from live_runs import LiveServer
from wandb_client import WandbClient
from weft_command import run_weft

ADMIN = """
api = wandb.Api()
team = api.create_team("lab", "ada")
say(team=team.name, is_team=team.entity_type, invited=[
    team.invite("bob"), team.invite("eve"), team.invite("absent"),
])
account = team.create_service_account("Nightly builds")
say(account=[account.username, account.account_type])
team.load(True)
say(members={member.username: member.account_type for member in team.members})
bob = next(member for member in team.members if member.username == "bob")
run = wandb.init(entity="lab", project="shared", name="first")
run.log({"loss": 0.5})
run.finish()
say(path=run.path)
key = api.viewer.generate_api_key("laptop")
say(keys=[entry["node"]["description"] for entry in api.viewer._attrs["apiKeys"]["edges"]])
say(viewer=[api.viewer.username, api.viewer.entity, sorted(api.viewer.teams)])
"""

MEMBER = """
api = wandb.Api()
say(loss=[run.summary["loss"] for run in api.runs("lab/shared")], teams=sorted(api.viewer.teams),
    entity=api.default_entity)
run = wandb.init(entity="lab", project="shared", name="second")
run.finish()
say(path=run.path)
"""

REMOVED = """
team = wandb.Api().team("lab")
bob = next(member for member in team.members if member.username == "bob")
say(removed=bob.delete())
"""

REFUSED = """
try:
    list(wandb.Api().runs("lab/shared"))
except Exception as error:
    say(refused=str(error))
"""


def test_a_team_is_made_joined_and_left(live: LiveServer, tmp_path: Path) -> None:
    clients: dict[str, WandbClient] = {}
    for name in ("ada", "bob", "eve"):
        admin = ["--admin"] if name == "ada" else []
        data = ("--data", live.process.data, "--json")
        added = run_weft("server", "user", "add", name, *admin, *data)
        (tmp_path / name).mkdir()
        clients[name] = WandbClient(live.url, added.report["api_key"], tmp_path / name)

    answers = clients["ada"].run(ADMIN)
    assert (answers["team"], answers["is_team"]) == ("lab", "team")
    assert answers["invited"] == [True, True, False]
    assert answers["account"] == ["lab-nightly-builds", "SERVICE"]
    assert answers["members"] == {
        "ada": "ADMIN", "bob": "MEMBER", "eve": "MEMBER", "lab-nightly-builds": "SERVICE",
    }  # fmt: skip
    assert answers["path"].startswith("lab/shared/")
    assert "laptop" in answers["keys"]
    assert answers["viewer"] == ["ada", "local", ["lab", "local"]]

    member = clients["bob"].run(MEMBER)
    assert member["loss"] == [0.5]
    assert member["teams"] == ["bob", "lab"]
    assert member["entity"] == "bob"
    assert member["path"].startswith("lab/shared/")

    assert clients["ada"].run(REMOVED)["removed"] is True
    assert "bob may not use lab/shared" in clients["bob"].run(REFUSED)["refused"]
