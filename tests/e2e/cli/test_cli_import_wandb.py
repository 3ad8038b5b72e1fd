"""`weft import wandb`: files of the official client, sent to a real server.

`assets/wandb` was written by wandb 0.31.0, offline; other files are made here.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from wandb_log import WandbLog
from weft_command import Done, run_weft

ASSET = Path(__file__).parents[2] / "assets" / "wandb"
START = 1_790_000_000.25


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder `wandb` as the official client leaves it."""
    shutil.copytree(ASSET, tmp_path / "wandb")
    directory = next((tmp_path / "wandb").iterdir())
    (tmp_path / "wandb" / "latest-run").symlink_to(directory.name)
    return tmp_path / "wandb"


def import_wandb(live: LiveServer, *arguments: object) -> Done:
    return run_weft("import", "wandb", *arguments, "--base-url", live.url)


def ask(live: LiveServer, path: str) -> Any:
    """An answer of the HTTP API about a run."""
    headers = {"Authorization": f"Bearer {live.process.token}"}
    answer = httpx.get(f"{live.url}/api/v1/projects/local/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def made_log(run_id: str, n_rows: int) -> WandbLog:
    log = WandbLog()
    log.run(run_id, "made", start_secs=START, config={"lr": 0.1})
    for n in range(n_rows):
        log.history(n, {"loss": 1 / (n + 1)}, START + n)
        log.stats({"cpu": n * 1.5, "gpu.0.temp": n}, START + n)
        log.output(f"row {n}\n", START + n)
    log.summary({"loss": 1 / n_rows})
    return log


def put_log(folder: Path, run_id: str, log: WandbLog | bytes, stamp: str = "000001") -> Path:
    directory = folder / "wandb" / f"run-20270101_{stamp}-{run_id}"
    (directory / "files").mkdir(parents=True, exist_ok=True)
    data = log if isinstance(log, bytes) else log.data
    (directory / f"run-{run_id}.wandb").write_bytes(data)
    return directory


def test_all_of_a_run_of_the_official_client_arrives_once(
    folder: Path, live: LiveServer, api: weft.Api
) -> None:
    done = import_wandb(live, folder)
    assert done.exit_code == 0, done.stderr
    assert "imported 1 run with 6 rows and 5 files" in done.stdout
    assert "imp0rt01: not imported: artifacts (1)" in done.stdout
    run = api.run("local/digits/imp0rt01")
    assert (run.name, run.notes, run.group, run.job_type) == ("first-try", "a note", "g1", "train")
    assert sorted(run.tags) == ["a", "b"]
    assert run.state == "failed"
    assert run.config == {
        "big": 2**70,
        "late": True,
        "lr": 0.1,
        "model": {"act": "relu", "depth": 3},
    }
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == list(range(6))
    assert [row["loss"] for row in rows] == [1 / (n + 1) for n in range(6)]
    assert [row["nest.b.c"] for row in rows] == [2 * n for n in range(6)]
    assert [row["flag"] for row in rows] == [n % 2 == 0 for n in range(6)]
    assert math.isnan(rows[5]["bad"])
    assert rows[5]["inf"] == math.inf
    assert rows[5]["pr"]["preset"] == "wandb/line/v0"
    assert rows[3]["hist"]["_type"] == "histogram"
    path = rows[3]["img"]["path"]
    files = {file.name: file for file in run.files()}
    assert {path, "note.txt", "output.log"} < set(files)
    png = next(folder.glob(f"offline-run-*/files/{path}")).read_bytes()
    assert len(png) == files[path].size
    assert run.summary["best"] == {"x": 1}
    assert run.summary["loss"]["min"] == 1 / 6
    assert "_runtime" not in run.summary
    [alert] = ask(live, "digits/runs/imp0rt01/alerts")["alerts"]
    assert (alert["title"], alert["level"]) == ("Careful", "WARN")
    log = run_weft("logs", "digits/imp0rt01", "--base-url", live.url).stdout
    assert "step 5" in log
    assert "oops" in log
    assert "100%" in log
    assert "20%" not in log
    writers = ask(live, "digits/runs/imp0rt01/writers")["writers"]

    again = import_wandb(live, folder, "--json")
    assert again.exit_code == 0, again.stderr
    assert again.report["runs"][0]["n_rows"] == 6
    assert len(list(api.run("local/digits/imp0rt01").scan_history())) == 6
    after = ask(live, "digits/runs/imp0rt01/writers")["writers"]
    assert [writer["writer"] for writer in after] == [writer["writer"] for writer in writers]
    assert not list(folder.glob(".weft*"))


def test_definitions_and_times_are_those_of_the_client(
    folder: Path, live: LiveServer, api: weft.Api
) -> None:
    assert import_wandb(live, folder, "--project", "times").exit_code == 0
    rows = list(api.run("local/times/imp0rt01").scan_history())
    assert rows[0]["_timestamp"] == pytest.approx(1795643247.4073957, abs=1e-5)
    definitions = ask(live, "times/runs/imp0rt01/continuation")["definitions"]
    named = {definition["name"]: definition for definition in definitions}
    assert named["loss"]["summary"] == ["min"]
    assert named["val/*"]["step_metric"] == "epoch"


def test_a_killed_run_is_stored_up_to_its_cut_and_goes_on_later(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    log = made_log("grows", 5)
    whole = made_log("grows", 9)
    whole.exit(0)
    put_log(tmp_path, "grows", log.data[:-3])
    done = import_wandb(live, tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "grows: not imported: incomplete records at the end (1)" in done.stdout
    run = api.run("local/made/grows")
    assert run.state == "crashed"
    assert len(list(run.scan_history())) == 5

    put_log(tmp_path, "grows", whole)
    assert import_wandb(live, tmp_path).exit_code == 0
    run = api.run("local/made/grows")
    assert run.state == "finished"
    assert [row["loss"] for row in run.scan_history()] == [1 / (n + 1) for n in range(9)]
    assert run.summary["loss"] == 1 / 9
    text = run_weft("logs", "made/grows", "--base-url", live.url).stdout
    assert [line for line in text.splitlines() if "row " in line] == [f"row {n}" for n in range(9)]


def test_samples_of_the_machine_are_system_metrics(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    directory = put_log(tmp_path, "sampled", made_log("sampled", 4))
    done = import_wandb(live, directory / "run-sampled.wandb", "--json")
    assert done.report["runs"][0]["n_samples"] == 4
    run = api.run("local/made/sampled")
    rows = run.history(stream="system", pandas=False)
    assert [row["system.cpu"] for row in rows] == [0, 1.5, 3, 4.5]
    assert [row["system.gpu.0.temp"] for row in rows] == [0, 1, 2, 3]


def test_a_resumed_run_has_the_rows_of_all_its_files(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    first = made_log("resumed", 3)
    first.exit(1)
    second = WandbLog()
    second.run("resumed", "made", start_secs=START + 100, runtime_secs=3)
    for n in range(3, 6):
        second.history(n, {"loss": n}, START + 100 + n)
    second.summary({"loss": 5})
    second.exit(0)
    put_log(tmp_path, "resumed", first, "000001")
    put_log(tmp_path, "resumed", second, "000102")
    done = import_wandb(live, tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "imported 1 run with 6 rows" in done.stdout
    run = api.run("local/made/resumed")
    assert [row["_step"] for row in run.scan_history()] == list(range(6))
    assert run.state == "finished"
    assert run.summary["loss"] == 5


@at_length
def test_run_directories_are_kept_for_a_later_sync(
    folder: Path, tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    stored = tmp_path / "kept"
    for _ in range(2):
        done = run_weft("import", "wandb", folder, "--to", stored, "--project", "later")
        assert done.exit_code == 0, done.stderr
        assert "weft sync" in done.stdout
    assert run_weft("sync", stored, "--base-url", live.url).exit_code == 0
    assert len(list(api.run("local/later/imp0rt01").scan_history())) == 6


def test_damage_and_strange_values_are_counted(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    log = WandbLog()
    log.run("strange", "made", start_secs=START)
    deep: Any = 1
    for _ in range(40):
        deep = {"d": deep}
    log.history(0, {"deep": deep, "fine": 1, "k" * 2000: 1, "long": "x" * 2_000_000})
    log.add(24, b"")
    log.records.append(b"\x0b")
    log.exit(0)
    directory = put_log(tmp_path, "strange", log)
    (directory / "files" / "link.txt").symlink_to("/etc/hostname")
    (directory / "files" / "odd\x01name").write_text("x")
    done = import_wandb(live, tmp_path, "--json")
    assert done.exit_code == 0, done.stderr
    left_out = done.report["runs"][0]["left_out"]
    assert left_out == {
        "ends of texts of more than 1 MiB": 1,
        "files with an invalid path": 1,
        "links of artifacts": 1,
        "malformed records": 1,
        "values nested more than 32 deep": 1,
        "values whose key is invalid": 1,
    } | ({"links to files of other users": 1} if os.getuid() != 0 else {})
    [row] = api.run("local/made/strange").scan_history()
    assert row["fine"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello there", "not a .wandb file, its header is invalid"),
        (WandbLog().data, "no run in the .wandb file"),
    ],
)
def test_a_file_that_is_no_run_is_named(
    tmp_path: Path, live: LiveServer, content: bytes, message: str
) -> None:
    directory = put_log(tmp_path, "bad", content)
    done = import_wandb(live, directory)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "run-bad.wandb" in done.stderr


def test_a_bad_file_does_not_stop_the_others(
    tmp_path: Path, live: LiveServer, api: weft.Api
) -> None:
    put_log(tmp_path, "bad", b"hello there")
    put_log(tmp_path, "good", made_log("good", 2))
    done = import_wandb(live, tmp_path)
    assert done.exit_code == 1
    assert "run-bad.wandb" in done.stderr
    assert len(list(api.run("local/made/good").scan_history())) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "no such file or folder: "),
        ([""], "no .wandb file in "),
        (["", "--project", "a/b/c"], "entity"),
    ],
)
def test_bad_input_is_refused(
    tmp_path: Path, live: LiveServer, arguments: Sequence[str], message: str
) -> None:
    first, *rest = arguments
    done = import_wandb(live, tmp_path / first, *rest)
    assert done.exit_code == 2
    assert message in done.stderr


def test_an_archive_is_imported_with_and_without_its_name(tmp_path: Path) -> None:
    for arguments in (["import"], ["import", "archive"]):
        done = run_weft(*arguments, tmp_path / "missing.zip")
        assert done.exit_code == 2
        assert "missing.zip" in done.stderr
