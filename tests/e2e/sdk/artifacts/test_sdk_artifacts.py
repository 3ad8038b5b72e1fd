"""Artifacts from scripts to a real server: logged, used, downloaded, killed, offline, refused."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

import weft
from at_length import at_length
from live_runs import PROJECT, LiveServer, await_no_sidecar
from sdk_script import run_well, start_script
from server_process import wait_until
from weft.client.artifact_client import VersionTarget
from weft.errors import NotFound, UsageError
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

MADE = """
import os, pathlib, weft
data = pathlib.Path("data")
(data / "train").mkdir(parents=True, exist_ok=True)
(data / "train" / "a.bin").write_bytes(b"a" * 300_000)
(data / "Ünïcode [1].txt").write_text("text")
"""


def path_of(name: str) -> str:
    return f"local/{PROJECT}/{name}"


def await_version(live: LiveServer, name: str) -> weft.Artifact:
    wait_until(lambda: live.api.artifact_exists(path_of(name)), secs=60, what=f"version {name}")
    return live.api.artifact(path_of(name))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_data_is_logged_used_by_a_training_run_and_a_model_comes_of_it(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        MADE
        + """
with weft.init(id="make") as run:
    artifact = weft.Artifact("lin-data", "dataset", "Two files", {"rows": 3, "nan": float("nan")})
    artifact.add_dir(data)
    with artifact.new_file("notes/readme.md") as file:
        file.write("# data")
    assert artifact.paths == ["notes/readme.md", "train/a.bin", "Ünïcode [1].txt"]
    assert artifact.state == "PENDING"
    logged = run.log_artifact(artifact, aliases=["best", ""], tags=["clean data"])
    assert logged is artifact and logged.wait(60).state == "COMMITTED"
    assert logged.ttl is None
    import datetime
    three_days = datetime.timedelta(days=3)
    logged.ttl = three_days
    assert logged.ttl == three_days
    assert weft.Api().artifact(logged.qualified_name).ttl == three_days
    logged.ttl = weft.ArtifactTTL.INHERIT
    assert logged.ttl is None and logged.history_step is None
    run.log({"loss": 1.0}, step=7)
    later = weft.Artifact("later", "dataset")
    later.ttl = three_days
    with later.new_file("a.txt") as file:
        file.write("a")
    assert run.log_artifact(later).wait(60).ttl == three_days
    assert later.history_step == 7
    assert logged.id == logged.qualified_name and logged.commit_hash == logged.digest
    assert logged.url.endswith(f"/{logged.entity}/{logged.project}/artifacts/dataset/lin-data/v0")
    assert logged.collection.name == "lin-data" and logged.linked_at is None
    assert logged.source_collection == logged.collection
    files = logged.files()
    assert len(files) == 3 and [file.name for file in files] == logged.paths
    assert files[0].name == "notes/readme.md" and next(files).size == 6
    assert [file.name for file in files[1:]] == logged.paths[1:]
    assert [file.name for file in logged.files(start="train", per_page=1)] == logged.paths[1:]
    [readme] = logged.files(["notes/readme.md"])
    with readme.download("fetched") as file:
        assert file.read() == "# data" and file.name == "fetched/notes/readme.md"
    try:
        readme.download("fetched")
    except weft.errors.ConfigError as error:
        assert "exists already" in str(error)
    else:
        raise AssertionError("the file is there")
    pathlib.Path("fetched/notes/readme.md").write_text("changed")
    assert readme.download("fetched", exist_ok=True).read() == "changed"
    assert readme.download("fetched", replace=True).read() == "# data"
    assert readme.mimetype == "text/markdown" and len(readme.sha256) == 64
    assert readme.url.startswith("http://") and readme.url.endswith("notes/readme.md")
    assert readme.md5 == "U0jStdDU/wiNhK2kWyFh1A==" or len(readme.md5) == 24
    assert (logged.name, logged.version, logged.aliases) == (
        "lin-data:v0", "v0", ["best", "latest"])
    assert logged.tags == ["clean data"] and logged.file_count == 3

