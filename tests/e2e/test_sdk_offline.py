"""Scripts in processes of their own, mode offline: what lies in the run directory afterwards."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sdk_script import (
    latest_run,
    log_rows,
    logs_in,
    records_of,
    run_script,
    script_environment,
    start_script,
)
from weft.records.record import Config, Exit, Gap, Run, Summary, System
from weft.runlog.platform import is_running
from weft.runlog.reader import read_header


def only_log(folder: Path) -> Path:
    (log,) = logs_in(folder)
    return log


def exit_of(folder: Path) -> Exit | None:
    exits = records_of(only_log(folder), Exit)
    assert len(exits) <= 1
    return exits[0] if exits else None


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


@pytest.mark.parametrize("variable", ["WEFT_SILENT", "WANDB_SILENT"])
def test_silent_prints_nothing(tmp_path: Path, variable: str) -> None:
    code = 'import weft\nwith weft.init() as run:\n    run.log({"a": object()})'
    script = run_script(tmp_path, code, {variable: "true"})
    assert (script.exit_code, script.stdout, script.stderr) == (0, "", "")


def test_a_config_larger_than_a_frame_is_recorded_in_parts(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        text = "x" * 2**20
        with weft.init(config={f"text{n}": text for n in range(40)} | {"lr": 0.1}) as run:
            run.config.update({"huge": ["y" * 2**20] * 33, "seed": 7})
            run.summary.update({f"text{n}": text for n in range(40)})
            run.log({"huge": ["y" * 2**20] * 33, "loss": 0.5})
        """,
    )
    assert script.exit_code == 0, script.stderr
    log = only_log(tmp_path)
    kept = {path[0]: value for record in records_of(log, Config) for path, value in record.values}
    assert set(kept) == {*(f"text{n}" for n in range(40)), "lr", "seed"}
    kept = {path[0]: value for record in records_of(log, Summary) for path, value in record.values}
    assert len(kept) == 40
    assert log_rows(log) == [{"loss": 0.5, "_step": 0}]
    warnings = [line for line in script.stderr.splitlines() if "WARNING" in line]
    assert len(warnings) == 1
    assert "'huge' is a value of 34,603,183 bytes; it was left out" in warnings[0]


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
        assert not {"numpy", "httpx", "sqlalchemy", "fastapi"} & set(sys.modules)
        import threading
        assert threading.active_count() == 1 and dict(os.environ) == before
        """,
    )
    assert script.exit_code == 0, script.stderr


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
    assert not is_running(sidecar.pid, sidecar.pid_start)


# -- settings ---


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


# -- ways to end ---

BEGIN = 'import os, signal, sys, time, weft\nrun = weft.init()\nrun.log({"a": 1})\n'


@pytest.mark.parametrize(
    ("ending", "code", "recorded"),
    [
        ("pass", 0, (0, None)),
        ("raise ValueError('boom')", 1, (1, None)),
        ("sys.exit(3)", 3, (3, None)),
        ("sys.exit()", 0, (0, None)),
        ("sys.exit('message')", 1, (1, None)),
        ("raise KeyboardInterrupt", -signal.SIGINT, (130, "killed")),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -signal.SIGTERM, (143, "killed")),
        ("weft.finish(exit_code=7); sys.exit(1)", 1, (7, None)),
        ("with run: raise ValueError", 1, (1, None)),
        ("with run: sys.exit(4)", 4, (4, None)),
        ("with run: raise SystemExit(5)", 5, (5, None)),
        ("os._exit(9)", 9, None),
        ("os.kill(os.getpid(), signal.SIGKILL); time.sleep(60)", -signal.SIGKILL, None),
    ],
)
def test_the_log_says_how_the_process_ended(
    tmp_path: Path, ending: str, code: int, recorded: tuple[int, str | None] | None
) -> None:
    script = run_script(tmp_path, BEGIN + ending)
    assert script.exit_code == code, script.stderr
    found = exit_of(tmp_path)
    assert (found and (found.exit_code, found.state)) == recorded
    assert [row["a"] for row in log_rows(only_log(tmp_path))] == [1]


def test_ctrl_c_from_the_terminal_ends_the_run_as_killed(tmp_path: Path) -> None:
    code = BEGIN + 'print("ready", flush=True)\ntime.sleep(60)'
    process = start_script(tmp_path, code, {"WEFT_MODE": "offline", "WEFT_SYSTEM_INTERVAL": "0"})
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    found = exit_of(tmp_path)
    assert found is not None
    assert (found.exit_code, found.state) == (130, "killed")


def test_a_sigterm_handler_of_the_users_own_stays(tmp_path: Path) -> None:
    code = """
        import os, signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(21))
        import weft
        weft.init().log({"a": 1})
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
        """
    assert run_script(tmp_path, code).exit_code == 21
    found = exit_of(tmp_path)
    assert found is not None
    assert found.exit_code == 21


def test_a_finished_run_is_not_touched_by_a_later_exception(tmp_path: Path) -> None:
    assert run_script(tmp_path, BEGIN + "weft.finish()\nraise ValueError").exit_code == 1
    found = exit_of(tmp_path)
    assert found is not None
    assert found.exit_code == 0


# -- several processes ---


def test_a_forked_child_writes_a_log_of_its_own(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import os, sys, weft
        run = weft.init(id="ab12cd34")
        run.log({"who": "parent", "n": 0})
        pids = []
        for child in range(4):
            pid = os.fork()
            if pid == 0:
                for n in range(100):
                    run.log({"who": f"child{child}", "n": n})
                run.config["child"] = child
                os._exit(0) if child % 2 else sys.exit(0)
            pids.append(pid)
        for pid in pids:
            assert os.waitpid(pid, 0)[1] == 0
        run.log({"who": "parent", "n": 1})
        """,
    )
    assert script.exit_code == 0, script.stderr
    main, *children = logs_in(tmp_path)
    assert [row["n"] for row in log_rows(main)] == [0, 1]
    assert records_of(main, Exit)[0].exit_code == 0
    assert len(children) == 4
    header = read_header(main)
    assert header is not None
    for log in children:
        rows = log_rows(log)
        assert [row["n"] for row in rows] == [row["_step"] for row in rows] == list(range(100))
        assert len({row["who"] for row in rows}) == 1
        child = read_header(log)
        assert child is not None
        assert (child.parent_writer, child.run_id) == (header.writer_id, "ab12cd34")
        assert len(records_of(log, Config)) == 1
    assert sum(bool(records_of(log, Exit)) for log in children) == 2
    assert script.stderr.count("Run summary:") == 1


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_ends_and_keeps_the_parents_run(tmp_path: Path, method: str) -> None:
    script = run_script(
        tmp_path,
        f"""
        import multiprocessing, weft

        def work(n):
            if weft.run is not None:
                weft.log({{"worker": n}})
            return n

        if __name__ == "__main__":
            weft.init().log({{"a": 1}})
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                assert pool.map(work, range(20)) == list(range(20))
            weft.log({{"a": 2}})
        """,
    )
    assert script.exit_code == 0, script.stderr
    main, *workers = logs_in(tmp_path)
    assert [row["a"] for row in log_rows(main)] == [1, 2]
    assert records_of(main, Exit)[0].exit_code == 0
    logged = sorted(row["worker"] for log in workers for row in log_rows(log))
    assert logged == (list(range(20)) if method == "fork" else [])
    assert not any(records_of(log, Exit) for log in workers)


