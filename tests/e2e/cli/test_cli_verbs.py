"""Commands that list and fetch what a server has, and that choose where runs of a folder go."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from at_length import at_length, case_at_length
from live_runs import LiveServer
from sdk_script import run_well, script_environment
from weft_command import Done, run_weft

RUNS = """
    import pathlib, weft

    for i in range(3):
        with weft.init(id=f"r{i}", name=f"näme {i}", config={"optim": {"lr": i / 10}}) as run:
            run.log({"val/acc": i / 2})
            pathlib.Path(run.dir, "model.txt").write_text(f"weights {i}")
            pathlib.Path(run.dir, "notes.md").write_text("notes")
    """


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def weft_env(
    tmp_path: Path, filled: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The variables of a shell in a folder of its own, whose runs go to the server."""
    monkeypatch.chdir(tmp_path)
    if not filled.has("r2"):
        run_well(tmp_path, RUNS, filled.environment)
        filled.ended("r2")
    return {"WEFT_BASE_URL": filled.url, "WEFT_API_KEY": str(filled.process.token)}


def test_projects_and_runs_are_listed(weft_env: dict[str, str]) -> None:
    listed = run_weft("projects", env=weft_env)
    assert listed.exit_code == 0, listed.stderr
    assert listed.stdout.splitlines()[2].split()[:3] == ["local", "tests", "3"]
    (project,) = json.loads(run_weft("projects", "local", "--json", env=weft_env).stdout)
    assert project["n_runs"] == 3
    assert json.loads(run_weft("projects", "unknown", "--json", env=weft_env).stdout) == []

    columns = "id,name,state,config.optim.lr,summary.val/acc,runtime,config.none"
    arguments = ("runs", "tests", "config.optim.lr > 0", "--sort", "summary.val/acc")
    listed = run_weft(*arguments, "--columns", columns, env=weft_env)
    assert [line.split()[:6] for line in listed.stdout.splitlines()[2:]] == [
        ["r1", "näme", "1", "finished", "0.1", "0.5"],
        ["r2", "näme", "2", "finished", "0.2", "1.0"],
    ]
    first = run_weft("runs", "local/tests", "--limit", 1, "--json", env=weft_env)
    assert [run["id"] for run in json.loads(first.stdout)] == ["r2"]
    assert "2 more; raise --limit" in first.stderr
    assert "sort" not in first.stderr
    for column, note in {
        "summary.val/ac": "no run of local/tests has 'summary.val/ac': "
        "did you mean 'summary.val/acc'?",
        "config.optim": "'config.optim' is no single value: sort by config.optim.lr",
    }.items():
        unsorted = run_weft("runs", "tests", "--sort", f"-{column}", env=weft_env)
        assert unsorted.stderr == f"weft: {note}\n"
    dated = run_weft("runs", "tests", "--columns", "created", "--limit", 1, env=weft_env)
    created = datetime.strptime(dated.stdout.splitlines()[2], "%Y-%m-%d %H:%M:%S").astimezone()
    assert created.timestamp() == json.loads(first.stdout)[0]["created_micros"] // 1_000_000
    listing = run_weft("runs", "tests", "--search", "näme 0", "--json", env=weft_env)
    assert [run["id"] for run in json.loads(listing.stdout)] == ["r0"]


def test_a_command_without_a_server_names_the_ways_to_one(weft_env: dict[str, str]) -> None:
    done = run_weft("runs", "tests", env={})
    assert done.exit_code == 2, done
    assert "no server is known: start one with `weft server`, or name one, such as" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("runs",), "weft runs PROJECT"),
        (("runs", "nothing"), "nothing"),
        (("runs", "tests", "--columns", "colour"), "no such column: colour; columns are id, name"),
        (("runs", "tests", "config.lr >"), "config.lr >"),
        (("pull", "tests/nothing"), "nothing"),
        (("init",), "weft init --project NAME"),
        (("init", "--project", "a/b"), "project"),
        (("logout",), "no server is known"),
    ],
)
def test_bad_input_is_one_line(
    weft_env: dict[str, str], arguments: tuple[str, ...], says: str
) -> None:
    done = run_weft(*arguments, env={} if arguments == ("logout",) else weft_env)
    assert done.exit_code == 2, done
    assert says in done.stderr
    assert done.stdout == ""


