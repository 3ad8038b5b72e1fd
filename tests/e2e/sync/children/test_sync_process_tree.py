"""The processes whose use of CPU and memory is sampled, with real children of threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import psutil
import pytest

from server_process import wait_until
from weft.sync.sampling import process
from weft.sync.sampling.cgroup import Limits
from weft.sync.sampling.process import ProcessTree, _pids_of_tree

PARENT = """
import subprocess, sys, threading
children = []
def start():
    children.append(subprocess.Popen(["sleep", "600"]))
thread = threading.Thread(target=start)
thread.start()
thread.join()
start()
children.append(subprocess.Popen(["sh", "-c", "sleep 600; true"]))
print("ready", flush=True)
sys.stdin.read()
for child in children:
    child.kill()
"""


@pytest.fixture(params=[False, True], ids=["linux", "psutil"])
def is_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the children of threads are not listed, as on other systems than Linux."""
    if request.param:
        monkeypatch.setattr(process, "_lists_children", lambda _: False)
    return request.param


@pytest.mark.usefixtures("is_elsewhere")
def test_all_processes_of_a_tree_are_found_whatever_thread_started_them() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        root = psutil.Process(parent.pid)
        wait_until(lambda: len(root.children(recursive=True)) == 4, what="a shell and its child")
        assert set(_pids_of_tree(parent.pid)) == {
            parent.pid,
            *(child.pid for child in root.children(recursive=True)),
        }
        tree = ProcessTree(parent.pid, Limits())
        assert tree.figures()["system.proc.cpu.threads"] == 5
        for child in reversed(root.children(recursive=True)):
            child.kill()
        parent.communicate()
    assert _pids_of_tree(parent.pid) in ([], [parent.pid])
    assert tree.figures() == {}


def test_children_of_many_threads_that_end_at_any_time_do_no_harm() -> None:
    ended = threading.Event()

    def start_and_end() -> None:
        while not ended.is_set():
            subprocess.run(["true"], check=True)

    threads = [threading.Thread(target=start_and_end) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        tree = ProcessTree(os.getpid(), Limits())
        for _ in range(50):
            assert tree.figures()["system.proc.cpu.threads"] >= 5
    finally:
        ended.set()
        for thread in threads:
            thread.join()