with weft.init(id="train") as run:
    used = run.use_artifact("lin-data:best", type="dataset")
    folder = used.download()
    assert pathlib.Path(folder, "train", "a.bin").read_bytes() == b"a" * 300_000
    used.verify()
    pathlib.Path("w.pt").write_bytes(b"weights")
    run.log_model("w.pt", "lin-model").wait(60)

with weft.init(id="evaluate") as run:
    assert pathlib.Path(run.use_model("lin-model")).read_bytes() == b"weights"
""",
        live.environment,
    )
    model = live.api.artifact(path_of("lin-model"))
    assert model.qualified_name == path_of("lin-model:v0")
    assert (model.type, model.size) == ("model", 7)
    assert live.api.artifact(path_of("lin-data")).metadata == {"rows": 3, "nan": "NaN"}
    client = live.api._client.artifacts
    graph = client.lineage(VersionTarget("local", PROJECT, "lin-model", "v0"))
    names = {node.id: node.name for node in graph.nodes}
    assert {(names[edge.source], names[edge.target]) for edge in graph.edges} == {
        ("make", "lin-data"), ("lin-data", "train"), ("train", "lin-model"),
        ("lin-model", "evaluate"),
    }  # fmt: skip


def test_what_was_logged_is_what_the_files_were_then(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, weft
        model = pathlib.Path("model.pt")
        with weft.init() as run:
            for epoch in range(3):
                model.write_bytes(b"epoch %d" % epoch)
                run.log_artifact(model, "epochs", "model", aliases=[f"epoch-{epoch}"])
            model.unlink()
        """,
        live.environment,
    )
    await_version(live, "epochs:v2")
    for epoch in range(3):
        version = live.api.artifact(path_of(f"epochs:epoch-{epoch}"))
        assert version.version == f"v{epoch}"
        folder = Path(version.download(tmp_path / str(epoch)))
        assert (folder / "model.pt").read_bytes() == b"epoch %d" % epoch
    assert live.api.artifact(path_of("epochs")).version == "v2"


def test_an_artifact_survives_a_kill_and_a_server_that_comes_later(
    live: LiveServer, tmp_path: Path
) -> None:
    script = start_script(
        tmp_path,
        MADE
        + """
import time
run = weft.init(id="killed-artifact")
artifact = weft.Artifact("killed", "dataset")
artifact.add_dir(data)
run.log_artifact(artifact)
print("logged", flush=True)
time.sleep(100)
""",
        live.environment,
    )
    assert script.stdout is not None
    with live.held_up():
        assert "logged" in script.stdout.readline()
        script.send_signal(signal.SIGKILL)
        script.communicate()
    version = await_version(live, "killed:v0")
    assert set(contents(Path(version.download(tmp_path / "got")))) == {
        "train/a.bin", "Ünïcode [1].txt"
    }  # fmt: skip
    await_no_sidecar()


def test_an_offline_run_takes_its_artifacts_along(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        MADE
        + """
with weft.init(mode="offline", project="tests") as run:
    artifact = weft.Artifact("offline", "dataset")
    artifact.add_dir(data, policy="immutable")
    logged = run.log_artifact(artifact)
    try:
        logged.wait(5)
    except weft.errors.Unavailable as error:
        assert "weft sync" in str(error)
    else:
        raise AssertionError
""",
        {"WEFT_MODE": "offline"},
    )
    assert not live.api.artifact_exists(path_of("offline"))
    done = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert done.exit_code == 0, done.stderr
    version = await_version(live, "offline:v0")
    got = contents(Path(version.download(tmp_path / "got")))
    assert got == contents(tmp_path / "data")