def test_a_report_is_exported(weft_env: dict[str, str], tmp_path: Path) -> None:
    fields = ("-f", "title=Notes", "-f", "description=On what we tried")
    created = run_weft("api", "create_report", "local", "tests", *fields, env=weft_env)
    report = json.loads(created.stdout)["id"]
    export = ("export", "tests", "--report", report)
    unpublished = run_weft(*export, env=weft_env)
    assert (unpublished.exit_code, "was never published" in unpublished.stderr) == (2, True)
    run_weft("api", "publish_report", "local", "tests", report, env=weft_env)
    exported = run_weft(*export, env=weft_env)
    assert exported.stdout.startswith(f"exported the report local/tests/{report} to {report}.html")
    assert "<title>Notes</title>" in (tmp_path / f"{report}.html").read_text()
    assert run_weft(*export, "notes.md", env=weft_env).exit_code == 0
    assert (tmp_path / "notes.md").read_text() == "# Notes\n\nOn what we tried\n"
    again = run_weft(*export, "notes.md", env=weft_env)
    assert (again.exit_code, "--force replaces it" in again.stderr) == (2, True)
    other = run_weft(*export, "notes.pdf", env=weft_env)
    assert (other.exit_code, "a file .html or .md" in other.stderr) == (2, True)


def test_any_endpoint_is_asked_by_name_or_address(
    weft_env: dict[str, str], tmp_path: Path
) -> None:
    listed = run_weft("api", env=weft_env)
    assert "list_runs" in listed.stdout
    assert "List runs that match a filter" in listed.stdout
    run = json.loads(run_weft("api", "get_run", "local", "tests", "r1", env=weft_env).stdout)
    assert run["name"] == "näme 1"
    address = ("api", "GET", "/projects/local/tests/runs", "-f", "limit=2", "-f", "order=name")
    page = json.loads(run_weft(*address, env=weft_env).stdout)
    assert [run["id"] for run in page["runs"]] == ["r0", "r1"]
    assert page["cursor"]
    whole = json.loads(run_weft(*address, "--all", env=weft_env).stdout)
    assert [run["id"] for run in whole["runs"]] == ["r0", "r1", "r2"]
    edited = run_weft(
        *("api", "edit_run", "local", "tests", "r1", "-f", "notes=by hand", "-f", 'tags=["a"]'),
        env=weft_env,
    )
    assert [json.loads(edited.stdout)[name] for name in ("notes", "tags")] == ["by hand", ["a"]]
    query = tmp_path / "query.json"
    query.write_text('{"search": "näme 2"}')
    named = ("api", "query_runs", "local", "tests", "--input", str(query))
    assert json.loads(run_weft(*named, env=weft_env).stdout)["total"] == 1
    file = ("api", "/projects/local/tests/runs/r1/files/model.txt")
    assert run_weft(*file, env=weft_env).stdout == "weights 1"
    query.write_text("sent")
    sent = ("api", "upload_file", "local", "tests", "r1", "a/b.txt", "--input", str(query))
    assert json.loads(run_weft(*sent, env=weft_env).stdout)["media_type"] == "application/json"
    assert run_weft("api", "delete_file", *sent[2:6], env=weft_env).exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("get_rum", "local"), "no endpoint is called 'get_rum': did you mean 'get_run'?"),
        (("get_run", "local"), "get_run ENTITY PROJECT RUN: "),
        (("get_run", "local", "tests", "r1", "-f", "x=1"), "get_run takes no 'x'"),
        (("/nowhere",), "no endpoint is at GET /nowhere"),
        (("get_run", "-f", "x"), "'x' is not name=value"),
        (("list_runs", "local", "tests", "-f", "limit=many"), "limit: Expected `int`"),
    ],
)
def test_a_wrong_request_is_one_line(
    weft_env: dict[str, str], words: tuple[str, ...], message: str
) -> None:
    done = run_weft("api", *words, env=weft_env)
    assert done.exit_code != 0
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_files_are_pulled_and_kept(weft_env: dict[str, str], tmp_path: Path) -> None:
    done = run_weft("pull", "tests/r1", env=weft_env)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "r1" / "model.txt").read_text() == "weights 1"
    (tmp_path / "r1" / "model.txt").write_text("mine")
    again = run_weft("pull", "tests/r1", "r1", "--pattern", "*.txt", "--json", env=weft_env)
    assert "model.txt" in again.report["files"]
    assert "notes.md" not in again.report["files"]
    assert (tmp_path / "r1" / "model.txt").read_text() == "mine"
    run_weft("pull", "tests/r1", "r1", "--force", env=weft_env)
    assert (tmp_path / "r1" / "model.txt").read_text() == "weights 1"


