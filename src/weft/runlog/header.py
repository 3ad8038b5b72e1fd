"""Makes the header of a new log from what this process and host are, and reads the clock that it
started. Does I/O: reads `/proc`.
"""

from __future__ import annotations

import os

from weft.records.ids import new_writer_id
from weft.runlog.format import Header
from weft.runlog.platform import (
    boot_clock_nanos,
    boot_id,
    host_name,
    machine_id,
    process_start_time,
    wall_micros,
)


def make_header(
    run_id: str,
    *,
    parent_writer: str | None = None,
    mode: str = "online",
    version: str = "",
    host: str | None = None,
    labels: dict[str, str] | None = None,
) -> Header:
    """The header of a log that this process starts now, with a writer id of its own.

    `parent_writer` is the main writer of a sidecar or forked child.

    >>> make_header("ab12cd34").run_id
    'ab12cd34'
    """
    pid = os.getpid()
    return Header(
        run_id=run_id,
        writer_id=new_writer_id(),
        parent_writer=parent_writer,
        wall_micros=wall_micros(),
        boot_micros=boot_clock_nanos() // 1000,
        host=host or host_name(),
        machine_id=machine_id(),
        boot_id=boot_id(),
        pid=pid,
        pid_start=process_start_time(pid) or 0,
        mode=mode,
        version=version,
        labels=labels or {},
    )


def is_of_this_boot(header: Header) -> bool:
    """Whether the log was made since this system started; False where that can't be told."""
    return bool(header.boot_id) and header.boot_id == boot_id()


def log_clock_micros(header: Header) -> int:
    """The log's own clock now, µs since 1970 UTC: what `micros` in its records count by.

    It is the wall clock of the moment when the log was made, and goes on without its steps. Of a
    log of another boot, or machine, it can't be told; then the wall clock's time is given.
    """
    if not is_of_this_boot(header):
        return wall_micros()
    return header.wall_micros + boot_clock_nanos() // 1000 - header.boot_micros
