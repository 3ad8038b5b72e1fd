"""Scripts in processes of their own, mode offline: what lies in the run directory afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from at_length import at_length, case_at_length
from sdk_script import (
    DESCRIBED,
    exit_of,
    latest_run,
    log_rows,
    logs_in,
    only_log,
    records_of,
    run_script,
)
from server_process import wait_until
from weft.records.record import Config, Exit, Run, Summary, System
from weft.runlog.platform import is_running
from weft.runlog.reader import read_header

# -- what a run leaves ---


def test_a_script_leaves_rows_config_summary_and_files(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        run = weft.init(project="mnist", name="first", config={"lr": 0.1}, notes="n", tags=["a"],
                        group="g", job_type="train", id="ab12cd34")
        weft.config.update({"model": {"depth": 2}})
        for step in range(50):
            weft.log({"loss": 1 / (step + 1), "train": {"acc": step}})
        weft.run.summary["best"] = 0.02
        run.tags += ("b",)
        weft.finish()
        assert weft.run is None
        """,
        DESCRIBED,
    )
    assert script.exit_code == 0, script.stderr
    log = only_log(tmp_path)
    rows = log_rows(log)
    assert rows[-1] == {"loss": 0.02, "train.acc": 49, "_step": 49}
    first, second = records_of(log, Run)
    assert (first.run_id, first.project, first.name) == ("ab12cd34", "mnist", "first")
    assert (first.notes, first.tags, first.group, first.job_type) == ("n", ["a"], "g", "train")
    assert second.tags == ["a", "b"]
    assert [config.values for config in records_of(log, Config)] == [
        [(["lr"], 0.1)],
        [(["model", "depth"], 2)],
    ]
    assert records_of(log, Summary)[0].values == [(["best"], 0.02)]
    assert exit_of(tmp_path) is not None
    directory = log.parent
    assert latest_run(tmp_path) == directory
    files = directory / "files"
    assert yaml.safe_load((files / "config.yaml").read_text()) == {
        "lr": 0.1,
        "model": {"depth": 2},
    }
    assert json.loads((files / "summary.json").read_text()) == {
        "loss": 0.02,
        "train.acc": 49,
        "best": 0.02,
    }
    metadata = json.loads((files / "metadata.json").read_text())
    assert metadata["python"] == sys.version.split()[0]
    header = read_header(log)
    assert header is not None
    assert header.mode == "offline"


def test_lines_say_where_the_run_is_and_how_it_went(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        with weft.init(id="ab12cd34") as run:
            for step in range(100):
                run.log({f"metric{n:02}": step * n for n in range(12)} | {"text": "a" * 99})
        """,
    )
    assert script.stdout == ""
    lines = script.stderr.splitlines()
    assert all(line.startswith("weft:") for line in lines)
    directory = only_log(tmp_path).parent.name
    assert f"weft: Run data is saved locally in ./weft/{directory}" in lines
    assert "weft: Run history:" in lines
    assert "weft: Run summary:" in lines
    curve = next(line for line in lines if "metric01 ▁" in line).split()[-1]
    assert len(curve) == 40
    assert list(curve) == sorted(curve)
    assert sum("+2 …" in line or "+3 …" in line for line in lines) == 2
    assert f"`weft sync ./weft/{directory}`" in lines[-1]
    assert "`weft ui`" in lines[-1]


@pytest.mark.parametrize("variable", ["WEFT_SILENT", case_at_length("WANDB_SILENT")])
def test_silent_prints_nothing(tmp_path: Path, variable: str) -> None:
    code = 'import weft\nwith weft.init() as run:\n    run.log({"a": object()})'
    script = run_script(tmp_path, code, {variable: "true"})
    assert (script.exit_code, script.stdout, script.stderr) == (0, "", "")


@at_length
def test_config_and_summary_hold_what_fits_and_warn_of_the_rest(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        text = "x" * 2**20
        with weft.init(config={"lr": 0.1} | {f"text{n}": text for n in range(40)}) as run:
            run.config.update({"huge": ["y" * 2**20] * 33, "seed": 7})
            run.summary.update({f"text{n}": text for n in range(40)})
            run.log({"huge": ["y" * 2**20] * 33, "loss": 0.5})
        """,
    )
    assert script.exit_code == 0, script.stderr
    log = only_log(tmp_path)
    texts = {f"text{n}" for n in range(31)}  # of 32 MB, with what each field takes besides
    fields = {path[0] for record in records_of(log, Config) for path, _ in record.values}
    assert fields == texts | {"lr", "seed"}
    fields = {path[0] for record in records_of(log, Summary) for path, _ in record.values}
    assert fields == texts
    assert log_rows(log) == [{"loss": 0.5, "_step": 0}]
    warnings = [line for line in script.stderr.splitlines() if "WARNING" in line]
    for name, n in (("config", 10), ("summary", 9)):
        message = f"with it, the {name} of the run has more than 32 MB"
        assert sum(f"'{name}." in line and message in line for line in warnings) == n
    assert any(
        "'huge' is a value of 34,603,176 bytes; it was left out" in line for line in warnings
    )


