"""`weft.Api` against a real server: what it changes, deletes and makes, seen by a later read."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from sdk_script import run_well, start_script
from server_process import wait_until
from stored_blobs import replace_small_blob
from weft.errors import CommError, ConfigError, Gone, NoSuchProject, NoSuchRun, NotFound
from weft.records.ids import new_run_id
from weft.sdk.reading.stored.run import StoredRun

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def run(live: LiveServer, tmp_path: Path) -> StoredRun:
    """A finished run."""
    run_id = new_run_id()
    code = f"""
    import weft
    with weft.init(id="{run_id}", config={{"lr": 0.1, "model": {{"depth": 2, "width": 8}}}},
                   tags=["first"], group="g", notes="old") as run:
        run.log({{"loss": 0.5, "val": {{"acc": 0.9}}}})
        run.summary["best"] = {{"epoch": 3, "acc": 0.9}}
    """
    run_well(tmp_path, code, live.environment)
    return live.ended(run_id)


def again(live: LiveServer, run: StoredRun) -> StoredRun:
    """The run, asked for by another `Api`."""
    return weft.Api(live.url, api_key=live.process.token).run("/".join(run.path))


def test_everything_of_a_finished_run_can_be_changed(live: LiveServer, run: StoredRun) -> None:
    run.name = "a better name"
    run.notes = "new"
    run.tags.append("second")
    run.group = "other"
    run.job_type = "eval"
    run.color = run.color % 12 + 1
    color = run.color
    run.config["lr"] = 0.2
    run.config["model"]["depth"] = 3
    del run.config["model"]["width"]
    run.config["added"] = {"deep": [1, 2, {"x": None}], "big": 2**70}
    run.summary["loss"] = 0.25
    run.summary["best"]["epoch"] = 4
    run.summary["fresh"] = True
    run.update()
    for seen_run in (run, again(live, run), next(iter(live.api.runs("tests", {"name": run.id})))):
        assert (seen_run.name, seen_run.notes) == ("a better name", "new")
        assert seen_run.tags == ["first", "second"]
        assert (seen_run.group, seen_run.job_type, seen_run.color) == ("other", "eval", color)
        assert seen_run.config == {
            "lr": 0.2,
            "model": {"depth": 3},
            "added": {"deep": [1, 2, {"x": None}], "big": 2**70},
        }
        assert seen_run.summary["loss"] == 0.25
        assert seen_run.summary["best"] == {"epoch": 4, "acc": 0.9}
        assert seen_run.summary["fresh"] is True
        assert seen_run.summary["val.acc"] == 0.9
    assert run.state == "finished"


def test_only_what_was_changed_is_sent(live: LiveServer, run: StoredRun) -> None:
    ours, yours = again(live, run), again(live, run)
    ours.config["lr"] = 0.3
    yours.config["model"]["depth"] = 9
    yours.name = "yours"
    ours.tags = ["mine"]
    ours.update()
    yours.update()
    reread = again(live, run)
    assert reread.config == {"lr": 0.3, "model": {"depth": 9, "width": 8}}
    assert (reread.name, reread.tags) == ("yours", ["mine"])
    before = reread.load()
    reread.update()
    assert reread.load() is before


def test_the_summary_saves_itself(live: LiveServer, run: StoredRun) -> None:
    # docs.wandb.ai: "Rename a metric in a run, after the run has finished".
    run.summary["new_name"] = run.summary["loss"]
    del run.summary["loss"]
    run.summary.update()
    reread = again(live, run).summary
    assert reread["new_name"] == 0.5
    assert "loss" not in reread
    run.summary.update({"accuracy": 0.95, "odd": math.inf, "none": None, "text": "Infinity"})
    run.config["deep"] = {"x": -math.inf, "text": "NaN"}
    run.update()
    reread = again(live, run)
    summary = reread.summary
    assert (summary["accuracy"], summary["odd"], summary["none"]) == (0.95, math.inf, None)
    assert summary["text"] == "Infinity"
    assert reread.config["deep"] == {"x": -math.inf, "text": "NaN"} == run.config["deep"]


def test_an_edit_that_can_not_be_changes_nothing(live: LiveServer, run: StoredRun) -> None:
    run.name = "x" * 10_000
    run.config["lr"] = 5
    with pytest.raises(ConfigError, match="name"):
        run.update()
    assert again(live, run).config["lr"] == 0.1
    run.load(force=True)
    assert run.name != "x" * 10_000
    assert run.config["lr"] == 0.1


def test_a_deleted_run_lies_in_the_trash_until_it_is_taken_out(
    live: LiveServer, run: StoredRun
) -> None:
    project = live.api.project("tests")
    run.delete()
    with pytest.raises(Gone, match="can still be taken out of the trash"):
        again(live, run)
    assert run.id not in [listed.id for listed in live.api.runs("tests")]
    (trashed,) = [listed for listed in project.trash() if listed.id == run.id]
    assert (trashed.name, trashed.state) == (run.name, "finished")
    assert run.created_at < trashed.deleted_at < str(trashed.gone_at)
    run.undelete()
    assert run.id not in [listed.id for listed in project.trash()]
    assert again(live, run).name == run.name
    assert len(list(again(live, run).scan_history())) == 1
    run.delete(delete_artifacts=True, permanently=True)
    with pytest.raises((NotFound, Gone)):
        again(live, run)
    with pytest.raises((NoSuchRun, Gone)):
        run.load(force=True)


@at_length
def test_a_running_script_is_stopped(live: LiveServer, tmp_path: Path) -> None:
    process = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="stopme01")
        try:
            for step in range(2000):
                run.log({"step": step})
                time.sleep(0.05)
        except KeyboardInterrupt:
            print("stopped")
            raise SystemExit(0)
        """,
        live.environment,
    )
    try:
        wait_until(lambda: live.has("stopme01"), what="the run")
        live.run("stopme01").stop()
        output, _ = process.communicate(timeout=180)
    finally:
        process.kill()
    assert "stopped" in output
    live.run("stopme01").wait_until_finished()


