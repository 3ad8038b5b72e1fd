"""`weft import wandb-server`: runs copied by W&B's public API, between two weft servers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from sdk_script import run_script
from server_process import wait_until
from weft_command import Done, run_weft

SCRIPT = """
    import sys, weft
    run = weft.init(
        project="origin", id="copied", name="first", tags=["a"], notes="a note", group="g",
        config={"lr": 0.1, "model": {"depth": 3}},
    )
    run.define_metric("loss", summary="min")
    for n in range(1500):
        run.log({"loss": 1 / (n + 1), "nest": {"a": n}}, step=n * 3)
    run.log({"bad": float("nan"), "word": "x"}, step=9000)
    print("hello")
    print("oops", file=sys.stderr)
    open("note.txt", "w").write("a note")
    run.save("note.txt", policy="now")
    run.summary["best"] = {"x": 1}
    run.finish(exit_code=1)
    weft.init(project="origin", id="other").finish()
    """


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two runs, which is asked as a W&B server is."""
    folder = tmp_path_factory.mktemp("origin")
    with LiveServer(folder) as origin:
        script = run_script(
            tmp_path_factory.mktemp("script"),
            SCRIPT,
            {**origin.environment, "WEFT_CONSOLE": "wrap"},
        )
        assert script.exit_code == 0, script.stderr
        path = "local/origin/copied"
        wait_until(lambda: "min" in str(origin.api.run(path).summary["loss"]))
        yield origin


def copy(origin: LiveServer, live: LiveServer, *arguments: object) -> Done:
    key = {"WANDB_API_KEY": origin.process.token}
    sources = arguments or ("local/origin",)
    return run_weft(
        "import", "wandb-server", origin.url, *sources, "--base-url", live.url, env=key
    )


def ask(live: LiveServer, path: str) -> Any:
    headers = {"Authorization": f"Bearer {live.process.token}"}
    return httpx.get(f"{live.url}/api/v1/projects/local/{path}", headers=headers).json()


def test_all_of_a_run_is_copied_once(origin: LiveServer, live: LiveServer, api: weft.Api) -> None:
    writers: list[Any] = []
    for _ in range(2):
        done = copy(origin, live)
        assert done.exit_code == 0, done.stderr + done.stdout
        assert "imported 2 runs with 1,501 rows" in done.stdout
        run = api.run("local/origin/copied")
        there = origin.api.run("local/origin/copied")
        assert (run.name, run.notes, run.group, run.state) == (
            "first", "a note", "g", "failed",
        )  # fmt: skip
        assert list(run.tags) == ["a"]
        assert run.config == there.config == {"lr": 0.1, "model": {"depth": 3}}
        rows = list(run.scan_history())
        assert [row["_step"] for row in rows] == [*range(0, 4500, 3), 9000]
        assert [row["loss"] for row in rows[:-1]] == [1 / (n + 1) for n in range(1500)]
        assert [row["nest.a"] for row in rows[:-1]] == list(range(1500))
        assert math.isnan(rows[-1]["bad"])
        original = list(there.scan_history())
        assert [row["_timestamp"] for row in rows] == pytest.approx(
            [row["_timestamp"] for row in original], abs=1e-4
        )
        assert run.summary["best"] == {"x": 1}
        assert run.summary["loss"]["min"] == 1 / 1500
        assert "note.txt" in {file.name for file in run.files()}
        log = run_weft("logs", "origin/copied", "--base-url", live.url).stdout
        assert "hello" in log
        assert log.count("oops") == 1
        assert api.run("local/origin/other").state == "finished"
        writers.append(ask(live, "origin/runs/copied/writers")["writers"])
    assert [writer["writer"] for writer in writers[0]] == [
        writer["writer"] for writer in writers[1]
    ]


@at_length
def test_what_changes_at_the_origin_is_taken_by_the_next_copy(
    origin: LiveServer, live: LiveServer, api: weft.Api
) -> None:
    options = ("local/origin", "--runs", "copied", "--project", "changing")
    assert copy(origin, live, *options).exit_code == 0
    there = origin.api.run("local/origin/copied")
    try:
        for name, tag in (("second", "b"), ("first", "a"), ("second", "b")):
            there.name, there.tags = name, [tag]
            there.update()
            assert copy(origin, live, *options).exit_code == 0
            run = api.run("local/changing/copied")
            assert (run.name, list(run.tags)) == (name, [tag])
        assert len(list(run.scan_history())) == 1501
    finally:
        there.name = "first"
        there.tags = ["a"]
        there.update()


