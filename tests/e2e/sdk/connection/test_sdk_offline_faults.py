"""Scripts in processes of their own, mode offline: faults, and values that can't be kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from at_length import at_length
from sdk_script import exit_of, log_rows, only_log, records_of, run_script, script_environment
from weft.records.record import Gap

BEGIN = 'import os, signal, sys, time, weft\nrun = weft.init()\nrun.log({"a": 1})\n'


@at_length
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


@at_length
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
    script = run_script(tmp_path, code, is_forked=False)
    assert script.stdout == "done\n", script.stderr
    assert script.stderr.count("WARNING") == 1
    assert "nothing of this run is recorded" in script.stderr
    strict = run_script(tmp_path, code, {"WEFT_STRICT": "true"}, is_forked=False)
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
        is_forked=False,
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
    script = run_script(tmp_path, FULL_DISK.replace("IS_FREED", "False"), is_forked=False)
    assert script.exit_code == 0, script.stderr
    rows = log_rows(only_log(tmp_path))
    assert [row["n"] for row in rows] == list(range(len(rows)))
    assert f"ERROR {100 - len(rows)} rows were lost" in script.stderr
    assert exit_of(tmp_path) is None


def test_on_a_full_disk_the_log_still_says_what_was_lost_and_how_it_ended(tmp_path: Path) -> None:
    script = run_script(tmp_path, FULL_DISK.replace("IS_FREED", "True"), is_forked=False)
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


@at_length
def test_the_working_directory_may_be_left(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    script = run_script(tmp_path, BEGIN + 'os.chdir("other")\nrun.log({"a": 2})')
    assert script.exit_code == 0, script.stderr
    assert [row["a"] for row in log_rows(only_log(tmp_path))] == [1, 2]
    assert list((tmp_path / "other").iterdir()) == []


def test_a_fault_of_weft_itself_is_a_warning_of_the_call(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import pathlib, weft
        from weft.sdk.rows.history import History

        def broken(*arguments, **options):
            raise RuntimeError("a fault of weft")

        run = weft.init()
        for name in ("append", "append_record", "define", "store_files"):
            setattr(History, name, broken)
        run.log({"loss": 1})
        run.config["lr"] = 0.1
        run.summary["best"] = 1
        run.define_metric("loss", summary="min")
        file = pathlib.Path("model.pt")
        file.write_text("weights")
        run.save(file)
        run.log_artifact(file, "model", "model")
        run.log_artifact(weft.Artifact("notes", "text"))
        """,
    )
    assert script.exit_code == 0, script.stderr
    for call in ("log()", "config", "summary", "define_metric()", "log_artifact()"):
        assert f"{call} failed" in script.stderr
    assert "1 file is sent at the end of the run only: a fault of weft" in script.stderr
