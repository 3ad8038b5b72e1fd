"""Registries, as the official client makes, searches and changes them."""

from __future__ import annotations

from pathlib import Path

from at_length import at_length
from live_runs import LiveServer
from wandb_client import WandbClient
from weft_command import run_weft

REGISTRIES = """
def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error.__cause__ or error)

run = wandb.init(project="registries")
for nth in range(3):
    artifact = wandb.Artifact("ds", "dataset", metadata={"rows": nth, "by": {"name": "ada"}})
    with artifact.new_file("a.txt") as file:
        file.write(str(nth))
    run.log_artifact(artifact, tags=["odd" if nth % 2 else "even"]).wait()
run.finish()

api = wandb.Api()
registry = api.create_registry("speech", visibility="organization", description="what speaks")
api.create_registry("vision", visibility="organization")
say(
    made=[registry.full_name, registry.description, registry.visibility],
    again=message(lambda: api.create_registry("speech", visibility="organization")),
    typed=message(lambda: api.create_registry("typed", "organization", artifact_types=["model"])),
)
for nth in range(3):
    aliases = ["best"] if nth == 1 else []
    api.artifact(f"registries/ds:v{nth}").link("wandb-registry-speech/Sets", aliases=aliases)
api.artifact("registries/ds:v0").link("wandb-registry-vision/Pictures")
sets = api.artifact_collection("dataset", "wandb-registry-speech/Sets")
sets.description = "all sets"
sets.tags = ["prod"]
sets.save()

def names(items):
    return [item.name for item in items]

search = api.registries()
say(
    registries=[
        sorted(names(api.registries(filter=filter))) for filter in (
            {"name": "speech"}, {"name": {"$regex": "is"}}, {"description": "what speaks"},
            {"$nor": [{"name": "speech"}]}, {"created_at": {"$lt": "2020"}},
        )
    ],
    ordered=names(api.registries(filter={"name": {"$in": ["speech", "vision"]}}, order="-name")),
    collections=[
        names(search.collections(filter=filter)) for filter in (
            {"name": {"$contains": "Set"}}, {"tag": "prod"}, {"tag": {"$exists": False}},
            {"$or": [{"description": "all sets"}, {"name": "Pictures"}]},
        )
    ],
    versions=[
        sorted(names(search.collections(filter={"name": "Sets"}).versions(filter=filter)))
        for filter in (
            {"alias": "best"}, {"tag": {"$ne": "odd"}}, {"metadata.rows": {"$gte": 1}},
            {"$and": [{"metadata.by.name": "ada"}, {"$not": {"alias": "latest"}}]},
        )
    ],
    own=[names(registry.collections()), sorted(names(registry.versions()))],
    of_collections=names(api.registry("vision").collections().versions()),
    bad=message(lambda: names(api.registries(filter={"name": {"$near": 1}}))),
    unknown=message(lambda: names(search.collections(filter={"size": 1}))),
)

registry.description = "new"
registry.save()
registry.name = "renamed"
say(described=api.registry("speech").description, renamed=message(registry.save))
"""

MEMBERS = """
api = wandb.Api()
registry = api.create_registry("shared", visibility="organization")

def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error.__cause__ or error)

def members(of=registry):
    return {member.user.username: member.role for member in of.user_members()}

def teams(registry):
    return {member.team.name: member.role for member in registry.team_members()}

said = [members()]
registry.add_members(api.user("bob"))
said.append(members())
registry.update_member(api.user("bob"), role="admin")
said.append(members())
registry.remove_members(api.user("bob"))
said.append(members())
say(members=said)

guests = api.team("guests")
said = [teams(registry)]
registry.add_members(guests, api.user("bob"))
said.append(teams(registry))
registry.update_member(guests, role="viewer")
said.append(teams(api.registry("shared")))
# a whole member, and an id, are taken as well; a second addition changes no role
registry.add_members(*registry.members())
registry.update_member(guests.id, role="restricted_viewer")
said.append(teams(registry))
registry.remove_members(guests, next(iter(
    member for member in registry.user_members() if member.user.username == "bob"
)))
say(teams=[*said, teams(registry)], bad=message(
    lambda: registry.update_member(api.user("bob"), role="owner")
), absent=message(lambda: registry.add_members("VXNlcjo3")))

run = wandb.init(project="registries")
run.log_artifact(wandb.Artifact("ds", "dataset")).wait().link("wandb-registry-shared/Sets")
run.finish()
api.create_registry("empty", visibility="organization").delete()
say(full=message(registry.delete))

secret = api.create_registry("secret", visibility="restricted", description="for the lab")
say(made=[secret.visibility, members(secret), api.registry("secret").visibility])
secret.add_members(guests)
secret.update_member(guests, role="viewer")
api.artifact("registries/ds:v0").link("wandb-registry-secret/Hidden")
registry.visibility = "restricted"
registry.save()
said = [registry.visibility]
registry.visibility = "organization"
registry.save()
say(changed=[*said, api.registry("shared").visibility])
say(left=[each.name for each in api.registries(filter={"name": {"$in": ["empty", "shared"]}})])
"""