def test_a_linked_file_that_is_overwritten_or_lost_before_it_is_hashed_is_told(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, weft
        with weft.init(id="changed-artifact", mode="offline", project="tests") as run:
            for name in ("kept", "changed"):
                path = pathlib.Path(f"{name}.bin")
                path.write_bytes(b"before")
                artifact = weft.Artifact(name, "dataset")
                artifact.add_file(path, policy="immutable")
                run.log_artifact(artifact)
            path.write_bytes(b"after, in place")
            pathlib.Path("kept.bin").unlink()
        """,
        {"WEFT_MODE": "offline"},
    )
    assert run_weft("sync", tmp_path / "weft", env=live.environment).exit_code == 1
    artifact = await_version(live, "kept:v0")
    assert contents(Path(artifact.download(tmp_path / "got"))) == {"kept.bin": b"before"}
    client = live.api._client.artifacts
    failed = [
        failure
        for failure in client.of_run("local", PROJECT, "changed-artifact").logged
        if failure.error
    ]
    assert [failure.name for failure in failed] == ["changed"]
    message = "changed.bin was changed after it was logged: log the artifact again"
    assert message in (failed[0].error or "")


def test_a_download_continues_and_repairs(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        MADE
        + """
with weft.init() as run:
    artifact = weft.Artifact("repaired", "dataset")
    artifact.add_dir(data)
    run.log_artifact(artifact).wait(60)
""",
        live.environment,
    )
    version = live.api.artifact(path_of("repaired"))
    folder = tmp_path / "got"
    (folder / "train").mkdir(parents=True)
    (folder / "train" / "a.bin").write_bytes(b"half")
    (folder / "other.txt").write_text("not of it")
    version.download(folder)
    with pytest.raises(UsageError, match=r"other\.txt does not belong"):
        version.verify(folder)
    version.checkout(folder)
    version.verify(folder)
    assert contents(folder) == contents(tmp_path / "data")
    (folder / "train" / "a.bin").write_bytes(b"b" * 300_000)
    with pytest.raises(UsageError, match=r"a\.bin is not as it is"):
        version.verify(folder)
    only = Path(version.download(tmp_path / "part", path_prefix="train/"))
    assert set(contents(only)) == {"train/a.bin"}
    outside = tmp_path / "outside"
    outside.mkdir()
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "train").symlink_to(outside)
    with pytest.raises(UsageError, match="would be outside"):
        version.download(linked)
    assert not list(outside.iterdir())


def test_versions_are_edited_and_deleted(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, weft
        with weft.init() as run:
            for n in range(2):
                pathlib.Path("x").write_text(str(n))
                run.log_artifact("x", "edited", "dataset", aliases=["prod"]).wait(60)
        """,
        live.environment,
    )
    first = live.api.artifact(path_of("edited:v0"))
    first.description, first.metadata["f1"] = "The first", 0.5
    first.save()
    first.aliases = ["prod"]
    first.tags = ["kept"]
    again = live.api.artifact(path_of("edited:prod"))
    assert (again.version, again.description, again.metadata) == ("v0", "The first", {"f1": 0.5})
    assert again.tags == ["kept"]
    assert [version.version for version in live.api.artifacts("dataset", path_of("edited"))] == [
        "v1",
        "v0",
    ]
    with pytest.raises(weft.CommError, match="has the alias 'prod'"):
        first.delete()
    first.delete(delete_aliases=True)
    with pytest.raises(NotFound, match="its aliases are latest"):
        live.api.artifact(path_of("edited:v0"))


def test_bad_input_is_refused_where_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    artifact = weft.Artifact("a", "dataset")
    for wrong, message in (
        (lambda: weft.Artifact("a/b", "dataset"), "invalid artifact name 'a/b'"),
        (lambda: weft.Artifact("a", ""), "invalid artifact type ''"),
        (lambda: weft.Artifact("a", "t", metadata={"x": object()}), "metadata must be a dict"),
        (lambda: artifact.add_file(tmp_path), "is a folder: use add_dir"),
        (lambda: artifact.add_file(tmp_path / "none"), "is not a file"),
        (lambda: artifact.add_file(tmp_path / "x", "../x"), "has a segment '..'"),
        (lambda: artifact.add_file(tmp_path / "x", "/x"), "must be relative"),
        (lambda: artifact.add_file(tmp_path / "x", "d/" * 31 + "x"), "too long or too deep"),
        (lambda: artifact.add_file(tmp_path / "x", policy="keep"), "'mutable' or 'immutable'"),
        (lambda: artifact.add_dir(tmp_path / "x"), "is not a folder"),
        (lambda: artifact.remove("y"), "has no file 'y'"),
        (lambda: artifact.version, "was not logged yet"),
        (lambda: artifact.wait(), "was not logged"),
        (lambda: artifact.add_reference("/no/such/file"), "there is no file or folder"),
    ):
        with pytest.raises((UsageError, TypeError), match=message.replace("(", r"\(")):
            wrong()
    artifact.add_file(tmp_path / "x")
    artifact.add_file(tmp_path / "x")  # the same one again
    (tmp_path / "other").write_text("y")
    with pytest.raises(UsageError, match="pass overwrite=True"):
        artifact.add_file(tmp_path / "other", "x")
    with weft.init(mode="disabled") as run:
        with pytest.raises(UsageError, match="v and a number"):
            run.log_artifact(artifact, aliases=["v1"])
        with pytest.raises(TypeError, match="must be a list of strings"):
            run.log_artifact(artifact, aliases="best")