def test_a_finished_run_takes_no_changes(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        run = weft.init(config={"lr": 0.1, "model": {"depth": 2}})
        run.summary["best"] = 1
        run.finish()

        def rename():
            run.name = "other"

        for change in (
            lambda: run.config.update({"a": 1}),
            lambda: run.config.model.update({"depth": 3}),
            lambda: run.config.pop("lr"),
            lambda: run.summary.update({"best": 2}),
            lambda: run.summary.pop("best"),
            rename,
        ):
            try:
                change()
            except weft.errors.UsageError as error:
                print(error)
        assert run.config == {"lr": 0.1, "model": {"depth": 2}}
        assert run.summary["best"] == 1
        """,
    )
    assert script.exit_code == 0, script.stderr
    lines = script.stdout.splitlines()
    assert len(lines) == 6
    assert len(set(lines)) == 1
    assert "is finished: call weft.init() for a new one, or weft.init(id=" in lines[0]
    assert "WARNING" not in script.stderr


@at_length
def test_a_second_init_ends_the_first_run(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        first = weft.init(id="first")
        first.log({"a": 1})
        second = weft.init(id="second")
        second.log({"a": 2})
        assert weft.run is second and first.finished
        try:
            first.log({"a": 3})
        except weft.errors.UsageError as error:
            print(error)
        """,
    )
    assert "run 'first' is finished: call weft.init()" in script.stdout, script.stderr
    for log, value in zip(sorted(logs_in(tmp_path), key=str), (1, 2), strict=True):
        assert [row["a"] for row in log_rows(log)] == [value]
        assert records_of(log, Exit)[0].exit_code == 0


def test_disabled_records_nothing_and_works_like_a_run(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import os, weft

        run = weft.init(mode="disabled", config={"a": 1})
        run.log({"loss": 0.5})
        assert run.summary["loss"] == 0.5 and run.config.a == 1 and run.step == 1
        assert os.path.isdir(run.dir)
        try:
            run.share()
        except weft.errors.UsageError as error:
            assert "has no link" in str(error)
        weft.finish()
        """,
        {"WEFT_MODE": ""},
    )
    assert (script.exit_code, script.stderr) == (0, "")
    assert not (tmp_path / "weft").exists()


def test_init_starts_no_thread_and_changes_no_environment(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import os, sys
        import weft
        heavy = {"numpy", "httpx", "msgspec", "asyncio", "subprocess", "sqlalchemy"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        before = dict(os.environ)
        run = weft.init()
        run.log({"a": 1.0})
        assert not {"numpy", "httpx", "sqlalchemy", "fastapi", "_hashlib"} & set(sys.modules)
        import threading
        assert threading.active_count() == 1 and dict(os.environ) == before
        """,
        is_forked=False,
    )
    assert script.exit_code == 0, script.stderr


@at_length
def test_names_can_be_imported_before_init(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        from weft import config, init, log, summary
        import weft

        for call in (lambda: log({"a": 1}), lambda: config["lr"], lambda: summary.loss):
            try:
                call()
            except weft.errors.UsageError as error:
                assert "call weft.init() before" in str(error)
            else:
                raise AssertionError
        assert weft.run is None
        init(config={"lr": 0.1})
        log({"loss": 0.5})
        assert config["lr"] == config.lr == 0.1 and summary.loss == 0.5
        assert weft.config.lr == 0.1
        """,
    )
    assert script.exit_code == 0, script.stderr


def test_the_machine_is_sampled_offline_and_no_process_stays(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import time, weft
        from pathlib import Path
        run = weft.init()
        deadline = time.monotonic() + 30
        while len(list(run.directory.glob("*.weft"))) < 2 and time.monotonic() < deadline:
            run.log({"a": 1})
            time.sleep(0.02)
        time.sleep(0.1)
        """,
        {"WEFT_SYSTEM_INTERVAL": "0.05"},
    )
    assert script.exit_code == 0, script.stderr
    main, sampled = logs_in(tmp_path)
    header = read_header(main)
    sidecar = read_header(sampled)
    assert header is not None
    assert sidecar is not None
    assert sidecar.parent_writer == header.writer_id
    assert records_of(sampled, System)
    assert not records_of(main, System)
    # The script waits for its end, but not for long.
    wait_until(lambda: not is_running(sidecar.pid, sidecar.pid_start), what="the sidecar's end")


# -- settings ---


@at_length
def test_environment_names_of_wandb_are_honoured_under_wefts_own(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(name="argument")
        print(run.project, run.entity, run.id, run.name, run.offline, run.tags, run.group)
        """,
        {
            "WEFT_MODE": "", "WANDB_MODE": "dryrun", "WANDB_PROJECT": "theirs",
            "WEFT_PROJECT": "ours", "WANDB_ENTITY": "team", "WANDB_RUN_ID": "id1",
            "WANDB_NAME": "variable", "WANDB_TAGS": "a,b", "WANDB_RUN_GROUP": "g",
            "WANDB_DIR": str(elsewhere),
        },
    )  # fmt: skip
    assert script.stdout == "ours team id1 argument True ('a', 'b') g\n", script.stderr
    assert latest_run(elsewhere).is_dir()
    assert not (tmp_path / "weft").exists()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("project='a/b'", "project may not hold"),
        ("project=5", "project must be a string, not int"),
        ("id=''", "id must have 1 to 128"),
        ("mode='remote'", "mode must be one of online, offline, disabled"),
        ("name='x' * 600", "name may have at most 512"),
        ("tags=[1]", "tag must be a string"),
        ("dir=5", "dir must be the path of a folder"),
        ("config=[1]", "config can.t be list"),
        ("settings={'projet': 1}", "no setting 'projet': did you mean 'project'"),
        ("settings=5", "settings must be a mapping"),
        ("settings={'finish_timeout_secs': -1}", "must be a number of seconds"),
        ("strict='maybe'", "strict must be true or false"),
    ],
)
def test_a_bad_argument_raises_names_itself_and_leaves_no_run(
    tmp_path: Path, call: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import weft
    from weft.errors import WeftError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeftError, match=says) as caught:
        eval(f"weft.init({call})", {"weft": weft})
    assert isinstance(caught.value, ValueError)
    assert not (tmp_path / "weft").exists()
    assert weft.run is None