PERSON = """
import os

def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error.__cause__ or error)

api = wandb.Api()
registries = api.registries(filter={"name": {"$in": ["secret", "shared"]}})
say(
    registries=sorted(registry.name for registry in registries),
    collections=sorted(collection.name for collection in registries.collections()),
    versions=sorted(version.name for version in registries.collections().versions()),
    load=message(lambda: api.registry("secret").visibility),
    use=message(lambda: api.artifact("wandb-registry-secret/Hidden:v0").name),
    create=message(lambda: api.create_registry("secret", visibility="organization")),
    invite=message(lambda: api.registry("shared").add_members(api.viewer)),
)
"""


def test_registries_are_made_searched_and_changed(wandb_client: WandbClient) -> None:
    answers = wandb_client.run(REGISTRIES)
    assert answers["made"] == ["wandb-registry-speech", "what speaks", "organization"]
    assert "already exists" in answers["again"]
    assert "take artifacts of all types" in answers["typed"]
    assert answers["registries"] == [["speech"], ["speech", "vision"], ["speech"], ["vision"], []]
    assert answers["ordered"] == ["vision", "speech"]
    assert answers["collections"] == [["Sets"], ["Sets"], [], ["Sets", "Pictures"]]
    assert answers["versions"] == [
        ["Sets:v1"], ["Sets:v0", "Sets:v2"], ["Sets:v1", "Sets:v2"], ["Sets:v0", "Sets:v1"]
    ]  # fmt: skip
    assert answers["own"] == [["Sets"], ["Sets:v0", "Sets:v1", "Sets:v2"]]
    assert answers["of_collections"] == ["Pictures:v0"]
    assert "no operator '$near'" in answers["bad"]
    assert "'size'" in answers["unknown"]
    assert answers["described"] == "new"
    assert "does not rename registries" in answers["renamed"]


@at_length
def test_members_of_a_registry_have_roles(live: LiveServer, tmp_path: Path) -> None:
    data = ("--data", live.process.data, "--json")
    clients: dict[str, WandbClient] = {}
    for name in ("ada", "bob", "gus", "dan"):
        admin = ["--admin"] if name == "ada" else []
        added = run_weft("server", "user", "add", name, *admin, *data)
        (tmp_path / name).mkdir()
        clients[name] = WandbClient(live.url, added.report["api_key"], tmp_path / name)
    run_weft("server", "team", "add", "guests", "--admin", "gus", *data)

    answers = clients["ada"].run(MEMBERS)
    assert answers["members"] == [
        {"ada": "admin"},
        {"ada": "admin", "bob": "member"},
        {"ada": "admin", "bob": "admin"},
        {"ada": "admin"},
    ]
    member, viewer = {"guests": "member"}, {"guests": "viewer"}
    assert answers["teams"] == [{}, member, viewer, viewer, {}]
    assert "no role 'owner'" in answers["bad"]
    assert "no user" in answers["absent"]
    assert "1 collection" in answers["full"]
    assert answers["made"] == ["restricted", {"ada": "admin"}, "restricted"]
    assert answers["changed"] == ["restricted", "organization"]
    assert answers["left"] == ["shared"]

    stranger = clients["dan"].run(PERSON)
    assert stranger["registries"] == ["shared"]
    assert (stranger["collections"], stranger["versions"]) == (["Sets"], ["Sets:v0"])
    assert "no error" not in stranger["load"] + stranger["use"] + stranger["create"]
    assert "takes the role admin" in stranger["invite"]
    guest = clients["gus"].run(PERSON)
    assert guest["registries"] == ["secret", "shared"]
    assert guest["versions"] == ["Hidden:v0", "Sets:v0"]
    assert (guest["load"], guest["use"]) == ("no error: restricted", "no error: Hidden:v0")
