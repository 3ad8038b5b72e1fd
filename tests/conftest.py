"""Shared by all tests: hypothesis profiles, a world without the user's own settings, servers."""

from __future__ import annotations

import gc
import inspect
import itertools
import os
import re
import signal
import socket
import ssl
from collections.abc import Generator, Iterator
from pathlib import Path

import httpx
import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings

import weft
from at_length import mark_engines
from clickhouse_server import clickhouse_server as clickhouse_server
from directory_engines import fork_engines
from fault_server import FaultServer
from forked_workers import pytest_addoption as pytest_addoption
from forked_workers import pytest_runtestloop as pytest_runtestloop
from live_runs import LiveServer
from postgres_cluster import postgres_cluster as postgres_cluster
from postgres_cluster import postgres_url as postgres_url
from s3_server import s3_bucket as s3_bucket
from s3_server import s3_server as s3_server
from server_process import ServerProcess, ended_servers

# A shell starts background jobs with SIGINT ignored, nohup with SIGHUP, and scripts would inherit
# that: then neither could be tested there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Where Python writes no bytecode, each server and script of a test would compile weft anew: 1.5 s
# of CPU a server, most of what the suite takes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# httpx gives an answer 5 s; a busy machine may take longer for any.
_http_timeout = inspect.signature(httpx.request).parameters["timeout"].default
_http_timeout.connect = _http_timeout.read = _http_timeout.write = _http_timeout.pool = 60.0

# Each request would also read all certificates of the machine first: 20 ms of CPU, for plain HTTP.
_no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_calls = ("request", "stream", "get", "post", "put", "patch", "delete", "head", "options")
for _call in (*(getattr(httpx, name) for name in _calls), httpx.Client.__init__):
    inspect.unwrap(_call).__kwdefaults__["verify"] = _no_certificates

if hasattr(os, "fork"):
    fork_engines()

# The same examples each time, so that a change is judged by itself; `make test-property` explores.
settings.register_profile(
    "quick",
    deadline=None,
    max_examples=8,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long", deadline=None, max_examples=600, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


class ExamplesOnly:
    """Looks for examples in no module without one: it would be imported and gone through."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        collectors = yield
        examples = [c for c in collectors if isinstance(c, DoctestModule)]
        if examples and b">>>" not in file_path.read_bytes():
            return [c for c in collectors if c not in examples]
        return collectors


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ExamplesOnly())  # as a plugin it sees files of the source too


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without the garbage collector, which takes a third of the time of it: all
    that is made is kept."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_engines(items)  # before pytest selects by marks


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure the servers that have ended by themselves, and their last lines."""
    report = yield
    if report.failed:
        for code, lines in ended_servers():
            report.sections.append((f"a server ended with exit code {code}", lines))
    return report


def pytest_unconfigure() -> None:
    """Let the end of the process find modules that are kept: DuckDB reports them as leaks."""
    gc.unfreeze()


XDG_NAMES = (
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of the tests' own: a fixture of a file may log in before a test has its folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in XDG_NAMES:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pytest's own, by a number of its own: pytest looks for the next one among all folders
    there, which are thousands."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    path = f"{tmp_path_factory.getbasetemp()}/{name}{next(_numbers)}"
    os.mkdir(path, 0o700)  # noqa: PTH102
    return Path(path)


_numbers = itertools.count()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No WEFT_ or WANDB_ variable, and state, settings and runtime folders of the test's own."""
    for name in list(os.environ):
        is_of_tests = name.startswith("WEFT_TEST_") or name == "WEFT_PORTABLE"
        if name.startswith(("WEFT_", "WANDB_")) and not is_of_tests:
            monkeypatch.delenv(name)
    home = f"{tmp_path}/.xdg"
    os.mkdir(home)  # noqa: PTH102 - thousands of tests: half the time of their paths' own methods
    monkeypatch.setenv("NETRC", f"{home}/netrc")
    for name in XDG_NAMES:
        folder = f"{home}/{name.lower()}"
        os.mkdir(folder, 0o700)  # noqa: PTH102
        monkeypatch.setenv(name, folder)


@pytest.fixture
def n_rounds() -> int:
    """Rounds of a kill test: 2, or what `make test-kill` asks for."""
    return int(os.environ.get("WEFT_TEST_ROUNDS", "2"))


# -- servers: one for each file of tests that asks for one ---


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server in a process of its own."""
    with LiveServer(tmp_path_factory.mktemp("server")) as live:
        yield live


@pytest.fixture(scope="module")
def server(live: LiveServer) -> ServerProcess:
    """The process of `live`."""
    return live.process


@pytest.fixture
def environment(live: LiveServer) -> dict[str, str]:
    """Variables that send a script's runs to `live`, into project `tests`."""
    return dict(live.environment)


@pytest.fixture
def api(live: LiveServer) -> weft.Api:
    """Reads runs of `live` back."""
    return live.api


@pytest.fixture
def unused_url() -> Iterator[str]:
    """The URL of a reserved port: nothing listens there, and no other process can."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def faulty() -> Iterator[FaultServer]:
    """A server that does what a test tells it to."""
    with FaultServer() as server:
        yield server
