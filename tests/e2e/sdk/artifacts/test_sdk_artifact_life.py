"""Lineage and life of artifacts from scripts: drafts, parts of several runs, offline use."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

import weft
from at_length import at_length
from live_runs import PROJECT, LiveServer, await_no_sidecar
from sdk_script import run_script, run_well, start_script
from server_process import wait_until
from weft.errors import UsageError
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)


def path_of(name: str) -> str:
    return f"local/{PROJECT}/{name}"


def contents(folder: str | Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def test_a_draft_of_a_version_is_changed_and_logged_without_its_contents(
    live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, weft
        def write(artifact, **files):
            for name, text in files.items():
                with artifact.new_file(name, "w") as file:
                    file.write(text)
            return artifact
        with weft.init(id="first") as run:
            made = write(weft.Artifact("draft", "dataset", "D", {"rows": 2}), a="1", b="2", c="3")
            run.log_artifact(made).wait(60)
            assert made.is_draft() is False
        with weft.init(id="second") as run:
            used = run.use_artifact("draft")
            draft = used.new_draft()
            assert draft.paths == ["a", "b", "c"] and draft.is_draft()
            assert (draft.description, draft.metadata) == ("D", {"rows": 2})
            draft.remove("b")
            write(draft, c="new")
            stored = run.log_artifact(draft).wait(60)
            assert stored.version == "v1" and not (pathlib.Path(run.dir) / "b").exists()
        with weft.init(project="elsewhere") as run:
            try:
                run.log_artifact(used.new_draft())
            except weft.errors.UsageError as error:
                assert "can't be logged to local/elsewhere" in str(error)
            else:
                raise AssertionError
        with weft.init(id="third") as run:
            more = write(weft.Artifact("draft", "dataset", incremental=True), d="4")
            assert more.incremental
            more = run.use_artifact(more)  # logs it first, and waits
            assert more.version == "v2"
        weft.Api().artifact("draft").new_draft().save()  # by a run of its own
        """,
        live.environment,
    )
    second, third = (live.api.artifact(path_of(f"draft:{number}")) for number in ("v1", "v2"))
    assert contents(second.download(tmp_path / "v1")) == {"a": "1", "c": "new"}
    assert contents(third.download(tmp_path / "v2")) == {"a": "1", "c": "new", "d": "4"}
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    first = live.api.artifact(path_of("draft:v0"))
    logged = first.logged_by()
    assert logged is not None
    assert logged.id == "first"
    assert [run.id for run in first.used_by()] == ["second"]
    assert [run.id for run in third.used_by()] == ["third"]
    live.run("first").delete()
    assert live.api.artifact(path_of("draft:v0")).logged_by() is None


def test_runs_of_a_group_make_a_version_together(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, weft
        def part(n):
            made = weft.Artifact("shards", "dataset")
            with made.new_file(f"shard-{n}") as file:
                file.write(str(n))
            return made
        for n in range(3):
            with weft.init(group="night") as run:
                shard = run.upsert_artifact(part(n))
                assert shard.wait(60) is shard
                try:
                    shard.version
                except weft.errors.UsageError as error:
                    assert "finish_artifact() makes the version" in str(error)
                else:
                    raise AssertionError
        with weft.init(group="night") as run:
            whole = run.finish_artifact(part("last"), aliases=["whole"]).wait(60)
            assert (whole.version, whole.file_count) == ("v0", 4)
            assert whole.distributed_id == "night"
        assert shard.wait(60).version == "v0"
        """,
        live.environment,
    )
    whole = live.api.artifact(path_of("shards:whole"))
    assert contents(whole.download(tmp_path / "got")) == {
        "shard-0": "0", "shard-1": "1", "shard-2": "2", "shard-last": "last",
    }  # fmt: skip


def test_a_part_survives_a_kill_of_its_script(live: LiveServer, tmp_path: Path) -> None:
    script = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(group="killed")
        made = weft.Artifact("killed-parts", "dataset")
        with made.new_file("a") as file:
            file.write("a")
        run.upsert_artifact(made)
        print("logged", flush=True)
        time.sleep(100)
        """,
        live.environment,
    )
    assert script.stdout is not None
    assert "logged" in script.stdout.readline()
    script.send_signal(signal.SIGKILL)
    script.communicate()
    await_no_sidecar()
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(group="killed") as run:
            made = weft.Artifact("killed-parts", "dataset")
            with made.new_file("b") as file:
                file.write("b")
            run.finish_artifact(made).wait(60)
        """,
        live.environment,
    )
    version = live.api.artifact(path_of("killed-parts:v0"))
    assert contents(version.download(tmp_path / "got")) == {"a": "a", "b": "b"}


def test_a_part_needs_to_know_its_version() -> None:
    with weft.init(mode="disabled") as run:
        artifact = weft.Artifact("a", "dataset")
        with pytest.raises(TypeError, match=r"pass distributed_id="):
            run.upsert_artifact(artifact)
        with pytest.raises(TypeError, match=r"finish_artifact\(\) needs to know"):
            run.finish_artifact(artifact)
        with pytest.raises(UsageError, match="more than 128 characters"):
            run.upsert_artifact(artifact, distributed_id="x" * 129)


def test_what_offline_runs_use_is_known_once_they_are_sent(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, numpy as np, weft
        with weft.init(mode="offline", project="tests", id="offline-train") as run:
            data = run.use_artifact("later:best", type="dataset")
            assert data.name == "later:best"
            try:
                data.download()
            except weft.errors.Unavailable as error:
                assert "weft sync" in str(error)
            else:
                raise AssertionError
        with weft.init(mode="offline", project="tests", id="offline-make") as run:
            made = weft.Artifact("made-offline", "dataset")
            with made.new_file("a") as file:
                file.write("a")
            image = weft.Image(np.zeros((2, 3)))
            made.add(weft.Table(columns=["picture"], data=[[image]]), "rows")
            run.log_artifact(made)
        with weft.init(mode="offline", project="tests", id="offline-use") as run:
            used = run.use_artifact(made)
            assert used.paths[0] == "a" and used.paths[-1] == "rows.table.parquet"
            folder = pathlib.Path(used.download())
            assert (folder / "a").read_text() == "a"
            used.verify()
            [[picture]] = used.get("rows").data
            assert picture.image.size == (3, 2)
            again = weft.Artifact("again", "dataset")
            again.add(weft.Table(columns=["picture"], data=[[picture]]), "rows")
            assert not [entry for entry in again.manifest.entries if entry.reference]
            for refused in (used.logged_by, used.used_by, used.delete):
                try:
                    refused()
                except weft.errors.Unavailable as error:
                    assert "`weft sync` sends it" in str(error)
                else:
                    raise AssertionError
        """,
        {"WEFT_MODE": "offline"},
    )
    for name in ("train", "use", "make"):  # the use is sent before what it uses
        [folder] = (tmp_path / "weft").glob(f"*offline-{name}")
        done = run_weft("sync", folder, env=live.environment)
        assert done.exit_code == 0, done.stderr
    wait_until(
        lambda: live.api.artifact_exists(path_of("made-offline")), secs=60, what="the version"
    )
    version = live.api.artifact(path_of("made-offline"))
    assert [run.id for run in version.used_by()] == ["offline-use"]
    run_well(
        tmp_path,
        """
        import weft
        with weft.init() as run:
            made = weft.Artifact("later", "dataset")
            with made.new_file("a") as file:
                file.write("later")
            run.log_artifact(made, aliases=["best"]).wait(60)
        """,
        live.environment,
    )
    used = live.api.artifact(path_of("later")).used_by()
    assert [run.id for run in used] == ["offline-train"]


