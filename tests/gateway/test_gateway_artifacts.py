"""Artifacts of the official client: logged, used, downloaded, linked, and read back by weft."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer
from wandb_client import KEY, WandbClient

LOGGED = """
import datetime, pathlib
pathlib.Path("data/sub dir").mkdir(parents=True)
for i in range(20):
    pathlib.Path(f"data/f{i}.txt").write_text(f"file {i}")
pathlib.Path("data/sub dir/ä b%#.bin").write_bytes(bytes(range(256)) * 1000)
run = wandb.init(project="art", id="maker")
first = wandb.Artifact("ds", type="dataset", metadata={"k": [1, 2]}, description="first")
first.add_dir("data")
first.add_reference(f"{os.environ['WANDB_BASE_URL']}/ready", name="ready.txt", checksum=False)
run.log_artifact(first, aliases=["best", ""], tags=["t"]).wait()
say(first=first.version, digest=first.digest, aliases=sorted(first.aliases))

again = wandb.Artifact("ds", type="dataset", metadata={"k": [1, 2]})
again.add_dir("data")
again.add_reference(f"{os.environ['WANDB_BASE_URL']}/ready", name="ready.txt", checksum=False)
run.log_artifact(again).wait()
say(same=again.version)

pathlib.Path("data/f0.txt").write_text("changed")
second = wandb.Artifact("ds", type="dataset")
second.add_dir("data")
second.ttl = datetime.timedelta(days=3)
run.log_artifact(second).wait()
say(second=second.version, lifetimes=[second.ttl.days])

more = wandb.Artifact("more", type="dataset")
more.add_reference(first.get_entry("f1.txt").ref_url(), name="other.txt")
run.log_artifact(more).wait()
run.finish()

user = wandb.init(project="art", id="user")
used = user.use_artifact("ds:best")
folder = used.download(root="down")
files = sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file())
used.verify("down")
say(used=used.name, files=files, odd=len(pathlib.Path(folder, "sub dir/ä b%#.bin").read_bytes()))
other = user.use_artifact("more:latest").download(root="other")
say(other=pathlib.Path(other, "other.txt").read_text())
model = wandb.Artifact("model", type="model")
with model.new_file("weights.txt") as file:
    file.write("weights")
user.log_artifact(model).wait()
user.link_artifact(model, "wandb-registry-model/Net", aliases=["prod"])
user.finish()

api = wandb.Api()
found = api.artifact("art/ds:v0")
found.aliases.append("gold")
found.tags = ["u"]
found.description = "better"
found.metadata["new"] = 1
found.save()
found = api.artifact("art/ds:gold")
say(
    edited=[found.version, found.tags, found.description, found.metadata],
    makers=[found.logged_by().id, [run.id for run in found.used_by()]],
    versions=[one.version for one in api.artifacts("dataset", "art/ds")],
    types=[one.name for one in api.artifact_types("art")],
    collections=[one.name for one in api.artifact_type("dataset", "art").collections()],
    exists=[api.artifact_exists("art/ds:v1"), api.artifact_exists("art/ds:v7")],
    logged=[one.name for one in api.run("art/maker").logged_artifacts()],
    used_by_run=[one.name for one in api.run("art/user").used_artifacts()],
)
lifetimes = [found.ttl]
kept = api.artifact("art/ds:v1")
for lifetime in (datetime.timedelta(days=9), None):
    kept.ttl = lifetime
    kept.save()
    read = wandb.Api().artifact("art/ds:v1").ttl
    lifetimes.append(read and read.days)
