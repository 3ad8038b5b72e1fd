"""A real ClickHouse of the tests' own: made on first use, on free ports, gone at the end.

The fixture `clickhouse_server` is of the whole session; each test has a database of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from free_port import free_port

_DEADLINE_SECS = 60
_MORE_PORTS = 3

_CONFIG = """<yandex>
  <logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <tcp_port>{port}</tcp_port>
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <users_config>{folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>16777216</mark_cache_size>
  <merge_tree><old_parts_lifetime>1</old_parts_lifetime></merge_tree>
  {more}
</yandex>
"""

_USERS = """<yandex>
  <profiles><default></default></profiles>
  <quotas><default></default></quotas>
  <users><default>
    <password></password><profile>default</profile><quota>default</quota>
    <networks><ip>127.0.0.1</ip></networks>
  </default></users>
</yandex>
"""


_OLDEST: Final = "18.16"

VERSION: Final = os.environ.get("WEFT_TEST_CLICKHOUSE", _OLDEST)
IS_CHDB: Final = VERSION != _OLDEST
"""Whether servers are of `chdb_process`, and so can't copy parts of one another."""

_CHDB: Final = Path(__file__).parents[3] / ".chdb"


def _command(config: Path, folder: Path, port: int) -> list[str]:
    if IS_CHDB:
        if not (_CHDB / "chdb").is_dir():
            raise RuntimeError("chdb is needed: make test-chdb")
        program = Path(__file__).with_name("chdb_process.py")
        return [sys.executable, str(program), str(config), f"{folder}/data", str(port)]
    path = shutil.which("clickhouse-server") or "/usr/sbin/clickhouse-server"
    if not Path(path).exists():
        raise RuntimeError("clickhouse-server is needed: make system (Debian: clickhouse-server)")
    return [path, f"--config-file={config}"]


class ClickHouseServer:
    """A running server whose user `default` needs no password.

    Attributes:
        port: of its native protocol.
    """

    def __init__(self, more: str = "", variables: Mapping[str, str] | None = None) -> None:
        """Start it; `more` is a part of its configuration, which may refer to `variables`."""
        self._more = more
        self._environment = os.environ | dict(variables or {})
        if IS_CHDB:
            self._environment["PYTHONPATH"] = str(_CHDB)
        self._folder = Path(tempfile.mkdtemp(prefix="weft-ch-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        for _ in range(_MORE_PORTS):
            try:
                self.start()
                return
            except RuntimeError:
                self.port = free_port()  # another program took it meanwhile
        self.start()

    def start(self) -> None:
        """Start it, at first and after `kill`, with the data that it has."""
        self._has_crashed = False
        config = self._folder / "config.xml"
        config.write_text(_CONFIG.format(folder=self._folder, port=self.port, more=self._more))
        (self._folder / "users.xml").write_text(_USERS)
        (self._folder / "tmp").mkdir(exist_ok=True)
        output = (self._folder / "output").open("ab")
        with output:
            self._process = subprocess.Popen(
                _command(config, self._folder, self.port),
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment,
            )
        deadline = time.monotonic() + _DEADLINE_SECS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"ClickHouse did not start:\n{self._output()}")
            time.sleep(0.02)

    def start_or_restore(self) -> bool:
        """Start it, and have it copy its parts from the other replica if it refuses to start
        without: as a person does who reads the reason. Whether that was needed.
        """
        try:
            self.start()
        except RuntimeError as error:
            if "doesn't look like the set of parts in ZooKeeper" not in str(error):
                raise
            flags = self.data / "flags"
            flags.mkdir(exist_ok=True)
            (flags / "force_restore_data").touch()
            self.start()
            return True
        return False

    @property
    def data(self) -> Path:
        """The directory of its data."""
        return self._folder / "data"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start_if_crashed(self) -> bool:
        """Start it if it ended by itself, as an init system does; whether it was started.

        Without ZooKeeper it ends again: then the next call tries.
        """
        if self._process is not None and self._process.poll() is not None:
            self.kill()
            self._has_crashed = True
        if not self._has_crashed:
            return False
        try:
            self.start_or_restore()
        except RuntimeError:
            self._has_crashed = True
            return False
        return True

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _output(self) -> str:
        files = (self._folder / name for name in ("output", "errors"))
        return "\n".join(path.read_text(errors="replace") for path in files if path.exists())

    def new_database(self) -> str:
        """URL of a database that is still to be made."""
        return f"clickhouse://127.0.0.1:{self.port}/weft_{uuid.uuid4().hex}"

    @property
    def client(self) -> str:
        """The command of a client, as `deploy/clickhouse` has it."""
        program = "clickhouse-client"
        if IS_CHDB:
            program = f"{sys.executable} {Path(__file__).with_name('chdb_client.py')}"
        return f"{program} --host 127.0.0.1 --port {self.port}"

    @contextmanager
    def paused(self) -> Generator[None]:
        """It hangs: connections stay open, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would, and keep what it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def clickhouse_server() -> Iterator[ClickHouseServer]:
    """The server of this test session."""
    server = ClickHouseServer()
    yield server
    server.stop()
