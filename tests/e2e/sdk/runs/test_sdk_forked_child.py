"""Scripts that fork: each child has a log of its own, and the parent's stays as it was.

A file by itself, as the portable run has no fork.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from at_length import at_length
from media_files import make_files
from sdk_script import latest_run, log_rows, logs_in, records_of, run_script, run_well
from weft.records.record import Config, Exit
from weft.runlog.reader import read_header
from weft.sdk.media.tables.reading import read_table

pytestmark = pytest.mark.timeout(300)


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


@at_length
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
    values = {header.run_id: log_rows(log)[0]["a"] for log in logs_in(tmp_path)
             if (header := read_header(log))}  # fmt: skip
    assert values == {"parent": "parent", "child": "child"}


@at_length
def test_a_forked_child_begins_a_table_of_its_own(tmp_path: Path) -> None:
    script = """
        import os, weft
        run = weft.init(project="p")
        table = weft.Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
        run.log({"t": table})
        child = os.fork()
        table.add_data(2 if child else 3)
        run.log({"t": table})
        if not child:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        run.finish()
        """
    run_well(tmp_path, script)
    run = latest_run(tmp_path)
    paths = make_files(run)
    assert len({*paths}) == len(paths) == 3
    tables = sorted(read_table(run / "files" / path).data for path in paths)
    assert tables == [[[1]], [[1], [3]], [[2]]]