say(lifetimes_edited=lifetimes)
"""


@pytest.fixture(scope="module")
def output(live: LiveServer, tmp_path_factory: pytest.TempPathFactory):
    return WandbClient(live.url, KEY, tmp_path_factory.mktemp("art")).run(LOGGED)


def test_versions_are_numbered_and_equal_ones_are_not_new(output) -> None:
    assert (output["first"], output["same"], output["second"]) == ("v0", "v0", "v1")
    assert output["aliases"] == ["best", "latest"]


def test_a_version_is_downloaded_byte_for_byte(output) -> None:
    assert output["used"] == "ds:v0" or output["used"] == "ds:best"
    assert output["files"] == sorted(
        [*(f"f{i}.txt" for i in range(20)), "ready.txt", "sub dir/ä b%#.bin"]
    )
    assert output["odd"] == 256_000
    assert output["other"] == "file 1"


def test_what_is_changed_of_a_version_is_read_back(output) -> None:
    assert output["edited"] == ["v0", ["u"], "better", {"k": [1, 2], "new": 1}]
    assert output["versions"] == ["v1", "v0"]
    assert set(output["types"]) >= {"dataset", "model"}
    assert set(output["collections"]) == {"ds", "more"}
    assert output["exists"] == [True, False]


def test_a_lifetime_is_set_changed_and_removed(output) -> None:
    assert output["lifetimes"] == [3]
    assert output["lifetimes_edited"] == [None, 9, None]


def test_lineage_is_known(output) -> None:
    assert output["makers"] == ["maker", ["user"]]
    assert set(output["logged"]) == {"ds:v0", "ds:v1", "more:v0"}
    assert set(output["used_by_run"]) == {"ds:v0", "more:v0"}


def test_weft_reads_a_version_back(output, live: LiveServer, tmp_path: Path) -> None:
    artifact = live.api.artifact("local/art/ds:v0")
    assert artifact.metadata == {"k": [1, 2], "new": 1}
    folder = Path(artifact.download(root=str(tmp_path / "down")))
    assert (folder / "f3.txt").read_text() == "file 3"
    assert (folder / "sub dir/ä b%#.bin").read_bytes() == bytes(range(256)) * 1000
    linked = live.api.artifact("registry/model/Net:prod")
    assert linked.type == "model"
    # Only versions are left of what was uploaded.
    run = live.api.run("local/art/maker")
    names = [file.name for file in run.files() if file.name.startswith("artifacts/")]
    assert all(name.endswith(".json") for name in names), names


@at_length
def test_verify_is_content_but_for_https(wandb_client: WandbClient) -> None:
    done = wandb_client.command("verify")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "Checking" in line]
    failed = [line for line in lines if "✅" not in line]
    assert len(lines) == 10
    assert all("base url" in line or "signed URLs" in line for line in failed), failed


MADE_AGAIN = """
def log(text):
    run = wandb.init(project="again")
    made = wandb.Artifact("ds", "dataset")
    with made.new_file("x.txt") as file:
        file.write(text)
    run.log_artifact(made).wait()
    run.finish()

def read(version):
    folder = wandb.Api().artifact(f"again/ds:{version}").download(root=f"down-{version}")
    return open(os.path.join(folder, "x.txt")).read()

log("old content")
assert read("v0") == "old content"
wandb.Api().artifact_collection("dataset", "again/ds").delete()
log("new content")
say(first=read("v0"))
log("old content")
say(second=read("latest"), version=wandb.Api().artifact("again/ds:latest").version)
"""


@at_length
def test_a_collection_that_was_deleted_and_made_again_has_its_own_contents(
    wandb_client: WandbClient,
) -> None:
    output = wandb_client.run(MADE_AGAIN)
    assert (output["first"], output["second"], output["version"]) == (
        "new content", "old content", "v1"
    )  # fmt: skip


REFERRING = """
run = wandb.init(project="refer")
source = wandb.Artifact("src", "dataset")
with source.new_file("x.txt") as file:
    file.write("far away")
run.log_artifact(source).wait()
made = wandb.Artifact("der", "dataset")
made.add_reference(wandb.Api().artifact("refer/src:v0").get_entry("x.txt").ref_url(), "x.txt")
run.log_artifact(made).wait()
run.finish()
wandb.Api().artifact("refer/src:v0").delete(delete_aliases=True)
run = wandb.init(project="refer")
more = wandb.Artifact("der", "dataset")
with more.new_file("y.txt") as file:
    file.write("y")
