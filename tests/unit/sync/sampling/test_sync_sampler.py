from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from made_logs import DEAD_PID, make_log, make_run_directory
from server_process import wait_until
from weft.records.record import Exit, Key, Run, Schema, System
from weft.runlog.reader import read_header, read_records
from weft.sync.sample_schedule import PAUSE_SECS, SampleSchedule
from weft.sync.sampling.machine import tcp_retransmits
from weft.sync.sampling.sampler import Sampler
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.sidecar_log import SidecarLog
from weft.sync.uploading.tail import read_head


def test_figures_are_numbers_under_their_known_names(tmp_path: Path) -> None:
    sampler = Sampler(os.getpid(), tmp_path, SamplingSettings())
    figures = sampler.process_figures() | sampler.machine_figures()
    assert {
        "system.cpu",
        "system.cpu.0.cpu_percent",
        "system.proc.cpu.threads",
        "system.proc.memory.rssMB",
        "system.proc.memory.percent",
        "system.proc.memory.availableMB",
        "system.memory_percent",
        "system.disk./.usagePercent",
        "system.disk./.usageGB",
    } <= set(figures)
    assert all(isinstance(value, (int, float)) for value in figures.values())
    assert 1 < figures["system.proc.memory.rssMB"] < 100_000
    assert 0 < figures["system.proc.memory.percent"] < 100


def test_segments_sent_again_are_counted_where_the_system_tells(tmp_path: Path) -> None:
    assert tcp_retransmits(tmp_path) is None
    snmp = tmp_path / "proc/net/snmp"
    snmp.parent.mkdir(parents=True)
    snmp.write_text("Tcp: InSegs OutSegs RetransSegs InErrs\nTcp: 5379785 5086001 27289 0\n")
    assert tcp_retransmits(tmp_path) == 27289


def test_a_childs_memory_counts_and_its_end_is_no_fault(tmp_path: Path) -> None:
    sampler = Sampler(os.getpid(), tmp_path, SamplingSettings())
    alone = sampler.process_figures()["system.proc.memory.rssMB"]
    child = subprocess.Popen(
        [sys.executable, "-c", "x = b'x' * 50_000_000; print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    assert sampler.process_figures()["system.proc.memory.rssMB"] > alone + 40
    child.communicate(b"\n")
    assert sampler.process_figures()["system.proc.memory.rssMB"] < alone + 40


def test_a_process_that_is_gone_has_no_figures(tmp_path: Path) -> None:
    assert Sampler(DEAD_PID, tmp_path, SamplingSettings()).process_figures() == {}


@pytest.mark.parametrize("crashed", [False, True])
def test_the_systems_log_is_a_child_of_the_main_one(tmp_path: Path, crashed: bool) -> None:
    main = make_log(make_run_directory(tmp_path))
    header, run, _ = read_head(main.path)
    log = SidecarLog(main.path.parent, header, run)
    log.append({"system.cpu": 1.5, "system.memory_percent": 2.0})
    log.append({"system.cpu": 2.5, "system.memory_percent": 3.0})
    log.append({"system.cpu": 3.5})
    log.close(crashed=crashed)
    own = read_header(log.path)
    assert own is not None
    assert own.parent_writer == header.writer_id
    assert own.writer_id == log.writer_id
    first, *records, last = read_records(log.path)
    assert isinstance(first, Run)
    assert (first.run_id, first.project, first.name) == (run.run_id, run.project, None)
    assert [record.name for record in records if isinstance(record, Key)] == [
        "system.cpu",
        "system.memory_percent",
    ]
    assert [record.key_ids for record in records if isinstance(record, Schema)] == [[0, 1], [0]]
    samples = [record for record in records if isinstance(record, System)]
    assert [sample.values for sample in samples] == [[1.5, 2.0], [2.5, 3.0], [3.5]]
    assert [sample.step for sample in samples] == [0, 1, 2]
    assert isinstance(last, Exit)
    assert last.state == ("crashed" if crashed else None)


def test_nothing_is_due_while_no_run_is_active() -> None:
    schedule = SampleSchedule(SamplingSettings(interval_secs=0.01), os.getpid(), [])
    wait_until(lambda: time.monotonic() > schedule.due_secs, what="psutil is to be loaded")
    before = time.monotonic()
    assert schedule.look([]) == []
    # else the sidecar's main loop would never wait
    assert schedule.due_secs >= before + PAUSE_SECS
