"""Options of artifacts and sweeps that the official client has, each tried with the client."""

from __future__ import annotations

import pytest

from at_length import at_length
from live_runs import LiveServer
from wandb_client import KEY, Said, WandbClient

_HELPERS = """
import pathlib

def message(action):
    try:
        return f"no error: {action()}"
    except Exception as error:
        return str(error).strip()

def new(name, files, type="dataset", **more):
    artifact = wandb.Artifact(name, type, **more)
    for path, text in files.items():
        with artifact.new_file(path) as file:
            file.write(text)
    return artifact

def contents(folder):
    paths = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in paths}
"""

LOGGED = """
from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry
from wandb.sdk.interface import interface

run = wandb.init(project="options", id="log")
empty = run.log_artifact(new("empty", {})).wait()
zero = run.log_artifact(new("zero", {"z.txt": "", "sub/z.txt": ""})).wait()
say(empty=[empty.version, empty.file_count], zero=[zero.file_count, contents(zero.download("z"))])

# A manifest with more than 100,000 entries goes to the client's core as a file.
interface.MANIFEST_FILE_SIZE_THRESHOLD = 2
referring = new("referring", {f"d/{nth}.txt": str(nth) for nth in range(3)})
# What the client notes of objects in buckets that keep versions.
objects = {
    "s3.bin": ["s3://bucket/a b.bin", {"etag": "e1", "versionID": "v+1"}],
    "latest.bin": ["s3://bucket/latest.bin", {"etag": "e2"}],
    "gs.bin": ["gs://bucket/g.bin", {"versionID": "1700000000000000"}],
}
for path, (ref, extra) in objects.items():
    entry = ArtifactManifestEntry(
        path=path, ref=ref, digest=extra.get("etag", "e3"), size=7, extra=extra
    )
    referring.manifest.add_entry(entry)
run.log_artifact(referring).wait()
read = wandb.Api().artifact("options/referring:v0")
say(
    objects={path: [entry.ref, entry.extra] for path, entry in read.manifest.entries.items()
             if entry.ref},
    written=objects, digests=[read.digest, referring.digest], n=read.file_count,
    unchanged=run.log_artifact(read.new_draft()).wait().version,
)

for nth in range(2):
    run.log_artifact(new("named", {"a.txt": str(nth)}), aliases=["best", "with space"]).wait()
say(
    alias=message(lambda: run.log_artifact(new("named", {"a.txt": "x"}), aliases=["v0"]).wait()),
    named={one.version: one.aliases for one in wandb.Api().artifacts("dataset", "options/named")},
    type=message(lambda: run.log_artifact(new("named", {}, "model")).wait()),
)

first = run.log_artifact(new("grown", {"a.txt": "a0", "b.txt": "b0"})).wait()
more = run.log_artifact(new("grown", {"b.txt": "b1", "c.txt": "c1"}, incremental=True)).wait()
less = first.new_draft()
less.remove("b.txt")
less = run.log_artifact(less).wait()
say(grown=contents(more.download("grown")), less=[less.version, contents(less.download("less"))])

pathlib.Path("model.bin").write_text("weights")
run.log_model("model.bin", name="net", aliases=["best"])
run.link_model("model.bin", "Linked", name="net", aliases=["staging"])
run.finish()

run = wandb.init(project="options", id="use")
used = run.use_artifact("named:best", type="dataset")
run.config["data"] = used
say(
    models=[pathlib.Path(run.use_model(name)).read_text() for name in (
        "net:best", "model-registry/Linked:staging", "wandb-registry-model/Linked:latest",
    )],
    wrong_type=message(lambda: run.use_artifact("named:best", type="model")),
    no_model=message(lambda: run.use_model("named:best")),
)
run.finish()
api = wandb.Api()
run = api.run("options/use")
say(
    config=run.config["data"], used=sorted(one.name for one in run.used_artifacts()),
    by_digest=api.artifact(f"options/named:{used.digest}").version,
    noted=api.run("options/log").use_artifact(api.artifact("options/zero:v0")).name,
    uses=[one.name for one in api.run("options/log").used_artifacts()],
)
# Without aliases: 0.28 sends them in a form that its own document does not allow.
say(again=api.run("options/log").log_artifact(api.artifact("options/zero:v0")).version)
"""


