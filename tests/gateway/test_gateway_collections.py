"""Collections of the official client: links, names, orders; files whose address has ended."""

from __future__ import annotations

from typing import Any

import pytest

from live_runs import LiveServer
from wandb_client import KEY, Said, WandbClient

LINKED = """
import requests

def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error)

def new(name, text, type="dataset"):
    artifact = wandb.Artifact(name, type)
    with artifact.new_file("x.txt") as file:
        file.write(text)
    return artifact

def rename(old, name):
    collection = api.artifact_collection("dataset", f"maker/{old}")
    collection.name = name
    collection.save()

run = wandb.init(project="maker", id="r")
versions = []
for nth in range(3):
    run.log({"loss": nth})
    versions.append(run.log_artifact(new("ds", f"content {nth}"), aliases=[f"a{nth}"]).wait())
draft = new("draft", "drafted")
links = [
    run.link_artifact(versions[0], "portfolio", aliases=["prod"]),
    run.link_artifact(versions[2], "local/maker/portfolio", aliases=["new"]),
    run.link_artifact(versions[1], "local/other/portfolio"),
    run.link_artifact(draft, "other/drafts"),
    run.link_artifact(versions[1], "local/model-registry/Registered", aliases=["staging"]),
    new("saved", "saved").link("wandb-registry-dataset/Saved"),
]
say(
    links=[link.qualified_name for link in links],
    steps=[version.history_step for version in versions],
    refused=message(lambda: run.link_artifact(versions[0], "maker/ds")),
)
edited = run.log_artifact(new("edited", "kept")).wait().new_draft()
with edited.new_file("y.txt") as file:
    file.write("added")
edited = run.log_artifact(edited).wait()
say(edited=[edited.version, sorted(os.listdir(edited.download("edited")))])
used = new("evaluated", "used")
run.use_artifact(used)
used.wait()
run.finish()

api = wandb.Api()
link = api.artifact("maker/portfolio:prod")
link.aliases.append("best")
link.description = "described by a link"
link.save()
link = wandb.Api().artifact("maker/portfolio:best")
say(
    link=[link.version, link.is_link, link.source_qualified_name, sorted(link.aliases)],
    described=api.artifact("maker/ds:v0").description,
    linked=sorted(one.qualified_name for one in api.artifact("maker/ds:v1").linked_artifacts),
    text=open(os.path.join(link.download("linked"), "x.txt")).read(),
    portfolio=[
        (one.version, one.source_version) for one in api.artifacts("dataset", "maker/portfolio")
    ],
    registered=api.artifact("local/model-registry/Registered:staging").qualified_name,
    registry=api.artifact("wandb-registry-dataset/Saved:latest").source_name,
    runs=sorted(one.id for one in api.runs("maker") if one.job_type != "auto"),
    uses=[one.name for one in api.run("maker/r").used_artifacts()],
)

link.unlink()
api.artifact("wandb-registry-dataset/Saved:latest").delete()
say(
    unlinked=message(lambda: wandb.Api().artifact("maker/portfolio:prod")),
    source=wandb.Api().artifact("maker/ds:v0").linked_artifacts,
    not_linked=message(lambda: wandb.Api().artifact("maker/ds:v0").unlink()),
)

collection = api.artifact_collection("dataset", "maker/ds")
collection.name, collection.description = "better", "renamed"
collection.save()
rename("portfolio", "shown")
api = wandb.Api()
by_order = {
    order: [one.version for one in api.artifacts("dataset", "maker/better", order=order)]
    for order in (None, "versionIndex", "-versionIndex", "+createdAt", "-created_at")
}
say(
    renamed=api.artifact_collection("dataset", "maker/better").description,
    sources=[one.source_qualified_name for one in api.artifacts("dataset", "maker/shown")],
    orders=by_order,
    bad_order=message(lambda: list(api.artifacts("dataset", "maker/better", order="size"))),
    paged=[one.version for one in api.artifacts(
        "dataset", "maker/better", order="+versionIndex", per_page=1
    )],
    old_name=message(lambda: wandb.Api().artifact("maker/ds:v0")),
    taken=message(lambda: rename("shown", "better")),
)

files = [file for file in api.artifact("maker/better:v0").files()]
say(
    storage=[file.storage_path for file in files],
    uris=[file.path_uri for file in files],
    file=open(files[0].download("files").name).read(),
    keys=api.viewer.api_keys,
    members=[(one.name, one.account_type) for one in api.team("local").members],
)

# An address that ends in mid-download is renewed: by name for parts, else by checksum.
send, sent = requests.Session.request, []
def with_ended_address(self, method, url, **more):
    if url.endswith("/x.txt") and "ended" not in sent:
        url = url.replace("/wandb/files/", "/wandb/files/AAAA")
        sent.append("ended")
    sent.append(url.split("/")[3])
    return send(self, method, url, **more)
requests.Session.request = with_ended_address
again = []
for multipart in (False, True):
    sent.clear()
    artifact = wandb.Api().artifact("maker/better:v2")
    folder = artifact.download(f"again-{multipart}", multipart=multipart, skip_cache=True)
    again.append([open(os.path.join(folder, "x.txt")).read(), "artifactsV2" in sent])
say(again=again)
requests.Session.request = send

gone = api.artifact("maker/better:v1")
say(linked_elsewhere=message(lambda: gone.delete(delete_aliases=True)))
for one in gone.linked_artifacts:
    one.unlink()
say(aliased=message(lambda: gone.delete()))
gone.delete(delete_aliases=True)
say(
    deleted=message(lambda: wandb.Api().artifact("maker/better:v1")),
    twice=message(lambda: gone.delete(delete_aliases=True)),
    missing=[
        message(lambda: api.artifact("maker/none:v0")),
        message(lambda: api.artifact("none/none:v0")),
        message(lambda: api.run("maker/none")),
        message(lambda: list(api.runs("none"))),
        message(lambda: api.sweep("maker/none")),
        message(lambda: api.artifact_type("none", "maker")),
    ],
)
api.run("maker/r").delete()
say(again_deleted=message(lambda: wandb.init(project="maker", id="r")))
"""