def test_a_project_is_made_and_deleted(live: LiveServer) -> None:
    name = f"new-{new_run_id()}"
    project = live.api.create_project(name, entity="local")
    assert (project.id, project.n_runs) == (f"local/{name}", 0)
    assert name in [project.name for project in live.api.projects("local")]
    assert list(live.api.runs(name)) == []
    live.api.create_project(name)
    project.delete()
    assert name not in [project.name for project in live.api.projects("local")]
    project.undelete()
    assert name in [project.name for project in live.api.projects("local")]
    project.delete(permanently=True)
    with pytest.raises(ConfigError):
        live.api.create_project("a/b/c")


def test_a_run_is_made_before_its_script(live: LiveServer, tmp_path: Path) -> None:
    created = live.api.create_run(run_id=new_run_id(), project="tests")
    assert (created.state, created.config, dict(created.summary)) == ("running", {}, {})
    waiting = StoredRun.create(live.api, project="tests", state="pending")
    assert waiting.state == "pending"
    code = f"""
    import weft
    with weft.init(id="{waiting.id}", resume="must") as run:
        run.log({{"loss": 1}})
    """
    run_well(tmp_path, code, live.environment)
    assert live.ended(waiting.id).summary["loss"] == 1
    with pytest.raises(ConfigError, match="begins as"):
        live.api.create_run(state="finished")  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        live.api.create_run(run_id="a/b")


