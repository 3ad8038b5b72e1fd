"""Runs that `weft sync` sends and removes, with real scripts and a real server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import LiveServer
from sdk_script import run_script
from weft.errors import NotFound
from weft.runlog.layout import LATEST, logs_of, run_directories
from weft_command import run_weft

OFFLINE = {"WEFT_MODE": "offline", "WEFT_PROJECT": "tests", "WEFT_SYSTEM_INTERVAL": "0"}


def make_run(folder: Path, run_id: str, env: dict[str, str] = OFFLINE) -> None:
    """Log three rows in a script."""
    code = f"""
        import weft
        with weft.init(id={run_id!r}, config={{"lr": 0.1}}) as run:
            for n in range(3):
                run.log({{"loss": n}})
        """
    script = run_script(folder, code, env)
    assert script.exit_code == 0, script.stderr


def losses(api: weft.Api, path: str) -> list[float]:
    return [row["loss"] for row in api.run(path).scan_history(keys=["loss"])]


def test_runs_go_to_another_project_and_entity(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    make_run(tmp_path, "moved-1")
    make_run(tmp_path, "moved-2")
    options = ("--project", "elsewhere", "--entity", "lab", "--base-url", live.url)
    done = run_weft("sync", tmp_path, *options)
    assert done.exit_code == 0, done.stderr
    assert "2 runs" in done.stderr
    for run_id in ("moved-1", "moved-2"):
        assert losses(api, f"lab/elsewhere/{run_id}") == [0, 1, 2]
        with pytest.raises(NotFound):
            api.run(f"local/tests/{run_id}")


def test_runs_get_another_job_type_and_other_tags_once_they_are_sent(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    make_run(tmp_path, "renamed", {**OFFLINE, "WEFT_TAGS": "debug,v1,keep"})
    before = run_weft("sync", tmp_path, "--dry-run", "--base-url", live.url)
    assert before.exit_code == 0
    assert "weft/run-" in before.stderr
    assert "1 run for" in before.stderr
    with pytest.raises(NotFound):
        api.run("local/tests/renamed")
    options = ("--job-type", "eval", "--replace-tags", "debug=test,v1=v2", "--base-url", live.url)
    done = run_weft("sync", tmp_path, *options)
    assert done.exit_code == 0, done.stderr
    run = api.run("local/tests/renamed")
    assert (run.job_type, sorted(run.tags)) == ("eval", ["keep", "test", "v2"])
    wrong = run_weft("sync", tmp_path, "--replace-tags", "debug", "--base-url", live.url)
    assert wrong.exit_code == 2
    assert "OLD=NEW" in wrong.stderr


def test_a_run_is_sent_under_another_id_in_one_or_more_uploads(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    make_run(tmp_path, "before")
    done = run_weft("sync", tmp_path, "--id", "after", "--base-url", live.url)
    assert done.exit_code == 0, done.stderr
    assert losses(api, "local/tests/after") == [0, 1, 2]
    assert api.run("local/tests/after").config["lr"] == 0.1
    with pytest.raises(NotFound):
        api.run("local/tests/before")
    again = run_weft("sync", tmp_path, "--id", "after", "--base-url", live.url)
    assert again.exit_code == 0, again.stderr
    assert losses(api, "local/tests/after") == [0, 1, 2], "sent twice, counted once"


@at_length
def test_a_rewound_run_keeps_its_history_under_another_id(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    make_run(tmp_path, "first")
    code = """
        import weft
        with weft.init(resume_from="first?_step=1") as run:
            run.log({"loss": 7}, step=2)
        """
    assert run_script(tmp_path, code, OFFLINE).exit_code == 0
    done = run_weft("sync", tmp_path, "--id", "second", "--base-url", live.url)
    assert done.exit_code == 0, done.stderr
    assert losses(api, "local/tests/second") == [0, 1, 7]


@at_length
def test_one_id_for_several_runs_is_refused(tmp_path: Path, live: LiveServer) -> None:
    make_run(tmp_path, "one-1")
    make_run(tmp_path, "one-2")
    done = run_weft("sync", tmp_path, "--id", "new", "--base-url", live.url)
    assert done.exit_code == 2
    assert "--id is for one run, and there are 2: one-1, one-2" in done.stderr


@pytest.mark.parametrize("option", ["--project", *map(case_at_length, ("--entity", "--id"))])
def test_an_invalid_name_is_refused_before_anything_is_sent(
    tmp_path: Path, live: LiveServer, option: str
) -> None:
    make_run(tmp_path, "named")
    done = run_weft("sync", tmp_path, option, "a/b", "--base-url", live.url)
    assert done.exit_code == 2
    assert "a/b" in done.stderr


def test_only_offline_or_only_online_runs_are_sent(
    tmp_path: Path, live: LiveServer, api: weft.Api, unused_url: str
) -> None:
    make_run(tmp_path, "chosen-offline")
    make_run(
        tmp_path, "chosen-online", {**OFFLINE, "WEFT_MODE": "online", "WEFT_BASE_URL": unused_url}
    )
    done = run_weft("sync", tmp_path, "--no-include-offline", "--base-url", live.url)
    assert done.exit_code == 0, done.stderr
    assert losses(api, "local/tests/chosen-online") == [0, 1, 2]
    with pytest.raises(NotFound):
        api.run("local/tests/chosen-offline")
    nothing = ("--no-include-offline", "--no-include-online", "--base-url", live.url)
    assert run_weft("sync", tmp_path, *nothing).exit_code == 2


def test_runs_that_were_sent_are_skipped_without_asking(tmp_path: Path, live: LiveServer) -> None:
    make_run(tmp_path, "skipped")
    first = run_weft("sync", tmp_path, "--skip-synced", "--base-url", live.url)
    assert first.exit_code == 0, first.stderr
    second = run_weft("sync", tmp_path, "--skip-synced", "--base-url", live.url)
    assert second.exit_code == 2
    assert "that are not synced yet" in second.stderr


def test_a_directory_with_files_is_removed_once_they_are_sent(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    env = {**OFFLINE, "WEFT_CONSOLE": "wrap"}
    code = """
        import numpy, weft
        with weft.init(id="with-files") as run:
            print("printed")
            open(run.dir + "/result.txt", "w").write("kept")
            run.log({"image": weft.Image(numpy.zeros((4, 4, 3), "uint8"))})
        """
    script = run_script(tmp_path, code, env)
    assert script.exit_code == 0, script.stderr
    (directory,) = run_directories(tmp_path / "weft")
    for log in logs_of(directory):
        os.utime(log, (1, 1))
    options = ("--clean", "--clean-force", "--base-url", live.url)
    first = run_weft("sync", tmp_path, "--base-url", live.url)
    assert first.exit_code == 0, first.stderr
    (directory / "files" / "result.txt").write_text("changed since")
    done = run_weft("sync", tmp_path, *options)
    assert done.exit_code == 0, done.stderr
    assert not directory.exists()
    run = api.run("local/tests/with-files")
    with run.file("result.txt").download(tmp_path) as content:
        assert content.read() == "changed since"
    assert [line.text for line in run.console_logs()] == ["printed"]


def test_directories_of_sent_runs_are_removed_and_others_stay(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    make_run(tmp_path, "old")
    make_run(tmp_path, "young")
    make_run(tmp_path, "torn")
    by_id = {path.name.rpartition("-")[2]: path for path in run_directories(tmp_path / "weft")}
    with next(by_id["torn"].glob("run-*.weft")).open("ab") as log:
        log.write(b"half a record")
    for log in (*by_id["old"].glob("*.weft"), *by_id["torn"].glob("*.weft")):
        os.utime(log, (1, 1))

    refused = run_weft("sync", tmp_path, "--clean", "--base-url", live.url)
    assert refused.exit_code == 2
    assert "--clean-force" in refused.stderr
    assert by_id["old"].is_dir()

    done = run_weft("sync", tmp_path, "--clean", "--clean-force", "--base-url", live.url)
    assert "not removed: 1 run that changed in the last 24 hours" in done.stderr
    assert "1 run removed from this machine" in done.stderr
    assert not by_id["old"].exists()
    assert by_id["young"].is_dir()
    assert by_id["torn"].is_dir()
    assert losses(api, "local/tests/old") == [0, 1, 2]

    options = ("--clean", "--clean-force", "--clean-old-hours", "0", "--base-url", live.url)
    run_weft("sync", tmp_path, *options)
    assert run_directories(tmp_path / "weft") == [by_id["torn"]]
    assert (tmp_path / "weft" / LATEST).exists()
