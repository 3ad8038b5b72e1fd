"""The program `wandb` over weft: W&B's verbs and options, with a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

import weft
from fork_parent import WANDB
from live_runs import LiveServer
from sdk_script import run_well, script_environment
from server_forks import run_forked
from weft_command import TIMEOUT_SECS, Done

RUN = """
    import pathlib
    import weft

    with weft.init(id="one", config={"lr": 0.1}, tags=["debug"]) as run:
        run.log({"loss": 0.5})
        pathlib.Path(run.dir, "model.txt").write_text("weights")
    """

SWEEP = """
method: grid
parameters:
  lr: {values: [0.1, 0.2]}
"""

PROGRAM = "import weft\nwith weft.init() as run:\n    run.log({'loss': run.config.lr})\n"


def wandb(folder: Path, env: dict[str, str], *arguments: object) -> Done:
    words = [WANDB, *map(str, arguments)]
    done = Done(*run_forked(words, folder, script_environment(env), TIMEOUT_SECS))
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_runs_files_artifacts_and_sweeps_by_the_verbs_of_wandb(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    env = {"WANDB_BASE_URL": live.url, "WANDB_API_KEY": str(live.process.token)}

    def well(*arguments: object) -> str:
        done = wandb(tmp_path, env, *arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout + done.stderr

    assert "stay on this machine" in well("init", "--project", "by-wandb", "--mode", "offline")
    run_well(tmp_path, RUN, env)
    assert "would be sent" in well("sync", "--dry-run")
    well("sync", "--yes", "-n", 3, "--job-type", "eval", "--replace-tags", "debug=test")
    run = api.run("local/by-wandb/one")
    assert (run.job_type, run.tags) == ("eval", ["test"])
    well("pull", "-p", "by-wandb", "-e", "local", "one")
    assert (tmp_path / "one/model.txt").read_text() == "weights"
    assert "by-wandb" in well("projects")

    (tmp_path / "data.txt").write_text("1 2 3")
    well("artifact", "put", "-n", "by-wandb/data", "-t", "set", "--skip_cache", "data.txt")
    well("artifact", "put", "-n", "by-wandb/page", "--id", "one", f"{live.url}/healthz")
    assert api.artifact("by-wandb/page:v0").logged_by().id == "one"
    well("artifact", "get", "--root", "data", "by-wandb/data:v0")
    assert (tmp_path / "data/data.txt").read_text() == "1 2 3"
    refused = wandb(tmp_path, env, "artifact", "get", "--type", "model", "by-wandb/data:v0")
    assert (refused.exit_code, "is of type 'set'" in refused.stderr) == (2, True)

    assert api.artifact_type("set", "by-wandb").name == "set"
    names = [kind.name for kind in api.project("by-wandb").artifacts_types()]
    assert names == ["dataset", "set"]
    collection = api.artifact_collection("set", "by-wandb/data")
    assert (collection.is_sequence(), collection.aliases["latest"]) == (True, "v0")
    collection.description, collection.tags = "three numbers", ["small"]
    collection.save()
    (read,) = api.artifact_collections("by-wandb", "set")
    assert (read.description, read.tags) == ("three numbers", ["small"])
    assert [version.version for version in read.artifacts()] == ["v0"]
    read.change_type("numbers")
    assert api.project("by-wandb").collections({"type": "set"}) == []
    with pytest.raises(weft.errors.NotFound):
        api.artifact_type("set", "by-wandb")

    (tmp_path / "sweep.yaml").write_text(SWEEP)
    (tmp_path / "train.py").write_text(PROGRAM)
    well("online")
    line = well("sweep", "-p", "by-wandb", "--program", "train.py", "sweep.yaml")
    name = line.split()[-1]
    well("agent", "--max-consecutive-failed-runs", 1, name)
    assert api.sweep(name).run_count == 2
    (tmp_path / "train.py").write_text("raise SystemExit(3)")
    name = well("sweep", "-p", "by-wandb", "--program", "train.py", "sweep.yaml").split()[-1]
    failed = wandb(tmp_path, env, "agent", "--max-consecutive-failed-runs", 1, name)
    assert (failed.exit_code, "failed in a row" in failed.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("launch", "--uri", "x"), "weft starts no jobs on other machines"),
        (("docker-run", "image", "--help-me"), "start the container with docker"),
        (("beta", "leet", "run"), "`weft ui` shows runs in a browser"),
        (("controller", "ab12"), "the server decides"),
        (("sync", "--clean"), "weft has no --clean: `wandb clean` does it"),
        (("login", "--cloud"), "--host names your server"),
        (("clean",), "add --force"),
        (("sync", "wandb/run-x/x.wandb", "--id", "y"), "imported under their ids"),
    ],
)
def test_what_weft_lacks_is_refused_with_the_way_out(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "wandb/run-x").mkdir(parents=True)
    (tmp_path / "wandb/run-x/x.wandb").touch()
    done = wandb(tmp_path, {}, *arguments)
    assert done.exit_code == 2
    assert says in done.stderr


def test_the_version_is_that_of_the_names(tmp_path: Path) -> None:
    done = wandb(tmp_path, {}, "--version")
    assert done.stdout.startswith("wandb, version 0.31.0+weft")
