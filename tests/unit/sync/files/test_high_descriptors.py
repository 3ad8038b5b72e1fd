"""Processes with more than 1,023 open files, as those of trainings with many loaders."""

from __future__ import annotations

import fcntl
import os
import resource
import threading
from collections.abc import Iterator

import pytest

from weft.sdk.console.redirection import write_all
from weft.sync.files.worker_process import has_data

HIGH = 2000


@pytest.fixture
def high_pipe() -> Iterator[tuple[int, int]]:
    """A pipe whose ends are above 1,023."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < HIGH + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, HIGH + 100), hard))
    low = os.pipe()
    read, write = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH) for fd in low)
    for fd in low:
        os.close(fd)
    yield read, write
    for fd in (read, write):
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_output_waits_for_a_reader_at_a_high_descriptor(high_pipe: tuple[int, int]) -> None:
    read, write = high_pipe
    os.set_blocking(write, False)
    data = os.urandom(1 << 20)
    writer = threading.Thread(target=write_all, args=(write, data))
    writer.start()
    received = b""
    while len(received) < len(data):
        received += os.read(read, 1 << 16)
    writer.join()
    assert received == data


def test_an_answer_is_awaited_at_a_high_descriptor(high_pipe: tuple[int, int]) -> None:
    read, write = high_pipe
    assert not has_data([read], 0.0)
    os.write(write, b"x")
    assert has_data([read], 60.0)