@at_length
def test_sync_tells_of_a_linked_file_that_was_overwritten(
    live: LiveServer, tmp_path: Path
) -> None:
    script = run_script(
        tmp_path,
        """
        import pathlib, weft
        with weft.init(id="overwritten", mode="offline", project="tests") as run:
            pathlib.Path("x.bin").write_bytes(b"before")
            artifact = weft.Artifact("overwritten", "dataset")
            artifact.add_file("x.bin", policy="immutable")
            run.log_artifact(artifact)
            pathlib.Path("x.bin").write_bytes(b"after, in place")
        """,
        {"WEFT_MODE": "offline"},
    )
    message = "artifact overwritten can't be stored: x.bin was changed after it was logged"
    assert message in script.stderr
    done = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert done.exit_code == 1
    assert message in done.stderr
    again = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert again.exit_code == 0, again.stderr  # it was told once


@at_length
def test_a_large_file_that_is_stored_in_chunks_is_taken_over(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, random, weft
        pathlib.Path("large.bin").write_bytes(random.Random(0).randbytes(70 << 20))
        def text(artifact, name):
            with artifact.new_file(name) as file:
                file.write(name)
            return artifact
        with weft.init(group="large") as run:
            made = text(weft.Artifact("large", "dataset"), "a")
            made.add_file("large.bin", policy="immutable")
            first = run.log_artifact(made).wait(120)
            pathlib.Path("large.bin").rename("kept.bin")
            run.log_artifact(text(first.new_draft(), "b")).wait(60)
            more = weft.Artifact("large", "dataset", incremental=True)
            run.log_artifact(text(more, "c")).wait(60)
            part = weft.Artifact("large", "dataset")
            part.add_file("kept.bin", "part.bin", policy="immutable")
            run.upsert_artifact(part).wait(60)
            last = run.finish_artifact(text(weft.Artifact("large", "dataset"), "d")).wait(60)
            assert last.version == "v3"
        """,
        live.environment,
    )
    sent = (tmp_path / "kept.bin").read_bytes()
    for version, name in (("v1", "large.bin"), ("v2", "large.bin"), ("v3", "part.bin")):
        artifact = live.api.artifact(path_of(f"large:{version}"))
        got = Path(artifact.download(tmp_path / version, skip_cache=True), name)
        assert got.read_bytes() == sent
        got.unlink()


@at_length
def test_the_example_of_lineage(
    live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code = (Path(__file__).parents[4] / "examples" / "artifacts_lineage.py").read_text()
    script = run_well(tmp_path, code, live.environment)
    lines = script.stdout.splitlines()
    assert lines[0].startswith("boundary:v0 was made by ")
    assert lines[1] == "it came from points:v0"
    assert len(lines) == 3
    assert "used it: accuracy 0." in lines[2]
    mistakes = live.api.artifact("local/lineage/mistakes").get("mistakes")
    assert mistakes.columns == ["x", "y", "label"]
