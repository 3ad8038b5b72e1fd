"""Makes run directories with logs in them, as a training process would, for tests of uploads."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from weft.records.record import Exit, Key, Row, Run, Schema
from weft.runlog.format import Header
from weft.runlog.header import make_header
from weft.runlog.layout import log_path, run_directory
from weft.runlog.writer import LogWriter

DEAD_PID = 2**22 + 1
"""Above the kernel's highest pid: no process ever has it."""


def make_run_directory(base: Path, run_id: str = "ab12cd34", *, age_secs: float = 0.0) -> Path:
    directory = run_directory(base, run_id, time.time() - age_secs)
    (directory / "logs").mkdir(parents=True)
    return directory


def make_log(
    directory: Path,
    *,
    run_id: str = "ab12cd34",
    project: str = "demo",
    parent_writer: str | None = None,
    mode: str = "online",
    is_dead: bool = False,
    machine_id: str | None = None,
) -> LogWriter:
    """A log whose process is this one, or one that is dead, with its first records."""
    header: Header = make_header(run_id, parent_writer=parent_writer, mode=mode)
    if is_dead:
        header = msgspec.structs.replace(header, pid=DEAD_PID)
    if machine_id is not None:
        header = msgspec.structs.replace(header, machine_id=machine_id)
    log = LogWriter(log_path(directory, run_id, header.writer_id), header)
    log.append(Run(run_id, project, start_micros=header.wall_micros))
    log.append(Key(0, "loss"))
    log.append(Schema(0, [0]))
    return log


def append_rows(log: LogWriter, n_rows: int, *, first: int = 0) -> None:
    for step in range(first, first + n_rows):
        log.append(Row(0, log.micros(), step, [step * 0.5]))


def finish_log(log: LogWriter, exit_code: int = 0) -> bytes:
    """Close a log; its bytes."""
    log.append(Exit(log.micros(), exit_code))
    log.close()
    return log.path.read_bytes()
