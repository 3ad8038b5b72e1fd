"""A real PostgreSQL of the tests' own: made on first use, on a free port, gone at the end.

Fixtures of all tests: `postgres_cluster`, and `postgres_url` of a new database with weft's tables.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from free_port import free_port

if TYPE_CHECKING:
    import psycopg

_BINARIES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")


_STANDBY = "weft_standby"

_MORE_PORTS = 3
"""Ports that are tried after the first."""


def _binary(name: str) -> str:
    """Newest installed program of that name."""
    paths = [
        path
        for pattern in _BINARIES
        for path in sorted(Path("/").glob(f"{pattern.lstrip('/')}/{name}"), reverse=True)
    ]
    on_path = shutil.which(name)
    if not paths and on_path is None:
        raise RuntimeError(
            f"{name} is needed: install PostgreSQL 15 or later (Debian: postgresql)"
        )
    return str(paths[0]) if paths else str(on_path)


def _account() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class PostgresCluster:
    """A running server with a superuser `weft` that needs no password.

    Args:
        primary: the server that this one is a standby of.
    """

    def __init__(
        self, *, max_connections: int = 150, primary: PostgresCluster | None = None
    ) -> None:
        self._account = _account()
        self._is_killed = False
        self._template = ""
        self._shared_template = ""
        self._folder = Path(tempfile.mkdtemp(prefix="weft-pg-"))
        if self._account is not None:
            shutil.chown(self._folder, self._account)
        self._data = self._folder / "data"
        if primary is None:
            self._run(
                _binary("initdb"), "-D", self._data, "-U", "weft", "-A", "trust", "-E", "UTF8"
            )
        else:
            address = f"host=127.0.0.1 port={primary.port} user=weft application_name={_STANDBY}"
            self._run(
                _binary("pg_basebackup"), "-D", self._data, "-d", address, "-R", "-c", "fast"
            )
        self._options = (
            "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            f"-c shared_buffers=16MB -c max_connections={max_connections} "
            # Its processes may be killed; the machine does not stop. weft refuses `fsync=off`.
            "-c full_page_writes=off -c autovacuum=off"
        )
        self.port = free_port()
        for _ in range(_MORE_PORTS):
            try:
                self.start()
                return
            except RuntimeError:
                self.port = free_port()  # another program took it meanwhile
        self.start()

    def start(self) -> None:
        """Start it, at first and after `halt`."""
        self._run(
            _binary("pg_ctl"), "-D", self._data, "-l", self._folder / "log",
            "-o", f"-p {self.port} {self._options}", "-w", "start",
        )  # fmt: skip

    def _run(self, *command: object) -> None:
        arguments = [str(part) for part in command]
        if self._account is not None:
            arguments = ["setpriv", "--reuid", self._account, "--clear-groups", "--", *arguments]
        # A file, as the server keeps a pipe open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                arguments, stdout=output, stderr=subprocess.STDOUT, cwd=self._folder, check=False
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{arguments}:\n{output.read().decode(errors='replace')}")

    def pids(self) -> list[int]:
        """Its processes, the one that makes the others first."""
        import psutil

        first = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        return [first.pid, *(child.pid for child in first.children(recursive=True))]

    @contextmanager
    def paused(self) -> Generator[None]:
        """It hangs: connections stay open, and nothing is answered."""
        stopped: list[int] = []
        try:
            # Again, as there may be new ones meanwhile.
            while waiting := [pid for pid in self.pids() if pid not in stopped]:
                for pid in waiting:
                    os.kill(pid, signal.SIGSTOP)
                stopped += waiting
            yield
        finally:
            for pid in reversed(stopped):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def new_metadata(self) -> str:
        """URL of a new database with weft's tables: a copy, as it costs less than to make them."""
        if not self._template:
            from weft.server.storage.metadata import MetadataStore

            url = self.new_database()
            MetadataStore(url).close()
            self._template = url.rpartition("/")[2]
        return self.new_database(template=self._template)

    def new_shared(self) -> str:
        """URL of a new database of several servers: it also has their points."""
        if not self._shared_template:
            from weft.server.services.opening import open_services

            url = self.new_metadata()
            with tempfile.TemporaryDirectory() as folder:
                open_services(Path(folder, "data"), url, metrics_url="postgresql").close()
            import psycopg

            with psycopg.connect(url, autocommit=True) as connection:
                # The first server of each copy has the files.
                connection.execute("DELETE FROM setting WHERE key = 'files'")
            self._shared_template = url.rpartition("/")[2]
        return self.new_database(template=self._shared_template)

    def new_database(self, *, template: str = "template1") -> str:
        """URL of a new database: an empty one, or a copy of another."""
        name = f"weft_{uuid.uuid4().hex}"
        with self._connect() as connection:
            # To copy files takes half the time of copying pages, where no disk is waited for.
            strategy = "file_copy" if self._folder.is_relative_to("/dev/shm") else "wal_log"
            options = f"TEMPLATE {template} STRATEGY {strategy}"
            connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return f"postgresql://weft@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def with_standby(self) -> Generator[PostgresCluster]:
        """A standby that has each commit before it is acknowledged."""
        standby = PostgresCluster(primary=self)
        try:
            with self._connect() as connection:
                connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY}'")
                connection.execute("SELECT pg_reload_conf()")
                streaming = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
                while connection.execute(streaming).fetchone() is None:
                    time.sleep(0.05)
            yield standby
        finally:
            standby.stop()

    def promote(self) -> None:
        """Make a standby the primary."""
        with self._connect() as connection:
            connection.execute("SELECT pg_promote()")

    def _connect(self) -> psycopg.Connection:
        import psycopg

        return psycopg.connect(
            f"postgresql://weft@127.0.0.1:{self.port}/postgres", autocommit=True
        )

    def dump(self, url: str, to: Path) -> None:
        """Dump a database into a file."""
        subprocess.run([_binary("pg_dump"), "-Fc", "--file", to, url], check=True)

    def restored(self, dump: Path) -> str:
        """URL of a new database with what a dump has."""
        url = self.new_database()
        subprocess.run([_binary("pg_restore"), "--dbname", url, dump], check=True)
        return url

    def halt(self) -> None:
        """End it as a crash would, and keep what it has."""
        self._run(_binary("pg_ctl"), "-D", self._data, "-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """End it as a host without power would, with all of its processes at once."""
        pids = self.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)  # so that none sees another end, and says so
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self._is_killed = True

    def stop(self) -> None:
        if not self._is_killed:
            self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)


def share_disk(*data_folders: Path) -> None:
    """Have servers keep their files in the same folder, as on a disk that they share."""
    first, *others = (folder / "blobs" for folder in data_folders)
    first.mkdir(parents=True, exist_ok=True)
    for folder in others:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(first)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """The cluster of this test session."""
    cluster = PostgresCluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: PostgresCluster) -> str:
    """URL of a new PostgreSQL database with weft's tables."""
    return postgres_cluster.new_metadata()