def test_the_mode_and_project_of_a_folder(
    weft_env: dict[str, str], tmp_path: Path, filled: LiveServer
) -> None:
    settings = tmp_path / "weft" / "settings"
    settings.parent.mkdir()
    settings.write_text("# mine\nmode = online\nnotes = kept\n")
    script = "import weft; run = weft.init(); print(run.disabled, run.offline, run.project)"

    def run_here() -> list[str]:
        done = run_well(tmp_path, script, {**weft_env, "WEFT_MODE": "", "WEFT_SILENT": "true"})
        return done.stdout.split()

    assert "stay on this machine" in run_weft("offline", env=weft_env).stdout
    assert settings.read_text() == "# mine\nnotes = kept\nmode = offline\n"
    assert run_weft("init", "-p", "mine", env=weft_env).stdout.endswith("go to project mine\n")
    assert run_here() == ["False", "True", "mine"]
    assert "record nothing" in run_weft("disabled", env=weft_env).stdout
    assert run_here()[0] == "True"
    other = run_weft("enabled", env={**weft_env, "WEFT_MODE": "offline"})
    assert "WEFT_MODE or WANDB_MODE says offline" in other.stderr
    assert run_weft("init", "--reset", env=weft_env).exit_code == 0
    assert settings.read_text() == "# mine\nnotes = kept\n"


@at_length
def test_init_asks_for_what_is_missing(weft_env: dict[str, str], tmp_path: Path) -> None:
    answers = _answered(weft_env, "init", answers=b"asked-for\n\n")
    assert "projects on the server: tests" in answers
    assert (tmp_path / "weft" / "settings").read_text() == "project = asked-for\n"


@at_length
def test_logout_forgets_the_key_and_the_address(
    weft_env: dict[str, str], filled: LiveServer
) -> None:
    key = str(filled.process.token)
    env = {"NETRC": os.environ["NETRC"]}

    def weft(*arguments: object, **more: str) -> Done:
        return run_weft(*arguments, env={**env, **more})

    assert weft("login", "--host", filled.url, "--key", key).exit_code == 0
    netrc = Path(env["NETRC"])
    assert key in netrc.read_text()
    netrc.write_text(f"machine other login me password x\n{netrc.read_text()}")
    gone = weft("logout", "--json", WEFT_API_KEY="abc")
    assert gone.report == {"url": filled.url, "key_file": str(netrc), "address_forgotten": True}
    assert netrc.read_text() == "machine other login me password x\n"
    assert "nothing: neither" in weft("logout", "--base-url", filled.url).stdout