def test_chosen_runs_are_copied_to_another_project(
    origin: LiveServer, live: LiveServer, api: weft.Api
) -> None:
    done = copy(origin, live, "local/origin", "--runs", "other", "--project", "copies", "--json")
    assert done.exit_code == 0, done.stderr
    assert [run["run"] for run in done.report["runs"]] == ["other"]
    assert [run.id for run in api.runs("local/copies")] == ["other"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("origin",), "give a project as ENTITY/PROJECT"),
        (("local/nothing",), "no project local/nothing"),
        (("local/origin", "--runs", "none"), "no run local/origin/none"),
    ],
)
def test_what_is_not_there_is_named(
    origin: LiveServer, live: LiveServer, arguments: tuple[str, ...], message: str
) -> None:
    done = copy(origin, live, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_another_server_is_no_wandb_server(live: LiveServer, tmp_path: Path) -> None:
    done = run_weft("import", "wandb-server", "http://127.0.0.1:9", "a/b", "--to", tmp_path)
    assert done.exit_code == 2
    assert "no server at http://127.0.0.1:9" in done.stderr


ARTIFACTS = """
    import pathlib, weft
    folder = pathlib.Path("data")
    (folder / "sub").mkdir(parents=True)
    for n in range(3):
        (folder / "sub" / "näme.txt").write_text(f"version {n}")
        (folder / "same.bin").write_bytes(bytes(100_000))
        with weft.init(project="made", id=f"maker{n % 2}", resume="allow") as run:
            made = weft.Artifact("data", "dataset", description="rows", metadata={"n": n})
            made.add_dir("data")
            made.add_reference("s3://bucket/far.bin?versionId=7", "far.bin", checksum=False)
            run.log_artifact(made, aliases=["best"] if n == 1 else [f"try{n}"]).wait()
    with weft.init(project="made", id="user") as run:
        run.use_artifact("data:best")
        model = weft.Artifact("model", "model")
        with model.new_file("weights.txt") as file: file.write("w")
        far = weft.Api().artifact("local/made/data:v0").get_entry("sub/näme.txt")
        model.add_reference(far.ref_url(), "first.txt")
        run.log_artifact(model, tags=["good one"]).wait()
    """


def test_artifacts_are_copied_with_their_runs(
    origin: LiveServer, live: LiveServer, api: weft.Api, tmp_path: Path
) -> None:
    assert run_script(tmp_path, ARTIFACTS, origin.environment).exit_code == 0
    done = copy(origin, live, "local/made", "--project", "taken")
    assert done.exit_code == 0, done.stderr + done.stdout
    assert "imported 4 artifact versions with 11 files" in done.stdout
    versions = list(api.artifacts("dataset", "local/taken/data"))
    assert [version.version for version in versions] == ["v2", "v1", "v0"]
    assert [sorted(version.aliases) for version in versions] == [
        ["latest", "try2"],
        ["best"],
        ["try0"],
    ]
    assert [version.metadata["n"] for version in versions] == [2, 1, 0]
    logged_by = [version.logged_by() for version in versions]
    assert [None if run is None else run.id for run in logged_by] == ["maker0", "maker1", "maker0"]
    for version in versions:
        there = origin.api.artifact(f"local/made/data:{version.version}")
        assert version.digest == there.digest
        assert version.description == "rows"
    best = api.artifact("local/taken/data:best")
    at = best.get_entry("sub/näme.txt").download(str(tmp_path / "best"))
    assert Path(at).read_text() == "version 1"
    assert best.get_entry("far.bin").ref == "s3://bucket/far.bin?versionId=7"
    assert [run.id for run in best.used_by()] == ["user"]
    model = api.artifact("local/taken/model:latest")
    assert list(model.tags) == ["good one"]
    assert model.get_entry("first.txt").ref.startswith("weft-artifact://local/taken/data:v0/")
    at = model.get_entry("first.txt").download(str(tmp_path / "model"))
    assert Path(at).read_text() == "version 0"

    there = origin.api.artifact("local/made/data:v2")
    there.aliases = [*there.aliases, "best", "new"]
    there.save()
    again = copy(origin, live, "local/made", "--project", "taken")
    assert again.exit_code == 0, again.stderr + again.stdout
    assert "artifact version" not in again.stdout
    versions = list(api.artifacts("dataset", "local/taken/data"))
    assert [sorted(version.aliases) for version in versions] == [
        ["best", "latest", "new", "try2"],
        [],
        ["try0"],
    ]
    writers = [writer["writer"] for writer in ask(live, "taken/runs/user/writers")["writers"]]
    assert len(writers) == len(set(writers))
    assert [run.id for run in api.artifact("local/taken/data:v1").used_by()] == ["user"]


@at_length
def test_artifacts_are_written_to_a_folder(
    origin: LiveServer, live: LiveServer, api: weft.Api, tmp_path: Path
) -> None:
    code = """
        import weft
        with weft.init(project="alone", id="one") as run:
            made = weft.Artifact("kept", "dataset")
            with made.new_file("a.txt") as file: file.write("a")
            run.log_artifact(made).wait()
        """
    assert run_script(tmp_path, code, origin.environment).exit_code == 0
    done = copy(origin, live, "local/alone", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.stderr + done.stdout
    assert "converted 1 artifact version with 1 file" in done.stdout
    run_weft("sync", tmp_path / "out", env=live.environment)
    artifact = api.artifact("local/alone/kept:v0")
    assert [entry.path for entry in artifact.manifest.entries] == ["a.txt"]