run.log_artifact(more).wait()
run.finish()
api = wandb.Api()
found = api.artifacts("dataset", "refer/der")
say(versions=[(one.version, len(one.manifest.entries)) for one in found])
"""


@at_length
def test_a_reference_to_what_is_gone_breaks_nothing_else(wandb_client: WandbClient) -> None:
    output = wandb_client.run(REFERRING)
    assert sorted(output["versions"]) == [["v0", 1], ["v1", 1]]


SAME_TABLE = """
run = wandb.init(project="tables", id=os.environ["RUN"])
table = wandb.Table(columns=["n", "image"], data=[
    [n, wandb.Image(np.full((8, 8, 3), n * 40, np.uint8))] for n in range(3)
])
run.log({"table": table})
made = wandb.Artifact(os.environ["RUN"], "dataset")
made.add(table, "table")
run.log_artifact(made).wait()
run.finish()
found = wandb.Api().artifact(f"tables/{os.environ['RUN']}:v0").get("table")
say(rows=[row[0] for row in found.data], width=found.data[1][1].image.size[0])
"""


def test_a_collection_is_described_tagged_and_gets_another_type(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    output = wandb_client.run(
        "run = wandb.init(project='arts', id='kinds')\n"
        "art = wandb.Artifact('kinds', type='dataset')\n"
        "with art.new_file('f.txt') as file: file.write('f')\n"
        "run.log_artifact(art).wait(); run.finish()\n"
        "def collection(type): return wandb.Api().artifact_collection(type, 'local/arts/kinds')\n"
        "found = collection('dataset')\n"
        "found.description = 'Digits.'; found.tags = ['vision', 'small', 'old']; found.save()\n"
        "found = collection('dataset'); found.tags = ['small', 'vision']; found.save()\n"
        "found = collection('dataset')\n"
        "say(description=found.description, tags=sorted(found.tags))\n"
        "found.change_type('model')\n"
        "say(type=wandb.Api().artifact('local/arts/kinds:v0').type,\n"
        "    again=sorted(collection('model').tags))\n"
    )
    assert output["description"] == "Digits."
    assert output["tags"] == output["again"] == ["small", "vision"]
    assert output["type"] == "model"
    assert live.api.artifact("local/arts/kinds:v0").type == "model"


@at_length
def test_a_version_is_made_of_the_parts_of_several_runs(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    code = """
        run = wandb.init(project='arts', id='{id}', group='all')
        art = wandb.Artifact('shards', type='dataset', metadata={{'n': 3}})
        with art.new_file('shard{rank}.txt') as file: file.write('{text}')
        with art.new_file('same.txt') as file: file.write('in all')
        run.{how}_artifact(art, aliases=['{how}']); run.finish()
    """
    for text in ("first", "second"):
        for rank in range(3):
            call = "upsert" if rank < 2 else "finish"
            filled = code.format(id=f"{text}{rank}", rank=rank, how=call, text=f"{text} {rank}")
            wandb_client.run(textwrap.dedent(filled))
    for version in ("v0", "latest"):
        artifact = live.api.artifact(f"local/arts/shards:{version}")
        assert sorted(artifact.paths) == ["same.txt", *(f"shard{rank}.txt" for rank in range(3))]
        assert artifact.metadata == {"n": 3}
    assert live.api.artifact("local/arts/shards:finish").version == "v1"
    output = wandb_client.run(
        "where = wandb.Api().artifact('local/arts/shards:v1').download()\n"
        "say(files={one: open(f'{where}/{one}').read() for one in sorted(os.listdir(where))})"
    )
    assert output["files"] == {
        "same.txt": "in all",
        **{f"shard{rank}.txt": f"second {rank}" for rank in range(3)},
    }


@at_length
def test_a_table_that_was_logged_is_in_an_artifact_too(wandb_client: WandbClient) -> None:
    # The second run finds the table's own artifact as it is there.
    for run in ("first", "second"):
        output = wandb_client.run(SAME_TABLE, RUN=run)
        assert (output["rows"], output["width"]) == ([0, 1, 2], 8)
