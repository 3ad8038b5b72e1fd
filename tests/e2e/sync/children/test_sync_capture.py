"""Captured environments: real repositories, damaged ones, none at all."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from weft.records.secrets.redaction import Redactor
from weft.sync.capture import git
from weft.sync.capture.environment import EnvironmentWriter, gather_all
from weft.sync.capture.launcher import describe_launcher
from weft.sync.capture.packages import changed_folder, installed_packages
from weft.sync.capture.staging import Order, gathered_path, take_gathered
from weft.sync.capture.task import Task, has_task, task_path
from weft.sync.isolated import isolated_command
from weft.sync.spawn import package_folders

SECRET = "q3vXw81LmZ0pT7aB9cD4"


def ask_git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "src").mkdir(parents=True)
    (folder / "src/train.py").write_text("lr = 1\n")
    ask_git(folder, "init", "-q")
    ask_git(folder, "add", ".")
    ask_git(folder, "commit", "-qm", "first")
    ask_git(folder, "remote", "add", "origin", f"https://me:{SECRET}@example.org/x.git")
    return folder


def gathered(folder: Path, tmp_path: Path, **options: Any) -> tuple[dict[str, Any], Path]:
    files = tmp_path / "files"
    files.mkdir(parents=True)
    task = Task(cwd=str(folder), program="src/train.py", sys_path=[], **options)
    EnvironmentWriter(task, files, Order()).write()
    return msgspec.json.decode((files / "environment.json").read_bytes()), files


def test_a_repository_is_described_with_its_patches(repository: Path, tmp_path: Path) -> None:
    first = ask_git(repository, "rev-parse", "HEAD")
    ask_git(repository, "update-ref", "refs/remotes/origin/main", first)
    ask_git(repository, "config", "branch.main.remote", "origin")
    ask_git(repository, "config", "branch.main.merge", "refs/heads/main")
    (repository / "src/model.py").write_text("depth = 2\n")
    ask_git(repository, "add", ".")
    ask_git(repository, "commit", "-qm", "second")
    changed = f'lr = 2\npassword = "hunter2"\n# \xe9 https://a:{SECRET}@b/\n'
    (repository / "src/train.py").write_bytes(changed.encode("latin-1"))
    facts, files = gathered(repository, tmp_path)
    assert facts["git"] == {
        "remote": "https://me:***@example.org/x.git",
        "commit": ask_git(repository, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": True,
    }
    assert facts["codePath"] == "src/train.py"
    assert facts["root"] == str(repository)
    assert facts["redacted"] == {"url_password": 3, "named": 2}
    patch = (files / "diff.patch").read_bytes()
    assert b"+lr = 2" in patch
    assert b'+password = "***"' in patch
    assert b"\xe9" in patch
    assert b"hunter2" not in patch
    assert SECRET.encode() not in patch
    upstream = (files / "diff_upstream.patch").read_text(encoding="latin-1")
    assert "+depth = 2" in upstream
    assert "+lr = 2" in upstream
    assert int(facts["memory"]["total"]) > 0
    assert facts["cpu_count_logical"] == os.cpu_count()


def test_settings_leave_out_the_repository_or_its_patch(repository: Path, tmp_path: Path) -> None:
    (repository / "src/train.py").write_text("lr = 2\n")
    facts, files = gathered(repository, tmp_path, has_patch=False)
    assert facts["git"]["dirty"] is True
    assert not (files / "diff.patch").exists()
    (tmp_path / "other").mkdir()
    facts, _ = gathered(repository, tmp_path / "other", has_git=False)
    assert "git" not in facts


@pytest.mark.parametrize("damage", ["none", "empty", "corrupt", "no git", "gone"])
def test_without_a_sound_repository_the_rest_is_gathered(
    damage: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if damage == "none":
        repository = tmp_path
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    elif damage == "empty":
        repository = tmp_path / "empty"
        repository.mkdir()
        ask_git(repository, "init", "-q")
    elif damage == "corrupt":
        (repository / ".git/HEAD").write_bytes(b"\0\xff")
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    elif damage == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        repository = tmp_path / "gone"
    facts, files = gathered(repository, tmp_path)
    assert facts["memory"]
    assert "commit" not in facts.get("git", {})
    assert not (files / "diff.patch").exists()


def test_a_large_or_slow_patch_ends_in_a_note(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "src/train.py").write_text("x = 1\n" * 100_000)
    monkeypatch.setattr(git, "MAX_PATCH_BYTES", 2**17)
    facts, files = gathered(repository, tmp_path)
    assert facts["notes"] == ["diff.patch is not stored: it is larger than 0 MB"]
    assert not (files / "diff.patch").exists()
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow/git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "slow/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'slow'}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "GIT_SECS", 0.05)
    assert git.Repository(repository, Redactor()).describe() is None


def test_packages_are_those_of_the_path(tmp_path: Path) -> None:
    for folder in ["b/Zoo-1.0.dist-info", "b/a_b-2.dist-info", "c/zoo-9.dist-info"]:
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "METADATA").write_text("Name: x\nVersion: 0\n")
    packages = installed_packages([str(tmp_path / "b"), str(tmp_path / "c"), "/none"])
    assert packages == ["a-b==2", "Zoo==1.0"]


def test_clusters_and_containers_are_recognised(tmp_path: Path) -> None:
    group = tmp_path / "sys/fs/cgroup/job"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/job\n")
    (group / "memory.max").write_text("1073741824\n")
    (group / "cpu.max").write_text("max 100000\n")
    (tmp_path / ".dockerenv").touch()
    variables = {
        "SLURM_JOB_ID": "12",
        "SLURM_NODE_TOKEN": "hunter2",
        "RANK": "0",
        "WORLD_SIZE": "2",
        "CONDA_DEFAULT_ENV": "ml",
        "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        "HOSTNAME": "pod-1",
        "HOME": "/root",
    }
    redactor = Redactor()
    assert describe_launcher(variables, redactor, tmp_path) == {
        "slurm": {"job_id": "12", "node_token": "***"},
        "torchrun": {"rank": "0", "world_size": "2"},
        "conda": {"default_env": "ml"},
        "kubernetes": {"pod": "pod-1"},
        "cgroup": {"memory_max": "1073741824"},
        "container": "docker",
    }
    assert redactor.counts == {"named": 1}


def test_a_patch_can_be_applied_whatever_the_settings_and_files_are(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_git(repository, "config", "diff.noprefix", "true")
    (repository / "src/train.py").write_text("lr = 2\n")
    (repository / "src/b.bin").write_bytes(bytes(range(256)))
    ask_git(repository, "add", ".")
    _, files = gathered(repository, tmp_path)
    ask_git(repository, "config", "--unset", "diff.noprefix")
    ask_git(repository, "reset", "-q", "--hard")
    ask_git(repository, "apply", str(files / "diff.patch"))
    assert (repository / "src/train.py").read_text() == "lr = 2\n"
    assert (repository / "src/b.bin").read_bytes() == bytes(range(256))

    ask_git(repository, "add", ".")
    monkeypatch.setattr(git, "MAX_PATCH_BYTES", 400)
    (repository / "src/b.bin").write_bytes(os.urandom(10_000))
    ask_git(repository, "add", ".")
    facts, files = gathered(repository, tmp_path / "large")
    assert facts["notes"] == ["diff.patch is without 1 binary file"]
    ask_git(repository, "reset", "-q", "--hard")
    ask_git(repository, "apply", str(files / "diff.patch"))
    assert (repository / "src/train.py").read_text() == "lr = 2\n"


def test_a_repository_without_commits_has_no_patch(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    ask_git(tmp_path / "new", "init", "-q")
    facts, files = gathered(tmp_path / "new", tmp_path)
    assert facts["notes"] == ["there is no patch: the repository has no commit"]
    assert not (files / "diff.patch").exists()


def left_task(directory: Path, folder: Path, began_micros: int | None = None) -> Path:
    """A run directory whose script has asked for its environment."""
    (directory / "files").mkdir(parents=True)
    task_path(directory).parent.mkdir()
    task = Task(str(folder), "src/train.py", [], began_micros=began_micros)
    task_path(directory).write_bytes(msgspec.json.encode(task))
    return directory


def test_the_child_ends_well_while_its_sidecar_lives(tmp_path: Path) -> None:
    directory = left_task(tmp_path / "run", tmp_path)
    order = msgspec.json.encode(Order([str(directory)])).decode()
    child = subprocess.Popen(
        isolated_command(
            "weft.sync.capture.environment", "weft-capture", package_folders(), order
        ),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        assert (child.wait(timeout=60), child.stderr and child.stderr.read()) == (0, b"")
    assert not (directory / "files/environment.json").exists(), "it is not sent half written"
    assert take_gathered(directory) == ["environment.json"]
    assert (directory / "files/environment.json").is_file()
    assert not has_task(directory), "another sidecar does not gather again"
    assert not gathered_path(directory).exists()


def facts_of(directory: Path) -> dict[str, Any]:
    return msgspec.json.decode((directory / "environment.json").read_bytes())


def test_a_repository_is_described_as_it_was_when_the_run_began(
    repository: Path, tmp_path: Path
) -> None:
    first = ask_git(repository, "rev-parse", "HEAD")
    (repository / "kept.py").write_text("a = 1\n")
    (repository / "src/train.py").write_text("lr = 2\n")
    for name in ("kept.py", "src/train.py"):
        os.utime(repository / name, (1e9, 1e9))
    ask_git(repository, "add", ".")
    began_micros = time.time_ns() // 1000
    until = time.monotonic() + 10
    # The log of HEAD counts in seconds, of a clock that may be some milliseconds behind.
    while time.time() < began_micros // 1_000_000 + 1.1:
        assert time.monotonic() < until
        time.sleep(0.01)
    ask_git(repository, "commit", "-qm", "after the run began")
    (repository / "src/train.py").write_text("lr = 3\n")
    facts, files = gathered(repository, tmp_path, began_micros=began_micros)
    assert facts["git"]["commit"] == first
    assert facts["git"]["dirty"] is True
    assert "branch" not in facts["git"]
    patch = (files / "diff.patch").read_text()
    assert "+a = 1" in patch, "it was uncommitted then, and has not changed since"
    assert "lr" not in patch
    assert facts["notes"] == [
        "git: another commit was checked out or made after the run began",
        "diff.patch is without 1 file that changed after the run began: src/train.py",
        "code: src/train.py was changed after the run began",
    ]
    assert not (files / "code").exists()


def test_without_a_log_of_head_its_files_tell_when_it_moved(
    repository: Path, tmp_path: Path
) -> None:
    now = time.time_ns() // 1000
    (repository / ".git/logs/HEAD").unlink()
    facts, _ = gathered(repository, tmp_path / "1", began_micros=now + 1)
    assert facts["git"]["commit"] == ask_git(repository, "rev-parse", "HEAD")
    facts, _ = gathered(repository, tmp_path / "2", began_micros=now - 3600_000_000)
    assert "commit" not in facts["git"]


def test_a_folder_of_packages_tells_that_one_came_since(tmp_path: Path) -> None:
    (tmp_path / "zoo-1.0.dist-info").mkdir()
    os.utime(tmp_path, (1e9, 1e9))
    micros = 1_000_000_000 * 1_000_000
    assert changed_folder([str(tmp_path)], micros + 1) is None
    assert changed_folder([str(tmp_path)], micros) == str(tmp_path)
    (tmp_path / "__pycache__").mkdir()  # as the first import does
    os.utime(tmp_path, (1e9, 1e9))
    assert changed_folder([str(tmp_path)], micros) is None


def test_runs_that_began_before_they_are_described_share_it(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time_ns() // 1000
    runs = [left_task(tmp_path / f"run-{n}", repository, began + n) for n in range(20)]
    n_described = 0

    def count(*arguments: Any, **named: Any) -> git.Repository:
        nonlocal n_described
        n_described += 1
        return repository_class(*arguments, **named)

    repository_class = git.Repository
    monkeypatch.setattr("weft.sync.capture.environment.Repository", count)
    gather_all(Order([str(run) for run in runs]))
    assert n_described == 1
    assert len({(gathered_path(run) / "environment.json").read_bytes() for run in runs}) == 1
    assert all((gathered_path(run) / "code/src/train.py").is_file() for run in runs)

    # Once a file has changed, each is described for itself.
    (repository / "src/train.py").write_text("lr = 9\n")
    runs = [left_task(tmp_path / f"later-{n}", repository, began + n) for n in range(3)]
    runs += [left_task(tmp_path / "last", repository, time.time_ns() // 1000 + 10_000)]
    gather_all(Order([str(run) for run in runs]))
    notes = [facts_of(gathered_path(run)).get("notes", []) for run in runs]
    assert [any("train.py" in note for note in run_notes) for run_notes in notes] == [True] * 3 + [
        False
    ]


def test_a_directory_that_was_removed_does_not_stop_the_others(
    repository: Path, tmp_path: Path
) -> None:
    began = time.time_ns() // 1000
    runs = [left_task(tmp_path / f"run-{n}", repository, began + n) for n in range(3)]
    gathered_path(runs[0]).with_suffix(".part").write_text("in the way")
    gather_all(Order([str(run) for run in [*runs, tmp_path / "nothing"]]))
    assert not gathered_path(runs[0]).is_dir()
    assert all((gathered_path(run) / "environment.json").is_file() for run in runs[1:])


def test_links_of_a_directory_from_another_user_are_not_followed(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "environment.json").write_text("{}")
    for name in ("logs", "environment", "file"):
        directory = left_task(tmp_path / name, tmp_path)
        if name == "logs":
            task_path(directory).unlink()
            (directory / "logs").rmdir()
            (private / "environment").mkdir()
            (private / "environment/environment.json").write_text("{}")
            (directory / "logs").symlink_to(private)
        elif name == "environment":
            gathered_path(directory).symlink_to(private)
        else:
            gathered_path(directory).mkdir()
            (gathered_path(directory) / "environment.json").symlink_to(
                private / "environment.json"
            )
        assert take_gathered(directory, trusts_links=False) == []
        assert list((directory / "files").iterdir()) == []
    assert (private / "environment.json").is_file()
    assert (private / "environment/environment.json").is_file()
