"""Tests in processes that are forked once all tests are collected: `pytest --workers 4`.

Workers that collect for themselves, as those of xdist, import all tests each: a tenth of the CPU
time of `make test`. A worker gets files of tests in their order, one after another, and sends its
reports to the process that reads the command line and prints. Files that need PostgreSQL,
ClickHouse or the S3 server go to one worker, those that need Chromium to another, as each would
start its own.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

import pytest

from server_forks import forks


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--workers", type=int, default=0, help="run files of tests in N processes")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the collected tests in workers. In a worker it returns as well, and the process ends as
    pytest does."""
    config = session.config
    files = [list(items) for _, items in groupby(session.items, key=lambda item: item.path)]
    n_workers = min(config.getoption("workers"), len(files))
    if n_workers < 2 or config.option.collectonly or session.testsfailed:
        return None
    forks()  # the workers share it
    # What was collected stays: each collection of garbage would look at all of it, and copy it.
    gc.collect()
    gc.freeze()
    pids: dict[Connection, int] = {}
    for number in range(n_workers):
        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            for connection in (ours, *pids):
                connection.close()
            become_worker(config, number, theirs)
            run_files(files, theirs)
            return True
        theirs.close()
        pids[ours] = pid
    serve_workers(session, Files(files), pids)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


# --- in the first process ---------------------------------------------------------------------

SHARED_STARTS = (
    (
        *("postgres_cluster", "postgres_url", "url"),
        *("clickhouse_server", "new_store"),
        *("s3_server", "s3_bucket"),
    ),
    ("chromium",),
)
"""Fixtures that take seconds of CPU to start, by groups: a worker that has those of a group runs
the files that need one of them."""


class Files:
    """Numbers of the files that no worker has."""

    def __init__(self, files: list[list[pytest.Item]]) -> None:
        self._groups = [Group() for _ in SHARED_STARTS]
        self._others: deque[int] = deque()
        for number, items in enumerate(files):
            group = group_of(items)
            (self._others if group is None else self._groups[group].files).append(number)

    def take(self, worker: Connection) -> int | None:
        """The next file for a worker: the first one that asks owns the first group, the next one
        the second; others start their own only once nothing else is left."""
        for group in self._groups:
            if group.files and group.owner in {None, worker}:
                group.owner = worker
                return group.files.popleft()
        for files in (self._others, *(group.files for group in self._groups)):
            if files:
                return files.popleft()
        return None


@dataclass
class Group:
    """The files of a group, and the worker that has started what they share."""

    files: deque[int] = field(default_factory=deque)
    owner: Connection | None = None


def group_of(items: list[pytest.Item]) -> int | None:
    """The first group that tests of a file ask for, at once or by its name later."""
    names = {name for item in items for name in getattr(item, "fixturenames", ())}
    text = items[0].path.read_text()
    for number, fixtures in enumerate(SHARED_STARTS):
        if not names.isdisjoint(fixtures):
            return number
        if any(f'getfixturevalue("{name}")' in text for name in fixtures):
            return number
    return None


def serve_workers(session: pytest.Session, files: Files, pids: dict[Connection, int]) -> None:
    """Hand out files, and report what workers send, until all have ended."""
    config = session.config
    running: dict[Connection, str] = {}
    open_connections = list(pids)
    try:
        while open_connections:
            for connection in wait(open_connections):
                assert isinstance(connection, Connection)
                try:
                    hook, arguments = connection.recv()
                except (EOFError, ConnectionResetError):
                    hook, arguments = "end", {}
                if hook == "file":
                    is_over = session.shouldfail or session.shouldstop
                    connection.send(None if is_over else files.take(connection))
                elif hook == "end":
                    open_connections.remove(connection)
                else:
                    if hook == "pytest_runtest_logstart":
                        running[connection] = arguments["nodeid"]
                    elif hook == "pytest_runtest_logfinish":
                        del running[connection]
                    elif hook == "pytest_runtest_logreport":
                        report = config.hook.pytest_report_from_serializable(
                            config=config, data=arguments["report"]
                        )
                        arguments = {"report": report}
                    getattr(config.hook, hook)(**arguments)
    finally:
        for connection in pids:
            connection.close()
        codes = {
            connection: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            for connection, pid in pids.items()
        }
    for connection, nodeid in running.items():
        config.hook.pytest_runtest_logreport(report=lost_worker(nodeid, codes.pop(connection)))
    endings = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    if broken := [code for code in codes.values() if code not in endings]:
        raise RuntimeError(f"workers ended with {broken}")


def lost_worker(nodeid: str, code: int) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=nodeid,
        location=(nodeid.partition("::")[0], None, nodeid),
        keywords={},
        outcome="failed",
        longrepr=f"its process ended with {code}",
        when="call",
    )


# --- in a worker ------------------------------------------------------------------------------


def become_worker(config: pytest.Config, number: int, parent: Connection) -> None:
    """Separate what a worker has of its own from what it was forked with: captured output,
    temporary files, reports."""
    setattr(config, "workerinput", {})  # noqa: B010  then pytest leaves its cache to the parent
    plugins = config.pluginmanager
    capture: Any = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    terminal: Any = plugins.unregister(name="terminalreporter")
    assert terminal is not None
    folders: Any = getattr(config, "_tmp_path_factory")  # noqa: B009
    folders._basetemp = folders.getbasetemp() / f"worker-{number}"
    folders._basetemp.mkdir(mode=0o700)
    plugins.register(Reports(config, parent))


class Reports:
    """Sends what pytest reports of the tests of a worker."""

    def __init__(self, config: pytest.Config, parent: Connection) -> None:
        self._config = config
        self._parent = parent

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        arguments = {"nodeid": nodeid, "location": location}
        self._parent.send(("pytest_runtest_logstart", arguments))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._parent.send(("pytest_runtest_logreport", {"report": data}))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        arguments = {"nodeid": nodeid, "location": location}
        self._parent.send(("pytest_runtest_logfinish", arguments))


def run_files(files: list[list[pytest.Item]], parent: Connection) -> None:
    items = next_file(files, parent)
    while items:
        item = items.pop(0)
        if not items:
            # before the last test, which closes the fixtures that its next one does not share
            items = next_file(files, parent)
        item.ihook.pytest_runtest_protocol(item=item, nextitem=items[0] if items else None)
    parent.send(("end", {}))


def next_file(files: list[list[pytest.Item]], parent: Connection) -> list[pytest.Item]:
    """The tests of another file, or none if there are no more."""
    parent.send(("file", {}))
    number = parent.recv()
    return [] if number is None else files[number]
