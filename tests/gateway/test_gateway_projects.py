"""Projects, users and charts, as the official client's public API makes and reads them."""

from __future__ import annotations

from wandb_client import WandbClient

PROJECTS = """
def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error)

wandb.init(project="read", id="r").finish()
api = wandb.Api()
api.create_project("made", "local")
spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar"}
api.create_custom_chart("local", "bars", "Bars", "vega2", "private", spec)
made = api.create_run(run_id="ahead", project="made", entity="local")
states = [made.state, made.update_state("pending"), wandb.Api().run("made/ahead").state]
run = api.run("read/r")
before = sorted(file.name for file in run.files())
run.file("wandb-summary.json").delete()
say(
    projects=sorted(project.name for project in api.projects("local")),
    project=[api.project("made").name, api.project("made").entity],
    states=states,
    files=sorted(set(before) - {file.name for file in wandb.Api().run("read/r").files()}),
    users=[api.user("local").username, [user.username for user in api.users("local")]],
    unknown=[api.user("nobody"), api.users("nobody")],
    team=api.team("local").name, organization=api.organization().org_entity.name,
    types=[each.name for each in api.project("read").artifacts_types()],
    none=message(lambda: api.project("none").id),
)
"""


def test_projects_and_users_are_made_and_read(wandb_client: WandbClient) -> None:
    answers = wandb_client.run(PROJECTS)
    assert answers["projects"] == ["made", "read"]
    assert answers["project"] == ["made", "local"]
    assert answers["files"] == ["wandb-summary.json"]
    assert answers["users"] == ["local", ["local"]]
    assert answers["team"] == "local"
    assert answers["organization"] == "registry"
    assert answers["types"] == []
    assert answers["states"] == ["running", True, "pending"]
    assert answers["unknown"] == [None, []]
    assert answers["none"] == "Project none not found"