def _answered(env: dict[str, str], *arguments: str, answers: bytes) -> str:
    """The output of a command for a user who types answers at a terminal."""
    outer, inner = pty.openpty()
    os.write(outer, answers)
    done = subprocess.run(
        [sys.executable, "-m", "weft.cli.main", *arguments],
        env=script_environment(env),
        stdin=inner,
        capture_output=True,
        text=True,
        timeout=120,
    )
    os.close(inner)
    os.close(outer)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_server_is_verified_and_left_as_it_was(weft_env: dict[str, str]) -> None:
    done = run_weft("verify", env=weft_env)
    assert (done.exit_code, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok"] * 5
    runs = run_weft("runs", "weft-verify", "--json", env=weft_env)
    assert json.loads(runs.stdout) == []
    refused = run_weft("verify", "--json", env={"WEFT_BASE_URL": "http://127.0.0.1:9"})
    assert refused.exit_code == 1
    assert refused.report["holds"] == []
    assert "127.0.0.1:9" in refused.report["failure"]


def test_the_doctor_names_what_is_wrong_and_what_to_do(
    weft_env: dict[str, str], tmp_path: Path, filled: LiveServer, unused_url: str
) -> None:
    run_well(tmp_path, "import weft; weft.init(id='examined').finish()", filled.environment)
    well = run_weft("doctor", env=weft_env)
    assert well.exit_code == 0, well.stdout
    assert "answers in" in well.stdout
    (tmp_path / "weft").mkdir(exist_ok=True)
    (tmp_path / "weft" / "settings").write_text("nonsense\n")
    ill = run_weft("doctor", "--json", env={"WEFT_BASE_URL": unused_url, "WEFT_PROJEKT": "a"})
    assert ill.exit_code == 1
    findings = {finding["what"]: finding["remedy"] for finding in json.loads(ill.stdout)}
    wrong = " ".join(subject for subject, remedy in findings.items() if remedy)
    assert all(text in wrong for text in ("'nonsense' sets nothing", "WEFT_PROJEKT", unused_url))


def test_the_status_is_told_to_programs(weft_env: dict[str, str], unused_url: str) -> None:
    report = run_weft("status", "--json", env=weft_env).report
    assert report["url"] == weft_env["WEFT_BASE_URL"]
    assert report["trouble"] is None
    down = run_weft("status", "--json", env={"WEFT_BASE_URL": unused_url})
    assert (down.exit_code, down.report["version"]) == (1, None)


@at_length
def test_a_script_for_wandb_runs_unchanged(
    weft_env: dict[str, str], tmp_path: Path, filled: LiveServer
) -> None:
    (tmp_path / "train.py").write_text(
        "import importlib.metadata, subprocess, sys, wandb, wandb.plot\n"
        "from wandb.data_types import Table\n"
        "assert wandb.Table is Table and __name__ == '__main__'\n"
        "code = 'import wandb, weft; print(wandb.init is weft.init)'\n"
        "assert importlib.metadata.version('wandb') == wandb.__version__\n"
        "print(subprocess.check_output([sys.executable, '-c', code], text=True), sys.argv[1:])\n"
        "with wandb.init(project='tests', id='unchanged') as run:\n"
        "    run.log({'a': 1})\n"
    )
    done = run_weft("run", "train.py", "--lr", "0.1", "-m", env=weft_env)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.split() == ["True", "['--lr',", "'0.1',", "'-m']"]
    assert filled.values("unchanged", "a") == [1]
    module = run_weft("run", "-m", "train", env={**weft_env, "WEFT_MODE": "disabled"})
    assert module.exit_code == 0, module.stderr
    missing = run_weft("run", "none.py", env=weft_env)
    assert (missing.exit_code, missing.stderr) == (2, "weft: no such script: none.py\n")


@pytest.mark.parametrize(
    ("output", "code", "says"),
    [
        (">/dev/full", 2, "the output can't be written: No space left on device"),
        case_at_length(">&-", 0, ""),
    ],
)
def test_an_output_that_takes_nothing_is_one_line(
    weft_env: dict[str, str], output: str, code: int, says: str
) -> None:
    # The run has printed nothing, which fits anywhere.
    for words in ("projects", "runs tests", "--help", *(["logs tests/r0"] if not code else [])):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{sys.executable} -m weft.cli.main {words} {output}"],
            env=script_environment(weft_env),
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr.removeprefix("weft: ").strip()) == (code, says), words
