"""The sidecar's view of a run: logs of child processes are followed, however slowly they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from weft.records.record import Run
from weft.runlog.child_log import make_child_log
from weft.runlog.header import make_header
from weft.runlog.layout import log_path
from weft.runlog.writer import LogWriter
from weft.sync.runs import WatchedRun

RUN = Run("ab12cd34", "demo")


def test_a_log_is_followed_from_its_first_record_on(tmp_path: Path) -> None:
    header = make_header(RUN.run_id)
    main = LogWriter(log_path(tmp_path, RUN.run_id, header.writer_id), header)
    main.append(RUN)
    child = make_child_log(tmp_path, header, RUN, "worker-0").path
    content = child.read_bytes()
    run = WatchedRun(main.path, tmp_path)
    for n_bytes in range(len(content)):
        child.write_bytes(content[:n_bytes])
        assert run.new_logs() == [], f"{n_bytes} of {len(content)} bytes"
    child.write_bytes(content)
    assert run.new_logs() == [child]
    assert run.new_logs() == []


@pytest.mark.parametrize("is_damaged", [True, False])
def test_a_log_that_can_not_be_opened_is_passed_on_once(tmp_path: Path, is_damaged: bool) -> None:
    header = make_header(RUN.run_id)
    main = LogWriter(log_path(tmp_path, RUN.run_id, header.writer_id), header)
    main.append(RUN)
    log = log_path(tmp_path, RUN.run_id, "w2")
    if is_damaged:
        log.write_bytes(b"x" * 100)
    else:
        log.symlink_to(log)
    run = WatchedRun(main.path, tmp_path)
    assert run.new_logs() == [log]
    assert run.new_logs() == []