def test_files_are_put_listed_fetched_and_deleted(
    live: LiveServer, run: StoredRun, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    (folder / "deep").mkdir(parents=True)
    content = bytes(range(256)) * 5000
    (folder / "deep/weights é.bin").write_bytes(content)
    (folder / "metadata.json").write_text('{"git": {"commit": "abc"}, "host": "here"}')
    sent = run.upload_file(folder / "deep/weights é.bin", root=folder)
    assert (sent.name, sent.size, sent.mimetype) == (
        "deep/weights é.bin", len(content), "application/octet-stream",
    )  # fmt: skip
    run.upload_file("metadata.json", root=str(folder))
    for number in range(5):
        (folder / f"log_{number}.txt").write_text(f"line {number}\n")
        run.upload_file(f"log_{number}.txt", root=folder)
    names = [file.name for file in run.files(per_page=2)]
    texts = [f"log_{number}.txt" for number in range(5)]
    of_script = ["config.yaml", "metadata.json", "summary.json"]
    assert names == sorted(["deep/weights é.bin", *of_script, *texts])
    assert len(run.files(per_page=3)) == 9
    assert [file.name for file in run.files(pattern="%.txt")] == texts
    assert [file.name for file in run.files(pattern="log__.txt")] == texts
    assert [file.name for file in run.files(names=["log_1.txt", "nothing"])] == ["log_1.txt"]
    with run.file("log_3.txt").download(root=tmp_path / "down") as text:
        assert text.read() == "line 3\n"
    fetched = sent.download(root=str(tmp_path / "down"))
    assert Path(fetched.name).read_bytes() == content == sent.read()
    fetched.close()
    with pytest.raises(ValueError, match="replace=True"):
        sent.download(root=tmp_path / "down")
    sent.download(root=tmp_path / "down", exist_ok=True).close()
    sent.download(root=tmp_path / "down", replace=True).close()
    assert sorted(path.name for path in (tmp_path / "down/deep").iterdir()) == ["weights é.bin"]
    assert (run.metadata, run.commit) == ({"git": {"commit": "abc"}, "host": "here"}, "abc")
    gathered = {"git": {"commit": "def", "dirty": True}, "redacted": {"named": 2}}
    (folder / "environment.json").write_text(json.dumps(gathered))
    gathered_file = run.upload_file("environment.json", root=folder)
    fetched_again = again(live, run)
    assert fetched_again.metadata == {**gathered, "host": "here"}
    assert fetched_again.commit == "def"
    gathered_file.delete()
    assert (sent.sizeBytes, sent.updatedAt[:2]) == (len(content), "20")
    assert len(sent.md5) == 24
    assert len(sent.sha256) == 64
    sent.delete()
    with pytest.raises(NotFound, match="weights"):
        run.file("deep/weights é.bin")
    with pytest.raises(ConfigError, match="root"):
        run.upload_file(tmp_path / "script-0.py", root=folder)
    with pytest.raises(FileNotFoundError):
        run.upload_file(folder / "nothing", root=folder)
    with pytest.raises(ConfigError, match="pattern"):
        run.files(names=["a"], pattern="b")
    assert again(live, run).metadata is not None


def test_a_file_that_is_damaged_on_the_server_is_not_handed_out(
    live: LiveServer, run: StoredRun, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("as it was")
    sent = run.upload_file(tmp_path / "notes.txt", root=tmp_path)
    sent.download(root=tmp_path / "whole").close()
    (tmp_path / "notes.txt").write_text("another")
    run.upload_file(tmp_path / "notes.txt", root=tmp_path)
    assert sent.read() == b"another"  # replaced, not damaged
    replace_small_blob(live.process.data, run.file("notes.txt").sha256, b"anothEr")
    with pytest.raises(CommError, match="weft server check"):
        sent.download(root=tmp_path / "down")
    assert list((tmp_path / "down").iterdir()) == []


@at_length
def test_a_run_without_metadata_has_none(run: StoredRun, live: LiveServer) -> None:
    assert "weft" in (run.metadata or {})
    assert run.commit is None
    run.file("metadata.json").delete()
    assert again(live, run).metadata is None


@at_length
def test_a_big_file_passes_in_bounded_memory(
    live: LiveServer, run: StoredRun, tmp_path: Path
) -> None:
    big = tmp_path / "big.bin"
    piece = bytes(range(256)) * 4096
    with big.open("wb") as file:
        for _ in range(96):
            file.write(piece)
    code = f"""
    import resource, weft
    run = weft.Api().run("tests/{run.id}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run.upload_file("big.bin")
    run.file("big.bin").download(root="down").close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done: Any = run_well(
        tmp_path, code, {**live.environment, "WEFT_API_KEY": live.process.token}, is_forked=False
    )
    assert (tmp_path / "down/big.bin").stat().st_size == 96 << 20
    assert int(done.stdout) < 32 << 10  # KiB


def test_metrics_of_a_run_are_deleted(live: LiveServer, tmp_path: Path) -> None:
    code = """
    import weft
    for number in range(2):
        with weft.init(project="fewer", id=f"fewer{number}") as run:
            run.log({"loss": number, "kept": 1})
    """
    run_well(tmp_path, code, live.environment)
    first, second = (live.api.run(f"fewer/fewer{number}") for number in range(2))
    assert first.delete_metrics(["loss", "unknown"]) == 1
    assert [row.get("loss") for row in again(live, first).scan_history()] == [None]
    assert [row["kept"] for row in again(live, first).scan_history()] == [1]
    assert [row["loss"] for row in again(live, second).scan_history()] == [1]
    assert first.delete_metrics(["loss"]) == 0
    assert live.api.runs("fewer", {"name": "fewer1"}).delete_metrics(["loss", "kept"]) == 2
    assert [row["kept"] for row in again(live, first).scan_history()] == [1]
    assert [set(row) & {"loss", "kept"} for row in again(live, second).scan_history()] == [set()]
    assert live.api.runs("fewer", search="fewer").delete_metrics(["kept"]) == 1
    with pytest.raises(ConfigError, match="keys"):
        live.api.runs("fewer").delete_metrics("kept")
    with pytest.raises(NoSuchProject):
        live.api.runs("noproject").delete_metrics(["loss"])


def test_many_runs_are_changed_at_once(live: LiveServer, tmp_path: Path) -> None:
    code = """
    import weft
    for number in range(5):
        with weft.init(project="many", id=f"many{number}", config={"lr": number, "a": {"b": 1}},
                       tags=["old"]) as run:
            run.log({"loss": number})
    """
    run_well(tmp_path, code, live.environment)
    runs = live.api.runs("many", "summary.loss >= 2")
    done = runs.edit(add_tags=["kept"], remove_tags=["old"], config={"a": {"c": 2}}, group="g")
    assert (done.n_done, done.failed) == (3, [])
    by_id = {run.id: run for run in live.api.runs("many")}
    assert by_id["many1"].tags == ["old"]
    assert (by_id["many3"].tags, by_id["many3"].group) == (["kept"], "g")
    assert by_id["many3"].config == {"lr": 3, "a": {"b": 1, "c": 2}}
    assert live.api.runs("many", 'tags has "kept" and config.lr > 3').delete().n_done == 1
    assert len(live.api.runs("many")) == 4
    assert live.api.runs("many", 'tags has "kept"').undelete().n_done == 1
    assert len(live.api.runs("many")) == 5
    assert live.api.runs("many", "config.lr = 0").move("moved").n_done == 1
    assert [run.id for run in live.api.runs("moved")] == ["many0"]
    # Old addresses lead to it.
    old = live.api.run("many/many0")
    assert (old.project, len(list(by_id["many0"].scan_history()))) == ("moved", 1)
    old.tags = ["found"]
    old.update()
    assert by_id["many0"].load(force=True)["tags"] == ["found"]
    here = live.api.run("many/many4")
    here.move("moved")
    assert here.path == ["local", "moved", "many4"]
    here.move("many")
    with pytest.raises(ConfigError, match="already"):
        here.move("many")
    assert here.project == "many"
    assert live.api.runs("many", search="many1").delete(permanently=True).n_done == 1
    assert [run.id for run in live.api.runs("many")] == ["many2", "many3", "many4"]
    with pytest.raises(ConfigError):
        live.api.runs("many").edit(nonsense="x")
    with pytest.raises(ConfigError):
        live.api.runs("many").edit(name="")
    with pytest.raises(NoSuchProject):
        live.api.runs("noproject").delete()