@pytest.fixture(scope="module")
def logged(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Said:
    return WandbClient(live.url, KEY, tmp_path_factory.mktemp("log")).run(_HELPERS + LOGGED)


@at_length
def test_versions_may_be_empty_and_grow(logged: Said) -> None:
    assert logged["empty"] == ["v0", 0]
    assert logged["zero"] == [2, {"sub/z.txt": "", "z.txt": ""}]
    assert logged["grown"] == {"a.txt": "a0", "b.txt": "b1", "c.txt": "c1"}
    assert logged["less"] == ["v2", {"a.txt": "a0"}]


@at_length
def test_references_keep_the_version_of_their_object(logged: Said, live: LiveServer) -> None:
    assert logged["objects"] == logged["written"]
    assert logged["digests"][0] == logged["digests"][1]
    assert logged["n"] == 6
    assert logged["unchanged"] == "v0"
    stored = live.api.artifact("local/options/referring:v0")
    assert stored.get_entry("s3.bin").ref_target() == "s3://bucket/a b.bin?versionId=v%2B1"
    assert stored.get_entry("gs.bin").ref_target() == "gs://bucket/g.bin#1700000000000000"


@at_length
def test_an_alias_is_not_the_name_of_a_version(logged: Said) -> None:
    assert "v and a number is the name of a version" in logged["alias"]
    assert logged["named"] == {"v1": ["best", "latest", "with space"], "v0": []}
    assert "already exists with type 'dataset'" in logged["type"]


@at_length
def test_models_and_uses(logged: Said) -> None:
    assert logged["models"] == ["weights"] * 3
    assert "of type 'dataset'" in logged["wrong_type"]
    assert "only use this method for 'model' artifacts" in logged["no_model"]
    assert logged["config"]["_type"] == "artifactVersion"
    assert logged["used"] == ["named:v1", "net:v0"]
    assert logged["by_digest"] == "v1"
    assert (logged["noted"], logged["uses"]) == ("zero:v0", ["zero:v0"])
    assert logged["again"] == "v0"


READ = """
run = wandb.init(project="reads", id="r")
for nth in range(3):
    files = {"a.txt": f"a{nth}", "sub/b.txt": "b", "sub/c.txt": "c"}
    run.log_artifact(new("ds", files), tags=["odd" if nth % 2 else "even"]).wait()
run.log_artifact(new("one", {"only.txt": "single"})).wait()
run.finish()

api = wandb.Api()
found = api.artifact("reads/ds:v1")
pathlib.Path("there").mkdir()
pathlib.Path("there/other.txt").write_text("is removed by checkout")
say(
    prefix=contents(found.download("prefix", path_prefix="sub")),
    checkout=contents(found.checkout("there")), verified=message(lambda: found.verify("there")),
    entry=pathlib.Path(found.get_entry("sub/b.txt").download("entry")).read_text(),
    file=pathlib.Path(api.artifact("reads/one:latest").file("file")).read_text(),
    no_file=message(found.file), no_entry=message(lambda: found.get_entry("none")),
    files=[
        [file.name for file in found.files(names=["sub/b.txt", "none"])],
        [file.name for file in found.files(per_page=1)],
        sorted((file.name, file.size, file.mimetype) for file in found.files()),
    ],
)
pathlib.Path("there/a.txt").write_text("changed")
say(not_verified=message(lambda: found.verify("there")))

def versions(**more):
    return [one.version for one in api.artifacts("dataset", "reads/ds", **more)]

say(
    tagged=versions(tags=["odd"]), paged=versions(per_page=2),
    exist=[api.artifact_exists(f"{name}:latest") for name in ("reads/ds", "reads/no", "no/ds")],
    collections=[api.artifact_collection_exists(f"reads/{name}", type) for name, type in (
        ("ds", "dataset"), ("ds", "model"), ("none", "dataset"),
    )],
    names=[one.name for one in api.artifact_collections("reads", "dataset")],
    logged=[one.name for one in api.run("reads/r").logged_artifacts(per_page=1)],
    collection=[found.collection.name, found.collection.is_sequence(), found.collection.aliases],
    draft=message(lambda: api.run("reads/r").log_artifact(new("draft", {}))),
)

found.aliases, found.tags = ["x", "y"], ["b b", "c"]
found.save()
found.aliases.remove("x")
found.tags.remove("c")
found.save()
api = wandb.Api()
moved = api.artifact("reads/ds:v0")
moved.aliases.append("y")
moved.save()
read = wandb.Api().artifact("reads/ds:v1")
say(
    changed=[list(read.aliases), read.tags, wandb.Api().artifact("reads/ds:y").version],
    bad_tag=message(lambda: (setattr(read, "tags", ["no!"]), read.save())),
    bad_alias=message(lambda: (read.aliases.append("v9"), read.save())),
)
gone = api.artifact_collection("dataset", "reads/one")
gone.delete()
api.run("reads/r").delete()
say(
    no_collection=message(lambda: wandb.Api().artifact("reads/one:v0")),
    again=message(gone.delete), by=wandb.Api().artifact("reads/ds:v2").logged_by(),
)
"""


@at_length
def test_versions_are_read_and_changed_in_each_way(wandb_client: WandbClient) -> None:
    output = wandb_client.run(_HELPERS + READ)
    assert output["prefix"] == {"sub/b.txt": "b", "sub/c.txt": "c"}
    assert output["checkout"] == {"a.txt": "a1", "sub/b.txt": "b", "sub/c.txt": "c"}
    assert output["verified"] == "no error: None"
    assert output["not_verified"] == "Digest mismatch for file: a.txt"
    assert (output["entry"], output["file"]) == ("b", "single")
    assert "more than one file" in output["no_file"]
    assert "not contained in artifact: none" in output["no_entry"]
    sizes = {"a.txt": 2, "sub/b.txt": 1, "sub/c.txt": 1}
    described = [[name, size, "text/plain"] for name, size in sizes.items()]
    assert output["files"] == [["sub/b.txt"], list(sizes), described]
    assert (output["tagged"], output["paged"]) == (["v1"], ["v2", "v1", "v0"])
    assert output["exist"] == output["collections"] == [True, False, False]
    assert output["names"] == ["ds", "one"]
    assert sorted(output["logged"]) == ["ds:v0", "ds:v1", "ds:v2", "one:v0"]
    assert output["collection"] == ["ds", True, ["latest"]]
    assert "Only existing artifacts are accepted" in output["draft"]
    assert output["changed"] == [[], ["b b"], "v0"]
    assert "Invalid tag" in output["bad_tag"]
    assert "v and a number is the name of a version" in output["bad_alias"]
    assert "not found" in output["no_collection"]
    assert "has no artifact 'one'" in output["again"]
    assert output["by"] is None


SWEPT = """
import threading
import requests

grid = {
    "method": "grid", "name": "named", "description": "described",
    "metric": {"name": "loss", "goal": "maximize"}, "parameters": {"lr": {"values": [1, 2]}},
}
sweep = wandb.sweep(grid, project="swept", entity="local")
api = wandb.Api()
found = api.sweep(f"swept/{sweep}")
say(
    id=sweep,
    fields=[found.name, found.display_name, found.description, found.order, found.state,
            found.expected_run_count, found.path[:2], found.url.endswith(f"/sweeps/{sweep}")],
    listed=[one.id for one in api.project("swept", "local").sweeps()],
    no_parameters=message(lambda: wandb.sweep({"method": "grid", "parameters": {}})),
    no_method=message(lambda: wandb.sweep({**grid, "method": "none"})),
    missing=[
        message(lambda: api.sweep("swept/none")),
        message(lambda: wandb.agent("none0000", function=print, project="swept")),
    ],
)

def best_of_two():
    with wandb.init() as run:
        run.log({"loss": run.config.lr})

wandb.agent(f"local/swept/{sweep}", function=best_of_two)
found = wandb.Api().sweep(f"swept/{sweep}")
say(
    runs=[[run.state, run.sweep_name] for run in found.runs],
    best=[found.best_run().config, found.best_run(order="+summary_metrics.loss").config],
    agents=[[agent.total_runs, len(list(agent.runs()))] for agent in found.agents()],
    agent=found.agent(found.agents()[0].name).id == found.agents()[0].id,
)

endless = wandb.sweep({
    "method": "random", "parameters": {
        "a": {"distribution": "q_log_uniform_values", "min": 1, "max": 100, "q": 1},
        "b": {"value": "x"},
        "c": {"parameters": {"d": {"values": ["p", "q"], "probabilities": [0.1, 0.9]}}},
    },
}, project="swept")
seen = []

def delete_the_sweep():
    with wandb.init() as run:
        seen.append([1 <= run.config.a <= 100, run.config.b, run.config.c["d"] in "pq"])
        run.log({"loss": 1})
    url = f"{os.environ['WANDB_BASE_URL']}/api/v1/projects/local/swept/sweeps/{endless}"
    requests.delete(url, headers={"Authorization": f"Bearer {os.environ['WANDB_API_KEY']}"})

wandb.agent(f"local/swept/{endless}", function=delete_the_sweep)
say(seen=seen)
"""


@at_length
def test_sweeps_are_described_and_end_with_what_is_deleted(wandb_client: WandbClient) -> None:
    output = wandb_client.run(_HELPERS + SWEPT, WANDB_AGENT_DISABLE_FLAPPING="true")
    assert output["fields"] == [
        "named", "named", "described", "-summary_metrics.loss", "PENDING", 2,
        ["local", "swept"], True,
    ]  # fmt: skip
    assert output["listed"] == [output["id"]]
    assert "parameters is empty" in output["no_parameters"]
    assert "one of grid, random, bayes" in output["no_method"]
    assert "Could not find sweep" in output["missing"][0]
    assert "no sweep none0000 in local/swept" in output["missing"][1]
    assert output["runs"] == [["finished", output["id"]]] * 2
    assert output["best"] == [{"lr": 2}, {"lr": 1}]
    assert output["agents"] == [[2, 2]]
    assert output["agent"] is True
    # The agent ends by itself: a sweep that is gone has no more parameters.
    assert output["seen"] == [[True, "x", True]]