def test_a_reference_keeps_an_address_and_what_it_hashes_to(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        MADE
        + """
with weft.init() as run:
    artifact = weft.Artifact("references", "dataset")
    artifact.add_reference(f"file://{data.absolute()}", "local")
    artifact.add_reference("gopher://host/key.csv")
    assert artifact.paths == ["key.csv", "local/train/a.bin", "local/Ünïcode [1].txt"]
    run.log_artifact(artifact).wait(60)
""",
        live.environment,
    )
    version = live.api.artifact(path_of("references"))
    entries = {entry.path: entry for entry in version.manifest.entries}
    assert entries["key.csv"].reference == "gopher://host/key.csv"
    with pytest.raises(UsageError, match=r"is kept at gopher://host/key\.csv"):
        version.download(tmp_path / "got")
    version.download(tmp_path / "got", path_prefix="local/")
    assert contents(tmp_path / "got" / "local") == contents(tmp_path / "data")
    (tmp_path / "data" / "train" / "a.bin").write_bytes(b"changed")
    with pytest.raises(weft.CommError, match="was changed since"):
        version.download(tmp_path / "again", path_prefix="local/")
    assert not list((tmp_path / "again" / "local" / "train").iterdir())


@at_length
def test_copies_go_once_they_are_stored_and_a_second_server_is_told(
    live: LiveServer, tmp_path: Path
) -> None:
    script = start_script(
        tmp_path,
        MADE
        + """
run = weft.init(id="staged")
for policy in ("mutable", "immutable"):
    artifact = weft.Artifact(f"staged-{policy}", "dataset")
    artifact.add_dir(data, policy=policy)
    run.log_artifact(artifact).wait(60)
print("stored", flush=True)
input()
run.finish()
""",
        live.environment,
        stdin=subprocess.PIPE,
    )
    assert script.stdout is not None
    assert "stored" in script.stdout.readline()
    (folder,) = (tmp_path / "weft").glob("run-*/files/artifacts")
    wait_until(
        lambda: not [path for path in folder.iterdir() if path.is_dir()], what="copies are gone"
    )
    assert len(list(folder.glob("*.json"))) == 2
    assert contents(tmp_path / "data")["train/a.bin"] == b"a" * 300_000
    script.communicate("\n")
    await_no_sidecar()
    with LiveServer(tmp_path / "second") as second:
        done = run_weft("sync", tmp_path / "weft", env=second.environment)
        assert "the copies of its artifact were removed" in done.stderr
        assert not second.api.artifact_exists(path_of("staged-mutable"))


@at_length
def test_a_second_folder_comes_from_the_cache(
    live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("WEFT_ARTIFACT_DIR", str(tmp_path / "below"))
    data = os.urandom(700_000)
    (tmp_path / "model.pt").write_bytes(data)
    environment = live.environment
    run_well(
        tmp_path,
        """
        import weft
        with weft.init() as run:
            run.log_artifact("model.pt", "cached", "model").wait(60)
        """,
        environment,
    )
    version = live.api.artifact(path_of("cached"))
    folder = Path(version.download())
    assert folder == tmp_path / "below" / "cached:v0"
    (stored,) = (live.process.data / "blobs").glob(f"??/{version.manifest.entries[0].sha256}")
    stored.write_bytes(data[:-1] + b"x")
    assert contents(Path(version.download(tmp_path / "second"))) == {"model.pt": data}
    with pytest.raises(weft.errors.CommError, match="not what was stored"):
        version.download(tmp_path / "third", skip_cache=True)
    assert contents(tmp_path / "third") == {}
    stored.write_bytes(data)