@pytest.fixture(scope="module")
def output(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Said:
    return WandbClient(live.url, KEY, tmp_path_factory.mktemp("links")).run(
        LINKED, WANDB_PROJECT="maker"
    )


def test_versions_are_linked_to_collections_of_projects_and_registries(output: Any) -> None:
    assert output["links"] == [
        "local/maker/portfolio:v0",
        "local/maker/portfolio:v1",
        "local/other/portfolio:v0",
        "local/other/drafts:v0",
        "registry/wandb-registry-model/Registered:v0",
        "registry/wandb-registry-dataset/Saved:v0",
    ]
    assert "were logged: link to a collection with another name" in output["refused"]
    assert output["link"] == ["v0", True, "local/maker/ds:v0", ["best", "prod"]]
    assert output["described"] == "described by a link"
    assert output["linked"] == [
        "local/other/portfolio:v0", "registry/wandb-registry-model/Registered:v0"
    ]  # fmt: skip
    assert output["text"] == "content 0"
    assert output["portfolio"] == [["v1", "v2"], ["v0", "v0"]]
    assert output["registered"] == "registry/wandb-registry-model/Registered:staging"
    assert output["registry"] == "saved:v0"


def test_links_are_taken_out(output: Any) -> None:
    assert "not found" in output["unlinked"]
    assert output["source"] == []
    assert "is not a linked artifact" in output["not_linked"]


def test_a_collection_is_renamed_and_its_versions_are_ordered(output: Any) -> None:
    assert output["renamed"] == "renamed"
    assert output["sources"] == ["local/maker/better:v2"]
    oldest = ["v0", "v1", "v2"]
    assert output["orders"] == {
        "null": oldest[::-1],
        "versionIndex": oldest,
        "-versionIndex": oldest[::-1],
        "+createdAt": oldest,
        "-created_at": oldest[::-1],
    }
    assert output["paged"] == oldest
    assert "versions have no order" in output["bad_order"]
    assert "not found" in output["old_name"]
    assert "has an artifact 'better' already" in output["taken"]


def test_what_a_version_says_of_its_run_and_files(output: Any, live: LiveServer) -> None:
    assert output["steps"] == [0, 1, 2]
    assert [path[:6] for path in output["storage"]] == ["blobs/"]
    assert output["uris"] == [""]  # no bucket that the client could read
    assert output["file"] == "content 0"
    assert output["keys"] == ["local"]
    assert output["members"] == [["local", "ADMIN"]]


def test_a_version_that_a_run_uses_before_it_was_logged_is_of_that_run(output: Any) -> None:
    assert output["runs"] == ["r"]
    assert output["uses"] == ["evaluated:v0"]


def test_a_version_is_begun_from_another_without_its_files(output: Any) -> None:
    assert output["edited"] == ["v1", ["x.txt", "y.txt"]]


def test_an_address_that_has_ended_is_renewed_in_mid_download(output: Any) -> None:
    assert output["again"] == [["content 2", True], ["content 2", False]]


def test_errors_of_what_is_missing_or_deleted_are_those_of_wandb(output: Any) -> None:
    assert "has the alias" in output["aliased"]
    assert "unlink" in output["linked_elsewhere"]
    assert output["deleted"] == "artifact membership 'better:v1' not found in 'local/maker'"
    assert "no version 'v1'" in output["twice"]
    assert output["missing"] == [
        "artifact membership 'none:v0' not found in 'local/maker'",
        "project 'none' not found under entity 'local'",
        "Could not find run <Run local/maker/none (not found)>",
        "Could not find project none",
        "Could not find sweep <Sweep local/maker/none (Unknown State)>",
        "Could not find artifact type 'none'",
    ]
    # Programs match this text to choose another id.
    assert "was previously created and deleted; try a new run name" in output["again_deleted"]