def test_fork_while_other_threads_log_does_not_deadlock(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import os, threading, weft
        run = weft.init()
        stop = threading.Event()
        def spin():
            while not stop.is_set():
                run.log({"t": 1.0, "nested": {"x": 2}})
        threads = [threading.Thread(target=spin) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(30):
            pid = os.fork()
            if pid == 0:
                for n in range(20):
                    run.log({"child": n})
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        stop.set()
        for thread in threads:
            thread.join()
        """,
    )
    assert script.exit_code == 0, script.stderr
    main, *children = logs_in(tmp_path)
    assert [len(log_rows(log)) for log in children] == [20] * 30
    assert [row["_step"] for row in log_rows(main)] == list(range(len(log_rows(main))))


def test_a_forked_child_may_start_a_run_of_its_own(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="parent")
        pid = os.fork()
        if pid == 0:
            with weft.init(id="child") as own:
                own.log({"a": "child"})
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        run.log({"a": "parent"})
        """,
    )
    assert script.exit_code == 0, script.stderr
    found = {header.run_id: log_rows(log)[0]["a"] for log in logs_in(tmp_path)
             if (header := read_header(log))}  # fmt: skip
    assert found == {"parent": "parent", "child": "child"}


def test_two_clients_with_one_run_id_write_side_by_side(tmp_path: Path) -> None:
    code = """
        import sys, weft
        with weft.init(id="shared", project="p") as run:
            for n in range(500):
                run.log({"n": n})
        """
    environment = {"WEFT_MODE": "offline", "WEFT_SYSTEM_INTERVAL": "0"}
    clients = [start_script(tmp_path, code, environment) for _ in range(2)]
    for client in clients:
        _, stderr = client.communicate(timeout=60)
        assert client.returncode == 0, stderr
    assert [[row["n"] for row in log_rows(log)] for log in logs_in(tmp_path)] == [
        list(range(500)),
        list(range(500)),
    ]


def test_a_spinning_thread_beside_log_loses_nothing(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import threading, weft
        run = weft.init()
        stop = threading.Event()
        def spin():
            while not stop.is_set():
                sum(range(1000))
        thread = threading.Thread(target=spin)
        thread.start()
        for n in range(3000):
            run.log({"n": n})
        stop.set()
        """,
    )
    assert script.exit_code == 0, script.stderr
    assert [row["n"] for row in log_rows(only_log(tmp_path))] == list(range(3000))


# -- faults of the environment, and values that can't be kept ---


def test_values_that_cannot_be_kept_warn_once_a_key_and_never_stop(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        class Cursed:
            def __repr__(self):
                raise RuntimeError("no")

        run = weft.init()
        for n in range(100):
            row = {"n": n, "thing": object(), "cursed": Cursed(), "inf": float("inf")}
            row["self"] = row
            run.log(row)
        run.config["thing"] = object()
        """,
    )
    assert script.exit_code == 0, script.stderr
    rows = log_rows(only_log(tmp_path))
    assert [row["n"] for row in rows] == list(range(100))
    assert rows[0]["inf"] == float("inf")
    assert rows[0]["thing"].startswith("<object object")
    warnings = [line for line in script.stderr.splitlines() if "WARNING" in line]
    assert len(warnings) == 3, warnings
    assert "script-0.py:12" in warnings[0]
    assert "301 warnings in all" in script.stderr


def test_strict_raises_what_would_be_a_warning(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(strict=True)
        try:
            run.log({"thing": object()})
        except weft.errors.UsageError as error:
            print(error)
        """,
    )
    assert script.stdout == "'thing' is of type object; it is kept as text\n", script.stderr


def test_a_folder_that_cannot_be_written_moves_the_run_with_one_warning(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (tmp_path / "file").write_text("")
    code = 'import weft\nwith weft.init(dir="file/inside") as run:\n    run.log({"a": 1})'
    script = run_script(tmp_path, code, {"TMPDIR": str(temporary)})
    assert script.exit_code == 0, script.stderr
    assert script.stderr.count("WARNING") == 1
    assert "can't be written" in script.stderr
    assert [row["a"] for row in log_rows(only_log(temporary))] == [1]


def test_where_nothing_can_be_written_the_training_goes_on_unrecorded(tmp_path: Path) -> None:
    code = """
        import resource, weft
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        with weft.init(config={"lr": 1}) as run:
            run.log({"a": 1})
            assert run.summary["a"] == 1
        print("done")
        """
    script = run_script(tmp_path, code)
    assert script.stdout == "done\n", script.stderr
    assert script.stderr.count("WARNING") == 1
    assert "nothing of this run is recorded" in script.stderr
    strict = run_script(tmp_path, code, {"WEFT_STRICT": "true"})
    assert strict.exit_code == 1
    assert "Unavailable" in strict.stderr


def test_rows_wait_for_a_full_disk_and_are_all_there_when_it_has_room(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import resource, time, weft
        run = weft.init()
        run.log({"n": 0, "text": "x" * 100})
        everything = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, everything))
        for n in range(1, 500):
            run.log({"n": n, "text": "x" * 100})
        resource.setrlimit(resource.RLIMIT_FSIZE, (everything, everything))
        time.sleep(0.25)
        run.log({"n": 500, "text": ""})
        """,
    )
    assert script.exit_code == 0, script.stderr
    assert [row["n"] for row in log_rows(only_log(tmp_path))] == list(range(501))
    assert script.stderr.count("WARNING") == 1
    assert "the disk takes no more" in script.stderr


FULL_DISK = """
    import resource, sys, weft

    everything = resource.RLIM_INFINITY

    def frees(event, arguments):
        # What a disk does when a file on it goes: there is room of that size.
        if event == "os.remove" and str(arguments[0]).endswith(".reserve"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000 + 16384, everything))

    if IS_FREED:
        sys.addaudithook(frees)
    run = weft.init(id="ab12cd34")
    run.log({"n": 0, "text": "x" * 100})
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, everything))
    for n in range(1, 100):
        run.log({"n": n, "text": "x" * 100})
    (log,) = run.directory.glob("*.weft")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, everything))
    """


def test_a_disk_that_stays_full_is_an_error_at_the_end(tmp_path: Path) -> None:
    script = run_script(tmp_path, FULL_DISK.replace("IS_FREED", "False"))
    assert script.exit_code == 0, script.stderr
    rows = log_rows(only_log(tmp_path))
    assert [row["n"] for row in rows] == list(range(len(rows)))
    assert f"ERROR {100 - len(rows)} rows were lost" in script.stderr
    assert exit_of(tmp_path) is None


def test_on_a_full_disk_the_log_still_says_what_was_lost_and_how_it_ended(tmp_path: Path) -> None:
    script = run_script(tmp_path, FULL_DISK.replace("IS_FREED", "True"))
    assert script.exit_code == 0, script.stderr
    log = only_log(tmp_path)
    lost = 100 - len(log_rows(log))
    (gap,) = records_of(log, Gap)
    assert gap.n_rows == lost > 0
    assert exit_of(tmp_path) is not None
    assert f"ERROR {lost} rows were lost" in script.stderr
    assert list(log.parent.glob("*.reserve")) == []


def test_a_closed_stderr_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(BEGIN + 'run.log({"a": object()})')
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -W error script.py 2>&-'],
        cwd=tmp_path,
        env=script_environment({"WEFT_MODE": "offline"}),
        check=False,
    )
    assert done.returncode == 0
    assert len(log_rows(only_log(tmp_path))) == 2


def test_the_portable_ways_give_the_same_log(tmp_path: Path) -> None:
    script = run_script(tmp_path, BEGIN, {"WEFT_PORTABLE": "1"})
    assert script.exit_code == 0, script.stderr
    assert [row["a"] for row in log_rows(only_log(tmp_path))] == [1]
    latest = tmp_path / "weft" / "latest-run"
    assert not latest.is_symlink()
    assert latest.read_text().strip() == only_log(tmp_path).parent.name


def test_the_working_directory_may_be_left(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    script = run_script(tmp_path, BEGIN + 'os.chdir("other")\nrun.log({"a": 2})')
    assert script.exit_code == 0, script.stderr
    assert [row["a"] for row in log_rows(only_log(tmp_path))] == [1, 2]
    assert list((tmp_path / "other").iterdir()) == []
